"""The TimeoutError of asyncio's `wait_for`, where only a clause for OSError is meant to catch it.

On CPython TimeoutError is an OSError. On MicroPython the exception of `wait_for` is not.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis import handlers
from usock_lint.analysis.call_paths import CallPaths
from usock_lint.analysis.domain.operations import NONE
from usock_lint.analysis.domain.values import Module, Value
from usock_lint.analysis.uses import AnyUse, EscapingTimeout, LibraryCall

WAITING: Final = frozenset({"wait_for", "wait_for_ms"})

# A clause for the builtin TimeoutError is taken to catch the timeout: another rule reports that boards lack the name.
_CATCHING: Final = handlers.BROAD | {"TimeoutError"}
# Other exceptions of asyncio, which are no base classes of TimeoutError.
_OTHERS: Final = frozenset({"CancelledError", "IncompleteReadError", "QueueEmpty", "QueueFull"})


def escaping(
    module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]
) -> Iterator[EscapingTimeout]:
    """The clauses for OSError that a timeout passes uncaught, if no clause further up catches it either."""
    paths = CallPaths(module, callees)
    found: dict[handlers.Handler, EscapingTimeout] = {}
    caught: set[handlers.Handler] = set()
    for use in uses:
        if isinstance(use, LibraryCall) and _may_expire(use) and paths.is_awaited(use.node):
            for way in paths.ways(use.node, _catches):
                clauses = (clause for attempt in way.tries for clause in attempt.handlers)
                passed = next((one for one in clauses if "OSError" in handlers.caught(one)), None)
                if passed is not None and way.clause is not None:
                    caught.add(passed)
                elif passed is not None:
                    found.setdefault(passed, EscapingTimeout(use.site, passed, use.node, use.name))
    yield from (use for clause, use in found.items() if clause not in caught)


def _may_expire(use: LibraryCall) -> bool:
    """True if this waits with a timeout that is not None."""
    given = use.arguments[1].value if len(use.arguments) > 1 else NONE
    return use.owner == Module("asyncio") and use.name in WAITING and use.sole and given != NONE


def _catches(handler: handlers.Handler) -> bool:
    """True if a clause may catch the TimeoutError. A clause that names an unknown class may."""
    if handler.type is None:
        return True
    names = [_name(one) for one in handlers.clause_parts(handler.type)]
    return any(one in _CATCHING or not (one in _OTHERS or hasattr(builtins, one)) for one in names)


def _name(node: cst.BaseExpression) -> str:
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
        case _:
            return ""

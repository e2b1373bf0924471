from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import evaluated
from usock_lint.analysis.domain.values import Member, Module
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.i18n import say
from usock_lint.syntax.nodes import of_type, parents, within

_KINDS = {"SOCK_STREAM": "tcp", "SOCK_DGRAM": "udp"}
_LEAVING = (cst.Break, cst.Continue, cst.Return, cst.Raise, cst.Try, cst.TryStar, cst.If)
"""Statements by which a turn of a loop may skip the rest of its body."""


@on(Call, Module, "socket")
def call(use: Call) -> Iterator[Report]:
    count, kind = _kept(use), _kind(use)
    if count is None or kind is None:
        return
    most = {cell: found for cell in use.site.live if (found := _most(cell, kind)) is not None and found < count}
    if most:
        # Where ports differ, the message has the largest limit, as no port has more.
        message = say(
            "{count} sockets are kept {where}; there are {most} at most, and the next one raises OSError",
            most=max(most.values()),
            count=count,
        )
        yield Report(use.node, frozenset(most), message, raises="OSError")


def _most(cell: ports.Cell, kind: str) -> int | None:
    """How many sockets of this kind a port has, None where that is not known."""
    parts = (ports.behaviour(cell, f"max_sockets.{part}") for part in ("any", kind))
    return min((part for part in parts if isinstance(part, int)), default=None)


def _kind(use: Call) -> str | None:
    """The kind of socket that this makes, "tcp" or another one that the table counts; None if it is unknown."""
    given = use.argument(1, "type")
    if given is None:
        return "tcp" if use.count in (0, 1) else None
    names = {atom.name for atom in given.value if isinstance(atom, Member)}
    return _KINDS.get(names.pop()) if len(names) == len(given.value) == 1 else None


def _kept(use: Call) -> int | None:
    """The number of sockets that a loop or comprehension makes by this call and keeps in a list; None if unknown."""
    around = parents(use.site.module).get(use.node)
    if isinstance(around, cst.ListComp) and around.elt is use.node:
        return _turns(around.for_in.iter) if not around.for_in.ifs and around.for_in.inner_for_in is None else None
    loops = (one for one in reversed(use.site.path) if isinstance(one, cst.For | cst.While | cst.FunctionDef))
    loop = next(loops, None)
    if not isinstance(loop, cst.For) or (turns := _turns(loop.iter)) is None:
        return None
    return turns if _is_kept(use, loop) else None


def _is_kept(use: Call, loop: cst.For) -> bool:
    """True if the socket is put into a list in each turn of the loop, and the loop closes or drops nothing."""
    if any(isinstance(one, _LEAVING) or _closes(one) for one in within(loop.body)):
        return False
    targets = [one.targets[0].target for one in of_type(loop, cst.Assign) if one.value is use.node]
    names = {target.value for target in targets if isinstance(target, cst.Name)}
    for one in of_type(loop, cst.Call):
        match one:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="append")), args=[cst.Arg(value=given)]):
                if given is use.node or (isinstance(given, cst.Name) and given.value in names):
                    return True
            case _:
                continue
    return False


def _closes(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Attribute) and node.attr.value in ("close", "clear", "pop", "remove")


def _turns(items: cst.BaseExpression) -> int | None:
    """The number of turns of a loop over `range(NUMBER)`; None for any other loop."""
    match items:
        case cst.Call(func=cst.Name(value="range"), args=[cst.Arg(value=cst.Integer() as count)]):
            number = evaluated(count.value)
            return number if isinstance(number, int) else None
        case _:
            return None

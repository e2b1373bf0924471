"""A trace of the analysis of a file: each use with its values, its configurations and its typestate.

`usock-lint dev trace FILE`, or `python -m usock_lint.analysis FILE`, prints it. A trace shows why a rule reports a
line, or does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, cast

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain import values
from usock_lint.analysis.domain.operations import FALSE, NO_CONSTANT, NONE, UNKNOWN, constant
from usock_lint.analysis.domain.typestate import UNTRACKED, Lifecycle
from usock_lint.analysis.domain.values import Atom, Cells, Value
from usock_lint.analysis.handlers import Attempt, caught
from usock_lint.analysis.uses import AnyUse, Argument, Call
from usock_lint.syntax.parsing import parse
from usock_lint.syntax.positions import Locator

_NOT_SHOWN = frozenset(
    (
        "site node statement call module clause left_node right_node state getaddrinfo errno sole mixed made context"
    ).split()
)
"""Fields of uses that are not values, or that the trace prints in another way."""


_USUAL = (UNKNOWN, FALSE, NONE)
"""States that the trace leaves out: unknown ones, and those of a new socket."""


def trace(text: str, universe: Cells) -> str:
    """One line a use, in source order within each body. Raises ParseError for what cannot be parsed."""
    parsed = parse(text)
    return trace_of(uses_of(parsed.module, universe), parsed.locator(), universe)


def trace_of(found: Sequence[AnyUse], locator: Locator, universe: Cells) -> str:
    """As `trace`, for uses that were found already; `locator` is that of the parsed text."""
    places = {id(use.node): locator.location(locator.span(use.node, use.site.path).start) for use in found}
    printer = _Printer(universe, {key: f"{place.row}:{place.column}" for key, place in places.items()})
    return "".join(f"{places[id(use.node)].row}:{places[id(use.node)].column} {printer.use(use)}\n" for use in found)


def uses_of(module: cst.Module, universe: Cells) -> list[AnyUse]:
    """The uses that the checks receive from `usock_lint.analysis.uses`."""
    from usock_lint import analysis

    return analysis.uses(module, universe)


def _clauses(attempt: Attempt) -> Iterator[str]:
    """The exceptions that the handlers of a try statement catch."""
    for handler in attempt.node.handlers:
        yield f"except {' or '.join(sorted(caught(handler))) or '?'}"


class _Printer:
    """Prints uses; `places` has the row and column of the nodes that are known, by identity."""

    def __init__(self, universe: Cells, places: dict[int, str]) -> None:
        self._universe, self._places = universe, places

    def use(self, use: AnyUse) -> str:
        parts = [type(use).__name__, *self._fields(use)]
        if isinstance(use, Call) and use.state != UNTRACKED:
            parts.append(self._state(use.state))
        if use.site.live != self._universe:
            parts.append(self._on(use.site.live))
        parts += [f"in try: {', '.join(_clauses(attempt))}" for attempt in use.site.attempts]
        if use.site.micropython_only:
            parts.append("MicroPython only")
        return "  ".join(parts)

    def _fields(self, use: AnyUse) -> Iterator[str]:
        for field in use.__match_args__:
            value = getattr(use, field)
            if field in _NOT_SHOWN or value in (None, False, ()):
                continue
            if field == "arguments":
                yield f"({', '.join(map(self._argument, cast('tuple[Argument, ...]', value)))})"
            elif field == "name":
                yield f".{value}"
            else:
                yield f"{field}={self._any(value)}"

    def _any(self, value: Any) -> str:
        if isinstance(value, frozenset):
            return self.value(cast(Value, value))
        if isinstance(value, cst.CSTNode):
            return type(value).__name__
        return self.atom(value) if type(value).__module__ == values.__name__ else str(value)

    def _argument(self, argument: Argument) -> str:
        name = f"{argument.keyword}=" if argument.keyword else ""
        return f"{name}{argument.star}{self.value(argument.value)}"

    def _state(self, state: Lifecycle) -> str:
        shown = (f"{part}={self.value(value)}" for part, value in state._asdict().items() if value not in _USUAL)
        return f"[{', '.join(shown)}]"

    def value(self, value: Value) -> str:
        """The possibilities, sorted so that a trace is the same each time."""
        return " | ".join(sorted(set(map(self.atom, value)))) or "never"

    def atom(self, atom: Atom) -> str:
        """One possibility."""
        found = constant(atom)
        if found is not NO_CONSTANT and not isinstance(atom, values.NoData):
            return repr(found)
        match atom:
            case values.Anything():
                return "?"
            case values.On(cells, inner):
                return f"{self.atom(inner)} {self._on(cells)}"
            case values.Tuple(items):
                return f"({', '.join(map(self.value, items))})"
            case values.Items(item):
                return f"[{self.value(item)}, ...]"
            case values.OfType(name):
                return f"some {name}"
            case values.Module(name):
                return name
            case values.Member(owner, name):
                return f"{self.atom(owner)}.{name}"
            case values.Builtin(name):
                return name
            case values.Function(node) | values.Class(node):
                return node.name.value
            case values.Instance(node):
                return f"{node.name.value}()"
            case _:
                return self._record(atom)

    def _record(self, atom: Any) -> str:
        names = [field.name for field in fields(atom)] if is_dataclass(atom) else list(atom.__match_args__)
        shown = [self._part(name, getattr(atom, name)) for name in names]
        return f"{type(atom).__name__}({', '.join(filter(None, shown))})"

    def _part(self, name: str, value: Any) -> str:
        if value is None or value is False:
            return ""
        if isinstance(value, cst.CSTNode):
            return f"made at {self._places[id(value)]}" if id(value) in self._places else "there before"
        return str(value) if isinstance(value, str) else f"{name}={self._any(value)}"

    def _on(self, cells: Cells) -> str:
        """ "on esp32 1.9.4-1.28, rp2": a port without releases stands for all of those in the universe."""
        return f"on {', '.join(self._ports(cells)) or 'nothing'}"

    def _ports(self, cells: Cells) -> Iterator[str]:
        for port in sorted({cell.port for cell in cells}):
            here = sorted(cell.release for cell in cells if cell.port == port)
            first, last = ports.release_name(here[0]), ports.release_name(here[-1])
            whole = len(here) == sum(cell.port == port for cell in self._universe)
            yield port if whole else f"{port} {first}" if first == last else f"{port} {first}-{last}"

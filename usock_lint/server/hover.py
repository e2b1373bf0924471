"""The hover text for a name of the socket API: the ports that have it, and the rule that reports it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property

import libcst as cst

from usock_lint import analysis, ports
from usock_lint.analysis.domain.values import Atom, Module, Socket, TlsSocket
from usock_lint.analysis.kept_passes import KeptPasses
from usock_lint.analysis.uses import AnyUse, Attribute, ImportedErrno, ImportedName, ModuleName
from usock_lint.catalog import pages
from usock_lint.diagnostics import Finding, Location
from usock_lint.i18n import Lang
from usock_lint.linting.engine import Reader
from usock_lint.output.ports.matrix import status
from usock_lint.ports import Target
from usock_lint.ports.history import BOARDS, Column, NameHistory, Owner, name_history, owners
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.nodes import Kept
from usock_lint.syntax.parsing import Parsed, ParseError, parse
from usock_lint.syntax.positions import Locator
from usock_lint.syntax.reparsing import Reparser
from usock_lint.syntax.text import BYTE_ORDER_MARK

_Names = Mapping[str, Sequence[tuple[cst.CSTNode, AnyUse, Owner]]]

_WORD = re.compile(r"\w+")


class CarriedOver:
    """What is kept of a document from one version to the next, to lint that faster."""

    def __init__(self) -> None:
        self.reparser = Reparser()
        """The tree."""
        self.passes = KeptPasses()
        """The passes of the analysis."""
        self.found = Kept()
        """What was found in nodes."""
        self.newest: Outline | None = None
        """The version to which the nodes belong."""


class Outline(Reader):
    """The names of the socket API in one version of a document.

    A version is parsed once; the statements that it shares with the version before are reused. The names that the
    linter recorded are kept. For a name that it did not record, such as one in a branch for another port, the version
    is analysed again for all ports.
    """

    def __init__(self, text: str, carried_over: CarriedOver | None = None) -> None:
        carried_over = carried_over or CarriedOver()
        self.text, self.kept = text, carried_over.passes
        self._code = text.removeprefix(BYTE_ORDER_MARK)
        self._carried_over = carried_over
        self._parsed: Parsed | ParseError | RecursionError | None = None
        self._noted: _Names = {}
        """The names that the linter recorded."""

    def parse(self, text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
        """The tree of the version's text, which is parsed once, or of another text. Raises ParseError."""
        if text not in (self.text, self._code):
            return parse(text, takes)
        if self._parsed is None:
            try:
                self._parsed = self._carried_over.reparser.parse(self._code, takes)
                self._carried_over.newest = self
                self._carried_over.found.forget(self._carried_over.reparser.changed)
            except (ParseError, RecursionError) as error:
                self._parsed = error
        if isinstance(self._parsed, Exception):
            raise self._parsed
        return self._parsed

    def keeping(self) -> AbstractContextManager[None]:
        """A context in which what is found in nodes is kept, also for the next version."""
        return self._carried_over.found.in_use()

    def note(self, uses: Sequence[AnyUse]) -> None:
        """Keep the names among the uses that the linter recorded."""
        self._noted = _names(uses)

    def owner(self, name: str, start: Location) -> Owner | None:
        """The owner of the name at a place, such as "socket" for a method of sockets; None outside the socket API.

        None also if a newer version has been parsed meanwhile.
        """
        is_overtaken = self._parsed is not None and self._carried_over.newest is not self
        if is_overtaken or not owners(name):
            return None
        if start.row == 1:  # the nodes are those of the text without its byte order mark
            start = Location(1, start.column - len(self.text) + len(self._code))
        return self._owner(self._noted, name, start) or self._owner(self._all, name, start)

    def _owner(self, names: _Names, name: str, start: Location) -> Owner | None:
        for node, use, owner in names.get(name, ()):
            if not self._locator.may_hold(use.site.path, start):
                continue
            span = self._locator.span(node, use.site.path)
            at = span.start if isinstance(use, ImportedName) else span.end - len(name)
            if self._locator.location(at) == start:
                return owner
        return None

    @cached_property
    def _all(self) -> _Names:
        """The names that an analysis for all ports records."""
        with suppress(ParseError, RecursionError):
            return _names(analysis.uses(self.parse(self.text).module, ports.cells(ports.parse_targets("all"))))
        return {}

    @cached_property
    def _locator(self) -> Locator:
        return self.parse(self.text).locator()


def _names(uses: Iterable[AnyUse]) -> _Names:
    found: dict[str, list[tuple[cst.CSTNode, AnyUse, Owner]]] = {}
    for use in uses:
        if named := _named(use):
            node, name, owner = named
            found.setdefault(name, []).append((node, use, owner))
    # The owners of a name that has several come from a set; the order here is the same in each version.
    return {name: sorted(each, key=lambda one: one[2]) for name, each in found.items()}


def hover(
    outline: Outline, place: Location, findings: Sequence[Finding], targets: Sequence[Target], lang: Lang
) -> tuple[str, tuple[Location, Location]] | None:
    """Markdown for the name at a place, with the start and end of the name; None if nothing is known about it.

    The ports of the targets are bold. Boards with another socket module than their port are listed by name.
    """
    found = _word(outline.text, place)
    if found is None:
        return None
    name, start, end = found
    owner = outline.owner(name, start)
    broken = [one for one in findings if one.location <= end and start <= one.end_location]
    parts = [
        *(_table(owner, name, targets) if owner else ()),
        *(part for one in broken[:1] for part in _rule(one, lang)),
    ]
    return ("\n".join(parts), (start, end)) if parts else None


def _word(text: str, place: Location) -> tuple[str, Location, Location] | None:
    lines = split_lines(text)
    for found in _WORD.finditer(lines[place.row - 1]):
        start, end = Location(place.row, found.start() + 1), Location(place.row, found.end() + 1)
        if start <= place <= end:
            return found[0], start, end
    return None


def _named(use: AnyUse) -> tuple[cst.CSTNode, str, Owner] | None:
    """The node, the name and the owner of a use, if the table of ports can have the name."""
    match use:
        case ImportedErrno():
            return use.node, use.name, "errno"
        case ModuleName() | ImportedName():
            return use.node, use.name, "module"
        case Attribute() if (owner := _kind(use.owner)) is not None:
            return use.node, use.name, owner
        case _:
            return None


def _kind(owner: Atom) -> Owner | None:
    match owner:
        case Socket():
            return "socket"
        case TlsSocket():
            return "tls"
        case Module("errno"):
            return "errno"
        case _:
            return None


def _table(owner: Owner, name: str, targets: Sequence[Target]) -> Iterator[str]:
    """A Markdown table: ports, the releases that have the name, and its call or value. Equal ports share a row."""
    if owner not in owners(name):
        return
    meant = {target.name if target.implementation else target.port for target in targets}
    boards = {
        target.name: Column.at(target) if target.is_probed else Column.of(target.implementation)
        for target in targets
        if target.implementation
    }
    rows: dict[tuple[str, str], list[str]] = {}
    for label, column in {**{port: Column.of(port) for port in ports.PORTS}, **boards}.items():
        if owner in column.owners:
            rows.setdefault(_row(column, owner, name), []).append(f"**{label}**" if label in meant else label)
    for port, board in BOARDS.items():
        if port not in meant:
            continue
        column = Column.boards()[board]
        if owner in column.owners and (one := _row(column, owner, name)) != _row(Column.of(port), owner, name):
            rows.setdefault(one, []).append(board)
    yield f"`{name}` ({_TITLES[owner]})\n"
    yield "| on | there | |\n|---|---|---|"
    for (state, what), where in rows.items():
        yield f"| {', '.join(where)} | {state} | {what} |"
    yield f"\n`usock-lint ports {name}` tells more.\n"


def _row(column: Column, owner: Owner, name: str) -> tuple[str, str]:
    """The last two cells of a port's row: the releases, and the call or value."""
    found = name_history(column, owner, name)
    return status(found), _call_or_value(found)


def _call_or_value(found: NameHistory) -> str:
    """The newest one, "" if none is known."""
    last = [span.value.text for span in found.calls[-1:]] or [str(span.value) for span in found.values[-1:]]
    return "".join(f"`{one}`" for one in last)


_TITLES = {
    "module": "socket module",
    "socket": "sockets",
    "tls": "TLS sockets",
    "errno": "errno module",
    "builtin": "builtins",
}


def _rule(finding: Finding, lang: Lang) -> Iterator[str]:
    rule = pages.rules()[finding.name]
    yield f"**{rule.code} {rule.name}**: {rule.summary_in(lang)}\n"
    yield rule.why(lang)

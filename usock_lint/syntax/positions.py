"""Source positions of nodes, computed for the few that a finding names.

Rendering the whole file to find a handful of nodes costs a third of parsing it. A node is rendered with the smallest
statement around it whose text occurs once in the source; that text can only be that statement.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

import libcst as cst
from libcst._nodes.internal import CodegenState

from usock_lint.diagnostics import Location
from usock_lint.syntax.lines import NEWLINE, Lines, Margins
from usock_lint.syntax.nodes import parents, statements_around


class Origin:
    """Maps positions in a parsed text to positions in the source.

    The text is the source with other white space at the beginning of lines, and with characters at the offsets
    `inserted`, given in order, that the source does not have.
    """

    def __init__(self, text: str, source: str, inserted: Sequence[int] = ()) -> None:
        self._text, self._source, self._inserted = text, source, inserted

    @cached_property
    def _plain(self) -> str:
        starts, ends = (0, *(one + 1 for one in self._inserted)), (*self._inserted, len(self._text))
        return "".join(self._text[start:end] for start, end in zip(starts, ends, strict=True))

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._plain)

    @cached_property
    def _margins(self) -> Margins:
        return Margins(self._plain, self._source)

    def location(self, offset: int) -> Location:
        """The row and column in the source of an offset in the text."""
        return self._margins.place(self._lines.location(offset - bisect_left(self._inserted, offset)))

    def is_verbatim(self, first: Location, last: Location) -> bool:
        """True if the lines from one place to another are as in the source; the first may begin with another margin."""
        rows = {self.location(one).row for one in self._inserted}
        return rows.isdisjoint(range(first.row, last.row + 1)) and not self._margins.differ(first.row + 1, last.row)


class Span(NamedTuple):
    """Offsets of a node: `outer` with its own parentheses and white space, `inner` without."""

    outer_start: int
    start: int
    end: int
    outer_end: int


class Locator:
    """The places of the nodes of one parsed file.

    `places` are known offsets of statements of the module, `members` those of members of its classes (`Parsed`).
    """

    def __init__(
        self,
        module: cst.Module,
        text: str,
        origin: Origin,
        places: Mapping[cst.CSTNode, int] = MappingProxyType({}),
        members: Mapping[cst.CSTNode, int] = MappingProxyType({}),
    ) -> None:
        self._module = module
        self._text = text
        self._origin = origin
        self._places = places
        self._members = members
        self._rendered: dict[cst.CSTNode, _Recorder] = {}
        # The characters that may be rendered in pieces before the file is rendered once, with the places of all nodes.
        self._left = len(text) // 2

    def span(self, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> Span:
        """The offsets of a node inside these statements, given from the outermost in."""
        if node not in self._rendered:
            found = self._find(node, path) or self._render(self._module, ())
            self._rendered.update(dict.fromkeys(found.nodes, found))
        return self._rendered[node].span(node)

    def may_hold(self, path: Sequence[cst.CSTNode], place: Location) -> bool:
        """False if the known offsets of the outermost of these statements show that a place is not inside it."""
        start = self._places.get(path[1]) if len(path) > 1 else None
        if start is None:
            return True
        end = next(iter(self._starts[bisect_right(self._starts, start) :]), len(self._text))
        return self.location(start) <= place <= self.location(end)

    @cached_property
    def _starts(self) -> list[int]:
        return sorted(self._places.values())

    def location(self, offset: int) -> Location:
        """The row and column of an offset, in the source."""
        return self._origin.location(offset)

    def line_end(self, offset: int) -> int:
        """The offset where the line of this one ends."""
        end = NEWLINE.search(self._text, offset)
        return len(self._text) if end is None else end.start()

    def is_verbatim(self, first: Location, last: Location) -> bool:
        """True if the lines from one place to another are the source's, so that they may be edited."""
        return self._origin.is_verbatim(first, last)

    def _find(self, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> _Recorder | None:
        """A rendering of a statement around a node, with its place; None if the whole file has to be rendered."""
        # The path of a member of a class is module, class, suite, member.
        for depth, places in ((3, self._members), (1, self._places)):
            if len(path) > depth and path[depth] in places:
                found = self._render(path[depth], path[:depth])
                found.start = places[path[depth]]
                # libcst drops a space before the colon of some clauses.
                if node in found.nodes and self._text.startswith(found.code, found.start):
                    return found
        for depth in range(len(path), 0, -1):
            around = path[depth - 1]
            if isinstance(around, cst.BaseSuite):
                continue
            if self._left < 0:
                return None
            found = self._render(around, path[: depth - 1])
            self._left -= len(found.code)
            found.start = self._text.find(found.code)
            if node not in found.nodes and (elsewhere := self._elsewhere(node, path)):
                return self._find(node, elsewhere)
            if found.start >= 0 and node in found.nodes and self._text.find(found.code, found.start + 1) < 0:
                return found
        return None

    def _elsewhere(self, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> Sequence[cst.CSTNode]:
        """The statements around a node outside this path, such as an import that a fix changes, too."""
        around = statements_around(node, parents(self._module))
        return (self._module, *around) if around and around[-1] not in path else ()

    def _render(self, around: cst.CSTNode, path: Sequence[cst.CSTNode]) -> _Recorder:
        state = _Recorder(self._module, indents(self._module, path))
        around._codegen(state)  # pyright: ignore[reportPrivateUsage]
        return state


def code(module: cst.Module, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> str:
    """The text of a node inside these statements, or of a new node for this place."""
    state = CodegenState(module.default_indent, module.default_newline, indent_tokens=indents(module, path))
    node._codegen(state)  # pyright: ignore[reportPrivateUsage]
    return "".join(state.tokens)


def indents(module: cst.Module, path: Sequence[cst.CSTNode]) -> list[str]:
    """The white space that each block around adds."""
    blocks = (node for node in path if isinstance(node, cst.IndentedBlock))
    return [module.default_indent if block.indent is None else block.indent for block in blocks]


class _Recorder(CodegenState):
    """Renders a node, and records at which token each node in it begins and ends.

    Each is recorded twice: with its parentheses and white space, and without.
    """

    def __init__(self, module: cst.Module, indent_tokens: list[str]) -> None:
        super().__init__(module.default_indent, module.default_newline, indent_tokens=indent_tokens)
        self.start = 0
        """The offset in the text of what is rendered."""
        self.nodes: dict[cst.CSTNode, tuple[int, int]] = {}
        self._begun: list[int] = []
        self._inner: dict[cst.CSTNode, tuple[int, int]] = {}

    @cached_property
    def code(self) -> str:
        """The rendered text."""
        return "".join(self.tokens)

    @cached_property
    def _offsets(self) -> list[int]:
        return [*accumulate(map(len, self.tokens), initial=self.start)]

    def span(self, node: cst.CSTNode) -> Span:
        """The offsets of a rendered node in the text."""
        outer_start, outer_end = self.nodes[node]
        # The parentheses of a tuple are its own; those of anything else only stand around it.
        whole = isinstance(node, cst.Tuple)
        start, end = (outer_start, outer_end) if whole else self._inner.get(node, (outer_start, outer_end))
        last = len(self._offsets) - 1  # the module drops the line end that the source does not have
        return Span(*(self._offsets[min(count, last)] for count in (outer_start, start, end, outer_end)))

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._begun.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.nodes[node] = (self._begun.pop(), len(self.tokens))

    def record_syntactic_position(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Inside:
        return _Inside(self, node, end_node)

    def note_inside(self, node: cst.CSTNode, start: int, end_node: cst.CSTNode | None) -> None:
        """Note that a node without its parentheses ends here, or where `end_node` ends, if there is one."""
        end = len(self.tokens)
        if end_node is not None:
            end = self._inner.get(end_node, self.nodes.get(end_node, (0, end)))[1]
        self._inner[node] = (start, end)


class _Inside:
    """A context in which a node without its parentheses is rendered. One of `contextlib` takes three times as long."""

    __slots__ = "_end_node", "_node", "_recorder", "_start"

    def __init__(self, recorder: _Recorder, node: cst.CSTNode, end_node: cst.CSTNode | None) -> None:
        self._recorder, self._node, self._end_node = recorder, node, end_node

    def __enter__(self) -> None:
        self._start = len(self._recorder.tokens)

    def __exit__(self, *_: object) -> None:
        self._recorder.note_inside(self._node, self._start, self._end_node)

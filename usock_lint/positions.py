"""Where nodes stand in the source, for the few that a finding names.

Rendering the whole file to find a handful of nodes costs a third of parsing it. A node is rendered with the smallest
statement around it whose text occurs once in the source; that text can only be that statement.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import libcst as cst
from libcst._nodes.internal import CodegenState

from usock_lint.findings import Location

_NEWLINE = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """The rows of a text, without their ends."""
    return _NEWLINE.split(text)


class Lines:
    """The places in a text: offsets to rows and columns, and back."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _NEWLINE.finditer(text))]

    def location(self, offset: int) -> Location:
        """The row and column of an offset."""
        row = bisect_right(self._starts, offset)
        return Location(row, offset - self._starts[row - 1] + 1)

    def offset(self, location: Location) -> int:
        """The offset of a row and column."""
        return self._starts[location.row - 1] + location.column - 1


class Span(NamedTuple):
    """Offsets of a node: `outer` with its own parentheses and white space, `inner` without."""

    outer_start: int
    start: int
    end: int
    outer_end: int


class Locator:
    """The places of the nodes of one parsed file."""

    def __init__(self, module: cst.Module, text: str) -> None:
        self._module = module
        self._text = text
        self._lines = Lines(text)
        self._known: dict[cst.CSTNode, Span] = {}

    def span(self, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> Span:
        """The offsets of a node inside these statements, given from the outermost in."""
        if node not in self._known:
            self._known[node] = self._find(node, path)
        return self._known[node]

    def location(self, offset: int) -> Location:
        """The row and column of an offset."""
        return self._lines.location(offset)

    def rows(self, path: Sequence[cst.CSTNode], span: Span) -> range:
        """The rows of the simple statement around a span; of the span itself in the head of a compound one."""
        around = self.span(path[-1], path) if path and isinstance(path[-1], cst.BaseSmallStatement) else span
        return range(self.location(around.start).row, self.location(around.end).row + 1)

    def _find(self, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> Span:
        for depth in range(len(path), 0, -1):
            around = path[depth - 1]
            if isinstance(around, cst.BaseSuite):
                continue
            found, code = self._render(around, node, path[: depth - 1])
            at = self._text.find(code)
            if at >= 0 and self._text.find(code, at + 1) < 0:
                return Span(*(at + offset for offset in found))
        return self._render(self._module, node, ())[0]

    def _render(self, around: cst.CSTNode, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> tuple[Span, str]:
        module = self._module
        state = _Recorder(module, node, indents(module, path))
        around._codegen(state)  # pyright: ignore[reportPrivateUsage]
        return state.span(), "".join(state.tokens)


def code(module: cst.Module, node: cst.CSTNode, path: Sequence[cst.CSTNode]) -> str:
    """The text of a node inside these statements, or of one that is to stand there."""
    state = CodegenState(module.default_indent, module.default_newline, indent_tokens=indents(module, path))
    node._codegen(state)  # pyright: ignore[reportPrivateUsage]
    return "".join(state.tokens)


def indents(module: cst.Module, path: Sequence[cst.CSTNode]) -> list[str]:
    """The white space that each block around adds."""
    blocks = (node for node in path if isinstance(node, cst.IndentedBlock))
    return [module.default_indent if block.indent is None else block.indent for block in blocks]


class _Recorder(CodegenState):
    """Notes at how many tokens the wanted node begins and ends.

    A statement ends where the last part of it does that libcst says so of, not with the white space after that.
    """

    def __init__(self, module: cst.Module, wanted: cst.CSTNode, indent_tokens: list[str]) -> None:
        super().__init__(module.default_indent, module.default_newline, indent_tokens=indent_tokens)
        self._wanted = self._last = wanted
        self._outer = [0, 0]
        self._start: int | None = None
        self._end: int | None = None

    def span(self) -> Span:
        """The offsets of the wanted node in what was rendered."""
        outer_start, outer_end = self._outer
        # The parentheses of a tuple are its own; those of anything else only stand around it.
        whole = self._start is None or self._end is None or isinstance(self._wanted, cst.Tuple)
        inner = self._outer if whole else (self._start or 0, self._end or 0)
        return Span(*(sum(map(len, self.tokens[:count])) for count in (outer_start, *inner, outer_end)))

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node is self._wanted:
            self._outer[0] = len(self.tokens)

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node is self._last and self._end is None:
            self._end = len(self.tokens)
        if node is self._wanted:
            self._outer[1] = len(self.tokens)

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Generator[None]:
        if node is self._wanted:
            self._start = len(self.tokens)
        if node is self._last and end_node is not None:
            self._last = end_node
        yield
        if node is self._last:
            self._end = len(self.tokens)

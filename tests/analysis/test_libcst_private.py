"""The private parts of libcst that this package uses: each test fails loudly when one of them changes its ways."""

from __future__ import annotations

import inspect

import libcst as cst
from libcst._nodes.internal import CodegenState
from libcst.metadata import MetadataWrapper, PositionProvider

from usock_lint.syntax.parsing import parse
from usock_lint.syntax.positions import Locator, Origin

SOURCE = """\
import socket


class Client:
    def read(self, *sizes, timeout=None):
        with (yield):
            return [self.sock.recv(size) for size in sizes if (size > 0)] or (b"", )
"""


def test_a_state_renders_any_node_with_the_code_around_left_out() -> None:
    module = cst.parse_module(SOURCE)
    state = CodegenState(module.default_indent, module.default_newline)
    module._codegen(state)  # pyright: ignore[reportPrivateUsage]
    assert "".join(state.tokens) == SOURCE


def test_places_are_those_of_libcst_itself() -> None:
    wrapper = MetadataWrapper(cst.parse_module(SOURCE), unsafe_skip_copy=True)
    theirs = wrapper.resolve(PositionProvider)
    locator = Locator(wrapper.module, SOURCE, Origin(SOURCE, SOURCE))
    for node, place in theirs.items():
        if isinstance(node, cst.Call | cst.Attribute | cst.Name | cst.Arg | cst.Comparison):
            start = locator.location(locator.span(node, ()).start)
            assert (start.row, start.column) == (place.start.line, place.start.column + 1), node


def test_nodes_check_themselves_in_a_method_that_parsing_can_leave_out() -> None:
    assert "_validate" in inspect.getsource(cst.CSTNode.__post_init__)
    assert parse(SOURCE).module.deep_equals(cst.parse_module(SOURCE))

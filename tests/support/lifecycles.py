"""The states of the sockets in short sources."""

from __future__ import annotations

import textwrap

import libcst as cst

from usock_lint import analysis, ports
from usock_lint.analysis.domain.operations import const
from usock_lint.analysis.domain.typestate import Lifecycle
from usock_lint.analysis.domain.values import File, Socket, Value
from usock_lint.analysis.uses import Call


def states(code: str) -> list[Lifecycle]:
    """The states at the calls of methods in the lines that end with `#`."""
    text = "import socket\n" + textwrap.dedent(code).lstrip("\n")
    module = cst.parse_module(text)
    marked = [line.strip().removesuffix("#").strip() for line in text.splitlines() if line.endswith("#")]
    return [
        use.state
        for use in analysis.uses(module, ports.cells(ports.PORTABLE))
        if isinstance(use, Call)
        and isinstance(use.owner, Socket | File)
        and module.code_for_node(use.site.path[-1]) in marked
    ]


def known(value: Value) -> bool:
    """Whether a value is one constant."""
    return any(value == const(one) for one in (True, False, None, "socket", "file", 0, 5))

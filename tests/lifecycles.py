"""The states of the sockets in short sources."""

from __future__ import annotations

import textwrap

import libcst as cst

from usock_lint import model, ports
from usock_lint.model.atoms import File, Socket, Value
from usock_lint.model.lifecycle import Lifecycle
from usock_lint.model.uses import Call
from usock_lint.model.values import const


def states(code: str) -> list[Lifecycle]:
    """The states at the calls of methods in the lines that end with `#`."""
    text = "import socket\n" + textwrap.dedent(code).lstrip("\n")
    module = cst.parse_module(text)
    marked = [line.strip().removesuffix("#").strip() for line in text.splitlines() if line.endswith("#")]
    return [
        use.state
        for use in model.uses(module, ports.cells(ports.PORTABLE))
        if isinstance(use, Call)
        and isinstance(use.owner, Socket | File)
        and module.code_for_node(use.site.path[-1]) in marked
    ]


def known(value: Value) -> bool:
    """Whether a value is one constant."""
    return any(value == const(one) for one in (True, False, None, "socket", "file", 0, 5))

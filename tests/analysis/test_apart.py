"""Conditions by which CPython goes another way than MicroPython: what MicroPython alone takes may stand there."""

from __future__ import annotations

import importlib

import pytest

from tests.support.shapes import marked, offences
from usock_lint.ports.modules import MEMBERS_EVERYWHERE, MEMBERS_SOMEWHERE

SHAPES = {
    "a condition on the interpreter": """
        import sys, socket
        s = socket.socket()
        if sys.implementation.name == "micropython":
            s.readline()
        """,
    "a condition on the interpreter, and an early exit": """
        import sys, socket
        def line():
            s = socket.socket()
            if sys.implementation.name != "micropython":
                return s.makefile("rb").readline()
            return s.readline()
        """,
    "an early exit of the whole program": """
        import sys, socket
        if sys.implementation.name == "cpython":
            print("not here")
            sys.exit(1)
        def line():
            return socket.socket().readline()
        """,
    "a condition on what a module of MicroPython has": """
        import os, socket
        s = socket.socket()
        if hasattr(os, "dupterm_notify"):
            s.setsockopt(socket.SOL_SOCKET, 20, os.dupterm_notify)
        """,
    "an early exit where a module lacks what MicroPython has": """
        import os, socket
        def start():
            s = socket.socket()
            if not hasattr(os, "dupterm"):
                return
            s.setsockopt(socket.SOL_SOCKET, 20, os.dupterm_notify)
        """,
    "a condition on what the time module has everywhere": """
        import time, socket
        if hasattr(time, "ticks_ms"):
            socket.socket().readline()
        else:
            socket.timeout
        """,
    "a constant": """
        import socket
        s = socket.socket()
        if 1:
            s.readline()  #
        if not False:
            s.readline()  #
        """,
    "a condition that asks nothing of the interpreter": """
        import sys, socket
        s = socket.socket()
        if len(sys.argv) > 1:
            s.readline()  #
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_what_cpython_lacks_stands_under(code: str) -> None:
    extra = ("stream-method-on-socket", "micropython-only-name")
    assert offences(code, "portable", *extra) == marked(code, "stream-method-on-socket")


@pytest.mark.parametrize("members", [MEMBERS_EVERYWHERE, MEMBERS_SOMEWHERE], ids=["everywhere", "somewhere"])
def test_cpython_has_none_of_the_members_that_tell_micropython(members: dict[str, frozenset[str]]) -> None:
    for module, names in members.items():
        assert names.isdisjoint(dir(importlib.import_module(module)))

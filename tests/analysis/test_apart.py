"""Conditions by which CPython goes another way than MicroPython: what MicroPython alone takes may stand there."""

from __future__ import annotations

import importlib

import pytest

from tests.support.shapes import marked, offences
from usock_lint.ports.modules import MEMBERS_EVERYWHERE

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
    "an early exit of the whole program, below what it keeps from running": """
        import sys, socket
        def line():
            return socket.socket().readline()
        if sys.implementation.name != "micropython":
            sys.exit(1)
        """,
    "what follows an import that fails on CPython": """
        import socket
        s = socket.socket()
        try:
            import machine
            s.readline()
        except ImportError:
            s.makefile("rb").readline()
        s.readline()  #
        """,
    "a program that ends where an import fails on CPython": """
        import socket, sys
        try:
            import machine
        except ImportError:
            sys.exit("not here")
        def line():
            return socket.socket().readline()
        """,
    "an import of what CPython may have": """
        import socket, sys
        try:
            import bluetooth, machine_of_ours
        except ImportError:
            sys.exit("not here")
        socket.socket().readline()  #
        """,
    "an early exit of a turn": """
        import sys, socket
        for s in [socket.socket()]:
            if sys.implementation.name != "micropython":
                continue
            s.readline()
        socket.socket().readline()  #
        """,
    "an assertion": """
        import sys, socket
        assert sys.implementation.name == "micropython"
        socket.socket().readline()
        """,
    "a conditional expression": """
        import sys, socket
        s = socket.socket()
        line = s.readline() if sys.implementation.name == "micropython" else s.makefile("rb").readline()
        """,
    "the first part of a condition": """
        import sys, socket
        s = socket.socket()
        if sys.implementation.name == "micropython" and s.readline():
            print("a line")
        """,
    "a condition in a comprehension": """
        import sys, socket
        s = socket.socket()
        lines = [s.readline() for _ in range(4) if sys.implementation.name == "micropython"]
        """,
    "the condition of a chain that asks nothing of the interpreter": """
        import sys, socket
        s = socket.socket()
        if sys.implementation.name == "cpython":
            s.makefile("rb").readline()
        elif len(sys.argv) > 1:
            s.readline()  #
        """,
    "a flag that other functions set": """
        import socket
        busy = False
        def line():
            if busy:
                return None
            return socket.socket().readline()  #
        def start():
            global busy
            busy = True
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


def test_cpython_has_none_of_the_members_that_tell_micropython() -> None:
    for module, names in MEMBERS_EVERYWHERE.items():
        assert names.isdisjoint(dir(importlib.import_module(module)))

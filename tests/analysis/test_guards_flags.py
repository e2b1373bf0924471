"""Flags of other files that tell which Python this is: nothing that depends on one is reported."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.shapes import marked, offences

FLAGS = {
    "an attribute of a module": ("import config", "config.IS_MICROPYTHON"),
    "a name of a module": ("from config import IS_MICROPYTHON", "IS_MICROPYTHON"),
    "a name of a neighbour": ("from .config import IS_CPYTHON", "IS_CPYTHON"),
    "a neighbour": ("from . import config", "config.is_pycom"),
    "all names of a module": ("from config import *", "IS_CIRCUITPYTHON"),
    "another name for it": ("from config import UPY as small", "small"),
    "a name that may be missing": ("try:\n    from config import UPY\nexcept ImportError:\n    UPY = False", "UPY"),
    "a function": ("from config import is_micropython", "is_micropython()"),
    "an attribute that may be missing": ("import config", "getattr(config, 'MPY', False)"),
    "whether there is an attribute": ("import config", "hasattr(config, 'CIRCUIT')"),
    "a name that is not understood": ("import config\nisuPy = config.detect()", "isuPy"),
    "a kind of Python": ("import config", "config.kind() == config.Kinds.PYTHON"),
    "another kind of Python": ("from config import Kinds, kind", "Kinds.MICROPYTHON == kind"),
    "an item": ("from config import settings", "settings['micropython']"),
    "an item that may be missing": ("from config import settings", "settings.get('micropython')"),
    "a shorter name": ("import platform_info as p", "p.on_mpy"),
}


@pytest.mark.parametrize(("start", "flag"), FLAGS.values(), ids=FLAGS)
def test_neither_branch_is_reported_for(start: str, flag: str) -> None:
    code = f"{start}\nimport socket\nif {flag}:\n    socket.gaierror\nelse:\n    socket.timeout\n"
    assert offences(code) == []


SHAPES = {
    "either branch": """
        if {flag}:
            s.shutdown(2)
        else:
            s.detach()
        """,
    "further branches": """
        if {flag}:
            pass
        elif input():
            s.shutdown(2)
        else:
            s.detach()
        """,
    "negated": """
        if not {flag}:
            s.shutdown(2)
        """,
    "with another condition": """
        if input() and {flag}:
            s.shutdown(2)
        if {flag} or input():
            s.shutdown(2)
        """,
    "compared": """
        if {flag} is True or {flag} == 1:
            s.shutdown(2)
        """,
    "given to a builtin": """
        if bool({flag}) or any(({flag}, input())):
            s.shutdown(2)
        """,
    "in an expression": """
        error = OSError if {flag} else ConnectionResetError
        {flag} and s.shutdown(2)
        s.shutdown(2) if {flag} else s.close()
        try:
            s.recv(1)
        except error:
            pass
        """,
    "an early return": """
        def end(s):
            if not {flag}:
                return
            s.shutdown(2)
        end(s)
        """,
    "an early return of a handler": """
        def end(s):
            try:
                s.recv(1)
            except OSError as e:
                if {flag}:
                    raise
                if isinstance(e, ConnectionResetError):
                    return
            s.shutdown(2)
        end(s)
        """,
    "an early exit": """
        import sys
        if {flag}:
            sys.exit()
        s.shutdown(2)
        """,
    "the next turn of a loop": """
        for x in range(3):
            if {flag}:
                continue
            s.shutdown(2)
        """,
    "a loop": """
        while {flag}:
            s.shutdown(2)
        """,
    "a comprehension": """
        [s.shutdown(how) for how in (1, 2) if {flag}]
        """,
    "a variable made of it": """
        other = not {flag} and bool(input())
        if other:
            s.shutdown(2)
        """,
    "a variable set under it": """
        if {flag}:
            short = True
        else:
            short = False
        if short:
            s.shutdown(2)
        """,
    "an attribute made of it": """
        class Link:
            def __init__(self):
                self.short = {flag}
            def end(self, s):
                if self.short:
                    s.shutdown(2)
        Link().end(s)
        """,
    "a class attribute made of it": """
        class Link:
            short = {flag}
            def end(self, s):
                if self.short:
                    s.shutdown(2)
        Link().end(s)
        """,
    "an argument": """
        def end(s, short):
            if short:
                s.shutdown(2)
        end(s, {flag})
        """,
    "a result": """
        def is_short():
            return {flag}
        if is_short():
            s.shutdown(2)
        """,
    "a function under it": """
        if {flag}:
            def end(s):
                s.shutdown(2)
        else:
            def end(s):
                s.detach()
        end(s)
        """,
    "a number that it chooses": """
        TIMEOUT = 110 if {flag} else 60
        try:
            s.recv(1)
        except OSError as e:
            print(e.errno == TIMEOUT)
        """,
    "an assertion": """
        assert {flag}
        s.shutdown(2)
        """,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_what_depends_on_a_flag_of_another_file_is_silent(shape: str) -> None:
    code = textwrap.dedent(shape).lstrip("\n").replace("{flag}", "config.IS_MICROPYTHON")
    assert offences(f"import socket\nimport config\ns = socket.socket()\n{code}") == []


OTHERS = {
    "after the branches": """
        if config.IS_MICROPYTHON:
            print("small")
        s.shutdown(2)  #
        """,
    "after a loop that it ends": """
        while True:
            if config.IS_MICROPYTHON:
                break
            s.shutdown(2)
        s.shutdown(2)  #
        """,
    "after an exception that stays in its try": """
        try:
            if config.IS_MICROPYTHON:
                raise ValueError
            s.shutdown(2)
        except ValueError:
            s.shutdown(2)
        s.shutdown(2)  #
        """,
    "another function": """
        def small():
            if config.IS_MICROPYTHON:
                return
            s.shutdown(2)
        def end():
            s.shutdown(2)  #
        """,
    "a socket that it chooses": """
        if config.IS_MICROPYTHON:
            t = socket.socket()
        else:
            t = socket.socket(socket.AF_INET)
        t.shutdown(2)  #
        """,
    "another setting": """
        if config.VERBOSE or config.numpy or config.dumpy or config.short_circuit:
            s.shutdown(2)  #
        """,
    "a flag of this file": """
        import sys
        IS_MICROPYTHON = sys.implementation.name == "micropython"
        if IS_MICROPYTHON:
            s.shutdown(2)  #
        else:
            s.shutdown(2)
        """,
    "a constant of this file": """
        IS_MICROPYTHON = True
        if IS_MICROPYTHON:
            s.shutdown(2)  #
        """,
}


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_what_does_not_depend_on_it_is_reported(code: str) -> None:
    whole = "import socket\nimport config\ns = socket.socket()\n" + textwrap.dedent(code).lstrip("\n")
    assert offences(whole) == marked(whole, "missing-method")

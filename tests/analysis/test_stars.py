"""Names that `from module import *` brings."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences
from usock_lint import lint_source

SHAPES = {
    "a module before": """
        from time import *
        from socket import *
        socket().shutdown(2)  #
        """,
    "threads behind": """
        from socket import *
        from threading import *
        def end(peer):
            try:
                peer.send(b"x")
            except timeout:  # socket-timeout
                peer.shutdown(2)  #
        Thread(target=end, args=(socket(),)).start()
        """,
    "threads of MicroPython": """
        from socket import *
        from _thread import *
        def end(peer):
            peer.shutdown(2)  #
        start_new_thread(end, (socket(AF_INET, SOCK_STREAM),))
        """,
    "a module that sockets are no names of": """
        from socket import *
        from tkinter import *
        from struct import *
        try:
            gethostbyname("example.com")  # missing-function
        except gaierror:  # socket-gaierror
            pass
        """,
    "a builtin exception": """
        from socket import *
        from threading import *
        from config import *
        try:
            socket().send(b"x")
        except ConnectionError:  # missing-exception
            pass
        """,
    "an exception of another module": """
        from socket import *
        from asyncio import *
        from concurrent.futures import *
        try:
            socket().send(b"x")
        except TimeoutError:
            pass
        """,
    "a name that a later module has": """
        from socket import *
        from struct import *
        try:
            socket().send(pack("B", 1))
        except error:
            pass
        """,
    "a name that an earlier module has": """
        from struct import *
        from socket import *
        try:
            socket().send(pack("B", 1))
        except error:  # socket-error
            pass
        """,
    "the end of the program": """
        from socket import *
        from sys import *
        if platform == "win32":
            exit()
            socket().shutdown(2)
        exit()
        socket().shutdown(2)
        """,
    "the end of a thread": """
        from socket import *
        from _thread import *
        socket().shutdown(2)  #
        exit()
        socket().shutdown(2)
        """,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_names_that_a_star_brings(shape: str) -> None:
    assert offences(shape) == marked(shape, "missing-method")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("from os import *\nfrom time import *\ngetenv('a'), monotonic()", [4, 4]),
        ("from json import *\ntry:\n    loads('')\nexcept JSONDecodeError:\n    pass", [5]),
        ("from time import *\nfrom helpers import *\nmonotonic()", []),
        ("from helpers import *\nfrom time import *\nmonotonic()", []),
        ("from time import *\ntry:\n    now = monotonic()\nexcept NameError:\n    now = time()", []),
        (
            "from time import *\ndef setup():\n    global monotonic\n    monotonic = 3\ndef f():\n    return monotonic",
            [],
        ),
        ("from os import *\nopen('a')", []),
        ("from time import *\nunknown()", []),
    ],
)
def test_names_of_cpythons_modules_behind_a_star(text: str, rows: list[int]) -> None:
    found = lint_source(f"import socket\n{text}\n", "a.py")

    assert [one.location.row for one in found if one.code == "USK111"] == rows

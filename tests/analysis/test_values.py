"""What the model follows: the module and its class under any name, constants of the same file."""

from __future__ import annotations

import operator

import libcst as cst
import pytest

from tests.support.shapes import marked, offences
from usock_lint import analysis, ports
from usock_lint.analysis.domain.operations import NO_CELLS, UNKNOWN, combine
from usock_lint.analysis.domain.values import Const
from usock_lint.analysis.uses import ModuleName

MODULES = {
    "import": "import socket as m",
    "import of the old name": "import usocket as m",
    "another name for it": "import socket\nm = socket",
    "import in try, old name first": "try:\n    import usocket as m\nexcept ImportError:\n    import socket as m",
    "import in try, new name first": "try:\n    import socket as m\nexcept ImportError:\n    import usocket as m",
    "import in either branch": "import sys\nif sys.argv:\n    import usocket as m\nelse:\n    import socket as m",
    "__import__": "m = __import__('usocket')",
    "import_module": "import importlib\nm = importlib.import_module('socket')",
    "import in a function": "def load():\n    import socket\n    return socket\nm = load()",
    "import into a class": "class Net:\n    import socket\nm = Net.socket",
}


@pytest.mark.parametrize("binding", MODULES.values(), ids=MODULES)
def test_the_module_is_known_by(binding: str) -> None:
    rows = binding.count("\n") + 2
    assert offences(f"{binding}\nprint(m.timeout)\n") == [f"{rows} socket-timeout"]


CLASSES = {
    "a name": "from socket import socket",
    "another name": "from usocket import socket as socket",
    "a star": "from socket import *",
    "an alias of the class": "import socket as net\nsocket = net.socket",
}


@pytest.mark.parametrize("binding", CLASSES.values(), ids=CLASSES)
def test_the_class_is_known_by(binding: str) -> None:
    rows = binding.count("\n") + 2
    assert offences(f"{binding}\nsocket().shutdown(2)\n") == [f"{rows} missing-method"]


CONSTANTS = {
    "the module": """
        import socket
        HOST = "example.com"
        socket.socket().connect((HOST, 80))  #
        """,
    "a class": """
        import socket
        class Link:
            host = "example.com"
            def open(self):
                socket.socket().connect((self.host, 80))  #
        """,
    "a parameter's default": """
        import socket
        def open_link(host="example.com", port=80):
            socket.socket().connect((host, port))  #
        """,
    "an argument": """
        import socket
        def open_link(host, port):
            socket.socket().connect((host, port))  #
        open_link("example.com", 80)
        """,
    "a constructor's argument": """
        import socket
        class Link:
            def __init__(self, host):
                self.host = host
            def open(self):
                socket.socket().connect((self.host, 80))  #
        Link("example.com")
        """,
    "a tuple": """
        import socket
        BROKER = ("example.com", 1883)
        host, port = BROKER
        socket.socket().connect((host, port))  #
        """,
    "const()": """
        import socket
        from micropython import const
        HOST = const("example.com")
        socket.socket().connect((HOST, 80))  #
        """,
}


@pytest.mark.parametrize("code", CONSTANTS.values(), ids=CONSTANTS)
def test_a_constant_is_followed_from(code: str) -> None:
    assert offences(code) == marked(code, "domain-name-address")


def test_what_cpython_alone_would_give_is_a_socket_too() -> None:
    code = """
        import socket
        with socket.create_connection(("10.0.0.1", 80)) as s:
            s.makefile("r", encoding="utf-8")
        """
    assert offences(code) == [
        "2 missing-function",
        "2 socket-context-manager",
        "3 makefile-text-mode",
        "3 makefile-text-argument",
    ]


def test_a_name_that_is_bound_again_is_no_socket_any_more() -> None:
    code = """
        import socket
        s = socket.socket()
        s = open("log")
        s.shutdown(2)
        """
    assert offences(code) == []


def test_each_use_in_a_condition_is_found_once() -> None:
    module = cst.parse_module("import socket\n\nif isinstance(x, socket.timeout):\n    print(x)\n")
    uses = analysis.uses(module, ports.cells(ports.PORTABLE))
    assert [use.name for use in uses if isinstance(use, ModuleName)] == ["timeout"]


def test_each_use_in_what_a_subscript_is_of_is_found_once() -> None:
    module = cst.parse_module("import socket\n\ntable = [socket.AF_INET][0, 1]\n")
    uses = analysis.uses(module, ports.cells(ports.PORTABLE))
    assert [use.name for use in uses if isinstance(use, ModuleName)] == ["AF_INET"]


def test_pairs_of_constants_are_not_combined_without_end() -> None:
    some = frozenset(Const(number) for number in range(20))
    assert combine(some, frozenset(Const(100 * number) for number in range(20)), NO_CELLS, operator.add) == UNKNOWN


def test_what_another_module_gives_is_not_taken_for_a_socket() -> None:
    code = """
        import socket
        import link
        s = link.open(socket.socket())
        s.shutdown(2)
        """
    assert offences(code) == []

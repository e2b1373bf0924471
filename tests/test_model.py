"""What the model follows: the module under any name, sockets wherever they go, constants of the same file."""

from __future__ import annotations

import textwrap

import pytest

from usock_lint import lint_source


def offences(code: str) -> list[str]:
    """The rules that report something in this code, each with its row."""
    findings = lint_source(textwrap.dedent(code).lstrip("\n"))
    return [f"{finding.location.row} {finding.name}" for finding in findings]


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


SOCKETS = {
    "a name": """
        import socket
        s = socket.socket()
        t = s
        t.shutdown(2)  #
        """,
    "either of two values": """
        import socket
        s = None
        if input():
            s = socket.socket()
        s.shutdown(2)  #
        """,
    "a walrus": """
        import socket
        if (s := socket.socket()):
            s.shutdown(2)  #
        """,
    "a conditional expression": """
        import socket
        def send(given, mock):
            s = mock if given else socket.socket()
            s.shutdown(2)  #
        """,
    "what accept returned": """
        import socket
        server = socket.socket()
        server.listen(1)
        conn, address = server.accept()
        conn.shutdown(2)  #
        """,
    "the first of what accept returned": """
        import socket
        server = socket.socket()
        server.listen(1)
        conn = server.accept()[0]
        conn.shutdown(2)  #
        """,
    "an attribute": """
        import socket
        class Link:
            def open(self):
                self.sock = socket.socket()
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "an attribute, None at first": """
        import socket
        class Link:
            sock = None
            def end(self):
                if self.sock is not None:
                    self.sock.shutdown(2)  #
            def open(self):
                self.sock = socket.socket()
        """,
    "an attribute of a base class": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
        class Loud(Link):
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "what accept returned, in an attribute": """
        import socket
        class Server:
            def serve(self):
                self.server = socket.socket()
                self.conn, _ = self.server.accept()
            def end(self):
                self.conn.shutdown(2)  #
        """,
    "an attribute of another object": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
        link = Link()
        link.sock.shutdown(2)  #
        """,
    "what a helper returns": """
        import socket
        def make():
            s = socket.socket()
            return s
        make().shutdown(2)  #
        """,
    "what a later helper returns": """
        import socket
        def end():
            make().shutdown(2)  #
        def make():
            return socket.socket()
        """,
    "a parameter": """
        import socket
        def end(s):
            s.shutdown(2)  #
        end(socket.socket())
        """,
    "a parameter by keyword, passed on": """
        import socket
        def end(s):
            really(s)
        def really(sock):
            sock.shutdown(2)  #
        end(s=socket.socket())
        """,
    "a constructor's parameter": """
        import socket
        class Link:
            def __init__(self, sock):
                self.sock = sock
            def end(self):
                self.sock.shutdown(2)  #
        Link(socket.socket())
        """,
    "a global set in a function": """
        import socket
        s = None
        def start():
            global s
            s = socket.socket()
        def end():
            s.shutdown(2)  #
        """,
    "a variable of the function around": """
        import socket
        def main():
            s = socket.socket()
            def end():
                s.shutdown(2)  #
            end()
        """,
    "a loop that sets it for the next round": """
        import socket
        s = None
        while True:
            if s:
                s.shutdown(2)  #
            s = socket.socket()
        """,
    "the items of a display": """
        import socket
        for s in [socket.socket(), socket.socket()]:
            s.shutdown(2)  #
        """,
    "a coroutine": """
        import socket
        async def serve():
            s = socket.socket()
            s.shutdown(2)  #
        """,
    "a flag that another function sets": """
        import socket
        timeout = None
        def read():
            s = socket.socket()
            if timeout is not None:
                s.shutdown(2)  #
        def configure():
            global timeout
            timeout = 3
        """,
    "an attribute that one branch sets": """
        import socket
        def run(args):
            s = socket.socket()
            if args.dir:
                args.names = ["."]
            if not args.names:
                s.shutdown(2)  #
        """,
    "an attribute that a loop sets for its next round": """
        import socket
        class Reader:
            def __init__(self):
                self.sock = socket.socket()
                self.line = 0
            def poll(self):
                while True:
                    if self.line is not None:
                        self.sock.shutdown(2)  #
                        self.line = None
                    else:
                        return
        """,
    "two thousand elifs": "import socket\ns = socket.socket()\nif x:\n    pass\n"
    + "elif x == 2:\n    pass\n" * 2000
    + "s.dup()  #\n",
    "a bound method": """
        import socket
        s = socket.socket()
        end = s.shutdown  #
        end(2)
        """,
}


@pytest.mark.parametrize("code", SOCKETS.values(), ids=SOCKETS)
def test_a_socket_is_followed_through(code: str) -> None:
    rows = textwrap.dedent(code).lstrip("\n").splitlines()
    (marked,) = (row for row, line in enumerate(rows, 1) if line.endswith("#"))
    assert offences(code) == [f"{marked} missing-method"]


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
    rows = textwrap.dedent(code).lstrip("\n").splitlines()
    (marked,) = (row for row, line in enumerate(rows, 1) if line.endswith("#"))
    assert offences(code) == [f"{marked} domain-name-address"]


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


def test_what_another_module_gives_is_not_taken_for_a_socket() -> None:
    code = """
        import socket
        import link
        s = link.open(socket.socket())
        s.shutdown(2)
        """
    assert offences(code) == []

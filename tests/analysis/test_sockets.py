"""The ways of a socket through one file: names, attributes, parameters, returned values."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

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
                self.server.listen(1)
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
    assert offences(code) == marked(code, "missing-method")

"""The shapes of Python through which a value is followed: unpacking, scopes, contexts, branches."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    "nested unpacking": """
        import socket
        (s, (t, u)), v = (socket.socket(), (1, socket.socket())), 2
        s.shutdown(2)  #
        u.shutdown(2)  #
        """,
    "unpacking with a star": """
        import socket
        first, *some, last = 1, socket.socket(), socket.socket(), socket.socket()
        some[0].shutdown(2)  #
        last.shutdown(2)  #
        """,
    "unpacking what accept gives with a star": """
        import socket
        server = socket.socket()
        server.listen(1)
        conn, *_ = server.accept()
        conn.shutdown(2)  #
        """,
    "unpacking into attributes": """
        import socket
        class Server:
            def accept(self, server):
                server = socket.socket()
                server.listen(1)
                self.conn, self.address = server.accept()
            def end(self):
                self.conn.shutdown(2)  #
        """,
    "swapping": """
        import socket
        a, b = socket.socket(), None
        a, b = b, a
        b.shutdown(2)  #
        """,
    "a walrus in a condition": """
        import socket
        def take(pool):
            while (s := socket.socket()) is not None:
                s.shutdown(2)  #
        """,
    "a walrus in a comprehension": """
        import socket
        def take():
            some = [s := socket.socket() for _ in range(2)]
            s.shutdown(2)  #
        """,
    "a comprehension's own name": """
        import socket
        s = socket.socket()
        names = [s for s in ("a", "b")]
        s.shutdown(2)  #
        """,
    "a comprehension's own name of a socket": """
        import socket
        s = "name"
        some = [s.shutdown(2) for s in [socket.socket()]]  #
        s.shutdown(2)
        """,
    "closing()": """
        import contextlib, socket
        with contextlib.closing(socket.socket()) as s:  # socket-context-manager
            s.shutdown(2)  #
        """,
    "what closing() made before": """
        import socket
        from contextlib import closing
        def main():
            guard = closing(socket.socket())
            with guard as s:  # socket-context-manager
                s.shutdown(2)  #
        """,
    "a test of the type": """
        import socket
        def end(given):
            s = "name" if given else socket.socket()
            if isinstance(s, str):
                return s.shutdown(2)
            s.shutdown(2)  #
        """,
    "a pattern's name": """
        import socket
        def end(x):
            s = socket.socket()
            match x:  # unsupported-syntax
                case [s, *_]:
                    s.shutdown(2)
                case 1:
                    s.shutdown(2)  #
        """,
    "a name of an except clause": """
        import socket
        def end():
            s = socket.socket()
            try:
                s.send(b"x")
            except OSError as s:
                s.shutdown(2)
        """,
    "a while with an else": """
        import socket
        def find(hosts):
            s = None
            for host in hosts:
                s = socket.socket()
                break
            else:
                s = None
            s.shutdown(2)  #
        """,
    "either of two branches": """
        import socket
        def make(tls):
            if tls:
                s = open("log")
            else:
                s = socket.socket()
            s.shutdown(2)  #
        """,
    "a conditional return": """
        import socket
        def make(ready):
            if not ready:
                return None
            return socket.socket()
        def main():
            s = make(input())
            if s:
                s.shutdown(2)  #
        """,
    "a parameter with `or`": """
        import socket
        def end(s=None):
            s = s or socket.socket()
            s.shutdown(2)  #
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_a_socket_is_followed_through(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")

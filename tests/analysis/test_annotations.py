"""Type annotations tell what is not known otherwise, and nothing that is."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    "an alias": """
        import socket
        from typing import List, Optional, Tuple, TypeAlias
        Maybe = Optional[socket.socket]
        Peer: TypeAlias = Tuple[socket.socket, str]
        Either = socket.socket | None
        def end(one: Maybe, two: Peer, three: Either, all: List[Maybe]):
            one.shutdown(2)  #
            two[0].shutdown(2)  #
            three.shutdown(2)  #
            for each in all:
                each.shutdown(2)  #
        """,
    "an alias of an address": """
        import socket
        from typing import Tuple
        Address = Tuple[str, int]
        def open(address: Address):
            sock = socket.socket()
            sock.connect(address)
            sock.shutdown(2)  #
        """,
    "a parameter": """
        import socket
        def end(s: socket.socket):
            s.shutdown(2)  #
        """,
    "a parameter that may be None": """
        import socket
        from typing import Optional
        def end(s: Optional[socket.socket] = None, t: socket.socket | None = None, u: "socket.socket" = None):
            s.shutdown(2)  #
            t.shutdown(2)  #
            u.shutdown(2)  #
        """,
    "a parameter, in a string": """
        import usocket
        def end(s: "usocket.socket"):
            s.shutdown(2)  #
        """,
    "a parameter of the class imported by name": """
        from socket import socket as Socket
        def end(s: Socket):
            s.shutdown(2)  #
        """,
    "an import for type checkers": """
        import typing
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import socket
        def end(s: "socket.socket"):
            s.shutdown(2)  #
        """,
    "a name imported for type checkers": """
        import typing
        if typing.TYPE_CHECKING:
            from socket import socket
        def end(s: "socket"):
            s.shutdown(2)  #
        """,
    "an attribute of a class body": """
        import socket
        class Link:
            sock: socket.socket
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "an attribute of a class body, None at first": """
        import socket
        class Link:
            sock: "socket.socket | None" = None
            def end(self):
                if self.sock:
                    self.sock.shutdown(2)  #
        """,
    "an attribute in a method": """
        import socket
        class Link:
            def __init__(self, pool):
                self.sock: socket.socket = pool.get()
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "an attribute of a base class": """
        import socket
        class Base:
            sock: socket.socket
        class Link(Base):
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "a variable": """
        import socket
        def main(pool):
            s: socket.socket = pool.get()
            s.shutdown(2)  #
            t: socket.socket
            t = pool.get()
            t.shutdown(2)  #
        """,
    "a result": """
        import socket
        def make(pool) -> socket.socket:
            return pool.get()
        def main(pool):
            make(pool).shutdown(2)  #
        """,
    "the result of a method that others define": """
        import socket
        class Base:
            def make(self) -> "socket.socket":
                raise NotImplementedError
            def end(self):
                self.make().shutdown(2)  #
        """,
    "a class of the file": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
        def end(link: "Link"):
            link.sock.shutdown(2)  #
        """,
    "items": """
        import socket
        from typing import List, Tuple
        def end(clients: List[socket.socket], pair: "tuple[socket.socket, str]"):
            for s in clients:
                s.shutdown(2)  #
            s, name = pair
            s.shutdown(2)  #
        """,
    "another type, which is better known": """
        import socket
        def end(s: socket.socket):
            s.shutdown(2)
        end(open("log"))
        """.replace('open("log")', "3"),
    "one of several types": """
        import socket, ssl
        from typing import Union
        def end(s: Union[socket.socket, bytes], t: "socket.socket | Mock", u: "not a type ["):
            s.shutdown(2)
            t.shutdown(2)
            u.shutdown(2)
        """,
    "a TLS socket": """
        import ssl
        import socket
        def read(s: ssl.SSLSocket):
            return s.recv(1)  # tls-socket-method
        """,
    "a class of the project that is imported for type checkers": """
        import network
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from .socket import socket
        def end(s: "socket"):
            s.shutdown(2)
        """,
    "a package that is imported for type checkers by one of its modules": """
        import network
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import socket.extra
        def end(s: "socket.socket"):
            s.shutdown(2)  #
        """,
    "a socket where None is known here": """
        import socket
        def main():
            s: "socket.socket | None" = None
            if s is not None:
                s.shutdown(2)
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_an_annotation_tells_the_type_of(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")

"""What functions leave in attributes and outer names for each other: what is there when they end or call."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    "what the last assignment of a method leaves": """
        import socket, ssl
        class Link:
            def open(self):
                self.sock = socket.socket()
                self.sock = ssl.wrap_socket(self.sock, do_handshake=False)
            def read(self):
                return self.sock.read()
            def peer(self):
                return self.sock.recv()  # tls-socket-method
        """,
    "what the last assignment on one path of a method leaves": """
        import socket, ssl
        class Link:
            def open(self, again):
                if again:
                    self.sock = socket.socket()
                    self.sock = ssl.wrap_socket(self.sock, do_handshake=False)
            def peer(self):
                return self.sock.recv()  # tls-socket-method
        """,
    "a global that is assigned twice": """
        import socket, ssl
        sock = None
        def open_link():
            global sock
            sock = socket.socket()
            sock = ssl.wrap_socket(sock, do_handshake=False)
        def peer():
            return sock.recv()  # tls-socket-method
        """,
    "what either end of a method leaves": """
        import socket
        class Link:
            def open(self, local):
                self.sock = open("log")
                if local:
                    return
                self.sock = socket.socket()
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "what a method called in between finds": """
        import socket
        class Link:
            def open(self):
                self.sock = socket.socket()
                self.prepare()
                self.sock = None
            def prepare(self):
                self.sock.shutdown(2)  #
        """,
    "what a function called in between finds": """
        import socket
        class Link:
            def open(self):
                self.sock = socket.socket()
                prepare(self)
                self.sock = None
        def prepare(link):
            link.sock.shutdown(2)  #
        """,
    "what a coroutine leaves while it waits": """
        import asyncio, socket
        class Link:
            async def open(self):
                self.sock = socket.socket()
                await asyncio.sleep(1)
                self.sock = None
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "what a generator leaves while it yields": """
        import socket
        class Link:
            def run(self):
                self.sock = socket.socket()
                yield
                self.sock = None
            def end(self):
                self.sock.shutdown(2)  #
        """,
    "what a method that never ends assigns": """
        import socket
        class Server:
            def serve(self):
                self.server = socket.socket()
                self.server.listen(1)
                while True:
                    self.conn = self.server.accept()[0]
                    self.conn = self.conn
            def end(self):
                self.conn.shutdown(2)  #
        """,
    "attributes of two objects of a class": """
        import socket
        class Link:
            pass
        def main(tls):
            one, two = Link(), Link()
            one.sock = socket.socket()
            two.sock = None
        def end(link=Link()):
            link.sock.shutdown(2)  #
        """,
    "an attribute of a name that is bound again": """
        import socket
        class Link:
            def __init__(self, sock=None):
                self.sock = sock
        def main():
            link = Link()
            link.sock = socket.socket()
            link = open("log")
            link.sock.shutdown(2)
        """,
    "an attribute that a called method sets": """
        import socket
        class Link:
            def open(self):
                self.sock = None
                self.connect()
                if self.sock:
                    self.sock.shutdown(2)  #
            def connect(self):
                self.sock = socket.socket()
        """,
    "a global that a called function sets": """
        import socket
        sock = None
        def connect():
            global sock
            sock = socket.socket()
        connect()
        if sock:
            sock.shutdown(2)  #
        """,
    "a variable of the function around that the inner one sets": """
        import socket
        def main():
            sock = None
            def connect():
                nonlocal sock
                sock = socket.socket()
            connect()
            if sock:
                sock.shutdown(2)  #
        """,
    "a variable of a function that another's is called like": """
        import socket
        sock = open("log")
        def main():
            sock = None
            def connect():
                nonlocal sock
                sock = socket.socket()
            connect()
        sock.shutdown(2)
        """,
    "a flag that an interrupt sets while a loop waits": """
        import socket
        class Link:
            def wait(self):
                self.ready = False
                while not self.ready:
                    pass
                socket.socket().shutdown(2)  #
            def on_ready(self, _):
                self.ready = True
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_others_find(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")

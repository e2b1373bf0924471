"""The classes and calls through which a value is followed: methods, coroutines, threads, callbacks."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    # Classes
    "super().__init__": """
        import socket
        class Base:
            def __init__(self, sock):
                self.sock = sock
            def end(self):
                self.sock.shutdown(2)  #
        class Link(Base):
            def __init__(self):
                super().__init__(socket.socket())
        """,
    "a base class's __init__ by name": """
        import socket
        class Base:
            def __init__(self, sock):
                self.sock = sock
            def end(self):
                self.sock.shutdown(2)  #
        class Link(Base):
            def __init__(self):
                Base.__init__(self, socket.socket())
        """,
    "an attribute that the classes below set": """
        import socket
        class Base:
            def end(self):
                self.sock.shutdown(2)  #
        class Link(Base):
            def __init__(self):
                self.sock = socket.socket()
        """,
    "a method that a class below overrides": """
        import socket
        class Base:
            def make(self):
                raise NotImplementedError
            def end(self):
                self.make().shutdown(2)  #
        class Link(Base):
            def make(self):
                return socket.socket()
        """,
    "a method that only others override": """
        import socket
        class Base:
            def prepare(self):
                raise NotImplementedError("prepare")
            def end(self):
                self.prepare()
                socket.socket().shutdown(2)  #
        """,
    # Classes that are sockets
    "a class that derives from socket": """
        import socket
        class Ear(socket.socket):
            def who(self):
                return self.getsockname()  #
        Ear().shutdown(2)  #
        """,
    "a class that derives from it by way of another": """
        from socket import *
        class Base(socket):
            def shutdown(self, how):
                self.close()
        class Ear(Base):
            def who(self):
                return self.getsockname()  #
        Ear().shutdown(2)
        """,
    "super() of such a class": """
        import socket
        class Ear(socket.socket):
            def __init__(self, peer):
                super().__init__(family=socket.AF_INET)  # keyword-argument
                super(Ear, self).connect(("example.com", 80))  # domain-name-address
                self.peer = peer
            def accept(self):
                conn, address = super().accept()
                conn.shutdown(2)  #
                return Ear(conn)
        """,
    "__init__ by name": """
        import socket
        class Ear(socket.socket):
            def __init__(self):
                socket.socket.__init__(self)  #
        """,
    "a method of the class by name": """
        import socket
        class Ear(socket.socket):
            def end(self):
                socket.socket.shutdown(self, 2)  #
        """,
    "a socket that is its own context": """
        import socket
        class Plain(socket.socket):
            pass
        class Ear(socket.socket):
            def __enter__(self):
                return self
            def __exit__(self, *error):
                self.close()
        with Ear() as ear:
            ear.shutdown(2)  #
        with Plain() as ear:  # socket-context-manager
            ear.shutdown(2)  #
        """,
    "what a context gives": """
        import socket
        class Link:
            def __enter__(self):
                self.sock = socket.socket()
                return self.sock
            def __exit__(self, *error):
                self.sock.close()
        with Link() as sock:
            sock.shutdown(2)  #
        """,
    "a generator that is a context": """
        import socket
        from contextlib import contextmanager
        @contextmanager
        def link():
            sock = socket.socket()
            yield sock
            sock.close()
        with link() as sock:
            sock.shutdown(2)  #
        """,
    "a static method": """
        import socket
        class Link:
            @staticmethod
            def end(sock):
                sock.shutdown(2)  #
            def run(self):
                self.end(socket.socket())
        """,
    "a class method": """
        import socket
        class Link:
            @classmethod
            def end(cls, sock):
                sock.shutdown(2)  #
            def run(self):
                Link.end(socket.socket())
        """,
    "a property": """
        import socket
        class Link:
            def __init__(self):
                self._sock = socket.socket()
            @property
            def sock(self):
                return self._sock
        Link().sock.shutdown(2)  #
        """,
    "a chain of methods": """
        import socket
        class Link:
            def open(self):
                self.sock = socket.socket()
                return self
        Link().open().sock.shutdown(2)  #
        """,
    "a method that is an attribute": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
                self.end = self.sock.shutdown  #
        """,
    # Coroutines, threads, callbacks
    "what a coroutine returns": """
        import socket
        async def make():
            return socket.socket()
        async def main():
            s = await make()
            s.shutdown(2)  #
        """,
    "a task that never ends": """
        import asyncio, socket
        async def serve():
            while True:
                await asyncio.sleep(1)
        async def main():
            asyncio.create_task(serve())
            socket.socket().shutdown(2)  #
        """,
    "a thread": """
        import _thread, socket
        def serve(conn, address):
            conn.shutdown(2)  #
        def main():
            server = socket.socket()
            server.listen(1)
            while True:
                conn, address = server.accept()
                _thread.start_new_thread(serve, (conn, address))
        """,
    "a method as a thread": """
        import _thread, socket
        class Server:
            def serve(self, conn):
                conn.shutdown(2)  #
            def run(self):
                _thread.start_new_thread(self.serve, (socket.socket(),))
        """,
    "a callback on a socket": """
        import socket
        def on_ready(listener):
            conn, address = listener.accept()
            conn.shutdown(2)  #
        s = socket.socket()
        s.bind(("", 80))
        s.listen(1)
        s.setsockopt(socket.SOL_SOCKET, 20, on_ready)
        """,
    "parameters by a star": """
        import socket
        def end(one, two=socket.socket()):
            two.shutdown(2)  #
            one.shutdown(2)
        def main(args):
            end(*args)
        """,
    "a callback in an attribute": """
        import socket
        class Server:
            def __init__(self, on_client):
                self.on_client = on_client
                self.server = socket.socket()
                self.server.listen(1)
            def run(self):
                conn, address = self.server.accept()
                self.on_client(conn)
        def handle(conn):
            conn.shutdown(2)  #
        Server(handle).run()
        """,
    "classes that functions derive from each other": """
        import socket
        class A:
            pass
        class B:
            pass
        def f():
            global A
            class A(B):
                def go(self):
                    return self.missing()
        def g():
            global B
            class B(A):
                def go(self):
                    return self.missing()
        f()
        g()
        print(A().other, B().other)
        s = socket.socket()
        s.shutdown(2)  #
        """,
    "a lambda": """
        import socket
        s = socket.socket()
        end = lambda: s.shutdown(2)  #
        """,
    "a parameter of a lambda": """
        import socket
        s = socket.socket()
        end = lambda s: s.shutdown(2)
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_a_socket_is_followed_through(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")

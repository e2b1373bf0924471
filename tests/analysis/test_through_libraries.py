"""What is followed through the standard library: servers, selectors, streams, iterators."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    "a request": """
        import socketserver
        import socket
        class Echo(socketserver.BaseRequestHandler):
            def handle(self):
                self.request.shutdown(2)  #
        """,
    "the connection of a stream": """
        from socketserver import *
        import socket
        class Echo(StreamRequestHandler):
            def handle(self):
                self.connection.shutdown(2)  #
                self.request.shutdown(2)  #
        """,
    "a request of a server for datagrams": """
        import socketserver
        import socket
        class Echo(socketserver.BaseRequestHandler):
            def handle(self):
                data, sock = self.request
                data.split("x")  # bytes-str-comparison
                sock.shutdown(2)  #
        socketserver.UDPServer(("0.0.0.0", 80), Echo).serve_forever()
        """,
    "a request of a server of one's own": """
        import SocketServer as ss
        import socket
        class Echo(ss.BaseRequestHandler):
            def handle(self):
                self.request[1].shutdown(2)  #
        class Server(ss.ThreadingMixIn, ss.UDPServer):
            def close(self):
                self.socket.shutdown(2)  #
        Server(("0.0.0.0", 80), Echo).serve_forever()
        """,
    "keys of a selector": """
        import selectors
        import socket
        selector = selectors.DefaultSelector()
        def accept(listener, mask):
            conn, address = listener.accept()
            conn.shutdown(2)  #
            selector.register(conn, selectors.EVENT_READ, data=read)
        def read(conn, mask):
            conn.shutdown(2)  #
        listener = socket.socket()
        listener.bind(("0.0.0.0", 80))
        listener.listen(1)
        selector.register(listener, selectors.EVENT_READ, accept)
        while True:
            for key, mask in selector.select():
                key.fileobj.getsockname()  #
                key.data(key.fileobj, mask)
        """,
    "a key that a function is given": """
        import selectors
        import socket
        def serve(key, mask):
            key.fileobj.shutdown(2)  #
        def main():
            selector = selectors.DefaultSelector()
            selector.register(socket.socket(), selectors.EVENT_READ)
            for key, mask in selector.select(timeout=1):
                serve(key, mask)
        main()
        """,
    "the socket under a stream": """
        import asyncio
        import socket
        async def handle(reader, writer):
            sock = writer.get_extra_info("socket")
            sock.shutdown(2)  #
            writer.get_extra_info("peername")[0].shutdown(2)
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
            writer.get_extra_info("socket").shutdown(2)  #
        async def main():
            await asyncio.start_server(handle, "0.0.0.0", 80)
            reader, writer = await asyncio.open_connection("10.0.0.1", 80)
            writer.get_extra_info("socket").shutdown(2)  #
        asyncio.run(main())
        """,
    "accept() again and again": """
        import socket
        listener = socket.socket()
        listener.bind(("0.0.0.0", 80))
        listener.listen(1)
        for conn, address in iter(listener.accept, None):
            conn.shutdown(2)  #
            for part in iter(lambda: conn.recv(16), b""):
                part.split("x")  # bytes-str-comparison
        """,
    "partial again and again": """
        import socket
        from functools import partial
        sock = socket.socket()
        sock.connect(("10.0.0.1", 80))
        for part in iter(partial(sock.recv, 16), b""):
            part.split("x")  # bytes-str-comparison
        make = partial(socket.socket, socket.AF_INET)
        make().shutdown(2)  #
        """,
    "entries, each with its number": """
        import socket
        for number, info in enumerate(socket.getaddrinfo("example.com", 80)):
            sock = socket.socket()
            sock.connect(info)  # malformed-address
        """,
    "a class method that makes an instance": """
        import socket
        class Link:
            def __init__(self, sock):
                self.sock = sock
            @classmethod
            def open(cls):
                return cls(socket.socket())
        Link.open().sock.shutdown(2)  #
        """,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_socket_is_followed_through(shape: str) -> None:
    assert offences(shape) == marked(shape, "missing-method")

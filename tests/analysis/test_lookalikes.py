"""What looks like an offence in real MicroPython code and is none: other things of the same names, and stand-ins."""

from __future__ import annotations

import pytest

from tests.support.shapes import offences

SILENT = {
    # Names that are not the module
    "a parameter called socket": """
        import socket as net
        def send(socket, data):
            socket.shutdown(2)
            raise socket.timeout
        """,
    "a local called socket": """
        import socket
        def send(pool):
            socket = pool.get()
            return socket.timeout
        """,
    "an attribute called socket": """
        import socket as net
        class Link:
            def end(self):
                self.socket.shutdown(2)
        """,
    "a class called socket": """
        class socket:
            timeout = 5
        print(socket.timeout)
        """,
    "nothing called socket": """
        socket = None
        print(socket.timeout)
        """,
    "the same methods of other things": """
        import socket
        def end(app, server, lte, source):
            app.shutdown()
            server.shutdown()
            lte.detach()
            source.dup()
        """,
    "a keyword parameter called socket": """
        import socket as net
        def send(data, *, socket=None):
            socket.shutdown(2)
        """,
    "a loop's variable called socket": """
        def end(pool):
            for socket in pool:
                socket.shutdown(2)
        """,
    "a with's variable called socket": """
        def end(pool):
            with pool.get() as socket:
                socket.shutdown(2)
        """,
    "a function called socket": """
        def socket():
            return None
        socket().shutdown(2)
        """,
    "another package's socket": """
        from myproject import socket
        print(socket.timeout)
        """,
    "a relative import": """
        from . import socket
        print(socket.timeout)
        """,
    # Shims for builtins
    "a substitute for a builtin": """
        import socket
        IOError = OSError
        try:
            ConnectionError
        except NameError:
            ConnectionError = OSError
        def f(e):
            return isinstance(e, (IOError, ConnectionError))
        """,
    "a shim for a builtin in a try": """
        import socket
        try:
            TimeoutError
        except NameError:
            class TimeoutError(OSError):
                pass
        def f(s):
            raise TimeoutError
        """,
    "a shim for a builtin by assignment": """
        import socket
        ConnectionResetError = BrokenPipeError = OSError
        def f():
            raise ConnectionResetError
        """,
    # Addresses of either type
    "a condition that asks for one of several types": """
        import socket
        SERVER = ("example.com", 80)
        def resolved(address):
            if isinstance(address, (bytes, bytearray)):
                return address
            return socket.getaddrinfo(address[0], address[1])[0][-1]
        s = socket.socket()
        s.connect(resolved(SERVER))
        s.bind(resolved(given))
        """,
    "a test of the address's type": """
        import socket
        host = socket.getaddrinfo("192.168.4.1", 1)[0][-1]
        if isinstance(host, tuple):
            host = host[0]
        else:
            host = socket.inet_ntop(socket.AF_INET, host[4:])
        """,
    "an early exit on the address's type": """
        import socket
        def hostport(addr):
            if isinstance(addr, tuple):
                return addr
            af, addr, port = socket.sockaddr(addr)
            return addr, port
        """,
    "a test of an argument's type": """
        import socket
        class Handler:
            def __init__(self, address=("localhost", 514)):
                self.address = address
            def create(self):
                if isinstance(self.address, str):
                    self.unix(self.address)
            def unix(self, address):
                s = socket.socket()
                s.connect(address)
        """,
    "a data test around an address": """
        import socket
        def host(s=socket.socket()):
            data, addr = s.recvfrom(10)
            if isinstance(addr, tuple):
                return addr[0]
            return addr
        """,
    "a data test in a conditional expression": """
        import socket
        addr = socket.getaddrinfo("192.168.4.1", 80)[0][-1]
        host = addr[0] if isinstance(addr, tuple) else None
        """,
    # Placeholders
    "a port that stands for none": """
        import socket
        class Client:
            def __init__(self, server, port=0, ssl=False):
                if port == 0:
                    port = 8883 if ssl else 1883
                self.server, self.port = server, port
            def connect(self):
                s = socket.socket()
                s.connect((self.server, self.port))
        """,
    "a port that is not set yet": """
        import socket
        class Client:
            def __init__(self):
                self._port = -1
            def configure(self, host, port):
                self._host, self._port = host, port
            def connect(self):
                return socket.getaddrinfo(self._host, self._port)
        """,
    "placeholders where an address goes": """
        import socket
        for host in ("xxx.xxx.x.x", "YOUR SERVER IP", "Broadcast IP", ""):
            socket.socket().connect((host, 80))
        """,
    "an empty host that is set elsewhere": """
        import socket
        HOST = ""
        def connect():
            socket.socket().connect((HOST, 80))
        def configure(host):
            global HOST
            HOST = host
        """,
    # Delegation, and errors of others
    "a wrapper that hands on": """
        import socket
        class Wrapper:
            def __init__(self):
                self._sock = socket.socket()
            def recv(self, *args, **kwargs):
                return self._sock.recv(*args, **kwargs)
            def shutdown(self, *args):
                return self._sock.shutdown(*args)
        """,
    "a name that a class body binds before the try": """
        import socket
        s = socket.socket()
        class Net:
            conn = None
            try:
                s.connect(socket.getaddrinfo("example.com", 80)[0][-1])
                conn = s.makefile("rb")
            except OSError:
                conn.close()
        """,
    "asyncio's own": """
        import asyncio, socket
        async def main():
            try:
                await asyncio.wait_for(asyncio.open_connection("example.com", 80), 3)
            except asyncio.TimeoutError:
                pass
        """,
    "errors of ssl": """
        import socket, ssl
        try:
            ssl.wrap_socket(socket.socket(), do_handshake=False)
        except ssl.SSLError:
            pass
        """,
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_what_only_looks_like_an_offence_is_silent(code: str) -> None:
    assert offences(code) == []

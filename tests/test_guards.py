"""Shapes of guards met in real MicroPython code: what must stay silent, and what must not although it looks guarded."""

from __future__ import annotations

import textwrap

import pytest

from usock_lint import Config, lint_source
from usock_lint.ports import parse_targets


def offences(code: str, target: str = "portable") -> list[str]:
    """The rules that report something in this code, each with its row."""
    config = Config(targets=parse_targets([target]))
    findings = lint_source(textwrap.dedent(code).lstrip("\n"), "example.py", config)
    return [f"{finding.location.row} {finding.name}" for finding in findings]


SILENT = {
    "a condition that names the member": """
        import socket
        sock = socket.socket()
        if hasattr(sock, "shutdown"):
            sock.shutdown(socket.SHUT_RDWR)
        """,
    "a condition that names the member, among others": """
        import socket
        def close(ready):
            c = socket.socket()
            if ready and hasattr(c, "connect_ex"):
                c.connect_ex(("10.0.0.1", 80))
        """,
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
    "a condition that names another member of CPython's alone": """
        import socket
        def peer(x):
            s = socket.socket()
            if hasattr(x, "getsockopt"):
                s.getsockopt(1, 2)
                s.getsockname()
        """,
    "a condition that names MicroPython's own member, and its else": """
        import socket
        s = socket.socket()
        if hasattr(s, "readinto"):
            s.readinto(buf)
        else:
            s.recv_into(buf)
        """,
    "an early exit by raise": """
        import socket
        if not hasattr(socket.socket, "fileno"):
            raise SystemExit
        print(socket.socket().fileno())
        """,
    "an early exit by sys.exit": """
        import socket
        import sys
        if not hasattr(socket.socket, "fileno"):
            sys.exit(1)
        print(socket.socket().fileno())
        """,
    "an early exit by return": """
        import socket
        def number(s=socket.socket()):
            if not hasattr(s, "fileno"):
                return None
            return s.fileno()
        """,
    "an early exit by a function that always raises": """
        import socket
        def unsupported():
            raise NotImplementedError
        if not hasattr(socket.socket, "fileno"):
            unsupported()
        print(socket.socket().fileno())
        """,
    "an early exit by continue": """
        import socket
        for s in [socket.socket()]:
            if not hasattr(socket, "timeout"):
                continue
            print(socket.timeout)
        """,
    "an early exit by a function of another module": """
        import socket
        def instance1():
            if not hasattr(socket, "SO_LINGER"):
                multitest.skip()
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"")
        """,
    "an early exit where TLS is not mbedTLS's": """
        import socket
        import ssl
        if not hasattr(ssl, "CERT_REQUIRED"):
            print("SKIP")
            raise SystemExit
        s = ssl.wrap_socket(socket.socket())
        s.recv(32)
        """,
    "a conditional expression": """
        import socket
        ERROR = socket.error if hasattr(socket, "error") else OSError
        """,
    "getattr with a default": """
        import socket
        TIMEOUT = getattr(socket, "timeout", OSError)
        inet_ntop = getattr(socket, "inet_ntop", None)
        if inet_ntop:
            print(inet_ntop(socket.AF_INET, b"1234"))
        """,
    "trying, then doing it another way": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except AttributeError:
            n = s.readinto(b)
        """,
    "trying, then doing it another way in a broad handler": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except:
            n = s.readinto(b)
        """,
    "trying and returning, then returning something else": """
        import socket
        def name():
            try:
                return socket.gethostname()
            except Exception:
                return "board"
        """,
    "a probe for one name": """
        import socket
        TIMEOUT = None
        try:
            TIMEOUT = socket.timeout
        except AttributeError:
            pass
        """,
    "a probe for one name, with a default": """
        import socket
        try:
            TIMEOUT = socket.timeout
        except AttributeError:
            TIMEOUT = OSError
        """,
    "a courtesy that a broad handler lets go": """
        import socket
        s = socket.socket()
        try:
            s.shutdown(2)
        except:
            pass
        s.close()
        """,
    "the CPython branch of an import": """
        try:
            import usocket as socket
            TIMEOUT = OSError
        except ImportError:
            import socket
            TIMEOUT = socket.timeout
        """,
    "the usocket branch of an import in the other order": """
        try:
            import socket
        except ImportError:
            import usocket as socket
            TIMEOUT = socket.timeout
        """,
    "the rest of a try body after an import that fails": """
        import socket
        try:
            import threading
            TIMEOUT = socket.timeout
        except ImportError:
            TIMEOUT = OSError
        import micropython
        """,
    "a missing name imported with a substitute": """
        try:
            from socket import socket, timeout
        except ImportError:
            from usocket import socket
            timeout = OSError
        """,
    "a condition on the interpreter's name": """
        import socket
        import sys
        if sys.implementation.name == "micropython":
            TIMEOUT = OSError
        else:
            TIMEOUT = socket.timeout
        """,
    "a condition on the interpreter's name, negated": """
        import socket
        from sys import implementation
        if implementation.name != "micropython":
            TIMEOUT = socket.timeout
        """,
    "a condition on the interpreter's name, in a list": """
        import socket
        import sys
        if sys.implementation.name in ("cpython", "pypy"):
            TIMEOUT = socket.timeout
        if sys.implementation[0] not in ("micropython", "circuitpython"):
            TIMEOUT = socket.timeout
        """,
    "a condition on the interpreter's name, in lower case": """
        import socket
        import sys
        if sys.implementation.name.lower() == "cpython":
            TIMEOUT = socket.timeout
        """,
    "a condition that asks for the name first": """
        import socket
        import sys
        if hasattr(sys, "implementation") and sys.implementation.name == "micropython":
            TIMEOUT = OSError
        else:
            TIMEOUT = socket.timeout
        """,
    "a flag of the module": """
        import socket
        import sys
        MICROPYTHON = sys.implementation.name == "micropython"
        def reader(s):
            if not MICROPYTHON:
                return socket.timeout
        """,
    "a flag that a failed import sets": """
        import socket
        try:
            import micropython
            ON_DEVICE = True
        except ImportError:
            ON_DEVICE = False
        ERROR = OSError if ON_DEVICE else socket.error
        """,
    "a flag of a class": """
        import socket
        import sys
        class Link:
            DESKTOP = sys.implementation.name == "cpython"
            def errors(self):
                if self.DESKTOP:
                    return socket.timeout
        """,
    "a flag that __init__ sets": """
        import socket
        import sys
        class Link:
            def __init__(self):
                self.is_upy = sys.implementation.name == "micropython"
            def errors(self, strict):
                if strict and not self.is_upy:
                    return socket.timeout
        """,
    "flags, or-ed": """
        import socket
        import sys
        CPYTHON = sys.implementation.name == "cpython"
        PYPY = sys.implementation.name == "pypy"
        if CPYTHON or PYPY:
            TIMEOUT = socket.timeout
        """,
    "a type checker's block": """
        import socket
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            Timeout = socket.timeout
        """,
    "dead code": """
        import socket
        from micropython import const
        DEBUG = const(0)
        if False:
            print(socket.timeout)
        if DEBUG:
            print(socket.timeout)
        """,
    "an annotation": """
        import socket
        def f(e: socket.timeout, name: "socket.error" = None) -> socket.gaierror:
            last: socket.timeout
        """,
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
    "a clause after one that catches what the body raises": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except Exception:
            pass
        except (socket.timeout, ConnectionError):
            pass
        """,
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
    "the job done another way in a try of the handler": """
        import socket
        def read(buf):
            s = socket.socket()
            try:
                n = s.recv_into(buf)
            except:
                try:
                    n = s.readinto(buf)
                except OSError:
                    return 0
            return n
        """,
    "the job done another way in an else of the handler": """
        import socket
        class Reader:
            def __init__(self):
                self.sock = socket.socket()
            def read(self, buf):
                try:
                    n, address = self.sock.recvfrom_into(buf)
                    data = memoryview(buf)[:n]
                except:
                    if hasattr(self.sock, "recvfrom_into"):
                        return
                    else:
                        data, address = self.sock.recvfrom(64)
                return data
        """,
    "a clause whose failure an outer handler makes good": """
        import socket
        def read(s, buf):
            try:
                try:
                    n = s.recv_into(buf)
                except BlockingIOError:
                    return 0
            except:
                n = s.readinto(buf)
            return n
        """,
}

LOUD = {
    "an error that is hidden, and close() with it": (
        """
        import socket
        s = socket.socket()
        try:
            s.shutdown(2)
            s.close()
        except:
            pass
        """,
        ["4 missing-method"],
    ),
    "an error that is hidden, and the job with it": (
        """
        import socket
        for port in range(1, 100):
            s = socket.socket()
            try:
                s.connect_ex(("10.0.0.1", port))
            except:
                continue
        """,
        ["5 missing-method"],
    ),
    "a handler that gives up": (
        """
        import socket
        def name():
            try:
                return socket.gethostname()
            except Exception:
                return None
        """,
        ["4 missing-function"],
    ),
    "a clause before a bare one": (
        """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except KeyboardInterrupt:
            pass
        except socket.timeout:
            pass
        except:
            pass
        """,
        ["7 socket-timeout"],
    ),
    "a clause before the one that would do": (
        """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except socket.timeout:
            pass
        except OSError:
            pass
        """,
        ["5 socket-timeout"],
    ),
    "a tuple with the name that would do": (
        """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except (OSError, socket.timeout):
            pass
        """,
        ["5 socket-timeout"],
    ),
    "a test that raises itself": (
        """
        import socket
        if not socket.error:
            socket.error = OSError
        """,
        ["2 socket-error"],
    ),
    "a condition on something else": (
        """
        import socket
        s = socket.socket()
        if hasattr(s, "close"):
            s.shutdown(2)
        """,
        ["4 missing-method"],
    ),
    "a condition that only tells of it": (
        """
        import socket
        if not hasattr(socket, "SO_LINGER"):
            print("none")
        print(socket.SO_LINGER)
        """,
        ["4 missing-constant"],
    ),
    "a name given to a module whose names are fixed": (
        """
        import socket
        if not hasattr(socket, "timeout"):
            socket.timeout = OSError
        """,
        ["3 socket-timeout"],
    ),
    "the branch that MicroPython takes": (
        """
        import socket
        import sys
        if sys.implementation.name == "micropython":
            print(socket.timeout)
        """,
        ["4 socket-timeout"],
    ),
    "code outside every guard of a file for both": (
        """
        try:
            import usocket as socket
        except ImportError:
            import socket
        print(socket.timeout)
        """,
        ["5 socket-timeout"],
    ),
    "a handler for another exception": (
        """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except OSError:
            n = s.readinto(b)
        """,
        ["4 missing-method"],
    ),
    "a handler that raises it again": (
        """
        import socket
        s = socket.socket()
        try:
            s.shutdown(2)
        except AttributeError:
            raise
        """,
        ["4 missing-method"],
    ),
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_guarded_code_is_silent(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize(("code", "expected"), LOUD.values(), ids=LOUD)
def test_what_only_looks_guarded_is_reported(code: str, expected: list[str]) -> None:
    assert offences(code) == expected


PLATFORMS = """
import os
import socket
import sys
s = socket.socket()
if {condition}:
    s.connect(("example.com", 80))
"""


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ('sys.platform == "esp32"', False),
        ('sys.platform in ("esp32", "linux")', False),
        ('sys.platform == "rp2"', True),
        ('sys.platform in ("esp32", "rp2")', True),
        ('os.uname().sysname == "esp32"', False),
        ('os.uname()[0] == "esp8266"', True),
        ('sys.platform == "esp32" or sys.platform == "rp2"', True),
        ('not sys.platform == "esp32"', True),
    ],
)
def test_a_condition_on_the_platform_narrows_the_targets(condition: str, breaks: bool) -> None:
    assert bool(offences(PLATFORMS.format(condition=condition), "esp32, esp8266, rp2")) is breaks


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ("sys.implementation.version >= (1, 29)", False),
        ("sys.implementation[1] >= (1, 29, 0)", False),
        ("sys.implementation.version[:2] >= (1, 29)", False),
        ("sys.implementation.version[1] >= 29", False),
        ("sys.implementation.version >= (1, 24)", True),
        ("sys.implementation.version < (1, 29)", True),
    ],
)
def test_a_condition_on_the_release_narrows_the_releases(condition: str, breaks: bool) -> None:
    code = f"""
        import socket
        import sys
        s = socket.socket()
        if {condition}:
            s.sendall(b"x")
        """
    assert bool(offences(code, "unix>=1.20")) is breaks

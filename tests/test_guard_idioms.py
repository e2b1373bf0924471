"""The idioms of real MicroPython code, shape by shape, beyond those of test_guards."""

from __future__ import annotations

import pytest
from shapes import marked, offences

SILENT = {
    # Conditions that name the member
    "the constant that goes with the method": """
        import socket
        def end(sock=socket.socket()):
            if hasattr(sock, "shutdown"):
                sock.shutdown(socket.SHUT_RDWR)
        """,
    "a member asked for, and then one of the same kind": """
        import socket
        def check(x):
            s = socket.socket()
            if hasattr(s, "getsockopt"):
                s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                s.getsockname()
        """,
    "a member asked for with `and` in the expression": """
        import socket
        s = socket.socket()
        name = hasattr(s, "getsockname") and s.getsockname()
        """,
    "a member asked for, not lacking": """
        import socket
        s = socket.socket()
        if not hasattr(s, "recv_into"):
            s.readinto(buf)
        else:
            s.recv_into(buf)
        """,
    "the answer kept in a name": """
        import socket
        HAS_TIMEOUT = hasattr(socket, "timeout")
        def errors():
            if HAS_TIMEOUT:
                return (OSError, socket.timeout)
            return OSError
        """,
    "the answer kept in an attribute": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
                self.can_shutdown = hasattr(self.sock, "shutdown")
            def end(self):
                if self.can_shutdown:
                    self.sock.shutdown(2)
        """,
    # Early exits
    "an early return of a method": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
            def number(self):
                if not hasattr(self.sock, "fileno"):
                    return -1
                return self.sock.fileno()
        """,
    "an early exit by break": """
        import socket
        while True:
            if not hasattr(socket, "timeout"):
                break
            print(socket.timeout)
        """,
    "an early exit by a method that always raises": """
        import socket
        class Link:
            def refuse(self):
                raise RuntimeError("no")
            def errors(self):
                if not hasattr(socket, "timeout"):
                    self.refuse()
                return socket.timeout
        """,
    "an assertion": """
        import socket
        assert hasattr(socket, "timeout")
        print(socket.timeout)
        """,
    # Conditional expressions and getattr
    "a conditional expression, negated": """
        import socket
        ERROR = OSError if not hasattr(socket, "error") else socket.error
        """,
    "getattr with a default, of a socket": """
        import socket
        s = socket.socket()
        getattr(s, "shutdown", lambda how: None)(2)
        """,
    "getattr with None, asked with `is not None`": """
        import socket
        pton = getattr(socket, "inet_pton", None)
        if pton is not None:
            pton(socket.AF_INET, "1.2.3.4")
        """,
    "getattr with a default in an except clause": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except getattr(socket, "timeout", OSError):
            pass
        """,
    # Try, then another way
    "trying, then another way with another method": """
        import socket
        s = socket.socket()
        try:
            s.sendall(b"x")
        except AttributeError:
            s.write(b"x")
        """,
    "trying, then another way with another value": """
        import socket
        def name(s=socket.socket()):
            try:
                peer = s.getpeername()
            except AttributeError:
                peer = None, 0
            return peer
        """,
    "trying for AttributeError among others": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except (AttributeError, TypeError):
            n = s.readinto(b)
        """,
    "trying for AttributeError, alone in the body, and going on": """
        import socket
        s = socket.socket()
        try:
            s.shutdown(socket.SHUT_RDWR)
        except AttributeError:
            pass
        s.close()
        """,
    # A probe for one name
    "a probe for one name in a class": """
        import socket
        class Errors:
            try:
                TIMEOUT = socket.timeout
            except AttributeError:
                TIMEOUT = OSError
        """,
    "a probe for an imported name": """
        import socket
        try:
            from socket import SO_BINDTODEVICE
        except ImportError:
            SO_BINDTODEVICE = None
        """,
    # Import shims
    "the CPython branch of an import, other order": """
        try:
            import socket
            ERROR = OSError
        except ImportError:
            import usocket as socket
            ERROR = socket.error
        """,
    "the CPython branch of an import of another module": """
        import socket
        try:
            import network
        except ImportError:
            ERRORS = (socket.timeout, socket.error)
        """,
    "the CPython branch of a bare except": """
        try:
            import usocket as socket
        except:
            import socket
            socket.setdefaulttimeout(3)
        """,
    # Platforms
    "sys.platform of a computer": """
        import socket, sys
        if sys.platform == "win32":
            print(socket.gethostname())
        elif sys.platform.startswith("darwin"):
            print(socket.gethostname())
        """,
    "the name in upper case": """
        import socket, sys
        if sys.implementation.name.upper() == "CPYTHON":
            print(socket.timeout)
        """,
    "the name, reversed": """
        import socket, sys
        if "cpython" == sys.implementation.name:
            print(socket.timeout)
        """,
    "the name in a name": """
        import socket, sys
        impl = sys.implementation.name
        if impl == "cpython":
            print(socket.timeout)
        """,
    "a substring of the name": """
        import socket, sys
        if "micropython" not in sys.implementation.name:
            print(socket.timeout)
        """,
    "the version's text": """
        import socket, sys
        if "MicroPython" not in sys.version:
            print(socket.timeout)
        """,
    "getattr of the implementation": """
        import socket, sys
        if getattr(sys, "implementation").name == "cpython":
            print(socket.timeout)
        """,
    "a flag, negated": """
        import socket, sys
        IS_UPY = sys.implementation.name == "micropython"
        ON_PC = not IS_UPY
        def error():
            if ON_PC:
                return socket.error
        """,
    "flags, and-ed": """
        import socket, sys
        IS_PC = sys.implementation.name != "micropython"
        IS_NEW = sys.version_info >= (3, 8)
        if IS_PC and IS_NEW:
            print(socket.timeout)
        """,
    "a function that asks": """
        import socket, sys
        def is_micropython():
            return sys.implementation.name == "micropython"
        def error():
            if not is_micropython():
                return socket.error
        """,
    "a property that asks": """
        import socket, sys
        class Link:
            @property
            def is_upy(self):
                return sys.implementation.name == "micropython"
            def error(self):
                return OSError if self.is_upy else socket.error
        """,
    "a flag of a base class": """
        import socket, sys
        class Base:
            is_upy = sys.implementation.name == "micropython"
        class Link(Base):
            def error(self):
                return OSError if self.is_upy else socket.error
        """,
    "what the implementation has": """
        import socket, sys
        IS_UPY = hasattr(sys.implementation, "_mpy")
        def error():
            return OSError if IS_UPY else socket.error
        """,
    "the major version of Python": """
        import socket, sys
        if sys.version_info[0] > 3 or sys.version_info >= (3, 6):
            print(socket.timeout)
        """,
    # Type checkers
    "a constant that const() gave, false": """
        import socket
        from micropython import const
        _ON_PC = const(False)
        if _ON_PC:
            print(socket.timeout)
        """,
    "typing's flag by another name": """
        import socket
        import typing as t
        if t.TYPE_CHECKING:
            Timeout = socket.timeout
        """,
    "an import of typing that fails": """
        import socket
        try:
            from typing import TYPE_CHECKING
        except ImportError:
            TYPE_CHECKING = False
        if TYPE_CHECKING:
            Timeout = socket.timeout
        """,
    "typing's flag set by hand": """
        import socket
        TYPE_CHECKING = False
        if TYPE_CHECKING:
            from socket import timeout
        """,
    # Shims
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
    # Addresses
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
    # Names that are not the module
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
    # Delegation
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
    # Placeholders
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
    # Clauses that never run
    "a clause after OSError": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except OSError:
            pass
        except socket.timeout:
            pass
        """,
    # asyncio's and others'
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
            ssl.wrap_socket(socket.socket())
        except ssl.SSLError:
            pass
        """,
}

LOUD = {
    "close that never runs": """
        import socket
        def end(s=socket.socket()):
            try:
                s.shutdown(socket.SHUT_RDWR)  #
                s.close()
            except:
                pass
        """,
    "close that never runs, in a method": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
            def end(self):
                try:
                    self.sock.shutdown(2)  #
                    self.sock.close()
                except Exception as e:
                    print(e)
        """,
    "a scanner that finds nothing": """
        import socket
        for port in range(1, 10):
            s = socket.socket()
            try:
                if s.connect_ex(("10.0.0.1", port)) == 0:  #
                    print(port)
            except:
                continue
        """,
    "a second clause that raises itself": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except KeyboardInterrupt:
            pass
        except socket.timeout:  # socket-timeout
            pass
        except:
            pass
        """,
    "a tuple that is built first": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except (OSError, socket.timeout):  # socket-timeout
            pass
        """,
    "a tuple that is built before, by name": """
        import socket
        ERRORS = (OSError, socket.timeout)  # socket-timeout
        """,
    "a test that raises": """
        import socket
        if not socket.error:  # socket-error
            socket.error = OSError
        """,
    "a condition on another member": """
        import socket
        s = socket.socket()
        if hasattr(s, "close") and hasattr(s, "recv"):
            s.shutdown(2)  #
        """,
    "the else of a condition on the member": """
        import socket
        s = socket.socket()
        if hasattr(s, "shutdown"):
            pass
        else:
            s.shutdown(2)  #
        """,
    "a dual file, outside the guard": """
        import socket, sys
        if sys.implementation.name == "micropython":
            import network
        s = socket.socket()
        s.shutdown(2)  #
        """,
    "after an exit of CPython": """
        import socket, sys
        if sys.implementation.name != "micropython":
            sys.exit()
        socket.socket().shutdown(2)  #
        """,
    "in the handler that MicroPython runs": """
        import socket
        try:
            import threading
        except ImportError:
            print(socket.timeout)  # socket-timeout
        """,
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_guarded_code_is_silent(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize("code", LOUD.values(), ids=LOUD)
def test_what_only_looks_guarded_is_reported(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")


PLATFORM = """
import os, sys, socket
ESP32 = sys.platform == "esp32"
IS_LWIP = sys.platform in ("rp2", "esp8266")
class Link:
    on_esp32 = ESP32
    def __init__(self):
        self.is_esp32 = os.uname().sysname == "esp32"
    def connect(self, s=socket.socket()):
        {opening}
            s.connect(("example.com", 80))
self = Link()
def connect(s=socket.socket()):
    {opening}
        s.connect(("example.com", 80))
"""


@pytest.mark.parametrize(
    ("opening", "breaks"),
    [
        ('if "esp32" == sys.platform:', False),
        ('if sys.platform != "esp32":', True),
        ('if sys.platform not in ("esp32", "linux"):', True),
        ('if sys.platform.startswith("esp32"):', False),
        ('if sys.platform.startswith("esp"):', True),
        ('if sys.platform.lower() == "esp32":', False),
        ('if "esp32" in sys.platform:', False),
        ('if "ESP32" in os.uname().machine:', True),
        ('if sys.platform.find("esp32") >= 0:', True),
        ('if os.uname()[0] == "esp32":', False),
        ('if os.uname().sysname in ["esp32"]:', False),
        ('if sys.platform == "rp2":\n            pass\n        elif sys.platform == "esp32":', False),
        ("if ESP32:", False),
        ("if not ESP32:", True),
        ("if IS_LWIP:", True),
        ("if ESP32 and not IS_LWIP:", False),
        ("if self.on_esp32:", False),
        ("if self.is_esp32:", False),
        ("if Link.on_esp32:", False),
        ("if ESP32 is True:", False),
        ("if ESP32 == True:", False),
        ("while ESP32:", False),
    ],
)
def test_a_condition_on_the_platform_narrows_the_targets(opening: str, breaks: bool) -> None:
    code = PLATFORM.replace("        {opening}", "        " + opening, 1).replace(
        "    {opening}", "    " + opening.replace("\n        ", "\n    "), 1
    )
    rows = len(offences(code, "esp32, esp8266, rp2"))
    assert rows == (2 if breaks else 0)


def test_an_early_return_on_the_platform_narrows_the_targets() -> None:
    code = """
        import sys, socket
        def connect(s=socket.socket()):
            if sys.platform != "esp32":
                return s.connect(socket.getaddrinfo("example.com", 80)[0][-1])
            s.connect(("example.com", 80))
        """
    assert offences(code, "esp32, rp2") == []


RELEASE = """
import os, sys, socket
NEW = sys.implementation.version >= (1, 29)
def send(s=socket.socket()):
    if {condition}:
        s.sendall(b"x")
"""


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ("NEW", False),
        ("not NEW", True),
        ("(1, 29) <= sys.implementation.version", False),
        ("(1, 29, 0) <= sys.implementation[1]", False),
        ("sys.implementation.version > (1, 28, 9)", False),
        ("sys.implementation.version[0] == 1 and sys.implementation.version[1] >= 29", False),
        ("sys.implementation.version[0:2] >= (1, 29)", False),
        ("sys.implementation[1][:2] >= (1, 29)", False),
        ("not sys.implementation.version < (1, 29)", False),
        ("sys.implementation.version >= (1, 20)", True),
        ('sys.platform == "linux"', True),
    ],
)
def test_a_condition_on_the_release_narrows_the_releases(condition: str, breaks: bool) -> None:
    assert bool(offences(RELEASE.format(condition=condition), "unix>=1.20")) is breaks


UNAME = """
import os, socket
def peek(s=socket.socket()):
    if {condition}:
        print(socket.MSG_PEEK)
"""


@pytest.mark.parametrize(
    ("condition", "target", "breaks"),
    [
        ('os.uname().release >= "1.26"', "esp32>=1.20", False),
        ('os.uname().release >= "1.26.0"', "rp2>=1.20", False),
        ('os.uname().release.startswith("1.26")', "esp32>=1.20", False),
        ('os.uname()[2] >= "1.26"', "rp2>=1.20", False),
        ('os.uname().version.startswith("v1.26")', "rp2>=1.20", False),
        ('"v1.26" in os.uname()[3]', "rp2>=1.20", False),
        ('os.uname().release < "1.26"', "esp32>=1.20", True),
        ('os.uname().release >= "1.26"', "esp8266>=1.20", True),
        ("os.uname().machine", "rp2>=1.20", True),
    ],
)
def test_os_uname_narrows_the_releases(condition: str, target: str, breaks: bool) -> None:
    assert bool(offences(UNAME.format(condition=condition), target)) is breaks


def test_getattr_of_the_platform_narrows_the_targets() -> None:
    code = """
        import sys, socket
        if getattr(sys, "platform", "") == "esp32":
            socket.socket().connect(("example.com", 80))
        """
    assert offences(code, "esp32, rp2") == []

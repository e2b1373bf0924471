"""Guards met in real MicroPython code that ask for what may be missing, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SILENT = {
    # Conditions that name the member
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
    "an attribute that each response of requests has": """
        import network
        import requests
        def body(url):
            response = requests.get(url)
            if hasattr(response, "text"):
                return response.text
            return response.content.decode("utf-8", errors="ignore")
        def read(url, post):
            response = requests.post(url) if post else requests.get(url)
            if not hasattr(response, "json"):
                return response.content.decode("utf-8", errors="ignore")
            return response.text if hasattr(response, "text") else str(response.content, encoding="utf-8")
        """,
    "an attribute that no response of micropython-lib's requests has": """
        import network
        import requests
        def read(url):
            response = requests.get(url)
            if hasattr(response, "iter_content"):
                return b"".join(response.iter_content(64))
            if getattr(response, "ok", False):
                return response.ok
            return response.content
        """,
    "a method or property that the class has": """
        import socket
        class Base:
            def reset(self):
                pass
            @property
            def text(self):
                return ""
        class Link(Base):
            def __init__(self):
                self.sock = socket.socket()
            def end(self):
                if hasattr(self, "reset"):
                    self.reset()
                else:
                    self.sock.shutdown(2)
        link = Link()
        if not hasattr(link, "text"):
            link.sock.shutdown(2)
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
        s = ssl.wrap_socket(socket.socket(), do_handshake=False)
        s.recv(32)
        """,
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
}

LOUD = {
    "a test that raises itself": """
        import socket
        if not socket.error:  # socket-error
            socket.error = OSError
        """,
    "a condition on something else": """
        import socket
        s = socket.socket()
        if hasattr(s, "close"):
            s.shutdown(2)  #
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
    "a condition that only tells of it": """
        import socket
        if not hasattr(socket, "SO_LINGER"):
            print("none")
        print(socket.SO_LINGER)  # missing-constant
        """,
    "the text of an error that has none": """
        import socket
        s = socket.socket()
        try:
            s.send(b"x")
        except OSError as e:
            if str(e):
                print(e)
            else:
                s.shutdown(2)  #
        """,
    "the number of an error that has none": """
        import socket
        s = socket.socket()
        try:
            s.send(b"x")
        except OSError as e:
            if not e.errno:
                s.shutdown(2)  #
        """,
    "the text of a constant from an index on": """
        import socket
        if "linux".startswith("nux", 2):
            socket.socket().shutdown(2)  #
        """,
    "the text of a constant without some characters": """
        import socket
        if "linux".strip("x") == "linu":
            socket.socket().shutdown(2)  #
        """,
    "the default of `next`": """
        import socket
        s = socket.socket()
        first = next(iter(["a"]), None)
        if first is None:
            s.shutdown(2)  #
        """,
    "a name that a str is asked for and no str has": """
        import socket
        def end(text):
            if hasattr(str(text), "decode"):
                socket.socket().shutdown(2)  #
        """,
    "hasattr of a method that only some classes have": """
        import socket
        class Base:
            def __init__(self):
                self.sock = socket.socket()
            def end(self):
                if hasattr(self, "reset"):
                    self.reset()
                else:
                    self.sock.shutdown(2)  #
        class Link(Base):
            def reset(self):
                pass
        """,
    "hasattr of a name that may be any": """
        import socket
        s = socket.socket()
        def end(other):
            name = "send" if other is None else other()
            if hasattr(s, name):
                pass
            else:
                s.shutdown(2)  #
        """,
    "an item of a tuple at an index that may be any": """
        import socket
        def end(last):
            at = 0 if last is None else int(last)
            if ("", "end", "other")[at]:
                socket.socket().shutdown(2)  #
        """,
    "a name given to a module whose names are fixed": """
        import socket
        if not hasattr(socket, "timeout"):
            socket.timeout = OSError  # socket-timeout
        """,
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_guarded_code_is_silent(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize("code", LOUD.values(), ids=LOUD)
def test_what_only_looks_guarded_is_reported(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")


def test_what_may_be_something_else_than_an_address_may_have_another_type() -> None:
    code = """
        import socket
        s = socket.socket()
        s.bind(("0.0.0.0", 80))
        s.listen(1)
        def serve(ready):
            peer = None
            if ready:
                _, peer = s.accept()
            if not isinstance(peer, tuple):
                s.shutdown(2)  #
        """
    assert offences(code, "rp2") == marked(code, "missing-method")


@pytest.mark.parametrize(
    ("name", "condition"),
    [("ESP32", "name in os.uname().machine"), ("platform", 'getattr(sys, name) == "esp32"')],
    ids=["machine", "getattr"],
)
def test_a_text_that_may_be_any_decides_nothing(name: str, condition: str) -> None:
    code = f"""
        import os, socket, sys
        s = socket.socket()
        def end(other):
            name = "{name}" if other is None else other()
            if {condition}:
                pass
            else:
                s.shutdown(2)  #
        """
    assert offences(code, "esp32") == marked(code, "missing-method")

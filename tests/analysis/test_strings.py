"""Bytes or str: what is reported is bytes for certain, and an operation rules out what it would raise for."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.shapes import marked, offences

_START = """
import socket
s = socket.socket()
s.connect(socket.getaddrinfo("example.org", 80)[0][-1])
"""

PERHAPS_STR = {
    "decoded in a try": """
        raw = s.recv(100)
        try:
            raw = raw.decode()
        except UnicodeError:
            pass
        lines = raw.split("\\r\\n")
        print(lines[0].split(" "))
        for line in lines[1:]:
            name, value = line.split(": ")
            print(name.replace("-", "_"), value == "close")
        """,
    "assigned before the try": """
        data = s.recv(100)
        text = data
        try:
            text = data.decode("utf-8")
        except UnicodeError:
            print("binary")
        print(text.split("\\n")[0].find("x"))
        """,
    "decoded where there is any": """
        data = s.recv(100)
        data = data.decode() if data else data
        print([part.strip("/") for part in data.split(" ")])
        """,
    "a test of the type": """
        x = s.recv(100)
        if type(x) == bytes:
            x = x.decode()
        print(x.split(" ")[0].split("/"))
        """,
    "a test of the type, negated": """
        x = s.recv(100)
        if type(x) is not str:
            x = x.decode()
        print(x.split(" ")[0].split("/"))
        """,
    "a test for several types": """
        x = s.recv(100)
        if type(x) in (bytes, bytearray):
            x = x.decode()
        print(x.split(" "))
        """,
    "the name of the type": """
        x = s.recv(100)
        if type(x).__name__ == "bytes":
            x = x.decode()
        print(x.split(" "))
        """,
    "the type as text": """
        x = s.recv(100)
        if "bytes" in str(type(x)):
            x = x.decode()
        print(x.split(" "))
        """,
    "the class": """
        x = s.recv(100)
        if x.__class__ is bytes:
            x = x.decode()
        print(x.split(" "))
        """,
    "a test for the method": """
        x = s.recv(100)
        if hasattr(x, "decode"):
            x = x.decode()
        print(x.split(" ")[0].split("/"))
        """,
    "a test for a method of str": """
        x = s.recv(100)
        if not hasattr(x, "encode"):
            x = x.decode()
        print(x.split(" "))
        """,
    "the method, if there is one": """
        x = s.recv(100)
        if callable(getattr(x, "decode", None)):
            x = x.decode()
        print(x.split(" "))
        """,
    "a walrus": """
        if isinstance((x := s.recv(100)), bytes):
            x = x.decode()
        print(x.split(" "))
        """,
    "and, or": """
        x = s.recv(100)
        if x and (isinstance(x, bytearray) or type(x) == bytes):
            x = x.decode()
        else:
            x = ""
        print(x.split(" "))
        """,
    "a function that leaves early": """
        def text(x):
            if isinstance(x, str):
                return x
            return x.decode()
        print(text(s.recv(100)).split(" ")[0].split("/"))
        """,
    "a function that may leave it as it is": """
        def text(x):
            try:
                return x.decode()
            except UnicodeError:
                return x
        print(text(s.recv(100)).split(" ")[0].split("/"))
        """,
    "a parameter": """
        def first(x):
            try:
                x = x.decode()
            except (UnicodeError, AttributeError):
                pass
            return x.split(" ")[0].split("/")
        first(s.recv(100))
        first("GET /")
        """,
    "an attribute": """
        class Request:
            def __init__(self, raw):
                try:
                    self.text = raw.decode()
                except UnicodeError:
                    self.text = raw
            def verb(self):
                verb, path = self.text.split(" ")
                return verb.strip("/"), path.split("?")
        Request(s.recv(100)).verb()
        """,
    "asked for an attribute": """
        x = s.recv(3)
        try:
            x.encode
        except AttributeError:
            x = x.decode()
        print(x == "a", x.split(" "))
        """,
    "asked for an attribute of what may be either": """
        def first(x):
            try:
                x.decode
                x = x.decode()
            except AttributeError:
                pass
            return x.split(" ")[0] == "a"
        first(s.recv(100))
        first("GET /")
        """,
    "asked for an attribute, and else": """
        x = s.recv(3)
        try:
            x.encode
        except AttributeError:
            pass
        else:
            print(x == "a")
        """,
    "an item": """
        parts = [s.recv(100)]
        try:
            parts[0] = parts[0].decode()
        except UnicodeError:
            pass
        parts.append("end")
        print(parts[0].split(" "))
        """,
    "what is unpacked": """
        raw = s.recv(100)
        try:
            raw = raw.decode()
        except UnicodeError:
            pass
        verb, *rest = raw.split(" ")
        print(verb.strip("/"), rest[0].split("/"))
        """,
    "added to a str": """
        data = ""
        if s.recv(1):
            data = b""
        data += s.recv(10)
        """,
    "parsed, or not": """
        import json
        message = s.recv(100)
        try:
            message = json.loads(message)
        except ValueError:
            pass
        if message["kind"] == "x" and message.get("name").split("/"):
            print(message == "y", message in ("a", "b"))
        """,
}


@pytest.mark.parametrize("code", PERHAPS_STR.values(), ids=PERHAPS_STR)
def test_what_may_be_a_str_is_silent(code: str) -> None:
    assert offences(_START + _dedented(code)) == []


BYTES = {
    "nothing else": """
        print(s.recv(10).split("\\r\\n"))  #
        """,
    "no test": """
        x = s.recv(10)
        print(x.split("a")[0].split("b"))  #
        """,
    "of two reads": """
        x = s.recv(10) if input() else s.read(10)
        print(x.split("a"))  #
        """,
    "after a method that only bytes have": """
        x = ""
        if input():
            x = s.recv(10)
        print(x.decode())
        print(x == "a")  #
        """,
    "after a method with bytes": """
        x = ""
        if input():
            x = s.recv(10)
        print(x.find(b"b"))
        print(x == "a")  #
        """,
    "after what a str cannot be added to": """
        x = ""
        if input():
            x = s.recv(10)
        print(x + b"!")
        print(x == "a")  #
        """,
    "of a type": """
        def show(x):
            if type(x) is bytes:
                print(x.find("a"))  #
            elif x.__class__ == str:
                print(x.find("a"))
        show(s.recv(10))
        show("text")
        """,
    "where a str is excluded": """
        def show(x):
            if isinstance(x, str):
                return
            print(x.find("a"))  #
        show(s.recv(10))
        show("text")
        """,
    "in a handler": """
        x = ""
        try:
            x = s.recv(10)
            x.split(b"a")
        except OSError:
            print(x == "a")
        print(x == "a")
        """,
    "added the first time round": """
        text = ""
        for _ in range(10):
            text += s.recv(1)  #
        """,
    "added, in a function": """
        def read(text):
            for _ in range(10):
                text = text + s.recv(1)  #
        read("")
        """,
    "added in a class": """
        class Reader:
            def __init__(self):
                self.text = ""
            def read(self):
                self.text += s.recv(1)  #
        Reader().read()
        """,
}


@pytest.mark.parametrize("code", BYTES.values(), ids=BYTES)
def test_what_is_bytes_is_reported(code: str) -> None:
    whole = _START + _dedented(code)
    assert sorted(set(offences(whole))) == sorted(set(marked(whole, "bytes-str-comparison")))


def _dedented(code: str) -> str:
    return textwrap.dedent(code).lstrip("\n")

"""json and re as MicroPython has them: json of whatever can be printed, and regular expressions of a few forms."""

from __future__ import annotations

import json as host_json
import re as host_re
from collections.abc import Callable, Iterator
from typing import Any, cast

from usock_lint.ports import Release
from usock_lint.shim.core.sealed import Module

CLOSES_SINCE: Release = (1, 26, 0)
"""Up to then the end of the text closed what was open (run:unix@1.25, 1.26)."""

ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def json(release: Release) -> Module:
    """The module."""

    def loads(text: Any) -> Any:
        try:
            return host_json.loads(text)
        except ValueError:
            if release >= CLOSES_SINCE or not text:
                raise ValueError("syntax error in JSON") from None
            return host_json.loads(closed(text))

    def load(stream: Any) -> Any:
        return loads(stream.read())

    def dumps(value: Any, *, separators: Any = None) -> str:
        return written(value, *(separators or (", ", ": ")))

    def dump(value: Any, stream: Any, *, separators: Any = None) -> None:
        stream.write(dumps(value, separators=separators))

    return Module({"__name__": "json", "dump": dump, "dumps": dumps, "load": load, "loads": loads})


def closed(text: Any) -> str:
    """The text with the brackets that it leaves open closed."""
    words = text if isinstance(text, str) else bytes(text).decode()
    opened: list[str] = []
    for sign in host_re.sub(r'"(?:[^"\\]|\\.)*"', "", words):
        if sign in "[{":
            opened.append("]" if sign == "[" else "}")
        elif sign in "]}" and opened:
            opened.pop()
    return words + "".join(reversed(opened))


def written(value: Any, comma: str, colon: str) -> str:
    """A value as JSON; what JSON has not is printed (py/objstr.c:112@v1.28.0)."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str | bytes | bytearray):
        return quoted(value if isinstance(value, str) else bytes(value).decode("utf-8", "replace"))
    if isinstance(value, dict):
        members = cast("dict[Any, Any]", value)
        pairs = [key(name, comma, colon) + colon + written(one, comma, colon) for name, one in members.items()]
        return f"{{{comma.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{comma.join(written(one, comma, colon) for one in cast('list[Any]', value))}]"
    return str(value)


def key(name: Any, comma: str, colon: str) -> str:
    """The name of a member: always a text."""
    text = written(name, comma, colon)
    return text if text.startswith('"') else f'"{text}"'


def quoted(text: str) -> str:
    """A text with as few escapes as can be."""
    return '"' + "".join(ESCAPES.get(sign, sign if sign >= " " else f"\\u{ord(sign):04x}") for sign in text) + '"'


def re() -> Module:
    """The module."""

    def compiled(pattern: Any, flags: int = 0) -> Any:
        found: Any = pattern if hasattr(pattern, "pattern") else host_re.compile(translated(pattern), flags)
        return found

    def calling(name: str) -> Callable[..., Any]:
        def call(pattern: Any, *arguments: Any) -> Any:
            return getattr(compiled(pattern), name)(*arguments)

        return call

    names = ("match", "search", "sub")
    return Module({"__name__": "re", "compile": compiled, **{name: calling(name) for name in names}})


def translated(pattern: Any) -> Any:
    """The host's form of a regular expression. Raises ValueError for `(?P<name>` and its like.

    Braces are letters like any other, and a backslash makes one of every letter but d, s and w: lib/re1.5@v1.28.0.
    """
    if isinstance(pattern, bytes | bytearray):
        return bytes(pattern) if b"\\" not in pattern and b"(" not in pattern else as_bytes(bytes(pattern))
    return "".join(pieces(pattern))


def as_bytes(pattern: bytes) -> bytes:
    """The same of bytes."""
    return "".join(pieces(pattern.decode("latin-1"))).encode("latin-1")


def pieces(pattern: str) -> Iterator[str]:
    """The parts of the host's regular expression."""
    for found in host_re.finditer(r"\\.|\(\?.?|.|\\", pattern, host_re.DOTALL):
        part = found[0]
        if part == "\\" or (part.startswith("(?") and part != "(?:"):
            raise ValueError("error in regex")
        if part in "{}":
            yield f"\\{part}"
        elif part[0] == "\\" and part[1].lower() not in "dsw":
            yield host_re.escape(part[1])
        else:
            yield part

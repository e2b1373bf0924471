"""Edits of a program as somebody makes them who works on it, one after the other."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from typing import Final

_NAME: Final = re.compile(r"(?<![\w.])[a-zA-Z_]\w*")
_WORD: Final = re.compile(r"\w+")
_NUMBER: Final = re.compile(r"\b\d+\b")
_KEYWORDS: Final = frozenset(
    "def class if else elif for while try except import from as return with in not and or".split()
)

_LINES: Final = (
    "import ssl",
    "import usocket as socket",
    "from socket import *",
    "import network",
    "sock = socket.socket()",
    "sock.settimeout(2)",
    "global sock",
    "global HOST, PORT",
    "sock = None",
    "self.sock = socket.socket()",
    "self.sock.settimeout(5)",
    "self.sock = None",
    "self.timeout = 3",
    "self.sock.close()",
    "return sock",
    "return None",
    "return self.sock",
    "return socket.socket()",
    "raise ValueError",
    "while True: pass",
    "serve(sock)",
    "data = sock.recv(10).decode()",
    "setattr(self, HOST, 1)",
    "obj.timeout = 5",
    "obj.close()",
    "_thread.start_new_thread(serve, (sock,))",
    "socket.socket.sendall = None",
    "if sys.platform == 'esp32': return",
    "if not IS_MICROPYTHON: raise OSError",
    "rows = []",
    "rows.append(sock)",
    "sock = rows.pop()",
    "sock: socket.socket = make()",
    "callback = lambda s: s.send('x')",
    "# noqa",
    "# usock-lint: target=esp32",
    "",
)
_BLOCKS: Final = (
    "def serve(sock, timeout=5):\n    sock.settimeout(timeout)\n    return sock.recv(1)\n",
    "def make():\n    return socket.socket()\n",
    "def connect():\n    def inner():\n        return socket.socket()\n    return inner()\n",
    "def touch():\n    global sock\n    sock = socket.socket()\n    sock.settimeout(1)\n",
    "class Base:\n    sock = None\n\n    def send(self, data):\n        raise NotImplementedError\n",
    "class Derived(Base):\n    def __init__(self):\n        self.sock = socket.socket()\n",
    "def use(thing):\n    for one in thing.rows:\n        one.sock.send('x')\n",
    "try:\n    import ssl\nexcept ImportError:\n    ssl = None\n",
    "if __name__ == '__main__':\n    make()\n",
    "IS_MICROPYTHON = config.IS_MICROPYTHON\n",
    "sock = make()\n",
)

Edit = Callable[[random.Random, list[str]], list[str]]


def versions(text: str, count: int, seed: int) -> Iterator[str]:
    """The text, then versions of it, each of which differs from one before by an edit or two."""
    chance, known = random.Random(seed), [text]
    yield text
    for _ in range(count):
        # Now and then somebody undoes what they have done.
        now = known[chance.randrange(len(known))] if chance.random() < 0.15 else known[-1]
        for _ in range(chance.choice((1, 1, 1, 2))):
            now = "".join(chance.choice(_EDITS)(chance, now.splitlines(keepends=True) or ["\n"]))
        known.append(now)
        yield now


def _row(chance: random.Random, lines: list[str]) -> int:
    return chance.randrange(len(lines))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())].rstrip("\n")


def _delete(chance: random.Random, lines: list[str]) -> list[str]:
    row = _row(chance, lines)
    return lines[:row] + lines[row + 1 :]


def _repeat(chance: random.Random, lines: list[str]) -> list[str]:
    row, other = _row(chance, lines), _row(chance, lines)
    return [*lines[:row], _indent(lines[row]) + lines[other].lstrip(" \t"), *lines[row:]]


def _insert(chance: random.Random, lines: list[str]) -> list[str]:
    row = _row(chance, lines)
    return [*lines[:row], f"{_indent(lines[row])}{chance.choice(_LINES)}\n", *lines[row:]]


def _add(chance: random.Random, lines: list[str]) -> list[str]:
    """Put statements of the module between others."""
    rows = [row for row, line in enumerate(lines) if line[:1].isalpha()] or [0]
    row = chance.choice(rows)
    return [*lines[:row], chance.choice(_BLOCKS), *lines[row:]]


def _change(pattern: re.Pattern[str], other: Callable[[random.Random, list[str]], str]) -> Edit:
    def edit(chance: random.Random, lines: list[str]) -> list[str]:
        places = [(row, found) for row, line in enumerate(lines) for found in pattern.finditer(line)]
        if not places:
            return lines
        row, found = chance.choice(places)
        line = lines[row][: found.start()] + other(chance, lines) + lines[row][found.end() :]
        return [*lines[:row], line, *lines[row + 1 :]]

    return edit


def _rename(chance: random.Random, lines: list[str]) -> list[str]:
    """Give a name another one wherever it is."""
    names = sorted({found[0] for line in lines for found in _NAME.finditer(line)} - _KEYWORDS)
    if not names:
        return lines
    name, new = chance.choice(names), chance.choice((*names, "other", "_hidden"))
    return [re.sub(rf"\b{name}\b", new, line) for line in lines]


def _join(chance: random.Random, lines: list[str]) -> list[str]:
    """Leave a line unfinished, as while it is typed."""
    row = _row(chance, lines)
    line = lines[row].rstrip("\n")
    return [*lines[:row], line[: chance.randrange(len(line) + 1)] + "\n", *lines[row + 1 :]]


def _word(chance: random.Random, lines: list[str]) -> str:
    return chance.choice([*_WORD.findall("".join(lines)), "x"])


_EDITS: Final[tuple[Edit, ...]] = (
    _delete,
    _repeat,
    _insert,
    _insert,
    _insert,
    _add,
    _rename,
    _join,
    _change(_NUMBER, lambda chance, _: str(chance.choice((0, 1, 80, 5000)))),
    _change(_WORD, _word),
    _change(re.compile(r"return .*"), lambda chance, lines: f"return {_word(chance, lines)}"),
    _change(re.compile(r"(?<=\n)\n|^\n"), lambda _chance, _lines: "\n\n"),
)

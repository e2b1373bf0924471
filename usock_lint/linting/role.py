"""Decides where a file runs (its role) by what it imports. It searches the bytes, as parsing every file would be slow.

Only imports at top level and outside any `if` or `try` decide: a board stops at one of a module that it does not have.
An import under a condition may be one of several alternatives.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Iterable, Iterator

from usock_lint.diagnostics import LeftOut
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.ports.modules import (
    CIRCUITPYTHON,
    CPYTHON_ONLY,
    IN_LIBRARY,
    MICROPYTHON,
    MICROPYTHON_ONLY,
    PYCOM,
    TESTING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from usock_lint.diagnostics import Why

    Name = Literal["device", "dual", "host", "fork"]
else:
    Name = None  # a name in annotations, which nothing evaluates

_REST = rb"(?:[\w., \t\f]|\\\r?\n)+"
_MORE = rb"(?:[\w., \t\f]|\\\r?\n|\([^)]*\))+"
_BLANK = rb"(?:[ \t\f]|\\\n)"
_STATEMENT = rb"""
    f(?<![.\w]f)rom BLANK+ (?P<source>[\w.]+) BLANK+ import\b BLANK* (?:\((?P<many>[^)]*) | (?P<few>(?:[\w,]|BLANK)*))
    | i(?<![.\w]i)mport BLANK+ (?P<names>(?:[\w.,]|BLANK)+)
    """.replace(b"BLANK", _BLANK)
_FLAGS = re.DOTALL | re.MULTILINE | re.VERBOSE

# A fast first search, which finds more than the imports at top level: also text in strings that looks like one.
_PERHAPS = rb"(?:\n\f*|;[ \t\f]*) (?:" + _STATEMENT + rb")"
_PERHAPS_FORK = (b"socketpool", b"pycom", b"adafruit_", b"AF_LORA", b"LTE", b"LoRa", b"Sigfox")

# Strings and comments are matched so that what stands in them is not taken for an import. A string that is not closed
# matches too, or the search would begin anew at each quote in it.
_IN_TEXT = rb"""
    \#[^\n]* | \"{3}.*?(?:\"{3}|\Z) | '{3}.*?(?:'{3}|\Z) | "[^"\\\n]*(?:\\.[^"\\\n]*)*"? | '[^'\\\n]*(?:\\.[^'\\\n]*)*'?
    """

# `head` begins a line that is no import.
_TOKEN = rb"""
    IN_TEXT
    | (?P<top>^\f*)? (?:STATEMENT)
    | (?P<aware>\bsys\.implementation\b) | (?P<lora>\bAF_LORA\b)
    | ^(?P<head>@|[^\W\d]\w*)
    """.replace(b"IN_TEXT", _IN_TEXT).replace(b"STATEMENT", _STATEMENT)

# The imports wherever they stand. Each alternative begins with a character, so that the search skips to the next one.
_ANYWHERE = _IN_TEXT + b"|" + _STATEMENT
_INNER = frozenset((b"@", b"async", b"class", b"def"))

# What a program on a computer plays MicroPython's own modules with: files of their names that do not import the real
# ones, and classes of theirs.
_STAND_INS = {
    "socket.py": frozenset(("socket", "usocket")),
    "usocket.py": frozenset(("usocket",)),
    "uselect.py": frozenset(("uselect",)),
    "ussl.py": frozenset(("ussl",)),
}
_PLAYED = {
    "machine.py": rb"^class[ \t]+(?:ADC|I2C|Pin|PWM|RTC|SPI|Timer|UART)\b",
    "network.py": rb"^class[ \t]+(?:LAN|PPP|WLAN)\b",
}


class Role(NamedTuple):
    """The kind of interpreter that a file is for; if the file is left out of a run, also the reason.

    *fork*: on CircuitPython or another firmware with a socket module of its own. *host*: on a computer, because it
    imports a module that no board has and none that only MicroPython has, is a test, or stands in for a module of
    MicroPython. *dual*: on both, because it imports modules of both. *device*: every other file.
    """

    name: Name
    left_out: LeftOut | None = None


class _Import(NamedTuple):
    name: str
    """The module, and also each name that is imported from it: `http`, `http.server`."""
    row: int
    guard: Literal["", "condition", "function"]
    """The statement that the import is nested in; "" at top level."""

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def foreign(self) -> str:
        return _foreign(self.name)


_DEVICE = Role("device")


def role(data: bytes, path: str = "<stdin>", folder: str | None = None) -> Role:
    """The role of a file with these bytes. `folder` is the one below which it was found, if it was not named itself."""
    text, name = data.removeprefix(codecs.BOM_UTF8), os.path.basename(path)
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found = [*_imports(text, _far_enough(text, name))]
    if fork := _fork(one for one in found if not one.guard):
        return Role("fork", fork)
    if _stands_in(text, name, found):
        return Role("host", LeftOut("stand-in"))
    tests = [one for one in found if one.package in TESTING and not one.guard]
    foreign = [one for one in found if one.foreign and not one.guard]
    lacking = _without_project(foreign, path, folder) if foreign else []
    surely = bool(tests) or any(_is_of_computers(one.foreign) for one in lacking)
    for_boards = any(one.package in MICROPYTHON_ONLY and not (surely and one.guard == "function") for one in found)
    if (tests or lacking) and not for_boards:
        imports = sorted({(one.row, one.foreign or one.package) for one in (*tests, *lacking)})
        return Role("host", _because("test" if tests else "host", ((name, row) for row, name in imports)))
    if fork := _fork(found):
        return Role("fork", fork)
    return Role("dual") if tests or lacking else _DEVICE


def _without_project(foreign: Iterable[_Import], path: str, folder: str | None) -> list[_Import]:
    """The imports of modules that are not part of the project either."""
    from usock_lint.files.project import Modules

    known = Modules(path, folder)
    return [one for one in foreign if one.package not in known]


def _is_of_computers(foreign: str) -> bool:
    """True if a module is certainly CPython's, and not a driver or the like that is copied to a board.

    A file that imports such a module at top level never reaches its functions on a board, whatever they import.
    """
    return foreign not in IN_LIBRARY and (foreign in CPYTHON_ONLY or foreign in sys.stdlib_module_names)


def _far_enough(text: bytes, name: str) -> int:
    """The end of what has to be read with care to tell the role: most files need not be read so, or to the last import.

    Where something of MicroPython's alone may be imported, it is anywhere.
    """
    if name in _STAND_INS or name in _PLAYED or any(word in text for word in _PERHAPS_FORK):
        return len(text)
    decisive = [
        found.end() for found in re.finditer(_PERHAPS, b"\n" + text, _FLAGS) if any(map(_is_decisive, _names(found)))
    ]
    if not decisive:
        return 0
    aware = b"sys.implementation" in text or not MICROPYTHON_ONLY.isdisjoint(words_of_imports(text))
    return len(text) if aware else decisive[-1]


def _is_decisive(name: str) -> bool:
    return bool(_foreign(name)) or name.partition(".")[0] in TESTING


def words_of_imports(text: bytes) -> set[str]:
    """The words in everything that looks like an import: a superset of the imported names, found many times as fast."""
    found: list[bytes] = [*re.findall(rb"import" + _REST, text), *re.findall(rb"from" + _REST, text)]
    return {*re.split(r"[^\w]+", b" ".join(found).decode("latin-1"))}


def every_word_of_imports(data: bytes) -> set[bytes]:
    """As `words_of_imports`, with the words of relative imports and of those in parentheses."""
    found: list[bytes] = [*re.findall(rb"import" + _MORE, data), *re.findall(rb"from" + _MORE, data)]
    return {*re.split(rb"\W+", b" ".join(found))}


def modules_of_imports(data: bytes) -> set[str]:
    """The names of the modules that the imports of a file may lead to, wherever they stand, with the packages that
    these are in. Relative ones have their dots in front: `.b` and `.b.c` for `from .b import c`.
    """
    text = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    named = {name for token in re.finditer(_ANYWHERE, text, _FLAGS) for name in (*_names(token), *_relative(token))}
    return {name[:end] for name in named for end in _ends_of_parts(name)}


def _ends_of_parts(name: str) -> Iterator[int]:
    yield from (place for place, sign in enumerate(name) if sign == "." and name[:place].strip("."))
    yield len(name)


def _foreign(name: str) -> str:
    """The name, or its first part, if that is a module which no board has; else ""."""
    if name in CPYTHON_ONLY:
        return name
    package = name.partition(".")[0]
    return package if package not in MICROPYTHON or package in CPYTHON_ONLY else ""


def _because(why: Why, imports: Iterable[tuple[str, int]]) -> LeftOut:
    """Why a file is left out, with each module once, in the row of its first import."""
    first: dict[str, int] = {}
    for name, row in imports:
        first.setdefault(name, row)
    return LeftOut(why, tuple(first.items()))


def _fork(imports: Iterable[_Import]) -> LeftOut | None:
    """The firmware other than MicroPython's own that these imports belong to, if any."""
    found = [*imports]
    if of_pycom := [(one.name, one.row) for one in found if one.name in PYCOM]:
        return _because("Pycom", of_pycom)
    of_circuit = [(one.package, one.row) for one in found if one.package.startswith(CIRCUITPYTHON)]
    return _because("CircuitPython", of_circuit) if of_circuit else None


def _stands_in(text: bytes, name: str, found: Iterable[_Import]) -> bool:
    """True if a file imitates a module of MicroPython on a computer. One that imports the real module does not."""
    imported = {one.package for one in found}
    if name in _STAND_INS:
        return imported.isdisjoint(_STAND_INS[name])
    stem = name.removesuffix(".py")
    played = name in _PLAYED and re.search(_PLAYED[name], text, re.MULTILINE)
    return bool(played) and imported.isdisjoint((stem, f"u{stem}"))


def _imports(text: bytes, end: int) -> Iterator[_Import]:
    """The imports up to the offset `end`, in order.

    `sys.implementation` counts as an import of `micropython`, and AF_LORA, wherever it stands, as one from `socket` at
    top level.
    """
    inner = False
    for token in re.compile(_TOKEN, _FLAGS).finditer(text, 0, end):
        if token["head"]:
            inner = token["head"] in _INNER
        elif token["lora"]:
            yield _Import("socket.AF_LORA", _row(text, token.start()), "")
        elif names := ["micropython"] if token["aware"] else _names(token):
            is_top = token["top"] is not None or _is_behind_another(text, token.start())
            row = _row(text, token.end("top") if is_top and token["top"] else token.start())
            inner &= token["top"] is None
            for name in names:
                yield _Import(name, row, "" if is_top else "function" if inner else "condition")


def _names(token: re.Match[bytes]) -> list[str]:
    """The modules in an import statement, and with their modules the names that are imported from them."""
    if token["names"]:
        return [name for name in _listed(token["names"]) if not name.startswith(".")]
    source = (token["source"] or b".").decode("latin-1")
    return [] if source.startswith(".") else [source, *(f"{source}.{name}" for name in _members(token))]


def _relative(token: re.Match[bytes]) -> list[str]:
    """The modules in a relative import, as those of `_names` in another one."""
    source = (token["source"] or b"").decode("latin-1")
    if not source.startswith("."):
        return []
    return [source, *(f"{source}{'.' * (not source.endswith('.'))}{name}" for name in _members(token))]


def _members(token: re.Match[bytes]) -> list[str]:
    """The names that are imported from a module."""
    return _listed(re.sub(rb"#[^\n]*", b"", token["many"] or token["few"] or b""))


def _listed(names: bytes) -> list[str]:
    """`a, b` of `a as x, b`."""
    words = (name.replace(b"\\", b" ").decode("latin-1").split() for name in names.split(b","))
    return [first for first, *_ in filter(None, words)]


def _is_behind_another(text: bytes, place: int) -> bool:
    """True if a statement stands behind a semicolon, and that line at top level: `import os; import threading`."""
    before = text[text.rfind(b"\n", 0, place) + 1 : place]
    return before.rstrip().endswith(b";") and not before[:1].isspace() and b":" not in before


def _row(text: bytes, place: int) -> int:
    return text.count(b"\n", 0, place) + 1

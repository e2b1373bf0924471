"""Decides where a file runs (its role) by what it imports. It searches the bytes, as parsing every file would be slow.

Only imports at top level and outside any `if` or `try` decide: a board stops at one of a module that it does not have.
An import under a condition may be one of several alternatives.
"""

from __future__ import annotations

import codecs
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from usock_lint.diagnostics import LeftOut
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.ports.modules import (
    CIRCUITPYTHON,
    CIRCUITPYTHON_BUILT_IN,
    CPYTHON_ONLY,
    IN_LIBRARY,
    MADE_FOR_BOARDS,
    MICROPYTHON,
    MICROPYTHON_ONLY,
    NAMES_OF_CPYTHON,
    PYCOM,
    PYTHON_2,
    TESTING,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from usock_lint.diagnostics import Why

    Name = Literal["device", "dual", "host", "fork"]
else:
    Name = None  # a name in annotations, which nothing evaluates

# What may follow the word `import` or `from` up to the end of the statement; the second also within parentheses.
_REST = rb"(?:[\w\x80-\xff., \t\f]|\\(?:\n|\r\n?))+"
_MORE = rb"(?:[\w\x80-\xff., \t\f]|\\(?:\n|\r\n?)|\([^)]*\))+"
_FLAGS = re.DOTALL | re.MULTILINE | re.VERBOSE


def _after_from(most: bytes = b"") -> bytes:
    """The pattern of what follows `from`, with a bound on the characters of names without parentheses."""
    return rb"""
    BLANK+ (?P<source>[\w.]+) BLANK+ (?P<word>import)\b BLANK* (?:\((?P<many>[^)]*) | (?P<few>(?:[\w,]|BLANK){0,MOST}))
    """.replace(b"BLANK", _BLANK).replace(b"MOST", most)


def _after_import(most: bytes = b"") -> bytes:
    """The pattern of what follows `import`, with a bound on its characters."""
    return rb"BLANK+ (?P<names>(?:[\w.,]|BLANK){1,MOST})".replace(b"BLANK", _BLANK).replace(b"MOST", most)


_BLANK = rb"(?:[ \t\f]|\\\n)"
_STATEMENT = rb"f(?<![.\w]f)rom" + _after_from() + rb"| i(?<![.\w]i)mport" + _after_import()

# Fast first searches, which find more than there is: also text in strings that looks like an import. A search for a
# word is many times as fast as one for either, and none goes past the line, as what stands in a string may have no end.
# The names are bounded, or a search through many words "import" in continued lines would read the rest for each.
_LINE = rb"[\w., \t\f]*"
_BOUND = b"1000"
_FROM = re.compile(rb"from(?<![.\w]from)(?=" + _after_from(_BOUND) + rb")" + _LINE, _FLAGS)
_IMPORT = re.compile(rb"import(?<![.\w]import)(?=" + _after_import(_BOUND) + rb")" + _LINE, _FLAGS)

# Strings and comments are matched so that what stands in them is not taken for an import. A string that is not closed
# matches too, or the search would begin anew at each quote in it.
_IN_TEXT = rb"""
    \#[^\n]*
    | \"{3}[^"]*(?:"(?!"")[^"]*)*(?:\"{3}|\Z) | '{3}[^']*(?:'(?!'')[^']*)*(?:'{3}|\Z)
    | "[^"\\\n]*(?:\\.[^"\\\n]*)*"? | '[^'\\\n]*(?:\\.[^'\\\n]*)*'?
    """

# `head` begins a line that is no import.
_TOKEN = rb"""
    IN_TEXT
    | (?P<top>^\f*)? (?:STATEMENT)
    | (?P<aware>\bsys\.implementation\b) | (?P<lora>\bAF_LORA\b)
    | ^(?P<head>@|[^\W\d]\w*)
    """.replace(b"IN_TEXT", _IN_TEXT).replace(b"STATEMENT", _STATEMENT)

_TEXT = re.compile(_IN_TEXT, _FLAGS)
_INNER = frozenset((b"@", b"async", b"class", b"def"))

# A program on a computer may imitate modules of MicroPython by files of its own. A file of one of these names is such a
# stand-in if it does not import the modules on the right.
_STAND_INS = {
    "socket.py": frozenset(("socket", "usocket")),
    "usocket.py": frozenset(("usocket",)),
    "uselect.py": frozenset(("uselect",)),
    "ussl.py": frozenset(("ussl",)),
}
# A file of one of these names is a stand-in if it defines such a class or function, and does not import the module.
_PLAYED = {
    "machine.py": rb"^class[ \t]+(?:ADC|I2C|Pin|PWM|RTC|SPI|Timer|UART)\b",
    "micropython.py": rb"^def[ \t]+(?:const|mem_info|native|schedule|viper)\b",
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
    """An import of one module."""

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
        """The module, or its package, if no board has it; else ""."""
        return _foreign(self.name)


_DEVICE = Role("device")

_OF_BOARDS = MICROPYTHON_ONLY | MADE_FOR_BOARDS

_SETTINGS = re.compile(r"^boot$|config|cred|passw|secret|setting", re.IGNORECASE)
"""What the names of modules with settings have in them: `config`, `WIFI_CONFIG`, `mqtt_settings`; and `boot`."""


def role(data: bytes, path: str = "<stdin>", folder: str | None = None) -> Role:
    """The role of a file with these bytes. `folder` is the one below which it was found, if it was not named itself."""
    text, name = data.removeprefix(codecs.BOM_UTF8), os.path.basename(path)
    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found = [*_imports(text, _far_enough(text, name))]
    top = [one for one in found if not one.guard]
    if fork := _fork(top) or _circuitpython(top, path, folder):
        return Role("fork", fork)
    if _stands_in(text, name, found):
        return Role("host", LeftOut("stand-in"))
    tests = [one for one in found if one.package in TESTING and not one.guard]
    foreign = [one for one in top if one.foreign and not _is_own(one, top, text)]
    lacking = _without_project(foreign, path, folder) if foreign else []
    surely = bool(tests) or any(_is_of_computers(one.foreign) for one in lacking)
    signs = [one for one in found if one.package in _OF_BOARDS and not (surely and one.guard == "function")]
    # Beside a module of computers, `ntptime` is no sign if the project has a file of this name.
    for_boards = bool(_without_project(signs, path, folder) if surely and signs else signs)
    for_boards &= not any(one.package == "pytest" for one in tests)  # there is no pytest for boards
    if (tests or lacking) and not for_boards and (tests or not _are_unpublished(lacking, path, folder)):
        imports = sorted({(one.row, one.foreign or one.package) for one in (*tests, *lacking)})
        return Role("host", _because("test" if tests else "host", ((name, row) for row, name in imports)))
    if fork := _fork(found):
        return Role("fork", fork)
    return Role("dual") if tests or lacking else _DEVICE


def _is_own(one: _Import, top: Sequence[_Import], text: bytes) -> bool:
    """True if a module is taken to be the project's, although no file of it is there.

    Its name tells of settings or passwords, which many do not publish, or the file takes a name from it that CPython's
    module of the same name has not: `secrets.SSID`.
    """
    package = one.package
    if package not in NAMES_OF_CPYTHON:
        return _SETTINGS.search(package) is not None and not _is_of_computers(one.foreign)
    known = NAMES_OF_CPYTHON[package]
    imported = {other.name.partition(".")[2] for other in top if other.package == package} - {""}
    if imported:
        return not imported <= known
    used = re.findall(rb"(?<![.\w])" + package.encode() + rb"\.(\w+)", _TEXT.sub(b"", text))
    # A variable may have the name of the module: `queue.put` beside `queue.Queue`.
    return bool(used) and known.isdisjoint(name.decode("latin-1") for name in used)


def _are_unpublished(lacking: Iterable[_Import], path: str, folder: str | None) -> bool:
    """True if the modules may be drivers and the like, which a project for boards has not published.

    No program for computers is known to have them, and the files beside this one are for boards alone.
    """
    from usock_lint.files.project import BOARDS_ALONE, Modules

    known = any(_is_of_computers(one.foreign) or one.foreign in IN_LIBRARY for one in lacking)
    return not known and BOARDS_ALONE in Modules(path, folder)


def _without_project(foreign: Iterable[_Import], path: str, folder: str | None) -> list[_Import]:
    """The imports of modules that are not part of the project either."""
    from usock_lint.files.project import Modules

    known = Modules(path, folder)
    return [one for one in foreign if one.package not in known]


def _is_of_computers(foreign: str) -> bool:
    """True if a module is certainly CPython's, and not a driver or the like that is copied to a board.

    A file that imports such a module at top level never reaches its functions on a board, whatever they import.
    """
    return foreign not in IN_LIBRARY and any(foreign in of for of in (CPYTHON_ONLY, PYTHON_2, sys.stdlib_module_names))


def _far_enough(text: bytes, name: str) -> int:
    """The offset up to which strings and comments have to be told from code for the role; 0 for most files.

    It is the end of the last import that can decide, or of the file if the file may import what only MicroPython has.
    """
    found = [*_perhaps(text)]
    names = {named for one in found for named in one.names}
    if name in _STAND_INS or name in _PLAYED or b"AF_LORA" in text or any(map(_is_of_fork, names)):
        return len(text)
    decisive = [one.end for one in found if any(map(_is_decisive, one.names)) and _may_be_top(text, one.start)]
    if not decisive:
        return 0
    aware = b"sys.implementation" in text or any(one.partition(".")[0] in MICROPYTHON_ONLY for one in names)
    return len(text) if aware else max(decisive)


def _may_be_top(text: bytes, place: int) -> bool:
    """True if a line, or a statement behind a semicolon, begins at this offset."""
    before = text[text.rfind(b"\n", 0, place) + 1 : place]
    return not before.strip(b"\f") or before.rstrip(b" \t\f").endswith(b";")


def _is_of_fork(name: str) -> bool:
    return name in PYCOM or name.startswith(CIRCUITPYTHON) or name in CIRCUITPYTHON_BUILT_IN


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


def modules_of_imports(data: bytes, matters: Callable[[str], bool] = bool) -> set[str]:
    """The names of the modules that the imports of a file may lead to, wherever they stand, with the packages that
    these are in. Relative ones have their dots in front: `.b` and `.b.c` for `from .b import c`.

    With `matters` only names for which that is true. Strings and comments are told from code up to the last of these.
    """
    text = data.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    wanted: dict[int, set[str]] = {}
    for one in _perhaps(text):
        named = {name[:end] for name in (*one.names, *one.relative) for end in _ends_of_parts(name)}
        if named := {*filter(matters, named)}:
            wanted[one.start] = named
    return set[str]().union(*(wanted[place] for place in _in_code(text, sorted(wanted)))) if wanted else set()


def _in_code(text: bytes, places: Sequence[int]) -> Iterator[int]:
    """Those of the offsets that are neither in a string nor in a comment."""
    left = iter(places)
    place = next(left, None)
    for token in _TEXT.finditer(text, 0, places[-1] + 1):
        while place is not None and place < token.end():
            if place < token.start():
                yield place
            place = next(left, None)
    if place is not None:
        yield place
        yield from left


_DEEPEST = 100
"""The packages in a name that are looked for: a name of thousands would have as many beginnings as long as itself."""


class _Perhaps(NamedTuple):
    """What looks like an import: the offsets at which it starts and ends, and the modules that it names."""

    start: int
    end: int
    names: list[str]
    relative: list[str]


def _perhaps(text: bytes) -> Iterator[_Perhaps]:
    """What looks like an import anywhere in a text."""
    of_from: set[int] = set()
    for found in _FROM.finditer(text):
        if not _is_split_comment(text, found):
            of_from.add(found.start("word"))
        source, named = found["source"].decode("latin-1"), _from(found)
        end = max(found.end("many"), found.end("few"))
        yield _Perhaps(found.start(), end, *(([], named) if source.startswith(".") else (named, [])))
    for found in _IMPORT.finditer(text):
        if found.start() not in of_from:
            yield _Perhaps(found.start(), found.end("names"), _whole(found["names"]), [])


def _is_split_comment(text: bytes, found: re.Match[bytes]) -> bool:
    """True if the `from` may stand in a comment, which a backslash does not continue, and the `import` does not."""
    place = found.start()
    goes_on = text.find(b"\n", place, found.start("word")) >= 0
    return goes_on and text.find(b"#", text.rfind(b"\n", 0, place) + 1, place) >= 0


def _ends_of_parts(name: str) -> Iterator[int]:
    """The ends of the packages in a name, the outermost first, and that of the name itself."""
    dots = len(name) - len(name.lstrip("."))
    yield from islice((place for place in range(dots + 1, len(name)) if name[place] == "."), _DEEPEST)
    yield len(name)


def _foreign(name: str) -> str:
    """The name, or its first part, if that is a module which no board has; else ""."""
    if name in CPYTHON_ONLY:
        return name
    package = name.partition(".")[0]
    return package if package not in MICROPYTHON or package in CPYTHON_ONLY else ""


def _because(why: Why, imports: Iterable[tuple[str, int]]) -> LeftOut:
    """The reason for which a file is left out, with each module once, in the row of its first import."""
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


def _circuitpython(top: Sequence[_Import], path: str, folder: str | None) -> LeftOut | None:
    """CircuitPython, if these imports are of modules that only its firmware has, and the project has no copies of them.

    An import of a module that only MicroPython has, apart from `micropython`, which both have, rules it out.
    """
    built_in = [one for one in top if one.name in CIRCUITPYTHON_BUILT_IN]
    if not built_in or any(one.package in MICROPYTHON_ONLY and one.package != "micropython" for one in top):
        return None
    found = _without_project(built_in, path, folder)
    return _because("CircuitPython", ((one.name, one.row) for one in found)) if found else None


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
    inner, row, counted = False, 1, 0
    for token in re.compile(_TOKEN, _FLAGS).finditer(text, 0, end):
        if token["head"]:
            inner = token["head"] in _INNER
            continue
        names = ["socket.AF_LORA"] if token["lora"] else ["micropython"] if token["aware"] else _names(token)
        if names:
            is_top = token["top"] is not None or bool(token["lora"]) or _is_behind_another(text, token.start())
            place = token.end("top") if token["top"] else token.start()
            row, counted = row + text.count(b"\n", counted, place), place
            inner &= token["top"] is None
            for name in names:
                yield _Import(name, row, "" if is_top else "function" if inner else "condition")


def _names(token: re.Match[bytes]) -> list[str]:
    """The modules in an import statement, and with their modules the names that are imported from them."""
    if token["names"]:
        return _whole(token["names"])
    return _from(token) if token["source"] and not token["source"].startswith(b".") else []


def _whole(names: bytes) -> list[str]:
    """The modules in an import of whole modules."""
    return [name for name in _listed(names) if not name.startswith(".")]


def _from(token: re.Match[bytes]) -> list[str]:
    """The module that something is imported from, and with it each name that is."""
    source = token["source"].decode("latin-1")
    members = token["many"] or token["few"] or b""
    if b"#" in members:
        members = re.sub(rb"#[^\n]*", b"", members)
    dot = "" if source.endswith(".") and source.startswith(".") else "."
    return [source, *(f"{source}{dot}{name}" for name in _listed(members))]


def _listed(names: bytes) -> list[str]:
    """`a, b` of `a as x, b`."""
    words = (name.replace(b"\\", b" ").decode("latin-1").split() for name in names.split(b","))
    return [first for first, *_ in filter(None, words)]


def _is_behind_another(text: bytes, place: int) -> bool:
    """True if a statement stands behind a semicolon, and that line at top level: `import os; import threading`."""
    before = text[text.rfind(b"\n", 0, place) + 1 : place]
    return before.rstrip().endswith(b";") and not before[:1].isspace() and b":" not in before

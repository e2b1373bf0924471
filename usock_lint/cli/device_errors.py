"""Finds the rules that explain an error printed by a device.

To explain `no attribute 'shutdown'`, tiny programs that would raise it are linted, so that the checks stay the only
source of truth about names. Other messages are listed as `errors` in the heads of the pages.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import NamedTuple

from usock_lint import ports
from usock_lint.catalog import pages
from usock_lint.catalog.pages import Rule
from usock_lint.cli.error_causes import CAUSES, EXCEPTIONS, LOOKUP, UNNAMED, Cause, cause_of_tls, tls_names, tls_number
from usock_lint.i18n import Field, Lang, Said, say
from usock_lint.ports.history import Column, spans
from usock_lint.ports.releases import release_name

Cells = frozenset[ports.Cell]

_ERROR = re.compile(r"(?:^|[\s:])((?:\w+(?:Error|Exception|Exit)|Warning)\b(?:\(|: |$).*)")
# "OSError: 116", "-202", "OSError: [Errno 110] ETIMEDOUT", "(-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')" and the like.
_NUMBER = re.compile(
    r"(?P<type>OSError(?:: |\())?[\[(]*(?:(?:Errno|addrinfo error) )?(?P<number>-?[0-9]{1,18})\b[\])]*"
    r"(?:[, '\"]*(?:(?P<name>E[A-Z][A-Z0-9_]+)|[A-Z][A-Z0-9_]+(?: ?\+ ?[A-Z0-9_]+)*))?\W*"
)
# What CPython adds to such a message since 3.10: `usock-lint run` and tests of a library print CPython's messages.
_ADDED = re.compile(r"(?:\. (?:Or )?[Dd]id you | and no __dict__ for | \((?:consider renaming|most likely due to) ).*")
_DOTTED = r"'?(?P<name>[A-Za-z_][\w.]*)'?"
_NAME = r"'?(?P<name>[A-Za-z_]\w*)'?"

_ANY_NAME = "NameError: name '...' isn't defined"
"""The error pattern that fits any name: a rule about the name itself is listed before it."""

_ANY_MODULE = (
    "AttributeError: 'module' object has no attribute '...'",
    "AttributeError: module '...' has no attribute '...'",
    "ImportError: can't import name ...",
    "ImportError: no module named '...'",
)
"""The error patterns that fit any module's names: a rule about the name itself is listed before them."""

_MODULE = "missing-module"

_SOCKET = "import socket\ns = socket.socket()\n"
_ATTRIBUTE = rf"has no attribute {_NAME}"
_SOCKETS_ONLY = (
    "connect_ex|getpeername|getsockname|getsockopt|recv_into|recvfrom_into|recvmsg|sendmsg|sendfile|shutdown"
)
"""Methods that only sockets have."""
_FROM_FILE = f"{_SOCKET}f = s.makefile('rb')\nf.{{name}}"
_VALUES = (
    ("str", "sys", "''"),
    ("bytes", "sys", "b''"),
    ("bytearray", "sys", "bytearray()"),
    ("deque", "collections", "collections.deque((), 1)"),
    ("int", "sys", "(1)"),
    ("match", "re", "re.match('', '')"),
    ("md5", "hashlib", "hashlib.md5()"),
    ("memoryview", "sys", "memoryview(b'')"),
    ("range", "sys", "range(1)"),
    ("re", "re", "re.compile('')"),
    ("sha1", "hashlib", "hashlib.sha1()"),
    ("sha256", "hashlib", "hashlib.sha256()"),
)
"""MicroPython's name of a type, the module that an expression of this type needs, and the expression."""

_PROBES: Mapping[str, tuple[str, ...]] = {
    rf"(?:module '(?:u?socket|lwip)'|'module' object) {_ATTRIBUTE}": ("import socket\nsocket.{name}",),
    rf"(?:module 'u?errno'|'module' object) {_ATTRIBUTE}": ("import errno, socket\nerrno.{name}",),
    rf"'(?:socket|lwip)' object {_ATTRIBUTE}": (f"{_SOCKET}s.{{name}}", _FROM_FILE, f"{_SOCKET}s.{{name}} = 0"),
    r"type object 'socket' has no attribute '(?P<name>\w+)'": ("import socket\nsocket.socket.{name}",),
    # A class of the script that is derived from a socket, or has one's methods.
    rf"'(?!SSLSocket')[A-Z]\w*' object has no attribute '(?P<name>{_SOCKETS_ONLY})'": (f"{_SOCKET}s.{{name}}",),
    rf"'(?:FileIO|TextIOWrapper)' object {_ATTRIBUTE}": (_FROM_FILE, "import socket\nopen('').{name}"),
    **{
        rf"'{kind}' object {_ATTRIBUTE}": (f"import socket, {imports}\n{value}.{{name}}",)
        for kind, imports, value in _VALUES
    },
    r"'tuple' object has no attribute '(?P<name>tm_\w+)'": ("import socket, time\ntime.localtime().{name}",),
    r"'tuple' object has no attribute '(?P<name>st_\w+)'": ("import os, socket\nos.stat('').{name}",),
    rf"(?:type object|'type' object|'Loop' object).*{_ATTRIBUTE}": ("import asyncio\nasyncio.get_event_loop().{name}",),
    rf"'Task' object {_ATTRIBUTE}": ("import asyncio\nasyncio.create_task(1).{name}",),
    rf"'Server' object {_ATTRIBUTE}": ("import asyncio\nasyncio.start_server(1).{name}",),
    rf"'Stream' object {_ATTRIBUTE}": (
        "import asyncio\nr, w = asyncio.open_connection()\nr.{name}",
        "import asyncio\nr, w = asyncio.open_connection()\nw.{name}",
    ),
    # asyncio loads its parts by a function, whose error has nothing but the name.
    rf"(?<=AttributeError: ){_NAME}": ("import asyncio\nasyncio.{name}",),
    rf"'SSLSocket' object {_ATTRIBUTE}": ("import socket, ssl\ns = ssl.wrap_socket(socket.socket())\ns.{name}",),
    rf"'OSError' object {_ATTRIBUTE}": (
        "import socket\ntry:\n    socket.socket()\nexcept OSError as e:\n    e.{name}",
    ),
    rf"name {_NAME} (?:is not|isn't) defined": (
        "import socket\ntry:\n    socket.socket()\nexcept {name}: pass",
        "from socket import *\ntry:\n    socket()\nexcept {name}: pass",
    ),
    rf"no module named {_DOTTED}": ("import socket\nimport {name}",),
    rf"module '(?P<module>\w+)' {_ATTRIBUTE}": ("import socket, {module}\n{module}.{name}",),
    rf"can(?:'t|not) import name {_NAME}.*": ("from socket import {name}", "import socket\nfrom errno import {name}"),
}
"""Patterns of messages, each with programs whose last line raises that message."""


_NAMELESS = {
    "can(?:'t|not) import name": "import socket\nfrom {module} import {name}",
    "'module' object": "import socket, {module}\n{module}.{name}",
}
"""Beginnings of messages that tell a name and not its module, and programs that raise them."""

_MODULES = "asyncio binascii collections hashlib io json os re select ssl struct sys time".split()


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that explains an error. `text` is its message for the name in the error, or the pattern on its page."""

    rule: Rule
    text: str


def last_error(text: str) -> str:
    """The error that a text ends with: of a traceback or a log its last, else the last line that is not empty."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [one[1] for line in lines if (one := _ERROR.search(line))]
    return (found or lines or [""])[-1]


def of_name(word: str, lang: Lang = "en", targets: tuple[ports.Target, ...] = ()) -> list[Match]:
    """The rules that name what boards lack: a module, a builtin, `module.name` or `type.method`."""
    return [*{match.rule.code: match for match in _named(_error_of_name(word), lang, targets)}.values()]


def _error_of_name(word: str) -> str:
    """The error that a missing name raises, "" for a name that CPython lacks as well."""
    owner, dot, name = word.rpartition(".")
    if dot and owner.isidentifier() and name.isidentifier():
        is_type = isinstance(getattr(builtins, owner, None), type)
        return f"AttributeError: {f'{owner!r} object' if is_type else f'module {owner!r}'} has no attribute '{name}'"
    if hasattr(builtins, word):
        return f"NameError: name '{word}' isn't defined"
    return f"ImportError: no module named '{word}'" if word in sys.stdlib_module_names else ""


def matches(error: str, lang: Lang = "en", targets: tuple[ports.Target, ...] = ()) -> list[Match]:
    """The rules that explain an error, the likeliest first, and where they can in words about these targets."""
    # Where an exception has no text, MicroPython prints its name and a colon.
    error = _ADDED.sub("", error).removesuffix(":")
    named = list(_named(error, lang, targets))
    known = [match for match in _known(error) if not named or match.text != _ANY_NAME]
    general = [match for match in known if match.text in _ANY_MODULE]
    found = {match.rule.code: match for match in (*(one for one in known if one not in general), *named)}
    found |= {match.rule.code: match for match in general if match.rule.code not in found}
    return sorted(found.values(), key=lambda match: (match.text in _ANY_MODULE, match.rule.opt_in))


def _known(error: str) -> Iterator[Match]:
    """The rules whose pages have the text. A page with few errors is more about each than one with many."""
    readings = _readings(error)
    for rule in sorted(pages.rules().values(), key=lambda rule: (len(rule.errors), rule.code)):
        for pattern in rule.errors:
            if any(_fits(pattern, reading) for reading in readings):
                yield Match(rule, pattern.replace("{}", "..."))
                break


def _fits(pattern: str, reading: str) -> bool:
    """True if an error, with or without its type, matches the pattern of a page, in which `{}` stands for any text."""
    text = pattern if _ERROR.fullmatch(reading) else pattern.partition(": ")[2] or pattern
    form = ".+".join(map(re.escape, _plain(text).split("{}")))
    return re.fullmatch(form, _plain(reading), re.IGNORECASE) is not None


def _plain(text: str) -> str:
    """A text in CPython's wording, which the shim prints, where MicroPython's differs."""
    return text.replace("isn't", "is not")


def _readings(error: str) -> list[str]:
    """The forms in which pages write an error: an OSError with a name of its number, with the number, or as on unix."""
    found = _NUMBER.fullmatch(error)
    if found is None:
        name = error.removeprefix("OSError: ")
        return [f"OSError: {name}" if name in _errno_names() else error]
    number = int(found["number"])
    names = [found["name"]] if found["name"] else _names(number)
    lookup = [f"[addrinfo error {number}]"] if "addrinfo" in error or _look_up_causes(number) else []
    return [f"OSError: {word}" for word in (*names, number, *lookup)]


def _named(error: str, lang: Lang, targets: tuple[ports.Target, ...]) -> Iterator[Match]:
    """The checks' findings about the name in a message, for the newest release of each port, else for older ones."""
    from usock_lint.linting.file import lint_source
    from usock_lint.settings.config import Config

    boards = [port for port in ports.PORTS if port != "docs"]
    ever = [f"{port}>={release_name(Column.of(port).releases[0])}" for port in boards]
    meant = [*map(ports.parse_targets, (ever, boards)), *([targets] if targets else [])]
    configs = [Config(targets=each, extend_select=("USK9",), lang=lang) for each in meant]
    for form, programs in _PROBES.items():
        if not (found := re.fullmatch(rf"(?:\w+: )?{form}", error)):
            continue
        for program in (*programs, *_of_library(error, found["name"])):
            source = program.format_map(found.groupdict())
            for finding in (one for config in configs for one in lint_source(source, config=config)):
                is_about = finding.name != _MODULE or "no module" in form
                if is_about and finding.location.row == source.count("\n") + 1:
                    yield Match(pages.rules()[finding.name], finding.message)


def _of_library(error: str, name: str) -> Iterator[str]:
    """For messages without a module's name: a program for each module that has the name on CPython."""
    for beginning, program in _NAMELESS.items():
        if re.match(rf"(?:\w+: )?{beginning}", error):
            having = [one for one in _MODULES if hasattr(import_module(one), name)]
            yield from (program.format(module=module, name=name) for module in having)


# Numbers


def numbers(error: str, lang: Lang = "en", targets: Sequence[ports.Target] = ()) -> list[str]:
    """The meanings of the number or the errno name in an error, a line each, with the ports that have them.

    Only the targets are named if it has a meaning on them.
    """
    return (_numbers(error, lang, ports.cells(targets)) if targets else []) or _numbers(error, lang, None)


def _numbers(error: str, lang: Lang, cells: Cells | None) -> list[str]:
    return [
        line
        for meaning in _meanings(error, lang, cells)
        for line in (*_meaning_line(meaning, lang), *_cause_lines(meaning, lang))
    ]


class _Meaning(NamedTuple):
    """One meaning of the number or the name in an error.

    `meaning` is empty for an exception, whose name says it. `name` is the name of the error, `cause` what often
    causes it.
    """

    term: Field
    meaning: Field
    name: str = ""
    cause: Cause | None = None


def _meanings(error: str, lang: Lang, cells: Cells | None) -> Iterator[_Meaning]:
    """The meanings of an error on these cells (None: on all): of its exception, its errno name, or its number."""
    exception = error.partition(":")[0].strip()
    if exception in EXCEPTIONS:
        yield _Meaning(exception, "", exception, EXCEPTIONS[exception])
    found = _NUMBER.fullmatch(error)
    name = found["name"] if found else error.removeprefix("OSError: ")
    number = int(found["number"]) if found else tls_number(name)
    numbers_of_name = _numbers_of(name, lang, cells)
    if numbers_of_name:
        yield _Meaning(name, numbers_of_name, name, CAUSES.get(name))
    if number is None:
        return
    for one in [] if numbers_of_name else _names(number, cells):
        yield _Meaning(number, _on(one, _where(one, number, lang, cells)), one, CAUSES.get(one))
    if cause := _look_up_causes(number, lang, cells):
        yield _Meaning(number, cause, "getaddrinfo", LOOKUP)
    for library, names in tls_names(number):
        text = " + ".join(names)
        yield _Meaning(
            number, say("{name}, an error of {library}", name=text, library=library), text, cause_of_tls(names)
        )


def _meaning_line(found: _Meaning, lang: Lang) -> Iterator[str]:
    if found.meaning:
        yield say("{this} is {that}.", this=found.term, that=found.meaning).in_(lang)


def _cause_lines(found: _Meaning, lang: Lang) -> Iterator[str]:
    """The meaning of the error that a meaning names, its most frequent cause and the advice, a line each."""
    cause = found.cause
    if cause is None:
        return
    yield "  " + say("{name}: {means}.", name=found.name, means=cause.means).in_(lang)
    yield "  " + say("Most often: {cause}.", cause=cause.often).in_(lang)
    yield "  " + say("What to do: {advice}.", advice=cause.advice).in_(lang)
    if cause.elsewhere:
        yield "  " + say("No socket: {elsewhere}.", elsewhere=cause.elsewhere).in_(lang)


def known_numbers() -> dict[int, tuple[str, ...]]:
    """Every number that an OSError has on some port, in order, with its errno names; one of a look-up has none."""
    numbers = {value for name in _errno_names() for _, value, _ in _values(name) if value is not None}
    return {number: tuple(_names(number)) for number in sorted(numbers.union(*map(_causes, ports.PORTS)))}


def _on(what: Field, where: str) -> Said:
    return say("{what} on {where}", what=what, where=where)


def _errno_names() -> tuple[str, ...]:
    """Every errno name, those that no `errno` module has included."""
    sets = (ports.common()["errno"][key] for key in ("internal", "newlib", "host"))
    return tuple(dict.fromkeys([*(name for one in sets for name in one), *UNNAMED]))


def _names(number: int, cells: Cells | None = None) -> list[str]:
    """The errno names that have this number on one of these cells (None: on any)."""
    return [name for name in _errno_names() if _where(name, number, cells=cells)]


def _numbers_of(name: str, lang: Lang, cells: Cells | None) -> str:
    """The numbers of an errno name with the ports that have them, in words; "" for any other word."""
    values = sorted({value for _, value, _ in _values(name) if value is not None} if name in _errno_names() else ())
    said = ((value, _where(name, value, lang, cells)) for value in values)
    return say("; ").in_(lang).join(_on(value, where).in_(lang) for value, where in said if where)


@cache
def _values(name: str) -> tuple[tuple[Said, int | None, Cells], ...]:
    """The numbers of an errno name, each with a port and the releases at which it has it, in words and as cells."""
    if name in UNNAMED:
        numbers = UNNAMED[name].items()
        return tuple((say("{target}", target=port), number, _cells(port, None, None)) for port, number in numbers)
    return tuple(
        (_throughout(port, span.since, span.until), span.value, _cells(port, span.since, span.until))
        for port in ports.PORTS
        if port != "docs"
        for span in spans(Column.of(port), lambda cell: ports.errno_number(cell, name))
    )


def _cells(port: str, since: ports.Release | None, until: ports.Release | None) -> Cells:
    every = Column.of(port).cells
    return frozenset(cell for cell in every if (since or cell.release) <= cell.release <= (until or cell.release))


def _throughout(port: str, since: ports.Release | None, until: ports.Release | None) -> Said:
    if since and until:
        since_name, until_name = release_name(since), release_name(until)
        return say("{port} since {since} until {until}", port=port, since=since_name, until=until_name)
    if since:
        return say("{port} since {release}", port=port, release=release_name(since))
    return (
        say("{port} until {release}", port=port, release=release_name(until)) if until else say("{target}", target=port)
    )


def _where(name: str, number: int, lang: Lang = "en", cells: Cells | None = None) -> str:
    """The ports and releases on which a name has a number; with `cells` only those among them."""
    found = (
        where.in_(lang)
        for where, value, there in _values(name)
        if value == number and (cells is None or not cells.isdisjoint(there))
    )
    return say(", ").in_(lang).join(found)


def _look_up_causes(number: int, lang: Lang = "en", cells: Cells | None = None) -> Field:
    """The causes for which a failed look-up raises a number, each with its ports, in words; "" if there are none."""
    causes: dict[str, list[str]] = {}
    meant = {cell.port for cell in cells} if cells is not None else ports.PORTS
    for port in (port for port in ports.PORTS if port in meant):
        for cause in _causes(port).get(number, ()):
            causes.setdefault(cause, []).append(port)
    comma, semicolon = say(", ").in_(lang), say("; ").in_(lang)
    said = semicolon.join(_on(f'"{cause}"', comma.join(where)).in_(lang) for cause, where in causes.items())
    return say("an error of getaddrinfo: {causes}", causes=said) if said else ""


def _causes(port: str) -> dict[int, list[str]]:
    """The numbers that a failed look-up raises on a port, with their causes."""
    known: Mapping[str, int] = ports.behaviour(ports.Cell(port, ports.NEWEST), "getaddrinfo_error_numbers") or {}
    causes: dict[int, list[str]] = {}
    for cause, value in known.items():
        causes.setdefault(value, []).append(cause)
    return causes

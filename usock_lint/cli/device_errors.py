"""Finds the rules that explain an error printed by a device.

To explain `no attribute 'shutdown'`, tiny programs that would raise it are linted, so that the checks stay the only
source of truth about names. Other messages are listed as `errors` in the heads of the pages.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from usock_lint import ports
from usock_lint.catalog import pages
from usock_lint.catalog.pages import Rule
from usock_lint.cli import error_numbers
from usock_lint.i18n import Lang
from usock_lint.ports.history import Column
from usock_lint.ports.releases import release_name

_ERROR = re.compile(r"(?:^|[\s:(.])((?:\w+(?:Error|Exception|Exit)|Warning)\b(?:\(|: |$).*)")
# What CPython adds to such a message since 3.10: `usock-lint run` and tests of a library print CPython's messages.
_ADDED = re.compile(r"(?:\. (?:Or )?[Dd]id you | and no __dict__ for | \((?:consider renaming|most likely due to) ).*")
_NUMBER = re.compile(r"(?:^|[\s:(])(\[Errno -?[0-9]+\].*|\(-?[0-9]+, .*\)|-?[0-9]+)\)?$")
_FAILING = re.compile(r"err|fail|exception|could not|can't|cannot", re.IGNORECASE)
"""What a program that caught an OSError prints before its number: `connect failed: -202`."""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_HANDSHAKE = re.compile(r"mbedtls_ssl_handshake error: -([0-9a-f]+)\b")
"""extmod/modussl_mbedtls.c:200@v1.12"""
_DOTTED = r"'?(?P<name>[A-Za-z_][\w.]*)'?"
_NAME = r"'?(?P<name>[A-Za-z_]\w*)'?"

_GAPS = re.compile(r"\{\}(?:\.\{\})*")
"""The gaps in the pattern of a page, and dotted ones as one."""

_ANY_NAME = "NameError: name '...' isn't defined"
"""The error pattern that fits any name: if there is a rule about the name itself, the pattern is left out."""

_ANY_MODULE = (
    "AttributeError: 'module' object has no attribute '...'",
    "AttributeError: module '...' has no attribute '...'",
    "ImportError: can't import name ...",
    "ImportError: no module named '...'",
)
"""The error patterns that fit any module's names: a rule about the name itself is listed before them."""

_MISSING_MODULE = "missing-module"
"""The rule about a module that a port lacks. It does not explain an error about a name of the module."""

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
"""MicroPython's name of a type, the module that an expression of this type needs (else `sys`), and the expression."""

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
    # The event loop is the class Loop itself: extmod/asyncio/core.py:304@v1.28.0.
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


_PORT = re.compile("[=><]")
"""What ends the port in a target."""

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
    """The error that a text ends with: of a traceback or a log its last, else the last line that is not empty.

    Up to 1.12 esp32 prints the error of a TLS handshake, and raises an EIO that says nothing of it.
    """
    if handshakes := _HANDSHAKE.findall(text):
        return f"OSError: {-int(handshakes[-1], 16)}"
    lines = [line.strip() for line in _COLOUR.sub("", text).splitlines() if line.strip()]
    found = [one[1] for line in lines if (one := _ERROR.search(line))]
    last = (found or lines or [""])[-1]
    if not found and (number := _NUMBER.search(last)):
        told = last[: number.start(1)]
        if not told or _FAILING.search(told):
            return f"OSError: {number[1]}"
    return last


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
    # A page that has this very error is more about it than one with a pattern, though its rule may be off by default.
    return sorted(found.values(), key=lambda one: (one.text in _ANY_MODULE, "..." in one.text, one.rule.opt_in))


def _known(error: str) -> Iterator[Match]:
    """The rules whose pages have the text. A page with few errors is more about each than one with many."""
    readings = error_numbers.readings(error)
    for rule in sorted(pages.rules().values(), key=lambda rule: (len(rule.errors), rule.code)):
        for pattern in rule.errors:
            if any(_fits(pattern, reading) for reading in readings):
                yield Match(rule, _GAPS.sub("...", pattern))
                break


def _fits(pattern: str, reading: str) -> bool:
    """True if an error, with or without its type, matches the pattern of a page, in which `{}` stands for any text."""
    text = pattern if _ERROR.fullmatch(reading) else pattern.partition(": ")[2] or pattern
    form = ".+".join(map(re.escape, _plain(text).split("{}")))
    return re.fullmatch(form, _plain(reading), re.IGNORECASE) is not None


def _plain(text: str) -> str:
    """A text in CPython's wording, which the shim prints, where MicroPython's differs."""
    return text.replace("isn't", "is not")


def _named(error: str, lang: Lang, targets: tuple[ports.Target, ...]) -> Iterator[Match]:
    """The checks' findings about the name in a message: about all releases, then the newest ones, then the targets.

    Callers keep the last finding of each rule. One about the newest releases is left out if ports lacked the name
    before that have it now: nobody knows which release the error came from. The rules USK9 find the names that CPython
    lacks, and not MicroPython: its errors are explained too.
    """
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
            lacked: dict[str, set[str]] = {}
            for config in configs:
                for finding in lint_source(source, config=config):
                    is_about = finding.name != _MISSING_MODULE or "no module" in form
                    if not is_about or finding.location.row != source.count("\n") + 1:
                        continue
                    where = {_PORT.split(target)[0] for target in finding.targets}
                    if config is configs[1] and lacked.get(finding.name, where) > where:
                        continue
                    lacked[finding.name] = where
                    yield Match(pages.rules()[finding.name], finding.message)


def _of_library(error: str, name: str) -> Iterator[str]:
    """For messages without a module's name: a program for each module that has the name on CPython."""
    for beginning, program in _NAMELESS.items():
        if re.match(rf"(?:\w+: )?{beginning}", error):
            having = [one for one in _MODULES if hasattr(import_module(one), name)]
            yield from (program.format(module=module, name=name) for module in having)

"""Modules that the scripts and instructions of a project put on the board: packages, and files under another name.

A manifest declares modules (`manifests.py`); the files here are written for people and shells, and are searched for
commands and names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import lru_cache

from usock_lint import observed
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.discovery import read

_LARGEST = 200_000
"""The size in bytes up to which a text is searched: larger ones are data."""

_MOST_TEXTS = 50
"""The number of texts of a folder that are searched."""

_ENDINGS = frozenset(
    ".bash .bat .cfg .cmd .ini .json .md .mk .ps1 .rst .sh .toml .txt .yaml .yml .zsh".split(),
)
_NAMES = frozenset("justfile makefile pipfile readme".split())
_LISTS = re.compile(r"requirements.*\.(?:txt|in)|micropy\.json|pipfile|pyproject\.toml", re.IGNORECASE)
"""Files that list packages."""
_SCRIPTS = re.compile(
    r"(?:boot|main|.*(?:install|setup|deploy|upload|flash|depend|packages|libs).*)\.py", re.IGNORECASE
)
"""Programs that may install packages."""

# micropython-lib was on PyPI under the first name, Pycopy's under the second; `upip` and `micropy` install from there.
_ON_PYPI = re.compile(rb"(?<![\w./-])(?:micropython|pycopy)-([\w.-]*\w)")
_INSTALL = re.compile(
    rb"\bmip[\"']?(?:\.|[\s,\"']+)install[\"',\s]*(?:\(([^)]*)|([^`;&|#)\n]*))|\bupip[^\n]*install[^\n]*"
)
_FILE = re.compile(rb"(?<!\w)(\w+)\.m?py\b")
_NAME = re.compile(rb"[\"']([A-Za-z_][\w.-]*)[\"']")
_OF_BOARDS = re.compile(
    rb"ampy|esptool|mpfshell|mpremote|mpy-cross|pyboard|rshell|thonny|webrepl|micropython|\besp(?:32|8266)|\bpico\b|rp2",
    re.IGNORECASE,
)
"""Tools that put files on boards, and names of boards: a text with none of them tells of files on a computer."""


class Installed(NamedTuple):
    """The modules that texts name: those of packages that are installed, and those of files that are mentioned."""

    packages: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


def installed(folder: str) -> list[Installed]:
    """What each text in a folder says, asked once for all files of a project."""
    return observed.once(("texts", folder), lambda: [*_said(folder)])


def _said(folder: str) -> Iterator[Installed]:
    for path in _texts(folder, observed.listed(folder)):
        observed.read(path)
        try:
            changed = os.stat(path).st_mtime_ns
        except OSError:
            continue
        yield _read(path, changed)


# The caches have the time of the last change as an argument: after a change they ask again.


@lru_cache(1024)
def _texts(folder: str, _changed: int) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names if _is_text(name)][:_MOST_TEXTS]


def _is_text(name: str) -> bool:
    stem, ending = os.path.splitext(name.lower())
    return ending in _ENDINGS or (not ending and stem in _NAMES) or _SCRIPTS.fullmatch(name) is not None


@lru_cache(1024)
def _read(path: str, _changed: int) -> Installed:
    data = read(path)
    return told(os.path.basename(path), data) if isinstance(data, bytes) and len(data) <= _LARGEST else Installed()


def told(name: str, data: bytes) -> Installed:
    """What a text of this name says.

    In a program that installs packages by variables, each short text may be the name of one.
    """
    packages = {*_on_pypi(data)} if _LISTS.fullmatch(name) else set[str]()
    files = set[str]()
    for found in _INSTALL.finditer(data):
        named = {*(_on_pypi(found[0]) if found[0].startswith(b"upip") else _of_mip(found[1] or found[2] or b""))}
        packages |= named
        if name.endswith(".py") and _NAME.search(found[0]) is None:
            files.update(_top(one.decode("latin-1")) for one in _NAME.findall(data))
    if not name.endswith(".py") and _OF_BOARDS.search(data) is not None:
        files.update(one.decode("latin-1") for one in _FILE.findall(data))
    return Installed(frozenset(packages), frozenset(files))


def _on_pypi(text: bytes) -> Iterator[str]:
    """The modules of the packages that are named as on PyPI. Packages of stubs have none."""
    for found in _ON_PYPI.findall(text):
        name: str = found.decode("latin-1")
        if not name.endswith(("stubs", "stubber")):
            yield _top(name)


def _of_mip(arguments: bytes) -> Iterator[str]:
    """The modules of the packages that `mip` installs: `logging`, `os-path`, `github:who/micropython-mqtt/mqtt.py`."""
    for word in re.findall(rb"[^\s,\"'\[\]]+", arguments):
        if named := named_by_address(word.decode("latin-1")):
            yield _top(named)


def named_by_address(address: str) -> str:
    """The name of the package at an address, or of the file; "" if that is no name."""
    last = re.sub(r"@[\w.-]*$|/package\.json$", "", address).rpartition("/")[2]
    plain = re.sub(r"^micropython-|\.(?:m?py|json)$", "", last)
    return plain if re.fullmatch(r"[A-Za-z_][\w.-]*", plain) else ""


def _top(package: str) -> str:
    """The module at the top of a package: `os` of `os-path` and of `os.path`."""
    return re.split(r"[.-]", package)[0]

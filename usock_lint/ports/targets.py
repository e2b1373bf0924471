"""Targets: the ports and releases a user's code is meant for, and the cells of the table they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from usock_lint.fast_dataclasses import NamedTuple, dataclass
from usock_lint.ports.releases import NEWEST, RELEASES, Release, known_release, read_release, release_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# The first release at which some board of the port has a socket module; data/boards.json says which.
FIRST: dict[str, Release] = {
    "docs": NEWEST,
    "unix": (1, 9, 4),
    "esp32": (1, 9, 4),
    "esp8266": (1, 9, 4),
    "rp2": (1, 18, 0),
    "stm32": (1, 9, 4),
    "mimxrt": (1, 18, 0),
    "renesas-ra": (1, 21, 0),
    "samd": (1, 21, 0),
    "alif": (1, 25, 0),
    "zephyr": (1, 9, 4),
    "cc3200": (1, 9, 4),
}

PORTS: tuple[str, ...] = tuple(FIRST)
"""Every port with a socket module, the documented contract (`docs`) first."""

# Compiled at the first use: a run with the default targets never needs it.
_FORM = r"\s*([a-zA-Z][\w-]*)\s*(?:([=<>!~^@]++)\s*(\S*)\s*)?"


class TargetError(ValueError):
    """A word that is no target. The message is one line and names the valid words."""


class Cell(NamedTuple):
    """One port at one release: `Cell("esp32", (1, 22, 0))`. The port `docs` has only the newest."""

    port: str
    release: Release


@dataclass(frozen=True, slots=True)
class Target:
    """A port from one release to another, both included; `str()` gives it as the user wrote it.

    How it was written makes it no other target.
    """

    port: str
    since: Release
    until: Release
    written: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Target) and self._span == other._span

    def __hash__(self) -> int:
        return hash(self._span)

    def __str__(self) -> str:
        if self.written:
            return self.written
        if self.since == self.until == NEWEST:
            return self.port
        operator = "==" if self.since == self.until else ">="
        return f"{self.port}{operator}{release_name(self.since)}"

    @property
    def _span(self) -> tuple[str, Release, Release]:
        return self.port, self.since, self.until


_ALIASES: dict[str, tuple[str, ...]] = {
    "portable": ("docs", "esp32", "esp8266", "rp2", "stm32"),
    "all": PORTS,
}

PORTABLE: tuple[Target, ...] = tuple(Target(port, NEWEST, NEWEST) for port in _ALIASES["portable"])
"""The default: what the documentation promises, and the four ports most boards have."""


def parse_targets(words: str | Iterable[str]) -> tuple[Target, ...]:
    """The targets these words name, in their order, each once. Raises TargetError.

    A word is `rp2` (its newest stable release), `esp32==1.24`, `esp32>=1.22` (every release from there on,
    the preview included), `portable` or `all`; several may share a word, separated by commas.
    """
    listed = [words] if isinstance(words, str) else words
    parts = [part for word in listed for part in word.split(",")]
    return tuple(dict.fromkeys(target for part in parts for target in _parse(part)))


def cells(targets: Iterable[Target]) -> frozenset[Cell]:
    """Every port at every release of these targets, where the port has a socket module."""
    return frozenset[Cell]().union(*map(_cells, targets))


def describe(found: Iterable[Cell], targets: Iterable[Target]) -> tuple[str, ...]:
    """Those targets that contain some of these cells, as the user wrote them and in the user's order."""
    wanted = frozenset(found)
    return tuple(dict.fromkeys(str(target) for target in targets if not wanted.isdisjoint(_cells(target))))


@cache
def _cells(target: Target) -> frozenset[Cell]:
    start = max(target.since, FIRST[target.port])
    return frozenset(Cell(target.port, release) for release in RELEASES if start <= release <= target.until)


def _parse(word: str) -> Iterator[Target]:
    form = re.fullmatch(_FORM, word)
    if form is None:
        _refuse(f"{word.strip()!r} is no target", "", [])
    port, operator, text = form[1].lower(), form[2], form[3]
    if port not in FIRST and port not in _ALIASES:
        _refuse(f"unknown port {form[1]!r}", port, [*PORTS, *_ALIASES])
    if operator is None:
        yield from (Target(name, NEWEST, NEWEST, name) for name in _ALIASES.get(port, (port,)))
        return
    if port in _ALIASES or port == "docs":
        raise TargetError(f"{word.strip()!r}: {port} takes no release, it is always {release_name(NEWEST)}")
    if operator not in ("==", ">="):
        raise TargetError(f"unknown operator {operator!r} in {word.strip()!r}: write == or >=")
    yield _ranged(port, operator, text)


def _ranged(port: str, operator: str, text: str) -> Target:
    written = f"{port}{operator}{text.lower().removeprefix('v')}"
    try:
        since = known_release(read_release(text))
    except ValueError:
        names = [release_name(release) for release in RELEASES]
        known = f"the releases are {', '.join(names[:-1])} and the preview {names[-1]}"
        raise TargetError(f"unknown release {text!r} for {port!r}{_nearest(text, names)}; {known}") from None
    until = since if operator == "==" else RELEASES[-1]
    if until < FIRST[port]:
        raise TargetError(f"{written!r}: {port} has sockets since {release_name(FIRST[port])} only")
    return Target(port, since, until, written)


def _refuse(problem: str, word: str, known: list[str]) -> NoReturn:
    forms = "a target is one of those, PORT==RELEASE, PORT>=RELEASE, portable or all"
    raise TargetError(f"{problem}{_nearest(word, known)}; the ports are {', '.join(PORTS)}; {forms}")


def _nearest(word: str, known: list[str]) -> str:
    # Needed only when something is wrong, and slow to import.
    from difflib import get_close_matches

    nearest = get_close_matches(word, known, n=1)
    return f" (did you mean {nearest[0]!r}?)" if nearest else ""

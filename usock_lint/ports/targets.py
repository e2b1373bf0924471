"""Targets: the ports and releases a user's code is meant for, and the cells of the table they stand for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from usock_lint.fast_dataclasses import NamedTuple, dataclass
from usock_lint.ports.releases import NEWEST, RELEASES, Release, release_name

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


PROBED = "#"
"""Separates the parts of the `implementation` of the cell of a probed board: the first, a path, may have it, too."""


class TargetError(ValueError):
    """A word is not a target. The message is one line and names the valid words."""


class UnknownNameError(TargetError):
    """A word is the name of neither a port nor a board."""


class Cell(NamedTuple):
    """One port at one release: `Cell("esp32", (1, 22, 0))`. The port `docs` has only the newest.

    `implementation` is "" for the socket module that most boards of the port have, else the name of another one. For a
    board that was probed (`probed`) it is the path of the file that the board printed, the file's digest, and the
    `implementation` of the cell that has all other facts, with PROBED between them.
    """

    port: str
    release: Release
    implementation: str = ""

    @property
    def is_probed(self) -> bool:
        """True if it is a cell of a board that was probed."""
        return PROBED in self.implementation


@dataclass(frozen=True, slots=True)
class Target:
    """A port from one release to another, both included.

    A board is its port, with an `implementation` if most boards of the port have another one. `written` is the user's
    spelling, which `str()` returns, and `name` the part before the release. Targets are equal if only these differ.
    """

    port: str
    since: Release
    until: Release
    written: str = ""
    name: str = ""
    implementation: str = ""

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
    def is_probed(self) -> bool:
        """True if it is a board that was probed."""
        return PROBED in self.implementation

    @property
    def _span(self) -> tuple[str, Release, Release, str]:
        return self.port, self.since, self.until, self.implementation


ALIASES: dict[str, tuple[str, ...]] = {
    "portable": ("docs", "esp32", "esp8266", "rp2", "stm32"),
    "all": PORTS,
}

PORTABLE: tuple[Target, ...] = tuple(Target(port, NEWEST, NEWEST) for port in ALIASES["portable"])
"""The default: what the documentation promises, and the four ports most boards have."""


def cells(targets: Iterable[Target]) -> frozenset[Cell]:
    """Every port at every release of these targets, where the port has a socket module."""
    return frozenset[Cell]().union(*map(_cells, targets))


def describe(found: Iterable[Cell], targets: Iterable[Target]) -> tuple[str, ...]:
    """The targets that contain some of these cells, as the user wrote them and in the user's order."""
    wanted = frozenset(found)
    return tuple(dict.fromkeys(str(target) for target in targets if not wanted.isdisjoint(_cells(target))))


@cache
def _cells(target: Target) -> frozenset[Cell]:
    start = max(target.since, FIRST[target.port])
    reached = (release for release in RELEASES if start <= release <= target.until)
    return frozenset(Cell(target.port, release, target.implementation) for release in reached)

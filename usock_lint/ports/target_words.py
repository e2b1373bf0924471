"""Reading targets as users write them: ports, boards, releases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.ports.nearest import did_you_mean, squashed
from usock_lint.ports.releases import NEWEST, RELEASES, Release, known_release, read_release, release_name
from usock_lint.ports.targets import ALIASES, FIRST, PORTS, Target, TargetError, UnknownNameError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from usock_lint.ports.board_names import Board

# The groups: the port before a colon, the port or board, the operator, and what stands in the place of a release.
_FORM = r"[ \t]*(?:([a-zA-Z][\w -]*?) *: *)?([a-zA-Z][\w -]*?)[ \t]*(?:([=<>!~^@]+(?![=<>!~^@]))[ \t]*(\S*)[ \t]*)?"

_FORKS = ("circuitpython", "pycom")
"""Firmwares that began as MicroPython, without spaces and the like."""

_SHOWN = 4
"""The number of boards that an error names if a word can mean several."""


class Place(NamedTuple):
    """The meaning of a name: a port, or a board of one, which may have a socket module of its own.

    `implementation` is that of Cell, and `since` the first release at which the board has sockets.
    """

    port: str
    name: str
    implementation: str = ""
    since: Release = RELEASES[0]


def parse_targets(words: str | Iterable[str]) -> tuple[Target, ...]:
    """The targets these words name, in their order, each once. Raises TargetError.

    A word is `rp2` (its newest release), `esp32==1.24`, `esp32>=1.22` (every release from there on), `portable` or
    `all`; several may share a word, separated by commas. In the place of a port there may be a board, `picow>=1.23`,
    also with its port, `rp2:RPI_PICO_W`. A file, `board.json`, is the output of `usock-lint probe` on a board.
    """
    listed = [words] if isinstance(words, str) else words
    parts = [part for word in listed for part in word.split(",")]
    return tuple(dict.fromkeys(target for part in parts for target in _parse(part)))


def place(word: str) -> Place:
    """The port or board that a word without a release names. Raises TargetError."""
    form = re.fullmatch(_FORM, word)
    if form is None or form[3]:
        _refuse(f"{word.strip()!r} is no port and no board", "")
    return _place(form[1], form[2])


def _parse(word: str) -> Iterator[Target]:
    if word.strip().endswith(".json"):
        yield _probed(word.strip())
        return
    form = re.fullmatch(_FORM, word)
    if form is None:
        _refuse(f"{word.strip()!r} is no target", "")
    port, name, operator, text = form.groups()
    alias = "" if port else squashed(name)
    if operator is None and alias in ALIASES:
        yield from (Target(one, NEWEST, NEWEST, one) for one in ALIASES[alias])
        return
    if operator is not None and alias in (*ALIASES, "docs"):
        raise TargetError(f"{word.strip()!r}: {alias} takes no release, it is always {release_name(NEWEST)}")
    meant = _place(port, name)
    if operator is None:
        yield Target(meant.port, NEWEST, NEWEST, meant.name, meant.name, meant.implementation)
        return
    if operator not in ("==", ">="):
        raise TargetError(f"unknown operator {operator!r} in {word.strip()!r}: write == or >=")
    yield _ranged(meant, operator, text)


def _probed(file: str) -> Target:
    from usock_lint.ports import probed

    cell = probed.read(file)
    return Target(cell.port, cell.release, cell.release, file, file, cell.implementation)


def _ranged(meant: Place, operator: str, text: str) -> Target:
    name = meant.name
    written = f"{name}{operator}{text.lower().removeprefix('v')}"
    try:
        since = known_release(read_release(text))
    except ValueError:
        names = [release_name(release) for release in RELEASES]
        known = f"the releases are {', '.join(names[:-1])} and {names[-1]}"
        near = did_you_mean(text, names, "'")
        raise TargetError(f"unknown release {text!r} for {name!r}{near}; {known}") from None
    until = since if operator == "==" else RELEASES[-1]
    first = max(meant.since, FIRST[meant.port])
    if until < first:
        raise TargetError(f"{written!r}: {name} has sockets since {release_name(first)} only")
    return Target(meant.port, max(since, meant.since), until, written, name, meant.implementation)


# Names


def _place(port: str | None, name: str) -> Place:
    if port is None:
        return _of_port(name) or _of_board(name, name)
    home = _of_port(port)
    if home is None:
        _refuse(f"unknown port {port!r}", port)
    return _of_board(name, f"{port}:{name}", home.port)


def _of_port(name: str) -> Place | None:
    spelling = squashed(name)
    return next((Place(port, port) for port in PORTS if squashed(port) == spelling), None)


def _of_board(word: str, written: str, port: str = "") -> Place:
    """The place of a board, which has to be one of this port, or of any port for "". Raises TargetError."""
    from usock_lint.ports import board_names  # most words are ports, and those need no facts

    if not port and (alone := board_names.port_called(word)):
        return Place(alone, written)
    if not port and board_names.is_port_without_sockets(word):
        near = did_you_mean(word, board_names.spellings(), "'")
        raise TargetError(f"the port {word} has no sockets in any release, so that there is nothing to check{near}")
    named = board_names.named(word)
    found = tuple(board for board in named if port in ("", board.port))
    if named and not found:
        raise TargetError(f"{named[0].name} is a board of {named[0].port}, not of {port}")
    if not found:
        _refuse(f"unknown {f'board of {port}' if port else 'port'} {word!r}", word)
    if not any(board.implementation for board in found):
        raise TargetError(_without_sockets(word, found))
    board, *others = found
    if others:
        raise TargetError(f"{word!r} can be any of {len(found)} boards: {_some(found)}; write the name of one")
    return Place(board.port, written, board.own, board.since)


def _without_sockets(word: str, found: Sequence[Board]) -> str:
    """The message for a board without sockets. For RPI_PICO it names RPI_PICO_W, which has some."""
    from usock_lint.ports import board_names

    names = _some(found)
    said = names if squashed(word) == squashed(names) else f"{word!r} ({names})"
    wireless = [name for board in found if (name := f"{board.name}_W") in board_names.known()]
    meant = f" (did you mean {wireless[0]!r}?)" if wireless else ""
    return f"{said} has no sockets: its firmware has no network, and no socket module, in any release{meant}"


def _some(found: Sequence[Board]) -> str:
    """The names of the first boards, with their ports where these tell them apart."""
    names = [board.name for board in found]
    shown = [f"{one.port}:{one.name}" if names.count(one.name) > 1 else one.name for one in found[:_SHOWN]]
    return ", ".join(shown) + (" ..." if found[_SHOWN:] else "")


def _refuse(problem: str, word: str) -> NoReturn:
    """Raise UnknownNameError with the name that may be meant by the word, "" for none, and the valid words."""
    from usock_lint.ports import board_names

    is_fork = squashed(word) in _FORKS
    near = did_you_mean(word, (*board_names.spellings(), *ALIASES, *PORTS), "'") if word and not is_fork else ""
    near = " (a firmware of its own, which no rule knows)" if is_fork else near
    forms = "a target is one of those, a board such as RPI_PICO_W, PORT==RELEASE, PORT>=RELEASE, portable or all"
    raise UnknownNameError(f"{problem}{near}; the ports are {', '.join(PORTS)}; {forms}")

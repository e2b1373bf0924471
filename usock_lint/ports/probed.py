"""A board that was probed as a column of the table: `--target board.json`.

`program` runs on the board. It prints modules with their names, values and classes, and the arguments that the
functions of the socket module take (`probed_facts`). All other facts are those of the port, or of the board that the
firmware was built for, at that release: behaviours, exceptions, TLS, and modules that the program does not import.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from usock_lint import observed
from usock_lint.ports import board_names, probed_facts, table, world
from usock_lint.ports.releases import NEWEST, known_release, read_release, release_name
from usock_lint.ports.targets import FIRST, PROBED, Cell, TargetError


def read(word: str) -> Cell:
    """The cell of a file. Raises TargetError."""
    path = os.path.abspath(word)
    observed.read(path)
    try:
        facts = probed_facts.load(path)
        with open(path, "rb") as file:
            digest = blake2b(file.read(), digest_size=8).hexdigest()
        base = _base(word, facts)
        cell = base._replace(implementation=PROBED.join((path, digest, base.implementation)))
        table.implementation_at(cell)
    except TargetError:
        raise
    except OSError as error:
        raise TargetError(f"{word}: {error.strerror or error}") from None
    except (AttributeError, KeyError, TypeError, ValueError):
        raise TargetError(f"{word} is not what the program of `usock-lint probe` prints") from None
    return cell


def program() -> str:
    """The program that a board is asked with."""
    with open(os.path.join(os.path.dirname(__file__), "data", "probe.txt"), encoding="utf-8") as file:
        text = file.read()
    for name, words in {"MODULES": world.built_in_modules(), "CALLS": _counted()}.items():
        text = text.replace(f'{name} = ""', f'{name} = "{" ".join(sorted(words))}"')
    return text


def _counted() -> frozenset[str]:
    """Functions of the socket modules that refuse too many arguments on each port: to call them so has no effect."""
    every = [pair for one in table.implementations() for names in (one.module, one.members) for pair in names.items()]
    unlimited = {name for name, one in every if any(call.maximum is None for call in one.signatures)}
    return frozenset(name for name, one in every if one.signatures and one.kind in ("function", "method")) - unlimited


def _base(word: str, facts: Mapping[str, Any]) -> Cell:
    """The cell of the table that the board is closest to: port, release and known board. Raises TargetError."""
    if not facts["modules"].get("socket"):
        raise TargetError(f"{word}: this firmware has no socket module")
    try:
        # A firmware newer than the table counts as the newest known release for all that it does not tell itself.
        release = known_release(min(read_release(facts["version"]), NEWEST))
    except ValueError:
        raise TargetError(f"{word}: nothing is known of the release {facts['version']}") from None
    board = board_names.known().get(facts["build"])
    port = facts.get("port") or (board.port if board else _port(facts["platform"]))
    if port not in FIRST or port == "docs":
        ports = ", ".join(one for one in FIRST if one != "docs")
        raise TargetError(f'{word}: no port has the platform {facts["platform"]!r}; add "port" to the file: {ports}')
    if release < FIRST[port]:
        raise TargetError(f"{word}: nothing is known of {port} {release_name(release)}")
    return Cell(port, release, board.own if board and board.port == port and release >= board.since else "")


def _port(platform: str) -> str | None:
    """The port with this `sys.platform`: esp32 for "esp32", unix for "linux" and "darwin"."""
    return next((port for port in FIRST if port != "docs" and platform in table.platforms(port)), None)

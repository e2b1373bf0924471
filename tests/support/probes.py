"""What real interpreters answered to one question each, and asking a shim the same; see evidence/README.md."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import socket
import subprocess
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.rulepages.interpreters import ROOT
from usock_lint.ports import NEWEST, release_name
from usock_lint.shim.run import run_source

FOLDER: Final = Path(__file__).parent.parent / "ports/evidence"

UNIX: Final = "unix"
COLUMNS: Final = {UNIX: "unix", "lwip": "stm32", "lwip+ipv6": "rp2"}
"""The columns of the evidence, and the port that is played for each."""

_ALWAYS: Final = {
    UNIX: ("1.25", "1.26.1", release_name(NEWEST)),
    "lwip": ("1.20", release_name(NEWEST)),
    "lwip+ipv6": (release_name(NEWEST), "1.29"),
}
"""The releases at which every probe is asked; of lwip only those that were built to ask it."""


@dataclass(frozen=True)
class Probe:
    """One question and the answers by column and release."""

    name: str
    setup: str
    expr: str
    answers: dict[str, list[list[str]]]

    def releases(self, column: str) -> list[str]:
        """Those to ask: the usual ones and each at which the answer changed."""
        return list(dict.fromkeys([*(release for release, _ in self.answers[column]), *_ALWAYS[column]]))

    def answer(self, column: str, release: str) -> str:
        """What the real port of this release said."""
        return [answer for since, answer in self.answers[column] if number(since) <= number(release)][-1]

    def program(self) -> str:
        """A script that prints the answer."""
        return "\n".join(
            [
                "import socket",
                "def main():",
                f"    kind = 'SETUP'\n    try:\n{textwrap.indent(self.setup, ' ' * 8)}",
                f"        kind = 'EXC'\n        print('OK', repr({self.expr}))",
                "    except Exception as e:\n        print(kind, type(e).__name__, e.args)",
                "main()",
            ]
        )


def number(release: str) -> tuple[int, ...]:
    """(1, 26, 1) of "1.26.1"."""
    return tuple(map(int, release.removesuffix("-preview").split(".")))


def read() -> Iterator[Probe]:
    """The probes of observed.json."""
    for row in json.loads((FOLDER / "observed.json").read_text(encoding="utf-8")):
        yield Probe(row["name"], row["setup"], row["expr"], {column: row[column] for column in COLUMNS})


def comparable(answer: str) -> str:
    """An answer without the words of a message, and without what differs from run to run or chip to chip."""
    kind, _, rest = answer.strip().partition(" ")
    if kind == "OK":
        return re.sub(r"<_socket \d+>|(?<=timeout=)\S+", "", answer.strip())
    name, _, arguments = rest.partition(" ")
    return f"{kind} {name} {arguments}" if name == "OSError" else f"{kind} {name}"


def free_port() -> int:
    """A port on loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def output(code: str, version: str | None = None, port: str = "unix", **names: object) -> str:
    """What a script prints on the shim of a port, warnings of the port itself left out."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        run_source(code, port, version, globals=names)
    return re.sub(r"^Warning: .*\n", "", printed.getvalue(), flags=re.M)


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    """A process that finds the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=10, env=environment)

"""The shim answers every probe as real interpreters did, release by release, and prints what they print."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.each import check_each
from tests.support.probes import COLUMNS, FOLDER, UNIX, Probe, comparable, free_port, output, read, run
from tests.support.running import python
from tools.rulepages.interpreters import Interpreter

BOARD_DEVIATIONS = {
    "select.register_fd": "lwIP was asked in a build for unix, whose poll takes descriptors; no board's does",
}
"""Where an lwip column is not what the shim answers, and why."""

NO_NAME_SERVER = "-6"
"""What lwIP answers where it has no name server, as there; the shim's resolver says that there is no such name."""

NO_NETWORK = "EXC OSError (113,)"
"""What lwIP answers where it has no network, as there. With one it sends to all; what nobody has goes to the gateway,
and connecting ends after a time (run:lwip@1.28, 1.29 over a link)."""

EARLY_POLL = "select.poll.ioerr"
"""At 1.20 lwIP was asked in a unix build, whose select took nothing but descriptors; no board's did."""

NEEDS_ROOT = {"socket.raw"}

SCRIPTS = FOLDER / "scripts"
RELEASE = "import sys; print('.'.join(str(part) for part in sys.implementation.version[:3]))"

PROBES = list(read())
ALLOWED = [probe for probe in PROBES if probe.name not in NEEDS_ROOT or os.geteuid() == 0]


def deviates(probe: Probe, column: str, release: str) -> bool:
    if column == UNIX:
        return False
    early = (probe.name, release) == (EARLY_POLL, "1.20")
    answer = probe.answer(column, release)
    number = re.search(r"-\d+", answer)
    alone = answer == NO_NETWORK or (number is not None and number[0] == NO_NAME_SERVER)
    return early or probe.name in BOARD_DEVIATIONS or alone


@pytest.mark.parametrize("column", COLUMNS)
def test_the_shim_answers_as_the_real_port(column: str) -> None:
    def answers_so(probe: Probe) -> None:
        for release in probe.releases(column):
            answer = comparable(output(probe.program(), release, COLUMNS[column], PORT=free_port()))
            real = comparable(probe.answer(column, release))
            assert (answer != real) == deviates(probe, column, release), f"{release}: {answer}, and not {real}"

    check_each(answers_so, ALLOWED)


def test_the_deviations_are_few_and_real() -> None:
    known = {*BOARD_DEVIATIONS, EARLY_POLL}
    assert len(known) <= len(PROBES) * 0.02
    assert known <= {probe.name for probe in PROBES}


def test_the_evidence_is_what_this_interpreter_answers(micropython: Interpreter) -> None:
    def ask(program: str) -> str:
        return run([micropython.path, "-c", program]).stdout

    if not micropython.judges(""):
        pytest.skip("another interpreter is asked")
    release = ask(RELEASE).strip()
    wrong = {
        probe.name: answer
        for probe in ALLOWED
        if comparable(answer := ask(f"PORT = {free_port()}\n{probe.program()}"))
        != comparable(probe.answer(UNIX, release))
    }
    assert not wrong


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_script_prints_the_same_as_on_real_micropython(
    script: Path, micropython: Interpreter, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    if not micropython.judges(script.read_text(encoding="utf-8")):
        pytest.skip("another interpreter is to run it")
    release = run([micropython.path, "-c", RELEASE]).stdout.strip()
    shim = python("-m", "usock_lint.shim.run", "--version", release)
    printed: list[str] = []
    for command in (shim, [micropython.path]):
        program.write_text(f"PORT = {free_port()}\n{script.read_text(encoding='utf-8')}", encoding="utf-8")
        done = run([*command, str(program)])
        printed.append(f"{done.stdout}{done.stderr}".replace(str(tmp_path), ""))
    if "ImportError: no module named 'ssl'" in printed[1]:
        pytest.skip("that build has no ssl")
    assert printed[0] == printed[1]

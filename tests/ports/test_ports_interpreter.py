"""The names and numbers of unix in the table, beside those of real interpreters."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Literal

import pytest

from tools.rulepages.interpreters import Interpreter
from usock_lint import ports
from usock_lint.ports import Cell, Kind

ASK = """import errno, json, socket, sys
def constants(module):
    names = [name for name in dir(module) if name[:2] != "__"]
    return {name: getattr(module, name) if isinstance(getattr(module, name), int) else None for name in names}
members = [name for name in dir(socket.socket) if name[:2] != "__"]
print(json.dumps([list(sys.implementation.version[:3]), constants(socket), members, constants(errno)]))
"""
Part = Literal["module", "socket", "errno"]


@pytest.fixture(scope="module")
def interpreter(micropython: Interpreter) -> tuple[Cell, dict[Part, dict[str, int | None]]]:
    printed = subprocess.run([micropython.path, "-c", ASK], capture_output=True, text=True, check=True, timeout=30)
    release, module, members, numbers = json.loads(printed.stdout)
    (cell,) = ports.cells(ports.parse_targets(f"unix=={'.'.join(map(str, release))}"))
    return cell, {"module": module, "socket": dict.fromkeys(members), "errno": numbers}


@pytest.mark.parametrize("kind", ["module", "socket"])
def test_the_names_of_unix_are_the_interpreter_s(interpreter: Any, kind: Kind):
    cell, answer = interpreter
    table = ports.implementation("unix").module if kind == "module" else ports.implementation("unix").members
    names = {name for name, fact in table.items() if fact.exists(cell)}
    assert names - {"__name__"} == set(answer[kind])


def test_the_values_of_unix_are_the_interpreter_s(interpreter: Any):
    cell, answer = interpreter
    table = ports.implementation("unix").module
    assert {name: table[name].value(cell.release) for name in answer["module"]} == answer["module"]


def test_the_errno_names_and_numbers_are_the_interpreter_s(interpreter: Any):
    cell, answer = interpreter
    assert ports.errno_names(cell) == set(answer["errno"])
    assert {name: ports.errno_number(cell, name) for name in answer["errno"]} == answer["errno"]

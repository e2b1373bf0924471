"""What a probe makes of an interpreter is what the table says of it, and what it does not tell is the table's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import lint_process
from tools.rulepages.interpreters import Interpreter
from usock_lint import ports
from usock_lint.ports import Cell, TargetError, parse_targets, probed, probed_facts, table, world

BY_BUILD = frozenset({"btree", "ffi", "jni", "ssl", "tls", "termios", "bluetooth", "ubluetooth", "_thread", "network"})
"""Modules that whoever builds the unix port chooses."""


def cell(path: Path) -> Cell:
    (found,) = ports.cells(parse_targets([str(path)]))
    return found


@pytest.fixture(name="board", scope="module")
def a_file_of_an_interpreter(micropython: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("probe")
    (folder / "probe.py").write_text(probed.program(), encoding="utf-8")
    # An esp8266 has that much, and words half as wide.
    words = [micropython.path, "-X", "heapsize=36k", "probe.py"]
    done = subprocess.run(words, cwd=folder, capture_output=True, encoding="utf-8", check=True, timeout=60)
    (folder / "board.json").write_text(done.stdout, encoding="utf-8")
    return folder / "board.json"


def test_the_sockets_of_an_interpreter_are_those_of_the_table(board: Path) -> None:
    asked = cell(board)
    known = table.implementation_at(probed_facts.base(asked))
    board_s = table.implementation_at(asked)

    assert asked.port == "unix"
    for of_table, of_board in ((known.module, board_s.module), (known.members, board_s.members)):
        there = {name for name, one in of_table.items() if one.exists(probed_facts.base(asked))}
        assert set(of_board) == there
        for name in there:
            assert of_board[name].arity(asked.release) == of_table[name].arity(asked.release), name
            assert of_board[name].value(asked.release) == of_table[name].value(asked.release), name
            assert of_board[name].kind == of_table[name].kind, name
    assert all(
        ports.behaviour(asked, one) == ports.behaviour(probed_facts.base(asked), one) for one in known.behaviours
    )


def test_the_modules_of_an_interpreter_are_those_of_the_table(board: Path) -> None:
    asked = cell(board)
    base = probed_facts.base(asked)
    wrong: list[tuple[str, ...]] = []
    for module, found in probed_facts.of(asked).modules.items():
        if module in BY_BUILD or module.removeprefix("u") in BY_BUILD:
            continue
        if world.module_exists(base, module) not in (None, found is not None):
            wrong.append((module,))
        for name in found or ():
            if world.module_name(base, module, name) is False:
                wrong.append((module, name))
        untold = world.names(base, module) - set(found) if found and module != "sys" else set[str]()
        wrong += [(module, name, "is not there") for name in untold if name[:2] != "__"]
    assert wrong == []


def test_a_program_is_linted_for_the_board(board: Path, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nimport nosuch\ns = socket.socket()\ns.shutdown(2)\ns.close()\n")

    done = lint_process("--no-cache", "--target", str(board), "net.py", cwd=tmp_path)

    assert f"sockets have no `shutdown` on {board}" in done.stdout


def test_another_file_of_the_same_name_is_another_target(tmp_path: Path) -> None:
    program = "import socket\ns = socket.socket()\ns.sendall(b'x')\ns.close()\n"
    (tmp_path / "net.py").write_text(program, encoding="utf-8")
    told: dict[str, Any] = {**FILE["modules"], "socket": {"socket": ["sendall", "close"]}}

    for modules, count in ((told, 0), ({**told, "socket": {"socket": ["close"]}}, 1)):
        written(tmp_path, modules=modules)
        done = lint_process("--target", "board.json", "--cache-dir", "cache", "net.py", cwd=tmp_path)
        assert done.stdout.count("USK201") == count, done.stdout + done.stderr


FILE: dict[str, Any] = {
    "usock-lint": 1, "platform": "rp2", "version": "1.25.0", "build": "RPI_PICO_W",
    "modules": {
        "builtins": {"print": "f"}, "socket": {"AF_INET": 2, "socket": ["send", "wave"], "vendor": "f"},
        "machine": None, "select": {"poll": "f"}, "errno": {"ETIMEDOUT": 116},
    },
    "types": {"str": ["upper"]}, "calls": {"socket": {"send": ["function expected at most 3 arguments, got 9", None]}},
}  # fmt: skip


def written(folder: Path, **changes: object) -> Path:
    path = folder / "board.json"
    path.write_text(json.dumps({**FILE, **changes}), encoding="utf-8")
    return path


def test_a_file_may_be_in_any_folder(tmp_path: Path) -> None:
    (tmp_path / "board #1").mkdir()
    asked = cell(written(tmp_path / "board #1"))
    assert ports.has(asked, "module", "vendor")
    assert not probed_facts.base(asked).is_probed


def test_a_vendor_s_build_has_what_it_told_and_else_what_its_port_has(tmp_path: Path) -> None:
    asked = cell(written(tmp_path))

    assert (asked.port, asked.release) == ("rp2", (1, 25, 0))
    assert ports.has(asked, "module", "vendor")
    assert ports.has(asked, "socket", "wave")
    assert not ports.has(asked, "socket", "recv")
    assert not ports.has(asked, "module", "getaddrinfo")
    assert table.implementation_at(asked).members["send"].arity() == (1, 2)
    assert (world.module_exists(asked, "machine"), world.module_exists(asked, "network")) == (False, True)
    assert (world.module_name(asked, "select", "poll"), world.module_name(asked, "select", "select")) == (True, False)
    assert (world.builtin(asked, "print"), world.builtin(asked, "input")) == (True, False)
    assert (world.builtin_method(asked, "str", "upper"), world.builtin_method(asked, "str", "lower")) == (True, False)
    assert world.builtin_method(asked, "bytes", "decode")
    assert (ports.errno_number(asked, "ETIMEDOUT"), ports.errno_names(asked)) == (116, {"ETIMEDOUT"})
    assert ports.behaviour(asked, "hostname") == ports.behaviour(Cell("rp2", (1, 25, 0)), "hostname")


def test_the_board_that_a_firmware_was_built_for_has_the_rest(tmp_path: Path) -> None:
    asked = cell(written(tmp_path, build="ARDUINO_NANO_RP2040_CONNECT"))

    assert ports.behaviour(asked, "timeout_errno") == ports.behaviour(Cell("rp2", (1, 25, 0), "nic"), "timeout_errno")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"usock-lint": 2}, "is not what the program of `usock-lint probe` prints"),
        ({"types": None}, "is not what the program of `usock-lint probe` prints"),
        ({"platform": "toaster", "build": ""}, "no port has the platform 'toaster'; add \"port\" to the file: unix,"),
        ({"version": "0.3"}, "nothing is known of the release 0.3"),
        ({"version": "1.9.4", "build": ""}, "nothing is known of rp2 1.9.4"),
        ({"modules": {"socket": None}}, "this firmware has no socket module"),
    ],
)
def test_what_is_no_such_file_is_told_in_one_line(changes: dict[str, Any], says: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError) as caught:
        parse_targets([str(written(tmp_path, **changes))])
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_port_can_be_named_for_a_fork(tmp_path: Path) -> None:
    assert cell(written(tmp_path, platform="toaster", build="", port="esp32")).port == "esp32"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="No such file"):
        parse_targets([str(tmp_path / "no.json")])
    for text in ("{", "[" * 100_000):
        (tmp_path / "no.json").write_text(text, encoding="utf-8")
        with pytest.raises(TargetError, match="is not what"):
            parse_targets([str(tmp_path / "no.json")])


AROUND = "MPY: soft reboot\nconnecting\n{}\n>>> \n"
"""What a board with a boot.py prints, and a terminal after it."""


@pytest.mark.parametrize(
    ("encoding", "around"), [("utf-16", "{}"), ("utf-8-sig", "{}"), ("utf-8", AROUND), ("utf-16", AROUND)]
)
def test_a_file_is_read_as_shells_and_boards_write_it(encoding: str, around: str, tmp_path: Path) -> None:
    (tmp_path / "board.json").write_text(around.format(json.dumps(FILE, indent=0)), encoding=encoding)

    assert cell(tmp_path / "board.json")[:2] == ("rp2", (1, 25, 0))


def test_a_release_after_the_newest_has_the_rest_of_that(tmp_path: Path) -> None:
    asked = cell(written(tmp_path, version="1.99.0"))

    assert asked.release == ports.NEWEST
    assert not ports.has(asked, "socket", "recv")


def test_how_a_vendor_s_own_function_is_called_is_not_known(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "net.py").write_text("import socket\nsocket.vendor(1, 2)\ns = socket.socket()\ns.wave()\ns.wave(3)\n")

    done = lint_process("--no-cache", "--target", "board.json", "--select", "USK206", "net.py", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr

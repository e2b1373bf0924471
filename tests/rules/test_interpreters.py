"""A script has an interpreter of its own, whatever runs it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.rulepages import interpreters
from tools.rulepages.interpreters import CPYTHON, Forked, Interpreter, Run, Shim, micropython_names, required

NAMES = {"HOST": "127.0.0.1", "PORT": "80"}


Runner = Forked | Interpreter | Shim


def run(on: Runner, folder: Path, **files: str) -> Run:
    for name, code in files.items():
        (folder / f"{name}.py").write_text(code)
    return on.run(folder / "example.py", NAMES)


@pytest.fixture(name="on", params=["cpython", "micropython", "shim"])
def each_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setattr(interpreters, "_SECONDS", 1)
    if request.param == "micropython":
        return required(micropython_names()[0])
    return CPYTHON if request.param == "cpython" else Shim("unix")


def test_a_script_has_the_names_that_it_is_given(on: Runner, tmp_path: Path) -> None:
    assert run(on, tmp_path, example="print(__name__, repr(HOST), PORT + 1)") == ("__main__ '127.0.0.1' 81\n", "")


def test_the_type_of_what_ends_a_script_is_printed_last(on: Runner, tmp_path: Path) -> None:
    output, errors = run(on, tmp_path, example="print(1)\n[][1]\n")

    assert output == "1\nIndexError\n"
    assert "example.py" in errors
    assert "IndexError" in errors.splitlines()[-1]


def test_a_script_may_exit(on: Runner, tmp_path: Path) -> None:
    assert run(on, tmp_path, example="import sys\nprint(1)\nsys.exit(3)\n") == ("1\n", "")


def test_a_script_that_hangs_is_ended(on: Runner, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(interpreters, "_SECONDS", 0.2)
        with pytest.raises((subprocess.TimeoutExpired, AssertionError)):
            run(on, tmp_path, example="while True: pass\n")
    assert run(on, tmp_path, example="print(1)\n").output == "1\n"


def test_what_a_script_changes_is_gone_with_it(on: Runner, tmp_path: Path) -> None:
    change = "import os, sys\nimport socket\nsocket.AF_INET = 99\nsys.path.append('gone')\nos.chdir('/')\nprint(1)\n"
    ask = "import os, sys\nimport socket\nprint(socket.AF_INET, 'gone' in sys.path, os.getcwd() == '/')\n"

    run(on, tmp_path, example=change)

    assert run(on, tmp_path, example=ask).output == "2 False False\n"


def test_a_module_beside_a_script_is_found_first(tmp_path: Path) -> None:
    files = {"json": "dumps = 'own'\n", "helper": "import json\nfound = json.dumps\n"}

    assert run(CPYTHON, tmp_path, example="from helper import found\nprint(found)\n", **files).output == "own\n"
    assert "own" not in run(CPYTHON, tmp_path / "..", example="import json\nprint(json.dumps)\n").output


def test_a_process_that_dies_is_told(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="ended with -9\nso far\n"):
        run(CPYTHON, tmp_path, example="import os\nprint('so far', flush=True)\nos.kill(os.getpid(), 9)\n")

"""A program in a fork of a server does what it does as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from tests.support.running import environment
from tools.forking import ABLE, ForkServer

pytestmark = pytest.mark.skipif(not ABLE, reason="this system does not fork")

WAITING = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


@pytest.fixture(scope="module", name="server")
def a_server() -> ForkServer:
    """A server whose forks have json, as if they had imported it."""
    return ForkServer(code="import json", environment=environment())


Python = Callable[..., list[str]]


@pytest.fixture(params=["process", "fork"], name="python")
def either(request: pytest.FixtureRequest, server: ForkServer) -> Python:
    """How to start Python, and how to have it forked: both do the same."""
    return server.command if request.param == "fork" else lambda *words: [sys.executable, *words]


def ran(command: list[str], folder: Path, **variables: str) -> tuple[int, str, str]:
    own = {**environment(), **variables}
    done = subprocess.run(command, cwd=folder, env=own, input="in", capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout, done.stderr


def test_it_has_the_callers_folder_variables_arguments_and_streams(python: Python, tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), os.environ['OWN'], sys.argv, sys.stdin.read()); sys.exit('bye')"

    assert ran(python("-c", code, "a", "-b"), tmp_path, OWN="é") == (1, f"{tmp_path} é ['-c', 'a', '-b'] in\n", "bye\n")


def test_a_script_and_a_module_find_what_is_beside_them(python: Python, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("print('own')\n")
    (tmp_path / "main.py").write_text("import json, sys\nprint(__name__, __file__, sys.argv)\n")

    assert ran(python("main.py", "x"), tmp_path)[1].splitlines()[0] == "own"
    assert ran(python("-m", "main"), tmp_path)[1].splitlines()[0] == "own"
    assert ran(python("main.py", "x"), tmp_path)[1].splitlines()[1].startswith("__main__ ")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_signal_that_ends_it_is_how_it_ended(number: int, python: Python, tmp_path: Path) -> None:
    assert ran(python("-c", f"import os; os.kill(os.getpid(), {number})"), tmp_path)[0] == -number


@pytest.mark.parametrize("code", ["sys.exit()", "sys.exit(True)", "sys.exit(259)", "sys.exit(-1)", "1 / 0", "pass"])
def test_it_exits_with_the_same_code(code: str, server: ForkServer, tmp_path: Path) -> None:
    words = "-c", f"import atexit, sys\natexit.register(print, 'at exit')\nprint('out')\n{code}"

    real, forked = ran([sys.executable, *words], tmp_path), ran(server.command(*words), tmp_path)

    assert (forked[:2], forked[2].splitlines()[-1:]) == (real[:2], real[2].splitlines()[-1:])


def test_threads_and_children_end_before_it(python: Python, tmp_path: Path) -> None:
    code = (
        "import threading, time\nfrom concurrent.futures import ThreadPoolExecutor\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\n"
        "ThreadPoolExecutor(1).submit(lambda: (time.sleep(0.1), print('pool')))\n"
    )

    assert ran(python("-c", code), tmp_path) == (0, "pool\nthread\n", "")


def test_output_that_cannot_be_written_is_told(python: Python, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            python("-c", "print(1)"), cwd=tmp_path, env=environment(), stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 120
    assert "No space left on device" in done.stderr


def test_an_interrupt_reaches_it(python: Python, tmp_path: Path) -> None:
    code = f"try:\n    {WAITING}\nexcept KeyboardInterrupt:\n    print('interrupted')"
    with subprocess.Popen(python("-c", code), stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[0] == b"interrupted\n"
    assert process.returncode == 0


def test_it_dies_with_its_caller(python: Python) -> None:
    with subprocess.Popen(python("-c", WAITING), stdout=subprocess.PIPE, env=environment()) as process:
        assert process.stdout
        program = int(process.stdout.readline())
        process.kill()
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.kill(program, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("it is still there")


def test_a_program_that_takes_too_long_is_killed(server: ForkServer, tmp_path: Path) -> None:
    with TemporaryFile() as file:
        with pytest.raises(subprocess.TimeoutExpired):
            server.run("-c", WAITING, folder=tmp_path, environment={}, streams=[file] * 3, seconds=0.3)
        assert server.run("-c", "print(1)", folder=tmp_path, environment={}, streams=[file] * 3, seconds=30) == 0
        file.seek(0)
        assert file.read().endswith(b"\n1\n")


def test_it_has_what_the_server_has_imported(server: ForkServer, tmp_path: Path) -> None:
    assert ran(server.command("-c", "import sys; print('json' in sys.modules)"), tmp_path)[1] == "True\n"

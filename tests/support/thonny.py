"""Thonny itself on a virtual screen, with the plug-in installed as Thonny's own plug-in manager does it."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

from tests.support import debian
from tests.support.running import ROOT

NEWEST: Final = "5.0.1"
OLDER: Final = "4.1.7"
"""The last release of the series that Thonny's installers bring with Python 3.10."""

PLUGIN: Final = ROOT / "editors/thonny"
"""The plug-in's source."""

_NEEDED: Final = "asttokens docutils jedi libcst packaging pillow ptyprocess pyserial send2trash".split()
"""What Thonny and usock-lint import, without the linters that Thonny brings, and what takes the screenshot."""

_SIZE: Final = "1100x640"
_SECONDS: Final = 60
_TURN: Final = 0.05

_DOOR: Final = '''
"""Lets a test in: what comes over a socket is run in the thread of the widgets."""
import json, os, socket, tkinter, traceback
from thonny import get_runner, get_shell, get_workbench

def load_plugin():
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.environ["THONNY_DOOR"])
    server.listen()
    get_workbench().createfilehandler(server, tkinter.READABLE, lambda *_: served(server))

def served(server):
    connection, _ = server.accept()
    names = dict(globals())
    with connection, connection.makefile("rwb") as stream:
        try:
            exec(json.loads(stream.readline()), names)
            said = {"answer": names.get("answer")}
        except Exception:
            said = {"error": traceback.format_exc()}
        stream.write(json.dumps(said).encode() + b"\\n")
'''


class Thonny:
    """A running Thonny: what a user does, and what they see."""

    def __init__(self, folder: Path, display: str, python: Path) -> None:
        self.site = _site(folder)
        self._door = folder / "door"
        self._display = display
        self._python = python

    def do(self, code: str, **values: object) -> Any:
        """Run code in Thonny, with these values as names; what it assigns to `answer` is returned."""
        given = "".join(f"{name} = {value!r}\n" for name, value in values.items())
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(self._door))
            with connection.makefile("rwb") as stream:
                stream.write(json.dumps(given + code).encode() + b"\n")
                stream.flush()
                said = json.loads(stream.readline())
        assert "error" not in said, said["error"]
        return said["answer"]

    def open(self, path: Path, text: str) -> None:
        """Write a file and open it in the editor."""
        path.write_text(text, encoding="utf-8")
        self.do("get_workbench().get_editor_notebook().show_file(path)", path=str(path))

    def save(self) -> None:
        """Save what the editor shows, whether it has changed or not."""
        self.do("get_workbench().get_editor_notebook().get_current_editor().save_file()")

    def text(self) -> str:
        """What the editor shows."""
        return self.do("answer = get_workbench().get_editor_notebook().get_current_editor().get_content()")

    def choose(self, label: str) -> None:
        """Choose an entry of the menu Tools."""
        self.do("menu = get_workbench().get_menu('tools'); menu.invoke(menu.index(label))", label=label)

    def option(self, name: str, value: object) -> None:
        """Set an option."""
        self.do("get_workbench().set_option(name, value)", name=name, value=value)

    def say_of_the_board(self, banner: str) -> str:
        """Have the plug-in take the interpreter for a board that prints this; what it printed before."""
        code = (
            "from thonnycontrib.usock_lint.plugin import connected; answer = connected.banner; connected.banner = given"
        )
        return self.do(code, given=banner)

    def kill_the_interpreter(self) -> None:
        """End what Thonny is connected to, as a cable that is pulled out does."""
        self.do("get_runner().get_backend_proxy()._proc.kill()")

    def assistant(self) -> str:
        """What the Assistant shows, less what is folded away."""
        return self.do("""
text = get_workbench().get_view("AssistantView").text
answer = text.tk.call(text._w, "get", "-displaychars", "1.0", "end")
""")

    def detail(self) -> str:
        """All that the Assistant has, with what is folded away."""
        return self.do('answer = get_workbench().get_view("AssistantView").text.get("1.0", "end")')

    def shell(self) -> str:
        """What the shell shows."""
        return self.do('answer = get_shell().text.get("1.0", "end")')

    def until(self, seen: Callable[[], str], *words: str) -> str:
        """Wait for words to be seen, and return all that is."""
        end = time.monotonic() + _SECONDS
        while not all(word in (now := seen()) for word in words):
            assert time.monotonic() < end, f"{words} are not in:\n{now}"
            time.sleep(_TURN)
        return now

    def screenshot(self, path: Path) -> None:
        """Write what is in the window, which becomes as large as the screen."""
        self.do("window = get_workbench(); window.geometry(size + '+0+0'); window.update()", size=_SIZE)
        code = """
import sys
from PIL import ImageGrab
ImageGrab.grab(xdisplay=sys.argv[1]).quantize(64).save(sys.argv[2], optimize=True)
"""
        subprocess.run([self._python, "-c", code, self._display, path], check=True, timeout=_SECONDS)


def installed(site: Path, *packages: Path) -> Path:
    """Install packages from their sources, as Thonny's plug-in manager does for users: into a folder of their own."""
    _run(*_pip(_python()), "--target", site, *packages)
    return site


@contextmanager
def started(version: str, folder: Path, options: str, site: Path) -> Generator[Thonny]:
    """Start this version with these options, as its configuration.ini has them, and with the folder for all it writes.

    The plug-ins are copied from `site`.
    """
    python = _python()
    thonny = _got(python, version)
    shutil.copytree(site, _site(folder))
    (_site(folder) / "thonnycontrib/zz_door.py").write_text(_DOOR, encoding="utf-8")
    (folder / "configuration.ini").write_text(options, encoding="utf-8")
    door = folder / "door"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    with _screen() as display:
        process = subprocess.Popen(
            [python, "-m", "thonny"],
            cwd=folder,
            env={
                **kept,
                "PYTHONPATH": str(thonny),
                "THONNY_USER_DIR": str(folder),
                "THONNY_DOOR": str(door),
                "DISPLAY": display,
                "LC_ALL": "C.UTF-8",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait(door.exists, process, folder / "frontend.log")
            yield Thonny(folder, display, python)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # and its back-end
            process.wait()


def _wait(ready: Callable[[], bool], process: subprocess.Popen[Any], log: Path) -> None:
    end = time.monotonic() + _SECONDS
    while not ready():
        running = process.poll() is None and time.monotonic() < end
        assert running, log.read_text(encoding="utf-8")
        time.sleep(_TURN)


@contextmanager
def _screen() -> Generator[str]:
    """A virtual screen, by the name of its display."""
    program = debian.program("xvfb", "Xvfb") or _missing("Xvfb", "xvfb")
    reading, writing = os.pipe()
    with open(reading) as numbers:
        words = [program, "-displayfd", str(writing), "-screen", "0", f"{_SIZE}x24", "-nolisten", "tcp"]
        process = subprocess.Popen(words, pass_fds=[writing], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(writing)
        try:
            yield f":{numbers.readline().strip()}"
        finally:
            process.kill()
            process.wait()


def _missing(what: str, package: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(f"there is no {what}, and apt-get did not get it")
    pytest.skip(f"there is no {what} here: `apt-get install {package}` as root would get it")


@cache
def _python() -> Path:
    """A Python with what Thonny needs, in an environment that is made once and kept."""
    if not debian.install("python3-tk", _has_tkinter):
        _missing("tkinter", "python3-tk")
    folder = _cache() / "environment"
    python = folder / "bin/python"
    with _locked():
        if not (folder / "made").exists():
            _run(sys.executable, "-m", "venv", "--clear", "--without-pip", folder)
            _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *_NEEDED)
            (folder / "made").touch()
    return python


def _has_tkinter() -> bool:
    return subprocess.run([sys.executable, "-c", "import tkinter"], capture_output=True, check=False).returncode == 0


def _got(python: Path, version: str) -> Path:
    """The folder of this version of Thonny, got once and kept."""
    folder = _cache() / version
    with _locked():
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=_cache()) as half:
                _run(*_pip(python), "--target", f"{half}/thonny", f"thonny=={version}")
                os.rename(f"{half}/thonny", folder)
    return folder


def _site(folder: Path) -> Path:
    return folder / "plugins/lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"


def _pip(python: Path) -> list[str | Path]:
    return [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base, "usock-lint/thonny", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def _locked() -> Generator[None]:
    """Alone: the tests are in several processes."""
    with (_cache() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

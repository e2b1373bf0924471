"""Runs `usock-lint check` beside Thonny, which goes on meanwhile, and makes one line of whatever goes wrong."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import thonny
from thonny import get_workbench
from thonny.running import get_front_interpreter_for_subprocess
from thonny.ui_utils import popen_with_ui_thread_callback
from thonnycontrib.usock_lint.words import language, say

_SECONDS: Final = 60
"""How long a check may take. A large file takes one or two seconds."""

_FOLDER: Final = os.path.dirname(__file__)
"""Where it runs: not in the user's folder, whose modules would hide those of Python."""


class Answer(NamedTuple):
    """What the command said: its standard output, a line about it, the target that it was for, and its exit code."""

    output: str
    line: str
    target: str
    code: int

    @property
    def failed(self) -> bool:
        """Whether it could not do its work; the line says why. It prints something whenever it can."""
        return not self.output


class Run:
    """A run of the command on paths, or on a text, which is given to standard input."""

    def __init__(
        self, words: Sequence[str], target: str, on_answer: Callable[[Answer], None], text: str | None = None
    ) -> None:
        self._words = words
        self._target = target
        self._on_answer = on_answer
        self._text = text
        self._stopped = ""
        self._start()

    def cancel(self) -> None:
        """Stop it: there will be no answer."""
        self._on_answer = lambda answer: None
        self._process.kill()

    def _start(self) -> None:
        with tempfile.TemporaryFile() as given:
            given.write((self._text or "").encode("utf-8", "surrogatepass"))
            given.seek(0)
            self._process = popen_with_ui_thread_callback(
                [get_front_interpreter_for_subprocess(), "-m", "usock_lint", "check", *self._options(), *self._words],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=_FOLDER,
                env=_environment(),
                on_completion=self._completed,
            )
        get_workbench().after(_SECONDS * 1000, self._stop, self._process)

    def _options(self) -> list[str]:
        opt_in = get_workbench().get_option("usock_lint.opt_in").strip()
        return [
            "--lang",
            language(),
            *(["--target", self._target] if self._target else []),
            *(["--extend-select", opt_in] if opt_in else []),
        ]

    def _stop(self, process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            self._stopped = say("usock-lint took longer than {seconds} seconds and was stopped.", seconds=_SECONDS)
            process.kill()

    def _completed(self, process: subprocess.Popen[str], output: Sequence[str], errors: Sequence[str]) -> None:
        port, pinned, _ = self._target.partition("==")
        if pinned and any("unknown release" in line for line in errors):
            self._target = port  # a newer release than this usock-lint knows is checked as the newest that it knows
            self._start()
            return
        said = [line.strip() for line in errors if line.strip()]
        failure = self._stopped or ("" if output else _failure(said[-1] if said else f"exit code {process.returncode}"))
        self._on_answer(Answer("".join(output), failure or " ".join(said), self._target, process.returncode))


def _failure(reason: str) -> str:
    if reason.endswith("No module named usock_lint"):
        return say("usock-lint is not installed: Tools > Manage plug-ins, then install usock-lint.")
    if "unrecognized arguments" in reason or "invalid choice" in reason:
        return say("usock-lint is older than this plug-in: update it in Tools > Manage plug-ins.")
    return say("usock-lint failed: {reason}", reason=reason.removeprefix("usock-lint: "))


def _environment() -> dict[str, str]:
    """That of Thonny, in which Python finds what Thonny installs as plug-ins."""
    folders = [thonny.get_sys_path_directory_containg_plugins(), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders)), "PYTHONUTF8": "1"}

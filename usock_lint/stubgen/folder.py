"""The folder of generated stubs: its content, the differences of an existing one, and writing it."""

from __future__ import annotations

import ast
import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from usock_lint.catalog.pages import data_folder
from usock_lint.files import atomic_write
from usock_lint.ports import PORTABLE, Cell, Target, behaviour, cells, companions, world
from usock_lint.stubgen.facts import Facts
from usock_lint.stubgen.render import render

_MARK = "# Written by usock-lint"
"""The beginning of a stub that usock-lint wrote, and may therefore overwrite or delete."""
_HEADER = f"{_MARK} for {{aim}}; what is changed here is lost when it writes again.\n# pyright: basic\n"

_BUILTINS = "__builtins__.pyi"
"""A file that adds builtins for pyright. One that usock-lint did not write has other names, so it is kept."""

_COMPANIONS = ("select", "ssl", "tls")
_WITH_U = ("errno", "select", "socket", "ssl")
"""Modules that ports also had under their names with a u before."""


@dataclass(frozen=True, slots=True)
class State:
    """The differences between a folder and the stubs to write into it, as names of files."""

    stale: tuple[str, ...]
    """Stubs that are missing, or have another text."""
    superfluous: tuple[str, ...]
    """Files that usock-lint wrote and that are no stub any more."""
    foreign: tuple[str, ...]
    """Files in the place of stubs that usock-lint did not write, without `__builtins__.pyi`."""
    foreign_builtins: bool
    """True if there is a `__builtins__.pyi` that usock-lint did not write."""


def stubs(targets: tuple[Target, ...]) -> dict[str, str]:
    """The text of each generated file. It has the names that work on all targets."""
    found = cells(targets)
    header = _HEADER.format(aim=aim(targets))
    texts = {
        f"{path.stem}.pyi": header + render(path.read_text(encoding="utf-8"), Facts(path.stem, found))
        for path in sorted((data_folder("stubs") / "master").glob("*.pyi"))
        if _exists(path.stem, found)
    }
    for module in _WITH_U:
        if f"{module}.pyi" in texts and _imports_with_u(module, found):
            texts[f"u{module}.pyi"] = header + _alias(module, texts[f"{module}.pyi"])
    return texts


def aim(targets: tuple[Target, ...]) -> str:
    """The targets in words, from which they can be parsed again."""
    return "portable" if targets == PORTABLE else ", ".join(map(str, targets))


def aim_of(folder: Path) -> str | None:
    """The targets in words for which the stubs in a folder were written; None without stubs of usock-lint."""
    path = folder / "socket.pyi"
    before, _, behind = _HEADER.partition("{aim}")
    text = _read(path) if path.exists() else ""
    return text.removeprefix(before).partition(behind)[0] if text.startswith(before) and behind in text else None


def installed() -> str:
    """The stub that is installed with usock-lint and needs no configuration: `usocket`, for the portable targets.

    It keeps `fileno`, because poll() in the standard library's stub of `select` registers nothing without it.
    """
    master = (data_folder("stubs") / "master" / "socket.pyi").read_text(encoding="utf-8")
    header = "# Written by tools/stubs.py from stubs/master/socket.pyi and the ports table.\n"
    return header + render(master, Facts("socket", cells(PORTABLE)), keep=frozenset({"socket.fileno"}))


def state(folder: Path, texts: Mapping[str, str]) -> State:
    """The differences between the folder and these texts. Raises OSError."""
    there = {path.name: _read(path) for path in sorted(folder.glob("*.pyi"))} if folder.is_dir() else {}
    foreign = [name for name in texts if name in there and not there[name].startswith(_MARK)]
    return State(
        stale=tuple(name for name in texts if name not in foreign and there.get(name) != texts[name]),
        superfluous=tuple(name for name in there if name not in texts and there[name].startswith(_MARK)),
        foreign=tuple(name for name in foreign if name != _BUILTINS),
        foreign_builtins=_BUILTINS in foreign,
    )


def write(folder: Path, texts: Mapping[str, str], names: Iterable[str], superfluous: Iterable[str]) -> None:
    """Write the texts of these names, and delete superfluous files. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        _write(folder / name, texts[name])
    for name in superfluous:
        (folder / name).unlink()


def _write(path: Path, text: str) -> None:
    new = not os.path.lexists(path)
    if new:
        path.touch()  # so that an error names this file, and not a temporary one
    try:
        atomic_write.replace(str(path), text.encode("utf-8"))
    except BaseException:
        if new:
            with contextlib.suppress(OSError):
                path.unlink()
        raise


def _read(path: Path) -> str:
    """The text of a file, with line feeds as line ends, because git may have changed them; "" for a pipe."""
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _exists(module: str, found: Iterable[Cell]) -> bool:
    if module == "asyncio":
        return all(world.module_exists(cell, module) is not False for cell in found)
    return module not in _COMPANIONS or all(companions.exists(cell, module) for cell in found)


def _imports_with_u(module: str, found: Iterable[Cell]) -> bool:
    """True if every cell has the module with a u before its name, too. ussl ended when ssl became Python over tls."""
    return all(
        behaviour(cell, "imports")["usocket"] and world.module_exists(cell, f"u{module}") is not False for cell in found
    )


def _alias(module: str, text: str) -> str:
    """The text of the stub with a u before its name. `import *` skips private names, so it imports these one by one."""
    private = sorted(name for name in _defined(text) if name.startswith("_"))
    lines = [f'"""The {module} module under the name it had up to 1.20, which is still accepted."""', ""]
    lines += [f"from {module} import *", *(f"from {module} import {name} as {name}" for name in private)]
    return "\n".join(lines) + "\n"


def _defined(text: str) -> list[str]:
    body = ast.parse(text).body
    constants = [one.target.id for one in body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
    return constants + [one.name for one in body if isinstance(one, ast.ClassDef | ast.FunctionDef)]

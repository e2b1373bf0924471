"""Declared modules of a project: frozen ones in `manifest.py`, those that `mip` installs in `package.json`."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from usock_lint import observed
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.discovery import read
from usock_lint.files.installed import named_by_address

_FROZEN: Final = frozenset({"freeze", "freeze_as_mpy", "freeze_as_str", "freeze_mpy"})


class Manifest(NamedTuple):
    """The modules that a manifest declares.

    `places` are folders, each with the names of the modules taken from it, or no names if all are. `files` has the
    paths of modules by their dotted names, `packages` the packages of micropython-lib that are installed or frozen too.
    """

    places: tuple[tuple[str, tuple[str, ...]], ...] = ()
    files: Mapping[str, str] = {}
    packages: frozenset[str] = frozenset()


def manifest(path: str) -> Manifest:
    """The modules that a manifest declares. The file is not executed, so computed names are missing."""
    try:
        changed = os.stat(path).st_mtime_ns
    except OSError:
        return Manifest()
    return _read(path, changed)


@lru_cache(256)
def _read(path: str, _changed: int) -> Manifest:
    """As `manifest`; the time of the file's last change is a part of the key of the cache."""
    data = read(path)
    try:
        text = data.decode() if isinstance(data, bytes) else ""
        return _of_mip(path, json.loads(text)) if path.endswith(".json") else _of_firmware(path, ast.parse(text))
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return Manifest()


def _of_firmware(path: str, tree: ast.Module) -> Manifest:
    """The modules that a `manifest.py` freezes, by calls such as `require`, `module` and `freeze`."""
    home = os.path.dirname(path)
    places: dict[tuple[str, tuple[str, ...]], None] = {}
    packages: set[str] = set()
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        name, given = call.func.id, _arguments(call)
        if name == "require":
            packages.update(given.get("0", ()))
        elif name in ("module", "package"):
            base = given.get("base_path") or given.get("2" if name == "package" else "1") or (".",)
            places[os.path.join(home, base[0]), given.get("0", ())] = None
        elif name in _FROZEN:
            places[os.path.join(home, *given.get("0", ())), given.get("script") or given.get("1", ())] = None
    # Paths with variables such as `$(MPY_DIR)` are left out: only the build of a firmware knows them.
    found = ((os.path.normpath(folder), tuple(map(_first, names))) for folder, names in places if "$" not in folder)
    return Manifest(places=tuple(found), packages=frozenset(packages))


def _arguments(call: ast.Call) -> dict[str, tuple[str, ...]]:
    """The strings among the arguments, by name or by position; several where it is a list of them."""
    given: list[tuple[str, ast.expr]] = [(str(index), one) for index, one in enumerate(call.args)]
    given += [(one.arg, one.value) for one in call.keywords if one.arg]
    return {name: found for name, one in given if (found := tuple(_strings(one)))}


def _strings(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for one in parts:
                yield from _strings(one)
        case _:
            return


def _first(path: str) -> str:
    """The top module of a path: `a` of "a.py" and of "a/b.py"."""
    return os.path.splitext(path.replace("\\", "/").partition("/")[0])[0]


def _of_mip(path: str, content: Any) -> Manifest:
    """The modules of a `package.json`: `urls` are pairs of a path on the board and an address, `deps` are packages."""
    if not isinstance(content, dict):
        return Manifest()
    said, home = cast("dict[str, Any]", content), os.path.dirname(path)
    files = {
        ".".join(os.path.splitext(target)[0].removesuffix("/__init__").split("/")): source
        for target, origin in _pairs(said.get("urls"))
        if (source := _local(home, origin)) is not None
    }
    packages = (named_by_address(name) if ":" in name else name for name, _ in _pairs(said.get("deps")))
    return Manifest(files=files, packages=frozenset(filter(None, packages)))


def _pairs(listed: Any) -> Iterator[tuple[str, str]]:
    for one in cast("list[Any]", listed) if isinstance(listed, list) else ():
        match one:
            case [str(first), str(second), *_]:
                yield first, second
            case _:
                continue


def _local(home: str, origin: str) -> str | None:
    """The file of the project that mip fetches: its path is the end of the address, below this folder or one above.

    The end lacks at most three parts of the address, as in `github:owner/repository/folder/file.py`.
    """
    parts = origin.split("/")
    folders = (home, os.path.dirname(home), os.path.dirname(os.path.dirname(home)))
    ends = range(min(len(parts), 4)) if ":" in origin else range(1)
    found = (os.path.normpath(os.path.join(folder, *parts[start:])) for start in ends for folder in folders)
    return next((one for one in found if one.endswith(".py") and observed.isfile(one)), None)

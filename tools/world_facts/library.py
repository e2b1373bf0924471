"""Read what micropython-lib offers: its packages, the modules that `mip` installs with each, and what they define."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.world_facts import frozen
from tools.world_facts.entries import Members, Module

_FOLDERS = ("micropython", "python-stdlib", "python-ecosys", "unix-ffi")


@dataclass
class Package:
    """A package of the library: where it lies, its version, and its modules."""

    folder: str
    version: str
    modules: dict[str, Path]


def packages(library: Path) -> dict[str, Package]:
    """Every package that has a manifest."""
    found: dict[str, Package] = {}
    for folder in _FOLDERS:
        for path in sorted((library / folder).rglob("manifest.py")):
            variables = {
                "MPY_LIB_DIR": str(library),
                "MPY_DIR": str(library / "none"),
                "PORT_DIR": str(library / "none"),
            }
            variables["BOARD_DIR"] = variables["PORT_DIR"]
            manifest = frozen.Manifest(variables)
            manifest.read(path)
            own = {
                name: file
                for name, file in manifest.found.items()
                if file.resolve().is_relative_to(path.parent.resolve())
            }
            found.setdefault(path.parent.name, Package(folder, _version(path), own))
    return found


def facts(library: Path, builtin: Mapping[str, Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """data/mip.json and data/mip_names.json, without private names. The library builds on the `builtin` modules.

    What a module hands on of a built-in one (`from ucollections import *`) is told apart: a port that lacks such a name
    lacks it where the module is installed, too.
    """
    known = packages(library)
    files = {name: path for package in known.values() for name, path in package.modules.items()}
    modules = frozen.modules(files, library.parent.parent, dict(builtin))
    own = frozen.modules(files, library.parent.parent, {})
    index = {
        name: {"in": package.folder, "version": package.version, "modules": " ".join(sorted(package.modules))}
        for name, package in sorted(known.items())
    }
    names: dict[str, Any] = {}
    for name, module in sorted(modules.items()):
        mine = own[name].names
        one: dict[str, Any] = dict(_kinds({key: entry for key, entry in module.names.items() if key in mine}))
        if handed_on := sorted(key for key in module.names if key not in mine and not key.startswith("_")):
            one["built_in"] = " ".join(handed_on)
        if name in files and (needed := _needed(files[name], files)):
            one["needs"] = needed
        classes = {
            key: _class(entry.members, entry.open)
            for key, entry in module.names.items()
            if entry.kind == "c" and not key.startswith("_")
        }
        if described := {key: text for key, text in classes.items() if text}:
            one["classes"] = described
        if module.open:
            one["open"] = True
        names[name] = one
    return {"packages": index}, names


def _needed(path: Path, files: Mapping[str, Path]) -> str:
    """The modules that a file takes everything from, whatever happens, and that no package brings: `tls` for ssl."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    taken = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"]
    return " ".join(sorted({node.module for node in taken if node.module and not node.level} - files.keys()))


def _class(members: Members, is_open: bool) -> str:
    """The members of a class; "*" at the end stands for more."""
    return " ".join([*sorted(name for name in members if not name.startswith("_")), *["*"] * is_open])


def _kinds(names: Members) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for name, entry in names.items():
        if name.startswith("_"):
            continue
        groups.setdefault(entry.kind, []).append(name)
    return {kind: " ".join(sorted(group)) for kind, group in sorted(groups.items())}


def _version(manifest: Path) -> str:
    for node in ast.walk(ast.parse(manifest.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name(id="metadata"), keywords=words):
                values = {word.arg: word.value for word in words}
                version = values.get("version")
                return str(version.value) if isinstance(version, ast.Constant) else ""
            case _:
                pass
    return ""

"""The layers of docs/architecture.md: a module imports from its own room and from rooms below it, and in no circle."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import usock_lint

PACKAGE = Path(usock_lint.__file__).parent

LAYERS = (
    "__main__",
    "cli",
    "flake8 mypy_plugin pytest_plugin",
    "server plugins",
    "output",
    "running",
    "linting",
    "checks stubgen",
    "analysis",
    "files syntax",
    "settings",
    "diagnostics",
    "catalog shim",
    "ports patterns i18n numerals digests threads",
    "fast_dataclasses networks observed paths toml",
)
"""The rooms of the package from the top down. Rooms of one layer do not import each other."""

FLOOR = {room: floor for floor, rooms in enumerate(reversed(LAYERS)) for room in rooms.split()}
SHIM = ("run project", "report heap", "world", "unix boards", "core")
"""The same inside the shim; `shim/__init__.py` finds the ports by name, so only what lies above it may import it."""


@cache
def modules() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def known() -> frozenset[str]:
    """The dotted names of all modules."""
    return frozenset(map(dotted, modules()))


@cache
def imported(path: Path) -> frozenset[str]:
    """The modules of the package that this one imports anywhere, also only for types or inside a function."""
    return frozenset(_imported(path) - {"usock_lint", dotted(path)})


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(_named(node) & known())
    return found


def _named(node: ast.Import | ast.ImportFrom) -> set[str]:
    if isinstance(node, ast.Import):
        return {one.name for one in node.names}
    modules_of_a_package = {f"{node.module}.{one.name}" for one in node.names} & known()
    return modules_of_a_package or {node.module or ""}


def room(module: str) -> str:
    return module.split(".")[1]


def test_every_room_has_its_layer() -> None:
    assert {room(dotted(path)) for path in modules()} == FLOOR.keys()


def test_imports_point_down() -> None:
    wrong = [
        f"{dotted(path)} imports {other}"
        for path in modules()
        for other in imported(path)
        if room(other) != room(dotted(path)) and FLOOR[room(other)] >= FLOOR[room(dotted(path))]
    ]
    assert not wrong


def test_imports_inside_the_shim_point_down() -> None:
    floor = {name: level for level, names in enumerate(reversed(SHIM)) for name in names.split()}
    wrong = [
        f"{dotted(path)} imports {other}"
        for path in (PACKAGE / "shim").rglob("*.py")
        for other in imported(path)
        if other.startswith("usock_lint.shim.") and (inner := dotted(path).split(".")[2:3])
        if other.split(".")[2] != inner[0] and floor[other.split(".")[2]] >= floor[inner[0]]
    ]
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({dotted(path): imported(path) for path in modules()}).prepare()


def test_the_shim_knows_the_ports_and_nothing_else_here() -> None:
    known = {room(other) for path in (PACKAGE / "shim").rglob("*.py") for other in imported(path)}
    assert known == {"shim", "ports"}

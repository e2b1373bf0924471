"""Inferred targets of a project that sets none but uses stubs such as `micropython-esp32-stubs == 1.24.*`.

The name of the package gives the port, and its pin the release. The first source with such a package wins: in the
nearest folder of the project that has any of them, pyproject.toml, requirements*.txt, packages installed in the folder
`typings`; then packages installed beside usock-lint.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

from usock_lint import observed
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.settings.config import ConfigError, parse_targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from usock_lint.ports import Target

_NAME = r"(?i)micropython[-_.].+[-_.]stubs"
_INSTALLED = r"(?i)(micropython_\w+_stubs)-(\d[\w.+!]*)\.dist-info"


class Found(NamedTuple):
    """Targets, and a description of where they were found."""

    targets: tuple[Target, ...]
    origin: str


def find(folder: str) -> Found | None:
    """The targets that the stubs of the project around a folder stand for; None when there are none."""
    above = folder_above(folder)
    return named_in(folder) or (find(above) if above else installed())


def named_in(folder: str) -> Found | None:
    """The targets that the files and the folder `typings` of a folder name."""
    places: list[tuple[str, Callable[[str], Iterable[str]]]] = [
        ("pyproject.toml", _listed_in_pyproject),
        *((name, _listed_in_requirements) for name in _requirements(folder)),
        ("typings", _installed_in),
    ]
    for name, read in places:
        path = os.path.join(folder, name)
        if found := _targets(read(path)):
            from usock_lint.paths import relative

            return Found(found[0], f"{', '.join(found[1])} in {relative(path)}")
    return None


def folder_above(folder: str) -> str | None:
    """The next folder of the same project: it ends with a pyproject.toml or a repository."""
    if any(observed.exists(os.path.join(folder, name)) for name in ("pyproject.toml", ".git")):
        return None
    above = os.path.dirname(folder)
    return above if above != folder else None


def installed() -> Found | None:
    """The targets of the stubs that are installed beside usock-lint."""
    for path in sys.path:
        if found := _targets(_installed_in(path)):
            return Found(found[0], f"{', '.join(found[1])}, which is installed")
    return None


def _targets(requirements: Iterable[str]) -> tuple[tuple[Target, ...], list[str]] | None:
    targets: dict[Target, None] = {}
    sources: list[str] = []
    for text in requirements:
        if not re.match(_NAME, text):
            continue
        from packaging.requirements import InvalidRequirement, Requirement

        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            continue
        if name := _named(requirement.name):
            targets.update(dict.fromkeys(_target(name, requirement)))
            sources.append(f"{requirement.name}{requirement.specifier}")
    return (tuple(targets), list(dict.fromkeys(sources))) if targets else None


def _named(package: str) -> str | None:
    """The target of a stub package: a port (`micropython-rp2-stubs`), or a board that differs from its port."""
    from usock_lint.ports import PORTS, TargetError, place

    about = re.sub(r"[-_.]+", "-", package).lower().removeprefix("micropython-").removesuffix("-stubs")
    named = [port for port in PORTS if port != "docs" and f"{about}-".startswith(f"{port}-")]
    port = max(named, key=len, default=None)
    if port is None or about == port:
        return port
    board = f"{port}:{about.removeprefix(port).strip('-')}"
    try:
        return board if place(board).implementation else port
    except TargetError:  # a board that is not known, or has no sockets
        return port


def _target(name: str, requirement: Requirement) -> tuple[Target, ...]:
    """One release where one is pinned, every later one too where there is a lower bound, else the newest."""
    # Sorted, so that a pinned release (==) precedes a lower bound (>=).
    words = [f"{name}{operator}{release}" for operator, release in sorted(_bounds(requirement))]
    for word in (*words[:1], name):
        try:
            return parse_targets((word,))
        except ConfigError:  # a release that the table does not know
            continue
    return ()


def _bounds(requirement: Requirement) -> Iterator[tuple[str, str]]:
    for specifier in requirement.specifier:
        form = re.match(r"(\d+\.\d+)(\.\d+)?", specifier.version)
        if form is None:
            continue
        release = form[1] + form[2].removesuffix(".0") if form[2] else form[1]
        if specifier.operator in ("==", "===") or (specifier.operator == "~=" and form[2]):
            yield "==", release
        elif specifier.operator in (">=", ">", "~="):
            yield ">=", release


# Places


def _read(path: str) -> str:
    if not observed.isfile(path):  # who opens a pipe waits for somebody to write into it
        return ""
    observed.read(path)
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _listed_in_pyproject(path: str) -> Iterator[str]:
    text = _read(path)
    if not re.search(_NAME, text):
        return
    from usock_lint import toml

    try:
        document = toml.loads(text)
    except (ValueError, RecursionError):
        return
    project = _mapping(document.get("project"))
    groups = (_mapping(project.get("optional-dependencies")), _mapping(document.get("dependency-groups")))
    for listed in (project.get("dependencies"), *(one for group in groups for one in group.values())):
        if isinstance(listed, list):
            from typing import cast

            yield from (text for text in cast(list[object], listed) if isinstance(text, str))


def _mapping(value: object) -> Mapping[str, object]:
    from typing import cast

    return cast(Mapping[str, object], value) if isinstance(value, dict) else {}


def _requirements(folder: str) -> list[str]:
    return [name for name in observed.names(folder, "requirements") if name.endswith(".txt")]


def _listed_in_requirements(path: str) -> Iterator[str]:
    for line in _read(path).splitlines():
        yield re.split(r"\s#|\s--|\\$", line.strip())[0].strip()


def _installed_in(folder: str) -> Iterator[str]:
    for name in observed.names(folder, ".dist-info"):
        if form := re.fullmatch(_INSTALLED, name):
            yield f"{form[1].replace('_', '-')}=={form[2]}"

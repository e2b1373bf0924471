"""The ports table: what each MicroPython port's socket module has and does, since which release.

Importing this is cheap: the table is loaded, and an implementation's facts are read, at the first question.
"""

from __future__ import annotations

from usock_lint.ports.releases import NEWEST, RELEASES, Release, release_name
from usock_lint.ports.targets import (
    PORTABLE,
    PORTS,
    Cell,
    Target,
    TargetError,
    UnknownNameError,
    cells,
    describe,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from usock_lint.ports.table import (
        IMPLEMENTATIONS,
        Ask,
        Behaviour,
        Implementation,
        Kind,
        Name,
        Signature,
        behaviour,
        behaviour_at,
        boards,
        common,
        errno_names,
        errno_number,
        file_has,
        has,
        implementation,
        implementation_at,
        implementations,
        is_known,
        later,
        lost,
        oserror_has,
        platforms,
    )
    from usock_lint.ports.target_words import Place, parse_targets, place

__all__ = [
    "BUILTIN_EXCEPTIONS",
    "CPYTHON_MODULE",
    "CPYTHON_SOCKET",
    "IMPLEMENTATIONS",
    "MICROPYTHON_MODULE",
    "MICROPYTHON_SOCKET",
    "MISSING_BUILTINS",
    "MISSING_ERRNO",
    "MISSING_OSERROR_ATTRIBUTES",
    "NEWEST",
    "PORTABLE",
    "PORTS",
    "RELEASES",
    "Ask",
    "Behaviour",
    "Cell",
    "Implementation",
    "Kind",
    "Name",
    "Place",
    "Release",
    "Signature",
    "Target",
    "TargetError",
    "UnknownNameError",
    "behaviour",
    "behaviour_at",
    "boards",
    "cells",
    "common",
    "describe",
    "errno_names",
    "errno_number",
    "file_has",
    "has",
    "implementation",
    "implementation_at",
    "implementations",
    "is_known",
    "later",
    "lost",
    "oserror_has",
    "parse_targets",
    "place",
    "platforms",
    "release_name",
]

CPYTHON_MODULE: frozenset[str]
"""Names of CPython's socket module that no implementation has at any release."""
CPYTHON_SOCKET: frozenset[str]
"""Members of CPython's sockets that no implementation has at any release."""
MICROPYTHON_MODULE: frozenset[str]
"""Names that CPython's socket module lacks."""
MICROPYTHON_SOCKET: frozenset[str]
"""Members that CPython's sockets lack."""
MISSING_BUILTINS: frozenset[str]
"""Builtin exceptions of CPython that are a NameError on every port."""
BUILTIN_EXCEPTIONS: frozenset[str]
"""Every builtin exception of MicroPython's unix port; boards have no others."""
MISSING_ERRNO: frozenset[str]
"""Names of CPython's errno module that MicroPython's lacks and that socket code uses."""
MISSING_OSERROR_ATTRIBUTES: frozenset[str]
"""Attributes of CPython's OSError that are an AttributeError on every port."""

# The keys by which common.json has each of these sets.
_SETS = {
    "CPYTHON_MODULE": ("cpython_module",),
    "CPYTHON_SOCKET": ("cpython_socket",),
    "MICROPYTHON_MODULE": ("micropython_module",),
    "MICROPYTHON_SOCKET": ("micropython_socket",),
    "MISSING_BUILTINS": ("missing_builtins", "names"),
    "BUILTIN_EXCEPTIONS": ("builtin_exceptions", "names"),
    "MISSING_ERRNO": ("errno", "absent"),
    "MISSING_OSERROR_ATTRIBUTES": ("oserror", "missing"),
}

_OF_TARGET_WORDS = ("Place", "parse_targets", "place")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _value(name)
    # Found at once from now on, as if it had been imported above.
    globals()[name] = value
    return value


def _value(name: str) -> object:
    if name in _OF_TARGET_WORDS:
        from usock_lint.ports import target_words

        return getattr(target_words, name)
    from usock_lint.ports import table

    return _set(table.common(), _SETS[name]) if name in _SETS else getattr(table, name)


def _set(facts: Any, keys: tuple[str, ...]) -> frozenset[str]:
    for key in keys:
        facts = facts[key]
    return frozenset(facts)

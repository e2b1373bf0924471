"""The modules of CPython's standard library: of this Python, and those that Python 2 called otherwise."""

from __future__ import annotations

import os
import pkgutil
import sys
import warnings
from collections.abc import Iterable, Iterator

_NOT_IMPORTED = frozenset({"idlelib", "lib2to3", "pydoc_data", "test", "tests", "turtledemo"})
"""Packages that no program imports from."""


def modules() -> dict[str, str]:
    """data/modules.json: the names, and where they were asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lib2to3.fixes import fix_imports, fix_urllib  # gone in 3.13, as the oldest of these modules are

    version = ".".join(map(str, sys.version_info[:3]))
    names = sorted(sys.stdlib_module_names)
    return {
        "source": f"sys.stdlib_module_names and lib2to3.fixes of CPython {version}",
        "names": " ".join(names),
        "inner": " ".join(
            sorted(
                {"os.path", *_inner(os.path.dirname(os.__file__), (one for one in names if not one.startswith("_")))}
            )
        ),
        "python2": " ".join(sorted({*fix_imports.MAPPING, *fix_urllib.MAPPING} - set(names))),
    }


def _inner(folder: str, packages: Iterable[str]) -> Iterator[str]:
    """The public modules in these packages, at any depth."""
    for package in packages:
        if (inside := os.path.join(folder, package)) and os.path.isdir(inside) and package not in _NOT_IMPORTED:
            found = [one.name for one in pkgutil.iter_modules([inside]) if not one.name.startswith("_")]
            names = [*found, *_inner(inside, found)]
            yield from (f"{package}.{name}" for name in names if name not in _NOT_IMPORTED)

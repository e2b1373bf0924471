"""The modules of CPython's standard library: of this Python, and those that Python 2 called otherwise."""

from __future__ import annotations

import sys
import warnings


def modules() -> dict[str, str]:
    """data/modules.json: the names, and where they were asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lib2to3.fixes import fix_imports, fix_urllib  # gone in 3.13, as the oldest of these modules are

    version = ".".join(map(str, sys.version_info[:3]))
    names = sorted(
        name for name in sys.stdlib_module_names if not name.startswith("_") or name in ("__future__", "_thread")
    )
    return {
        "source": f"sys.stdlib_module_names and lib2to3.fixes of CPython {version}",
        "names": " ".join(names),
        "python2": " ".join(sorted({*fix_imports.MAPPING, *fix_urllib.MAPPING} - set(names))),
    }

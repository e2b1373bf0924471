"""usock-lint tells which lines of socket code fail on which MicroPython port and release, and why.

Importing the package is cheap: each public name is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.config import Config
    from usock_lint.findings import Finding
    from usock_lint.ports import Target
    from usock_lint.runner import lint_paths, lint_source

__version__ = "0.1.0"

__all__ = ["Config", "Finding", "Target", "lint_paths", "lint_source"]

_HOMES = {
    "Config": "config",
    "Finding": "findings",
    "Target": "ports",
    "lint_paths": "runner",
    "lint_source": "runner",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""usock-lint tells which lines of socket code fail on which MicroPython port and release, and why.

Importing the package is cheap: each public name is loaded when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.linting.file import lint_source
    from usock_lint.ports import Target
    from usock_lint.running.runner import lint_paths
    from usock_lint.settings.config import Config

__version__ = "0.1.0"

__all__ = ["Config", "Finding", "Target", "lint_paths", "lint_source"]

_HOMES = {
    "Config": "settings.config",
    "Finding": "diagnostics",
    "Target": "ports",
    "lint_paths": "running.runner",
    "lint_source": "linting.file",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""How findings are printed: one module per format, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from usock_lint.output.paint import Paint

if TYPE_CHECKING:
    from usock_lint.findings import Finding

FORMATS = ("text", "full", "json", "github", "gitlab", "sarif", "junit")
"""Each is a module of this package with a function `render`."""

Render = Callable[["Sequence[Finding]", Paint], str]
"""Makes the whole output, its last line end included, of findings; what a person reads is painted."""


def renderer(name: str) -> Render:
    """The function that renders this format."""
    render: Render = import_module(f"{__name__}.{name}").render
    return render

"""How findings are printed: one module per format, imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.i18n import Lang
    from usock_lint.output.terminal import Paint

    Render = Callable[[Sequence[Finding], Paint, Lang], str]
    """Makes the whole output, its last line end included, of findings; what a person reads is painted.

    Findings are in a language already; what is said of their rules is said in the same.
    """

FORMATS = ("text", "full", "json", "github", "gitlab", "sarif", "junit")
"""Each is a module of this package with a function `render`."""


def renderer(name: str) -> Render:
    """The function that renders this format."""
    render: Render = import_module(f"{__name__}.findings.{name}").render
    return render

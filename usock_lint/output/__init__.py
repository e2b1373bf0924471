"""Output formats: one module each, imported when the format is requested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.i18n import Lang
    from usock_lint.output.terminal import Paint

    Render = Callable[[Sequence[Finding], Paint, Lang], str]
    """Renders findings as the whole output, with its last line end; formats for people are coloured by the Paint.

    The messages of findings are in the language already; it is for what else is printed about their rules.
    """

FORMATS = ("text", "full", "json", "github", "gitlab", "sarif", "junit")
"""Each is a module of `usock_lint.output.findings` with a function `render`."""


def renderer(name: str) -> Render:
    """The function that renders this format."""
    render: Render = import_module(f"{__name__}.findings.{name}").render
    return render

"""How findings are printed: one module per format."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.findings import Finding

FORMATS = ("text", "json")
"""The modules of this package that have a `render`."""


def render(form: str, findings: Iterable[Finding]) -> str:
    """The whole of standard output, its last line end included, in one of the formats."""
    text: str = import_module(f"{__name__}.{form}").render(findings)
    return text

"""How findings are printed: one module per format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from usock_lint.findings import Finding
from usock_lint.output import json, text

FORMATS: Mapping[str, Callable[[Iterable[Finding]], str]] = {"text": text.render, "json": json.render}
"""What makes the whole of standard output, its last line end included, of findings."""

"""A JSON array of objects with ruff's keys, for programs that read ruff's output, and a few more."""

from __future__ import annotations

import json
from collections.abc import Iterable

from usock_lint.diagnostics import Finding
from usock_lint.i18n import Lang
from usock_lint.output.report_paths import absolute, printable
from usock_lint.output.terminal import Paint, plain


def render(findings: Iterable[Finding], _paint: Paint = plain, _lang: Lang = "en") -> str:
    """The array. File names are absolute; rows and columns are counted from 1."""
    return json.dumps([described(found) for found in findings], indent=2) + "\n"


def described(finding: Finding) -> dict[str, object]:
    """A finding as an object of the array."""
    whole = finding.to_dict()
    kept = {key: whole[key] for key in ("code", "end_location", "fix", "location", "name", "targets")}
    more = {
        "because": _cause(finding),
        "cell": None,
        "filename": printable(absolute(finding.path)),
        "message": printable(finding.message),
        "noqa_row": finding.location.row,
        "severity": finding.severity,
        "url": finding.url,
    }
    return dict(sorted({**kept, **more}.items()))


def _cause(finding: Finding) -> dict[str, object] | None:
    """The finding in another file that makes an import fail: its file, row and code."""
    if finding.because is None:
        return None
    _, row, code = finding.because
    path = finding.because.path(absolute(finding.path))
    return {"code": code, "filename": printable(path), "location": {"column": 1, "row": row}}

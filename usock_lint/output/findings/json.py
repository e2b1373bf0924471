"""A JSON array of objects with ruff's keys, for programs that read ruff's output, and `targets`."""

from __future__ import annotations

import json
from collections.abc import Iterable

from usock_lint.diagnostics import Edit, Finding, Fix, Location
from usock_lint.i18n import Lang
from usock_lint.output.report_paths import absolute, printable
from usock_lint.output.terminal import Paint, plain


def render(findings: Iterable[Finding], _paint: Paint = plain, _lang: Lang = "en") -> str:
    """The array. File names are absolute; rows and columns are counted from 1."""
    return json.dumps([described(found) for found in findings], indent=2) + "\n"


def described(finding: Finding) -> dict[str, object]:
    """A finding as an object of the array."""
    return {
        "cell": None,
        "code": finding.code,
        "end_location": _location(finding.end_location),
        "filename": printable(absolute(finding.path)),
        "fix": finding.fix and _fix(finding.fix),
        "location": _location(finding.location),
        "message": printable(finding.message),
        "name": finding.name,
        "noqa_row": finding.location.row,
        "severity": finding.severity,
        "targets": list(finding.targets),
        "url": finding.url,
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "applicability": fix.applicability,
        "edits": [_edit(edit) for edit in fix.edits],
        "message": fix.message,
    }


def _edit(edit: Edit) -> dict[str, object]:
    return {
        "content": edit.content,
        "end_location": _location(edit.end_location),
        "location": _location(edit.location),
    }


def _location(location: Location) -> dict[str, int]:
    return {"column": location.column, "row": location.row}

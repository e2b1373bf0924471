"""GitLab's Code Quality report: an array of issues, each with the fields that GitLab requires."""

from __future__ import annotations

import json
from collections.abc import Sequence

from usock_lint.diagnostics import Finding
from usock_lint.i18n import Lang
from usock_lint.output.report_paths import fingerprints, printable, relative
from usock_lint.output.terminal import Paint, plain

_SEVERITY = {"error": "major", "warning": "minor"}


def render(findings: Sequence[Finding], _paint: Paint = plain, _lang: Lang = "en") -> str:
    """Paths are relative to the project. A fingerprint stays the same when its line moves."""
    issues = [_issue(found, name) for found, name in zip(findings, fingerprints(findings), strict=True)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    return {
        "description": printable(f"{finding.code} {finding.message}"),
        "check_name": finding.name,
        "fingerprint": fingerprint,
        "severity": _SEVERITY[finding.severity],
        "location": {
            "path": printable(relative(finding.path)),
            "lines": {"begin": finding.location.row, "end": finding.end_location.row},
        },
    }

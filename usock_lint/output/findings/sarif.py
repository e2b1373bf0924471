"""SARIF 2.1.0, which GitHub's code scanning, Azure DevOps and editors read."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from usock_lint import __version__
from usock_lint.catalog.pages import Rule, rules
from usock_lint.diagnostics import Because, Finding, Fix, Location
from usock_lint.i18n import Lang
from usock_lint.output.report_paths import fingerprints, is_file, printable, relative
from usock_lint.output.terminal import Paint, plain

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"


def render(findings: Sequence[Finding], _paint: Paint = plain, lang: Lang = "en") -> str:
    """One run with the rules that were offended against, their pages as help."""
    met = sorted({finding.name for finding in findings})
    found = zip(findings, fingerprints(findings), strict=True)
    run = {
        "tool": {
            "driver": {
                "name": "usock-lint",
                "version": __version__,
                "rules": [_rule(rules()[name], lang) for name in met],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the checkout."}}},
        "results": [_result(one, met.index(one.name), fingerprint) for one, fingerprint in found],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule, lang: Lang) -> dict[str, object]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary_in(lang)},
        "help": {"text": rule.summary_in(lang), "markdown": rule.text(lang)},
        "helpUri": rule.reference,
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: Finding, index: int, fingerprint: str) -> dict[str, object]:
    artifact = _artifact(finding.path)
    place = {"artifactLocation": artifact, "region": _region(finding.location, finding.end_location)}
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": printable(finding.message)},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {"usockLint/v1": fingerprint},
        "properties": {"targets": list(finding.targets)},
    }
    if finding.because:
        result["relatedLocations"] = [_related(finding.because, finding.path)]
    if finding.fix:
        result["fixes"] = [_fix(finding.fix, artifact)]
    return result


def _related(because: Because, path: str) -> dict[str, object]:
    """The line in another file that makes an import fail."""
    place = {"artifactLocation": _artifact(because.path(path)), "region": {"startLine": because.row}}
    return {"physicalLocation": place, "message": {"text": because.code}}


def _fix(fix: Fix, artifact: dict[str, str]) -> dict[str, object]:
    replacements = [
        {
            "deletedRegion": _region(edit.location, edit.end_location),
            "insertedContent": {"text": printable(edit.content)},
        }
        for edit in fix.edits
    ]
    return {
        "description": {"text": printable(fix.message)},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
        "properties": {"applicability": fix.applicability},
    }


def _artifact(path: str) -> dict[str, str]:
    name = relative(path)
    if os.path.isabs(name):
        return {"uri": Path(name).as_uri()}
    uri = {"uri": quote(os.fsencode(name))}
    return {**uri, "uriBaseId": _ROOT} if is_file(path) else uri


def _region(start: Location, end: Location) -> dict[str, int]:
    return {"startLine": start.row, "startColumn": start.column, "endLine": end.row, "endColumn": end.column}

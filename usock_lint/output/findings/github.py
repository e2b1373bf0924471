"""GitHub's workflow commands: printed by a step, they become annotations of the changed files."""

from __future__ import annotations

from collections.abc import Iterable

from usock_lint.diagnostics import Finding
from usock_lint.i18n import Lang
from usock_lint.output.findings.text import headline
from usock_lint.output.report_paths import absolute
from usock_lint.output.terminal import Paint, plain

_IN_TEXT = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_IN_PROPERTY = {**_IN_TEXT, ":": "%3A", ",": "%2C"}


def render(findings: Iterable[Finding], _paint: Paint = plain, _lang: Lang = "en") -> str:
    """One command a finding. File names are absolute, since a step may run in any folder."""
    return "".join(_command(found) for found in findings)


def _command(finding: Finding) -> str:
    (row, column), (last, end) = finding.location, finding.end_location
    place: dict[str, object] = {"file": absolute(finding.path), "line": row, "endLine": last}
    if row == last:  # GitHub takes columns within one line only
        place |= {"col": column, "endColumn": end}
    named = {"title": f"usock-lint {finding.code} ({finding.name})", **place}
    properties = ",".join(f"{key}={_escaped(str(value), _IN_PROPERTY)}" for key, value in named.items())
    return f"::{finding.severity} {properties}::{_escaped(headline(finding), _IN_TEXT)}\n"


def _escaped(text: str, table: dict[str, str]) -> str:
    return text.translate(str.maketrans(table))

"""JUnit's XML as Jenkins's schema has it: a file is a test suite, a finding in it a test that failed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from usock_lint.diagnostics import Finding
from usock_lint.i18n import Lang
from usock_lint.output.findings.text import headline
from usock_lint.output.report_paths import printable, relative
from usock_lint.output.terminal import Paint, plain

_TOOL = "usock-lint"


def render(findings: Sequence[Finding], _paint: Paint = plain, _lang: Lang = "en") -> str:
    """The report. Without findings it has one test that passed: an empty report counts as a broken one."""
    root = Element("testsuites", {"name": _TOOL, **_counts(len(findings) or 1, len(findings))})
    for path, found in groupby(findings, key=lambda finding: finding.path):
        _suite(root, printable(relative(path)), list(found))
    if not findings:
        suite = SubElement(root, "testsuite", {"name": _TOOL, **_counts(1, 0)})
        SubElement(suite, "testcase", {"name": "no findings", "classname": _TOOL})
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, path: str, findings: Sequence[Finding]) -> None:
    count = len(findings)
    suite = SubElement(root, "testsuite", {"name": path, "file": path, **_counts(count, count)})
    for finding in findings:
        row, column = finding.location
        name = f"{finding.code} {finding.name} {row}:{column}"
        case = SubElement(suite, "testcase", {"name": name, "classname": path})
        message = printable(finding.message)
        SubElement(case, "failure", {"type": finding.code, "message": message}).text = printable(_details(finding))


def _details(finding: Finding) -> str:
    return f"{headline(finding)}\n{finding.line}"


def _counts(tests: int, failures: int) -> dict[str, str]:
    return {"tests": str(tests), "failures": str(failures), "errors": "0"}

"""`path:line:column: CODE message`, one finding a line, as compilers print it."""

from __future__ import annotations

from collections.abc import Iterable

from usock_lint.output.terminal import plain, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.i18n import Lang
    from usock_lint.output.terminal import Paint


def render(findings: Iterable[Finding], paint: Paint = plain, _lang: Lang = "en") -> str:
    """Rows and columns are counted from 1."""
    return "".join(f"{headline(found, paint)}\n" for found in findings)


def headline(finding: Finding, paint: Paint = plain, mark: str = "") -> str:
    """The line of one finding, with this mark behind its code."""
    row, column = finding.location
    path, message = visible(finding.path), visible(finding.message)
    return f"{paint('path', path)}:{row}:{column}: {paint(finding.severity, finding.code)}{mark} {message}"

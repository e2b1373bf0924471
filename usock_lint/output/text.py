"""`path:line:column: CODE message`, one finding a line, as compilers print it."""

from __future__ import annotations

from collections.abc import Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.findings import Finding


def render(findings: Iterable[Finding]) -> str:
    """Rows and columns are counted from 1."""
    return "".join(f"{found.path}:{_place(found)}: {found.code} {found.message}\n" for found in findings)


def _place(finding: Finding) -> str:
    return f"{finding.location.row}:{finding.location.column}"

"""The number of findings of each rule, and their targets."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from usock_lint.diagnostics import Finding


def render(findings: Sequence[Finding]) -> str:
    """A table, the most frequent rule first, and a line with the sums by target."""
    rows = [(str(len(found)), code, name, _listed(_targets(found))) for (code, name), found in _by_rule(findings)]
    if rows:
        rows.append((str(len(findings)), "", "all rules", _listed(_targets(findings))))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        f"{count:>{widths[0]}}  {code:{widths[1]}}  {name:{widths[2]}}  {targets}"
        for count, code, name, targets in rows
    )
    return "".join(f"{line.rstrip()}\n" for line in lines)


def render_json(findings: Sequence[Finding]) -> str:
    """An array of objects with ruff's keys, and `targets`: how many of the findings hold on each."""
    return json.dumps([_object(*rule, found) for rule, found in _by_rule(findings)], indent=2) + "\n"


def _object(code: str, name: str, found: Sequence[Finding]) -> dict[str, object]:
    return {
        "code": code,
        "name": name,
        "count": len(found),
        "fixable": any(finding.fix for finding in found),
        "targets": _targets(found),
    }


def _by_rule(findings: Iterable[Finding]) -> list[tuple[tuple[str, str], list[Finding]]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.code, finding.name), []).append(finding)
    return sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))


def _targets(found: Iterable[Finding]) -> dict[str, int]:
    return Counter(target for finding in found for target in finding.targets)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{target} {count}" for target, count in counts.items())

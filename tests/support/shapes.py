"""Short sources with what is to be found in them."""

from __future__ import annotations

import textwrap

from usock_lint import Config, lint_source
from usock_lint.ports import parse_targets

_MODULES = frozenset({"USK110", "USK111", "USK220"})


def offences(code: str, target: str = "portable", *extra: str) -> list[str]:
    """The rules that report something in this code, each with its row; `extra` are opt-in rules to ask.

    Those on other modules than socket are to be asked, too.
    """
    config = Config(targets=parse_targets([target]), extend_select=extra, ignore=tuple(_MODULES.difference(extra)))
    findings = lint_source(textwrap.dedent(code).lstrip("\n"), "example.py", config)
    return [f"{finding.location.row} {finding.name}" for finding in findings]


def marked(code: str, rule: str) -> list[str]:
    """The findings that comments in this code promise: `# name` one of that rule in its line, `#` one of `rule`."""
    rows = textwrap.dedent(code).lstrip("\n").splitlines()
    comments = ((row, line.partition("  #")) for row, line in enumerate(rows, 1))
    return [f"{row} {name.strip() or rule}" for row, (_, sign, name) in comments if sign]

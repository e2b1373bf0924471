"""The fixes of a text, without a file."""

from __future__ import annotations

from usock_lint import Config
from usock_lint.linting.engine import lint
from usock_lint.linting.fixer import fix_findings
from usock_lint.linting.source import Source


def fix_text(text: str, path: str, config: Config, *, unsafe: bool) -> tuple[str, int]:
    """The text with its fixes applied until none is left, and how many that were."""
    source = Source.of(text, path)
    done = fix_findings(source, lint(source, config), config, unsafe=unsafe)
    return done.text, done.applied

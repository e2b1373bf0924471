"""Shared by the machine-readable formats: file names, text without control characters, and fingerprints of findings."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from usock_lint.diagnostics import Finding

# Everything but what XML 1.0 allows. A lone surrogate is one: Python has it for a byte of a file name that is no text.
_UNPRINTABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def printable(text: str) -> str:
    """The text with escapes in place of what XML forbids and strict JSON readers refuse."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def is_file(path: str) -> bool:
    """True if a finding's path is a file's, and not a name for standard input."""
    return not path.startswith("<")


def absolute(path: str) -> str:
    """The absolute path of a finding."""
    return os.path.abspath(path) if is_file(path) else path


def relative(path: str) -> str:
    """The path relative to the checkout, with `/`; absolute for a file outside of it.

    CI names the checkout in a variable; elsewhere it is the current folder.
    """
    if not is_file(path):
        return path
    root = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR") or os.curdir
    whole = Path(os.path.abspath(path))
    for folder in (root, os.curdir):
        if whole.is_relative_to(os.path.abspath(folder)):
            return whole.relative_to(os.path.abspath(folder)).as_posix()
    return whole.as_posix()


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """A stable name for each finding: a hash of file, rule, line text and the index among equal findings.

    It has no line number in it, so it stays the same when the line moves.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    names: list[str] = []
    for finding in findings:
        key = (relative(finding.path), finding.code, finding.line_key)
        text = "\0".join((*key, str(seen[key])))
        names.append(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
        seen[key] += 1
    return names

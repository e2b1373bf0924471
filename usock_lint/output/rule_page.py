"""A rule's page: rendered where a terminal shows it, else the Markdown that it is."""

from __future__ import annotations

import os
import re
import sys

from usock_lint.catalog.pages import Rule
from usock_lint.i18n import Lang, say

_WIDTH = 100
"""Longer lines are hard to read, however wide the terminal is."""

_FENCE = re.compile(r"^```(?P<kind>py fixed unsafe|py fixed|output)(?P<where>.*)$", re.M)
_HEADER = re.compile(r"\n```toml\n.*?```\n", re.S)


def show(rule: Rule, lang: Lang) -> None:
    """Print the page. Without rich, and to what is no terminal or a dumb one, it is printed as it is."""
    text = rule.text(lang)
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        try:
            _render(readable(text, rule, lang))
        except ImportError:
            sys.stdout.write(text)
    else:
        sys.stdout.write(text)


def readable(text: str, rule: Rule, lang: Lang) -> str:
    """The page with words for what a rendered one does not show: its header, and what its blocks are."""
    text = _HEADER.sub(f"\n<{rule.reference}>\n", text, count=1)

    def said(fence: re.Match[str]) -> str:
        return f"*{_caption(fence['kind'], fence['where'], lang)}*\n\n```{fence['kind'].partition(' ')[0]}"

    return _FENCE.sub(said, text)


def _caption(kind: str, where: str, lang: Lang) -> str:
    if kind == "output" and where:
        return say("It prints on {where}:", where=", ".join(where.split())).in_(lang)
    if kind == "output":
        return say("It prints:").in_(lang)
    return (say("Fixed, unsafely:") if "unsafe" in kind else say("Fixed:")).in_(lang)


def _render(text: str) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    console.print(Markdown(text), width=min(console.width, _WIDTH))

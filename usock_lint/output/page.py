"""A rule's page: rendered where a terminal shows it, else the Markdown that it is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import TextIO

from usock_lint.catalog import Rule
from usock_lint.language import Lang, say

_WIDTH = 100
"""Longer lines are hard to read, however wide the terminal is."""

_FENCE = re.compile(r"^```(?P<kind>py fixed unsafe|py fixed|output)(?P<where>.*)$", re.M)
_HEADER = re.compile(r"\n```toml\n.*?```\n", re.S)


def show(rule: Rule, lang: Lang, stream: TextIO = sys.stdout, variables: Mapping[str, str] = os.environ) -> None:
    """Print the page. Without rich, and to what is no terminal or a dumb one, it is printed as it is."""
    text = rule.text(lang)
    if stream.isatty() and variables.get("TERM") != "dumb":
        try:
            _render(readable(text, rule, lang), stream)
        except ImportError:
            stream.write(text)
    else:
        stream.write(text)


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


def _render(text: str, stream: TextIO) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=stream)
    console.print(Markdown(text), width=min(console.width, _WIDTH))

"""A rule's page, or the head of it: rendered where a terminal shows it, else the Markdown that it is."""

from __future__ import annotations

import os
import re
import sys
from contextlib import nullcontext

from usock_lint.catalog.pages import Rule
from usock_lint.i18n import Lang, say

_WIDTH = 100
"""Longer lines are hard to read, however wide the terminal is."""

_FENCE = re.compile(r"^```(?P<kind>py fixed unsafe|py fixed|output)(?P<where>.*)$", re.M)
_HEADER = re.compile(r"\n```toml\n.*?```\n", re.S)
_BLOCK = re.compile(r"(?P<lead>(?:[^\n`][^\n]*\n)*\n)?```(?P<kind>[^\n]*)\n(?P<code>.*?)```\n", re.S)
"""A block of code, with the paragraph before it."""


def show(rule: Rule, lang: Lang, *, full: bool) -> None:
    """Print the page, through a pager, or its head.

    Without rich, or if the output is not a capable terminal, the page is printed unrendered.
    """
    text = rule.text(lang) if full else head(rule, lang)
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        sys.stdout.write(text)
        return
    try:
        _render(readable(text, rule, lang), paged=full)
    except ImportError:
        sys.stdout.write(text)


def head(rule: Rule, lang: Lang) -> str:
    """The head of a page: the offence, the reason and the replacement, without the evidence."""
    text = rule.text(lang).partition("\n## ")[0] + "\n"
    blocks = [found for found in _BLOCK.finditer(text) if found["kind"].startswith("py")]
    begin = blocks[0].end("lead") if blocks and blocks[0]["lead"] else len(text)
    instead = next((found for found in blocks if "# error" not in found["code"] and found.start() > begin), None)
    shown = f"{instead['lead'] or ''}```py\n{instead['code']}```\n\n" if instead else ""
    more = say("`usock-lint explain {code} --full` prints the whole page.", code=rule.code).in_(lang)
    return f"{_referring(text[:begin], rule).rstrip()}\n\n{shown}{more}\n"


def readable(text: str, rule: Rule, lang: Lang) -> str:
    """The page with text for the parts that rendering hides: its header, and the kinds of its blocks."""
    text = _referring(text, rule)

    def said(fence: re.Match[str]) -> str:
        return f"*{_caption(fence['kind'], fence['where'], lang)}*\n\n```{fence['kind'].partition(' ')[0]}"

    return _FENCE.sub(said, text)


def _referring(text: str, rule: Rule) -> str:
    """A page with the address of MicroPython's own documentation in place of its header."""
    return _HEADER.sub(f"\n<{rule.reference}>\n", text, count=1)


def _caption(kind: str, where: str, lang: Lang) -> str:
    if kind == "output" and where:
        return say("It prints on {where}:", where=", ".join(where.split())).in_(lang)
    if kind == "output":
        return say("It prints:").in_(lang)
    return (say("Fixed, unsafely:") if "unsafe" in kind else say("Fixed:")).in_(lang)


def _render(text: str, *, paged: bool) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    os.environ.setdefault("LESS", "FRX")  # colours, no pager for what fits on the screen, and the text stays there
    with console.pager(styles=True) if paged else nullcontext():
        console.print(Markdown(text), width=min(console.width, _WIDTH))

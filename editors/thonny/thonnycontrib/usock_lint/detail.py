"""What the Assistant shows of findings, as the reStructuredText that it renders."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from thonny.assistance import format_file_url
from thonny.rst_utils import escape
from thonnycontrib.usock_lint.words import language, say

Found = dict[str, Any]
"""A finding as `--output-format json` has it."""

PRELUDE: Final = ".. default-role:: code\n\n.. role:: remark\n\n"
"""What the texts below need before them."""

_CODE: Final = re.compile(r"(`[^`\n]+`)")
_LINK: Final = re.compile(r"\[([^\]]+)\]\([^)]+\)")
_BLOCK: Final = re.compile(r"^```.*?^```$", re.M | re.S)


def inline(text: str) -> str:
    """A line of text with code between backticks."""
    return "".join(part if _CODE.fullmatch(part) else escape(part) for part in _CODE.split(text))


def title(found: Found, path: str | None) -> str:
    """The line that is always seen: where it is, with a link if the file can be opened, and what it is."""
    row, column = found["location"]["row"], found["location"]["column"]
    where = say("Line {line}", line=row)
    link = f"`{where} <{format_file_url(path, row, column - 1)}>`__" if path else where
    return f"{link} : {inline(found['message'])}"


def body(found: Found, text: str) -> str:
    """What is seen when it is opened: the fix, and the rule's page as far as its first example."""
    return "\n\n".join([*_fix(found, text), page(found["code"])])


def topic(found: Found, path: str | None, text: str, *, last: bool) -> str:
    """Both, as the Assistant has it: closed, with a button that opens it."""
    kind = "toggle" if last else "toggle, tight"
    inside = textwrap.indent(body(found, text), "    ")
    return f".. topic:: {title(found, path)}\n    :class: {kind}\n\n{inside}\n\n"


def page(code: str) -> str:
    """The rule's page, up to its edge cases, and a link to MicroPython's own documentation."""
    from usock_lint.catalog.pages import find
    from usock_lint.output.rule_page import readable

    rule = find(code)
    head = readable(rule.text(language()), rule, language()).split("\n## ")[0].partition("\n")[2]
    head = head.replace(f"\n<{rule.reference}>\n", "", 1)
    link = f"`{say('More in the documentation of MicroPython')} <{rule.reference}>`__"
    return "\n\n".join([*_restructured(head), link])


def _restructured(markdown: str) -> Iterator[str]:
    """Paragraphs and blocks of code; pages have nothing else in their heads."""
    last = 0
    for block in (*_BLOCK.finditer(markdown), None):
        for paragraph in markdown[last : block.start() if block else None].split("\n\n"):
            if paragraph.strip():
                yield _paragraph(paragraph)
        if block:
            yield _code(block[0].split("\n")[1:-1])
            last = block.end()


def _paragraph(markdown: str) -> str:
    words = _LINK.sub(r"\1", " ".join(markdown.split()))
    return f"*{escape(words[1:-1])}*" if re.fullmatch(r"\*[^*]+\*", words) else inline(words.replace("**", ""))


def _code(lines: Sequence[str]) -> str:
    return "::\n\n" + "\n".join(f"    {line}" for line in lines)


def _fix(found: Found, text: str) -> Iterator[str]:
    """What it is, and the lines that it changes as they would be; it is not there for a finding without one."""
    if not found["fix"]:
        return
    safe = found["fix"]["applicability"] == "safe"
    template = "Fix: {message}" if safe else "Fix that may change what the code does on a computer: {message}"
    yield f"**{escape(say(template, message=found['fix']['message']))}**"
    if lines := list(_changed(text.split("\n"), found["fix"]["edits"])):
        yield _code(lines)


def _changed(lines: Sequence[str], edits: Sequence[Found]) -> Iterator[str]:
    """The lines after the edits, those in one row joined. Edits are in order and do not overlap."""
    for _, group in groupby(edits, key=lambda edit: edit["location"]["row"]):
        made = [*group]
        start, end = made[0]["location"], made[-1]["end_location"]
        new = lines[start["row"] - 1][: start["column"] - 1]
        for edit, following in zip(made, [*made[1:], None], strict=True):
            after, upto = edit["end_location"], following["location"]["column"] - 1 if following else None
            new += edit["content"] + lines[after["row"] - 1][after["column"] - 1 : upto]
        yield from new.split("\n") if end["row"] <= len(lines) else ()

"""Reads the translation of a rule's page, which is a section at its end: summary, "Why" and messages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from usock_lint import toml
from usock_lint.i18n import Lang

_SECTIONS = {"zh": "中文"}

_WHY = re.compile(r"(?<=\n\n)Why.*?(?=\n\n)", re.S)

_BODY = re.compile(r"\n(?P<summary>[^\n]+)\n\n(?P<why>.+?)\n\n```toml\n(?P<toml>.*?)```\n*", re.S)


class Translation(NamedTuple):
    """The translated head of a page, and the messages of its rule by their English templates."""

    summary: str
    why: str
    of: str
    """The `digest` of the English text that was translated."""
    messages: Mapping[str, str]


def original(page: str) -> str:
    """A page without its translations."""
    return re.split(rf"\n## (?:{'|'.join(_SECTIONS.values())})\n", page)[0]


def page(text: str, translation: Translation, note: str) -> str:
    """The page with its head translated; `note` says that the rest, which follows in English, is not."""
    text = original(text)
    title, _, rest = text.partition("\n\n")
    header, _, rest = rest.partition(why(text))
    header = header.partition("\n\n")[2]
    return f"{title}\n\n{translation.summary}\n\n{header}{translation.why}\n\n*{note}*{rest}"


def why(page: str) -> str:
    """The paragraph of a page that says why."""
    found = _WHY.search(page)
    return found[0] if found else ""


def digest(summary: str, reason: str) -> str:
    """Eight hexadecimal digits that depend on the words, and not on the line breaks."""
    return hashlib.sha256(" ".join(f"{summary} {reason}".split()).encode()).hexdigest()[:8]


@cache
def read(path: Path, lang: Lang) -> Translation | None:
    """The translation on the page at `path`; None if its section is missing or has another form."""
    if lang not in _SECTIONS:
        return None
    section = path.read_text(encoding="utf-8").partition(f"\n## {_SECTIONS[lang]}\n")[2]
    found = _BODY.fullmatch(section)
    if found is None:
        return None
    facts = toml.loads(found["toml"])
    return Translation(found["summary"], found["why"], facts["of"], facts["messages"])

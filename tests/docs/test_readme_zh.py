"""README.zh.md is README.md in Chinese: section for section, as it is now, with the same code."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import NamedTuple

import pytest

from tests.support.running import ROOT
from usock_lint.catalog.translations import digest

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)
_OF = re.compile(r"^<!-- of (?P<digest>\w{8}) -->$", re.M)


class Section(NamedTuple):
    """A heading, and the prose below it up to the next one, without code."""

    heading: str
    prose: str


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


TRANSLATED = {"README.zh.md": "README.md", "docs/rules.md": "docs/rules.zh.md"}
"""Where the Chinese text leads to another file: back, and to the rules in Chinese."""

ENGLISH, CHINESE = read("README.md"), read("README.zh.md")


def sections(text: str) -> list[Section]:
    parts = re.split(r"^(#+ .+)\n", _FENCED.sub("", text), flags=re.M)[1:]
    return [Section(heading, prose) for heading, prose in zip(parts[::2], parts[1::2], strict=True)]


def code(text: str) -> list[tuple[str, str]]:
    """The blocks of code; of a session the commands only."""
    blocks: list[tuple[str, str]] = _FENCED.findall(text)
    return [
        (language, "".join(re.findall(r"^\$ .*\n", body, re.M)) if language == "console" else body)
        for language, body in blocks
    ]


def options(text: str) -> set[str]:
    rows = "".join(line for line in text.splitlines() if line.startswith("| `--"))
    return set(re.findall(r"`(--[a-z-]+)", rows))


PAIRS = list(zip_longest(sections(ENGLISH), sections(CHINESE)))


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=[str(pair[0] and pair[0].heading) for pair in PAIRS])
def test_a_section_is_translated_as_it_is_now(english: Section | None, chinese: Section | None) -> None:
    assert english, f"{chinese} is a translation of nothing"
    assert chinese, "not translated"
    assert chinese.heading.count("#") == english.heading.count("#")
    now = digest(english.heading, english.prose)
    found = _OF.search(chinese.prose)
    assert found, "no line `<!-- of ... -->` says what was translated"
    assert found["digest"] == now, f"translate this section anew, then write <!-- of {now} -->"


def test_the_code_is_the_same() -> None:
    assert code(CHINESE) == code(ENGLISH)


def test_the_options_are_the_same() -> None:
    assert options(CHINESE) == options(ENGLISH)


def test_links_lead_to_the_same_places() -> None:
    english, chinese = (set(re.findall(r"\]\(([^)]+)\)", text)) for text in (ENGLISH, CHINESE))

    assert {TRANSLATED.get(link, link) for link in english} == chinese

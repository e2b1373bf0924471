"""README.zh.md is README.md in Chinese: section for section, as it is now, with the same code.

What is not translated yet is listed at the end of the run, and fails where a release is made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import NamedTuple

import pytest

from tests.support.running import ROOT
from usock_lint.catalog.translations import digest

_FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.S | re.M)
_BADGES = re.compile(r"^\[!\[.*\n\n", re.M)
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
    parts = re.split(r"^(#+ .+)\n", _FENCED.sub("", _BADGES.sub("", text)), flags=re.M)[1:]
    return [Section(heading, prose) for heading, prose in zip(parts[::2], parts[1::2], strict=True)]


def code(text: str) -> list[tuple[str, str]]:
    """The blocks of code; of a session the commands only."""
    blocks: list[tuple[str, str]] = _FENCED.findall(text)
    return [
        (language, "".join(re.findall(r"^\$ .*\n", body, re.M)) if language == "console" else body)
        for language, body in blocks
    ]


def links(text: str) -> set[str]:
    return set(re.findall(r"\]\(([^)]+)\)", text))


def options(text: str) -> set[str]:
    rows = "".join(line for line in text.splitlines() if line.startswith("| `--"))
    return set(re.findall(r"`(--[a-z-]+)", rows))


def outdated(english: str, chinese: str) -> Iterator[str]:
    """What of the Chinese README is to be translated."""
    for original, section in zip_longest(sections(english), sections(chinese)):
        if original is None or section is None or section.heading.count("#") != original.heading.count("#"):
            yield f"README.zh.md: {original and original.heading} is translated by {section and section.heading}"
            return
        now, found = digest(original.heading, original.prose), _OF.search(section.prose)
        if found is None or found["digest"] != now:
            yield f"README.zh.md: translate {original.heading} anew, then write below it: <!-- of {now} -->"
    for what, part in (("code", code), ("options", options)):
        if part(english) != part(chinese):
            yield f"README.zh.md: the {what} differs from that of README.md"
    if {TRANSLATED.get(link, link) for link in links(english)} != links(chinese):
        yield "README.zh.md: the links lead to other places than those of README.md"


def test_the_readme_is_translated_as_it_is_now(translated: Callable[[Iterable[str]], None]) -> None:
    translated(outdated(ENGLISH, CHINESE))


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("## Use\n", "## Use it\n", "translate ## Use it anew"),
        ("## Targets\n", "### Targets\n", "### Targets is translated by ## 目标"),
        ("## Licence\n", "## Licence\n\nMIT.\n\n## More\n", "## More is translated by None"),
        ("| `--diff` |", "| `--exit-zero` |", "options"),
        ("usock-lint src/ main.py", "usock-lint main.py", "code"),
        ("[docs/run.md](docs/run.md)", "[docs/run.md](docs/cli.md)", "links"),
    ],
)
def test_what_is_to_be_translated_is_named(old: str, new: str, named: str) -> None:
    changed = ENGLISH.replace(old, new)

    assert changed != ENGLISH
    assert named in "\n".join(outdated(changed, CHINESE))

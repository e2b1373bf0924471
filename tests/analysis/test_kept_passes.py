"""A document that is edited has the findings and the uses that it has when it is opened anew."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.support.edits import versions
from tests.support.programs import SOURCES
from tests.support.running import ROOT
from usock_lint import ports
from usock_lint.analysis.trace import trace_of
from usock_lint.analysis.uses import AnyUse
from usock_lint.catalog.pages import rules
from usock_lint.diagnostics import FileReport
from usock_lint.linting.file import lint_named
from usock_lint.server.hover import Before, Outline
from usock_lint.settings.config import Config

EVERYTHING = Config(extend_select=tuple(rule.code for rule in rules().values()), assume="device")

_CLOSED = re.compile(r"  closed=(?:(?!  )[^\n])*")


class _Seen(Outline):
    """An outline that keeps the uses, as hovers show them."""

    uses: Sequence[AnyUse] = ()

    def note(self, uses: Sequence[AnyUse]) -> None:
        self.uses = uses
        super().note(uses)


def _linted(text: str, path: str, before: Before) -> tuple[FileReport, list[str]]:
    """The report on a version, and the uses in it, whose order and states of lost sockets are those of sets."""
    seen = _Seen(text, before)
    report = lint_named(text, path, EVERYTHING, seen)
    found = trace_of(seen.uses, seen.parse(text).locator(), ports.cells(ports.PORTABLE)) if seen.uses else ""
    return report, sorted(_CLOSED.sub("", found).split("\n"))


def agree(text: str, count: int, seed: int, path: str = "main.py") -> None:
    """Edit a program so many times; each version has to be linted as if it were the first."""
    before = Before()
    for number, version in enumerate(versions(text, count, seed)):
        kept, anew = _linted(version, path, before), _linted(version, path, Before())
        assert kept == anew, f"edit {number}, seed {seed}:\n{version}"


def programs() -> Iterator[str]:
    """Programs with many functions: the examples, and pages of rules one after the other."""
    for path in sorted((ROOT / "examples").rglob("*.py")):
        yield path.read_text(encoding="utf-8")
    chance = random.Random(0)
    while True:
        yield "\n\n".join(chance.sample(SOURCES, 8))


@pytest.mark.parametrize("seed", range(12))
def test_each_version_is_linted_as_if_it_were_the_first(seed: int) -> None:
    for text, number in zip(programs(), range(seed + 1), strict=False):
        if number == seed:
            agree(text, 12, seed)

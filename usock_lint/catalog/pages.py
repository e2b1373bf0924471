"""The rules, read from their pages."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

from usock_lint.fast_dataclasses import dataclass
from usock_lint.i18n import say, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from usock_lint.catalog.translations import Translation
    from usock_lint.i18n import Lang

    Severity = Literal["error", "warning"]

_TITLE = re.compile(
    r"# `(?P<name>[a-z0-9-]+)` \((?P<code>USK\d{3})\)\n+(?P<summary>[^\n]+)\n+```toml\n(?P<toml>.*?)```", re.S
)

_HEAD = 2_000
"""Bytes in which the head of a page ends: pages are long, and all heads are read before a file is linted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what the head of its page says."""

    code: str
    name: str
    summary: str
    path: Path
    toml: str

    @property
    def opt_in(self) -> bool:
        """True if the rule is off until it is selected. Each run asks this of each rule: parsing TOML would be slow."""
        return "\nopt-in = true\n" in f"\n{self.toml}"

    @property
    def severity(self) -> Severity:
        """`error` for an offence that fails on a target, `warning` for the advice of an opt-in rule."""
        return "warning" if self.opt_in else "error"

    @property
    def since(self) -> str:
        """The release of usock-lint that brought the rule."""
        return self._facts()["since"]

    @property
    def reference(self) -> str:
        """MicroPython's own documentation of what the rule is about."""
        return self._facts()["reference"]

    @property
    def errors(self) -> tuple[str, ...]:
        """The error texts that a device prints for it, for `usock_lint.cli.device_errors`; `{}` stands for any text."""
        return tuple(self._facts().get("errors", ()))

    def _facts(self) -> dict[str, Any]:
        return _parsed(self.toml)

    def text(self, lang: Lang = "en") -> str:
        """The whole page as Markdown, its head in this language as far as it is translated."""
        from usock_lint.catalog import translations

        page = self.path.read_text(encoding="utf-8")
        translated = self.translation(lang)
        if translated is None:
            return translations.original(page)
        note = say("What follows is in English.").in_(lang)
        return translations.page(page, translated, note)

    def translation(self, lang: Lang) -> Translation | None:
        """The page in this language; None for English, and for a page without a translation."""
        if lang == "en":
            return None
        from usock_lint.catalog import translations

        return translations.read(self.path, lang)

    def summary_in(self, lang: Lang) -> str:
        """The summary in this language."""
        translated = self.translation(lang)
        return translated.summary if translated else self.summary

    def said(self, lang: Lang) -> Mapping[str, str]:
        """The translations of all that the rule says, by their English templates."""
        translated = self.translation(lang)
        return {**words(lang), **translated.messages} if translated else {}

    def why(self, lang: Lang = "en") -> str:
        """The paragraph that says why in this language, as Markdown."""
        from usock_lint.catalog import translations

        translated = self.translation(lang)
        return translated.why if translated else translations.why(self.text())


@cache
def _parsed(toml: str) -> dict[str, Any]:
    from usock_lint import toml as reader

    return reader.loads(toml)


class PageError(ValueError):
    """A page whose head is not of the form that every page has."""


def data_folder(name: str) -> Path:
    """The folder of pages or stubs: in the installed package, else beside the package in a checkout."""
    here = Path(__file__).parent.parent
    return next(folder for folder in (here / name, here.parent / name) if folder.is_dir())


@cache
def rules() -> dict[str, Rule]:
    """Every rule by name, in order of code. Raises PageError."""
    folder = data_folder("rules")
    read = [_read(folder / name) for name in os.listdir(folder) if name.endswith(".md")]
    return {rule.name: rule for rule in sorted(read, key=lambda rule: rule.code)}


def find(word: str) -> Rule:
    """The rule with this code or name, in either case. Raises KeyError."""
    for rule in rules().values():
        if word.lower() in (rule.name, rule.code.lower()):
            return rule
    raise KeyError(word)


def _read(path: Path) -> Rule:
    with open(path, "rb", buffering=0) as page:
        head = _TITLE.match(page.read(_HEAD).decode("utf-8", "ignore"))  # a character may be cut in two at the end
    if head is None or head["name"] != path.stem:
        raise PageError(f"{path}: a page begins with its title, one line of summary and a toml block")
    return Rule(head["code"], head["name"], head["summary"], path, head["toml"])

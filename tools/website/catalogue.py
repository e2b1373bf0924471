"""The catalogue of rules, in English and in Chinese, and how to read their pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from tools.rulepages.pages import read_page
from tools.website.pages import ASSETS, section
from tools.website.rules import fixes
from tools.website.words import FAMILIES, word
from usock_lint.catalog.pages import Rule
from usock_lint.catalog.pages import rules as catalogued
from usock_lint.i18n import LANGS, Lang

_READING: Mapping[Lang, str] = {"en": "reading.md", "zh": "reading.zh.md"}
"""How to read a rule's page, in docs/site; its links are those of the catalogue."""


def pages() -> dict[str, str]:
    """Both by path."""
    return {f"{'zh/' if lang == 'zh' else ''}rules/index.md": "\n".join(_catalogue(lang)) for lang in LANGS}


def _catalogue(lang: Lang) -> Iterator[str]:
    rules = list(catalogued().values())
    opt_in = sum(rule.opt_in for rule in rules)
    yield f"# {word('Rules', lang)}\n"
    yield word("{count} rules, {opt_in} of them off until they are selected.", lang, count=len(rules), opt_in=opt_in)
    label, hint = word("Filter", lang), word("a code, a name, a word", lang)
    yield f'\n<label class="filter" hidden>{label} <input type="search" data-filter placeholder="{hint}"></label>\n'
    for family, of in groupby(rules, lambda rule: rule.code[:4]):
        yield section(f"{FAMILIES[family][lang]} {{ #{family.lower()}xx }}", _table(list(of), lang))
    yield (ASSETS / _READING[lang]).read_text(encoding="utf-8")


def _table(rules: list[Rule], lang: Lang) -> Iterator[str]:
    yield f"| {word('code', lang)} | {word('rule', lang)} | {word('fix', lang)} |"
    yield "|---|---|---|"
    for rule in rules:
        kinds = "<br>".join(word(kind, lang) for kind in fixes(read_page(rule.path))) or "-"
        off = f' <span class="badge opt-in">{word("opt-in", lang)}</span>' if rule.opt_in else ""
        summary = rule.summary_in(lang).replace("|", r"\|")
        yield f"| [{rule.code}]({rule.name}.md) | [**{rule.name}**]({rule.name}.md){off}<br>{summary} | {kinds} |"

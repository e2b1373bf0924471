"""One page for each rule, in English and in Chinese: what it says, its examples, and what was seen of them."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tools.rulepages.pages import Page, read_page
from tools.website.examples import Reader, Where, ports_reported
from tools.website.pages import Entry, unsearched, with_sources
from tools.website.words import FAMILIES, word
from usock_lint.catalog.pages import Rule
from usock_lint.catalog.pages import rules as catalogued
from usock_lint.i18n import LANGS, Lang
from usock_lint.ports import PORTS

_FOLDERS = {"en": "rules", "zh": "zh/rules"}
_MENTION = re.compile(r"`([a-z]+(?:-[a-z]+)+)`|\b(USK\d{3})\b")


def pages() -> dict[str, str]:
    """All of them by path."""
    made: dict[str, str] = {}
    for rule in catalogued().values():
        where = ports_reported(read_page(rule.path))
        made |= {f"{_FOLDERS[lang]}/{rule.name}.md": _page(rule, where, lang) for lang in LANGS}
    return made


def navigation(lang: Lang) -> list[Entry]:
    """The rules below what their codes begin with."""
    families = groupby(catalogued().values(), lambda rule: rule.code[:4])
    return [
        {f"{family}xx {FAMILIES[family][lang]}": [{_label(rule): f"{_FOLDERS[lang]}/{rule.name}.md"} for rule in of]}
        for family, of in families
    ]


def fixes(page: Page) -> tuple[str, ...]:
    """Which fixes a page shows: "safe", "unsafe", both or none."""
    return tuple(sorted({"unsafe" if block.unsafe else "safe" for block in page.blocks if block.fixes}))


def _label(rule: Rule) -> str:
    return f"{rule.code} {rule.name}"


def _page(rule: Rule, where: Where, lang: Lang) -> str:
    text = rule.text(lang)
    page = _read(rule, text)
    tokens = MarkdownIt("commonmark").parse(text)
    title = f"---\ntitle: {rule.name} ({rule.code})\n---\n\n# `{rule.name}` ({rule.code})\n"
    body = "".join(_body(text, tokens, Reader(page, lang)))
    lead, why, rest = body.split("\n\n", 2)
    if lang != "en":  # what is not translated is found on the English page
        rest = unsearched(rest)
    facts = [*_facts(rule, page, lang), *_where(*where, lang)]
    return "\n".join([title, f"{lead}\n{{ .lead }}\n", *facts, f"{why}\n", rest, *_related(rule, body, lang), ""])


def _read(rule: Rule, text: str) -> Page:
    """The page as the tests read it. They read files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, rule.path.name)
        path.write_text(text, encoding="utf-8")
        return read_page(path)


def _body(text: str, tokens: Sequence[Token], reader: Reader) -> Iterator[str]:
    """The text from the summary on, with the examples readable and the toml block left out."""
    lines = text.splitlines(True)
    row = 2  # after the title
    for token in tokens:
        if token.type != "fence" or token.map is None or token.level:
            continue
        first, end = token.map
        yield with_sources("".join(lines[row:first]))
        if token.info.split()[0] in ("py", "output"):
            yield reader.take(token, first + 1)
        elif token.info != "toml" or "since" not in token.content:
            yield "".join(lines[first:end])
        row = end
    yield with_sources("".join(lines[row:]))


def _facts(rule: Rule, page: Page, lang: Lang) -> Iterator[str]:
    """What a reader wants to know first: whether it is on, which fix there is, and where it fails."""
    kinds = [f"{kind} fix" for kind in fixes(page)] or ["no fix"]
    state = "opt-in" if rule.opt_in else "on by default"
    badges = [
        word(state, lang),
        *(word(kind, lang) for kind in kinds),
        word("since {release}", lang, release=rule.since),
    ]
    names = ["state", *(kind.replace(" ", "-") for kind in kinds), "since"]
    spans = [f'<span class="badge {name}">{text}</span>' for name, text in zip(names, badges, strict=True)]
    other = "zh" if lang == "en" else "en"
    elsewhere = f"../zh/rules/{rule.name}.md" if lang == "en" else f"../../rules/{rule.name}.md"
    links = [
        f"[{word('MicroPython documentation', lang)}]({rule.reference})",
        f"[{word('how to read this page', lang)}](index.md#reading)",
        f"[{word('中文' if other == 'zh' else 'English', lang)}]({elsewhere})",
    ]
    yield f"{' '.join(spans)}\n{{ .badges data-search-exclude }}\n"
    yield f"{' · '.join(links)}\n{{ .links data-search-exclude }}\n"


def _where(now: Collection[str], before: Collection[str], lang: Lang) -> Iterator[str]:
    earlier = "In older releases also for" if now else "In older releases its examples are reported for"
    told = {"Its examples are reported for": now, earlier: before}
    parts = [
        f"{word(text, lang)} {', '.join(f'`{port}`' for port in PORTS if port in named)}."
        for text, named in told.items()
        if named
    ]
    if parts:
        yield f"{' '.join(parts)}\n{{ .where data-search-exclude }}\n"


def _related(rule: Rule, body: str, lang: Lang) -> Iterator[str]:
    """The rules that the page mentions, and those that mention the same errors of a device."""
    known = catalogued()
    codes = {one.code: one for one in known.values()}
    mentioned = [known.get(name) or codes.get(code) for name, code in _MENTION.findall(body)]
    alike = [one for one in known.values() if not set(one.errors).isdisjoint(rule.errors)]
    found = dict.fromkeys(one.name for one in (*mentioned, *alike) if one and one.name != rule.name)
    if found:
        yield f"\n## {word('See also', lang)}\n"
        yield from (f"- [{_label(known[name])}]({name}.md): {known[name].summary_in(lang)}" for name in found)

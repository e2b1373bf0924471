"""The pages that the repository has as Markdown: the README in two parts, docs/, and the files beside the README."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from tools.website.pages import ROOT, Documents
from usock_lint.i18n import LANGS, Lang

PAGES: Final[Mapping[str, str]] = {
    "ports": "The table of ports",
    "run": "Run on a computer",
    "stubs": "Type stubs",
    "editors": "Editors",
    "precision": "Precision",
    "benchmarks": "Benchmarks",
    "architecture": "Architecture",
    "contributing": "Contributing",
    "changelog": "Changelog",
}
"""What has a page of its own below the guide, and its title there."""

_FILES = {"contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}
_READMES: Mapping[Lang, str] = {"en": "README.md", "zh": "README.zh.md"}
_FOLDERS: Mapping[Lang, str] = {"en": "", "zh": "zh/"}
_AT_HOME = 1
"""Sections of the README that stand on the first page, after what precedes them all: how to install it."""

_TABLE = re.compile(r"<!-- rules -->.*<!-- end of rules -->", re.S)
_COMMENT = re.compile(r"^<!--.*?-->\n", re.M)
_HERE = "{catalogue}"
_HEADING = re.compile(r"^(?=## )", re.M)
_OTHER = re.compile(r"^\[(?:中文|English)\]\(.*\)\n", re.M)

_BUTTONS: Mapping[Lang, str] = {
    "en": "[Rules](rules/index.md){ .md-button .md-button--primary } [What each port has](matrix.md){ .md-button } "
    "[An error from a device](errors/index.md){ .md-button } [Guide](guide.md){ .md-button } "
    "[中文](zh/index.md){ .md-button }",
    "zh": "[规则](rules/index.md){ .md-button .md-button--primary } [各移植版有什么](../matrix.md){ .md-button } "
    "[设备打印的错误](../errors/index.md){ .md-button } [指南](guide.md){ .md-button } "
    "[English](../index.md){ .md-button }",
}
_CATALOGUE: Mapping[Lang, str] = {
    "en": "[The catalogue](rules/index.md) has them all.",
    "zh": "见[目录](rules/index.md)。",
}
_TITLES: Mapping[Lang, str] = {"en": "Guide", "zh": "指南"}


def pages() -> dict[str, str]:
    """All of them by path, and the files of the repository to which they link."""
    sources = {f"{name}.md": _FILES.get(name, f"docs/{name}.md") for name in PAGES}
    placed = {source: page for page, source in sources.items()}
    parts = {lang: _parts(lang) for lang in LANGS}

    def where(path: str, anchor: str) -> str | None:
        for lang in LANGS:
            if path == _READMES[lang]:
                return f"{_FOLDERS[lang]}{'index' if _is_at_home(anchor, parts[lang].home) else 'guide'}.md"
        return path if path.startswith("rules/") else placed.get(path)

    documents = Documents(where)
    for page, source in sources.items():
        documents.add(page, _read(source), source)
    for lang in LANGS:
        folder, source, (home, guide) = _FOLDERS[lang], _READMES[lang], parts[lang]
        documents.add(f"{folder}index.md", f"---\nhide: [navigation, toc]\n---\n\n{home}", source)
        documents.add(f"{folder}guide.md", f"# {_TITLES[lang]}\n\n{guide}", source)
    return {page: _completed(page, text) for page, text in documents.pages.items()}


def _completed(page: str, text: str) -> str:
    """The page with what links as the site does: the buttons of the first page, and the way to the catalogue."""
    lang: Lang = "zh" if page.startswith("zh/") else "en"
    if page == f"{_FOLDERS[lang]}index.md":
        return text.replace("\n```console\n", f"\n{_BUTTONS[lang]}\n\n```console\n", 1)
    return text.replace(_HERE, _CATALOGUE[lang])


def _read(source: str) -> str:
    return _COMMENT.sub("", (ROOT / source).read_text(encoding="utf-8"))


class _Readme(NamedTuple):
    """What of a README stands on the first page, and what in the guide."""

    home: str
    guide: str


def _parts(lang: Lang) -> _Readme:
    text = (ROOT / _READMES[lang]).read_text(encoding="utf-8")
    text = _COMMENT.sub("", _OTHER.sub("", _TABLE.sub(_HERE, text)))
    lead, *sections = _HEADING.split(text)
    last = sections.pop()
    return _Readme("".join([lead, *sections[:_AT_HOME], last]), "".join(sections[_AT_HOME:]))


def _is_at_home(anchor: str, home: str) -> bool:
    headings: list[str] = re.findall(r"^##+ (.*)$", home, re.M)
    return anchor in {"", *(heading.lower().replace(" ", "-") for heading in headings)}

"""The pages that the repository has as Markdown: the READMEs, docs/, and the files beside the READMEs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tools.website.pages import ASSETS, ROOT, Documents, unsearched
from usock_lint.i18n import Lang

PAGES: Final[Mapping[str, str]] = {
    "cli": "Command line",
    "configuration": "Configuration",
    "targets": "Targets",
    "port": "Porting CPython code",
    "suppression": "Suppressing findings",
    "integrations": "Integrations",
    "editors": "Editors",
    "stubs": "Type stubs",
    "run": "Run on a computer",
    "ports": "The table of ports",
    "precision": "Precision",
    "benchmarks": "Benchmarks",
    "architecture": "Architecture",
    "contributing": "Contributing",
    "changelog": "Changelog",
}
"""The pages of the manual, and their titles in the navigation."""

_EVIDENCE: Final = "docs/precision.md"
"""Lists what was found in hundreds of projects, with the words of every error: only its lead is searched."""

_FILES = {"contributing": "CONTRIBUTING.md", "changelog": "CHANGELOG.md"}
_READMES: Mapping[Lang, str] = {"en": "README.md", "zh": "README.zh.md"}
_PLACED: Mapping[str, str] = {
    "README.md": "index.md",
    "README.zh.md": "zh/index.md",
    "docs/rules.md": "rules/index.md",
    "docs/rules.zh.md": "zh/rules/index.md",
    **{_FILES.get(name, f"docs/{name}.md"): f"{name}.md" for name in PAGES},
    **{f"docs/site/{picture.name}": picture.name for picture in ASSETS.glob("*.png")},
}
"""What of the site stands for a file. The lists of rules are the catalogues."""

_COMMENT = re.compile(r"^<!--.*?-->\n", re.M)
_OTHER = re.compile(r"^\[(?:中文|English)\]\(.*\)\n", re.M)

_SESSION: Final = '``` { .console data-search-exclude="" }'

_BUTTONS: Mapping[Lang, str] = {
    "en": "[Rules](rules/index.md){ .md-button .md-button--primary } [What each port has](matrix.md){ .md-button } "
    "[An error from a device](errors/index.md){ .md-button } [Manual](cli.md){ .md-button } "
    "[中文](zh/index.md){ .md-button }",
    "zh": "[规则](rules/index.md){ .md-button .md-button--primary } [各移植版有什么](../matrix.md){ .md-button } "
    "[设备打印的错误](../errors/index.md){ .md-button } [手册](../cli.md){ .md-button } "
    "[English](../index.md){ .md-button }",
}


def pages() -> dict[str, str]:
    """All of them by path, and the files of the repository to which they link."""
    documents = Documents(lambda path: path if path.startswith("rules/") else _PLACED.get(path))
    for name in PAGES:
        source = _FILES.get(name, f"docs/{name}.md")
        documents.add(f"{name}.md", _read(source), source)
    for lang, source in _READMES.items():
        documents.add(_PLACED[source], _home(source), source)
        documents.pages[_PLACED[source]] = _with_buttons(documents.pages[_PLACED[source]], lang)
    return documents.pages


def _read(source: str) -> str:
    """The text of a file. What a session prints is not what its page is about, and is not searched, nor is evidence."""
    text = _COMMENT.sub("", (ROOT / source).read_text(encoding="utf-8"))
    if source == _EVIDENCE:
        title, lead, rest = text.lstrip().split("\n\n", 2)
        text = f"{title}\n\n{lead}\n\n{unsearched(rest)}"
    return text.replace("\n```console\n", f"\n{_SESSION}\n")


def _home(source: str) -> str:
    """A README as the first page: the site has its own navigation and its own way to the other language."""
    return f"---\nhide: [navigation, toc]\n---\n\n{_OTHER.sub('', _read(source))}"


def _with_buttons(text: str, lang: Lang) -> str:
    """The first page with buttons above the first session. Their links are the site's own, so they come last."""
    return text.replace(f"\n{_SESSION}\n", f"\n{_BUTTONS[lang]}\n\n{_SESSION}\n", 1)

#!/usr/bin/env python3
"""Writes the address of the repository wherever it stands, and tells which it is.

tools/address.py                          print the address, or that there is none yet
tools/address.py ADDRESS [--site SITE]    give it one, or another: https://HOST/OWNER/usock-lint. SITE is where the
                                          manual will be; without it, links lead to the pages in the repository

The place that tells it is `[project.urls]` of pyproject.toml. Without it no file names an address: URL and OWNER stand
for it. Installing from the package index is what the documents say once it is there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from usock_lint import toml  # noqa: E402 (found in the checkout, installed or not)

_ADDRESS = re.compile(r"https://[\w.:-]+/(?P<slug>[\w./-]+)")


class Address(NamedTuple):
    """Of the repository, and of its manual."""

    repository: str
    site: str

    @property
    def slug(self) -> str:
        """The owner and the name, by which actions and hooks are used."""
        found = _ADDRESS.fullmatch(self.repository)
        return found["slug"] if found else ""


class Place(NamedTuple):
    """A piece of a file that is there once: what it is without an address, and with one."""

    path: str
    without: str
    known: str

    def text(self, address: Address | None) -> str:
        """What is there now."""
        if address is None:
            return self.without
        return (
            self.known.replace("{repository}", address.repository)
            .replace("{site}", address.site)
            .replace("{slug}", address.slug)
        )


_WHEEL = "[tool.hatch.build.targets.wheel]\n"
_LICENCE = '  "license": "MIT",\n'
_URLS = """\
[project.urls]
Repository = "{repository}"
Documentation = "{site}"
Changelog = "{repository}/blob/main/CHANGELOG.md"
Issues = "{repository}/issues"

"""
_HERE = """\
pip install .                          # in a clone of this repository
pip install "usock-lint @ git+URL"     # elsewhere; URL is the address of this repository
"""
_INDEX = """\
pip install usock-lint
pip install "usock-lint @ git+{repository}"     # what will be in the next release
"""
_BADGE = "[![tests]({repository}/actions/workflows/tests.yml/badge.svg)]({repository}/actions/workflows/tests.yml)\n\n"
_CONTACT = """\
blank_issues_enabled: true
contact_links:
  - name: Documentation
    url: {site}
    about: What usock-lint does, page by page.
  - name: Security
    url: {repository}/security/advisories/new
    about: Report an error of security privately.
"""


def _installed(path: str, extra: str = "") -> Place:
    return Place(path, f'"usock-lint{extra} @ git+URL"', f'"usock-lint{extra}"')


PLACES: Final = (
    Place("pyproject.toml", "[project.scripts]\n", f"{_URLS}[project.scripts]\n"),
    Place("README.md", "# usock-lint\n\n", f"# usock-lint\n\n{_BADGE}"),
    Place("README.md", _HERE, _INDEX),
    Place("README.zh.md", "# usock-lint\n\n", f"# usock-lint\n\n{_BADGE}"),
    Place("README.zh.md", _HERE, _INDEX),
    Place(
        "SECURITY.md",
        'by "Report a vulnerability"',
        'by ["Report a vulnerability"]({repository}/security/advisories/new)',
    ),
    Place("CITATION.cff", "license: MIT\n", 'license: MIT\nrepository-code: "{repository}"\nurl: "{site}"\n'),
    Place("action.yml", "#   - uses: OWNER/usock-lint@", "#   - uses: {slug}@"),
    Place(".github/ISSUE_TEMPLATE/config.yml", "blank_issues_enabled: true\n", _CONTACT),
    _installed("docs/cli.md", "[compile]"),
    _installed("docs/editors.md", "[lsp]"),
    _installed("docs/ci/github.yml"),
    _installed("docs/ci/gitlab.yml"),
    Place(
        "docs/integrations.md",
        "(editors.md). URL stands for the address of this repository, OWNER for its owner.\n",
        "(editors.md).\n",
    ),
    _installed("docs/integrations.md", "[flake8]"),
    _installed("docs/integrations.md"),
    Place("docs/integrations.md", "  - repo: URL\n", "  - repo: {repository}\n"),
    Place("docs/integrations.md", "- uses: OWNER/usock-lint@", "- uses: {slug}@"),
    Place("packaging/conda-forge/recipe.yaml", "url: URL/archive/", "url: {repository}/archive/"),
    Place(
        "packaging/conda-forge/recipe.yaml",
        "  license_file: LICENSE\n",
        "  license_file: LICENSE\n  homepage: {site}\n  repository: {repository}\n",
    ),
    Place("editors/thonny/pyproject.toml", _WHEEL, f"{_URLS}{_WHEEL}"),
    Place(
        "editors/vscode/package.json",
        _LICENCE,
        f"""{_LICENCE}\
  "homepage": "{{site}}",
  "repository": {{ "type": "git", "url": "{{repository}}" }},
  "bugs": {{ "url": "{{repository}}/issues" }},
""",
    ),
)


def current(root: Path = ROOT) -> Address | None:
    """The address that the files have."""
    project = toml.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    urls: Mapping[str, str] = project.get("urls", {})
    return Address(urls["Repository"], urls["Documentation"]) if urls else None


def missing(root: Path = ROOT) -> list[Place]:
    """The places whose piece is not there once."""
    now = current(root)
    return [place for place in PLACES if (root / place.path).read_text(encoding="utf-8").count(place.text(now)) != 1]


def write(new: Address | None, root: Path = ROOT) -> None:
    """Put the address into all places; None takes it out of them."""
    now = current(root)
    for place in PLACES:
        path = root / place.path
        _change(path, lambda text, place=place: text.replace(place.text(now), place.text(new)))


def _change(path: Path, change: Callable[[str], str]) -> None:
    path.write_bytes(change(path.read_bytes().decode()).encode())


def main(words: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="tools/address.py")
    parser.add_argument("address", nargs="?", metavar="ADDRESS")
    parser.add_argument("--site", metavar="SITE")
    given = parser.parse_args(words)
    if given.address is None:
        now = current()
        print(f"{now.repository} (manual: {now.site})" if now else "no address yet")
        return 0
    repository = given.address.rstrip("/").removesuffix(".git")
    if not _ADDRESS.fullmatch(repository):
        parser.error(f"{given.address!r} is no address such as https://HOST/OWNER/usock-lint")
    for place in missing():
        print(f"{place.path}: not once there: {place.text(current())!r}", file=sys.stderr)
    if missing():
        return 1
    write(Address(repository, (given.site or f"{repository}/tree/main/docs").rstrip("/")))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""From the pages to the site: the Markdown of all pages in a temporary folder, and the generator run over it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from tools.website import catalogue, documents, errors, matrix, rules
from tools.website.pages import ASSETS, Entry

_OURS = "index.html", "search.js"
_FOR_SERVERS = "404.html", "sitemap.xml", "search.json"
"""What the generator writes beside, for a server of a known address: the texts for the search are in search.js, too."""

_SECONDS = 300


class BuildError(Exception):
    """The site cannot be built; the text is one line, or what the generator printed."""


def build(out: Path) -> None:
    """Write the site to the folder `out`, in the place of an older one. Raises BuildError."""
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or all((out / one).is_file() for one in _OURS))):
        raise BuildError(f"{out} is there and holds no site: nothing is written")
    if find_spec("zensical") is None:
        raise BuildError("the generator, zensical, is missing: `make site` brings it")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_sources(folder)
        _generate(folder)
        _publish(folder / "site", out)


def _write_sources(folder: Path) -> None:
    with ProcessPoolExecutor() as pool:
        for made in pool.map(_pages_of, (rules.pages, errors.pages, documents.pages, catalogue.pages, matrix.pages)):
            for page, text in made.items():
                path = folder / "docs" / page
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    for path in ASSETS.iterdir():
        if path.suffix in (".css", ".js", ".png"):
            shutil.copy(path, folder / "docs" / path.name)
    settings = (ASSETS / "zensical.toml").read_text(encoding="utf-8")
    (folder / "zensical.toml").write_text(settings.replace("nav = []", f"nav = {_inline(_navigation())}"))


def _pages_of(make: Callable[[], dict[str, str]]) -> dict[str, str]:
    return make()


def _generate(folder: Path) -> None:
    """Run the generator, which takes whatever it warns of for an error."""
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", "zensical.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False)
    if done.returncode or not (folder / "site/index.html").is_file():
        raise BuildError(f"the generator failed:\n{done.stdout}{done.stderr}")


def _publish(site: Path, out: Path) -> None:
    """Put the new site in the place of the old one."""
    for name in _FOR_SERVERS:
        (site / name).unlink(missing_ok=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.move(site, out)


def _navigation() -> list[Entry]:
    return [
        {"Home": "index.md"},
        {"Manual": [{title: f"{name}.md"} for name, title in documents.PAGES.items()]},
        {"Rules": [{"Catalogue": "rules/index.md"}, *rules.navigation("en")]},
        {"Matrix": "matrix.md"},
        {"Errors": [{title: f"errors/{name}.md"} for name, title in errors.PAGES.items()]},
        {
            "中文": [
                {"首页": "zh/index.md"},
                {"规则": [{"目录": "zh/rules/index.md"}, *rules.navigation("zh")]},
            ]
        },
    ]


def _inline(value: str | Entry | list[Entry]) -> str:
    """A value of the settings as TOML writes it inline."""
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(key, ensure_ascii=False)} = {_inline(one)}" for key, one in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value, ensure_ascii=False)

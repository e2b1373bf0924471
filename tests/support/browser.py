"""A headless Chromium without a network, for the tests of the site and of VS Code."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote_plus

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

from tests.support import debian
from tests.support.running import ROOT, environment

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
_OFFLINE: Final = ("--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND")

_FAINT: Final = (Path(__file__).parent / "low_contrast_text.js").read_text(encoding="utf-8")


class Result(NamedTuple):
    """What a search found: a heading, what is said below it, and where it leads."""

    title: str
    text: str
    href: str


class Tab:
    """A page of the site in the browser."""

    def __init__(self, site: Path, page: Page) -> None:
        self._site = site
        self.page = page

    def open(self, path: str) -> None:
        """Go to a page of the site, given with what follows it in the address."""
        self.page.goto(f"{self._site.as_uri()}/{path}")

    def search(self, words: str) -> list[Result]:
        """What the site's search finds, the best first."""
        box = self.page.get_by_role("combobox", name="Search")
        if not box.is_visible():
            self.page.get_by_role("button", name="Search").filter(visible=True).first.click()
        box.fill(words)
        links = self.page.locator(f'a[role=option][href*="h={quote_plus(words)}"]')  # and not those of the words before
        links.first.wait_for()
        return [
            Result(link.locator("h2").inner_text(), link.inner_text(), link.get_attribute("href") or "")
            for link in links.all()[:5]
        ]

    def overflow(self) -> int:
        """By how many pixels the page can be scrolled sideways."""
        return self.page.evaluate("() => { scrollTo(10000, 0); return scrollX; }")

    def faint(self) -> list[str]:
        """Texts of less contrast than WCAG's 4.5, one for each kind of element."""
        return self.page.evaluate(_FAINT)


def executable() -> str:
    """The path of a Chromium; the test is skipped where it cannot be had, but fails when CI=true."""
    found = debian.program("chromium", *_NAMES)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("there is no Chromium, and apt-get did not get one")
    if found is None:
        pytest.skip("there is no Chromium here: `apt-get install chromium` as root would get one")
    return found


@contextmanager
def chromium() -> Generator[Browser]:
    """The browser, for pages that are files."""
    found = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=_OFFLINE)
        yield browser
        browser.close()


@contextmanager
def tab(browser: Browser, site: Path, *, width: int = 1400, dark: bool = False) -> Generator[Tab]:
    """A window of that width. Nothing may go wrong in it, and nothing be asked for but files."""
    context = browser.new_context(
        offline=True, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    wrong: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "about:")):
            wrong.append(request.url)

    page.on("console", said)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", asked)
    yield Tab(site, page)
    context.close()
    assert not wrong


def build(out: Path) -> subprocess.CompletedProcess[str]:
    """Build the site into a folder, as `make site` does."""
    command = [sys.executable, "-m", "tools.website", str(out)]
    return subprocess.run(
        command, cwd=ROOT, env=environment(), capture_output=True, encoding="utf-8", timeout=600, check=False
    )


def built(folder: Path) -> Path:
    """The site in this folder, which the test processes of a run share: whoever comes first builds it."""
    folder.mkdir(exist_ok=True)
    out = folder / "site"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not out.exists():
            done = build(out)
            assert (done.returncode, done.stderr) == (0, "")
            assert done.stdout == f"Wrote {out / 'index.html'}\n"
    return out

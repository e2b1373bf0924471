"""The site is built by one command and works from files, in a browser without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Tab, build, tab
from usock_lint.catalog.pages import rules
from usock_lint.cli import device_errors

pytestmark = pytest.mark.slow

KINDS = (
    "index.html",
    "cli.html",
    "rules/index.html",
    "rules/socket-timeout.html",
    "rules/tls-socket-method.html",
    "matrix.html?targets=esp32>=1.20,rp2",
    "errors/index.html",
    "stubs.html",
    "benchmarks.html",
    "contributing.html",
    "files/examples/sntp.html",
    "zh/index.html",
    "zh/rules/index.html",
    "zh/rules/socket-timeout.html",
)
"""One page of each kind, and those with the widest blocks and tables."""

_ANCHORS = """
(text) => {
  const page = new DOMParser().parseFromString(text, "text/html");
  const all = (selector, name) => [...page.querySelectorAll(selector)].map((one) => one.getAttribute(name));
  const assets = [...all("link[href]", "href"), ...all("[src]", "src")];
  return [all("[id]", "id"), all("a[href]", "href"), assets];
}
"""


_LISTED = """
([text, anchor]) => {
  let below = new DOMParser().parseFromString(text, "text/html").getElementById(anchor);
  while (below.localName !== "ul") below = below.nextElementSibling;
  return [...below.querySelectorAll("a")].map((one) => one.textContent);
}
"""


@pytest.fixture(scope="module", name="searching")
def a_window_to_search_in(browser: Browser, site: Path) -> Iterator[Tab]:
    with tab(browser, site) as window:
        window.open("index.html")
        yield window


# The whole


def test_every_link_leads_to_a_page_and_an_anchor_of_the_site(tab: Tab, site: Path) -> None:
    tab.open("index.html")
    pages = {path: tab.page.evaluate(_ANCHORS, path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    anchors = {path.as_uri(): {*ids} for path, (ids, _, _) in pages.items()}

    broken: list[str] = []
    for path, (_, links, assets) in pages.items():
        for link in {*links, *assets}:
            url = urljoin(path.as_uri(), link)
            page, _, anchor = url.partition("#")
            if urlsplit(url).scheme == "file":
                there = Path(unquote(urlsplit(page).path)).is_file()
                known = not anchor or unquote(anchor) in anchors.get(page, ())
                broken += [] if there and known else [f"{path.name}: {link}"]
            elif link in assets or not re.fullmatch(r"https://[\w.-]+\.[a-z]+(/\S*)?", url):
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_every_rule_has_a_page_in_both_languages(site: Path) -> None:
    for folder in ("rules", "zh/rules"):
        assert {path.stem for path in (site / folder).glob("*.html")} == {"index", *rules()}


def test_what_holds_no_site_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    done = build(tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"website: {tmp_path} is there and holds no site: nothing is written\n"
    assert (tmp_path / "mine.txt").read_text() == "mine"


# How it reads


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
def test_pages_are_no_wider_than_the_window_and_nothing_is_faint(
    browser: Browser, site: Path, width: int, dark: bool
) -> None:
    wrong: list[str] = []
    with tab(browser, site, width=width, dark=dark) as window:
        for path in KINDS:
            window.open(path)
            wrong += [f"{path}: {text}" for text in window.faint()]
            wrong += [f"{path}: too wide"] if window.overflow() else []
    assert wrong == []


def test_a_rule_page_says_what_was_reported_and_who_printed_what(tab: Tab) -> None:
    tab.open("rules/socket-timeout.html")

    example, outputs = tab.page.locator(".example").first, tab.page.locator(".outputs").first

    expect(example).to_have_class("example reported")
    expect(example.locator(".filename")).to_have_text(["Reported · the other end is silent", "usock-lint prints"])
    expect(example.locator(".hll")).to_have_text("except socket.timeout:\n")
    expect(example.locator(".said code")).to_contain_text("example.py:8:8: USK102 `socket.timeout` raises Attr")
    expect(outputs.locator(".filename").nth(0)).to_have_text("Printed by CPython")
    expect(outputs.locator("code").nth(0)).to_have_text("timed out\n")
    expect(outputs.locator(".filename").nth(1)).to_have_text(
        re.compile(r"Printed by MicroPython [\w., ]+ · shims of unix, rp2, esp32")
    )
    expect(outputs.locator("code").nth(1)).to_have_text("AttributeError\n")


def test_a_page_that_no_shim_can_play_names_none(tab: Tab) -> None:
    tab.open("rules/syntax-error.html")

    captions = tab.page.locator(".outputs .filename").all_inner_texts()
    assert captions
    assert not [caption for caption in captions if "shim" in caption]


# Search


def test_search_finds_every_rule_by_its_code(searching: Tab) -> None:
    found = {rule.code: searching.search(rule.code)[0].title for rule in rules().values()}

    assert found == {rule.code: f"{rule.name} ({rule.code})" for rule in rules().values()}


@pytest.mark.parametrize("name", ["socket-timeout", "port-type", "missing-method"])
def test_search_finds_a_rule_by_its_name(searching: Tab, name: str) -> None:
    assert searching.search(name)[0].title == f"{name} ({rules()[name].code})"


@pytest.mark.parametrize(
    "error",
    [
        "AttributeError: 'socket' object has no attribute 'shutdown'",
        "'socket' object has no attribute 'shutdown'",
        "AttributeError: 'module' object has no attribute 'gaierror'",
        "AttributeError: module 'socket' has no attribute 'SO_RCVBUF'",
        "AttributeError: 'SSLSocket' object has no attribute 'recv'",
        "AttributeError: 'OSError' object has no attribute 'strerror'",
        "NameError: name 'ConnectionError' isn't defined",
        "ImportError: can't import name timeout",
        "ImportError: can't import name EWOULDBLOCK",
        "object with buffer protocol required",
        "TypeError: function takes 2 positional arguments but 3 were given",
        "TypeError: can't convert str to int",
        "OSError: [Errno 9] EBADF",
        "[Errno 110] ETIMEDOUT",
        "OSError: 116",
        "OSError: -2",
        "OSError: -202",
        "ETIMEDOUT",
    ],
)
def test_search_finds_by_the_error_of_a_device_what_explain_does(searching: Tab, error: str) -> None:
    first = searching.search(error)[0]

    page, _, anchor = first.href.partition("#")
    path = Path(unquote(urlsplit(page).path))
    assert path.parent.name == "errors", first
    listed: list[str] = searching.page.evaluate(_LISTED, [path.read_text(encoding="utf-8"), unquote(anchor)])
    assert [text.split()[0] for text in listed] == [match.rule.code for match in device_errors.matches(error)]


def test_search_needs_neither_quotes_nor_whole_words(searching: Tab) -> None:
    first = searching.search("socket object has no attribute shutd")[0]

    assert first.title == "AttributeError: 'socket' object has no attribute 'shutdown'"


@pytest.mark.parametrize("words", ["捕获 OSError", "没有的方法", "上下文"])
def test_search_finds_chinese_words(searching: Tab, words: str) -> None:
    found = searching.search(words)

    assert found
    assert all("/zh/" in result.href for result in found)


def test_the_catalogue_is_filtered(tab: Tab) -> None:
    tab.open("rules/index.html")
    rows = tab.page.locator("tbody tr:visible")
    assert rows.count() == len(rules())

    tab.page.get_by_role("searchbox", name="Filter").fill("gaierror")

    assert [text.split()[0] for text in rows.all_inner_texts()] == ["USK101"]
    expect(tab.page.locator("h2:visible")).to_have_count(2)  # its family, and how to read

"""The site's matrix of names and ports, in a browser: what it marks is what the table says."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Tab
from usock_lint import ports
from usock_lint.ports.history import BOARDS, OWNERS, Column, exists, name_history, names

pytestmark = pytest.mark.slow


def test_the_matrix_has_every_name_on_every_port(tab: Tab) -> None:
    tab.open("matrix.html")

    heads: list[str] = tab.page.locator("#matrix thead th").all_inner_texts()
    shown = tab.page.locator("#matrix tbody tr:visible").count()

    assert heads == ["name", "of", *ports.PORTS, *BOARDS.values()]
    assert tab.page.locator("#matrix tbody tr").count() == sum(len({*names(owner)}) for owner in OWNERS)
    assert shown == sum(somewhere(owner, name) for owner in OWNERS for name in {*names(owner)})


def somewhere(owner: str, name: str) -> bool:
    columns = [Column.of(port) for port in ports.PORTS]
    return any(
        span.value
        for column in columns
        for known in column.owners
        if known == owner
        for span in name_history(column, known, name).there
    )


def names_shown(tab: Tab, of: str = "") -> list[str]:
    return tab.page.locator(f"#matrix tbody tr{of}:visible th").all_inner_texts()


@pytest.mark.parametrize("words", ["esp32>=1.20,rp2", "unix==1.25", "portable", "samd, stm32>=1.9.4", "all", "PYBV11"])
def test_the_matrix_marks_what_fails_on_the_targets_of_the_address(tab: Tab, words: str) -> None:
    cells = ports.cells(ports.parse_targets(words))

    tab.open(f"matrix.html?targets={words}&fails=1&of=socket")

    missing = [name for name in names("socket") if not all(exists(cell, "socket", name) for cell in cells)]
    assert names_shown(tab, ".failing") == names_shown(tab) == [one for one in missing if somewhere("socket", one)]
    marked = tab.page.locator("#matrix td.fails:visible").count()
    pairs = {
        (name, cell.port, cell.implementation)
        for name in names_shown(tab)
        for cell in cells
        if not exists(cell, "socket", name)
    }
    assert marked == len(pairs)


def test_the_matrix_is_filtered_and_its_address_says_so(tab: Tab) -> None:
    tab.open("matrix.html")

    tab.page.get_by_role("textbox", name="My targets").fill("rp2>=1.22")
    tab.page.get_by_role("searchbox", name="Name").fill("sendall")

    assert names_shown(tab) == ["sendall", "sendall"]
    assert unquote(tab.page.url).endswith("matrix.html?targets=rp2>=1.22&q=sendall")
    tab.page.reload()
    assert names_shown(tab) == ["sendall", "sendall"]
    expect(tab.page.locator("form output")).to_have_text(re.compile(r"2 names, \d of them missing on your targets"))


@pytest.mark.parametrize("words", ["esp23", "rp2>=0.1", "docs==1.24", "rp2==1.9.4", "rp2<1.20"])
def test_the_matrix_refuses_what_is_no_target(tab: Tab, words: str) -> None:
    with pytest.raises(ports.TargetError):
        ports.parse_targets(words)

    tab.open(f"matrix.html?targets={words}")

    expect(tab.page.get_by_role("textbox", name="My targets")).to_have_attribute("aria-invalid", "true")
    expect(tab.page.locator("form output")).not_to_have_text(re.compile("names"))
    assert tab.page.locator("td.fails").count() == 0


def rank(cell: str) -> float:
    """Always comes first, then a release, then never."""
    word = cell.rstrip("*")
    return {"always": 0, "never": 99}.get(word) or float(word.removeprefix("since 1.").removeprefix("always") or 0)


def test_the_matrix_is_sorted_by_a_port(tab: Tab) -> None:
    tab.open("matrix.html?of=module")
    column = tab.page.locator("#matrix tbody tr:visible td:nth-child(7)")  # rp2

    tab.page.get_by_role("button", name="rp2", exact=True).click()

    cells: list[str] = column.all_inner_texts()
    assert cells == sorted(cells, key=rank)
    assert len({*map(rank, cells)}) > 4
    assert tab.page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    tab.page.get_by_role("button", name="rp2", exact=True).click()
    assert column.all_inner_texts()[0] == "never"


def test_a_cell_of_the_matrix_tells_each_release_and_the_source(tab: Tab) -> None:
    tab.open("matrix.html?q=MSG_PEEK")

    tab.page.locator("#matrix tbody tr:visible td:nth-child(7)").click()

    panel = tab.page.locator(".matrix-detail")
    expect(panel).to_contain_text("MSG_PEEK (socket module) on rp2")
    expect(panel.locator(".no").last).to_have_text("✗ 1.25")
    expect(panel.locator(".yes").first).to_have_text("✓ 1.26")
    expect(panel).to_contain_text(re.compile(r"source: extmod/modlwip\.c:\d+@"))


def test_a_name_of_the_matrix_tells_of_every_port_by_keyboard(tab: Tab) -> None:
    tab.open("matrix.html?q=sendall&of=socket")

    tab.page.get_by_role("button", name="sendall").press("Enter")

    items = tab.page.locator(".matrix-detail li")
    expect(items).to_have_count(len(ports.PORTS) + len(BOARDS))
    expect(items.nth(1)).to_have_text(re.compile(r"unix: since 1\.29; .*source: ports/unix/modsocket\.c:"))


def test_the_matrix_is_a_table_without_javascript(browser: Browser, site: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / "matrix.html").as_uri())
    expect(page.locator("#matrix tr", has_text="MSG_PEEK").locator("td")).to_have_count(
        len(ports.PORTS) + len(BOARDS) + 1
    )
    context.close()

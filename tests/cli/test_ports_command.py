"""`usock-lint ports`: what is asked, and what is printed."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import ROOT, lint
from usock_lint.cli.main import main
from usock_lint.ports import IMPLEMENTATIONS, PORTS, Cell, common, has, parse_targets
from usock_lint.ports.history import OWNERS, Column, behaviour_history, name_history, names


@pytest.fixture(scope="module")
def printed() -> Any:
    """What the command prints, asked once for each words."""

    @cache
    def ports(*words: str) -> str:
        with redirect_stdout(StringIO()) as output:
            assert main(["ports", *words]) == 0
        return output.getvalue()

    return ports


@pytest.fixture
def told(printed: Any) -> Any:
    def answer(*words: str) -> Any:
        return json.loads(printed("--output-format", "json", *words))

    return answer


def _row(text: str, label: str) -> str:
    (row,) = [line for line in text.splitlines() if line.split()[:1] == [label]]
    return " ".join(row.split())


# In words


@pytest.mark.parametrize(
    ("words", "row"),
    [
        (["esp32==1.20", "module.MSG_PEEK"], "esp32==1.20 no since 1.26"),
        (["MSG_PEEK", "esp32>=1.22"], "esp32>=1.22 since 1.26 1"),
        (["MSG_PEEK", "esp32==1.27"], "esp32==1.27 yes 1"),
        (["SO_REUSEADDR"], "unix yes 2"),
        (["SO_REUSEADDR"], "rp2 since 1.19 4"),
        (["AF_UNIX"], "unix yes 1"),
        (["AF_UNIX"], "docs not mentioned"),
        (["gaierror"], "docs denied"),
        (["listen", "esp32"], "esp32 yes listen(backlog); since 1.19 listen([backlog])"),
        (["SOCK_RAW"], "alif since 1.29 3; through 1.11 socket() refuses it (EINVAL)"),
        (["ETIMEDOUT"], "esp32 yes 110; since 1.15 116"),
        (["cipher"], "rp2 since 1.22"),
        (["TCP_NODELAY", "RPI_PICO_W"], "RPI_PICO_W since 1.23 64"),
        (["sendall", "arduino_nano_rp2040_connect"], "ARDUINO_NANO_RP2040_CONNECT since 1.19 sendall(data)"),
        (["nic", "makefile"], "nic since 1.19 makefile([mode[, buffering]])"),
        (["slip", "lwip"], "lwip yes slip(stream, iplocal, ipremote); only in builds with"),
    ],
    ids=str,
)
def test_a_row_tells_since_when_a_port_has_a_name_and_what_it_is(words: list[str], row: str, printed: Any) -> None:
    assert _row(printed(*words), row.split()[0]).startswith(row)


@pytest.mark.parametrize("word", ["socket.sendall", "socket.socket.sendall", "SENDALL", "sendall,", "usocket.sendall"])
def test_a_name_may_be_spelt_as_in_code(word: str, printed: Any) -> None:
    assert printed(word, "rp2") == printed("sendall", "rp2") == printed("rp2", "sendall")


def test_a_board_may_have_a_shorter_name_and_a_release(printed: Any) -> None:
    assert printed("reset", "picow").replace("picow", "RPI_PICO_W") == printed("reset", "RPI_PICO_W")
    assert _row(printed("reset", "pyboard"), "pyboard").startswith("pyboard no")
    assert _row(printed("makefile", "pyboard>=1.18"), "pyboard>=1.18").startswith("pyboard>=1.18 since 1.19")


def test_a_name_without_ports_is_asked_of_every_port(printed: Any) -> None:
    text = printed("accept")
    assert all(_row(text, port) for port in PORTS)


def test_a_name_that_only_cpython_has_is_said_to_be_nowhere(printed: Any) -> None:
    assert printed("connect_ex") == (
        "connect_ex: member of a socket\n  CPython has it; MicroPython never had it, on no port.\n"
    )


def test_a_behaviour_is_told_with_its_history_and_sources(printed: Any) -> None:
    text = printed("timeout-errno", "rp2")
    assert "connect EINPROGRESS, send ETIMEDOUT; since 1.24 ETIMEDOUT" in " ".join(text.split())
    assert "source rp2: extmod/modlwip.c:" in text


def test_ports_of_which_the_same_is_said_share_a_line(printed: Any) -> None:
    assert "  unix, esp32, esp8266, rp2, stm32, mimxrt, zephyr, cc3200: no; since 1.21 yes\n" in printed("hashable")


def test_a_name_in_a_port_comes_with_its_behaviours(printed: Any) -> None:
    assert "makefile_close: closing the file does this to the socket\n  esp32: closes\n" in printed("makefile", "esp32")


def test_a_behaviour_of_which_nothing_is_recorded_is_said_to_be_so_when_asked_for(printed: Any) -> None:
    assert "  nothing is recorded\n" in printed("makefile_gc", "esp32")
    assert "nothing" not in printed("makefile", "esp32")


def test_a_port_is_told_with_its_boards_names_and_behaviours(printed: Any) -> None:
    text = printed("rp2")
    assert "RPI_PICO_W" in text
    assert _row(text, "TCP_NODELAY") == "TCP_NODELAY since 1.23 64"
    assert "IPPROTO_UDP" not in text
    assert "  address: tuple; (host, port), IPv6 too\n" in text


def test_a_target_is_told_as_it_is_at_that_release(printed: Any) -> None:
    assert _row(printed("rp2==1.25"), "TCP_NODELAY") == "TCP_NODELAY yes 64"
    assert "\n  TCP_NODELAY" not in printed("rp2==1.22")


def test_everything_is_a_column_for_each_implementation_and_a_legend(printed: Any) -> None:
    text = printed()
    assert text.split("\n")[0].split() == ["the", "socket", "module", *IMPLEMENTATIONS]
    assert _row(text, "sendall") == "sendall promised 1.29 yes yes 1.19 - yes"
    assert _row(text, "SOCK_RAW") == "SOCK_RAW - yes yes* yes yes - -"
    assert _row(text, "lwip") == "lwip esp8266, rp2, stm32, mimxrt, renesas-ra, alif"
    assert all(f"  {name}: " in text for name in common()["behaviours"])


@pytest.mark.parametrize("words", [[], ["all"], ["portable"], ["esp32", "rp2"], ["all", "connect"], ["lwip"], ["unix"]])
def test_every_line_fits_a_terminal_of_80_columns(words: list[str], printed: Any) -> None:
    assert max(map(len, printed(*words).splitlines())) <= 80


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("sendal", "`sendal` is no name, behaviour, port or board (did you mean `sendall`?)"),
        ("esp33", "(did you mean `esp32`?)"),
        ("RPI_PIC_W", "(did you mean `RPI_PICO_W`?)"),
        ("timeout-erno", "(did you mean `timeout_errno`?)"),
        ("esp32==1.2x", "unknown release '1.2x' for 'esp32'"),
        ("esp32<1.22", "unknown operator '<'"),
        ("lwip>=1.20", "unknown port 'lwip'"),
    ],
)
def test_an_unknown_word_is_one_line_and_exit_2(word: str, problem: str, tmp_path: Path) -> None:
    done = lint("ports", word, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert problem in done.stderr


# As JSON


def test_the_json_tells_the_ranges_the_calls_and_the_sources(told: Any) -> None:
    answer = told("listen", "unix", "esp32==1.20")
    (name,) = answer["names"]
    assert (name["name"], name["owner"], list(name["columns"])) == ("listen", "socket", ["unix", "esp32==1.20"])
    assert name["columns"]["unix"]["there"] == [{"since": None, "until": None}]
    assert name["columns"]["unix"]["calls"] == [
        {"since": None, "until": "1.18", "minimum": 1, "maximum": 1, "text": "listen(backlog)"},
        {"since": "1.19", "until": None, "minimum": 0, "maximum": 1, "text": "listen([backlog])"},
    ]
    assert name["columns"]["unix"]["source"][0] == "ports/unix/modsocket.c:509@v1.28.0"
    assert answer["columns"]["esp32==1.20"]["releases"] == ["1.20"]
    assert answer["releases"] == {"oldest": "1.9.4", "newest": "1.29"}


def test_the_json_tells_values_and_contracts(told: Any) -> None:
    (name,) = told("MSG_PEEK")["names"]
    assert name["columns"]["rp2"]["values"] == [{"since": "1.26", "until": None, "value": 1}]
    assert name["columns"]["docs"]["contract"] == "open"
    assert name["columns"]["zephyr"]["there"] == []


def test_the_json_of_a_name_has_the_behaviours_that_concern_it(told: Any) -> None:
    behaviours = {one["name"]: one for one in told("connect", "esp32")["behaviours"]}
    assert behaviours["hostname"]["columns"]["esp32"]["values"][0]["value"]["connect"] == "resolves"
    assert "listen_unbound" not in behaviours


def test_the_json_of_everything_is_every_name_and_behaviour_of_every_port(told: Any) -> None:
    answer = told()
    assert list(answer["columns"]) == list(PORTS)
    assert {one["name"] for one in answer["behaviours"]} == set(common()["behaviours"])
    assert {"socket", "sendall", "ETIMEDOUT", "cipher"} <= {one["name"] for one in answer["names"]}
    assert "connect_ex" not in {one["name"] for one in answer["names"]}


def test_the_page_on_the_json_has_its_keys(told: Any) -> None:
    answer = told("sendall", "docs", "unix")
    name, behaviour = answer["names"][0], answer["behaviours"][0]
    parts = [answer, answer["columns"]["unix"], name, name["columns"]["unix"], behaviour, behaviour["columns"]["unix"]]
    parts += [name["columns"]["unix"]["calls"][0], behaviour["columns"]["unix"]["values"][0]]
    page = (ROOT / "docs" / "ports.md").read_text(encoding="utf-8")
    assert [key for part in parts for key in part if f"`{key}`" not in page] == []


# The histories


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("kind", ["module", "socket"])
def test_a_name_s_history_says_what_the_checks_are_told(port: str, kind: Any) -> None:
    column = Column.of(port)
    for name in names(kind):
        for span in name_history(column, kind, name).there:
            since, until = span.since or column.releases[0], span.until or column.releases[-1]
            within = [release for release in column.releases if since <= release <= until]
            assert [has(Cell(port, release), kind, name) for release in within] == [span.value] * len(within)


@pytest.mark.parametrize("port", [*PORTS, "lwip", "nic"])
def test_every_column_has_a_history_of_every_name_and_behaviour(port: str) -> None:
    column = Column.of(port)
    assert all(name_history(column, owner, name).there for owner in column.owners for name in names(owner))
    assert all(behaviour_history(column, name).spans for name in common()["behaviours"])


def test_every_board_is_at_releases_at_which_it_has_sockets() -> None:
    boards = Column.boards()
    assert len(boards) > 50
    assert all(column.releases and column.label == board for board, column in boards.items())
    assert boards["PYBV11"].port == "nic"
    assert boards["PYBD_SF2"].port == "stm32"


def test_a_target_that_begins_before_its_port_begins_with_the_port() -> None:
    (target,) = parse_targets("rp2>=1.10")
    assert Column.at(target).releases[0] == (1, 18, 0)


def test_no_behaviour_is_about_a_name_that_nothing_has() -> None:
    about = {name for one in common()["behaviours"].values() for name in one["names"]}
    assert about <= {name for owner in OWNERS for name in names(owner)}

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.each import check_each
from usock_lint import ports
from usock_lint.ports import IMPLEMENTATIONS, PORTS, RELEASES, Cell, Kind
from usock_lint.ports.targets import FIRST

DATA = Path(ports.__file__).parent / "data"
TABLES = [path for path in DATA.glob("*.json") if path.stem != "tls_errors"]  # which `explain` alone reads
FACTS: dict[str, Any] = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in TABLES}
VOCABULARY = FACTS["common"]["behaviours"]
BEHAVIOURS = [(one, name) for one in IMPLEMENTATIONS for name in FACTS[one]["behaviours"]]
KINDS: tuple[Kind, ...] = ("module", "socket")
NAMES = [(one, kind, name) for one in IMPLEMENTATIONS for kind in KINDS for name in FACTS[one][kind]]
SOURCE = re.compile(r"[\w./-]+\.(c|h|py|rst|mk|cmake):\d+@(v[\d.]+|[0-9a-f]{10})|run:(unix|lwip)@[\d.]+")
ASKED = {
    "hostname", "address", "port_out_of_range", "makefile", "context_manager", "iterable", "closed_on_gc",
    "timeout_errno", "getaddrinfo_error", "accept_address", "recvfrom_address", "constructor_keywords",
    "getaddrinfo_hints", "setsockopt_value", "makefile_close",
}  # fmt: skip


def at(target: str) -> Cell:
    (cell,) = ports.cells(ports.parse_targets(target))
    return cell


# The data


def test_a_port_s_constant_has_a_value_and_a_name_of_the_documentation_a_contract():
    def has_those(where: tuple[str, str, str]) -> None:
        one, kind, name = where
        fact = FACTS[one][kind][name]
        assert ("contract" in fact) == (one == "docs")
        assert ("values" in fact) == (fact["kind"] in ("constant", "attribute") and one != "docs")

    check_each(has_those, NAMES)


def test_a_behaviour_has_a_history_in_order():
    def is_in_order(where: tuple[str, str]) -> None:
        one, name = where
        entries = ports.implementation(one).behaviours[name]
        starts = [entry.since or RELEASES[0] for entry in entries]
        assert starts == sorted(starts)
        assert set(starts) <= set(RELEASES)
        assert all(entry.ports is None or entry.ports <= set(PORTS) for entry in entries)

    check_each(is_in_order, BEHAVIOURS)


def test_a_behaviour_speaks_in_the_words_of_the_vocabulary():
    def speaks(where: tuple[str, str]) -> None:
        one, name = where
        keys, words = VOCABULARY[name].get("keys"), VOCABULARY[name]["values"]
        for entry in ports.implementation(one).behaviours[name]:
            for part in _parts(entry.value, keys):
                assert _allowed(part, words) or (one == "docs" and part in ("denied", "open")), part

    check_each(speaks, BEHAVIOURS)


def _parts(value: Any, keys: Any) -> list[Any]:
    if value is None or keys is None:
        return [value]
    assert isinstance(value, Mapping)
    named = cast("Mapping[str, Any]", value)
    assert keys == "any" or tuple(keys) == tuple(named)
    return [part for key, part in named.items() if key != "errno"]


def _allowed(value: Any, words: Any) -> bool:
    if isinstance(words, str) and value is not None:
        return isinstance(value, {"bool": bool, "int": int, "list": tuple}[words])
    return value is None or value in words


def test_the_vocabulary_has_no_word_too_many():
    assert set(VOCABULARY) == {name for _, name in BEHAVIOURS}


def test_every_value_and_key_of_the_vocabulary_is_said_of_some_port():
    def is_said(name: str) -> None:
        keys, words = VOCABULARY[name].get("keys"), VOCABULARY[name]["values"]
        told = [entry.value for one in IMPLEMENTATIONS for entry in ports.implementation(one).behaviours.get(name, ())]
        parts = [part for value in told for part in _parts(value, keys)]
        known = {key for value in told if isinstance(value, Mapping) for key, part in _items(value) if part is not None}
        assert [word for word in words if word not in parts] == [] or isinstance(words, str)
        assert keys in (None, "any") or set(keys) <= known

    check_each(is_said, VOCABULARY)


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(cast("Mapping[str, Any]", value).items())


@pytest.mark.parametrize("one", [one for one in IMPLEMENTATIONS if one != "docs"])
def test_every_implementation_answers_what_the_checks_ask(one: str):
    assert set(FACTS[one]["behaviours"]) >= ASKED


@pytest.mark.parametrize("port", PORTS)
def test_a_port_has_an_implementation_from_its_first_release_on_and_none_before(port: str):
    board = FACTS["boards"]["ports"][port]
    assert all(map(SOURCE.fullmatch, board["source"]))
    starts = [one.get("since") for one in board["implementations"]]
    assert port == "docs" or (None in starts) == (FIRST[port] == RELEASES[0])
    for release in RELEASES if None not in starts else ():
        assert _has_sockets(port, release) == (release >= FIRST[port])


def _has_sockets(port: str, release: ports.Release) -> bool:
    try:
        return bool(ports.implementation(port, release))
    except LookupError:
        return False


def test_the_table_is_small_and_complete():
    assert sum(path.stat().st_size for path in TABLES) <= 190_000
    assert set(FACTS) == {*IMPLEMENTATIONS, "boards", "common", "companions", "syntax", "tls"}
    assert list(FACTS["boards"]["ports"]) == list(PORTS)


def test_facts_are_read_only():
    with pytest.raises(TypeError):
        ports.behaviour(at("unix"), "hostname")["connect"] = "resolves"


# Names

PRESENT = [
    ("unix==1.29", "socket.sendall"), ("unix==1.10", "socket.settimeout"),
    ("esp32==1.26", "module.MSG_PEEK"), ("esp32", "module.IPPROTO_UDP"), ("rp2==1.19", "module.IPPROTO_IP"),
    ("stm32==1.11", "module.reset"), ("alif==1.29", "module.SOCK_RAW"), ("renesas-ra", "module.SOCK_RAW"),
    ("unix", "module.inet_pton"), ("docs", "module.inet_pton"), ("docs", "module.AF_INET6"),
    ("docs", "module.SO_REUSEADDR"), ("docs", "module.AF_UNIX"), ("docs", "module.sockaddr"),
    ("docs", "socket.settimeout"),
]  # fmt: skip
ABSENT = [
    ("unix==1.28", "socket.sendall"), ("unix==1.9.4", "socket.settimeout"), ("esp32==1.25", "module.MSG_PEEK"),
    ("rp2", "module.IPPROTO_UDP"), ("rp2==1.18", "module.IPPROTO_IP"), ("stm32==1.10", "module.reset"),
    ("alif==1.28", "module.SOCK_RAW"), ("zephyr", "socket.sendto"), ("esp32", "module.inet_pton"),
    ("unix", "socket.shutdown"), ("docs", "module.error"), ("docs", "module.timeout"),
    ("docs", "module.gaierror"), ("docs", "module.gethostbyname"), ("docs", "module.SHUT_RDWR"),
    ("docs", "socket.recv_into"),
]  # fmt: skip


@pytest.mark.parametrize(("target", "name"), PRESENT)
def test_a_port_has_a_name_from_its_release_on(target: str, name: str):
    assert _has(target, name)


@pytest.mark.parametrize(("target", "name"), ABSENT)
def test_a_port_lacks_a_name_before_its_release(target: str, name: str):
    assert not _has(target, name)


def _has(target: str, name: str) -> bool:
    owner, _, name = name.partition(".")
    return ports.has(at(target), "module" if owner == "module" else "socket", name)


@pytest.mark.parametrize("port", PORTS)
def test_no_port_has_what_only_cpython_has(port: str):
    assert not [name for name in ports.CPYTHON_MODULE if ports.has(at(port), "module", name)]
    assert not [name for name in ports.CPYTHON_SOCKET if ports.has(at(port), "socket", name)]


@pytest.mark.parametrize(
    ("name", "contract"), [("getaddrinfo", "promised"), ("AF_INET6", "open"), ("gaierror", "denied")]
)
def test_the_contract_is_three_valued(name: str, contract: str):
    assert ports.implementation("docs").module[name].contract == contract


def test_a_value_differs_between_ports_and_releases():
    reuse = [ports.implementation(port).module["SO_REUSEADDR"].value() for port in ("unix", "rp2", "docs")]
    name = ports.implementation("esp32").module["__name__"]
    assert reuse == [2, 4, None]
    assert [name.value((1, 20, 0)), name.value((1, 21, 0))] == ["usocket", "socket"]


@pytest.mark.parametrize(
    ("target", "name", "arity"),
    [("unix==1.18", "listen", (1, 1)), ("unix==1.19", "listen", (0, 1)), ("esp32==1.25", "recv", (1, 1)),
     ("esp32==1.26", "recv", (1, 2)), ("rp2", "send", (1, 1)), ("unix", "send", (1, 2)),
     ("cc3200", "makefile", (0, 5)), ("docs", "readline", (0, 0))],
)  # fmt: skip
def test_a_method_takes_so_many_arguments_since_a_release(target: str, name: str, arity: tuple[int, int]):
    cell = at(target)
    assert ports.implementation_at(cell).members[name].arity(cell.release) == arity


def test_the_constructor_of_unix_takes_any_number_of_arguments():
    assert ports.implementation("unix").module["socket"].arity() == (0, None)


def test_a_missing_name_is_dated_for_the_ports_that_get_it_later():
    def has(kind: ports.Kind, name: str) -> ports.Ask:
        return lambda cell: ports.has(cell, kind, name)

    missing = {at("unix==1.28"), at("rp2==1.24"), at("esp32==1.22"), at("esp32==1.23")}
    assert ports.later({at("unix==1.28")}, has("socket", "sendall")) == {"unix": (1, 29, 0)}
    assert ports.later(missing, has("module", "TCP_NODELAY")) == {"esp32": (1, 24, 0), "rp2": (1, 25, 0)}
    assert ports.later(missing, has("module", "gethostbyname")) == {}


# Behaviours

NOWHERE = dict.fromkeys(("connect", "bind", "sendto"))
WRAPS = dict.fromkeys(NOWHERE, "wraps")
REFUSED = {"connect": "OSError", "bind": "OSError", "sendto": "wraps", "getaddrinfo": "OSError"}
NO_ERROR = {**REFUSED, "getaddrinfo": "empty list"}
FILE = {"returns": "file", "text_mode": "str", "default_mode": "str", "arguments": 2, "buffering": "ignored"}
EXPIRED = dict.fromkeys(("recv", "read", "accept", "connect", "send"), "ETIMEDOUT")


@pytest.mark.parametrize(
    ("target", "name", "expected"),
    [
        ("unix", "hostname", dict.fromkeys(NOWHERE, "TypeError")),
        ("rp2", "hostname", dict.fromkeys(NOWHERE, "ValueError")),
        ("esp32", "hostname", {"connect": "resolves", "bind": "resolves", "sendto": "ValueError"}),
        ("zephyr", "hostname", {"connect": "OSError", "bind": "OSError", "sendto": None}),
        ("docs", "hostname", dict.fromkeys(NOWHERE, "denied")),
        ("esp32==1.10", "port_out_of_range", {**NO_ERROR, "connect": "crash", "bind": "crash"}),
        ("esp32==1.12", "port_out_of_range", NO_ERROR),
        ("esp32", "port_out_of_range", REFUSED),
        ("esp32", "port_out_of_range_number", -201),
        ("rp2", "port_out_of_range", {**WRAPS, "getaddrinfo": "unchanged"}),
        ("unix", "port_out_of_range", {**NOWHERE, "getaddrinfo": "wraps"}),
        ("unix", "makefile", FILE),
        ("samd", "makefile", {**FILE, "returns": "socket", "text_mode": "bytes", "default_mode": "bytes"}),
        ("rp2==1.18", "makefile", None),
        ("docs", "makefile", {**FILE, "returns": "open", "text_mode": "denied", "default_mode": "bytes"}),
        ("unix", "timeout_errno", {**EXPIRED, "recv": "EAGAIN", "send": "EAGAIN"}),
        ("rp2==1.23", "timeout_errno", {**EXPIRED, "connect": "EINPROGRESS"}),
        ("rp2==1.24", "timeout_errno", EXPIRED),
        ("unix", "connection_refused", "ECONNREFUSED"),
        ("rp2", "connection_refused", "ECONNRESET"),
        ("cc3200", "getaddrinfo_error", "positive"),
        ("rp2==1.24", "udp_bind_empty_host", "ipv6 only"),
        ("stm32==1.24", "udp_bind_empty_host", "any"),
        ("rp2==1.24", "membership_bytes", None),
        ("rp2==1.25", "membership_bytes", 8),
        ("unix==1.20", "hashable", False),
        ("rp2==1.21", "hashable", True),
        ("docs", "udp_receive_queue", None),
    ],
)  # fmt: skip
def test_a_port_behaves_so_at_a_release(target: str, name: str, expected: object):
    assert ports.behaviour(at(target), name) == expected


@pytest.mark.parametrize(
    ("target", "name", "expected"),
    [
        ("unix", "readlines", True), ("unix", "settimeout", False), ("unix", "closed", False),
        ("rp2", "readlines", False), ("rp2", "settimeout", True), ("rp2", "fileno", False), ("esp32", "fileno", True),
    ],
)  # fmt: skip
def test_the_file_of_a_socket_is_the_socket_but_on_unix(target: str, name: str, expected: bool):
    assert ports.file_has(at(target), name) is expected


def test_a_behaviour_nobody_has_is_an_error():
    with pytest.raises(KeyError):
        ports.behaviour(at("unix"), "hostnam")


def test_errno_numbers_differ_between_ports_and_releases():
    targets = ("esp32==1.14", "esp32==1.15", "rp2==1.18", "rp2", "zephyr")
    assert [ports.errno_number(at(word), "ETIMEDOUT") for word in targets] == [110, 116, 116, 110, None]
    assert [("ECONNRESET" in ports.errno_names(at(word))) for word in ("rp2", "cc3200")] == [True, False]


def test_sys_platform_tells_the_port():
    assert [ports.platforms(port) for port in ("rp2", "cc3200", "docs")] == [("rp2",), ("WiPy",), ()]

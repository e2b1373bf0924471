"""What select, ssl and tls have, by port and release."""

from __future__ import annotations

import re

import pytest

from usock_lint import ports
from usock_lint.ports import companions

SOURCE = re.compile(r"(micropython-lib:)?[\w/.-]+:\d+@(v\d[\d.]*|[0-9a-f]{10})|run:unix@1\.25")


def cell(target: str) -> ports.Cell:
    """The first cell of a target."""
    return min(ports.cells(ports.parse_targets(target)))


@pytest.mark.parametrize("module", ["select", "ssl", "tls"])
def test_every_name_says_where_it_was_read(module: str) -> None:
    for name, one in companions.known(module).items():
        assert one.source, name
        assert [text for text in one.source if not SOURCE.fullmatch(text)] == []


@pytest.mark.parametrize(
    ("target", "module", "name"),
    [
        ("rp2", "select", "select"),
        ("unix", "select", "poll.ipoll"),
        ("esp8266==1.23", "ssl", "CERT_NONE"),
        ("esp32==1.20", "ssl", "wrap_socket.cadata"),
        ("esp32==1.22", "ssl", "SSLContext.get_ciphers"),
        ("esp32==1.26", "tls", "SSLContext.wrap_socket.client_id"),
    ],
)
def test_a_port_has_a_name_from_its_release_on(target: str, module: str, name: str) -> None:
    assert companions.has(cell(target), module, name)


@pytest.mark.parametrize(
    ("target", "module", "name"),
    [
        ("unix", "select", "select"),
        ("zephyr", "select", "poll"),
        ("esp8266", "ssl", "CERT_REQUIRED"),
        ("esp32==1.20", "ssl", "SSLContext"),
        ("esp32", "ssl", "SSLContext.get_ciphers"),
        ("esp32==1.22", "tls", "SSLContext"),
        ("esp32", "ssl", "SSLError"),
    ],
)
def test_a_port_lacks_a_name(target: str, module: str, name: str) -> None:
    assert not companions.has(cell(target), module, name)


def test_the_ssl_of_the_wipy_is_not_described() -> None:
    assert not companions.exists(cell("cc3200"), "ssl")
    assert companions.exists(cell("cc3200"), "select")

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from usock_lint import ports
from usock_lint.ports import PORTS, Cell, tls

FACTS = json.loads((Path(ports.__file__).parent / "data" / "tls.json").read_text(encoding="utf-8"))
SOURCE = re.compile(r"[\w./-]+\.(c|rst|mk):\d+@v[\d.]+|ports/\w+/Makefile:\d+@v[\d.]+|run:unix@[\d.]+")


def at(target: str) -> Cell:
    (cell,) = ports.cells(ports.parse_targets([target]))
    return cell


@pytest.mark.parametrize("name", FACTS["implementations"])
def test_an_implementation_has_sources(name: str):
    sources = FACTS["implementations"][name]["source"]
    assert sources
    assert all(map(SOURCE.fullmatch, [*sources, *FACTS["ports_source"]]))


@pytest.mark.parametrize("port", PORTS)
def test_every_port_can_read_and_write(port: str):
    assert all(tls.has(at(port), name) for name in ("read", "readinto", "readline", "write", "setblocking", "close"))


@pytest.mark.parametrize(
    ("target", "name", "expected"),
    [
        ("esp32==1.24", "recv", False),
        ("esp32==1.25", "recv", True),
        ("esp8266", "recv", False),
        ("docs", "send", False),
        ("esp32==1.21", "cipher", False),
        ("rp2", "cipher", True),
        ("unix==1.19", "getpeercert", False),
        ("unix==1.20", "getpeercert", True),
        ("unix==1.22", "getpeercert", False),
        ("rp2==1.21", "getpeercert", True),
        ("rp2", "getpeercert", False),
        ("esp32", "getpeercert", True),
        ("rp2", "settimeout", False),
        ("cc3200", "settimeout", True),
        ("cc3200", "shutdown", False),
    ],
)
def test_a_member_is_there_from_its_release_on(target: str, name: str, expected: bool):
    assert tls.has(at(target), name) is expected


def test_what_mbedtls_alone_has_is_missing_elsewhere():
    assert all(SOURCE.fullmatch(source) for source in FACTS["mbedtls_constants_source"])
    assert [target for target in ("esp32", "esp8266", "docs") if tls.lacks_constant(at(target), "CERT_REQUIRED")] == [
        "esp8266",
        "docs",
    ]
    assert not tls.lacks_constant(at("esp8266"), "CERT_NONE")


def test_names_of_sockets_and_of_cpython_are_known_and_others_are_not():
    assert all(map(tls.is_known, ("recv", "settimeout", "unwrap", "family")))
    assert not tls.is_known("sned")


@pytest.mark.parametrize(
    ("target", "function", "argument", "expected"),
    [
        ("esp32==1.22", "ssl.wrap_socket", "cert", False),
        ("esp32==1.23", "ssl.wrap_socket", "cert", True),
        ("esp32", "ssl.wrap_socket", "cadata", False),
        ("rp2==1.22", "ssl.SSLContext.load_cert_chain", "keyfile", True),
        ("rp2", "tls.SSLContext.load_cert_chain", "keyfile", False),
    ],
)
def test_a_str_is_the_name_of_a_file_from_a_release_on(target: str, function: str, argument: str, expected: bool):
    assert argument in tls.file_arguments(function)
    assert tls.takes_file_name(at(target), function, argument) is expected


def test_a_context_takes_any_attribute_where_it_is_written_in_python():
    assert tls.takes_any_attribute(at("esp32==1.23"), "ssl")
    assert not tls.takes_any_attribute(at("esp32==1.22"), "ssl")
    assert not tls.takes_any_attribute(at("esp32"), "tls")
    assert tls.is_of_context("check_hostname")


def test_mbedtls_verifies_by_name_and_keeps_its_errors_from_a_release_on():
    assert tls.verifies(at("rp2"))
    assert not tls.verifies(at("esp8266"))
    assert tls.requires_name(at("esp32==1.22"))
    assert not tls.requires_name(at("esp32==1.21"))
    assert tls.keeps_errors(at("esp32==1.20"))
    assert not tls.keeps_errors(at("esp32==1.19"))
    assert not tls.keeps_errors(at("esp8266"))


def test_a_certificate_in_pem_is_read_where_it_was_compiled_in():
    assert tls.reads_pem(at("esp32"))
    assert tls.reads_pem(at("docs"))
    assert not tls.reads_pem(at("rp2==1.28"))
    assert tls.reads_pem(at("rp2==1.29"))
    assert not tls.reads_pem(at("esp8266"))


def test_a_handshake_is_made_at_once_but_for_a_server_of_axtls():
    assert tls.shakes_hands_at_once(at("esp8266"), server_side=False)
    assert not tls.shakes_hands_at_once(at("esp8266"), server_side=True)
    assert tls.shakes_hands_at_once(at("rp2"), server_side=True)
    assert not tls.shakes_hands_at_once(at("cc3200"), server_side=False)


def test_the_number_that_a_context_is_for_is_not_looked_at_by_axtls():
    assert [port for port in ("docs", "esp32", "esp8266", "rp2", "unix") if not tls.reads_protocol(at(port))] == [
        "esp8266"
    ]

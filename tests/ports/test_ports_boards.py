"""Boards as targets: by which names they are known, and which socket module they have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from usock_lint import Config, lint_source, ports
from usock_lint.ports import NEWEST, Cell, TargetError, board_names
from usock_lint.ports.nearest import did_you_mean

LISTED = json.loads((Path(ports.__file__).parent / "data" / "boards.json").read_text(encoding="utf-8"))["ports"]


def cell(word: str) -> Cell:
    (found,) = ports.cells(ports.parse_targets([word]))
    return found


def refusal(word: str) -> str:
    with pytest.raises(TargetError) as caught:
        ports.parse_targets([word])
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


@pytest.mark.parametrize(
    ("words", "port"),
    [
        ("picow pico-w pico_w PicoW RPI_PICO_W rpi-pico-w RPI_PICO_W", "rp2"),
        ("pico2w pico2-w RPI_PICO2_W W5500_EVB_PICO", "rp2"),
        (
            "esp32c3 esp32-c3 ESP32_GENERIC_C3 esp32s3 ESP32_GENERIC_S3 GENERIC_S3 tinypico feathers3 ESP32_GENERIC",
            "esp32",
        ),
        ("Generic_ESP32S3_module GENERIC_SPIRAM xiao-esp32c3 arduino-nano-esp32", "esp32"),
        ("ESP8266_GENERIC esp8266-generic", "esp8266"),
        ("PYBD_SF2 pybd giga nicla-vision portenta-h7", "stm32"),
        ("teensy41 SEEED_ARCH_MIX", "mimxrt"),
        ("metro-m4 ADAFRUIT_METRO_M4_EXPRESS", "samd"),
        ("portenta-c33 renesas_ra renesasra", "renesas-ra"),
        ("wipy", "cc3200"),
    ],
)
def test_a_board_like_most_of_its_port_is_its_port(words: str, port: str) -> None:
    assert {cell(word) for word in words.split()} == {Cell(port, NEWEST)}


@pytest.mark.parametrize("word", ["nodemcu", "NodeMCU", "d1mini", "D1-mini", "wemos_d1_mini"])
def test_a_board_may_be_called_as_everybody_does(word: str) -> None:
    assert cell(word) == Cell("esp8266", NEWEST)


@pytest.mark.parametrize("word", ["pycom", "CircuitPython"])
def test_a_firmware_of_its_own_is_near_to_no_board(word: str) -> None:
    with pytest.raises(TargetError, match=r"\(a firmware of its own, which no rule knows\)"):
        cell(word)


@pytest.mark.parametrize(
    ("words", "port"),
    [
        ("nano-rp2040-connect ARDUINO_NANO_RP2040_CONNECT rp2:ARDUINO_NANO_RP2040_CONNECT", "rp2"),
        ("pyboard PYBV11 pybv10 stm32:pyboard NUCLEO_F401RE", "stm32"),
        ("MIMXRT1010_EVK mimxrt:MIMXRT1010_EVK metro-m7 teensy40", "mimxrt"),
    ],
)
def test_a_board_with_another_socket_module_is_that_one_on_its_port(words: str, port: str) -> None:
    found = {cell(word) for word in words.split()}
    assert found == {Cell(port, NEWEST, "nic")}
    assert {ports.implementation_at(one).name for one in found} == {"nic"}


def test_names_may_have_spaces() -> None:
    assert cell("pico w") == cell(" Pico  W ") == cell("rp2 : pico w") == Cell("rp2", NEWEST)


def test_every_board_of_the_table_is_a_target_or_said_to_have_no_sockets() -> None:
    for port, about in LISTED.items():
        for one in about["implementations"]:
            for name in (*one.get("boards", ()), *one.get("wiznet_boards", ())):
                (target,) = ports.parse_targets(name)
                (found, *_) = ports.cells([target])
                assert (target.port, ports.implementation_at(found).name) == (port, one["implementation"]), name
        for name, (_, until) in about.get("none", {}).items():
            assert until or "has no sockets" in refusal(name)


def test_every_board_is_found_by_its_name_and_with_its_port() -> None:
    for name, board in board_names.known().items():
        if board.implementation and name != "GENERIC":
            (target,) = ports.parse_targets(name)
            assert target == ports.parse_targets(f"{board.port}:{name.lower()}")[0], name


def test_a_release_begins_where_the_board_has_sockets() -> None:
    (target,) = ports.parse_targets("picow>=1.19")
    assert min(ports.cells([target])) == Cell("rp2", (1, 20, 0))
    assert "picow has sockets since 1.20 only" in refusal("picow==1.19")
    assert cell("RPI_PICO_W==v1.23.0") == Cell("rp2", (1, 23, 0))
    assert cell("PYBV11==1.12") == Cell("stm32", (1, 12, 0), "nic")


@pytest.mark.parametrize("word", ["Pico-W", "rp2:RPI_PICO_W", "pico w", "PICO_W>=1.23", "esp32c3==1.24"])
def test_a_board_is_written_as_the_user_wrote_it(word: str) -> None:
    (target,) = ports.parse_targets(word)
    assert str(target) == word


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("pico", "'pico' (RPI_PICO) has no sockets: its firmware has no network, and no socket module, in any release"),
        ("RPI_PICO", "RPI_PICO has no sockets"),
        ("pico2>=1.25", "(did you mean 'RPI_PICO2_W'?)"),
        ("SEEED_WIO_TERMINAL", "has no sockets"),
        ("feather", "'feather' (ADAFRUIT_FEATHER_RP2040, "),
        ("nrf", "the port nrf has no sockets in any release"),
        ("portenta", "'portenta' can be any of 2 boards: ARDUINO_PORTENTA_H7, ARDUINO_PORTENTA_C33"),
        ("GENERIC", "esp32:GENERIC, esp8266:GENERIC"),
        ("rp2040", "can be any of"),
        ("rp2:PYBV11", "PYBV11 is a board of stm32, not of rp2"),
        ("rp2:nonsense", "unknown board of rp2 'nonsense'"),
        ("nonsense:picow", "unknown port 'nonsense'"),
        ("picoww", "unknown port 'picoww' (did you mean 'pico-w'?)"),
        ("RPI_PICO_X", "did you mean 'RPI_PICO_W'?"),
        ("ESP32_GENERC_S3", "did you mean 'ESP32_GENERIC_S3'?"),
        ("all:rp2", "unknown port 'all'"),
        ("rp2:", "is no target"),
    ],
)
def test_what_is_no_target_is_told_in_one_line(word: str, says: str) -> None:
    assert says in refusal(word)


def test_messages_name_the_board_and_follow_its_socket_module() -> None:
    code = "import socket\ns = socket.socket()\ns.recv(1, 2)\nsocket.reset()\n"
    targets = ports.parse_targets("picow>=1.20,nano-rp2040-connect")
    assert [(one.message, one.targets) for one in lint_source(code, config=Config(targets=targets))] == [
        (
            "`recv` with 2 arguments raises TypeError on picow before 1.26, nano-rp2040-connect; leave out the flags",
            ("picow>=1.20", "nano-rp2040-connect"),
        ),
        ("`socket.reset` does not exist on nano-rp2040-connect", ("nano-rp2040-connect",)),
    ]


@pytest.mark.parametrize("word", ["ESP-32", "esp_32", "EPS32", "esp32 "])
def test_the_nearest_is_found_whatever_the_case_and_the_separators(word: str) -> None:
    assert did_you_mean(word, ["rp2", "esp32"]) == " (did you mean `esp32`?)"
    assert did_you_mean("xyz", ["rp2", "esp32"]) == ""

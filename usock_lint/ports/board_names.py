"""Boards by the names that people use, and the socket module of each board.

data/boards.json lists the boards with another socket module than most boards of their port; the others are listed here.
Case, `-`, `_` and spaces in a name make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from usock_lint.ports.nearest import squashed
from usock_lint.ports.releases import RELEASES, Release, read_release
from usock_lint.ports.table import boards as facts
from usock_lint.ports.table import implementation
from usock_lint.ports.targets import FIRST

# Folders of ports/*/boards at the tags v1.9.4 to v1.28.0 and on master 1c3c201149 that data/boards.json does not list.
# They have that implementation of their port for which the file lists no boards, or no sockets if there is none.
_OTHERS = {
    "esp32": """
        ARDUINO_NANO_ESP32 ESP32_GENERIC ESP32_GENERIC_C2 ESP32_GENERIC_C3 ESP32_GENERIC_C5 ESP32_GENERIC_C6
        ESP32_GENERIC_H2 ESP32_GENERIC_P4 ESP32_GENERIC_S2 ESP32_GENERIC_S3 ESP32_S2_WROVER
        GARATRONIC_PYBSTICK26_ESP32C3 GENERIC GENERIC_C3 GENERIC_C3_USB GENERIC_D2WD GENERIC_OTA GENERIC_S2
        GENERIC_S3 GENERIC_S3_SPIRAM GENERIC_S3_SPIRAM_OCT GENERIC_SPIRAM GENERIC_UNICORE LILYGO_T3_S3
        LILYGO_TTGO_LORA32 LOLIN_C3_MINI LOLIN_S2_MINI LOLIN_S2_PICO M5STACK_ATOM M5STACK_ATOMS3_LITE
        M5STACK_NANOC6 M5STACK_NANOH2 OLIMEX_ESP32_EVB OLIMEX_ESP32_POE SEEED_XIAO_ESP32C3 SEEED_XIAO_ESP32C5
        SEEED_XIAO_ESP32C6 SEEED_XIAO_ESP32S3 SIL_MANT1S SIL_WESP32 SOLDERED_NULA_MINI
        SPARKFUN_IOT_REDBOARD_ESP32 SPARKFUN_THINGPLUS_ESP32C5 TINYPICO UM_FEATHERS2 UM_FEATHERS2NEO
        UM_FEATHERS3 UM_FEATHERS3NEO UM_NANOS3 UM_OMGS3 UM_PROS3 UM_RGBTOUCH_MINI UM_TINYC6 UM_TINYPICO
        UM_TINYS2 UM_TINYS3 UM_TINYWATCHS3 WAVESHARE_ESP32_S3_PICO
    """,
    "esp8266": """
        ESP8266_GENERIC GENERIC GENERIC_1M GENERIC_512K
    """,
    "rp2": """
        ADAFRUIT_FEATHER_RP2040 ADAFRUIT_FEATHER_RP2350 ADAFRUIT_ITSYBITSY_RP2040 ADAFRUIT_QTPY_RP2040
        CYTRON_MOTION_2350_PRO GARATRONIC_PYBSTICK26_RP2040 MACHDYNE_WERKZEUG NULLBITS_BIT_C_PRO PICO
        PIMORONI_PICOLIPO PIMORONI_PICOLIPO_16MB PIMORONI_PICOLIPO_4MB PIMORONI_TINY2040 POLOLU_3PI_2040_ROBOT
        POLOLU_ZUMO_2040_ROBOT RPI_PICO RPI_PICO2 SEEED_XIAO_RP2040 SEEED_XIAO_RP2350
        SPARKFUN_IOTNODE_LORAWAN_RP2350 SPARKFUN_PROMICRO SPARKFUN_PROMICRO_RP2350 SPARKFUN_THINGPLUS
        WAVESHARE_RP2040_LCD_0_96 WAVESHARE_RP2040_PLUS WAVESHARE_RP2040_ZERO WAVESHARE_RP2350B_CORE WEACTSTUDIO
        WEACTSTUDIO_RP2350B_CORE
    """,
    "stm32": """
        ADAFRUIT_F405_EXPRESS B_L475E_IOT01A CERB40 GARATRONIC_NADHAT_F405 GARATRONIC_PYBSTICK26_F411 HYDRABUS
        LEGO_HUB_NO6 LEGO_HUB_NO7 LIMIFROG MIKROE_CLICKER2_STM32 MIKROE_QUAIL NADHAT_PYBF405 NETDUINO_PLUS_2
        NUCLEO_F401RE NUCLEO_F411RE NUCLEO_F412ZG NUCLEO_F413ZH NUCLEO_F446RE NUCLEO_F722ZE NUCLEO_G0B1RE
        NUCLEO_H7A3ZI_Q NUCLEO_L152RE NUCLEO_L476RG NUCLEO_L4A6ZG NUCLEO_U5A5ZJ_Q NUCLEO_WB55 OLIMEX_H407 PYBV3
        PYBV4 SPARKFUN_MICROMOD_STM32 STM32F411DISC STM32F429DISC STM32F439 STM32F469DISC STM32F4DISC
        STM32H7B3I_DK STM32L476DISC STM32L496GDISC USBDONGLE_WB55 VCC_GND_F407VE VCC_GND_H743VI
        WEACTSTUDIO_MINI_STM32H723 WEACTSTUDIO_MINI_STM32H743 WEACTSTUDIO_MINI_STM32U585 WEACT_F411_BLACKPILL
    """,
    "mimxrt": """
        MAKERDIARY_RT1011_NANO_KIT MIMXRT1010_EVK MIMXRT1015_EVK MIMXRT1050_EVKB OLIMEX_RT1010 TEENSY40
    """,
    "renesas-ra": """
        EK_RA4M1 EK_RA4W1 EK_RA6M1 EK_RA6M2 RA4M1_CLICKER RA4M1_EK RA4W1_EK RA6M1_EK RA6M2_EK VK_RA6M5
    """,
    "samd": """
        ADAFRUIT_FEATHER_M0_EXPRESS ADAFRUIT_FEATHER_M4_EXPRESS ADAFRUIT_ITSYBITSY_M0_EXPRESS
        ADAFRUIT_ITSYBITSY_M4_EXPRESS ADAFRUIT_NEOKEY_TRINKEY ADAFRUIT_QTPY_SAMD21 ADAFRUIT_TRINKET_M0
        MINISAM_M4 SAMD21_XPLAINED_PRO SAMD_GENERIC_D21X18 SAMD_GENERIC_D51X19 SAMD_GENERIC_D51X20
        SEEED_WIO_TERMINAL SEEED_XIAO SEEED_XIAO_SAMD21 SPARKFUN_REDBOARD_TURBO SPARKFUN_SAMD21_DEV_BREAKOUT
        SPARKFUN_SAMD51_THING_PLUS
    """,
    "alif": """
        ALIF_ENSEMBLE
    """,
}

# Former names of folders: ports/rp2/boards/PICO_W@v1.20.0 is RPI_PICO_W@v1.21.0.
_FORMER = {"RPI_PICO": "PICO", "RPI_PICO_W": "PICO_W", "UM_TINYPICO": "TINYPICO"}

# Other names of a board, or of boards that run the generic firmware of a port: docs/pyboard/quickref.rst:1@v1.28.0,
# sys.platform, docs/esp8266/tutorial/intro.rst:97@v1.28.0. The D1 mini has the generic firmware of esp8266.
_NICKNAMES = {
    "pyboard": "PYBV11",
    "wipy": "cc3200",
    "nodemcu": "esp8266",
    "d1mini": "esp8266",
    "wemosd1mini": "esp8266",
}

_SHORTEST = 4
"""The least number of letters of a part of a name that can stand for the board: `picow`, not `w`."""

_NOISE = frozenset(("board", "generic", "module"))
"""Words in names that people leave out: ESP32_GENERIC_C3 is `esp32c3`."""


class Board(NamedTuple):
    """A board, its port and its socket module, "" if it has no sockets. `since` is its first release with it."""

    name: str
    port: str
    implementation: str
    since: Release

    @property
    def own(self) -> str:
        """The socket module if most boards of the port have another one, else ""."""
        return "" if self.implementation == implementation(self.port).name else self.implementation

    @property
    def like(self) -> tuple[str, str]:
        """A key that is equal for boards with the same facts."""
        return self.port, self.implementation


@cache
def known() -> Mapping[str, Board]:
    """Every board of the ports that have sockets, by its name in MicroPython's tree."""
    return {board.name: board for board in _all()}


def named(word: str) -> tuple[Board, ...]:
    """The boards that a word can mean; several if it is ambiguous, none if no board has such a name.

    The word is a name, a nickname, or a part of a name: `picow` is RPI_PICO_W. If all boards that it can mean have the
    same port and socket module, the result is the first of them.
    """
    words = re.split(r"[-_\s]+", word.lower())
    found = _index().get("".join(words)) or _index().get("".join(one for one in words if one not in _NOISE), ())
    return found[:1] if len({board.like for board in found}) == 1 else found


def port_called(word: str) -> str | None:
    """The port whose boards have this nickname."""
    return next((name for nickname, name in _NICKNAMES.items() if squashed(word) == nickname and name in FIRST), None)


def is_port_without_sockets(word: str) -> bool:
    """True if a word is the name of a port that never had sockets."""
    return squashed(word) in map(squashed, facts()["without_socket"])


def spellings() -> Iterator[str]:
    """Words to suggest: the names of all boards, with and without the vendor, and nicknames."""
    for name in known():
        yield name
        if "_" in name:
            yield name.partition("_")[2].replace("_", "-").lower()
    yield from _NICKNAMES


@cache
def _all() -> tuple[Board, ...]:
    return tuple(board for port in FIRST if port not in ("docs", "unix") for board in _boards(port))


def _boards(port: str) -> Iterator[Board]:
    """The boards of a port: those with a socket module of their own, those that had no sockets at first, the others."""
    about: Mapping[str, Any] = facts()["ports"][port]
    usual = next((one for one in about["implementations"] if "boards" not in one), None)
    rest, start = (usual["implementation"], _release(usual)) if usual else ("", FIRST[port])
    for one in about["implementations"]:
        for name, (since, _) in one.get("boards", {}).items():
            first, _ = one["boards"].get(_FORMER.get(name), (since, None))
            yield Board(name, port, one["implementation"], read_release(first))
        for name in one.get("wiznet_boards", ()):
            yield Board(name, port, one["implementation"], start)
    for name, (_, until) in about.get("none", {}).items():
        later = next((release for release in RELEASES if until and release > read_release(until)), start)
        yield Board(name, port, rest if until else "", later)
    yield from (Board(name, port, rest, start) for name in _OTHERS.get(port, "").split())


def _release(one: Mapping[str, Any]) -> Release:
    return read_release(one["since"]) if "since" in one else RELEASES[0]


@cache
def _index() -> Mapping[str, tuple[Board, ...]]:
    """The boards by each word that can mean them.

    A word means the board with this name; if there is none, the only board whose name ends with the word; if there is
    no such board or several, each board whose name has the word as a part.
    """
    by_rank: tuple[dict[str, list[Board]], ...] = ({}, {}, {})
    renamed = {former: known()[name] for name, former in _FORMER.items()}
    for board in _all():
        for rank, word in _words(board.name):
            by_rank[rank].setdefault(word, []).append(renamed.get(board.name, board))
    by_rank[0].update({nickname: [known()[name]] for nickname, name in _NICKNAMES.items() if name in known()})
    whole, ends, parts = ({word: tuple(dict.fromkeys(found)) for word, found in one.items()} for one in by_rank)
    own = {word: found for word, found in ends.items() if len(found) == 1}
    return {**parts, **own, **whole}


def _words(name: str) -> Iterator[tuple[int, str]]:
    """The words that a board may be named by, each with a rank: 0 for its name, 1 for an end of it, 2 for any part.

    A part is some consecutive words of the name, also without those of `_NOISE`: `metro-m4` of
    ADAFRUIT_METRO_M4_EXPRESS, `esp32c3` of ESP32_GENERIC_C3.
    """
    yield 0, squashed(name)
    words = name.lower().split("_")
    said = [word for word in words if word not in _NOISE]
    for kept in (words, said):
        for first in range(len(kept)):
            for end in range(first + 1, len(kept) + 1):
                part = "".join(kept[first:end])
                if len(part) >= _SHORTEST:
                    yield 2, part
                    yield from [(1, part)] if end == len(kept) else ()

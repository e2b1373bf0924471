"""Tells from what a board prints when it starts which target of usock-lint it is."""

from __future__ import annotations

import re
from typing import Final

_BANNER: Final = re.compile(
    r"MicroPython \(?v?(?P<release>\d+\.\d+(\.\d+)?)[^;\n]*;? (.* with (?P<chip>\S+)|(?P<system>linux|darwin) \[)"
)
"""A release, then a board and its chip: MICROPY_BANNER_NAME_AND_VERSION and MICROPY_BANNER_MACHINE of py/mpconfig.h."""

_PORTS: Final = {
    "AE": "alif",
    "CC3200": "cc3200",
    "ESP32": "esp32",
    "ESP8266": "esp8266",
    "MIMXRT": "mimxrt",
    "RA": "renesas-ra",
    "RP2": "rp2",
    "SAMD": "samd",
    "STM32": "stm32",
}
"""Which port has chips of such names: MICROPY_HW_MCU_NAME in ports/*/boards/*/mpconfigboard.h."""


def target(banner: str) -> str:
    """The target as usock-lint takes it, such as `rp2==1.25.0`; "" for what is no MicroPython with a known chip."""
    found = _BANNER.search(banner)
    if found is None or "CircuitPython" in banner:
        return ""
    chip = found["chip"] or ""
    port = "unix" if found["system"] else next((port for begin, port in _PORTS.items() if chip.startswith(begin)), "")
    return f"{port}=={found['release']}" if port else ""

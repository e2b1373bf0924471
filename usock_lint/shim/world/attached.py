"""What a user has put on a board's pins: devices that answer, so that a program goes on where a bare board stops."""

from __future__ import annotations

from typing import NamedTuple

DEGREES, PERCENT = 21, 50
"""What sensors measure."""

SENSORS = ("dht", "ds18x20")
ADDRESSES = range(0x08, 0x78)
"""Of I2C, as scan() asks them (extmod/machine_i2c.c:324@v1.28.0)."""


class Attached(NamedTuple):
    """Addresses on the I2C bus, and sensors by the name of their driver."""

    addresses: tuple[int, ...] = ()
    sensors: tuple[str, ...] = ()


def device(words: str) -> int | str:
    """A device as `--attach` names it. Raises ValueError."""
    if words in SENSORS:
        return words
    address = int(words, 0)
    if address not in ADDRESSES:
        raise ValueError
    return address


def attached(devices: list[int | str]) -> Attached:
    """The devices, in order."""
    addresses = sorted({one for one in devices if isinstance(one, int)})
    return Attached(tuple(addresses), tuple(one for one in devices if isinstance(one, str)))

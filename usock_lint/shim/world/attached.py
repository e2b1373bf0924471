"""Devices that a user has attached to a simulated board (`--attach`), so that a program finds them."""

from __future__ import annotations

from typing import NamedTuple

DEGREES, PERCENT = 21, 50
"""What the sensors measure: degrees Celsius, and the relative humidity."""

SENSORS = ("dht", "ds18x20")
ADDRESSES = range(0x08, 0x78)
"""The I2C addresses that scan() asks (extmod/machine_i2c.c:324@v1.28.0)."""


class Attached(NamedTuple):
    """Addresses on the I2C bus, and sensors by the name of their driver."""

    addresses: tuple[int, ...] = ()
    sensors: tuple[str, ...] = ()


def parse_device(words: str) -> int | str:
    """The I2C address or the sensor that `--attach` names. Raises ValueError."""
    if words in SENSORS:
        return words
    address = int(words, 0)
    if address not in ADDRESSES:
        raise ValueError
    return address


def attached(devices: list[int | str]) -> Attached:
    """The devices, sorted into addresses and sensors."""
    addresses = sorted({one for one in devices if isinstance(one, int)})
    return Attached(tuple(addresses), tuple(one for one in devices if isinstance(one, str)))

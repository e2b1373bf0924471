"""Drivers in the firmware of boards, for hardware that is not connected, and modules of single chips."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.sealed import Module, OpenModule
from usock_lint.shim.world.attached import DEGREES, PERCENT
from usock_lint.shim.world.stand_ins import module_contents, nothing, open_module

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

THERMOMETER = b"\x28usock\x00\x3d"
"""Its number: the family of the DS18B20, and what does not matter."""

ROOM_C = 27
"""The temperature of chips."""

FLASH_SIZE = 4 << 20


class NeoPixel:
    """Lights that remember their colours."""

    ORDER = (1, 0, 2, 3)

    def __init__(self, pin: Any, n: Any, bpp: Any = 3, timing: Any = 1) -> None:
        self._fields: dict[str, Any] = {"pin": pin, "n": n, "bpp": bpp, "timing": timing, "buf": bytearray(n * bpp)}
        pin.init(pin.OUT)

    def __getattr__(self, name: str) -> Any:
        if name in ("pin", "n", "bpp", "timing", "buf"):
            return self._fields[name]
        raise AttributeError(f"'NeoPixel' object has no attribute '{name}'")

    def __len__(self) -> int:
        return int(self._fields["n"])

    def __setitem__(self, index: Any, colour: Any) -> None:
        for place in range(self.bpp):
            self.buf[index * self.bpp + self.ORDER[place]] = colour[place]

    def __getitem__(self, index: Any) -> tuple[int, ...]:
        return tuple(self.buf[index * self.bpp + self.ORDER[place]] for place in range(self.bpp))

    def fill(self, colour: Any) -> None:
        """Give all of them a colour."""
        for index in range(len(self)):
            self[index] = colour

    def write(self) -> None:
        """Show the colours."""


class DHTBase:
    """A sensor. `_measured` is what an attached one sends, without the sum; None if it is not there."""

    _read: Any
    _measured: bytes | None = None

    def __init__(self, pin: Any) -> None:
        self.pin = pin
        self.buf = bytearray(5)

    def measure(self) -> None:
        """Read it; OSError(ETIMEDOUT) if it is not there."""
        if self._measured is None:
            self._read(self.pin, self.buf)
        else:
            self.buf[:] = self._measured + bytes([sum(self._measured) & 0xFF])


class DHT11(DHTBase):
    """Sends whole numbers."""

    SENT = bytes([PERCENT, 0, DEGREES, 0])

    def humidity(self) -> int:
        """In per cent; 0 if it never measured."""
        return self.buf[0]

    def temperature(self) -> int:
        """In degrees; 0 if it never measured."""
        return self.buf[2]


class DHT22(DHTBase):
    """Sends tenths."""

    SENT = (10 * PERCENT).to_bytes(2, "big") + (10 * DEGREES).to_bytes(2, "big")

    def humidity(self) -> float:
        """In per cent; 0.0 if it never measured."""
        return (self.buf[0] << 8 | self.buf[1]) * 0.1

    def temperature(self) -> float:
        """In degrees; 0.0 if it never measured."""
        return (self.buf[2] << 8 | self.buf[3]) * 0.1


class OneWire:
    """A bus, with a thermometer on it if one is attached."""

    _error: Any
    _is_used: bool
    _tell: Callable[[str], None]

    def __init__(self, pin: Any) -> None:
        self.pin = pin

    def scan(self) -> list[bytearray]:
        """The numbers of the devices on the bus."""
        if not self._is_used:
            self._tell(f"nothing is on the 1-wire bus; --attach ds18x20 connects a thermometer ({DEGREES} degrees)")
        return [bytearray(THERMOMETER)] if self._is_used else []

    def reset(self, required: Any = False) -> bool:
        """True if somebody is there."""
        if required and not self._is_used:
            raise self._error()
        return self._is_used


class DS18X20:
    """Thermometers on a OneWire bus."""

    def __init__(self, onewire: Any) -> None:
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self) -> list[bytearray]:
        """The numbers of the thermometers."""
        return self.ow.scan()

    def convert_temp(self) -> None:
        """Measure. Raises OneWireError if no thermometer is attached."""
        self.ow.reset(True)

    def read_temp(self, rom: Any) -> float:
        """The temperature in degrees. Raises OneWireError if no thermometer is attached."""
        self.ow.reset(True)
        return float(DEGREES)


def neopixel(world: World) -> OpenModule:
    """The module of that name."""
    return open_module(world.port.cell, "neopixel", {"NeoPixel": NeoPixel})


def dht(world: World) -> OpenModule:
    """The module of that name."""
    base = type("DHTBase", (DHTBase,), {"_read": staticmethod(world.load("machine").dht_readinto)})
    is_there = "dht" in world.attached.sensors
    kinds = {
        kind.__name__: type(kind.__name__, (kind, base), {"_measured": kind.SENT if is_there else None})
        for kind in (DHT11, DHT22)
    }
    return open_module(world.port.cell, "dht", {"DHTBase": base, **kinds})


def onewire(world: World) -> OpenModule:
    """The module of that name."""
    error = type("OneWireError", (Exception,), {"__module__": "onewire"})
    own = {"_error": error, "_is_used": "ds18x20" in world.attached.sensors, "_tell": staticmethod(world.tell_once)}
    kind = type("OneWire", (OneWire,), own)
    return open_module(world.port.cell, "onewire", {"OneWire": kind, "OneWireError": error})


def ds18x20(world: World) -> OpenModule:
    """The module of that name."""
    return open_module(world.port.cell, "ds18x20", {"DS18X20": DS18X20})


def chip(name: str, **names: Any) -> Callable[[World], Module]:
    """A builder of a module that has the chip's own."""

    def build(world: World) -> Module:
        return Module(module_contents(world.port.cell, name, names))

    return build


def country(*wanted: Any) -> str | None:
    """The country whose rules the radio keeps, or set it."""
    return None if wanted else "XX"


def webrepl(world: World) -> OpenModule:
    """The module of that name, which lets nobody in."""
    functions = {"start": nothing, "start_foreground": nothing, "stop": nothing}
    return open_module(world.port.cell, "webrepl", functions)


rp2 = chip("rp2", bootsel_button=lambda: 0, country=country)
esp = chip("esp", osdebug=nothing, flash_size=lambda: FLASH_SIZE, sleep_type=nothing)
esp32 = chip("esp32", mcu_temperature=lambda: ROOM_C, raw_temperature=lambda: round(ROOM_C * 1.8 + 32))

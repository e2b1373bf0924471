"""Drivers in the firmware of boards, for sensors and lights, and modules of single chips."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.sealed import Module, OpenModule
from usock_lint.shim.world.attached import DEGREES, PERCENT
from usock_lint.shim.world.stand_ins import module_contents, nothing, open_module

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

THERMOMETER = b"\x28usock\x00\x3d"
"""The ROM code of the attached thermometer: the family code of the DS18B20, and any other bytes."""

ROOM_C = 27
"""The temperature of chips in degrees Celsius."""

FLASH_SIZE = 4 << 20


class NeoPixel:
    """Lights that remember their colours."""

    ORDER = (1, 0, 2, 3)
    """The places of red, green, blue and white in the bytes of a light."""

    def __init__(self, pin: Any, n: Any, bpp: Any = 3, timing: Any = 1) -> None:
        self.pin = pin
        self.n = n
        self.bpp: int = bpp
        self.buf = bytearray(n * bpp)
        self.timing = timing
        pin.init(pin.OUT)

    def __len__(self) -> int:
        return int(self.n)

    def __setitem__(self, index: Any, colour: Any) -> None:
        for place in range(self.bpp):
            self.buf[index * self.bpp + self.ORDER[place]] = colour[place]

    def __getitem__(self, index: int) -> tuple[int, ...]:
        return tuple(self.buf[index * self.bpp + self.ORDER[place]] for place in range(self.bpp))

    def fill(self, colour: Any) -> None:
        """Set the colour of all lights."""
        for index in range(len(self)):
            self[index] = colour

    def write(self) -> None:
        """Do nothing: there are no lights to show the colours."""


class DHTBase:
    """A sensor of temperature and humidity."""

    _read: Any
    """The firmware's dht_readinto, which raises OSError (see `dht_reader`)."""
    _measured: bytes | None = None
    """The bytes that an attached sensor sends, without the checksum; None if none is attached."""

    def __init__(self, pin: Any) -> None:
        self.pin = pin
        self.buf = bytearray(5)

    def measure(self) -> None:
        """Read the sensor; OSError(ETIMEDOUT) if none is attached."""
        if self._measured is None:
            self._read(self.pin, self.buf)
        else:
            self.buf[:] = self._measured + bytes([sum(self._measured) & 0xFF])


class DHT11(DHTBase):
    """A DHT11, which sends degrees and percent."""

    SENT = bytes([PERCENT, 0, DEGREES, 0])

    def humidity(self) -> int:
        """The relative humidity in percent; 0 before the first measure()."""
        return self.buf[0]

    def temperature(self) -> int:
        """The temperature in degrees Celsius; 0 before the first measure()."""
        return self.buf[2]


class DHT22(DHTBase):
    """A DHT22, which sends tenths of degrees and of percent."""

    SENT = (10 * PERCENT).to_bytes(2, "big") + (10 * DEGREES).to_bytes(2, "big")

    def humidity(self) -> float:
        """The relative humidity in percent; 0.0 before the first measure()."""
        return (self.buf[0] << 8 | self.buf[1]) * 0.1

    def temperature(self) -> float:
        """The temperature in degrees Celsius; 0.0 before the first measure()."""
        return (self.buf[2] << 8 | self.buf[3]) * 0.1


class OneWire:
    """A bus, with a thermometer on it if one is attached."""

    _error: Any
    _is_used: bool
    _tell: Callable[[str], None]

    def __init__(self, pin: Any) -> None:
        self.pin = pin

    def scan(self) -> list[bytearray]:
        """The ROM codes of the devices on the bus."""
        if not self._is_used:
            self._tell(f"nothing is on the 1-wire bus; --attach ds18x20 connects a thermometer ({DEGREES} degrees)")
        return [bytearray(THERMOMETER)] if self._is_used else []

    def reset(self, required: Any = False) -> bool:
        """True if a device is on the bus; OneWireError if `required` is true and none is."""
        if required and not self._is_used:
            raise self._error()
        return self._is_used


class DS18X20:
    """Thermometers on a OneWire bus."""

    def __init__(self, onewire: Any) -> None:
        self.ow = onewire
        self.buf = bytearray(9)

    def scan(self) -> list[bytearray]:
        """The ROM codes of the thermometers."""
        return self.ow.scan()

    def convert_temp(self) -> None:
        """Measure. Raises OneWireError if no thermometer is attached."""
        self.ow.reset(True)

    def read_temp(self, rom: Any) -> float:
        """The temperature in degrees. Raises OneWireError if no thermometer is attached."""
        self.ow.reset(True)
        return float(DEGREES)


def neopixel(world: World) -> OpenModule:
    """The module neopixel."""
    return open_module(world.port.cell, "neopixel", {"NeoPixel": NeoPixel})


def dht_reader(world: World) -> Callable[..., None]:
    """dht_readinto: of `machine` since 1.20, before of `esp`, `rp2`, `pyb` or `mimxrt`. No sensor answers it."""

    def dht_readinto(*_: Any) -> None:
        world.tell_once(f"no DHT sensor is connected; --attach dht connects one ({DEGREES} degrees, {PERCENT} %)")
        raise world.port.error("ETIMEDOUT")

    return dht_readinto


def dht(world: World) -> OpenModule:
    """The module dht."""
    base = type("DHTBase", (DHTBase,), {"_read": staticmethod(dht_reader(world))})
    is_there = "dht" in world.attached.sensors
    kinds = {
        kind.__name__: type(kind.__name__, (kind, base), {"_measured": kind.SENT if is_there else None})
        for kind in (DHT11, DHT22)
    }
    return open_module(world.port.cell, "dht", {"DHTBase": base, **kinds})


def onewire(world: World) -> OpenModule:
    """The module onewire."""
    error = type("OneWireError", (Exception,), {"__module__": "onewire"})
    own = {"_error": error, "_is_used": "ds18x20" in world.attached.sensors, "_tell": staticmethod(world.tell_once)}
    kind = type("OneWire", (OneWire,), own)
    return open_module(world.port.cell, "onewire", {"OneWire": kind, "OneWireError": error})


def ds18x20(world: World) -> OpenModule:
    """The module ds18x20."""
    return open_module(world.port.cell, "ds18x20", {"DS18X20": DS18X20})


def chip(name: str, **names: Any) -> Callable[[World], Module]:
    """A builder of a chip's own module, with these names."""

    def build(world: World) -> Module:
        return Module(module_contents(world.port.cell, name, names))

    return build


def country(*wanted: Any) -> str | None:
    """The country whose rules the radio keeps; setting another one changes nothing."""
    return None if wanted else "XX"


def webrepl(world: World) -> OpenModule:
    """The module webrepl, whose functions do nothing."""
    functions = {"start": nothing, "start_foreground": nothing, "stop": nothing}
    return open_module(world.port.cell, "webrepl", functions)


rp2 = chip("rp2", bootsel_button=lambda: 0, country=country)
esp = chip("esp", osdebug=nothing, flash_size=lambda: FLASH_SIZE, sleep_type=nothing)
esp32 = chip("esp32", mcu_temperature=lambda: ROOM_C, raw_temperature=lambda: round(ROOM_C * 1.8 + 32))

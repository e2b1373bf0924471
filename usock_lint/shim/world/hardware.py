"""The machine module: pins that keep their values, timers, a clock, and buses without devices or with attached ones."""

from __future__ import annotations

import calendar
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.arguments import buffer, integer, writable
from usock_lint.shim.core.errors import BoardEnds
from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.drivers import dht_reader
from usock_lint.shim.world.interrupts import Alarm, Interrupts
from usock_lint.shim.world.stand_ins import constants, fitted_class, module_contents, nothing

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

PIN_NUMBERS = {
    "": {"IN": 0, "OUT": 1, "OPEN_DRAIN": 2, "ALT": 3, "PULL_UP": 1, "PULL_DOWN": 2, "IRQ_FALLING": 4, "IRQ_RISING": 8},
    "esp32": {
        **{"IN": 1, "OUT": 3, "OPEN_DRAIN": 7, "PULL_UP": 2, "PULL_DOWN": 1, "IRQ_RISING": 1, "IRQ_FALLING": 2},
        **{"WAKE_LOW": 4, "WAKE_HIGH": 5, "DRIVE_0": 0, "DRIVE_1": 1, "DRIVE_2": 2, "DRIVE_3": 3},
    },
    "esp8266": {"IRQ_RISING": 1, "IRQ_FALLING": 2},
}
"""The constants of Pin: ports/rp2/machine_pin.h:34, ports/esp32/machine_pin.c:429 and
ports/esp8266/machine_pin.c:450@v1.28.0, with the numbers of their SDKs. Other ports have those of rp2 here ("")."""

RESETS = {
    "": {"PWRON_RESET": 1, "WDT_RESET": 3},
    "esp32": {"HARD_RESET": 2, "DEEPSLEEP_RESET": 4, "SOFT_RESET": 5},
    "esp8266": {"PWRON_RESET": 0, "WDT_RESET": 1, "SOFT_RESET": 4, "DEEPSLEEP_RESET": 5, "HARD_RESET": 6},
}
"""The results of reset_cause(): ports/rp2/modmachine.c, ports/esp32/modmachine.c and
ports/esp8266/modmachine.c@v1.28.0."""

FREQUENCIES = {"esp32": 160_000_000, "esp8266": 80_000_000, "rp2": 125_000_000}
"""The frequency of the processor in Hz. Other ports, whose boards differ, have that of rp2."""

ID_SIZES = {"esp32": 6, "esp8266": 4, "rp2": 8}
"""The size of unique_id() in bytes; it is 12 on other ports."""

CORE_TEMPERATURE, AT_27_DEGREES = 4, 14021
"""The channel of rp2's thermometer, and what it reads at 27 degrees: 0.706 V of 3.3 V (RP2040's datasheet, 4.9.5)."""

UNTOUCHED = 1000
"""The result of TouchPad.read() for a pin that is not touched, on the first ESP32."""

LONGEST_PULSE_US = 1_000_000
NO_PERIOD_MS = 0xFFFFFFFF
"""Defaults: the timeout of time_pulse_us(), and the period of a Timer."""


class Wire:
    """The state of one pin, which all its Pin objects share."""

    def __init__(self) -> None:
        self.value = 0
        self.mode: object = None


class Pin:
    """A pin, to which nothing is connected: an output reads as it was set, an input as its pull resistor sets it."""

    _wires: dict[str, Wire]

    def __init__(self, id: Any, *arguments: Any, **keywords: Any) -> None:
        self._name = id._name if isinstance(id, type(self)) else str(id)
        self._wire = self._wires.setdefault(self._name, Wire())
        if arguments or keywords:
            self.init(*arguments, **keywords)

    def init(self, mode: Any = -1, pull: Any = -1, *, value: Any = None, **_: Any) -> None:
        """Set it up; what is not given does not change."""
        if mode not in (-1, None):
            self._wire.mode = mode
        if pull in (self._pull_up, self._pull_down) and self._wire.mode == self._in:
            self._wire.value = int(pull == self._pull_up)
        if value is not None:
            self._wire.value = int(bool(value))

    def value(self, *wanted: Any) -> int | None:
        """The value; with an argument, set it."""
        if not wanted:
            return self._wire.value
        self._wire.value = int(bool(wanted[0]))
        return None

    __call__ = value

    def on(self) -> None:
        """Set it to 1."""
        self._wire.value = 1

    high = on

    def off(self) -> None:
        """Set it to 0."""
        self._wire.value = 0

    low = off

    def toggle(self) -> None:
        """Set it to the other value."""
        self._wire.value ^= 1

    def irq(self, handler: Any = None, *_: Any, **__: Any) -> Any:
        """An object that runs the handler if it is called. No edge does, because nobody presses a button."""
        return lambda: handler(self) if handler is not None else None

    def mode(self, *wanted: Any) -> Any:
        """The mode; with an argument, set it."""
        self._wire.mode = wanted[0] if wanted else self._wire.mode
        return None if wanted else self._wire.mode

    def __repr__(self) -> str:
        return f"Pin({self._name})"

    _in: int
    _pull_up: int
    _pull_down: int


class Signal:
    """A pin whose value may be inverted."""

    def __init__(self, pin: Any, *arguments: Any, invert: Any = False, **keywords: Any) -> None:
        self._pin = pin if hasattr(pin, "value") else self._new_pin(pin, *arguments, **keywords)
        self._invert = bool(invert)

    def value(self, *wanted: Any) -> int | None:
        """The value; with an argument, set it."""
        if wanted:
            self._pin.value(bool(wanted[0]) != self._invert)
            return None
        return int(bool(self._pin.value()) != self._invert)

    __call__ = value

    def on(self) -> None:
        """Set it to 1."""
        self.value(1)

    def off(self) -> None:
        """Set it to 0."""
        self.value(0)

    _new_pin: Any


class ADC:
    """A converter that reads 0, except for rp2's thermometer, which is at 27 degrees."""

    CORE_TEMP = CORE_TEMPERATURE
    ATTN_0DB, ATTN_2_5DB, ATTN_6DB, ATTN_11DB = range(4)
    WIDTH_9BIT, WIDTH_10BIT, WIDTH_11BIT, WIDTH_12BIT = range(9, 13)

    def __init__(self, pin: Any, **_: Any) -> None:
        self._level = AT_27_DEGREES if pin == CORE_TEMPERATURE and self._has_thermometer else 0

    def init(self, **_: Any) -> None:
        """Set it up."""

    atten = width = deinit = init

    def read_u16(self) -> int:
        """The value, from 0 to 65535."""
        return self._level

    def read(self) -> int:
        """The value, from 0 to 4095."""
        return self._level >> 4

    def read_uv(self) -> int:
        """The value in microvolts: 0, since rp2, which has the thermometer, lacks this method."""
        return 0

    _has_thermometer: bool


class TouchPad:
    """A pin that nobody touches."""

    def __init__(self, pin: Any, *_: Any) -> None:
        self._pin = pin

    def config(self, threshold: Any) -> None:
        """Set the threshold that wakes the board; here it does nothing."""

    def read(self) -> int:
        """The value without a finger on the pin."""
        return UNTOUCHED


class PWM:
    """A pulse, of which only frequency and duty are kept."""

    def __init__(self, pin: Any, *arguments: Any, **keywords: Any) -> None:
        self._values: dict[str, int] = {"freq": 0, "duty_u16": 0}
        self.init(*arguments, **keywords)

    def init(self, *arguments: Any, **keywords: Any) -> None:
        """Set frequency and duty."""
        if arguments:
            self.freq(arguments[0])
        for name in ("freq", "duty", "duty_u16", "duty_ns"):  # the length of a pulse depends on the frequency
            if name in keywords:
                getattr(self, name)(keywords[name])

    def deinit(self) -> None:
        """Stop it."""

    def freq(self, *wanted: Any) -> int | None:
        """The frequency in Hz; with an argument, set it."""
        return self._keep("freq", 1, wanted)

    def duty_u16(self, *wanted: Any) -> int | None:
        """The duty from 0 to 65535; with an argument, set it."""
        return self._keep("duty_u16", 1, wanted)

    def duty(self, *wanted: Any) -> int | None:
        """The duty from 0 to 1023; with an argument, set it."""
        return self._keep("duty_u16", 64, wanted)

    def duty_ns(self, *wanted: Any) -> int | None:
        """The length of the pulse in ns; with an argument, set it."""
        without_frequency = 1  # any unit: there is no pulse
        return self._keep("duty_u16", self._values["freq"] * 65536 / 1_000_000_000 or without_frequency, wanted)

    def _keep(self, name: str, unit: float, wanted: tuple[Any, ...]) -> int | None:
        """A value in another unit, of which one is `unit` of those that are kept; with an argument, set it."""
        if not wanted:
            return round(self._values[name] / unit)
        self._values[name] = round(integer(wanted[0]) * unit)
        return None


def zero(target: Any) -> None:
    """Fill a buffer with zeros."""
    view = writable(target)
    view[:] = bytes(len(view))


class Bus:
    """The base of buses."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.init()

    def init(self, *_: Any, **__: Any) -> None:
        """Set it up."""

    def deinit(self) -> None:
        """Switch it off."""


class SoftI2C(Bus):
    """An I2C bus. An attached device takes everything and answers zeros; other addresses are an OSError."""

    _addresses: tuple[int, ...]
    """Those of the attached devices."""
    _require: Callable[[int], None]
    """Raises OSError if no device is attached at an address."""
    _tell_if_empty: Callable[[], None]
    """Tells the user how to attach a device if none is."""

    def scan(self) -> list[int]:
        """The addresses that answer."""
        self._tell_if_empty()
        return list(self._addresses)

    def writeto(self, address: Any, data: Any, *_: Any, **__: Any) -> int:
        """Send data; the number of bytes that were acknowledged."""
        self._require(integer(address))
        return len(buffer(data))

    def writevto(self, address: Any, pieces: Any, *_: Any, **__: Any) -> int:
        """Send the pieces of a list; the number of bytes that were acknowledged."""
        self._require(integer(address))
        return sum(len(buffer(piece)) for piece in pieces)

    def readfrom(self, address: Any, count: Any, *_: Any, **__: Any) -> bytes:
        """Read zeros."""
        self._require(integer(address))
        return bytes(integer(count))

    def readfrom_into(self, address: Any, target: Any, *_: Any, **__: Any) -> None:
        """Read zeros into a buffer."""
        self._require(integer(address))
        zero(target)

    def readfrom_mem(self, addr: Any, memaddr: Any, arg: Any, **_: Any) -> bytes:
        """Read zeros from a register."""
        return self.readfrom(addr, arg)

    def readfrom_mem_into(self, addr: Any, memaddr: Any, arg: Any, **_: Any) -> None:
        """Read zeros from a register into a buffer."""
        self.readfrom_into(addr, arg)

    def writeto_mem(self, addr: Any, memaddr: Any, arg: Any, **_: Any) -> None:
        """Send to a register."""
        self.writeto(addr, arg)

    def start(self) -> None:
        """Do nothing."""

    stop = start


class I2C(SoftI2C):
    """An I2C bus of the chip's own controller."""


class SoftSPI(Bus):
    """An SPI bus, which takes everything and answers zeros."""

    MSB, LSB = 0, 1

    def write(self, data: Any) -> None:
        """Send data."""
        buffer(data)

    def read(self, count: Any, *_: Any) -> bytes:
        """Read zeros."""
        return bytes(integer(count))

    def readinto(self, target: Any, *_: Any) -> None:
        """Read zeros into a buffer."""
        zero(target)

    def write_readinto(self, data: Any, target: Any) -> None:
        """Send data, and read zeros into a buffer."""
        self.write(data)
        self.readinto(target)


class SPI(SoftSPI):
    """An SPI bus of the chip's own controller."""


class UART(Bus):
    """A serial line at whose other end nobody is."""

    def any(self) -> int:
        """The number of bytes that can be read: 0."""
        return 0

    def read(self, *_: Any) -> None:
        """Return None: there is nothing to read."""

    readinto = readline = read

    def write(self, data: Any) -> int:
        """Send data; the number of bytes."""
        return len(buffer(data))

    def flush(self) -> None:
        """Do nothing: everything is sent at once."""

    sendbreak = flush

    def txdone(self) -> bool:
        """True if everything is sent."""
        return True


class Timer:
    """A timer whose callback interrupts the program."""

    ONE_SHOT, PERIODIC = 0, 1

    _interrupts: Interrupts

    def __init__(self, *identity: Any, **keywords: Any) -> None:
        self._alarm: Alarm | None = None
        if keywords:
            self.init(**keywords)

    def init(
        self,
        *,
        mode: Any = PERIODIC,
        callback: Any = None,
        period: Any = NO_PERIOD_MS,
        tick_hz: Any = 1000,
        freq: Any = None,
        **_: Any,
    ) -> None:
        """Start it."""
        self.deinit()
        seconds = 1 / freq if freq else period / tick_hz
        if callback is not None:
            self._alarm = Alarm(lambda: callback(self), seconds, mode == self.PERIODIC)
            self._interrupts.start(self._alarm)

    def deinit(self) -> None:
        """Stop it."""
        self._interrupts.stop(self._alarm)
        self._alarm = None


class WDT:
    """A watchdog, which restarts the board, and here ends the run, if it is not fed in time."""

    _interrupts: Interrupts

    def __init__(self, id: Any = 0, timeout: Any = 5000) -> None:
        self._timeout = integer(timeout)
        self._alarm: Alarm | None = None
        self.feed()

    def feed(self) -> None:
        """Start the timeout again."""
        self._interrupts.stop(self._alarm)
        self._alarm = Alarm(self._bite, self._timeout / 1000, False)
        self._interrupts.start(self._alarm)

    def _bite(self) -> None:
        raise BoardEnds(f"the watchdog was not fed for {self._timeout} ms: here the board starts again")


class RTC:
    """The clock: the computer's, or as the program has set it for this run."""

    _now: Callable[[], float]
    _set: Callable[[float], None]
    _kept: bytearray
    """The bytes of memory(), which all RTC objects share."""

    def datetime(self, *wanted: Any) -> tuple[int, ...] | None:
        """(year, month, day, weekday, hour, minute, second, fraction); with such a tuple, set the clock.

        The weekday that is given is ignored.
        """
        if not wanted:
            now = time.gmtime(self._now())
            return (*now[:3], now.tm_wday, *now[3:6], 0)
        year, month, day, _, hour, minute, second, _ = wanted[0]
        self._set(calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0)))
        return None

    def init(self, wanted: Any) -> None:
        """Set it."""
        self.datetime(wanted)

    def memory(self, *wanted: Any) -> bytes | None:
        """The bytes that it keeps, until the run ends; with an argument, set them."""
        if not wanted:
            return bytes(self._kept)
        self._kept[:] = buffer(wanted[0])
        return None


def restarting(what: str) -> Callable[..., None]:
    """A function that restarts the board, which ends the run."""

    def end(*_: Any) -> None:
        raise BoardEnds(f"{what}: here the board starts again")

    return end


def machine(world: World) -> Module:
    """The module on a port."""
    port = world.port
    interrupts = Interrupts(world)
    numbers = constants(port.name, PIN_NUMBERS)
    frequency = [FREQUENCIES.get(port.name, FREQUENCIES["rp2"])]
    # ports/rp2/machine_i2c.c:154, extmod/machine_i2c.c:203@v1.28.0
    no_device = "EIO" if port.name == "rp2" else "ENODEV"

    def fit(kind: type, **fields: Any) -> type:
        return fitted_class(port.cell, "machine", type(kind.__name__, (kind,), fields))

    def set_clock(seconds: float) -> None:
        port.clock_offset = seconds - time.time()

    def freq(*wanted: Any) -> int | None:
        if wanted:
            frequency[0] = integer(wanted[0])
            return None
        return frequency[0]

    def time_pulse_us(pin: Any, level: Any, timeout: Any = LONGEST_PULSE_US) -> int:
        # -1: a pulse has begun and does not end; -2: none has begun (extmod/machine_pulse.c:32@v1.28.0).
        port.sleep(integer(timeout) / 1_000_000)
        return -1 if pin.value() == int(bool(level)) else -2

    def sleep(milliseconds: Any = 0) -> None:
        port.sleep(milliseconds / 1000)

    def require_device(address: int) -> None:
        if address not in world.attached.addresses:
            where = f"{address:#04x}"
            world.tell_once(f"nothing answers at the I2C address {where}; --attach {where} puts something there")
            raise port.error(no_device)

    def tell_if_empty() -> None:
        if not world.attached.addresses:
            world.tell_once("nothing is on the I2C bus; --attach 0x3c, say, puts something at that address")

    checks = {"_require": staticmethod(require_device), "_tell_if_empty": staticmethod(tell_if_empty)}
    bus = {**checks, "_addresses": world.attached.addresses}
    pulls = {"_in": numbers["IN"], "_pull_up": numbers["PULL_UP"], "_pull_down": numbers["PULL_DOWN"]}
    clock = {"_now": staticmethod(lambda: time.time() + port.clock_offset), "_set": staticmethod(set_clock)}
    pin = fit(Pin, _wires={}, **pulls, **numbers)
    contents: dict[str, Any] = {
        **constants(port.name, RESETS),
        "Pin": pin,
        "Signal": fit(Signal, _new_pin=pin),
        "ADC": fit(ADC, _has_thermometer=port.name == "rp2"),
        "PWM": fit(PWM),
        "TouchPad": fit(TouchPad),
        "Timer": fit(Timer, _interrupts=interrupts),
        "WDT": fit(WDT, _interrupts=interrupts),
        "RTC": fit(RTC, _kept=bytearray(), **clock),
        **{kind.__name__: fit(kind) for kind in (SPI, SoftSPI, UART)},
        **{kind.__name__: fit(kind, **bus) for kind in (I2C, SoftI2C)},
        "bitstream": nothing,
        "deepsleep": restarting("machine.deepsleep"),
        "dht_readinto": dht_reader(world),
        "disable_irq": lambda: 0,
        "enable_irq": nothing,
        "freq": freq,
        "idle": lambda: port.sleep(0.001),
        "lightsleep": sleep,
        "reset": restarting("machine.reset()"),
        "reset_cause": lambda: constants(port.name, RESETS)["PWRON_RESET"],
        "sleep": sleep,
        "soft_reset": restarting("machine.soft_reset()"),
        "time_pulse_us": time_pulse_us,
        "unique_id": lambda: bytes(range(1, ID_SIZES.get(port.name, 12) + 1)),
    }
    return Module(module_contents(port.cell, "machine", contents))

"""math, cmath, random and platform as MicroPython has them."""

from __future__ import annotations

import cmath as host_cmath
import math as host_math
import os
import platform as host_platform
from collections.abc import Callable
from typing import Any

from usock_lint.shim.core.arguments import converted, integer, long_integer, real
from usock_lint.shim.core.sealed import Module

OF_FLOATS = (
    *("acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh degrees erf erfc exp expm1 fabs floor").split(),
    *("fmod frexp gamma isfinite isinf isnan lgamma log log10 log2 modf pow radians sin sinh sqrt tan tanh").split(),
    "trunc",
)
"""Functions of math that take floats alone, as CPython computes them."""

OF_LIBRARY = {"erf": "erf", "erfc": "erfc", "gamma": "tgamma", "lgamma": "lgamma"}
"""Functions that CPython computes itself and MicroPython's C library rounds otherwise, with their names in that."""


def of_library(name: str) -> Callable[..., Any]:
    """A function of the C library, or CPython's if that is not found."""
    from ctypes import CDLL, c_double

    try:
        function: Any = CDLL("libm.so.6")[OF_LIBRARY[name]]
    except OSError:
        return getattr(host_math, name)
    function.restype, function.argtypes = c_double, [c_double]

    def call(value: float) -> float:
        getattr(host_math, name)(value)  # raises the errors for which the other returns inf or NaN
        return function(value)

    return call


def math(_: object) -> Module:
    """The module."""

    def of_floats(name: str) -> Callable[..., Any]:
        function = of_library(name) if name in OF_LIBRARY else getattr(host_math, name)

        def call(*values: Any) -> Any:
            try:
                return function(*map(real, values))
            except (OverflowError, ValueError) as error:  # CPython 3.14 has other messages
                if name in ("ceil", "floor", "trunc"):
                    raise
                raise ValueError("math domain error") from error

        return call

    def factorial(number: Any) -> int:
        if integer(number) < 0:
            raise ValueError("negative factorial")
        return host_math.factorial(number)

    def ldexp(number: Any, power: Any) -> float:
        try:
            return host_math.ldexp(real(number), integer(power))
        except OverflowError:
            return host_math.copysign(host_math.inf, number)

    def isclose(a: Any, b: Any, *, rel_tol: Any = 1e-9, abs_tol: Any = 0.0) -> bool:
        given = [real(one) for one in (rel_tol, abs_tol, a, b)]
        if min(given[:2]) < 0:
            raise ValueError("math domain error")
        return host_math.isclose(*given[2:], rel_tol=given[0], abs_tol=given[1])

    constants = {name: getattr(host_math, name) for name in ("e", "inf", "nan", "pi", "tau")}
    own = {"factorial": factorial, "isclose": isclose, "ldexp": ldexp}
    return Module({"__name__": "math", **constants, **{name: of_floats(name) for name in OF_FLOATS}, **own})


def rounded(value: Any, *digits: Any) -> Any:
    """The builtin round, which rounds a multiple of the float (py/modbuiltins.c:476@v1.28.0)."""
    if not digits or not isinstance(value, float):
        return round(value, *digits)
    scale = 10.0 ** integer(digits[0])
    if not scale or not host_math.isfinite(value * scale):
        return value
    return host_math.copysign(round(value * scale) / scale, value)


HOST_POW: Any = pow


def power(base: Any, exponent: Any, *modulus: Any) -> Any:
    """The builtin pow: with a modulus a negative exponent gives 0 (run:unix@1.25, 1.26)."""
    if modulus in ((), (None,)):
        return HOST_POW(base, exponent)
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in (base, exponent, *modulus)):
        raise TypeError("pow() with 3 arguments requires integers")
    if modulus == (0,):
        raise ValueError("divide by zero")
    return 0 if exponent < 0 else HOST_POW(base, exponent, *modulus)


def to_complex(value: Any) -> complex:
    """A complex from a number, or an object with `__complex__` or `__float__`; TypeError for anything else."""
    if not isinstance(value, int | float | complex):
        value = converted(converted(value, "__complex__"), "__float__")
    if not isinstance(value, int | float | complex):
        raise TypeError(f"can't convert {type(value).__name__} to complex")
    return value if isinstance(value, complex) else complex(real(value))


def unbounded(function: Callable[[float], float], value: float) -> float:
    """A function of the C library, where CPython raises OverflowError: it is infinite."""
    try:
        return function(value)
    except OverflowError:
        return host_math.copysign(host_math.inf, value if function is host_math.sinh else 1)


def cmath(_: object) -> Module:
    """The module. The formulas are those of py/modcmath.c@v1.28.0, which round otherwise than CPython's."""

    def phase(z: Any) -> float:
        value = to_complex(z)
        return host_math.atan2(value.imag, value.real)

    def squared_length(value: complex) -> float:
        return value.real * value.real + value.imag * value.imag

    def polar(z: Any) -> tuple[float, float]:
        return host_math.sqrt(squared_length(to_complex(z))), phase(z)

    def rect(r: Any, phi: Any) -> complex:
        length, angle = real(r), real(phi)
        return complex(length * host_math.cos(angle), length * host_math.sin(angle))

    def exp(z: Any) -> complex:
        return rect(unbounded(host_math.exp, to_complex(z).real), to_complex(z).imag)

    def logarithm(value: float) -> float:
        return host_math.log(value) if value else -host_math.inf

    def log(z: Any) -> complex:
        return complex(0.5 * logarithm(squared_length(to_complex(z))), phase(z))

    def log10(z: Any) -> complex:
        length = squared_length(to_complex(z))
        found = 0.5 * host_math.log10(length) if length else -host_math.inf
        return complex(found, host_math.log10(host_math.e) * phase(z))

    def sqrt(z: Any) -> complex:
        return rect(squared_length(to_complex(z)) ** 0.25, 0.5 * phase(z))

    def cos(z: Any) -> complex:
        x, y = to_complex(z).real, to_complex(z).imag
        return complex(
            host_math.cos(x) * unbounded(host_math.cosh, y), -host_math.sin(x) * unbounded(host_math.sinh, y)
        )

    def sin(z: Any) -> complex:
        x, y = to_complex(z).real, to_complex(z).imag
        return complex(host_math.sin(x) * unbounded(host_math.cosh, y), host_math.cos(x) * unbounded(host_math.sinh, y))

    functions: tuple[Callable[..., Any], ...] = (cos, exp, log, log10, phase, polar, rect, sin, sqrt)
    constants = {"e": host_cmath.e, "pi": host_cmath.pi}
    return Module({"__name__": "cmath", **constants, **{one.__name__: one for one in functions}})


class Yasmarang:
    """The random number generator of extmod/modrandom.c:60@v1.28.0, with its names of variables."""

    pad: int
    n: int
    d: int
    dat: int

    def __init__(self) -> None:
        self.seed(int.from_bytes(os.urandom(4), "little"))

    def seed(self, value: int) -> None:
        """Start with a seed."""
        self.pad, self.n, self.d, self.dat = value % (1 << 32), 69, 233, 0

    def next(self) -> int:
        """The next 32 random bits."""
        self.pad = (self.pad + self.dat + self.d * self.n) & 0xFFFFFFFF
        self.pad = ((self.pad << 3) + (self.pad >> 29)) & 0xFFFFFFFF
        self.n = self.pad | 2
        self.d ^= ((self.pad << 31) + (self.pad >> 1)) & 0xFFFFFFFF
        self.dat = (self.dat ^ self.pad ^ (self.d >> 8) ^ 1) & 0xFF
        return (self.pad ^ (self.d << 5) ^ (self.pad >> 18) ^ (self.dat << 1)) & 0xFFFFFFFF

    def below(self, end: int) -> int:
        """A random int from 0 up to, but not including, `end`."""
        mask = 1
        while end & mask < end:
            mask = mask << 1 | 1
        while (found := self.next() & mask) >= end:
            pass
        return found

    def fraction(self) -> float:
        """A random float from 0 up to, but not including, 1."""
        high, low = self.next(), self.next()
        return host_math.ldexp((high << 32 | low) & ((1 << 52) - 1), -52)


def random(_: object) -> Module:
    """The module, with the port's numbers after a seed."""
    numbers = Yasmarang()

    def getrandbits(bits: Any) -> int:
        if not 0 <= integer(bits) <= 32:
            raise ValueError("bits must be 32 or less")
        return numbers.next() & ((1 << integer(bits)) - 1) if integer(bits) else 0

    def seed(value: Any = None) -> None:
        numbers.seed(int.from_bytes(os.urandom(4), "little") if value is None else long_integer(value))

    def randrange(*ends: Any) -> int:
        first, end, stride = [0, *map(integer, ends), 1] if len(ends) == 1 else [*map(integer, ends), 1][:3]
        count = len(range(first, end, stride)) if stride else 0
        if not count:
            raise ValueError
        return first + stride * numbers.below(count)

    def randint(low: Any, high: Any) -> int:
        if integer(low) > integer(high):
            raise ValueError
        return integer(low) + numbers.below(integer(high) - integer(low) + 1)

    def choice(items: Any) -> Any:
        count = len(items)
        if not count:
            raise IndexError
        return items[numbers.below(count)]

    def random() -> float:
        return numbers.fraction()

    def uniform(low: Any, high: Any) -> float:
        return real(low) + (real(high) - real(low)) * numbers.fraction()

    functions: tuple[Callable[..., Any], ...] = (choice, getrandbits, randint, random, randrange, seed, uniform)
    return Module({"__name__": "random", **{one.__name__: one for one in functions}})


def platform(world: Any) -> Module:
    """The module: the system, MicroPython's release, and the C library (extmod/modplatform.c@v1.28.0)."""
    release = ".".join(map(str, world.port.release))
    library, version = host_platform.libc_ver()
    name = f"{host_platform.system()}-{release}-{host_platform.machine()}--with-{library}{version}"
    return Module(
        {
            "__name__": "platform",
            "libc_ver": lambda: (library, version),
            "platform": lambda: name,
            "python_compiler": host_platform.python_compiler,
        }
    )

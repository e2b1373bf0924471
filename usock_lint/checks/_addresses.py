"""Addresses in the arguments of calls: the host and the port of a tuple."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import libcst as cst

from usock_lint.analysis.domain.operations import atoms, constant, constants, join, on, unconditional
from usock_lint.analysis.domain.values import Anything, Cells, OfType, Socket, Tuple, Value
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import behaving
from usock_lint.checks._repairs import Repair, importing_too, replace
from usock_lint.diagnostics import Applicability
from usock_lint.fast_dataclasses import dataclass
from usock_lint.i18n import Said
from usock_lint.numerals import read_int

METHODS = ("connect", "bind", "sendto")

# Other families, such as AF_UNIX, have addresses of their own kind; None is a family that is not known.
_FAMILIES = ("AF_INET", "AF_INET6", None)

_LAST_PORT = 65535

# Hosts that only a tuple may have: getaddrinfo takes numbers for them.
_NUMBERS = {"": "0.0.0.0", "<broadcast>": "255.255.255.255"}


@dataclass(frozen=True, slots=True)
class Address:
    """An address that is a tuple: the argument that it is in, and the values of its host and port."""

    argument: Argument
    host: Value
    port: Value

    @property
    def parts(self) -> tuple[cst.BaseExpression, cst.BaseExpression] | None:
        """The host and the port as written; None if the argument is not a tuple display."""
        match self.argument.node.value:
            case cst.Tuple(elements=[host, port]) | cst.List(elements=[host, port]):
                return host.value, port.value
            case _:
                return None

    def resolved(self, use: Call) -> str | None:
        """A call of getaddrinfo for this address, as text.

        None if the host has to be written differently (`_NUMBERS`) and is not written in the call.
        """
        getaddrinfo = use.getaddrinfo or "getaddrinfo"
        special = [_NUMBERS[host] for host, _ in constants(self.host, str, use.site.live) if host in _NUMBERS]
        if special and (self.parts is None or not isinstance(self.parts[0], cst.SimpleString)):
            return None
        if self.parts is None:
            return f"{getaddrinfo}(*{use.site.code(self.argument.node.value)})[0][-1]"
        host, port = map(use.site.code, self.parts)
        if special:
            host = f'"{special[0]}"'
        return f"{getaddrinfo}({host}, {port})[0][-1]"

    def repair(self, use: Call, message: Said, applicability: Applicability = "safe") -> Repair | None:
        """Let getaddrinfo make the address.

        None if the file has no name for getaddrinfo and an import cannot be added, or if `resolved` is None.
        """
        resolved = self.resolved(use)
        module = use.site.module
        importing = () if use.getaddrinfo else importing_too(module, ("socket", "usocket"), "getaddrinfo")
        if resolved is None or importing is None:
            return None
        return Repair(message, (*importing, replace(self.argument.node.value, resolved)), applicability)


def address_argument(use: Call) -> Argument | None:
    """The argument of a call of one of METHODS that is an Internet address, None if there is none."""
    if isinstance(use.owner, Socket) and use.owner.family not in _FAMILIES:
        return None
    # `sendto(data, address)` or `sendto(data, flags, address)`
    index = max(len(use.arguments) - 1, 1) if use.name == "sendto" else 0
    return use.positional(index)


def address(use: Call) -> Address | None:
    """The address in a call of one of METHODS, if it can be a tuple."""
    argument = address_argument(use)
    parts = _parts(argument.value, use.site.live) if argument is not None else None
    return Address(argument, *parts) if argument is not None and parts is not None else None


@lru_cache(16)
def _parts(value: Value, live: Cells) -> tuple[Value, Value] | None:
    """The host and the port in an address that can be a tuple."""
    tuples = [(atom.items, cells) for atom, cells in atoms(value, live) if isinstance(atom, Tuple)]
    pairs = [(items, cells) for items, cells in tuples if len(items) >= 2]
    if not pairs:
        return None
    host, port = (join(*(on(cells, items[index]) for items, cells in pairs)) for index in (0, 1))
    return host, port


def is_decimal(port: str) -> bool:
    """True if a port that is a str has only digits, as C's functions read them, and is not the name of a service."""
    return port.isascii() and port.isdigit()


def number_of(port: str | float) -> str:
    """The port that a str or a float stands for, in digits; "" if it is not a port."""
    number = read_int(port) if isinstance(port, str) else int(port) if float(port).is_integer() else None
    return str(number) if number is not None and 0 <= number <= _LAST_PORT else ""


def taking(cells: Cells, form: str) -> Cells:
    """The cells that take an address of this form (tuple, list, other_length, str), or of which that is not known."""
    return behaving(cells, f"address_argument.{form}", "ok", "open", None)


def known_constants(value: Value, live: Cells, *kinds: type) -> Iterator[tuple[Any, Cells]]:
    """As `constants`, for several types, but nothing if one of the possibilities is unknown, or only its type is known.

    The None of an optional value is not among them (`is_optional`).
    """
    found = [*atoms(value, live)]
    if any(isinstance(atom, (Anything, OfType)) for atom, _ in found):
        return
    for atom, cells in found:
        known = constant(atom)
        if type(known) in kinds and not (known is None and is_optional(value)):
            yield known, cells


def is_optional(value: Value) -> bool:
    """True if a value is None or something else, as `match.group` returns it, or `self.port` before it is set.

    The program knows which it is: a group that every match has is never None.
    """
    is_none = [constant(atom) is None for atom in map(unconditional, value)]
    return any(is_none) and not all(is_none)

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.values import Cells, Module
from usock_lint.analysis.uses import Argument, Call, LibraryCall
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._addresses import is_decimal, known_constants, number_of
from usock_lint.checks._calls import argument, module_of
from usock_lint.checks._repairs import Repair, asking_for_ipv4, replace
from usock_lint.i18n import say

_DIGITS: Final = r"[0-9]+(\.[0-9]+){3}"
"""An IPv4 address."""

# IANA's port numbers of the services that programs name.
_SERVICES = {
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "domain": 53,
    "http": 80,
    "pop3": 110,
    "ntp": 123,
    "imap": 143,
    "https": 443,
    "mqtt": 1883,
    "secure-mqtt": 8883,
}


_OF_ASYNCIO: Final[Mapping[str, int]] = {"open_connection": 0, "start_server": 1}
"""Functions of asyncio that pass a host and a port to getaddrinfo, with the index of the host."""


@on(Call, Module, "getaddrinfo")
def call(use: Call) -> Iterator[Report]:
    yield from _both(use, use.positional(0), use.positional(1))
    yield from _family(use)


@on(LibraryCall, Module, *_OF_ASYNCIO)
def handed_on(use: LibraryCall) -> Iterator[Report]:
    index = _OF_ASYNCIO[use.name]
    if module_of(use) == "asyncio" and use.sole:
        yield from _both(use, argument(use, index, "host"), argument(use, index + 1, "port"))


def _both(use: Call | LibraryCall, host: Argument | None, port: Argument | None) -> Iterator[Report]:
    if host is not None:
        yield from _host(host, use.site.live)
    if port is not None:
        yield from _port(use, port)


def _host(host: Argument, live: Cells) -> Iterator[Report]:
    for given, cells in known_constants(host.value, live, str, type(None)):
        if given is None:
            failing = behaving(cells, "none_host", "TypeError")
            message = say('getaddrinfo does not take None for a host {where}; to bind use "0.0.0.0"')
            yield Report(host.node, failing, message, "TypeError")
        elif given == "":
            failing = behaving(cells, "empty_host.getaddrinfo", "OSError")
            message = say('getaddrinfo does not take an empty host {where}; to bind use "0.0.0.0"')
            yield Report(host.node, failing, message, "OSError")


def _family(use: Call) -> Iterator[Report]:
    """Report an address in digits without a family, which some ports do not resolve."""
    host, family = use.positional(0), use.positional(2)
    if host is None or (
        family is not None and {one for one, _ in known_constants(family.value, use.site.live, int)} != {0}
    ):
        return
    for given, cells in known_constants(host.value, use.site.live, str):
        if re.fullmatch(_DIGITS, given):
            failing = behaving(cells, "getaddrinfo_any_family", "EPFNOSUPPORT")
            message = say("getaddrinfo needs the family of an address in digits {where}; pass socket.AF_INET")
            yield Report(use.node, failing, message, "OSError", repair=_with_family(use))


def _with_family(use: Call) -> Repair | None:
    """Add the family; None if the file has no name for the module."""
    return asking_for_ipv4(use.node, use.module) if use.module else None


def _port(use: Call | LibraryCall, port: Argument) -> Iterator[Report]:
    for given, cells in known_constants(port.value, use.site.live, str, float, type(None)):
        failing = frozenset(cell for cell in cells if not _takes(cell, given))
        number = _number(given)
        message = say(
            "{port!r} is not a port {where}: a port is an int; write {number}",
            port=given,
            number=number or say("its number"),
        )
        yield Report(port.node, failing, message, "TypeError", repair=_repair(use, port, number))


def _takes(cell: ports.Cell, port: Any) -> bool:
    accepted = ports.behaviour(cell, "port_type")["getaddrinfo"]
    form = type(port).__name__
    if form == "str":
        form = "decimal str" if is_decimal(port) else "service str"
    return accepted is None or form in accepted


def _number(port: Any) -> str:
    """The number of a port that is a str, "" where that is not known."""
    if not isinstance(port, str):
        return ""
    return str(_SERVICES.get(port) or number_of(port))


def _repair(use: Call | LibraryCall, port: Argument, number: str) -> Repair | None:
    """Write the number in the place of a literal, or convert another expression that is a decimal str."""
    node = port.node.value
    if isinstance(node, cst.SimpleString) and number:
        return Repair(say("Use the number"), (replace(node, number),))
    decimal = all(is_decimal(text) for text, _ in known_constants(port.value, use.site.live, str))
    return (
        Repair(say("Convert the port"), (replace(node, f"int({use.site.code(node)})"),)) if number and decimal else None
    )

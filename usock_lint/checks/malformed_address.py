from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import atoms, constants
from usock_lint.analysis.domain.values import AddrInfo, AddrInfos, Cells, SockAddr, Socket, Tuple, Value
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, address_argument, known_constants, number_of, taking
from usock_lint.checks._repairs import Change, Edge, Repair, replace
from usock_lint.i18n import Said, say
from usock_lint.numerals import read_int

_URL = r"(?i)[a-z]+://"
_DOTTED = r"[0-9]+(\.[0-9]+){3,}"
_HOST_AND_PORT = r"([^:\s]+):([0-9]{1,5})"


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    argument = address_argument(use)
    if _is_loose(use):
        yield _in_parentheses(use, *use.arguments)
    elif argument is not None:
        yield from _text(argument, use.site.live)
        found = list(atoms(argument.value, use.site.live))
        indexed = isinstance(argument.node.value, cst.Subscript)
        is_taken_out = indexed and any(isinstance(atom, SockAddr) for atom, _ in found)
        for atom, cells in found:
            if is_taken_out and isinstance(atom, AddrInfos | AddrInfo):
                continue  # the index fails for it, before the method is called
            if isinstance(atom, AddrInfos):
                yield _whole(argument, cells, say("the list of getaddrinfo"), "[0][-1]")
            elif isinstance(atom, AddrInfo):
                yield _whole(argument, cells, say("an entry of getaddrinfo's list"), "[-1]")
            elif isinstance(atom, Tuple) and len(atom.items) != 2:
                yield _other_length(argument, cells, len(atom.items))
            elif isinstance(atom, Tuple):
                yield from _host(argument, atom.items[0], cells)


def _is_loose(use: Call) -> bool:
    """True if host and port were given as two arguments; sendto takes data and an address."""
    return use.name != "sendto" and len(use.arguments) == 2 == use.count


def _in_parentheses(use: Call, host: Argument, port: Argument) -> Report:
    pair = f"({use.site.code(host.node.value)}, {use.site.code(port.node.value)})"
    change = Change(Edge(host.node.value, "outer_start"), Edge(port.node.value, "outer_end"), pair)
    return Report(
        host.node,
        use.site.live,
        say("`{name}` takes the address as one argument {where}; write {pair}", name=use.name, pair=pair),
        "TypeError",
        repair=Repair(say("Put the address in parentheses"), (change,)),
    )


def _text(argument: Argument, live: Cells) -> Iterator[Report]:
    for text, cells in known_constants(argument.value, live, str):
        if not text and len(argument.value) > 1:
            continue  # `self.address = ""`, until another method sets it
        found = re.fullmatch(_HOST_AND_PORT, text)
        port = number_of(found[2]) if found else ""
        pair = f'("{found[1]}", {port})' if found and port else "(host, port)"
        literal = len(argument.value) == 1 and isinstance(argument.node.value, cst.SimpleString)
        if text[:1].isprintable():  # what begins with a control character may be a raw sockaddr
            yield Report(
                argument.node.value,
                cells - taking(cells, "str"),
                say("an address is not a str {where}; write {pair}", pair=pair),
                "TypeError",
                repair=Repair(say("Make it a tuple"), (replace(argument.node.value, pair),))
                if port and literal
                else None,
            )


def _whole(argument: Argument, cells: Cells, what: Said, index: str) -> Report:
    """Report a result of getaddrinfo that holds the address, which this index takes out."""
    node = argument.node.value
    taken = Change(Edge(node, "outer_end"), Edge(node, "outer_end"), index)
    simple = isinstance(node, cst.Name | cst.Attribute | cst.Call | cst.Subscript)
    message = say("{what} is not an address {where}; take the address out of it with {index}", what=what, index=index)
    return Report(
        node, cells, message, "ValueError", repair=Repair(say("Take the address"), (taken,)) if simple else None
    )


def _other_length(argument: Argument, cells: Cells, size: int) -> Report:
    message = say("an address is (host, port), not a tuple of {size} {where}", size=size)
    return Report(argument.node.value, cells - taking(cells, "other_length"), message, "ValueError")


def _host(argument: Argument, value: Value, live: Cells) -> Iterator[Report]:
    for host, cells in constants(value, str, live):
        if not _is_possible(host):
            message = say('"{host}" is not an address {where}; write a numeric one, or resolve a name', host=host)
            yield Report(argument.node.value, taking(cells, "tuple"), message, "ValueError")


def _is_possible(host: str) -> bool:
    """True if a text may be an address, a name or a placeholder: it is neither a URL nor a malformed IPv4 address."""
    numbers = host.split(".") if re.fullmatch(_DOTTED, host) else ()
    return not re.match(_URL, host) and (not numbers or (len(numbers) == 4 and all(map(_is_byte, numbers))))


def _is_byte(text: str) -> bool:
    number = read_int(text)
    return number is not None and number <= 255

"""Addresses as a call is given them: the host and the port of a tuple."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from usock_lint.model.atoms import Socket, Tuple, Value
from usock_lint.model.uses import Argument, Call
from usock_lint.model.values import atoms, join

_METHODS = ("connect", "bind", "sendto")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a call that is a tuple: where it stands, and what its host and port may be."""

    argument: Argument
    host: Value
    port: Value

    def resolved(self, use: Call) -> str | None:
        """The same address from getaddrinfo, None where the file has no name for that."""
        written = self.argument.node.value
        if use.getaddrinfo is None:
            return None
        if isinstance(written, cst.Tuple) and len(written.elements) == 2:
            host, port = (use.site.code(element.value) for element in written.elements)
            return f"{use.getaddrinfo}({host}, {port})[0][-1]"
        return f"{use.getaddrinfo}(*{use.site.code(written)})[0][-1]"


def address(use: Call) -> Address | None:
    """The address that connect, bind or sendto is given, if it can be a tuple."""
    if not use.of(Socket, *_METHODS):
        return None
    argument = use.positional(len(use.arguments) - 1 if use.name == "sendto" else 0)
    if argument is None:
        return None
    pairs = [atom.items for atom, _ in atoms(argument.value, use.site.live) if isinstance(atom, Tuple)]
    pairs = [items for items in pairs if len(items) >= 2]
    if not pairs:
        return None
    return Address(argument, join(*(items[0] for items in pairs)), join(*(items[1] for items in pairs)))

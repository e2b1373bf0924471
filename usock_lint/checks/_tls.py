"""Shared by the rules on TLS: tests for a call that makes a client, and its verification mode."""

from __future__ import annotations

from typing import Final

from usock_lint.analysis.domain.operations import FALSE, NONE, TRUE, UNKNOWN, constant
from usock_lint.analysis.domain.values import Atom, Member, Module, Value
from usock_lint.analysis.uses import Argument, LibraryCall, Wrapped
from usock_lint.checks._calls import module_of

MODULES: Final = frozenset({"ssl", "tls"})

_HANDSHAKE: Final = frozenset({"do_handshake", "do_handshake_on_connect"})

_MODES: Final = {None: "unset", 0: "CERT_NONE", 1: "CERT_OPTIONAL", 2: "CERT_REQUIRED"}

_UNVERIFIED: Final = frozenset({"unset", "CERT_NONE", "CERT_OPTIONAL"})
"""Modes in which the handshake of `ssl` succeeds with any certificate."""


def argument(use: LibraryCall, name: str) -> Argument | None:
    """An argument that is given by this name."""
    return next((one for one in use.arguments if one.keyword == name), None)


def is_left_out(use: LibraryCall, name: str) -> bool:
    """True if an argument is not given, or is None or False."""
    given = argument(use, name)
    return given is None or all(constant(atom) in (None, False) for atom in given.value)


def wraps_client(use: LibraryCall) -> bool:
    """True if this is `wrap_socket` of the module or of a context, for a client, with all arguments in sight."""
    by_position = sum(one.keyword is None for one in use.arguments)
    plain = by_position <= 1 and not any(one.star for one in use.arguments)
    return use.name == "wrap_socket" and plain and is_left_out(use, "server_side")


def shakes_hands(use: Wrapped) -> bool:
    """True if no argument puts the handshake off, or may do so because it is not known."""
    return not any(one.star or _puts_off(one) for one in use.arguments)


def _puts_off(argument: Argument) -> bool:
    return argument.keyword in _HANDSHAKE and {constant(atom) for atom in argument.value} != {True}


def modes(value: Value) -> frozenset[str]:
    """The possible values of `cert_reqs` or `verify_mode`: "unset" for None, "?" for an unknown one."""
    return frozenset(map(_mode, value))


def _mode(atom: Atom) -> str:
    if isinstance(atom, Member) and isinstance(atom.owner, Module):
        return atom.name
    number = constant(atom)
    return _MODES.get(number, "?") if number is None or type(number) is int else "?"


def chosen(use: LibraryCall) -> frozenset[str] | None:
    """The verification modes of a call of the module's or a context's `wrap_socket`; None if unknown."""
    if isinstance(use.owner, Module):
        given = argument(use, "cert_reqs")
        return modes(NONE if given is None else given.value)
    return None if use.context is None else modes(use.context.mode)


def requires(use: LibraryCall, found: frozenset[str]) -> bool:
    """True if a certificate is required in every case. A new context of `tls` requires one, one of `ssl` does not."""
    requiring = {"CERT_REQUIRED", "unset"} if module_of(use) == "tls" else {"CERT_REQUIRED"}
    return found <= requiring


def verifies_nothing(module: str, found: frozenset[str]) -> bool:
    """True if in no case a certificate is verified."""
    return found <= (_UNVERIFIED - {"unset"} if module == "tls" else _UNVERIFIED)


def trusts(use: LibraryCall) -> Value:
    """The value True if the call has certificates to verify the server's with, False, or unknown."""
    if not isinstance(use.owner, Module):
        return use.context.trusting if use.context is not None else UNKNOWN
    given = argument(use, "cadata")
    if given is None or given.value == NONE:
        return FALSE
    return TRUE if NONE.isdisjoint(given.value) else UNKNOWN


def loads_unused_certificates(use: LibraryCall, found: frozenset[str]) -> bool:
    """True if certificates are loaded without effect, because none is required of the server."""
    return found == frozenset({"unset"}) and trusts(use) == TRUE and module_of(use) == "ssl"

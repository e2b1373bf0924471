"""Members of TLS sockets, which ssl.wrap_socket() and SSLContext.wrap_socket() make; the facts: data/tls.json."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from usock_lint import ports
from usock_lint.ports.releases import Release, read_release


@lru_cache(1_000)
def has(cell: ports.Cell, name: str) -> bool:
    """True if a TLS socket has this member on that port at that release; on `docs`, unless these deny it.

    A member that depends on the build counts as present.
    """
    implementation = _implementation(cell)
    if implementation == "socket":
        return ports.has(cell, "socket", name)
    facts = _facts()["implementations"][implementation]
    ended = facts.get("until", {}).get(name)  # the first release without it
    if ended and _began(ended, cell.release):
        return False
    return name in facts["members"] and _began(facts["members"][name], cell.release)


def lacks_constant(cell: ports.Cell, name: str) -> bool:
    """True if the TLS module lacks this constant, because it is not made with mbedTLS.

    Also True on `docs`, so that a branch after `hasattr(ssl, "CERT_REQUIRED")` is not judged by the documentation.
    """
    return name in _facts()["mbedtls_constants"] and _implementation(cell) in ("axtls", "docs")


def is_socket(cell: ports.Cell) -> bool:
    """True if what is wrapped is a plain socket there, which is connected afterwards."""
    return _implementation(cell) == "socket"


def reads_protocol(cell: ports.Cell) -> bool:
    """True if SSLContext looks at its argument."""
    return _implementation(cell) not in ("axtls", "socket")


def shakes_hands_at_once(cell: ports.Cell, *, server_side: bool) -> bool:
    """True if wrapping a socket does the handshake, unless an argument says otherwise; axtls delays it for a server."""
    return not is_socket(cell) and not (server_side and _implementation(cell) == "axtls")


def waits_for_handshake(cell: ports.Cell) -> bool:
    """True if the handshake of a non-blocking socket waits; axtls raises EAGAIN (extmod/modtls_axtls.c:286@v1.28.0)."""
    return verifies(cell)


def requires_name(cell: ports.Cell) -> bool:
    """True if a client that requires a certificate has to give the server's name."""
    return verifies(cell) and _began(_facts()["required_name"], cell.release)


def verifies(cell: ports.Cell) -> bool:
    """True if mbedTLS is there, which verifies certificates; axtls never does."""
    return _implementation(cell) in ("mbedtls", "esp-idf")


def keeps_errors(cell: ports.Cell) -> bool:
    """True if a TLS socket raises the first error of a read or write again for each later one."""
    return verifies(cell) and _began(_facts()["lasting_errors"], cell.release)


def returns_none(cell: ports.Cell, method: str) -> bool:
    """True if this method of a non-blocking TLS socket returns None when it would have to wait."""
    return verifies(cell) and method in _facts()["none"] and has(cell, method)


def buffers(cell: ports.Cell) -> bool:
    """True if `poll` reports data that a TLS socket has decrypted already. For the plain socket it never does."""
    return verifies(cell) and _began(_facts()["polled_buffer"], cell.release)


def reads_pem(cell: ports.Cell) -> bool:
    """True if a certificate may be in PEM there; the documentation is taken to allow it."""
    implementation = _implementation(cell)
    if implementation in ("docs", "socket"):
        return True
    reading = _facts()["reading_pem"]
    return implementation in reading and _began(reading[implementation], cell.release)


def takes_any_attribute(cell: ports.Cell, module: str) -> bool:
    """True if an attribute that a context does not have can be assigned to, to no effect."""
    return module == "ssl" and _began(_facts()["contexts_in_python"], cell.release)


def file_arguments(name: str) -> Collection[str]:
    """The arguments of a function, by its dotted name, that are a certificate or a key."""
    return _facts()["file_names"].get(name, {})


def takes_file_name(cell: ports.Cell, name: str, argument: str) -> bool:
    """True if a str is the name of a file there, not the certificate or the key."""
    since = _facts()["file_names"][name][argument]
    return since is not None and _began(since, cell.release)


def is_of_context(name: str) -> bool:
    """True if this is an attribute of CPython's contexts that programs set."""
    return name in _facts()["cpython_context"]


def is_known(name: str) -> bool:
    """True if CPython's TLS sockets, or plain sockets anywhere, have this member."""
    return name in _facts()["cpython"] or ports.is_known(name, "socket")


def names() -> tuple[str, ...]:
    """The members that any TLS socket has: those of MicroPython, then those of CPython alone."""
    members = [name for one in _facts()["implementations"].values() for name in one["members"]]
    return tuple(dict.fromkeys([*members, *_facts()["cpython"]]))


def source(cell: ports.Cell) -> tuple[str, ...]:
    """The sources (path:line@tag) that list the members of that port's TLS sockets, newest first.

    There are none if a wrapped socket is a plain one there.
    """
    implementation = _implementation(cell)
    return () if implementation == "socket" else tuple(_facts()["implementations"][implementation]["source"])


def contract(name: str) -> str:
    """The status of a member in the documentation: "promised", "denied" or "not mentioned"."""
    docs = _facts()["implementations"]["docs"]
    if name in docs["not_mentioned"]:
        return "not mentioned"
    return "promised" if name in docs["members"] else "denied"


def _implementation(cell: ports.Cell) -> str:
    history = _facts()["ports"].get(cell.port, _facts()["other_ports"])
    return next(name for since, name in reversed(history) if _began(since, cell.release))


def _began(since: str | None, release: Release) -> bool:
    return since is None or read_release(since) <= release


@cache
def _facts() -> Mapping[str, Any]:
    path = Path(__file__).parent / "data" / "tls.json"
    return json.loads(path.read_text(encoding="utf-8"))

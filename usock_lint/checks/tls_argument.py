from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from usock_lint.analysis.domain import library, types
from usock_lint.analysis.domain.operations import FALSE, NONE, TRUE, const, constant
from usock_lint.analysis.domain.values import Module, Object, TlsSocket, Value
from usock_lint.analysis.uses import Argument, Call, LibraryAttribute, LibraryCall
from usock_lint.checks import Report, on
from usock_lint.checks._calls import Counsel, module_of, refused, report
from usock_lint.checks._modules import importing, presumed
from usock_lint.checks._tls import (
    MODULES,
    argument,
    chosen,
    is_left_out,
    loads_unused_certificates,
    requires,
    trusts,
    wraps_client,
)
from usock_lint.i18n import Said, say
from usock_lint.ports import tls

_FILES: Final = say("; `cert` and `key` are the contents of files in DER")
_LEAVE_OUT: Final = say("; leave it out")
_REQUIRE: Final = say("; set verify_mode of a context")

_COUNSEL: Final = Counsel(
    arguments={
        "ca_certs": say("; `cadata` is the certificate in DER"),
        "cert_reqs": _REQUIRE,
        "certfile": _FILES,
        "ciphers": say("; call set_ciphers of a context"),
        "keyfile": _FILES,
        "password": say("; keys are not encrypted"),
        "session": _LEAVE_OUT,
        "ssl_version": _LEAVE_OUT,
        "suppress_ragged_eofs": _LEAVE_OUT,
    },
    calls={
        "SSLContext.load_cert_chain": say("; give the certificate and the key"),
        "SSLContext.wrap_socket": say("; all but the socket are passed by name"),
        "ssl.wrap_socket": say("; all but the socket are passed by name"),
    },
    other_names={"do_handshake": "do_handshake_on_connect", "do_handshake_on_connect": "do_handshake"},
)

_WRAP: Final = "ssl.wrap_socket"

_CONTEXT: Final[Mapping[str, Said]] = {"check_hostname": say("; verify_mode alone decides what is checked")}

_NUMBERS: Final = frozenset({"int", "bool"})

_PEM: Final = "-----BEGIN "
_BEGIN: Final = _PEM.encode()


@on(LibraryCall, Module, Object)
def call(use: LibraryCall) -> Iterator[Report]:
    if module_of(use) not in MODULES or not use.sole:
        return
    if (found := refused(use, _COUNSEL)) is not None:
        yield found
    elif use.name == "SSLContext":
        yield from _context(use)
    elif not any(one.star for one in use.arguments):
        yield from _half(use)
        yield from _files(use)
        yield from _verification(use)
        yield from _certificate(use)


def _context(use: LibraryCall) -> Iterator[Report]:
    """Report arguments of SSLContext other than one number."""
    if any(one.star for one in use.arguments):
        return
    module = module_of(use)
    cells = importing(module, use.site) - library.lacking(module, use.name, use.site.live)
    if len(use.arguments) != 1 or use.arguments[0].keyword is not None:
        message = say("`SSLContext` takes one argument, PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER, {where}")
        yield report(use, None, cells, message, "TypeError")
    elif _is_no_number(use.arguments[0].value):
        reading = frozenset(cell for cell in cells if tls.reads_protocol(cell))
        message = say("`SSLContext` takes a number, PROTOCOL_TLS_CLIENT or PROTOCOL_TLS_SERVER, {where}")
        yield Report(use.arguments[0].node, reading, message, "TypeError", presumed=presumed(use.site))


def _is_no_number(value: Value) -> bool:
    kinds = {types.type_of(atom) for atom in value}
    return bool(kinds) and None not in kinds and kinds.isdisjoint(_NUMBERS)


def _half(use: LibraryCall) -> Iterator[Report]:
    """Report a certificate without its key, or a key without the certificate, in the call of the module's function."""
    given = {str(one.keyword): one for one in use.arguments if one.keyword in ("cert", "key") and one.value != NONE}
    by_name = all(one.keyword is not None for one in use.arguments[1:])
    if not isinstance(use.owner, Module) or len(given) != 1 or not by_name:
        return
    ((name, argument),) = given.items()
    cells = importing(module_of(use), use.site)
    # The function came to take file names together with this error, in 1.23.
    ignoring = frozenset(cell for cell in cells if name == "cert" and not tls.takes_file_name(cell, _WRAP, name))
    both = say("is ignored or raises TypeError") if ignoring else say("raises TypeError")
    effect = say("is ignored") if ignoring == cells else both
    missing = "key" if name == "cert" else "cert"
    message = say(
        "`{given}` without `{missing}` {effect} {where}; give both", given=name, missing=missing, effect=effect
    )
    yield report(use, argument, cells, message, "TypeError" if not ignoring else "")


def _files(use: LibraryCall) -> Iterator[Report]:
    """Report the name of a file where the certificate itself belongs, and PEM where the port reads DER only."""
    whole = f"{use.owner.name if isinstance(use.owner, Module) else f'{use.owner.module}.{use.owner.cls}'}.{use.name}"
    available = importing(module_of(use), use.site)
    for position, name in enumerate(tls.file_arguments(whole)):
        given = _argument(use, position, name)
        if given is None:
            continue
        named = _is_file_name(given.value)
        taking = frozenset(cell for cell in available if tls.takes_file_name(cell, whole, name))
        if named:
            message = say("no file is read for `{name}` {where}; pass what the file holds, in DER", name=name)
            yield report(use, given, available - taking, message, "ValueError")
        if _is_pem(given.value):
            cells = frozenset(cell for cell in (taking if named else available) if not tls.reads_pem(cell))
            message = say("no PEM is read {where}; convert it to DER with openssl: `-outform der`")
            yield report(use, given, cells, message, "ValueError")


def _argument(use: LibraryCall, position: int, name: str) -> Argument | None:
    """An argument of a call: those of a method may be given by position, those of the module's function by name."""
    for index, one in enumerate(use.arguments):
        if one.keyword == name or (one.keyword is None and index == position and isinstance(use.owner, Object)):
            return one
    return None


def _is_file_name(value: Value) -> bool:
    """True if the value is a str, and no certificate written out in PEM."""
    found = [constant(atom) for atom in value]
    return bool(found) and all(isinstance(text, str) and _PEM not in text for text in found)


def _verification(use: LibraryCall) -> Iterator[Report]:
    """Report a client that requires a certificate and cannot verify one, or that loads one and requires none."""
    found = chosen(use) if wraps_client(use) else None
    if not found:
        return
    available, trusting = importing(module_of(use), use.site), trusts(use)
    requiring = frozenset(cell for cell in available if tls.verifies(cell))
    unnamed = frozenset(cell for cell in requiring if tls.requires_name(cell))
    if not requires(use, found):
        if loads_unused_certificates(use, found):
            message = say("the certificate that was loaded is not used {where}: nothing is verified; set CERT_REQUIRED")
            yield Report(use.node, available, message, "", presumed=presumed(use.site))
    elif unnamed and is_left_out(use, "server_hostname"):
        message = say("CERT_REQUIRED without `server_hostname` raises ValueError {where}; give the name of the server")
        yield Report(use.node, unnamed, message, "ValueError", presumed=presumed(use.site))
    elif trusting == FALSE:
        message = say(
            "CERT_REQUIRED without a certificate to verify with raises OSError {where}; load the authority's "
            "certificate"
        )
        yield Report(use.node, requiring, message, "OSError", presumed=presumed(use.site))


def _certificate(use: LibraryCall) -> Iterator[Report]:
    """Report a server that has no certificate, or the context of a client."""
    side = argument(use, "server_side")
    if use.name != "wrap_socket" or side is None or side.value != TRUE:
        return
    cells = frozenset(cell for cell in importing(module_of(use), use.site) if tls.verifies(cell))
    if use.context is not None and use.context.protocol == const("PROTOCOL_TLS_CLIENT"):
        message = say(
            "a context made with PROTOCOL_TLS_CLIENT cannot be used by a server {where}; make it with "
            "PROTOCOL_TLS_SERVER"
        )
    elif _is_uncertified(use):
        message = say(
            "a server without a certificate fails at each handshake {where}; load its certificate and its key"
        )
    else:
        return
    yield Report(use.node, cells, message, "OSError", presumed=presumed(use.site))


def _is_uncertified(use: LibraryCall) -> bool:
    """True if the context has no certificate, or if the module's function is given neither certificate nor key."""
    if use.context is not None:
        return use.context.certified == FALSE
    named = all(one.keyword is not None for one in use.arguments[1:])
    return isinstance(use.owner, Module) and named and is_left_out(use, "cert") and is_left_out(use, "key")


def _is_pem(value: Value) -> bool:
    """True if the value is a certificate or key in PEM, or the name of a file that ends with `.pem`."""
    found = [constant(atom) for atom in value]
    return bool(found) and all(
        _PEM in text or text.endswith(".pem") if isinstance(text, str) else isinstance(text, bytes) and _BEGIN in text
        for text in found
    )


@on(Call, TlsSocket, "getpeercert")
def certificate(use: Call) -> Iterator[Report]:
    if any(one.star for one in use.arguments):
        return
    cells = frozenset(cell for cell in use.site.live if tls.has(cell, use.name) and not tls.is_socket(cell))
    binary = use.positional(0)
    if binary is None or len(use.arguments) != 1:
        message = say("`getpeercert` takes one positional argument {where}; getpeercert(True) gives the certificate")
        yield Report(use.node, cells, message, "TypeError")
    elif {constant(atom) for atom in binary.value} == {False}:
        message = say("`getpeercert` has no dict to give {where}; getpeercert(True) gives the certificate")
        yield Report(use.node, cells, message, "NotImplementedError")


@on(LibraryAttribute, Object)
def attribute(use: LibraryAttribute) -> Iterator[Report]:
    module = use.owner.module
    if not use.stored or module not in MODULES or not tls.is_of_context(use.name):
        return
    cells = library.without_member(use.owner, use.name, use.site.live) & importing(module, use.site)
    cells = frozenset(cell for cell in cells if not tls.takes_any_attribute(cell, module))
    message = say("a context has no `{name}` {where}{advice}", name=use.name, advice=_CONTEXT.get(use.name, ""))
    yield report(use, None, cells, message, "AttributeError")

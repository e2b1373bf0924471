"""What real interpreters answered (evidence/observed.json) is what the ports table says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.support.each import check_each
from usock_lint import ports
from usock_lint.ports import Cell, Kind
from usock_lint.ports.releases import known_release, read_release

EVIDENCE = Path(__file__).parent / "evidence" / "observed.json"
PROBES: dict[str, dict[str, Any]] = {row["name"]: row for row in json.loads(EVIDENCE.read_text(encoding="utf-8"))}

# Which port a column stands for, and the releases that were asked.
_UNIX = ["1.12", "1.17", "1.19.1", *(f"1.{minor}" for minor in range(20, 30))]
COLUMNS = {
    "unix": ("unix", _UNIX),
    "lwip": ("lwip", ["1.20", "1.23", "1.24", "1.26", "1.27", "1.28"]),
    "lwip+ipv6": ("rp2", ["1.28", "1.29"]),
}

Expect = Callable[[Cell], str]
"""The beginning of the answer that the table makes one expect at a cell, as a regular expression."""

OK, ATTRIBUTE_ERROR, TYPE_ERROR = "OK ", "EXC AttributeError", "EXC TypeError"


def says(name: str, key: str | None = None) -> Callable[[Cell], Any]:
    """A behaviour, or one part of it."""

    def value(cell: Cell) -> Any:
        found = ports.behaviour(cell, name)
        return found[key] if key and found is not None else found

    return value


def either(question: Callable[[Cell], Any], answers: dict[Any, str]) -> Expect:
    return lambda cell: answers[question(cell)]


def number(question: Callable[[Cell], Any]) -> Expect:
    """An OSError with the number of the errno name that the table gives."""
    return lambda cell: rf"EXC OSError \({ports.errno_number(_board(cell), question(cell))},\)"


def takes(kind: Kind, name: str, count: int) -> Expect:
    def arity(cell: Cell) -> bool:
        one = ports.implementation_at(cell)
        found = (one.module if kind == "module" else one.members)[name].arity(cell.release)
        return found is not None and found[0] <= count and (found[1] is None or count <= found[1])

    return either(arity, {True: OK, False: TYPE_ERROR})


def lists(name: str, word: str, key: str | None = None, otherwise: str = TYPE_ERROR) -> Expect:
    return either(lambda cell: word in says(name, key)(cell), {True: OK, False: otherwise})


def has_file(name: str, works: str, otherwise: str) -> Expect:
    return either(lambda cell: ports.file_has(cell, name), {True: works, False: otherwise})


def _board(cell: Cell) -> Cell:
    """A port of the implementation: errno numbers are the ports'."""
    return Cell("esp8266", cell.release) if cell.port == "lwip" else cell


_NOT_REFUSED = r"OK |EXC OSError \((?!22,)"
_FORM = {"ok": _NOT_REFUSED, "TypeError": TYPE_ERROR, "ValueError": "EXC ValueError", "OSError": r"EXC OSError \(22,\)"}
_NAME = {**_FORM, "garbage": _NOT_REFUSED, "resolves": _NOT_REFUSED}
_WRAPS = {"wraps": _NOT_REFUSED, None: TYPE_ERROR}
_STREAM = {"str": "OK 'TextIOWrapper'", "bytes": "OK 'FileIO'"}
_TYPES = {"int": "int", "bytes": "bytes", "none": "NoneType", "str": "str", "float": "float"}


def _file(key: str) -> Expect:
    """The type of what makefile returns in a mode with `b` (no key), in one without, or in none."""

    def expect(cell: Cell) -> str:
        makefile = ports.behaviour(cell, "makefile")
        return "OK 'socket'" if makefile["returns"] == "socket" else _STREAM[makefile[key] if key else "bytes"]

    return expect


EXPECTED: dict[str, Expect] = {
    "hash": either(says("hashable"), {True: "OK True", False: TYPE_ERROR}),
    "dict_key": either(says("hashable"), {True: "OK 1", False: TYPE_ERROR}),
    "socket.with": either(says("context_manager"), {True: OK, False: "SETUP AttributeError"}),
    "socket.type_kwarg": either(says("constructor_keywords"), {"ignored": OK, "TypeError": TYPE_ERROR}),
    "socket.str_family": either(says("constructor_non_int"), {"garbage": "EXC OSError", "TypeError": TYPE_ERROR}),
    "gai.kwargs": lambda cell: f"EXC {says('keywords')(cell)}",
    "gai.type_kw": lambda cell: f"EXC {says('keywords')(cell)}",
    "connect.kw": lambda cell: f"EXC {says('keywords')(cell)}",
    "makefile.modekw": lambda cell: f"EXC {says('keywords')(cell)}",
    "gai.none": lambda cell: f"EXC {says('none_host')(cell)}",
    "gai.strport": lists("port_type", "decimal str", "getaddrinfo"),
    "gai.service": lists("port_type", "service str", "getaddrinfo"),
    "gai.empty": either(says("empty_host", "getaddrinfo"), {"OSError": "EXC OSError"}),
    "gai.6args": takes("module", "getaddrinfo", 6),
    "gai.unknown": either(says("getaddrinfo_error"), {"str": r"EXC OSError \('", "negative": r"EXC OSError \(-"}),
    "gai.err.args0": either(says("getaddrinfo_error"), {"str": r"OK \('str', 1\)", "negative": r"OK \('int', 1\)"}),
    "gai.badport": either(says("port_out_of_range", "getaddrinfo"), {"wraps": r".*\\x11p", "unchanged": ".*, 70000"}),
    "gai.dgram": either(says("getaddrinfo_result", "type"), {"asked": r"OK \[\(2, 2,", "SOCK_STREAM": r"OK \[\(2, 1,"}),
    "gai.ip": lambda cell: rf"OK \(2, 1, .*{'bytearray' if says('address')(cell) == 'opaque' else ', .(?!bytearray)'}",
    "connect.tuple_ip": either(says("address_argument", "tuple"), _FORM),
    "connect.list_ip": either(says("address_argument", "list"), _FORM),
    "connect.onetuple": either(says("address_argument", "other_length"), _FORM),
    "connect.threetuple": either(says("address_argument", "other_length"), _FORM),
    "connect.string": either(says("address_argument", "str"), _FORM),
    "bind.tuple_ip": either(says("address_argument", "tuple"), _FORM),
    "bind.threetuple": either(says("address_argument", "other_length"), _FORM),
    "bind.string": either(says("address_argument", "str"), _FORM),
    "sendto.tuple": either(says("address_argument", "tuple"), _FORM),
    "connect.localhost": either(says("hostname", "connect"), _NAME),
    "bind.localhost": either(says("hostname", "bind"), _NAME),
    "connect.domain": either(says("hostname_three_dots", "connect"), _NAME),
    "sendto.domain": either(says("hostname_three_dots", "sendto"), _NAME),
    "connect.port70000": either(says("port_out_of_range", "connect"), _WRAPS),
    "bind.negport": either(says("port_out_of_range", "bind"), _WRAPS),
    "connect.negport": either(says("port_out_of_range", "connect"), _WRAPS),
    "bind.port70000": either(says("port_out_of_range", "bind"), _WRAPS),
    "bind.list_ip": either(says("address_argument", "list"), _FORM),
    "inet_pton": either(lambda cell: ports.has(cell, "module", "inet_pton"), {True: OK, False: ATTRIBUTE_ERROR}),
    "inet_ntop": either(lambda cell: ports.has(cell, "module", "inet_ntop"), {True: OK, False: ATTRIBUTE_ERROR}),
    "setsockopt.broadcast": either(
        lambda cell: ports.has(cell, "module", "SO_BROADCAST"), {True: OK, False: ATTRIBUTE_ERROR}
    ),
    "listen.unbound": either(says("listen_unbound"), {"ok": OK}),
    "accept.notlistening": number(says("accept_unbound")),
    "accept.nonblock": number(says("nonblocking_errno", "accept")),
    "recv.nonblock": number(says("nonblocking_errno", "recv")),
    "readline.nonblock": either(says("would_block", "readline"), {"None": "OK None"}),
    "readinto.nonblock": either(says("would_block", "readinto"), {"None": "OK None"}),
    "recv.timeout": number(says("timeout_errno", "recv")),
    "read.timeout": number(says("timeout_errno", "read")),
    "readline.timeout": number(says("timeout_errno", "read")),
    "recv.eof": lambda cell: f"OK {says('end_of_stream', 'recv')(cell)}",
    "recv.closed": number(says("closed_errno")),
    "send.closed": number(says("closed_errno")),
    "connect.refused": number(says("connection_refused")),
    "accept.addrtype": lambda cell: f"OK '{says('accept_address')(cell)}'",
    "recvfrom.addr": lambda cell: f"OK '{says('recvfrom_address')(cell)}'",
    "setsockopt.callback20": either(says("setsockopt_callback"), {True: OK, False: "EXC "}),
    "makefile.noargs": _file("default_mode"),
    "makefile.r": _file("text_mode"),
    "makefile.with": has_file("__enter__", OK, "SETUP AttributeError"),
    "makefile.iter": has_file("__iter__", OK, TYPE_ERROR),
    "makefile.readlines": has_file("readlines", OK, ATTRIBUTE_ERROR),
    "makefile.flush": has_file("flush", "EXC OSError", ATTRIBUTE_ERROR),
    "makefile.close_closes": either(says("makefile_close"), {"closes": r"(EXC|SETUP) OSError \(9,\)"}),
    "send.flags": takes("socket", "send", 2),
    "sendto.flags": takes("socket", "sendto", 3),
    "recv.flags": lists("recv_flags", "MSG_PEEK", otherwise="EXC "),
    "recv.noargs": takes("socket", "recv", 0),
    "setblocking.noargs": takes("socket", "setblocking", 0),
    "sendall.ret": either(
        lambda cell: ports.has(cell, "socket", "sendall") and says("sendall", "returns")(cell),
        {False: ATTRIBUTE_ERROR, "NoneType": "OK None", "int": r"OK \d"},
    ),
    "settimeout.none": lists("settimeout_types", "NoneType"),
    "settimeout.float": lists("settimeout_types", "float"),
    "settimeout.str": lists("settimeout_types", "str"),
    "err.errno": either(lambda cell: ports.oserror_has(cell, "errno"), {True: OK, False: "SETUP AttributeError"}),
    **{
        f"setsockopt.reuse.{name}": either(says("setsockopt_value", kind), {True: OK, False: "EXC "})
        for name, kind in _TYPES.items()
    },
    **{f"makefile.{mode}": _file("text_mode") for mode in ("rw", "t", "bad")},
    **{f"makefile.{mode}": _file("") for mode in ("rb", "wb", "rwb", "rb1024")},
    **{f"makefile.{name}": (lambda cell: f"EXC {says('keywords')(cell)}") for name in ("enc", "errors", "newline")},
    **{f"send.{kind}": lists("send_accepts", kind) for kind in ("bytes", "str", "bytearray", "memoryview", "list")},
}


def _named(probe: str) -> Expect | None:
    """What to expect of a probe that asks whether a name exists."""
    owner, _, name = probe.rpartition(".")
    kinds: dict[str, Kind] = {"name.socket": "module", "member.socket": "socket"}
    if owner in kinds:
        return lambda cell: _value(cell, kinds[owner], name)
    if owner == "errno":
        return lambda cell: (
            f"OK {ports.errno_number(_board(cell), name)}$" if name in ports.errno_names(cell) else ATTRIBUTE_ERROR
        )
    if owner == "builtin":
        return lambda _: "EXC NameError" if name in ports.MISSING_BUILTINS else OK
    return None


def _value(cell: Cell, kind: Kind, name: str) -> str:
    if not ports.has(cell, kind, name):
        return ATTRIBUTE_ERROR
    one = ports.implementation_at(cell)
    value = (one.module if kind == "module" else one.members)[name].value(cell.release)
    return f"OK {value}$" if isinstance(value, int) else "OK 'present'"


def _answers(probe: str) -> Iterator[tuple[Cell, str]]:
    """What was answered, at each release that was asked."""
    for column, (port, asked) in COLUMNS.items():
        told = [
            (known_release(read_release(first.partition("-")[0])), answer)
            for first, answer in PROBES[probe].get(column, ())
        ]
        for release in map(read_release, asked):
            known = [answer for first, answer in told if first <= release]
            if known:
                yield Cell(port, release), known[-1]


EXPECTATIONS = EXPECTED | {probe: expect for probe in PROBES if (expect := _named(probe))}


def test_the_table_says_what_an_interpreter_answered() -> None:
    def is_said(probe: str) -> None:
        answers = list(_answers(probe))
        wrong = [(cell, answer) for cell, answer in answers if not re.match(EXPECTATIONS[probe](cell), answer)]
        assert answers
        assert wrong == []

    check_each(is_said, EXPECTATIONS)


def test_most_of_what_was_observed_is_held_against_the_table() -> None:
    assert len(EXPECTATIONS) >= 0.7 * len(PROBES)

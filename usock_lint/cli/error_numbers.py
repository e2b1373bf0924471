"""Finds what the exception, number or errno name in an error means, on which ports, and what often causes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from usock_lint import ports
from usock_lint.cli.error_causes import CAUSES, EXCEPTIONS, LOOKUP, UNNAMED, Cause, cause_of_tls, tls_names, tls_number
from usock_lint.cli.error_texts import causes_of_text
from usock_lint.i18n import Field, Lang, Said, say
from usock_lint.ports.history import Column, spans
from usock_lint.ports.releases import release_name

Cells = frozenset[ports.Cell]

# "OSError: 116", "-202", "OSError: [Errno 110] ETIMEDOUT", "(-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')" and the like, and
# CPython's "OSError: [Errno 113] No route to host".
_NUMBER = re.compile(
    r"(?:OSError(?:: |\())?[\[(]*(?:(?:Errno|addrinfo error) )?(?P<number>-?[0-9]{1,18})\b[\])]*"
    r"(?:[, '\"]*(?:(?P<name>E[A-Z][A-Z0-9_]+)(?:\b.*)?|[A-Z][A-Z0-9_]+(?: ?\+ ?[A-Z0-9_]+)*)"
    r"|(?<=\d\]) [A-Z][a-z].*)?\W*"
)


def meanings(error: str, lang: Lang = "en", targets: Sequence[ports.Target] = ()) -> list[str]:
    """Lines of text with each meaning of an error, the ports on which it has that meaning, and the frequent causes.

    If it has a meaning on the targets, no other ports are named.
    """
    return (_lines(error, lang, ports.cells(targets)) if targets else []) or _lines(error, lang, None)


def known_numbers() -> dict[int, tuple[str, ...]]:
    """The numbers of OSErrors on all ports, ascending, with their errno names; those of look-ups only have none."""
    numbers = {value for name in _errno_names() for _, value, _ in _values(name) if value is not None}
    return {number: tuple(_names(number)) for number in sorted(numbers.union(*map(_causes, ports.PORTS)))}


def readings(error: str) -> list[str]:
    """The ways in which pages may write an error.

    `OSError: 110` is written with a name of the number, with the number, or as a look-up of the unix port prints it:
    `OSError: [addrinfo error -2]`. All other errors are written in one way.
    """
    found = _NUMBER.fullmatch(error)
    if found is None:
        name = error.removeprefix("OSError: ")
        return [f"OSError: {name}" if name in _errno_names() else error]
    number = int(found["number"])
    names = [found["name"]] if found["name"] else _names(number)
    lookup = [f"[addrinfo error {number}]"] if "addrinfo" in error or _look_up_causes(number) else []
    return [f"OSError: {word}" for word in (*names, number, *lookup)]


def _lines(error: str, lang: Lang, cells: Cells | None) -> list[str]:
    return [
        line
        for meaning in _meanings(error, lang, cells)
        for line in (*_meaning_line(meaning, lang), *_cause_lines(meaning, lang))
    ]


class _Meaning(NamedTuple):
    """One meaning of the exception, the number or the errno name in an error, which is the `term`.

    `meaning` says what it is and where, and is empty for an exception, whose name says it. `name` is the name to print
    before the `cause`.
    """

    term: Field
    meaning: Field
    name: str = ""
    cause: Cause | None = None


def _meanings(error: str, lang: Lang, cells: Cells | None) -> Iterator[_Meaning]:
    """The meanings of an error on these cells (None: on all): of its exception, its errno name, or its number."""
    for text, cause in causes_of_text(error):
        yield _Meaning(text, "", text, cause)
    exception = error.partition(":")[0].strip()
    if exception in EXCEPTIONS:
        yield _Meaning(exception, "", exception, EXCEPTIONS[exception])
    found = _NUMBER.fullmatch(error)
    name = found["name"] if found else error.removeprefix("OSError: ")
    number = int(found["number"]) if found else tls_number(name)
    numbers_of_name = _numbers_of(name, lang, cells)
    if numbers_of_name:
        yield _Meaning(name, numbers_of_name, name, CAUSES.get(name))
    if number is None:
        return
    if not found or "MBEDTLS_ERR_" in error:  # the name tells what the number is
        yield from _tls_meanings(number, low_alone=True)
        return
    for one in [] if numbers_of_name else _names(number, cells):
        yield _Meaning(number, _on(one, _where(one, number, lang, cells)), one, CAUSES.get(one))
    if cause := _look_up_causes(number, lang, cells):
        yield _Meaning(number, cause, "getaddrinfo", LOOKUP)
    yield from _tls_meanings(number)


def _tls_meanings(number: int, *, low_alone: bool = False) -> Iterator[_Meaning]:
    for library, names in tls_names(number, low_alone=low_alone):
        text = " + ".join(names)
        yield _Meaning(
            number, say("{name}, an error of {library}", name=text, library=library), text, cause_of_tls(names)
        )


def _meaning_line(found: _Meaning, lang: Lang) -> Iterator[str]:
    if found.meaning:
        yield say("{this} is {that}.", this=found.term, that=found.meaning).in_(lang)


def _cause_lines(found: _Meaning, lang: Lang) -> Iterator[str]:
    """The meaning of the error that a meaning names, its most frequent cause and the advice, a line each."""
    cause = found.cause
    if cause is None:
        return
    yield "  " + say("{name}: {means}.", name=found.name, means=cause.means).in_(lang)
    yield "  " + say("Most often: {cause}.", cause=cause.often).in_(lang)
    yield "  " + say("What to do: {advice}.", advice=cause.advice).in_(lang)
    if cause.elsewhere:
        yield "  " + say("No socket: {elsewhere}.", elsewhere=cause.elsewhere).in_(lang)


def _on(what: Field, where: str) -> Said:
    return say("{what} on {where}", what=what, where=where)


def _errno_names() -> tuple[str, ...]:
    """Every errno name, those that no `errno` module has included."""
    sets = (ports.common()["errno"][key] for key in ("internal", "newlib", "host"))
    return tuple(dict.fromkeys([*(name for one in sets for name in one), *UNNAMED]))


def _names(number: int, cells: Cells | None = None) -> list[str]:
    """The errno names that have this number on one of these cells (None: on any)."""
    return [name for name in _errno_names() if _where(name, number, cells=cells)]


def _numbers_of(name: str, lang: Lang, cells: Cells | None) -> str:
    """The numbers of an errno name with the ports that have them, in words; "" for any other word."""
    values = sorted({value for _, value, _ in _values(name) if value is not None} if name in _errno_names() else ())
    said = ((value, _where(name, value, lang, cells)) for value in values)
    return say("; ").in_(lang).join(_on(value, where).in_(lang) for value, where in said if where)


@cache
def _values(name: str) -> tuple[tuple[Said, int | None, Cells], ...]:
    """The numbers of an errno name, each with a port and the releases at which it has it, in words and as cells."""
    if name in UNNAMED:
        numbers = UNNAMED[name].items()
        return tuple((say("{target}", target=port), number, _cells(port, None, None)) for port, number in numbers)
    return tuple(
        (_throughout(port, span.since, span.until), span.value, _cells(port, span.since, span.until))
        for port in ports.PORTS
        if port != "docs"
        for span in spans(Column.of(port), lambda cell: ports.errno_number(cell, name))
    )


def _cells(port: str, since: ports.Release | None, until: ports.Release | None) -> Cells:
    every = Column.of(port).cells
    return frozenset(cell for cell in every if (since or cell.release) <= cell.release <= (until or cell.release))


def _throughout(port: str, since: ports.Release | None, until: ports.Release | None) -> Said:
    """A port and its releases from one to another, in words; None is the first or the last of them."""
    if since and until:
        since_name, until_name = release_name(since), release_name(until)
        return say("{port} since {since} until {until}", port=port, since=since_name, until=until_name)
    if since:
        return say("{port} since {release}", port=port, release=release_name(since))
    return (
        say("{port} until {release}", port=port, release=release_name(until)) if until else say("{target}", target=port)
    )


def _where(name: str, number: int, lang: Lang = "en", cells: Cells | None = None) -> str:
    """The ports and releases on which a name has a number; with `cells` only those among them."""
    found = (
        where.in_(lang)
        for where, value, there in _values(name)
        if value == number and (cells is None or not cells.isdisjoint(there))
    )
    return say(", ").in_(lang).join(found)


def _look_up_causes(number: int, lang: Lang = "en", cells: Cells | None = None) -> Field:
    """The causes for which a failed look-up raises a number, each with its ports, in words; "" if there are none."""
    causes: dict[str, list[str]] = {}
    meant = {cell.port for cell in cells} if cells is not None else ports.PORTS
    for port in (port for port in ports.PORTS if port in meant):
        for cause in _causes(port).get(number, ()):
            causes.setdefault(cause, []).append(port)
    comma, semicolon = say(", ").in_(lang), say("; ").in_(lang)
    said = semicolon.join(_on(f'"{cause}"', comma.join(where)).in_(lang) for cause, where in causes.items())
    return say("an error of getaddrinfo: {causes}", causes=said) if said else ""


def _causes(port: str) -> dict[int, list[str]]:
    """The numbers that a failed look-up raises on a port, with their causes."""
    known: Mapping[str, int] = ports.behaviour(ports.Cell(port, ports.NEWEST), "getaddrinfo_error_numbers") or {}
    causes: dict[int, list[str]] = {}
    for cause, value in known.items():
        causes.setdefault(value, []).append(cause)
    return causes

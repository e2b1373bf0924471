"""What a device prints, by what it prints: the rules that `usock-lint explain` gives for it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from usock_lint import ports
from usock_lint.catalog.pages import rules
from usock_lint.cli import device_errors, error_numbers
from usock_lint.ports import history

PAGES: Final[Mapping[str, str]] = {
    "index": "Messages and numbers",
    "sockets": "Names of sockets",
    "module": "Names of the module",
    "others": "Other names",
}
"""The pages, and their titles."""

_LEADS: Mapping[str, str] = {
    "index": "What a device printed, and the rules that explain it. Search this site for the words of an error, or "
    'have `usock-lint explain "OSError: 116"` print the same; it takes a whole traceback, too.',
    "sockets": "A socket, a TLS socket or a file made by `makefile` that lacks a name says so when the line runs.",
    "module": "The `socket` module lacks the name, on some port or on all of them.",
    "others": "Names that `errno`, an `OSError` or the builtins lack.",
}

_NO_MEMBER = "AttributeError: '{type}' object has no attribute '{name}'"
_MODULE = "AttributeError: 'module' object has no attribute '{name}'"
_IMPORT = "ImportError: can't import name {name}"
_FILE_MEMBERS = sorted(name for name in {*dir(io.TextIOWrapper), *dir(io.BufferedReader)} if not name.startswith("_"))
_ANYTHING = "Each … stands for anything: 0 1 2 3 4 5 6 7 8 9 + += % in int str bytes float NoneType tuple list socket."


def pages() -> dict[str, str]:
    """All of them by path."""
    sections = {
        "index": [*_messages(), *_numbers()],
        "sockets": [*_named()],
        "module": [*_of_module("socket", history.names("module"))],
        "others": [*_others()],
    }
    return {
        f"errors/{name}.md": "\n".join([f"---\nhide: [toc]\n---\n\n# {title}\n\n{_LEADS[name]}\n", *sections[name]])
        for name, title in PAGES.items()
    }


def _messages() -> Iterator[str]:
    """The texts that the pages know, each under itself; those about a number come with the numbers."""
    patterns = dict.fromkeys(one for rule in rules().values() for one in rule.errors)
    for pattern in sorted(patterns):
        if not re.match(r"OSError: (E[A-Z0-9]+|-?\d+)$", pattern):
            found = device_errors.matches(pattern.replace("{}", "0"))
            yield from _section([pattern.replace("{}", "…")], found, [_ANYTHING] if "{}" in pattern else [])


def _numbers() -> Iterator[str]:
    """Each number that some port gives to an OSError, and each name of one."""
    known = error_numbers.known_numbers()
    for name in sorted({name for names in known.values() for name in names}):
        yield from _answered([f"OSError: {name}"])
    for number, names in sorted(known.items(), key=lambda one: len(str(one[0]))):  # search finds -2 before -202
        yield from _answered([f"OSError: {number}", *(f"OSError: [Errno {number}] {name}" for name in names)])


def _named() -> Iterator[str]:
    types: Mapping[str, Sequence[str]] = {
        "socket": (*history.names("socket"), "__enter__", "__exit__"),
        "SSLSocket": history.names("tls"),
        "FileIO": _FILE_MEMBERS,
    }
    for kind, members in types.items():
        for name in members:
            yield from _answered([_NO_MEMBER.format(type=kind, name=name)])


def _of_module(module: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        unix = f"AttributeError: module '{module}' has no attribute '{name}'"
        yield from _answered([_MODULE.format(name=name), unix, _IMPORT.format(name=name)])


def _others() -> Iterator[str]:
    yield from _of_module("errno", sorted(history.names("errno")))
    for name in sorted(ports.MISSING_OSERROR_ATTRIBUTES):
        yield from _answered([_NO_MEMBER.format(type="OSError", name=name)])
    for name in history.names("builtin"):
        yield from _answered([f"NameError: name '{name}' isn't defined"])


def _answered(texts: Sequence[str]) -> Iterator[str]:
    """A section for the texts that are answered alike; none for what no rule explains."""
    answers = {text: device_errors.matches(text) for text in texts}
    codes = {text: [match.rule.code for match in found] for text, found in answers.items()}
    for _, alike in groupby(sorted(texts, key=lambda text: (codes[text], texts.index(text))), codes.__getitem__):
        same = [*alike]
        meanings = dict.fromkeys(line for text in same for line in error_numbers.meanings(text))
        yield from _section(same, answers[same[0]], [*meanings])


def _section(texts: Sequence[str], found: Sequence[device_errors.Match], more: Sequence[str]) -> Iterator[str]:
    if not found:
        return
    yield f"## `{texts[0]}`\n"
    if also := [f"`{text}`" for text in texts[1:]]:
        yield f"Also: {', '.join(also)}.\n"
    yield from (f"{line}\n" for line in more)
    for match in found:
        rule = match.rule
        known = {pattern.replace("{}", "...") for pattern in rule.errors}
        said = rule.summary if match.text in known else match.text
        yield f"- [{rule.code} {rule.name}](../rules/{rule.name}.md): {said}"
    yield ""

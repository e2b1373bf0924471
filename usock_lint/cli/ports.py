"""`usock-lint ports`: what each port's socket module has and does, since which release."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from usock_lint.cli.options import Parser
from usock_lint.output.ports import json, text
from usock_lint.output.ports.text import Question
from usock_lint.ports import (
    IMPLEMENTATIONS,
    PORTS,
    TargetError,
    UnknownNameError,
    board_names,
    common,
    parse_targets,
    place,
)
from usock_lint.ports.history import OWNERS, Column, names
from usock_lint.ports.nearest import did_you_mean
from usock_lint.settings import config
from usock_lint.settings.config import ConfigError

_EXAMPLES = """\
A WORD is one of these, in any order:
  sendall, socket.sendall, AF_INET6, ETIMEDOUT   a name: who has it, since when, how it is called, what it is
  hostname, timeout_errno                        a behaviour; `usock-lint ports` lists them
  rp2, esp32==1.20, esp32>=1.22, all             a port, at all its releases or at some
  RPI_PICO_W, picow, pyboard                     a board; `usock-lint ports rp2` names those of rp2
  lwip, nic                                      a socket module that several ports share

examples:
  usock-lint ports                        everything
  usock-lint ports sendall                one name on every port
  usock-lint ports rp2                    all of one port
  usock-lint ports sendall esp32==1.20    one name on one target
"""

_ALIASES = ("portable", "all")


def main(words: Sequence[str]) -> int:
    """Print the answer. Raises ConfigError for a word that is none of those."""
    parser = Parser(
        prog="usock-lint ports",
        description="Print what the socket modules of MicroPython's ports have and do, since which release.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", metavar="WORD", nargs="*", help="a name, a behaviour, a port, a target or a board")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="how to print it")
    options = parser.parse_args(words)
    question = _question(options.words)
    print((json if options.output_format == "json" else text).render(question), end="")
    return 0


def _question(words: Sequence[str]) -> Question:
    asked: list[str] = []
    columns: list[Column] = []
    for word in config.split(words):
        name = _name(word)
        if name is not None:
            asked.append(name)
        else:
            columns += _columns(word)
    return Question(tuple(dict.fromkeys(asked)), tuple(dict.fromkeys(columns)))


def _columns(word: str) -> Iterator[Column]:
    """The columns that a word names. A port without a release stands for all its releases here, unlike in a target."""
    port = word.lower()
    if port in (*PORTS, *IMPLEMENTATIONS):
        yield Column.of(port)
    elif port in _ALIASES:
        yield from (Column.of(target.port) for target in parse_targets(port))
    elif not _has_operator(word) and not word.endswith(".json"):
        yield _board(word)
    else:
        yield from map(Column.at, config.parse_targets([word]))


def _board(word: str) -> Column:
    try:
        label = word.upper() if word.upper() in board_names.known() else word
        return Column.board(label, place(word))
    except UnknownNameError:
        near = did_you_mean(word, [*_known(), *PORTS, *IMPLEMENTATIONS, *_ALIASES, *board_names.spellings()])
        message = f"`{word}` is no name, behaviour, port or board{near}; `usock-lint ports` lists them"
        raise ConfigError(message) from None
    except TargetError as error:
        raise ConfigError(str(error)) from None


def _name(word: str) -> str | None:
    """The name or behaviour as the table spells it; `socket.sendall` and `timeout-errno` are taken too."""
    if word.lower() in (*PORTS, *IMPLEMENTATIONS):
        return None
    last = word if _has_operator(word) else word.rpartition(".")[2]
    known = _known()
    spellings = (last, last.replace("-", "_"), last.upper(), last.lower())
    return next((spelling for spelling in spellings if spelling in known), None)


def _has_operator(word: str) -> bool:
    """True if a word has the operator of a target in it, such as `>=`, or one that was meant as such."""
    return not set(word).isdisjoint("=<>~!^@")


def _known() -> frozenset[str]:
    """The names and behaviours in the table."""
    return frozenset(common()["behaviours"]).union(*map(names, OWNERS))

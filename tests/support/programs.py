"""Programs for hypothesis: rule pages with something wrong, and whatever Python can be built around a socket."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from tools.rulepages.pages import BLOCKS

SOURCES: Final = [block.code for block in BLOCKS]

_ODD: Final = [
    *("\0", "\t", "\f", "\v", "\x1c", "\u2028", "\ufeff", "\r", "\\", "\\\n", "\ud800", "é", "😀", '"', "'", '"""'),
    *("(", ")", "[", "{", ";", ":", ",", "*", "=", ":=", "#", "# noqa: USK1\n", " if 1 else ", "await ", "not ", "0x"),
    *("²", "'²'", "٣", "1e300", "9" * 5000, f"'{'9' * 5000}'", f"0x{'f' * 4000}", "'\\ud800'", "lambda: ", "@"),
    *("\f\n", "global s\n", "match x:\n case ", "nonlocal s\n", " for s in s", "# usock-lint: ", "f'{", "yield "),
]
_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")

_Change = Callable[[st.DrawFn, list[str]], list[str]]


@st.composite
def mutants(draw: st.DrawFn) -> str:
    """A block of a rule page after a few accidents."""
    text = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 3))):
        pieces: re.Pattern[str] = draw(st.sampled_from([_TOKEN, _LINE]))
        change: _Change = draw(st.sampled_from(_CHANGES))
        text = "".join(change(draw, pieces.findall(text)))
    end: str = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    mark: str = draw(st.sampled_from(["", "", "\ufeff"]))
    return mark + text.replace("\n", end)


def _place(draw: st.DrawFn, pieces: list[str]) -> int:
    return draw(st.integers(0, max(len(pieces) - 1, 0)))


def _drop(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    at = _place(draw, pieces)
    return pieces[:at] + pieces[at + 1 :]


def _double(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    at = _place(draw, pieces)
    return pieces[: at + 1] + pieces[at:]


def _swap(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    one, two = sorted((_place(draw, pieces), _place(draw, pieces)))
    return [*pieces[:one], *pieces[two : two + 1], *pieces[one + 1 : two], *pieces[one : one + 1], *pieces[two + 1 :]]


def _insert(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    at = _place(draw, pieces)
    return [*pieces[:at], draw(st.sampled_from(_ODD)), *pieces[at:]]


def _indent(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    first, last = sorted((_place(draw, pieces), _place(draw, pieces)))
    by: str = draw(st.sampled_from([" ", "    ", "\t"]))
    lines = _LINE.findall("".join(pieces))
    return [by + line if first <= row <= last else line for row, line in enumerate(lines)]


def _nest(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    around: str = draw(st.sampled_from(["if x:", "try:", "def f():", "class C:", "while True:", "async def f():"]))
    after = "finally:\n pass\n" if around == "try:" else ""
    lines = _LINE.findall("".join(pieces))
    return [f"{around}\n", *(f"  {line}" for line in lines), f"\n{after}"]


def _splice(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    other = _LINE.findall(draw(st.sampled_from(SOURCES)))
    lines = _LINE.findall("".join(pieces))
    return lines[: _place(draw, lines)] + other[_place(draw, other) :]


def _join(draw: st.DrawFn, pieces: list[str]) -> list[str]:
    """Two statements on one line, where the lines are as deep as each other."""
    lines = _LINE.findall("".join(pieces))
    at = _place(draw, lines)
    return [*lines[:at], "; ".join(line.strip() for line in lines[at : at + 2]), "\n", *lines[at + 2 :]]


_CHANGES: Final[list[_Change]] = [_drop, _double, _swap, _insert, _indent, _nest, _splice, _join]

# Whole programs: templates in which E is an expression, N a name, M a member, I an import and B a block; % begins a
# new line, and $ stands for |.

_LEAVES: Final = {
    "N": "s socket f addr data e errno usocket ssl select x self".split(),
    "M": """
        socket timeout error gaierror AF_INET AF_INET6 SOCK_STREAM SOL_SOCKET SO_REUSEADDR SO_BROADCAST IPPROTO_TCP
        getaddrinfo create_connection inet_aton bind listen accept connect send sendall recv recvfrom sendto makefile
        close settimeout setblocking setsockopt read write readline readinto fileno shutdown errno args wrap_socket
        """.split(),
    "E": [
        *"N N N N socket.socket() socket.M s.M (1) 0x10 b'a' 'a' f'{s}' None (80) -1 ... 'rwb' ('',80) (N,80)".split(),
        *"'²' '٣' ('1.2.3.4','²') ('1.2.3.999',1) (1e300) (1e999) (0xG) (0xL) 'G' ('G','²') (N,'G') (N,0xL)".split(),
        *r"'\ud800' '\0' b'\xff' '\q' rb'\q' '110' errno.ETIMEDOUT True".split(),
        *("'[Errno 110]'", "e.errno", "'a' 'b' f'{N:{N}}' 'c'"),
        *("('a' * 10**9)", "(1 << 10**9)", "(10**10**10)", "(-(-0xL))", "([0] * 10**9)"),
    ],
    "I": [
        "import socket",
        "import usocket as socket, errno",
        "from socket import *",
        "from socket import (timeout, M, socket as N,)",
        "try: import usocket as socket\nexcept ImportError: import socket",
        "import socket, ssl, select, errno, asyncio",
        "def N():\n  global N\n  import socket as N\n  N.M(E)",
        "def N():\n  N = E\n  def x():\n    nonlocal N\n    import usocket as N, errno\n    return N.M\n  return x",
        "class N:\n  import socket as N\n  from errno import *",
    ],
    "B": ["E.M(E)", "pass", "return E", "break", "N = E", "continue", "raise", "global N", "import socket as N"],
}
_EXPRESSIONS: Final = (
    """
    E.M | E.M() | E.M(E) | E.M(E, E) | E.M((E, E)) | E.M(*E, **E) | N.M(a=E) | E[E] | E[E:E] | (E, E) | [E, *E]
    (E if E else E) | (lambda N=E: E) | [E for N in E if E] | {E: E for N in E} | (E for N, *N in E) | (N := E)
    (E and E) | (E == E) | (E is not E) | (E + E) | (not E) | (await E) | (yield E) | (yield from E) | {**E, E: E}
    socket.M(E, E) | s.M(E) | s.M(E, E)[E] | 'a' % E | s.connect(E) | s.connect((E, E)) | socket.getaddrinfo(E, E)
    (lambda N=(N := E), *M, N: E) | [[E for N in E] for N in E if (N := E)] | {(N := E): E for N in E for N in N if E}
    E[(N := E)] | E[N := E, E] | f'{(N := E)!r:>{E}}' | (E for N in (E for N in E)) | E < E < E | E in (E, E) | E @ E
    s.connect((E, 0xL)) | s.connect(('G', 1e300)) | socket.getaddrinfo(E, 0xG) | s.connect(('1.2.3.4', -1e300))
    s.settimeout(E) | s.setsockopt(E, E, E) | s.listen(E) | s.makefile(E) | socket.socket(E, E, E) | E - E | E << E
    (lambda: (yield E)) | [*E, *E] | E[E:E:E] | e.args[E] == E | str(e) == E | e.errno == E | e.errno in (E, E)
    """.strip()
    .replace("\n", "|")
    .split("|")
)
_STATEMENTS: Final = (
    """
    N = E | N, *N = E | N.M = E | N: E = E | N += E | E | E.M(E) | s.M(E) | del N | global N | nonlocal N | return E
    raise E from E | assert E, E | I | I; E | E; E | N = N = E | with N: E | if E: E; E | try: E%except E: E
    if E:%B%elif E:%B%else:%B | while E:%B%else:%B | for N in E:%B | async for N in E:%B | with E as N, E:%B
    async with E as N:%B | def N(N, *, a=E) -> E:%B | async def N(self, *a):%B | class N(E):%B | @E%class N:%B
    match E:% case {'a': N} $ [N, *_] if E: E% case socket.M(): E
    try:%B%except E:%B | try:%B%except (E.M, N) as N:%B%else:%B%finally:%B | try:%B%finally:%B | try:%B%except:%B
    @E%@(N := E)%def N(N=E, /, *N, M=lambda N=E: (N := E), **M):%B | with (E as N, E as (N, *N)):%B | del N.M, N[E]
    match E:% case (N, {'a': N.M, **N}) $ N(M=N) as N if (N := E):%  E | match E, E:% case -1 $ 1+1j $ None:%  E
    match (N := E):% case [*N, (1 $ 'a') as N]:%  pass% case _:%  E | if (N := E):%B%elif not (N := E):%B
    assert (N := E), E | N: 'E' = E | N[E] = N = E | (N) = E | [N, (N, *N)] = E | for N.M, *N[E] in E, E:%B%else:%B
    class N(E, metaclass=E, *E):%B | try:%B%except OSError as e:%B%else:%B | try:%B%except (E, *E) as e:%B
    for N in (N := E):%B | while (N := E):%B | async def N():%B%@E%async def N(N):%B | return (yield E) | N @= E
    try:%B%except* E.M as N:%B | try:%B%except socket.M:%B | try:%B%except (socket.M, socket.M, OSError):%B
    """.strip()
    .replace("\n", "|")
    .split("|")
)
_GAP: Final = re.compile(r"\b[ENMIB]\b")
_LARGE: Final = {"'G'": f"'{'9' * 5000}'", "0xG": "9" * 4000, "0xL": f"0x{'f' * 4000}"}
"""Texts and numbers that no source should have, by how templates write them."""


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Statements of every kind in each other; most parse, and not all mean something."""
    between: str = draw(st.sampled_from(["\n", "\n", "\n", "\n\f", "\n\f\n", "\n\n# é\n", "\n \f\t\n"]))
    body = between.join(_statement(draw, 3) for _ in range(draw(st.integers(2, 6))))
    text = f"{_fill(draw, 'I', 0)}\ns = socket.socket()\n{body}\n"
    for short, large in _LARGE.items():
        text = text.replace(short, large)
    return text


def _statement(draw: st.DrawFn, depth: int) -> str:
    template: str = draw(st.sampled_from([one.strip() for one in _STATEMENTS]))
    return _fill(draw, template.replace("%", "\n").replace("$", "|"), depth)


def _fill(draw: st.DrawFn, template: str, depth: int) -> str:
    def gap(found: re.Match[str]) -> str:
        kind = found[0]
        if kind == "B" and depth > 0:
            block = "\n".join(_statement(draw, depth - 1) for _ in range(draw(st.integers(1, 2))))
            return textwrap.indent(block, "  ")
        if kind == "E" and depth > 0 and draw(st.booleans()):
            return _fill(draw, draw(st.sampled_from([one.strip() for one in _EXPRESSIONS])), depth - 1)
        leaf: str = draw(st.sampled_from(_LEAVES[kind]))
        return ("  " if kind == "B" else "") + _fill(draw, leaf, 0)

    return _GAP.sub(gap, template)

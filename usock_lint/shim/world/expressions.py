"""re as MicroPython has it: the compiler and the backtracking machine of lib/re1.5@v1.28.0, over the bytes of texts.

The host's expressions find other matches: their `$` is also before a last line feed, and their classes know letters
beyond ASCII. They have no limits either: on a device the jumps of an expression are short, and each step that can be
taken back needs a piece of the stack, so that `.*` cannot pass over a long text.
"""

from __future__ import annotations

import re as host_re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import integer, text
from usock_lint.shim.core.sealed import Module, Sealed, rename

TELLS_COMPLEX_SINCE: Release = (1, 26, 0)
"""From then on the first pass of the compiler, which finds most errors, has its own message
(extmod/modre.c:431@v1.26.0). It has not in builds with terse errors."""

TAKES_BOUNDS_SINCE: Release = (1, 27, 0)
"""From then on match() and search() of an expression know their bounds (extmod/modre.c:207@v1.27.0); before, they
ignored them."""

DEPTH: Final = 1000
"""The steps that can be taken back at once. Unix has a stack for 982 to 1227 of them, by the compiler that built it
(run:unix@1.25, 1.26, 1.29); boards have less."""

LONGEST_JUMP: Final = 127
"""Jumps, numbers of groups and the sizes of classes are in one byte with a sign."""

NAMED: Final = b"dDsSwW"

Step = tuple[Any, ...]
"""An instruction: its name and arguments. Jumps are relative to the instruction behind them.

A "split" has a jump, and True if that is tried second. A "class" has ranges, and True for what is not in them.
"""

SIZES: Final = {"any": 1, "begin": 1, "end": 1}
"""The bytes of instructions that have not two; a class has two more for each of its ranges."""


class TooComplexError(Exception):
    """What the first pass of the compiler refuses: wrong syntax, and jumps that are too long."""


def size(steps: list[Step]) -> int:
    """The bytes of instructions."""
    return sum(2 + 2 * len(step[1]) if step[0] == "class" else SIZES.get(step[0], 2) for step in steps)


def check(jump: int) -> None:
    """Raise TooComplexError if a number does not fit a byte with a sign."""
    if not -LONGEST_JUMP - 1 <= jump <= LONGEST_JUMP:
        raise TooComplexError


class Compiler:
    """Makes instructions of an expression."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.place = 0
        self.groups = 0

    def sign(self) -> bytes:
        """The next byte; b"" at the end."""
        return self.source[self.place : self.place + 1]

    def sequence(self) -> list[Step]:
        """The instructions up to a closing parenthesis, or to the end. Raises TooComplexError."""
        before: list[Step] = []  # the alternatives that have ended
        jumps: list[int] = []  # the places of the jumps at the end of each
        made: list[Step] = []
        term: list[Step] = []  # what `*` would repeat
        while (sign := self.sign()) not in (b"", b")"):
            if sign == b"|":
                first = [*before, *made, *term]
                check(size(first) + 2)
                before = [("split", len(first) + 1, False), *first, ("jump", 0)]
                jumps = [*(place + 1 for place in jumps), len(before) - 1]
                made, term = [], []
            elif sign in (b"*", b"+", b"?"):
                term = self.repeated(sign, term)
                made, term = [*made, *term], []
            else:
                made, term = [*made, *term], self.term(sign)
                if sign in (b"^", b"$"):
                    made, term = [*made, *term], []
            self.place += 1
        return self.joined([*before, *made, *term], jumps)

    @staticmethod
    def joined(steps: list[Step], jumps: list[int]) -> list[Step]:
        """All alternatives, with the jumps at their ends set: to the next of these jumps, or to the end."""
        for place, following in zip(jumps, [*jumps[1:], len(steps)], strict=False):
            check(size(steps[place + 1 : following]))
            steps[place] = ("jump", following - place - 1)
        return steps

    def term(self, sign: bytes) -> list[Step]:
        """The instructions of one element. `place` is left at its last byte."""
        match sign:
            case b"\\":
                self.place += 1
                if not (escaped := self.sign()):
                    raise TooComplexError
                return [("name", escaped)] if escaped in NAMED else [("char", escaped[0])]
            case b".":
                return [("any",)]
            case b"^":
                return [("begin",)]
            case b"$":
                return [("end",)]
            case b"[":
                return [self.class_()]
            case b"(":
                return self.group()
            case _:
                return [("char", sign[0])]

    def class_(self) -> Step:
        """A class, which ends at the first closing bracket: names, and pairs of the ends of ranges."""
        self.place += 1
        is_negative = self.sign() == b"^"
        self.place += is_negative
        ranges: list[Any] = []
        while (first := self.sign()) != b"]":
            if first == b"\\":
                self.place += 1
                first = self.sign()
                if first and first in NAMED:
                    ranges.append(first)
                    self.place += 1
                    continue
            if not first:
                raise TooComplexError
            if (
                self.source[self.place + 1 : self.place + 2] == b"-"
                and self.source[self.place + 2 : self.place + 3] != b"]"
            ):
                self.place += 2
            if not (last := self.sign()):
                raise TooComplexError
            ranges.append((first[0], last[0]))
            self.place += 1
        check(len(ranges))
        return "class", tuple(ranges), is_negative

    def group(self) -> list[Step]:
        """The instructions of a group."""
        captures = self.source[self.place + 1 : self.place + 3] != b"?:"
        number = 0
        if captures:
            number = self.groups = self.groups + 1
            check(2 * number)
        self.place += 1 if captures else 3
        if self.place > len(self.source):
            raise TooComplexError
        inner = self.sequence()
        if self.sign() != b")":
            raise TooComplexError
        if captures:
            check(2 * number + 1)
        return [("save", 2 * number), *inner, ("save", 2 * number + 1)] if captures else inner

    def repeated(self, sign: bytes, term: list[Step]) -> list[Step]:
        """The instructions of an element with `*`, `+` or `?`, which a further `?` makes lazy."""
        if not term:
            raise TooComplexError
        is_lazy = self.source[self.place + 1 : self.place + 2] == b"?"
        self.place += is_lazy
        length = size(term)
        if sign == b"?":
            check(length)
            return [("split", len(term), is_lazy), *term]
        if sign == b"*":
            check(length + 2)
            check(-length - 4)
            return [("split", len(term) + 1, is_lazy), *term, ("jump", -len(term) - 2)]
        check(-length - 2)
        return [*term, ("split", -len(term) - 1, not is_lazy)]


@lru_cache(100)
def program(source: bytes) -> tuple[tuple[Step, ...], int]:
    """The instructions of an expression, and the number of its groups. ValueError at a closing parenthesis alone."""
    compiler = Compiler(source)
    steps = compiler.sequence()
    if compiler.sign():
        raise ValueError("error in regex")
    return (("save", 0), *steps, ("save", 1), ("found",)), compiler.groups


def is_named(name: bytes, byte: int) -> bool:
    """True if a byte is in \\d, \\s or \\w; with a capital letter, if it is not."""
    match name.lower():
        case b"d":
            found = 48 <= byte <= 57
        case b"s":
            found = byte == 32 or 9 <= byte <= 13
        case _:
            found = byte == 95 or (byte < 128 and chr(byte).isalnum())
    return found == name.islower()


def is_in(ranges: tuple[Any, ...], byte: int) -> bool:
    """True if a byte is in one of the ranges and names of a class."""
    return any(is_named(one, byte) if isinstance(one, bytes) else one[0] <= byte <= one[1] for one in ranges)


def run(steps: tuple[Step, ...], data: bytes, place: int, end: int, spans: list[int]) -> bool:
    """True if the instructions match `data` from `place` on. `spans` gets the start and the end of each group.

    RuntimeError if more than DEPTH steps could be taken back.
    """
    back: list[tuple[int, int, int]] = []  # (the instruction, the place, -1), or (-1, the value of a span, its index)
    at: int = 0
    while True:
        step = steps[at]
        at += 1
        match step[0]:
            case "split":
                first, second = (at + step[1], at) if step[2] else (at, at + step[1])
                back.append((second, place, -1))
                at = first
                fits = True
            case "save":
                span: int = step[1]
                back.append((-1, spans[span], span))
                spans[span] = place
                fits = True
            case "jump":
                at += step[1]
                continue
            case "found":
                return True
            case "begin":
                fits = place == 0
            case "end":
                fits = place == end
            case _:
                fits = place < end and takes(step, data[place])
                place += 1
        if len(back) > DEPTH:
            raise RuntimeError("maximum recursion depth exceeded")
        while not fits:
            if not back:
                return False
            at, place, span = back.pop()
            fits = span < 0
            if not fits:
                spans[span] = place


def takes(step: Step, byte: int) -> bool:
    """True if an instruction matches a byte."""
    match step[0]:
        case "char":
            return byte == step[1]
        case "any":
            return True
        case "name":
            return is_named(step[1], byte)
        case _:
            return is_in(step[1], byte) != step[2]


class Match(metaclass=Sealed):
    """A match of a regular expression: the subject, and the start and the end of each group in its bytes."""

    __slots__ = ("__data", "__spans", "__subject")

    def __init__(self, subject: Any, data: bytes, spans: list[int]) -> None:
        self.__subject = subject
        self.__data = data
        self.__spans = spans

    def __repr__(self) -> str:
        return f"<match num={len(self.__spans) // 2}>"

    def __span(self, no: Any) -> list[int]:
        number = integer(no)
        if not 0 <= number < len(self.__spans) // 2:
            raise IndexError(no)
        return self.__spans[2 * number : 2 * number + 2]

    def group(self, no: Any, /) -> Any:
        """What the whole expression (0) or a group matched."""
        begin, end = self.__span(no)
        return None if begin < 0 else like(self.__subject, self.__data[begin:end])

    def groups(self) -> tuple[Any, ...]:
        """What each group matched."""
        return tuple(self.group(number) for number in range(1, len(self.__spans) // 2))

    def span(self, no: Any = 0, /) -> tuple[int, int]:
        """The start and the end of a group."""
        begin, end = self.__span(no)
        if isinstance(self.__subject, str) and begin >= 0:
            begin, end = (len(self.__data[:one].decode("utf-8", "replace")) for one in (begin, end))
        return begin, end

    def start(self, no: Any = 0, /) -> int:
        """The start of a group."""
        return self.span(no)[0]

    def end(self, no: Any = 0, /) -> int:
        """The end of a group."""
        return self.span(no)[1]


def like(subject: Any, data: bytes) -> Any:
    """Bytes as the type of the subject. UnicodeError for a str if they are a part of a character."""
    try:
        return data.decode() if isinstance(subject, str) else data
    except UnicodeDecodeError:
        raise UnicodeError from None


def bytes_of(subject: Any) -> bytes:
    """The bytes of a str, as UTF-8, or of bytes. TypeError for anything else."""
    if isinstance(subject, bytes):
        return subject
    return text(subject).encode("utf-8", "surrogateescape")


class Pattern(metaclass=Sealed):
    """A regular expression. Its subjects are str or bytes, and what it finds is of the type of the subject."""

    __slots__ = ("__groups", "__has_bounds", "__steps")

    def __init__(self, source: bytes, has_bounds: bool) -> None:
        self.__steps, self.__groups = program(source)
        self.__has_bounds = has_bounds

    def __repr__(self) -> str:
        return f"<re {id(self):x}>"

    def __matched(self, data: bytes, begin: int, end: int) -> list[int] | None:
        """The spans of a match at `begin`."""
        spans = [-1] * (2 * self.__groups + 2)
        return spans if run(self.__steps, data, begin, end, spans) else None

    def __found(self, data: bytes, begin: int, end: int) -> list[int] | None:
        """The spans of the first match from `begin` on."""
        places = (self.__matched(data, place, end) for place in range(begin, end + 1))
        return next(filter(None, places), None)

    def __between(self, find: Callable[[bytes, int, int], list[int] | None], subject: Any, bounds: Any) -> Match | None:
        data = bytes_of(subject)
        given = [*map(integer, bounds)] if self.__has_bounds else []
        begin, end = [*given, *(0, len(data))[len(given) :]]
        begin = min(max(begin, 0), len(data))
        found = find(data, begin, max(min(end, len(data)), begin))
        return Match(subject, data, found) if found else None

    def match(self, subject: Any, *bounds: Any) -> Match | None:
        """Match the start of the subject, or of the part between the bounds."""
        return self.__between(self.__matched, subject, bounds)

    def search(self, subject: Any, *bounds: Any) -> Match | None:
        """Find the first match in the subject, or in the part between the bounds."""
        return self.__between(self.__found, subject, bounds)

    def __all(self, data: bytes, most: Any) -> Iterator[tuple[int, list[int]]]:
        """The matches, at most so many, each with the end of the one before; an empty match ends the search."""
        begin, left = 0, integer(most)
        while (spans := self.__found(data, begin, len(data))) and spans[1] > spans[0]:
            yield begin, spans
            begin, left = spans[1], left - 1
            if left == 0:
                return

    def split(self, subject: Any, most: Any = 0, /) -> list[Any]:
        """The parts between matches."""
        data, parts, rest = bytes_of(subject), list[Any](), 0
        for begin, spans in self.__all(data, most):
            if self.__groups:
                raise NotImplementedError("splitting with sub-captures")
            parts.append(like(subject, data[begin : spans[0]]))
            rest = spans[1]
        return [*parts, like(subject, data[rest:])]

    def sub(self, replacement: Any, subject: Any, most: Any = 0, _flags: Any = 0, /) -> Any:
        """Replace matches by a text with groups, or by the result of a function."""
        data, parts, rest = bytes_of(subject), list[bytes](), 0
        for begin, spans in self.__all(data, most):
            made = replacement(Match(subject, data, spans)) if callable(replacement) else replacement
            parts += [data[begin : spans[0]], *filled_in(bytes_of(made), data, spans)]
            rest = spans[1]
        return like(subject, b"".join([*parts, data[rest:]])) if parts else subject


_REPLACED = host_re.compile(rb"\\g<(\d+)>?|\\(\d+)|\\(\\?)|[^\\]+", host_re.DOTALL)


def filled_in(replacement: bytes, data: bytes, spans: list[int]) -> Iterator[bytes]:
    """The parts of a replacement, with the matches of groups for `\\1` and `\\g<1>`: extmod/modre.c:300@v1.28.0."""
    for part in _REPLACED.finditer(replacement):
        number = part[1] or part[2]
        if number is None:
            yield part[0] if part[3] is None else part[3]
        elif 2 * int(number) >= len(spans):
            raise IndexError(int(number))
        elif spans[2 * int(number)] >= 0:
            yield data[spans[2 * int(number)] : spans[2 * int(number) + 1]]


rename(Match, "match")
rename(Pattern, "re")


def re(release: Release) -> Module:
    """The module."""

    def compiled(pattern: Any, _flags: int = 0) -> Any:
        source = bytes_of(pattern)
        try:
            return Pattern(source, release >= TAKES_BOUNDS_SINCE)
        except TooComplexError:
            raise ValueError("regex too complex" if release >= TELLS_COMPLEX_SINCE else "error in regex") from None

    def calling(name: str) -> Callable[..., Any]:
        def call(pattern: Any, *arguments: Any) -> Any:
            if isinstance(pattern, Pattern):
                return getattr(pattern, name)(*arguments)
            # Without a compiled expression, bounds are ignored (extmod/modre.c:183@v1.28.0).
            return getattr(compiled(pattern), name)(*(arguments if name == "sub" else arguments[:1]))

        return call

    names = ("match", "search", "sub")
    return Module({"__name__": "re", "compile": compiled, **{name: calling(name) for name in names}})

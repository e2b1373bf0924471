"""What a source says of a module: its names, what they are, and how they are called."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

Members: TypeAlias = "dict[str, Entry]"


@dataclass(frozen=True)
class Entry:
    """A name. `kind` is f (function), c (class), k (constant), a (attribute) or o (another object).

    An attribute is one that objects of a class have and the class itself has not. `call` is how it is called, as
    `signature` writes it, None where not known. A class that is `open` may have more members.
    """

    kind: str
    call: str | None = None
    members: Members = field(default_factory=dict["str", "Entry"], hash=False)
    open: bool = False


@dataclass
class Module:
    """A module of one build, the files that it is made of, and names of which it is not known whether it has them.

    One that comes `first` is imported where a file of its name is there as well.
    """

    names: Members
    sources: set[str]
    open: bool = False
    unknown: frozenset[str] = frozenset()
    first: bool = False

    def joined(self, other: Module) -> Module:
        """The names of both: of two boards, or of a frozen module and what it hides."""
        return Module(
            joined(self.names, other.names),
            self.sources | other.sources,
            self.open or other.open,
            self.unknown | other.unknown,
            self.first and other.first,
        )

    def with_unknown(self) -> Module:
        """The same with the names that it may have."""
        return replace(self, names={**{name: Entry("o") for name in sorted(self.unknown)}, **self.names})


def joined(one: Members, two: Members) -> Members:
    """The entries of both; where two builds call a name differently, how it is called is not known."""
    both = dict(one)
    for name, entry in two.items():
        both[name] = _merge(both[name], entry) if name in both else entry
    return both


def _merge(one: Entry, two: Entry) -> Entry:
    if one == two:
        return one
    kind = one.kind if one.kind == two.kind else ("c" if "c" in (one.kind, two.kind) else "o")
    call = one.call if one.call == two.call else wider(one.call, two.call)
    return replace(one, kind=kind, call=call, members=joined(one.members, two.members), open=one.open or two.open)


def signature(minimum: int, maximum: int | None, keywords: str) -> str:
    """A signature as it is written in the data.

    The numbers of positional arguments come first: "1", "1-3", "0-*". Then the arguments that may be given by name:
    `file` by position, too, `sep=` by name only; "!" marks one that must be given. "**" takes any, "?" stands for names
    that are not known.
    """
    top = "*" if maximum is None else str(maximum)
    counts = top if str(minimum) == top else f"{minimum}-{top}"
    return f"{counts} {keywords}".strip()


def wider(one: str | None, two: str | None) -> str | None:
    """A signature that accepts what either accepts; None where one is not known."""
    if one is None or two is None:
        return None
    (low, high, words), (low2, high2, words2) = _parts(one), _parts(two)
    top = None if high is None or high2 is None else max(high, high2)
    if words != words2:
        return None
    return signature(min(low, low2), top, " ".join(words))


def _parts(call: str) -> tuple[int, int | None, list[str]]:
    counts, *words = call.split()
    low, _, high = counts.partition("-")
    top = high or low
    return (0 if low == "*" else int(low)), (None if top == "*" else int(top)), words

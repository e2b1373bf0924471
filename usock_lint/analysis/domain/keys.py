"""The keys of the environment: one mapping to values, with a type of key for each kind of entry.

One mapping means one join. Where only one of two joined paths has a key, its type decides whether the value survives.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from usock_lint.analysis.domain.values import Made
from usock_lint.fast_dataclasses import NamedTuple

Var: TypeAlias = str
"""A plain name is its own key. It survives: the path that does not bind it ends in a NameError where it is read."""


# The last field of each keeps keys of two types unequal: named tuples compare as tuples.


class Attr(NamedTuple):
    """`holder.name`, for a plain name `holder`: the value that was last assigned, or that a condition narrowed.

    It does not survive: on the path without it the attribute is whatever the object had before.
    """

    holder: Var
    name: str
    type: Literal["attr"] = "attr"


class StateOf(NamedTuple):
    """A part of the typestate of the socket that was made at this allocation site (`closed`, `timeout`, ...).

    It survives: on the path without it that site made no socket.
    """

    made: Made
    part: str
    type: Literal["state"] = "state"


class Pending(NamedTuple):
    """A write to an attribute of `holder`, or with None to an outer name, that other functions cannot see yet.

    It survives: where the other path wrote nothing, the write may still happen.
    """

    holder: Var | None
    name: str
    type: Literal["pending"] = "pending"


class Mode(NamedTuple):
    """A fact about the path itself, not about a name. It survives."""

    what: str
    type: Literal["mode"] = "mode"


class Chosen(NamedTuple):
    """The names that an import in a `try` chose together with this flag, as pairs of a name and its value.

    For `try: import fast as loop; FAST = True` with `except ImportError: import asyncio as loop; FAST = False`: where
    the flag is `truth`, each of these names has the value that is given. It survives.
    """

    flag: Var
    truth: bool
    type: Literal["chosen"] = "chosen"


Key: TypeAlias = Var | Attr | StateOf | Pending | Mode | Chosen

OPAQUE: Final = Mode("opaque addresses")
"""True in the branch of `isinstance(x, tuple)` where `x` is not a tuple: there an address is bytes.

Names that ports with such addresses have are not reported in that branch. The branch stays reachable on all ports,
because `x` may be something other than an address.
"""


def survives(key: Key) -> bool:
    """True if the value of a key that only one of two joined paths has is its value after the join."""
    return type(key) is not Attr

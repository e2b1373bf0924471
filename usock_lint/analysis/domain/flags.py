"""Flags that tell which Python runs a file, and whose value is unknown.

`if config.IS_MICROPYTHON:` has a branch for each Python, but which one runs is written in another file. Code that such
a flag decides about is not reported.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from usock_lint.analysis.domain.operations import join, unconditional
from usock_lint.analysis.domain.values import (
    Anything,
    Atom,
    Builtin,
    Const,
    ErrorNumber,
    Literal,
    Member,
    On,
    Tuple,
    Value,
)
from usock_lint.fast_dataclasses import replace

FLAG: Final[Value] = frozenset({Anything(about_python=True)})
"""An unknown value that depends on the implementation of Python."""

_PARTS: Final = re.compile(r"MICRO_?PY|CPYTHON|CIRCUIT_?PY|PYCOM")
_WORDS: Final = re.compile(r"(?:IS|ON|IN|NOT|NO|HAS|HAVE)?(?:UPY|MPY|MUPY|UPYTHON|MPYTHON|CPY)\d*")
_CIRCUIT: Final = re.compile(r"(?:(?:IS|ON|IN|NOT|NO|HAS|HAVE)_?)?CIRCUIT")

_CONSTANT: Final = (Const, Literal, Tuple, Builtin, Member, ErrorNumber)
"""Atoms that are constants, names in modules that may stand for one (`errno.ETIMEDOUT`), or numbers of errors."""


@lru_cache(4096)
def is_flag(name: str) -> bool:
    """True if a name mentions an implementation of Python."""
    if name == "PYTHON":  # beside `MICROPYTHON`, in a list of implementations
        return True
    upper = name.upper()
    words = upper.split("_")
    return _PARTS.search(upper) is not None or any(map(_WORDS.fullmatch, words)) or bool(_CIRCUIT.fullmatch(upper))


def named(name: str, value: Value) -> Value:
    """The value under this name: an unknown one becomes a flag if the name mentions an implementation of Python."""
    if not is_flag(name) or not any(isinstance(unconditional(atom), Anything) for atom in value):
        return value
    return frozenset(map(_flagged, value))


def is_about_python(value: Value) -> bool:
    """True if a value depends on the implementation of Python in an unknown way."""
    return any(isinstance(one, Anything) and one.about_python for one in map(unconditional, value))


def blurred(*values: Value) -> Value:
    """The join of values chosen by such a flag. Constants that differ become the unknown flag."""
    if all(value == values[0] for value in values):
        return values[0]
    kept = frozenset(atom for value in values for atom in value if not isinstance(unconditional(atom), _CONSTANT))
    return join(kept, FLAG)


def _flagged(atom: Atom) -> Atom:
    match atom:
        case On(cells, inner):
            return On(cells, _flagged(inner))
        case Anything():
            return replace(atom, about_python=True)
        case _:
            return atom

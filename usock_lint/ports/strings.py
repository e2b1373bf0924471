"""Attributes of str and bytes, and the arguments that their methods refuse, on every port and release unless noted.

The methods are those of 89 builds of 9 ports from 1.10 to 1.29; refused arguments were run on unix 1.25 and 1.26.
"""

from __future__ import annotations

from typing import Final, Literal

from usock_lint.ports.releases import Release
from usock_lint.ports.targets import Cell

Kind = Literal["bytes", "str"]

_OF_BOTH: Final = frozenset(
    (
        "__class__ count endswith find format index isalpha isdigit islower isspace isupper join lower lstrip replace "
        "rfind rindex rsplit rstrip split startswith strip upper"
    ).split()
)
# Methods of all of these builds but the 9 of esp8266.
_ON_MOST: Final = frozenset("center partition rpartition splitlines".split())

METHODS: Final[dict[Kind, frozenset[str]]] = {"bytes": _OF_BOTH | {"decode"}, "str": _OF_BOTH | {"encode"}}
"""The methods that each type has everywhere."""

# None of the builds up to 1.18 has `hex` and `fromhex`, and all of the later ones do.
_SOMEWHERE: Final[dict[Kind, frozenset[str]]] = {"bytes": _ON_MOST | {"fromhex", "hex"}, "str": _ON_MOST}

TAKING_ITS_OWN: Final = frozenset(
    "count find index lstrip partition replace rfind rindex rpartition rsplit rstrip split strip".split()
)
"""Methods that raise TypeError for an argument of the other type (py/objstr.c:774@v1.28.0, 622, 875, 1700).

`startswith` and `endswith` take either.
"""


ENCODINGS: Final = frozenset(("utf-8", "utf8", "ascii"))
"""The encodings that `decode`, `encode`, `str` and `bytes` take, in this spelling (py/objstr.c:239@1c3c201149)."""

_ENCODINGS_CHECKED_SINCE: Final[Release] = (1, 29, 0)
"""Up to 1.28 any name stands for UTF-8 (py/objstr.c:213@v1.28.0, run:unix@1.25, 1.26). Since then a name that is not in
ENCODINGS is a LookupError on every port: all boards have MICROPY_PY_BUILTINS_STR_UNICODE_CHECK
(py/mpconfig.h:1375@1c3c201149)."""


def checks_encodings(cell: Cell) -> bool:
    """True if the name of an encoding is looked at."""
    return cell.release >= _ENCODINGS_CHECKED_SINCE


def knows_encoding(cell: Cell, name: str) -> bool:
    """True if this name for an encoding raises no LookupError."""
    return name in ENCODINGS or not checks_encodings(cell)


def handles_errors(cell: Cell) -> bool:
    """True if `errors` of `decode` and `str` is looked at: "ignore" and "replace" (py/mpconfig.h:1380@1c3c201149)."""
    return checks_encodings(cell) and cell.port != "cc3200"


def has(kind: Kind, name: str) -> bool | None:
    """True if str or bytes has an attribute; None where some builds have it."""
    if name in METHODS[kind]:
        return True
    return None if name in _SOMEWHERE[kind] or name.startswith("__") else False


STRUCT_LACKS: Final = frozenset("?cnNp")
"""Codes of CPython's `struct` that no release has (py/binary.c:47@v1.28.0, run:unix@1.25, 1.26, 1.29)."""


def refused_in_format(form: str) -> str | None:
    """What `struct` refuses in a format that is right for CPython: a code, `=` or a blank; None for a format it takes.

    The size of `s` and `x` is that of their number, so that the byte order, which only the sizes of the other codes
    depend on, is not looked at for these (py/modstruct.c:96@v1.28.0).
    """
    codes = [one for one in form.lstrip("@=<>!") if not one.isdigit()]
    for code in codes:
        if code in STRUCT_LACKS or code.isspace():
            return code
    return "=" if form[:1] == "=" and any(code not in "sx" for code in codes) else None

"""What str and bytes have and refuse, on every port and in every release, where nothing else is said.

The methods are those of 89 builds of 9 ports from 1.10 to 1.29-preview; what is refused was run on unix 1.25 and 1.26.
"""

from __future__ import annotations

from typing import Final, Literal

Kind = Literal["bytes", "str"]

_OF_BOTH: Final = frozenset(
    (
        "__class__ count endswith find format index isalpha isdigit islower isspace isupper join lower lstrip replace "
        "rfind rindex rsplit rstrip split startswith strip upper"
    ).split()
)
# On all of these builds but the 9 of esp8266.
_ON_MOST: Final = frozenset("center partition rpartition splitlines".split())

METHODS: Final[dict[Kind, frozenset[str]]] = {"bytes": _OF_BOTH | {"decode"}, "str": _OF_BOTH | {"encode"}}
"""What each type has everywhere."""

# None of the builds up to 1.18 has `hex` and `fromhex`, and all of the later ones do.
_SOMEWHERE: Final[dict[Kind, frozenset[str]]] = {"bytes": _ON_MOST | {"fromhex", "hex"}, "str": _ON_MOST}

TAKING_ITS_OWN: Final = frozenset(
    "count find index lstrip partition replace rfind rindex rpartition rsplit rstrip split strip".split()
)
"""Methods that raise TypeError for an argument of the other type (py/objstr.c:774@v1.28.0, 622, 875, 1700).

`startswith` and `endswith` take either.
"""


def has(kind: Kind, name: str) -> bool | None:
    """Whether str or bytes has an attribute; None where some builds have it."""
    if name in METHODS[kind]:
        return True
    return None if name in _SOMEWHERE[kind] or name.startswith("__") else False

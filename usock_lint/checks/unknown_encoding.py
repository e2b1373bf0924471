from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.uses import Encoding
from usock_lint.checks import Report, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say
from usock_lint.ports import strings

_SPELLINGS: Final = {"utf8": "utf-8", "ascii": "ascii", "usascii": "ascii"}
"""MicroPython's encodings, by their names without the characters that CPython ignores in them."""


@on(Encoding)
def encoding(use: Encoding) -> Iterator[Report]:
    for text, cells in constants(use.value, str, use.site.live):
        works = partial(strings.knows_encoding, name=text)
        refusing = frozenset(cell for cell in cells if not works(cell))
        meant = _SPELLINGS.get(text.lower().replace("-", "").replace("_", ""))
        advice = say('; write "{name}"', name=meant) if meant else say('; there are "utf-8" and "ascii"')
        message = say("`{name}` knows no encoding {text!r} {where}{advice}", name=use.name, text=text, advice=advice)
        repair = None
        if meant and isinstance(use.node, cst.SimpleString):
            repair = Repair(say('Write "{name}"', name=meant), (replace(use.node, f'"{meant}"'),))
        yield Report(use.node, refusing, message, "LookupError", works, repair)

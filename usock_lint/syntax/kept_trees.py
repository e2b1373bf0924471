"""The trees of files that may be needed again: a file is linted itself, and read for the files that import it."""

from __future__ import annotations

from _thread import allocate_lock  # `threading` is slow to import
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from usock_lint.syntax.parsing import Parsed
from usock_lint.syntax.reparsing import parse_sparingly

_MOST: Final = 300_000
"""Characters of the texts whose trees are kept: a tree takes some 170 bytes for each."""

_LARGEST: Final = 20_000
"""The most characters of a text whose tree is kept."""

KEPT: Final[OrderedDict[str, Parsed]] = OrderedDict()
"""The kept trees by text, the latest last."""

_changing = allocate_lock()


def parse_file(text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
    """The tree of a file's text, as that of `usock_lint.syntax.parsing.parse`. Another caller may get the same tree.

    Nobody changes a tree. Values that identify something by a node must not leave the analysis that the tree was parsed
    for: exports have stand-ins for the nodes (`usock_lint.analysis.stand_ins`).
    """
    with _changing:
        found = KEPT.pop(text, None)
    if found is None:
        found = parse_sparingly(text, takes)
    if found.text == text and len(text) <= _LARGEST:  # no form was rewritten, as it is by the targets
        with _changing:
            KEPT[text] = found
            size = sum(map(len, KEPT))
            while size > _MOST:
                size -= len(KEPT.popitem(last=False)[0])
    return found

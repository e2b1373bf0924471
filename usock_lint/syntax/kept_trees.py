"""The trees of files that may be needed again: a file is linted itself, and read for the files that import it.

They are kept in a run over many files only. Elsewhere the collector runs over them again and again: in the language
server, and in flake8, whose own objects make it run often.
"""

from __future__ import annotations

from _thread import allocate_lock  # `threading` is slow to import
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager

from usock_lint.threads import Shared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from usock_lint.syntax.parsing import Parsed

_MOST: Final = 300_000
"""Characters of the texts whose trees are kept: a tree takes some 170 bytes for each."""

_LARGEST: Final = 20_000
"""The most characters of a text whose tree is kept."""

_changing = allocate_lock()


class _Trees:
    kept: OrderedDict[str, Parsed] | None = None
    """The kept trees by text, the latest last; None where none are kept."""


@contextmanager
def _keeping() -> Generator[None]:
    _Trees.kept = OrderedDict()
    try:
        yield
    finally:
        _Trees.kept = None


keeping = Shared(_keeping)
"""A context in which trees are kept, until all that have entered it have left it."""


def parse_file(text: str, takes: Callable[[str], bool] = lambda form: True) -> Parsed:
    """The tree of a file's text, as that of `usock_lint.syntax.parsing.parse`. Another caller may get the same tree.

    Nobody changes a tree. Values that identify something by a node must not leave the analysis that the tree was parsed
    for: exports have stand-ins for the nodes (`usock_lint.analysis.stand_ins`).
    """
    from usock_lint.syntax.reparsing import parse_sparingly  # a run is begun without libcst

    with _changing:
        found = _Trees.kept.pop(text, None) if _Trees.kept else None
    if found is None:
        found = parse_sparingly(text, takes)
    if found.text == text and len(text) <= _LARGEST:  # no form was rewritten, as it is by the targets
        with _changing:
            if (kept := _Trees.kept) is not None:
                kept[text] = found
                size = sum(map(len, kept))
                while size > _MOST:
                    size -= len(kept.popitem(last=False)[0])
    return found

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import constant
from usock_lint.analysis.domain.values import Received, Value
from usock_lint.analysis.uses import Operation, ShortRead
from usock_lint.checks import Report, on
from usock_lint.i18n import Said, say


@on(ShortRead)
def taken(use: ShortRead) -> Iterator[Report]:
    yield Report(use.node, use.site.live, _message(use.owner.asked), raises=use.raises)


@on(Operation, cst.Equal, cst.NotEqual)
def compared(use: Operation) -> Iterator[Report]:
    for received, other in ((use.left, use.right), (use.right, use.left)):
        asked = _asked(received)
        lengths = {len(found) for atom in other if isinstance(found := constant(atom), bytes)}
        if asked is not None and asked > 1 and lengths == {asked} and len(other) == 1:
            yield Report(use.node, use.site.live, _message(asked), raises="")


def _asked(value: Value) -> int | None:
    """The number of bytes requested by the read that a value certainly comes from; None if unknown."""
    found = {atom.asked if isinstance(atom, Received) else None for atom in value}
    return found.pop() if len(found) == 1 else None


def _message(asked: int | None) -> Said:
    """The message; a `ShortRead` is noted only of a read whose size is known, so `asked` is never None."""
    return say(
        "`read({asked})` gives what has come so far, which may be fewer bytes {where}; use readexactly",
        asked=asked or 0,
    )

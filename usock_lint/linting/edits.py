"""Applies fixes to a text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain

from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.syntax.lines import Lines
from usock_lint.syntax.text import BYTE_ORDER_MARK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Fix


def apply(text: str, fixes: Iterable[Fix]) -> tuple[str, int]:
    """Apply the fixes that do not overlap an earlier one; the text, and how many were applied.

    An edit that two fixes share is made once. Places are in the text without its byte order mark; a fix without edits
    removes the mark.
    """
    fixes, mark = [*fixes], text[: text.startswith(BYTE_ORDER_MARK)]
    text = text.removeprefix(mark)
    offset = Lines(text).offset
    done: list[_Replacement] = []
    count = 0
    for fix in fixes:
        edits = [_Replacement(offset(one.location), offset(one.end_location), one.content) for one in fix.edits]
        if not any(_meets_another(edit, done) for edit in edits):
            for edit in edits:
                at = bisect_left(done, edit)
                if done[at : at + 1] != [edit]:
                    done.insert(at, edit)
            count += 1
    ends = [0, *(edit.end for edit in done)]
    starts = [*(edit.start for edit in done), len(text)]
    kept = [text[end:start] for end, start in zip(ends, starts, strict=True)]
    if all(fix.edits for fix in fixes):
        kept[0] = mark + kept[0]
    return "".join(chain(*zip(kept, [*(edit.content for edit in done), ""], strict=True))), count


class _Replacement(NamedTuple):
    """An edit by offsets. Those that are applied are sorted and do not overlap."""

    start: int
    end: int
    content: str


def _meets_another(edit: _Replacement, done: list[_Replacement]) -> bool:
    """True if an edit overlaps an applied one, or replaces the same text differently."""
    at = bisect_left(done, edit)
    return any(
        (edit.start < other.end and other.start < edit.end) or edit[:2] == other[:2]
        for other in done[max(at - 1, 0) : at + 1]
        if other != edit
    )

"""How a message names the targets on which something fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from usock_lint import ports

if TYPE_CHECKING:
    from usock_lint.checks import Lacking

Cells = frozenset[ports.Cell]


def where(cells: Cells, live: Cells, targets: Sequence[ports.Target], lacking: Lacking | None) -> str:
    """ "on esp32, rp2, docs": the user's own words, "unix before 1.29" where a later release does not fail.

    `live` are the cells that were looked at; of what is lacking the releases are known besides.
    """
    later = ports.since(cells, lacking.kind, lacking.name) if lacking else {}
    words = dict.fromkeys(_word(word, cells, live, later) for word in ports.describe(cells, targets))
    return f"on {', '.join(sorted(words, key='docs'.__eq__))}"


def _word(word: str, cells: Cells, live: Cells, later: Mapping[str, ports.Release]) -> str:
    targets = ports.parse_targets([word])
    port, meant = targets[0].port, ports.cells(targets)
    failing = [cell.release for cell in cells & meant]
    working = [cell.release for cell in (live - cells) & meant]
    if port in later:
        return f"{port} before {ports.release_name(later[port])}"
    if working and max(failing) < min(working):
        return f"{port} before {ports.release_name(min(working))}"
    if working and max(working) < min(failing):
        return f"{port} since {ports.release_name(min(failing))}"
    return word

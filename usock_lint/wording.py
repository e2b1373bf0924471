"""How a message names the targets on which something fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from usock_lint import ports

if TYPE_CHECKING:
    from usock_lint.checks import Lacking

Cells = frozenset[ports.Cell]


def where(cells: Cells, targets: Sequence[ports.Target], lacking: Lacking | None) -> str:
    """ "on esp32, rp2, docs": the user's own words, "unix before 1.29" where a later release has what is lacking."""
    later = ports.since(cells, lacking.kind, lacking.name) if lacking else {}
    words = dict.fromkeys(_word(word, later) for word in ports.describe(cells, targets))
    return f"on {', '.join(sorted(words, key='docs'.__eq__))}"


def _word(word: str, later: Mapping[str, ports.Release]) -> str:
    port = ports.parse_targets([word])[0].port
    return f"{port} before {ports.release_name(later[port])}" if port in later else word

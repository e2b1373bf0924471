"""How a message names the targets on which something fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from usock_lint import ports

if TYPE_CHECKING:
    from usock_lint.checks import Lacking

Cells = frozenset[ports.Cell]


def where(cells: Cells, targets: Sequence[ports.Target], lacking: Lacking | None) -> str:
    """ "on esp32, rp2 nor in the docs"; "on unix before 1.29" where a later release has what is lacking."""
    later = ports.since(cells, lacking.kind, lacking.name) if lacking else {}
    documented = any(cell.port == "docs" for cell in cells)
    words: dict[str, None] = {}
    for word in ports.describe(cells, targets):
        port = ports.parse_targets([word])[0].port
        if port in later:
            words[f"{port} before {ports.release_name(later[port])}"] = None
        elif port != "docs":
            words[word] = None
    parts = [f"on {', '.join(words)}"] if words else []
    return " nor ".join([*parts, "in the docs"] if documented else parts)

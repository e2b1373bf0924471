"""Received bytes that are decoded where nothing catches the error for invalid UTF-8."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Final

import libcst as cst

from usock_lint.analysis.call_paths import CallPaths
from usock_lint.analysis.domain.values import Value
from usock_lint.analysis.handlers import catches
from usock_lint.analysis.references import serves
from usock_lint.analysis.uses import AnyUse, ClientError, Decoded, UnguardedDecode

ERROR: Final = "UnicodeError"
"""The error of invalid UTF-8. It is a ValueError, and handlers around sockets usually catch only OSError."""


def unguarded(
    module: cst.Module, uses: Sequence[AnyUse], callees: Mapping[cst.Call, Value]
) -> Iterator[UnguardedDecode]:
    """The calls that decode data from anybody, or a piece of a stream that may end within a character.

    Calls that end an accept loop are left out, because they have a finding of their own. Of the calls in a function
    only the first is returned.
    """
    paths = CallPaths(module, callees)
    ending = {use.node for use in uses if isinstance(use, ClientError)}
    reported: set[cst.CSTNode] = set()
    for use in uses:
        if not isinstance(use, Decoded) or use.node in ending or not (serves(module) or _is_from_anybody(use)):
            continue
        function = next((one for one in paths.above(use.node) if isinstance(one, cst.FunctionDef)), module)
        # If a clause of any caller catches the error, it may be meant for it: nothing is reported.
        ways = paths.ways(use.node, partial(catches, raises=ERROR))
        if function not in reported and all(way.clause is None for way in ways):
            reported.add(function)
            yield UnguardedDecode(use.site, use.node, use.owner)


def _is_from_anybody(use: Decoded) -> bool:
    """True if the data is a datagram, which anybody can send, or one piece of a stream, which may end anywhere."""
    return use.owner.method == "recvfrom" or use.owner.once is not None or use.owner.asked is not None

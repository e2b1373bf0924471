from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from usock_lint import ports
from usock_lint.analysis.domain.values import Cells, File
from usock_lint.analysis.uses import Attribute, Iterated, WithItem
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say

_ADVICE = {
    "flush": say("; nothing is buffered, leave it out"),
    "readlines": say("; call readline() until it returns b''"),
    "writelines": say("; call write() for each"),
    "fileno": say("; register the socket itself with select.poll"),
}


@on(Attribute, File)
def member(use: Attribute) -> Iterator[Report]:
    if use.name.startswith("_"):
        return
    advice = _ADVICE.get(use.name, "")
    message = say("what makefile returns has no `{name}` {where}{advice}", name=use.name, advice=advice)
    yield Report(use.node, _without(use.site.live, use.name), message, "AttributeError")
    failing = behaving(use.site.live, f"makefile_members.{use.name}", "OSError")
    yield Report(
        use.node,
        failing,
        say("`{name}` raises OSError on the file of a socket {where}{advice}", name=use.name, advice=advice),
        "OSError",
    )


@on(WithItem, File)
def context(use: WithItem) -> Iterator[Report]:
    message = say("`with` does not work for what makefile returns {where}; close it in a finally clause")
    yield Report(use.node.item, _without(use.site.live, "__exit__"), message, "AttributeError")


@on(Iterated, File)
def loop(use: Iterated) -> Iterator[Report]:
    message = say("what makefile returns cannot be iterated over {where}; call readline() until it returns b''")
    yield Report(use.node, _without(use.site.live, "__iter__"), message, "TypeError")


@lru_cache(1_000)
def _without(cells: Cells, name: str) -> Cells:
    """The cells on which the file lacks this member, without those where it is not decided what makefile returns."""
    decided = cells - behaving(cells, "makefile.returns", "open", None)
    return frozenset(cell for cell in decided if not ports.file_has(cell, name))

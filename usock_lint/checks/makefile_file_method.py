from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.checks import Report, on
from usock_lint.language import say
from usock_lint.model.atoms import Cells, File
from usock_lint.model.uses import Attribute, Iterated, WithItem

_ADVICE = {
    "flush": say("; nothing is buffered, leave it out"),
    "readlines": say("; call readline() until it returns b''"),
    "writelines": say("; call write() for each"),
    "fileno": say("; register the socket itself with select.poll"),
}


@on(Attribute)
def member(use: Attribute) -> Iterator[Report]:
    if not isinstance(use.owner, File) or use.name.startswith("_"):
        return
    advice = _ADVICE.get(use.name, "")
    message = say("what makefile returns has no `{name}` {where}{advice}", name=use.name, advice=advice)
    yield Report(use.node, _without(use.site.live, use.name), message)
    members = {cell: ports.behaviour(cell, "makefile_members") for cell in use.site.live}
    failing = frozenset(cell for cell, found in members.items() if found and found.get(use.name) == "OSError")
    yield Report(
        use.node,
        failing,
        say("`{name}` is an OSError on the file of a socket {where}{advice}", name=use.name, advice=advice),
        "OSError",
    )


@on(WithItem)
def context(use: WithItem) -> Iterator[Report]:
    if isinstance(use.owner, File):
        message = say("what makefile returns is no context manager {where}; close it in a finally clause")
        yield Report(use.node.item, _without(use.site.live, "__exit__"), message)


@on(Iterated)
def loop(use: Iterated) -> Iterator[Report]:
    if isinstance(use.owner, File):
        message = say("what makefile returns cannot be iterated over {where}; call readline() until it returns b''")
        yield Report(use.node, _without(use.site.live, "__iter__"), message, "TypeError")


def _without(cells: Cells, name: str) -> Cells:
    return frozenset(cell for cell in _decided(cells) if not ports.file_has(cell, name))


def _decided(cells: Cells) -> Cells:
    """The cells that have makefile, less the documentation, which leaves open what it returns."""
    answers = {cell: ports.behaviour(cell, "makefile") for cell in cells}
    return frozenset(cell for cell, answer in answers.items() if answer and answer["returns"] != "open")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import atoms
from usock_lint.analysis.domain.values import AddrField, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, on
from usock_lint.checks._addresses import METHODS, address_argument
from usock_lint.i18n import say

_FIELDS = (say("family"), say("type"), say("protocol"), say("canonical name"))


@on(Call, Socket, *METHODS)
def call(use: Call) -> Iterator[Report]:
    argument = address_argument(use)
    if argument is None:
        return
    for atom, cells in atoms(argument.value, use.site.live):
        if isinstance(atom, AddrField):
            message = say(
                "the {field} in getaddrinfo's entry is not an address {where}; the last field, [-1], is",
                field=_FIELDS[atom.index],
            )
            yield Report(argument.node.value, cells, message, "TypeError")

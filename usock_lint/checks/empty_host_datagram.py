from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.values import Atom, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._addresses import address, known_constants
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


@on(Call, Socket, "bind")
def call(use: Call) -> Iterator[Report]:
    found = address(use)
    if found is None or not _is_ipv4_datagram(use.owner):
        return
    for host, cells in known_constants(found.host, use.site.live, str):
        if host == "":
            deaf = behaving(cells, "udp_bind_empty_host", "ipv6 only")
            node = found.argument.node.value if found.parts is None else found.parts[0]
            written = isinstance(node, cst.SimpleString)
            repair = Repair(say("Name every IPv4 address"), (replace(node, '"0.0.0.0"'),)) if written else None
            message = say('a UDP socket bound to "" gets no IPv4 datagrams {where}; use "0.0.0.0"')
            yield Report(node, deaf, message, "", repair=repair)


def _is_ipv4_datagram(owner: Atom) -> bool:
    return isinstance(owner, Socket) and (owner.type, owner.family) == ("SOCK_DGRAM", "AF_INET")

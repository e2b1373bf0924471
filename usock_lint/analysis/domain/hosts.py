"""Domain names as hosts of addresses, and the configurations whose sockets resolve none."""

from __future__ import annotations

import re
from typing import Final

from usock_lint import ports
from usock_lint.analysis.domain.operations import NO_CELLS, atoms, constant
from usock_lint.analysis.domain.values import Cells, Tuple, Value

# What a resolver would look up: labels of letters, digits and hyphens, the last one not a number.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_NAME: Final = rf"(?i)(?:{_LABEL}\.)*(?!\d+\Z){_LABEL}"


def is_domain_name(host: str) -> bool:
    """True if a resolver would look up this host."""
    return re.fullmatch(_NAME, host) is not None


def refusing_names(method: str, cells: Cells) -> tuple[Cells, list[str]]:
    """The cells on which a method of sockets resolves no domain name, and the exceptions raised there, sorted."""
    answers = {cell: ports.behaviour(cell, "hostname")[method] for cell in cells}
    refusing = frozenset(cell for cell, answer in answers.items() if answer not in ("resolves", None))
    return refusing, sorted({answers[cell] for cell in refusing} - {"denied"})


def refusing(method: str, address: Value, live: Cells) -> Cells:
    """The cells on which a method certainly refuses an address because of its host, before it does anything."""
    named, others = NO_CELLS, NO_CELLS
    for one, cells in atoms(address, live):
        hosts = one.items[0] if isinstance(one, Tuple) and one.items else None
        for host, where in atoms(hosts, cells) if hosts else ():
            text = constant(host)
            if isinstance(text, str) and is_domain_name(text):
                named |= where
            else:
                others |= where
        others |= NO_CELLS if hosts else cells
    return refusing_names(method, named - others)[0] if named else NO_CELLS

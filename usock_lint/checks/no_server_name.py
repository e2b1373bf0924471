from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.values import Module, Object
from usock_lint.analysis.uses import LibraryCall
from usock_lint.checks import Report, on
from usock_lint.checks._calls import module_of
from usock_lint.checks._modules import importing, presumed
from usock_lint.checks._tls import MODULES, chosen, is_left_out, requires, wraps_client
from usock_lint.i18n import say
from usock_lint.ports import tls


@on(LibraryCall, Module, Object, "wrap_socket")
def wrapped(use: LibraryCall) -> Iterator[Report]:
    if (
        module_of(use) not in MODULES
        or not use.sole
        or not wraps_client(use)
        or not is_left_out(use, "server_hostname")
    ):
        return
    found = chosen(use)
    # If a certificate is required, the call without a name raises on some cells; there tls-argument reports it.
    is_required = bool(found) and requires(use, found)
    cells = frozenset(
        cell
        for cell in importing(module_of(use), use.site)
        if not tls.is_socket(cell) and not (is_required and tls.requires_name(cell))
    )
    message = say(
        "the server is not told which of its names is meant {where}: it may refuse, or show the certificate of "
        "another name; give `server_hostname`"
    )
    yield Report(use.node, cells, message, "", presumed=presumed(use.site))

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import TRUE
from usock_lint.analysis.domain.values import Module, Object
from usock_lint.analysis.uses import LibraryCall
from usock_lint.checks import Report, on
from usock_lint.checks._calls import module_of
from usock_lint.checks._modules import importing, presumed
from usock_lint.checks._tls import (
    MODULES,
    argument,
    chosen,
    loads_unused_certificates,
    modes,
    verifies_nothing,
    wraps_client,
)
from usock_lint.i18n import say


@on(LibraryCall, Module, Object, "wrap_socket")
def wrapped(use: LibraryCall) -> Iterator[Report]:
    found = chosen(use)
    if module_of(use) not in MODULES or not use.sole or not found or not wraps_client(use):
        return
    if verifies_nothing(module_of(use), found) and not loads_unused_certificates(use, found):
        yield _report(use, module_of(use))


@on(LibraryCall, Module, "open_connection")
def connected(use: LibraryCall) -> Iterator[Report]:
    given = argument(use, "ssl")
    if module_of(use) != "asyncio" or not use.sole or given is None:
        return
    if given.value == TRUE or (use.context is not None and verifies_nothing("ssl", modes(use.context.mode))):
        yield _report(use, "asyncio")


def _report(use: LibraryCall, module: str) -> Report:
    message = say(
        "anyone can pose as the server {where}: its certificate is not verified; set CERT_REQUIRED and load the "
        "authority's certificate"
    )
    return Report(use.node, importing(module, use.site), message, raises="", presumed=presumed(use.site))

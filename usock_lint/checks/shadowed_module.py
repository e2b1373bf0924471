from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Attribute
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(Attribute, Socket)
def attribute(use: Attribute) -> Iterator[Report]:
    if not use.stored and _is_of_the_module_only(use.name):
        name = use.site.code(use.node.value)
        message = say(
            "`{name}` is a socket here, not the module that has `{missing}`; give the socket another name",
            name=name,
            missing=use.name,
        )
        yield Report(use.node, use.site.live, message, "AttributeError")


def _is_of_the_module_only(name: str) -> bool:
    return ports.is_known(name, "module") and not ports.is_known(name, "socket") and not name.startswith("_")

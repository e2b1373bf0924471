from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import BeforeNetwork
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(BeforeNetwork)
def call(use: BeforeNetwork) -> Iterator[Report]:
    message = say(
        "`{name}` runs before the network is up {where}: `connect` of the WLAN only begins to connect; wait until "
        "isconnected() is true",
        name=use.name,
    )
    yield Report(use.node, behaving(use.site.live, "wlan_connect", "begins"), message, raises="OSError")

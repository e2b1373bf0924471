from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.domain.operations import const, constant
from usock_lint.analysis.domain.values import File, Socket
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say


@on(Call, Socket, File, "recv", "read", "readline", "readinto")
def call(use: Call) -> Iterator[Report]:
    # "read" stands for paths on which the socket has been read from before: the first read alone is reported.
    timeouts = use.state.inherited - const("read")
    if not timeouts or not all(isinstance(constant(atom), int | float) for atom in timeouts):
        return
    fact = "accepted_nonblocking" if timeouts == const(0) else "accepted_timeout"
    inheriting, waiting = (behaving(use.site.live, fact, answer) for answer in ("inherited", "blocking"))
    if inheriting and waiting:
        message = say(
            "`{name}` may wait for ever {where}: the socket that `accept` returns has the timeout of its listener on "
            "your other targets only; call settimeout on it",
            name=use.name,
        )
        yield Report(use.node, waiting, message, raises="")
    # The other methods give None in its place, which nonblocking-none reports.
    elif timeouts == const(0) and use.name == "recv":
        message = say(
            "until data has come, `{name}` raises OSError {where}: the socket that `accept` returns is non-blocking, "
            "as its listener is; call setblocking or settimeout on it",
            name=use.name,
        )
        yield Report(use.node, inheriting, message, raises="OSError")

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import ClientError
from usock_lint.checks import Report, on
from usock_lint.i18n import say


@on(ClientError)
def client(use: ClientError) -> Iterator[Report]:
    if use.raises == "OSError":
        message = say(
            "a client that resets its connection ends the loop of `accept` {where}: `{name}` raises OSError then; "
            "catch it in each turn",
            name=use.name,
        )
    elif use.raises == "UnicodeError":
        message = say(
            "a client that sends other bytes than UTF-8 ends the loop of `accept` {where}: decoding them raises "
            "UnicodeError, a ValueError; catch it in each turn"
        )
    else:
        message = say(
            'a client that sends nothing ends the loop of `accept` {where}: `{name}` gives b"", for which this raises '
            "{error}; look at it first",
            error=use.raises,
            name=use.name,
        )
    yield Report(use.node, use.site.live, message, raises="")

"""`usock-lint server`: a language server for editors, over standard input and output."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from usock_lint.cli.options import Parser
from usock_lint.settings.config import ConfigError


def main(words: Sequence[str]) -> int:
    """Serve until the editor says that it is done, or is gone. Raises ConfigError where pygls is not installed."""
    parser = Parser(
        prog="usock-lint server",
        description="A language server for editors: findings as you type, fixes, and the ports table on hover.",
        epilog="It is started by an editor; docs/editors.md says how to set one up.",
    )
    parser.add_argument("--stdio", action="store_true", help="taken from editors that add it; nothing else is spoken")
    parser.parse_args(words)
    try:
        from usock_lint.syntax import quick_nodes

        quick_nodes.load()
        from usock_lint.server.app import server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        raise ConfigError('the server needs pygls: pip install "usock-lint[lsp]"') from None
    # asyncio's own handler would wait for the thread that reads standard input, and so for ever.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # pygls closes its output. It gets a copy, because Python flushes standard output once more as it exits.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as stdout:
        server().start_io(stdout=stdout)
    return 0

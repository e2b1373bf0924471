"""What the rules on closed sockets share."""

from __future__ import annotations

from usock_lint.model.atoms import File, Socket
from usock_lint.model.uses import Call
from usock_lint.model.values import const

# settimeout, setblocking and makefile do nothing on a closed socket of a board, and fail on unix only.
_METHODS = (
    "accept bind connect listen read readinto readline recv recvfrom send sendall sendto setsockopt write"
).split()


def closed_by(use: Call, what: str) -> bool:
    """Whether this works on a connection that closing the socket, or its file, has ended on every path."""
    return (use.of(Socket, *_METHODS) or use.of(File, *_METHODS)) and use.state.closed == const(what)

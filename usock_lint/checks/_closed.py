"""Shared by the rules on closed sockets."""

from __future__ import annotations

# settimeout, setblocking and makefile do nothing on a closed socket of a board, and fail on unix only.
METHODS = (
    "accept bind connect listen read readinto readline recv recvfrom send sendall sendto setsockopt write"
).split()

"""MicroPython's errno module: the numbers of OSErrors, with the names that every target has.

A number differs by port where none is given; compare with the names.
"""

from typing import Final

EPERM: Final[int]
"""Operation not permitted."""
ENOENT: Final[int]
"""No such file or directory."""
EIO: Final[int]
"""Input or output failed."""
EBADF: Final[int]
"""The socket is closed."""
EAGAIN: Final[int]
"""Nothing could be done without waiting; on unix also: a timeout has expired."""
ENOMEM: Final[int]
"""No memory, or on lwIP ports no socket, is left."""
EACCES: Final[int]
"""Permission denied."""
EEXIST: Final[int]
"""The file exists."""
ENODEV: Final[int]
"""No such device."""
EISDIR: Final[int]
"""It is a folder."""
EINVAL: Final[int]
"""An argument is wrong, or comes at the wrong time."""
EOPNOTSUPP: Final[int]
"""The operation is not supported on this socket."""
EADDRINUSE: Final[int]
"""Another socket has the address."""
ECONNABORTED: Final[int]
"""The connection was given up."""
ECONNRESET: Final[int]
"""The peer broke the connection off; on boards also: it refused it."""
ENOBUFS: Final[int]
"""No buffer is left."""
ENOTCONN: Final[int]
"""The socket is not connected."""
ETIMEDOUT: Final[int]
"""A timeout has expired."""
ECONNREFUSED: Final[int]
"""The peer refused the connection; boards have ECONNRESET instead."""
EHOSTUNREACH: Final[int]
"""There is no way to the host."""
EALREADY: Final[int]
"""The connection is being made already."""
EINPROGRESS: Final[int]
"""The connection is being made, without waiting for it."""

errorcode: Final[dict[int, str]]
"""The names of the numbers."""

"""Replaces a file atomically, and makes the diff of what would be written."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Iterable
from functools import partial

from usock_lint.files import discovery


def diff(before: bytes, after: bytes, path: str) -> bytes:
    """A unified diff in the file's own encoding and line ends, as `patch` takes it."""
    import difflib  # slow to import

    name = os.fsencode(path)
    lines = difflib.diff_bytes(difflib.unified_diff, _lines(before), _lines(after), name, name)
    return b"".join(_marked(lines))


def _lines(data: bytes) -> list[bytes]:
    return io.BytesIO(data).readlines()


def _marked(lines: Iterable[bytes]) -> Iterable[bytes]:
    for line in lines:
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def write(path: str, data: bytes) -> None:
    """As `replace`, for output that may go anywhere. Raises OSError.

    A device or a pipe is written to as it is, and so is the file that standard output or standard error leads to, at
    its end: what writes there would go on into the file that was replaced.
    """
    before = os.stat(path) if os.path.exists(path) else None
    if before and (_is_stream(before) or not stat.S_ISREG(before.st_mode)):
        with open(path, "ab" if _is_stream(before) else "wb") as file:
            file.write(data)
    else:
        replace(path, data)


def rewrite(path: str, before: bytes, after: bytes) -> None:
    """As `replace`, for a file that was read before. Raises OSError if it has no longer the bytes that were read."""
    found = discovery.read(path)
    if isinstance(found, discovery.Unreadable):
        raise OSError(errno.EIO, found.reason, path)
    if found != before:
        raise OSError(errno.EBUSY, "It has changed since it was read", path)
    replace(path, after)


def replace(path: str, data: bytes) -> None:
    """Write a file by renaming a finished copy over it; mode and, if allowed, owner stay. Raises OSError.

    A link stays a link, and its target is replaced. A file that does not exist is created. A device or a pipe is
    refused.
    """
    before = os.stat(path) if os.path.exists(path) else None
    if before and not stat.S_ISREG(before.st_mode):
        raise OSError(errno.EINVAL, discovery.NOT_REGULAR, path)
    path = os.path.realpath(path)
    if before and not os.access(path, os.W_OK):  # renaming asks the folder only
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    import tempfile  # slow to import

    # A folder of its own: no other program's file is in the way, a lint run does not look into hidden folders, and a
    # new file gets the mode that the umask gives it.
    with tempfile.TemporaryDirectory(prefix=".usock-lint-", dir=os.path.dirname(path)) as folder:
        copy = os.path.join(folder, os.path.basename(path))
        with open(copy, "xb", opener=partial(os.open, mode=0o600 if before else 0o666)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # or a crash after the renaming may leave an empty file
        if before:
            _resemble(copy, before)
        os.replace(copy, path)


def _is_stream(file: os.stat_result) -> bool:
    """True if it is the regular file that standard output or standard error is redirected to."""
    for number in (1, 2):
        with contextlib.suppress(OSError):  # a stream that is closed
            if stat.S_ISREG(file.st_mode) and os.path.samestat(os.fstat(number), file):
                return True
    return False


def _resemble(path: str, other: os.stat_result) -> None:
    if hasattr(os, "chown"):
        with contextlib.suppress(OSError):
            os.chown(path, other.st_uid, other.st_gid)
    os.chmod(path, other.st_mode & 0o7777)

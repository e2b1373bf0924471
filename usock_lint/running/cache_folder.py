"""The folder of the cache, which says itself that usock-lint made it: nothing else is read, written or removed."""

from __future__ import annotations

import os
import time
from contextlib import suppress

CACHE = ".usock_lint_cache"
"""The folder of what earlier runs found, unless another one is asked for."""

_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55\n# A cache of usock-lint; `usock-lint clean` removes it.\n"
_OWN = {"CACHEDIR.TAG": _SIGNATURE, ".gitignore": b"*\n"}

_UNUSED = 30 * 86_400
"""Seconds after which a file that nothing was added to is removed."""

_MOST = 50
"""The number of records of runs that are kept in a folder; there is one for each command line."""


def is_ours(folder: str) -> bool:
    """True if a folder is a cache that usock-lint made: it says so itself, and no link leads to it."""
    tag = os.path.join(folder, "CACHEDIR.TAG")
    try:
        if os.path.isfile(tag) and not os.path.islink(folder):  # who opens a pipe waits for somebody to write into it
            with open(tag, "rb") as file:
                return file.read(1000) == _SIGNATURE
    except OSError:
        pass
    return False


def obstacle(folder: str) -> str:
    """Why this can never be the folder of a cache; "" for one that is a cache, or is not there yet, or is empty."""
    if is_ours(folder) or not os.path.lexists(folder):
        return ""
    if os.path.islink(folder):
        return "a link"
    if not os.path.isdir(folder):
        return "not a folder"
    with suppress(OSError):
        return "a folder with other files in it" if os.listdir(folder) else ""
    return ""


def clean(folder: str) -> bool:
    """Remove a cache folder; return False, and remove nothing, if it is not one. Raises OSError."""
    if not is_ours(folder):
        return False
    # CACHEDIR.TAG, which identifies the folder, is removed last, so that a removal that failed can be repeated.
    for name in sorted(os.listdir(folder), key=lambda name: (name == "CACHEDIR.TAG", name)):
        if name in _OWN or _is_entry(name):
            os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
    return True


def make(folder: str) -> bool:
    """Make the folder if it does not exist. True if it is then a cache of usock-lint. Raises OSError.

    It is made under another name and renamed, so that it has its CACHEDIR.TAG from the beginning.
    """
    if is_ours(folder):
        return True
    os.makedirs(os.path.dirname(os.path.abspath(folder)), exist_ok=True)
    draft = f"{folder}.{os.getpid()}"
    os.mkdir(draft)
    try:
        for name, content in _OWN.items():
            with open(os.path.join(draft, name), "wb") as file:
                file.write(content)
        os.rename(draft, folder)  # fails if the folder exists and is not empty
    except OSError:
        for name in os.listdir(draft):
            os.unlink(os.path.join(draft, name))
        os.rmdir(draft)
    return is_ours(folder)


def get(folder: str, name: str) -> bytes:
    """The bytes of a file of the cache; none without one."""
    path = os.path.join(folder, name)
    try:
        if is_ours(folder) and os.path.isfile(path):
            with open(path, "rb") as file:
                return file.read()
    except OSError:
        pass
    return b""


def put(folder: str, name: str, data: bytes) -> None:
    """Write a file of the cache, whole or not at all, and keep no more than some of its kind. Raises OSError."""
    draft = os.path.join(folder, f"{name}.{os.getpid()}")
    try:
        with open(draft, "wb") as file:
            file.write(data)
        os.replace(draft, os.path.join(folder, name))
    except OSError:
        with suppress(OSError):
            os.unlink(draft)
        raise
    ending = os.path.splitext(name)[1]
    with os.scandir(folder) as entries:
        kind = [one for one in entries if _is_entry(one.name) and one.name.endswith(ending)]
    for one in sorted(kind, key=lambda one: one.stat().st_mtime_ns)[:-_MOST]:
        os.unlink(one.path)


def remove_unused(folder: str) -> None:
    """Remove the files of the cache that nothing was added to for long. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if _is_entry(entry.name) and entry.stat(follow_symlinks=False).st_mtime < time.time() - _UNUSED:
                os.unlink(entry.path)


def _is_entry(name: str) -> bool:
    """True for the name of a file in the cache: a digest, for that of a run with an ending."""
    digest = name.partition(".")[0]
    return len(digest) == 32 and not digest.strip("0123456789abcdef")

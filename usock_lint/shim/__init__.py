"""The socket modules of MicroPython's ports for CPython, over real sockets; nothing global is patched."""

from __future__ import annotations

import importlib
import types

from usock_lint.ports import NEWEST, RELEASES, Release, release_name
from usock_lint.ports.releases import known_release, read_release
from usock_lint.shim._base import Port
from usock_lint.shim._errors import ShimError

__all__ = ["ShimError", "load", "open_port"]

# A further port is a further module here, with a Port subclass named PORT.
MODULES = {"unix": "usock_lint.shim.unix"}


def load(port: str = "unix", version: str | None = None) -> types.ModuleType:
    """The socket module of `port` at release `version` ("1.28", "1.26.1"; None: the newest release).

    Each call makes a module of its own. Raises ShimError, naming the valid ones, for a port that has no shim
    or a release that is not known.
    """
    return open_port(port, version).module


def open_port(port: str, version: str | None = None) -> Port:
    """What load() takes its module from."""
    if port not in MODULES:
        raise ShimError(f"no shim for port {port!r}; there is one for: {', '.join(MODULES)}")
    return importlib.import_module(MODULES[port]).PORT(parse_release(version))


def parse_release(version: str | None) -> Release:
    """(1, 26, 1) from "1.26.1", also "1.29-preview"; a fix release of a known release is known."""
    if version is None:
        return NEWEST
    try:
        release = read_release(version.removesuffix("-preview"))
        known_release(release)
    except ValueError:
        known = ", ".join(map(release_name, RELEASES))
        raise ShimError(f"no release {version!r}; the known ones are: {known}") from None
    return release

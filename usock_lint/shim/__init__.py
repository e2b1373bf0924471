"""The socket modules of MicroPython's ports for CPython, over real sockets; nothing global is patched."""

from __future__ import annotations

import importlib
import types

from usock_lint.ports import (
    NEWEST,
    PORTS,
    RELEASES,
    Place,
    Release,
    TargetError,
    UnknownNameError,
    implementation,
    place,
    release_name,
)
from usock_lint.ports.nearest import did_you_mean
from usock_lint.ports.releases import known_release, read_release
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.errors import ShimError
from usock_lint.shim.core.watch import Watch

__all__ = ["ShimError", "load", "open_port"]

# A further implementation is a further module here, with a Port subclass named PORT.
MODULES = {
    "unix": "usock_lint.shim.unix.socket",
    **{name: f"usock_lint.shim.boards.{name}" for name in ("lwip", "esp32", "nic", "zephyr")},
}

NOT_SIMULATED = {
    "docs": "it is what the documentation promises, which nothing runs",
    "cc3200": "what its errors are is not known",
}
"""Ports of the table that cannot be simulated, and why."""

SIMULATED = tuple(port for port in PORTS if port not in NOT_SIMULATED)
"""The ports that can be simulated."""


def load(port: str = "unix", version: str | None = None) -> types.ModuleType:
    """The socket module of `port`, or of a board, at release `version` ("1.28", "1.26.1"; None: the newest release).

    Each call makes a module of its own. Raises ShimError, naming the valid ones, for a port that has no shim
    or a release that is not known.
    """
    return open_port(port, version).module


def open_port(port: str, version: str | None = None, watch: Watch | None = None) -> Port:
    """The port from which load() takes its module; `watch` receives each look-up and call."""
    meant = _place(port)
    release = parse_release(version)
    try:
        simulated_as = meant.implementation or implementation(meant.port, release).name
    except LookupError:
        simulated_as = ""
    if not simulated_as or release < meant.since:
        raise ShimError(f"{port} had no sockets yet at {release_name(release)}")
    try:
        module = importlib.import_module(MODULES[simulated_as])
    except ModuleNotFoundError as missing:
        raise ShimError(f"the shim needs a Unix such as Linux or macOS: {missing}") from None
    made: Port = module.PORT(meant.port, release, meant.implementation)
    made.watch = watch or made.watch
    return made


def _place(port: str) -> Place:
    """The port or board to simulate. Raises ShimError for an unknown one, and for a board without sockets."""
    near = ""
    try:
        meant = place(str(port))
    except UnknownNameError:
        meant, near = None, did_you_mean(str(port), SIMULATED, "'")
    except TargetError as error:
        raise ShimError(str(error)) from None
    if meant and meant.port in SIMULATED:
        return meant
    reason = f": {NOT_SIMULATED[meant.port]}" if meant else ""
    simulated = f"{', '.join(SIMULATED)}, and for their boards"
    raise ShimError(f"no shim for port {port!r}{reason}; there is one for: {simulated}{near}")


def parse_release(version: str | None) -> Release:
    """(1, 26, 1) from "1.26.1", also "1.29-preview"; a fix release of a known release is known."""
    if version is None:
        return NEWEST
    try:
        # A setting may be a number. As a number 1.20 is 1.2, which is not a release.
        release = read_release(str(version).removesuffix("-preview"))
        known_release(release)
    except ValueError:
        known = ", ".join(map(release_name, RELEASES))
        raise ShimError(f"no release {version!r}; the known ones are: {known}") from None
    return release

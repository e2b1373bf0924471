"""setsockopt() of ports with a table of options: the numbers are the port's, and the level is ignored."""

from __future__ import annotations

import socket as host_socket
from contextlib import suppress
from typing import TYPE_CHECKING

from usock_lint.shim.core.arguments import buffer, integer, text

if TYPE_CHECKING:
    from usock_lint.shim.boards.waiting import Waiting

CALLBACK = 20
"""The option that takes a callback; no port has a name for it."""

MEMBERSHIPS = ("IP_ADD_MEMBERSHIP", "IP_DROP_MEMBERSHIP")

LEVELS = {
    "SO_REUSEADDR": host_socket.SOL_SOCKET,
    "SO_BROADCAST": host_socket.SOL_SOCKET,
    "SO_KEEPALIVE": host_socket.SOL_SOCKET,
    "TCP_NODELAY": host_socket.IPPROTO_TCP,
    "IP_ADD_MEMBERSHIP": host_socket.IPPROTO_IP,
    "IP_DROP_MEMBERSHIP": host_socket.IPPROTO_IP,
}
"""Options that are set on the host's socket too; any other has no effect."""


def set_option(core: Waiting, option: int, value: object) -> None:
    """Set an option of the table. Any other option prints the port's warning."""
    if option == CALLBACK and core.port.does("setsockopt_callback"):
        set_callback(core, value)
        return
    name = option_name(core, option)
    if name is None:
        print(core.port.unknown_option)
        return
    set_named(core, name, value)


def option_name(core: Waiting, option: int) -> str | None:
    """The name of the option with this number in the port's table, None if it has none."""
    module, release = core.port.table.module, core.port.release
    names: tuple[str, ...] = core.port.does("setsockopt_options")
    return next((name for name in names if module[name].value(release) == option), None)


def set_callback(core: Waiting, value: object) -> None:
    """Set the function that is called with the socket whenever data or a connection arrives; None removes it."""
    runs = core.stream or core.port.does("setsockopt_callback_udp") is not False
    if value is None or not runs:
        core.port.callbacks.pop(core, None)
    else:
        core.port.callbacks[core] = value


def set_named(core: Waiting, name: str, value: object) -> None:
    """Check the value as the port does, and set it on the host. SO_BINDTODEVICE is only checked."""
    setting: int | bytes
    if name in MEMBERSHIPS:
        setting = bytes(buffer(value))
        if len(setting) != core.port.does("membership_bytes"):
            raise ValueError
    elif name == "SO_BINDTODEVICE":
        setting = text(value).encode()
    else:
        setting = integer(value)
    core.check_option(name)
    if name == "SO_BINDTODEVICE" and not core.port.has_interface(text(value)):
        raise core.port.error("ENODEV")
    if isinstance(setting, bytes) and name in MEMBERSHIPS:
        core.port.change_membership(name == "IP_ADD_MEMBERSHIP", setting)
    set_on_host(core, name, setting)


def set_on_host(core: Waiting, name: str, setting: int | bytes) -> None:
    """Set an option on the host's socket if it is in `LEVELS`."""
    if name == "SO_REUSEADDR" and not core.port.reuses_addresses:
        return
    if name not in LEVELS or (name == "TCP_NODELAY" and not core.stream):
        return
    if name in MEMBERSHIPS:
        with suppress(OSError):  # the host counts memberships of each socket; the port's own errors were raised before
            core.host.setsockopt(LEVELS[name], getattr(host_socket, name), setting)
        return
    with core.port.raising():
        core.host.setsockopt(LEVELS[name], getattr(host_socket, name), setting)

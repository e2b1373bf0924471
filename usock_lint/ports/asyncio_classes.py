"""Members of asyncio's objects that programs call: those of CPython's classes, and old ones of uasyncio."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from usock_lint.ports.targets import Cell

_MEMBERS: Final[Mapping[str, str]] = {
    # `dir` of the classes of CPython 3.11, and what 3.12 and 3.13 added.
    "Event": "clear is_set set wait",
    "Lock": "acquire locked release",
    "Loop": (
        "add_reader add_signal_handler add_writer call_at call_exception_handler call_later call_soon "
        "call_soon_threadsafe close connect_accepted_socket connect_read_pipe connect_write_pipe create_connection "
        "create_datagram_endpoint create_future create_server create_task create_unix_connection create_unix_server "
        "default_exception_handler get_debug get_exception_handler get_task_factory getaddrinfo getnameinfo is_closed "
        "is_running remove_reader remove_signal_handler remove_writer run_forever run_in_executor run_until_complete "
        "sendfile set_debug set_default_executor set_exception_handler set_task_factory shutdown_asyncgens "
        "shutdown_default_executor sock_accept sock_connect sock_recv sock_recv_into sock_recvfrom sock_recvfrom_into "
        "sock_sendall sock_sendfile sock_sendto start_tls stop subprocess_exec subprocess_shell time "
        # uasyncio of micropython-lib, before 1.13
        "call_at_ call_later_ms wait"
    ),
    "Server": ("abort_clients close close_clients get_loop is_serving serve_forever sockets start_serving wait_closed"),
    "StreamReader": (
        "at_eof exception feed_data feed_eof read readexactly readline readuntil set_exception set_transport"
    ),
    "StreamWriter": (
        "can_write_eof close drain get_extra_info is_closing start_tls transport wait_closed write write_eof "
        "writelines awriteiter"
    ),
    "Task": (
        "add_done_callback cancel cancelled cancelling done exception get_context get_coro get_loop get_name get_stack "
        "print_stack remove_done_callback result set_exception set_name set_result uncancel"
    ),
}

_WRITES_AT_ONCE: Final = (1, 20, 0)
"""The release since which `write` of a stream sends what the socket takes (extmod/uasyncio/stream.py:70@v1.20.0)."""

_PLAIN: Final[Mapping[str, str]] = {
    "Event": "clear is_set set",
    "Lock": "locked release",
    "Loop": "close stop",
    "Server": "close",
    "StreamReader": "close write",
    "StreamWriter": "close write",
    "Task": "cancel done",
    "ThreadSafeFlag": "clear set",
}
"""Methods that are no coroutines (extmod/asyncio/stream.py:16@v1.28.0, event.py:16, lock.py:21, core.py:278).

The same holds for extmod/uasyncio, from 1.13 on. The uasyncio before that was another program.
"""

_BUILT_IN_SINCE: Final = (1, 13, 0)


def is_plain(cell: Cell, cls: str, name: str) -> bool:
    """True if a method of objects of this class is no coroutine, and returns nothing that can be awaited."""
    return cell.release >= _BUILT_IN_SINCE and name in _PLAIN.get(cls, "").split()


def is_known(cls: str, name: str) -> bool:
    """True if objects of this class of asyncio have the attribute, on CPython or in an old uasyncio."""
    return name in _MEMBERS.get(cls, "").split()


def writes_at_once(cell: Cell) -> bool:
    """True if `write` of a stream sends what it can; in older releases nothing is sent until `drain`."""
    return cell.release >= _WRITES_AT_ONCE

"""Names that a star import binds, limited to those that sockets, builtins or analysed modules also have."""

from __future__ import annotations

from collections.abc import Mapping

from usock_lint.ports import world

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Modules that boards lack and whose functions and classes the analysis follows, each with the names in `__all__` of
# CPython 3.10 to 3.14 and of Python 2. `selectors` has no `__all__`: the names are its own public ones.
_FOLLOWED: Final[Mapping[str, frozenset[str]]] = {
    "concurrent.futures": frozenset(
        (
            "ALL_COMPLETED BrokenExecutor CancelledError Executor FIRST_COMPLETED FIRST_EXCEPTION Future "
            "InterpreterPoolExecutor "
            "InvalidStateError ProcessPoolExecutor ThreadPoolExecutor TimeoutError as_completed wait"
        ).split()
    ),
    "functools": frozenset(
        (
            "Placeholder "
            "WRAPPER_ASSIGNMENTS WRAPPER_UPDATES cache cached_property cmp_to_key lru_cache partial partialmethod "
            "reduce singledispatch singledispatchmethod total_ordering update_wrapper wraps"
        ).split()
    ),
    "selectors": frozenset(
        (
            "BaseSelector DefaultSelector DevpollSelector EVENT_READ EVENT_WRITE EpollSelector KqueueSelector "
            "PollSelector SelectSelector SelectorKey"
        ).split()
    ),
    "socketserver": frozenset(
        (
            "BaseRequestHandler BaseServer DatagramRequestHandler ForkingMixIn ForkingTCPServer ForkingUDPServer "
            "ForkingUnixDatagramServer ForkingUnixStreamServer "
            "StreamRequestHandler TCPServer ThreadingMixIn ThreadingTCPServer ThreadingUDPServer "
            "ThreadingUnixDatagramServer ThreadingUnixStreamServer UDPServer UnixDatagramServer UnixStreamServer"
        ).split()
    ),
    "threading": frozenset(
        (
            "Barrier BoundedSemaphore BrokenBarrierError Condition Event ExceptHookArgs Lock RLock Semaphore "
            "TIMEOUT_MAX Thread ThreadError Timer active_count activeCount current_thread currentThread enumerate "
            "excepthook get_ident get_native_id getprofile gettrace local main_thread setprofile "
            "setprofile_all_threads settrace settrace_all_threads stack_size"
        ).split()
    ),
}

# Names that a star import of one of CPython's modules binds, and that the socket module, sockets or the builtins have
# with another meaning.
_SHARED: Final[Mapping[str, frozenset[str]]] = {
    module: frozenset(names.split())
    for module, names in {
        "array": "array",
        "asyncio": "TimeoutError timeout",
        "audioop": "error",
        "builtins": (
            "BlockingIOError BrokenPipeError ChildProcessError ConnectionAbortedError ConnectionError "
            "ConnectionRefusedError ConnectionResetError EnvironmentError FileExistsError FileNotFoundError IOError "
            "InterruptedError IsADirectoryError NotADirectoryError PermissionError ProcessLookupError ReferenceError "
            "TimeoutError"
        ),
        "curses": "error",
        "dbm": "error",
        "enum": "IntEnum IntFlag",
        "fileinput": "close",
        "getopt": "error",
        "io": "BlockingIOError",
        "logging": "error",
        "multiprocessing": "TimeoutError",
        "os": "close dup",
        "posix": "close dup",
        "pyexpat": "error",
        "re": "error",
        "struct": "error",
        "termios": "error",
        "turtle": "reset",
        "zipfile": "error",
        "zlib": "error",
    }.items()
}


# What else programs use of CPython's modules that boards have, too, and that no board has in them.
_ON_CPYTHON: Final[Mapping[str, frozenset[str]]] = {
    module: frozenset(names.split())
    for module, names in {
        "asyncio": (
            "BoundedSemaphore Condition DatagramProtocol LifoQueue PriorityQueue Protocol Queue Semaphore as_completed "
            "create_subprocess_exec create_subprocess_shell ensure_future get_running_loop isfuture shield to_thread "
            "wait"
        ),
        "binascii": "a2b_hex b2a_hex",
        "collections": "ChainMap Counter UserDict UserList UserString defaultdict",
        "hashlib": "blake2b new pbkdf2_hmac sha224 sha384 sha512",
        "json": "JSONDecodeError JSONDecoder JSONEncoder",
        "math": "comb dist fsum gcd hypot isqrt prod",
        "os": "cpu_count execv fork getlogin getpid getppid getuid kill makedirs popen scandir walk",
        "random": "Random choices gauss normalvariate sample shuffle",
        "re": "DOTALL IGNORECASE MULTILINE escape findall finditer fullmatch",
        "select": "epoll",
        "struct": "Struct iter_unpack",
        "sys": "getrecursionlimit getrefcount getsizeof setrecursionlimit",
        "time": ("asctime ctime monotonic monotonic_ns perf_counter perf_counter_ns process_time strptime thread_time"),
    }.items()
}


def brings(module: str, name: str) -> bool | None:
    """True if `from module import *` binds a name on some port or on CPython; None if the module is unknown.

    Of CPython's modules only the names are known that the analysis would otherwise take for something else (names of
    sockets, exceptions and functions that it follows), and those that programs use most.
    """
    if name.startswith("_"):
        return False
    followed = _FOLLOWED.get(module)
    on_cpython = (*(followed or ()), *_SHARED.get(module, ()), *_ON_CPYTHON.get(module, ()))
    if name in on_cpython or world.kind(module, name) is not None:
        return True
    known = followed is not None or module in world.cpython_modules() or module in world.micropython_modules()
    return False if known else None

"""A CPython that is started once, imports what its programs need, and forks for each program: a tenth of a start.

    server.py LISTENER CODE

CODE is run first. Then each connection to the listening socket of that number asks for one program: it sends the length
of a request, with the three standard streams as descriptors, and the request, `marshal` of the command line after
`python`, the folder, and the environment. It is answered with the program's process id, and with its exit code as
`subprocess` has it. A program whose client closes the connection is killed, and the server ends with its input.
"""

# usock-lint: skip-file  # runs on CPython

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import io
import marshal
import os
import runpy
import select
import signal
import socket
import sys
import types
from collections.abc import Callable

WORD = 8
"""The bytes of a number on a connection."""


def end(function: Callable[[list[str]], None], words: list[str]) -> None:
    """Call a function and exit as Python does after a main program, but for freeing what is in memory.

    That takes a third of a fork, since the memory is the server's until it is written to. Python itself ends after an
    exception, and tells of output that cannot be written.
    """
    code: object = None
    try:
        function(words)
    except SystemExit as ended:
        code = ended.code
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)
        code = 1
    if "threading" in sys.modules:
        sys.modules["threading"]._shutdown()
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        raise SystemExit(code) from None
    os._exit((code or 0) & 0xFF)


Request = tuple[list[str], bytes, dict[bytes, bytes], list[int]]
"""Command line, folder, environment and streams of a program."""


def received(client: socket.socket) -> Request:
    """A request and its descriptors."""
    streams = array.array("i")
    length, (rights,), *_ = client.recvmsg(WORD, socket.CMSG_SPACE(3 * streams.itemsize))
    streams.frombytes(rights[2])
    request, missing = b"", int.from_bytes(length, "little")
    while len(request) < missing:
        request += client.recv(missing - len(request))
    return (*marshal.loads(request), list(streams))


def opened(number: int, before: io.TextIOWrapper) -> io.TextIOWrapper:
    """A standard stream as Python opens it at its start: one that was opened before knows what file it had then."""
    through = number == 1 and before.write_through
    file = open(  # noqa: SIM115 (it stays open)
        number, "wb" if number else "rb", 0 if through else -1, closefd=False
    )
    lines = number == 2 or os.isatty(number)
    return io.TextIOWrapper(file, before.encoding, before.errors, "\n" if number else None, lines, through)


def become(folder: bytes, environment: dict[bytes, bytes], streams: list[int]) -> None:
    """Take over what is a process's own."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, max(streams) + 1)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, name, opened(number, getattr(sys, name)))
        setattr(sys, f"__{name}__", getattr(sys, name))
    gc.unfreeze()  # a program may ask for the objects that there are
    os.environb.clear()
    os.environb.update(environment)
    os.chdir(folder)


def shadow(folder: str) -> None:
    """Forget modules that were imported from elsewhere and are found in this folder first, as it begins sys.path."""
    for name in os.listdir(folder):
        name = name.removesuffix(".py")
        if name in sys.modules and not (getattr(sys.modules[name], "__file__", None) or "").startswith(folder):
            del sys.modules[name]


def run(words: list[str]) -> None:
    """Run what `python` would with this command line; sys.path begins as there."""
    first, *others = words
    if first == "-m":
        module, *others = others
        sys.argv[:] = ["-m", *others]
        sys.path.insert(0, os.getcwd())
        shadow(os.getcwd())
        sys.modules.pop(module, None) if "." in module else None  # as what runs is `__main__`
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        return
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    if first == "-c":
        code, *others = others
        sys.argv[:] = ["-c", *others]
        sys.path.insert(0, "")
        shadow(os.getcwd())
        exec(compile(code, "<string>", "exec"), main.__dict__)
    else:
        sys.argv[:] = words
        sys.path.insert(0, os.path.dirname(os.path.abspath(first)))
        shadow(sys.path[0])
        main.__file__ = first
        with open(first, "rb") as file:
            exec(compile(file.read(), first, "exec"), main.__dict__)


def woken(_number: int, _frame: types.FrameType | None) -> None:
    """A handler that lets the wakeup descriptor tell of a signal."""


class Server:
    """The loop that forks, and the clients by the process ids of their programs."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener, self.clients = listener, dict[int, socket.socket]()
        self.woken, self.waking = socket.socketpair()
        """A byte is here to be read after a program has ended."""
        self.waking.setblocking(False)
        signal.signal(signal.SIGCHLD, woken)
        signal.set_wakeup_fd(self.waking.fileno())

    def request(self) -> Request | None:
        """Serve; in a fork what it is to run, None where the input has ended."""
        while True:
            ready, _, _ = select.select([0, self.listener, self.woken, *self.clients.values()], [], [])
            if 0 in ready:
                return self.end()
            if self.listener in ready:
                client, _ = self.listener.accept()
                asked = received(client)
                child = os.fork()
                if not child:
                    self.leave(client)
                    return asked
                self.begun(child, client, asked[-1])
            if self.woken in ready:
                self.woken.recv(1000)
            for child, client in [*self.clients.items()]:
                self.look_after(child, client, gone=client in ready)

    def begun(self, child: int, client: socket.socket, streams: list[int]) -> None:
        for stream in streams:
            os.close(stream)
        self.clients[child] = client
        with contextlib.suppress(ConnectionError):
            client.sendall(child.to_bytes(WORD, "little"))

    def look_after(self, child: int, client: socket.socket, *, gone: bool) -> None:
        """Tell a client how its program ended, or end that of a client that is gone."""
        if gone:
            os.kill(child, signal.SIGKILL)
        ended, status = os.waitpid(child, 0 if gone else os.WNOHANG)
        if ended:
            del self.clients[child]
            with client, contextlib.suppress(ConnectionError):
                client.sendall(os.waitstatus_to_exitcode(status).to_bytes(WORD, "little", signed=True))

    def leave(self, client: socket.socket) -> None:
        """Forget in a fork what is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for one in (self.listener, self.woken, self.waking, client, *self.clients.values()):
            one.detach()  # `become` closes them all

    def end(self) -> None:
        """Kill what still runs."""
        signal.set_wakeup_fd(-1)
        for child in self.clients:
            os.kill(child, signal.SIGKILL)
        for one in (self.listener, self.woken, self.waking, *self.clients.values()):
            one.close()


def main(listener: str, code: str) -> None:
    """Prepare, serve, and in a fork run the program."""
    del sys.path[0]
    exec(code, {})
    gc.collect()
    gc.freeze()  # what is here stays
    request = Server(socket.socket(fileno=int(listener))).request()
    if request:
        words, folder, environment, streams = request
        become(folder, environment, streams)
        end(run, words)


if __name__ == "__main__":
    main(*sys.argv[1:])

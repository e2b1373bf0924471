"""Run a program in a fork of a server as if `python` had been started for it.

    client.py SOCKET WORDS...

WORDS are what would follow `python`. The fork has this process's folder, environment and standard streams. Signals are
passed on to it, and its exit is this process's. Started with `-I -S`, this takes a tenth of what importing the package
does; it imports modules written in C only.
"""

# usock-lint: skip-file  # runs on CPython
# pyright: basic

import _signal  # pyright: ignore[reportMissingImports]
import _socket
import marshal
import os
import select
import sys

PASSED_ON = {_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGUSR1}
"""Signals that reach this process; they wait until the fork's process id is known."""

_signal.pthread_sigmask(_signal.SIG_BLOCK, PASSED_ON)
server = _socket.socket(_socket.AF_UNIX)
server.connect(sys.argv[1])
request = marshal.dumps((sys.argv[2:], os.getcwdb(), dict(os.environb)))
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
server.sendmsg([len(request).to_bytes(8, "little")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
server.sendall(request)
child = int.from_bytes(server.recv(8), "little")
# A handler in Python would not be called for a signal that comes just before a system call: it is written to a pipe.
came, coming = os.pipe()
os.set_blocking(coming, False)
_signal.set_wakeup_fd(coming)
for one in PASSED_ON:
    _signal.signal(one, lambda *_: None)
_signal.pthread_sigmask(_signal.SIG_UNBLOCK, PASSED_ON)
while server not in select.select([server, came], [], [])[0]:
    os.kill(child, os.read(came, 1)[0])
code = int.from_bytes(server.recv(8), "little", signed=True)
if code < 0:
    if -code != _signal.SIGKILL:
        _signal.signal(-code, _signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)

"""Programs run in forks of a CPython that has imported what they need. To start the package costs five times that."""

from __future__ import annotations

import array
import atexit
import marshal
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import IO, Final

from tools.forking.server import WORD

_HERE: Final = Path(__file__).parent
ABLE: Final = sys.platform != "win32"
"""Whether this system can fork."""


class ForkServer:
    """A process that forks for each program. It ends with this process.

    Its command-line options, and those variables of its environment that a Python reads at its start, are those of all
    its programs; all other variables, the folder and the streams are each program's own.
    """

    def __init__(self, *options: str, code: str, environment: Mapping[str, str]) -> None:
        """Start it; it runs `code` before it forks, to import what programs need."""
        folder = mkdtemp()
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self._path = os.path.join(folder, "server")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self._path)
            listener.listen(100)
            number = listener.fileno()
            command = [sys.executable, *options, str(_HERE / "server.py"), str(number), code]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, env=environment, pass_fds=[number], start_new_session=True
            )
        atexit.register(self._process.communicate)

    def command(self, *words: str) -> list[str]:
        """A command that does what `python` with these words does."""
        return [sys.executable, "-I", "-S", str(_HERE / "client.py"), self._path, *words]

    def run(
        self, *words: str, folder: Path, environment: Mapping[str, str], streams: Sequence[IO[bytes]], seconds: float
    ) -> int:
        """The exit code of a program with these standard streams; without a process of its own, as `command` has.

        Raises subprocess.TimeoutExpired, and the program is killed then.
        """
        variables = {os.fsencode(name): os.fsencode(value) for name, value in environment.items()}
        request = marshal.dumps((list(words), os.fsencode(folder), variables))
        with socket.socket(socket.AF_UNIX) as server:
            server.settimeout(seconds)
            server.connect(self._path)
            numbers = array.array("i", [stream.fileno() for stream in streams])
            server.sendmsg([len(request).to_bytes(WORD, "little")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
            server.sendall(request)
            with suppress(TimeoutError):
                server.recv(WORD)
                return int.from_bytes(server.recv(WORD), "little", signed=True)
        raise subprocess.TimeoutExpired(words, seconds)

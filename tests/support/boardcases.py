"""What the shims of boards do, as short scripts over loopback with what they print: the files in tests/shim/boards."""

# usock-lint: skip-file  # the peers of the boards run on CPython

from __future__ import annotations

import re
import socket
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.probes import free_port, output

FOLDER: Final = Path(__file__).parent.parent / "shim/boards"

_CASE: Final = re.compile(
    r"^# (?P<name>.+): (?P<port>\S+) (?P<version>\S+)\n(?P<script>(?:[^#>\n].*\n)+)(?P<printed>(?:> ?.*\n)*)", re.M
)

PRELUDE: Final = """
import errno, socket, time
try:
    import select
except ImportError:  # zephyr has none
    pass

ADDRESS = ("127.0.0.1", PORT)

def show(f, *arguments):
    try:
        print(f(*arguments))
    except Exception as e:
        print(type(e).__name__, *[a for a in e.args if type(a) is int])

def listener(where=ADDRESS):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(where)
    server.listen(5)
    return server

def pair():
    server = listener()
    client = socket.socket()
    client.connect(ADDRESS)
    served, peer = server.accept()
    server.close()
    return client, served

def datagrams():
    receiver, sender = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    receiver.bind(ADDRESS)
    return receiver, sender

"""
"""What every script finds; PORT is a free port on loopback."""


@dataclass(frozen=True)
class Case:
    """A behaviour: the port and the release that are played, a script, and what it prints."""

    name: str
    port: str
    version: str
    script: str
    printed: str

    def __str__(self) -> str:
        return f"{self.port}-{self.version}-{self.name}"


def read() -> Iterator[Case]:
    """Every case of every file, in their order; AssertionError for a line that is part of none."""
    for path in sorted(FOLDER.glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        found = list(_CASE.finditer(text))
        assert len(found) == text.count("\n# "), path
        for case in found:
            printed = re.sub(r"^> ?", "", case["printed"], flags=re.M)
            yield Case(case["name"], case["port"], case["version"], case["script"], printed)


def ask(port: str, version: str, script: str, **names: object) -> str:
    """What a script prints after the prelude."""
    return output(PRELUDE + script, version, port, **{"PORT": free_port(), **names})


@contextmanager
def deaf(host: str = "127.0.0.1") -> Generator[int]:
    """The port of a listener on loopback whose queue is full, so that connecting to it never ends."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server((host, 0), backlog=0))
        for _ in range(3):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield server.getsockname()[1]

"""Programs with what real interpreters printed, and what the shim prints; see tests/ports/evidence/README.md."""

# usock-lint: skip-file  # the peers run on CPython

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support.boardcases import deaf
from tools.rulepages.interpreters import ROOT
from tools.rulepages.peer import PARTS

FILE: Final = Path(__file__).parent.parent / "ports/evidence/programs.json"
ALLOWED: Final = Path(__file__).parent.parent / "shim/programs_allowed.txt"
TLS: Final = Path(__file__).parent.parent / "shim/tls"

COLUMNS: Final = {
    "unix-1.25": ("unix", "1.25"),
    "unix-1.26": ("unix", "1.26.1"),
    "unix-1.28": ("unix", "1.28"),
    "unix-1.29-preview": ("unix", "1.29"),
    "lwip-1.28": ("stm32", "1.28"),
    "lwip+ipv6-1.28": ("rp2", "1.28"),
    "lwip+ipv6-1.29-preview": ("rp2", "1.29"),
    "esp32-1.28": ("esp32", "1.28"),
}
"""The port and the release that are played for each column."""

HANGS_AFTER: Final = 4.0
"""Seconds after which a program that hung on the real interpreter is taken to hang on the shim, too."""

ENDS_WITHIN: Final = 15.0
"""The seconds that any other program has."""


@dataclass(frozen=True)
class Program:
    """A program and what it printed, by column."""

    name: str
    area: str
    text: str
    answers: dict[str, str]

    def columns(self) -> list[str]:
        """The columns with an answer to compare with: Debian's builds, of 1.25 and 1.26, have no ssl to ask."""
        built = [column for column in COLUMNS if self.area != "ssl" or column not in ("unix-1.25", "unix-1.26")]
        return [column for column in built if column in self.answers]

    def agrees(self, column: str, printed: str) -> bool:
        """Whether that is what the real interpreter printed; of one that crashed, as far as it came."""
        real = comparable(self.answers[column])
        if (crashed := re.search(r"RC -\d+ *\n$", real)) is not None:
            return comparable(printed).startswith(real[: crashed.start()])
        return comparable(printed) == real


def read() -> Iterator[Program]:
    """The programs of programs.json."""
    evidence = json.loads(FILE.read_text(encoding="utf-8"))
    for row in evidence["programs"]:
        answers = {column: text for columns, text in row["answers"].items() for column in columns.split()}
        yield Program(
            row["name"], row["area"], f"{evidence['begin']['']}\n{opening(evidence, row)}{row['program']}", answers
        )


def opening(evidence: dict[str, Any], row: dict[str, Any]) -> str:
    """What the program has in common with others of its area."""
    return evidence["begin"][row["begin"]] if row["begin"] else ""


def allowed() -> dict[tuple[str, str], str]:
    """Why a program may print something else, by its name and column."""
    found: dict[tuple[str, str], str] = {}
    for line in ALLOWED.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            head, _, reason = line.partition(": ")
            name, *columns = head.split()
            found |= {(name, column): reason for pattern in columns for column in COLUMNS if fits(pattern, column)}
    return found


def fits(pattern: str, column: str) -> bool:
    """Whether a column is meant: by its name, or its beginning and a star."""
    return column.startswith(pattern[:-1]) if pattern.endswith("*") else column == pattern


def comparable(printed: str) -> str:
    """An output without what differs from run to run, and of a traceback the type alone."""
    text = re.sub(r"^Warning: .*\n", "", printed, flags=re.M)
    text = re.sub(
        r"^Traceback \(most recent call last\):\n(?:  .*\n)*(\w+).*\nRAISED.*$", r"RAISED \1", text, flags=re.M
    )
    text = re.sub(r"^(RAISED \w+).*$", r"\1", text, flags=re.M)
    text = re.sub(r"(?<=timeout=)\S+|<_socket \d+>", "", text)
    text = re.sub(r"0x[0-9a-f]+|(?<=[ '/])/\S*", "", text)
    return re.sub(r" +$", "", text, flags=re.M)


class Stage:
    """A process that runs programs on the shim, each in a process of its own, the columns of one side by side."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.support.stage"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            cwd=ROOT,
        )

    def run(self, program: Program, columns: Sequence[str], names: dict[str, object], certificates: Path) -> list[str]:
        """What the program prints, column by column."""
        jobs: list[dict[str, object]] = []
        for column in columns:
            hangs = program.answers[column].endswith("HANG\n")
            port, version = COLUMNS[column]
            text = program.text.replace("CERTS", str(certificates))
            numbers = {"PORT": free_ports(5)}
            seconds = HANGS_AFTER if hangs else ENDS_WITHIN
            jobs.append(
                {"code": text, "port": port, "version": version, "names": {**names, **numbers}, "seconds": seconds}
            )
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(jobs), file=self.process.stdin, flush=True)
        return json.loads(self.process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


_given: set[int] = set()


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody has, below those that the system gives out."""
    begin = os.getpid() * 200 % 12_000  # so that processes side by side do not ask for the same ones
    for first in [20_000 + (begin + step) % 12_000 for step in range(0, 12_000, count)]:
        if first not in _given and all(map(is_free, range(first, first + count))):
            _given.add(first)
            return first
    _given.clear()
    return free_ports(count)


def is_free(port: int) -> bool:
    """Whether nobody has the port, of TCP and of UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


HOST: Final = "127.0.0.2"
"""Where the others are: not on 127.0.0.1, which is what a program's own listeners are bound to."""


@contextmanager
def peers() -> Generator[dict[str, object]]:
    """The names that programs use for others: HOST, and the ports of those who echo, reset, drip, and so on."""
    parts = {"EPORT": "echo", "SPORT": "silent", "DPORT": "drip", "HPORT": "http"}
    played = {name: PARTS[part] for name, part in parts.items()}
    played |= {"TPORT": encrypt, "RPORT": reset, "VPORT": visit}
    with ExitStack() as stack:
        names: dict[str, object] = {name: stack.enter_context(serving(part)) for name, part in played.items()}
        yield {**names, "HOST": HOST, "BPORT": stack.enter_context(deaf(HOST))}


def encrypt(connection: socket.socket) -> None:
    """Send back over TLS what comes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    with context.wrap_socket(connection, server_side=True) as link:
        while data := link.recv(1000):
            link.sendall(data)


def reset(connection: socket.socket) -> None:
    """Reset the connection when something has come."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def visit(connection: socket.socket) -> None:
    """Be the clients of a program's servers, as each line of the connection says; a line answers how it went.

    A line is steps with " ; " between them, each 20 ms after the one before: `wait MS`, or the name of a client with
    what it does: `connect PORT`, `send TEXT`, `recv`, `end` (of what it sends), `close`, `reset`, `datagram PORT TEXT`,
    `hear`.
    """
    board: str = connection.getpeername()[0]
    with ExitStack() as stack, connection.makefile("rw", encoding="ascii", newline="\n") as control:
        clients: dict[str, socket.socket] = {}

        def client(name: str, kind: socket.SocketKind) -> socket.socket:
            if name not in clients:
                clients[name] = stack.enter_context(socket.socket(socket.AF_INET, kind))
                clients[name].settimeout(1)
                if kind == socket.SOCK_STREAM:  # a board may take 250 ms to acknowledge what came before
                    clients[name].setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            return clients[name]

        def act(name: str, what: str, text: str) -> object:
            if name == "wait":
                return time.sleep(int(what) / 1000)
            datagrams = what in ("datagram", "hear")
            one = client(name, socket.SOCK_DGRAM if datagrams else socket.SOCK_STREAM)
            if what == "connect":
                return one.connect((board, int(text)))
            if what == "datagram":
                port, _, data = text.partition(" ")
                return one.sendto(unescaped(data), (board, int(port)))
            if what == "send":
                return one.sendall(unescaped(text))
            if what == "end":
                return one.shutdown(socket.SHUT_WR)
            if what in ("close", "reset"):
                if what == "reset":
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return clients.pop(name).close()
            return one.recv(65536)

        for line in control:
            answers: list[object] = []
            for step in line.rstrip("\n").split(" ; "):
                time.sleep(0.02)
                name, what, *text = step.split(" ", 2)
                try:
                    answers.append(act(name, what, "".join(text)))
                except OSError as error:
                    answers.append(type(error).__name__)
            print(*(one for one in answers if one is not None), file=control, flush=True)


def unescaped(text: str) -> bytes:
    """The bytes that a text with escapes such as \\r stands for."""
    return text.encode().decode("unicode_escape").encode("latin-1")


@contextmanager
def serving(part: Callable[[socket.socket], None]) -> Generator[int]:
    """The port of a server that plays a part to each connection."""

    def converse(connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError, ValueError), connection:
            part(connection)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass

    def serve() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=converse, args=(server.accept()[0],), daemon=True).start()

    with socket.create_server((HOST, 0), backlog=50) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


class Theatre:
    """Where programs are run: a stage, the peers, and a folder with certificates."""

    def __init__(self, names: dict[str, object], certificates: Path) -> None:
        self.stage = Stage()
        self.names = names
        self.certificates = certificates

    def wrong(self, program: Program, columns: Sequence[str] | None = None) -> dict[str, str]:
        """What is printed in the columns where that is not what was printed there."""
        asked = program.columns() if columns is None else columns
        printed = self.stage.run(program, asked, self.names, self.certificates)
        return {column: text for column, text in zip(asked, printed, strict=True) if not program.agrees(column, text)}

    def surely_wrong(self, program: Program, known: Collection[str]) -> dict[str, str]:
        """The same; what is not known to be wrong is asked twice, as a busy machine may be too slow once."""
        wrong = self.wrong(program)
        surprising = [column for column in wrong if column not in known]
        expected = {column: text for column, text in wrong.items() if column in known}
        return expected | (self.wrong(program, surprising) if surprising else {})


@contextmanager
def theatre(folder: Path) -> Generator[Theatre]:
    """A theatre with its certificates in this folder."""
    write_certificates(folder)
    with peers() as names:
        found = Theatre(names, folder)
        yield found
        found.stage.close()


def main() -> None:
    """Print what share of the programs prints the same, by area, on unix and on boards."""
    asked: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder, theatre(Path(folder)) as found:
        for program in read():
            wrong = found.surely_wrong(program, ())
            for column in program.columns():
                for area in (program.area, "all"):
                    key = area, column.partition("-")[0].partition("+")[0]
                    asked[key] += 1
                    right[key] += column not in wrong
    for area, column in sorted(asked):
        one = area, column
        print(f"{area:12} {column:5} {right[one]:4} of {asked[one]:4} {right[one] / asked[one]:7.1%}")


def write_certificates(folder: Path) -> None:
    """cert and key, each as PEM and as DER, as the programs look for them."""
    for name, label in (("cert", "CERTIFICATE"), ("key", "PRIVATE KEY")):
        text = (TLS / f"{name}.pem").read_text(encoding="ascii")
        (folder / f"{name}.pem").write_text(text, encoding="ascii")
        der = ssl.PEM_cert_to_DER_cert(text.replace(label, "CERTIFICATE"))
        (folder / f"{name}.der").write_bytes(der)


if __name__ == "__main__":
    main()

"""A message names the releases on which something fails, as far as the targets reach."""

from __future__ import annotations

import pytest

from usock_lint import Config, lint_source
from usock_lint.ports import parse_targets

SOCKET = "import socket\ns = socket.socket()\n"
DATAGRAM = "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"


@pytest.mark.parametrize(
    ("targets", "code", "where"),
    [
        ("unix>=1.24", f"{SOCKET}s.sendall(b'x')\n", "on unix before 1.29"),
        ("unix==1.24", f"{SOCKET}s.sendall(b'x')\n", "on unix before 1.29"),
        ("rp2>=1.24", f"{SOCKET}s.recv(1, 2)\n", "on rp2 before 1.26"),
        ("rp2==1.24", f"{SOCKET}s.recv(1, 2)\n", "on rp2==1.24"),
        ("rp2>=1.22,esp8266", f"{SOCKET}s.send(b'x', 0)\n", "on rp2>=1.22, esp8266"),
        ("rp2>=1.20", f"{DATAGRAM}s.bind(('', 80))\n", "on rp2 since 1.24"),
        ("rp2>=1.24", f"{DATAGRAM}s.bind(('', 80))\n", "on rp2>=1.24"),
        (
            "rp2>=1.24",
            f"{SOCKET}import sys\nif sys.implementation.version < (1, 25):\n    s.recv(1, 2)\n",
            "on rp2>=1.24",
        ),
        ("all", f"{SOCKET}s.shutdown(2)\n", "on any target"),
        ("all,esp32==1.18", f"{SOCKET}socket.AF_UNIX\n", "on any target but docs, unix"),
        ("docs,unix,esp32,rp2,samd", f"{SOCKET}s.shutdown(2)\n", "on unix, esp32, rp2, samd, docs"),
        ("docs,unix==1.20,esp32,rp2,samd,zephyr", f"{SOCKET}s.sendall(b'x')\n", "on unix before 1.29, zephyr"),
    ],
)
def test_a_message_tells_the_releases_that_fail(targets: str, code: str, where: str) -> None:
    (found,) = lint_source(code, config=Config(targets=parse_targets(targets.split(","))))
    assert f" {where};" in found.message or found.message.endswith(f" {where}")

"""A message names the targets on which something fails, and the releases as far as the targets reach."""

from __future__ import annotations

import re

import pytest

from tests.support.templates import of_check
from usock_lint import Config, lint_source
from usock_lint.catalog.pages import rules
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
        ("rp2>=1.22,esp8266", f"{SOCKET}s.send(b'x', 0)\n", "on your targets"),
        ("rp2>=1.20", f"{DATAGRAM}s.bind(('', 80))\n", "on rp2 since 1.24"),
        ("rp2>=1.24", f"{DATAGRAM}s.bind(('', 80))\n", "on rp2>=1.24"),
        (
            "rp2>=1.24",
            f"{SOCKET}import sys\nif sys.implementation.version < (1, 25):\n    s.recv(1, 2)\n",
            "on rp2>=1.24",
        ),
        ("all", f"{SOCKET}s.shutdown(2)\n", "on any board"),
        ("all,esp32==1.18", f"{SOCKET}socket.AF_UNIX\n", "on any board"),
        ("docs,unix,esp32,rp2,samd", f"{SOCKET}s.shutdown(2)\n", "on your targets"),
        ("all,esp32==1.18", f"{SOCKET}socket.IPPROTO_SEC\n", "on any port but cc3200"),
        ("docs,unix==1.20,esp32,rp2,samd,zephyr", f"{SOCKET}s.sendall(b'x')\n", "on unix before 1.29, zephyr"),
        ("esp32,esp8266,rp2,stm32,samd,alif,unix", f"{SOCKET}socket.AF_UNIX\n", "on any of your targets but unix"),
        ("portable", f"{SOCKET}s.shutdown(2)\n", "on any board"),
        ("portable", f"{SOCKET}socket.AF_UNIX\n", "on any board"),
        ("portable", f"{SOCKET}s.fileno()\n", "on esp8266, rp2, stm32"),
        ("esp32,rp2", f"{SOCKET}s.shutdown(2)\n", "on your targets"),
        ("esp32,docs", f"{SOCKET}s.shutdown(2)\n", "on your targets"),
        ("esp32", f"{SOCKET}s.shutdown(2)\n", "on esp32"),
        ("docs", f"{SOCKET}s.shutdown(2)\n", "as far as the documentation goes"),
        (
            "esp32,rp2,docs",
            f"{SOCKET}s.connect(('example.com', 80))\n",
            "on rp2 (ValueError), and the documentation does not promise otherwise",
        ),
        (
            "esp8266,esp32,docs",
            "import socket, ssl\nssl.wrap_socket(socket.socket(), do_handshake=False).recv(1)\n",
            "on esp8266, and the documentation does not promise otherwise",
        ),
        ("rp2>=1.24,esp8266>=1.24", f"{SOCKET}s.recv(1, 2)\n", "on your targets before 1.26"),
        ("rp2==1.24", "import ussl\n", "on rp2 since 1.23"),
        ("rp2,esp32,unix==1.28", 'import socket\nb"x".decode("UTF-8")\n', "on rp2, esp32 since 1.29"),
    ],
)
def test_a_message_tells_the_targets_and_releases_that_fail(targets: str, code: str, where: str) -> None:
    (found,) = lint_source(code, config=Config(targets=parse_targets(targets.split(","))))
    assert f" {where};" in found.message or found.message.endswith(f" {where}")


@pytest.mark.parametrize(
    ("code", "where"),
    [
        (f"{SOCKET}s.shutdown(2)\n", "on any board"),
        (f"{SOCKET}socket.AF_UNIX\n", "on any board"),  # the documentation leaves it open, and only unix has it
        (f"{SOCKET}socket.IPPROTO_SEC\n", "on any port but cc3200"),
        ("import ussl\n", "on any port but cc3200 since 1.23"),
        ('import socket\nb"x".decode("UTF-8")\n', "on any board since 1.29"),
        (f"import esp\n{SOCKET}s.shutdown(2)\n", "on esp32, esp8266"),
        (f"import esp32\n{SOCKET}s.shutdown(2)\n", "on esp32"),
    ],
)
def test_without_targets_a_message_is_about_any_board_where_all_agree(code: str, where: str) -> None:
    found = lint_source(code)
    assert [one.message for one in found if not re.search(rf" {where}(;|$)", one.message)] == []
    assert found


def test_where_something_fails_ends_a_clause_so_that_another_one_may_follow() -> None:
    said = {template for rule in rules().values() for template in _said_by(rule.name) if "{where}" in template}
    ends = r"\{where\}($|[;:] |\{(advice|instead)\}$)|\{documented\}($|[;:] )"
    assert [one for one in said if not re.search(ends, one)] == []


def _said_by(rule: str) -> set[str]:
    try:
        return of_check(rule.replace("-", "_"))
    except FileNotFoundError:
        return set()

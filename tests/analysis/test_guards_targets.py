"""Guards met in real MicroPython code that ask for the platform or the release: they narrow the targets."""

from __future__ import annotations

import pytest

from tests.support.shapes import offences
from usock_lint import Config, lint_source
from usock_lint.ports import parse_targets

PLATFORMS = """
import os
import socket
import sys
s = socket.socket()
if {condition}:
    s.connect(("example.com", 80))
"""


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ('sys.platform == "esp32"', False),
        ('sys.platform in ("esp32", "linux")', False),
        ('sys.platform == "rp2"', True),
        ('sys.platform in ("esp32", "rp2")', True),
        ('os.uname().sysname == "esp32"', False),
        ('os.uname()[0] == "esp8266"', True),
        ('sys.platform == "esp32" or sys.platform == "rp2"', True),
        ('not sys.platform == "esp32"', True),
    ],
)
def test_a_condition_at_top_level_on_the_platform_narrows_the_targets(condition: str, breaks: bool) -> None:
    assert bool(offences(PLATFORMS.format(condition=condition), "esp32, esp8266, rp2")) is breaks


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ("sys.implementation.version >= (1, 29)", False),
        ("sys.implementation[1] >= (1, 29, 0)", False),
        ("sys.implementation.version[:2] >= (1, 29)", False),
        ("sys.implementation.version[1] >= 29", False),
        ("minor >= 29", False),
        ("minor >= 24", True),
        ("sys.implementation.version >= (1, 24)", True),
        ("sys.implementation.version < (1, 29)", True),
    ],
)
def test_a_condition_at_top_level_on_the_release_narrows_the_releases(condition: str, breaks: bool) -> None:
    code = f"""
        import socket
        import sys
        major, minor = sys.implementation.version[:2]
        s = socket.socket()
        if {condition}:
            s.sendall(b"x")
        """
    assert bool(offences(code, "unix>=1.20")) is breaks


PLATFORM = """
import os, sys, socket
ESP32 = sys.platform == "esp32"
IS_LWIP = sys.platform in ("rp2", "esp8266")
class Link:
    on_esp32 = ESP32
    def __init__(self):
        self.is_esp32 = os.uname().sysname == "esp32"
    def connect(self, s=socket.socket()):
        {opening}
            s.connect(("example.com", 80))
self = Link()
def connect(s=socket.socket()):
    {opening}
        s.connect(("example.com", 80))
"""


@pytest.mark.parametrize(
    ("opening", "breaks"),
    [
        ('if "esp32" == sys.platform:', False),
        ('if sys.platform != "esp32":', True),
        ('if sys.platform not in ("esp32", "linux"):', True),
        ('if sys.platform.startswith("esp32"):', False),
        ('if sys.platform.startswith("esp"):', True),
        ('if sys.platform.lower() == "esp32":', False),
        ('if "esp32" in sys.platform:', False),
        ('if "ESP32" in os.uname().machine:', False),
        ('if "ESP32" in os.uname()[4]:', False),
        ('if not "ESP32" in os.uname().machine:', True),
        ('if "ESP32S3" in os.uname().machine:', False),
        ('if "RP2040" in os.uname().machine:', True),
        ('if "Generic" in os.uname().machine:', True),
        ('if "ESP32" in sys.implementation._machine:', False),
        ('if "RP2040" in sys.implementation._machine:', True),
        ('if "Pico W" in sys.implementation._machine:', True),
        ('if sys.implementation._build.startswith("RPI_PICO"):', True),
        ('if os.uname().nodename == "esp32":', False),
        ('if sys.platform.find("esp32") >= 0:', False),
        ('if sys.platform.count("esp32"):', False),
        ('if sys.platform.rstrip("0123456789") == "esp":', True),
        ('if os.uname()[0] == "esp32":', False),
        ('if os.uname().sysname in ["esp32"]:', False),
        ('if sys.platform == "rp2":\n            pass\n        elif sys.platform == "esp32":', False),
        ('if {"esp32": 1, "rp2": 2}.get(sys.platform) == 1:', False),
        ('if {"esp32": 1, "rp2": 2}.get(sys.platform, 3) == 3:', True),
        ('if {"esp32": 1, "rp2": 2}.get(sys.platform) is None:', True),
        ("if ESP32:", False),
        ("if not ESP32:", True),
        ("if IS_LWIP:", True),
        ("if ESP32 and not IS_LWIP:", False),
        ("if self.on_esp32:", False),
        ("if self.is_esp32:", False),
        ("if Link.on_esp32:", False),
        ("if ESP32 is True:", False),
        ("if ESP32 == True:", False),
        ("while ESP32:", False),
    ],
)
def test_a_condition_on_the_platform_narrows_the_targets(opening: str, breaks: bool) -> None:
    code = PLATFORM.replace("        {opening}", "        " + opening, 1).replace(
        "    {opening}", "    " + opening.replace("\n        ", "\n    "), 1
    )
    rows = len(offences(code, "esp32, esp8266, rp2"))
    assert rows == (2 if breaks else 0)


def test_an_early_return_on_the_platform_narrows_the_targets() -> None:
    code = """
        import sys, socket
        def connect(s=socket.socket()):
            if sys.platform != "esp32":
                return s.connect(socket.getaddrinfo("example.com", 80)[0][-1])
            s.connect(("example.com", 80))
        """
    assert offences(code, "esp32, rp2") == []


RELEASE = """
import os, sys, socket
NEW = sys.implementation.version >= (1, 29)
def send(s=socket.socket()):
    if {condition}:
        s.sendall(b"x")
"""


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ("NEW", False),
        ("not NEW", True),
        ("(1, 29) <= sys.implementation.version", False),
        ("(1, 29, 0) <= sys.implementation[1]", False),
        ("sys.implementation.version > (1, 28, 9)", False),
        ("sys.implementation.version[0] == 1 and sys.implementation.version[1] >= 29", False),
        ("sys.implementation.version[0:2] >= (1, 29)", False),
        ("sys.implementation[1][:2] >= (1, 29)", False),
        ("not sys.implementation.version < (1, 29)", False),
        ("sys.implementation.version >= (1, 20)", True),
        ('sys.platform == "linux"', True),
    ],
)
def test_a_condition_on_the_release_narrows_the_releases(condition: str, breaks: bool) -> None:
    assert bool(offences(RELEASE.format(condition=condition), "unix>=1.20")) is breaks


UNAME = """
import os, socket
def peek(s=socket.socket()):
    if {condition}:
        print(socket.MSG_PEEK)
"""


@pytest.mark.parametrize(
    ("condition", "target", "breaks"),
    [
        ('os.uname().release >= "1.26"', "esp32>=1.20", False),
        ('os.uname().release >= "1.26.0"', "rp2>=1.20", False),
        ('os.uname().release.startswith("1.26")', "esp32>=1.20", False),
        ('os.uname()[2] >= "1.26"', "rp2>=1.20", False),
        ('os.uname().version.startswith("v1.26")', "rp2>=1.20", False),
        ('"v1.26" in os.uname()[3]', "rp2>=1.20", False),
        ('os.uname().release < "1.26"', "esp32>=1.20", True),
        ('os.uname().release >= "1.26"', "esp8266>=1.20", True),
        ("os.uname().machine", "rp2>=1.20", True),
    ],
)
def test_os_uname_narrows_the_releases(condition: str, target: str, breaks: bool) -> None:
    assert bool(offences(UNAME.format(condition=condition), target)) is breaks


@pytest.mark.parametrize(
    ("condition", "breaks"),
    [
        ("version[:2] == (1, 40)", False),
        ("version[:2] in ((1, 40), (1, 41))", False),
        ("'.'.join(map(str, version[:2])) == '1.40'", False),
        ("'%d.%d' % version[:2] in ('1.40', '1.41')", False),
        ("f'{version[0]}.{version[1]}' != '1.21'", False),
        ("os.uname().version.split()[0] >= 'v1.40'", False),
        ("(1, 40) <= version < (1, 50)", False),
        ("(1, 21) <= version < (1, 22)", True),
        ("version[:2] == (1, 21)", True),
        ("os.uname().release != name", True),
        ("'-'.join((os.uname().nodename, name)) == other", True),
    ],
)
def test_a_release_is_compared_in_any_form(condition: str, breaks: bool) -> None:
    code = f"""
        import os, socket, sys
        version = sys.implementation.version
        def name(name, other, s=socket.socket()):
            if {condition}:
                s.shutdown(2)
        """
    assert bool(offences(code, "rp2>=1.20")) is breaks


def test_getattr_of_the_platform_narrows_the_targets() -> None:
    code = """
        import sys, socket
        if getattr(sys, "platform", "") == "esp32":
            socket.socket().connect(("example.com", 80))
        """
    assert offences(code, "esp32, rp2") == []


@pytest.mark.parametrize(
    ("module", "reported"),
    [("esp32", []), ("esp", []), ("rp2", ["8 missing-method"]), ("espnow", [])],
)
def test_an_import_of_what_one_port_has_narrows_the_targets_where_it_is_tried(module: str, reported: list[str]) -> None:
    code = f"""
        import socket
        try:
            import {module}
        except ImportError:
            {module} = None
        s = socket.socket()
        if {module} is not None:
            print(s.fileno())
        """
    assert offences(code, "unix, esp32, rp2") == reported


CHOICES = """
{imports}
import socket
if {condition}:
    import network
else:
    import threading
s = socket.socket()
s.connect(("example.com", 80))
s.shutdown(2)
"""


@pytest.mark.parametrize(
    ("imports", "condition"),
    [
        ("import os", 'os.uname().sysname == "esp32"'),
        ("import os", '"esp32" == os.uname()[0]'),
        ("import uos", 'uos.uname().sysname == "esp32"'),
        ("from os import uname", 'uname().sysname == "esp32"'),
        ("import os", '"ESP32" in os.uname().machine'),
        ("import sys", 'sys.platform == "esp32"'),
    ],
)
def test_a_branch_that_imports_what_a_computer_has_is_of_none_of_the_targets(imports: str, condition: str) -> None:
    code = CHOICES.format(imports=imports, condition=condition)
    assert offences(code, "esp32==1.28, rp2==1.28") == ["9 missing-method"]
    config = Config(targets=parse_targets(["esp32==1.28", "rp2==1.28"]))
    assert [one.targets for one in lint_source(code.lstrip(), "example.py", config)] == [("esp32==1.28",)]


ASKED = """
import os, sys
import socket
try:
    BOARD = {question}
except {error}:
    BOARD = False
s = socket.socket()
if BOARD:
    s.connect(("example.com", 80))
else:
    s.shutdown(2)
"""


@pytest.mark.parametrize("error", ["AttributeError", "Exception", "(AttributeError, NotImplementedError)"])
@pytest.mark.parametrize("question", ['os.uname().sysname == "esp32"', 'sys.platform in ("esp32", "x")'])
def test_a_question_about_the_device_does_not_fail_there(question: str, error: str) -> None:
    assert offences(ASKED.format(question=question, error=error), "esp32==1.28") == []


def test_os_uname_fails_where_there_is_none() -> None:
    assert offences(ASKED.format(question='os.uname()[0] == "x"', error="AttributeError"), "unix==1.28") == [
        "11 missing-method"
    ]


def test_an_import_of_what_a_computer_has_under_no_such_condition_narrows_nothing() -> None:
    code = """
        import socket
        if input():
            import threading
        s = socket.socket()
        s.connect(("example.com", 80))
        """
    assert offences(code, "rp2") == ["5 domain-name-address"]


@pytest.mark.parametrize("module", ["ffi", "ffilib", "termios"])
def test_a_module_of_the_unix_port_narrows_the_targets(module: str) -> None:
    code = f'import {module}, socket\ns = socket.socket()\ns.connect(("example.com", 80))\ns.close()\n'
    found = lint_source(code, "example.py", Config())
    assert [(one.name, one.targets) for one in found] == [("tuple-address", ("unix",))]


def test_a_function_that_only_one_board_runs_is_reported() -> None:
    code = """
        import asyncio
        from sys import implementation
        async def rssi():
            asyncio.to_thread(print)
        if "Pico W" in implementation._machine:
            asyncio.run(rssi())
        """
    assert offences(code, "rp2", "USK111") == ["4 missing-module-name"]


@pytest.mark.parametrize(
    ("question", "breaks"),
    [
        ('machine == "x86_64"', False),
        ('machine not in ("x86_64", "armv7l")', True),
        ('"Linux" in machine', False),
        ('machine.startswith("LILYGO")', True),
        ('machine == "ESP module with ESP8266"', True),
    ],
)
def test_a_machine_that_is_unpacked_is_none_of_a_computer(question: str, breaks: bool) -> None:
    code = f"""
        import os, socket
        system, node, release, version, machine = os.uname()
        if {question}:
            socket.socket().detach()
        """
    assert bool(offences(code)) is breaks

"""What a file imports narrows the targets, where none are configured."""

from __future__ import annotations

import pytest

from usock_lint import Config, lint_source
from usock_lint.ports.modules import MICROPYTHON_ONLY, ON_PORTS
from usock_lint.ports.targets import PORTS
from usock_lint.settings.config import parse_targets

USES = """
s = socket.socket()
s.connect(("example.com", 80))
s.fileno()
s.sendto(b"", ("example.com", 80))
s.shutdown(2)
"""
"""Works on esp32 but for the last two; elsewhere `connect` or `fileno` fail as well."""

PORTABLE = ("esp32", "esp8266", "rp2", "stm32", "docs")


def ports(head: str, config: Config = Config()) -> set[str]:  # noqa: B008 (frozen)
    """The targets that any message names."""
    found = lint_source(f"import socket\n{head}{USES}", "net.py", config)
    return {target for finding in found for target in finding.targets}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("", PORTABLE),
        ("import machine, network", PORTABLE),
        ("import esp32", ("esp32",)),
        ("from esp32 import NVS", ("esp32",)),
        ("import gc; import esp32 as e", ("esp32",)),
        ("import esp", ("esp32", "esp8266")),
        ("import espnow", ("esp32", "esp8266")),
        ("import esp\nimport esp32", ("esp32",)),
        ("import M5", ("esp32",)),
        ("import rp2", ("rp2",)),
        ("import pyb", ("stm32",)),
        ("import stm", ("stm32",)),
        ("import ffi", ("unix",)),
        ("import mimxrt", ("mimxrt",)),
        ("import samd", ("samd",)),
        ("import rp2\nimport esp32", PORTABLE),
    ],
)
def test_a_module_of_one_port_narrows_the_targets_to_it(head: str, expected: tuple[str, ...]) -> None:
    assert ports(head) == set(expected)


@pytest.mark.parametrize(
    "head",
    [
        "try:\n    import esp32\nexcept ImportError:\n    esp32 = None",
        "try:\n    import rp2\nexcept:\n    pass",
        "if True:\n    import esp32",
        "def boot():\n    import esp32",
        "from .esp32 import pins",
        "from . import esp32",
        "import drivers.esp32",
        "'''\nimport esp32\n'''",
        "# import esp32",
    ],
)
def test_an_import_that_may_not_be_made_narrows_nothing(head: str) -> None:
    assert ports(head) == set(PORTABLE)


def test_a_module_of_the_unix_port_that_is_used_as_cpythons_narrows_nothing() -> None:
    assert ports("import termios\ntermios.tcsetattr(0, termios.TCSANOW, [])") == {"unix"}
    assert ports("import termios\ntermios.tcsetattr(0, termios.TCSADRAIN, [])") == set(PORTABLE)


def test_configured_targets_are_not_narrowed() -> None:
    assert ports("import esp32", Config(targets=parse_targets(["rp2", "esp32"]))) == {"rp2", "esp32"}


def test_a_platform_condition_narrows_what_an_import_left() -> None:
    head = "import esp, sys\nif sys.platform != 'esp8266':\n    raise SystemExit"
    assert ports(head) == {"esp8266"}


def test_the_table_of_port_modules_names_ports_and_modules() -> None:
    assert {port for ports in ON_PORTS.values() for port in ports} <= set(PORTS)
    # CPython has `termios` too, but no other port.
    assert set(ON_PORTS) <= MICROPYTHON_ONLY | {"M5", "alif", "renesas", "termios"}

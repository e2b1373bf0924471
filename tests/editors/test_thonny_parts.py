"""The Thonny plug-in without Thonny: which target a board is, and that every text is translated."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.support.running import ROOT
from tools.rulepages.interpreters import Interpreter
from usock_lint.ports import parse_targets

PACKAGE = ROOT / "editors/thonny/thonnycontrib/usock_lint"

BANNERS = {
    "MicroPython v1.25.0 on 2025-04-15; Raspberry Pi Pico W with RP2040": "rp2==1.25.0",
    "MicroPython v1.26.0-preview.11.g123456789 on 2025-05-01; Raspberry Pi Pico 2 W with RP2350": "rp2==1.26.0",
    "MicroPython v1.24.1 on 2024-11-29; Generic ESP32 module with ESP32": "esp32==1.24.1",
    "MicroPython v1.23.0 on 2024-06-02; Generic ESP32S3 module with Octal-SPIRAM with ESP32S3": "esp32==1.23.0",
    "MicroPython v1.9.4-8-ga9a3caad0 on 2018-05-11; ESP module with ESP8266": "esp8266==1.9.4",
    "MicroPython v1.22.2 on 2024-02-22; PYBD-SF6W with STM32F767IIK": "stm32==1.22.2",
    "MicroPython v1.21.0 on 2023-10-05; Teensy 4.1 with MIMXRT1062DVJ6A": "mimxrt==1.21.0",
    "MicroPython v1.21.0 on 2023-10-05; Arduino Portenta C33 with RA6M5": "renesas-ra==1.21.0",
    "MicroPython v1.22.0 on 2023-12-27; Adafruit Metro M4 Express Airlift with SAMD51J19A": "samd==1.22.0",
    "LVGL (9.2.2) MicroPython (1.24.1) Binary compiled on 2025-01-10; Generic ESP32S3 with ESP32S3": "esp32==1.24.1",
    "MicroPython v1.25.0 on 2025-04-15; darwin [GCC 4.2.1] version": "unix==1.25.0",
    "MicroPython v1.25.0 on 2025-04-15; win32 [GCC 12.2] version": "",
    "Adafruit CircuitPython 9.2.1 on 2024-11-20; Raspberry Pi Pico W with rp2040": "",
    "Python 3.10.11 (bundled)": "",
    "": "",
}
"""What boards print when they start, in the form of shared/runtime/pyexec.c, and the target."""


def _target() -> Callable[[str], str]:
    spec = importlib.util.spec_from_file_location("board", PACKAGE / "board.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.target


@pytest.mark.parametrize("banner", BANNERS)
def test_a_board_is_the_target_that_its_banner_tells(banner: str) -> None:
    assert _target()(banner) == BANNERS[banner]
    if BANNERS[banner]:
        assert parse_targets(BANNERS[banner])


def test_a_real_interpreter_is_unix(released: Interpreter) -> None:
    done = subprocess.run([released.path, "-i"], input=b"\n", capture_output=True, timeout=60, check=False)
    assert _target()(done.stdout.decode()).startswith("unix==1.")


def _texts(function: str) -> Iterator[str]:
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                yield from (str(one.value) for one in node.args[:1] if isinstance(one, ast.Constant))


def test_every_text_is_there_in_chinese() -> None:
    tree = ast.parse((PACKAGE / "words.py").read_text(encoding="utf-8"))
    (table,) = [
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    ]
    translated = ast.literal_eval(table)
    assert {*_texts("say")} <= {*translated}

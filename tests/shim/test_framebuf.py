"""The pictures of framebuf are, byte for byte, those that real MicroPython draws."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.running import python
from tools.rulepages.interpreters import Interpreter
from usock_lint.ports.releases import release_name
from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.run import run_source

DRAWING = """
import framebuf, hashlib, binascii
from array import array

seed = [SEED]
def number(low, high):
    seed[0] = (seed[0] * 1103515245 + 12345) & 0x7fffffff
    return low + (seed[0] >> 8) % (high - low + 1)

FORMATS = (framebuf.MONO_VLSB, framebuf.RGB565, framebuf.GS4_HMSB, framebuf.MONO_HLSB, framebuf.MONO_HMSB,
    framebuf.GS2_HMSB, framebuf.GS8)

def make(form, most=40):
    width, height = number(1, most), number(1, most)
    stride = width + number(0, 2) * number(0, 9)
    data = bytearray((stride + 8) * (height + 8) * 2)
    for place in range(len(data)):
        data[place] = number(0, 255)
    return framebuf.FrameBuffer(data, width, height, form, stride), data, width, height

def shown(data):
    return binascii.hexlify(hashlib.sha256(data).digest())[:12]

def place():
    return number(-20, 60)

for form in FORMATS:
    for turn in range(12):
        fb, data, width, height = make(form)
        for step in range(30):
            colour = number(-3, 70000)
            kind = number(0, 11)
            said = None
            if kind == 0:
                said = fb.pixel(place(), place())
            elif kind == 1:
                fb.pixel(place(), place(), colour)
            elif kind == 2:
                fb.fill_rect(place(), place(), number(-3, 50), number(-3, 50), colour)
            elif kind == 3:
                fb.rect(place(), place(), number(-3, 50), number(-3, 50), colour, number(0, 1))
            elif kind == 4:
                fb.line(place(), place(), place(), place(), colour)
            elif kind == 5:
                fb.hline(place(), place(), number(-3, 50), colour)
                fb.vline(place(), place(), number(-3, 50), colour)
            elif kind == 6:
                fb.ellipse(place(), place(), number(0, 30), number(1, 30), colour)
            elif kind == 7:
                fb.ellipse(place(), place(), number(1, 30), number(0, 30), colour, number(0, 1), number(0, 15))
            elif kind == 8:
                corners = array("h", [place() for _ in range(number(0, 13))])
                fb.poly(number(-5, 5), number(-5, 5), corners, colour, number(0, 1))
            elif kind == 9:
                other = make(FORMATS[number(0, 6)], 20)[0]
                if number(0, 1):
                    fb.blit(other, place(), place())
                else:
                    fb.blit(other, place(), place(), number(-1, 4))
            elif kind == 10:
                colours = framebuf.FrameBuffer(bytearray([number(0, 255) for _ in range(8)]), 4, 1, framebuf.RGB565)
                fb.blit(make(framebuf.GS2_HMSB, 20)[0], place(), place(), number(-1, 4), colours)
            else:
                fb.scroll(number(-12, 12), number(-12, 12))
            print(form, turn, step, kind, said, shown(data))
        fb.fill(number(0, 70000))
        print(shown(data))
"""
"""Everything that draws, with numbers from a seed, inside the picture and across its edges."""


def printed_by(command: list[str], folder: Path, code: str) -> list[str]:
    (folder / "main.py").write_text(code)
    done = subprocess.run([*command, "main.py"], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert not done.stderr, done.stderr
    return done.stdout.splitlines()


def shim(interpreter: Interpreter) -> list[str]:
    assert interpreter.release
    return python("-m", "usock_lint.shim.run", "--version", release_name(interpreter.release))


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
def test_a_picture_is_drawn_as_on_the_real_interpreter(seed: int, released: Interpreter, tmp_path: Path) -> None:
    code = DRAWING.replace("SEED", str(seed))
    real = printed_by([released.path], tmp_path, code)
    assert len(real) > 2500
    assert printed_by(shim(released), tmp_path, code) == real


REFUSED = """
import framebuf
from array import array
def show(*arguments):
    try:
        print(*arguments, framebuf.FrameBuffer(*arguments))
    except Exception as error:
        print(*arguments, repr(error))
for size in range(0, 40):
    for form in range(-1, 8):
        for shape in ((1, 1), (4, 4), (5, 3), (9, 9), (3, 9, 12), (5, 2, 8), (0, 1), (1, 0), (8, 2, 7)):
            show(bytearray(size), *shape[:2], form, *shape[2:])
show(b"12345678", 8, 8, 0)
show("12345678", 8, 8, 0)
show(8, 8, 8, 0)
show(bytearray(8), 8.0, 8, 0)
show(bytearray(8), "8", 8, 0)
show(bytearray(8), 1 << 16, 1, 0)
show(bytearray(8), 8, 8)
fb = framebuf.FrameBuffer(bytearray(8), 8, 8, 0)
def call(name, *arguments, **keywords):
    try:
        print(name, arguments, getattr(fb, name)(*arguments, **keywords))
    except Exception as error:
        print(name, arguments, repr(error))
call("pixel", 1)
call("pixel", 1, 2.5)
call("pixel", 1, 2, 3, 4)
call("pixel", x=1, y=2)
call("fill", "red")
call("fill", None)
call("line", 1, 2, 3, 4)
call("text", 5, 0, 0)
call("text", "5", 0)
call("poly", 0, 0, [1, 2], 1)
call("poly", 0, 0, b"", 1)
call("poly", 0, 0, b"\\x01\\x02\\x05\\x06\\x07", 1)
call("poly", 0, 0, array("f", [1, 2, 5, 6]), 1)
call("blit", 3, 0, 0)
call("blit", (bytearray(2), 2), 0, 0)
call("blit", (b"ab", 2, 8, 0), 0, 0)
call("blit", [b"a", 2, 8, 0, 2], 0, 0)
call("blit", fb, 0, 0, -1, None)
call("scroll", 1)
call("ellipse", 4, 4, 0, 3, 1, True, 5)
for name in ("width", "buf", "format"):
    print(hasattr(fb, name))
try:
    fb.name = 1
except AttributeError as error:
    print(repr(error))
class Display(framebuf.FrameBuffer):
    def __init__(self, width, height):
        self.width = width
        self.buffer = bytearray(width * height)
        super().__init__(self.buffer, width, height, framebuf.MONO_VLSB)
    def show(self):
        print(self.width, sum(self.buffer))
class Small(Display):
    def __init__(self):
        super().__init__(16, 8)
small = Small()
small.hline(0, 0, 16, 1)
small.show()
fb.blit(small, 0, 0)
print(fb.pixel(3, 0))
old = framebuf.FrameBuffer1(bytearray(16), 16, 8)
old.vline(2, 0, 8, 1)
print(old.pixel(2, 7), framebuf.MVLSB, framebuf.FrameBuffer)
"""


def test_what_is_refused_is_refused_as_on_the_real_interpreter(released: Interpreter, tmp_path: Path) -> None:
    real = printed_by([released.path], tmp_path, REFUSED)
    assert printed_by(shim(released), tmp_path, REFUSED) == real


WRITTEN = """
import framebuf
data = bytearray(20 * 8)
fb = framebuf.FrameBuffer(data, 20, 8, framebuf.GS8)
fb.text("a b", -1, 0)
fb.text("\\x00a", 0, 0, 9)
for row in range(8):
    print("".join(str(one) for one in data[row * 20:row * 20 + 20]))
"""


def test_a_text_marks_the_cells_of_its_characters_and_says_so_once(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(WRITTEN)
    command = python("-m", "usock_lint.shim.run", "--port", "rp2", "main.py")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["0" * 20, *["1" * 6 + "0" * 10 + "1" * 4] * 6, "0" * 20]
    assert done.stderr == (
        "usock-lint run: framebuf: text() marks where characters stand; the glyphs of the firmware are not part of "
        "usock-lint\n"
    )


def test_glyphs_of_the_real_interpreter_stay_in_the_cells(released: Interpreter, tmp_path: Path) -> None:
    code = """
import framebuf
data = bytearray(96 * 16 * 9)
fb = framebuf.FrameBuffer(data, 96 * 9, 16, framebuf.GS8)
for code in range(33, 127):
    fb.text(chr(code), (code - 33) * 9, 4)
for column in range(94):
    for row in range(16):
        cells = data[row * 96 * 9 + column * 9:row * 96 * 9 + column * 9 + 9]
        assert cells[8] == 0
        assert 4 <= row < 12 or not any(cells)
print("inside")
"""
    assert printed_by([released.path], tmp_path, code) == ["inside"]


def test_a_picture_is_what_a_bus_sends() -> None:
    code = """
import framebuf
from machine import SPI
fb = framebuf.FrameBuffer(bytearray(b"12345678"), 8, 8, framebuf.MONO_VLSB)
SPI(0).write(fb)
"""
    run_source(code, "rp2")


@pytest.mark.parametrize(
    ("code", "release"),
    [
        pytest.param("framebuf.FrameBuffer(bytearray(4), 8, 8, 0).fill(1)", "1.21", id="small buffer"),
        pytest.param("framebuf.FrameBuffer(bytearray(8), 8, 8, 0).ellipse(4, 4, 0, 0, 1)", "1.24", id="hangs"),
    ],
)
def test_what_ends_badly_on_an_old_board_is_told(code: str, release: str) -> None:
    with pytest.raises(NotSimulated):
        run_source(f"import framebuf\n{code}", "rp2", release)


@pytest.mark.parametrize(
    ("line", "release"),
    [
        ("fb.ellipse(4, 4, 2, 2, 1)", "1.19"),
        ("fb.rect(0, 0, 4, 4, 1, True)", "1.19"),
        ("fb.blit((b'1', 1, 8, 0), 0, 0)", "1.25"),
    ],
)
def test_what_an_older_release_lacks_is_refused(line: str, release: str) -> None:
    made = "import framebuf\nfb = framebuf.FrameBuffer(bytearray(8), 8, 8, 0)\n"
    with pytest.raises((AttributeError, TypeError)):
        run_source(made + line, "rp2", release)
    run_source(made + line, "rp2")

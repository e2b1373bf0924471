"""What analysed code would compute costs the analysis neither memory nor time."""

from __future__ import annotations

import random
import resource
import subprocess
import sys

import libcst as cst
import pytest

from usock_lint import ports
from usock_lint.analysis import uses
from usock_lint.analysis.uses import EndlessLoop

MEMORY = 768 << 20
"""Bytes of address space. Python and the libraries take half of them; each of the computations would take all."""

SECONDS = 2.0
"""For one program; most take a hundredth of it."""

TEXTS = {
    "a product": 'b"x" * 100000 * 100000',
    "a product of numbers and a text": '99999 * (99999 * "x")',
    "a product of lists": "[0] * 99999 * 99999",
    "a wide field": '"%2000000000d" % 3',
    "a wide field of format": '"{:2000000000}".format(3)',
    "padding": '"x".center(99999).ljust(1000000000)',
    "zeros": '"x".zfill(99999).zfill(1000000000)',
    "bytes": "bytes(1000000000)",
    "bytes of bytes": "bytes(bytearray(99999)) * 99999",
    "joined texts": '("x" * 4000).join(["y"] * 1000)',
    "replaced texts": '("x" * 4000).replace("x", "y" * 4000)',
    "a shifted number": "1 << 1000000000",
    "a number of numbers": "(1 << 99999) * (1 << 99999)",
    "a text of a text": 'repr("x" * 99999 * 99999).upper()',
}

UNKNOWN = {
    "a width that is given": '"%*d" % (2000000000, 3)',
    "a width that is given to format": '"{:{}}".format(3, 2000000000)',
    "a field that repeats": '("{0}" * 1000).format("x" * 4000)',
    "a precision": '"%.1000000000f" % 1.0',
    "a special method": '"x".__mul__(99999).__mul__(99999)',
    "tabs": '("\\t" * 4000).expandtabs(99999)',
    "characters that become texts": '("a" * 4000).translate(["b" * 4000] * 99)',
    "an encoding that takes the square of the time": '("a" * 99999).encode("punycode")',
    "a power": "10 ** 1000000",
    "a sum of lists": "sum([[0] * 4000] * 4000, [])",
}

DOUBLING = {
    "a text": ("x = x + x", "'x'"),
    "bytes in place": ("x += x", "b'x'"),
    "a number": ("x = x * x", "3"),
    "a tuple": ("x = (x, x)", "1"),
    "a tuple of a socket": ("x = (x, x)", "s"),
    "a list": ("x = [x, x]", "1"),
    "a slice": ("x = (x, x)[0:2]", "s"),
    "one of two": ("x = (x, x) if y else [x, x]", "s"),
    "an iterator": ("x = reversed([x, sorted(x)])", "s"),
    "a tuple of tuples": ("x = tuple((x, x))", "()"),
    "a template": ("x = '%s%s' % (x, x)", "'x'"),
    "a template of format": ("x = '{0}{0}'.format(x)", "'x'"),
    "a quoted text": ("x = repr(x)", "'\\\\'"),
    "a joined text": ("x = x.join([x, x])", "'x'"),
    "a nested tuple": ("x = (x,)", "s"),
}

BEFORE = "import socket\ns = socket.socket()\n"


def loop(lines: str, condition: str) -> str:
    return f"{BEFORE}while True:\n    s.recv(9)\n{lines}    if not {condition}:\n        break\n"


def found(program: str) -> int:
    universe = ports.cells(ports.PORTABLE)
    return sum(isinstance(use, EndlessLoop) for use in uses(cst.parse_module(program), universe, {EndlessLoop}))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_that_is_not_computed_is_not_empty(text: str) -> None:
    assert found(loop("", text)) == 1
    assert found(loop("", f"not {text}")) == 0


LENGTHS = {
    "a product": ('b"x" * 300 * 300', 90000),
    "a product that is empty": ('b"x" * 300 * 300 * -1', 0),
    "a sum": ('"x" * 5000 + "y"', 5001),
    "padding": ('"x".ljust(5000).rjust(6000)', 6000),
    "a slice": ("bytes(10000)[10:-1]", 9989),
    "a joined text": ('("x" * 300).join(["y"] * 300)', 90000),
    "a replaced text": ('("x" * 300).replace("x", "y" * 300)', 90000),
    "a text of which some is replaced": ('("x" * 300).replace("x", "y" * 300, 20)', 6280),
    "bytes": ("bytearray(5000)", 5000),
    "a list": ("list(bytes(5000))", 5000),
}


@pytest.mark.parametrize(("text", "length"), LENGTHS.values(), ids=LENGTHS)
def test_a_text_that_is_not_computed_has_a_length(text: str, length: int) -> None:
    assert len(eval(text)) == length
    assert found(loop("", f"len({text}) == {length}")) == 1
    assert found(loop("", f"len({text}) != {length}")) == 0
    assert found(loop("", f"({text} == b'')")) == (length == 0)


@pytest.mark.parametrize("kind", ["bytearray", "bytes", "list", "str", "tuple"])
def test_what_is_made_of_nothing_is_empty(kind: str) -> None:
    assert found(loop("", f"not {kind}()")) == 1


def programs(seed: int) -> list[str]:
    """Programs that compute these texts and random ones, in a loop that reads and outside of one."""
    chance = random.Random(seed)
    texts = [*TEXTS.values(), *UNKNOWN.values(), *(random_text(chance, 4) for _ in range(150))]
    made = [program for text in texts for program in (loop("", text), f"{BEFORE}x = {text}\nif x:\n    s.send(x)\n")]
    for line, first in DOUBLING.values():
        made.append(loop(f"    x = {first}\n" + f"    {line}\n" * 60, "x"))
        made.append(f"{BEFORE}x = {first}\ny = {first}\n{line}\n{line.replace('x', 'y')}\n" * 60 + "s.send(x == y)\n")
    return made


def random_text(chance: random.Random, depth: int) -> str:
    """An expression whose value is a text, which may be very large."""

    def text() -> str:
        return random_text(chance, depth - 1)

    def width() -> str:
        return chance.choice(("2", "4000", "99999", "1000000000"))

    def number() -> str:
        return chance.choice((width(), width(), f"len({text()})", f"{text()}.count({text()})"))

    def method() -> str:
        return chance.choice(
            ("upper()", "strip()", "encode().decode()", "lower()", "title()", "encode('utf-16').hex()")
        )

    if depth == 0:
        return chance.choice(("'x'", "'\\t'", "'{0}{0:9999}'", "('%s' * 99)", "repr('\\0' * 999)"))
    forms = (
        lambda: f"({text()} * {number()})",
        lambda: f"({text()} + {text()})",
        lambda: f"({text()} % ({text()}, {number()}))",
        lambda: f"('%{width()}s%.{width()}s' % ({text()}, {text()}))",
        lambda: f"('%*d%.*f' % ({number()}, {number()}, {number()}, {number()}))",
        lambda: f"'{{:{width()}}}{{0!r}}'.format({text()}, {number()})",
        lambda: f"{text()}.format({text()}, {number()})",
        lambda: f"{text()}.{chance.choice(('center', 'ljust', 'zfill', 'expandtabs'))}({number()})",
        lambda: f"{text()}.join([{text()}, {text()}] * {number()})",
        lambda: f"{text()}.join({text()}.split({text()}))",
        lambda: f"{text()}.replace({text()}, {text()})",
        lambda: f"{text()}.{method()}",
        lambda: f"{chance.choice(('str', 'repr'))}(({text()}, [{text()}] * {number()}))",
        lambda: f"str({chance.choice(('bytes', 'bytearray', 'list', 'range'))}({number()}))",
        lambda: f"hex({number()} << {number()} * {number()})",
        lambda: f"{text()}[{number()}:{number()}]",
        lambda: f"({text()}, {text()}, {text()})[{number()} % 3]",
    )
    return chance.choice(forms)()


def test_no_computation_takes_much_memory_or_time() -> None:
    # The limits are those of a process of its own.
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def main() -> None:
    from time import process_time

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for program in programs(1):
        began = process_time()
        try:
            found(program)
        except Exception as error:
            print(program, repr(error))
        if (took := process_time() - began) > SECONDS:
            print(program, took)


if __name__ == "__main__":
    main()

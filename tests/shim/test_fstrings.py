"""F-strings run as on MicroPython also where CPython's own parser does not take them, which is so before 3.12."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from tests.support.running import python
from tools.rulepages.interpreters import Interpreter
from usock_lint.ports.releases import release_name
from usock_lint.shim.world.fstrings import parsable

PROGRAM = r"""
d = {"a": 1, "b": [1, 2]}
x, w = 3.14159, 10
lines = ["p", "q"]
print(f"{'\n'.join(lines)}")
print(f"t {x:.2f}{'\u00b0'}C {{}} {d['a']!r:>4}|")
print(f"{'\t'}{x:{w}.3f}|{'a' + '\x41'}" + f"{'\\'}")
print(f'''{"\n".join(lines)}
{x!s}''')
print(f"{'\n'!r} {d.get('z', '\n')!r} {b'\x00'!r} {''!r}")
print(f"\n{x}\t{{\n}}" f"{'\''}", "f'{' # no f-string")
print(f"{d["a"]} {x:'>10}")  # f"{'\n'}"
print(f'{"\n"}{"#"}')
1 / 0
"""


def test_a_program_with_backslashes_in_fields_does_the_same_as_on_the_real_interpreter(
    released: Interpreter, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(PROGRAM, encoding="utf-8")
    assert released.release
    shim_run = python("-m", "usock_lint.shim.run", "--version", release_name(released.release))
    real, shim = (
        subprocess.run([*command, "main.py"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
        for command in ([released.path], shim_run)
    )
    assert "ZeroDivisionError" in real.stderr
    assert (shim.stdout, shim.stderr) == (real.stdout, real.stderr)


@pytest.mark.parametrize(
    "source",
    [
        "f'{x}'",
        "f'{x:>{w}}' 'a' \"b\"",
        "r'\\' # f'",
        "f'{{{x}}}'",
        "rb'{' + bR'\\{'",
        "f'{(lambda: 1)()}'",
        "f'{d[\"a:b\"]!r:{w}}'",
        "prefixf'a'",
        "'unfinished",
        "f'{unfinished",
        "f'{",
        "",
    ],
)
def test_what_can_be_parsed_or_never_will_stays_as_it_is(source: str) -> None:
    assert parsable(source) == source


def test_lines_stay_where_they_are() -> None:
    source = "a = f'''{x}\n{'\\n'.join(\n    y)}\n'''\nb = 1\n"
    changed = parsable(source)
    assert changed.count("\n") == source.count("\n")
    assert ast.parse(changed).body[1].lineno == 5

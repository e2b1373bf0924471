"""Findings of all kinds, and what the output formats make of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial

import pytest

from usock_lint import Config, Finding, lint_source
from usock_lint.output import FORMATS, renderer
from usock_lint.output.terminal import plain

SEVERAL = """\
import socket

s = socket.socket()
with socket.socket() as t:
\ts.connect(("ex\x07ample.com", 80)); print("é漢"); s.settimeout(1); socket.timeout; socket.timeout
errors = (
    socket.
    timeout,
)
x = "]]>&<'%0A"; print(socket.error); f = s.makefile("r")
"""
"""Many rules, and all that is hard for a format: control characters, wide ones, markup, findings of several lines."""

EVERYTHING = Config(extend_select=("USK",), assume="device")


def found(path: str, source: str = SEVERAL, config: Config = EVERYTHING) -> list[Finding]:
    """The findings in a source, of which there is one at least."""
    findings = lint_source(source, path, config)
    assert findings
    return findings


ODD_PATHS = [
    "net.py",
    "with space/a,b:c%d.py",
    "naïve/漢字.py",
    "\udce9.py",
    "new\nline.py",
    "../up.py",
    "/abs/olute.py",
    "<stdin>",
]

SAMPLES: dict[str, Callable[[], list[Finding]]] = {
    "nothing": list,
    "many": lambda: [finding for number in range(30) for finding in found(f"{number}.py")],
    "a syntax error": lambda: found("bad.py", "import socket\nprint 'Python 2'\n"),
    "a syntax error without a place": lambda: found("deep.py", "import socket; f" + "(" * 2000),
    "a cut line": lambda: found("long.py", f"{'import socket; ' * 40}socket.timeout{'; x = 1' * 40}\n"),
    **{f"in {path!r}": partial(found, path) for path in ODD_PATHS},
}
"""How to find them. All processes of a run collect the tests, and one asks."""


@cache
def sample(name: str) -> list[Finding]:
    """The findings of that name."""
    return SAMPLES[name]()


def render(form: str, findings: Sequence[Finding]) -> str:
    """What a format makes of findings, without colours."""
    return renderer(form)(findings, plain, "en")


each_sample = pytest.mark.parametrize("findings", SAMPLES, indirect=True)
"""Parametrizes the fixture of a test module that has them."""

each_format = pytest.mark.parametrize("form", FORMATS)

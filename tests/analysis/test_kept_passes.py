"""A document that is edited has the findings and the uses that it has when it is opened anew."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import libcst as cst
import pytest

from tests.support.edits import versions
from tests.support.programs import SOURCES
from tests.support.running import ROOT
from usock_lint import ports
from usock_lint.analysis.domain.library import Surroundings
from usock_lint.analysis.interpreter import definitions
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.kept_passes import KeptPasses
from usock_lint.analysis.summaries import Body
from usock_lint.analysis.trace import trace_of
from usock_lint.analysis.uses import AnyUse
from usock_lint.catalog.pages import rules
from usock_lint.diagnostics import FileReport, Location
from usock_lint.linting.file import lint_named
from usock_lint.ports.history import owners
from usock_lint.server.hover import CarriedOver, Outline
from usock_lint.settings.config import Config
from usock_lint.syntax import class_members
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.parsing import parse

EVERYTHING = Config(extend_select=tuple(rule.code for rule in rules().values()), assume="device")

_CLOSED = re.compile(r"  closed=(?:(?!  )[^\n])*")


@pytest.fixture(autouse=True)
def classes_are_cut_however_short_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_members, "SHORTEST", 0)


class _Seen(Outline):
    """An outline that keeps the uses, as hovers show them."""

    uses: Sequence[AnyUse] = ()

    def note(self, uses: Sequence[AnyUse]) -> None:
        self.uses = uses
        super().note(uses)


def _linted(text: str, path: str, before: CarriedOver) -> tuple[FileReport, list[str], list[str | None]]:
    """The report on a version, the uses in it, and for some versions what hovers show.

    The order of uses, and the states of lost sockets, are those of sets.
    """
    seen = _Seen(text, before)
    report = lint_named(text, path, EVERYTHING, seen)
    found = trace_of(seen.uses, seen.parse(text).locator(), ports.cells(ports.PORTABLE)) if seen.uses else ""
    hovers = [seen.owner(name, place) for name, place in _names(text)[::7]] if len(text) % 5 == 0 else []
    return report, sorted(_CLOSED.sub("", found).split("\n")), hovers


def _names(text: str) -> list[tuple[str, Location]]:
    return [
        (found[0], Location(row, found.start() + 1))
        for row, line in enumerate(split_lines(text), 1)
        for found in re.finditer(r"\w+", line)
        if owners(found[0])
    ]


def test_a_hover_shows_the_same_owner_whatever_use_comes_first() -> None:
    text = """import socket, ssl
class Client:
    def connect(self, secure):
        self.sock = socket.socket()
        if secure:
            self.sock = ssl.wrap_socket(self.sock)

    def send(self):
        self.sock.write('x')
"""
    seen = _Seen(text, CarriedOver())
    lint_named(text, "main.py", EVERYTHING, seen)
    for uses in (seen.uses, [*reversed(seen.uses)]):
        seen.note(uses)
        assert seen.owner("write", Location(9, 19)) == "socket"


def agree(text: str, count: int, seed: int, path: str = "main.py") -> None:
    """Edit a program so many times; each version has to be linted as if it were the first."""
    before = CarriedOver()
    for number, version in enumerate(versions(text, count, seed)):
        kept, anew = _linted(version, path, before), _linted(version, path, CarriedOver())
        assert kept == anew, f"edit {number}, seed {seed}:\n{version}"


@pytest.mark.parametrize(
    ("head", "edited"),
    [("names = dir(socket)", "names = vars(socket)"), ("name = os.uname().machine", "name = os.uname().release + ''")],
)
def test_what_a_pass_asks_about_the_file_is_asked_again(head: str, edited: str) -> None:
    text = """import os, socket
{head}
def show(s=socket.socket()):
    if "shutdown" in names or "gethostname" in names:
        print(socket.gethostname())
    if name == "1.40" or name in ("1.41", "1.42"):
        s.shutdown(2)
"""
    before = CarriedOver()
    for version in (text.replace("{head}", one) for one in (head, edited, head)):
        assert _linted(version, "main.py", before) == _linted(version, "main.py", CarriedOver()), version


def programs() -> Iterator[str]:
    """Programs with many functions: the examples, and pages of rules one after the other."""
    for path in sorted((ROOT / "examples").rglob("*.py")):
        yield path.read_text(encoding="utf-8")
    chance = random.Random(0)
    while True:
        yield "\n\n".join(chance.sample(SOURCES, 8))


@pytest.mark.parametrize(
    "seed", [0, 1, 2, 4, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (3, *range(5, 12)))]
)
def test_each_version_is_linted_as_if_it_were_the_first(seed: int) -> None:
    for text, number in zip(programs(), range(seed + 1), strict=False):
        if number == seed:
            agree(text, 12, seed)


def test_what_outlives_a_pass_keeps_a_journal() -> None:
    """Whoever adds a table to the interpreter is told here that passes are kept, which may look it up."""
    module = parse("import socket\n").module
    interp = KeptPasses().interpreter(module, ports.cells(ports.PORTABLE), Surroundings(), None, losses=True)
    owners = (interp, interp.env, interp.hierarchy, interp.typing)
    plain = {
        f"{type(owner).__name__}.{name}"
        for owner in owners
        for name, value in vars(owner).items()
        if type(value) in (dict, set, list)
    }
    # The tables themselves by name, and sockets that a pass has lent, which each pass begins with none of.
    assert plain == {"_Interpreter.tables", "Environment.lent"}


_MAIN = """\
import socket
import config
from net import make, HOST


def a():
    s = make()
    s.connect((HOST, 80))
    s.sendall(b"")


def b(port):
    import net
    s = net.make()
    s.bind((net.HOST, config.PORT))


class C:
    def f(self):
        self.s = make()

    def g(self):
        self.s.sendall(b"x")
"""
_OTHERS = (
    "import socket\nHOST = '10.0.0.1'\nPORT = 80\n\ndef make():\n    return socket.socket()\n",
    "import socket\nHOST = 'example.com'\n\ndef make():\n    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n",
    "import socket\nPORT = 'http'\n\ndef make():\n    return None\n",
    "",
)


@pytest.mark.parametrize("seed", range(3))
def test_a_file_of_the_project_that_changes_is_looked_up_again(seed: int, tmp_path: Path) -> None:
    path, chance, before = tmp_path / "main.py", random.Random(seed), CarriedOver()
    path.write_text(_MAIN)
    for version in versions(_MAIN, 20, seed):
        for name in ("net.py", "config.py"):
            text = chance.choice((*_OTHERS, None, None))
            if text:
                (tmp_path / name).write_text(f"{text}# {chance.random()}\n")
            elif text == "":
                (tmp_path / name).unlink(missing_ok=True)
        assert _linted(version, str(path), before) == _linted(version, str(path), CarriedOver()), version


def test_an_edit_of_a_function_makes_passes_over_it_and_over_what_depends_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = (
        "import socket\nPORT = 80\n\ndef bind():\n    s = socket.socket()\n    s.bind(('', PORT))\n    s.close()\n\n"
        "def make():\n    return socket.socket()\n\ndef use():\n    make().send(b'1')\n\n"
        "class C:\n    def f(self):\n        self.s = make()\n\n    def g(self):\n        self.s.send(b'2')\n\n"
        "    def h(self):\n        return 3\n"
    )
    made: list[str] = []

    def noting(interp: Interpreter, body: Body) -> None:
        if isinstance(body.node, cst.FunctionDef):
            made.append(body.node.name.value)
        make_pass(interp, body)

    make_pass = definitions.make_pass
    monkeypatch.setattr(definitions, "make_pass", noting)
    before = CarriedOver()

    def passes(version: str) -> set[str]:
        made.clear()
        lint_named(version, "main.py", EVERYTHING, Outline(version, before))
        return {*made}

    assert passes(text) == {"make", "use", "bind", "f", "g", "h"}
    assert passes(f"# a comment\n{text}") == set()
    assert passes(text.replace("b'1'", "b'4'")) == {"use"}
    assert passes(text.replace("PORT = 80", "PORT = 81")) == {"use", "bind"}
    assert passes(text.replace("return 3", "return 4")) == {"bind", "h"}
    assert passes(text.replace("return socket.socket()", "return None")) == {"make", "use", "f", "g", "h"}

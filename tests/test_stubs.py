"""The stub promises what real interpreters have, and pyright and mypy report what it does not promise."""

from __future__ import annotations

import ast
import json
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import venv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import pytest
from interpreters import ROOT, Interpreter

from usock_lint.ports import PORTABLE, cells, has, implementation

STUB: Final = ROOT / "stubs" / "usocket.pyi"
SAMPLES: Final = sorted((ROOT / "tests" / "typing").glob("*.py"))
MARK: Final = re.compile(r"# type-error(?: \((\w+)\))?$")

UNIX_SINCE: Final[dict[str, tuple[int, int] | None]] = {
    "IPPROTO_IP": None,
    "IPPROTO_TCP": None,
    "TCP_NODELAY": None,
    "MSG_PEEK": (1, 26),
    "IP_ADD_MEMBERSHIP": (1, 27),
    "socket.sendall": (1, 29),
}
"""What boards have and unix got after 1.25, or lacks (None). The protocol numbers it never exported."""

NOT_PORTABLE: Final = {"socket.fileno"}
"""In the stub although lwIP ports lack it, marked deprecated: CPython's stubs of select.poll ask for it."""

PROBE: Final = """
import json, sys, usocket

def look(path):
    thing = usocket
    for name in path.split("."):
        if not hasattr(thing, name):
            return None
        thing = getattr(thing, name)
    return thing if isinstance(thing, int) else "present"

print(json.dumps([sys.implementation.version[:2], {path: look(path) for path in NAMES}]))
"""

Lines: TypeAlias = dict[str, set[int]]
"""By the name of a sample: the lines, from 1, that something is said about."""


# What the stub says


def members(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.stmt, str | None]]:
    """The public names of a module's or class's body, each with its node and docstring."""
    for node, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name, text = node.target.id, docstring_of_constant(following)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            name, text = node.name, ast.get_docstring(node)
        else:
            continue
        if not name.startswith("_"):
            yield prefix + name, node, text


def docstring_of_constant(following: ast.stmt | None) -> str | None:
    if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
        return str(following.value.value)
    return None


def promised() -> list[tuple[str, ast.stmt, str | None]]:
    """Every public name of the stub; what a socket has, inherited or its own, as `socket.name`."""
    module = ast.parse(STUB.read_text(encoding="utf-8"))
    classes = {node.name: node for node in module.body if isinstance(node, ast.ClassDef)}
    found = list(members(module.body))
    for base in ("_Stream", "socket"):
        found += members(classes[base].body, "socket.")
    return found


def values() -> dict[str, int]:
    """The constants that the stub gives a number."""
    constants = [(name, node.value) for name, node, _ in promised() if isinstance(node, ast.AnnAssign)]
    return {name: ast.literal_eval(value) for name, value in constants if value}


def names() -> set[str]:
    return {name for name, _, _ in promised()}


def test_every_public_name_says_what_it_is() -> None:
    assert [name for name, _, text in promised() if not text] == []


def test_what_is_promised_is_what_every_portable_target_has() -> None:
    targets = cells(PORTABLE)
    esp32 = implementation("esp32")
    module = {name for name in esp32.module if all(has(cell, "module", name) for cell in targets)}
    members = {name for name in esp32.members if all(has(cell, "socket", name) for cell in targets)}
    public = {name for name in module | {f"socket.{name}" for name in members} if "__" not in name}
    assert names() - NOT_PORTABLE == public


# What real interpreters say


@pytest.fixture
def port() -> int:
    """A free one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_unix_has_the_same_names_and_values(micropython: Interpreter, tmp_path: Path) -> None:
    (tmp_path / "probe.py").write_text(f"NAMES = {sorted(names())}\n{PROBE}")
    version, found = json.loads(micropython.run(tmp_path / "probe.py", {}).output)
    lacking = {name for name, since in UNIX_SINCE.items() if since is None or since > tuple(version)}
    assert {name for name, value in found.items() if value is None} == lacking
    assert [name for name, value in values().items() if name not in lacking and found[name] != value] == []


@pytest.mark.parametrize(
    ("sample", "output"),
    [
        ("good_tcp.py", "None None None\nTrue b'ping\\n'\n2 b'po'\nb'line\\n' False\n"),
        ("good_udp.py", "5 b'hello!'\n"),
        ("good_api.py", ""),
    ],
)
def test_a_good_sample_runs(
    sample: str, output: str, micropython: Interpreter, tmp_path: Path, port: int
) -> None:
    text = (ROOT / "tests" / "typing" / sample).read_text(encoding="utf-8")
    (tmp_path / sample).write_text(text.replace("PORT = 0", f"PORT = {port}"))
    assert micropython.run(tmp_path / sample, {}).output == output


# What type checkers say


def marked(sample: Path, checker: str) -> set[int]:
    """The lines on which a sample promises an error, of both checkers or of the one in parentheses."""
    marks = enumerate(map(MARK.search, sample.read_text(encoding="utf-8").splitlines()), 1)
    return {row for row, mark in marks if mark and mark[1] in (None, checker)}


def lay_out(folder: Path) -> tuple[Path, Path]:
    """A user's project, and the Python of a virtual environment that has the stub installed and nothing else.

    The stub is also handed out as `typings/socket.pyi`, of which only mypy has to be told.
    """
    venv.create(folder / "venv", symlinks=sys.platform != "win32")
    paths = sysconfig.get_paths("venv", {"base": str(folder / "venv"), "platbase": str(folder / "venv")})
    installed = Path(paths["purelib"]) / "usocket-stubs"
    installed.mkdir()
    shutil.copy(STUB, installed / "__init__.pyi")
    project = folder / "project"
    (project / "typings").mkdir(parents=True)
    shutil.copy(STUB, project / "typings" / "socket.pyi")
    for sample in SAMPLES:
        shutil.copy(sample, project)
    (project / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    (project / "mypy.ini").write_text("[mypy]\nstrict = True\nmypy_path = typings\ncache_dir = ../cache\n")
    return project, Path(paths["scripts"]) / "python"


def start(project: Path, module: str, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *options]
    return subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """What a checker prints. Raises AssertionError when it could not do its work."""
    try:
        output, errors = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 1, f"{process.args} ended with {process.returncode}\n{output}{errors}"
    return output


def pyright_lines(output: str) -> Lines:
    lines: Lines = defaultdict(set)
    for report in json.loads(output)["generalDiagnostics"]:
        # A warning at each `import usocket`: there is a stub and, on this machine, no module.
        if report.get("rule") != "reportMissingModuleSource":
            lines[Path(report["file"]).name].add(report["range"]["start"]["line"] + 1)
    return lines


def mypy_lines(output: str) -> Lines:
    lines: Lines = defaultdict(set)
    for report in map(json.loads, output.splitlines()):
        if report["severity"] == "error":
            lines[Path(report["file"]).name].add(report["line"])
    return lines


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lines]:
    """By checker: the lines it reports. Each checks all the samples at once, both side by side."""
    folder = tmp_path_factory.mktemp("typing")
    project, python = lay_out(folder)
    with (
        start(project, "pyright", "--outputjson", f"--pythonpath={python}") as pyright,
        start(project, "mypy", "--output=json", f"--python-executable={python}", ".") as mypy,
    ):
        return {"mypy": mypy_lines(finish(mypy)), "pyright": pyright_lines(finish(pyright))}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("checker", ["pyright", "mypy"])
def test_a_checker_reports_the_marked_lines_and_no_other(
    checker: str, sample: Path, reported: dict[str, Lines]
) -> None:
    assert reported[checker][sample.name] == marked(sample, checker)

"""`usock-lint run` ends as the real interpreter does, runs modules, and reports what other ports do differently."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.each import check_each
from tests.support.running import ROOT, environment, interrupted, lint, lint_process, wait_until_asleep
from tools.rulepages.interpreters import Interpreter
from usock_lint.shim.run import main

FAILING = {
    "exit status": "import sys\nsys.exit(3)",
    "exit status of one byte": "raise SystemExit(300)",
    "exit status below zero": "import sys\nsys.exit(-1)",
    "exit with a text": "import sys\nprint(1)\nsys.exit('bye')",
    "exit with a tuple": "raise SystemExit((1, 2))",
    "exit with True": "raise SystemExit(True)",
    "exit with nothing": "import sys\nsys.exit()",
    "interrupt": "raise KeyboardInterrupt",
    "functions": "def f():\n    raise OSError(2)\n\ndef g():\n    f(\n    )\n\n\ng()",
    "frames of all kinds": "x = lambda: 1 / 0\nclass A:\n  def m(self): [x() for i in range(2)]\nA().m()",
    "comprehensions of all kinds": "def f(x): return [1 // y for y in x]\n{a: {b for b in f([0])} for a in [1]}",
    "comprehensions in each other": "class A:\n  x = [[1 // z for z in [y]] for y in [0]]",
    "a comprehension that binds a name": "def f():\n  [y := x for x in [0]]\n  1 // y\nf()",
    "class body": "class A:\n    nosuch",
    "generator": "def g():\n    yield 1\n    raise ValueError\nlist(g())",
    "own exception": "class E(Exception): pass\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    raise E('a', 1)",
    "own text": "class E(Exception):\n    def __str__(self): return 'mine'\nraise E(1)",
    "no arguments": "raise ValueError",
    "a number": "raise ValueError(1)",
    "an error number and a text": "raise OSError(2, 'x')",
    "no error number": "raise OSError('m', 3)",
    "assertion": "assert 1 == 2, 'why'",
    "key": "{}['k']",
    "index": "[1][3]",
    "name": "undefined",
    "local name": "def f():\n    x\n    x = 1\nf()",
    "attribute": "import socket\nsocket.socket().nosuch",
    "call": "1()",
    "iteration": "for i in 5: pass",
    "unpacking": "a, b = 5",
    "division": "1 // 0",
    "division of floats": "1.0 // 0.0",
    "remainder of floats": "1.0 % 0.0",
    "negative power of zero": "0 ** -1",
    "unpacking too many": "a, b = 1, 2, 3",
    "unpacking too few": "a, b = [1]",
    "a key that cannot be one": "{[]: 1}",
    "setting an attribute": "import socket\nsocket.socket().timeout = 1",
    "setting an attribute of a number": "(1).x = 2",
    "a keyword that nobody expects": "def f(abc): pass\nf(abd=1)",
    "biggest of nothing": "max([])",
    "missing import": "import nosuch",
    "import that fails": "import beside",
    "name missing in an import": "from package import nosuch",
    "name missing in a builtin module": "from socket import nosuch",
    "printed": "import sys\ntry:\n  [].y\nexcept Exception as e:\n  sys.print_exception(e)\n  raise",
    "never raised": "import sys\nsys.print_exception(ValueError(1))",
    "re-raised": "def f():\n  try:\n    [].y\n  finally:\n    pass\nf()",
    "sockets": "import socket\nsocket.socket().connect(socket.getaddrinfo('127.0.0.1', 1)[0][-1])",
    "wrong argument": "import socket\nsocket.socket().connect(('127.0.0.1', 1))",
}
"""Programs by what they show."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with modules to import."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "beside.py").write_text("def f():\n    raise RuntimeError('no')\nf()\n")
    inner = tmp_path / "package" / "inner"
    inner.mkdir(parents=True)
    show = "import sys\nprint(__name__, __file__, sys.argv)\n"
    (tmp_path / "package" / "__init__.py").write_text(show)
    (tmp_path / "package" / "__main__.py").write_text(show + "from .inner import leaf\nsys.exit(4)\n")
    (inner / "leaf.py").write_text(show + "from .. import __main__ as m\nprint(m is not None)\n1 / 0\n")
    (tmp_path / "alone.py").write_text(show)
    return tmp_path


def real(micropython: Interpreter, *words: str) -> tuple[int, str, str]:
    done = subprocess.run([micropython.path, *words], capture_output=True, text=True, timeout=10)
    return done.returncode, done.stdout, done.stderr


def release(micropython: Interpreter) -> str:
    """What it says it is, such as 1.26.1."""
    return real(micropython, "-c", "import sys\nprint('%d.%d.%d' % sys.implementation[1][:3])")[1].strip()


def test_a_program_ends_as_on_the_real_interpreter(
    folder: Path, released: Interpreter, capsys: pytest.CaptureFixture[str]
) -> None:
    version = release(released)

    def ends_so(name: str) -> None:
        (folder / "main.py").write_text(FAILING[name])
        status = main(["--version", version, "main.py", "a"])
        assert (status, *capsys.readouterr()) == real(released, "main.py", "a")

    check_each(ends_so, FAILING)


@pytest.mark.parametrize(
    "words", ["alone", "alone a -b", "package", "package c", "package.inner.leaf", "nosuch", "package.nosuch", "beside"]
)
def test_a_module_runs_as_on_the_real_interpreter(
    words: str, folder: Path, released: Interpreter, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["-m", *words.split()])
    assert (status, *capsys.readouterr()) == real(released, "-m", *words.split())


def test_a_script_in_another_folder_finds_the_modules_beside_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "main.py").write_text("import near\n")
    (folder / "inner" / "near.py").write_text("print('near')\n")
    (folder / "near.py").write_text("print('wrong')\n")
    assert main([os.path.join("inner", "main.py")]) == 0
    assert capsys.readouterr().out == "near\n"


def test_a_source_that_is_not_utf8_is_one_line_that_says_where(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "main.py").write_bytes(b"a = 1\nx = '\xff'\n")
    assert main(["main.py"]) == 2
    assert capsys.readouterr().err == "usock-lint run: main.py:2: this is not UTF-8\n"


WAITING = "import socket\ns = socket.socket({0})\ns.bind(socket.getaddrinfo('0.0.0.0', 0, socket.AF_INET)[0][-1])\n"


@pytest.mark.parametrize("port", ["unix", "rp2", "esp32", "zephyr"])
def test_control_c_ends_a_waiting_program_with_its_traceback(port: str, folder: Path) -> None:
    (folder / "main.py").write_text(f"{WAITING.format('')}s.listen(1)\nprint('waiting')\ns.accept()\n")
    command = [sys.executable, "-u", "-m", "usock_lint", "run", "--port", port, "main.py"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
        assert process.stdout
        assert process.stdout.readline() == b"waiting\n"
        wait_until_asleep(process.pid)
        printed = b"".join(interrupted(process)).decode()
    assert process.returncode == (130 if port == "unix" else 1)
    assert printed.splitlines()[0] == "Traceback (most recent call last):"
    assert printed.splitlines()[-1].rstrip() == "KeyboardInterrupt:"
    assert str(ROOT) not in printed


# The report


def report(code: str, port: str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """What is on standard error after a program of this code."""
    Path("main.py").write_text(code)
    main(["--port", port, "--report", *options, "main.py"])
    return capsys.readouterr().err


SOCKET = "import socket\ns = socket.socket()\n"


@pytest.mark.parametrize(
    ("code", "port", "line"),
    [
        ("import socket\nhasattr(socket, 'timeout')", "rp2", "2: socket.timeout: missing on every port"),
        ("try:\n  from socket import gaierror\nexcept: 0", "rp2", "2: socket.gaierror: missing on every port"),
        ("import socket\nsocket.AF_UNIX", "unix", "2: socket.AF_UNIX: exists here, missing everywhere else"),
        (SOCKET + "getattr(s, 'shutdown', 0)", "unix", "3: a socket's shutdown: missing on every port"),
        (SOCKET + "with s: 0", "unix", "3: `with` on a socket: missing on every port"),
        (SOCKET + "s.fileno", "esp32", "3: a socket's fileno: exists here, missing on esp8266, rp2,"),
        (SOCKET + "s.recv(bufsize=1)", "rp2", "3: a socket's recv with keyword arguments: TypeError on every port"),
        (
            "import socket\nsocket.socket(family=2)",
            "unix",
            "2: socket.socket with keyword arguments: ignored here, Type",
        ),
        (SOCKET + "s.send(b'', 0)", "rp2", "3: a socket's send with 2 arguments: TypeError here, accepted on unix"),
        (SOCKET + "s.makefile('r')", "rp2", "3: what a socket's makefile('r') reads: bytes here, str on unix"),
        (SOCKET + "s.makefile()", "unix", "3: what a socket's makefile() reads: str here, bytes everywhere else"),
        (SOCKET + "s.bind(('', 0))", "rp2", "3: a socket's bind with a tuple for the address: accepted here, TypeE"),
        (SOCKET + "s.connect(('x.y', 1))", "esp32", "3: a socket's connect with the host name 'x.y': resolves here,"),
        ("import errno\nhasattr(errno, 'EPIPE')", "rp2", "2: errno.EPIPE: missing on every port"),
        ("try: TimeoutError\nexcept NameError: 0", "rp2", "1: TimeoutError: missing on every port"),
        ("def f():\n  BlockingIOError\nf()", "unix", "2: BlockingIOError: missing on every port"),
        (
            "try: 0 if OSError(1).strerror else 0\nexcept AttributeError: 0",
            "rp2",
            "1: an OSError's strerror: missing on",
        ),
        ("try: import threading\nexcept ImportError: 0", "rp2", "1: import threading: missing on every port"),
        ("try: import esp32\nexcept ImportError: 0", "rp2", "1: import esp32: missing here, exists on esp32"),
    ],
)
def test_the_report_names_what_is_not_the_same_everywhere(
    code: str, port: str, line: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert f"\nmain.py:{line}" in report(code, port, capsys)


def test_the_report_of_a_portable_program_says_that_there_is_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = SOCKET + "try: s.connect(socket.getaddrinfo('127.0.0.1', 1)[0][-1])\nexcept OSError: pass\ns.close()"
    head = "Simulated unix 1.29; nothing that the script used is missing or not the same on every port.\n"
    assert report(code, "unix", capsys) == head


def test_without_report_nothing_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("main.py").write_text("import socket\nhasattr(socket, 'timeout')")
    assert main(["main.py"]) == 0
    assert capsys.readouterr().err == ""


def test_the_report_counts_a_feature_once_and_names_the_module_it_was_in(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("near.py").write_text("\nimport socket\nhasattr(socket, 'timeout')\nhasattr(socket, 'timeout')\n")
    printed = report("import near\nimport socket\nhasattr(socket, 'timeout')", "rp2", capsys)
    assert printed.count("socket.timeout") == 1
    assert "near.py:3: socket.timeout" in printed


def test_the_report_comes_after_the_traceback_also_as_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    *trace, last = report("import socket\nsocket.timeout", "rp2", capsys, "--output-format", "json").splitlines()
    assert trace[-1] == "AttributeError: 'module' object has no attribute 'timeout'"
    feature: dict[str, object] = {
        "filename": "main.py",
        "row": 2,
        "feature": "socket.timeout",
        "here": "missing",
        "elsewhere": {},
    }
    assert json.loads(last) == {"port": "rp2", "version": "1.29", "features": [feature]}


def test_a_program_does_the_same_whether_it_is_watched_or_not(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "import socket, errno, sys\nfrom socket import *\ns = socket()\nprint(s, dir(s), sorted(dir(sys.modules)))\n"
        "for f in (s.recv, s.accept, s.nosuch):\n  f(1)"
    )
    seen: list[list[str]] = []
    for options in ([], ["--report"]):
        Path("main.py").write_text(code)
        main(["--port", "rp2", *options, "main.py"])
        out, err = capsys.readouterr()
        seen.append([out, err.partition("Simulated")[0]])
    assert seen[0] == seen[1]


# The project's targets


SAY = "import sys\nprint(sys.platform, sys.implementation.version[:2])\n"


@pytest.mark.parametrize(
    ("targets", "options", "played", "said"),
    [
        ('["esp32>=1.24", "rp2"]', (), "esp32 (1, 24)", "running as esp32 1.24, by the target esp32>=1.24 of "),
        ('["docs", "cc3200", "rp2"]', (), "rp2 (1, 29)", "running as rp2 1.29, by the target rp2 of "),
        ('["rp2"]', ("--version", "1.22"), "rp2 (1, 22)", "running as rp2 1.22, by the target rp2 of "),
        ('["docs"]', (), "linux (1, 29)", "running as unix 1.29, as docs cannot be run; targets are of "),
        ('["rp2"]', ("--port", "esp32"), "esp32 (1, 29)", None),
        (None, (), "linux (1, 29)", None),
    ],
)
def test_a_script_runs_as_its_projects_first_target(
    targets: str | None, options: tuple[str, ...], played: str, said: str | None, tmp_path: Path
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.py").write_text(SAY)
    if targets:
        (tmp_path / "pyproject.toml").write_text(f"[tool.usock-lint]\ntargets = {targets}\n")
    done = lint_process("run", *options, Path("src", "main.py"), cwd=tmp_path)
    assert done.stdout == f"{played}\n"
    tail = "pyproject.toml; --port and --version choose another.\n"
    assert done.stderr == (f"usock-lint run: {said}{tail}" if said else "")


@pytest.mark.parametrize(
    ("target", "played"),
    [("esp32==1.22", "esp32 (1, 22)"), ("picow", "rp2 (1, 29)"), ("docs,esp32>=1.24", "esp32 (1, 24)")],
)
def test_a_target_is_named_as_for_other_commands(target: str, played: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SAY)
    done = lint_process("run", "--target", target, "main.py", cwd=tmp_path)
    assert (done.stdout, done.stderr) == (f"{played}\n", "")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--target", "cc3200"), "usock-lint: --target: cc3200 cannot be run; these can: unix, esp32, "),
        (("--target", "esp23"), "usock-lint: unknown port 'esp23' (did you mean 'esp32'?)"),
        (("--target", "esp32", "--port", "rp2"), "usock-lint run: error: --target is both --port and --version"),
    ],
)
def test_a_target_that_cannot_be_run_is_one_line(words: tuple[str, ...], line: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SAY)
    done = lint("run", *words, "main.py", cwd=tmp_path)
    assert done.stderr.startswith(line)
    assert (done.stderr.count("\n"), done.stdout, done.returncode) == (1, "", 2)


def test_a_report_says_itself_what_was_played(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SAY)
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["rp2"]\n')
    done = lint_process("run", "--report", "--output-format", "json", "-m", "main", cwd=tmp_path)
    assert json.loads(done.stderr)["port"] == "rp2"


@pytest.mark.parametrize("words", [("--nope", "main.py"), (), ("--output-format", "xml", "main.py")])
def test_bad_words_are_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    done = lint("run", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("usock-lint run: error: ")

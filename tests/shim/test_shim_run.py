"""`usock-lint run` gives a script the builtins and imports of a device, and the host keeps its own."""

from __future__ import annotations

import builtins
import contextlib
import io
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.each import check_each
from tests.support.probes import free_port
from tests.support.running import environment, python
from tools.rulepages.interpreters import Interpreter
from usock_lint.shim.run import main, run_source


def printed(code: str, **names: object) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        run_source(code, globals=names)
    return output.getvalue()


TIMED_OUT = """
import socket
s = socket.socket()
s.connect(socket.getaddrinfo("127.0.0.1", PORT)[0][-1])
s.settimeout(0.05)
try:
    s.recv(1)
except %s:
    print("timed out")
"""


@pytest.mark.parametrize(
    ("clause", "error"), [("TimeoutError", NameError), ("socket.timeout", AttributeError), ("OSError", None)]
)
def test_an_except_clause_is_evaluated_when_a_real_timeout_reaches_it(
    clause: str, error: type[Exception] | None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code, port = TIMED_OUT % clause, server.getsockname()[1]
        if error:
            with pytest.raises(error):
                run_source(code, globals={"PORT": port})
        else:
            assert printed(code, PORT=port) == "timed out\n"


def test_a_run_leaves_modules_builtins_and_path_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("import socket, asyncio, sys\nsys.path.append('x')\n")
    (tmp_path / "main.py").write_text("import beside, json\nlen = None\n")
    names, path = dict(vars(builtins)), list(sys.path)
    assert main([str(tmp_path / "main.py")]) == 0
    assert "beside" not in sys.modules
    assert sys.modules["socket"] is socket
    assert vars(builtins) == names
    assert sys.path == path


def test_modules_beside_the_script_run_in_the_same_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = tmp_path / "package"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("from .part import kind\n")
    (package / "part.py").write_text("from socket import socket as kind\nfrom . import inner\n")
    (package / "inner" / "deep.py").write_text(
        "from ..part import kind\ntry: TimeoutError\nexcept NameError: missing = 1\n"
    )
    (tmp_path / "main.py").write_text(
        "import socket, package.inner.deep as deep, package\n"
        "print(deep.kind is socket.socket, deep.missing, package.kind)\n"
    )
    assert main([str(tmp_path / "main.py")]) == 0
    assert capsys.readouterr().out == "True 1 <class 'socket'>\n"


def test_a_loop_waits_for_what_a_module_beside_the_script_has_scheduled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "late.py").write_text("from micropython import schedule\nkick = lambda act: schedule(act, 0)\n")
    (tmp_path / "main.py").write_text(
        "import late\nseen = []\nlate.kick(seen.append)\nturns = 0\n"
        "while not seen and turns < 9: turns += 1\nprint(seen)\n"
    )
    assert main([str(tmp_path / "main.py")]) == 0
    assert capsys.readouterr().out == "[0]\n"


def test_a_socket_module_beside_the_script_wins_but_not_over_usocket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("socket", "usocket", "gc"):
        (tmp_path / f"{name}.py").write_text("own = True\n")
    (tmp_path / "main.py").write_text(
        "import socket, usocket, gc\nprint([hasattr(module, 'own') for module in (socket, usocket, gc)])\n"
    )
    assert main([str(tmp_path / "main.py")]) == 0
    assert capsys.readouterr().out == "[True, False, False]\n"


@pytest.mark.parametrize(
    "name", ["threading", "selectors", "contextlib", "typing", "logging", "select2", "os.path", "pytest"]
)
def test_what_micropython_does_not_have_cannot_be_imported(name: str) -> None:
    with pytest.raises(ImportError):
        run_source(f"import {name}")


def test_the_script_finds_its_arguments_and_its_release(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "main.py"
    script.write_text(
        "import sys\nname, version = sys.implementation[:2]\nprint(sys.argv[1:], name, version[:2], sys.platform)\n"
    )
    assert main(["--port", "unix", "--version", "1.25", str(script), "--port", "2"]) == 0
    assert capsys.readouterr().out == f"['--port', '2'] micropython (1, 25) {sys.platform}\n"


@pytest.mark.parametrize("clause", ["", " BaseException", " OSError"])
def test_no_handler_goes_on_where_the_board_starts_again(
    clause: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "main.py"
    script.write_text(f"import machine\ntry:\n    machine.reset()\nexcept{clause}:\n    print('on')\nprint('on')\n")
    assert main(["--port", "rp2", str(script)]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert "here the board starts again" in output.err


def test_an_exception_that_cannot_be_printed_ends_the_run_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "main.py"
    script.write_text("class E(Exception):\n    def __repr__(self):\n        return 1 / 0\nraise E")
    assert main(["--port", "rp2", str(script)]) == 1
    said = "usock-lint run: the firmware stops here: printing the exception raises ZeroDivisionError\n"
    assert capsys.readouterr().err.endswith(said)


@pytest.mark.skipif(sys.platform == "win32", reason="closes the pipe that is written to")
@pytest.mark.parametrize("port", ["unix", "rp2"])
@pytest.mark.parametrize(
    "code", ["print(1)", "try:\n  print(1)\n except OSError:\n  pass", "try:\n  print(1)\n except:\n  pass"]
)
def test_an_output_that_nobody_reads_is_no_error_of_the_program(code: str, port: str, tmp_path: Path) -> None:
    (tmp_path / "many.py").write_text(f"while True:\n {code}")
    command = python("-m", "usock_lint", "run", "--port", port, "many.py")
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 141


def test_ints_of_any_length_are_read_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "long.py"
    script.write_text("print(len(str(9**9999)), int('9' * 5000) % 7)")
    limit = sys.get_int_max_str_digits()
    assert main([str(script)]) == 0
    assert capsys.readouterr().out == "9542 1\n"
    assert sys.get_int_max_str_digits() == limit


@pytest.mark.parametrize("value", ["bye", True, 1.5, (1, 2)])
def test_what_is_no_number_in_sys_exit_is_printed_since_the_unix_port_runs_scripts_as_boards_do(
    value: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "main.py"
    script.write_text(f"raise SystemExit({value!r})")
    for release, printed in (("1.26", ""), ("1.27", f"{value}\n")):
        assert main(["--version", release, str(script)]) == 1
        assert capsys.readouterr() == ("", printed)


def test_ctrl_c_ends_a_script_with_the_code_of_the_real_interpreter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "main.py"
    script.write_text("raise KeyboardInterrupt")
    for release, status in (("1.26", 1), ("1.27", 130)):
        assert main(["--version", release, str(script)]) == status
        assert "KeyboardInterrupt" in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [
        ("pass", 0, ""),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        (
            "def f():\n    raise OSError(110)\nf()",
            1,
            "Traceback (most recent call last):\n"
            '  File "{0}", line 3, in <module>\n  File "{0}", line 2, in f\n'
            "OSError: [Errno 110] ETIMEDOUT\n",
        ),
        (
            "x = = 1",
            1,
            'Traceback (most recent call last):\n  File "{0}", line 1\nSyntaxError: invalid syntax\n',
        ),
    ],
)
def test_a_run_ends_as_the_real_interpreter_would(
    code: str, status: int, error: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "main.py"
    script.write_text(code)
    for release, printed in (("1.26", ("", error.format(script))), ("1.27", (error.format(script), ""))):
        assert main(["--version", release, str(script)]) == status
        assert capsys.readouterr() == printed


@pytest.mark.parametrize(
    "arguments",
    [["nosuch.py"], [str(Path(__file__).parent)], ["\0"], ["--port", "lwip", __file__], ["--version", "9", __file__]],
)
def test_what_cannot_be_run_is_one_line_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("code", [b"a = 1\0", b"(" * 5000, b"\xef\xbb\xbfprint(1)", b"print(1)\r\n"])
def test_a_strange_file_ends_in_an_exit_code(code: bytes, tmp_path: Path) -> None:
    script = tmp_path / "main.py"
    script.write_bytes(code)
    assert main([str(script)]) in (0, 1)


REFUSED = [
    "match 1:\n    case 1: pass",
    "try: pass\nexcept* OSError: pass",
    "def f(a, /): pass",
    "lambda a, /: 1",
    "[*range(2)]",
    "a = *range(2), 1",
    "{**{}}",
    "try: pass\nexcept OSError, ValueError: pass",
    "try: pass\nexcept (OSError), (ValueError): pass",
    "x = 1\ny = t'{x}'",
    "async def f(): return [await x for x in y]",
    "async def f(): return {await x for z in y for x in z}",
    "async def f(): return (x for z in y for x in await z)",
    "async def f(): return [x async for x in y]",
    "@(lambda f: f)\ndef f(): pass",
    "async def f():\n    async for x in y: pass\n    return *(1, 2), 3",
]
ACCEPTED = [
    "x: nosuch\nclass A:\n    y: nosuch = 1",
    "def f(a: nosuch = 1, *b: nosuch, c: nosuch = 2) -> nosuch: pass\nf()",
    "a, *b = 1, 2\nfor c, *d in [(1, 2)]: print(*b, *d)",
    "def d(*a): return d\n@d\ndef f(): pass\n@d(1)\nclass A: pass",
    "async def f():\n    async for x in y: pass\n    async with x: pass",
    "async def f(): return [x for x in await y]",
    'if 1:\n\ta = 1\n        b = """\n\tc"""\n        assert b == "\\n\\tc"',
    "try: pass\nexcept (OSError, ValueError): pass\nexcept ((TypeError), (KeyError,)): pass",
]


@pytest.mark.parametrize("code", REFUSED)
def test_a_form_that_micropython_cannot_parse_is_a_syntax_error(code: str) -> None:
    with pytest.raises(SyntaxError):
        run_source(code)


@pytest.mark.parametrize("code", ACCEPTED)
def test_annotations_are_not_run_and_what_micropython_parses_is_accepted(code: str) -> None:
    run_source(code)


def test_the_real_parser_agrees(micropython: Interpreter) -> None:
    def agrees(code: str) -> None:
        done = subprocess.run([micropython.path, "-c", code], capture_output=True, text=True, timeout=10)
        assert ("SyntaxError" in done.stdout + done.stderr) == (code in REFUSED)

    check_each(agrees, [*REFUSED, *ACCEPTED])


LOOPBACK = """
import socket
def show(f, *arguments):
    try:
        print(f(*arguments))
    except Exception as e:
        print(type(e).__name__, *[a for a in e.args if type(a) is int])
show(socket.socket().connect, ("127.0.0.1", PORT))
show(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b"x", ("127.0.0.1", PORT))
show(socket.socket().bind, ("localhost", 0))
show(socket.getaddrinfo, "localhost", PORT)
server = socket.socket()
server.bind(("127.0.0.1", PORT))
server.listen(1)
server.settimeout(1)
show(server.accept)
"""

REACHED = """try:
    server.accept()
    print("reached")
except OSError as e:
    print("OSError", e.errno)
"""


@pytest.mark.parametrize(
    ("port", "options", "printed"),
    [
        ("rp2", [], "OSError 113\nOSError 113\nValueError\nOSError -2\nOSError 110\n"),
        ("stm32", [], "OSError 113\nOSError 113\nValueError\nOSError -2\nOSError 110\n"),
        ("rp2", ["--loopback"], "OSError 104\n1\nValueError\n[(2, 1, 0, '', ('127.0.0.1', PORT))]\nreached\n"),
        ("esp32", [], "OSError 104\n1\nNone\n[(2, 1, 0, 'localhost', ('127.0.0.1', PORT))]\nreached\n"),
    ],
)
def test_a_board_without_a_loopback_interface_does_not_reach_itself(
    tmp_path: Path, port: str, options: list[str], printed: str
) -> None:
    """As on lwIP without that interface, over a TAP link: extmod/extmod.mk:412, src/core/ipv4/ip4.c:217 of lwIP."""
    number = free_port()
    script = tmp_path / "main.py"
    script.write_text(LOOPBACK.replace("show(server.accept)", REACHED).replace("PORT", str(number)), encoding="utf-8")
    command = python("-m", "usock_lint.shim.run", "--port", port, *options, script)
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:
        end = time.monotonic() + 10
        while process.poll() is None and time.monotonic() < end:
            with suppress(OSError), socket.create_connection(("127.0.0.1", number), timeout=1):
                pass
            time.sleep(0.05)
        assert process.stdout
        assert process.stdout.read() == printed.replace("PORT", str(number))


def test_any_true_fromlist_makes_import_return_the_module_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "part.py").write_text("x = 5\n")
    (tmp_path / "package" / "__init__.py").write_text("print(__import__('part', None, None, (), 1).x)\n")
    script = tmp_path / "main.py"
    script.write_text("print(__import__('package.part', None, None, True).x)\n")
    assert main([str(script)]) == 0
    assert capsys.readouterr().out == "5\n5\n"


def test_modules_are_searched_where_the_unix_port_searches_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "installed.py").write_text("x = 7\n")
    script = tmp_path / "main.py"
    script.write_text("import installed, sys\nprint(installed.x, sys.path[1:])\n")
    monkeypatch.setenv("MICROPYPATH", f":.frozen:{tmp_path / 'library'}")
    assert main([str(script)]) == 0
    assert capsys.readouterr().out == f"7 ['.frozen', '{tmp_path / 'library'}']\n"
    monkeypatch.delenv("MICROPYPATH")
    assert main([str(script)]) == 1


ENDLESS = {
    "a list times an int": "x = [0]\nx = x * 10**9\n",
    "bytes that double": "x = b'x'\nwhile True:\n    x += x\n",
    "a range made a list": "x = list(range(10**9))\n",
    "a long int": "x = 10**10\nx = 1 << x\n",
    "a wide field": "x = '%1000000000s' % 'x'\n",
    "small objects": "x = {}\nwhile True:\n    x[len(x)] = [len(x)]\n",
}
"""Programs that would fill the memory of the computer."""


@pytest.mark.skipif(sys.platform != "linux", reason="no other system limits it")
@pytest.mark.parametrize("kind", ENDLESS)
def test_memory_runs_out_for_the_program_before_it_does_for_the_computer(kind: str, tmp_path: Path) -> None:
    code = f"""
def fill():
{textwrap.indent(ENDLESS[kind], "    ")}
try:
    fill()
except MemoryError:
    print("no memory")
fill()
"""
    (tmp_path / "main.py").write_text(code)
    command = python("-m", "usock_lint", "run", "--port", "rp2", "main.py")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment(), timeout=60)
    assert (done.returncode, done.stdout) == (1, "no memory\n")
    assert done.stderr.splitlines()[-2:] == [
        "MemoryError: ",
        "usock-lint run: a program gets a MemoryError here if it takes more than 512 MB",
    ]

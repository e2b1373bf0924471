"""What a run costs, in counts: modules, parses, visits. They are the same on every machine, as times are not."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from cProfile import Profile
from pathlib import Path
from typing import NoReturn

import libcst
import pytest

from tests.support.running import FIXED_TIMEOUT, TIMEOUT, environment, selecting
from usock_lint import Config, analysis, lint_paths, lint_source, ports
from usock_lint.analysis import exporting
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.cli import check_parser
from usock_lint.cli.check import options_in
from usock_lint.cli.check_options import Options
from usock_lint.files import discovery, sources
from usock_lint.files.project import Modules
from usock_lint.linting import directives, gate, role
from usock_lint.linting.selection import selected
from usock_lint.plugins.flake8 import Plugin
from usock_lint.running.runner import fix_paths
from usock_lint.syntax import nodes
from usock_lint.syntax import text as decoding
from usock_lint.syntax.nodes import within

_NEEDED = "import argparse, importlib; argparse.ArgumentParser().parse_args([])"
"""A run needs at least what argparse does."""

_RUN = "from usock_lint.cli.main import main; main({words})"

_HEAVY = {"typing", "dataclasses", "inspect", "json", "pathlib", "tomllib", "shutil", "fnmatch", "signal", "threading"}

_CLIENT = """
class Client{number}:
    def __init__(self, host):
        self.address = socket.getaddrinfo(host, 80)[0][-1]
        self.sock = socket.socket()

    def ask(self, lines):
        self.sock.connect(self.address)
        for line in lines:
            self.sock.write(line.encode())
        while True:
            part = self.sock.recv(256)
            if not part:
                break
            print(part)
        self.sock.close()
"""


def _modules(program: str, folder: Path) -> set[str]:
    """The modules that a program has imported in the end, in a new process."""
    program += "; import sys; print('modules:', *sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    return set(done.stderr.partition("modules:")[2].split())


def _client(count: int) -> str:
    return "import socket\n" + "".join(_CLIENT.format(number=number) for number in range(count))


def test_a_file_without_sockets_imports_little(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("x = 1\n")
    extra = _modules(_RUN.format(words=["plain.py"]), tmp_path) - _modules("import contextlib", tmp_path)
    assert not extra & {*_HEAVY, "argparse", "re"}
    own = {name for name in extra if name.startswith("usock_lint")}
    assert len(own) <= 33
    assert len(extra - own) <= 6


def test_the_options_of_a_run_that_is_given_none_are_those_that_the_parser_would_give() -> None:
    actions = check_parser.parser()._actions  # pyright: ignore[reportPrivateUsage]
    declared = {*Options.__annotations__, *vars(Options)} - {"language"}
    assert {action.dest for action in actions} - {"help", "version"} == {
        name for name in declared if not name.startswith("__")
    }
    assert vars(options_in(["a.py"])) == vars(check_parser.parse(["a.py"])) == {"paths": ["a.py"]}


@pytest.mark.parametrize("source", ["import threading, socket\n", "import adafruit_requests, socket\n"])
def test_a_file_that_runs_on_no_device_does_not_import_the_parser(source: str, tmp_path: Path) -> None:
    (tmp_path / "host.py").write_text(source)
    found = _modules(_RUN.format(words=[".", "--no-cache"]), tmp_path)
    assert not {name for name in found if name.startswith(("libcst", "usock_lint.analysis", "usock_lint.ports.table"))}
    assert not (found - _modules(_NEEDED, tmp_path)) & _HEAVY


def test_a_file_whose_findings_are_kept_imports_no_more_than_it_takes_to_read_and_print_them(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    program = _RUN.format(words=["."])
    _modules(program, tmp_path)
    extra = _modules(program, tmp_path) - _modules(f"{_NEEDED}; import json", tmp_path)
    assert not extra & _HEAVY
    own = {name for name in extra if name.startswith("usock_lint")}
    assert len(own) <= 45  # two look in the project for a module that may bind the name that is reported
    assert len(extra - own) <= 8
    assert "_hashlib" not in extra


def test_the_plugin_imports_no_parser_for_what_is_kept(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "plain.py").write_text("x = 1\n")

    def imported(name: str) -> set[str]:
        words = [*selecting(tmp_path), "-j1", name]
        return _modules(f"from flake8.main.cli import main; main({words})", tmp_path)

    assert "libcst" in imported("net.py")
    assert "libcst" not in imported("net.py")
    assert not imported("plain.py") & {"usock_lint.running.cache", "usock_lint.running.serial"}


def test_a_file_with_sockets_imports_no_tool_it_does_not_need(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\ns = socket.socket()\ns.close()\n")
    extra = _modules(_RUN.format(words=["net.py"]), tmp_path) - _modules("import libcst", tmp_path)
    unwanted = {
        "flake8",
        "difflib",
        "tomllib",
        "concurrent.futures",
        "multiprocessing",
        "sqlite3",
        "importlib.metadata",
    }
    assert not extra & unwanted
    assert {name for name in extra if not name.startswith("usock_lint")} <= {
        "argparse", "gettext", "locale", "_locale", "_blake2", "pkgutil", "importlib.util",
        "_colorize", "importlib._abc", "bisect", "_bisect", "gc", "signal", "zlib", "libcst.native",
    }  # fmt: skip


def test_a_list_of_what_git_ignores_imports_nothing_more(tmp_path: Path) -> None:
    program = _RUN.format(words=["."])
    before = _modules(program, tmp_path)
    (tmp_path / ".gitignore").write_text("build/\n*.py[cod]\n!**/keep\n")
    assert _modules(program, tmp_path) - before <= {"encodings.utf_8_sig"}


def test_a_module_is_walked_once_whatever_parts_of_it_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(node: libcst.CSTNode, *_: object) -> NoReturn:
        raise AssertionError(f"{node} is walked again")

    monkeypatch.setattr(nodes, "_walked", walk)
    assert lint_source(_client(5)) == []


def _texts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    parsed: Counter[str] = Counter()
    parse = libcst.parse_module

    def counting(text: str) -> libcst.Module:
        parsed[text] += 1
        return parse(text)

    monkeypatch.setattr(libcst, "parse_module", counting)
    return parsed


def test_a_file_is_parsed_once_if_it_has_sockets_and_runs_on_a_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"net": TIMEOUT, "host": f"import threading\n{TIMEOUT}", "plain": "x = 1\n"}.items():
        (tmp_path / f"{name}.py").write_text(text)
    parsed = _texts(monkeypatch)
    list(lint_paths([tmp_path]))
    assert parsed == {TIMEOUT: 1}


_STEPS = {
    "is read": (discovery, "read"),
    "is decoded": (decoding, "decode"),
    "has its directives parsed": (directives, "read"),
    "has its role decided": (role, "role"),
}
_DIRECTED = "# usock-lint: target=rp2\n" + TIMEOUT


def _plugin(folder: Path) -> Plugin:
    return Plugin(ast.Module([], []), f"{folder}/net.py", _DIRECTED.splitlines(keepends=True))


_WAYS: dict[str, Callable[[Path], object]] = {
    "linted": lambda folder: [*lint_paths([folder])],
    "kept from an earlier run": lambda folder: [
        *lint_paths([folder], cache=f"{folder}/.c"),
        *lint_paths([folder], cache=f"{folder}/.c"),
    ],
    "fixed": lambda folder: [*fix_paths([folder], write=False)],
    "linted by flake8": lambda folder: [*_plugin(folder).run()],
}


@pytest.mark.parametrize("way", _WAYS)
def test_each_step_is_taken_once_for_a_file(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text(_DIRECTED)
    taken: Counter[str] = Counter()

    def counted(step: str, function: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object) -> object:
            taken[step] += args[0] in (f"{tmp_path}/net.py", _DIRECTED.encode(), _DIRECTED)
            return function(*args)

        return call

    for step, (module, name) in _STEPS.items():
        monkeypatch.setattr(module, name, counted(step, getattr(module, name)))
    _WAYS[way](tmp_path)
    runs = 2 if way.startswith("kept") else 1
    assert taken["has its directives parsed"] == runs
    assert max(taken.values()) == runs


def test_a_fix_parses_the_file_before_and_after_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    parsed = _texts(monkeypatch)
    list(fix_paths([tmp_path]))
    assert parsed == {TIMEOUT: 1, FIXED_TIMEOUT: 1}


_PLAIN_NET = "import socket\n"
_CONFIG = "HOST = '10.0.0.1'\n"
_DRIVER = "from micropython import const\nclass Screen:\n    def show(self):\n        pass\n"
_FLEET = "import socket\nfrom config import HOST\nfrom screen import Screen\nsocket.socket().connect((HOST, {}))\n"


def test_files_that_others_import_are_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = {f"net{number}": _FLEET.format(number) for number in range(5)}
    for name, text in {**fleet, "config": _CONFIG, "screen": _DRIVER}.items():
        (tmp_path / f"{name}.py").write_text(text)
    parsed = _texts(monkeypatch)
    list(lint_paths(tmp_path / f"{name}.py" for name in fleet))
    assert parsed == dict.fromkeys((*fleet.values(), _DRIVER, _CONFIG), 1)


def test_a_file_that_is_named_after_one_that_imports_it_is_not_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    main, screen = "import socket\nimport screen\n", f"import socket\n{_DRIVER}"
    (tmp_path / "main.py").write_text(main)
    (tmp_path / "screen.py").write_text(screen)
    parsed = _texts(monkeypatch)
    list(lint_paths([tmp_path / "main.py", tmp_path / "screen.py"]))
    assert parsed == {main: 1, screen: 1}


def test_a_file_is_parsed_once_in_a_circle_of_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    circle = {name: f"import socket, {after}\ndef f(s):\n    {after}.f(s)\n" for name, after in ("ab", "bc", "ca")}
    for name, text in circle.items():
        (tmp_path / f"{name}.py").write_text(text)
    parsed = _texts(monkeypatch)
    list(lint_paths([tmp_path]))
    assert parsed == dict.fromkeys(circle.values(), 1)


def test_a_file_that_is_reached_is_parsed_once_for_itself_and_one_that_is_not_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {"net": _FLEET, "screen": _DRIVER, "config": _CONFIG, "plain": "import secrets\n"}.items():
        (tmp_path / f"{name}.py").write_text(text)
    parsed = _texts(monkeypatch)
    list(lint_paths([tmp_path]))
    assert parsed == {_FLEET: 1, _DRIVER: 1, _CONFIG: 1}


def test_a_folder_without_networks_is_asked_for_no_imports(tmp_path: Path) -> None:
    for name, text in {"main": "import util\n", "util": "import logging\n"}.items():
        (tmp_path / f"{name}.py").write_text(text)
    found = _modules(_RUN.format(words=["."]), tmp_path)
    assert not found & {"usock_lint.running.reach", "usock_lint.linting.role", "usock_lint.files.project"}


def test_whether_a_file_has_networks_is_asked_once_for_itself_and_once_for_all_that_import_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {f"main{number}": f"import shared\nshared.S.settimeout({number})\n" for number in range(5)}
    for name, text in {**texts, "shared": "import deeper\n", "deeper": _CONFIG, "net": _PLAIN_NET}.items():
        (tmp_path / f"{name}.py").write_text(text)
    asked: Counter[bytes] = Counter()
    imports_networks = gate.imports_networks

    def counting(data: bytes) -> bool:
        asked[data] += 1
        return imports_networks(data)

    monkeypatch.setattr(gate, "imports_networks", counting)
    list(lint_paths([tmp_path]))
    assert {asked[text.encode()] for text in (*texts.values(), _PLAIN_NET)} == {1}
    assert (asked[b"import deeper\n"], asked[_CONFIG.encode()]) == (2, 2)


def test_strings_are_told_from_code_only_where_an_import_may_be_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_code(text: bytes, places: Sequence[int]) -> Iterator[int]:
        read.append(text)
        return iter(places)

    read: list[bytes] = []
    texts = {"own": "import util\nutil.S.settimeout(1)\n", "python": 'import decimal\n"""\ns.settimeout(1)\n"""\n'}
    for name, text in {**texts, "net": _PLAIN_NET}.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.setattr(role, "_in_code", in_code)
    list(lint_paths([tmp_path]))
    assert read == [texts["own"].encode()]


def test_a_process_does_not_ask_for_each_file_whether_its_folder_has_changed(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    for number in range(10):
        (tmp_path / "app" / f"main{number}.py").write_text(f"import socket, util{number}\n")
    program = (
        "import os, sys; asked = []; stat = os.stat; os.stat = lambda path: (asked.append(path), stat(path))[1]; "
        "sys.argv[1:] = ['app', '--no-cache']; from usock_lint.cli.main import main; main(); "
        "print('modules:', asked.count(os.path.abspath('app')), file=sys.stderr)"
    )
    (times,) = (int(word) for word in _modules(program, tmp_path) if word.isdecimal())
    assert 0 < times < 10


def test_a_process_looks_once_for_what_a_file_imports_that_many_others_import(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / f"main{number}.py").write_text(f"import socket, util\nutil.connect({number})\n")
    (tmp_path / "util.py").write_text("import socket, deep\ndef connect(number):\n    return deep.connect(number)\n")
    (tmp_path / "deep.py").write_text("import socket\ndef connect(number):\n    return socket.socket()\n")
    program = (
        "import sys; from usock_lint.files.project import Modules; asked = []; find = Modules.find; "
        "Modules.find = lambda self, name: (asked.append(name), find(self, name))[1]; "
        "sys.argv[1:] = ['.', '--no-cache']; from usock_lint.cli.main import main; main(); "
        "print('modules:', asked.count('deep'), file=sys.stderr)"
    )
    (times,) = (int(word) for word in _modules(program, tmp_path) if word.isdecimal())
    assert times == 1


def test_a_file_that_imports_nothing_of_its_project_looks_for_nothing_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "net.py").write_text(f"import time, network, ujson\nfrom machine import Pin\n{TIMEOUT}")

    def find(self: Modules, name: str) -> None:
        pytest.fail(f"looks for {name}")

    monkeypatch.setattr(Modules, "find", find)
    (report,) = lint_paths([tmp_path])
    assert report.linted
    assert not report.used


def test_what_is_kept_of_other_files_is_bounded(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(100)]
    for name, after in zip(names, [*names[1:], names[0]], strict=True):
        (tmp_path / f"{name}.py").write_text(f"import socket, {after}\nX = {after}.X\nsocket.timeout\n")
    assert len([*lint_paths([tmp_path])]) == len(names)
    assert 0 < len(exporting.KEPT) <= exporting.MOST_KEPT


def _visits(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many expressions are evaluated for one file."""
    count = 0
    value = Interpreter.value

    def counting(self: Interpreter, node: libcst.CSTNode) -> object:
        nonlocal count
        count += 1
        return value(self, node)

    with monkeypatch.context() as patch:
        patch.setattr(Interpreter, "value", counting)
        lint_source(text, config=Config())
    return count


def _expressions(text: str) -> int:
    return sum(isinstance(node, libcst.BaseExpression) for node in within(libcst.parse_module(text)))


def test_what_a_file_tells_as_it_goes_is_walked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _client(10)
    assert 0 < _visits(text, monkeypatch) <= _expressions(text)


def _nodes_in_garbage() -> int:
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = sum(isinstance(one, libcst.CSTNode) for one in gc.garbage)
    gc.garbage.clear()
    return found


def test_a_tree_goes_with_its_findings() -> None:
    lint_source(_client(1))
    gc.collect()
    gc.disable()
    lint_source(_client(1))
    assert _nodes_in_garbage() == 0
    gc.enable()


def test_no_tree_is_kept_when_a_file_is_done() -> None:
    lint_source(_client(3))
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, libcst.Module) and "Client2" in one.code]


def test_a_use_concerns_few_of_the_checks() -> None:
    uses = analysis.uses(libcst.parse_module(_client(1)), ports.cells(ports.PORTABLE))
    asked = [len(selected(Config()).about(use)) for use in uses]
    assert 0 < sum(asked) <= 5 * len(uses)


def test_the_walk_grows_with_the_file_and_no_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _visits(_client(40), monkeypatch) <= 4.1 * _visits(_client(10), monkeypatch)


def _calls(text: str) -> int:
    """How many functions are called to lint a text a second time, when all that is loaded once is there."""
    lint_source(text)
    profile = Profile()
    profile.enable()
    lint_source(text)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


_ERRNO = """
    try:
        s.connect(address)
    except OSError as e:
        if e.errno == errno.ETIMEDOUT or e.args[0] == {number}:
            print(e)
    if e.errno == {number} or str(e) == "timed out":
        print(e)
"""
_SOCKET = """
    try:
        s = socket.socket()
        s.connect(address)
    except OSError as e:
        if e.errno == 110:
            return
"""
_KEPT = """
    try:
        s = socket.socket()
        s.connect(address)
    except OSError as e:
        print(e)
"""
_TRY = "def f(s, *E):\n  try:\n    s.read()"
_END = "\n}\nD['k1'][1].send('x')"
_METHOD = """
    def m{number}(self, x=None):
        try:
            self.s = socket.socket()
            self.s.send(x)
            self.a{number} = self.m0("x")
        except OSError as e:
            if e.errno == 110:
                self.s = None
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "part", "tail", "count"),
    [
        pytest.param("def f(s, address):", _ERRNO, "", 40, id="tests of errno in a function"),
        pytest.param("def f(address):", _SOCKET, "", 100, id="sockets in a function"),
        pytest.param("def f(address):", _KEPT, "", 100, id="sockets that go on after errors"),
        pytest.param("", "s{number} = socket.socket()\ns{number}.connect(b)\n", "", 200, id="sockets of a module"),
        pytest.param(_TRY, "\n  except E[{number}] as e:\n    e.errno", "", 100, id="clauses of a try"),
        pytest.param("class C:", _METHOD, "", 40, id="methods of a class"),
        pytest.param("D = {", "\n  'k{number}': ({number}, s),", _END, 1000, id="entries of a dict"),
        pytest.param("D = {", "\n  'k{number}': ({number}, socket.socket()),", _END, 200, id="sockets in a dict"),
        pytest.param("s = socket.socket()", "\ns.connect(('1.2.3.4', '{number}'))", "", 100, id="findings"),
    ],
)
def test_twice_as_much_of_a_kind_costs_twice_as_much(head: str, part: str, tail: str, count: int) -> None:
    def text(times: int) -> str:
        parts = "".join(part.format(number=number) for number in range(times))
        return f"import socket, errno\n{head}{parts}{tail}\n"

    assert 0 < _calls(text(2 * count)) < 2.2 * _calls(text(count))


@pytest.mark.parametrize("operand", ["a{number}", "a.b{number} == {number}", "not a", "is_set({number})"])
@pytest.mark.parametrize("operator", ["and", "or"])
def test_twice_as_many_operands_cost_twice_as_much(operator: str, operand: str) -> None:
    def text(times: int) -> str:
        chain = f" {operator} ".join(operand.format(number=number) for number in range(times))
        return f"import socket\ndef f(a):\n    if {chain}:\n        a.send(b'')\n    return {chain}\n"

    # Their square would be four times as much. Only the longer text is looked at for its depth.
    assert 0 < _calls(text(300)) < 3 * _calls(text(150))


def test_the_beginning_of_each_file_in_a_circle_of_imports_is_found_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        (tmp_path / f"m{number}.py").write_text(f"import socket\nimport m{(number + 1) % 300}, m{(number - 1) % 300}\n")
    texts = _texts(monkeypatch)
    named = [tmp_path / f"m{number}.py" for number in range(0, 300, 50)]

    assert len([*lint_paths(named, Config(every_import=True))]) == len(named)
    assert max(texts.values()) <= 3


def test_the_search_for_what_fails_on_import_grows_with_the_imports_and_no_faster(tmp_path: Path) -> None:
    def calls(imports: int) -> int:
        folder = tmp_path / str(imports)
        folder.mkdir()
        for number in range(24):
            imported = ", ".join(f"m{(number + step) % 24}" for step in range(1, imports + 1))
            (folder / f"m{number}.py").write_text(f"import socket, {imported}\n")
        profile = Profile()
        profile.enable()
        assert len([*lint_paths([folder / "m0.py", folder / "m1.py"], Config(every_import=True))]) == 2
        profile.disable()
        return sum(entry.callcount for entry in profile.getstats())

    calls(2)
    assert 0 < calls(20) < 2 * calls(10)


@pytest.mark.parametrize("every_import", [False, True])
def test_files_that_all_import_each_other_cost_what_their_imports_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_import: bool
) -> None:
    monkeypatch.setattr(sources, "_MOST_LOOKUPS", 50)

    def calls(files: int) -> int:
        folder = tmp_path / str(files)
        folder.mkdir()
        for number in range(files):
            others = [other for other in range(files) if other != number]
            imports = "".join(f"from m{other} import ask{other}\n" for other in others)
            asking = "".join(f"    ask{other}(s)\n" for other in others)
            (folder / f"m{number}.py").write_text(
                f"import socket\n{imports}def ask{number}(s):\n    s.send(b'')\n{asking}"
            )
        profile = Profile()
        profile.enable()
        assert len([*lint_paths([folder], Config(every_import=every_import))]) == files
        profile.disable()
        return sum(entry.callcount for entry in profile.getstats())

    calls(2)
    assert 0 < calls(24) < 4.4 * calls(12)  # four times as many imports

"""The stubs promise what the table has on every target, and what real interpreters have."""

from __future__ import annotations

import ast
import json
import socket
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, cast

import pytest

from tools.rulepages.interpreters import ROOT, Interpreter
from usock_lint import ports
from usock_lint.ports import NEWEST, PORTS, companions, tls
from usock_lint.ports.targets import FIRST
from usock_lint.stubgen.folder import installed, stubs

MASTERS: Final = sorted((ROOT / "stubs" / "master").glob("*.pyi"))
ALLOWED: Final = ROOT / "tests/stubs/stubs_allowed.txt"

# What stands for a type of MicroPython's that has no name in its module.
UNNAMED: Final = {"_SSLSocket": "SSLSocket", "_File": "File"}

NOT_IN_EVERY_BUILD: Final = {"slip"}

TARGETS: Final = (
    "portable",
    "all",
    "esp32,unix",
    "esp32>=1.24",
    *(f"{port}=={'.'.join(map(str, FIRST[port][: 2 if FIRST[port][1:] != (9, 4) else 3]))}" for port in PORTS[1:]),
    *PORTS[1:],
)


# What a stub says


def members(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, ast.stmt, str | None]]:
    """The public names of a module's or class's body, those of classes too, each with its node and docstring."""
    classes = {node.name: node for node in body if isinstance(node, ast.ClassDef)}
    for place, node in enumerate(body):
        match node:
            case ast.If():
                yield from members([*node.body, *node.orelse], prefix)
                continue
            case ast.AnnAssign(target=ast.Name(id=name)):
                text = docstring_of_constant(body[place + 1 :])
            case ast.FunctionDef(name=name):
                text = ast.get_docstring(node)
            case ast.ClassDef(name=name):
                text = ast.get_docstring(node)
                inherited = [classes[base].body for base in map(ast.unparse, node.bases) if base in classes]
                for one in (*inherited, node.body):
                    yield from members(one, f"{prefix}{UNNAMED.get(name, name)}.")
            case _:
                continue
        if not name.startswith("_"):
            yield prefix + name, node, text


def docstring_of_constant(following: list[ast.stmt]) -> str | None:
    match following:
        case [ast.Expr(value=ast.Constant(value=str() as text)), *_]:
            return text
        case _:
            return None


@cache
def rendered(target: str) -> dict[str, list[tuple[str, ast.stmt, str | None]]]:
    """By module: the public names of the stub for this target."""
    texts = stubs(ports.parse_targets(target))
    return {name.removesuffix(".pyi"): list(members(ast.parse(text).body)) for name, text in texts.items()}


def names(target: str, module: str) -> set[str]:
    return {name for name, _, _ in rendered(target)[module]}


def values(target: str, module: str) -> dict[str, int]:
    """The constants that the stub gives a number."""
    constants = [(name, node.value) for name, node, _ in rendered(target)[module] if isinstance(node, ast.AnnAssign)]
    return {name: ast.literal_eval(value) for name, value in constants if isinstance(value, ast.Constant)}


# What the table says


def everywhere(kind: ports.Kind, cells: frozenset[ports.Cell]) -> set[str]:
    """Every name of the module, or member of a socket, that each cell has."""
    known = {name for one in ports.implementations() for name in (one.module if kind == "module" else one.members)}
    public = {name for name in known - NOT_IN_EVERY_BUILD if not name.startswith("_")}
    return {name for name in public if all(ports.has(cell, kind, name) for cell in cells)}


def in_table(target: str) -> set[str]:
    """What every cell of the target has in its socket module, members as `socket.name`."""
    cells = ports.cells(ports.parse_targets(target))
    return everywhere("module", cells) | {f"socket.{name}" for name in everywhere("socket", cells)}


@pytest.mark.parametrize("target", TARGETS)
def test_a_stub_has_what_every_one_of_its_targets_has(target: str) -> None:
    promised = {name for name in names(target, "socket") if not name.startswith(("File.", "_"))}
    assert promised == in_table(target)


@pytest.mark.parametrize("port", PORTS[1:])
def test_a_constant_has_the_number_of_the_port(port: str) -> None:
    constants = {
        name: value
        for name, one in ports.implementation(port).module.items()
        if isinstance(value := one.value(), int) and name in names(port, "socket")
    }
    assert values(port, "socket") == constants


def test_a_constant_has_a_number_when_all_targets_agree() -> None:
    assert values("esp32,rp2", "socket")["AF_INET"] == 2
    assert "SOL_SOCKET" not in values("esp32,rp2", "socket")


@pytest.mark.parametrize("path", MASTERS, ids=lambda path: path.stem)
def test_every_public_name_says_what_it_is(path: Path) -> None:
    found: dict[str, str | None] = {}
    for name, node, text in members(ast.parse(path.read_text(encoding="utf-8")).body):
        if path.stem != "__builtins__" or isinstance(node, ast.ClassDef):
            found[name] = found.get(name) or text  # of overloads the first
    assert [name for name, text in found.items() if not text] == []


def test_the_masters_know_every_name_of_the_table() -> None:
    known = {path.stem: {name for name, _, _ in members(ast.parse(path.read_text("utf-8")).body)} for path in MASTERS}
    assert {name for port in PORTS[1:] for name in in_table(port)} <= known["socket"]
    assert {name for port in PORTS for name in ports.errno_names(ports.Cell(port, NEWEST))} == known["errno"]
    assert known["__builtins__"] >= ports.MISSING_BUILTINS
    for module in ("select", "ssl", "tls"):
        listed = {name for name, one in companions.known(module).items() if one.kind != "attribute"}
        assert listed - {name for name in known[module] if not name.startswith("SSLSocket.")} == set()
    newest = ports.Cell("esp32", NEWEST)
    assert {name for name in known["ssl"] if name.startswith("SSLSocket.") and not tls.has(newest, name[10:])} == set()


def test_the_installed_stub_is_the_portable_contract() -> None:
    assert (ROOT / "stubs" / "usocket.pyi").read_text(encoding="utf-8") == installed(), "run tools/stubs.py"
    found = {name for name, _, _ in members(ast.parse(installed()).body)}
    assert found - names("portable", "socket") == {"socket.fileno"}


@pytest.mark.parametrize(
    ("target", "name", "signatures"),
    [
        ("rp2==1.25", "socket.recv", ["self, bufsize: int, /"]),
        ("rp2==1.26", "socket.recv", ["self, bufsize: int, flags: int=..., /"]),
        ("esp32>=1.24", "socket.recv", ["self, bufsize: int, /"]),
        ("esp32>=1.26", "socket.recv", ["self, bufsize: int, flags: int=..., /"]),
        ("stm32==1.18", "socket.listen", ["self, backlog: int, /"]),
        ("portable", "socket.listen", ["self, backlog: int=..., /"]),
        ("cc3200", "getaddrinfo", ["host: str, port: _Port, /"]),
        ("esp32", "socket.sendto", ["self, data: _Data, address: _Address, /"]),
        ("unix", "socket.send", ["self, data: _Data, flags: int=..., /"]),
    ],
)
def test_a_signature_has_the_arguments_that_every_target_takes(target: str, name: str, signatures: list[str]) -> None:
    nodes = [node for found, node, _ in rendered(target)["socket"] if found == name]
    assert [ast.unparse(node.args) for node in nodes if isinstance(node, ast.FunctionDef)] == signatures
    assert [node.decorator_list for node in nodes if isinstance(node, ast.FunctionDef)] == [[]]


def test_an_overload_goes_where_a_port_takes_fewer_arguments() -> None:
    overloads = {
        target: sum(name == "socket.sendto" for name, _, _ in rendered(target)["socket"])
        for target in ("unix", "esp32", "esp32,unix")
    }
    assert overloads == {"unix": 2, "esp32": 1, "esp32,unix": 1}


@pytest.mark.parametrize(
    ("target", "hashable"), [("esp32==1.20", False), ("esp32==1.21", True), ("esp32>=1.20", False)]
)
def test_a_socket_is_hashable_where_it_is_everywhere(target: str, hashable: bool) -> None:
    assert ("__hash__" in stubs(ports.parse_targets(target))["socket.pyi"]) != hashable


def test_a_keyword_goes_where_a_port_lacks_it() -> None:
    texts = {target: stubs(ports.parse_targets(target))["tls.pyi"] for target in ("rp2==1.25", "rp2==1.26")}
    assert ["client_id:" in text for text in texts.values()] == [False, True]


def test_no_stub_is_made_of_what_the_table_does_not_describe() -> None:
    assert "ssl" not in rendered("cc3200")
    assert "select" in rendered("cc3200")


def test_no_stub_is_made_of_a_module_that_the_port_lacks() -> None:
    assert "select" not in rendered("zephyr")
    assert "select" not in rendered("zephyr, rp2")


# What real interpreters say

PROBE: Final = """
import json, sys

def look(thing, depth):
    if isinstance(thing, (int, str)):
        return thing
    if depth == 0:
        return "there"
    return {name: look(getattr(thing, name, None), depth - 1) for name in dir(thing) if not name.startswith("_")}

found = {}
for module in MODULES:
    try:
        found[module] = look(__import__(module), 2)
    except ImportError:
        found[module] = {}
import select, socket
sock = socket.socket()
found["select"]["poll"] = look(select.poll(), 1)
found["socket"]["File"] = look(sock.makefile("rb"), 1)
sock.close()
builtins = {}
for name in BUILTINS:
    try:
        eval(name)
    except NameError:
        builtins[name] = "there"
found["__builtins__"] = builtins
found["__builtins__"]["OSError"] = {name: "there" for name in OSERROR if hasattr(OSError(1), name)}
print(json.dumps([sys.implementation.version[:3], found]))
"""


@pytest.fixture
def port() -> int:
    """A free one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(name="probed")
def modules_of_an_interpreter(released: Interpreter, tmp_path: Path) -> tuple[str, dict[str, dict[str, object]]]:
    """The target that an interpreter is, and by module what its `dir()` lists, members of classes as dicts."""
    builtins = sorted(ports.MISSING_BUILTINS)
    oserror = ["errno", *sorted(ports.MISSING_OSERROR_ATTRIBUTES)]
    modules = [path.stem for path in MASTERS if path.stem not in ("__builtins__", "asyncio")]
    head = f"MODULES = {modules}\nBUILTINS = {builtins}\nOSERROR = {oserror}\n"
    (tmp_path / "probe.py").write_text(head + PROBE)
    version, found = json.loads(released.run(tmp_path / "probe.py", {}).output)
    return f"unix=={ports.release_name(tuple(version))}", found


def flat(found: dict[str, object]) -> set[str]:
    """The names of a module, and members of classes with the class's."""
    names = set(found)
    for name in names & {"File", "OSError", "SSLContext", "poll", "socket"}:
        names |= {f"{name}.{member}" for member in cast("dict[str, object]", found[name])}
    return names


def allowed() -> dict[str, str]:
    """By name: why an interpreter and the stubs may differ on it. Raises AssertionError for a line without a reason."""
    lines = [line.partition("#") for line in ALLOWED.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert [name for name, _, reason in lines if name.strip() and not reason.strip()] == []
    return {name.strip(): reason.strip() for name, _, reason in lines if name.strip()}


def test_unix_stubs_have_what_an_interpreter_lists(probed: tuple[str, dict[str, dict[str, object]]]) -> None:
    target, modules = probed
    differing: set[str] = set()
    for module, found in modules.items():
        promised = {name for name in names(target, module) if not name.startswith(("_", "SSLSocket."))}
        listed = flat(found) - {"File"}
        differing |= {f"{module}.{name}" for name in promised ^ listed} if listed else {module}
    assert differing == set(allowed()), f"{ALLOWED.name} lists what may differ; an unused line has to go"


def test_what_the_stub_of_asyncio_promises_is_there(micropython: Interpreter, tmp_path: Path) -> None:
    """It is a package in Python, whose names are there when they are looked up."""
    promised = sorted(name.replace("_Stream", "StreamReader") for name in names("unix==1.25", "asyncio"))
    public = [name for name in promised if not any(part.startswith("_") for part in name.split("."))]
    asked = [name.replace("Task.", "create_task(soon()).") for name in public]  # a class in C, which shows its own
    script = f"import asyncio\nasync def soon(): pass\nfor name in {asked!r}:\n    eval('asyncio.' + name)\n"
    (tmp_path / "ask.py").write_text(script)
    assert len(public) > 30
    assert micropython.run(tmp_path / "ask.py", {}).output == ""


def test_unix_stubs_have_the_numbers_of_an_interpreter(probed: tuple[str, dict[str, dict[str, object]]]) -> None:
    target, modules = probed
    for module, found in modules.items():
        if found:
            numbers = {name: value for name, value in found.items() if isinstance(value, int)}
            assert {name: numbers.get(name) for name in values(target, module)} == values(target, module)


@pytest.mark.parametrize(
    ("sample", "output"),
    [
        ("good_tcp.py", "None None None\nTrue b'ping\\n'\n2 b'po'\nb'line\\n' False\n"),
        ("good_udp.py", "5 b'hello!'\n"),
        ("good_api.py", ""),
    ],
)
def test_a_good_sample_runs(sample: str, output: str, micropython: Interpreter, tmp_path: Path, port: int) -> None:
    text = (ROOT / "tests/stubs/typing" / sample).read_text(encoding="utf-8")
    (tmp_path / sample).write_text(text.replace("PORT = 0", f"PORT = {port}"))
    assert micropython.run(tmp_path / sample, {}).output == output

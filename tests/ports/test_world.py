"""The table of everything but sockets: its form, some facts that a reader can check, and what real interpreters say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tools.rulepages.interpreters import Interpreter
from usock_lint import ports
from usock_lint.ports import NEWEST, PORTS, Cell, world
from usock_lint.ports.releases import known_release, read_release
from usock_lint.ports.targets import FIRST

DATA = Path(ports.__file__).parent / "data" / "world"
FACTS: dict[str, Any] = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in DATA.glob("*.json")}
OWNERS: dict[str, Any] = {
    **{name: facts for name, facts in FACTS["names"].items() if "as" not in facts},
    **FACTS["classes"],
    **FACTS["builtins"]["types"],
    "builtins": FACTS["builtins"],
}
RELEASE = r"1\.\d+(?:\.\d)?"
SPAN = rf"(?:{RELEASE}|(?:{RELEASE})?-(?:{RELEASE})?)"
GROUP = rf"(?:\*|[a-z\d/-]+)(?:,(?:\*|[a-z\d/-]+))*:{SPAN}(?:\+{SPAN})*"
CALL = r"(?:\d+|\*|\d+-(?:\d+|\*))(?: \w+=?!?)*(?: \*\*| \?)?"


def at(port: str, release: str = "") -> Cell:
    return Cell(port, read_release(release) if release else NEWEST)


# The form


def wheres(facts: dict[str, Any]) -> Iterator[str]:
    yield from filter(None, facts.get("names", {}))
    yield from (facts[key] for key in ("open", "there") if key in facts)


def test_the_table_is_small():
    assert sum(path.stat().st_size for path in DATA.iterdir()) <= 400_000
    assert set(FACTS) == {"modules", "names", "classes", "builtins", "arguments", "mip", "mip_names"}


def test_what_says_where_a_name_is_speaks_of_ports_and_releases_in_order():
    modules = FACTS["modules"]
    texts = {where for kind in ("modules", "partly", "before_files", "rare") for where in modules[kind]}
    texts |= {text for facts in OWNERS.values() for text in wheres(facts)}
    texts |= {
        where
        for calls in FACTS["arguments"].values()
        for changing in calls.get("changing", {}).values()
        for where in changing.values()
    }
    wrong = [text for text in texts if not re.fullmatch(rf"(?:{GROUP}(?: |$))*(?:\? ?{GROUP}(?: {GROUP})*)?", text)]
    assert wrong == []
    for text in texts:
        for part in text.split("?"):
            groups = [group.split(":") for group in part.split()]
            named = [port for ports_, _ in groups for port in ports_.split(",")]
            assert len(named) == len(set(named)), text
            assert set(named) <= {*PORTS, *modules["boards"], "*"}, text
            for ports_, spans in groups:
                ends = [end for span in spans.split("+") for end in _ends(span)]
                assert all(one <= two for one, two in pairwise(ends)), text
                firsts = [FIRST[port.partition("/")[0]] for port in ports_.split(",") if port not in ("*", "docs")]
                assert all(first <= ends[-1] for first in firsts), text


def _ends(span: str) -> tuple[ports.Release, ports.Release]:
    first, dash, last = span.partition("-")
    since = read_release(first) if first else ports.RELEASES[0]
    until = read_release(last) if last else ports.RELEASES[-1] if dash else since
    assert known_release(since) == since
    assert known_release(until) == until
    return since, until


def test_a_name_is_said_once_of_its_owner_and_has_a_kind():
    for owner, facts in OWNERS.items():
        names = [name for kinds in facts["names"].values() for text in kinds.values() for name in text.split()]
        assert len(names) == len(set(names)), owner
        assert all(name.isidentifier() for name in names), owner
        assert {kind for kinds in facts["names"].values() for kind in kinds} <= set("fckao"), owner


def test_a_module_has_sources_and_a_second_name_is_that_of_a_module():
    for name, facts in FACTS["names"].items():
        if "as" in facts:
            assert "as" not in FACTS["names"][facts["as"]], name
        elif facts["names"]:
            assert re.fullmatch(
                rf"(?:(?:firmware|[\w./-]+\.(?:c|py|rst))@{RELEASE}-(?:{RELEASE})?(?: |$))+", facts["source"]
            )


def test_a_class_has_an_owner():
    for name in FACTS["classes"]:
        module, _, cls = name.rpartition(".")
        assert world.kind(module, cls) is not None, name


def test_a_signature_can_be_read():
    for owner, calls in FACTS["arguments"].items():
        texts = [text for text in calls if text != "changing"]
        texts += [text for one in calls.get("changing", {}).values() for text in one]
        assert [text for text in texts if not re.fullmatch(CALL, text)] == [], owner


def test_what_mip_installs_has_names():
    installed = {name for one in FACTS["mip"]["packages"].values() for name in one["modules"].split()}
    assert installed <= set(FACTS["mip_names"])


def test_asking_for_a_module_reads_one_small_file():
    code = (
        "from usock_lint.ports import Cell, NEWEST, world\n"
        "opened = []\n"
        "import sys\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "world.module_exists(Cell('esp32', NEWEST), 'threading')\n"
        "print(*(one for one in opened if one.endswith('.json')), sep='\\n')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [Path(line).name for line in done.stdout.splitlines()] == ["modules.json"]


# Some facts


@pytest.mark.parametrize(
    ("cell", "module", "there"),
    [
        (at("esp32"), "threading", False),
        (at("esp32"), "_thread", True),
        (at("esp8266"), "_thread", False),
        (at("esp32", "1.22"), "ussl", True),
        (at("esp32", "1.23"), "ussl", False),
        (at("rp2", "1.20"), "asyncio", False),
        (at("rp2", "1.21"), "asyncio", True),
        (at("rp2"), "uasyncio", True),
        (at("rp2"), "uasyncio.core", True),
        (at("unix", "1.19.1"), "upip", True),
        (at("unix"), "upip", False),
        (at("unix"), "argparse", True),
        (at("esp32"), "argparse", False),
        (at("rp2"), "logging", False),
        (Cell("rp2", NEWEST, "nic"), "logging", True),
        (Cell("rp2", NEWEST, "nic"), "lwip", False),
        (Cell("rp2", NEWEST, "lwip"), "lwip", True),
        (at("docs"), "select", True),
        (at("docs"), "threading", False),
        (at("docs"), "urequests", None),
        (at("esp32"), "ssd1306", False),
        (at("esp8266", "1.12"), "ssd1306", True),
        (at("esp32"), "functools", False),
        (at("esp32"), "tinypico", None),
    ],
)
def test_a_module_is_where_the_sources_and_the_firmware_have_it(cell: Cell, module: str, there: bool | None):
    assert world.module_exists(cell, module) is there


@pytest.mark.parametrize(
    ("module", "name", "there"),
    [
        ("ssl", "create_default_context", False),
        ("ssl", "SSLError", False),
        ("ssl", "SSLContext", True),
        ("select", "epoll", False),
        ("time", "strftime", False),
        ("utime", "ticks_ms", True),
        ("json", "JSONDecodeError", False),
        ("os", "environ", False),
        ("asyncio", "Queue", False),
        ("asyncio", "wait_for", True),
        ("re", "findall", False),
        ("struct", "Struct", False),
        ("socket", "inet_aton", False),
        ("threading", "Thread", False),
        ("json", "__file__", None),
    ],
)
def test_a_name_is_where_its_module_has_it(module: str, name: str, there: bool | None):
    assert world.module_name(at("esp32"), module, name) is there


@pytest.mark.parametrize(
    ("cell", "module", "name", "there"),
    [
        # Kconfig sets it, behind CMake: ports/zephyr/prj.conf:73@v1.28.0, run on zephyr 1.28.
        (Cell("zephyr", (1, 28, 0)), "vfs", "VfsFat", True),
        (Cell("zephyr", (1, 28, 0)), "os", "VfsLfs2", True),
        (Cell("zephyr", (1, 28, 0)), "vfs", "VfsLfs1", False),
        # Only the Nano's own firmware had it before 1.27, which has a column of its own.
        (Cell("rp2", (1, 24, 0)), "hashlib", "md5", False),
        (Cell("rp2", (1, 24, 0)), "uhashlib", "md5", False),
        (Cell("rp2", (1, 24, 0), "nic"), "hashlib", "md5", True),
        (Cell("rp2", (1, 27, 0)), "uhashlib", "md5", True),
        # Firmware showed it of uio, which is the same module.
        (Cell("stm32", (1, 24, 0)), "io", "BufferedWriter", None),
        (Cell("stm32", (1, 24, 0)), "uio", "BufferedWriter", None),
    ],
)
def test_a_name_is_where_a_build_s_settings_and_the_firmware_have_it(
    cell: Cell, module: str, name: str, there: bool | None
):
    assert world.module_name(cell, module, name) is there


@pytest.mark.parametrize(
    ("type_", "name", "there"),
    [
        ("str", "zfill", False),
        ("str", "split", True),
        ("bytes", "hex", True),
        ("int", "bit_length", False),
        ("match", "group", True),
        ("match", "groupdict", False),
        ("pattern", "findall", False),
        ("OSError", "errno", True),
        ("OSError", "strerror", False),
        ("ValueError", "args", True),
        ("text_file", "readlines", True),
        ("text_file", "isatty", False),
        ("stdio", "flush", False),
        ("stdio", "write", True),
        ("str", "__len__", None),
        ("deque", "append", None),
    ],
)
def test_a_method_is_where_its_type_has_it(type_: str, name: str, there: bool | None):
    assert world.builtin_method(at("esp32"), type_, name) is there


@pytest.mark.parametrize(
    ("owner", "name", "positional", "keywords", "taken"),
    [
        ("builtins.int", "from_bytes", 2, "", True),
        ("builtins.int", "from_bytes", 1, "byteorder", False),
        ("builtins", "print", 1, "flush", False),
        ("builtins", "print", 5, "sep end file", True),
        ("builtins", "sorted", 1, "key", True),
        ("builtins", "sorted", 2, "", False),
        ("builtins", "open", 1, "encoding", True),
        ("builtins", "open", 1, "newline", False),
        ("builtins", "open", 1, "file", False),
        ("builtins", "open", 0, "", False),
        ("builtins", "bytes", 1, "encoding", False),
        ("builtins.str", "split", 0, "sep", False),
        ("builtins.str", "split", 2, "", True),
        ("builtins.str", "format", 0, "name", None),
        ("json", "dumps", 1, "indent", False),
        ("asyncio", "wait_for", 1, "timeout", True),
        ("asyncio", "wait_for", 1, "", False),
        ("utime", "sleep", 0, "", False),
    ],
)
def test_a_call_is_taken_as_its_signature_says(
    owner: str, name: str, positional: int, keywords: str, taken: bool | None
):
    call = world.signature(at("esp32"), owner, name)
    assert call is not None
    assert call.takes(positional, keywords.split()) is taken


def test_when_a_module_came_and_went_is_said_of_each_port():
    def has(name: str) -> Callable[[Cell], bool | None]:
        return lambda cell: world.module_exists(cell, name)

    old = [at("esp32", "1.19"), at("unix", "1.12")]
    assert ports.later(old, has("asyncio")) == {"esp32": (1, 21, 0), "unix": (1, 21, 0)}
    assert ports.lost([at("esp32")], has("ussl")) == {"esp32": (1, 23, 0)}
    assert ports.lost([at("esp32")], has("threading")) == {}


def test_a_module_that_some_boards_lack_is_not_everywhere():
    assert world.module_everywhere(at("rp2"), "json")
    assert world.module_exists(at("rp2"), "bluetooth")
    assert not world.module_everywhere(at("rp2"), "bluetooth")


def test_mip_installs_what_micropython_lib_has():
    package = world.mip_package("threading")
    assert package is not None
    assert (package.name, package.folder, package.modules) == ("threading", "python-stdlib", ("threading",))
    assert world.mip_name("threading", "Thread") is True
    assert world.mip_name("threading", "Lock") is False
    assert world.mip_member("argparse", "ArgumentParser", "add_argument") is True
    assert world.mip_member("argparse", "ArgumentParser", "add_subparsers") is False
    assert world.mip_package("tkinter") is None


def test_a_module_that_mip_installs_has_no_more_of_a_built_in_one_than_the_port():
    assert world.mip_name("hashlib", "new") is True
    assert world.mip_name("hashlib", "sha1") is None
    assert world.mip_name("hashlib", "sha3") is False
    assert world.mip_name("ssl", "CERT_REQUIRED") is None
    assert "deque" not in world.mip_names("collections")


def test_a_module_that_hands_on_a_built_in_one_needs_it():
    assert world.mip_works(at("rp2"), "ssl")
    assert not world.mip_works(at("zephyr"), "ssl")
    assert world.mip_works(at("zephyr"), "hashlib")
    assert world.mip_works(at("zephyr"), "logging")


def test_the_modules_of_micropython_are_those_of_boards_drivers_and_the_library():
    own = "neopixel dht ssd1306 onewire ds18x20 bluetooth framebuf uctypes aioespnow ussl upip umqtt.simple pyb wipy"
    assert set(own.split()) <= world.micropython_modules()
    assert world.micropython_modules().isdisjoint("tkinter xml keyboard websockets socketserver".split())
    assert {"tkinter", "xml", "telnetlib", "urllib2", "threading", "_socket", "_pickle"} <= world.cpython_modules()


# What real interpreters say

OPTIONS = frozenset({"btree", "ffi", "jni"})
"""Modules which whoever builds the unix port chooses (ports/unix/mpconfigport.mk)."""

OBJECTS = """
import io, re, select, sys
def generator():
    yield
OBJECTS = {
    "match": re.match("a", "a"), "pattern": re.compile("a"), "generator": generator(), "exception": Exception(),
    "dict_view": {}.keys(), "poll": select.poll(), "text_file": open("/dev/null"),
    "binary_file": open("/dev/null", "rb"), "stdio": sys.stdout,
    "builtins.str": "", "builtins.bytes": b"", "builtins.bytearray": bytearray(), "builtins.int": 1,
    "builtins.float": 1.0, "builtins.list": [], "builtins.tuple": (), "builtins.dict": {}, "builtins.set": set(),
    "builtins.frozenset": frozenset(), "builtins.OSError": OSError(1),
}
"""
ASK = (
    OBJECTS
    + """
import json
def names(thing):
    return [name for name in dir(thing) if not (name[:2] == name[-2:] == "__")]
def answer(module):
    try:
        found = __import__(module, None, None, ("*",))
    except ImportError:
        return None
    classes = {}
    for name in names(found):
        thing = getattr(found, name)
        if isinstance(thing, type):
            classes[name] = names(thing)
    return [names(found), classes]
print(json.dumps([
    list(sys.implementation.version[:3]),
    {module: answer(module) for module in MODULES},
    {name: names(thing) for name, thing in OBJECTS.items()},
]))
"""
)


class Answer(NamedTuple):
    cell: Cell
    modules: dict[str, tuple[list[str], dict[str, list[str]]] | None]
    objects: dict[str, list[str]]


def asked(interpreter: Interpreter, script: str, folder: Path) -> Any:
    """What the interpreter answers with nothing installed."""
    path = folder / "ask.py"
    path.write_text(script, encoding="utf-8")
    environment = {**os.environ, "MICROPYPATH": ".frozen", "HOME": str(folder)}
    words = [interpreter.path, str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment, cwd=folder, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module", name="answer")
def what_it_has(micropython: Interpreter, tmp_path_factory: pytest.TempPathFactory) -> Answer:
    modules = sorted((world.micropython_modules() | world.cpython_modules()) - {"__main__"})
    release, *rest = asked(micropython, f"MODULES = {modules!r}\n{ASK}", tmp_path_factory.mktemp("world"))
    return Answer(Cell("unix", known_release(read_release(".".join(map(str, release))))), *rest)


def is_packaged(cell: Cell, module: str) -> bool:
    """Whether it is of micropython-lib, which distributions build without or at another revision."""
    return all(path.startswith(("micropython-lib/", "docs/", "firmware")) for path in world.source(cell, module))


def differences(
    there: set[str], known: set[str], ask: Callable[[str], bool | None], attributes: set[str]
) -> list[tuple[str, bool | None]]:
    """Names of which the table says that they are there when they are not, or that they are not when they are."""
    wrong = [(name, ask(name)) for name in sorted(there | known) if ask(name) is not (name in there)]
    return [(name, said) for name, said in wrong if said is not None and name not in attributes]


def test_the_modules_are_those_of_the_interpreter(answer: Answer):
    for module, found in answer.modules.items():
        said = world.module_exists(answer.cell, module)
        if said is None or module in OPTIONS or (said and found is None and is_packaged(answer.cell, module)):
            continue
        assert said is (found is not None), module


def test_a_file_is_imported_where_no_built_in_module_comes_before_it(
    answer: Answer, micropython: Interpreter, tmp_path: Path
):
    modules = [
        name for name, found in answer.modules.items() if found is not None and name not in OPTIONS and "." not in name
    ]
    for name in modules:
        (tmp_path / f"{name}.py").write_text("is_mine = True\n")
    hidden = asked(
        micropython,
        f"import sys\nsys.path[:] = [{str(tmp_path)!r}]\n"
        f"hidden = [name for name in {modules!r} if not hasattr(__import__(name), 'is_mine')]\n"
        """print('["' + '","'.join(hidden) + '"]')""",
        tmp_path,
    )
    assert sorted(hidden) == sorted(name for name in modules if world.comes_before_files(answer.cell, name))


@pytest.mark.parametrize(
    ("cell", "name", "first"),
    [
        (at("rp2"), "network", True),
        (at("rp2"), "time", False),
        (at("rp2"), "utime", True),
        (at("rp2", "1.20"), "utime", True),
        (at("rp2", "1.20"), "time", False),
        (at("esp32", "1.18"), "machine", True),
        (at("esp32"), "machine", False),
        (at("stm32"), "pyb", True),
        (at("esp32"), "pyb", False),
        (at("esp32"), "requests", False),
    ],
)
def test_a_built_in_module_that_cannot_be_extended_comes_before_files(cell: Cell, name: str, first: bool):
    assert world.comes_before_files(cell, name) is first


def test_the_names_are_those_of_the_interpreter(answer: Answer):
    wrong: dict[str, list[tuple[str, bool | None]]] = {}
    for module, found in answer.modules.items():
        if found is None or module in OPTIONS or is_packaged(answer.cell, module):
            continue
        inner = {name.rpartition(".")[2] for name in answer.modules if name.startswith(f"{module}.")}
        known = set(world.names(answer.cell, module))
        ask = partial(world.module_name, answer.cell, module)
        if odd := differences(set(found[0]), known, ask, inner):
            wrong[module] = odd
    assert wrong == {}


def test_the_members_of_classes_are_those_of_the_interpreter(answer: Answer):
    wrong: dict[str, list[tuple[str, bool | None]]] = {}
    for module, found in answer.modules.items():
        if found is None or module in OPTIONS or is_packaged(answer.cell, module):
            continue
        for cls, members in found[1].items():
            facts = FACTS["classes"].get(f"{FACTS['names'].get(module, {}).get('as', module)}.{cls}", {"names": {}})
            known = _names(facts, "fcko")
            ask = partial(world.class_member, answer.cell, module, cls)
            if odd := differences(set(members), known, ask, _names(facts, "a")):
                wrong[f"{module}.{cls}"] = odd
    assert wrong == {}


def test_the_attributes_of_objects_are_those_of_the_interpreter(answer: Answer):
    wrong: dict[str, list[tuple[str, bool | None]]] = {}
    for name, members in answer.objects.items():
        type_ = name.removeprefix("builtins.")
        facts = FACTS["builtins"]["types"].get(type_) or FACTS["classes"].get(name, {"names": {}})
        ask = partial(world.builtin_method, answer.cell, type_)
        # Attributes that a type makes when it is asked for them are not in dir().
        if odd := differences(set(members), _names(facts, "fcko"), ask, _names(facts, "a")):
            wrong[name] = odd
    assert wrong == {}


def _names(facts: dict[str, Any], kinds: str) -> set[str]:
    return {name for one in facts["names"].values() for kind in kinds for name in one.get(kind, "").split()}


CALL_THEM = (
    OBJECTS
    + """
import io, json
def refused(function, positional, keywords):
    for value in (0, [], "", io.BytesIO()):  # some convert what they are given before they count it
        try:
            function(*[value] * positional, **keywords)
        except (TypeError, NotImplementedError) as error:
            if "argument" in str(error):
                return True
        except BaseException:
            pass
    return False
def find(owner, name):
    return getattr(OBJECTS[owner] if owner in OBJECTS else __import__(owner, None, None, ("*",)), name)
wrong = []
for owner, name, least, most, plain in CALLS:
    try:
        function = find(owner, name)
    except (ImportError, AttributeError):
        continue
    if plain and not refused(function, least, {"no_such": 1}):
        wrong.append([owner, name, "takes a keyword"])
    if most is not None and not refused(function, most + 1, {}):
        wrong.append([owner, name, "takes more"])
    if least and not refused(function, least - 1, {}):
        wrong.append([owner, name, "takes fewer"])
print(json.dumps(wrong))
"""
)


def test_what_is_refused_is_refused_by_the_interpreter(micropython: Interpreter, answer: Answer, tmp_path: Path):
    calls = [
        (owner, name, call.minimum, call.maximum, call.keywords is not None and not call.any_keyword)
        for owner, name in _callables(answer)
        if (call := world.signature(answer.cell, owner, name)) is not None
    ]
    assert len(calls) > 300
    assert asked(micropython, f"CALLS = {calls!r}\n{CALL_THEM}", tmp_path) == []


def _callables(answer: Answer) -> Iterator[tuple[str, str]]:
    for module, found in answer.modules.items():
        if found is not None and not is_packaged(answer.cell, module):
            yield from ((module, name) for name in found[0])
    for owner, members in answer.objects.items():
        yield from ((owner, name) for name in members)


@pytest.mark.parametrize(
    "call",
    [
        "sorted([1], key=abs, reverse=True)",
        'print("", end="", sep="")',
        "min([1], key=abs, default=2)",
        "enumerate([], start=1)",
        'open("/dev/null", mode="r", encoding="utf-8").close()',
        'json.dumps([], separators=(",", ":"))',
        "[].sort(key=abs)",
        "dict(a=1)",
        '"".format(a=1)',
    ],
)
def test_a_keyword_that_is_taken_is_taken_by_the_interpreter(micropython: Interpreter, call: str):
    subprocess.run([micropython.path, "-c", f"import json\n{call}"], check=True, timeout=30)


def test_nothing_is_kept_under_the_identity_of_facts_that_are_gone():
    world.members(Cell("rp2", NEWEST), "nosuch", "Nosuch")
    assert all(vars(world)["_INDEXES"].values())

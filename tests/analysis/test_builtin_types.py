"""What is known of builtins, of the types of values, and of the arguments that calls are given."""

from __future__ import annotations

import inspect
import struct
from collections import deque
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.shapes import marked, offences
from usock_lint import Config, lint_source
from usock_lint.checks import refused_argument
from usock_lint.ports import parse_targets

RULES = ("missing-builtin", "missing-builtin-method", "refused-argument")


def found(code: str, *targets: str) -> list[tuple[int, str]]:
    """The lines and the names of what these rules find, in a file with sockets whose imports are line 0."""
    config = Config(select=RULES, targets=parse_targets(targets) if targets else None)
    findings = lint_source(
        f"import binascii, hashlib, json, os, re, socket, struct, time, collections, io\n{code}", config=config
    )
    return [(one.location.row - 1, one.name) for one in findings]


METHODS = [
    "'a'.zfill(3)",
    "f'{x}'.zfill(3)",
    "('a' 'b').zfill(3)",
    "('a' f'{x}').zfill(3)",
    "('a' + 'b').zfill(3)",
    "('%d' % x).zfill(3)",
    "('-' * x).zfill(3)",
    "'{}'.format(x).zfill(3)",
    "','.join(x).zfill(3)",
    "str(x).zfill(3)",
    "hex(x).zfill(3)",
    "bin(x)[2:].zfill(8)",
    "chr(x).isalnum()",
    "repr(x).ljust(3)",
    "input().title()",
    "x.decode().zfill(3)",
    "x.decode('utf-8').zfill(3)",
    "x.decode('utf-8', 'ignore').zfill(3)",
    "x.encode().title()",
    "x.strip().zfill(3)",
    "x.rstrip('a').lower().title()",
    "'a'.upper().strip().zfill(3)",
    "'a b'.split()[0].zfill(3)",
    "[one.zfill(3) for one in 'a b'.split()]",
    "'abc'[x].isalnum()",
    "'abc'[1:x].isalnum()",
    "json.dumps(x).title()",
    "binascii.hexlify(x).title()",
    "os.listdir()[0].title()",
    "os.getcwd().title()",
    "struct.pack('B', 1).title()",
    "hashlib.sha256(x).hexdigest()",
    "re.compile('a').findall(x)",
    "re.compile('a').match(x).groupdict()",
    "re.search('a', x).string",
    "re.search('a', x).group(1).title()",
    "open(x).isatty()",
    "open(x, 'rb').peek()",
    "open(x).read().title()",
    "open(x, 'rb').readline().title()",
    "collections.deque((), 3).rotate(1)",
    "bytearray(3).clear()",
    "memoryview(x).tobytes()",
    "len(x).bit_length()",
    "range(3).index(1)",
    "str.maketrans({})",
    "list(map(str.title, x))",
]


@pytest.mark.parametrize("code", METHODS)
def test_the_type_of_a_value_tells_which_methods_it_has(code: str) -> None:
    assert found(f"def f(x):\n    {code}\n") == [(2, "missing-builtin-method")]


SILENT = [
    "x.zfill(3)",
    "x.decode(y).zfill(3)",
    "x.decode('morse').zfill(3)",
    "(x + 'a').zfill(3)",
    "json.loads(x).title()",
    "('a' if x else y).zfill(3)",
    "'a'.__class__",
    "'a'.nothing()",
    "collections.deque((), 3).popleft()",
    "[].append(1), {}.items(), set().add(1), ().count(1)",
    "(x for x in y).send(None)",
    "open(x).readlines()",
    "super().title()",
    "print.zfill",
    "None.zfill",
]


@pytest.mark.parametrize("code", SILENT)
def test_what_is_not_known_for_certain_is_not_reported(code: str) -> None:
    assert found(f"def f(x, y):\n    {code}\n") == []


def test_a_value_is_of_all_the_types_that_it_gets_anywhere() -> None:
    code = """\
class A:
    def __init__(self):
        self.text = ""

    def show(self):
        return self.text.zfill(3)

    def fill(self, other):
        self.text = other


A().fill(input)
A().show()
"""
    assert found(code) == []
    assert found(code.replace("self.text = other", "self.text = str(other)")) == [(6, "missing-builtin-method")]


def test_a_loop_changes_what_a_name_is() -> None:
    assert found("def f(x):\n    t = ''\n    while x():\n        t.zfill(3)\n        t = x()\n") == []
    assert found("def f(x):\n    t = ''\n    while x():\n        t.zfill(3)\n        t = str(x)\n") == [(4, RULES[1])]


def test_names_that_a_star_may_bring_are_no_builtins_but_strings_stay_strings() -> None:
    assert found("from helpers import *\nprint(flush=True, end=list[0])\n'a'.split(sep=',')\n'a'.zfill(3)\n") == [
        (3, RULES[2]),
        (4, RULES[1]),
    ]


def test_of_several_types_the_same_is_named_each_time() -> None:
    config = Config(select=RULES)
    (finding,) = lint_source("import socket\ndef f(x):\n    x.strip().title()\n", config=config)
    assert finding.message.startswith("`str` has no `title`")


def test_none_has_no_methods_anyway() -> None:
    assert found("def f(x):\n    t = None\n    if x:\n        t = 'a'\n    t.zfill(3)\n") == [(5, RULES[1])]


def test_what_few_boards_lack_is_reported_for_targets_that_are_named() -> None:
    assert found("'a:b'.partition(':')\n") == []
    assert found("'a:b'.partition(':')\n", "portable") == []
    assert found("'a:b'.partition(':')\n", "esp8266", "rp2") == [(1, RULES[1])]
    assert found("compile('1', '', 'eval')\n") == []
    assert found("compile('1', '', 'eval')\n", "esp8266") == [(1, RULES[0])]


GUARDS = [
    "if hasattr(str, 'zfill'):\n    'a'.zfill(3)\n",
    "if hasattr('', 'zfill'):\n    'a'.zfill(3)\n",
    "try:\n    a = 'a'.zfill(3)\nexcept AttributeError:\n    a = '00a'\n",
    "f = getattr('a', 'zfill', None)\nif f:\n    f(3)\n",
    "try:\n    exit\nexcept NameError:\n    from sys import exit\nexit()\n",
    "try:\n    a = b''.decode(errors='ignore')\nexcept TypeError:\n    a = b''.decode()\n",
    "import sys\nif sys.implementation.name == 'cpython':\n    exit()\n",
    "import sys\nif sys.implementation.name != 'micropython':\n    print(flush=True)\n",
    "if __debug__ and False:\n    exit()\n",
]


@pytest.mark.parametrize("code", GUARDS)
def test_guards_hold_for_builtins_and_their_methods(code: str) -> None:
    assert found(code) == []


SHADOWS = [
    "def exit():\n    pass\nexit()\n",
    "exit = None\n\ndef f():\n    exit()\n",
    "from sys import exit\nexit()\n",
    "from helpers import *\nexit()\nprint(flush=True)\n",
    "def f(exit):\n    exit()\n",
    "def f():\n    global quit\n    quit = 1\n\ndef g():\n    quit()\n",
    "for vars in range(3):\n    print(vars)\n",
    "class print:\n    def __init__(self, flush):\n        pass\nprint(flush=True)\n",
    "import rp2\n@rp2.asm_pio()\ndef blink():\n    set(pins, 1) [31]\n    exit(1, 2)\n",
]


@pytest.mark.parametrize("code", SHADOWS)
def test_a_name_of_the_file_is_no_builtin(code: str) -> None:
    assert found(code) == []


REFUSED = [
    "print(x, flush=True)",
    "int.from_bytes(x, byteorder='big')",
    "int.from_bytes(x, 'big', signed=True)",
    "b''.decode(errors='strict', encoding='utf-8')",
    "'a'.split(sep=',')",
    "x.split(maxsplit=1)",
    "x.decode(errors='ignore')",
    "x.encode(encoding='utf-8')",
    "b''.decode(encoding='utf-8')",
    "bytes(x, encoding='utf-8')",
    "str(x, encoding='utf-8')",
    "bytearray(x, encoding='utf-8')",
    "int(x, base=16)",
    "round(x, ndigits=2)",
    "sum(x, start=2)",
    "pow(x, 2, mod=3)",
    "zip(x, x, strict=True)",
    "open(x, newline='')",
    "open(x, errors='ignore')",
    "iter(x, b'')",
    "'a'.center(5, '-')",
    "{1}.union(x, x)",
    "json.dumps(x, indent=2)",
    "json.dumps(x, sort_keys=True)",
    "json.loads(x, parse_float=x)",
    "time.sleep(seconds=1)",
    "collections.deque()",
    "collections.deque(x)",
    "collections.deque(maxlen=3)",
    "collections.namedtuple('A', 'a', defaults=(1,))",
    "re.match('a', x, flags=1)",
    "re.match('a', x).group()",
    "re.match('a', x).group(1, 2)",
    "hashlib.md5(x, usedforsecurity=False)",
    "os.mkdir(x, 0o700)",
    "binascii.hexlify(x, sep=':')",
    "struct.unpack_from('B', x, offset=1)",
]


@pytest.mark.parametrize("code", REFUSED)
def test_a_call_with_arguments_that_no_port_takes_is_reported(code: str) -> None:
    assert found(f"def f(x):\n    {code}\n") == [(2, "refused-argument")]


TAKEN = [
    "print(x, sep='', end='', file=x)",
    "int.from_bytes(x, 'big'), (5).to_bytes(2, 'big')",
    "x.split(',', 1), x.pop(0), x.pop('a', None), x.get('a', 1)",
    "sorted(x, key=x, reverse=True), x.sort(key=x), [].sort(key=x)",
    "max(x, key=x, default=1), min(1, 2), enumerate(x, start=1)",
    "dict(a=1), {}.update(a=1), 'a'.format(a=1)",
    "open(x, 'r', encoding='utf-8'), open(file=x, mode='rb')",
    "json.dumps(x, separators=(',', ':'))",
    "print(*x, **x), bytes(*x), str(**x)",
    "str(x, 'utf-8'), bytes(x, 'utf-8'), int(x, 16), round(x, 2), sum(x, 1), pow(x, 2, 3)",
    "x.split(regex='a'), x.decode(buffer=x), x.encode(frame=1)",
    "''.startswith('a', 1), b''.decode('utf-8', 'ignore'), ''.replace('a', 'b', 1)",
    "super(A, x), type(x), type('A', (), {}), property(x), range(1, 2, 3), object()",
    "'a'.splitlines(keepends=True), {1}.update(x, x), {1}.difference(x, x)",
    "re.match('a', x).group(0), re.sub('a', 'b', x), re.compile('a').sub('b', x)",
    "collections.deque((), 3), collections.namedtuple('A', 'a b')",
    "time.sleep(1), struct.pack('BB', 1, 2), os.listdir(), os.listdir(x)",
]


@pytest.mark.parametrize("code", TAKEN)
def test_a_call_that_the_ports_take_is_not_reported(code: str) -> None:
    assert found(f"def f(x):\n    {code}\n") == []


def test_bytes_does_not_call_the_method_for_it() -> None:
    code = """
class Items:
    def __iter__(self):
        return iter(b"ab")
class Frame(Items):
    def __bytes__(self):
        return b"frame"
    def send(self):
        return bytes(self)  # finding
bytes(Items())
bytes(Frame())  # finding
bytes(Frame() if x else b"")
"""
    lines = [number for number, line in enumerate(code.split("\n"), 1) if "# finding" in line]
    assert found(code) == [(number, "refused-argument") for number in lines]


def test_types_in_brackets_are_fine_in_annotations_alone() -> None:
    code = """
def f(a: list[int] = [], *rest: tuple[int, ...]) -> dict[str, int]:
    b: set[int] = set()
    return {}
Known = dict[str, int]  # finding
class Table(list[int]):  # finding
    rows: list[int] = []
"""
    lines = [number for number, line in enumerate(code.split("\n"), 1) if "# finding" in line]
    assert found(code) == [(number, "refused-argument") for number in lines]


def test_a_module_of_the_project_is_its_own() -> None:
    code = "import socket\nimport json\njson.dumps(1, indent=2)\n"

    assert lint_source(code, "example.py", Config(select=RULES))


SIGNATURES: dict[str, Callable[..., Any]] = {
    "builtins.round": round,
    "builtins.sum": sum,
    "builtins.pow": pow,
    "builtins.bytes.decode": bytes.decode,
    "builtins.bytearray.decode": bytearray.decode,
    "builtins.str.encode": str.encode,
    "builtins.bytes.split": bytes.split,
    "builtins.str.split": str.split,
    "builtins.bytes.rsplit": bytes.rsplit,
    "builtins.str.rsplit": str.rsplit,
    "builtins.int.from_bytes": int.from_bytes,
    "builtins.int.to_bytes": int.to_bytes,
    "struct.unpack_from": struct.unpack_from,
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_parameters_have_the_order_that_they_have_on_cpython(name: str) -> None:
    known = inspect.signature(SIGNATURES[name]).parameters
    ordered = [one for one in known if one != "self"]
    told = [text.partition("=") for text in refused_argument.ORDER[name].split()]

    assert [one for one, _, _ in told] == [one.strip("/") for one in ordered][: len(told)]
    assert all(repr(known[one].default) == default for one, _, default in told if default)


def test_what_stands_for_an_argument_that_is_left_out_is_its_default() -> None:
    nothing: tuple[int, ...] = ()
    assert deque(nothing, 3) == deque(maxlen=3)
    assert bytes("é", "utf-8") == bytes("é", encoding="utf-8")
    assert str(b"a", "utf-8") == str(b"a", encoding="utf-8")
    assert int("11", 2) == int("11", base=2)


def test_what_is_missing_is_not_said_to_refuse_arguments_as_well() -> None:
    assert found("time.strftime('%H:%M')\n") == []
    assert found("compile('1', '', 'eval', dont_inherit=True)\n", "esp8266") == [(1, RULES[0])]
    assert found("'a'.center(3, '-')\n", "esp8266") == [(1, RULES[1])]


def test_an_encoding_is_reported_also_where_the_passes_end_before_each_type_is_known() -> None:
    code = """
        import email
        import socket
        def headers(fp):
            while True:
                line = fp.readline(10)
                if line in (b"\\r\\n", b"\\n", b""):
                    break
            return email.parsed(b"".join(lines).decode("iso-8859-1"))  #
        class Response:
            def __init__(self, sock, method=None):
                self.fp = sock.makefile("rb")
                self.headers = self.msg = None
            def begin(self):
                self.headers = self.msg = headers(self.fp)
                self.headers.get("content-length")
            def end(self):
                self.fp = None
        class Connection:
            response = Response
            def tunnel(self):
                self.response(self.sock, method=self.method)
            def connect(self):
                self.sock = socket.create_connection((self.host, self.port))
        """
    assert [one for one in offences(code) if "encoding" in one] == marked(code, "unknown-encoding")

"""What surrounds a script on each port: builtins, errno, sys, select, asyncio, and the other names of modules."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.boardcases import ask
from tests.support.each import check_each
from tests.support.probes import free_port, output
from tools.rulepages.interpreters import Interpreter
from usock_lint.ports import (
    MISSING_BUILTINS,
    NEWEST,
    RELEASES,
    Cell,
    Release,
    errno_names,
    errno_number,
    platforms,
    release_name,
    world,
)
from usock_lint.ports.releases import read_release
from usock_lint.shim import SIMULATED, load, open_port
from usock_lint.shim.run import run_source
from usock_lint.shim.world.traceback import plain_part

BOARDS = [port for port in SIMULATED if port != "unix"]
LATEST = release_name(NEWEST)
WITH_U = (
    "uarray ubinascii ucollections uerrno uhashlib uheapq uio ujson uos urandom ure uselect usocket ustruct usys utime"
).split()


@pytest.mark.parametrize("port", SIMULATED)
def test_a_script_finds_its_port_and_release(port: str) -> None:
    ask_sys = "import sys; print(sys.platform, sys.implementation[0], sys.implementation.version[:2], sys.version[:19])"
    platform, rest = output(ask_sys, "1.27", port).split(maxsplit=1)
    assert platform in platforms(port)
    assert rest == "micropython (1, 27) 3.4.0; MicroPython \n"


@pytest.mark.parametrize("port", SIMULATED)
def test_errno_has_the_names_and_numbers_of_the_port(port: str) -> None:
    played = open_port(port)
    namespace = run_source("import errno\nfound = {name: getattr(errno, name) for name in dir(errno)}", port)
    found = {name: number for name, number in namespace["found"].items() if name.startswith("E")}
    assert set(found) == {name for name in errno_names(played.cell) if name.startswith("E")}
    known = {name: errno_number(played.cell, name) for name in found}
    assert all(known[name] in (None, number) for name, number in found.items())


@pytest.mark.parametrize(("port", "text"), [("esp32", "[Errno 116] ETIMEDOUT"), ("rp2", "[Errno 110] ETIMEDOUT")])
def test_an_oserror_reads_as_on_the_port(port: str, text: str) -> None:
    code = "import errno\nprint(OSError(errno.ETIMEDOUT), OSError(200), repr(OSError(5)))"
    assert output(code, port=port) == f"{text} 200 OSError(5,)\n"


@pytest.mark.parametrize("attribute", ["strerror", "filename", "winerror", "characters_written"])
def test_an_oserror_lacks_what_cpythons_has(attribute: str) -> None:
    def lacks_it(port: str) -> None:
        with pytest.raises(AttributeError):
            run_source(f"OSError(1).{attribute}", port)

    check_each(lacks_it, SIMULATED)


@pytest.mark.parametrize(
    ("port", "version", "named"), [("unix", "1.25", False), ("unix", "1.26", True), ("rp2", LATEST, False)]
)
def test_what_a_module_lacks_is_told_in_the_words_of_the_port(
    port: str, version: str, named: bool, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text("")
    code = (
        "import sys, errno\nsys.path.append(FOLDER)\nimport mine\nfor module in errno, mine:\n    try:\n"
        "        module.x\n    except AttributeError as error:\n        print(error)"
    )
    printed = output(code, version, port, FOLDER=str(tmp_path))
    words = ["module 'errno'", "module 'mine'"] if named else ["'module' object"] * 2
    assert printed == "".join(f"{one} has no attribute 'x'\n" for one in words)


LETTERS = "print([''.join(map(chr, (0xE4, 0x80, 0xAD, 0x200B, 0xE000, 0x1F600, 0xD800, 0x7F, 10, 39)))])"


@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("1.28", r"\xe4\x80\xad\u200b\ue000\U0001f600\ud800\x7f\n"),
        ("1.29", "\xe4\x80\xad\u200b\ue000\U0001f600" + r"\ud800\x7f\n"),
    ],
)
def test_repr_shows_all_characters_beyond_ascii_but_surrogates_as_they_are_from_1_29_on(
    version: str, shown: str
) -> None:
    assert output(LETTERS, version) == f"""["{shown}'"]\n"""


REFUSED = [
    ("'abc'[::-1]", "NotImplementedError"),
    ("b'abc'[0:2:2]", "NotImplementedError"),
    ("bytearray(3)[::2]", "NotImplementedError"),
    ("memoryview(b'abc')[::2]", "NotImplementedError"),
    ("(1, 2)[::-1]", "NotImplementedError"),
    ("[1, 2, 3][::-2] + list(range(9)[::4])", "[3, 1, 0, 4, 8]"),
    ("'abc'[1::1] + 'abc'[::None]", "bcabc"),
    ("isinstance(1, int | str)", "TypeError"),
    ("{1} | {1}, 4 | 3", "({1}, 7)"),
    ("open('/dev/null', newline='')", "TypeError"),
    ("f'{1 + 1 =}{2=!r}{3=:2}{4 == 4 }{5 != 6 }'", "1 + 1 =22=23= 3TrueTrue"),
    ("f'{1 = }'", "SyntaxError"),
    ("f'a {1=  :2}'", "SyntaxError"),
]
"""Expressions, and what they give: the exception's type where the port refuses them."""


ASKED = (
    f"for text in {[text for text, _ in REFUSED]!r}:\n    try:\n        print(eval(text))\n"
    "    except Exception as error:\n        print(type(error).__name__)\n"
)


def test_the_port_refuses_what_the_shim_refuses(micropython: Interpreter, tmp_path: Path) -> None:
    (tmp_path / "ask.py").write_text(ASKED)
    done = subprocess.run([micropython.path, "ask.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "".join(f"{answer}\n" for _, answer in REFUSED)


def test_the_shim_refuses_what_the_port_refuses() -> None:
    assert output(ASKED) == "".join(f"{answer}\n" for _, answer in REFUSED)


PRINTED = {
    "a class may assign its __init__": (
        "class A:\n    def start(self, x): print(x)\n    __init__ = start\nA(1)",
        "1\n",
    ),
    "a class may define its __init__ in a branch": (
        "class A:\n    if True:\n        def __init__(self, x): print(x)\nA(1)",
        "1\n",
    ),
    "a constant may be in the target of +=": (
        "from micropython import const\n_N = const(1)\na = [0, 0]\na[_N] += 5\nprint(a)",
        "[0, 5]\n",
    ),
    "a set has the order of a script's hashes in any module": (
        "CODE = 'class H:\\n    def __init__(self, n): self.n = n\\n    def __hash__(self): return self.n\\n'\n"
        "module = {'__name__': 'other'}\nexec(CODE, module)\n"
        "print([one.n for one in {module['H'](7), module['H'](3), module['H'](12), module['H'](1)}])",
        "[3, 12, 1, 7]\n",
    ),
    "a RingIO takes the part of a buffer that it is told, and as much of that as it has room for": (
        "from micropython import RingIO\nr = RingIO(bytearray(5))\n"
        "print(r.write(b'abcdef', 1), r.read(), r.write(b'abcdef', 2, 3), r.write('xyz'), r.write('z'), r.any())\n"
        "print(r.readline(), r.read(), r.readinto(bytearray(2)))",
        "1 b'a' 3 1 0 4\nb'cdex' b'' 0\n",
    ),
    "the empty path is no file, and the root can be neither opened nor removed nor replaced": (
        "import os\nfor path in '', '/':\n"
        "    for call in open, os.remove, os.rmdir, lambda path: os.rename('none', path):\n"
        "        try:\n            call(path)\n        except OSError as error:\n            print(error)",
        "[Errno 2] ENOENT\n" * 4 + "[Errno 1] EPERM\n" * 4,
    ),
    "sys.atexit() keeps one function, and forgets it for anything else": (
        "import sys\nfor one in lambda: print('first'), None, lambda: print('last'):\n    sys.atexit(one)",
        "last\n",
    ),
    "an object that cannot be called does nothing at the end": (
        "import sys\nsys.atexit(5)\nprint(sys.atexit(7))",
        "5\n",
    ),
    "dir() knows only short literals before they are used as names": (
        "long, short = 'zzzzzzzzzzz', 'zzzzzzzzzz'\nclass A: pass\nA.b2 = 1\n"
        "for name in long, short:\n    setattr(A, name, 1)\nprint([one for one in dir(A) if one[0] != '_'])",
        "['zzzzzzzzzz', 'b2', 'zzzzzzzzzzz']\n",
    ),
    "a stream of asyncio makes bytes of the texts that a stream below reads": (
        "import asyncio, io\nclass Texts(io.IOBase):\n    def __init__(self):\n"
        "        self.texts = ['a\\u00e9\\n', 'xy', 'z', 'rest', '']\n"
        "    def ioctl(self, request, argument): return argument if request == 3 else -1\n"
        "    def next(self, *_): return self.texts.pop(0)\n    read = readline = next\n"
        "async def main():\n    reader = asyncio.StreamReader(Texts())\n"
        "    print(await reader.readline(), await reader.readexactly(3), await reader.read())\nasyncio.run(main())",
        "b'a\\xc3\\xa9\\n' b'xyz' b'rest'\n",
    ),
    "a name that only CPython calls may be assigned or be in a branch": (
        "import gc\nclass A(dict):\n    def method(self, *_): print('called')\n    __del__ = __missing__ = method\n"
        "class B:\n    if True:\n        def __del__(self): print('called')\n    __index__ = lambda self: 1\n"
        "for call in lambda: A()[1], lambda: [2, 3][B()]:\n    try:\n        print(call())\n"
        "    except Exception as error:\n        print(type(error).__name__)\ngc.collect()",
        "KeyError\nTypeError\n",
    ),
    "startswith() and endswith() take str and bytes, and tuples of both up to the one that matches": (
        "for data in 'abc', b'abc', bytearray(b'abc'):\n"
        "    print(data.startswith(('x', b'a', 5)), data.endswith('c'), data.endswith(b'b', 0, 2), end=' ')\n"
        "    for part in bytearray(b'a'), (1,):\n        try:\n            data.startswith(part)\n"
        "        except TypeError as error:\n            print(error)",
        "True True True can't convert 'bytearray' object to str implicitly\n"
        "can't convert 'int' object to str implicitly\n" * 3,
    ),
    "reversed() of a dict looks up the numbers from its length down": (
        "print(list(reversed({0: 'a', 1: 'b'})))\ntry:\n    list(reversed({1: 2}))\n"
        "except KeyError as error:\n    print(error)",
        "['b', 'a']\n0\n",
    ),
    "exceptions lack the attributes that only CPython's have": (
        "for kind, name in (ImportError, 'msg'), (SyntaxError, 'lineno'), (SystemExit, 'code'):\n"
        "    try:\n        raise kind(1)\n    except kind as error:\n        print(hasattr(error, name))\n"
        "try:\n    import absent\nexcept ImportError as error:\n    try:\n        print(error.msg)\n"
        "    except AttributeError:\n        print('no msg')",
        "False\nFalse\nFalse\nno msg\n",
    ),
}
"""What programs print on unix, by what that shows."""


@pytest.mark.parametrize(("code", "printed"), PRINTED.values(), ids=PRINTED)
def test_the_shim_and_the_port_print_the_same(
    code: str, printed: str, micropython: Interpreter, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(code)
    done = subprocess.run([micropython.path, "main.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (output(code), done.stdout) == (printed, printed)


@pytest.mark.parametrize(
    ("version", "negative", "large"),
    [
        ("1.23", r"b'\xfe\xff'", r"b','"),
        ("1.24", r"b'\xfe\xff'", "buffer too small"),
        ("1.29", "can't convert negative int to unsigned", "value would overflow a 1 byte buffer"),
    ],
)
def test_to_bytes_takes_the_ints_that_the_release_takes(version: str, negative: str, large: str) -> None:
    code = (
        "for number, size in (-257, 2), (300, 1), (300, 2):\n    try:\n        print(number.to_bytes(size, 'big'))\n"
        "    except OverflowError as error:\n        print(error)"
    )
    assert output(code, version) == f"{negative}\n{large}\nb'\\x01,'\n"


@pytest.mark.parametrize(("version", "printed"), [("1.28", "TypeError\n"), ("1.29", "b'\\x01\\x02'\n")])
def test_to_bytes_takes_names_since_1_29(version: str, printed: str) -> None:
    code = "try:\n    print((258).to_bytes(length=2, byteorder='big'))\nexcept TypeError:\n    print('TypeError')"
    assert output(code, version) == printed


@pytest.mark.parametrize(("version", "printed"), [("1.24", "TypeError\n"), ("1.25", "True\n")])
def test_startswith_takes_a_tuple_since_1_25(version: str, printed: str) -> None:
    code = "try:\n    print('abc'.startswith(('x', 'a')))\nexcept TypeError:\n    print('TypeError')"
    assert output(code, version) == printed


@pytest.mark.parametrize("port", SIMULATED)
def test_a_builtin_that_no_port_has_is_a_name_error(port: str) -> None:
    code = "try:\n    {0}\n    print('{0}')\nexcept NameError:\n    pass\n"
    assert output("".join(map(code.format, sorted(MISSING_BUILTINS))), port=port) == ""


@pytest.mark.parametrize("version", ["1.20", LATEST])
@pytest.mark.parametrize("port", ["unix", "rp2", "esp32", "esp8266", "zephyr"])
def test_modules_import_under_their_u_names(port: str, version: str) -> None:
    names = [name for name in WITH_U if world.module_exists(Cell(port, read_release(version)), name)]
    plain = [name.removeprefix("u") for name in names]
    same = ", ".join(f"{one} is u{one}" for one in plain)
    code = f"import {', '.join(names)}, {', '.join(plain)}\nprint(all([{same}]))"
    assert output(code, version, port) == "True\n"


@pytest.mark.parametrize(
    ("name", "last"), [("ussl", "1.22"), ("uasyncio", None), ("asyncio", None), ("tls", None), ("ssl", None)]
)
@pytest.mark.parametrize("port", ["unix", "rp2", "esp32"])
def test_a_module_is_there_at_the_releases_that_have_it(port: str, name: str, last: str | None) -> None:
    found = [release_name(release) for release in RELEASES if release[:2] >= (1, 20) and imports(name, port, release)]
    first = {"asyncio": "1.21", "tls": "1.23"}.get(name, "1.20")
    assert (found[0], found[-1]) == (first, last or release_name(RELEASES[-1]))


def imports(name: str, port: str, release: Release) -> bool:
    try:
        run_source(f"import {name}", port, release_name(release))
    except ImportError:
        return False
    return True


def test_uasyncio_hands_on_to_asyncio_and_is_another_module() -> None:
    code = "import uasyncio, asyncio\nprint(uasyncio is asyncio, uasyncio.sleep_ms is asyncio.sleep_ms)"
    assert output(code) == "False True\n"


@pytest.mark.parametrize("port", BOARDS)
def test_time_and_micropython_have_what_scripts_for_boards_use(port: str) -> None:
    code = (
        "import time\nfrom micropython import const\nN = const(3)\na = time.ticks_ms()\ntime.sleep_ms(2)\n"
        "time.sleep_us(1)\n"
        "print(N, time.ticks_diff(time.ticks_ms(), a) >= 2, time.ticks_add(2**30 - 1, 2), a < 2**30)\n"
        "print([name for name in ('monotonic', 'perf_counter', 'strftime', 'clock') if hasattr(time, name)])"
    )
    strftime = ["strftime"] if world.module_name(open_port(port).cell, "time", "strftime") else []
    assert output(code, port=port) == f"3 True 1 True\n{strftime}\n"


@pytest.mark.parametrize(("port", "there"), [("unix", False), ("rp2", True), ("esp32", True), ("samd", True)])
def test_select_is_where_the_port_has_it(port: str, there: bool) -> None:
    assert output("import select\nprint(hasattr(select, 'select'))", port=port) == f"{there}\n"


@pytest.mark.parametrize("port", ["rp2", "esp32", "samd"])
def test_select_answers_the_sockets_themselves(port: str) -> None:
    script = "c, s = pair()\ns.send(b'a')\nprint(select.select([c, s], [c], [], 1) == ([c], [c], []))"
    assert ask(port, LATEST, script) == "True\n"


@pytest.mark.parametrize(("port", "printed"), [("unix", "8 16 True"), ("rp2", "4 8 False")])
def test_a_long_and_a_pointer_have_the_size_of_a_word(port: str, printed: str) -> None:
    code = "import struct, sys\nprint(struct.calcsize('l'), struct.calcsize('bP'), sys.maxsize > 1 << 32)"
    assert output(code, port=port) == printed + "\n"


def test_select_returns_an_object_once_that_is_in_a_list_twice() -> None:
    code = (
        "import select, socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "print([len(one) for one in select.select([], [s, s], [])])"
    )
    assert output(code, port="rp2") == "[0, 1, 0]\n"


def test_a_board_has_uname_and_no_environment() -> None:
    code = "import os\nprint(os.uname()[0], os.uname().release, hasattr(os, 'getenv'))"
    assert output(code, "1.26", "esp32") == "esp32 1.26.0 False\n"


@pytest.mark.parametrize(
    ("name", "port", "version"), [("tls", "rp2", "1.22"), ("lwip", "esp32", None), ("_thread", "samd", None)]
)
def test_a_module_that_the_port_lacks_cannot_be_imported(name: str, port: str, version: str | None) -> None:
    with pytest.raises(ImportError):
        run_source(f"import {name}", port, version)


@pytest.mark.parametrize("port", [port for port in BOARDS if port != "zephyr"])
def test_asyncio_streams_run_over_the_ports_own_sockets(port: str) -> None:
    code = """
import asyncio

async def serve(reader, writer):
    writer.write(b"got " + await reader.readline())
    await writer.drain()
    writer.close()
    await writer.wait_closed()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write("hi\\n")
    await writer.drain()
    print(await reader.readline(), await reader.read(1))
    server.close()

asyncio.run(main())
"""
    assert output(code, port=port, PORT=free_port()) == "b'got hi\\n' b''\n"


def test_shims_of_different_ports_live_in_one_process_and_talk_to_each_other() -> None:
    pico, esp = load("rp2"), load("esp32", "1.26")
    number = free_port()
    server = pico.socket()
    server.bind(("127.0.0.1", number))
    server.listen()
    client = esp.socket()
    client.connect(("localhost", number))
    served, peer = server.accept()
    served.settimeout(0.1)
    client.settimeout(0.1)
    assert (client.send(b"ping"), served.recv(4), peer[0]) == (4, b"ping", "127.0.0.1")
    with pytest.raises(OSError, match="110"):
        served.recv(1)
    with pytest.raises(OSError, match="116"):
        client.recv(1)
    assert (pico.__name__, esp.__name__, pico.SOL_SOCKET, esp.SOL_SOCKET) == ("lwip", "socket", 1, 4095)


@pytest.mark.parametrize("port", ["unix", "rp2"])
def test_writing_to_a_closed_stream_of_asyncio_is_an_oserror(port: str) -> None:
    code = (
        "import asyncio\nasync def serve(reader, writer):\n    await reader.read(1)\nasync def main():\n"
        "    server = await asyncio.start_server(serve, '127.0.0.1', PORT)\n"
        "    reader, writer = await asyncio.open_connection('127.0.0.1', PORT)\n"
        "    await writer.wait_closed()\n"
        "    try:\n        writer.write(b'x')\n    except OSError:\n        print('closed')\n"
        "asyncio.run(main())\n"
    )
    assert output(code, port=port, PORT=free_port()) == "closed\n"


@pytest.mark.parametrize(
    ("port", "call", "number"),
    [
        ("unix", "f() takes 1 positional arguments but 0 were given", "invalid syntax for integer with base 10: 'x'"),
        ("rp2", "function takes 1 positional arguments but 0 were given", "invalid syntax for integer with base 10"),
        ("esp32", "function takes 1 positional arguments but 0 were given", "invalid syntax for integer with base 10"),
    ],
)
def test_unix_alone_tells_names_and_digits_in_its_errors(port: str, call: str, number: str) -> None:
    code = (
        "def f(a): pass\nfor wrong in (f, lambda: int('x')):\n"
        "    try:\n        wrong()\n    except (TypeError, ValueError) as e:\n        print(e)\n"
    )
    assert output(code, port=port) == f"{call}\n{number}\n"


@pytest.mark.parametrize(
    ("pattern", "part", "matched"),
    [
        ("divide by zero", "divide by zero", "divide by zero"),
        (r"(.* object) is not (callable|iterable)", " is not ", "'int' object is not callable"),
        (r"int\(\) base must be >= 2", " base must be >= 2", "int() base must be >= 2"),
        (r"(?:min|max)\(\) arg is (?:an )?empty(?: sequence)?", " arg is ", "max() arg is an empty sequence"),
        (r"\w+\(\) takes \d+ arguments? but .*", " argument", "f() takes 1 argument but 2 were given"),
        (r"(?:a\(\)|b\(\)) got (?:(?:one|two) )?more", " got ", "a() got two more"),
        (r"division by zero|float modulo", "", "float modulo"),
    ],
)
def test_a_pattern_is_tried_on_messages_that_have_its_plain_part(pattern: str, part: str, matched: str) -> None:
    assert plain_part(pattern) == part
    assert re.fullmatch(pattern, matched)
    assert part in matched


SECOND_THREAD = """
import _thread, time
def wait(name):
    time.sleep_ms(100)
    print(name, _thread.get_ident() == number)
number = _thread.start_new_thread(wait, ("first",))
try:
    _thread.start_new_thread(wait, ("second",))
except OSError as error:
    print(error)
time.sleep_ms(300)
number = _thread.start_new_thread(wait, ("third",))
time.sleep_ms(300)
"""


@pytest.mark.parametrize(
    ("port", "printed"),
    [("rp2", "core1 in use\nfirst True\nthird True\n"), ("esp32", "first True\nsecond False\nthird True\n")],
)
def test_rp2_runs_one_thread_beside_the_main_program(port: str, printed: str) -> None:
    lines = output(SECOND_THREAD, None, port).splitlines()
    assert sorted(lines) == sorted(printed.splitlines())

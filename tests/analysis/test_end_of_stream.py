"""Which loops never end once the other side has closed."""

from __future__ import annotations

import libcst as cst
import pytest

from usock_lint import ports
from usock_lint.analysis import uses
from usock_lint.analysis.uses import EndlessLoop

BEFORE = """\
import json, socket, time
s = socket.socket()
s.connect(socket.getaddrinfo("10.0.0.1", 80)[0][-1])
buf = b""
END = b"END"
lines = []
"""


def endless(code: str) -> int:
    found = uses(cst.parse_module(BEFORE + code), ports.cells(ports.PORTABLE), {EndlessLoop})
    return sum(isinstance(use, EndlessLoop) for use in found)


ENDLESS = {
    "an item that nothing changes meanwhile": (
        "run = [True]\ndef stop():\n    run[0] = False\nwhile run[0]:\n    s.recv(9)\nstop()\n"
    ),
    "a coroutine that is awaited without a time, too": (
        "import asyncio\nasync def read(r):\n    while True:\n        await r.read(9)\n"
        "async def main():\n    r, w = await asyncio.open_connection('x.org', 80)\n"
        "    await asyncio.wait_for(read(r), 5)\n    await read(r)\nasyncio.run(main())\n"
    ),
    "a condition on what was collected": 'while b"x" not in buf:\n    buf += s.recv(1)\n',
    "collected by addition": 'while b"x" not in buf:\n    buf = buf + s.recv(1)\n',
    "collected as text": 'text = ""\nwhile "x" not in text:\n    text += s.recv(1).decode()\n',
    "a break on what was collected": 'while True:\n    buf += s.recv(9)\n    if b"END" in buf:\n        break\n',
    "a break on a name": "while True:\n    buf += s.recv(9)\n    if buf.endswith(END):\n        break\n",
    "a flag": 'done = False\nwhile not done:\n    if s.readline() == b"\\r\\n":\n        done = True\n',
    "a read at the end of the body": 'line = s.readline()\nwhile line != b"\\n":\n    line = s.readline()\n',
    "a read in the condition": 'while s.readline() != b"\\n":\n    pass\n',
    "no end at all": "while True:\n    print(s.recv(9))\n",
    "a counted remainder": "left = 9\nwhile left:\n    left -= len(s.recv(left))\n",
    "readinto": "at = 0\nwhile at < 9:\n    at += s.readinto(memoryview(bytearray(9))[at:])\n",
    "a list that grows": (
        "while True:\n    line = s.readline()\n    if line == b'\\n':\n        break\n    lines.append(line)\n"
    ),
    "an error that is caught": (
        "while True:\n    try:\n        n = int(s.readline())\n        break\n    except ValueError:\n        pass\n"
    ),
    "an error of sending that is caught": (
        "while True:\n    try:\n        s.recv(9)\n        s.send(b'x')\n    except OSError:\n        pass\n"
    ),
    "a walrus": 'while (line := s.readline()) != b"\\n":\n    pass\n',
    "a comparison with None": "while True:\n    data = s.recv(9)\n    if data is None:\n        break\n",
    "the reader of a server's connection": (
        "import asyncio\nasync def serve(r, w):\n    while await r.readline() != b'\\r\\n':\n        pass\n"
        "async def main():\n    await asyncio.start_server(serve, '0.0.0.0', 80)\nasyncio.run(main())\n"
    ),
    "the reader of a client's connection": (
        "import asyncio\nasync def ask():\n    r, w = await asyncio.open_connection('10.0.0.1', 80)\n"
        "    while await r.readline() != b'\\r\\n':\n        pass\nasyncio.run(ask())\n"
    ),
    "an else of a loop that goes on": (
        "while True:\n    buf += s.recv(9)\n    for one in lines:\n        print(one)\n    else:\n        print()\n"
    ),
    "a first word, with the others under a star": (
        "while True:\n    word, *others = s.readline().split(b' ')\n    if word == b'QUIT':\n        break\n"
    ),
    "a class that a builtin is called without": (
        "while True:\n    buf += s.recv(9)\n    if END in buf:\n        print(isinstance())\n"
    ),
    "a flag that the answer is added to": "done = False\nwhile not done:\n    done |= s.readline() == b'\\r\\n'\n",
    "finally": (
        "while True:\n    try:\n        if s.readline() == b'\\n':\n            break\n    finally:\n        print(1)\n"
    ),
    "an echo": "while True:\n    s.send(s.recv(9))\n",
    "a helper": 'def line(f):\n    return f.readline().decode().strip()\n\nwhile line(s) != "stop":\n    pass\n',
    "a closure": (
        "def go():\n"
        "    data = b''\n"
        "    def more():\n"
        "        nonlocal data\n"
        "        data += s.recv(9)\n"
        "    while b'x' not in data:\n"
        "        more()\n"
        "\n"
        "go()\n"
    ),
    "an attribute": (
        "class C:\n"
        "    def __init__(self):\n"
        "        self.s, self.b = socket.socket(), b''\n"
        "    def fill(self):\n"
        "        self.b += self.s.recv(9)\n"
        "    def wait(self):\n"
        "        while b'x' not in self.b:\n"
        "            self.fill()\n"
        "\n"
        "C().wait()\n"
    ),
}

ENDING = {
    "what is in the data": "while any(s.recv(9)):\n    pass\n",
    "an item that an interrupt changes": (
        "import machine\nrun = [True]\ndef stop(_):\n    run[0] = False\nmachine.Pin(0).irq(stop)\n"
        "while run[0]:\n    s.recv(9)\n"
    ),
    "a list that an interrupt adds to": (
        "import machine\npresses = []\ndef press(_):\n    presses.append(1)\nmachine.Pin(0).irq(press)\n"
        "while not presses:\n    s.recv(9)\n"
    ),
    "a time after which a coroutine is cancelled": (
        "import asyncio\nasync def read(r):\n    while True:\n        await r.read(9)\n"
        "async def ask():\n    r, w = await asyncio.open_connection('x.org', 80)\n    await read(r)\n"
        "async def main():\n    await asyncio.wait_for(ask(), 5)\nasyncio.run(main())\n"
    ),
    "the end of the program as the board goes to sleep": (
        "import machine\nwhile True:\n    if s.recv(9) != b'x':\n        machine.deepsleep(1000)\n"
    ),
    "a function of another module that may refuse nothing": (
        "import helper\nwhile True:\n    parts = helper.split(s.recv(9))\n    print(parts[0])\n"
    ),
    "a product that is too large": "while True:\n    s.recv(9)\n    if b'x' * 10000000000:\n        break\n",
    "a text that is too wide": "while True:\n    s.recv(9)\n    if 'x'.center(10000000000):\n        break\n",
    "bytes of which there are too many": "while True:\n    s.recv(9)\n    if bytes(10000000000):\n        break\n",
    "an else of a loop over what came": (
        "while True:\n    data = s.recv(9)\n    for one in data:\n        print(one)\n    else:\n        break\n"
    ),
    "an else of a loop that may find nothing": (
        "while True:\n    buf += s.recv(9)\n    for one in lines:\n        if one in buf:\n            break\n"
        "    else:\n        break\n"
    ),
    "too few items for the targets beside a star": (
        "while True:\n    first, second, *others = s.readline().split(b' ')\n    print(first)\n"
    ),
    "an inverted number": "while True:\n    s.recv(9)\n    if ~0:\n        break\n",
    "a number with a plus": "while True:\n    s.recv(9)\n    if +1 > 0:\n        break\n",
    "a look at what came": "while True:\n    data = s.recv(9)\n    if not data:\n        break\n",
    "a comparison with nothing": "while True:\n    if s.recv(9) == b'':\n        break\n",
    "a length below a size": (
        "def go(size):\n    while True:\n        if len(s.recv(size)) < size:\n            break\n\ngo(9)\n"
    ),
    "a length above a part of a size": (
        "def go(size):\n    n = size\n    while size // 2 < n:\n        n = len(s.recv(size))\n\ngo(9)\n"
    ),
    "a length": "while True:\n    if len(s.recv(9)) < 9:\n        break\n",
    "a look that does not leave": "while True:\n    data = s.recv(9)\n    if data:\n        print(data)\n",
    "an assertion": "while True:\n    data = s.recv(9)\n    assert data\n    buf += data\n",
    "one of several": "while True:\n    if s.readline() in (b'', b'\\n'):\n        break\n",
    "stripped": "while True:\n    if not s.readline().strip():\n        break\n",
    "a condition that holds for nothing": "data = b'x'\nwhile data:\n    data = s.recv(9)\n",
    "an index": "while True:\n    if s.readline()[0] == 35:\n        break\n",
    "an index of text in some encoding": (
        "while True:\n    parts = s.readline().decode(CODE).split('=')\n    print(parts[1])\n"
    ),
    "unpacking": "while True:\n    name, value = s.readline().split(b':')\n",
    "a number of nothing": "while True:\n    n = int(s.readline(), 16)\n    if n == 0:\n        break\n",
    "a deadline": (
        "while b'x' not in buf:\n    buf += s.recv(9)\n    if time.ticks_diff(time.ticks_ms(), 0) > 9:\n        break\n"
    ),
    "a counter": "n = 0\nwhile b'x' not in buf:\n    buf += s.recv(9)\n    n += 1\n    if n > 9:\n        break\n",
    "a counter in the condition": "n = 9\nwhile n:\n    buf += s.recv(9)\n    n -= 1\n",
    "no change": (
        "while True:\n    before = len(buf)\n    buf += s.recv(9)\n    if len(buf) == before:\n        break\n"
    ),
    "another connection": "while True:\n    c, a = s.accept()\n    c.recv(9)\n    c.close()\n",
    "a closed one": "while True:\n    buf += s.recv(9)\n    s.close()\n",
    "another socket": "while True:\n    buf += s.recv(9)\n    s = socket.socket()\n",
    "an answer": "while True:\n    s.recv(9)\n    s.send(b'ok')\n",
    "other code with nothing": "while True:\n    data = json.loads(s.readline())\n",
    "a datagram": "u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\nwhile True:\n    buf += u.recv(9)\n",
    "a generator": "def lines_of(f):\n    while True:\n        yield f.readline()\n\nlines_of(s)\n",
    "an attribute that a with statement binds": (
        "class C:\n"
        "    def go(self):\n"
        "        while not self.lock:\n"
        "            s.recv(9)\n"
        "            with lock() as self.lock:\n"
        "                pass\n"
        "\n"
        "C().go()\n"
    ),
    "other code may stop it": (
        "class C:\n"
        "    def __init__(self):\n"
        "        self.s, self.on = socket.socket(), True\n"
        "    def stop(self, _):\n"
        "        self.on = False\n"
        "    def go(self):\n"
        "        pin.irq(self.stop)\n"
        "        while self.on:\n"
        "            print(self.s.recv(9))\n"
        "\n"
        "C().go()\n"
    ),
    "other code may stop it in an annotated assignment": (
        "class C:\n"
        "    def __init__(self):\n"
        "        self.s, self.on = socket.socket(), True\n"
        "    def stop(self, _):\n"
        "        self.on: bool = False\n"
        "    def go(self):\n"
        "        pin.irq(self.stop)\n"
        "        while self.on:\n"
        "            print(self.s.recv(9))\n"
        "\n"
        "C().go()\n"
    ),
    "other code may stop it in a list of targets": (
        "class C:\n"
        "    def __init__(self):\n"
        "        self.s, self.on = socket.socket(), True\n"
        "    def stop(self, _):\n"
        "        [self.on, left] = [False, 0]\n"
        "    def go(self):\n"
        "        pin.irq(self.stop)\n"
        "        while self.on:\n"
        "            print(self.s.recv(9))\n"
        "\n"
        "C().go()\n"
    ),
    "a helper that looks": (
        "def get():\n"
        "    data = s.recv(9)\n"
        "    if not data:\n"
        "        raise OSError\n"
        "    return data\n"
        "\n"
        "while b'x' not in buf:\n"
        "    buf += get()\n"
    ),
    "a helper that tells": (
        "def get():\n"
        "    data = s.recv(9)\n"
        "    return data or None\n"
        "\n"
        "while True:\n"
        "    data = get()\n"
        "    if data is None:\n"
        "        break\n"
    ),
    "bytes added to a str": "text = ''\nwhile len(text) < 9:\n    text += s.recv(9)\n",
    "another task may stop it": (
        "import asyncio\n"
        "class C:\n"
        "    def __init__(self):\n"
        "        self.on = True\n"
        "    async def stop(self):\n"
        "        self.on = False\n"
        "    async def go(self, reader, writer):\n"
        "        while self.on:\n"
        "            print(await reader.readline())\n"
        "\n"
        "asyncio.run(asyncio.start_server(C().go, '', 80))\n"
    ),
    "a look in an inner loop": (
        "while True:\n"
        "    line = b''\n"
        "    while not line.endswith(b'x'):\n"
        "        c = s.recv(1)\n"
        "        if not c:\n"
        "            break\n"
        "        line += c\n"
        "    if line == b'stop':\n"
        "        break\n"
    ),
    "a UART, which never ends": (
        "import asyncio, machine\n"
        "r = asyncio.StreamReader(machine.UART(1, 9600))\n"
        "async def lines():\n    while await r.readline() != b'x':\n        pass\n"
    ),
    "a number of turns": "for _ in range(9):\n    buf += s.recv(9)\n",
}


@pytest.mark.parametrize("code", ENDLESS.values(), ids=ENDLESS)
def test_a_loop_is_endless_by(code: str) -> None:
    assert endless(code) == 1


@pytest.mark.parametrize("code", ENDING.values(), ids=ENDING)
def test_a_loop_ends_or_may_end_by(code: str) -> None:
    assert endless(code) == 0


def test_the_read_that_is_repeated_is_told_from_one_after_which_the_loop_is_left() -> None:
    code = "while True:\n    if END in buf:\n        buf += s.recv(512)\n        break\n    buf += s.recv(128)\n"
    module = cst.parse_module(BEFORE + code)
    found = uses(module, ports.cells(ports.PORTABLE), {EndlessLoop})
    assert [module.code_for_node(use.node) for use in found if isinstance(use, EndlessLoop)] == ["s.recv(128)"]

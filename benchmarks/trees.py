"""The trees that are linted: CPython's library, other people's packages, and generated ones."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from usock_lint import toml
from usock_lint.linting.gate import may_import_networks

_ROOT = Path(__file__).parent.parent

_CLIENT = """
class Client{number}:
    def __init__(self, host, port=8080):
        self.address = socket.getaddrinfo(host, port)[0][-1]
        self.sock = None

    def connect(self, timeout=5):
        self.sock = socket.socket()
        self.sock.settimeout(timeout)
        self.sock.connect(self.address)

    def request(self, lines):
        for line in lines:
            self.sock.write(line.encode() + b"\\r\\n")
        answer = b""
        while True:
            try:
                part = self.sock.recv(256)
            except OSError as e:
                print("lost", e)
                break
            if not part:
                break
            answer += part
        return answer

    def close(self):
        if self.sock is not None:
            self.sock.close()
            self.sock = None
"""


def client(lines: int) -> str:
    """About so many lines of a module full of sockets, one part of it as the next."""
    count = max(1, lines // _CLIENT.count("\n"))
    return "import socket\n" + "".join(_CLIENT.format(number=number) for number in range(count))


def dense(folder: Path, files: int, lines: int) -> Path:
    """A tree of such modules, no two alike."""
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"m{number:06}.py").write_text(f"# {number}\n{client(lines)}")
    return folder


_HANDLER = """
    try:
        s = socket.socket()
        s.connect(address)
    except OSError as e:
        if e.errno == {number} or str(e) == "timed out":
            print(e)
"""
_METHOD = """
    def method{number}(self, data=None):
        self.sock = socket.socket()
        self.sock.send(data)
        self.result{number} = self.method0("x")
"""
_LITERAL = "\n  'k{number}': ({number}, socket.socket()),"
_MODULE = """
import socket
import module{after}

class Sender{number}(module{after}.Sender{after}):
    def send(self, data):
        self.sock = socket.socket()
        self.sock.send(data)

module{after}.Sender{after}().send(b"{number}")
"""

_SETTINGS = 'HOST = "10.0.0.1"\nPORT = 8080\nDEBUG = False\n'
_DRIVER = """
from machine import Pin
from time import sleep_ms

class Blinker:
    def __init__(self, number):
        self.pin = Pin(number, Pin.OUT)

    def blink(self, times):
        for _ in range(times):
            self.pin.on()
            sleep_ms(100)
            self.pin.off()
"""
_LINK = "import socket\nfrom settings{after} import DEBUG\n" + _CLIENT.format(number="{group}")
_MAIN = """
from driver0_{group} import Blinker
from link{group} import Client{group}
from settings{group} import HOST, PORT

client = Client{group}(HOST, PORT)
client.connect()
print(client.request(["GET / HTTP/1.0", ""]))
client.sock.close()
Blinker(2).blink(3)
"""

KINDS = {"lines": 600, "handlers": 40, "methods": 50, "literals": 1000, "files": 50}
"""What a file, or a project, may have many of, with how many to begin with."""


def grown(folder: Path, kind: str, count: int) -> Path:
    """A tree with so many of a kind."""
    folder.mkdir(parents=True)
    if kind == "files":
        for number in range(count):
            text = _MODULE.format(number=number, after=(number + 1) % count)
            (folder / f"module{number}.py").write_text(text)
        return folder
    text = "import socket\n"
    if kind == "lines":
        text = client(count)
    elif kind == "handlers":
        text += "def connect(address):" + _numbered(_HANDLER, count)
    elif kind == "methods":
        text += "class Client:" + _numbered(_METHOD, count)
    else:
        text += "TABLE = {" + _numbered(_LITERAL, count) + "\n}\nTABLE['k1'][1].send('x')\n"
    (folder / "main.py").write_text(text)
    return folder


def _numbered(part: str, count: int) -> str:
    return "".join(part.format(number=number) for number in range(count))


def project(folder: Path, files: int) -> Path:
    """A project for a device: of ten files, three have to do with networks, and use the others and one another."""
    folder.mkdir(parents=True)
    groups = files // 10
    for group in range(groups):
        link = _LINK.format(group=group, after=(group + 1) % groups)
        texts = {"settings": _SETTINGS, "link": link, "main": _MAIN.format(group=group)}
        for name, text in {**texts, **{f"driver{number}_": _DRIVER for number in range(7)}}.items():
            (folder / f"{name}{group}.py").write_text(text)
    return folder


def sparse(folder: Path, files: int) -> Path:
    """A tree without networks, of the library's modules over and over."""
    texts = [path.read_bytes() for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))]
    texts = [text for text in texts if not may_import_networks(text)]
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"m{number:06}.py").write_bytes(texts[number % len(texts)])
    return folder


def checkout(folder: Path, networked: int = 0) -> Path:
    """A small project as git has it, with a list of what it ignores; some files may have to do with networks."""
    (folder / ".git").mkdir(parents=True)
    (folder / ".gitignore").write_text("__pycache__/\n*.py[cod]\nbuild/\n/dist\n!keep.py\n")
    for number in range(10):
        (folder / f"pin{number}.py").write_text(f"from machine import Pin\n\nled = Pin({number}, Pin.OUT)\nled.on()\n")
    for number in range(networked):
        (folder / f"net{number}.py").write_text(client(50))
    return folder


def library(folder: Path) -> Path:
    """CPython's standard library, without what is installed beside it."""
    ignore = shutil.ignore_patterns("site-packages", "__pycache__", "*.so", "*.a")
    shutil.copytree(sysconfig.get_paths()["stdlib"], folder, ignore=ignore, symlinks=True)
    return folder


def packages(folder: Path) -> Path:
    """MicroPython packages from the index, at the versions that the tests pin."""
    sys.path.append(str(_ROOT))
    from tests.rules.test_real_input import package

    for record in sorted((_ROOT / "tests/rules/real_input").glob("*.toml")):
        requirement = toml.loads(record.read_text(encoding="utf-8")).get("requirement")
        if requirement:
            shutil.copytree(package(requirement), folder / record.stem)
    return folder

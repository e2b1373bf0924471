"""The trees that are linted: CPython's library, other people's packages, and generated ones."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from usock_lint import toml

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


def sparse(folder: Path, files: int) -> Path:
    """A tree without sockets, of the library's modules over and over."""
    texts = [path.read_bytes() for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))]
    texts = [text for text in texts if b"socket" not in text]
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"m{number:06}.py").write_bytes(texts[number % len(texts)])
    return folder


def checkout(folder: Path) -> Path:
    """A small project as git has it, with a list of what it ignores and nothing to do with sockets."""
    (folder / ".git").mkdir(parents=True)
    (folder / ".gitignore").write_text("__pycache__/\n*.py[cod]\nbuild/\n/dist\n!keep.py\n")
    for number in range(10):
        (folder / f"pin{number}.py").write_text(f"from machine import Pin\n\nled = Pin({number}, Pin.OUT)\nled.on()\n")
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

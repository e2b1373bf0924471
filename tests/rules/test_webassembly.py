"""The pages' programs that need no network, on the webassembly port of the newest release."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import pytest

from tools.rulepages.interpreters import ROOT
from tools.rulepages.pages import BLOCKS, SHIMS, Block
from usock_lint.ports import NEWEST

PACKAGE: Final = "@micropython/micropython-webassembly-pyscript@1.29.0-6"
CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "usock-lint/webassembly"
NETWORK: Final = re.compile(r"\b(?:socket|sock|conn|s)\.(?!socket\(\)|close\(\))|from u?socket|\b(?:asyncio|ssl|tls)\b")

DOCSTRING: Final = re.compile(r"\w\.__doc__\b")
"""Of a class: this port alone keeps it (ports/webassembly/mpconfigport.h:50@v1.28.0)."""

IMPORT: Final = re.compile(r"^[ \t]*(?:import|from)[ \t]+([\w.]+)", re.MULTILINE)
ALIKE: Final = frozenset("binascii collections errno gc hashlib io json re socket struct sys".split())
"""Modules that boards and this port have alike."""


def expected(block: Block) -> str | None:
    """What is printed wherever the newest release runs it; None where ports differ or that is not known."""
    meant = [name for name, port in SHIMS.items() if block.meant_for(port)]
    printed = {block.expected(name) for name in meant} - {None}
    return printed.pop() if len(printed) == 1 and len(meant) > 1 else None


def is_asked(block: Block) -> bool:
    newest = all(block.played(port) == NEWEST for port in SHIMS.values())
    alone = "peer" not in block.options and not block.files and not NETWORK.search(block.code)
    alike = ALIKE.issuperset(IMPORT.findall(block.code)) and not DOCSTRING.search(block.code)
    return newest and alone and alike and expected(block) is not None


ASKED: Final = [block for block in BLOCKS if is_asked(block)]


def package() -> Path:
    """The folder of the unpacked package, fetched once."""
    folder = CACHE / PACKAGE.rpartition("@")[2]
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as draft:
            command = ["npm", "pack", "--silent", PACKAGE]
            subprocess.run(command, cwd=draft, check=True, capture_output=True, timeout=600)
            (archive,) = Path(draft).glob("*.tgz")
            with tarfile.open(archive) as packed:
                packed.extractall(draft, filter="data")
            Path(draft, "package").rename(folder)
    return folder


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm") or not shutil.which("node"), reason="no node")
def test_the_webassembly_port_prints_what_the_pages_say() -> None:
    command = ["node", ROOT / "tools/rulepages/webassembly.mjs", package(), ROOT / "tools/rulepages/driver.py"]
    scripts = json.dumps([block.code for block in ASKED])
    done = subprocess.run(command, input=scripts, capture_output=True, encoding="utf-8", timeout=120, check=True)

    answers = [
        (block, printed) for block, printed in zip(ASKED, json.loads(done.stdout), strict=True) if printed is not None
    ]
    assert len(answers) > 80
    assert {str(block): printed for block, printed in answers if printed != expected(block)} == {}

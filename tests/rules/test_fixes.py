"""What a fix is held to, on every page: it works alone and with others, is made once, and changes nothing else."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

import pytest

from tests.support.fixing import fix_text
from tools.rulepages.pages import BLOCKS, Block, config
from usock_lint import Config, Finding, lint_source
from usock_lint.linting.edits import apply


@cache
def found(text: str, settings: Config) -> list[Finding]:
    return lint_source(text, "example.py", settings)


def findings(block: Block, text: str) -> list[Finding]:
    return found(text, config(block))


@cache
def fixed_text(text: str, settings: Config, unsafe: bool) -> str:
    return fix_text(text, "example.py", settings, unsafe=unsafe)[0]


def fixed(block: Block, text: str, *, unsafe: bool = True) -> str:
    return fixed_text(text, config(block), unsafe)


@cache
def fixable() -> list[Block]:
    return [block for block in BLOCKS if block.marks and any(one.fix for one in findings(block, block.code))]


def parses(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError:
            return False
    return True


def faults(block: Block, one: Finding) -> Iterator[str]:
    """What is wrong with one fix, made alone."""
    assert one.fix
    text, count = apply(block.code, [one.fix])
    if count != 1 or not parses(text):
        yield f"{block}: the fix of {one} is not made, or leaves what does not parse:\n{text}"
    before, left = findings(block, block.code), findings(block, text)
    if Counter(other.name for other in left)[one.name] >= Counter(other.name for other in before)[one.name]:
        yield f"{block}: the fix of {one} does not remove it:\n{text}"


def test_each_fix_alone_parses_and_removes_its_finding() -> None:
    fixes = [(block, one) for block in fixable() for one in findings(block, block.code) if one.fix]

    assert [fault for block, one in fixes for fault in faults(block, one)] == []


@pytest.mark.parametrize("unsafe", [pytest.param(False, marks=pytest.mark.slow), True], ids=["safe", "unsafe"])
def test_nothing_is_left_to_fix_and_to_fix_again_changes_nothing(unsafe: bool) -> None:
    once = [(block, fixed(block, block.code, unsafe=unsafe)) for block in fixable()]

    assert [
        f"{block}: {one}"
        for block, text in once
        for one in findings(block, text)
        if one.fix and (unsafe or one.fix.applicability == "safe")
    ] == []
    assert [str(block) for block, text in once if fixed(block, text, unsafe=unsafe) != text] == []


def test_a_safe_fix_is_made_without_the_unsafe_ones() -> None:
    with_safe = [
        block
        for block in fixable()
        if any(one.fix and one.fix.applicability == "safe" for one in findings(block, block.code))
    ]

    changed = [str(block) for block in fixable() if fixed(block, block.code, unsafe=False) != block.code]
    assert changed == [str(block) for block in with_safe]


def tabs_and_crlf(text: str) -> str:
    """Tabs for blanks, CRLF, comments that are not ASCII, and no last line end."""
    text = re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.M)
    text = re.sub(r'(?<=b"ping"\))$', "  # é", text, flags=re.M)
    return text.rstrip("\n").replace("\n", "\r\n")


def form_feeds_and_cr(text: str) -> str:
    """A head, form feeds, blanks at line ends, and CR alone."""
    text = re.sub(r"^(?=print)", "\f\n", text, flags=re.M)
    text = re.sub(r'(?<=b"ping"\))$', " \t", text, flags=re.M)
    mark, code = text[: text.startswith("\ufeff")], text.removeprefix("\ufeff")
    return f"{mark}#!/usr/bin/env micropython\n# -*- coding: utf-8 -*-\n\n{code}".replace("\n", "\r")


@pytest.mark.slow
@pytest.mark.parametrize("laid_out", [tabs_and_crlf, form_feeds_and_cr])
def test_a_fix_is_the_same_whatever_the_layout_and_keeps_it(laid_out: Callable[[str], str]) -> None:
    wanted = {str(block): laid_out(fixed(block, block.code)) for block in fixable()}

    made = {str(block): fixed(block, laid_out(block.code)) for block in fixable()}
    assert {name: text for name, text in made.items() if text != wanted[name]} == {}


IMPORTED: Final = {
    "a docstring and __future__ stay first": (
        '"""Doc."""\n\nfrom __future__ import annotations\nfrom socket import socket\n',
        '"""Doc."""\n\nfrom __future__ import annotations\nimport errno\nfrom socket import socket\n',
    ),
    "a licence stays first": (
        "# Licence\n\nimport socket\n",
        "# Licence\n\nimport errno\nimport socket\n",
    ),
    "a try statement that imports comes after it": (
        "try:\n    import usocket as socket\nexcept ImportError:\n    import socket\n",
        "import errno\ntry:\n    import usocket as socket\nexcept ImportError:\n    import socket\n",
    ),
    "another function's import is its own": (
        "import socket\ndef f():\n    import errno\n    return errno.EIO\n",
        "import errno\nimport socket\ndef f():\n    import errno\n    return errno.EIO\n",
    ),
    "the file's own is used": (
        "import uerrno as numbers, socket\n",
        "import uerrno as numbers, socket\n",
    ),
    "a semicolon is no hindrance": (
        "import socket; import time\n",
        "import errno\nimport socket; import time\n",
    ),
}

COMPARED: Final = """
def f(s):
    try:
        s.connect(1)
    except OSError as e:
        return e.args[0] == 115
"""


@pytest.mark.parametrize(("head", "wanted"), IMPORTED.values(), ids=IMPORTED)
def test_a_missing_import_is_added_where_it_belongs(head: str, wanted: str) -> None:
    text, _ = fix_text(head + COMPARED, "example.py", Config(select=("USK505",)), unsafe=False)
    spelt = "numbers" if "numbers" in head else "errno"
    assert text == wanted + COMPARED.replace("115", f"{spelt}.EINPROGRESS")


@pytest.mark.parametrize(
    "taken", ["errno = 5", "def g(errno): pass", "from codes import errno", "import codes as errno"]
)
def test_no_import_takes_a_name_that_is_in_use(taken: str) -> None:
    before = f"import socket\n{taken}\n{COMPARED}"
    assert fix_text(before, "example.py", Config(select=("USK505",)), unsafe=False) == (before, 0)


def test_fixes_that_need_the_same_import_are_made_together() -> None:
    before = f"import socket\n{COMPARED}{COMPARED}"
    found = lint_source(before, "example.py", Config(select=("USK505",)))
    text, count = apply(before, [one.fix for one in found if one.fix])
    assert (count, text.count("import errno\n"), text.count("errno.EINPROGRESS")) == (2, 1, 2)


def test_getaddrinfo_is_not_imported_where_two_modules_may_be_meant() -> None:
    before = (
        "try:\n    from usocket import socket\nexcept ImportError:\n    from socket import socket\n"
        's = socket()\ns.connect(("example.com", 80))\n'
    )
    (found,) = lint_source(before, "example.py", Config(select=("USK401",)))
    assert found.fix is None


def test_a_thousand_fixes_are_made_at_once() -> None:
    before = "import socket\n" + "try: f()\nexcept socket.timeout: pass\n" * 1000
    text, count = fix_text(before, "example.py", Config(), unsafe=False)
    assert count == 1000
    assert text == before.replace("socket.timeout", "OSError")


def test_a_text_with_a_number_that_is_no_port_is_not_made_an_address() -> None:
    (finding,) = lint_source('import socket\ns = socket.socket()\ns.connect("192.168.4.1:90000")\n')
    assert (finding.name, finding.fix) == ("malformed-address", None)
    assert finding.message.endswith("write (host, port)")


@pytest.mark.parametrize(
    ("caught", "safe", "unsafe"),
    [
        ("UnicodeDecodeError, socket.timeout", "UnicodeDecodeError, OSError", "ValueError, OSError"),
        ("json.JSONDecodeError, ConnectionError", "json.JSONDecodeError, OSError", "ValueError, OSError"),
        (
            "asyncio.IncompleteReadError, ConnectionError",
            "asyncio.IncompleteReadError, OSError",
            "EOFError, OSError",
        ),
        ("ModuleNotFoundError, socket.gaierror", "ModuleNotFoundError, OSError", "ImportError, OSError"),
        ("ssl.SSLError, socket.timeout, KeyError", "OSError, KeyError", "OSError, KeyError"),
    ],
)
def test_oserror_takes_the_place_of_oserrors_alone(caught: str, safe: str, unsafe: str) -> None:
    text = "import asyncio, json, socket, ssl\ntry:\n    socket.socket()\nexcept ({}):\n    pass\n"
    for fixing, wanted in ((False, safe), (True, unsafe)):
        assert fixed_text(text.format(caught), Config(), fixing) == text.format(wanted)


@pytest.mark.parametrize(
    ("base", "method"),
    [
        ("Exception", "    def __init__(self, hosts):\n        [{call} for one in hosts]"),
        ("Exception", "    def __init__(self, one):\n        f = lambda: {call}\n        f()"),
        ("Exception", "    @staticmethod\n    def fill(self, one):\n        {call}"),
        ("Exception", "    def __init__(self, one):\n        {call}\n\nclass Both(Failed, Mixin):\n    pass"),
        ("int", "    def __init__(self, one):\n        {call}"),
    ],
    ids=["a comprehension", "a lambda", "a static method", "a class of several bases", "a type of fixed values"],
)
def test_super_takes_the_place_of_a_base_only_where_it_is_the_same(base: str, method: str) -> None:
    text = f"import socket\nclass Failed({base}):\n{method.format(call=f'{base}.__init__(self, one)')}\n"
    (finding,) = lint_source(text)
    assert (finding.name, finding.fix) == ("missing-builtin-method", None)
    assert finding.message.endswith("; leave it out" if base == "int" else "; call `super().__init__`")

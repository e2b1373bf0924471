"""Files that do not parse, or barely: each has these findings, and a fix leaves it or changes just the offence."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.support.running import lint
from tools.rulepages.interpreters import Interpreter
from usock_lint import lint_source

TIMEOUT: Final = "try:\n    s.recv(1)\nexcept socket.timeout:\n    pass\n"

CORPUS: Final[dict[str, tuple[str | bytes, list[str]]]] = {
    "tabs and spaces mixed": ("import socket\nif 1:\n        try: f()\n\texcept socket.timeout: f()\n", ["4:9 USK102"]),
    "a tab and spaces that are deeper than spaces": (
        "import socket\ndef f():\n    if 1:\n\t    g()\n\t    return\n\t    \ndef g():\n    socket.timeout\n",
        ["8:5 USK102"],
    ),
    "tabs and spaces mixed, and Python 2": ("import socket\nif 1:\n        f()\n\tprint 1\n", ["4 USK001"]),
    "tabs and spaces mixed in a wrong way": ("import socket\nif 1:\n    f()\n\tf()\n", ["4 USK001"]),
    "numbers with leading zeros": ("import socket\nt = (2018, 01, 01)\n", ["2 USK001"]),
    "letters in bytes": ('import socket\nb = b"é"\n' + TIMEOUT, ["5:8 USK102"]),
    "bytes beside text": ('import socket\nx = "a" b"b"\n', ["2 USK001"]),
    "a generator among arguments": (
        'import socket\na = array("H", 0 for _ in r, socket.timeout)\n' + TIMEOUT,
        ["2:30 USK102", "5:8 USK102"],
    ),
    "generators among arguments, one over lines": (
        "import socket\nf(1, a for a, b in c, d\n  for d in (socket.timeout, 2))\n",
        ["3:13 USK102"],
    ),
    "a star with no parameter behind it": ("import socket\ndef f(a, *, ): socket.timeout\n", ["2:16 USK102"]),
    "a comma behind imported names": ("import socket\nfrom os import stat,\n" + TIMEOUT, ["5:8 USK102"]),
    "a number with two underscores": ("import socket\nx = 1__0, 1_, socket.timeout\n", ["2:15 USK102"]),
    "a brace in an f-string": ("import socket\nx = f'}'\nsocket.timeout\n", []),
    "a file that nobody else can read": ("import socket\n(x, y): tuple = socket.timeout, 1\n", []),
    "an annotated name in parentheses": ("import socket\n(x): int = socket.timeout\n", ["2:12 USK102"]),
    "Python 2": ("import socket\nprint 'x'\n", ["2 USK001"]),
    "Python 2's way to name an exception": (
        "import socket\n" + TIMEOUT.replace("timeout", "timeout, e"),
        ["4:8 USK102", "4:8 USK115"],
    ),
    "Python 3.14's way to name several exceptions": (
        "import socket\n" + TIMEOUT.replace("socket.timeout", "(ValueError), OSError"),
        ["4:8 USK115"],
    ),
    "several exceptions, in and out of parentheses": (
        "import socket\n" + TIMEOUT + "except (ValueError,\n        TypeError), KeyError:\n    pass\n",
        ["4:8 USK102", "6:8 USK115"],
    ),
    "a call in an except clause": (
        "import socket\ntry:\n    s.recv(1)\nexcept kinds(1, 2): pass\nexcept socket.timeout: pass\n",
        ["5:8 USK102"],
    ),
    "a REPL transcript": (">>> import socket\n>>> s = socket.socket()\n", ["1 USK001"]),
    "UTF-16": (("import socket\n" + TIMEOUT).encode("utf-16-le"), ["1 USK001"]),
    "UTF-16, the other way round": (("import socket\n" + TIMEOUT).encode("utf-16-be"), ["1 USK001"]),
    "UTF-16 with a byte order mark": (("import socket\n" + TIMEOUT).encode("utf-16"), ["1 USK001"]),
    "UTF-32": (("import socket\n" + TIMEOUT).encode("utf-32"), ["1 USK001"]),
    "UTF-16 without sockets": ("import json\n".encode("utf-16"), []),
    "a comment that says UTF-16": ("# coding: utf-16\nimport socket\n" + TIMEOUT, ["5:8 USK102"]),
    "a comment that says UTF-32": ("# coding: utf-32-le\nimport socket\n" + TIMEOUT, ["5:8 USK102"]),
    "a comment that says UTF-7": ("# coding: utf-7\nimport socket\n" + TIMEOUT, ["5:8 USK102"]),
    "a comment that says EBCDIC": ("# coding: cp037\nimport socket\n" + TIMEOUT, ["5:8 USK102"]),
    "a comment that says escapes": ("# coding: unicode_escape\nimport socket\n" + TIMEOUT, ["5:8 USK102"]),
    "a comment that says Latin-1": (b"# coding: latin-1\n# \xe9\nimport socket\n" + TIMEOUT.encode(), ["6:8 USK102"]),
    "a NUL character": ("import socket\nx = 1\0\n", ["2 USK001"]),
    "a no-break space": ("import socket\nx\xa0= socket.timeout\n", ["2:5 USK102"]),
    "many no-break spaces": (
        "import socket\n" + "x\xa0 = 'a\xa0b'  # it\xa0is\n" * 150 + "socket.timeout\n",
        ["152:1 USK102"],
    ),
    "no-break spaces in the indentation": (
        "import socket\ndef f():\n" + " \xa0  # first\n \xa0  x = 1\n" * 150,
        ["4 USK001"],
    ),
    "a template": ("import socket\n{% if x %}\nsocket.timeout\n{% endif %}\n", ["2 USK001"]),
    "a merge conflict": ("import socket\n<<<<<<< HEAD\nx = 1\n=======\n", ["2 USK001"]),
    "CRLF": (("import socket\n" + TIMEOUT).replace("\n", "\r\n"), ["4:8 USK102"]),
    "line ends mixed": ("import socket\r\n" + TIMEOUT, ["4:8 USK102"]),
    "carriage returns alone": (("import socket\n" + TIMEOUT).replace("\n", "\r"), ["4:8 USK102"]),
    "a byte order mark": (("import socket\n" + TIMEOUT).encode("utf-8-sig"), ["1 USK001", "4:8 USK102"]),
    "Latin-1": (b"# caf\xe9\nimport socket\n" + TIMEOUT.encode(), ["5:8 USK102"]),
    "a form feed before a line": ("import socket\n\f" + TIMEOUT, ["2 USK001"]),
    "a form feed before the first line": ("\fimport socket\n" + TIMEOUT, ["1 USK001"]),
    "a form feed alone on a line": ("import socket\n\f\n" + TIMEOUT, ["5:8 USK102"]),
    "a form feed in an indentation": ("import socket\nif 1:\n  \fsocket.timeout\n", ["3:4 USK102"]),
    "a vertical tab in a line": ("import socket\nx\v=\vsocket.timeout\n", ["2:5 USK102"]),
    "a form feed in a line": ("import socket\ntry: f()\nexcept\fsocket.timeout: pass\n", ["3:8 USK102"]),
    "a form feed before an offence": ("import socket\n\fprint(socket.timeout)\n", ["2 USK001"]),
    "no final line end": ("import socket\nsocket.timeout", ["2:1 USK102"]),
    "nothing": ("", []),
    "comments alone": ("# import socket\n# socket.timeout\n", []),
    "one statement": ("import socket", []),
    "a line continued at the end": ("import socket\nx = 1 \\\n", ["2 USK001"]),
    "a string that is not closed": ("import socket\nx = '''\n", ["2 USK001"]),
    "an indented file": ("  import socket\n", ["1 USK001"]),
}


NAMES: Final = {name: f"file{number}.py" for number, name in enumerate(CORPUS)}


class Linted(NamedTuple):
    """What a run printed about a file, and the file before and after it."""

    printed: str
    before: bytes
    after: bytes

    @property
    def findings(self) -> list[str]:
        """The places and codes; of an error of syntax the row, as the column depends on the parser's release."""
        parts = [line.split(":", 3) for line in self.printed.splitlines()]
        places = [(row, column, rest.split()[0]) for _, row, column, rest in parts]
        return [f"{row} {code}" if code == "USK001" else f"{row}:{column} {code}" for row, column, code in places]


def linted(folder: Path, *options: str) -> dict[str, Linted]:
    for name, (content, _) in CORPUS.items():
        (folder / NAMES[name]).write_bytes(content.encode() if isinstance(content, str) else content)
    before = {name: (folder / NAMES[name]).read_bytes() for name in CORPUS}
    done = lint(".", *options, cwd=folder)
    assert "Traceback" not in done.stderr
    lines = done.stdout.splitlines(keepends=True)
    return {
        name: Linted(
            "".join(line for line in lines if line.startswith(f"{file}:")), before[name], (folder / file).read_bytes()
        )
        for name, file in NAMES.items()
    }


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Linted]:
    return linted(tmp_path_factory.mktemp("checked"))


@pytest.fixture(scope="module")
def fixed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Linted]:
    return linted(tmp_path_factory.mktemp("fixed"), "--fix")


@pytest.mark.parametrize("name", CORPUS)
def test_an_odd_file_has_these_findings(name: str, checked: dict[str, Linted]) -> None:
    assert checked[name].findings == CORPUS[name][1]


@pytest.mark.parametrize("name", CORPUS)
def test_a_fix_of_an_odd_file_changes_nothing_but_the_offence(name: str, fixed: dict[str, Linted]) -> None:
    file = fixed[name]
    clause = b"except\fsocket.timeout" if b"except\f" in file.before else b"except socket.timeout"
    offends = any("USK102" in one for one in CORPUS[name][1])
    before = file.before.removeprefix(codecs.BOM_UTF8)
    assert file.after == (before.replace(clause, clause[:7] + b"OSError") if offends else before)


RUNS: Final = {
    "a tab is eight columns": "if 1:\n        x = 1\n\tprint(x)\n",
    "letters in bytes": "print(len(b'é') - 1)\n",
    "a generator among arguments": "from array import array\nprint(array('H', 1 for _ in range(1))[0])\n",
    "carriage returns alone": "x = 1\rprint(x)\r",
    "a form feed in an indentation": "if 1:\n  \fprint(1)\n",
    "a form feed alone on a line": "x = 1\n\f\nprint(x)\n",
    "a comment that says UTF-16": "# coding: utf-16\nprint(1)\n",
    "a vertical tab in a line": "print(0\v+ 1)\n",
}


@pytest.mark.parametrize("text", RUNS.values(), ids=RUNS)
def test_micropython_runs(text: str, micropython: Interpreter, tmp_path: Path) -> None:
    path = tmp_path / "odd.py"
    path.write_bytes(text.encode())
    assert micropython.run(path, {}).output == "1\n"


REFUSED: Final = (
    "numbers with leading zeros",
    "bytes beside text",
    "a NUL character",
    "Python 2",
    "a REPL transcript",
    "a form feed before a line",
    "a form feed before the first line",
)


@pytest.mark.parametrize("name", REFUSED)
def test_micropython_refuses_too(name: str, micropython: Interpreter, tmp_path: Path) -> None:
    content = CORPUS[name][0]
    assert isinstance(content, str)
    path = tmp_path / "odd.py"
    path.write_bytes(content.encode())
    assert micropython.run(path, {}).output.endswith(("SyntaxError\n", "IndentationError\n"))


def test_a_file_that_ends_with_many_nul_characters_is_not_taken_for_utf_16() -> None:
    (found,) = lint_source(f"import socket\n{9000 * chr(0)}")
    assert found.message == "cannot be parsed: a NUL character is no part of a program"

"""A document that is parsed in pieces has the tree that it has when it is parsed as a whole."""

from __future__ import annotations

import random
from collections.abc import Sequence

import libcst
import pytest

from tests.support.edits import versions
from tests.support.programs import SOURCES
from tests.support.running import ROOT
from usock_lint.syntax import class_members
from usock_lint.syntax.parsing import ParseError, parse
from usock_lint.syntax.positions import code
from usock_lint.syntax.reparsing import Reparser, parse_sparingly

_TEXTS = {
    "comments": "# a\n\nimport a\n# b\n\n\ndef f():\n    pass\n    # in f\n  # odd\n# c\nx = 1\n# end\n",
    "clauses": "try:\n    a\nexcept E:\n    b\nelse:\n    c\nfinally:\n    d\nif a: b\nelif c: d\nelse: \\\ne\n",
    "decorators": "@a\n# b\n@c(\n    1,\n)\nasync def f(): pass\n@d\nclass C: pass\n",
    "strings": '"""Doc\nimport a\n"""\nimport b\nx = """\nimport c\n""" \'\\\'\'\nimport d\n',
    "words in brackets": "x = [\na,\nb,\n]\nimport c\n",
    "a line that goes on": "x = \\\n1\nimport c\n",
    "the same statement twice": "print()\nprint()\n\nprint()\n",
    "two ways to indent": "def f():\n  a\ndef g():\n    b\nx\n",
    "tabs": "import a\ndef f():\n\ta\nx\n",
    "ends of lines of Windows": "import a\r\ndef f():\r\n    a\r\n# b\r\nx\r\n",
    "several ends of lines": "import a\r\ndef f():\n    a\nx\n",
    "no end of the last line": "import a\nx = 1",
    "nothing but a comment": "# a\n",
    "nothing": "",
    "a class with tabs": "class C:\n\tx = 1\n\tdef f(self):\n\t\tpass\nx\n",
    "a class with ends of lines of Windows": "class C:\r\n  x = 1\r\n  # a\r\n  def f(self):\r\n    pass\r\nx\r\n",
    "a class in one line": "class C: x = 1; y = 2\nclass D(\n    B,\n):\n    x = 1\n    y = 2\n",
    "a class": """\
@a
class C(B):
    '''Doc
    import a
    '''

    # b
    x = 1

    @c
    # d
    def f(self):
        pass
        # e
    # f

    def g(self): pass
    # h
  # i
# j
x
""",
    "a class at the end": """\
import a

class C:
    def f(self):
        pass

    def f(self):
        pass
    # b

# c
""",
    "a class at the beginning": """\
# a

class C:
    x = [
    y,
    ]
    if x:
        y
    else:
        z
    w = \\
    1
x
""",
    "classes of one name": """\
class C:
    x = 1
    y = 1
class C:
    x = 1
    y = 1
class C:
    x = 1
    y = 2
""",
    "not a word": "import a\n(x)\n[y] = z\n'a'\nimport b\n",
}


@pytest.fixture(autouse=True)
def classes_are_cut_however_short_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_members, "SHORTEST", 0)


@pytest.mark.parametrize("text", _TEXTS.values(), ids=_TEXTS)
def test_the_tree_is_that_of_the_whole_text(text: str) -> None:
    _agree(Reparser(), text)


def test_the_tree_of_each_version_is_that_of_the_whole_text() -> None:
    reparser = Reparser()
    for path in sorted((ROOT / "examples").rglob("*.py"))[:5]:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        for row in range(0, len(lines), 7):
            _agree(reparser, "".join((*lines[:row], "x = 1\n", *lines[row:])))


def _agree(reparser: Reparser, text: str) -> None:
    try:
        whole = parse(text)
    except ParseError:
        with pytest.raises(ParseError):
            reparser.parse(text)
        return
    found = reparser.parse(text)
    assert found.module.deep_equals(whole.module)
    assert found.module.code == whole.module.code
    for node, place in found.places.items():
        assert f"{text}\n".startswith(found.module.code_for_node(node), place)
    for around in found.module.body:
        if isinstance(around, libcst.ClassDef):
            path = found.module, around, around.body
            for member, place in ((one, found.members[one]) for one in around.body.body if one in found.members):
                assert f"{text}\n".startswith(code(found.module, member, path), place)


def test_a_long_text_is_parsed_by_its_statements_and_a_short_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    parse_module = libcst.parse_module

    def noting(text: str) -> libcst.Module:
        lengths.append(len(text))
        return parse_module(text)

    monkeypatch.setattr(libcst, "parse_module", noting)
    short = "def f():\n    pass\n\n\n" * 10
    for text in (short, short * 300):
        assert parse_sparingly(text, lambda _: True).module.code == text
    assert lengths[0] == len(short)
    assert max(lengths[1:]) < len(short)


def test_what_is_not_edited_keeps_its_nodes() -> None:
    reparser = Reparser()
    before = reparser.parse("import a\ndef f():\n    pass\nprint()\nprint()\n").module
    after = reparser.parse("import a, b\ndef f():\n    pass\nprint()\nprint()\n").module
    assert [one is other for one, other in zip(before.body, after.body, strict=True)] == [False, True, True, True]
    assert len({*map(id, after.body)}) == 4


def test_the_tree_of_each_edited_program_is_that_of_the_whole_text() -> None:
    chance = random.Random(0)
    for seed in range(8):
        reparser = Reparser()
        for version in versions("\n\n".join(chance.sample(SOURCES, 6)), 15, seed):
            _agree(reparser, version)


def test_a_class_keeps_its_node_and_those_of_the_members_that_are_not_edited() -> None:
    text = "import a\nclass C:\n    x = 1\n\n    def f(self):\n        a\n\n    def g(self):\n        b\nprint()\n"
    reparser = Reparser()
    first = reparser.parse(text).module.body[1]
    members = _members(first)
    second = reparser.parse(text.replace("x = 1", "x = 2\n    # a")).module.body[1]
    assert second is first
    assert reparser.changed == [second]
    assert [one is other for one, other in zip(members, _members(second), strict=True)] == [False, False, True]
    assert reparser.parse(text.replace("class C", "class D")).module.body[1] is not first


def _members(statement: libcst.CSTNode) -> Sequence[libcst.CSTNode]:
    assert isinstance(statement, libcst.ClassDef)
    return tuple(statement.body.body)

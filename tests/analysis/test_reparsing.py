"""A document that is parsed in pieces has the tree that it has when it is parsed as a whole."""

from __future__ import annotations

import libcst
import pytest

from tests.support.running import ROOT
from usock_lint.syntax.parsing import ParseError, parse
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
    "not a word": "import a\n(x)\n[y] = z\n'a'\nimport b\n",
}


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
    assert found.module.code == text
    for node, place in found.places.items():
        assert f"{text}\n".startswith(found.module.code_for_node(node), place)


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

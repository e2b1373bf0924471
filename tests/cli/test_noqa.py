"""Comments that suppress nothing: which ones are found, and what is left of them."""

from __future__ import annotations

import re

import pytest
from flake8.defaults import NOQA_FILE, NOQA_INLINE_REGEXP
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fixing import fix_text
from usock_lint import Config, lint_source
from usock_lint.linting.noqa import INLINE, WHOLE_FILE

CONFIG = Config(extend_select=("USK002",))
HEAD = "import socket\n"


def complaints(code: str) -> list[str]:
    return [finding.message for finding in lint_source(HEAD + code, "example.py", CONFIG) if finding.code == "USK002"]


LEFT = {
    "alone": ("x = 1  # noqa: USK201\n", "x = 1\n"),
    "after a single space": ("x = 1 # noqa:USK201\n", "x = 1\n"),
    "beside one that is needed": ("socket.timeout  # noqa: USK201,USK102\n", "socket.timeout  # noqa: USK102\n"),
    "beside one of another tool": ("x = 1  # noqa: E501, USK201\n", "x = 1  # noqa: E501\n"),
    "before an explanation": ("x = 1  # noqa: USK201 for now\n", "x = 1  # for now\n"),
    "before another comment": ("x = 1  # noqa: USK201  # for now\n", "x = 1  # for now\n"),
    "after another comment": ("x = 1  # for now  # noqa: USK201\n", "x = 1  # for now\n"),
    "on a line of its own": ("# noqa: USK201\nx = 1\n", "\nx = 1\n"),
    "on a line that ends in CR LF": ("x = 1  # noqa: USK201\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
    "behind a string with the same text": (
        'x = """# noqa: USK201\n"""  # noqa: USK201\n',
        'x = """# noqa: USK201\n"""\n',
    ),
    "in a block": ("if 1:\n    x = 1  # noqa: USK201\n", "if 1:\n    x = 1\n"),
}


@pytest.mark.parametrize(("code", "left"), LEFT.values(), ids=LEFT)
def test_a_comment_in_vain_is_taken_out_when_it_stands(code: str, left: str) -> None:
    assert complaints(code) == ["`noqa: USK201` suppresses nothing; leave it out"]
    assert fix_text(HEAD + code, "example.py", CONFIG, unsafe=False) == (HEAD + left, 1)


TWINS = {
    "one is needed": "x = socket\nx.timeout  # noqa: USK102\nx = None\nx.timeout  # noqa: USK102\n",
    "one is needed, in a call": "x = socket\nx.timeout  # noqa: USK102\n\ndef f(x):\n    pass\n\nf(\n    x)\nx = 1\n"
    "x.timeout  # noqa: USK102\n",
}


@pytest.mark.parametrize("code", TWINS.values(), ids=TWINS)
def test_of_two_lines_with_the_same_text_each_is_judged_by_its_own_findings(code: str) -> None:
    (found,) = (one for one in lint_source(HEAD + code, "example.py", CONFIG) if one.code == "USK002")
    assert found.location.row == HEAD.count("\n") + code.count("\n")


KEPT = {
    "it suppresses something": "socket.timeout  # noqa: USK102\n",
    "the beginning of its code does": "socket.timeout  # noqa: USK1\n",
    "it names no code": "x = 1  # noqa\n",
    "it is another tool's": "x = 1  # noqa: E501\n",
    "its rule is off": "x = 1  # noqa: USK901\n",
    "it is text": 'x = "# noqa: USK201"\n',
    "it is text before a comment": 'x = "# noqa: USK201"  # a comment\n',
    "it allows itself": "x = 1  # noqa: USK201, USK002\n",
    "the whole file is let alone": "# flake8: noqa\nx = 1  # noqa: USK201\n",
    "it is at the end of a string of several lines": 'print(socket.timeout, """\n""")  # noqa: USK102\n',
}


@pytest.mark.parametrize("code", KEPT.values(), ids=KEPT)
def test_a_comment_is_let_alone_when(code: str) -> None:
    assert complaints(code) == []


def test_a_file_that_does_not_parse_says_nothing_of_its_comments() -> None:
    assert complaints("print 1\nx = 1  # noqa: USK201\n") == []


def test_without_the_rule_nobody_asks() -> None:
    assert lint_source(HEAD + "x = 1  # noqa: USK201\n") == []


@given(st.from_regex(re.compile(r"[ x]?# ?(noqa|NoQA|flake8)[:=]? ?(noqa)?([A-Z]{0,3}[0-9]{0,3}[, \t]{0,2}){0,3}.?")))
@settings(max_examples=300, derandomize=True, database=None)
def test_comments_are_read_as_flake8_reads_them(line: str) -> None:
    for ours, theirs in ((INLINE.search, NOQA_INLINE_REGEXP.search), (WHOLE_FILE.match, NOQA_FILE.match)):
        found, expected = ours(line), theirs(line)
        assert (found and (found.span(), found.groupdict())) == (expected and (expected.span(), expected.groupdict()))

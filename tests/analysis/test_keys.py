"""The keys of the environment: which survive a join, and that none of them reaches a user."""

from __future__ import annotations

import libcst as cst
import pytest

from usock_lint import Config, lint_source
from usock_lint.analysis.domain.environment import State, merge
from usock_lint.analysis.domain.keys import Attr, Key, Mode, Pending, StateOf
from usock_lint.analysis.domain.operations import TRUE
from usock_lint.ports import NEWEST, Cell

LIVE = frozenset({Cell("rp2", NEWEST)})
CALL = cst.Call(cst.Name("socket"))


@pytest.mark.parametrize("key", ["name", StateOf(CALL, "closed"), Pending("self", "s"), Pending(None, "s"), Mode("m")])
def test_what_one_path_alone_has_survives_the_join(key: Key) -> None:
    one, two = State(LIVE, {key: TRUE}), State(LIVE, {})
    assert merge([one, two]).names == merge([two, one]).names == {key: TRUE}


def test_an_attribute_that_one_path_alone_assigns_is_not_known_after_the_join() -> None:
    one, two = State(LIVE, {Attr("self", "s"): TRUE}), State(LIVE, {})
    assert not merge([one, two]).names
    assert not merge([two, one]).names


def test_keys_of_two_types_are_never_equal() -> None:
    assert len({"s", Attr("self", "s"), Pending("self", "s"), StateOf(CALL, "s"), Mode("s")}) == 5


@pytest.mark.parametrize("declared", ["global net", "nonlocal net"])
@pytest.mark.parametrize("imported", ["import socket as net", "net = __import__('socket')"])
def test_advice_names_the_module_as_the_code_does(declared: str, imported: str) -> None:
    source = f"""\
def outer():
    net = None

    def inner():
        {declared}
        {imported}
        s = net.socket()
        s.connect(("example.com", 80))

    inner()


import socket as net
outer()
"""
    found = lint_source(source, config=Config(assume="device"))
    assert [one.message.split("; ")[1] for one in found] == ['use net.getaddrinfo("example.com", 80)[0][-1]']

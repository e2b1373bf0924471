"""A check is asked about what it subscribes to, and about nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst
import pytest

from tests.support.each import check_each
from usock_lint import Config, analysis, ports
from usock_lint.analysis.domain.values import File, Module, Received, Socket, TlsSocket
from usock_lint.analysis.uses import AnyUse, Attribute, Call, ImportedName, ModuleName, Operation, Use
from usock_lint.catalog import pages
from usock_lint.checks import Report, Subject, on
from usock_lint.linting.selection import Selected, Selection, selected

CODE = """
import socket
s = socket.socket()
s.connect(address)
f = s.makefile("rb")
f.readline()
s.readline()
data = s.recv(1)
if data + b"x":
    data.strip() == b"y"
s.timeout
"""

EVERY_RULE = Config(extend_select=tuple(f"USK{digit}" for digit in range(10)))


def _uses() -> list[AnyUse]:
    return analysis.uses(cst.parse_module(CODE), ports.cells(ports.PORTABLE))


@pytest.mark.parametrize(
    ("kind", "about", "asked"),
    [
        (ModuleName, (), ["socket.socket"]),
        (ModuleName, ("timeout",), []),
        (ImportedName, (), []),
        (Attribute, ("timeout",), ["s.timeout"]),
        (Attribute, (File,), ["f.readline"]),
        (Call, (Module,), ["socket.socket()"]),
        (Call, (Module, "getaddrinfo"), []),
        (Call, (Socket, "readline", "recv"), ["s.readline()", "s.recv(1)"]),
        (Call, (Socket, File, "readline"), ["f.readline()", "s.readline()"]),
        (Call, (Socket, Received, "strip"), ["data.strip()"]),
        (Call, (TlsSocket,), []),
        (Operation, (), ['data + b"x"', 'data.strip() == b"y"']),
        (Operation, (cst.Equal, cst.NotEqual), ['data.strip() == b"y"']),
    ],
)
def test_a_check_is_asked_about(kind: type[Use], about: tuple[type[Subject] | str, ...], asked: list[str]) -> None:
    @on(kind, *about)
    def check(use: Any) -> Iterator[Report]:
        raise NotImplementedError

    one = Selected(pages.rules()["socket-timeout"], check, check.__dict__["topic"])
    selection = Selection([one])
    assert [use.site.code(use.node) for use in _uses() if selection.about(use)] == asked


def test_only_the_checks_of_rules_that_are_on_are_asked() -> None:
    selection = selected(Config(select=("socket-timeout", "missing-attribute")))
    assert {one.rule.name for use in _uses() for one in selection.about(use)} == {"missing-attribute"}


TOPICS = {f"{one.rule.name}: {one.check.__name__}": one.topic for one in selected(EVERY_RULE).every}


def test_what_a_check_subscribes_to_can_be() -> None:
    def can_be(name: str) -> None:
        fields = set(TOPICS[name].use.__match_args__)
        assert not TOPICS[name].names or "name" in fields
        assert not TOPICS[name].subjects or fields & {"owner", "operator"}

    check_each(can_be, TOPICS)

"""The records that are made quickly keep what the standard library promises of its own."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import typing

import pytest

from usock_lint import fast_dataclasses


@fast_dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """A base."""

    x: int
    y: int = 2


@fast_dataclasses.dataclass(frozen=True, slots=True)
class Named(Point):
    """A class with a field more."""

    name: str = "a"

    def __str__(self) -> str:
        return self.name


@fast_dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """A class that tells itself what it equals."""

    x: int
    how: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and self.x == other.x

    def __hash__(self) -> int:
        return self.x


@fast_dataclasses.dataclass(frozen=True, slots=True)
class Nothing:
    """A class without fields."""


class Pair(fast_dataclasses.NamedTuple):
    """A tuple."""

    first: int
    second: str = "b"


def test_they_compare_hash_and_print_by_their_fields() -> None:
    assert Named(1) == Named(1, 2, name="a") != Named(2)
    assert Point(1) != Named(1)
    assert len({Named(1), Named(1), Nothing(), Nothing()}) == 2
    assert (repr(Named(1)), str(Named(1)), repr(Nothing())) == ("Named(x=1, y=2, name='a')", "a", "Nothing()")


def test_their_own_comparison_and_hash_are_kept() -> None:
    assert {Told(1, "a")} == {Told(1, "b")} != {Told(2, "a")}


def test_they_have_no_dictionary() -> None:
    assert not hasattr(Named(1), "__dict__")


@pytest.mark.parametrize("one", [Point(1), Named(1, 3), Nothing(), Pair(1)], ids=repr)
def test_they_come_back_from_another_process(one: object) -> None:
    assert pickle.loads(pickle.dumps(one)) == one


def test_a_copy_differs_in_what_is_said() -> None:
    assert fast_dataclasses.replace(Named(1), name="b") == Named(1, 2, "b")


def test_tuples_are_made_and_changed_as_those_of_the_standard_library() -> None:
    class Other(typing.NamedTuple):
        first: int
        second: str = "b"

    for kind in (Pair, Other):
        assert kind(1) == kind(first=1, second="b") == kind._make((1, "b")) == (1, "b")
        assert repr(kind(1)) == f"{kind.__name__}(first=1, second='b')"
        assert (kind(1).first, kind(1).second, kind(2)[0]) == (1, "b", 2)
        assert kind(1)._replace(second="c") == (1, "c")
        assert kind(1)._asdict() == {"first": 1, "second": "b"}
        assert kind._field_defaults == {"second": "b"}
        assert not hasattr(kind(1), "__dict__")
        for given in ({}, {"first": 1, "third": 2}):
            with pytest.raises(TypeError):
                kind(**given)  # pyright: ignore
        with pytest.raises((TypeError, ValueError), match="third"):  # the first since 3.13
            kind(1)._replace(third=1)  # pyright: ignore
        with pytest.raises(TypeError, match="Expected 2 arguments, got 1"):
            kind._make((1,))
        with pytest.raises(AttributeError):
            kind(1).first = 2  # pyright: ignore
        assert copy.copy(kind(1)) == kind(1)


def test_what_they_do_not_know_they_refuse() -> None:
    with pytest.raises(TypeError):
        Point()  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        fast_dataclasses.dataclass(frozen=False, slots=True)(object)


def test_they_match_as_those_of_the_standard_library_do() -> None:
    match Named(1):
        case Named(x, y, name):
            assert (x, y, name) == (1, 2, "a")
    assert Pair._fields == typing.NamedTuple("Pair", [("first", int), ("second", str)])._fields
    assert dataclasses.make_dataclass("Point", ["x", "y"]).__match_args__ == Point.__match_args__  # pyright: ignore

"""What the tests are helped with does help."""

from __future__ import annotations

import pytest

from tests.support.each import check_each


def odd(number: int) -> None:
    assert number % 2, f"{number} is even"
    _ = 1 / (number - 5)


def test_what_holds_of_each_passes() -> None:
    check_each(odd, [1, 3, 7])


@pytest.mark.parametrize(
    ("cases", "message"),
    [
        ([1, 2, 3, 4], r"2 of 4 cases fail\n\n2: 2 is even\n.*\n\n4: 4 is even\n"),
        ([5, 7], r"1 of 2 cases fail\n\n5: Traceback(.|\n)*ZeroDivisionError: "),
        ([], "0 of 0 cases fail"),
    ],
)
def test_all_that_fail_are_named(cases: list[int], message: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=message):
        check_each(odd, cases)

"""One test for many cases: it asks all of them, and names each that fails."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

_Case = TypeVar("_Case")


def check_each(check: Callable[[_Case], object], cases: Iterable[_Case]) -> None:
    """Call `check` with each case; fail with the cases that raise and why, or if there is no case at all."""
    __tracebackhide__ = True
    asked, faults = 0, list[str]()
    for case in cases:
        asked += 1
        try:
            check(case)
        except AssertionError as error:
            faults.append(f"{case}: {error}")
        except Exception:
            faults.append(f"{case}: {traceback.format_exc()}")
    if faults or not asked:
        pytest.fail("\n\n".join([f"{len(faults)} of {asked} cases fail", *faults]), pytrace=False)

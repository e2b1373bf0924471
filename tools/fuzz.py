"""`python -m tools.fuzz MINUTES`: lint, fix and edit programs that nobody has seen, until the time is over.

What fails is printed as small as it can be made, kept in `.fuzz`, and tried first the next time. Exits with 1 for that.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesmith import from_node

from tests.analysis.test_kept_passes import agree
from tests.cli.test_robustness import check
from tests.support.programs import mutants, programs
from usock_lint.syntax import class_members

_EDITS = 8

_SOURCES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], None]]] = {
    "a page with accidents": (mutants(), check),
    "a program": (programs(), check),
    "a module": (from_node(), check),
    "an edited program": (st.tuples(mutants(), st.integers(0)), lambda case: agree(case[0], _EDITS, case[1])),
}
"""Programs, each with what is asked of them."""

_ROUND = 200
"""Programs between two looks at the clock."""


def main(minutes: float) -> int:
    """Try each source of programs in turn; the exit code."""
    class_members.SHORTEST = 0  # the programs are short
    end = time.monotonic() + 60 * minutes
    tried, seen = 0, Counter[str]()
    again = True
    while again or time.monotonic() < end:
        for name, test in _tests(again=again).items():
            try:
                test()
            except Exception as error:  # the fuzzer goes on, whatever it has found
                where = _where(error)
                seen[where] += 1
                if seen[where] == 1:
                    print(f"--- {name}: {where}", flush=True)
                    traceback.print_exception(error)
            tried += _ROUND
        again = False
    print(f"Tried about {tried} programs; failures by place: {dict(seen)}.")
    return 1 if seen else 0


def _tests(*, again: bool) -> dict[str, Callable[[], None]]:
    """A test for each source, with what failed before if that is to be tried again."""
    phases = (*((Phase.reuse,) if again else ()), Phase.generate, Phase.shrink)
    chosen = settings(
        max_examples=_ROUND,
        deadline=None,
        database=DirectoryBasedExampleDatabase(".fuzz"),
        phases=phases,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        print_blob=False,
        report_multiple_bugs=False,
    )
    return {name: chosen(given(source)(asked)) for name, (source, asked) in _SOURCES.items()}


def _where(error: BaseException) -> str:
    """What was raised where, so that a failure is known again."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.filename}:{place.lineno}"


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 5))

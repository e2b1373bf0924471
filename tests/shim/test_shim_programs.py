"""The shim prints what real interpreters printed of whole programs, port by port and release by release."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.realprograms import Program, Theatre, allowed, read, theatre

PROGRAMS = list(read())
ALLOWED = allowed()


@pytest.fixture(scope="module", name="stage")
def a_theatre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    with theatre(tmp_path_factory.mktemp("certificates")) as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_a_program_prints_what_it_printed_on_the_real_interpreters(program: Program, stage: Theatre) -> None:
    known = {column for name, column in ALLOWED if name == program.name}
    wrong = stage.surely_wrong(program, known)
    assert {column: program.answers[column] for column in wrong if column not in known} == {
        column: text for column, text in wrong.items() if column not in known
    }
    assert known == set(wrong)


def test_the_deviations_are_few_and_of_programs_that_there_are() -> None:
    asked = {(program.name, column) for program in PROGRAMS for column in program.columns()}
    assert ALLOWED.keys() <= asked
    for columns, most in (("unix", 0.03), ("lwip", 0.04)):
        there, known = ([one for one in some if one[1].startswith(columns)] for some in (asked, ALLOWED))
        assert len(known) <= most * len(there)

"""The loops of a file that never end once the other side has closed its connection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

import libcst as cst

from usock_lint.analysis.call_paths import CallPaths
from usock_lint.analysis.domain.values import Member, Value
from usock_lint.analysis.end_of_stream import calls, expressions, statements
from usock_lint.analysis.end_of_stream.callees import Callees
from usock_lint.analysis.end_of_stream.paths import Frame, Outcome, Runner, State, TooManyPathsError
from usock_lint.analysis.end_of_stream.scopes import Scopes
from usock_lint.analysis.end_of_stream.values import VOLATILE, Kept, Key, Known, Large, Row
from usock_lint.analysis.end_of_stream.values import Value as TurnValue
from usock_lint.analysis.uses import EndlessLoop, Site
from usock_lint.syntax.nodes import of_type

# Importing these registers what is done with each type of node.
REGISTERED = (calls, expressions, statements)

# The most turns that are followed. A value that settles does so within a few turns.
_MOST_TURNS: Final = 4


class Loops:
    """The `while` loops of a file.

    `reached` has the site and the function of each loop that the interpreter reached, `callees` the value of each
    call's callee, and `ends` the functions that end the program.
    """

    def __init__(
        self,
        module: cst.Module,
        reached: Mapping[cst.While, tuple[Site, cst.FunctionDef | None]],
        callees: Mapping[cst.Call, Value],
        ends: frozenset[Member],
    ) -> None:
        self._module, self._reached, self._callees = module, reached, Callees(callees, ends)
        self._found_callees = callees
        self._found: dict[cst.While, bool] = {}
        self._repeated: dict[cst.While, cst.Call | None] = {}
        """The first call that reads in the turn that is repeated for ever."""

    @cached_property
    def _paths(self) -> CallPaths:
        return CallPaths(self._module, self._found_callees)

    @cached_property
    def _scopes(self) -> Scopes:
        return Scopes(self._module)

    def endless(self) -> Iterator[EndlessLoop]:
        """The loops that never end after the end of the stream they read."""
        for loop, (site, function) in self._reached.items():
            found = dict(self._reads(loop))
            if found and self._is_endless(loop) and not self._is_limited(function, frozenset()):
                # Another read may be one after which the loop is left.
                call = self._repeated.get(loop)
                call, name = (call, found[call]) if call in found else next(iter(found.items()))
                yield EndlessLoop(site, call if _is_always_true(loop.test) else loop.test, name)

    def _is_limited(self, function: cst.FunctionDef | None, seen: frozenset[cst.FunctionDef]) -> bool:
        """True if `asyncio.wait_for` cancels each call of a coroutine after a time, or of those that call it."""
        if function is None or function.asynchronous is None or function in seen:
            return False
        around = self._paths.callers.get(function, [])
        return bool(around) and all(self._is_cut_short(call, seen | {function}) for call in around)

    def _is_cut_short(self, call: cst.Call, seen: frozenset[cst.FunctionDef]) -> bool:
        for one in self._paths.above(call):
            if isinstance(one, cst.Call) and self._callees.passes_on(one):
                return True
            if isinstance(one, cst.FunctionDef):
                return self._is_limited(one, seen)
        return False

    def _reads(self, loop: cst.While) -> Iterator[tuple[cst.Call, str]]:
        """The calls in a loop that read from a connection, each with the name of the method."""
        for one in of_type(loop, cst.Call):
            if (name := self._callees.reads(one)) is not None:
                yield one, name

    def _is_endless(self, loop: cst.While) -> bool:
        if loop not in self._reached:
            return False
        if loop not in self._found:
            self._found[loop] = False  # the answer to a recursive question about the same loop
            try:
                outcome = self._turn(
                    Runner(self._callees, self._scopes, self._is_endless, self._reached[loop][1]), loop, State({}), 1
                )
            # The loop has too many paths to follow: it is not reported.
            except (TooManyPathsError, RecursionError):
                outcome = Outcome.LEAVES
            self._found[loop] = outcome is Outcome.ENDLESS
        return self._found[loop]

    def _turn(self, run: Runner, loop: cst.While, state: State, turn: int) -> Outcome:
        """Follow a turn from this state, and further ones until a turn changes no value that it used."""

        def end(last: State) -> Outcome:
            # Sending fails in some turn, and from then on the loop reads from another connection.
            if last.has_reconnected(run.sources):
                return Outcome.LEAVES
            # The next turn would take the same path: the loop goes on for ever. It is not reported if it does not read,
            # or if it has tested for the end.
            if last.is_settled:
                if last.read is None or last.asked:
                    return Outcome.IDLES
                self._repeated[loop] = last.read
                return Outcome.ENDLESS
            # A value still changes after some turns, such as a counter: the loop may end by it.
            if turn == _MOST_TURNS:
                return Outcome.LEAVES
            return self._turn(run, loop, State(_settled(last.names), failed=last.failed), turn + 1)

        def tested(after: State, value: TurnValue) -> Outcome:
            return run.decide(value, after, inside, lambda last: run.suite(loop.body.body, last, inside, end), _left)

        inside = Frame(self._reached[loop][1], _returned, _left, end, _raised)
        return run.value(loop.test, state, inside, tested)


# `return` and an exception that nothing in the loop catches leave it as `break` does.
def _left(_: State) -> Outcome:
    return Outcome.LEAVES


def _returned(_: State, __: TurnValue) -> Outcome:
    return Outcome.LEAVES


def _raised(_: State, __: Exception | None) -> Outcome:
    return Outcome.LEAVES


def _settled(names: Mapping[Key, TurnValue]) -> dict[Key, TurnValue]:
    """The state at the beginning of the next turn: constants stay, unchanged names stay, all else becomes volatile."""
    return {
        key: value if isinstance(value, (Known, Large)) or (isinstance(value, Row) and not value.items) else VOLATILE
        for key, value in names.items()
        if value != Kept(key)
    }


def _is_always_true(test: cst.BaseExpression) -> bool:
    match test:
        case cst.Name(value="True"):
            return True
        case cst.Integer(value=number):
            return number != "0"
        case _:
            return False

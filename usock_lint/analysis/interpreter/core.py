"""The interpreter: the data that its parts share, and the registry of transfer functions by type of node.

The modules beside this one hold the transfer functions. Each registers its functions by the types of node that they
are for; the interpreter calls them and knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar

import libcst as cst

from usock_lint.analysis import heuristics, liveness, references
from usock_lint.analysis.domain import typestate
from usock_lint.analysis.domain.environment import Names
from usock_lint.analysis.domain.library import Library, Surroundings
from usock_lint.analysis.domain.operations import TRUE, UNKNOWN, is_too_large, without_parts
from usock_lint.analysis.domain.values import Anything, Cells, Made, Value
from usock_lint.analysis.exports import Elsewhere, Exports
from usock_lint.analysis.handlers import Attempt
from usock_lint.analysis.hierarchy import Hierarchy
from usock_lint.analysis.interpreter.bindings import Environment
from usock_lint.analysis.interpreter.leaks import Leaks
from usock_lint.analysis.interpreter.recorder import Recorder
from usock_lint.analysis.interpreter.state import AnalysisState
from usock_lint.analysis.summaries import Body, Summaries
from usock_lint.analysis.type_annotations import Typing
from usock_lint.analysis.uses import Site
from usock_lint.syntax.nodes import parts

Suite = cst.Module | cst.BaseSuite
Try = cst.Try | cst.TryStar

_NAMING: Final = frozenset({cst.Name, cst.Attribute})


class Interpreter:
    """Analyses one module for the configurations of a universe.

    Its parts: `state` is the current point, `summaries` what bodies tell each other, `hierarchy` the file's classes,
    `env` the bindings, `recorder` and `leaks` the uses of the current pass.

    `loops` has the names at the end of each loop's body in the last pass, `default_values` the defaults of each
    function's parameters, `default_names` the names of the functions with defaults. `typing` has the names that
    stand for types in annotations, `read` those of the socket module that the file reads. `networked` tells that
    the file imports a network module, or that files without one are linted as well. `library` knows the modules
    that the file can import, and `elsewhere` what those of its project export. `failed` has the names that failing
    imports were to bind, each with the cells on which its import fails.

    `open_branches` are the `if` statements of which some configurations may run both sides. `cpython_goes_on` tells
    that CPython may get to the end of the module; otherwise it runs none of the functions. `reads_streams` tells that a
    connection is read somewhere. `while_loops` has each `while` with its site and its function, and `callees` the value
    of each call's callee in the last pass. `is_quiet`: an expression is evaluated ahead, which records nothing.
    """

    def __init__(
        self,
        module: cst.Module,
        universe: Cells,
        surroundings: Surroundings | None = None,
        elsewhere: Elsewhere | None = None,
        *,
        losses: bool = True,
    ) -> None:
        self.module = module
        self.state = AnalysisState(universe)
        self.summaries = Summaries(Body(module, None, universe, cpython=True))
        self.hierarchy = Hierarchy(module)
        self.env = Environment(self.state, self.summaries, self.hierarchy)
        self.recorder = Recorder(module, self.state, self.summaries)
        self.leaks = Leaks(module, self.state, self.recorder, wanted=losses)
        self.loops: dict[cst.CSTNode, Names] = {}
        self.default_values: dict[cst.FunctionDef, dict[str, Value]] = {}
        self.default_names: set[str] = set()
        self.typing = Typing()
        self.read: set[str] = set()
        around = surroundings or Surroundings()
        self.networked = around.lints_every_file
        self.library = Library(around.project)
        self.elsewhere = elsewhere or Elsewhere()
        self.failed: dict[str, Cells] = {}
        self.open_branches: set[cst.CSTNode] = set()
        self.while_loops: dict[cst.While, tuple[Site, cst.FunctionDef | None]] = {}
        self.callees: dict[cst.Call, Value] = {}
        self.reads_streams = False
        self.cpython_goes_on = True
        self.is_quiet = False

    def value(self, node: cst.CSTNode) -> Value:
        """Evaluate an expression at this point, and record the uses in it."""
        evaluate = EVALUATORS.get(type(node))
        value = self.evaluate_parts(node) if evaluate is None else evaluate(self, node)
        # What a name or an attribute has was evaluated before.
        if type(node) in _NAMING or not is_too_large(value):
            return value
        typestate.forget(self.state.scope, value)
        return without_parts(value)

    def evaluate_parts(self, node: cst.CSTNode) -> Value:
        """Evaluate the parts of a node that is not modelled. Its value is unknown, and sockets in the parts escape."""
        for part in parts(node):
            typestate.forget(self.state.scope, self.value(part))
        return UNKNOWN

    def quiet(self, node: cst.BaseExpression) -> Value:
        """Evaluate an expression that is evaluated elsewhere too, without recording its uses a second time.

        Only the uses are taken back, and no name counts as reached. Summaries and typestates keep what evaluating does,
        so this is for names, attributes and conditions that only look at values.
        """
        uses, was_quiet = self.summaries.body.uses, self.is_quiet
        noted = len(uses)
        self.is_quiet = True
        value = self.value(node)
        self.is_quiet = was_quiet
        # The uses of this evaluation are the last ones.
        del uses[noted:]
        return value

    def is_called_from_outside(self, node: cst.FunctionDef) -> bool:
        """True if a function may be called with other arguments than those of the calls in the file.

        It is passed to other code, or is decorated, or a method of its name is called on an unknown object, or its
        name is public and the statements of its module call nothing, so that the module is there to be imported. For
        `__init__` the name is that of its class. In a file that is analysed for its exports, `Given` stands for such
        arguments instead.
        """
        if self.hierarchy.is_exported or node in self.summaries.functions:
            return False
        owner = self.hierarchy.class_of.get(node)
        name = node.name.value
        called_by = owner.name.value if owner is not None and name == "__init__" else name
        is_public = not called_by.startswith("_") or called_by.startswith("__")
        return (
            self.is_referred_to(called_by)
            or references.is_decorated(node)
            or (is_public and not self.hierarchy.is_program)
            or self.summaries.read("unknown calls", ("", name)) is not None
        )

    def is_referred_to(self, name: str) -> bool:
        """True if the file uses a name or an attribute other than to call it."""
        return name in references.referred(self.module)

    def sets_attribute(self, name: str, holder: cst.BaseExpression) -> bool:
        """True if the file itself sets an attribute of this name on the object of the holder's name."""
        return heuristics.sets_attribute(self.module, name, holder)

    def tells_release(self, name: str) -> bool:
        """True if the file has something under this name that it computes from the release of the firmware."""
        return name in heuristics.names_of_release(self.module)

    def names_field(self, name: str) -> bool:
        """True if the file gives this name to what tells the release or the machine, without computing anything."""
        return name in heuristics.names_of_fields(self.module)

    def listed(self, name: str) -> cst.Call | None:
        """The call of `dir` that is all that the file binds this name to."""
        return heuristics.listed(self.module).get(name)

    def known_to_functions(self) -> frozenset[str]:
        """The names that functions defined in the current body read and do not bind themselves."""
        return liveness.read_by_functions(self.state.function or self.module)

    def add(self, exports: Exports) -> None:
        """Add the summaries, classes and defaults of another file."""
        self.summaries.add(exports.summaries, exports.functions)
        self.hierarchy.add(exports.hierarchy)
        self.default_values |= exports.default_values

    def _of_file(self, value: Value) -> Value:
        """The value, with functions of other files as unknown."""
        functions = self.summaries.functions
        if not functions:
            return value
        return frozenset(Anything() if getattr(atom, "node", None) in functions else atom for atom in value)

    @cached_property
    def defined(self) -> frozenset[str]:
        """The names of the functions and classes that the module's own statements define."""
        return frozenset(references.definitions(self.module))

    @cached_property
    def private_methods(self) -> frozenset[str]:
        """The names of private methods of the module's classes."""
        return frozenset(references.private_methods(self.module))

    @cached_property
    def callees_in_file(self) -> Mapping[cst.Call, Value]:
        """The value of each call's callee after the last pass, with functions of other files as unknown."""
        return {call: self._of_file(value) for call, value in self.callees.items()}

    def note_unknown_call(self, name: str) -> None:
        """Record that a method of this name is called on an unknown object: it may be one of this file."""
        if name in self.default_names:
            self.summaries.publish("unknown calls", ("", name), TRUE)

    def suite(self, suite: Suite, attempt: Try | None = None) -> None:
        """Execute the statements of a suite. With `attempt` the suite is the body of that `try`."""
        state = self.state
        outer, path = state.attempts, state.path
        within = path[-2] if attempt is not None else suite
        path.append(suite)
        for line in suite.body:
            path.append(line)
            if type(line) is cst.SimpleStatementLine:
                for statement in line.body:
                    path.append(statement)
                    self._statement(statement, attempt, within, outer)
                    path.pop()
            else:
                self._statement(line, attempt, within, outer)
            path.pop()
        path.pop()
        state.attempts = outer
        state.is_cluttered = bool(state.made)

    def _statement(
        self, node: cst.CSTNode, attempt: Try | None, within: cst.CSTNode, outer: tuple[Attempt, ...]
    ) -> None:
        """Execute one statement, if any configuration reaches it. `within` is the block that the `try` is in."""
        state = self.state
        if not state.live:
            self.summaries.body.unreached.add(node)
            return
        if state.is_cluttered and len(state.scope.names) > _MANY:
            state.is_cluttered = False
            typestate.drop(state.scope, self._is_at_hand)
        if attempt is not None:
            state.attempts = (Attempt(attempt, node, within), *outer)
        execute = EXECUTORS.get(type(node))
        if execute is None:
            self.value(node)
        else:
            execute(self, node)

    def _is_at_hand(self, made: Made) -> bool:
        """True if the statement with this call is still being executed, so that no name need hold the socket yet."""
        site = self.state.made.get(made)
        return site is None or site.path[-1] in self.state.path


_MANY: Final = 60
"""The size of an environment above which typestates of sockets that no name holds are dropped."""

Evaluator = TypeVar("Evaluator", bound=Callable[..., Value])
Executor = TypeVar("Executor", bound=Callable[..., None])

EVALUATORS: Final[dict[type[cst.CSTNode], Callable[[Interpreter, Any], Value]]] = {}
"""Transfer functions of expressions, by the type of the node: each returns the value."""

EXECUTORS: Final[dict[type[cst.CSTNode], Callable[[Interpreter, Any], None]]] = {}
"""Transfer functions of statements, by the type of the node."""


def evaluates(*kinds: type[cst.CSTNode]) -> Callable[[Evaluator], Evaluator]:
    """Register a function as the evaluator of these types of node."""

    def register(evaluator: Evaluator) -> Evaluator:
        EVALUATORS.update(dict.fromkeys(kinds, evaluator))
        return evaluator

    return register


def executes(*kinds: type[cst.CSTNode]) -> Callable[[Executor], Executor]:
    """Register a function as the executor of these types of node."""

    def register(executor: Executor) -> Executor:
        EXECUTORS.update(dict.fromkeys(kinds, executor))
        return executor

    return register

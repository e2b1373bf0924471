"""Handlers that guard: the body of the `try` raises, and the handler does the same job in another way.

Conditions that keep MicroPython away are not treated here: behind them no configuration is live.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import libcst as cst

from usock_lint.analysis.heuristics import asks_by_trying, ends_program, is_probe, statements
from usock_lint.fast_dataclasses import dataclass
from usock_lint.ports import MISSING_BUILTINS
from usock_lint.syntax.nodes import called_name, mentions, of_type, once_per_node

Handler = cst.ExceptHandler | cst.ExceptStarHandler

BROAD = frozenset({"Exception", "BaseException"})
ERRORS = BROAD | {"OSError"} | MISSING_BUILTINS
"""The builtin classes by which clauses catch errors of sockets, also those that boards lack."""

_ALL_ERRORS = BROAD | {"OSError"}
# Subclasses that boards lack are among them: another rule reports their names.
_NARROWER: Final = {
    "ImportError": frozenset({"ModuleNotFoundError"}),
    "OSError": frozenset("BrokenPipeError ConnectionError ConnectionResetError EnvironmentError IOError".split()),
    "UnicodeError": frozenset({"UnicodeDecodeError"}),
}
"""The names other than those of its class and its bases (`_named_by`) by which a clause may catch an exception."""
_RETURNS: Final = ("returns", "")
_IMPORT_ERRORS = frozenset({"ImportError", "ModuleNotFoundError"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try statement around a use: the statement of its body that contains the use.

    `within` is the block that the try statement is in. `ending` are the handlers that end the program, in a function of
    the project, such as `die`, or in each branch.
    """

    node: cst.Try | cst.TryStar
    statement: cst.CSTNode
    within: cst.CSTNode
    ending: frozenset[Handler] = frozenset()


@once_per_node
def suppressing(module: cst.Module) -> Mapping[cst.With, cst.Try]:
    """Each `with suppress(AttributeError):` of a module, as the `try` with `pass` in its handler that does the same."""
    found = ((node, _as_try(node)) for node in of_type(module, cst.With))
    return {node: same for node, same in found if same is not None}


def _as_try(node: cst.With) -> cst.Try | None:
    match node:
        case cst.With(items=[cst.WithItem(item=cst.Call(args=given) as call)], asynchronous=None) if (
            called_name(call) == "suppress"
        ):
            # A name that boards lack is reported where the classes are given, and these are what a clause has.
            named = [one.value for one in given if isinstance(one.value, cst.Name)]
            known = [one for one in named if hasattr(builtins, one.value) and one.value not in MISSING_BUILTINS]
            listed = cst.Tuple([*map(cst.Element, known)])
            handler = cst.ExceptHandler(cst.IndentedBlock([cst.SimpleStatementLine([cst.Pass()])]), listed)
            return cst.Try(node.body, [handler]) if listed.elements else None
        case _:
            return None


def is_guarded_by_handler(attempts: Sequence[Attempt], raises: str, *, goes_on: bool = True) -> bool:
    """True if the innermost handler that catches this exception does the job in another way, or goes on without it.

    A handler that only hides the error goes on only if nothing is lost with the rest of the `try` body. Unless
    `goes_on`, going on without it does not count.
    """
    for attempt in attempts:
        for handler in attempt.node.handlers:
            names = caught(handler)
            is_named = not names.isdisjoint(_named_by(raises))
            if is_named or names & BROAD:
                return (
                    _does_the_job(attempt, handler)
                    or _does_what_follows(attempt, handler)
                    or _is_first_of_two(attempt, handler, is_import=raises == "ImportError")
                    or (goes_on and is_probe(attempt.statement))
                    or (goes_on and _goes_on(attempt, handler, explicit=is_named or raises == "ImportError"))
                )
    return False


def is_passed_over(attempts: Sequence[Attempt], raises: str) -> bool:
    """True if all that is lost by this exception is the call that raises it, for which a program may not care.

    The call is the last statement of the `try` body, and the handler that catches the exception does nothing.
    """
    for attempt in attempts:
        for handler in attempt.node.handlers:
            if not caught(handler).isdisjoint(_named_by(raises) | BROAD):
                last = statements(attempt.node.body)[-1]
                return last is attempt.statement and isinstance(last, cst.Expr) and _is_empty(handler)
    return False


@cache
def _named_by(raises: str) -> frozenset[str]:
    """The names by which a clause catches an exception on boards: its class, and the bases that boards have.

    They are the bases that CPython's class of this name has, `BROAD` apart. TimeoutError, which boards lack, is
    asyncio's there, which is no OSError.
    """
    kind = getattr(builtins, raises, None)
    if raises in MISSING_BUILTINS or not isinstance(kind, type):
        return frozenset({raises})
    return frozenset(one.__name__ for one in kind.__mro__ if one is not object) - BROAD - MISSING_BUILTINS


def caught(handler: Handler) -> frozenset[str]:
    """The names of the exceptions a handler catches; a bare one catches BaseException."""
    if handler.type is None:
        return frozenset({"BaseException"})
    return frozenset(part.value for part in clause_parts(handler.type) if isinstance(part, cst.Name))


def is_for_stopping(handler: Handler) -> bool:
    """True if a clause catches only the exceptions that stop a program: KeyboardInterrupt and SystemExit."""
    names = caught(handler)
    return bool(names) and names <= {"KeyboardInterrupt", "SystemExit"}


def clause_parts(expression: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The exceptions that the expression of an except clause lists."""
    if isinstance(expression, cst.Tuple):
        return [element.value for element in expression.elements]
    return [expression]


def takes_import_errors(handler: Handler) -> bool:
    """True if a clause catches failed imports, on boards or on CPython."""
    return not caught(handler).isdisjoint(_IMPORT_ERRORS | BROAD)


def catches(handler: Handler, raises: str) -> bool:
    """True if a clause may catch this exception. A clause that names an unknown class may catch any."""
    written = clause_parts(handler.type) if handler.type is not None else []
    is_open = any(not isinstance(one, cst.Name) or not hasattr(builtins, one.value) for one in written)
    return is_open or bool(caught(handler) & (_named_by(raises) | _NARROWER.get(raises, frozenset()) | BROAD))


def catches_oserror(handler: Handler) -> bool:
    """True if a clause may catch the OSError that a socket raises."""
    return catches(handler, "OSError")


def catches_all_oserrors(handler: Handler) -> bool:
    """True if a clause catches every error of a socket, so that such an error never reaches the clauses after it."""
    return not caught(handler).isdisjoint(_ALL_ERRORS)


def is_for_attributes(handler: Handler) -> bool:
    """True if a clause catches AttributeError and nothing else."""
    return isinstance(handler.type, cst.Name) and handler.type.value == "AttributeError"


def surely_catches(handler: Handler, raises: str) -> bool:
    """True if a clause catches this exception, perhaps beside others, by its name or a broad one."""
    return not caught(handler).isdisjoint(BROAD | {raises})


def is_for_imports(handler: Handler) -> bool:
    """True if a clause catches failed imports and nothing else."""
    parts = clause_parts(handler.type) if handler.type is not None else []
    return bool(parts) and all(isinstance(one, cst.Name) and one.value in _IMPORT_ERRORS for one in parts)


def is_for_what_is_missing(handler: Handler) -> bool:
    """True if a clause catches failed imports, and nothing else but missing names."""
    parts = clause_parts(handler.type) if handler.type is not None else []
    names = {one.value if isinstance(one, cst.Name) else "" for one in parts}
    return not names.isdisjoint(_IMPORT_ERRORS) and names <= _IMPORT_ERRORS | {"AttributeError", "NameError"}


def is_resolving(node: cst.Try | cst.TryStar) -> bool:
    """True if the body of a try statement does nothing but call getaddrinfo."""
    calls = [_call_in(statement) for statement in statements(node.body)]
    return len(calls) == 1 and calls[0] == "getaddrinfo"


def _call_in(statement: cst.CSTNode) -> str:
    """The name of the function that a statement calls, also in `x = f()[0]`; "" for other statements."""
    value = statement.value if isinstance(statement, (cst.Assign, cst.Expr, cst.Return)) else None
    while type(value) is cst.Subscript:
        value = value.value
    func = value.func if isinstance(value, cst.Call) else None
    name = func.attr if isinstance(func, cst.Attribute) else func
    return name.value if isinstance(name, cst.Name) else ""


def treats_errors(handler: Handler) -> bool:
    """True if a clause names errors that a socket raises: OSError, CPython's subclasses of it, or a base class."""
    names = caught(handler)
    mentioned = handler.type is not None and any(isinstance(one, cst.Attribute) for one in clause_parts(handler.type))
    return mentioned or bool(names & ERRORS)


def _goes_on(attempt: Attempt, handler: Handler, *, explicit: bool) -> bool:
    """True if the program does without the statement that raised.

    `explicit`: the clause names the exception. Any clause that catches a failed import counts as one that names it.
    """
    body = statements(attempt.node.body)
    if ends_for_good(handler) or handler in attempt.ending:
        return False
    # A clause that names the exception expects it. It guards if the statement was the last of the body, so that nothing
    # after it is lost, or if the handler does something at all. What follows an import only uses the module, so it is
    # not lost without it. Nor is what only tells that the statement did not raise: `HAS = True`.
    if explicit:
        is_import = isinstance(attempt.statement, (cst.Import, cst.ImportFrom)) and is_for_imports(handler)
        is_asked = asks_by_trying(attempt.node, attempt.statement)
        return body[-1] is attempt.statement or not _is_empty(handler) or is_import or is_asked
    # A broad clause with `pass` hides any error. It guards only a single statement that later code does not need, apart
    # from imports for it and conditions that leave it out.
    single = body[-1] is attempt.statement and all(map(_is_without_effect, body[:-1]))
    return single and _is_dispensable(attempt.statement) and _is_pass(handler)


def _is_without_effect(statement: cst.CSTNode) -> bool:
    return isinstance(statement, (cst.Import, cst.ImportFrom, cst.If)) and {*_products(statement)} <= {("imports", "")}


def _is_dispensable(statement: cst.CSTNode) -> bool:
    """True if later code does not need the statement.

    It drops a result, sets an attribute to a name or number, or only gives names another value under a condition.
    """
    match statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute())], value=cst.Name() | cst.BaseNumber()):
            return True
        case cst.If(body=body, orelse=None):
            return all(
                isinstance(one, cst.Assign) and all(isinstance(target.target, cst.Name) for target in one.targets)
                for one in statements(body)
            )
        case _:
            return isinstance(statement, cst.Expr)


def _does_the_job(attempt: Attempt, handler: Handler) -> bool:
    """True if the handler has an effect that the statement would have had, such as setting the same name."""
    # A call of the same function is none: both may call `print`. But `start_new_thread(serve, ())` has the effect of
    # running `serve`, which a handler may call itself.
    if isinstance(attempt.statement, cst.Expr) and ends_program(attempt.statement.value) and ends_in_exit(handler):
        return True
    done = {product for product in _products(attempt.statement) if product[0] != "runs"}
    wanted = done.union(_handed_on(attempt.statement))
    return any(product in wanted for statement in statements(handler.body) for product in _products(statement))


def _does_what_follows(attempt: Attempt, handler: Handler) -> bool:
    """True if the statement sets a name that later ones of the body use, and the handler sets all names that these set.

    A value of the handler that has the error in it does not count: it only tells of the failure.
    """
    match attempt.statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            body = statements(attempt.node.body)
            later = body[body.index(attempt.statement) + 1 :]
            wanted = {product for one in later for product in _products(one) if product[0] in ("sets", "returns")}
            given = (one for one in statements(handler.body) if not mentions(one, _error(handler)))
            done = {product for one in given for product in _products(one) if product[0] == "sets"}
            return bool(wanted) and wanted <= done and any(mentions(one, name) for one in later)
        case _:
            return False


def _is_first_of_two(attempt: Attempt, handler: Handler, *, is_import: bool) -> bool:
    """True if the handler does nothing, and what follows the `try` returns a value in place of the body's.

    In place of a value that a missing module would have told, what follows may do anything.
    """
    if not _is_pass(handler):
        return False
    rest = _following(attempt)
    if _RETURNS in _all_products(attempt.node.body):
        return bool(rest) if is_import else any(_RETURNS in _products(one) for one in rest)
    # Without this module the next `try` goes another way.
    return is_import and bool(rest) and isinstance(rest[0], cst.Try) and all(map(_is_pass, rest[0].handlers))


def _following(attempt: Attempt) -> list[cst.CSTNode]:
    """The statements that follow the try statement in its block."""
    if not isinstance(attempt.within, (cst.Module, cst.IndentedBlock)):
        return []
    found = statements(attempt.within)
    return found[found.index(attempt.node) + 1 :]


def _error(handler: Handler) -> str:
    """The name under which a clause has the exception, "" if it has none."""
    return handler.name.name.value if handler.name is not None and isinstance(handler.name.name, cst.Name) else ""


def _handed_on(statement: cst.CSTNode) -> Iterator[tuple[str, str]]:
    """The functions that a call is given to run later."""
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        for argument in statement.value.args:
            if isinstance(argument.value, cst.Name):
                yield "runs", argument.value.value


def _products(statement: cst.CSTNode) -> Iterator[tuple[str, str]]:
    """The effects of a statement, each as its kind and the code that it is on.

    It sets names, acts on objects by their methods, runs functions, imports modules, or returns a value.
    """
    match statement:
        case cst.Return(value=None):
            return
        case cst.Assign(value=value) | cst.Return(value=cst.BaseExpression() as value) if _gives_up(value):
            return  # giving up is not doing the job
        case cst.Assign(targets=targets, value=value):
            for target in targets:
                yield "sets", _code(target.target)
            yield from _acts_on(value)
        case cst.AugAssign(target=target) | cst.AnnAssign(target=target):
            yield "sets", _code(target)
        case cst.Return():
            yield _RETURNS
        case cst.Expr(value=value):
            yield from _acts_on(value)
        case cst.If(body=body, orelse=other):
            yield from _all_products(body)
            if other is not None:
                yield from _products(other) if isinstance(other, cst.If) else _all_products(other.body)
        case cst.Try(body=body):
            yield from _all_products(body)
        case cst.ImportFrom() | cst.Import():
            yield "imports", ""
        case _:
            return


def _gives_up(value: cst.BaseExpression) -> bool:
    """True if this is None, False or a negative number, by which a function tells that it failed."""
    match value:
        case cst.Name(value="None" | "False"):
            return True
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.BaseNumber()):
            return True
        case _:
            return False


def _all_products(body: cst.BaseSuite) -> Iterator[tuple[str, str]]:
    for statement in statements(body):
        yield from _products(statement)


def _acts_on(value: cst.BaseExpression) -> Iterator[tuple[str, str]]:
    """The effects of evaluating an expression: a method of an object, or a function."""
    match value:
        case cst.Await(expression=inner):
            yield from _acts_on(inner)
        case cst.Call(func=cst.Attribute(value=receiver, attr=cst.Name(value=name))) if name != "close":
            yield "acts on", _code(receiver)
        case cst.Call(func=cst.Name(value=function)):
            yield "runs", function
        case _:
            return


def _is_pass(handler: Handler) -> bool:
    return all(isinstance(statement, cst.Pass) for statement in statements(handler.body))


def _is_empty(handler: Handler) -> bool:
    return all(isinstance(statement, (cst.Pass, cst.Continue, cst.Break)) for statement in statements(handler.body))


def ends_in_raise(handler: Handler) -> bool:
    """True if the last statement of a clause is `raise`."""
    return isinstance(statements(handler.body)[-1], cst.Raise)


def ends_in_exit(handler: Handler) -> bool:
    """True if the last statement of a clause ends the program: `sys.exit()`."""
    match statements(handler.body)[-1]:
        case cst.Expr(value=call):
            return ends_program(call)
        case _:
            return False


def ends_for_good(handler: Handler) -> bool:
    """True if the program does not go on behind a clause, at the end of which it raises or exits."""
    return ends_in_raise(handler) or ends_in_exit(handler)


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=()).code_for_node(node)

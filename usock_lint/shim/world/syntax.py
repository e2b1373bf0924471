"""Compiling a script as MicroPython does: with its syntax and the messages of its errors, and without annotations."""

from __future__ import annotations
import __future__ as future

import ast
import re
import tokenize
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from io import StringIO
from types import CodeType
from typing import Any

from usock_lint.shim.world import fstrings
from usock_lint.shim.world.comprehensions import INLINED, ComprehensionOutliner, renamed
from usock_lint.shim.world.lines import set_lines
from usock_lint.shim.world.lookups import LookupRewriter, Rewrites, evaluated_outside
from usock_lint.shim.world.operators import OperatorRewriter
from usock_lint.shim.world.pending import PendingRewriter

ANNOTATIONS = future.annotations.compiler_flag

_SPACED = re.compile(r"\{[^{}'\"]*[^=!<>{}'\"]=[ \t]+[}:!]")
"""A field `{x = }` of an f-string with white space after the `=`, a SyntaxError: MicroPython formats `(x = )`."""

_INDENT = re.compile(r"^[ \t]+")

FUNCTIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
"""The names of comprehensions, which are functions."""

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def compile_source(code: str | bytes, filename: str, rewrites: Rewrites, mode: str = "exec") -> CodeType:
    """The code object of a script, rewritten. Raises SyntaxError also for what only CPython can parse."""
    with warnings.catch_warnings(), device_syntax(code):
        warnings.simplefilter("ignore")
        tree, code = parsed(code, filename, mode)
        refuse(tree, code, filename)
        format_named_by_str(tree, code)
        for end in returns_outside(tree):
            end.value = None  # CPython from 3.14 on would tell of an `await` in it instead
        set_lines(tree)  # after what reads the source by the nodes' places
        # Also in a file that schedules nothing: its loops may wait for what another one has scheduled.
        tree = LookupRewriter(rewrites, filename).visit(PendingRewriter().visit(tree))
        tree = OperatorRewriter().visit(tree)
        tree = ComprehensionOutliner().visit(tree) if INLINED else tree
        return renamed(compile(tree, filename, mode, ANNOTATIONS, dont_inherit=True))


def parsed(code: str | bytes, filename: str, mode: str) -> tuple[ast.AST, str | bytes]:
    """The tree and its source, in which f-strings and tabs are changed if CPython cannot parse them otherwise."""
    try:
        return ast.parse(code, filename, mode), code
    except TabError:
        return parsed(untabbed(decoded(code)), filename, mode)
    except SyntaxError:
        if not fstrings.NEEDED:
            raise
        changed = fstrings.parsable(decoded(code))
        with suppress(SyntaxError):
            return ast.parse(changed, filename, mode), changed
        raise


def untabbed(code: str) -> str:
    """The source with spaces for the tabs that indent its lines, each up to the next multiple of 8 columns.

    So MicroPython counts them (next_char in py/lexer.c); CPython refuses a block that mixes tabs and spaces.
    """
    lines = code.split("\n")
    changed = [_INDENT.sub(lambda found: found[0].expandtabs(8), line) for line in lines]
    with suppress(SyntaxError, tokenize.TokenError):
        for token in tokenize.generate_tokens(StringIO("\n".join(changed)).readline):
            rest = slice(token.start[0], token.end[0])  # the further lines of a string keep their tabs
            changed[rest] = lines[rest]
    return "\n".join(changed)


def decoded(code: str | bytes) -> str:
    """The source as text."""
    return code if isinstance(code, str) else code.decode("utf-8", "replace")


REUSED = "argument name reused"

STARRED = "*x must be assignment target"

MESSAGES = (
    (r"(?:cannot assign to|cannot use assignment expressions with|illegal target) .*", "can't assign to expression"),
    (r"'[\w ]+' is an illegal expression for .*", "can't assign to expression"),
    (rf"can't use starred expression here|iterable unpacking cannot be .*|{re.escape(STARRED)}", STARRED),
    (r"starred assignment target must be in a list or tuple", "can't assign to expression"),
    (r"cannot delete (?:conditional expression|lambda|comparison)", "invalid syntax"),
    (r"cannot delete .*", "can't delete expression"),
    (r"'continue' not properly in loop|'break' outside loop", "'break'/'continue' outside loop"),
    (r"'(return|yield|await)(?: from)?' outside function", r"'\1' outside function"),
    (r"not a constant|can't (?:assign to|delete) expression", r"\g<0>"),
    (r"name '\w+' is .* (?:before|prior to) (global|nonlocal) declaration", r"identifier redefined as \1"),
    (r"name '\w+' is parameter and (global|nonlocal)", r"identifier redefined as \1"),
    (r"nonlocal declaration not allowed at module level", "can't declare nonlocal in outer code"),
    (r"no binding for nonlocal '\w+' found", "no binding for nonlocal found"),
    (r"'async (?:for|with)' outside async function", "async for/with outside async function"),
    (r"default 'except:' must be last", "default 'except' must be last"),
    (r"duplicate argument '\w+' in function definition", REUSED),
    (r"positional argument follows keyword argument", "positional arg after keyword arg"),
    (r"positional argument follows keyword argument.*", "positional arg after **"),
    (r"unexpected indent|(?:multiple starred|two starred) expressions in assignment", r"\g<0>"),
    (r"unindent does not match any outer indentation level", "unindent doesn't match any outer indent level"),
    (r"invalid hexadecimal literal", "invalid syntax for integer with base 16: ''"),
)
"""CPython's messages, and those of MicroPython's compiler (py/compile.c@v1.28.0); it calls everything else invalid."""


OF_PARSER = re.compile("invalid syntax|unexpected indent|unindent|not a constant")
"""Messages of MicroPython's parser. All others are of its compiler, which also names the function that it is in."""


def scope(code: str | bytes, line: int, of_line: bool) -> str:
    """The name of the function or class that a line is in; with `of_line`, also of the one that it begins.

    Lambdas and comprehensions, which are functions of their own on MicroPython, are not told from what is around them.
    """
    lines = decoded(code).split("\n")[:line]
    inner = indent(lines[-1]) + of_line
    for one in reversed(lines if of_line else lines[:-1]):
        if one.strip() and indent(one) < inner:
            inner = indent(one)
            if found := re.match(r"\s*(?:async\s+)?(?:def|class)\s+(\w+)", one):
                return found[1]
    return "<module>"


def indent(line: str) -> int:
    """How far a line is indented."""
    return len(line) - len(line.lstrip())


@contextmanager
def device_syntax(code: str | bytes) -> Generator[None]:
    """CPython's SyntaxError leaves the block as MicroPython raises it, with a message alone."""
    try:
        yield
    except SyntaxError as error:
        found = (re.sub(host, own, error.msg) for host, own in MESSAGES if re.fullmatch(host, error.msg))
        words = next(found, "invalid syntax")
        kind = IndentationError if words.startswith(("unexpected indent", "unindent")) else SyntaxError
        line = error.lineno or 1
        named = error.text if error.text in FUNCTIONS.values() else None
        inside = None if OF_PARSER.match(words) else named or scope(code, line, words == REUSED)
        place = error.filename, error.lineno, None, inside
        raise kind(words, place) from None
    except ValueError:  # a null byte
        raise SyntaxError("invalid syntax") from None


def refuse(tree: ast.AST, code: str | bytes, filename: str) -> None:
    """SyntaxError at the first node that MicroPython's grammar lacks, or does not take there."""
    for node in ast.walk(tree):
        if isinstance(node, Comprehension) and (found := first_yield(node)):
            word = "await" if isinstance(found, ast.Await) else "yield"
            # The text is the name of the function that the comprehension is.
            raise SyntaxError(f"'{word}' outside function", (filename, found.lineno, None, FUNCTIONS[type(node)]))
        for child in ast.iter_child_nodes(node):
            if is_unknown(child) or not may_stand(node, child, code):
                place = filename, getattr(child, "lineno", getattr(node, "lineno", 1)), None, None
                raise SyntaxError(STARRED if is_target(node, child) else "invalid syntax", place)


def returns_outside(tree: ast.AST) -> Iterator[ast.Return]:
    """The `return` statements that are in no function, at which compiling ends."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.expr):
            pending += ast.iter_child_nodes(node)


def format_named_by_str(tree: ast.AST, code: str | bytes) -> None:
    """Have `f"{x=}"` print x by str(), as MicroPython does. The tree does not tell it from `x={x!r}`."""
    if "=}" not in decoded(code):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and "!r" not in segment(node, code):
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and part.conversion == ord("r"):
                    part.conversion = -1


def is_target(parent: ast.AST, child: ast.AST) -> bool:
    """True for a `*x` that the grammar takes, and the compiler only as the target of an assignment."""
    places = ast.Assign | ast.AugAssign | ast.Expr | ast.List | ast.Tuple
    return isinstance(child, ast.Starred) and isinstance(parent, places)


def may_stand(parent: ast.AST, child: ast.AST, code: str | bytes) -> bool:
    """False for `*x` where it is not taken, a tuple without parentheses after `except`, an f-string with _SPACED."""
    match child:
        case ast.Starred():
            return starred(parent, child)
        case ast.Tuple() if isinstance(parent, ast.ExceptHandler):
            return parenthesized(child, code)
        case ast.JoinedStr():
            return not _SPACED.search(segment(child, code))
        case _:
            return True


def parenthesized(node: ast.Tuple, code: str | bytes) -> bool:
    """True if a tuple is in parentheses: `(A, B)` and not `A, B`, nor `(A), (B)`. CPython's tree does not say."""
    text = segment(node, code)
    try:
        return text.startswith("(") and bool(ast.parse(f"[{text[1:-1]}\n]"))
    except SyntaxError:
        return False


def segment(node: ast.AST, code: str | bytes) -> str:
    """The source text of a node."""
    place: Any = node
    lines = lines_of(code)[place.lineno - 1 : place.end_lineno]
    lines[-1] = lines[-1][: place.end_col_offset]
    lines[0] = lines[0][place.col_offset :]
    return b"".join(lines).decode("utf-8", "replace")


@lru_cache(1)
def lines_of(code: str | bytes) -> list[bytes]:
    """The lines of a source in UTF-8, by which a tree counts columns. `ast.get_source_segment` splits it each time."""
    return decoded(code).encode().splitlines(keepends=True)


def first_yield(comprehension: Comprehension) -> ast.Await | ast.Yield | ast.YieldFrom | None:
    """An `await` or `yield` in the function that a comprehension is; its first iterable is not in it."""
    outside = comprehension.generators[0].iter
    pending: list[ast.AST] = [comprehension]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
            return node
        inside = evaluated_outside(node) if isinstance(node, ast.Lambda) else ast.iter_child_nodes(node)
        pending += [child for child in inside if child is not outside]
    return None


def is_unknown(node: ast.AST) -> bool:
    """True for a form that MicroPython lacks, or one with a decorator that is not a dotted name or a call of one."""
    match node:
        case ast.Match() | ast.arguments(posonlyargs=[_, *_]) | ast.comprehension(is_async=1):
            return True
        case ast.Dict(keys=keys):
            return None in keys
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return bool(getattr(node, "type_params", ())) or not all(map(is_decorator, node.decorator_list))
        case _:
            # Only builds with full features have template strings (py/mpconfig.h:1328@v1.28.0); no board's has.
            return type(node).__name__ in ("TryStar", "TypeAlias", "TemplateStr")  # not in `ast` of every Python


def is_decorator(node: ast.expr) -> bool:
    """True for a dotted name, called or not."""
    name = node.func if isinstance(node, ast.Call) else node
    while isinstance(name, ast.Attribute):
        name = name.value
    return isinstance(name, ast.Name)


def starred(parent: ast.AST, child: ast.Starred) -> bool:
    """True if a star may stand there: in a call, or among the targets of an assignment."""
    return isinstance(parent, ast.Call | ast.ClassDef) or isinstance(child.ctx, ast.Store)

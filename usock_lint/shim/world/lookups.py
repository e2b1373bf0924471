"""Rewriting of a script's tree, so that it calls `device.py` where CPython and MicroPython differ.

These are look-ups of attributes, calls, dicts and sets, coroutines, `with`, and the exceptions that handlers bind.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeGuard, cast

from usock_lint.ports import Cell, Release
from usock_lint.ports.world import Call
from usock_lint.shim.world import device
from usock_lint.shim.world.classes import MIRRORED
from usock_lint.shim.world.operators import call

# The names of the functions that a rewritten script calls (`World` defines them). They are not identifiers, so that no
# script can use them.
ATTRIBUTE = "<.>"  # x.name
SETTABLE = "<.=>"  # x in x.name = value and in del x.name
CALL = "<()>"  # f(...)
FORMATTED = "<f>"  # f"..."
DICT = "<dict>"  # {a: b}, and the parameter **names
SET = "<set>"  # {a, b}
CAUGHT = "<except>"  # the exception that `except ... as` binds
CHAINED = "<from>"  # the cause of `raise ... from`
ENTERED = "<with>"
ASYNC_ENTERED = "<async with>"
ASYNC_ITERABLE = "<async for>"
AWAITED = "<await>"
GENERATOR = "<generator>"  # the decorator of functions that make generators
NO_INIT = "<init>"  # the __init__ of a class that defines none
UNKNOWN = "<viper>"  # viper code that is not simulated
CLASS = "<class>"  # the metaclass of a class with several parents
PENDING = "<pending>"  # runs what micropython.schedule has put off
SUPER = "<super>"  # super of super()
UNMIRRORED = "<cmp>"  # the decorator of classes with comparisons


def format_string(node: ast.JoinedStr, values: list[ast.expr]) -> str:
    """The text for str.format that does the same as an f-string. The values of its fields are appended to `values`."""
    pieces: list[str] = []
    for part in node.values:
        match part:
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                values.append(value)
                kind = "" if conversion < 0 else f"!{chr(conversion)}"
                inner = f":{format_string(spec, values)}" if isinstance(spec, ast.JoinedStr) else ""
                pieces.append(f"{{{kind}{inner}}}")
            case ast.Constant(value=text):
                pieces.append(str(text).replace("{", "{{").replace("}", "}}"))
            case _:
                pass
    return "".join(pieces)


FOLDS_FLOATS_SINCE: Release = (1, 26, 0)
"""From then on the compiler computes constant floats: MICROPY_COMP_CONST_FLOAT of py/mpconfig.h@v1.26.0."""

TAKES_ANNOTATIONS_SINCE: Release = (1, 29, 0)
"""From then on const() is known in `X: int = const(5)`, too (py/parse.c:826@1c3c201149)."""


class Rewrites(NamedTuple):
    """The look-ups and calls to rewrite, by the names of attributes, methods and functions."""

    release: Release

    absent: frozenset[str]
    """Attributes that only CPython has, or only MicroPython."""
    methods: Mapping[str, tuple[Call, ...]]
    """The signatures that a method of this name can have: a call that one of them refuses is rewritten."""
    functions: Mapping[str, tuple[Call, ...]]


def rewrites(cell: Cell) -> Rewrites:
    """The look-ups and calls to rewrite for a port at a release."""
    return Rewrites(cell.release, device.absent(cell), device.methods(cell), device.functions(cell))


class LookupRewriter(ast.NodeTransformer):
    """Rewrites the forms that the methods' docstrings show."""

    def __init__(self, rewrites: Rewrites, filename: str) -> None:
        self.rewrites = rewrites
        self.filename = filename
        self.constants: dict[str, object] = {}
        """The values of names that were assigned const(...), from that assignment on."""
        self.first_parameters: list[str] = []
        """The first parameter of each function around a node; "" for a lambda, or if it has none."""

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        """{a: b}"""
        self.generic_visit(node)
        return converted(DICT, node, len(node.keys))

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """{a: b for ...}"""
        self.generic_visit(node)
        return converted(DICT, node, 0)

    def visit_Set(self, node: ast.Set) -> ast.AST:
        """{a, b}"""
        self.generic_visit(node)
        return converted(SET, ast.copy_location(ast.List(node.elts, ast.Load()), node), len(node.elts))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """{a for ...}: from a list, because a set of CPython's loses the order."""
        self.generic_visit(node)
        return converted(SET, ast.copy_location(ast.ListComp(node.elt, node.generators), node), 0)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """f(...), x.f(...)"""
        if is_ordered_dict(node):
            # MicroPython's compiler makes an ordered dict of the display (py/compile.c:2400@v1.28.0). It stays
            # CPython's dict here, which has the order of the source, so only what is in it is visited.
            self.generic_visit(node.args[0])
            return node
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]) if (
                self.first_parameters and self.first_parameters[-1]
            ):
                # The compiler gives the class and the first argument (py/compile.c:2504@v1.28.0).
                names = "__class__", self.first_parameters[-1]
                return call(node, SUPER, *(ast.copy_location(ast.Name(name, ast.Load()), node) for name in names))
            case _:
                pass
        match node.func:
            case ast.Attribute(value=value, attr="format" as name):
                # Fields have MicroPython's texts of values, and bytes have the method, too.
                node.func = looked_up(node.func, value, name)
            case ast.Attribute(value=value, attr="decode" | "encode" as name) if node.args or name == "decode":
                # Without arguments encode() is CPython's; the UnicodeError of decode() has no arguments.
                node.func = looked_up(node.func, value, name)
            case ast.Attribute(value=value, attr=name) if may_be_refused(node, self.rewrites.methods.get(name, ())):
                node.func = looked_up(node.func, value, name)
            case ast.Name(id=name) | ast.Attribute(attr=name) if self.is_checked(node, name):
                function = ast.copy_location(ast.Name(CALL, ast.Load()), node)
                return ast.copy_location(ast.Call(function, [node.func, *node.args], node.keywords), node)
            case _:
                pass
        return node

    def is_checked(self, node: ast.Call, name: str) -> bool:
        """True if a call may have another result, or be refused. The name is the only sign of which function it calls.

        A call with keywords is checked under any name, because a variable may hold a builtin function.
        """
        if name == "str" or (name == "bytes" and len(node.args) > 1):
            return True  # encodings and the text of values differ
        if name == "type" and len(node.args) in (1, 3):
            return True  # generator functions have a type of their own, and classes one built-in ancestor
        known = self.rewrites.functions.get(name)
        return may_be_refused(node, known) if known else bool(node.keywords) and name not in device.FRAMED

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """x.name"""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            special = node.attr.startswith("__") and node.attr not in PLAIN and not is_super(node.value)
            return looked_up(node, node.value, node.attr) if special or node.attr in self.rewrites.absent else node
        self.check_settable(node)
        return node

    def check_settable(self, node: ast.Attribute) -> None:
        """The object of an attribute that is set or deleted: AttributeError if it takes none.

        `self` is taken for an object of a script's class, which takes attributes: most assignments are to one.
        """
        if not isinstance(node.value, ast.Name) or node.value.id != "self":
            node.value = looked_up(node, node.value, node.attr, SETTABLE)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """x.name += value: only what is in the target is rewritten, and the object of an attribute."""
        if isinstance(node.target, ast.Name):
            self.visit(node.target)  # SyntaxError for a constant
        else:
            self.generic_visit(node.target)
        if isinstance(node.target, ast.Attribute):
            self.check_settable(node.target)
        node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """f"{x}": "{}".format(x), as MicroPython compiles it (py/lexer.c:312@v1.28.0)."""
        values: list[ast.expr] = []
        form = ast.copy_location(ast.Constant(format_string(node, values)), node)
        return call(node, FORMATTED, form, *[self.visit(value) for value in values])

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        """raise A from B: B is evaluated and dropped."""
        self.generic_visit(node)
        if node.cause:
            node.cause = call(node.cause, CHAINED, node.cause)
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        """async for: AttributeError if the object cannot be iterated."""
        self.generic_visit(node)
        node.iter = call(node, ASYNC_ITERABLE, node.iter)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name: its value, if it was assigned const(...); assigning or deleting it is a SyntaxError."""
        if node.id not in self.constants:
            return node
        if not isinstance(node.ctx, ast.Load):
            words = "can't delete expression" if isinstance(node.ctx, ast.Del) else "can't assign to expression"
            raise SyntaxError(words, (self.filename, node.lineno, None, None))
        return literal_at(self.constants[node.id], node)

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """X = const(5)"""
        match node.targets:
            case [ast.Name(id=name)] if name not in self.constants and is_const(node.value):
                return self.constant(node, name, node.value)
            case _:
                self.generic_visit(node)
                return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """X: int = const(5)"""
        match node.target:
            case ast.Name(id=name) if (
                name not in self.constants and is_const(node.value) and self.rewrites.release >= TAKES_ANNOTATIONS_SINCE
            ):
                return self.constant(node, name, node.value)
            case _:
                self.generic_visit(node)
                return node

    def constant(self, node: ast.Assign | ast.AnnAssign, name: str, call: ast.Call) -> ast.AST:
        """The assignment of const(...), which the compiler evaluates without an import (py/parse.c:727@v1.28.0).

        From there on it replaces the name by the value. A name with an underscore is not assigned at all.
        """
        value: ast.expr = self.visit(call.args[0]) if len(call.args) == 1 and not call.keywords else call
        if not is_constant(value):
            raise SyntaxError("not a constant", (self.filename, node.lineno, None, None))
        try:
            found = eval(compile(ast.fix_missing_locations(ast.Expression(value)), "", "eval"), {"__builtins__": {}})
        except Exception:
            raise SyntaxError("not a constant", (self.filename, node.lineno, None, None)) from None
        if isinstance(found, float | complex) and self.cannot_compute(value):
            raise SyntaxError("not a constant", (self.filename, node.lineno, None, None))
        self.constants[name] = found
        if name.startswith("_"):
            return ast.copy_location(ast.Pass(), node)
        node.value = literal_at(found, node)
        return node

    def cannot_compute(self, value: ast.expr) -> bool:
        """True for an expression, not a literal, whose value is a float, on releases that do not compute floats."""
        return not isinstance(value, ast.Constant) and self.rewrites.release < FOLDS_FLOATS_SINCE

    def visit_inside(self, node: Function) -> None:
        """Visit what is in a function, with its first parameter noted."""
        every = [*node.args.posonlyargs, *node.args.args, node.args.vararg, *node.args.kwonlyargs, node.args.kwarg]
        self.first_parameters.append(next((one.arg for one in every if one), ""))
        self.generic_visit(node)
        self.first_parameters.pop()

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """lambda a: b, where super() is a call without arguments. With `await` or `yield` it makes generators."""
        self.first_parameters.append("")
        self.generic_visit(node)
        self.first_parameters.pop()
        if first_yield(node) is None:
            return node
        node.body = AwaitRewriter().visit(node.body)
        return call(node, GENERATOR, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """@micropython.native and the like are removed: only the compiler sees them (py/compile.c:771@v1.28.0).

        `await` makes the function a generator, as `yield` does (py/compile.c:2769@v1.28.0).
        """
        refuse_viper(node)
        node.decorator_list = [one for one in node.decorator_list if not is_emitter(one)]
        first = first_yield(node)
        self.refuse_async_before(node, first)
        self.visit_inside(node)
        convert_keywords(node)
        if first is None:
            return node
        node.body = rewritten(AwaitRewriter(), node.body)
        return as_generator(node)

    def refuse_async_before(self, node: ast.FunctionDef, first: ast.expr | None) -> None:
        """SyntaxError for `async for` and `async with` that no `yield` or `await` precedes, except in a coroutine.

        The compiler does not know yet that the function is a generator (py/compile.c:1971@v1.28.0).
        """
        for one in own_nodes(node):
            if isinstance(one, ast.AsyncFor | ast.AsyncWith) and (first is None or place(one) < place(first)):
                raise SyntaxError("'async for' outside async function", (self.filename, one.lineno, None, None))

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """async def: a generator function, in which `await` is `yield from` (py/compile.c:2755@v1.28.0)."""
        node.decorator_list = [one for one in node.decorator_list if not is_emitter(one)]
        self.visit_inside(node)
        convert_keywords(node)
        fields: dict[str, Any] = {name: getattr(node, name) for name in node._fields}
        fields["body"] = rewritten(AwaitRewriter(), node.body) + ast.parse("if 0: yield").body
        return ast.fix_missing_locations(as_generator(ast.copy_location(ast.FunctionDef(**fields), node)))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """class A(metaclass=B): a TypeError, because type() takes no keywords (py/objtype.c:1091@v1.28.0).

        Names such as `__del__`, which MicroPython never calls, are changed so that CPython does not call them either,
        whether they are of functions or of variables, in branches or not. A class without `__init__` takes any
        arguments (py/objtype.c:360@v1.28.0). A docstring is not kept (py/mpconfig.h:914@v1.28.0).
        """
        self.generic_visit(node)
        if ast.get_docstring(node, clean=False) is not None:
            node.body[0] = ast.copy_location(ast.Pass(), node.body[0])
        methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        for one in own_nodes(node):
            match one:
                case ast.FunctionDef(name=name) if name in device.UNCALLED:
                    one.name = device.uncalled(name)
                case ast.Name(id=name, ctx=ast.Store()) if name in device.UNCALLED:
                    one.id = device.uncalled(name)
                case _:
                    pass
        if any(one.name in MIRRORED for one in methods):
            node.decorator_list = [
                *node.decorator_list,
                ast.copy_location(ast.Name(UNMIRRORED, ast.Load()), node),
            ]
        if any(one.name == "__int__" for one in methods):
            # MicroPython calls it wherever an int is wanted (py/obj.c:314@v1.28.0).
            same = ast.Assign([ast.Name("__index__", ast.Store())], ast.Name("__int__", ast.Load()))
            node.body.append(ast.fix_missing_locations(ast.copy_location(same, node)))
        if not node.bases and not {"__init__", "__new__"} & set(bound_names(node)):
            init = ast.Assign([ast.Name("__init__", ast.Store())], ast.Name(NO_INIT, ast.Load()))
            node.body.append(ast.fix_missing_locations(ast.copy_location(init, node)))
        if not node.keywords:
            if len(node.bases) > 1 or any(isinstance(one, ast.Starred) for one in node.bases):
                kind = ast.copy_location(ast.Name(CLASS, ast.Load()), node)
                node.keywords = [ast.copy_location(ast.keyword("metaclass", kind), node)]
            return node
        made = ast.Expr(ast.Call(ast.Name(CALL, ast.Load()), [ast.Name("type", ast.Load())], node.keywords))
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def visit_With(self, node: ast.With) -> ast.AST:
        """with x: AttributeError if x has no `__enter__` or `__exit__`, which is a TypeError on some CPythons."""
        return self.checking_items(node, ENTERED)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        """async with x: the same."""
        return self.checking_items(node, ASYNC_ENTERED)

    def checking_items(self, node: ast.With | ast.AsyncWith, name: str) -> ast.AST:
        """The statement with each of its objects wrapped in a call of `name`."""
        self.generic_visit(node)
        for item in node.items:
            item.context_expr = call(node, name, item.context_expr)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """except ... as name: a first statement `name = <except>(name)` binds MicroPython's exception."""
        self.generic_visit(node)
        if node.name:
            found = ast.Call(ast.Name(CAUGHT, ast.Load()), [ast.Name(node.name, ast.Load())], [])
            first = ast.Assign([ast.Name(node.name, ast.Store())], found)
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(first, node)))
        return node


Function = ast.FunctionDef | ast.AsyncFunctionDef

Scope = Function | ast.Lambda | ast.ClassDef


def own_nodes(scope: Any) -> Iterator[ast.AST]:
    """The nodes in the body of a function or class. Of functions and classes in it, what is evaluated outside them."""
    body: Any = scope.body
    for one in cast("list[ast.AST]", body if isinstance(body, list) else [body]):
        yield from nodes_of(one)


def nodes_of(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it that is evaluated in the same function or class."""
    yield node
    for child in evaluated_outside(node) if isinstance(node, Scope) else ast.iter_child_nodes(node):
        yield from nodes_of(child)


def evaluated_outside(node: Scope) -> list[ast.expr]:
    """What is evaluated around a function or class: decorators, defaults, base classes."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(one.value for one in node.keywords)]
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    return [*decorators, *node.args.defaults, *(one for one in node.args.kw_defaults if one)]


def first_yield(scope: ast.FunctionDef | ast.Lambda) -> ast.expr | None:
    """The first expression that makes a function a generator; None if it makes none."""
    found = (one for one in own_nodes(scope) if isinstance(one, ast.Yield | ast.YieldFrom | ast.Await))
    return min(found, key=place, default=None)


def place(node: ast.expr | ast.stmt) -> tuple[int, int]:
    """The line and column of a node."""
    return node.lineno, node.col_offset


def bound_names(scope: ast.AST) -> Iterator[str]:
    """The names of the functions that a class defines, also in branches, and of the variables that it assigns."""
    for one in own_nodes(scope):
        match one:
            case ast.FunctionDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name
            case _:
                pass


def as_generator(node: ast.FunctionDef) -> ast.FunctionDef:
    """The function, decorated by GENERATOR: its generators can be awaited, and can `yield from` awaitables."""
    decorator = ast.copy_location(ast.Name(GENERATOR, ast.Load()), node)
    node.decorator_list = [*node.decorator_list, decorator]
    return node


WITH: Final = """
_m = _object
_target = _await(_m.__aenter__())
_done = True
try:
    _body
except BaseException as _error:
    _done = False
    if not _await(_m.__aexit__(_caught(_error).__class__, _caught(_error), None)):
        raise
finally:
    if _done:
        _await(_m.__aexit__(None, None, None))
"""
"""What `async with _object as _target: _body` does, with `_await(x)` for `await x`."""

FOR: Final = """
_m = _object.__aiter__()
_more = True
while _more:
    try:
        _target = _await(_m.__anext__())
    except StopAsyncIteration:
        _more = False
    else:
        _body
else:
    _orelse
"""
"""What `async for _target in _object: _body else: _orelse` does."""


class TemplateFiller(ast.NodeTransformer):
    """Fills in WITH or FOR. A name in `parts` becomes an expression, or a block of statements.

    Other names that begin with _ are variables of the block. They are renamed by its depth, and no script can use them.
    """

    def __init__(self, parts: Mapping[str, Any], depth: int) -> None:
        self.parts = parts
        self.depth = depth

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name of the template."""
        if node.id in self.parts:
            found: ast.AST = self.parts[node.id]
            return found
        return ast.Name(f"<{node.id}{self.depth}>", node.ctx) if node.id.startswith("_") else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        """A statement of the template: `_body` and `_orelse` become blocks."""
        match node.value:
            case ast.Name(id="_body" | "_orelse" as name):
                return self.parts[name]
            case _:
                return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """The exception that a handler binds is a variable of the block."""
        node.name = node.name and f"<{node.name}{self.depth}>"
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """_await(x), _caught(x)"""
        self.generic_visit(node)
        match node.func:
            case ast.Name(id=name) if name.startswith("<_await"):
                return awaiting(node.args[0])
            case ast.Name(id=name) if name.startswith("<_caught"):
                return ast.Call(ast.Name(CAUGHT, ast.Load()), node.args, [])
            case _:
                return node


def awaiting(value: ast.expr) -> ast.expr:
    """`yield from` in the place of `await`."""
    return ast.YieldFrom(ast.Call(ast.Name(AWAITED, ast.Load()), [value], []))


class AwaitRewriter(ast.NodeTransformer):
    """Rewrites `await`, `async for` and `async with` in a function to `yield from`, but not in functions in it."""

    def __init__(self) -> None:
        self.depth = 0

    def visit_Await(self, node: ast.Await) -> ast.AST:
        """await x"""
        self.generic_visit(node)
        return ast.fix_missing_locations(ast.copy_location(awaiting(node.value), node))

    def visit_AsyncWith(self, node: ast.AsyncWith) -> Any:
        """async with a as b, c as d: the second in the body of the first."""
        first, *rest = node.items
        inner = [ast.copy_location(ast.AsyncWith(rest, node.body), node)] if rest else node.body
        target = first.optional_vars or ast.Name("_value", ast.Store())
        return self.filled(WITH, node, {"_object": first.context_expr, "_target": target}, {"_body": inner})

    def visit_AsyncFor(self, node: ast.AsyncFor) -> Any:
        """async for a in b"""
        blocks = {"_body": node.body, "_orelse": node.orelse or [ast.Pass()]}
        return self.filled(FOR, node, {"_object": node.iter, "_target": node.target}, blocks)

    def filled(self, form: str, node: ast.stmt, names: dict[str, ast.expr], blocks: dict[str, list[Any]]) -> list[Any]:
        """The statements of the template `form` with its names filled in. They have the line of the block.

        What runs after the body has the body's last line, which is where MicroPython's tracebacks place it.
        """
        self.depth += 1
        depth = self.depth
        tree = ast.parse(form)
        set_location(tree, node)
        for part in [one for one in tree.body if isinstance(one, ast.Try)]:
            for leaving in (*part.handlers, *part.finalbody):
                set_location(leaving, last_of(node))
        parts: dict[str, Any] = {name: self.visit(one) for name, one in names.items()}
        parts |= {name: rewritten(self, block) for name, block in blocks.items()}
        made = [TemplateFiller(parts, depth).visit(one) for one in tree.body]
        return [ast.fix_missing_locations(ast.copy_location(one, node)) for one in made]

    def visit(self, node: ast.AST) -> Any:
        """The rewritten node. Of functions and classes in the function only what is evaluated outside them changes."""
        if not isinstance(node, Scope):
            return super().visit(node)
        if not isinstance(node, ast.Lambda):
            node.decorator_list = [self.visit(one) for one in node.decorator_list]
        if isinstance(node, ast.ClassDef):
            node.bases = [self.visit(one) for one in node.bases]
            node.keywords = [self.visit(one) for one in node.keywords]
        else:
            node.args.defaults = [self.visit(one) for one in node.args.defaults]
            node.args.kw_defaults = [one and self.visit(one) for one in node.args.kw_defaults]
        return node


def rewritten(rewriter: ast.NodeTransformer, block: list[Any]) -> list[Any]:
    """The statements of a block, each replaced by those that it is rewritten to."""
    found: list[Any] = []
    for one in block:
        made = rewriter.visit(one)
        found += made if isinstance(made, list) else [made]
    return found


def set_location(tree: ast.AST, node: ast.AST) -> None:
    """Give all nodes of a tree the location of `node`."""
    for one in ast.walk(tree):
        if hasattr(one, "lineno"):
            ast.copy_location(one, node)


def last_of(block: ast.AST) -> ast.AST:
    """The expression or statement in a block that begins on the last line."""
    return max((one for one in ast.walk(block) if hasattr(one, "lineno")), key=lambda one: cast("ast.stmt", one).lineno)


VIPER = frozenset({"ptr", "ptr8", "ptr16", "ptr32", "uint"})
"""Types of viper code that have no counterpart here."""


def refuse_viper(node: ast.FunctionDef) -> None:
    """Have a viper function that uses one of VIPER end the run when it is called."""
    if any(is_emitter(one) and isinstance(one, ast.Attribute) and one.attr == "viper" for one in node.decorator_list):
        names = [one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in VIPER]
        if names:
            first = ast.Expr(ast.Call(ast.Name(UNKNOWN, ast.Load()), [ast.Constant(f"viper's {names[0].id}")], []))
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(first, names[0])))


def is_emitter(node: ast.expr) -> bool:
    """True for a decorator that tells the compiler which code to emit for a function."""
    match node:
        case ast.Attribute(value=ast.Name(id="micropython"), attr="bytecode" | "native" | "viper"):
            return True
        case _:
            return False


def converted(name: str, node: ast.expr, size: int) -> ast.expr:
    """A call of DICT or SET, which makes MicroPython's dict or set with room for `size` entries."""
    return call(node, name, node, ast.copy_location(ast.Constant(size), node))


def convert_keywords(node: Function) -> None:
    """Begin a function with `names = <dict>(names)` for its parameter `**names`."""
    if (rest := node.args.kwarg) is None:
        return
    call = ast.Call(ast.Name(DICT, ast.Load()), [ast.Name(rest.arg, ast.Load())], [])
    made = ast.Assign([ast.Name(rest.arg, ast.Store())], call)
    first = ast.fix_missing_locations(ast.copy_location(made, node.body[0]))
    documented = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    node.body.insert(int(documented), first)


def looked_up(node: ast.expr, value: ast.expr, name: str, by: str = ATTRIBUTE) -> ast.expr:
    """The call of the function `by` with an object and the name of an attribute."""
    return call(node, by, value, ast.copy_location(ast.Constant(name), node))


def may_be_refused(node: ast.Call, calls: tuple[Call, ...]) -> bool:
    """True if one of these signatures refuses the arguments, or may, because of `**names`.

    False for a call with `*names`: the number of its arguments is not known.
    """
    if not calls or any(isinstance(one, ast.Starred) for one in node.args):
        return False
    keywords = [one.arg for one in node.keywords]
    if None in keywords:
        return True
    named = [one for one in keywords if one is not None]
    return any(one.takes(len(node.args), named) is False for one in calls)


PLAIN = frozenset({"__new__", "__class__", "__file__", "__path__"})
"""Names with two underscores that are looked up as on CPython."""


def is_super(node: ast.expr) -> bool:
    """True for super()."""
    match node:
        case ast.Call(func=ast.Name(id="super" | "<super>")):
            return True
        case _:
            return False


def is_ordered_dict(node: ast.Call) -> bool:
    """True for OrderedDict({...})."""
    match node.func, node.args, node.keywords:
        case ((ast.Name(id="OrderedDict") | ast.Attribute(attr="OrderedDict")), [ast.Dict()], []):
            return True
        case _:
            return False


def is_const(node: ast.expr | None) -> TypeGuard[ast.Call]:
    """True if it is const(...)."""
    match node:
        case ast.Call(func=ast.Name(id="const")):
            return True
        case _:
            return False


def literal_at(value: Any, node: ast.AST) -> ast.expr:
    """The literal of a value, with the location of a node."""
    return ast.fix_missing_locations(ast.copy_location(literal(value), node))


def literal(value: Any) -> ast.expr:
    """The literal of a value."""
    if isinstance(value, tuple):
        return ast.Tuple([literal(one) for one in cast("Any", value)], ast.Load())
    return ast.Constant(value)


def is_constant(node: ast.AST) -> bool:
    """True if the compiler can evaluate it: a literal, a tuple of constants, or an expression of numbers."""
    match node:
        case ast.Constant():
            return True
        case ast.Tuple(elts=items):
            return all(map(is_constant, items))
        case _:
            return is_number(node)


def is_number(node: ast.AST) -> bool:
    """True for a number, or an expression of numbers that the compiler evaluates (py/parse.c:663@v1.28.0)."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int | float)
        case ast.UnaryOp(operand=inner):
            return is_number(inner)
        case ast.BinOp(left=left, right=right):
            return is_number(left) and is_number(right)
        case _:
            return False

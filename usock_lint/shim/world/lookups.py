"""Puts `device.py` between a script and CPython: attributes, calls, and the exceptions that handlers bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, cast

from usock_lint.ports import Cell
from usock_lint.ports.world import Call
from usock_lint.shim.world import device

CHAINED = "<from>"
ATTRIBUTE, CALL, CAUGHT, ENTERED, ASYNC_ENTERED = "<.>", "<()>", "<except>", "<with>", "<async with>"
SETTABLE, STARTED, DICT, SET = "<.=>", "<init>", "<dict>", "<set>"
UNKNOWN, FORMATTED, STEPS, AWAITED, GENERATOR = "<viper>", "<f>", "<async for>", "<await>", "<generator>"
"""Names of the functions that a rewritten script calls. They are not identifiers, so no script can use them."""


def form_of(node: ast.JoinedStr, values: list[ast.expr]) -> str:
    """The text for str.format of an f-string, whose values are added in the order of the fields."""
    pieces: list[str] = []
    for part in node.values:
        match part:
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                values.append(value)
                kind = "" if conversion < 0 else f"!{chr(conversion)}"
                inner = f":{form_of(spec, values)}" if isinstance(spec, ast.JoinedStr) else ""
                pieces.append(f"{{{kind}{inner}}}")
            case ast.Constant(value=text):
                pieces.append(str(text).replace("{", "{{").replace("}", "}}"))
            case _:
                pass
    return "".join(pieces)


class Rewrites(NamedTuple):
    """The look-ups and calls to rewrite: attributes, methods and functions by their names."""

    absent: frozenset[str]
    methods: Mapping[str, tuple[Call, ...]]
    functions: Mapping[str, tuple[Call, ...]]


def rewrites(cell: Cell) -> Rewrites:
    """The look-ups and calls to rewrite for a port at a release."""
    return Rewrites(device.absent(cell), device.methods(cell), device.functions(cell))


class Asking(ast.NodeTransformer):
    """Calls the device where an attribute or a call may be CPython's alone, and folds `X = const(5)`."""

    def __init__(self, rewrites: Rewrites) -> None:
        self.rewrites = rewrites

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        """{a: b}"""
        self.generic_visit(node)
        return made_by(DICT, node, len(node.keys))

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """{a: b for ...}"""
        self.generic_visit(node)
        return made_by(DICT, node, 0)

    def visit_Set(self, node: ast.Set) -> ast.AST:
        """{a, b}"""
        self.generic_visit(node)
        return made_by(SET, ast.copy_location(ast.List(node.elts, ast.Load()), node), len(node.elts))

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """{a for ...}: CPython's would lose the order in which they come."""
        self.generic_visit(node)
        return made_by(SET, ast.copy_location(ast.ListComp(node.elt, node.generators), node), 0)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """f(...), x.f(...)"""
        if is_ordered(node):
            # The compiler makes an ordered one at once (py/compile.c:2400@v1.28.0).
            ast.NodeTransformer.generic_visit(self, node.args[0])
            return node
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(value=value, attr="format" as name):
                node.func = asked(node.func, value, name)
            case ast.Attribute(value=value, attr="decode" | "encode" as name) if node.args or name == "decode":
                node.func = asked(node.func, value, name)
            case ast.Attribute(value=value, attr=name) if doubtful(node, self.rewrites.methods.get(name, ())):
                node.func = asked(node.func, value, name)
            case ast.Name(id=name) | ast.Attribute(attr=name) if self.is_asked(node, name):
                function = ast.copy_location(ast.Name(CALL, ast.Load()), node)
                return ast.copy_location(ast.Call(function, [node.func, *node.args], node.keywords), node)
            case _:
                pass
        return node

    def is_asked(self, node: ast.Call, name: str) -> bool:
        """True if the device is to be asked about a call: it may be of a function that has another name here."""
        if name == "str" or (name == "bytes" and len(node.args) > 1):
            return True  # with an encoding, or of what is printed otherwise
        if name == "type" and len(node.args) == 1:
            return True  # of what is a function on CPython and makes generators
        known = self.rewrites.functions.get(name)
        return doubtful(node, known) if known else bool(node.keywords) and name not in device.FRAMED

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """x.name"""
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load):
            special = node.attr.startswith("__") and node.attr not in PLAIN and not is_super(node.value)
            return asked(node, node.value, node.attr) if special or node.attr in self.rewrites.absent else node
        if not isinstance(node.value, ast.Name) or node.value.id != "self":
            node.value = asked(node, node.value, node.attr, SETTABLE)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """x.name += value: what has the name takes it."""
        node.value = self.visit(node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """f"{x}": "{}".format(x), which the compiler makes of it (py/lexer.c:312@v1.28.0)."""
        values: list[ast.expr] = []
        form = ast.Constant(form_of(node, values))
        values = [self.visit(value) for value in values]
        made = ast.Call(ast.Name(FORMATTED, ast.Load()), [form, *values], [])
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        """raise A from B: nothing becomes of B."""
        self.generic_visit(node)
        if node.cause:
            call = ast.Call(ast.Name(CHAINED, ast.Load()), [node.cause], [])
            node.cause = ast.fix_missing_locations(ast.copy_location(call, node.cause))
        return node

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        """async for: an AttributeError where it cannot be gone over."""
        self.generic_visit(node)
        function = ast.copy_location(ast.Name(STEPS, ast.Load()), node)
        node.iter = ast.copy_location(ast.Call(function, [node.iter], []), node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """X = const(5): the compiler knows it, and needs no import (py/parse.c:729@v1.28.0)."""
        match node.targets, node.value:
            case [ast.Name()], ast.Call(func=ast.Name(id="const"), args=[value], keywords=[]) if is_constant(value):
                node.value = value
            case _:
                pass
        self.generic_visit(node)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """@micropython.native and its like, which the compiler takes for itself (py/compile.c:771@v1.28.0)."""
        refuse_viper(node)
        node.decorator_list = [one for one in node.decorator_list if not is_emitter(one)]
        self.generic_visit(node)
        keywords(node)
        return generating(node) if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in own(node)) else node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        """async def: a generator like any other, in which `await` is `yield from` (py/compile.c:2755@v1.28.0)."""
        node.decorator_list = [one for one in node.decorator_list if not is_emitter(one)]
        self.generic_visit(node)
        keywords(node)
        fields: dict[str, Any] = {name: getattr(node, name) for name in node._fields}
        fields["body"] = Yielding().each(node.body) + ast.parse("if 0: yield").body
        return ast.fix_missing_locations(generating(ast.copy_location(ast.FunctionDef(**fields), node)))

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        """class A(metaclass=B): a TypeError, as type() takes no keywords (py/objtype.c:1091@v1.28.0).

        `__del__` of a script's class is a name like any other, which nobody calls. A class without `__init__` takes
        any arguments (py/objtype.c:360@v1.28.0).
        """
        self.generic_visit(node)
        methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        for one in node.body:
            match one:
                case ast.Assign(targets=[ast.Name(id="__slots__") as target]):
                    target.id = device.uncalled(target.id)
                case _:
                    pass
        for one in methods:
            one.name = device.uncalled(one.name) if one.name in device.UNCALLED else one.name
        if any(one.name == "__int__" for one in methods):
            # It makes an int of the object wherever one is wanted (py/obj.c:314@v1.28.0).
            same = ast.Assign([ast.Name("__index__", ast.Store())], ast.Name("__int__", ast.Load()))
            node.body.append(ast.fix_missing_locations(ast.copy_location(same, node)))
        if not node.bases and not {"__init__", "__new__"} & {one.name for one in methods}:
            started = ast.Assign([ast.Name("__init__", ast.Store())], ast.Name(STARTED, ast.Load()))
            node.body.append(ast.fix_missing_locations(ast.copy_location(started, node)))
        if not node.keywords:
            return node
        made = ast.Expr(ast.Call(ast.Name(CALL, ast.Load()), [ast.Name("type", ast.Load())], node.keywords))
        return ast.fix_missing_locations(ast.copy_location(made, node))

    def visit_With(self, node: ast.With) -> ast.AST:
        """with x: an AttributeError where it cannot be entered, whatever the CPython."""
        return self.entering(node, ENTERED)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        """async with x: the same."""
        return self.entering(node, ASYNC_ENTERED)

    def entering(self, node: ast.With | ast.AsyncWith, name: str) -> ast.AST:
        """The statement with each of its objects looked at before it is entered."""
        self.generic_visit(node)
        for item in node.items:
            function = ast.copy_location(ast.Name(name, ast.Load()), node)
            item.context_expr = ast.copy_location(ast.Call(function, [item.context_expr], []), node)
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """except ... as name: the first statement makes of CPython's exception MicroPython's."""
        self.generic_visit(node)
        if node.name:
            found = ast.Call(ast.Name(CAUGHT, ast.Load()), [ast.Name(node.name, ast.Load())], [])
            first = ast.Assign([ast.Name(node.name, ast.Store())], found)
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(first, node)))
        return node


Function = ast.FunctionDef | ast.AsyncFunctionDef


def own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, less those of functions in it."""
    for child in ast.iter_child_nodes(function):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from own(child)


def generating(node: ast.FunctionDef) -> ast.FunctionDef:
    """The function as one whose generators can be awaited, and can `yield from` what can."""
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
"""`async with _object as _target: _body`, in other words."""

FOR: Final = """
_m = _object.__aiter__()
_done = True
while _done:
    try:
        _target = _await(_m.__anext__())
    except StopAsyncIteration:
        _done = False
    else:
        _body
else:
    _orelse
"""
"""`async for _target in _object: _body else: _orelse`."""


class Filling(ast.NodeTransformer):
    """Fills in WITH or FOR: expressions and statements for names, which else get the depth of the block added."""

    def __init__(self, parts: Mapping[str, Any], depth: int) -> None:
        self.parts = parts
        self.depth = depth

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A name: an expression, a name of the block's own, or one of the program."""
        if node.id in self.parts:
            found: ast.AST = self.parts[node.id]
            return found
        return ast.Name(f"<{node.id}{self.depth}>", node.ctx) if node.id.startswith("_") else node

    def visit_Expr(self, node: ast.Expr) -> Any:
        """A name as a statement: the statements that it stands for."""
        match node.value:
            case ast.Name(id="_body" | "_orelse" as name):
                return self.parts[name]
            case _:
                return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        """The name that a handler binds."""
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


class Yielding(ast.NodeTransformer):
    """Makes `await x` into `yield from x`, also in `async for` and `async with`; not in functions in the function."""

    def __init__(self) -> None:
        self.depth = 0

    def visit_Await(self, node: ast.Await) -> ast.AST:
        """await x"""
        self.generic_visit(node)
        return ast.fix_missing_locations(ast.copy_location(awaiting(node.value), node))

    def visit_AsyncWith(self, node: ast.AsyncWith) -> Any:
        """async with a as b, c as d: one in the other."""
        first, *rest = node.items
        inner = [ast.copy_location(ast.AsyncWith(rest, node.body), node)] if rest else node.body
        target = first.optional_vars or ast.Name("_value", ast.Store())
        return self.filled(WITH, node, {"_object": first.context_expr, "_target": target}, {"_body": inner})

    def visit_AsyncFor(self, node: ast.AsyncFor) -> Any:
        """async for a in b"""
        blocks = {"_body": node.body, "_orelse": node.orelse or [ast.Pass()]}
        return self.filled(FOR, node, {"_object": node.iter, "_target": node.target}, blocks)

    def filled(self, form: str, node: ast.stmt, names: dict[str, ast.expr], blocks: dict[str, list[Any]]) -> list[Any]:
        """The statements in the place of a block."""
        self.depth += 1
        depth = self.depth
        tree = ast.parse(form)
        place(tree, node)
        for part in [one for one in tree.body if isinstance(one, ast.Try)]:
            for leaving in (*part.handlers, *part.finalbody):
                place(leaving, last_of(node))
        parts: dict[str, Any] = {name: self.visit(one) for name, one in names.items()}
        parts |= {name: self.each(block) for name, block in blocks.items()}
        made = [Filling(parts, depth).visit(one) for one in tree.body]
        return [ast.fix_missing_locations(ast.copy_location(one, node)) for one in made]

    def each(self, block: list[Any]) -> list[Any]:
        """The statements, with what stands in the place of each."""
        found: list[Any] = []
        for one in block:
            made = self.visit(one)
            found += made if isinstance(made, list) else [made]
        return found

    def visit(self, node: ast.AST) -> Any:
        """The node, unless it is a function in the function."""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            return node
        return super().visit(node)


def place(tree: ast.AST, node: ast.AST) -> None:
    """Give all of a tree the line of a node."""
    for one in ast.walk(tree):
        if hasattr(one, "lineno"):
            ast.copy_location(one, node)


def last_of(block: ast.AST) -> ast.AST:
    """The last expression or statement in a block: what runs after it has no line of its own on a device."""
    return max((one for one in ast.walk(block) if hasattr(one, "lineno")), key=lambda one: cast("ast.stmt", one).lineno)


VIPER = frozenset({"ptr", "ptr8", "ptr16", "ptr32", "uint"})
"""Types of viper code that have no counterpart here."""


def refuse_viper(node: ast.FunctionDef) -> None:
    """Have a function of viper code that works on addresses or unsigned numbers end the program when it is called."""
    if any(is_emitter(one) and isinstance(one, ast.Attribute) and one.attr == "viper" for one in node.decorator_list):
        names = [one for one in ast.walk(node) if isinstance(one, ast.Name) and one.id in VIPER]
        if names:
            first = ast.Expr(ast.Call(ast.Name(UNKNOWN, ast.Load()), [ast.Constant(f"viper's {names[0].id}")], []))
            node.body.insert(0, ast.fix_missing_locations(ast.copy_location(first, names[0])))


def is_emitter(node: ast.expr) -> bool:
    """True if a decorator says how to compile a function."""
    match node:
        case ast.Attribute(value=ast.Name(id="micropython"), attr="bytecode" | "native" | "viper"):
            return True
        case _:
            return False


def made_by(name: str, node: ast.expr, size: int) -> ast.expr:
    """A dict or a set of MicroPython's with room for so many, made of one of CPython's."""
    made = ast.Call(ast.Name(name, ast.Load()), [node, ast.Constant(size)], [])
    return ast.fix_missing_locations(ast.copy_location(made, node))


def keywords(node: Function) -> None:
    """Have a function begin with its own dict of the other keywords."""
    if (rest := node.args.kwarg) is None:
        return
    call = ast.Call(ast.Name(DICT, ast.Load()), [ast.Name(rest.arg, ast.Load())], [])
    made = ast.Assign([ast.Name(rest.arg, ast.Store())], call)
    first = ast.fix_missing_locations(ast.copy_location(made, node.body[0]))
    documented = isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    node.body.insert(int(documented), first)


def asked(node: ast.expr, value: ast.expr, name: str, by: str = ATTRIBUTE) -> ast.expr:
    """The call that looks up an attribute."""
    function = ast.Name(by, ast.Load())
    made = ast.Call(function, [value, ast.Constant(name)], [])
    return ast.fix_missing_locations(ast.copy_location(made, node))


def doubtful(node: ast.Call, calls: tuple[Call, ...]) -> bool:
    """True if one of these may refuse the arguments: a star hides how many there are."""
    if not calls or any(isinstance(one, ast.Starred) for one in node.args):
        return False
    keywords = [one.arg for one in node.keywords]
    if None in keywords:
        return True
    named = [one for one in keywords if one is not None]
    return any(one.takes(len(node.args), named) is False for one in calls)


PLAIN = frozenset({"__init__", "__new__", "__class__", "__file__", "__path__"})
"""Names with underscores that are looked up as CPython does."""


def is_super(node: ast.expr) -> bool:
    """True if it is super()."""
    match node:
        case ast.Call(func=ast.Name(id="super")):
            return True
        case _:
            return False


def is_ordered(node: ast.Call) -> bool:
    """True if it is OrderedDict({...})."""
    match node.func, node.args, node.keywords:
        case ((ast.Name(id="OrderedDict") | ast.Attribute(attr="OrderedDict")), [ast.Dict()], []):
            return True
        case _:
            return False


def is_constant(node: ast.expr) -> bool:
    """True if the compiler can work it out: numbers and texts, names of its own, and operators between them."""
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.UnaryOp(operand=inner):
            return is_constant(inner)
        case ast.BinOp(left=left, right=right):
            return is_constant(left) and is_constant(right)
        case ast.Tuple(elts=items):
            return all(map(is_constant, items))
        case _:
            return False

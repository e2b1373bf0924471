"""Operators that differ from CPython's, and `isinstance`, `issubclass` and `type`, whose results differ.

MicroPython's operators mix bytes and str, as in b"%s" % "a", b"a" + "b" and "a" in b"ab", and refuse int | str and
"abc"[::-1]. Some ports warn of bytes that are compared with a str. What they do was run on the unix port, releases
1.25 and 1.26.
"""

from __future__ import annotations

import ast
import inspect
import operator
import sys
import types
from array import array
from collections.abc import Callable
from typing import Any, cast

from usock_lint.shim.core.arguments import SMALL, buffer, size
from usock_lint.shim.core.errors import Halt
from usock_lint.shim.core.sealed import built_in, is_of_shim
from usock_lint.shim.world.classes import DepthFirst, unsupported
from usock_lint.shim.world.containers import MemoryView, Slice


def plus(left: Any, right: Any) -> Any:
    """left + right: bytes take the UTF-8 of a str."""
    return left + (right.encode() if isinstance(left, bytes | bytearray) and isinstance(right, str) else right)


def grown(left: Any, right: Any) -> Any:
    """left += right."""
    left += right.encode() if isinstance(left, bytes) and isinstance(right, str) else right
    return left


def grown_by_buffers(left: Any, right: Any) -> Any:
    """left += right before arrays take items from anything iterable."""
    return grown(left, buffer(right) if isinstance(left, EXTENDED) else right)


EXTENDED: Any = (bytearray, array)
SEQUENCES: Any = (str, bytes, list, tuple)


def times(left: Any, right: Any) -> Any:
    """left * right, with both types in the error; CPython's leaves out that of the sequence.

    Raises MemoryError where the result is beyond any heap, which CPython would fill the computer's memory for.
    """
    for sequence, count in ((left, right), (right, left)):
        if isinstance(sequence, SEQUENCES) and isinstance(count, int) and 0 < count < 1 << 63:
            room, more = _room(sequence)
            size(room * count, more)
    try:
        return left * right
    except TypeError:
        if not isinstance(left, SEQUENCES) and not isinstance(right, SEQUENCES):
            raise
        raise unsupported("__mul__", left, right) from None


def _room(sequence: Any) -> tuple[int, int]:
    """The bytes of a sequence's items, and those that MicroPython allocates with them (py/objtuple.c, py/vstr.c)."""
    if isinstance(sequence, list | tuple):
        return _POINTER * len(cast("list[Any]", sequence)), 2 * _POINTER if isinstance(sequence, tuple) else 0
    return len(sequence.encode("utf-8", "surrogatepass") if isinstance(sequence, str) else sequence), 1


_POINTER = 8
"""Bytes of an item of a list or tuple."""

BUFFERS: Any = (str, bytes, bytearray, memoryview)


def among(item: Any, container: Any) -> bool:
    """item in container: a str is looked for in bytes as its UTF-8."""
    if isinstance(container, bytearray | memoryview | array) and not isinstance(item, str | bytes | bytearray):
        if isinstance(item, int | float):
            raise NotImplementedError  # py/objarray.c:297@v1.28.0
        return False
    if isinstance(container, bytes) and not isinstance(item, BUFFERS):
        return isinstance(item, int) and item in (*container,)  # CPython's bytes refuse an int that is no byte
    if isinstance(container, int | float):
        refuse_among(item, container)
    sought: Any = item.encode() if isinstance(item, str) and isinstance(container, bytes | bytearray) else item
    return sought in container


def refuse_among(item: Any, number: float) -> None:
    """TypeError for a small int, or a bool, in a number; others are iterated over (py/runtime.c:430@v1.28.0)."""
    if (
        not isinstance(item, int)
        or not -SMALL <= item < SMALL
        or not (isinstance(number, float) or abs(number) < SMALL)
    ):
        return
    has_bool = isinstance(item, bool) or isinstance(number, bool)
    if not (has_bool and isinstance(number, float)):
        name = "__contains__" if has_bool else ""
        raise unsupported(name, int(item), int(number) if has_bool else number)


def warn(left: Any, right: Any) -> None:
    """Warn of bytes and a str, which are never equal (py/obj.c:240@v1.28.0)."""
    if (isinstance(left, bytes) and isinstance(right, str)) or (isinstance(left, str) and isinstance(right, bytes)):
        print("Warning: Comparison between bytes and str", file=sys.stderr)


def equal(left: Any, right: Any) -> Any:
    """left == right, with a warning."""
    warn(left, right)
    return left == right


def unequal(left: Any, right: Any) -> Any:
    """left != right, with a warning."""
    warn(left, right)
    return left != right


def among_warned(item: Any, container: Any) -> Any:
    """item in container, with warnings."""
    found = among(item, container)
    if isinstance(item, str | bytes) and isinstance(container, list | tuple):
        for one in cast("list[Any]", container):
            if type(one) is type(item) and one == item:
                break
            warn(item, one)
    return found


WARNED = ("unix", "esp32", "esp8266")
"""Ports that print warnings (ports/esp32/mpconfigport.h:68, ports/esp8266/mpconfigport.h:112@v1.28.0)."""

WARNING: dict[str, Callable[..., Any]] = {"<==>": equal, "<!=>": unequal, "<in>": among_warned}
"""The functions of OPERATORS that differ on WARNED: MICROPY_PY_STR_BYTES_CMP_WARN of their configurations."""


class GeneratorFunction:
    """The type of functions that make generators or coroutines (py/objgenerator.c:72@v1.28.0)."""


GeneratorFunction.__name__ = GeneratorFunction.__qualname__ = "generator"
GeneratorFunction.__module__ = "builtins"


class Closure:
    """The type of functions that use variables of the functions around them, also generators.

    py/objclosure.c:86@v1.28.0
    """


Closure.__name__ = Closure.__qualname__ = "closure"
Closure.__module__ = "builtins"


OTHERS: dict[Any, Any] = {slice: Slice, memoryview: MemoryView, type(reversed(list[Any]())): reversed}
"""The types of CPython's objects that are of another builtin type."""


def type_of(thing: Any) -> Any:
    """The builtin type of one object."""
    if isinstance(thing, types.FunctionType):
        if thing.__code__.co_freevars and not is_of_shim(thing):
            return Closure
        if thing.__code__.co_flags & inspect.CO_GENERATOR:
            return GeneratorFunction
        return types.BuiltinFunctionType if is_of_shim(thing) else types.FunctionType
    if isinstance(thing, DepthFirst):
        return type
    kind = cast("Any", type(thing))
    if kind in OTHERS:
        return OTHERS[kind]
    is_method = isinstance(thing, types.BuiltinMethodType) and not isinstance(thing.__self__, types.ModuleType | None)
    return types.MethodType if is_method else kind


def is_instance(thing: Any, kinds: Any, /) -> bool:
    """The builtin isinstance: a bool is not an int, and functions have the types of `type_of`."""
    kind = type_of(thing)
    if kind is not type(thing):
        return not {kind, object}.isdisjoint(classes(kinds))
    return any(isinstance(thing, one) and is_parent(one, type(thing)) for one in classes(kinds))


def is_subclass(kind: Any, kinds: Any, /) -> bool:
    """The builtin issubclass: bool is not a subclass of int."""
    if not isinstance(kind, type):
        raise TypeError("issubclass() arg 1 must be a class")
    return any(issubclass(kind, one) and is_parent(one, kind) for one in classes(kinds))


def classes(kinds: Any) -> list[type]:
    """The classes in the second argument of isinstance and issubclass; tuples in a tuple are ignored."""
    if not isinstance(kinds, type | tuple):
        raise TypeError("issubclass() arg 2 must be a class or a tuple of classes")
    return [one for one in (cast("Any", kinds) if isinstance(kinds, tuple) else (kinds,)) if isinstance(one, type)]


def is_parent(kind: Any, derived: Any) -> bool:
    """False for int and bool: MicroPython's bool has no parent (py/objbool.c@v1.28.0). Nor has a built-in stream."""
    return not (kind is int and derived is bool) and built_in(kind) in (None, built_in(derived))


def either(left: Any, right: Any) -> Any:
    """left | right. TypeError for types, because MicroPython has no unions of types."""
    if isinstance(left, type) or isinstance(right, type):
        names = ("type" if isinstance(one, type) else type(one).__name__ for one in (left, right))
        raise TypeError("unsupported types for __or__: '{}', '{}'".format(*names))
    return without_bool(left | right)


def both(left: Any, right: Any) -> Any:
    """left & right"""
    return without_bool(left & right)


def one_of(left: Any, right: Any) -> Any:
    """left ^ right"""
    return without_bool(left ^ right)


def without_bool(value: Any) -> Any:
    """An int for a bool: the results of |, & and ^ are ints (py/objbool.c:75@v1.28.0)."""
    return int(value) if isinstance(value, bool) else value


def stepped(value: Any, part: slice) -> Any:
    """value[a:b:c]. NotImplementedError for other steps than 1, except of lists and ranges."""
    if part.step not in (None, 1) and isinstance(value, str | bytes | bytearray | tuple | memoryview | array):
        raise NotImplementedError("only slices with step=1 (aka None) are supported")
    return value[part]


def indexable(value: Any) -> Any:
    """`value` in value[index]. TypeError if it is a class."""
    if isinstance(value, type):
        raise TypeError("'type' object isn't subscriptable")
    return value


def steppable(value: Any, step: Any) -> Any:
    """`value` in value[a:b:step] = right. NotImplementedError for other steps than 1 of builtin types."""
    if step not in (None, 1) and isinstance(value, list):
        raise NotImplementedError
    if step not in (None, 1) and isinstance(value, bytearray | memoryview | array):
        raise NotImplementedError("only slices with step=1 (aka None) are supported")
    return value


def assignable(right: Any, left: object) -> Any:
    """`right` in left[a:b] = right. An error if left is a list and right not a list or tuple, or left a memoryview."""
    if isinstance(left, memoryview) and not isinstance(right, (*BUFFERS[1:], array)):
        raise NotImplementedError("array/bytes required on right side")
    if isinstance(left, list) and type(right) not in (list, tuple):
        raise TypeError(f"object '{type(right).__name__}' isn't a tuple or list")
    return right


OPERATORS: dict[str, Callable[..., Any]] = {
    "<+>": plus,
    "<+=>": grown,
    "<*>": times,
    "<==>": operator.eq,
    "<!=>": operator.ne,
    "<in>": among,
    "<|>": either,
    "<&>": both,
    "<^>": one_of,
    "<[]>": indexable,
    "<::>": stepped,
    "<::=>": steppable,
    "<[:]=>": assignable,
    "<slice>": slice,
    "<halt>": Halt,
}
"""The functions that a rewritten script calls for operators, and what ends its run. No script can use these names."""

_GENERIC = frozenset({"dict", "frozenset", "list", "set", "tuple", "type"})
"""The builtin classes that take types in brackets on CPython."""

_FUNCTIONS: dict[type[ast.operator], str] = {
    ast.Mod: "<%>",
    ast.Add: "<+>",
    ast.BitOr: "<|>",
    ast.BitAnd: "<&>",
    ast.BitXor: "<^>",
}
"""The names of the functions of binary operators; `World` has the one for %."""


class OperatorRewriter(ast.NodeTransformer):
    """Replaces operators by OPERATORS.

    They are %, +, |, &, ^, `in`, += of a name, types in brackets, slices with a step or as targets, and with a literal
    also * of a sequence and == and != of bytes or a str. Handlers let Halt pass.
    """

    def visit_Try(self, node: ast.Try) -> ast.AST:
        """No handler catches what ends the run, as no program goes on where the board starts again."""
        self.generic_visit(node)
        if node.handlers:
            passing = ast.ExceptHandler(ast.Name("<halt>", ast.Load()), None, [ast.Raise()])
            first = ast.copy_location(passing, node.handlers[0])
            node.handlers.insert(0, ast.fix_missing_locations(first))
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """left % right, left + right, left | right, left & right, left ^ right."""
        self.generic_visit(node)
        name = _FUNCTIONS.get(type(node.op), "")
        if isinstance(node.op, ast.Mult) and any(map(is_sequence, (node.left, node.right))):
            name = "<*>"
        return call(node, name, node.left, node.right) if name and not is_plain(node) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """value[a:b:c], value[a:b:c] = right, where the step is evaluated twice, and list[int]."""
        self.generic_visit(node)
        part = node.slice
        if isinstance(node.value, ast.Name) and node.value.id in _GENERIC:
            node.value = call(node.value, "<[]>", node.value)
        if not isinstance(part, ast.Slice) or part.step is None:
            return node
        if not isinstance(node.ctx, ast.Load):
            node.value = call(node.value, "<::=>", node.value, part.step)
            return node
        ends = [end or ast.copy_location(ast.Constant(None), part) for end in (part.lower, part.upper, part.step)]
        return call(node, "<::>", node.value, call(part, "<slice>", *ends))

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """name[a:b] = right"""
        match node.targets:
            case [ast.Subscript(value=ast.Name(id=name), slice=ast.Slice())]:
                left = ast.copy_location(ast.Name(name, ast.Load()), node)
                node.value = call(node, "<[:]=>", node.value, left)
            case _:
                pass
        self.generic_visit(node)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """name += right."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Add) or not isinstance(node.target, ast.Name):
            return node
        before = ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target)
        return ast.copy_location(ast.Assign([node.target], call(node, "<+=>", before, node.value)), node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """left in right, left not in right; left == right and left != right if one is a literal text."""
        self.generic_visit(node)
        if len(node.ops) > 1:
            return node
        if isinstance(node.ops[0], ast.Eq | ast.NotEq) and any(map(is_text, (node.left, node.comparators[0]))):
            name = "<==>" if isinstance(node.ops[0], ast.Eq) else "<!=>"
            return call(node, name, node.left, node.comparators[0])
        if not isinstance(node.ops[0], ast.In | ast.NotIn):
            return node
        found = call(node, "<in>", node.left, node.comparators[0])
        return found if isinstance(node.ops[0], ast.In) else ast.copy_location(ast.UnaryOp(ast.Not(), found), node)


def call(node: ast.AST, name: str, *arguments: ast.expr) -> ast.Call:
    """A call of a function that only rewritten scripts can name, in the place of `node`."""
    function = ast.copy_location(ast.Name(name, ast.Load()), node)
    return ast.copy_location(ast.Call(function, [*arguments], []), node)


def is_text(node: ast.expr) -> bool:
    """True for a literal str or bytes."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def is_sequence(node: ast.expr) -> bool:
    """True for a literal sequence."""
    return isinstance(node, ast.List | ast.Tuple | ast.JoinedStr) or is_text(node)


def is_plain(node: ast.BinOp) -> bool:
    """True if the left side is a literal for which the operator is CPython's."""
    if isinstance(node.op, ast.Mult):
        return False
    others = bytes | str if isinstance(node.op, ast.Mod) else bytes | bool
    return isinstance(node.left, ast.Constant) and not isinstance(node.left.value, others)

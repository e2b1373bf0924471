"""Classes with several parents, which are searched one after the other, and super() (py/objtype.c@v1.28.0)."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any, cast

from usock_lint.shim.core.arguments import check_count
from usock_lint.shim.core.sealed import is_native_class
from usock_lint.shim.world.frozen import is_frozen

OF_OBJECT = frozenset({"__init__", "__new__", "__setattr__", "__delattr__"})
"""The attributes that MicroPython's `object` has (py/objobject.c:99@v1.28.0)."""


HIDDEN = frozenset(
    {"__dict__", "__weakref__", "__doc__", "__annotations__", "__builtins__", "__loader__", "__spec__", "__package__"}
    | {"__static_attributes__", "__firstlineno__", "__classcell__", "__index__", "__slots__", "__main__"}
)
"""Names in the namespaces of a script's classes and modules that CPython or the shim puts there, not MicroPython."""


def no_init(_self: object, *_: object, **__: object) -> None:
    """The `__init__` of a class that defines none: it takes any arguments."""


def object_init(*arguments: object) -> None:
    """The `__init__` of `object` as super() finds it: it takes the object alone."""
    check_count(len(arguments), 1, 1)


MIRRORED = {"__lt__": "__gt__", "__gt__": "__lt__", "__le__": "__ge__", "__ge__": "__le__"}
"""The comparisons that CPython tries with the operands swapped; MicroPython does not."""


def unmirrored(kind: Any) -> Any:
    """The class of a script, with a TypeError for each comparison that it has only with the operands swapped."""
    for own, other in MIRRORED.items():
        if getattr(kind, own) is not getattr(object, own) and getattr(kind, other) is getattr(object, other):
            setattr(kind, other, refusing(other))
    return kind


def unsupported(name: str, left: object, right: object) -> TypeError:
    """The error of an operator that two objects do not have."""
    return TypeError(f"unsupported types for {name}: '{type(left).__name__}', '{type(right).__name__}'")


def refusing(name: str) -> Any:
    """A method for a comparison that a class lacks. It refuses objects that CPython would ask instead."""

    def refuse(self: object, other: object) -> Any:
        if not isinstance(getattr(cast("Any", type(other)), MIRRORED[name], None), FunctionType):
            return NotImplemented
        raise unsupported(name, self, other)

    return refuse


class DepthFirst(type):
    """The metaclass of a class that has an ancestor by several of its parents, which CPython orders otherwise."""

    def mro(cls) -> list[type]:
        """The class, each parent with all its ancestors, and object."""
        ancestors = [one for base in cls.__bases__ for one in base.__mro__ if one is not object]
        return [cls, *dict.fromkeys(ancestors), object]


DepthFirst.__name__ = DepthFirst.__qualname__ = "type"


def class_with_parents(name: str, bases: tuple[Any, ...], contents: dict[str, Any], **keywords: Any) -> type:
    """A class of a script with several parents. A rewritten class statement calls it as its metaclass.

    It has the metaclass of its parents, if one of these has another one than `type`; else DepthFirst, if it is needed.
    TypeError if they have several built-in ancestors.
    """
    kinds: list[Any] = [kind for kind in map(type, bases) if kind is not type]
    if sum(map(native_bases, bases)) > 1:
        raise TypeError("multiple bases have instance lay-out conflict")
    ancestors = [one for base in bases for one in getattr(base, "__mro__", ()) if one is not object]
    shares_ancestor = len(ancestors) > len({*ancestors}) or object in bases[:-1]
    kind: Any = kinds[0] if kinds else DepthFirst if shares_ancestor else type
    made: Any = kind(name, bases, contents, **keywords)
    if "__init__" not in contents and made.__init__ is no_init:
        # A parent without one has `no_init`, which must not hide that of the next parent.
        made.__init__ = next((one for one in _inits(made) if one is not no_init), no_init)
    return made


def native_bases(kind: Any) -> int:
    """How many built-in classes a class derives from; there may be one. `object` is none (py/objtype.c:54@v1.28.0)."""
    if kind is object or is_frozen(cast("dict[str, object]", vars(kind)).get("__init__")):
        return 0
    if kind.__module__ == "builtins" or is_native_class(kind):
        return 1
    return sum(map(native_bases, kind.__bases__))


def _inits(kind: type) -> Iterator[Any]:
    """The `__init__` of each ancestor that has one, except object's."""
    return (held["__init__"] for one in kind.__mro__[:-1] if "__init__" in (held := vars(one)))


class Super:
    """The builtin super, with two arguments: the attributes that an object has from the parents of a class."""

    __slots__ = ("__kind", "__thing")

    def __init__(self, *arguments: Any) -> None:
        check_count(len(arguments), 2, 2)
        kind, thing = arguments
        owner = thing if isinstance(thing, type) else type(thing)
        if not issubclass(owner, kind):
            raise TypeError
        object.__setattr__(self, "_Super__kind", kind)
        object.__setattr__(self, "_Super__thing", thing)

    def __getattribute__(self, name: str) -> Any:
        if name == "__class__":
            return Super
        kind, thing = parts(self)
        for one in kind.__mro__[1:]:
            held = cast("dict[str, Any]", vars(one))
            if name not in held or held[name] is no_init or (one is object and name not in OF_OBJECT):
                continue
            return bound(object_init if one is object and name == "__init__" else held[name], thing)
        raise AttributeError(f"'super' object has no attribute '{name}'")

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"'super' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return "<super>"  # `Printer` prints what is in it


Super.__name__ = Super.__qualname__ = "super"
Super.__module__ = "builtins"


def parts(one: Super) -> Iterator[Any]:
    """The class and the object that a Super was made with."""
    return (object.__getattribute__(one, f"_Super__{name}") for name in ("kind", "thing"))


def bound(found: Any, thing: Any) -> Any:
    """What a class holds under a name, bound to the object if it is a method. A property is returned itself."""
    if isinstance(found, property) or not hasattr(cast("Any", type(found)), "__get__"):
        return found
    owner: Any = thing if isinstance(thing, type) else type(thing)
    return found.__get__(None if owner is thing else thing, owner)

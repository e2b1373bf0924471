"""`from X import name` of an object that is no module, or of a module with `__getattr__` (py/runtime.c:1548@v1.28.0).

A program can put any object into sys.modules.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, cast

from usock_lint.ports import Release
from usock_lint.shim.core.sealed import OpenModule
from usock_lint.shim.world.device import Device, is_scripted, owner_of, property_of

METHODS_SINCE: Release = (1, 27, 0)
"""From then on a method can be imported from an object, before an ImportError (py/runtime.c:1552@v1.27.0)."""

ALL_SINCE: Release = (1, 28, 0)
"""From then on `from x import *` looks for `__all__` (py/runtime.c:1623@v1.28.0)."""

BOUND = (
    types.FunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.ClassMethodDescriptorType,
    classmethod,
)
"""What a class holds of which its objects have a method."""


class Imported:
    """What an import statement takes its names from. It has each name computed once, and else what the object has."""

    __slots__ = ("found", "thing")

    def __init__(self, thing: Any, found: dict[str, Any]) -> None:
        self.thing = thing
        self.found = found

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, "found")
        return found[name] if name in found else getattr(object.__getattribute__(self, "thing"), name)


def is_computed(module: Any) -> bool:
    """True if names are imported from a module by a look-up that differs from CPython's."""
    return type(module).has_getattr if isinstance(module, OpenModule) else not isinstance(module, types.ModuleType)


def value_of(device: Device, module: Any, name: str) -> Any:
    """The attribute that is imported from an object. Raises ImportError if it has none of this name.

    AttributeErrors of a property and of `__getattr__` go through.
    """
    try:
        value = device.attribute(module, name)
    except AttributeError:
        if property_of(module, name) is not None or has_getattr(module):
            raise
        raise ImportError(f"can't import name {name}") from None
    if device.cell.release < METHODS_SINCE and is_method(module, name, value):
        raise ImportError(f"can't import name {name}")
    return value


def has_getattr(module: Any) -> bool:
    """True if a script has defined `__getattr__`, in the module or in the class of the object."""
    if isinstance(module, OpenModule):
        return type(module).has_getattr
    return is_scripted(type(module)) and hasattr(cast("Any", type(module)), "__getattr__")


def is_method(thing: Any, name: str, value: Any) -> bool:
    """True if the value of an attribute is a method bound to the object, which its class has."""
    if not isinstance(thing, type):
        if name in getattr(thing, "__dict__", ()):
            return False
        held = next(held_by(type(thing), name), None)
        return isinstance(held, BOUND) or (held is None and callable(value) and bool(owner_of(thing, name)))
    return isinstance(next(held_by(thing, name), None), classmethod | types.ClassMethodDescriptorType)


def held_by(kind: Any, name: str) -> Iterator[Any]:
    """What a class and its ancestors hold under a name."""
    return (cast("dict[str, Any]", vars(one))[name] for one in kind.__mro__ if name in vars(one))


def all_of(device: Device, module: Any) -> dict[str, Any]:
    """What `from x import *` takes from an object: the names in `__all__`, else those in its `__dict__`."""
    names: Any = None
    if device.cell.release >= ALL_SINCE and device.hasattr(module, "__all__"):
        names = device.attribute(module, "__all__")
        if not isinstance(names, list | tuple):
            raise TypeError(f"object '{type(names).__name__}' isn't a tuple or list")
        return {name: device.attribute(module, name) for name in cast("list[str]", names)}
    return {name: value for name, value in device.attribute(module, "__dict__").items() if name[:1] != "_"}

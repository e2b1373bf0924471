"""Modules and classes of the firmware. Those written in C are sealed: no attribute can be set or deleted."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, NoReturn, cast


class OpenModule(types.ModuleType):
    """A module whose attributes a script may set. The error for a missing one has the device's text."""

    __slots__ = ("__named",)
    has_getattr: ClassVar[bool] = False
    """True for a module with a `__getattr__`: its error is raised by `from ... import` too, in place of ImportError."""

    def __init_subclass__(cls) -> None:
        cls.__name__ = cls.__qualname__ = "module"

    def __init__(self, name: str, named: bool = False) -> None:
        super().__init__(name)
        self.tell_name(named)

    def also_listed(self) -> set[str]:
        """The names that dir() lists beside those of the attributes that the module has now."""
        return set()

    def tell_name(self, named: bool) -> None:
        """Set whether the error for a missing attribute has the module's name."""
        types.ModuleType.__setattr__(self, "_OpenModule__named", named)

    def __getattr__(self, name: str) -> NoReturn:
        # Not the __getattribute__ of a subclass, which may record it as a look-up of the script.
        look_up = types.ModuleType.__getattribute__
        which = f"module '{look_up(self, '__name__')}'" if look_up(self, "_OpenModule__named") else "'module' object"
        raise AttributeError(f"{which} has no attribute '{name}'")


OpenModule.__name__ = OpenModule.__qualname__ = "module"


class FrozenModule(OpenModule):
    """A module of the firmware that is written in Python: its attributes can be set."""

    __slots__ = ()

    def __init__(self, contents: Mapping[str, Any]) -> None:
        super().__init__(contents["__name__"])
        vars(self).clear()
        vars(self).update(contents)


class Module(FrozenModule):
    """A module written in C: only the attributes in `settable` can be set, and none can be deleted."""

    __slots__ = ()
    settable: ClassVar[frozenset[str]] = frozenset()

    def __setattr__(self, name: str, value: object) -> None:
        if name not in type(self).settable:
            raise AttributeError(f"'module' object has no attribute '{name}'")
        vars(self)[name] = value

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"'module' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return f"<module '{self.__name__}'>"


def set_attribute(instance: object, name: str, value: object) -> None:
    """Set an attribute of an instance of a script's subclass; AttributeError for one of a built-in class."""
    _require_dict(instance, name)
    object.__setattr__(instance, name, value)


def delete_attribute(instance: object, name: str) -> None:
    """Delete an attribute of an instance of a script's subclass; AttributeError for one of a built-in class."""
    _require_dict(instance, name)
    object.__delattr__(instance, name)


def _require_dict(instance: object, name: str) -> None:
    """AttributeError if the instance has no `__dict__`, which built-in classes do not give it."""
    kind = type(instance)
    if not kind.__dictoffset__:
        raise AttributeError(f"'{kind.__name__}' object has no attribute '{name}'")


class Sealed(type):
    """The metaclass of built-in classes: no attribute of these, and of what derives from them, can be set or deleted.

    A script that looks up `__init__` of a built-in class gets an AttributeError. Calling the class, and `super()`, do
    not use this look-up, so they find it.
    """

    def __getattribute__(cls, name: str) -> Any:
        if name == "__init__" and not any(name in vars(one) for one in _classes_of_scripts(cls)):
            raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")
        found = type.__getattribute__(cls, name)
        is_method = type(found) is types.FunctionType and name[:1] != "_" and is_of_shim(found)
        return unbound(cls, found) if is_method else found

    def __setattr__(cls, name: str, value: object) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __delattr__(cls, name: str) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __repr__(cls) -> str:
        return f"<class '{cls.__name__}'>"


def rename(kind: Sealed, name: str) -> None:
    """Give a built-in class a name that is no name for a class of this Python."""
    for attribute in ("__name__", "__qualname__"):
        type.__setattr__(kind, attribute, name)


def unbound(cls: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that is looked up in a built-in class: TypeError for an object of another one (py/obj.c@v1.28.0)."""

    def call(*arguments: Any, **keywords: Any) -> Any:
        if arguments and built_in(type(arguments[0])) is not built_in(cls):
            raise TypeError(f"argument should be a '{cls.__name__}' not a '{type(arguments[0]).__name__}'")
        return method(*arguments, **keywords)

    return call


def built_in(kind: Any) -> Any:
    """The built-in class that a class is or derives from, as far as it is sealed; else None."""
    return next((one for one in kind.__mro__ if type(one) is Sealed and is_of_shim(one)), None)


def is_of_shim(made: Any) -> bool:
    """True if a class or function is the shim's, and not a script's or CPython's."""
    return (made.__module__ or "").startswith("usock_lint.")


def is_native(thing: Any) -> bool:
    """True if the class of an object is built in."""
    return is_native_class(cast("Any", type(thing)))


def is_native_class(kind: Any) -> bool:
    """True for a class that is built in: sealed, or the shim's."""
    return type(kind) is Sealed or is_of_shim(kind)


def _classes_of_scripts(cls: type) -> Iterator[type]:
    """The classes in the method resolution order that a script has defined. Built-in ones derive from object."""
    return (one for one in cls.__mro__ if one is not object and one.__base__ is not object)


Sealed.__name__ = Sealed.__qualname__ = "type"
type.__setattr__(Sealed, "__module__", "builtins")

"""Modules, and those and classes built into the firmware, none of whose attributes can be set or deleted."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NoReturn


class OpenModule(types.ModuleType):
    """A module whose attributes a script may set. The error for a missing one has the device's text."""

    __slots__ = ("__named",)
    answers: ClassVar[bool] = False
    """True for a module with a `__getattr__` of its own, whose error is that of `from ... import` as well."""

    def __init_subclass__(cls) -> None:
        cls.__name__ = cls.__qualname__ = "module"

    def __init__(self, name: str, named: bool = False) -> None:
        super().__init__(name)
        self.tell_name(named)

    def tell_name(self, named: bool) -> None:
        """Say whether the error for a missing attribute is to name the module."""
        types.ModuleType.__setattr__(self, "_OpenModule__named", named)

    def __getattr__(self, name: str) -> NoReturn:
        # Not by way of a subclass, which may take it for what the script looks up.
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
    """A module none of whose attributes can be set or deleted, but for a few that a subclass names."""

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
    """Set an attribute, which only an instance of a script's own subclass has room for."""
    _refuse(instance, name)
    object.__setattr__(instance, name, value)


def delete_attribute(instance: object, name: str) -> None:
    """Delete an attribute, which only an instance of a script's own subclass can have."""
    _refuse(instance, name)
    object.__delattr__(instance, name)


def _refuse(instance: object, name: str) -> None:
    kind = type(instance)
    if not kind.__dictoffset__:
        raise AttributeError(f"'{kind.__name__}' object has no attribute '{name}'")


class Sealed(type):
    """The type of a class none of whose attributes can be set or deleted, and of those that derive from it.

    A built-in class has no `__init__` to be looked up, though calling it, and `super()`, find what starts an instance.
    """

    def __getattribute__(cls, name: str) -> Any:
        if name == "__init__" and not any(name in vars(one) for one in _of_scripts(cls)):
            raise AttributeError(f"type object '{cls.__name__}' has no attribute '{name}'")
        return type.__getattribute__(cls, name)

    def __setattr__(cls, name: str, value: object) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __delattr__(cls, name: str) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __repr__(cls) -> str:
        return f"<class '{cls.__name__}'>"


def _of_scripts(cls: type) -> Iterator[type]:
    """The class and those above it that a script has defined: not what is built in, nor object."""
    return (one for one in cls.__mro__ if one is not object and one.__base__ is not object)


Sealed.__name__ = Sealed.__qualname__ = "type"
type.__setattr__(Sealed, "__module__", "builtins")

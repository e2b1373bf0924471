"""Stand-ins for a board's hardware: modules and classes with exactly the names that the table has for the port."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from usock_lint.ports import Cell
from usock_lint.ports import world as table
from usock_lint.shim.core.sealed import OpenModule, Sealed
from usock_lint.shim.world.device import Unsimulated, filtered, refuse


def fitted_class(cell: Cell, module: str, kind: type) -> type:
    """The class `kind` with the members that the port's has. Using one of them that `kind` lacks ends the run.

    Only attributes that begin with an underscore can be set on its objects: those that `kind` itself uses.
    """
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__[:-1]):
        found.update(vars(base))
    name = kind.__name__
    own = {key: _checked(cell, f"{module}.{name}", key, value) for key, value in found.items() if key not in _MACHINERY}
    kept = {key: value for key, value in own.items() if key[:1] == "_" or _is_there(cell, module, name, key)}
    missing = {key for key in table.members(cell, module, name) if key not in kept and key[:2] != "__"}
    unsimulated = {key: Unsimulated(f"{module}.{name}.{key}") for key in missing}
    return Sealed(name, (), {**unsimulated, **kept, "__setattr__": _set_private, "__module__": module})


_MACHINERY = frozenset({"__dict__", "__weakref__", "__doc__", "__annotations__"})


def _is_there(cell: Cell, module: str, cls: str, name: str) -> bool:
    return table.class_member(cell, module, cls, name) is not False


def _set_private(instance: object, name: str, value: object) -> None:
    # An object of a script's subclass takes any attribute.
    if name[:1] != "_" and type(type(instance).__base__) is not Sealed:
        raise AttributeError(f"'{type(instance).__name__}' object has no attribute '{name}'")
    object.__setattr__(instance, name, value)


def _checked(cell: Cell, owner: str, name: str, value: Any) -> Any:
    """A method that takes the arguments that the port's does, and refuses others; other values are unchanged."""
    if not isinstance(value, types.FunctionType):
        return value
    call = table.signature(cell, *owner.rsplit(".", 1)) if name == "__init__" else table.signature(cell, owner, name)
    if call is None:
        return value

    def act(instance: object, *arguments: Any, **keywords: Any) -> Any:
        if call.takes(len(arguments), keywords) is False:
            refuse(call, types.MethodType(value, instance), len(arguments), keywords)
        return value(instance, *arguments, **keywords)

    return act


def module_contents(cell: Cell, module: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """The names of a module as the port has it. Using one that is not in `names` ends the run."""
    own = filtered(cell, module, names)
    unsimulated = {name: Unsimulated(f"{module}.{name}") for name in table.names(cell, module) if name not in own}
    return {"__name__": module, **unsimulated, **own}


def open_module(cell: Cell, module: str, names: Mapping[str, Any]) -> OpenModule:
    """A module that is frozen Python on a board: a program can set its attributes."""
    made = OpenModule(module)
    vars(made).clear()
    vars(made).update(module_contents(cell, module, names))
    return made


def constants(port: str, values: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The constants of a port: those for all ports (""), and its own."""
    return {**values.get("", {}), **values.get(port, {})}


def nothing(*_: Any, **__: Any) -> None:
    """A function that does nothing here."""

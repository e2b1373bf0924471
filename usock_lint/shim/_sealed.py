"""Modules and classes none of whose attributes can be set or deleted, as those built into the firmware."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, NoReturn


class Module(types.ModuleType):
    """A module none of whose attributes can be set or deleted."""

    def __init__(self, contents: Mapping[str, Any]) -> None:
        super().__init__(contents["__name__"])
        vars(self).clear()
        vars(self).update(contents)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"'module' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"'module' object has no attribute '{name}'")

    def __repr__(self) -> str:
        return f"<module '{self.__name__}'>"


class Sealed(type):
    """The type of a class none of whose attributes can be set or deleted."""

    def __setattr__(cls, name: str, value: object) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __delattr__(cls, name: str) -> NoReturn:
        raise AttributeError(f"'type' object has no attribute '{name}'")

    def __repr__(cls) -> str:
        return f"<class '{cls.__name__}'>"

"""Imports libcst with classes of nodes that are made in a fraction of the time, and make nodes in less of it.

libcst has 170 classes of nodes, each a frozen dataclass. For each of them `dataclasses` compiles five methods: two that
libcst throws away, two that refuse assignments, and `__init__`, which a file needs of a third of the classes. That is
half of the time that importing libcst takes. A frozen class also sets each attribute by a call, which is a quarter of
the time of the parser. So libcst, when it is imported first, is handed another `dataclass` for its nodes. Their
`__init__` is compiled when the first node of a class is made, and assigns; that nobody else assigns is left to type
checkers. Nodes are keys of many dicts: they are hashed and compared by identity, as by libcst, but not in Python. Nor
does `isinstance` ask in Python whether a class was registered as one of nodes, which none is. Of the package for
metadata, which is a sixth of libcst, two modules are imported; the others are when somebody asks for a name of it.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from _thread import get_ident
from abc import ABCMeta
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any, Final

from usock_lint.fast_dataclasses import compiled_when_called

_NODES: Final = "libcst._nodes."
_METADATA: Final = "libcst.metadata"

TRUSTED: Final[set[int]] = set()
"""The threads whose nodes are not validated, as the parser makes them; `parsing` says which these are."""

CHECKED: Final = "ConcatenatedString"
"""The type of which the parser makes nodes that are not valid, as of `"a" b"b"`."""

_loaded: Final[list[type]] = []
"""The classes of nodes that were made here; empty if somebody else has imported libcst."""

_FROZEN: Final = {"frozen": True}
"""The options of the dataclasses that are made here; libcst's nodes have no others."""


def load() -> None:
    """Import libcst. If somebody else has imported it, its nodes stay as they are."""
    if "libcst" in sys.modules:
        return
    made: list[type] = []
    standard: Callable[..., Any] = dataclasses.dataclass

    def dataclass(cls: type | None = None, /, **options: Any) -> Any:
        if cls is None:
            return partial(dataclass, **options)
        if not cls.__module__.startswith(_NODES) or options != _FROZEN:
            return standard(cls, **options)
        made.append(cls)
        return _with_methods(standard(cls, init=False, repr=False, eq=False))

    metadata = _package_to_run_later()
    dataclasses.__dict__["dataclass"] = dataclass
    try:
        import libcst

        if metadata is not None:
            libcst.__dict__["metadata"] = metadata
    finally:
        dataclasses.__dict__["dataclass"] = standard
        for cls in made:  # a dataclass that is derived from one of them has to be frozen as well
            vars(cls)["__dataclass_params__"].frozen = True
    for cls in _with_subclasses(libcst.CSTNode):
        cls.__class__ = _Unregistered
    _loaded.extend(made)


def are_loaded() -> bool:
    """True if the nodes are those that are made here, so that none of a trusted thread is validated."""
    return bool(_loaded)


def _package_to_run_later() -> ModuleType | None:
    """The package for metadata: its modules can be imported, and its own code runs when a name is first asked of it."""
    libcst = find_spec("libcst")
    folders = libcst.submodule_search_locations if libcst is not None else None
    path = os.path.join(folders[0], "metadata", "__init__.py") if folders else ""
    spec = spec_from_file_location(_METADATA, path, submodule_search_locations=[os.path.dirname(path)])
    if spec is None or spec.loader is None or not os.path.exists(path):
        return None
    package, loader = module_from_spec(spec), spec.loader

    def attribute(name: str) -> object:
        if vars(package).pop("__getattr__", None) is not None:
            loader.exec_module(package)
        return getattr(package, name)

    vars(package)["__getattr__"] = attribute
    sys.modules[_METADATA] = package
    return package


class _Unregistered(ABCMeta):
    """The metaclass of abstract classes without registered classes: `isinstance` looks at subclasses only."""

    __instancecheck__ = type.__instancecheck__
    __subclasscheck__ = type.__subclasscheck__


def _with_subclasses(cls: type) -> Iterator[type]:
    yield cls
    for one in type.__subclasses__(cls):
        yield from _with_subclasses(one)


def _with_methods(cls: type) -> type:
    fields = dataclasses.fields(cls)
    init = compiled_when_called("__init__", lambda: _init(cls, fields))
    for name, method in {"__init__": init, "__hash__": object.__hash__, "__eq__": object.__eq__}.items():
        setattr(cls, name, method)
    return cls


def _init(cls: type, fields: Iterable[dataclasses.Field[Any]]) -> tuple[str, dict[str, Any]]:
    """The text of the `__init__` of a dataclass with these fields, and the values of the names in it."""
    missing = dataclasses.MISSING
    names: dict[str, Any] = {"missing": missing, "get_ident": get_ident, "trusted": TRUSTED}
    parameters, body = ["self"], list[str]()
    for field in fields:
        name = field.name
        if field.default_factory is not missing:
            names[f"new_{name}"] = field.default_factory
            parameters.append(f"{name}=missing")
            body.append(f"self.{name} = new_{name}() if {name} is missing else {name}")
        else:
            names[f"default_{name}"] = field.default
            parameters.append(name if field.default is missing else f"{name}=default_{name}")
            body.append(f"self.{name} = {name}")
    body.append(f"{'' if cls.__name__ == CHECKED else 'get_ident() in trusted or '}self.__post_init__()")
    return "\n ".join((f"def __init__({', '.join(parameters)}):", *body)), names

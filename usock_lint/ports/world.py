"""Everything but sockets on each port at each release: modules, names, members of classes, builtins, signatures.

Answers are True, False, or None for unknown. The facts are in data/world/*.json, which tools/world_facts
writes from MicroPython's sources and manifests, preprocessed as for the boards that modules.json names, and from what
firmware builds said of themselves. The socket module's names are in `table`, not there. An owner of names that is
marked as "open" may have more of them than were found, such as those that `from module import *` brings.

On the port `docs` True is what the documentation documents, False what no port has at the newest release, and the rest
is not known.
"""

from __future__ import annotations

import builtins
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Final, Literal, TypeAlias

from usock_lint.ports import probed_facts, table
from usock_lint.ports.modules import WITH_U
from usock_lint.ports.releases import NEWEST, RELEASES, Release, read_release
from usock_lint.ports.targets import FIRST, PORTS, Cell

Kind: TypeAlias = Literal["function", "class", "constant", "attribute", "other"]
"""An attribute is one that objects of a class have and the class itself has not."""

_KINDS: Mapping[str, Kind] = {"f": "function", "c": "class", "k": "constant", "a": "attribute", "o": "other"}
_SOCKET = frozenset({"socket", "usocket"})
_ANSWERS = 10_000
"""The size of the caches. A file asks the same questions again and again, but also for many names of its own."""

_Where: TypeAlias = Mapping[str, tuple[tuple[Release, Release], ...]]
"""By column (see `_columns`): the first and last releases of the ranges in which something is there."""

_HANDED_ON: Final = {"requests": "request", "urequests": "request"}
"""By module, the function to which its other functions pass on any keyword that they get: `get(url, **kw)`.

As in micropython-lib's python-ecosys/requests/requests/__init__.py at every release.
"""


@dataclass(frozen=True, slots=True)
class Call:
    """The signature of a function, a method or a class, without self.

    `named` are the arguments that may be given by position or by name, the last of the positional ones; `keywords` by
    name only. Some of both are `required`. None for `keywords` says that they are not known; `any_keyword` that all are
    taken.
    """

    minimum: int
    maximum: int | None
    named: tuple[str, ...]
    keywords: frozenset[str] | None
    required: frozenset[str]
    any_keyword: bool

    def takes(self, positional: int, keywords: Collection[str] = ()) -> bool | None:
        """True if a call takes this number of positional arguments and these keywords."""
        if positional < self.minimum or (self.maximum is not None and positional > self.maximum):
            return False
        if self.keywords is None:
            return None if keywords else True
        given = self.named[: max(positional - self._before, 0)]
        if not self.required <= {*given, *keywords} or not set(given).isdisjoint(keywords):
            return False
        return self.any_keyword or {*self.named, *self.keywords}.issuperset(keywords)

    @property
    def _before(self) -> int:
        """The number of positional arguments without a name."""
        return 0 if self.maximum is None else self.maximum - len(self.named)


@dataclass(frozen=True, slots=True)
class Package:
    """A package of micropython-lib: its name and version, its modules, and the folder that it is in.

    `mip.install` gets all but those in "unix-ffi", which work on the unix port only (tools/build.py:316 of
    micropython-lib): whoever wants one copies it.
    """

    name: str
    folder: str
    version: str
    modules: tuple[str, ...]


@lru_cache(_ANSWERS)
def module_exists(cell: Cell, name: str) -> bool | None:
    """True if a build of the port can import the module as it was flashed, with nothing installed.

    None for a module that was seen only in builds that the table has not read, and that `mip` does not install.
    """
    if cell.is_probed:
        modules = probed_facts.of(cell).modules
        return modules[name] is not None if name in modules else module_exists(probed_facts.base(cell), name)
    where = _modules().get(name)
    if where is None:
        return None if name in _elsewhere() and name not in _mip_modules() else False
    return _at(where, cell)


def module_everywhere(cell: Cell, name: str) -> bool:
    """True if all boards of the port that the table has read have the module."""
    if cell.is_probed:
        return bool(module_exists(cell, name))
    partly = _modules("partly").get(name)
    return bool(module_exists(cell, name)) and not (partly and _at(partly, cell))


@lru_cache(_ANSWERS)
def comes_before_files(cell: Cell, name: str) -> bool:
    """True if an import gives the built-in module of this name also where there is a file of that name."""
    return bool(_at(_modules("before_files").get(name, ""), cell))


def may_come_before_files(name: str) -> bool:
    """True if an import gives the built-in module of this name before a file, on some port at some release."""
    return name in _modules("before_files")


def may_be_of_project(name: str) -> bool:
    """True if an absolute import of this name may lead to a file of the project on every board."""
    package = name.partition(".")[0]
    return package not in WITH_U and not may_come_before_files(package)


@lru_cache(_ANSWERS)
def module_name(cell: Cell, module: str, name: str) -> bool | None:
    """True if the module has the name; False where the port has no such module."""
    if module in _SOCKET and cell.port in PORTS:
        return module_exists(cell, module) and table.has(cell, "module", name)
    facts = _contents(module)
    if cell.is_probed:
        return _listed(
            probed_facts.of(cell).names(module), facts, name, module_name(probed_facts.base(cell), module, name)
        )
    return _member(cell, facts, name, module_exists(cell, module))


@lru_cache(_ANSWERS)
def class_member(cell: Cell, module: str, cls: str, member: str) -> bool | None:
    """True if the class of that module, or an object of it, has the attribute; None if the class is unknown."""
    if module in _SOCKET and cls == "socket" and cell.port in PORTS:
        return module_exists(cell, module) and table.has(cell, "socket", member)
    there = module_name(cell, module, cls)
    facts = _twin(_classes(), f"{_base(module)}.{cls}")
    if cell.is_probed and there:
        known = class_member(probed_facts.base(cell), module, cls, member)
        return _listed(probed_facts.of(cell).members(module, cls), facts or {"names": {}}, member, known)
    if facts is None or there is False:
        return False if there is False else None
    return _member(cell, facts, member, there)


@lru_cache(_ANSWERS)
def builtin(cell: Cell, name: str) -> bool | None:
    """True if there is a builtin of this name."""
    if cell.is_probed:
        return _listed(
            probed_facts.of(cell).names("builtins"), _builtins(), name, builtin(probed_facts.base(cell), name)
        )
    return _member(cell, _builtins(), name, True)


@lru_cache(_ANSWERS)
def builtin_method(cell: Cell, type_: str, name: str) -> bool | None:
    """True if objects of this type have the attribute.

    A type is a builtin one, or one of `object_types()`, whose objects come from functions. None for other types.
    """
    if cell.is_probed:
        facts = _classes().get(f"builtins.{type_}", {"names": {}})
        members = probed_facts.of(cell).types.get(type_, ())
        return _listed(members, facts, name, builtin_method(probed_facts.base(cell), type_, name))
    if type_ in _builtins()["types"]:
        facts = _builtins()["types"][type_]
        return _member(cell, facts, name, _at(facts["there"], cell))
    return class_member(cell, "builtins", type_, name) if kind("builtins", type_) else None


def object_types() -> tuple[str, ...]:
    """The types that have no name of their own: match, pattern, generator, text_file, binary_file, poll, ..."""
    return tuple(_builtins()["types"])


def names(cell: Cell, module: str) -> frozenset[str]:
    """The names that the module is known to have."""
    if cell.is_probed and (found := probed_facts.of(cell).names(module)):
        return frozenset(found)
    listed = table.implementation_at(cell).module if module in _SOCKET else _index(_contents(module)["names"])
    return frozenset(name for name in listed if module_name(cell, module, name))


def members(cell: Cell, module: str, cls: str) -> frozenset[str]:
    """The attributes that a class of a module, or an object of it, is known to have."""
    if module in _SOCKET and cls == "socket":
        return frozenset(name for name, one in table.implementation_at(cell).members.items() if one.exists(cell))
    facts = _twin(_classes(), f"{_base(module)}.{cls}")
    return frozenset(name for name in _index(facts["names"] if facts else {}) if class_member(cell, module, cls, name))


def kind(module: str, name: str) -> Kind | None:
    """The kind of a name of a module, or of `builtins`; None if the table lacks it."""
    found = _index(_contents(module)["names"]).get(name)
    return _KINDS[found[1]] if found else None


@lru_cache(_ANSWERS)
def signature(cell: Cell, owner: str, name: str) -> Call | None:
    """The signature of the name; None if it is not known or the name is missing.

    An owner is a module, `builtins`, a class (`asyncio.Lock`), a builtin type (`builtins.str`) or one of
    `object_types()`.
    """
    if cell.is_probed:
        return signature(probed_facts.base(cell), owner, name)
    found = _signature(cell, owner, name)
    further = _HANDED_ON.get(_base(owner))
    if found is None or not found.any_keyword or further is None or further == name:
        return found
    last = _signature(cell, owner, further)
    # `get` gives `request` the method itself, so that nobody else can.
    return last and replace(found, keywords=frozenset(last.named) - {"method", *found.named}, any_keyword=False)


def _signature(cell: Cell, owner: str, name: str) -> Call | None:
    if owner == "builtins" and name in _exceptions():
        return Call(0, None, (), frozenset(), frozenset(), any_keyword=False)
    module, _, rest = owner.partition(".")
    known = _twin(_arguments(), ".".join(filter(None, (_base(module), rest)))) or {}
    for text, called in known.items():
        if text != "changing" and name in called.split():
            return _call(text)
    for text, where in known.get("changing", {}).get(name, {}).items():
        if _at(where, cell):
            return _call(text)
    return None


@cache
def _exceptions() -> frozenset[str]:
    """The classes of exceptions, which take any number of arguments and no keywords (py/objexcept.c:208@v1.28.0)."""
    found = vars(builtins).items()
    return frozenset(name for name, one in found if isinstance(one, type) and issubclass(one, BaseException))


def source(cell: Cell, module: str) -> tuple[str, ...]:
    """The files of MicroPython or micropython-lib that make the module at that release, on this port or on several.

    "firmware" stands for what builds said of themselves.
    """
    listed = (text.partition("@") for text in _contents(module).get("source", "").split())
    spans = {path: _span(releases) for path, _, releases in listed}
    mine = {path for path in spans if not path.startswith("ports/") or path.startswith(f"ports/{cell.port}/")}
    return tuple(path for path, (first, last) in spans.items() if path in mine and first <= cell.release <= last)


@cache
def micropython_modules() -> frozenset[str]:
    """Every module that a board, a driver in MicroPython's tree, the documentation or micropython-lib ever had.

    Many are CPython's, too: `cpython_modules()` has those.
    """
    return frozenset(_modules()) | _elsewhere() | frozenset(_mip_modules())


@cache
def cpython_inner_modules() -> frozenset[str]:
    """The modules in packages of CPython's standard library, with their dotted names."""
    return frozenset(_read("modules")["cpython"]["inner"].split())


@cache
def cpython_modules() -> frozenset[str]:
    """The top-level modules of CPython's standard library, also of releases that are gone."""
    known = _read("modules")["cpython"]
    return frozenset(f"{known['names']} {known['python2']}".split())


def mip_package(module: str) -> Package | None:
    """The package of micropython-lib that brings the module."""
    name = _mip_modules().get(module)
    return _package(name) if name else None


def mip_works(cell: Cell, module: str) -> bool:
    """True if a port has what a module of micropython-lib hands on: its `ssl` is the built-in `tls` and a few lines."""
    needed = _read("mip_names").get(module, {}).get("needs", "").split()
    return all(module_exists(cell, name) is not False for name in needed)


def mip_modules() -> Collection[str]:
    """The modules that micropython-lib has."""
    return _mip_modules().keys()


def mip_names(module: str) -> frozenset[str]:
    """The public functions, classes and constants of a module that `mip` installs, as far as they are known."""
    facts = _read("mip_names").get(module, {})
    return frozenset(name for letter in "cfk" for name in facts.get(letter, "").split())


def mip_name(module: str, name: str) -> bool | None:
    """True if the module has the name where `mip` installed it.

    None where that is not known, as of private names, and of those that it takes from the module that is built in.
    """
    facts = _read("mip_names").get(module)
    if facts is None or name.startswith("_"):
        return None
    if any(name in facts.get(letter, "").split() for letter in _KINDS):
        return True
    return None if facts.get("open") or name in facts.get("built_in", "").split() else False


def mip_member(module: str, cls: str, member: str) -> bool | None:
    """True if a class of a module that `mip` installed has the attribute; None where that is not known."""
    members = _read("mip_names").get(module, {}).get("classes", {}).get(cls)
    if members is None or member.startswith("_"):
        return None
    return member in members.split() or (None if members.endswith("*") else False)


def built_in_modules() -> frozenset[str]:
    """The modules that are written in C on some port: to import one does nothing besides."""
    every = _read("names").items()
    return frozenset(name for name, facts in every if ".c@" in facts.get("source", "") and name[:1] != "_") | _SOCKET


def _listed(found: Collection[str] | None, facts: Mapping[str, Any], name: str, known: bool | None) -> bool | None:
    """True if a board has a name, by the names that it listed of the owner; `known` where these do not tell.

    `found` is None if the board lacks the owner, and empty if it listed no names of it. Some names are never listed: a
    type computes special names, and the attributes of its objects, when they are looked up.
    """
    if found is None or name in found:
        return found is not None
    is_computed = name[:2] == "__" or _index(facts["names"]).get(name, ("", ""))[1] == "a"
    return False if found and not is_computed else known


def _twin(facts: Mapping[str, Any], owner: str) -> Mapping[str, Any] | None:
    """The facts about `umachine.Pin`, or if there are none, about `machine.Pin`."""
    return facts.get(owner) or (facts.get(owner[1:]) if owner.startswith("u") else None)


def _member(cell: Cell, facts: Mapping[str, Any], name: str, owner: bool | None) -> bool | None:
    """True if the owner of these names has this one; `owner` tells whether the owner itself is there."""
    if owner is False:
        return False
    if (name.startswith("__") and name.endswith("__")) or not facts["names"]:
        return None
    found = _index(facts["names"]).get(name)
    answer = False if found is None else _at(found[0], cell) if found[0] else owner
    if answer is False and (where := facts.get("open")) and _at(where, cell) is not False:
        return None
    return answer


@cache
def _contents(module: str) -> Mapping[str, Any]:
    if module == "builtins":
        return _builtins()
    return _read("names").get(_base(module), {"names": {}})


@cache
def _base(module: str) -> str:
    """The module whose second name this is: `time` for `utime`."""
    return _read("names").get(module, {}).get("as", module)


def _index(facts: Mapping[str, Mapping[str, str]]) -> Mapping[str, tuple[str, str]]:
    """The ports and releases of each name, "" for those of its owner, and the letter of its kind."""
    if not facts:  # it may be freed, and its identity be that of other facts later
        return {}
    found = _INDEXES.get(id(facts))
    if found is None:
        found = _INDEXES[id(facts)] = {
            name: (where, letter)
            for where, kinds in facts.items()
            for letter, names in kinds.items()
            for name in names.split()
        }
    return found


_INDEXES: dict[int, Mapping[str, tuple[str, str]]] = {}
"""By the identity of the facts, which are read once and kept for good."""


@lru_cache(_ANSWERS)
def _at(where: str, cell: Cell) -> bool | None:
    """True if a text such as "unix,rp2:1.20-1.22+1.24- ? esp32:-" has the cell; after "?" is what is not known."""
    known, unknown = _spans(where)
    column = f"{cell.port}/{cell.implementation}" if cell.implementation else cell.port
    if column not in _columns():
        column = cell.port
    if cell.port == "docs":
        if "docs" in known:
            return True
        anywhere = (Cell(port, NEWEST) for port in FIRST if port != "docs")
        return None if any(_at(where, one) is not False for one in anywhere) else False
    if any(first <= cell.release <= last for first, last in known.get(column, ())):
        return True
    return None if any(first <= cell.release <= last for first, last in unknown.get(column, ())) else False


@cache
def _spans(where: str) -> tuple[_Where, _Where]:
    known, _, unknown = where.partition("?")
    return _ports(known), _ports(unknown)


def _ports(text: str) -> _Where:
    found: dict[str, tuple[tuple[Release, Release], ...]] = {}
    for group in text.split():
        ports, _, spans = group.partition(":")
        releases = tuple(map(_span, spans.split("+")))
        for port in ports.split(","):
            found |= dict.fromkeys(_columns(), releases) if port == "*" else {port: releases}
    return found


def _span(text: str) -> tuple[Release, Release]:
    first, dash, last = text.partition("-")
    since = read_release(first) if first else RELEASES[0]
    if not dash:
        return since, since
    return since, read_release(last) if last else RELEASES[-1]


@cache
def _call(text: str) -> Call:
    """The signature in a text: "1-2 maxsplit" has counts, then names: `name=` by keyword only, `!` if required.

    A count of "*" stands for any number, "?" for unknown keywords, "**" for all.
    """
    counts, *words = text.split()
    low, _, high = counts.partition("-")
    top = high or low
    plain = [word for word in words if word not in ("?", "**")]
    return Call(
        minimum=int(low),
        maximum=None if top == "*" else int(top),
        named=tuple(word.rstrip("!") for word in plain if "=" not in word),
        keywords=None if "?" in words else frozenset(word.rstrip("=!") for word in plain if "=" in word),
        required=frozenset(word.rstrip("=!") for word in plain if word.endswith("!")),
        any_keyword="**" in words,
    )


@cache
def _columns() -> frozenset[str]:
    """The ports, and such of their boards as have another socket module than most: "stm32/nic"."""
    return frozenset(_read("modules")["boards"])


@cache
def _modules(kind: Literal["modules", "partly", "before_files"] = "modules") -> Mapping[str, str]:
    """The ports and releases that have each module; or on some boards only; or before a file of its name."""
    return {name: where for where, names in _read("modules")[kind].items() for name in names.split()}


@cache
def _elsewhere() -> frozenset[str]:
    """The modules that no board which the table has read has: of drivers, of the documentation, of other builds."""
    return frozenset(_read("modules")["elsewhere"].split())


@cache
def _mip_modules() -> Mapping[str, str]:
    """By module, the package that brings it: one with the module's name, else one that is not for unix alone."""
    packages = _read("mip")["packages"]
    # Later packages replace earlier ones.
    ranked = sorted(packages, key=lambda name: (packages[name]["in"] != "unix-ffi", name))
    found = {module: name for name in ranked for module in packages[name]["modules"].split()}
    return found | {name: name for name in packages if name in packages[name]["modules"].split()}


@cache
def _package(name: str) -> Package:
    facts = _read("mip")["packages"][name]
    return Package(name, facts["in"], facts["version"], tuple(facts["modules"].split()))


def _classes() -> Mapping[str, Any]:
    return _read("classes")


def _builtins() -> Mapping[str, Any]:
    return _read("builtins")


def _arguments() -> Mapping[str, Any]:
    return _read("arguments")


@cache
def _read(name: str) -> Mapping[str, Any]:
    with open(os.path.join(os.path.dirname(__file__), "data", "world", f"{name}.json"), encoding="utf-8") as file:
        return json.load(file)

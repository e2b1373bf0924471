"""The modules beside socket, as far as sockets go: select, ssl and tls. The facts are in data/companions.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from usock_lint.ports import probed_facts
from usock_lint.ports.table import Name, names
from usock_lint.ports.targets import Cell


def known(module: str) -> Mapping[str, Name]:
    """Every name that the module (`select`, `ssl`, `tls`) ever had.

    A name with a dot is a member of a class, or a parameter that is not always there: `poll.register`,
    `wrap_socket.cadata`.
    """
    return _read()[module]


def has(cell: Cell, module: str, name: str) -> bool:
    """True if the module has this name on that port at that release, where the port has the module built in."""
    if cell.is_probed and "." not in name:
        found = probed_facts.of(cell).names(module)
        if found or found is None:
            return name in (found or ())
    one = known(module).get(name)
    return one is not None and one.exists(cell)


def exists(cell: Cell, module: str) -> bool:
    """True if the port is known to have the module at that release; False for a port that the facts do not describe."""
    described = cell.port not in _facts()[module].get("undescribed_on", ())
    return described and any(name.exists(cell) for name in known(module).values())


@cache
def _read() -> Mapping[str, Mapping[str, Name]]:
    return {module: names(_with_module(facts)) for module, facts in _facts().items() if module != "note"}


def _with_module(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """The names of a module; where the module is missing, each of them is."""
    lacking: Mapping[str, str] = facts["missing_on"]
    return {
        name: {**fact, "missing_on": {**fact.get("missing_on", {}), **lacking}} for name, fact in facts["names"].items()
    }


@cache
def _facts() -> Mapping[str, Any]:
    path = Path(__file__).parent / "data" / "companions.json"
    return json.loads(path.read_text(encoding="utf-8"))

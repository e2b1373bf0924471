"""Facts of the ports table about the names in a master stub, for all ports and releases of that stub together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from usock_lint import ports
from usock_lint.ports import Cell, companions, tls, world
from usock_lint.ports.table import Name


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one module on some cells. A name exists if every cell has it, and has a value if all have the same.

    A name is written with its class: `socket.recv`, `SSLContext.verify_mode`.
    """

    module: str
    cells: frozenset[Cell]

    def has(self, name: str) -> bool:
        """True if every cell has the name. A name with a leading underscore always counts as there.

        It is one for type checkers, or a special method, of which the table does not tell whether a type has it.
        """
        owner, _, member = name.rpartition(".")
        return member.startswith("_") or all(self._has(cell, owner, member) for cell in self.cells)

    def lacks_parameter(self, name: str) -> bool:
        """True if the table has this parameter (`wrap_socket.cadata`), and some cell lacks it."""
        if self.module == "asyncio":
            function, _, parameter = name.partition(".")
            calls = (world.signature(cell, "asyncio", function) for cell in self.cells)
            return any(call and parameter not in {*call.named, *(call.keywords or ())} for call in calls)
        return name in self._companion and not self.has(name)

    def value(self, name: str) -> int | None:
        """The value of a constant, if it is known and the same on every port."""
        found = {self._value(cell, name) for cell in self.cells if cell.port != "docs"}
        value = found.pop() if len(found) == 1 else None
        return value if isinstance(value, int) else None

    def arity(self, name: str) -> tuple[int, int | None] | None:
        """The least and the most positional arguments (None: any number) that every port takes; None: not known.

        The documentation does not count, because it leaves out arguments that all ports take.
        """
        found = [arity for cell in self.cells if cell.port != "docs" and (arity := self._arity(cell, name))]
        if not found:
            return None
        limits = [most for _, most in found if most is not None]
        return max(least for least, _ in found), min(limits, default=None)

    def everywhere(self, path: str, value: object) -> bool:
        """True if a behaviour (`address`), or one of its parts (`makefile.returns`), is or lists this on every cell."""
        return all(_is_or_lists(ports.behaviour(cell, path), value) for cell in self.cells)

    def somewhere(self, path: str, value: object) -> bool:
        """True if a behaviour, or one of its parts, is or lists this on at least one cell."""
        return any(_is_or_lists(ports.behaviour(cell, path), value) for cell in self.cells)

    @property
    def _companion(self) -> Mapping[str, Name]:
        """The names of select, ssl or tls; none for any other module."""
        return companions.known(self.module) if self.module in ("select", "ssl", "tls") else {}

    def _has(self, cell: Cell, owner: str, name: str) -> bool:
        """True if a cell has a name of the module, or, with an owner, of one of its classes."""
        match self.module, owner:
            case "socket", "":
                return ports.has(cell, "module", name) and not _depends_on_build(self._name(cell, name))
            case "socket", "_File" | "_TextFile":
                return ports.behaviour(cell, "makefile_members").get(name) == "ok"
            case "socket", _:
                return ports.has(cell, "socket", name)
            case "errno", _:
                return name in ports.errno_names(cell)
            case "__builtins__", "OSError":
                return ports.oserror_has(cell, name)
            case "__builtins__", _:  # the master has the builtins that MicroPython lacks
                return name == "OSError" or name in ports.MISSING_BUILTINS
            case "ssl", "_SSLSocket":
                return tls.has(cell, name)
            case "asyncio", "":
                return world.module_name(cell, "asyncio", name) is not False
            case "asyncio", "_Stream" | "_Server":  # asyncio has no names for them, and the table no members
                return True
            case "asyncio", _:
                return world.class_member(cell, "asyncio", owner, name) is not False
            case _:
                return companions.has(cell, self.module, f"{owner}.{name}".lstrip("."))

    def _name(self, cell: Cell, name: str) -> Name | None:
        if self.module != "socket":
            return self._companion.get(name)
        owner, _, member = name.rpartition(".")
        one = ports.implementation_at(cell)
        return (one.members if owner else one.module).get(member)

    def _value(self, cell: Cell, name: str) -> int | str | None:
        if self.module == "errno":
            return ports.errno_number(cell, name)
        found = self._name(cell, name)
        return found.value(cell.release) if found else None

    def _arity(self, cell: Cell, name: str) -> tuple[int, int | None] | None:
        found = self._name(cell, name)
        return found.arity(cell.release) if found else None


def _depends_on_build(name: Name | None) -> bool:
    return name is not None and name.condition != ""


def _is_or_lists(found: object, value: object) -> bool:
    return found == value or (isinstance(found, tuple) and value in found)

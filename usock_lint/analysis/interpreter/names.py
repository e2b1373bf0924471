"""Names and attributes: looking them up and binding them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import libcst as cst

from usock_lint.analysis import type_annotations
from usock_lint.analysis.domain import device, flags, types, typestate
from usock_lint.analysis.domain.keys import OPAQUE, Attr, Key, Pending
from usock_lint.analysis.domain.operations import FALSE, NONE, TRUE, UNKNOWN, atoms, const, items, join
from usock_lint.analysis.domain.values import (
    AddrInfo,
    Anything,
    Atom,
    Box,
    Builtin,
    Caught,
    Cells,
    Class,
    Closing,
    ErrorNumber,
    File,
    Function,
    Instance,
    Items,
    Member,
    Module,
    NoData,
    On,
    Received,
    SockAddr,
    Socket,
    Stream,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import containers
from usock_lint.analysis.interpreter.state import Point
from usock_lint.analysis.uses import Attribute, BuiltinName, ModuleName, Unpacked
from usock_lint.ports import MISSING_BUILTINS, is_known
from usock_lint.ports.modules import EVERYWHERE

# What else may be there makes an attribute of something tracked harmless.
_MIXING: Final = frozenset({Socket, Anything})

_OF_FILE: Final = (Instance, Class)

KEYWORDS: Final = {"None": NONE, "True": TRUE, "False": FALSE}


class Names(Point):
    """What a name or an attribute is, and what an assignment to one does.

    `calling` is the call being evaluated, `function` the one whose body is, and `yields` whether
    that is a generator, as far as it was walked.
    """

    function: cst.FunctionDef | None = None
    yields = False

    def __init__(self, module: cst.Module, world: Cells, *, losses: bool = True) -> None:
        super().__init__(module, world, losses=losses)
        self.calling: cst.Call | None = None
        self.read: set[str] = set()

    def value(self, node: cst.CSTNode) -> Value:
        """What an expression may be here."""
        raise NotImplementedError

    def bind(self, target: cst.CSTNode, value: Value) -> None:
        """Assign a value to a name, an attribute, or the parts of a tuple."""
        if type(target) is cst.Name:
            self.set_name(target.value, value)
        elif type(target) is cst.Attribute:
            self._set_attribute(target, value)
        elif isinstance(target, cst.Tuple | cst.List):
            self._unpack(target, value)
        else:
            self.value(target)
            typestate.forget(self.scope, value)
            if isinstance(target, cst.Subscript):
                self._put(target, value)

    def meant(self, node: cst.Annotation) -> Value:
        """What has the type that an annotation names."""
        return type_annotations.meant(self.scope, self.typing, node.annotation)

    def declare(self, target: cst.BaseExpression, declared: Value) -> None:
        """An annotation tells what a name or an attribute is."""
        if declared == UNKNOWN:
            return
        match target:
            case cst.Name(value=name) if self.scope.is_class and self.scope.owner is not None:
                self.learn("declared", (self.scope.owner, name), declared)
            case cst.Name(value=name):
                self.scope.declared[name] = declared
            case cst.Attribute(value=holder, attr=cst.Name(value=name)):
                for atom in self.quiet(holder):
                    if isinstance(atom, Instance):
                        self.learn("declared", (atom.node, name), declared)
            case _:
                return

    def name(self, node: cst.Name) -> Value:
        name = node.value
        if name in KEYWORDS:
            return KEYWORDS[name]
        found = self.scope.lookup(name)
        return self._unbound(node, name) if found is None else flags.named(name, found)

    def _unbound(self, node: cst.Name, name: str) -> Value:
        stars = self.scope.starred()
        if "socket" in stars and is_known(name, "module"):
            self._note_module(node, name, self.live)
            return frozenset({Member(Module("socket"), name)})
        if name in MISSING_BUILTINS and stars <= EVERYWHERE:
            self._note_missing(BuiltinName(self.site(self.live), node, name, self.clause))
        return flags.FLAG if flags.is_flag(name) else frozenset({Builtin(name)})

    def attribute(self, node: cst.Attribute) -> Value:
        if type(node.value) is cst.Name and node.value.value in self.holders:
            found = self.scope.lookup(Attr(node.value.value, node.attr.value))
            if found is not None:
                return flags.named(node.attr.value, found)
        call = self.calling if self.calling is not None and self.calling.func is node else None
        base = self.value(node.value)
        if base is UNKNOWN:
            return flags.named(node.attr.value, UNKNOWN)
        if len(base) > 1:
            base = self.rule_out(node.value, base, lambda atom: types.has_method(atom, node.attr.value) is False)
        found = list(atoms(base, self.live))
        mixed = not _MIXING.isdisjoint([type(atom) for atom, _ in found])
        parts = [self.limit(self._member(node, atom, cells, call, mixed), cells) for atom, cells in found]
        return flags.named(node.attr.value, join(*parts))

    def _member(self, node: cst.Attribute, atom: Atom, cells: Cells, call: cst.Call | None, mixed: bool) -> Value:
        name = node.attr.value
        if name == "__class__" and (kind := types.class_of(atom)) is not UNKNOWN:
            return kind
        if isinstance(atom, _OF_FILE):
            return self._inherited(atom, atom.node, name)
        match atom:
            case Module("socket"):
                self._note_module(node, name, cells)
                return frozenset({Member(atom, name)})
            case Caught() if name == "errno":
                self.note(Attribute(self.site(cells), node, atom, name))
                return frozenset({ErrorNumber(atom.resolving)})
            case Socket() | File() | TlsSocket() | Caught() | Received() | SockAddr() | Module("errno"):
                if not self._hands_on(name):
                    self.note(Attribute(self.site(cells), node, atom, name, call=call, mixed=mixed))
                return frozenset({Member(atom, name)})
            case NoData():
                self.demand(node.value, frozenset({On(cells, atom)}), "AttributeError")
                return UNKNOWN
            case Builtin(kind) if name == "__name__":
                return const(kind)
            case Anything() | Builtin() | Function() | Closing():
                return UNKNOWN
            case _:
                return device.member(atom, name, cells)

    def _hands_on(self, name: str) -> bool:
        """Whether this is a wrapper's method that passes all it is given to the method of the same name."""
        arguments = self.calling.args if self.calling is not None else ()
        inside = self.function is not None and self.function.name.value == name
        return inside and bool(arguments) and all(one.star for one in arguments)

    def rule_out(self, node: cst.BaseExpression, value: Value, raises: Callable[[Atom], bool]) -> Value:
        """What a value may be where an operation on it went well: not what it raises for, unless it does for all.

        The name that has the value is that from here on; a handler around may find it as it was.
        """
        left = frozenset(atom for atom in value if not raises(atom))
        if not left or left == value:
            return value
        key = key_of(node)
        bound = key in self.scope.names or isinstance(key, Attr)
        if key is not None and bound and not self.optional:
            self.scope.names[key] = left
            if isinstance(key, Attr):
                self.holders.add(key.holder)
            for meanwhile in self.scope.trials:
                meanwhile[key] = join(meanwhile.get(key, frozenset()), value)
        return left

    def quiet(self, node: cst.BaseExpression) -> Value:
        """What an expression may be here, its uses not noted a second time."""
        noted = len(self.body.uses)
        value = self.value(node)
        del self.body.uses[noted:]
        return value

    def _note_module(self, node: cst.Attribute | cst.Name, name: str, cells: Cells) -> None:
        self.read.add(name)
        self.body.reads.add(name)
        if self.scope.names.get(OPAQUE) == TRUE:
            cells = device.with_opaque_addresses(name, cells)
        call = self.calling if self.calling is not None and self.calling.func is node else None
        module = node.value.value if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) else None
        self._note_missing(ModuleName(self.site(cells), node, name, self.clause, call=call, module=module))

    def _note_missing(self, use: ModuleName | BuiltinName) -> None:
        self.note(use)
        if self.clause is not None:
            self.clause.missing.add(use.node)

    def _of_class(self, atom: Instance | Class, owner: cst.ClassDef, name: str) -> Value:
        found = self.recall("attributes", (owner, name))
        if found is not None:
            return join(*[self._bound(one, atom) for one in found]) if Function in map(type, found) else found
        return join(*[self._of_class(atom, base, name) for base in self.bases.get(owner, [])])

    def _inherited(self, atom: Instance | Class, owner: cst.ClassDef, name: str) -> Value:
        """An attribute of a class or its bases, failing that of the classes that derive from it, or as declared."""
        found = self._of_class(atom, owner, name)
        if isinstance(atom, Instance) and (not found or all(map(_is_left_open, found))):
            found = join(found, *(self._of_class(atom, one, name) for one in self._derived(owner)))
        declared = self._declared(owner, name)
        return type_annotations.refined(found, declared, none=True) if found else declared

    def _derived(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        derived = [one for one, bases in self.bases.items() if owner in bases and one is not owner]
        return [*derived, *(deeper for one in derived for deeper in self._derived(one))]

    def _declared(self, owner: cst.ClassDef, name: str) -> Value:
        found = self.recall("declared", (owner, name))
        bases = self.bases.get(owner, [])
        return found or next((one for base in bases if (one := self._declared(base, name)) != UNKNOWN), UNKNOWN)

    def _bound(self, found: Atom, owner: Instance | Class) -> Value:
        match found:
            case Function(node, is_property=True) if isinstance(owner, Instance):
                return self.recall("returns", node) or UNKNOWN
            case Function(method=True, owner=None):
                return frozenset({Function(found.node, owner, True, found.is_property)})
            case _:
                return frozenset({found})

    def _set_attribute(self, target: cst.Attribute, value: Value) -> None:
        name, holder = target.attr.value, target.value
        if isinstance(holder, cst.Name):
            self.holders.add(holder.value)
            self.scope.names[Attr(holder.value, name)] = value
        typestate.forget(self.scope, value)
        for atom in self.value(holder):
            if atom == Module("socket") and name not in self.read:
                self.note(ModuleName(self.site(self.live), target, name, None, stored=True))
            if isinstance(atom, Socket | TlsSocket):
                self.note(Attribute(self.site(self.live), target, atom, name, stored=True))
            if isinstance(atom, Instance | Class):
                self._store(holder, (atom.node, name), value)

    def _store(self, holder: cst.BaseExpression, key: tuple[cst.ClassDef, str], value: Value) -> None:
        if isinstance(holder, cst.Name):
            self.stores.put(self.scope, self.learn, Pending(holder.value, key[1]), ("attributes", key), value)
        else:
            self.learn("attributes", key, value)

    def spread(self, node: cst.BaseExpression, value: Value) -> None:
        """Note an address or a stream whose items become arguments of a call."""
        self.drawn(node, value)
        for atom, cells in atoms(value, self.live):
            if isinstance(atom, SockAddr | AddrInfo):
                self.note(Unpacked(self.site(cells), node, atom, None))

    def _put(self, target: cst.Subscript, value: Value) -> None:
        for atom, _ in atoms(self.quiet(target.value), self.live):
            match target.slice:
                case [cst.SubscriptElement(slice=cst.Index(value=index))] if isinstance(atom, Box | Tuple):
                    containers.put(self, atom, value, self.quiet(index))
                case _:
                    containers.put(self, atom, UNKNOWN)

    def _unpack(self, target: cst.Tuple | cst.List, value: Value) -> None:
        wanted = len(target.elements)
        stars = [isinstance(element, cst.StarredElement) for element in target.elements]
        star = stars.index(True) if True in stars else None
        rows: list[tuple[Value, ...]] = []
        for atom, cells in atoms(value, self.live):
            if isinstance(atom, Box | Items) or containers.has_grown(self, atom):
                item = containers.keys(self, atom)
                rows.append(tuple(frozenset({Items(item)}) if index == star else item for index in range(wanted)))
                continue
            row = _shared_out(items(atom, cells), wanted, star)
            rows += row if not isinstance(atom, Anything) else [(UNKNOWN,) * wanted]
            if not row and isinstance(atom, SockAddr | AddrInfo):
                self.note(Unpacked(self.site(cells), target, atom, wanted))
        if value and all(isinstance(atom, Stream) for atom, _ in atoms(value, self.live)):
            self.drawn(target, value)
        for index, element in enumerate(target.elements):
            self.bind(element.value, join(*(row[index] for row in rows)) if rows else UNKNOWN)


def key_of(node: cst.BaseExpression) -> Key | None:
    """Under what a scope has the value of an expression, if it is a name or an attribute of one."""
    match node:
        case cst.Name(value=name) if name not in KEYWORDS:
            return name
        case cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=attribute)):
            return Attr(holder, attribute)
        case _:
            return None


def _is_left_open(atom: Atom) -> bool:
    """Whether this is a method that a class below has to define: it raises NotImplementedError, or does nothing."""
    if not isinstance(atom, Function):
        return False
    last = atom.node.body.body[-1]
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return isinstance(statement, cst.Pass) or (isinstance(statement, cst.Raise) and is_abstract(statement))


def is_abstract(node: cst.Raise) -> bool:
    """Whether this says that a class below has the method."""
    error = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
    return isinstance(error, cst.Name) and error.value == "NotImplementedError"


def _shared_out(items: tuple[Value, ...], wanted: int, star: int | None) -> list[tuple[Value, ...]]:
    """Items as they go to so many targets, the one with a star taking the rest; nothing where they do not fit."""
    if star is None:
        return [items] if len(items) == wanted else []
    end = len(items) - (wanted - 1 - star)
    if end < star:
        return []
    return [(*items[:star], frozenset({Tuple(items[star:end])}), *items[end:])]

"""Names and attributes: looking them up and binding them."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Final

import libcst as cst

from usock_lint.analysis import handlers, heuristics, hierarchy, type_annotations
from usock_lint.analysis.domain import builtin_types, device, flags, library, types, typestate
from usock_lint.analysis.domain.keys import OPAQUE, Attr, Key, Pending
from usock_lint.analysis.domain.operations import (
    FALSE,
    NO_CELLS,
    NONE,
    NOTHING,
    TRUE,
    UNKNOWN,
    are_flags,
    atoms,
    const,
    constant,
    items,
    join,
)
from usock_lint.analysis.domain.values import (
    ARGUMENTS,
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
    Object,
    OfType,
    On,
    ProjectModule,
    Received,
    SockAddr,
    Socket,
    Stream,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.interpreter import borrowed, containers, passing
from usock_lint.analysis.interpreter.bindings import PARTS
from usock_lint.analysis.interpreter.core import Interpreter, evaluates
from usock_lint.analysis.uses import (
    Argument,
    Attribute,
    BuiltinName,
    HiddenName,
    LibraryAttribute,
    LibraryName,
    MissingBuiltin,
    ModuleName,
    ShortRead,
    TypeMember,
    UnboundModule,
    Unpacked,
)
from usock_lint.ports import MISSING_BUILTINS, exceptions, is_known, special_names, stars
from usock_lint.syntax.nodes import called_name, within

# An attribute of a value that may be one of these is `mixed`: what a TLS socket lacks, a plain one may have.
_MIXING: Final = frozenset({Socket, Anything})

_OF_FILE: Final = (Instance, Class)

_SHARED: Final = frozenset({"__annotations__", "__doc__"})

_NOT_KEPT: Final = {
    Class: ("class", _SHARED | {"__mro__", "__subclasses__"}),
    Instance: ("object", _SHARED),
    Function: ("function", _SHARED | {"__closure__", "__defaults__", "__kwdefaults__", "__module__", "__qualname__"}),
}
"""For what a file defines: what a message calls it, and the attributes that CPython gives it and no port keeps."""

# Names that libcst has for the keywords that are constants.
KEYWORDS: Final = {"None": NONE, "True": TRUE, "False": FALSE}


def bind(interp: Interpreter, target: cst.CSTNode, value: Value) -> None:
    """Assign a value to a name, an attribute, or the parts of a tuple."""
    if type(target) is cst.Name:
        interp.env.set_name(target.value, borrowed.bound(interp, target, value))
    elif type(target) is cst.Attribute:
        _set_attribute(interp, target, value)
    elif isinstance(target, (cst.Tuple, cst.List)):
        _unpack(interp, target, value)
    # `names[s] = name`, `socks[0] = s`: no key of the scope stands for such a target, so `s` escapes.
    else:
        interp.value(target)
        typestate.forget(interp.state.scope, value)
        if isinstance(target, cst.Subscript):
            _put(interp, target, value)


def meant(interp: Interpreter, node: cst.Annotation) -> Value:
    """A value of the type that an annotation names."""
    for name in within(node) if interp.elsewhere.has_imported else ():
        if isinstance(name, cst.Name) and (found := interp.state.scope.lookup(name.value)) is not None:
            _resolved(interp, name.value, found)
    return type_annotations.meant(interp.state.scope, interp.typing, node.annotation)


def declare(interp: Interpreter, target: cst.BaseExpression, declared: Value) -> None:
    """Apply an annotation to a name or an attribute."""
    if declared == UNKNOWN:
        return
    match target:
        case cst.Name(value=name) if interp.state.scope.is_class and interp.state.scope.owner is not None:
            interp.summaries.publish("declared", (interp.state.scope.owner, name), declared)
        case cst.Name(value=name):
            interp.state.scope.declared[name] = declared
        case cst.Attribute(value=holder, attr=cst.Name(value=name)):
            for atom in interp.quiet(holder):
                if isinstance(atom, Instance):
                    interp.summaries.publish("declared", (atom.node, name), declared)
        case _:
            return


@evaluates(cst.Name)
def name(interp: Interpreter, node: cst.Name) -> Value:
    name = node.value
    if name in KEYWORDS:
        return KEYWORDS[name]
    if name in interp.defined:
        _note_mention(interp, node)
    found = interp.state.scope.lookup(name)
    if found is None:
        return _unbound(interp, node, name)
    if interp.elsewhere.has_imported:
        found = _resolved(interp, name, found)
    return flags.named(name, found)


def _note_mention(interp: Interpreter, name: cst.Name) -> None:
    """Record a mention of a function, class or private method of the file.

    One that an unknown flag about Python decides about counts as one in code for CPython.
    """
    if interp.state.live and not interp.is_quiet:
        body = interp.summaries.body
        (body.unreached if interp.state.is_undecided else body.reached).add(name)


def _resolved(interp: Interpreter, name: str, found: Value) -> Value:
    """The value of a name. One imported from another file is resolved there and stored."""
    known = interp.elsewhere.resolved(interp, found)
    if known is not found:
        interp.state.scope.replace(name, found, known)
    return known


def _unbound(interp: Interpreter, node: cst.Name, name: str) -> Value:
    """The value of a name that no scope binds: a failed import, a star import or the builtins have it."""
    # The import of this module has failed on all configurations that get here: `import ssl` in a `try` with `pass`.
    if interp.state.live <= interp.failed.get(name, NO_CELLS):
        interp.recorder.note(UnboundModule(interp.recorder.site(interp.state.live), node, name))
        return UNKNOWN
    # The last star import wins, as it does when the program runs.
    for module in interp.state.scope.starred():
        if module == "socket" and is_known(name, "module"):
            _note_module(interp, node, name, interp.state.live)
            return frozenset({Member(Module("socket"), name)})
        if stars.brings(module, name):
            _note_starred(interp, node, module, name)
            return device.member(Module(module), name, interp.state.live)
    is_missing = name in MISSING_BUILTINS or name in exceptions.INSTEAD
    if is_missing and (interp.library.binds("builtins", (name,)) or name in heuristics.bound_by_text(interp.module)):
        return UNKNOWN
    if is_missing:
        _note_missing(interp, BuiltinName(interp.recorder.site(interp.state.live), node, name, interp.state.clause))
        _stop_where_missing(interp, interp.state.live)
    elif (
        not may_be_starred(interp, name)
        and not heuristics.is_assembler(interp.state.function)
        and (cells := builtin_types.without_builtin(name, interp.state.live))
        and not interp.library.binds("builtins", (name,))
        and name not in heuristics.bound_by_text(interp.module)
    ):
        interp.recorder.note(MissingBuiltin(interp.recorder.site(cells), node, name, _call_of(interp, node)))
        _stop_where_missing(interp, cells)
    # A function under `@rp2.asm_pio` is not run as Python: its names are the assembler's.
    if heuristics.is_assembler(interp.state.function):
        return UNKNOWN
    return flags.FLAG if flags.is_flag(name) else frozenset({Builtin(name)})


def _stop_where_missing(interp: Interpreter, cells: Cells) -> None:
    """Go on in the handler for a NameError, if the `try` around has one: it asks whether there is such a builtin."""
    if interp.state.clause is None and any(
        "NameError" in handlers.caught(one) and not handlers.ends_for_good(one)
        for attempt in interp.state.attempts
        for one in attempt.node.handlers
    ):
        interp.state.live -= cells


def _note_starred(interp: Interpreter, node: cst.Name, module: str, name: str) -> None:
    """Record a name that a star import of this module binds on CPython, unless boards have it from somewhere else."""
    others = (one for one in interp.state.scope.starred() if one != module)
    if hasattr(builtins, name) or any(stars.brings(one, name) is not False for one in others):
        return
    if interp.library.is_standard(module) and interp.library.lacking(module, name, interp.state.live):
        site = interp.recorder.site(interp.state.live)
        interp.recorder.note(LibraryName(site, node, Module(module), name, interp.state.clause, _call_of(interp, node)))


def may_be_starred(interp: Interpreter, name: str) -> bool:
    """True if a star import of an unknown module may bind a name."""
    return any(stars.brings(module, name) is None for module in interp.state.scope.starred())


@evaluates(cst.Attribute)
def attribute(interp: Interpreter, node: cst.Attribute) -> Value:
    if node.attr.value in interp.private_methods:
        _note_mention(interp, node.attr)
    # If this body has assigned or narrowed `self.sock`, its key is more precise than the summary of the class.
    if type(node.value) is cst.Name and node.value.value in interp.env.holders:
        found = interp.state.scope.lookup(Attr(node.value.value, node.attr.value))
        if found is not None:
            return flags.named(node.attr.value, found)
    call = _call_of(interp, node)
    base = interp.value(node.value)
    if base is UNKNOWN:
        return flags.named(node.attr.value, UNKNOWN)
    if node.attr.value in device.STRING_METHODS and flags.is_about_python(base):
        return flags.FLAG
    # `x.decode()`: if x is bytes or str, it is bytes afterwards. If only None were left, nothing is ruled out.
    if len(base) > 1 and any(constant(atom) is not None and not types.lacks(atom, node.attr.value) for atom in base):
        base = rule_out(interp, node.value, base, lambda atom: types.lacks(atom, node.attr.value))
    found = list(atoms(base, interp.state.live))
    _note_lacking(interp, node, found, call)
    plain = not _MIXING.isdisjoint([type(atom) for atom, _ in found])
    parts: list[Value] = []
    own = len(found) > 1 and any(
        isinstance(atom, ProjectModule) and of_project(interp, atom, node.attr.value) is not UNKNOWN
        for atom, _ in found
    )
    for atom, cells in found:
        # `try: import our_time as time`, and CPython's in the handler: the project's is there, and has the name.
        if own and isinstance(atom, Module):
            continue
        mixed = plain or (len(found) > 1 and _is_beside_others(node.attr.value, atom, cells, found))
        parts.append(interp.state.limit(_member(interp, node, atom, cells, call, mixed), cells))
    return flags.named(node.attr.value, join(*parts))


def _is_beside_others(name: str, owner: Atom, live: Cells, found: list[tuple[Atom, Cells]]) -> bool:
    """True if an object of a library's class may be something else instead that may have the attribute, as a file."""
    if library.object_of(owner) is None:
        return False
    others = [(atom, cells & live) for atom, cells in found if atom != owner and constant(atom) is not None]
    return any(cells and not _lacks(atom, name, cells) for atom, cells in others)


def _lacks(atom: Atom, name: str, cells: Cells) -> bool:
    """True if an atom has no such attribute on any of the cells."""
    owner = library.object_of(atom)
    missing = library.without_member(owner, name, cells) if owner else builtin_types.lacking(atom, name, cells)
    return missing is not None and cells <= missing


def _call_of(interp: Interpreter, node: cst.BaseExpression) -> cst.Call | None:
    """The call whose callee is this node, if it is one."""
    calling = interp.state.calling
    return calling if calling is not None and calling.func is node else None


def _note_lacking(
    interp: Interpreter, node: cst.Attribute, found: list[tuple[Atom, Cells]], call: cst.Call | None
) -> None:
    """Record an attribute that each type of a value lacks on some cells. None is skipped: it lacks every attribute."""
    if node.attr.value in special_names.OF_OBJECT and called_name(node.value) == "super":
        return
    lacking = having = NO_CELLS
    kind = ""
    for atom, cells in found:
        if constant(atom) is None:
            continue
        if isinstance(atom, Object) and atom.module != "builtins" and not interp.library.is_standard(atom.module):
            return
        missing, named = _without(interp, node, atom, cells)
        # A possibility of unknown type may have the attribute.
        if missing is None:
            return
        lacking, having = lacking | missing, having | (cells - missing)
        # One of the types is named: always the same one.
        kind = max(kind, named)
    if lacking - having:
        site = interp.recorder.site(lacking - having)
        interp.recorder.note_by_type(TypeMember(site, node, kind, node.attr.value, call))


def _without(interp: Interpreter, node: cst.Attribute, atom: Atom, cells: Cells) -> tuple[Cells | None, str]:
    """The cells on which an atom lacks an attribute, None where that is not known; and how a message names its type."""
    name = node.attr.value
    if own := not_kept(interp, atom, name):
        return cells, own
    if not isinstance(atom, Class):
        return builtin_types.lacking(atom, name, cells), builtin_types.kind_of(atom) or ""
    is_lacking = lacks(interp, atom, name) and not interp.sets_attribute(name, node.value)
    return cells if is_lacking else None, atom.node.name.value


def lacks(interp: Interpreter, atom: Class, name: str) -> bool:
    """True if a class of the file lacks a special name that CPython's classes get from `object`: `Base.__init__`."""
    if not special_names.lacks_object(name):
        return False
    above = interp.hierarchy.above(atom.node)
    if any(one.decorators or one.keywords for one in above):
        return False
    bases = interp.hierarchy.foreign(atom.node)
    if not all(isinstance(base, Builtin) and special_names.has(base.name, name) is False for base in bases):
        return False
    return not any(interp.summaries.read("attributes", (one, name)) for one in above)


def not_kept(interp: Interpreter, atom: Atom, name: str) -> str | None:
    """What a message calls a class, function or instance of the file, if no port gives it an attribute of this name."""
    match atom:
        case Class(node) | Instance(node) | Function(node):
            kind, names = _NOT_KEPT[type(atom)]
        case _:
            return None
    if name not in names or node.decorators or heuristics.sets_attribute(interp.module, name):
        return None
    if isinstance(atom, _OF_FILE):
        foreign = interp.hierarchy.foreign(atom.node)
        given = any(_of_class(interp, atom, atom.node, one) for one in (name, "__getattr__"))
        if given or not all(isinstance(base, Builtin) for base in foreign):
            return None
    return kind


def _member(
    interp: Interpreter, node: cst.Attribute, atom: Atom, cells: Cells, call: cst.Call | None, mixed: bool
) -> Value:
    """The value of the attribute of one atom, and the uses in the look-up."""
    name = node.attr.value
    if name == "__class__" and (kind := types.class_of(atom)) is not UNKNOWN:
        return kind
    if isinstance(atom, _OF_FILE):
        return _of_class_or_instance(interp, node, atom, cells, call)
    match atom:
        case Member(Module("socket"), "socket"):
            interp.recorder.note(Attribute(interp.recorder.site(cells), node, atom, name, call=call))
            return device.member(atom, name, cells)
        # `key.fileobj`, where `key` is one of `selector.select()`.
        case Member(Box() as selector, containers.KEY):
            return containers.of_key(interp, selector, name)
        # `super().__init__()` in a class that derives from `socket.socket` calls that class.
        case Socket() if name == "__init__":
            return frozenset({Member(Module("socket"), "socket")})
        case Module("socket" | "errno") if _is_replaced(interp, atom, name, cells):
            return UNKNOWN
        case Module("socket"):
            _note_module(interp, node, name, cells)
            return frozenset({Member(atom, name)})
        case Caught() if name == "errno":
            interp.recorder.note(Attribute(interp.recorder.site(cells), node, atom, name))
            return frozenset({ErrorNumber(atom.resolving)})
        case Socket() | File() | TlsSocket() | Caught() | Received() | SockAddr() | Module("errno"):
            if not heuristics.forwards_arguments(interp.state.calling, interp.state.function, name):
                interp.recorder.note(Attribute(interp.recorder.site(cells), node, atom, name, call=call, mixed=mixed))
            return frozenset({Member(atom, name)})
        # None raises here, so the name is not None afterwards.
        case NoData():
            interp.recorder.require_not_none(node.value, frozenset({On(cells, atom)}), "AttributeError")
            return UNKNOWN
        case Builtin(kind) if name == "__name__":
            return const(kind)
        case Builtin(kind) if builtin_types.is_class(kind):
            return frozenset({Member(atom, name)})
        case Anything() | Builtin() | Function() | Closing():
            return UNKNOWN
        case OfType(kind) if builtin_types.is_installed(kind):
            return UNKNOWN
        case ProjectModule():
            return of_project(interp, atom, name)
        case Module():
            _note_name(interp, node, atom, name, cells, call)
            return device.member(atom, name, cells)
        case device.VERSION if name in device.VERSION_PARTS:
            _note_name(interp, node, Module("sys"), f"version_info.{name}", cells, call)
            return device.member(atom, name, cells)
        case Object() | Member(Module()) if (owner := library.object_of(atom)) is not None:
            if owner.module == "builtins" or interp.library.is_standard(owner.module):
                site = interp.recorder.site(cells)
                interp.recorder.note(LibraryAttribute(site, node, owner.plain, name, call, mixed=mixed))
            if call is not None or isinstance(atom, Member):
                return frozenset({Member(atom, name)})
            # `end = writer.wait_closed`: the method may be called anywhere, with its effect on the object.
            typestate.forget(interp.state.scope, frozenset({atom}))
            return UNKNOWN
        case _:
            return device.member(atom, name, cells)


def _of_class_or_instance(
    interp: Interpreter, node: cst.Attribute, atom: Instance | Class, cells: Cells, call: cst.Call | None
) -> Value:
    """The value of an attribute of a class of the file or its project, or of an instance of one."""
    name = node.attr.value
    # Through `self.__dict__`, as through `vars(self)`, any attribute may be set.
    if name == "__dict__":
        interp.summaries.publish("open", (atom.node, ""), TRUE)
    found = _inherited(interp, atom, atom.node, name)
    if found == UNKNOWN and isinstance(atom, Instance) and (base := interp.hierarchy.foreign(atom.node)):
        return _of_foreign(interp, node, base, cells, call)
    return found


def _note_name(
    interp: Interpreter, node: cst.Attribute, module: Module, name: str, cells: Cells, call: cst.Call | None
) -> None:
    """Record a name that is looked up in a module, unless the file itself sets it there."""
    if interp.sets_attribute(node.attr.value, node.value):
        return
    if interp.library.is_standard(module.name):
        if library.lacking(module.name, name, cells) and not interp.library.lacking(module.name, name, cells):
            return
        use = LibraryName(interp.recorder.site(cells), node, module, name, interp.state.clause, call)
        interp.recorder.note(use)
        is_oserror = exceptions.OF_MODULES.get(f"{module.name}.{name}") == "OSError"
        if use.clause is not None and is_oserror and interp.library.lacking(module.name, name, cells):
            use.clause.missing.add(node)
    else:
        note_hidden(interp, node, module.name, name, cells)


def note_hidden(
    interp: Interpreter,
    node: cst.Attribute | cst.ImportAlias | cst.BaseExpression,
    module: str,
    name: str,
    cells: Cells,
    statement: cst.Import | cst.ImportFrom | None = None,
) -> None:
    """Record a name that a file of the project binds, if a built-in module of the same name may hide the file."""
    if file := interp.elsewhere.hidden(module, name):
        interp.recorder.note(HiddenName(interp.recorder.site(cells), node, Module(module), name, file, statement))


def of_project(interp: Interpreter, module: ProjectModule, name: str) -> Value:
    """The value of a name in a module of the project, which this file may have assigned."""
    found = interp.elsewhere.member(interp, module, name)
    return join(found, interp.summaries.read("attributes", (module, name)) or NOTHING)


def rule_out(interp: Interpreter, node: cst.BaseExpression, value: Value, raises: Callable[[Atom], bool]) -> Value:
    """A value without the atoms for which an operation on it raises, unless it raises for all.

    The name with that value is narrowed from here on. A handler around may still see the old value.
    """
    left = frozenset(atom for atom in value if not raises(atom))
    if not left or left == value:
        return value
    key = key_of(node)
    bound = key in interp.state.scope.names or isinstance(key, Attr)
    # In `a and b.x` the attribute may not be looked up, so the name is not narrowed.
    if key is not None and bound and not interp.state.optional:
        interp.state.scope.names[key] = left
        if isinstance(key, Attr):
            interp.env.holders.add(key.holder)
        # Any statement of a `try` may fail before this one, so its handlers join the value as it was.
        for meanwhile in interp.state.scope.trials:
            meanwhile[key] = join(meanwhile.get(key, frozenset()), value)
    return left


def measured(interp: Interpreter, node: cst.BaseExpression, value: Value) -> None:
    """Narrow received data after `len()`: the program knows the length, so `asked` and `once` no longer matter."""
    key = key_of(node)
    if key is not None and any(isinstance(atom, Received) and (atom.asked or atom.once) for atom in value):
        interp.state.scope.names[key] = frozenset(
            Received(atom.method) if isinstance(atom, Received) else atom for atom in value
        )


def _is_replaced(interp: Interpreter, atom: Module, name: str, cells: Cells) -> bool:
    """True if a port lacks a name of the module, and a module of the project has it.

    A search goes through all folders of the project, so it is made for no name that is there.
    """
    return device.having(atom, name, cells) != cells and interp.library.replaces(atom.name, name)


def _note_module(interp: Interpreter, node: cst.Attribute | cst.Name, name: str, cells: Cells) -> None:
    """Record a name of the socket module."""
    interp.read.add(name)
    interp.summaries.body.reads.add(name)
    if interp.state.scope.names.get(OPAQUE) == TRUE:
        cells = device.with_opaque_addresses(name, cells)
    call = _call_of(interp, node)
    module = node.value.value if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) else None
    _note_missing(
        interp, ModuleName(interp.recorder.site(cells), node, name, interp.state.clause, call=call, module=module)
    )


def _note_missing(interp: Interpreter, use: ModuleName | BuiltinName) -> None:
    interp.recorder.note(use)
    # The other builtin exceptions that ports lack are no OSErrors, and all those of `socket` are.
    if interp.state.clause is not None and use.name not in exceptions.INSTEAD:
        interp.state.clause.missing.add(use.node)


def of_class(interp: Interpreter, atom: Instance, name: str) -> Value:
    """An attribute that the class of an instance, or one of its bases in the project, gives it; empty if none does."""
    return _of_class(interp, atom, atom.node, name)


def _of_class(interp: Interpreter, atom: Instance | Class, owner: cst.ClassDef, name: str) -> Value:
    found = interp.summaries.read("attributes", (owner, name))
    # A name that the class defines hides the one of its bases.
    if found is not None:
        return join(*[_bound(interp, one, atom) for one in found]) if Function in map(type, found) else found
    return join(*[_of_class(interp, atom, base, name) for base in interp.hierarchy.bases(owner)])


def _of_foreign(interp: Interpreter, node: cst.Attribute, bases: Value, cells: Cells, call: cst.Call | None) -> Value:
    """An attribute that an instance inherits from bases in other modules."""
    if hierarchy.SOCKET in bases:
        return _member(interp, node, Socket(None, None), cells, call, False)
    found = [passing.of_library(base, node.attr.value) for base in bases]
    return join(*found) or UNKNOWN


def has_method(interp: Interpreter, atom: Atom, name: str) -> bool:
    """True if the class of an instance, or one above it, defines a method or property of this name."""
    if not isinstance(atom, _OF_FILE):
        return False
    for owner in interp.hierarchy.above(atom.node):
        found = interp.summaries.read("attributes", (owner, name)) or ()
        if any(isinstance(one, Function) and interp.hierarchy.class_of.get(one.node) is owner for one in found):
            return True
    return False


def method_of(interp: Interpreter, atom: Instance, name: str) -> list[Function]:
    """The methods of this name in an instance's class and in its bases in this file."""
    return [one for one in _inherited(interp, atom, atom.node, name) if isinstance(one, Function)]


def _inherited(interp: Interpreter, atom: Instance | Class, owner: cst.ClassDef, name: str) -> Value:
    """An attribute of a class or its bases; if there it is missing, abstract or a flag, of derived classes as well.

    Without any value it is as declared.
    """
    found = _of_class(interp, atom, owner, name)
    # `def send(self): raise NotImplementedError`, or `sock = None`: a derived class has the value that is used.
    if isinstance(atom, Instance) and (all(map(_is_for_derived, found)) or are_flags(found)):
        found = join(found, *(_of_class(interp, atom, one, name) for one in interp.hierarchy.below(owner)))
        found = interp.env.as_settable(owner, name, found)
    declared = _declared(interp, owner, name)
    return type_annotations.refined(found, declared, none=True) if found else declared


def _declared(interp: Interpreter, owner: cst.ClassDef, name: str) -> Value:
    found = interp.summaries.read("declared", (owner, name))
    bases = interp.hierarchy.bases(owner)
    return found or next((one for base in bases if (one := _declared(interp, base, name)) != UNKNOWN), UNKNOWN)


def _bound(interp: Interpreter, found: Atom, owner: Instance | Class) -> Value:
    """The value of a member of a class, looked up on an instance or class: a method gets it as its owner."""
    match found:
        # `self.port` calls the property's function.
        case Function(node, is_property=True) if isinstance(owner, Instance):
            return interp.summaries.read("returns", node) or UNKNOWN
        case Function(method=True, owner=None):
            return frozenset({Function(found.node, owner, True, found.is_property)})
        case _:
            return frozenset({found})


def _set_attribute(interp: Interpreter, target: cst.Attribute, value: Value) -> None:
    """Assign a value to an attribute of each object that the holder may be."""
    name, holder = target.attr.value, target.value
    if isinstance(holder, cst.Name):
        interp.env.holders.add(holder.value)
        interp.state.scope.names[Attr(holder.value, name)] = value
    typestate.share(interp.state.scope, value)
    owners = interp.value(holder)
    if owners and all(isinstance(atom, Function) and not atom.node.decorators for atom in owners):
        site = interp.recorder.site(interp.state.live)
        interp.recorder.note_by_type(TypeMember(site, target, "function", name, stored=True))
    for atom in owners:
        # `device.timeout = 5` on an unknown object, which may be an instance of any class of this file.
        if isinstance(atom, Anything):
            interp.summaries.publish("open", (None, name), TRUE)
        # `socket.timeout = OSError`: if the name is read somewhere, too, the finding is there.
        if atom == Module("socket") and name not in interp.read:
            interp.recorder.note(ModuleName(interp.recorder.site(interp.state.live), target, name, None, stored=True))
        # `builtins.ConnectionError = OSError`: the name is found where no scope binds it. In a function it is not known
        # when that runs.
        if atom == Module("builtins") and interp.state.function is None and not interp.state.scope.is_class:
            bind(interp, target.attr, value)
        if isinstance(atom, (Socket, TlsSocket)):
            interp.recorder.note(Attribute(interp.recorder.site(interp.state.live), target, atom, name, stored=True))
        if isinstance(atom, Object) and interp.library.is_standard(atom.module):
            site = interp.recorder.site(interp.state.live)
            interp.recorder.note(LibraryAttribute(site, target, atom.plain, name, stored=True))
            typestate.transition(interp.state.scope, atom, name, [value], sure=interp.state.certain)
        # `self.sock = s` calls the property's setter.
        if isinstance(atom, Instance) and (setter := interp.hierarchy.setters.get((atom.node, name))) is not None:
            given = Argument(cst.Arg(target), value, None, "")
            passing.pass_on(interp, Function(setter.node, atom), (given,))
        elif isinstance(atom, (Instance, Class)):
            _store(interp, holder, (atom.node, name), value)
            _lend(interp, (atom.node, name), value)
        elif isinstance(atom, ProjectModule):
            _store(interp, holder, (atom, name), value)


def _store(
    interp: Interpreter, holder: cst.BaseExpression, key: tuple[cst.ClassDef | ProjectModule, str], value: Value
) -> None:
    """Assign a value to an attribute of a class of the file, or of a module of its project."""
    interp.env.note_computed(*key)
    # `self.x = 1` is pending until other functions can run. `a.b.x = 1` has no key, so it is published at once.
    if isinstance(holder, cst.Name):
        interp.env.pending_writes.write(
            interp.state.scope, interp.summaries.publish, Pending(holder.value, key[1]), ("attributes", key), value
        )
    else:
        interp.summaries.publish("attributes", key, value)


def _lend(interp: Interpreter, key: tuple[cst.ClassDef, str], value: Value) -> None:
    """Let other functions find the sockets in a value that is assigned to an attribute, with their states."""
    for atom in value:
        if isinstance(atom, Socket) and atom.made is not None:
            interp.env.lent[(*key, atom.made)] = {}  # nothing of its state is published so far
        # The attribute also holds a socket of unknown timeout, so no timeout holds for the attribute.
        elif isinstance(atom, (Socket, Anything)):
            for part in PARTS:
                interp.summaries.publish("states", (*key, part), UNKNOWN)


def spread(interp: Interpreter, node: cst.BaseExpression, value: Value) -> None:
    """Record an address or a stream that is unpacked into the arguments of a call (`f(*address)`)."""
    interp.recorder.note_iterated(node, value)
    for atom, cells in atoms(value, interp.state.live):
        if isinstance(atom, (SockAddr, AddrInfo)):
            interp.recorder.note(Unpacked(interp.recorder.site(cells), node, atom))


def _put(interp: Interpreter, target: cst.Subscript, value: Value) -> None:
    """Put a value into the container of a subscript: `socks[0] = s`."""
    holder = interp.quiet(target.value)
    match target.slice:
        case [cst.SubscriptElement(slice=cst.Slice(step=cst.BaseExpression() as step))]:
            containers.note_step(interp, target, holder, interp.quiet(step), assigned=True)
        case [cst.SubscriptElement(slice=cst.Index(value=cst.Name() as key))]:
            typestate.forget(interp.state.scope, interp.quiet(key))
        case _:
            pass
    for atom, _ in atoms(holder, interp.state.live):
        match target.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=index))] if isinstance(atom, (Box, Tuple)):
                containers.put(interp, atom, value, interp.quiet(index))
            case _:
                containers.put(interp, atom, UNKNOWN)


def _unpack(interp: Interpreter, target: cst.Tuple | cst.List, value: Value) -> None:
    """Bind the targets of an unpacking, each to the items that it may get."""
    wanted = len(target.elements)
    stars = [isinstance(element, cst.StarredElement) for element in target.elements]
    star = stars.index(True) if True in stars else None
    value = device.sequence(value, interp.state.live)
    # One row for each possibility, with the value that each target gets.
    rows: list[tuple[Value, ...]] = []
    for atom, cells in atoms(value, interp.state.live):
        # `a, b = rows` of a list of unknown length: each target may get any item.
        if isinstance(atom, (Box, Items)) or containers.has_grown(interp, atom):
            item = containers.elements(interp, atom)
            rows.append(tuple(frozenset({Items(item)}) if index == star else item for index in range(wanted)))
            continue
        # `a, b = s.recv(2)` raises if only one byte has arrived.
        if isinstance(atom, Received) and atom.asked == wanted > 1 and star is None:
            interp.recorder.note(ShortRead(interp.recorder.site(cells), target, atom, "ValueError"))
        fitting = _distributed(items(atom, cells), wanted, star)
        rows += fitting if not isinstance(atom, Anything) else [(UNKNOWN,) * wanted]
        unfit = star is None if atom == ARGUMENTS else not fitting and isinstance(atom, (SockAddr, AddrInfo))
        if unfit:
            interp.recorder.note(Unpacked(interp.recorder.site(cells), target, atom))
    if value and all(isinstance(atom, Stream) for atom, _ in atoms(value, interp.state.live)):
        interp.recorder.note_iterated(target, value)
    for index, element in enumerate(target.elements):
        bind(interp, element.value, join(*(row[index] for row in rows)) if rows else UNKNOWN)


def key_of(node: cst.BaseExpression) -> Key | None:
    """The key of an expression in a scope, if it is a name or an attribute of one; else None."""
    match node:
        case cst.Name(value=name) if name not in KEYWORDS:
            return name
        case cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=attribute)):
            return Attr(holder, attribute)
        # `a.b.c` has no key: attributes are followed one level deep.
        case _:
            return None


def _is_for_derived(atom: Atom) -> bool:
    """True if this is a method that derived classes have to define: it raises NotImplementedError, or does nothing."""
    if not isinstance(atom, Function):
        return False
    last = atom.node.body.body[-1]
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return isinstance(statement, cst.Pass) or (isinstance(statement, cst.Raise) and is_abstract(statement))


def is_abstract(node: cst.Raise) -> bool:
    """True if this is `raise NotImplementedError`, so that a derived class has to define the method."""
    error = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
    return isinstance(error, cst.Name) and error.value == "NotImplementedError"


def _distributed(items: tuple[Value, ...], wanted: int, star: int | None) -> list[tuple[Value, ...]]:
    """A list with the items that each target of an unpacking gets; an empty list if the numbers do not fit.

    `star` is the index of the starred target, which gets the rest.
    """
    if star is None:
        return [items] if len(items) == wanted else []
    end = len(items) - (wanted - 1 - star)
    if end < star:
        return []
    return [(*items[:star], frozenset({Tuple(items[star:end])}), *items[end:])]


def of_super(interp: Interpreter) -> Value:
    """The result of `super()` in the current method."""
    owner = interp.summaries.body.owner
    if owner is None:
        return UNKNOWN
    foreign = interp.hierarchy.foreign(owner, inherited=False)
    others = (Socket(None, None) if atom == hierarchy.SOCKET else atom for atom in foreign)
    return frozenset({*map(Instance, interp.hierarchy.bases(owner)), *others}) or UNKNOWN

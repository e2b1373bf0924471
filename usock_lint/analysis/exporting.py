"""Makes the exports of a file: parses it, analyses it, and keeps the values that other files can import.

Exports are kept for the next file of this process that imports the same file, as long as all files that they depend on
are unchanged. They depend on files alone, not on the order in which files are linted.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis import type_annotations
from usock_lint.analysis.domain.library import Surroundings
from usock_lint.analysis.domain.operations import NO_CONSTANT, TRUE, UNKNOWN, are_flags, constant, join
from usock_lint.analysis.domain.values import (
    Anything,
    Atom,
    Box,
    Cells,
    Closing,
    Const,
    File,
    Given,
    Items,
    Lambda,
    Literal,
    Member,
    Object,
    On,
    Partial,
    Socket,
    TlsSocket,
    Tuple,
    Value,
)
from usock_lint.analysis.exports import CUT_OFF, Elsewhere, Exports
from usock_lint.analysis.heuristics import ENDING_PROGRAM
from usock_lint.analysis.interpreter import definitions, endings, fixpoint
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.stand_ins import StandIns
from usock_lint.analysis.summaries import Key, Table
from usock_lint.fast_dataclasses import replace
from usock_lint.files.sources import Followed, ModulesOf, Sources, content, digest
from usock_lint.syntax.kept_trees import parse_file
from usock_lint.syntax.nodes import within
from usock_lint.syntax.text import BYTE_ORDER_MARK, decode

DEPTH: Final = 2
"""The number of imports in a row that are followed, such as a module and its settings. Re-exports do not count."""

_LARGEST: Final = 20_000
"""Bytes of a file that is followed: those with more are libraries, and take longer than they are worth."""

MOST_KEPT: Final = 128
"""Files whose exports are kept in a process."""

_OF_SOCKETS: Final = tuple(
    (
        b"socket sock. getaddrinfo open_connection start_server .accept( .bind( .connect( .listen( .recv .send( "
        b".sendall( .sendto( .setblocking( .settimeout( .shutdown("
    ).split()
)
"""Substrings, at least one of which is in each file that makes or uses sockets or streams."""

_ASKING: Final = re.compile(rb"\bsys\.(?:implementation|platform|version)\b|\n[ \t]+except[ \t(]+ImportError\b")
"""What is in files that ask which Python or board runs them, or try an import in a function."""

_EXPORTED: Final = frozenset(("attributes", "contents", "declared", "endless", "open", "returns"))
"""The tables of summaries that other files get."""

_OF_ENDING: Final[tuple[Table, ...]] = ("ends", "endless")
"""The summaries of functions that end the program, also of those whose bodies are not analysed."""

_IMPORT: Final = re.compile(rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import|import[ \t]+)([^\n#]*)", re.MULTILINE)
_DEFINED: Final = re.compile(
    rb"^((?:async[ \t]+)?def |class )[ \t]*(\w+)([^\n]*(?:\n(?:[ \t#][^\n]*)?)*)", re.MULTILINE
)
_ENDING: Final = re.compile(
    rf"[\n:;][ \t]*(?:raise\b|(?:\w+\.)*(?:{'|'.join(sorted(ENDING_PROGRAM))})\()[^\n]*\s*(?:#[^\n]*\s*)*\Z".encode()
)
"""The last line of a function that ends the program."""


class _Made(NamedTuple):
    """The exports of a file that are kept; None if it has none."""

    exports: Exports | None
    asked: dict[tuple[str, str], Followed | None]
    """Look-ups in the project during the analysis, with their results."""


KEPT: Final[OrderedDict[tuple[str, str, Cells, int | None], _Made]] = OrderedDict()
"""The kept exports by path, digest, universe and depth: None if they are the same at every depth."""


def exports(sources: Sources, path: str, universe: Cells, depth: int, name: str | None) -> Exports | None:
    """The exports of a file; None if it cannot be read or is too large, or if `name` has nothing to do with sockets.

    `depth` is the number of imports to follow from the file. Below zero the file itself is too many imports away: the
    result is `CUT_OFF`. It is None even then if `name` is without sockets, so the exports of the importer do not depend
    on the depth and can be kept for every depth.
    """
    known = digest(path)
    if not known or _outline(path, known).is_large:
        return None
    has_sockets = _has_sockets(sources, path, known)
    if not has_sockets and name in _outline(path, known).defined:
        return None
    if depth < 0:
        return CUT_OFF
    for key in ((path, known, universe, None), (path, known, universe, depth)):
        made = KEPT.get(key)
        # The file is unchanged, but a file that it imports may not be (`_holds`).
        if made is not None and (key[-1] is not None or _is_within(made, depth)) and _holds(sources, made):
            KEPT[key] = KEPT.pop(key, made)  # the last used is the last to be dropped
            return made.exports
    inner = Sources(path, asks=sources)
    found = _exports(inner, path, universe, depth, whole=has_sockets)
    is_final = found is None or found.height is not None
    KEPT[path, known, universe, None if is_final else depth] = _Made(found, inner.answers)
    while len(KEPT) > MOST_KEPT:
        KEPT.popitem(last=False)
    return found


def _is_within(made: _Made, depth: int) -> bool:
    """True if no more imports in a row than `depth` lead to these exports, so that none is to be cut off."""
    return made.exports is None or (made.exports.height or 0) <= depth


def _holds(sources: Sources, made: _Made) -> bool:
    """True if each look-up of the analysis still has the same result."""
    return all(sources.find(*question) == answer for question, answer in made.asked.items())


# Which files are analysed


class _Outline(NamedTuple):
    """What a search of a file's bytes tells about it."""

    is_large: bool
    imports: tuple[str, ...]
    has_sockets: bool
    """False for a large file, which is not followed."""
    defined: frozenset[str]
    """Functions that do not end the program, and classes with methods."""


def _has_sockets(sources: Sources, path: str, known: str) -> bool:
    """True if a file, or one that it imports, uses sockets. Else its functions and classes are not analysed."""
    outline = _outline(path, known)
    return outline.has_sockets or any(
        _outline(*found).has_sockets for one in outline.imports if (found := sources.find(path, one)) and found.digest
    )


@lru_cache(1024)
def _outline(path: str, _digest: str) -> _Outline:
    data = content(path)
    if len(data) > _LARGEST:
        return _Outline(True, (), False, frozenset())
    imports = [(one[1] or b"", one[2]) for one in _IMPORT.finditer(data)]
    # Words that are no modules, such as `as` and the name behind it, are looked up in vain.
    named = [one for source, names in imports for one in ([source] if source else re.findall(rb"[\w.]+", names))]
    return _Outline(
        False,
        tuple(dict.fromkeys(one.decode("latin-1") for one in named)),
        any(word in data for word in _OF_SOCKETS) or _ASKING.search(data) is not None,
        frozenset(name.decode("latin-1") for head, name, body in _DEFINED.findall(data) if _is_left_out(head, body)),
    )


def _is_left_out(head: bytes, body: bytes) -> bool:
    """True for a function that does not end the program, and for a class with methods.

    Other files get nothing of these if this one is without sockets.
    """
    return b"def " in head + body and (b"def " not in head or not _ENDING.search(body))


# The pass


def _exports(sources: Sources, path: str, universe: Cells, depth: int, *, whole: bool) -> Exports | None:
    """Analyse a file: all of it if `whole`, else its own statements alone. None for a file that cannot be analysed."""
    try:
        module = parse_file(decode(content(path)).text.removeprefix(BYTE_ORDER_MARK)).module
        elsewhere = Elsewhere(sources, path, universe, depth, exports)
        around = Surroundings(ModulesOf(sources), True)
        interp = Interpreter(module, universe, around, elsewhere, losses=False)
        interp.hierarchy.is_exported = True
        if whole:
            fixpoint.uses(interp)
        else:
            definitions.analyse(interp, interp.summaries.root)
        return _exports_of(interp)
    except Exception:  # any error is reported where that file itself is linted
        return None


def _exports_of(interp: Interpreter) -> Exports:
    """What other files can get from a file that was analysed."""
    scope, summaries = interp.summaries.root.scope, interp.summaries
    nodes = StandIns(interp.elsewhere.nodes)
    own = (*summaries.bodies, *(body.node for body in summaries.root.inner))
    functions = summaries.functions.union(own) - {interp.module}
    names = {name: nodes.value(value) for name, value in _exported_names(interp)}
    published = {
        nodes.key(key): nodes.value(_exported_summary(interp, key, value))
        for key, value in summaries.all().items()
        if _is_exported(key)
    }
    ending = [node for node in functions if isinstance(node, cst.FunctionDef) and endings.function_ends(interp, node)]
    published.update({nodes.key((table, node)): TRUE for node in ending for table in _OF_ENDING})
    defaults = {
        nodes.of(node): {name: nodes.value(stripped(value)) for name, value in given.items()}
        for node, given in interp.default_values.items()
    }
    return Exports(
        names,
        _public(names),
        tuple(scope.stars) if scope is not None else (),
        published,
        frozenset(map(nodes.of, functions)),
        interp.hierarchy.with_stand_ins(nodes),
        defaults,
        interp.elsewhere.height,
        nodes.all,
    )


def _exported_names(interp: Interpreter) -> Iterator[tuple[str, Value]]:
    scope = interp.summaries.root.scope
    for name, value in scope.names.items() if scope is not None else ():
        if isinstance(name, str):
            value = frozenset(atom for atom in stripped(value) if not isinstance(atom, Given)) or UNKNOWN
            # `DEBUG = False` in a module of settings is there to be edited: both branches of a condition on it count.
            yield name, join(value, UNKNOWN) if are_flags(value) and _is_setting(interp.module, name) else value


def _public(names: dict[str, Value]) -> tuple[str, ...]:
    for atom in names.get("__all__", ()):
        listed = constant(atom)
        if isinstance(listed, tuple):
            return tuple(name for name in names if name in listed)
    return tuple(name for name in names if not name.startswith("_"))


def _is_exported(key: Key) -> bool:
    """True if a summary is of a function, class or container that other files may get.

    `("open", (None, name))` has no node: in an importing file it would be about that file's own classes.
    """
    table, about = key
    return table in _EXPORTED and not (isinstance(about, tuple) and about[0] is None)


def _exported_summary(interp: Interpreter, key: Key, value: Value) -> Value:
    """The value of a summary for other files: without nodes, as declared where unknown, and open if it is a setting."""
    table, about = key
    value = stripped(value)
    if table == "returns" and isinstance(about, cst.FunctionDef) and about.returns is not None:
        scope = interp.summaries.root.scope
        if scope is not None and about not in interp.summaries.functions:
            declared = type_annotations.meant(scope, interp.typing, about.returns.annotation)
            value = type_annotations.refined(value, declared, none=True)
    is_setting = table == "contents" or (table == "attributes" and about not in interp.hierarchy.computed)
    return join(value, UNKNOWN) if is_setting and are_flags(value) else value


def _is_setting(module: cst.Module, name: str) -> bool:
    """True if a flag is a setting: a literal at the top level, which a user may edit. It says nothing of the device."""
    written = False
    for line in module.body:
        for node in within(line):
            if isinstance(node, (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr)) and name in _bound(node):
                # Assigned under a condition or in a function, or computed: the program decides the value.
                if not isinstance(line, cst.SimpleStatementLine) or not _is_literal(node.value):
                    return False
                written = True
    return written


def _bound(node: cst.Assign | cst.AnnAssign | cst.AugAssign | cst.NamedExpr) -> Iterator[str]:
    targets = [one.target for one in node.targets] if isinstance(node, cst.Assign) else [node.target]
    return (inner.value for one in targets for inner in within(one) if isinstance(inner, cst.Name))


def _is_literal(value: cst.BaseExpression | None) -> bool:
    if isinstance(value, cst.Call) and isinstance(value.func, cst.Name) and value.func.value == "const":
        value = value.args[0].value if value.args else None
    return isinstance(value, (cst.BaseNumber, cst.BaseString)) or (
        isinstance(value, cst.Name) and value.value in ("None", "True", "False")
    )


def stripped(value: Value) -> Value:
    """A value without nodes of its file, apart from those of functions, classes and containers, which get stand-ins."""
    return frozenset(map(_stripped, value))


def _stripped(atom: Atom) -> Atom:
    match atom:
        case Literal():
            written = constant(atom)
            return Anything() if written is NO_CONSTANT else Const(written)
        # An importing file has no typestate for an allocation site of this one.
        case Socket() | File() | TlsSocket() | Object():
            return replace(atom, made=None)
        case Closing(socket):
            inner = _stripped(socket)
            return Closing(inner) if isinstance(inner, type(socket)) else Anything()
        case Tuple(items):
            return replace(atom, items=tuple(map(stripped, items)))
        case Items(item):
            return replace(atom, item=stripped(item))
        case Member(owner, name):
            return Member(_stripped(owner), name)
        case On(cells, inner):
            return On(cells, _stripped(inner))
        # The body of a lambda was evaluated in its own file: its summary is not exported.
        case Lambda() | Partial():
            return Anything()
        # The members of a set are read from its node, as those that an error is compared with: they have no place here.
        case Box(node) if isinstance(node, cst.Set):
            return Anything()
        case _:
            return atom

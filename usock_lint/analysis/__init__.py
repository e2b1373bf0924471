"""The interface of the analysis for checks: the uses of the socket API in one module, with values and guards."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING, Final

import libcst as cst

from usock_lint.analysis.content_lengths import content_lengths
from usock_lint.analysis.domain.library import Surroundings
from usock_lint.analysis.domain.values import Builtin, Caught, Cells, Module
from usock_lint.analysis.exporting import DEPTH, exports
from usock_lint.analysis.exports import Elsewhere
from usock_lint.analysis.interpreter import calls, definitions, fixpoint
from usock_lint.analysis.interpreter.core import Interpreter
from usock_lint.analysis.short_functions import with_calls
from usock_lint.analysis.starts import Start as Start
from usock_lint.analysis.syntax_forms import forms
from usock_lint.analysis.uses import (
    AnyUse,
    Attribute,
    BeforeNetwork,
    BuiltinName,
    Call,
    ClientError,
    Converted,
    Decoded,
    EndlessLoop,
    EscapingTimeout,
    HiddenName,
    ImportedErrno,
    Indexed,
    KeptConnection,
    Leaked,
    LeakedStream,
    LibraryAttribute,
    LibraryCall,
    LibraryModule,
    LibraryName,
    LostOnError,
    MissingBuiltin,
    Operation,
    Overwritten,
    ProjectImport,
    Refused,
    Stepped,
    StrLength,
    Syntax,
    TypeMember,
    UnboundModule,
    UncheckedEnd,
    Undrained,
    UnguardedDecode,
)

if TYPE_CHECKING:
    from usock_lint.analysis.kept_passes import KeptPasses

_GENERAL = (
    BuiltinName
    | Converted
    | HiddenName
    | ImportedErrno
    | LibraryAttribute
    | LibraryCall
    | LibraryModule
    | LibraryName
    | MissingBuiltin
    | Operation
    | Refused
    | Stepped
    | TypeMember
    | UnboundModule
)
"""Kinds of uses that have nothing to do with sockets as such."""

_NOTHING = Surroundings()

_LOSSES: Final = frozenset({Leaked, LeakedStream, LostOnError, Overwritten, Undrained})
"""The uses for which the interpreter examines what each path loses. It does so only if one of them is wanted."""


def uses(
    module: cst.Module,
    universe: Cells,
    wanted: Container[type[AnyUse]] | None = None,
    surroundings: Surroundings = _NOTHING,
    kept: KeptPasses | None = None,
) -> list[AnyUse]:
    """The uses in a module on the cells of a universe: first in its own statements, then in its functions.

    General uses, such as those of other modules, are among them only if the file imports a network module or the
    surroundings ask for every file. Kinds that take time to find, such as lost sockets and syntax, are searched for
    only if they are wanted (None: all are). `kept` are the passes over functions in an earlier version of the document.
    """
    losses = wanted is None or any(one in wanted for one in _LOSSES)
    interp = _interpreter(module, universe, wanted, surroundings, losses=losses, kept=kept)
    recorded = fixpoint.uses(interp) if kept is None else fixpoint.uses(interp, kept.analyse)
    found = [use for use in recorded if interp.networked or not _is_general(use)]
    # Some kinds are looked for if only another one is wanted: a place with a use of the first has none of the second.
    if wanted is None or EndlessLoop in wanted or UncheckedEnd in wanted:
        found += _endless(interp)
    if wanted is None or any(one in wanted for one in (ClientError, UncheckedEnd, UnguardedDecode)):
        found += _client_errors(interp, found)
    if wanted is None or UncheckedEnd in wanted:
        found += _unchecked_ends(interp, found)
    if wanted is None or UnguardedDecode in wanted:
        found += _unguarded_decodes(interp, found)
    if interp.networked and (wanted is None or StrLength in wanted):
        found += content_lengths(module, universe)
    if interp.networked and (wanted is None or LostOnError in wanted or Overwritten in wanted):
        from usock_lint.analysis.lost_on_error import lost  # opt-in rules alone need these
        from usock_lint.analysis.overwritten import overwritten

        # A socket that is lost on an error is not reported as overwritten, too, so both are looked for together.
        found += lost(module, found, interp.callees_in_file)
        found += overwritten(module, found, interp.callees_in_file)
    if interp.networked and (wanted is None or KeptConnection in wanted):
        from usock_lint.analysis.kept_connections import kept_connections  # an opt-in rule alone needs it

        found += kept_connections(module, found)
    if wanted is None or BeforeNetwork in wanted:
        found += _before_network(interp, found)
    if wanted is None or EscapingTimeout in wanted:
        found += _escaping_timeouts(interp, found)
    found = with_calls(interp, _without_cpython(interp, found))
    return [*found, *forms(module, universe)] if interp.networked and (wanted is None or Syntax in wanted) else found


def at_start(module: cst.Module, universe: Cells, wanted: Container[type[AnyUse]], surroundings: Surroundings) -> Start:
    """What a module does as it is imported: its own statements alone, in one pass.

    Without passes over its functions not all possibilities are known, so a finding is certain only if `uses` has it,
    too.
    """
    interp = _interpreter(module, universe, wanted, surroundings, losses=False)
    definitions.analyse(interp, interp.summaries.root)
    found = [*interp.summaries.root.uses, *(forms(module, universe) if Syntax in wanted else ())]
    return Start(module, found, interp.open_branches)


def _interpreter(
    module: cst.Module,
    universe: Cells,
    wanted: Container[type[AnyUse]] | None,
    surroundings: Surroundings,
    *,
    losses: bool,
    kept: KeptPasses | None = None,
) -> Interpreter:
    """The interpreter for a module; that of `kept`, if passes are to be kept."""
    sources, elsewhere = surroundings.sources, None
    if sources is not None:
        names_files = wanted is None or ProjectImport in wanted
        elsewhere = Elsewhere(sources, sources.path, universe, DEPTH, exports, names_files=names_files)
    make = Interpreter if kept is None else kept.interpreter
    return make(module, universe, surroundings, elsewhere, losses=losses)


def _without_cpython(interp: Interpreter, found: list[AnyUse]) -> list[AnyUse]:
    """The uses without those in functions that only code for CPython uses, if the file has such code."""
    bodies = [*interp.summaries.root.with_inner()]
    if found and any(body.unreached for body in bodies):
        from usock_lint.analysis.unreached import functions_for_cpython, runs_in  # few files need it

        if functions := functions_for_cpython(interp.module, bodies):
            return [use for use in found if not runs_in(functions, use.site)]
    return found


def _endless(interp: Interpreter) -> Iterator[EndlessLoop]:
    """The loops that never end once the other side has closed, if something is read in a loop at all."""
    if interp.while_loops and interp.reads_streams:
        from usock_lint.analysis.end_of_stream.loops import Loops  # few files need it

        yield from Loops(interp.module, interp.while_loops, interp.callees_in_file, calls.EXITS).endless()


def _client_errors(interp: Interpreter, found: Sequence[AnyUse]) -> Iterator[ClientError]:
    """The errors of clients that end loops, if clients are accepted in a loop at all."""
    if interp.while_loops and any(isinstance(use, Call) and use.name == "accept" for use in found):
        from usock_lint.analysis.accept_loops import AcceptLoops  # few files need it

        yield from AcceptLoops(interp.module, found, interp.callees_in_file).errors()


def _unchecked_ends(interp: Interpreter, found: Sequence[AnyUse]) -> Iterator[UncheckedEnd]:
    """Results of reads that fail at the end of a stream; skipped for a file that reads none."""
    if interp.reads_streams:
        from usock_lint.analysis.stream_ends import unchecked_ends  # few files need it

        yield from unchecked_ends(interp.module, found, interp.callees_in_file)


def _unguarded_decodes(interp: Interpreter, found: Sequence[AnyUse]) -> Iterator[UnguardedDecode]:
    """The calls that decode received bytes unguarded, if any are decoded."""
    if any(isinstance(use, Decoded) for use in found):
        from usock_lint.analysis.decoding import unguarded  # few files need it

        yield from unguarded(interp.module, found, interp.callees_in_file)


def _before_network(interp: Interpreter, found: Sequence[AnyUse]) -> Iterator[BeforeNetwork]:
    """The uses of the network before it is up, if the file connects to one."""
    if any(isinstance(use, LibraryCall) and use.name == "connect" for use in found):
        from usock_lint.analysis.network_waits import before_network  # few files need it

        yield from before_network(interp.module, found, interp.callees_in_file)


def _escaping_timeouts(interp: Interpreter, found: Sequence[AnyUse]) -> Iterator[EscapingTimeout]:
    """The clauses for OSError by which timeouts of asyncio pass, if anything is waited for so."""
    if any(isinstance(use, LibraryCall) and use.name.startswith("wait_for") for use in found):
        from usock_lint.analysis.wait_timeouts import escaping  # few files need it

        yield from escaping(interp.module, found, interp.callees_in_file)


def _is_general(use: AnyUse) -> bool:
    """True if a use may have nothing to do with networks.

    It is of one of the general kinds, about errors (the errno module, a caught one), or a class as in `list[int]`.
    """
    of_errors = isinstance(use, Attribute) and isinstance(use.owner, (Module, Caught))
    of_classes = isinstance(use, Indexed) and isinstance(use.owner, Builtin)
    return of_errors or of_classes or isinstance(use, _GENERAL)

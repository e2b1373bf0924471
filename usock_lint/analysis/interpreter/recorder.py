"""The uses that a pass over a body records."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from usock_lint.analysis.domain.operations import atoms, constant
from usock_lint.analysis.domain.values import (
    READER,
    WRITER,
    Box,
    Cells,
    NoData,
    Object,
    On,
    Received,
    Socket,
    Stream,
    Value,
)
from usock_lint.analysis.interpreter.state import AnalysisState
from usock_lint.analysis.summaries import Summaries
from usock_lint.analysis.uses import AnyUse, Argument, Decoded, Hashed, Iterated, Site, Unchecked
from usock_lint.ports import strings


class Recorder:
    """Records the uses of the current body, each with the site of the current program point."""

    def __init__(self, module: cst.Module, state: AnalysisState, summaries: Summaries) -> None:
        self._module, self._state, self._summaries = module, state, summaries

    def site(self, live: Cells) -> Site:
        """The site of the current program point, for a use on these configurations."""
        state = self._state
        return Site(live, self._module, tuple(state.path), state.attempts, micropython_only=not state.cpython)

    def note(self, use: AnyUse) -> None:
        """Record a use, unless no configuration reaches it or an unknown flag decides whether it is reached."""
        if use.site.live and not self._state.is_vague:
            self._summaries.body.uses.append(use)

    def note_by_type(self, use: AnyUse) -> None:
        """Record a use that is right only if it holds for *all* possibilities of a value.

        If the value gains a possibility, the body is analysed again (`Body.by_type`).
        """
        if use.site.live and not self._state.is_vague:
            self._summaries.body.by_type = True
            self._summaries.body.uses.append(use)

    def require_not_none(self, node: cst.BaseExpression, value: Value, raises: str = "TypeError") -> None:
        """Record a read whose result may be None, in a place where None raises. After it a name's value is not None."""
        names = self._state.scope.names
        for atom, cells in atoms(value, self._state.live):
            if isinstance(atom, NoData):
                self.note(Unchecked(self.site(cells), node, atom, raises))
                # A name can be narrowed; a longer expression has no value of its own in the scope.
                if isinstance(node, cst.Name) and (found := names.get(node.value)):
                    names[node.value] = found - {atom, On(cells, atom)}

    def note_decoded(self, node: cst.Call, value: Value, arguments: Sequence[Argument], place: int) -> None:
        """Record a call that decodes a value, if this is received bytes, or None, and nothing else.

        `place` is the index of the argument `errors`. On configurations that respect "ignore" or "replace" the call
        cannot raise, so it is not recorded there.
        """
        errors = [one for index, one in enumerate(arguments) if one.keyword == "errors" or index == place]
        heeds = bool(errors) and {constant(atom) for atom in errors[0].value} != {"strict"}
        found = [(atom, cells) for atom, cells in atoms(value, self._state.live) if not isinstance(atom, NoData)]
        received = [(atom, cells) for atom, cells in found if isinstance(atom, Received)]
        if len(received) == len(found):
            for atom, cells in received:
                raising = frozenset(cell for cell in cells if not (heeds and strings.handles_errors(cell)))
                self.note(Decoded(self.site(raising), node, atom))

    def note_hashed(self, node: cst.BaseExpression, key: Value) -> None:
        """Record a socket that is used as a key."""
        for atom, cells in atoms(key, self._state.live):
            if isinstance(atom, Socket):
                self.note(Hashed(self.site(cells), node, atom))

    def note_asynchronous(self, node: cst.BaseExpression, value: Value) -> None:
        """Record what an `async def` with a `yield` returned, if that is what `async for` iterates over."""
        for atom in value if len(value) == 1 else ():
            if isinstance(atom, Box) and isinstance(atom.node, cst.FunctionDef) and atom.node.asynchronous is not None:
                self.note(Iterated(self.site(self._state.live), node, atom))

    def note_iterated(self, node: cst.BaseExpression, value: Value) -> None:
        """Record a stream that is iterated over."""
        for atom, cells in atoms(value, self._state.live):
            if isinstance(atom, Stream):
                self.note(Iterated(self.site(cells), node, atom))
            elif isinstance(atom, Object) and atom.plain in (READER, WRITER):
                self.note(Iterated(self.site(cells), node, atom.plain))

"""Simple statements: assignments, imports, and what leaves a path."""

from __future__ import annotations

from contextlib import AbstractContextManager

import libcst as cst

from usock_lint.analysis import type_annotations
from usock_lint.analysis.domain import device, flags, typestate
from usock_lint.analysis.domain.environment import State
from usock_lint.analysis.domain.operations import NO_CELLS, UNKNOWN
from usock_lint.analysis.domain.values import Cells, Module, Socket, Value
from usock_lint.analysis.handlers import is_probe
from usock_lint.analysis.interpreter import calls, containers
from usock_lint.analysis.interpreter.expressions import Expressions
from usock_lint.analysis.interpreter.names import is_abstract
from usock_lint.analysis.interpreter.narrowing import assuming, narrow
from usock_lint.analysis.interpreter.operators import summed
from usock_lint.analysis.type_annotations import dotted
from usock_lint.analysis.uses import ImportedErrno, ImportedModule, ImportedName
from usock_lint.fast_dataclasses import replace
from usock_lint.ports.modules import CPYTHON_ONLY


class Paths:
    """The paths that leave a loop's body early, or the body of a function."""

    def __init__(self) -> None:
        self.breaks: list[State] = []
        self.continues: list[State] = []
        self.returned = False


class Simple(Expressions):
    """Simple statements. `failing` holds, for each try body around, the cells on which an import in it may fail."""

    failing: list[Cells | None]
    paths: Paths
    networked = False

    def assuming(self, test: cst.BaseExpression, holds: bool) -> AbstractContextManager[None]:
        return assuming(self, test, holds)

    def assign(self, node: cst.Assign) -> None:
        value = self.value(node.value)
        if self.is_apart:
            value = frozenset(replace(atom, apart=True) if isinstance(atom, Socket) else atom for atom in value)
        for target in node.targets:
            self.bind(target.target, value)

    def annotated(self, node: cst.AnnAssign) -> None:
        declared = self.meant(node.annotation)
        self.declare(node.target, declared)
        if node.value is not None:
            self.bind(node.target, type_annotations.refined(self.value(node.value), declared))

    def augmented(self, node: cst.AugAssign) -> None:
        values = self.value(node.target), self.value(node.value)
        left, right = self.operation(node, node.operator, (node.target, node.value), values)
        boxes = frozenset(atom for atom in left if containers.is_list(atom))
        if isinstance(node.operator, cst.AddAssign) and boxes:
            for atom in boxes:
                containers.put(self, atom, calls.iterated(self, node.value, right))
            self.bind(node.target, boxes)
            return
        value = summed(left, right) if isinstance(node.operator, cst.AddAssign) else UNKNOWN
        self.bind(node.target, value or UNKNOWN)

    def returns(self, node: cst.Return) -> None:
        value = self.value(cst.Name("None") if node.value is None else node.value)
        if self.function is not None:
            self.learn("returns", self.function, value)
            here, trials, self.scope.trials = self.state(), self.scope.trials, []
            typestate.forget(self.scope, value)
            self.leave()
            self.stores.show(self.scope, self.learn)
            self.resume(here)  # a handler or finally clause around sees nothing of this: it does not raise
            self.scope.trials = trials
        self.paths.returned = True
        self.live = NO_CELLS

    def raises(self, node: cst.Raise) -> None:
        self.value(node)
        self.paths.returned |= self.body.owner is not None and is_abstract(node)
        if self.function is not None and not self.attempts:
            self.leave()
        self.live = NO_CELLS

    def asserts(self, node: cst.Assert) -> None:
        self.live, _, vague = self.branch(node.test)
        self.vague_body |= vague
        narrow(self, node.test, True)
        if node.msg is not None:
            self.value(node.msg)

    def breaks(self, _: cst.Break) -> None:
        self.paths.breaks.append(self.state())
        self.live = NO_CELLS

    def continues(self, _: cst.Continue) -> None:
        self.paths.continues.append(self.state())
        self.live = NO_CELLS

    def outside(self, node: cst.Global | cst.Nonlocal) -> None:
        for name in (item.name.value for item in node.names):
            self.scope.outside[name] = self.scope.binding(name) if isinstance(node, cst.Nonlocal) else None

    def expression(self, node: cst.Expr) -> None:
        value = self.value(node.value)
        typestate.forget(self.scope, value)
        if self.failing and is_probe(node):
            self._fail(device.lacking(value, self.live, *device.API))

    # Imports

    def imports(self, node: cst.Import) -> None:
        for alias in node.names:
            name = dotted(alias.name)
            first = name.partition(".")[0]
            bound = alias.asname.name if alias.asname is not None else cst.Name(first)
            module = device.module_name(name if alias.asname is not None else first)
            if module == "socket":
                self.note(ImportedModule(self.site(self.live), alias, name))
            self._imported(module, self.live)
            self.bind(bound, frozenset({Module(module)}))

    def imports_from(self, node: cst.ImportFrom) -> None:
        module = device.module_name(dotted(node.module)) if node.module is not None and not node.relative else ""
        if module == "socket" and node.module is not None:
            self.note(ImportedModule(self.site(self.live), node.module, dotted(node.module)))
        if isinstance(node.names, cst.ImportStar):
            self._imported(module, self.live)
            self.scope.stars.add(module)
            return
        working = self.live
        for alias in node.names:
            name = dotted(alias.name)
            if module in ("socket", "errno"):
                kind = ImportedName if module == "socket" else ImportedErrno
                self.note(kind(self.site(self.live), alias, node, name))
                working &= device.having(Module(module), name, self.live)
            bound = alias.name if alias.asname is None else alias.asname.name
            self.bind(bound, self._from(module, name))
        self._imported(module, working)

    def _from(self, module: str, name: str) -> Value:
        return device.member(Module(module), name, self.live) if module else flags.named(name, UNKNOWN)

    def _imported(self, module: str, working: Cells) -> None:
        """Note on which cells an import fails: there the rest of a try body does not run."""
        self.networked |= module == "socket"
        missing = self.live if module in CPYTHON_ONLY else device.surely_without(module, self.live)
        working -= missing
        if self.failing:
            self._fail((self.live - working) | device.perhaps_without(module, self.live))
            self.live = working
        elif self.live != self.body.live:
            self.live -= missing  # a condition has told the targets apart, and these are not meant

    def _fail(self, cells: Cells) -> None:
        """The rest of a try body does not run there."""
        self.failing[-1] = (self.failing[-1] or NO_CELLS) | cells
        self.live -= cells

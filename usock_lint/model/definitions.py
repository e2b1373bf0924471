"""Functions and classes: defined where they stand, and run when the module's body is through."""

from __future__ import annotations

import libcst as cst

from usock_lint.model import hints
from usock_lint.model.atoms import Box, Builtin, Class, Function, Instance, Value
from usock_lint.model.expressions import parameters
from usock_lint.model.point import Deferred
from usock_lint.model.scopes import Scope, learn
from usock_lint.model.simple import Paths
from usock_lint.model.stores import Stores
from usock_lint.model.tries import Tries
from usock_lint.model.values import NONE, UNKNOWN, join


class Definitions(Tries):
    """Functions and classes."""

    def bodies(self) -> None:
        """Run through the functions that were defined so far, outer before inner."""
        self._shared(None)
        while self.deferred:
            self._body(self.deferred.pop(0))

    def _shared(self, owner: cst.FunctionDef | None) -> None:
        """The functions defined in this scope find in its names what any of them leaves there."""
        for (whose, name), value in self.known.outer.items():
            if whose is owner:
                self.scope.names[name] = join(self.scope.names.get(name, frozenset()), value)

    def define(self, node: cst.FunctionDef) -> None:
        decorators = [self.value(decorator.decorator) for decorator in node.decorators]
        defaults = self.defaults(node.params)
        owner = self.scope.owner if self.scope.is_class else None
        value = self._decorated(node, decorators)
        self.set_name(node.name.value, value)
        self.scope.share()
        self.deferred.append(Deferred(node, Scope(self.scope, node=node), self.live, tuple(self.path), owner, defaults))

    def _decorated(self, node: cst.FunctionDef, decorators: list[Value]) -> Value:
        if frozenset({Builtin("property")}) in decorators:
            return self.recall("returns", node) or UNKNOWN
        return frozenset({Function(node, static=_is_static(node))})

    def _body(self, job: Deferred) -> None:
        node = job.node
        self.live, self.path, self.function, self.yields = job.live, [*job.path], node, False
        self.owner = job.owner
        self.attempts, self.failing, self.paths, self.made, self.stores = (), [], Paths(), {}, Stores()
        with self.inside(job.scope):
            for index, parameter in enumerate(parameters(node.params)):
                self.scope.names[parameter.name.value] = self._argument(job, index, parameter)
            self.suite(node.body)
            if self.live:
                self.leave()
                self.stores.show(self.scope, self.learnt)
            self.stores.end(self.learnt)
            self._shared(node)
        if self.yields:
            self.learnt.returns[node] = frozenset({Box(node, "list")})
        elif self.live:
            learn(self.learnt.returns, node, NONE)
        elif not self.paths.returned:
            self.learnt.endless.add(node)

    def _argument(self, job: Deferred, index: int, parameter: cst.Param) -> Value:
        name = parameter.name.value
        if index == 0 and job.owner is not None and not _is_static(job.node):
            return frozenset({Instance(job.owner)})
        passed = self.recall("parameters", (job.node, name)) or UNKNOWN
        if parameter.annotation is not None and parameter.star == "":
            passed = hints.refined(passed, self.meant(parameter.annotation))
        default = job.defaults.get(name)
        return passed if default is None else join(default, passed)

    def class_(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self.value(decorator.decorator)
        bases = [atom.node for base in node.bases for atom in self.value(base.value) if isinstance(atom, Class)]
        if bases:
            self.learnt.bases[node] = bases
        self.set_name(node.name.value, frozenset({Class(node)}))
        with self.inside(Scope(self.scope, owner=node, is_class=True)):
            self.suite(node.body)


def _is_static(node: cst.FunctionDef) -> bool:
    names = [one.decorator.value for one in node.decorators if isinstance(one.decorator, cst.Name)]
    return "staticmethod" in names

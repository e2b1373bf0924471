"""Functions and classes: defined where they stand, and walked when the code around them is through."""

from __future__ import annotations

import libcst as cst

from usock_lint.analysis import type_annotations
from usock_lint.analysis.domain import flags
from usock_lint.analysis.domain.environment import Scope
from usock_lint.analysis.domain.operations import NONE, NOTHING, TRUE, UNKNOWN, join
from usock_lint.analysis.domain.values import Box, Builtin, Class, Function, Instance, Value
from usock_lint.analysis.heap import Stores
from usock_lint.analysis.interpreter.expressions import parameters
from usock_lint.analysis.interpreter.statements import Paths
from usock_lint.analysis.interpreter.try_statements import Tries
from usock_lint.analysis.summaries import Body


class Definitions(Tries):
    """Functions and classes."""

    def walk(self, body: Body) -> None:
        """Run through the module's statements, or a function's."""
        self.apart -= body.apart
        self.is_apart = not self.apart.isdisjoint(body.path)
        body.begin()
        node = body.node if isinstance(body.node, cst.FunctionDef) else None
        self.body, self.live, self.path, self.scope = body, body.live, [*body.path], Scope(body.outer, node=node)
        self.attempts, self.failing, self.paths, self.made, self.stores = (), [], Paths(), {}, Stores()
        self.function, self.yields = node, False
        self.vague_branch = self.vague_try = self.vague_loop = False
        self.vague_body = body.is_vague
        if node is None:
            self.suite(self.module)
        else:
            self._function(body, node)
        self._shared(node)
        self.take_in()

    def _shared(self, owner: cst.FunctionDef | None) -> None:
        """The functions defined in this scope find in its names what any of them leaves there."""
        for whose, name in self.outer_names:
            if whose is owner:
                left = self.recall("outer", (owner, name)) or frozenset()
                self.scope.names[name] = join(self.scope.names.get(name, frozenset()), left)

    def define(self, node: cst.FunctionDef) -> None:
        decorators = [self.value(decorator.decorator) for decorator in node.decorators]
        defaults = self.defaults(node.params)
        owner = self.scope.owner if self.scope.is_class else None
        is_property = frozenset({Builtin("property")}) in decorators
        is_method = owner is not None and not _is_static(node)
        if defaults:
            self.default_values[node] = defaults
            self.default_names.add(node.name.value)
        if owner is not None:
            self.classes[node] = owner
        function = Function(node, method=is_method, is_property=is_property)
        self.set_name(node.name.value, frozenset({function}))
        self.scope.share()
        self.body.inner.append(Body(node, self.scope, self.live, tuple(self.path), owner, defaults, self.is_vague))

    def _function(self, body: Body, node: cst.FunctionDef) -> None:
        for index, parameter in enumerate(parameters(node.params)):
            self.scope.names[parameter.name.value] = self._argument(body, node, index, parameter)
        self.suite(node.body)
        if self.live:
            self.leave()
            self.stores.show(self.scope, self.learn)
        self.stores.end(self.learn)
        if self.yields:
            self.body.told[self.fact("returns", node)] = frozenset({Box(node, "list")})
        elif self.live:
            self.learn("returns", node, NONE)
        elif not self.paths.returned:
            self.learn("endless", node, TRUE)

    def _argument(self, body: Body, node: cst.FunctionDef, index: int, parameter: cst.Param) -> Value:
        name = parameter.name.value
        if index == 0 and body.owner is not None and not _is_static(node):
            return frozenset({Class(body.owner) if _has(node, "classmethod") else Instance(body.owner)})
        default = body.defaults.get(name)
        passed = self.recall("parameters", (node, name))
        if default is not None and self.is_called_from_outside(node):
            passed = join(default, passed or UNKNOWN)
        passed = passed or join(default or NOTHING, UNKNOWN)
        passed = flags.named(name, passed)
        if parameter.annotation is not None and parameter.star == "":
            passed = type_annotations.refined(passed, self.meant(parameter.annotation))
        return passed

    def class_(self, node: cst.ClassDef) -> None:
        for decorator in node.decorators:
            self.value(decorator.decorator)
        bases = [atom.node for base in node.bases for atom in self.value(base.value) if isinstance(atom, Class)]
        if bases:
            self.bases[node] = bases
        self.set_name(node.name.value, frozenset({Class(node)}))
        with self.inside(Scope(self.scope, owner=node, is_class=True)):
            self.suite(node.body)


def _is_static(node: cst.FunctionDef) -> bool:
    return _has(node, "staticmethod")


def _has(node: cst.FunctionDef, decorator: str) -> bool:
    return any(isinstance(one.decorator, cst.Name) and one.decorator.value == decorator for one in node.decorators)

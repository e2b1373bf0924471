"""The forms of syntax in a module that the compiler of some release refuses.

A file with such a form does not compile, even if the form is in dead code or behind a guard. So the whole tree is
searched, and each form is reported for all cells. `usock_lint/ports/data/syntax.json` has the releases that accept it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, cast

import libcst as cst

from usock_lint.analysis import string_forms
from usock_lint.analysis.domain.values import Cells
from usock_lint.analysis.string_forms import Formatted, is_empty
from usock_lint.analysis.uses import Site, Syntax
from usock_lint.syntax import positions
from usock_lint.syntax.nodes import syntax_parts

# By its name, as the oldest libcst that is supported lacks the class.
_STARRED_DICT: Final = "StarredDictComp"

_NUMBERS: Final = (cst.Integer, cst.Float, cst.Imaginary)


def forms(module: cst.Module, universe: Cells) -> list[Syntax]:
    """The forms that not every release compiles, in the order of the tree."""
    visitor = _Visitor(module, universe)
    visitor.visit(module)
    return visitor.found


class _Scope:
    """The body of a module, class, function or comprehension, which decides what statements are allowed in it.

    `names` are the names used in it so far, `declared` those in its `global` and `nonlocal` statements. `loops` tells
    that the current statement is in a loop, `is_generator` that the compiler knows by now that `async for` may stand
    there: it is a coroutine, or a `yield` or `await` came before.
    """

    def __init__(self, kind: type[cst.CSTNode], *, is_async: bool = False) -> None:
        self.kind = kind
        self.is_generator = is_async
        self.loops = False
        self.names: set[str] = set()
        self.declared: set[str] = set()

    @property
    def is_function(self) -> bool:
        return self.kind in (cst.FunctionDef, cst.Lambda)


class _Visitor:
    """One pass over the tree, in source order except for comprehensions, whose loops are visited first.

    A method of `_HANDLERS` visits one type of node. If it returns True, the parts of the node are visited after it.
    `_targets` are the nodes that are assigned to, `_bare` the walruses without parentheses in places that need them.
    `_in_annotation` and `_in_string` tell that the current node is in an annotation or in an f-string.
    """

    def __init__(self, module: cst.Module, universe: Cells) -> None:
        self.found: list[Syntax] = []
        self._module = module
        self._universe = universe
        self._path: list[cst.CSTNode] = []
        self._scope = _Scope(cst.Module)
        self._targets: set[cst.CSTNode] = set()
        self._bare: set[cst.CSTNode] = set()
        self._in_annotation = False
        self._in_string = False

    def visit(self, node: cst.CSTNode) -> None:
        is_step, handler = _KINDS[type(node)]
        if is_step:
            self._path.append(node)
        if handler is None or handler(self, node):
            for part in syntax_parts(node):
                self.visit(part)
        if is_step:
            self._path.pop()

    def visit_all(self, nodes: Iterable[cst.CSTNode | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def report(self, node: cst.CSTNode, *names: str) -> None:
        """Record a form that a release accepts only if it accepts all of these names of forms."""
        site = Site(self._universe, self._module, tuple(self._path), (), False)
        self.found.append(Syntax(site, node, names))

    # Scopes: the statements allowed in each

    def function(self, node: cst.FunctionDef) -> None:
        self.visit_all(node.decorators)
        self._parameters(node.params)
        if node.asynchronous:
            self.report(node.name, "async")
        if node.type_parameters is not None:
            self.report(node.type_parameters, "type-parameters")
        self._annotation(node.returns)
        self._scope.names.add(node.name.value)
        self._inside(_Scope(cst.FunctionDef, is_async=node.asynchronous is not None), [node.body], node.params)

    def lambda_(self, node: cst.Lambda) -> None:
        self._parameters(node.params)
        self._inside(_Scope(cst.Lambda), [node.body], node.params)

    def class_(self, node: cst.ClassDef) -> None:
        self.visit_all(node.decorators)
        if node.type_parameters is not None:
            self.report(node.type_parameters, "type-parameters")
        self._arguments([*node.bases, *node.keywords])
        self.visit_all((*node.bases, *node.keywords))
        self._scope.names.add(node.name.value)
        self._inside(_Scope(cst.ClassDef), [node.body])

    def _inside(self, scope: _Scope, parts: Sequence[cst.CSTNode], params: cst.Parameters | None = None) -> None:
        outer, self._scope = self._scope, scope
        for one in _parameters(params) if params else ():
            if one.name.value in scope.names:
                self.report(one.name, "duplicate-parameter")
            scope.names.add(one.name.value)
        self.visit_all(parts)
        self._scope = outer

    def _parameters(self, params: cst.Parameters) -> None:
        if isinstance(params.posonly_ind, cst.ParamSlash):
            self.report(params.posonly_ind, "positional-only")
        for one in _parameters(params):
            self.visit_all([one.default])
            self._annotation(one.annotation)

    def _annotation(self, node: cst.Annotation | None) -> None:
        """Annotations are parsed and never compiled."""
        if node is None:
            return
        outer, self._in_annotation = self._in_annotation, True
        if isinstance(node.annotation, cst.StarredElement):
            self.report(node.annotation, "starred")
        self.visit(node.annotation)
        self._in_annotation = outer

    def comprehension(self, node: cst.BaseComp) -> None:
        """Visit the first iterable, which is evaluated outside the comprehension, and then the rest inside it."""
        loop = node.for_in
        self.visit(loop.iter)
        scope = _Scope(cst.BaseComp)
        self._bind(loop.target)
        if loop.asynchronous is not None:
            self.report(loop, "async-comprehension")
        results = (node.key, node.value) if isinstance(node, cst.DictComp) else (_result(node),)
        self._number_before(results[-1], loop.whitespace_before)
        for one in results:
            if isinstance(one, cst.StarredElement):
                self.report(one, "starred")
            # A bare walrus is allowed where a list or a tuple may have one: `(x := 1 for ...)`, but not in braces, and
            # not in an argument, `f(x := 1 for ...)`.
            is_taken = isinstance(node, cst.ListComp) or (isinstance(node, cst.GeneratorExp) and node.lpar)
            if isinstance(one, cst.NamedExpr) and not one.lpar and not is_taken:
                self._bare.add(one)
        if type(node).__name__ == _STARRED_DICT:
            self.report(node, "starred")
        self._inside(scope, [loop.target, *loop.ifs, *([loop.inner_for_in] if loop.inner_for_in else []), *results])

    def inner_loop(self, node: cst.CompFor) -> bool:
        self._bind(node.target)
        if node.asynchronous is not None:
            self.report(node, "async-comprehension")
        return True

    def loop(self, node: cst.For | cst.While) -> None:
        if isinstance(node, cst.For):
            if node.asynchronous is not None:
                self._outside_async(node)
            self._bind(node.target)
            self.visit_all((node.target, node.iter))
        else:
            self.visit(node.test)
        outer, self._scope.loops = self._scope.loops, True
        self.visit(node.body)
        self._scope.loops = outer
        self.visit_all([node.orelse])

    def _outside_async(self, node: cst.For | cst.With) -> None:
        if not self._scope.is_generator:
            self.report(node, "async-outside")

    def outside_loop(self, node: cst.Break | cst.Continue) -> None:
        if not self._scope.loops:
            self.report(node, "outside-loop")

    def outside_function(self, node: cst.Return | cst.Yield | cst.Await) -> bool:
        if self._scope.is_function:
            self._scope.is_generator |= not isinstance(node, cst.Return)
        elif not self._in_annotation:
            in_comprehension = self._scope.kind is cst.BaseComp
            self.report(node, "in-comprehension" if in_comprehension else "outside-function")
        return True

    def name(self, node: cst.Name) -> None:
        if not self._in_annotation:
            self._scope.names.add(node.value)

    def declaration(self, node: cst.Global | cst.Nonlocal) -> None:
        word = "global" if isinstance(node, cst.Global) else "nonlocal"
        for one in node.names:
            name = one.name.value
            if word == "nonlocal" and self._scope.kind is cst.Module:
                self.report(one, "nonlocal-outside")
            elif name in self._scope.names - self._scope.declared:
                self.report(one, "declared-late")
            self._scope.declared.add(name)

    def attribute(self, node: cst.Attribute) -> None:
        if isinstance(node.value, _NUMBERS) and not node.value.lpar and is_empty(node.dot.whitespace_before):
            self.report(node.value, "number-run")
        self.visit(node.value)

    def keyword(self, node: cst.Arg) -> None:
        self.visit(node.value)

    def lazy_import(self, node: cst.CSTNode) -> None:
        self.report(node, "lazy-import")

    def imported(self, node: cst.Import | cst.ImportFrom) -> None:
        if isinstance(node.names, cst.ImportStar):
            if self._scope.kind is not cst.Module:
                self.report(node.names, "import-star-inside")
            return
        for alias in node.names:
            bound = alias.asname.name if alias.asname else alias.name
            while isinstance(bound, cst.Attribute):
                bound = bound.value
            self._scope.names.update([bound.value] if isinstance(bound, cst.Name) else ())

    # Statements

    def match(self, node: cst.Match) -> bool:
        self.report(node, "match")
        self.visit_all([node.subject, *(part for case in node.cases for part in (case.guard, case.body))])
        return False

    def type_alias(self, node: cst.TypeAlias) -> None:
        self.report(node, "type-alias")

    def try_(self, node: cst.Try) -> bool:
        for handler in node.handlers[:-1]:
            if handler.type is None:
                self.report(handler, "bare-except-first")
        return True

    def try_star(self, node: cst.TryStar) -> bool:
        self.report(node.handlers[0], "except-star")
        return True

    def handler(self, node: cst.ExceptHandler) -> bool:
        if isinstance(node.type, cst.Tuple) and not node.type.lpar:
            self.report(node.type, "bare-exceptions")
        return True

    def with_(self, node: cst.With) -> bool:
        if node.asynchronous is not None:
            self._outside_async(node)
        if isinstance(node.lpar, cst.LeftParen) and any(item.asname for item in node.items):
            self.report(node.lpar, "with-parentheses")
        for item in node.items:
            if item.asname is not None:
                self._bind(item.asname.name)
        return True

    def decorator(self, node: cst.Decorator) -> bool:
        if not _is_plain_decorator(node.decorator):
            self.report(node.decorator, "decorator")
            return False
        return True

    def assign(self, node: cst.AssignTarget) -> bool:
        self._bind(node.target)
        return True

    def annotated(self, node: cst.AnnAssign) -> None:
        self.report(node.target, "annotation")
        self.visit(node.target)
        self._annotation(node.annotation)
        self.visit_all([node.value])

    def delete(self, node: cst.Del) -> bool:
        if any(map(_is_refused_by_del, _targets(node.target))):
            self.report(node.target, "del-list")
        self._targets.update(_targets(node.target))
        return True

    def _bind(self, target: cst.CSTNode) -> None:
        """Record the nodes of a target, and stars that a target must not have: one star is allowed in each list."""
        if isinstance(target, cst.StarredElement):
            self.report(target, "starred-target")
        for one in _targets(target):
            self._targets.add(one)
            elements = _elements(one)
            if sum(isinstance(element, cst.StarredElement) for element in elements) > 1:
                self.report(one, "starred-target")
            if isinstance(one, cst.Tuple) and not elements:
                self.report(one, "empty-target")

    # Expressions

    def display(self, node: cst.List | cst.Tuple | cst.Set) -> bool:
        is_set = isinstance(node, cst.Set)
        if node in self._targets or (self._in_annotation and not is_set):
            return True
        for element in node.elements:
            if isinstance(element, cst.StarredElement):
                self.report(element, "starred")
            elif is_set and isinstance(element.value, cst.NamedExpr) and not element.value.lpar:
                self._bare.add(element.value)
        return True

    def dictionary(self, node: cst.Dict) -> bool:
        for element in node.elements:
            if isinstance(element, cst.StarredDictElement):
                self.report(element, "starred")
        return True

    def index(self, node: cst.Index) -> bool:
        if node.star:
            self.report(node, "starred")
        if isinstance(node.value, cst.NamedExpr) and not node.value.lpar:
            self._bare.add(node.value)
        return True

    def walrus(self, node: cst.NamedExpr) -> bool:
        self.report(node, "walrus", *(["walrus-bare"] if node in self._bare else []))
        return True

    def operation(self, node: cst.BinaryOperation | cst.AugAssign) -> bool:
        if isinstance(node.operator, (cst.MatrixMultiply, cst.MatrixMultiplyAssign)):
            self.report(node.operator, "matrix-multiplication")
        return True

    def call(self, node: cst.Call) -> bool:
        self._arguments(node.args)
        return True

    def _arguments(self, args: Sequence[cst.Arg]) -> None:
        stars: set[str] = set()
        has_keyword = False
        for one in args:
            kind = "keyword" if one.keyword else one.star
            if kind in stars or (not kind and stars):
                self.report(one, "several-stars")
                return
            if kind == "*" and has_keyword:
                self.report(one, "star-after-keyword")
                return
            has_keyword |= kind == "keyword"
            stars |= {kind} & {"*", "**"}

    # Numbers: MicroPython's lexer reads letters and points right behind a number as part of it, as in `1if x else 2`

    def number(self, node: cst.Integer | cst.Float | cst.Imaginary) -> None:
        if "_" in node.value:
            self.report(node, "number-underscore")

    def conditional(self, node: cst.IfExp) -> bool:
        self._number_before(node.body, node.whitespace_before_if)
        self._number_before(node.test, node.whitespace_before_else)
        return True

    def boolean(self, node: cst.BooleanOperation) -> bool:
        self._number_before(node.left, node.operator.whitespace_before)
        return True

    def comparison(self, node: cst.Comparison) -> bool:
        left = node.left
        for target in node.comparisons:
            if isinstance(target.operator, (cst.In, cst.NotIn, cst.Is, cst.IsNot)):
                self._number_before(left, target.operator.whitespace_before)
            left = target.comparator
        return True

    def _number_before(self, node: cst.CSTNode, space: cst.BaseParenthesizableWhitespace) -> None:
        """Report a number at the end of a node if no white space is between it and the word that follows."""
        last = _last(node)
        if last is not None and is_empty(space):
            self.report(last, "number-run")

    # Strings

    def string(self, node: cst.SimpleString) -> None:
        if names := string_forms.plain(node):
            self.report(node, *names)

    def strings(self, node: cst.ConcatenatedString | cst.FormattedString) -> bool:
        """Visit an f-string, or adjacent strings, which the compiler joins into one literal."""
        parts = [*string_forms.concatenated(node)]
        formatted = [one for one in parts if isinstance(one, Formatted)]
        if self._in_string or not formatted:
            return True
        names = string_forms.formatted(parts, lambda part: positions.code(self._module, part, self._path))
        self.report(node, *sorted(names))
        self._in_string = True
        for one in formatted:
            self.visit_all(one.parts)
        self._in_string = False
        return False


def _result(node: cst.BaseComp) -> cst.BaseExpression:
    """The expression whose values a comprehension collects: of `{**one for one in many}` it is `one`.

    A comprehension of a dict with keys (DictComp) has two of them.
    """
    return node.elt if isinstance(node, cst.BaseSimpleComp) else cast("Any", node).value


def _parameters(params: cst.Parameters) -> Iterator[cst.Param]:
    yield from (*params.posonly_params, *params.params)
    if isinstance(params.star_arg, cst.Param):
        yield params.star_arg
    yield from params.kwonly_params
    if params.star_kwarg is not None:
        yield params.star_kwarg


def _elements(node: cst.CSTNode) -> Sequence[cst.BaseElement]:
    return node.elements if isinstance(node, (cst.Tuple, cst.List)) else ()


def _targets(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The targets of an assignment or deletion: this node, and those in it if it is a tuple or a list."""
    yield node
    for element in _elements(node):
        yield from _targets(element.value)


def _is_refused_by_del(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.List) or (isinstance(node, cst.Tuple) and not node.elements)


def _is_plain_decorator(node: cst.BaseExpression) -> bool:
    """True if it is a dotted name, called or not, outside of parentheses."""
    name = node.func if isinstance(node, cst.Call) and not node.lpar else node
    while isinstance(name, cst.Attribute) and not name.lpar:
        name = name.value
    return isinstance(name, cst.Name) and not name.lpar


def _last(node: cst.CSTNode) -> cst.CSTNode | None:
    """The number that an expression ends with."""
    while not getattr(node, "rpar", ()):
        match node:
            case cst.Integer() | cst.Float() | cst.Imaginary():
                return node
            case (
                cst.BinaryOperation(right=last) | cst.BooleanOperation(right=last) | cst.UnaryOperation(expression=last)
            ):
                node = last
            case cst.Comparison(comparisons=[*_, cst.ComparisonTarget(comparator=last)]):
                node = last
            case _:
                return None
    return None


# Nodes that are in the path of a site.
_STEPS: Final = (cst.BaseSuite, cst.SimpleStatementLine, cst.BaseSmallStatement, cst.BaseCompoundStatement)

_HANDLERS: Final[dict[str, Callable[[_Visitor, Any], bool | None]]] = {
    "AnnAssign": _Visitor.annotated,
    "Arg": _Visitor.keyword,
    "AssignTarget": _Visitor.assign,
    "Attribute": _Visitor.attribute,
    "AugAssign": _Visitor.operation,
    "Await": _Visitor.outside_function,
    "BinaryOperation": _Visitor.operation,
    "BooleanOperation": _Visitor.boolean,
    "Break": _Visitor.outside_loop,
    "Call": _Visitor.call,
    "ClassDef": _Visitor.class_,
    "CompFor": _Visitor.inner_loop,
    "Comparison": _Visitor.comparison,
    "ConcatenatedString": _Visitor.strings,
    "Continue": _Visitor.outside_loop,
    "Decorator": _Visitor.decorator,
    "Del": _Visitor.delete,
    "Dict": _Visitor.dictionary,
    "DictComp": _Visitor.comprehension,
    "ExceptHandler": _Visitor.handler,
    "Float": _Visitor.number,
    "For": _Visitor.loop,
    "FormattedString": _Visitor.strings,
    "FunctionDef": _Visitor.function,
    "GeneratorExp": _Visitor.comprehension,
    "Global": _Visitor.declaration,
    "IfExp": _Visitor.conditional,
    "Imaginary": _Visitor.number,
    "Import": _Visitor.imported,
    "ImportFrom": _Visitor.imported,
    "Index": _Visitor.index,
    "Integer": _Visitor.number,
    "Lambda": _Visitor.lambda_,
    "LazyImport": _Visitor.lazy_import,
    "LazyImportFrom": _Visitor.lazy_import,
    "List": _Visitor.display,
    "ListComp": _Visitor.comprehension,
    "Match": _Visitor.match,
    "Name": _Visitor.name,
    "NamedExpr": _Visitor.walrus,
    "Nonlocal": _Visitor.declaration,
    "Return": _Visitor.outside_function,
    "Set": _Visitor.display,
    "SetComp": _Visitor.comprehension,
    "SimpleString": _Visitor.string,
    "StarredDictComp": _Visitor.comprehension,
    "TemplatedString": _Visitor.strings,
    "Try": _Visitor.try_,
    "TryStar": _Visitor.try_star,
    "Tuple": _Visitor.display,
    "TypeAlias": _Visitor.type_alias,
    "While": _Visitor.loop,
    "With": _Visitor.with_,
    "Yield": _Visitor.outside_function,
}


class _Kinds(dict[type[cst.CSTNode], tuple[bool, "Callable[[_Visitor, Any], bool | None] | None"]]):
    """By type of node, whether it is one of `_STEPS`, and its handler."""

    def __missing__(self, kind: type[cst.CSTNode]) -> tuple[bool, Callable[[_Visitor, Any], bool | None] | None]:
        found = self[kind] = issubclass(kind, _STEPS), _HANDLERS.get(kind.__name__)
        return found


_KINDS: Final = _Kinds()

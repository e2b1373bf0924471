"""What usock-lint can say, found in its source: the literal templates that `say` is called with."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import usock_lint

PACKAGE = Path(usock_lint.__file__).parent

RULE_MODULES = ("checks", "linting/file_findings", "linting/directives")
"""What says something in the name of a rule: its translations stand on the rule's page."""


_SHARED = {f"usock_lint.checks.{path.stem}" for path in (PACKAGE / "checks").glob("_[a-z]*.py")}


class _Source(NamedTuple):
    """A module: its top-level statements by the names they bind, and where the imported names come from."""

    tree: ast.Module
    bound: dict[str, ast.stmt]
    imported: dict[str, str]


def of_check(name: str) -> set[str]:
    """What the check of this name can say, by itself or by what it imports from modules that checks share."""
    module = f"usock_lint.checks.{name}"
    return set(_reached(module, list(_source(module).tree.body), set()))


def of_modules(*, rules: bool) -> set[str]:
    """What is said in the name of rules outside of their checks, or by all that is no rule's."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).with_suffix("").as_posix()
        if (name in RULE_MODULES) if rules else not name.startswith(RULE_MODULES):
            found.update(_said(ast.parse(path.read_text(encoding="utf-8"))))
    return found


@cache
def _source(module: str) -> _Source:
    path = PACKAGE.parent.joinpath(*module.split("."))
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))
    bound: dict[str, ast.stmt] = {}
    imported: dict[str, str] = {}
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]):
                bound[name] = statement
            case ast.ImportFrom(module=str(origin)):
                imported.update({one.asname or one.name: f"{origin}.{one.name}" for one in statement.names})
            case _:
                pass
    return _Source(tree, bound, imported)


def _reached(module: str, statements: list[ast.stmt], seen: set[str]) -> Iterator[str]:
    source = _source(module)
    for statement in statements:
        yield from _said(statement)
        for name in _names(statement):
            first, _, last = name.rpartition(".")
            home = source.imported.get(first, "") if first else source.imported.get(name, module)
            home, last = (home, last) if first or name not in source.imported else (home.rpartition(".")[0], last)
            whole = f"{home}.{last}"
            if home in {module, *_SHARED} and whole not in seen and last in _source(home).bound:
                seen.add(whole)
                yield from _reached(home, [_source(home).bound[last]], seen)


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                yield f"{module}.{name}"
            case ast.Name(id=name):
                yield name
            case _:
                pass


def _said(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="say"), args=[ast.Constant(value=str(template))]):
                yield template
            case ast.Call(func=ast.Name(id="say")):
                raise ValueError(f"a template that is no literal: {ast.unparse(node)}")
            case _:
                pass

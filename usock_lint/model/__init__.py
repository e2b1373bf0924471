"""What a check may ask of one module: the uses of the socket API in it, with values and guards."""

from __future__ import annotations

import libcst as cst

from usock_lint.model.atoms import Caught, Cells, Module
from usock_lint.model.scopes import Summary
from usock_lint.model.uses import AnyUse, Attribute, BuiltinName, ImportedErrno, Operation
from usock_lint.model.walk import Walker

# A value can depend on a parameter, that on an attribute, that on what a helper returns: real code goes no deeper.
_PASSES = 4


def uses(module: cst.Module, world: Cells) -> list[AnyUse]:
    """The uses of the socket API in a module that can run on some of these cells, functions after the module's body.

    The file is walked until a pass learns nothing new of its classes, functions and loops, or nothing that matters.
    """
    walker = Walker(module, world, Summary())
    walker.run()
    for _ in range(_PASSES - 1):
        if walker.is_settled():
            break
        walker = Walker(module, world, walker.learnt)
        walker.run()
    return [use for use in walker.uses if walker.networked or not _is_general(use)]


def _is_general(use: AnyUse) -> bool:
    """Whether it is about exceptions or numbers that need not have to do with sockets."""
    of_errors = isinstance(use, Attribute) and isinstance(use.owner, Module | Caught)
    return of_errors or isinstance(use, BuiltinName | ImportedErrno | Operation)

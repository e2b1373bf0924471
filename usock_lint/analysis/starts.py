"""The code of a module that certainly runs when it is imported, and the exceptions that no handler there catches."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import libcst as cst

from usock_lint.analysis.handlers import Attempt, catches
from usock_lint.analysis.heuristics import leaves
from usock_lint.analysis.uses import AnyUse, Site, Syntax
from usock_lint.syntax.nodes import parents

_ALWAYS: Final = (
    cst.ClassDef,
    cst.If,
    cst.Module,
    cst.BaseSmallStatement,
    cst.BaseSuite,
    cst.SimpleStatementLine,
    cst.Try,
    cst.TryStar,
    cst.With,
)
"""The nodes of a site's path whose code certainly runs. An `if` is among them unless it is in `open_branches`."""

_PERHAPS: Final = (
    cst.BooleanOperation,
    cst.CompFor,
    cst.GeneratorExp,
    cst.IfExp,
    cst.Lambda,
    cst.ListComp,
    cst.DictComp,
    cst.SetComp,
)
"""The expressions that may not evaluate all their parts."""


_RAISED: Final = frozenset({"AttributeError", "ImportError", "NameError", "SyntaxError", "TypeError"})
"""The errors of code that cannot run. Other errors depend on the network or on input."""


class Start(NamedTuple):
    """The uses in a module's own statements, and the `if` statements of which either branch may run."""

    module: cst.Module
    uses: Sequence[AnyUse]
    open_branches: AbstractSet[cst.CSTNode]

    def fails(self, use: AnyUse, node: cst.CSTNode, raises: str) -> bool:
        """True if this node of a use is evaluated whenever the module is imported, and nothing catches its error."""
        if isinstance(use, Syntax):
            return True
        return raises in _RAISED and self.is_run(use.site, node) and raises not in self.caught(use.site)

    def is_run(self, site: Site, node: cst.CSTNode) -> bool:
        """True if this node is evaluated whenever the module is imported."""
        # The last statement of the path has the node in its head, so its own branches do not matter.
        if not all(isinstance(one, _ALWAYS) for one in site.path) or not self.open_branches.isdisjoint(site.path[:-1]):
            return False
        around, inner = parents(self.module), node
        while inner is not site.path[-1]:
            outer = around.get(inner)
            if outer is None:
                return True
            if isinstance(outer, _PERHAPS):
                return False
            inner = outer
        return True

    def caught(self, site: Site) -> frozenset[str]:
        """The exceptions at this site that are caught before they reach the importing file."""
        return frozenset(name for name in _RAISED if any(_keeps(one, name) for one in site.attempts))


def _keeps(attempt: Attempt, name: str) -> bool:
    """True if a handler catches this exception and the import goes on."""
    taking = (handler for handler in attempt.node.handlers if catches(handler, name))
    return any(not leaves(handler.body) for handler in taking)

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.values import File
from usock_lint.analysis.uses import Call
from usock_lint.checks import Report, behaving, on
from usock_lint.i18n import say

# Calls after which more may come on the connection; read() without a size takes all there is.
_PARTIAL = ("read", "readinto", "readline", "write")


@on(Call, File, *_PARTIAL)
def call(use: Call) -> Iterator[Report]:
    if _is_temporary(use) and (use.name != "read" or use.arguments):
        cells = behaving(use.site.live, "makefile_gc", "closes")
        message = say("the file is not kept: collecting it closes the socket {where}; keep it as long as the socket")
        yield Report(use.node.func, cells, message, raises="")


def _is_temporary(use: Call) -> bool:
    """True if the method is called on what makefile has just returned."""
    match use.node.func:
        case cst.Attribute(value=cst.Call(func=cst.Attribute(attr=cst.Name("makefile")))):
            return True
        case _:
            return False

from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import BuiltinName
from usock_lint.checks import Report, on
from usock_lint.checks._names import use_oserror
from usock_lint.i18n import say

_ALIASES = ("IOError", "EnvironmentError")


@on(BuiltinName)
def name(use: BuiltinName) -> Iterator[Report]:
    if use.name == "ReferenceError":
        yield Report(use.node, use.site.live, say("`ReferenceError` does not exist {where}"), "NameError")
        return
    repair = use_oserror(use, exact=use.name in _ALIASES)
    yield Report(
        use.node,
        use.site.live,
        say("`{name}` does not exist {where}; use OSError", name=use.name),
        "NameError",
        repair=repair,
    )

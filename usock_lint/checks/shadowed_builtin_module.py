from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import HiddenName
from usock_lint.checks import Report, on
from usock_lint.i18n import say
from usock_lint.ports import Cell, world


@on(HiddenName)
def name(use: HiddenName) -> Iterator[Report]:
    module = use.owner.name
    yield Report(
        use.node,
        frozenset(cell for cell in use.site.live if _hides(cell, module, use.name)),
        say(
            "`{module}` is built in {where}: {file} of the project, which has `{name}`, is never imported;"
            " give it another name",
            module=module,
            file=use.file,
            name=use.name,
        ),
        "AttributeError" if use.statement is None else "ImportError",
        only_if_everywhere=True,
    )


def _hides(cell: Cell, module: str, name: str) -> bool:
    """True if the built-in module comes before a file, and has no such name as far as is known of any build."""
    if not world.comes_before_files(cell, module):
        return False
    there = world.module_name(cell, module, name)
    return there is False or (there is None and world.kind(module, name) is None)

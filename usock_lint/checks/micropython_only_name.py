from __future__ import annotations

from collections.abc import Iterator

from usock_lint import ports
from usock_lint.analysis.domain.operations import atoms, constant, constants
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Call, ImportedName, ModuleName
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._options import CALLBACK
from usock_lint.i18n import say


@on(ModuleName, *ports.MICROPYTHON_MODULE)
def name(use: ModuleName) -> Iterator[Report]:
    if not use.stored and not use.site.micropython_only:
        message = say("CPython has no `socket.{name}`; MicroPython alone does", name=use.name)
        yield Report(use.node, use.site.live, message, "AttributeError")


@on(ImportedName, *ports.MICROPYTHON_MODULE)
def imported(use: ImportedName) -> Iterator[Report]:
    if not use.site.micropython_only:
        message = say("`{name}` cannot be imported from CPython's socket; MicroPython alone has it", name=use.name)
        yield Report(use.node, use.site.live, message, "ImportError")


@on(Call, Socket, "setsockopt")
def option(use: Call) -> Iterator[Report]:
    number, value = use.positional(1), use.positional(2)
    if number is None or value is None or use.site.micropython_only:
        return
    if any(isinstance(constant(atom), int | bytes) for atom, _ in atoms(value.value, use.site.live)):
        return  # no callback
    for found, cells in constants(number.value, int, use.site.live):
        if found == CALLBACK:
            taking = behaving(cells, "setsockopt_callback", True)
            message = say("option 20 takes a callback {where}; on CPython it is another option, and raises TypeError")
            yield Report(use.node, taking, message, "TypeError")

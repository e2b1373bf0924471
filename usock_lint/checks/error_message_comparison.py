from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import libcst as cst

from usock_lint import ports
from usock_lint.analysis.domain.operations import constant
from usock_lint.analysis.domain.values import ErrorNumber, Message
from usock_lint.analysis.uses import Operation
from usock_lint.checks import Report, on
from usock_lint.checks._errors import EQUALITY, Choice, compared, texts, words
from usock_lint.i18n import say
from usock_lint.numerals import read_int
from usock_lint.syntax.nodes import once_per_node, within


@on(Operation, *EQUALITY)
def operation(use: Operation) -> Iterator[Report]:
    messages = compared(use, Message)
    choices = messages or compared(use, ErrorNumber)
    wordings = [constant(choice.atom) for choice in choices]
    if not choices or any(type(text) is not str for text in wordings) or _has_a_number(use):
        return
    whole = isinstance(use.operator, cst.Equal | cst.NotEqual)
    for choice, text in zip(choices, wordings, strict=True):
        yield from _worded(use, choice, text)
        if messages and whole and (number := read_int(text)) is not None:
            yield from _numbered(choice, number)


def _worded(use: Operation, choice: Choice, text: str) -> Iterator[Report]:
    """Report a text with the words of one of CPython's errors in it."""
    devices = frozenset(cell for cell in choice.cells if cell.port != "docs")
    for name, wording in ports.common()["oserror"]["wordings"].items():
        if wording in text.lower() and not _raised(use.site.module, wording):
            instead = say(" with errno.{name}", name=name) if name in ports.common()["errno"]["names"] else ""
            message = say(
                'errors have no text "{wording}" {where}; compare the number{instead}', wording=wording, instead=instead
            )
            yield Report(choice.node, devices, message, raises="")


def _numbered(choice: Choice, number: int) -> Iterator[Report]:
    """Report a text that is the number of an error, if the errno module has a name for the number."""
    named = {cell: _name(cell, number) for cell in choice.cells}
    for name in sorted({name for name in named.values() if name}):
        cells = frozenset(cell for cell in named if named[cell] == name)
        message = say(
            'the text of this error is "[Errno {number}] {name}" {where}; compare the number with errno.{name}',
            number=number,
            name=name,
        )
        yield Report(choice.node, cells, message, raises="")


def _name(cell: ports.Cell, number: int) -> str | None:
    return next((name for name in ports.errno_names(cell) if ports.errno_number(cell, name) == number), None)


def _has_a_number(use: Operation) -> bool:
    """True if the handler looks at the number of the error as well, or for its name in the text."""
    written = words(use, use.node)
    named = any(word == "errno" or (word.startswith("E") and word.isupper()) for word in written)
    return named or not texts(use).isdisjoint(ports.common()["errno"]["names"])


def _raised(module: cst.Module, wording: str) -> bool:
    """True if the program raises an exception of its own with these words."""
    return any(wording in text for text in _own_texts(module))


@once_per_node
def _own_texts(module: cst.Module) -> frozenset[str]:
    """The strings in the exceptions that a program raises itself."""
    raised = (within(node) for node in within(module) if isinstance(node, cst.Raise))
    return frozenset(one.value.lower() for one in chain(*raised) if isinstance(one, cst.SimpleString))

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from usock_lint.analysis.domain.operations import atoms, constant
from usock_lint.analysis.domain.values import Atom, Cells, Received, Tuple, Value
from usock_lint.analysis.uses import Call, Operation
from usock_lint.checks import Report, on
from usock_lint.checks._bytes import as_bytes, where, where_str
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import Said, say
from usock_lint.ports import strings


@on(Operation, cst.Equal, cst.NotEqual)
def equality(use: Operation) -> Iterator[Report]:
    sign, answer = ("==", "False") if isinstance(use.operator, cst.Equal) else ("!=", "True")
    for received, other, node in ((use.left, use.right, use.right_node), (use.right, use.left, use.left_node)):
        if cells := where_str(other, _where_bytes(received, use.site.live)):
            message = say("bytes {sign} str is always {answer} {where}", sign=sign, answer=answer)
            yield _report(use.node, cells, message, [node], "")


@on(Operation, cst.In, cst.NotIn)
def search(use: Operation) -> Iterator[Report]:
    """Bytes looked for in a str, or among strs."""
    cells = _where_bytes(use.left, use.site.live)
    texts = where_str(use.right, cells)
    yield _report(use.node, texts, say("bytes `in` a str raise TypeError {where}"), [use.right_node], "TypeError")
    choices = [atom.items if isinstance(atom, Tuple) else () for atom, _ in atoms(use.right, cells - texts)]
    if len(choices) == 1 and choices[0] and all(where_str(item, cells) == cells for item in choices[0]):
        display = use.right_node
        nodes = [one.value for one in display.elements] if isinstance(display, cst.Tuple | cst.List) else [display]
        yield _report(use.node, cells - texts, say("bytes are never among strs {where}"), nodes, "")


@on(Operation, cst.Add, cst.AddAssign)
def addition(use: Operation) -> Iterator[Report]:
    texts = where_str(use.left, use.site.live)
    if texts and (cells := _where_bytes(use.right, texts)):
        yield _report(use.node, cells, say("str + bytes raises TypeError {where}"), [use.left_node], "TypeError")


@on(Call, Received, *strings.TAKING_ITS_OWN)
def call(use: Call) -> Iterator[Report]:
    arguments = use.arguments if use.sole else ()
    texts = [one for one in arguments if not one.star and where_str(one.value, use.site.live)]
    if texts:
        cells = where_str(texts[0].value, use.site.live)
        message = say("`{name}` of bytes takes no str {where}", name=use.name)
        yield _report(use.node, cells, message, [one.node.value for one in texts], "TypeError")


def _report(node: cst.CSTNode, cells: Cells, message: Said, texts: Sequence[cst.BaseExpression], raises: str) -> Report:
    literals = [as_bytes(text) for text in texts]
    changes = tuple(replace(text, new) for text, new in zip(texts, literals, strict=True) if new is not None)
    repair = Repair(say("Write bytes"), changes, "unsafe") if len(changes) == len(texts) else None
    return Report(node, cells, say('{message}; write b"..." or decode', message=message), raises, repair=repair)


def _where_bytes(value: Value, live: Cells) -> Cells:
    """The cells on which this value is received bytes; of its other possibilities each is a bytes constant or None."""
    return where(value, live, _is_received) - where(value, live, lambda atom: not _is_bytes(atom))


def _is_received(atom: Atom) -> bool:
    return isinstance(atom, Received)


def _is_bytes(atom: Atom) -> bool:
    """True for bytes, and for None, which a read of a non-blocking socket returns."""
    return isinstance(atom, Received) or constant(atom) is None or isinstance(constant(atom), bytes)

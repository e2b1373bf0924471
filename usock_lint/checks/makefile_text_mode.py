from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say
from usock_lint.syntax.nodes import once_per_node, within

_WRITING = frozenset("wa+")


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    mode = use.argument(0, "mode")
    if mode is None:
        return
    for text, cells in constants(mode.value, str, use.site.live):
        if "b" not in text:
            bytes_there = cells - behaving(cells, "makefile.text_mode", "str", None)
            writing = not _WRITING.isdisjoint(text) and _writes_text(use.site.module)
            message = say(
                'makefile has no text mode {where}: "{mode}" is binary; use "{binary}"{advice}',
                mode=text,
                binary=_binary(text),
                advice=say(" and encode what is written") if writing else "",
            )
            yield Report(mode.node, bytes_there, message, raises="", repair=None if writing else _with_b(mode, text))


@once_per_node
def _writes_text(module: cst.Module) -> bool:
    """True if the file writes a str to something, which CPython's binary files refuse."""
    return any(isinstance(node, cst.Call) and _is_writing_text(node) for node in within(module))


def _is_writing_text(node: cst.Call) -> bool:
    match node:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="write")), args=[cst.Arg(value=what), *_]):
            return _is_text(what)
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="writelines"))):
            return True
        case cst.Call(func=cst.Name(value="print"), args=args):
            return any(one.keyword is not None and one.keyword.value == "file" for one in args)
        case _:
            return False


def _is_text(node: cst.BaseExpression) -> bool:
    """True unless the form of an expression shows that it is bytes."""
    match node:
        case cst.SimpleString():
            return "b" not in node.prefix.lower()
        case cst.ConcatenatedString(left=left) | cst.BinaryOperation(left=left):
            return _is_text(left)
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="encode" | "pack" | "to_bytes"))):
            return False
        case cst.Call(func=cst.Name(value="bytes" | "bytearray")):
            return False
        case _:
            return True


def _with_b(mode: Argument, text: str) -> Repair | None:
    if mode.keyword is not None or not isinstance(mode.node.value, cst.SimpleString):
        return None
    quote = mode.node.value.quote
    return Repair(say("Add b to the mode"), (replace(mode.node.value, f"{quote}{_binary(text)}{quote}"),), "unsafe")


def _binary(text: str) -> str:
    return text.replace("t", "") + "b"

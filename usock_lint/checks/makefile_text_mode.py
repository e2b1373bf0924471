from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile

import libcst as cst

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say
from usock_lint.syntax.nodes import (
    Parents,
    called_name,
    dotted,
    function_around,
    last_name,
    of_type,
    once_per_node,
    parents,
    within,
)

_WRITING = frozenset("wa+")

_READING = frozenset({"read", "readline"})

_TAKING_ALL = frozenset({"enumerate", "iter", "list", "map", "next", "sorted", "tuple", "zip"})
"""Builtins that read the lines of a stream."""


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    mode = use.argument(0, "mode")
    if mode is None:
        return
    for text, cells in constants(mode.value, str, use.site.live):
        if "b" not in text:
            bytes_there = cells - behaving(cells, "makefile.text_mode", "str", None)
            if _WRITING.isdisjoint(text) and _is_parsed(use.node, use.site.module):
                continue
            writing = not _WRITING.isdisjoint(text) and _writes_text(use.site.module)
            message = say(
                'makefile has no text mode {where}: "{mode}" is binary; use "{binary}"{advice}',
                mode=text,
                binary=_binary(text),
                advice=say(" and encode what is written") if writing else "",
            )
            yield Report(mode.node, bytes_there, message, raises="", repair=None if writing else _with_b(mode, text))


def _is_parsed(made: cst.Call, module: cst.Module) -> bool:
    """True if what is read from a stream is only tested and given to `json.loads`, which takes bytes on every board.

    The stream is followed by its name through the whole file: a parameter of this name is taken for the same stream.
    """
    above = parents(module)
    assigned = above.get(made)
    name = _bound(assigned) if isinstance(assigned, cst.Assign) else None
    if name is None:
        return False
    read = False
    for node in within(module):
        if not isinstance(node, (cst.Name, cst.Attribute)) or last_name(node) != name:
            continue
        match above.get(node):
            case cst.Attribute(value=owner, attr=cst.Name(value=method)) as member if owner is node:
                call = above.get(member)
                if method in _READING and isinstance(call, cst.Call):
                    read = True
                    if not _takes_bytes(call, above):
                        return False
                elif method != "close":
                    return False
            case cst.For() | cst.CompFor():
                return False
            case cst.Arg() as argument if called_name(above.get(argument)) in _TAKING_ALL:
                return False
            case cst.Arg() as argument if _parses(above.get(argument), "load"):
                read = True
            case _:
                continue
    return read


def _takes_bytes(read: cst.Call, above: Parents) -> bool:
    """True if the result of a read is used for nothing but tests and `json.loads`."""
    statement = above.get(read)
    if not isinstance(statement, cst.Assign):
        return _is_harmless(read, above)
    name = _bound(statement)
    function = function_around(statement, above)
    if name is None or function is None:
        return False
    behind = dropwhile(lambda node: node is not statement, within(function))
    for node in behind:
        if not isinstance(node, cst.Name) or node.value != name:
            continue
        target = above.get(node)
        assigned = above.get(target) if isinstance(target, cst.AssignTarget) else None
        if isinstance(assigned, cst.Assign) and assigned is not statement:  # from here on the name has another value
            loaded = (one for one in of_type(assigned.value, cst.Name) if one.value == name)
            return all(_is_harmless(one, above) for one in loaded)
        if assigned is None and not _is_harmless(node, above):
            return False
    return True


def _is_harmless(node: cst.CSTNode, above: Parents) -> bool:
    match above.get(node):
        case cst.Arg() as argument:
            return _parses(above.get(argument), "loads")
        case cst.If(test=test) | cst.While(test=test) | cst.IfExp(test=test):
            return test is node
        case cst.UnaryOperation(operator=cst.Not()):
            return True
        case cst.Comparison(comparisons=[cst.ComparisonTarget(comparator=cst.Name(value="None"))]):
            return True
        case _:
            return False


def _parses(call: cst.CSTNode | None, function: str) -> bool:
    """True for a call of this function of json: those of other modules, such as yaml and pickle, may want one type."""
    return isinstance(call, cst.Call) and dotted(call.func) in (f"json.{function}", f"ujson.{function}")


def _bound(statement: cst.Assign) -> str | None:
    """The last part of the only name that a statement assigns."""
    return last_name(statement.targets[0].target) if len(statement.targets) == 1 else None


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

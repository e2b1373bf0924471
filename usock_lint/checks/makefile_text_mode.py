from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from usock_lint.analysis.domain.operations import constants
from usock_lint.analysis.domain.values import Socket
from usock_lint.analysis.uses import Argument, Call
from usock_lint.checks import Report, behaving, on
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import say


@on(Call, Socket, "makefile")
def call(use: Call) -> Iterator[Report]:
    mode = use.argument(0, "mode")
    if mode is None:
        return
    for text, cells in constants(mode.value, str, use.site.live):
        if "b" not in text:
            bytes_there = cells - behaving(cells, "makefile.text_mode", "str", None)
            message = say(
                'makefile has no text mode {where}: "{mode}" is binary; use "{binary}"', mode=text, binary=_binary(text)
            )
            yield Report(mode.node, bytes_there, message, raises="", repair=_with_b(mode, text))


def _with_b(mode: Argument, text: str) -> Repair | None:
    if mode.keyword is not None or not isinstance(mode.node.value, cst.SimpleString):
        return None
    quote = mode.node.value.quote
    return Repair(say("Add b to the mode"), (replace(mode.node.value, f"{quote}{_binary(text)}{quote}"),), "unsafe")


def _binary(text: str) -> str:
    return text.replace("t", "") + "b"

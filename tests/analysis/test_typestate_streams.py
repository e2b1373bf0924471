"""Which connections of asyncio the model takes for lost, and which writes for never drained."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from usock_lint import analysis, ports
from usock_lint.analysis.domain.operations import FALSE
from usock_lint.analysis.domain.typestate import LEFT_OPEN
from usock_lint.analysis.uses import AnyUse, LeakedStream, Undrained


def uses(code: str) -> list[AnyUse]:
    module = cst.parse_module("import asyncio\n" + textwrap.dedent(code).lstrip("\n"))
    return analysis.uses(module, ports.cells(ports.PORTABLE))


def lost(code: str) -> list[LeakedStream]:
    """The connections that are left open on a path."""
    found = [use for use in uses(code) if isinstance(use, LeakedStream)]
    return [use for use in found if FALSE <= use.closed <= LEFT_OPEN or use.closed <= LEFT_OPEN - FALSE]


def serving(body: str) -> str:
    """A program whose server calls `serve`, which does this."""
    start = "\n\nasync def main():\n    await asyncio.start_server(serve, '0.0.0.0', 80)\n"
    return "async def serve(reader, writer):\n" + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + start


LOST = {
    "at the end": "await reader.read(1)",
    "by close alone": "writer.close()",
    "by a coroutine that is not awaited": "writer.wait_closed()",
    "at a return": """
        if not await reader.read(1):
            return
        await writer.wait_closed()
        """,
    "in a handler": """
        try:
            await reader.read(1)
            await writer.wait_closed()
        except OSError:
            pass
        """,
}

KEPT = {
    "closed": "writer.close()\nawait writer.wait_closed()",
    "closed by the other end": "await reader.wait_closed()",
    "closed in a finally": """
        try:
            await reader.read(1)
        finally:
            await writer.aclose()
        """,
    "closed after a handler": """
        try:
            await reader.read(1)
        except OSError:
            pass
        await writer.wait_closed()
        """,
    "handed on": "await answer(reader, writer)",
    "handed to a task": "asyncio.create_task(answer(reader, writer))",
    "kept": "connections.append(writer)",
    "closed by a method that is kept": "close = writer.wait_closed\nawait close()",
    "closed by the socket inside": "writer.s.close()",
}


@pytest.mark.parametrize("body", LOST.values(), ids=LOST)
def test_a_connection_is_lost(body: str):
    assert lost(serving(body))


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_a_connection_is_not_lost(body: str):
    assert not lost(serving(body))


def test_a_connection_that_is_made_in_each_turn_is_lost_by_the_next():
    assert lost(
        """
        async def poll(host):
            while True:
                reader, writer = await asyncio.open_connection(host, 80)
                print(await reader.readline())
        """
    )


def test_a_function_that_no_server_calls_owns_nothing():
    assert not lost("async def serve(reader, writer):\n    await reader.read(1)\n")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("writer.write(data)\nawait writer.wait_closed()", 1),
        ("writer.write(data)\nwriter.drain()\nawait writer.wait_closed()", 1),
        ("for one in data:\n    writer.write(one)\nawait writer.wait_closed()", 1),
        ("writer.write(data)\nawait writer.drain()\nawait writer.wait_closed()", 0),
        ("for one in data:\n    writer.write(one)\n    await writer.drain()\nawait writer.wait_closed()", 0),
        ("writer.write(data)\nif data:\n    await writer.drain()\nawait writer.wait_closed()", 0),
        ("writer.write(b'short')\nawait writer.wait_closed()", 0),
        ("await writer.awrite(data)\nawait writer.wait_closed()", 0),
    ],
)
def test_a_write_that_nothing_drains_on_any_path(body: str, expected: int):
    found = [use for use in uses(serving("data = await reader.read()\n" + body)) if isinstance(use, Undrained)]
    assert len({use.node for use in found}) == expected

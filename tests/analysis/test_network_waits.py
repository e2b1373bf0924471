"""Where the network is used at once after `WLAN.connect`, and what counts as waiting for it."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from usock_lint import analysis, ports
from usock_lint.analysis.uses import BeforeNetwork

_HEAD = """
import machine
import network
import requests
import socket
import time
wlan = network.WLAN(network.STA_IF)
"""


def early(code: str) -> list[str]:
    """The functions that need the network and come too early."""
    module = cst.parse_module(_HEAD + textwrap.dedent(code).lstrip("\n"))
    found = analysis.uses(module, ports.cells(ports.PORTABLE))
    return [use.name for use in found if isinstance(use, BeforeNetwork)]


EARLY = {
    "in the next statement": """
        wlan.connect("a", "b")
        requests.get("http://example.com/")
        """,
    "after pins and prints": """
        wlan.connect("a", "b")
        led = machine.Pin(2, machine.Pin.OUT)
        led.on()
        print("connecting", wlan.ifconfig())
        requests.get("http://example.com/")
        """,
    "in a function that follows one that connects": """
        def join():
            wlan.active(True)
            wlan.connect("a", "b")
        def fetch():
            s = socket.socket()
            s.connect(("192.0.2.1", 80))
        join()
        fetch()
        """,
    "in a function that nothing of the file calls": """
        def start():
            wlan.connect("a", "b")
            requests.get("http://example.com/")
        """,
    "in the first turn of a loop": """
        wlan.connect("a", "b")
        while True:
            requests.get("http://example.com/")
            time.sleep(60)
        """,
    "after a condition on the network under which it was begun": """
        if not wlan.isconnected():
            wlan.connect("a", "b")
        requests.get("http://example.com/")
        """,
    "by its name": """
        wlan.connect("a", "b")
        socket.getaddrinfo("example.com", 80)
        """,
    "in a coroutine that is awaited": """
        import asyncio
        async def main():
            wlan.connect("a", "b")
            await fetch()
        async def fetch():
            requests.get("http://example.com/")
        asyncio.run(main())
        """,
}

WAITED = {
    "in a loop": """
        wlan.connect("a", "b")
        while not wlan.isconnected():
            pass
        requests.get("http://example.com/")
        """,
    "in a loop of turns": """
        wlan.connect("a", "b")
        for _ in range(10):
            if wlan.status() == 3:
                break
            time.sleep(1)
        requests.get("http://example.com/")
        """,
    "by a sleep": """
        wlan.connect("a", "b")
        time.sleep(5)
        requests.get("http://example.com/")
        """,
    "in a function": """
        def wait():
            while not wlan.isconnected():
                machine.idle()
        wlan.connect("a", "b")
        wait()
        requests.get("http://example.com/")
        """,
    "in a function of another file": """
        from net import wait
        wlan.connect("a", "b")
        wait(wlan)
        requests.get("http://example.com/")
        """,
    "under a condition": """
        wlan.connect("a", "b")
        if not wlan.isconnected():
            machine.idle()
        requests.get("http://example.com/")
        """,
    "by trying again": """
        wlan.connect("a", "b")
        while True:
            try:
                requests.get("http://example.com/")
            except OSError as error:
                print(error)
        """,
    "by asking first": """
        wlan.connect("a", "b")
        if wlan.isconnected():
            requests.get("http://example.com/")
        """,
    "on one of two ways": """
        wlan.connect("a", "b")
        if machine.reset_cause() == 1:
            time.sleep(5)
        requests.get("http://example.com/")
        """,
    "by a task that runs at some time": """
        import asyncio
        async def main():
            wlan.connect("a", "b")
            asyncio.create_task(fetch())
            await asyncio.sleep(9)
        async def fetch():
            requests.get("http://example.com/")
        asyncio.run(main())
        """,
    "by nothing, for a number that needs no server": """
        wlan.connect("a", "b")
        address = socket.getaddrinfo("0.0.0.0", 80)[0][-1]
        """,
    "in another place": """
        def join():
            wlan.connect("a", "b")
        def fetch():
            requests.get("http://example.com/")
        """,
}


@pytest.mark.parametrize("code", EARLY.values(), ids=EARLY)
def test_the_network_is_used_before_it_is_up(code: str) -> None:
    assert len(early(code)) == 1


@pytest.mark.parametrize("code", WAITED.values(), ids=WAITED)
def test_the_network_may_be_up(code: str) -> None:
    assert early(code) == []

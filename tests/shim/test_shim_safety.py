"""The shim does nothing but what a script asks for: it patches, opens, runs and leaves nothing of its own."""

from __future__ import annotations

import builtins
import errno
import json
import os
import select
import signal
import socket
import ssl
import sys
import textwrap
import time
from types import ModuleType
from typing import Any

import pytest

from tests.support.boardcases import PRELUDE
from tests.support.probes import free_port, output, run
from usock_lint.shim import SIMULATED, load, open_port
from usock_lint.shim.run import run_source

HOST_MODULES: list[ModuleType] = [builtins, errno, os, select, signal, socket, ssl, sys, time]

ONE_EACH = ("unix", "rp2", "esp32", "samd", "zephyr")
"""A port of each implementation."""

BUSY = """
import socket, errno, sys, os, time
for one in "ssl", "select", "asyncio":
    try:
        __import__(one)
    except ImportError:  # zephyr has none
        pass
s = socket.socket()
print = None
"""


def state() -> list[dict[str, Any]]:
    """What a patch of a host module would change."""
    return [dict(vars(module)) for module in HOST_MODULES]


@pytest.mark.parametrize("port", SIMULATED)
def test_load_and_a_run_change_nothing_of_the_hosts(port: str) -> None:
    load(port)
    before, modules = state(), dict(sys.modules)
    path, handlers = list(sys.path), [signal.getsignal(one) for one in signal.valid_signals()]
    load(port)
    run_source(BUSY, port)
    assert state() == before
    assert {name: sys.modules.get(name) for name in modules} == modules
    assert (sys.path, [signal.getsignal(one) for one in signal.valid_signals()]) == (path, handlers)
    assert socket.getdefaulttimeout() is None


@pytest.mark.parametrize("port", SIMULATED)
def test_what_a_script_leaves_open_is_closed_after_it(port: str) -> None:
    def descriptors() -> list[str]:
        return sorted(os.listdir("/proc/self/fd"))

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("there is no /proc to count descriptors in")
    script = "some = [socket.socket() for _ in range(4)]\np = select.poll()\np.register(some[0])"
    output(PRELUDE + script, port=port, PORT=free_port())
    before = descriptors()
    output(PRELUDE + script, port=port, PORT=free_port())
    assert descriptors() == before


def watched(port: str, script: str, **names: object) -> list[list[str]]:
    """The audit events of sockets, files, processes and code while a script runs on a shim loaded before."""
    program = f"""
        import encodings.idna, json, sys
        from usock_lint.shim.run import run_source
        run_source({BUSY!r}, {port!r})
        seen, watching = [], False
        def hook(event, arguments):
            kinds = ("socket.", "open", "subprocess.", "os.", "exec", "compile", "ctypes.", "shutil.", "tempfile.")
            if watching and event.startswith(kinds):
                seen.append([event, str(arguments[-1] if event != "open" else arguments[0])])
        sys.addaudithook(hook)
        watching = True
        run_source({script!r}, {port!r}, globals={names!r})
        watching = False
        print(json.dumps(seen))
    """
    done = run([sys.executable, "-c", textwrap.dedent(program)])
    assert not done.stderr, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("port", ONE_EACH)
def test_a_socket_alone_reaches_out_to_nobody_and_opens_no_file(port: str) -> None:
    events = [event for event, _ in watched(port, "import socket\ns = socket.socket()\ns.close()")]
    assert set(events) <= {"compile", "exec", "socket.__new__"}
    assert events.count("socket.__new__") == 1


@pytest.mark.parametrize("port", ["rp2", "esp32", "samd", "zephyr"])
def test_a_numeric_address_is_the_only_one_that_is_connected_to(port: str) -> None:
    script = (
        "import socket\ns = socket.socket()\ntry:\n    s.connect(('127.0.0.1', PORT))\nexcept OSError:\n    pass\n"
        "try:\n    socket.socket().bind(('127.0.0.1', 0))\nexcept OSError:\n    pass\n"
    )
    number = free_port()
    events = watched(port, script, PORT=number)
    reached = {where for event, where in events if event in ("socket.connect", "socket.bind")}
    assert reached == {f"('127.0.0.1', {number})", "('127.0.0.1', 0)"}


@pytest.mark.parametrize("port", ONE_EACH)
def test_nothing_that_a_script_hands_over_is_run_as_code(port: str) -> None:
    evil = "__import__('os').system('true')"
    script = f"""
import socket, errno
EVIL = {evil!r}
s = socket.socket()
for call in (
    lambda: s.connect((EVIL, 1)), lambda: s.bind((EVIL, EVIL)), lambda: socket.getaddrinfo(EVIL, 80),
    lambda: socket.getaddrinfo('127.0.0.1', EVIL), lambda: s.setsockopt(EVIL, EVIL, EVIL), lambda: s.makefile(EVIL),
    lambda: s.recv(EVIL), lambda: s.listen(EVIL), lambda: s.connect(EVIL), lambda: getattr(s, EVIL),
):
    try:
        call()
    except (OSError, TypeError, ValueError, AttributeError):
        pass
"""
    events = watched(port, script)
    assert not {event for event, _ in events} & {"exec", "os.system", "subprocess.Popen"}
    assert not [where for event, where in events if event == "compile" and evil in where and "EVIL" not in where]


def test_a_port_or_release_is_looked_up_and_never_imported_by_its_name() -> None:
    for wrong in ("os", "usock_lint.cli.main", "../unix", "unix\n", "__main__", "", "_board"):
        with pytest.raises(ValueError, match="no shim for port"):
            load(wrong)


@pytest.mark.parametrize("port", SIMULATED)
def test_a_core_cannot_be_reached_from_a_script(port: str) -> None:
    code = "import socket\ns = socket.socket()\nprint([n for n in ('core', 'host', 'port', 'queue') if hasattr(s, n)])"
    assert output(code, port=port) == "[]\n"


def test_closing_a_port_closes_its_sockets() -> None:
    port = open_port("rp2")
    one = port.module.socket()
    port.close()
    assert port.core(one).closed

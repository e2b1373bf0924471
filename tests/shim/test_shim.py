"""The shim as a module: what load() gives, and what it leaves alone."""

from __future__ import annotations

import re
import socket
import sys
from typing import Any

import pytest

from tests.support.each import check_each
from tests.support.probes import output, run
from tools.rulepages.interpreters import Interpreter
from usock_lint.shim import ShimError, load, open_port
from usock_lint.shim.run import run_source
from usock_lint.shim.world.modules import BUILDERS, has

# Those that the interpreters at hand have: lwip is a board's, and Debian's leave the frozen ssl out.
OTHER_MODULES = [
    name for name in BUILDERS if name not in ("builtins", "lwip", "socket", "ssl") and has(open_port("unix"), name)
]

# Names that dir() does not show on the real interpreter although they can be used, or that came with 1.29.
UNSEEN = {"micropython": {"native", "viper"}, "requests": {"BodyStream"}}


def test_every_load_makes_a_module_of_its_own_and_leaves_the_host_alone() -> None:
    before = dict(sys.modules)
    one, other = load("unix", "1.20"), load("unix", "1.28")
    assert (one.__name__, other.__name__) == ("usocket", "socket")
    assert sys.modules["socket"] is before["socket"] is socket
    assert hasattr(socket, "timeout")


@pytest.mark.parametrize(
    ("port", "version", "named"),
    [
        ("cc3200", "1.28", "errors are is not known; there is one for: unix, esp32"),
        ("docs", None, "which nothing runs; there is one for: unix, esp32"),
        ("amiga", None, "unix"),
        ("lwip", None, "rp2"),
        ("unix", "3.1", "1.28"),
        ("unix", "new", "1.19.1"),
        ("samd", "1.20", "samd had no sockets yet at 1.20"),
    ],
)
def test_an_unknown_port_or_release_is_an_error_that_names_the_valid_ones(
    port: str, version: str | None, named: str
) -> None:
    with pytest.raises(ShimError, match=re.escape(named)):
        load(port, version)


@pytest.mark.parametrize(
    ("version", "answer"), [("1.26", "socket"), (1.26, "socket"), (1.2, None), (b"1.26", None), (26, None)]
)
def test_a_release_may_be_a_number_if_that_names_one(version: Any, answer: str | None) -> None:
    if answer:
        assert load("unix", version).__name__ == answer
    else:
        with pytest.raises(ShimError, match=re.escape(f"no release {version!r}; the known ones are: ")):
            load("unix", version)


def test_a_name_cannot_be_added_to_the_module_the_class_or_a_socket() -> None:
    module = load()
    one = module.socket()
    for target in (module, module.socket, one):
        with pytest.raises(AttributeError, match=r"' object has no attribute 'timeout'$"):
            setattr(target, "timeout", OSError)  # noqa: B010 (that is the test)


def test_host_code_catches_what_the_shim_raises() -> None:
    module = load()
    with pytest.raises(OSError, match=re.escape("[Errno 111] ECONNREFUSED")) as caught:
        module.socket().connect(module.getaddrinfo("127.0.0.1", 1)[0][-1])
    assert type(caught.value).__name__ == "OSError"


def test_sockets_that_were_left_open_are_closed_with_the_module() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        run_source(
            "import socket\ns = socket.socket()\ns.connect(socket.getaddrinfo('127.0.0.1', PORT)[0][-1])",
            globals={"PORT": server.getsockname()[1]},
        )
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""


def test_the_other_modules_have_no_name_that_the_real_ones_lack(micropython: Interpreter) -> None:
    def has_no_other(name: str) -> None:
        ask = f"import {name}; print(' '.join(dir({name})))"
        extra = set(output(ask).split()) - set(run([micropython.path, "-c", ask]).stdout.split())
        assert extra <= UNSEEN.get(name, set())

    check_each(has_no_other, OTHER_MODULES)


def test_a_board_has_its_own_socket_module() -> None:
    assert load("picow").__name__ == "lwip"
    assert hasattr(load("rp2"), "reset")
    assert not hasattr(load("rp2:ARDUINO_NANO_RP2040_CONNECT"), "reset")
    assert load("PyBoard", "1.24").SO_KEEPALIVE == 8


@pytest.mark.parametrize(
    ("port", "says"),
    [
        ("pico", "(RPI_PICO) has no sockets"),
        ("wipy", "no shim for port 'wipy': what its errors are is not known"),
        ("espp32", "(did you mean 'esp32'?)"),
        ("feathr", "no shim for port 'feathr'; there is one for: unix, esp32"),
    ],
)
def test_what_cannot_be_played_is_said_in_a_line(port: str, says: str) -> None:
    with pytest.raises(ShimError) as caught:
        load(port)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_board_begins_where_it_has_sockets() -> None:
    with pytest.raises(ShimError, match=r"picow had no sockets yet at 1\.19"):
        load("picow", "1.19")

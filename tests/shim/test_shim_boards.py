"""The shims of boards do what the table and the sources say, one behaviour at a time."""

from __future__ import annotations

import socket as host_socket
import threading

import pytest

from tests.support.boardcases import PRELUDE, Case, ask, deaf, read
from tests.support.each import check_each
from tests.support.probes import free_port, output
from tests.support.realprograms import HOST, free_ports, serving
from tools.rulepages.peer import PARTS
from usock_lint.ports import NEWEST, PORTS, RELEASES, release_name
from usock_lint.ports.targets import FIRST
from usock_lint.shim import NOT_SIMULATED, SIMULATED, load, open_port
from usock_lint.shim.boards import flows
from usock_lint.shim.core.errors import Halt

CASES: dict[str, list[Case]] = {}
for one in read():
    CASES.setdefault(one.port, []).append(one)


def prints_what_it_should(case: Case) -> None:
    assert ask(case.port, case.version, case.script) == case.printed


@pytest.mark.parametrize("port", CASES)
def test_a_board_prints_what_it_should(port: str) -> None:
    check_each(prints_what_it_should, CASES[port])


def test_every_port_of_the_table_is_played_or_said_why_not() -> None:
    assert {*SIMULATED, *NOT_SIMULATED} == set(PORTS)
    assert all(load(port) for port in SIMULATED)


@pytest.mark.parametrize("port", SIMULATED)
def test_a_module_has_the_names_and_members_of_the_table_and_no_others(port: str) -> None:
    played = open_port(port)
    for table, thing in ((played.table.module, played.module), (played.table.members, played.module.socket())):
        expected = {name for name, entry in table.items() if entry.exists(played.cell) and not entry.condition}
        assert set(dir(thing)) - {"__class__"} == expected


@pytest.mark.parametrize("port", SIMULATED)
def test_every_call_takes_as_many_arguments_as_the_table_says(port: str) -> None:
    played = open_port(port)
    one = played.module.socket()
    for name, entry in played.table.members.items():
        least, most = entry.arity(played.release) or (0, None)
        if entry.exists(played.cell) and name != "__del__":
            for count in {least - 1, most if most is None else most + 1} - {-1, None}:
                with pytest.raises(TypeError, match="function"):
                    getattr(one, name)(*range(count or 0))


def test_lwip_joins_small_pieces_on_their_way_out_and_returns_each_segment_by_itself() -> None:
    script = (
        "s = socket.socket()\ns.connect((HOST, ECHO))\nfor piece in (b'a', b'b', b'c'):\n    s.send(piece)\n"
        "time.sleep(0.3)\nshow(s.recv, 9)\nshow(s.recv, 9)\n"
    )
    with serving(PARTS["echo"]) as port:
        assert ask("rp2", "1.28", script, HOST=HOST, ECHO=port) == "b'a'\nb'bc'\n"


def test_lwip_has_no_room_for_more_until_what_was_sent_is_acknowledged() -> None:
    script = (
        "s = socket.socket()\ns.connect((HOST, SILENT))\ns.setblocking(False)\nshow(s.send, bytes(20000))\n"
        "show(s.send, b'x')\ntime.sleep(0.3)\nshow(s.send, b'x')\n"
    )
    with serving(PARTS["silent"]) as port:
        assert ask("stm32", "1.28", script, HOST=HOST, SILENT=port) == "6400\nOSError 11\n1\n"


@pytest.mark.parametrize(("version", "number"), [("1.23", 115), ("1.24", 110)])
def test_a_connect_that_times_out_on_lwip_raises_what_its_release_did(version: str, number: int) -> None:
    script = "s = socket.socket()\ns.settimeout(0.1)\nshow(s.connect, ('127.0.0.1', DEAF))"
    with deaf() as port:
        assert ask("stm32", version, script, DEAF=port) == f"OSError {number}\n"


def test_a_connect_that_times_out_on_esp32_is_etimedout() -> None:
    script = "s = socket.socket()\ns.settimeout(0.1)\nshow(s.connect, ('127.0.0.1', DEAF))"
    with deaf() as port:
        assert ask("esp32", release_name(NEWEST), script, DEAF=port) == "OSError 116\n"


@pytest.mark.parametrize("port", ["rp2", "esp32"])
@pytest.mark.parametrize("seconds", [-1, None])
def test_a_negative_timeout_blocks_as_it_does_where_it_was_run(port: str, seconds: int | None) -> None:
    played = open_port(port)
    one = played.module.socket()
    one.settimeout(seconds)
    assert played.core(one).timeout is None


@pytest.mark.parametrize(("port", "timeout"), [("rp2", 50), ("esp32", None), ("samd", None)])
def test_an_accepted_socket_has_its_listeners_timeout_on_lwip_only(port: str, timeout: int | None) -> None:
    played = open_port(port)
    server, client = played.module.socket(), played.module.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    server.settimeout(0.05)
    client.connect(played.core(server).host.getsockname())
    assert played.core(server.accept()[0]).timeout == timeout


LOOPBACK = """
import sys, usocket
family = [usocket.AF_INET] if sys.platform == "zephyr" else []
address = usocket.getaddrinfo("127.0.0.1", PORT, *family)[0][-1]
server, client = usocket.socket(), usocket.socket()
server.bind(address)
server.listen(1)
client.connect(address)
server.accept()[0].send(b"ab")
print(client.recv(9))
"""


@pytest.mark.parametrize("port", SIMULATED)
def test_every_release_that_has_sockets_answers_over_loopback(port: str) -> None:
    for release in (release for release in RELEASES if release >= FIRST[port]):
        assert output(LOOPBACK, release_name(release), port, PORT=free_port()) == "b'ab'\n", release


def test_a_socket_of_zephyr_that_does_not_listen_ends_the_program_that_accepts() -> None:
    with pytest.raises(Halt, match="waits for ever"):
        ask("zephyr", "1.28", "socket.socket().accept()")


def test_without_a_loopback_interface_zephyr_finds_nobody_there() -> None:
    played = open_port("zephyr", "1.28")
    played.network.loopback = played.has_loopback
    one = played.module.socket()
    with pytest.raises(OSError, match="2"):
        one.bind(("127.0.0.1", 8080))
    with pytest.raises(OSError, match="116"):
        one.connect(("127.0.0.1", 8080))


def test_what_esp8266_sends_to_its_own_address_is_lost() -> None:
    played = open_port("esp8266", "1.28")
    played.network.loopback = played.has_loopback
    one, other = played.module.socket(), played.module.socket(2, 2)
    one.settimeout(0.1)
    with pytest.raises(OSError, match="110"):
        one.connect(("127.0.0.1", 8080))
    assert other.sendto(b"x", ("127.0.0.1", 8080)) == 1


THREADS = """
import _thread, time
listener = socket.socket()
listener.bind(ADDRESS)
listener.listen(1)
came = []
def read():
    served = listener.accept()[0]
    while piece := served.recv(1000):
        came.append(piece)
    came.append(None)
_thread.start_new_thread(read, ())
client = socket.socket()
client.connect(ADDRESS)
sent = [bytes([number]) * (number * 13 % 700 + 1) for number in range(100)]
for piece in sent:
    client.write(piece)
client.close()
while not came or came[-1] is not None:
    time.sleep_ms(5)
print(b"".join(came[:-1]) == b"".join(sent))
"""


def test_threads_of_esp32_send_to_each_other() -> None:
    assert output(PRELUDE + THREADS, "1.28", "esp32", PORT=free_port()) == "True\n"


def test_what_a_closed_stream_of_esp32_has_sent_can_still_be_read() -> None:
    with host_socket.create_server(("127.0.0.1", 0)) as server:
        sender = host_socket.create_connection(server.getsockname())
        reader, _ = server.accept()
    flow = flows.Flow(sender, lambda now: now + 1, threading.RLock())
    flow.send(memoryview(bytes(flows.SEGMENT + 1)), 0.0)
    flow.finish()
    sender.close()
    with reader:
        flow.read(len(reader.recv(9_999, host_socket.MSG_WAITALL)), 0.0)
    assert (flow.unread, flow.held) == (0, b"")


@pytest.mark.parametrize(
    ("before", "hangs"),
    [
        ("", "t.bind(A(2))"),
        ("", "t.connect(A(2))"),
        ("s.listen(1); v = new(); v.bind(A(2))", "t.bind(A(3))"),
        ("s.listen(1); v = new(); v.bind(('127.0.0.1', 0))", "t.bind(A(3))"),
        ("s.listen(1); t.bind(A(2)); v = new(); v.bind(A(3))", "new().bind(A(4))"),
        ("s.close(); v = new(); v.close(); w = new(); w.bind(A(2))", "t.bind(A(3))"),
    ],
)
@pytest.mark.parametrize("board", ["rp2", "esp32"])
def test_a_socket_that_was_bound_twice_ends_the_program_where_lwip_hangs(board: str, before: str, hangs: str) -> None:
    scope = bound_twice(board)
    exec(before, scope)
    with pytest.raises(Halt, match="bound twice"):
        exec(hangs, scope)


@pytest.mark.parametrize("board", ["rp2", "esp32"])
def test_lwip_goes_on_while_nothing_is_bound_in_the_memory_of_a_socket_that_was_bound_twice(board: str) -> None:
    scope = bound_twice(board)
    exec("s.listen(1); v = new(); t.bind(A(2)); new().bind(A(3))", scope)
    with pytest.raises(OSError, match="EADDRINUSE"):
        exec("v.bind(A(1))", scope)
    exec("new().bind(A(4))", scope)


def bound_twice(board: str) -> dict[str, object]:
    """The names of a program with a socket that was bound twice, `s`, and another one, `t`."""
    number = free_ports(5)
    make = open_port(board, "1.28").module.socket

    def address(offset: int) -> tuple[str, int]:
        return "127.0.0.1", number + offset

    s, t = make(), make()
    s.bind(address(0))
    s.bind(address(1))
    return {"s": s, "t": t, "new": make, "A": address}

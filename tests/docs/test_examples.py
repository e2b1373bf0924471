"""The programs in examples/ that are written for MicroPython run as they are.

On the shim of every port that they claim, on real interpreters, with each other and with CPython's own servers and
clients, each in a process of its own.
"""

from __future__ import annotations

import json
import re
import socket
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

import pytest

from tests.support import broker
from tests.support.probes import free_port
from tests.support.running import ROOT, environment, interrupted, lint, python
from tools.rulepages.interpreters import micropython_names, required
from usock_lint.ports import parse_targets
from usock_lint.shim import SIMULATED

EXAMPLES: Final = ROOT / "examples"
PROGRAMS: Final = sorted(path.stem for path in EXAMPLES.glob("*.py") if "usock-lint: target=" in path.read_text())
REAL: Final = micropython_names()
SECONDS: Final = 20


def claimed(program: str) -> set[str]:
    """The ports that a program's own comment says it is for."""
    (words,) = re.findall(r"^# usock-lint: target=(.*)$", (EXAMPLES / f"{program}.py").read_text(), re.M)
    return {target.port for target in parse_targets(words)}


def everywhere(program: str, *quick: str) -> pytest.MarkDecorator:
    """Run a test with each `runner` that can run the program: a port that the shim plays, or an interpreter.

    The ports of `quick` and one interpreter are for every day, the others for when there is time.
    """
    runners = [*(port for port in SIMULATED if port in claimed(program)), *REAL]
    slow = {*runners} - {*quick, REAL[-1]}
    marked = [pytest.param(one, marks=[pytest.mark.slow] if one in slow else []) for one in runners]
    return pytest.mark.parametrize("runner", marked)


def command(runner: str, program: str, *arguments: str | int) -> list[str]:
    """How to run an example."""
    if runner in SIMULATED:
        words = python("-m", "usock_lint", "run", "--loopback", "--port", runner)
    else:
        interpreter = required(runner)
        if not interpreter.judges(""):
            pytest.skip("another interpreter is to run it")
        words = [interpreter.path]
    return [*words, str(EXAMPLES / f"{program}.py"), *map(str, arguments)]


@contextmanager
def serving(runner: str, program: str, *arguments: str | int) -> Generator[subprocess.Popen[str]]:
    """A program that has said its first line; it is interrupted at the end and must have printed no error."""
    words = command(runner, program, *arguments)
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, encoding="utf-8", env=environment()) as process:
        try:
            assert process.stdout
            first = process.stdout.readline()
            assert first, process.communicate(timeout=SECONDS)[1]
            yield process
        finally:
            printed = "".join(interrupted(process, SECONDS))
    assert process.returncode == 0 or printed.splitlines()[-1].rstrip() == "KeyboardInterrupt:", printed


def ran(runner: str, program: str, *arguments: str | int) -> tuple[int, str]:
    """A program that ran to its end: its exit code and what it printed."""
    words = command(runner, program, *arguments)
    done = subprocess.run(words, capture_output=True, encoding="utf-8", timeout=SECONDS, env=environment())
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def test_they_are_all_clean_for_the_targets_that_they_claim(tmp_path: Path) -> None:
    assert {"mqtt_client", "http_client", "http_server", "captive_dns", "tcp_echo"} <= set(PROGRAMS)
    done = lint(*(EXAMPLES / f"{program}.py" for program in PROGRAMS), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_they_claim_is_what_can_run_them(program: str) -> None:
    assert "unix" in claimed(program)
    assert set(SIMULATED) - claimed(program) <= {"zephyr"}


# tcp_echo


@everywhere("tcp_echo", "rp2", "samd")
def test_the_echo_serves_several_clients_at_once_also_one_that_does_not_read(runner: str) -> None:
    port, much = free_port(), bytes(range(256)) * 800
    with serving(runner, "tcp_echo", "127.0.0.1", port):
        clients = [socket.create_connection(("127.0.0.1", port), SECONDS) for _ in range(3)]
        sender = threading.Thread(target=clients[0].sendall, args=(much,), daemon=True)
        sender.start()
        for client in clients[1:] * 2:
            client.sendall(b"ping")
            assert client.makefile("rb").read(4) == b"ping"
        assert clients[0].makefile("rb").read(len(much)) == much
        sender.join(SECONDS)
        for client in clients:
            client.shutdown(socket.SHUT_WR)
            assert client.recv(1) == b""
            client.close()


# http_server


def fetch(port: int, path: str, body: bytes | None = None) -> tuple[int, str]:
    """Code and body that CPython's client gets."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, method="PUT" if body else "GET")
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@everywhere("http_server", "unix", "samd")
def test_the_http_server_serves_cpythons_client(runner: str) -> None:
    port = free_port()
    with serving(runner, "http_server", "127.0.0.1", port):
        assert fetch(port, "/name", b"caf\xc3\xa9") == (204, "")
        code, page = fetch(port, "/?a=b")
        assert (code, "<h1>caf\u00e9</h1>" in page) == (200, True)
        assert json.loads(fetch(port, "/status")[1])["name"] == "caf\u00e9"
        assert (fetch(port, "/nowhere")[0], fetch(port, "/name", b"x" * 300)[0]) == (404, 413)
        for garbage in (b"\r\n", b"\xff\xfe\r\n", b"GET / HTTP/1.0\r\nContent-Length: x\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
                client.sendall(garbage)
                assert client.makefile("rb").readline() == b"HTTP/1.0 400 Bad Request\r\n"
        with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert fetch(port, "/status")[0] == 200


# http_client


class Page(BaseHTTPRequestHandler):
    """CPython's own server, which answers with the length of a body or without."""

    def do_GET(self) -> None:
        body = b"hello\n" * 2000
        self.send_response(200 if self.path != "/missing" else 404)
        self.send_header("Content-Type", "text/plain")
        if self.path != "/endless":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b"got " + body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@everywhere("http_client", "esp32", "rp2")
def test_the_http_client_reads_what_cpythons_server_sends(runner: str, site: str) -> None:
    page = "200 text/plain\n" + "hello\n" * 2000
    assert ran(runner, "http_client", f"{site}/page") == (0, page)
    assert ran(runner, "http_client", f"{site}/endless") == (0, page)
    assert ran(runner, "http_client", f"{site}/put", "a body") == (0, "201 \ngot a body")
    status, printed = ran(runner, "http_client", f"{site}/missing")
    assert (status, printed[:15]) == (1, "404 text/plain\n")


PAIRS: Final = [("rp2", REAL[0]), (REAL[-1], "esp32")]


@pytest.mark.parametrize(("client", "server"), PAIRS)
def test_client_and_server_of_different_ports_understand_each_other(client: str, server: str) -> None:
    port = free_port()
    with serving(server, "http_server", "127.0.0.1", port):
        assert ran(client, "http_client", f"http://127.0.0.1:{port}/name", "shed") == (0, "204 text/plain\n")
        status, printed = ran(client, "http_client", f"http://127.0.0.1:{port}/status")
        assert (status, '"name": "shed"' in printed) == (0, True)


# captive_dns


def question(name: str, kind: int, number: int = 0x1234) -> bytes:
    """A DNS query, with the flags a resolver sets."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


@everywhere("captive_dns", "esp32", "samd")
def test_every_name_has_the_one_address_and_what_is_no_query_is_ignored(runner: str) -> None:
    port = free_port()
    with (
        serving(runner, "captive_dns", "192.168.4.1", "127.0.0.1", port),
        socket.socket(type=socket.SOCK_DGRAM) as client,
    ):
        client.settimeout(SECONDS)
        client.connect(("127.0.0.1", port))
        asked = question("captive.example.com", 1)
        entry = struct.pack("!HHHIH", 0xC00C, 1, 1, 30, 4) + bytes([192, 168, 4, 1])
        # One after the other, for a board keeps but a few datagrams.
        for noise in (b"", b"\0" * 12, asked[:-1], asked[:2] + b"\x81\x80" + asked[4:], b"\xff" * 300):
            client.send(noise)
            if not noise and runner == "esp32":
                time.sleep(1)  # esp32 takes it for the end, so that the program opens another socket
            client.send(asked)
            assert client.recv(512) == struct.pack("!HHHHHH", 0x1234, 0x8180, 1, 1, 0, 0) + asked[12:] + entry
        client.send(question("example.com", 28, 2))
        assert client.recv(512) == struct.pack("!HHHHHH", 2, 0x8180, 1, 0, 0, 0) + question("example.com", 28)[12:]


# mqtt_client


@everywhere("mqtt_client", "unix", "rp2")
def test_the_mqtt_client_publishes_and_subscribes(runner: str) -> None:
    with broker.broker() as server:
        place = "127.0.0.1", server.port
        with serving(runner, "mqtt_client", *place, "sub", "home/light", 3) as subscriber:
            server.wait_for(broker.SUBSCRIBE)
            server.publish("home/light", b"x" * 20000, qos=1)
            assert server.wait_for(broker.PUBACK).body == b"\0\7"
            assert ran(runner, "mqtt_client", *place, "pub", "home/light", "on") == (0, "")
            assert ran(runner, "mqtt_client", *place, "pub", "home/light", "off", 1) == (0, "")
            assert subscriber.stdout
            printed = [subscriber.stdout.readline() for _ in range(3)]
            assert printed == [f"home/light {'x' * 20000}\n", "home/light on\n", "home/light off\n"]
            assert subscriber.wait(SECONDS) == 0


KEPT: Final = """
from mqtt_client import Client, MQTTError
client = Client("127.0.0.1", {port}, keepalive=1, timeout=1)
try:
    client.connect(user="me", password=b"secret")
    client.on_message = lambda topic, message: print(topic, message)
    client.subscribe("a")
    while not client.wait(300):
        pass
except MQTTError as error:
    print(error)
"""


def alone(runner: str, folder: Path, port: int) -> subprocess.Popen[str]:
    """A program that waits for a message while there is nothing to do."""
    (folder / "mqtt_client.py").write_bytes((EXAMPLES / "mqtt_client.py").read_bytes())
    (folder / "kept.py").write_text(KEPT.format(port=port))
    words = [*command(runner, "mqtt_client")[:-1], str(folder / "kept.py")]
    return subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8", env=environment())


@pytest.mark.parametrize("runner", ["rp2", REAL[0]])
def test_the_mqtt_client_keeps_a_silent_connection_alive(runner: str, tmp_path: Path) -> None:
    with broker.broker() as server, alone(runner, tmp_path, server.port) as process:
        greeting = server.wait_for(broker.CONNECT).body
        assert greeting == b"\0\4MQTT\4\xc2\0\1\0\x0bmicropython\0\2me\0\6secret"
        for _ in range(2):
            server.wait_for(broker.PINGREQ)
        server.publish("a", b"done")
        assert process.communicate(timeout=SECONDS)[0] == "a b'done'\n"


@pytest.mark.parametrize(
    ("silent", "answer", "printed"), [(True, 0, "the broker does not answer"), (False, 5, "refused: 5")]
)
def test_the_mqtt_client_says_what_a_broker_does_wrong(silent: bool, answer: int, printed: str, tmp_path: Path) -> None:
    with broker.broker() as server:
        server.reply_to_pings = not silent
        server.connack = bytes([0, answer])
        process = alone("rp2", tmp_path, server.port)
        assert process.communicate(timeout=SECONDS)[0] == f"{printed}\n"


# pico_web


BOARD: Final = """
STA_IF = 0
class WLAN:
    def __init__(self, which): pass
    def active(self, on): pass
    def connect(self, name, password): pass
    def isconnected(self): return True
    def ifconfig(self): return ("127.0.0.1",)
class Pin:
    OUT = 1
    def __init__(self, number, mode): self.is_on = 0
    def value(self, on=None):
        if on is None: return self.is_on
        self.is_on = on
"""
"""What a computer lacks of a Pico W: of the modules network and machine."""


@contextmanager
def page_of_a_pico(runner: str, name: str, folder: Path) -> Generator[tuple[int, subprocess.Popen[str]]]:
    """One of the two servers, on a port of its own; an idle client has less time."""
    port = free_port()
    (folder / "board.py").write_text(BOARD)
    code = (EXAMPLES / "pico_web" / f"{name}.py").read_text()
    assert '("0.0.0.0", 80)' in code
    code = code.replace('("0.0.0.0", 80)', f'("127.0.0.1", {port})').replace("settimeout(5)", "settimeout(0.3)")
    code = code.replace("import network\n", "import board as network\n").replace("from machine", "from board")
    (folder / "main.py").write_text(code)
    words = [*command(runner, "http_server")[:-1], str(folder / "main.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, encoding="utf-8", env=environment(), cwd=folder) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "listening on 127.0.0.1\n", process.communicate(timeout=SECONDS)[1]
            yield port, process
        finally:
            process.kill()


def asked(port: int, path: str, seconds: float = SECONDS) -> bytes:
    """All that the server sends until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), seconds) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: pico\r\n\r\n".encode())
        return client.makefile("rb").read()


PICO: Final = pytest.mark.parametrize("runner", ["rp2", REAL[-1]])


def test_a_tutorials_server_has_its_three_deaths_named_and_the_repaired_one_is_clean() -> None:
    folder = EXAMPLES / "pico_web"
    plain, whole = lint("tutorial.py", cwd=folder), lint("tutorial.py", "--extend-select", "USK8", cwd=folder)
    assert (plain.returncode, plain.stdout) == (0, "")
    assert "4 hints of rules that are off by default: USK801, USK803, USK804, USK805 (--ext" in plain.stderr
    assert re.findall(r"USK\d+", whole.stdout) == ["USK803", "USK801", "USK804", "USK805"]
    assert lint("repaired.py", "--extend-select", "USK7,USK8", cwd=folder).returncode == 0


@PICO
def test_an_unused_connection_ends_the_tutorials_server(runner: str, tmp_path: Path) -> None:
    with page_of_a_pico(runner, "tutorial", tmp_path) as (port, process):
        assert b"The lamp is on." in asked(port, "/light/on")
        with socket.create_connection(("127.0.0.1", port), SECONDS):
            time.sleep(0.5)  # it is accepted by then
        assert "IndexError" in "".join(process.communicate(timeout=SECONDS))


@PICO
def test_an_idle_client_and_a_lost_one_hold_what_the_tutorials_server_has(runner: str, tmp_path: Path) -> None:
    with page_of_a_pico(runner, "tutorial", tmp_path) as (port, _):
        with pytest.raises(TimeoutError):
            asked(port, "/favicon.ico", 0.5)  # it is never closed
        assert b"The lamp is off." in asked(port, "/")
        with socket.create_connection(("127.0.0.1", port), SECONDS), pytest.raises(TimeoutError):
            asked(port, "/", 0.5)


@PICO
def test_the_repaired_server_survives_them(runner: str, tmp_path: Path) -> None:
    with page_of_a_pico(runner, "repaired", tmp_path) as (port, _):
        assert b"404" in asked(port, "/favicon.ico")
        socket.create_connection(("127.0.0.1", port), SECONDS).close()
        with socket.create_connection(("127.0.0.1", port), SECONDS) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with socket.create_connection(("127.0.0.1", port), SECONDS):
            assert b"The lamp is on." in asked(port, "/light/on")

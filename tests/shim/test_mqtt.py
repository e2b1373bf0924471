"""umqtt.simple and umqtt.robust talk to a broker, and fail, as MicroPython's do."""

# usock-lint: skip-file  # the broker runs on CPython

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.broker import Packet, broker
from tests.support.libraries import NotFetchedError, fetched
from tests.support.running import python
from tools.rulepages.interpreters import Interpreter
from usock_lint.shim.run import run_source

SHIM = ("-m", "usock_lint", "run", "--loopback", "--port")

TALK = """
from umqtt.simple import MQTTClient, MQTTException

def attempt(act, *arguments):
    try:
        print(act(*arguments))
    except Exception as error:
        print(repr(error))

c = MQTTClient("me", "127.0.0.1", PORT)
attempt(c.subscribe, b"a/b")
c.set_callback(print)
attempt(c.connect)
attempt(c.subscribe, b"a/b")
attempt(c.subscribe, b"long" * 20)
attempt(c.publish, b"a/b", b"hello")
attempt(c.wait_msg)
attempt(c.publish, "a/b", "text", False, 1)
attempt(c.wait_msg)
attempt(c.publish, b"a/b", b"x" * 300, True)
attempt(c.wait_msg)
attempt(c.check_msg)
c.ping()
attempt(c.wait_msg)
attempt(c.publish, b"a", b"b", False, 2)
print(c.pid)
attempt(c.disconnect)
attempt(c.connect, False)
attempt(c.publish, b"last", b"")
attempt(c.disconnect)
"""
"""What each version of the client can do. The broker hands a message to whom subscribed to its topic."""


def talked(command: list[str], folder: Path, code: str = TALK) -> tuple[str, list[Packet]]:
    """What a program prints, and the packets that came to the broker."""
    with broker() as server:
        (folder / "main.py").write_text(code.replace("PORT", str(server.port)))
        done = subprocess.run(
            [*command, "main.py"], cwd=folder, capture_output=True, text=True, timeout=30, check=False
        )
        return done.stdout + done.stderr, server.heard()


@pytest.mark.parametrize(
    ("port", "version", "kinds"),
    [
        ("esp8266", "1.11", (None, None)),
        ("esp32", "1.19", (None, None)),
        ("esp32", "1.20", (48, 50)),
        ("esp8266", "1.29", (48, 50)),
    ],
)
def test_messages_go_to_a_broker_and_come_back(
    port: str, version: str, kinds: tuple[int | None, int | None], tmp_path: Path
) -> None:
    said, sent = talked(python(*SHIM, port, "--version", version), tmp_path)
    assert said.splitlines() == [
        *["AssertionError('Subscribe callback is not set',)", "0", "None", "None", "None"],
        *["b'a/b' b'hello'", str(kinds[0]), "None", "b'a/b' b'text'", str(kinds[1]), "None"],
        *[
            f"b'a/b' b'{'x' * 300}'",
            str(kinds[0]),
            "None",
            "None",
            "AssertionError()",
            "4",
            "None",
            "0",
            "None",
            "None",
        ],
    ]
    assert [packet.kind for packet in sent] == [1, 8, 8, 3, 3, 4, 3, 12, 3, 14, 1, 3, 14]
    assert sent[0].body == b"\x00\x04MQTT\x04\x02\x00\x00\x00\x02me"


def test_a_client_says_who_it_is_and_what_to_tell_of_it_when_it_is_gone(tmp_path: Path) -> None:
    code = """
from umqtt.simple import MQTTClient
c = MQTTClient("me", "127.0.0.1", PORT, "user", "secret", keepalive=258)
c.set_last_will("gone", "yes", retain=True, qos=1)
c.connect()
c.disconnect()
"""
    said, sent = talked(python(*SHIM, "esp32"), tmp_path, code)
    assert said == ""
    fields = b"\x00\x02me\x00\x04gone\x00\x03yes\x00\x04user\x00\x06secret"
    assert sent[0].body == b"\x00\x04MQTT\x04\xee\x01\x02" + fields


def test_a_broker_that_refuses_is_an_exception_with_its_code() -> None:
    code = """
from umqtt.simple import MQTTClient, MQTTException
try:
    MQTTClient("me", "127.0.0.1", port).connect()
except MQTTException as error:
    said = error.args
"""
    with broker() as server:
        server.connack = b"\x00\x05"
        assert run_source(code, "esp32", globals={"port": server.port})["said"] == (5,)


ROBUST = """
from umqtt.robust import MQTTClient
class Client(MQTTClient):
    DELAY = 0
    DEBUG = True
c = Client("me", "127.0.0.1", PORT)
c.set_callback(print)
c.connect()
c.sock.close()
c.publish(b"t", b"again")
c.subscribe(b"t")
c.publish(b"t", b"there")
c.wait_msg()
c.disconnect()
"""


def test_a_robust_client_connects_again(tmp_path: Path) -> None:
    said, sent = talked(python(*SHIM, "esp32"), tmp_path, ROBUST)
    assert said == "mqtt: OSError(9,)\nb't' b'there'\n"
    assert [packet.kind for packet in sent] == [1, 1, 3, 8, 3, 14]


@pytest.mark.parametrize(
    ("line", "release"),
    [("c.connect(timeout=5)", "1.24"), ("c.unsubscribe", "1.26"), ("c.nothing", "1.29")],
)
def test_what_a_release_lacks_is_an_error(line: str, release: str) -> None:
    made = 'from umqtt.simple import MQTTClient\nc = MQTTClient("me", "127.0.0.1", 1)\n'
    with pytest.raises((AttributeError, TypeError)):
        run_source(made + line, "esp32", release)


def test_a_release_before_the_first_in_the_table_takes_parameters_of_tls() -> None:
    made = 'from umqtt.simple import MQTTClient\nc = MQTTClient("me", "host", ssl=True, ssl_params={"key": 1})\n'
    run_source(made + 'assert c.ssl_params == {"key": 1}', "esp8266", "1.11")


def test_a_package_of_the_programs_own_comes_first(tmp_path: Path) -> None:
    (tmp_path / "umqtt").mkdir()
    (tmp_path / "umqtt/simple.py").write_text("mine = 1\n")
    code = "from umqtt.simple import mine\ntry:\n    import umqtt.robust\nexcept ImportError:\n    print(mine)\n"
    (tmp_path / "main.py").write_text(code)
    done = subprocess.run(
        python(*SHIM, "esp32", "main.py"), cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


PACKAGE = "micropython-umqtt.simple==1.1"
"""The newest that pip installs: its wait_msg() returns nothing for a message, as on boards before 1.20."""


@pytest.fixture(scope="module", name="package")
def the_package() -> Path:
    """A folder that has MicroPython's own client: it is fetched once."""
    try:
        return fetched(PACKAGE)
    except NotFetchedError as error:
        pytest.skip(f"the package index is not reached: {error}")


@pytest.mark.slow
def test_a_program_talks_as_with_micropythons_client_on_a_real_interpreter(
    released: Interpreter, package: Path, tmp_path: Path
) -> None:
    played = talked(python(*SHIM, "esp8266", "--version", "1.19"), tmp_path)
    (tmp_path / "umqtt").symlink_to(package / "umqtt")
    assert talked([released.path], tmp_path) == played

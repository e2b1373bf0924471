"""ssl and tls on each port: against CPython's own TLS, over real sockets."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

from tests.support.probes import free_port, output, run
from tools.rulepages.interpreters import Interpreter
from usock_lint.ports import NEWEST, release_name
from usock_lint.shim.run import run_source

LATEST = release_name(NEWEST)
TLS = Path(__file__).parent / "tls"
"""A certificate for localhost that it signed itself, and its key: of no use but here."""


@contextmanager
def encrypted() -> Generator[int]:
    """The port of a TLS server of CPython's that sends back what it gets, once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")

    def serve() -> None:
        connection, _ = server.accept()
        connection.settimeout(5)
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as link:
            while data := link.recv(100):
                link.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


CLIENT = """
import socket, ssl
s = socket.socket()
s.connect(socket.getaddrinfo("127.0.0.1", PORT)[0][-1])
link = ssl.wrap_socket(s)
print(link.write("ping\\n"), link.readline(), link.write(b"more"), link.read(4))
print([name for name in ("recv", "settimeout", "makefile", "shutdown", "cipher", "__enter__") if hasattr(link, name)])
link.close()
"""


@pytest.mark.parametrize(
    ("port", "version", "members"),
    [
        ("rp2", LATEST, ["recv", "cipher"]),
        ("esp32", "1.24", ["cipher"]),
        ("esp32", "1.20", []),
        ("esp8266", LATEST, []),
        ("unix", LATEST, ["recv", "cipher"]),
    ],
)
def test_wrap_socket_gives_a_stream_with_the_members_of_the_release(
    port: str, version: str, members: list[str]
) -> None:
    with encrypted() as number:
        printed = output(CLIENT, version, port, PORT=number)
    assert printed == f"5 b'ping\\n' 4 b'more'\n{members}\n"


VERIFYING = """
import socket, ssl
s = socket.socket()
s.connect(("127.0.0.1", PORT))
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.verify_mode = ssl.CERT_REQUIRED
if TRUSTED:
    context.load_verify_locations(cadata=TRUSTED)
try:
    link = context.wrap_socket(s, server_hostname="localhost")
    s.setblocking(False)
    print(link.read(1))
    link.close()
except (OSError, ValueError):
    print("refused")
"""


@pytest.mark.parametrize(("trusted", "printed"), [(True, "None\n"), (False, "refused\n")])
def test_a_context_verifies_the_peer(trusted: bool, printed: str) -> None:
    certificate = ssl.PEM_cert_to_DER_cert((TLS / "cert.pem").read_text()) if trusted else b""
    with encrypted() as number:
        assert output(VERIFYING, port="rp2", PORT=number, TRUSTED=certificate) == printed


SERVER = """
import socket, ssl
s = socket.socket()
s.bind(("127.0.0.1", PORT))
s.listen(1)
READY()
link = ssl.wrap_socket(s.accept()[0], server_side=True, key=KEY, cert=CERTIFICATE)
link.write(link.readline())
link.close()
"""


@pytest.mark.parametrize("port", ["rp2", "esp32"])
def test_a_board_serves_tls_to_cpython(port: str) -> None:
    number, ready, answers = free_port(), threading.Event(), list[bytes]()

    def ask_it() -> None:
        context = ssl.create_default_context(cafile=str(TLS / "cert.pem"))
        assert ready.wait(5)
        plain = socket.create_connection(("127.0.0.1", number), 5)
        with context.wrap_socket(plain, server_hostname="localhost") as link:
            link.sendall(b"ping\n")
            answers.append(link.recv(100))

    client = threading.Thread(target=ask_it, daemon=True)
    client.start()
    run_source(SERVER, port, globals={**DER, "PORT": number, "READY": ready.set})
    client.join(5)
    assert answers == [b"ping\n"]


def der(name: str) -> bytes:
    """The certificate or the key as DER."""
    return ssl.PEM_cert_to_DER_cert((TLS / f"{name}.pem").read_text().replace("PRIVATE KEY", "CERTIFICATE"))


DER = {"KEY": der("key"), "CERTIFICATE": der("cert")}


def key_forms() -> dict[str, bytes]:
    """One key in the forms that tools write: PKCS #8 as PEM and DER, and SEC 1 as DER."""
    pem = (TLS / "key.pem").read_bytes()
    pkcs8 = ssl.PEM_cert_to_DER_cert(pem.decode().replace("PRIVATE KEY", "CERTIFICATE"))
    start = pkcs8.index(b"\x02\x01\x01\x04\x20")
    body = pkcs8[start : start + 37] + bytes.fromhex("a00a06082a8648ce3d030107")
    return {"PEM": pem, "PKCS 8": pkcs8, "SEC 1": bytes([0x30, len(body)]) + body}


@pytest.mark.parametrize("key", key_forms().values(), ids=key_forms())
@pytest.mark.parametrize("certificate", ["PEM", "DER"])
@pytest.mark.parametrize(("port", "version"), [("esp32", LATEST), ("rp2", "1.29"), ("rp2", LATEST)])
def test_certificates_and_keys_load_in_every_form_from_memory_and_from_files(
    key: bytes, certificate: str, port: str, version: str, tmp_path: Path
) -> None:
    pem = (TLS / "cert.pem").read_text()
    data = pem.encode() if certificate == "PEM" else ssl.PEM_cert_to_DER_cert(pem)
    (tmp_path / "cert").write_bytes(data)
    (tmp_path / "key").write_bytes(key)
    code = (
        "import ssl\ncontext, other = [ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for _ in range(2)]\n"
        "context.load_cert_chain(CERTIFICATE, KEY)\nother.load_cert_chain(FOLDER + '/cert', FOLDER + '/key')\n"
        "context.load_verify_locations(cadata=CERTIFICATE)\ncontext.load_verify_locations(FOLDER + '/cert')\n"
    )
    reads_pem = port == "esp32" or version == "1.29"
    with nullcontext() if reads_pem or b"-----" not in data + key else pytest.raises(ValueError, match="invalid"):
        run_source(code, port, version, globals={"CERTIFICATE": data, "KEY": key, "FOLDER": str(tmp_path)})


@pytest.mark.parametrize(
    ("pair", "error"),
    [
        ("None, None", TypeError),
        ("CERTIFICATE, None", TypeError),
        ("b'', b''", ValueError),
        ("CERTIFICATE, b'0'", ValueError),
        ("'nosuch', KEY", OSError),
    ],
)
def test_what_is_no_certificate_or_key_is_refused(pair: str, error: type[Exception]) -> None:
    code = f"import ssl\nssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain({pair})"
    with pytest.raises(error):
        run_source(code, "rp2", globals=DER)


MISTAKES = """
import socket, tls
context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
def mode(value):
    context.verify_mode = value
    return context.verify_mode
for act in (
    lambda: context.wrap_socket(None),
    lambda: context.wrap_socket(socket.socket()),
    lambda: context.wrap_socket(3, server_side=True),
    lambda: context.wrap_socket("s", server_hostname="localhost"),
    lambda: context.wrap_socket(socket, server_hostname="localhost"),
    lambda: context.wrap_socket(socket.socket, server_hostname="localhost"),
    lambda: mode("2"),
    lambda: mode(9),
):
    try:
        print(act())
    except Exception as error:
        print(type(error).__name__, "" if isinstance(error, TypeError) else error)
"""


def test_mistakes_with_a_context_end_as_on_the_real_interpreter(micropython: Interpreter) -> None:
    assert output(MISTAKES, "1.26") == run([micropython.path, "-c", MISTAKES]).stdout


@pytest.mark.parametrize("port", ["rp2", "esp32", "samd"])
def test_tls_over_what_is_no_socket_is_an_oserror(port: str) -> None:
    with pytest.raises(OSError, match="stream operation not supported"):
        run_source("import ssl\nssl.wrap_socket(None)", port)


def test_an_optional_certificate_that_nobody_trusts_does_not_end_the_handshake() -> None:
    client = CLIENT.replace("wrap_socket(s)", "wrap_socket(s, cert_reqs=ssl.CERT_OPTIONAL)")
    with encrypted() as number:
        assert output(client, port="rp2", PORT=number).startswith("5 b'ping")


STREAMS = """
import asyncio, ssl

async def serve(reader, writer):
    writer.write(b"got " + await reader.readline())
    writer.write(await reader.readexactly(LARGE))
    await writer.drain()
    await writer.wait_closed()

async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    server = await asyncio.start_server(serve, "127.0.0.1", PORT, ssl=context)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.verify_mode = ssl.CERT_REQUIRED
    trusting.load_verify_locations(cadata=CERTIFICATE)
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, ssl=trusting, server_hostname="localhost")
    writer.write("hi\\n" + "x" * LARGE)
    await writer.drain()
    print(await reader.readline(), len(await reader.read()))
    strict = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    strict.verify_mode = ssl.CERT_REQUIRED
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, ssl=strict)
    writer.write("hi\\n")
    try:
        await writer.drain()
        await reader.read(1)
    except OSError:
        print("refused")
    server.close()

asyncio.run(asyncio.wait_for(main(), 10))
"""


@pytest.mark.parametrize("port", ["unix", "rp2", "esp32", "samd"])
def test_streams_of_asyncio_speak_tls(port: str) -> None:
    printed = output(
        STREAMS, port=port, PORT=free_port(), LARGE=300_000, KEY=DER["KEY"], CERTIFICATE=DER["CERTIFICATE"]
    )
    assert printed == "b'got hi\\n' 300000\nrefused\n"


BAD_CLIENT = """
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATE, KEY)
listener = socket.socket()
listener.bind(("127.0.0.1", PORT))
listener.listen(1)
client = socket.socket()
client.connect(("127.0.0.1", PORT))
served = listener.accept()[0]
client.write(b"GET / HTTP/1.0\\r\\n\\r\\n")
try:
    context.wrap_socket(served, server_side=True)
except OSError as error:
    print(*error.args)
"""


@pytest.mark.parametrize(
    ("port", "version", "error"),
    [
        ("rp2", "1.28", "-30464 MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE"),
        ("esp32", "1.29", "-30464 MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE"),
        ("rp2", "1.29", "-29184 MBEDTLS_ERR_SSL_INVALID_RECORD"),
    ],
)
def test_a_server_expects_the_handshake(port: str, version: str, error: str) -> None:
    printed = output(BAD_CLIENT, version, port, PORT=free_port(), KEY=DER["KEY"], CERTIFICATE=DER["CERTIFICATE"])
    assert printed == f"{error}\n"


def test_asyncio_takes_no_ssl_before_1_22() -> None:
    code = "import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', 1, ssl=True))"
    with pytest.raises(TypeError):
        run_source(code, "rp2", "1.21")


@pytest.mark.parametrize("port", ["unix", "rp2", "esp32", "samd"])
def test_a_tls_connection_can_be_polled(port: str) -> None:
    code = CLIENT.partition("print")[0] + (
        "import select\npoll = select.poll()\npoll.register(link, select.POLLOUT)\n"
        "print(poll.poll(1000)[0][1] == select.POLLOUT)\nlink.close()"
    )
    with encrypted() as number:
        assert output(code, port=port, PORT=number) == "True\n"


@pytest.mark.parametrize(
    ("port", "version", "seen"),
    [("unix", LATEST, True), ("rp2", LATEST, True), ("esp32", "1.19", False), ("esp8266", LATEST, False)],
)
def test_poll_sees_what_tls_has_read_ahead(port: str, version: str, seen: bool) -> None:
    code = CLIENT.partition("print")[0] + (
        "import select\nlink.write(b'ping')\nlink.read(1)\npoll = select.poll()\n"
        "poll.register(link, select.POLLIN)\nprint(bool(poll.poll(100)))\nlink.close()"
    )
    with encrypted() as number:
        assert output(code, version, port, PORT=number) == f"{seen}\n"

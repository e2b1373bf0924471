"""What surrounds a script on each port: builtins, errno, sys, select, ssl, and the other names of modules."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from boardcases import ask
from probes import free_port, output

from usock_lint.ports import MISSING_BUILTINS, NEWEST, errno_names, errno_number, platforms, release_name
from usock_lint.shim import PLAYED, load, open_port
from usock_lint.shim.run import run_source

BOARDS = [port for port in PLAYED if port != "unix"]
LATEST = release_name(NEWEST)
TLS = Path(__file__).parent / "tls"
"""A certificate for localhost that it signed itself, and its key: of no use but here."""

WITH_U = (
    "uarray uasyncio ubinascii ucollections uerrno uhashlib uheapq uio ujson uos urandom ure uselect usocket ussl "
    "ustruct usys utime"
).split()


@pytest.mark.parametrize("port", PLAYED)
def test_a_script_finds_its_port_and_release(port: str) -> None:
    ask_sys = "import sys; print(sys.platform, sys.implementation[0], sys.implementation.version[:2], sys.version[:19])"
    platform, rest = output(ask_sys, "1.27", port).split(maxsplit=1)
    assert platform in platforms(port)
    assert rest == "micropython (1, 27) 3.4.0; MicroPython \n"


@pytest.mark.parametrize("port", PLAYED)
def test_errno_has_the_names_and_numbers_of_the_port(port: str) -> None:
    played = open_port(port)
    namespace = run_source("import errno\nfound = {name: getattr(errno, name) for name in dir(errno)}", port)
    found = {name: number for name, number in namespace["found"].items() if name.startswith("E")}
    assert set(found) == {name for name in errno_names(played.cell) if name.startswith("E")}
    known = {name: errno_number(played.cell, name) for name in found}
    assert all(known[name] in (None, number) for name, number in found.items())


@pytest.mark.parametrize(("port", "text"), [("esp32", "[Errno 116] ETIMEDOUT"), ("rp2", "[Errno 110] ETIMEDOUT")])
def test_an_oserror_reads_as_on_the_port(port: str, text: str) -> None:
    code = "import errno\nprint(OSError(errno.ETIMEDOUT), OSError(200), repr(OSError(5)))"
    assert output(code, port=port) == f"{text} 200 OSError(5,)\n"


@pytest.mark.parametrize("port", PLAYED)
@pytest.mark.parametrize("attribute", ["strerror", "filename", "winerror", "characters_written"])
def test_an_oserror_lacks_what_cpythons_has(port: str, attribute: str) -> None:
    with pytest.raises(AttributeError):
        run_source(f"OSError(1).{attribute}", port)


@pytest.mark.parametrize("port", PLAYED)
def test_a_builtin_that_no_port_has_is_a_name_error(port: str) -> None:
    code = "try:\n    {0}\n    print('{0}')\nexcept NameError:\n    pass\n"
    assert output("".join(map(code.format, sorted(MISSING_BUILTINS))), port=port) == ""


@pytest.mark.parametrize("version", ["1.20", LATEST])
@pytest.mark.parametrize("port", ["unix", "rp2", "esp32", "esp8266", "zephyr"])
def test_modules_import_under_their_u_names(port: str, version: str) -> None:
    plain = [name.removeprefix("u") for name in WITH_U]
    same = ", ".join(f"{one} is u{one}" for one in plain)
    code = f"import {', '.join(WITH_U)}, {', '.join(plain)}\nprint(all([{same}]))"
    assert output(code, version, port) == "True\n"


@pytest.mark.parametrize("port", BOARDS)
def test_time_and_micropython_have_what_scripts_for_boards_use(port: str) -> None:
    code = (
        "import time\nfrom micropython import const\nN = const(3)\na = time.ticks_ms()\ntime.sleep_ms(2)\n"
        "time.sleep_us(1)\n"
        "print(N, time.ticks_diff(time.ticks_ms(), a) >= 2, time.ticks_add(2**30 - 1, 2), a < 2**30)\n"
        "print([name for name in ('monotonic', 'perf_counter', 'strftime', 'clock') if hasattr(time, name)])"
    )
    assert output(code, port=port) == "3 True 1 True\n[]\n"


@pytest.mark.parametrize(("port", "there"), [("unix", False), ("rp2", True), ("esp32", True), ("samd", True)])
def test_select_is_where_the_port_has_it(port: str, there: bool) -> None:
    assert output("import select\nprint(hasattr(select, 'select'))", port=port) == f"{there}\n"


@pytest.mark.parametrize("port", ["rp2", "esp32", "samd"])
def test_select_answers_the_sockets_themselves(port: str) -> None:
    script = "c, s = pair()\ns.send(b'a')\nprint(select.select([c, s], [c], [], 1) == ([c], [c], []))"
    assert ask(port, LATEST, script) == "True\n"


def test_a_board_has_uname_and_no_environment() -> None:
    code = "import os\nprint(os.uname()[0], os.uname().release, hasattr(os, 'getenv'))"
    assert output(code, "1.26", "esp32") == "esp32 1.26.0 False\n"


@pytest.mark.parametrize(
    ("name", "port", "version"), [("tls", "rp2", "1.22"), ("lwip", "esp32", None), ("_thread", "samd", None)]
)
def test_a_module_that_the_port_lacks_cannot_be_imported(name: str, port: str, version: str | None) -> None:
    with pytest.raises(ImportError):
        run_source(f"import {name}", port, version)


@pytest.mark.parametrize("port", [port for port in BOARDS if port != "zephyr"])
def test_asyncio_streams_run_over_the_ports_own_sockets(port: str) -> None:
    code = """
import asyncio

async def serve(reader, writer):
    writer.write(b"got " + await reader.readline())
    await writer.drain()
    writer.close()
    await writer.wait_closed()

async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT)
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write("hi\\n")
    await writer.drain()
    print(await reader.readline(), await reader.read(1))
    server.close()

asyncio.run(main())
"""
    assert output(code, port=port, PORT=free_port()) == "b'got hi\\n' b''\n"


def test_shims_of_different_ports_live_in_one_process_and_talk_to_each_other() -> None:
    pico, esp = load("rp2"), load("esp32", "1.26")
    number = free_port()
    server = pico.socket()
    server.bind(("127.0.0.1", number))
    server.listen()
    client = esp.socket()
    client.connect(("localhost", number))
    served, peer = server.accept()
    served.settimeout(0.1)
    client.settimeout(0.1)
    assert (client.send(b"ping"), served.recv(4), peer[0]) == (4, b"ping", "127.0.0.1")
    with pytest.raises(OSError, match="110"):
        served.recv(1)
    with pytest.raises(OSError, match="116"):
        client.recv(1)
    assert (pico.__name__, esp.__name__, pico.SOL_SOCKET, esp.SOL_SOCKET) == ("lwip", "socket", 1, 4095)


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
if TRUSTED:
    context.load_verify_locations(cadata=TRUSTED)
try:
    link = context.wrap_socket(s, server_hostname="localhost")
    s.setblocking(False)
    print(link.read(1))
    link.close()
except ValueError:
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
    names = {"KEY": (TLS / "key.pem").read_bytes(), "CERTIFICATE": (TLS / "cert.pem").read_bytes()}
    run_source(SERVER, port, globals={**names, "PORT": number, "READY": ready.set})
    client.join(5)
    assert answers == [b"ping\n"]


def key_forms() -> dict[str, bytes]:
    """One key in the forms that tools write: PKCS #8 as PEM and DER, and SEC 1 as DER."""
    pem = (TLS / "key.pem").read_bytes()
    pkcs8 = ssl.PEM_cert_to_DER_cert(pem.decode().replace("PRIVATE KEY", "CERTIFICATE"))
    start = pkcs8.index(b"\x02\x01\x01\x04\x20")
    body = pkcs8[start : start + 37] + bytes.fromhex("a00a06082a8648ce3d030107")
    return {"PEM": pem, "PKCS 8": pkcs8, "SEC 1": bytes([0x30, len(body)]) + body}


@pytest.mark.parametrize("key", key_forms().values(), ids=key_forms())
@pytest.mark.parametrize("certificate", ["PEM", "DER"])
def test_certificates_and_keys_load_in_every_form_from_memory_and_from_files(
    key: bytes, certificate: str, tmp_path: Path
) -> None:
    pem = (TLS / "cert.pem").read_text()
    data = pem.encode() if certificate == "PEM" else ssl.PEM_cert_to_DER_cert(pem)
    (tmp_path / "cert").write_bytes(data)
    (tmp_path / "key").write_bytes(key)
    code = (
        "import ssl\ncontext = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
        "context.load_cert_chain(CERTIFICATE, KEY)\ncontext.load_cert_chain(FOLDER + '/cert', FOLDER + '/key')\n"
        "context.load_verify_locations(cadata=CERTIFICATE)\ncontext.load_verify_locations(FOLDER + '/cert')\n"
    )
    run_source(code, "rp2", globals={"CERTIFICATE": data, "KEY": key, "FOLDER": str(tmp_path)})


@pytest.mark.parametrize("pair", ["None, None", "CERTIFICATE, None", "b'', b''", "CERTIFICATE, b'0'", "'nosuch', KEY"])
def test_what_is_no_certificate_or_key_is_a_value_error(pair: str) -> None:
    names = {"KEY": (TLS / "key.pem").read_bytes(), "CERTIFICATE": (TLS / "cert.pem").read_bytes()}
    code = f"import ssl\nssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain({pair})"
    with pytest.raises(ValueError, match="invalid key"):
        run_source(code, "rp2", globals=names)


@pytest.mark.parametrize("port", ["unix", "rp2"])
def test_writing_to_a_closed_stream_of_asyncio_is_an_oserror(port: str) -> None:
    code = (
        "import asyncio\nasync def serve(reader, writer):\n    await reader.read(1)\nasync def main():\n"
        "    server = await asyncio.start_server(serve, '127.0.0.1', PORT)\n"
        "    reader, writer = await asyncio.open_connection('127.0.0.1', PORT)\n"
        "    await writer.wait_closed()\n    writer.write(b'x')\n"
        "    try:\n        await writer.drain()\n    except OSError:\n        print('closed')\n"
        "asyncio.run(main())\n"
    )
    assert output(code, port=port, PORT=free_port()) == "closed\n"

"""Libraries for boards, from the package index, do the same on the shim and on real interpreters."""

# usock-lint: skip-file  # the client runs on CPython

from __future__ import annotations

import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.libraries import Library, NotFetchedError, fetched, read
from tests.support.probes import free_port, run
from tests.support.running import python
from tools.rulepages.interpreters import Interpreter

pytestmark = pytest.mark.slow

MICRODOT = "microdot==2.7.0"

RELEASE = "import sys; print('.'.join(str(part) for part in sys.implementation.version[:3]))"

APPLICATION = """
from microdot import Microdot, Response, abort, redirect
app = Microdot()

@app.route("/")
async def index(request):
    return "Hello"

@app.get("/args/<name>/<int:n>")
def args(request, name, n):
    return f"{name} {n} {request.args.get('q')}"

@app.post("/form")
def form(request):
    return str(request.form.get("x"))

@app.post("/json")
def json(request):
    return {"got": request.json}

@app.get("/error")
def error(request):
    raise ValueError("boom")

@app.get("/abort")
def refuse(request):
    abort(403, "no")

@app.get("/redirect")
def elsewhere(request):
    return redirect("/")

@app.get("/cookie")
def cookie(request):
    response = Response("cookie " + str(request.cookies.get("a")))
    response.set_cookie("a", "b")
    return response

class Parts:
    def __init__(self):
        self.count = 0
    def __aiter__(self):
        return self
    async def __anext__(self):
        self.count += 1
        if self.count > 3:
            raise StopAsyncIteration
        return f"part {self.count},"

@app.get("/stream")
async def stream(request):
    return Parts()

app.run(host="127.0.0.1", port=PORT, debug=True)
"""

REQUESTS = (
    ("GET / HTTP/1.0", ""),
    ("GET /args/bob/5?q=a%20b HTTP/1.0", ""),
    ("GET /args/bob/x HTTP/1.0", ""),
    ("POST /form HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded", "x=1%2B2"),
    ("POST /json HTTP/1.0\r\nContent-Type: application/json", '{"a": [1, 2]}'),
    ("GET /error HTTP/1.0", ""),
    ("GET /abort HTTP/1.0", ""),
    ("GET /redirect HTTP/1.0", ""),
    ("GET /cookie HTTP/1.0\r\nCookie: a=z", ""),
    ("GET /stream HTTP/1.0", ""),
    ("GET /none HTTP/1.0", ""),
    ("PUT / HTTP/1.0", "x"),
)


LIBRARIES = read()

NO_SSL = "ImportError: no module named 'ssl'"


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_a_library_does_the_same_as_on_real_micropython(
    library: Library, micropython: Interpreter, tmp_path: Path
) -> None:
    release = run([micropython.path, "-c", RELEASE]).stdout.strip()
    shim = python("-m", "usock_lint.shim.run", "--version", release)
    played: list[list[str]] = []
    for number, command in enumerate(([micropython.path], shim)):
        folder = tmp_path / str(number)
        folder.mkdir()
        try:
            played.append(library.play(command, folder))
        except NotFetchedError as error:
            pytest.skip(f"the package index is not reached: {error}")
        if NO_SSL in played[0]:
            pytest.skip("that build has no ssl")
    assert played[1] == played[0]


def test_microdot_serves_the_same_as_on_real_micropython(micropython: Interpreter, tmp_path: Path) -> None:
    release = run([micropython.path, "-c", RELEASE]).stdout.strip()
    try:
        (tmp_path / "microdot").symlink_to(fetched(MICRODOT) / "microdot")
    except NotFetchedError as error:
        pytest.skip(f"the package index is not reached: {error}")
    shim = python("-m", "usock_lint.shim.run", "--version", release)
    assert served(shim, tmp_path) == served([micropython.path], tmp_path)


def served(command: list[str], folder: Path) -> list[str]:
    """What the application answers to each request, and what it prints in the end."""
    port = free_port()
    program = folder / "main.py"
    program.write_text(APPLICATION.replace("PORT", str(port)), encoding="utf-8")
    with subprocess.Popen([*command, str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            answers = [answer(port, head, body) for head, body in REQUESTS]
            time.sleep(0.5)  # the last request is logged after its answer
        finally:
            process.terminate()
        assert process.stdout
        printed = process.stdout.read().decode()
    # Frames of the library's own code have other lines above them where asyncio is frozen.
    return [*answers, *re.findall(r"^(?:GET|POST|PUT) .*$|^\w+Error: .*$", printed, re.M)]


def answer(port: int, head: str, body: str) -> str:
    """The answer to a request, its headers sorted: MicroPython's dicts are in another order than CPython's."""
    request = f"{head}\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    with connected(port) as link:
        link.sendall(request)
        received = b""
        while piece := link.recv(4096):
            received += piece
    status, *headers = received.decode().partition("\r\n\r\n")[0].split("\r\n")
    return repr((status, sorted(headers), received.decode().partition("\r\n\r\n")[2]))


def connected(port: int) -> socket.socket:
    """A connection, as soon as somebody listens."""
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)

"""Serve a page and two values over HTTP: `http_server.py [HOST [PORT]]`.

GET /         a page for people
GET /status   the same as JSON
PUT /name     sets the name that both show
"""

# usock-lint: target=docs, unix, esp32, esp8266, rp2, stm32, mimxrt, renesas-ra, samd, alif, cc3200

import json
import socket
import sys
import time

LONGEST = 256  # bytes of a body that are accepted

PAGE = "<!doctype html><title>{0}</title><h1>{0}</h1><p>up for {1} ms</p>\n"

state = {"name": "board"}


def index(body):
    return 200, "text/html", PAGE.format(state["name"], time.ticks_ms())


def status(body):
    return 200, "application/json", json.dumps({"name": state["name"], "uptime_ms": time.ticks_ms()})


def rename(body):
    state["name"] = body.decode().strip()
    return 204, "text/plain", ""


ROUTES = {
    ("GET", "/"): index,
    ("GET", "/status"): status,
    ("PUT", "/name"): rename,
}

REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 404: "Not Found", 413: "Too Large"}


def cut(text, mark):
    """What is before a mark and what is behind it. On ESP8266 there is no `partition`."""
    parts = text.split(mark, 1)
    return parts[0], parts[1] if len(parts) > 1 else text[:0]


def respond(stream):
    """Read one request from a connection; the code, the type and the text of the answer."""
    # A file gives None, where a socket raises OSError, when the timeout expires.
    request = (stream.readline() or b"").decode().split()
    if len(request) != 3:
        return 400, "text/plain", "that is no HTTP"
    length = 0
    while True:
        line = stream.readline()
        if not line or line == b"\r\n":
            break
        name, value = cut(line, b":")
        if name.lower() == b"content-length":
            length = int(value)
    if length > LONGEST:
        return 413, "text/plain", "too long"
    body = stream.read(length) if length else b""
    handler = ROUTES.get((request[0], cut(request[1], "?")[0]))
    return handler(body or b"") if handler else (404, "text/plain", "there is nothing here")


def handle(connection):
    """Answer one client."""
    # Else a browser that connects and says nothing would stop the server. Zephyr has no timeouts.
    if hasattr(connection, "settimeout"):
        connection.settimeout(5)
    stream = connection.makefile("rwb", 0)
    try:
        code, kind, text = respond(stream)
    except ValueError:
        code, kind, text = 400, "text/plain", "that is no HTTP"
    body = text.encode()
    head = "HTTP/1.0 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n"
    stream.write(head.format(code, REASONS[code], kind, len(body)).encode() + body)


def main(host="0.0.0.0", port=80):
    """Serve until interrupted, one client after the other."""
    listener = socket.socket()
    try:
        # Else restarting takes minutes. CC3200 does not have it, and Zephyr does not need it.
        if hasattr(socket, "SO_REUSEADDR"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # noqa: USK602
        listener.bind(socket.getaddrinfo(host, int(port))[0][-1])
        listener.listen(2)
        print("serving on", host, port)
        while True:
            connection = listener.accept()[0]
            try:
                handle(connection)
            except OSError as error:
                print("lost a client:", error)
            finally:
                connection.close()
    finally:
        listener.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

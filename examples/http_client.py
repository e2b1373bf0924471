"""Fetch pages over HTTP: `http_client.py URL [NEW_BODY]` prints what a GET answers, or a PUT of NEW_BODY."""

# usock-lint: target=docs, unix, esp32, esp8266, rp2, stm32, mimxrt, renesas-ra, samd, alif, cc3200

import socket
import sys


class Response:
    """What a server answered: the code, the headers by their names in lower case, and the body as bytes."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


def cut(text, mark):
    """What is before a mark and what is behind it. On ESP8266 there is no `partition`."""
    parts = text.split(mark, 1)
    return parts[0], parts[1] if len(parts) > 1 else text[:0]


def split(url):
    """Host, port and path of http://host:port/path."""
    scheme, rest = cut(url, "://")
    if scheme != "http" or not rest:
        raise ValueError("not an http URL")
    place, path = cut(rest, "/")
    host, port = cut(place, ":")
    return host, int(port or 80), "/" + path


def receive(stream):
    """Read an answer. Raises OSError when the server hangs up, or says nothing in time."""
    # A file gives None, where a socket raises OSError, when the timeout expires.
    words = (stream.readline() or b"").split(None, 2)
    if len(words) < 2:
        raise OSError("no answer")
    headers = {}
    while True:
        line = stream.readline()
        if not line or line == b"\r\n":
            break
        name, value = cut(line.decode(), ":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length")
    # HTTP/1.0: without a length, the body ends with the connection.
    body = stream.read() if length is None else stream.read(int(length))
    return Response(int(words[1]), headers, body or b"")


def request(method, url, body=b"", timeout=10):
    """The Response of a server."""
    host, port, path = split(url)
    # Each entry says which kind of socket its address is for: where there is IPv6, this may be one.
    family, kind, protocol, _, address = socket.getaddrinfo(host, port)[0]
    sock = socket.socket(family, kind, protocol)
    try:
        if hasattr(sock, "settimeout"):  # which Zephyr has not
            sock.settimeout(timeout)
        sock.connect(address)
        stream = sock.makefile("rwb", 0)
        head = "{} {} HTTP/1.0\r\nHost: {}\r\nContent-Length: {}\r\n\r\n"
        stream.write(head.format(method, path, host, len(body)).encode() + body)
        return receive(stream)
    finally:
        sock.close()


def main(url, body=None):
    """Print the answer; the exit code is 1 unless it is a success."""
    answer = request("GET", url) if body is None else request("PUT", url, body.encode())
    print(answer.status, answer.headers.get("content-type", ""))
    print(answer.body.decode(), end="")
    return 0 if 200 <= answer.status < 300 else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

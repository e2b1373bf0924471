"""The modules requests and ntptime of boards: HTTP over the port's sockets, and the computer's clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from usock_lint.shim.core.sealed import OpenModule
from usock_lint.shim.world.stand_ins import open_module

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

REDIRECTS = (301, 302, 303, 307, 308)
METHODS = ("delete", "get", "head", "patch", "post", "put")


class Response:
    """The response of a server. The body is read when it is first accessed, which closes the connection."""

    _loads: Any

    def __init__(self, f: Any) -> None:
        self.raw = f
        self.encoding = "utf-8"
        self.status_code = 0
        self.reason: Any = b""
        self.headers: dict[str, str] = {}
        self._cached: bytes | None = None

    def close(self) -> None:
        """Close the connection."""
        if self.raw:
            self.raw.close()
            self.raw = None
        self._cached = None

    @property
    def content(self) -> bytes:
        """The body."""
        if self._cached is None:
            sock: Any = self.raw
            self.raw = None
            try:
                self._cached = sock.read()
            finally:
                sock.close()
        return self._cached or b""

    @property
    def text(self) -> str:
        """The body as a str."""
        return str(self.content, self.encoding)

    def json(self) -> Any:
        """The value that the body has in JSON."""
        return self._loads(self.content)


def read_head(answer: Response, sock: Any, parse_headers: Any) -> str:
    """Read status and headers of a response; the address that it redirects to, "" if it does not."""
    words = sock.readline().split(None, 2)
    if len(words) < 2:
        raise ValueError(f"HTTP error: BadStatusCode:\n{words}")
    answer.status_code = int(words[1])
    answer.reason = words[2].rstrip() if len(words) > 2 else ""
    where = ""
    while (line := sock.readline()) and line != b"\r\n":
        name, _, value = line.decode().partition(":")
        if name.lower() == "transfer-encoding" and "chunked" in value:
            raise ValueError(f"Unsupported {line}")
        if name.lower() == "location" and answer.status_code in REDIRECTS:
            where = value.strip()
        if callable(parse_headers):
            parse_headers(line, answer.headers)
        elif parse_headers:
            answer.headers[name] = value.strip()
    return where


class Client:
    """Requests in HTTP/1.0 over a world's sockets, with the headers and errors of MicroPython's `requests`."""

    def __init__(self, world: World) -> None:
        self.world = world
        loads = staticmethod(world.load("json").loads)
        self.Response = cast("type[Response]", type("Response", (Response,), {"_loads": loads}))

    def request(
        self,
        method: str,
        url: str,
        data: Any = None,
        json: Any = None,
        headers: Any = None,
        stream: Any = None,
        auth: Any = None,
        timeout: Any = None,
        parse_headers: Any = True,
    ) -> Response:
        """Send a request; the response, after following redirects."""
        headers = {} if headers is None else dict(headers)
        if auth is not None:
            encode = self.world.load("binascii").b2a_base64
            headers["Authorization"] = "Basic " + encode(f"{auth[0]}:{auth[1]}".encode())[:-1].decode()
        if json is not None:
            data = self.world.load("json").dumps(json)
            headers.setdefault("Content-Type", "application/json")
        scheme, host, number, path = split_url(url)
        sock = self.connect(scheme, host, number, timeout)
        try:
            send(sock, method, path, host, headers, data)
            answer = self.Response(sock)
            where = read_head(answer, sock, parse_headers)
        except BaseException:
            sock.close()
            raise
        if not where:
            return answer
        sock.close()
        where = f"{scheme}://{host}:{number}{where}" if where[0] == "/" else where
        following = "GET" if answer.status_code == 303 else method
        return self.request(following, where, data, None, headers, stream, None, timeout)

    def connect(self, scheme: str, host: str, number: int, timeout: Any) -> Any:
        """A connected socket; for https one with TLS."""
        socket = self.world.load("socket")
        family, _, protocol, _, address = socket.getaddrinfo(host, number, 0, socket.SOCK_STREAM)[0]
        sock = socket.socket(family, socket.SOCK_STREAM, protocol)
        try:
            if timeout is not None:
                sock.settimeout(timeout)
            sock.connect(address)
            return self.secured(sock, host) if scheme == "https" else sock
        except BaseException:
            sock.close()
            raise

    def secured(self, sock: Any, host: str) -> Any:
        """A TLS socket of a connected socket. It verifies nothing."""
        ssl = self.world.load("ssl")
        if not hasattr(ssl, "SSLContext"):
            return ssl.wrap_socket(sock, server_hostname=host)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(sock, server_hostname=host)


def split_url(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and path."""
    scheme, _, host, *rest = [*url.split("/", 3), ""]
    number = {"http:": 80, "https:": 443}.get(scheme)
    if number is None:
        raise ValueError(f"Unsupported protocol: {scheme}")
    host, mark, query = host.partition("?")
    host, _, given = host.partition(":")
    return scheme[:-1], host, int(given or number), mark + query + rest[0]


def send(sock: Any, method: str, path: str, host: str, headers: dict[str, str], data: Any) -> None:
    """Write the request."""
    lines = [f"{method} /{path} HTTP/1.0"]
    lines += [] if "Host" in headers else [f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    body = data.encode() if isinstance(data, str) else data
    if body is not None and "Content-Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    sock.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
    if body:
        sock.write(body)


def requests(world: World) -> OpenModule:
    """The module requests."""
    client = Client(world)

    def asking(method: str) -> Any:
        def ask(url: str, **keywords: Any) -> Response:
            return client.request(method.upper(), url, **keywords)

        return ask

    functions = {method: asking(method) for method in METHODS}
    contents = {**functions, "request": client.request, "Response": client.Response, "socket": world.load("socket")}
    return open_module(world.port.cell, "requests", contents)


def ntptime(world: World) -> OpenModule:
    """The module ntptime. It asks no server, because the computer's clock is right. OSError without a network."""

    def now() -> int:
        world.load("socket").getaddrinfo(module.host, 123)
        return int(world.load("time").time())

    def settime() -> None:
        world.port.clock_offset = 0.0
        now()

    names = {"host": "pool.ntp.org", "timeout": 1, "time": now, "settime": settime}
    module: OpenModule = open_module(world.port.cell, "ntptime", names)
    return module

"""Code that runs on every portable target."""

# target: portable

import asyncio
import errno
import select
import socket
import ssl

BUFFER = bytearray(16)


def flags(sock: socket.socket) -> None:
    """Flags of recv and recvfrom"""
    print(sock.recv(16, socket.MSG_PEEK))
    print(sock.recv(16, socket.MSG_DONTWAIT | socket.MSG_PEEK))
    data, sender = sock.recvfrom(16, socket.MSG_DONTWAIT)
    sock.sendto(data, sender)


def arguments(sock: socket.socket) -> None:
    """Arguments that are seldom given"""
    print(sock.readline(64))
    sock.write(BUFFER, 8)
    sock.write(BUFFER, 4, 8)
    print(sock.readinto(BUFFER, 8))
    sock.listen()
    sock.setblocking(0)
    sock.settimeout(None)
    sock.send(memoryview(BUFFER)[:4])
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    socket.getaddrinfo("micropython.org", 80, 0, socket.SOCK_STREAM, 0, 0)


def addresses(server: socket.socket) -> None:
    """Addresses passed on"""
    sock = socket.socket()
    sock.connect(socket.getaddrinfo("micropython.org", 80)[0][-1])
    family, kind, proto, _, address = socket.getaddrinfo("micropython.org", 80)[0]
    other = socket.socket(family, kind, proto)
    other.connect(address)
    conn, peer = server.accept()
    other.bind(peer)
    data, sender = conn.recvfrom(16)
    conn.sendto(data, sender)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("0.0.0.0", 53))
    known: dict[object, bytes] = {sender: data}
    print(known)


def nothing(sock: socket.socket) -> None:
    """None looked for"""
    line = sock.readline()
    if line is None:
        return
    print(line.decode())
    count = sock.readinto(BUFFER)
    while count is None:
        count = sock.readinto(BUFFER)
    print(BUFFER[:count])
    print((sock.read() or b"").split(b"\r\n"))


def waiting(sock: socket.socket) -> None:
    """poll and select"""
    poller = select.poll()
    poller.register(sock, select.POLLIN | select.POLLHUP)
    for stream, event in poller.poll(100):
        if event & select.POLLIN:
            print(stream.recv(16))
    for pair in poller.ipoll(100, 1):
        print(pair[0], pair[1])
    poller.modify(sock, select.POLLOUT)
    poller.unregister(sock)
    readable, _, _ = select.select([sock], [], [], 0.5)
    print(readable)


def errors(sock: socket.socket) -> None:
    """Errors told apart by number"""
    try:
        sock.recv(16)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.ETIMEDOUT):
            print(error.args[0], errno.errorcode)
        else:
            raise


def tls(sock: socket.socket) -> None:
    """TLS"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_NONE
    stream = context.wrap_socket(sock, server_hostname="micropython.org")
    stream.write(b"GET / HTTP/1.0\r\n\r\n")
    print(stream.read(16))
    stream.close()
    plain = ssl.wrap_socket(sock, server_side=True, key=b"", cert=b"")
    print(plain.readline())


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """asyncio"""
    line = await asyncio.wait_for(reader.readline(), 5)
    print(writer.get_extra_info("peername")[0], line.decode())
    writer.write(line)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def client(host: str) -> bytes:
    """asyncio"""
    reader, writer = await asyncio.open_connection(host, 443, ssl=True, server_hostname=host)
    writer.write(memoryview(b"GET / HTTP/1.0"))
    found = await reader.readexactly(12)
    await writer.wait_closed()
    return found


async def main() -> None:
    """asyncio"""
    server = await asyncio.start_server(serve, "0.0.0.0", 80, backlog=2)
    async with asyncio.Lock():
        one, two = await asyncio.gather(client("10.0.0.1"), client("10.0.0.2"))
        print(one.decode(), two)
    event, flag = asyncio.Event(), asyncio.ThreadSafeFlag()
    event.set()
    flag.set()
    await event.wait()
    await flag.wait()
    task = asyncio.create_task(client("10.0.0.1"))
    try:
        await asyncio.wait_for_ms(task, 100)
    except asyncio.TimeoutError:
        print(task.done(), task.cancel())
    await asyncio.sleep_ms(10)
    server.close()
    await server.wait_closed()


def running() -> None:
    """asyncio"""
    loop = asyncio.get_event_loop()
    loop.set_exception_handler(lambda loop, context: print(context["exception"]))
    print(loop.create_task(main()).done())
    loop.run_until_complete(main())
    asyncio.run(main())


class Connection:
    """Sockets in attributes"""

    def __init__(self, host: str) -> None:
        """Sockets in attributes"""
        self.sock: "socket.socket | None" = None
        self.address = socket.getaddrinfo(host, 80)[0][-1]

    def line(self) -> bytes:
        """Sockets in attributes"""
        if self.sock is None:
            self.sock = socket.socket()
            self.sock.connect(self.address)
        stream = self.sock.makefile("rb")
        return stream.readline() or b""

"""Code for CPython, or for nothing: each line that says so goes wrong on portable targets."""

# target: portable

import asyncio
import errno
import select
import socket
import ssl

BUFFER = bytearray(16)


def names() -> None:
    """Names of CPython's socket module"""
    print(socket.gethostbyname("micropython.org"))  # wrong
    print(socket.create_connection)  # wrong
    print(socket.SHUT_RDWR)  # wrong
    print(socket.inet_aton("127.0.0.1"))  # wrong
    print(socket.ntohs(80))  # wrong
    print(socket.has_ipv6)  # wrong
    print(socket.SOMAXCONN)  # wrong


def exceptions(sock: socket.socket) -> None:
    """Exceptions of CPython's socket module"""
    try:
        sock.recv(16)
    except socket.timeout:  # wrong
        pass
    try:
        sock.recv(16)
    except (OSError, socket.error):  # wrong
        pass
    try:
        socket.getaddrinfo("micropython.org", 80)
    except socket.gaierror:  # wrong
        pass
    except socket.herror:  # wrong
        pass


def methods(sock: socket.socket) -> None:
    """Methods and attributes of CPython's sockets"""
    sock.shutdown(2)  # wrong
    sock.connect_ex(socket.getaddrinfo("127.0.0.1", 80)[0][-1])  # wrong
    print(sock.getpeername())  # wrong
    print(sock.getsockname())  # wrong
    sock.recv_into(BUFFER)  # wrong
    print(sock.getsockopt(1, 4))  # wrong
    print(sock.gettimeout())  # wrong
    sock.detach()  # wrong
    print(sock.family)  # wrong
    print(sock.type)  # wrong
    print(sock.timeout)  # wrong


def protocols(sock: socket.socket) -> None:
    """`with`, `for` and storing on a socket"""
    with sock:  # wrong
        pass
    with socket.socket() as other:  # wrong
        print(other)
    for line in sock:  # wrong
        print(line)
    sock.peer = "lamp"  # wrong
    sock.timeout = 5  # wrong


def keywords(sock: socket.socket) -> None:
    """Keyword arguments"""
    socket.socket(type=socket.SOCK_DGRAM)  # wrong
    socket.getaddrinfo(host="127.0.0.1", port=80)  # wrong
    sock.bind(address=socket.getaddrinfo("0.0.0.0", 80)[0][-1])  # wrong
    sock.listen(backlog=1)  # wrong
    sock.settimeout(value=5)  # wrong
    sock.recv(bufsize=16)  # wrong
    sock.makefile(mode="rb")  # wrong


def arguments(sock: socket.socket) -> None:
    """Arguments of a wrong number or type"""
    sock.recv()  # wrong
    sock.sendto(b"x")  # wrong
    sock.sendall(b"x", 0)  # wrong
    sock.accept(1)  # wrong
    sock.settimeout("5")  # wrong
    sock.readinto(8)  # wrong
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, None)  # wrong
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1.0)  # wrong
    socket.getaddrinfo("127.0.0.1")  # wrong
    socket.getaddrinfo(None, 80)  # wrong
    socket.getaddrinfo("127.0.0.1", "http")  # wrong
    sock.send(5)  # wrong


def addresses(sock: socket.socket) -> None:
    """Addresses of a wrong form"""
    sock.connect("127.0.0.1", 80)  # wrong
    sock.connect("127.0.0.1:80")  # wrong
    sock.connect(("127.0.0.1", "80"))  # wrong
    sock.connect(("127.0.0.1", 80.0))  # wrong
    sock.bind((None, 80))  # wrong
    sock.bind(("0.0.0.0",))  # wrong
    sock.connect(("::1", 80, 0, 0))  # wrong
    sock.connect(socket.getaddrinfo("127.0.0.1", 80))  # wrong
    sock.connect(socket.getaddrinfo("127.0.0.1", 80)[0])  # wrong
    sock.connect(socket.getaddrinfo("127.0.0.1", 80)[0][3])  # wrong
    sock.sendto(b"x", "127.0.0.1")  # wrong


def text_modes(sock: socket.socket, mode: str) -> None:
    """Text modes of makefile, also through a str"""
    sock.makefile("r")  # wrong
    sock.makefile("w")  # wrong
    sock.makefile("rw")  # wrong
    sock.makefile(mode)  # wrong
    sock.makefile("rb", encoding="utf-8")  # wrong
    sock.makefile("rb", 0, "utf-8")  # wrong


def files(sock: socket.socket) -> None:
    """What a makefile stream lacks on boards"""
    stream = sock.makefile("rb")
    stream.flush()  # wrong
    print(stream.readlines())  # wrong
    print(stream.closed)  # wrong
    for line in stream:  # wrong
        print(line)
    with stream:  # wrong
        pass


def accepted(server: socket.socket) -> None:
    """Everything after `accept()`"""
    conn, peer = server.accept()
    conn.shutdown(2)  # wrong
    print(conn.getpeername())  # wrong
    conn.recv("16")  # wrong
    conn.makefile("r")  # wrong
    conn.settimeout(value=5)  # wrong
    conn.connect(80)  # wrong
    with conn:  # wrong
        pass
    text: str = conn.recv(16)  # wrong
    print(text, peer)
    server.accept().close()  # wrong


class Connection:
    """Sockets in attributes"""

    def __init__(self, server: socket.socket) -> None:
        self.sock, self.peer = server.accept()
        self.stream = self.sock.makefile("rb")
        self.socks = [self.sock]

    def work(self) -> None:
        """Sockets in attributes"""
        self.sock.shutdown(2)  # wrong
        print(self.sock.family)  # wrong
        print(self.stream.readlines())  # wrong
        for sock in self.socks:
            sock.detach()  # wrong
        self.sock.recv(bufsize=16)  # wrong
        self.socks[0].setsockopt(1, 4, None)  # wrong


def nothing(sock: socket.socket) -> None:
    """`read()` and the like that are None"""
    data: bytes = sock.read(16)  # wrong
    line: bytes = sock.readline()  # wrong
    print(data, line)
    print(sock.readline().strip())  # wrong
    print(sock.makefile("rb").readline().split())  # wrong
    print(len(sock.read(4)))  # wrong
    print(sock.readinto(BUFFER) + 1)  # wrong
    print(sock.write(b"x") + 1)  # wrong


def text(sock: socket.socket) -> None:
    """Bytes taken for text"""
    print(sock.recv(16) + "\r\n")  # wrong
    print("HTTP" in sock.recv(16))  # wrong
    print(sock.recv(16).split("\r\n"))  # wrong
    print(sock.recvfrom(16)[0].startswith("GET"))  # wrong
    sock.makefile("wb").write("text")  # wrong
    sock.send("text")  # wrong


def opaque(sock: socket.socket) -> None:
    """Addresses taken apart"""
    print(socket.getaddrinfo("127.0.0.1", 80)[0][-1][0])  # wrong
    _host, _port = socket.getaddrinfo("127.0.0.1", 80)[0][-1]  # wrong
    _, sender = sock.recvfrom(16)
    print(sender[0])  # wrong
    _, peer = sock.accept()
    print(peer[1])  # wrong


def builtins(sock: socket.socket) -> None:
    """Builtins that do not exist"""
    try:
        sock.recv(16)
    except ConnectionError:  # wrong
        pass
    except ConnectionResetError:  # wrong
        pass
    except (TimeoutError, ValueError):  # wrong
        pass
    except BrokenPipeError:  # wrong
        pass
    except BlockingIOError:  # wrong
        pass
    except IOError:  # wrong
        pass
    try:
        sock.recv(16)
    except OSError as error:
        print(isinstance(error, InterruptedError))  # wrong
        print(error.strerror)  # wrong
        raise TimeoutError("too late")  # wrong


def numbers() -> None:
    """Names of CPython's errno module"""
    print(errno.EPIPE)  # wrong
    print(errno.EWOULDBLOCK)  # wrong
    print(errno.EINTR)  # wrong
    print(errno.ENETUNREACH)  # wrong


def waiting(sock: socket.socket) -> None:
    """CPython's select module"""
    print(select.epoll)  # wrong
    print(select.POLLPRI)  # wrong
    poller = select.poll()
    poller.register(sock, eventmask=select.POLLIN)  # wrong
    poller.poll(0.5)  # wrong
    select.select([sock], [], [], timeout=5)  # wrong


def tls(sock: socket.socket) -> None:
    """CPython's ssl module"""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # wrong
    print(ssl.create_default_context())  # wrong
    wrapped = context.wrap_socket(sock, server_hostname="micropython.org")
    wrapped.settimeout(5)  # wrong
    wrapped.makefile("rb")  # wrong
    print(wrapped.version())  # wrong
    try:
        wrapped.read(16)
    except ssl.SSLError:  # wrong
        pass


async def streams() -> None:
    """CPython's asyncio module"""
    reader, writer = await asyncio.open_connection("10.0.0.1", 80)
    print(writer.get_extra_info("socket"))  # wrong
    writer.writelines([b"a"])  # wrong
    await reader.readuntil(b"!")  # wrong
    print(reader.at_eof())  # wrong
    print(asyncio.Queue)  # wrong
    loop = asyncio.get_event_loop()
    loop.call_later(1, print)  # wrong
    await loop.run_in_executor(None, print)  # wrong
    await asyncio.to_thread(print)  # wrong
    print(asyncio.create_task(streams(), name="a"))  # wrong
    task = asyncio.create_task(streams())
    task.add_done_callback(print)  # wrong
    await asyncio.wait([task])  # wrong
    print(asyncio.get_running_loop())  # wrong
    server = await asyncio.start_server(print, "0.0.0.0", 80)
    await server.serve_forever()  # wrong


def unseen() -> None:
    """What no type can tell, but the linter reports"""
    sock = socket.socket()
    sock.connect(("micropython.org", 80))  # unseen: domain-name-address
    sock.settimeout(-1)  # unseen: value-out-of-range
    sock.bind(("", 70000))  # unseen: port-out-of-range
    sock.close()
    sock.recv(16)  # unseen: use-after-close

"""What one run on one port cannot show: the rest of the portable contract. Only its definitions are run."""

import usocket
from usocket import AF_INET6, SOCK_DGRAM, SOCK_RAW, getaddrinfo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usocket import _Sockaddr  # pyright: ignore[reportPrivateUsage]


def tuple_addresses(tcp: usocket.socket, udp: usocket.socket) -> int:
    tcp.bind(("", 80))
    tcp.connect(("192.168.4.1", 80))
    return udp.sendto(b"hello", ("192.168.4.255", 4210))


def kept_address(conn: usocket.socket, address: "_Sockaddr") -> "tuple[usocket.socket, _Sockaddr]":
    conn.connect(address)
    return conn.accept()


def names(host: str) -> "list[str | None]":
    return [entry[3] for entry in getaddrinfo(host, 443, AF_INET6, SOCK_DGRAM, 0, 0)]


def options(sock: usocket.socket, group: bytes) -> None:
    sock.setsockopt(usocket.IPPROTO_TCP, usocket.TCP_NODELAY, 1)
    sock.setsockopt(usocket.IPPROTO_IP, usocket.IP_ADD_MEMBERSHIP, group)
    sock.setsockopt(usocket.SOL_SOCKET, usocket.SO_BROADCAST, 1)
    sock.setblocking(0)
    sock.settimeout(0.5)


def exchange(sock: usocket.socket, data: memoryview) -> bytes:
    sent: int = sock.send(data)
    sock.sendall(data[sent:])
    print(sock.recv(16, usocket.MSG_PEEK), sock.recvfrom(16, usocket.MSG_DONTWAIT)[0])
    return sock.read() or b""


def streams(sock: usocket.socket) -> None:
    for stream in (sock, sock.makefile(), sock.makefile("wb"), sock.makefile("rwb", -1)):
        stream.write(b"GET / HTTP/1.0\r\n\r\n")
        print(stream.read(1), stream.readline(), stream.readinto(bytearray(8)))
    sock.close()


def ping() -> usocket.socket:
    return usocket.socket(usocket.AF_INET, SOCK_RAW, 1)

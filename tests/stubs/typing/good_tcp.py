"""A server and its client in one process: what runs on MicroPython must also type-check."""

import select

import usocket

PORT = 0  # replaced by a free one before this runs


def listener(port: int) -> usocket.socket:
    server = usocket.socket(usocket.AF_INET, usocket.SOCK_STREAM)
    server.setsockopt(usocket.SOL_SOCKET, usocket.SO_REUSEADDR, 1)
    server.bind(usocket.getaddrinfo("127.0.0.1", port)[0][-1])
    server.listen(1)
    return server


def client(port: int) -> usocket.socket:
    family, kind, proto, _, address = usocket.getaddrinfo("127.0.0.1", port, 0, usocket.SOCK_STREAM)[0]
    sock = usocket.socket(family, kind, proto)
    sock.settimeout(5)
    sock.connect(address)
    return sock


def read_line(sock: usocket.socket) -> bytes:
    stream = sock.makefile("rb", 0)
    line = stream.readline(64)
    if line is None:
        raise OSError("nothing has arrived")
    return line


def wait(sock: usocket.socket) -> bool:
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    return bool(poller.poll(5000))


def main() -> None:
    server = listener(PORT)
    ours = client(PORT)
    theirs, peer = server.accept()
    try:
        ours.setblocking(False)
        buffer = bytearray(4)
        print(ours.read(4), ours.readinto(buffer), ours.readline())

        theirs.write(b"ping\n")
        theirs.write(b"..pong\n..", 2, 5)
        print(wait(ours), ours.recv(5))
        count = ours.readinto(buffer, 2)
        print(count, bytes(buffer[: count or 0]))

        ours.write(memoryview(b"line\nrest"), 5)
        print(read_line(theirs), isinstance(peer, tuple))
    except OSError as error:
        print(error.errno)
    finally:
        theirs.close()
        ours.close()
        server.close()


if __name__ == "__main__":
    main()

"""Two datagram sockets that answer each other at the addresses they were told."""

import usocket as socket

PORT = 0  # replaced by a free one before this runs


class Peer:
    def __init__(self, port: int) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.settimeout(5.0)
        self.address = socket.getaddrinfo("127.0.0.1", port)[0][-1]
        self.sock.bind(self.address)

    def answer(self) -> None:
        data, sender = self.sock.recvfrom(64)
        self.sock.sendto(data + b"!", sender)


def main() -> None:
    here, there = Peer(PORT), Peer(0)
    sent: int = there.sock.sendto(bytearray(b"hello"), here.address)
    here.answer()
    data: bytes = there.sock.recv(64)
    print(sent, data)
    there.sock.settimeout(None)
    here.sock.close()
    there.sock.close()


if __name__ == "__main__":
    main()

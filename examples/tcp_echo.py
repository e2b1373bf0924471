"""Send back whatever comes, to many clients at once: `tcp_echo.py [HOST [PORT]]`.

One loop waits for all sockets with select.poll. None of them ever blocks it, also not a client that does not read.
"""

# usock-lint: target=docs, unix, esp32, esp8266, rp2, stm32, mimxrt, renesas-ra, samd, alif

import errno
import select
import socket
import sys


class Client:
    """A connection, and what has yet to go back over it."""

    def __init__(self, sock):
        self.sock = sock
        self.pending = b""

    def step(self):
        """Read, or send back what was read, as far as that goes at once; False when the client has gone."""
        try:
            if not self.pending:
                self.pending = self.sock.recv(512)
                if not self.pending:
                    return False
            sent = self.sock.send(self.pending)
            self.pending = self.pending[sent:]
        except OSError as error:
            return error.errno == errno.EAGAIN
        return True


def listen(host, port):
    """A listening socket."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(socket.getaddrinfo(host, port)[0][-1])
    sock.listen(5)
    return sock


def serve(listener):
    """Accept clients and echo, for ever."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    clients = []
    while True:
        for sock, _ in poll.poll():
            if sock is listener:
                connection = listener.accept()[0]
                connection.setblocking(False)
                poll.register(connection, select.POLLIN)
                clients.append(Client(connection))
                continue
            client = next(one for one in clients if one.sock is sock)
            if client.step():
                # Nothing more is read from a client before it has got everything back.
                poll.modify(sock, select.POLLOUT if client.pending else select.POLLIN)
            else:
                poll.unregister(sock)
                clients.remove(client)
                sock.close()


def main(host="0.0.0.0", port=7):
    """Serve until interrupted."""
    listener = listen(host, int(port))
    print("echoing on", host, port)
    try:
        serve(listener)
    finally:
        listener.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

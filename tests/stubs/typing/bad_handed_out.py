"""Stubs in a folder of the user's, for code that says `import socket`, and those of the modules beside it."""

import asyncio
import errno
import select
import socket
import ssl

import uerrno
import uselect
import usocket


def names(sock: socket.socket) -> None:
    try:
        sock.connect(socket.getaddrinfo("127.0.0.1", 80)[0][-1])
    except socket.gaierror:  # type-error
        sock.close()
    except ConnectionError:  # type-error
        sock.close()
    except OSError as error:
        print(error.errno == errno.ETIMEDOUT, error.errno == errno.EPIPE)  # type-error
        print(error.strerror)  # type-error
    sock.shutdown(socket.SHUT_RDWR)  # type-error
    print(sock.fileno())  # type-error
    sock.makefile("r")  # type-error


def companions(sock: socket.socket) -> None:
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    for stream, events in poller.poll(100):
        print(stream, events)
    poller.poll(0.1)  # type-error
    ssl.create_default_context().wrap_socket(sock)  # type-error
    stream = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_socket(sock)
    stream.settimeout(1)  # type-error


def with_u(sock: usocket.socket) -> socket.socket:
    poller: select.poll = uselect.poll()
    poller.register(ssl.wrap_socket(sock))
    print(uerrno.EAGAIN, uerrno.EINTR)  # type-error
    return sock


async def streams() -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", 80)
    writer.close()
    return await reader.read(16)

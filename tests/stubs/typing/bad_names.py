"""Names that CPython's module has and no board does, and names that only some ports have."""

import usocket
from usocket import gethostbyname as gethostbyname  # type-error
from usocket import timeout as timeout  # type-error


def errors(sock: usocket.socket) -> None:
    try:
        sock.recv(16)
    except usocket.timeout:  # type-error
        sock.close()
    try:
        usocket.getaddrinfo("micropython.org", 80)
    except usocket.gaierror:  # type-error
        pass
    except (OSError, usocket.error):  # type-error
        pass
    except usocket.herror:  # type-error
        pass


def functions() -> None:
    print(usocket.create_connection)  # type-error
    print(usocket.inet_pton)  # type-error
    print(usocket.inet_ntop)  # type-error
    print(usocket.sockaddr)  # type-error


def constants() -> None:
    print(usocket.SHUT_RDWR)  # type-error
    print(usocket.AF_UNIX)  # type-error
    print(usocket.IPPROTO_UDP)  # type-error
    print(usocket.SO_KEEPALIVE)  # type-error

# Written by tools/stubs.py from stubs/master/socket.pyi and the ports table.
"""MicroPython's socket module, typed for what works on every port and release that this stub was written for.

For portable code, which is what usock-lint installs, those are the esp32, esp8266, rp2 and stm32 ports at the newest
release, less what MicroPython's documentation denies. Boards are all ports but unix; most of them use lwIP or, on
esp32, Espressif's version of it. Absent on purpose: ``error``, ``timeout``, ``gaierror`` and ``herror``, which no port
has. Every failure is a plain OSError.

No parameter can be passed by name. Names with a leading underscore exist for type checkers only.
"""

from typing import Final, Literal, overload, type_check_only

from typing_extensions import Buffer, TypeAlias, deprecated

@type_check_only
class _Sockaddr:
    """A socket address as getaddrinfo, accept and recvfrom return it; hand it on, never look inside.

    It is a (host, port) tuple on boards and the bytes of a C struct on unix, so neither indexing nor
    unpacking it is portable. A module that runs on a board can import this name under TYPE_CHECKING only.
    """

# What connect, bind and sendto take. In a tuple the host is a numeric IP address ("" in bind: any address):
# names have to go through getaddrinfo.
_Address: TypeAlias = _Sockaddr | tuple[str, int]

# What is sent. MicroPython also takes a str, but only bytes are documented and CPython takes nothing else.
_Data: TypeAlias = Buffer

AF_INET: Final = 2
"""Address family of IPv4."""
AF_INET6: Final = 10
"""Address family of IPv6. The name exists even where the network stack was built without IPv6."""

SOCK_STREAM: Final = 1
"""Socket type of TCP."""
SOCK_DGRAM: Final = 2
"""Socket type of UDP."""
SOCK_RAW: Final = 3
"""Socket type of raw IP packets; some builds leave it out."""

IPPROTO_IP: Final = 0
"""Level of the IP_* options. The unix port lacks the name."""
IPPROTO_TCP: Final = 6
"""Level of the TCP_* options. lwIP ports have the name since 1.23; the unix port lacks it."""

SOL_SOCKET: Final[int]
"""Level of the SO_* options: 1 or 4095 depending on the port."""
SO_REUSEADDR: Final = 4
"""Option: bind to a local address that an earlier connection may still hold. Numbers differ."""
SO_BROADCAST: Final = 32
"""Option: let a UDP socket send to broadcast addresses. Boards have it since 1.21; numbers differ."""
TCP_NODELAY: Final[int]
"""Option: send small segments at once. Boards have it since 1.23; numbers differ. The unix port lacks it."""
IP_ADD_MEMBERSHIP: Final[int]
"""Option: join a multicast group; the value is 8 bytes, the group's IPv4 address and the interface's.

Numbers differ by port; the unix port has it since 1.27.
"""

MSG_PEEK: Final = 1
"""Flag of recv and recvfrom: leave the data in the queue. Since 1.26; numbers differ by port."""
MSG_DONTWAIT: Final[int]
"""Flag of recv and recvfrom: do not block, this once. Boards have it since 1.26; numbers differ."""

_Port: TypeAlias = int

_CanonicalName: TypeAlias = str | None

def getaddrinfo(
    host: str, port: _Port, af: int = 0, type: int = 0, proto: int = 0, flags: int = 0, /
) -> list[tuple[int, int, int, _CanonicalName, _Sockaddr]]:
    """Look a host name or numeric address up; answer (family, type, proto, canonical name, address) entries.

    ``getaddrinfo(host, port)[0][-1]`` is the portable way to an address. It blocks, whatever the timeouts of
    sockets are. 0 for *af*, *type* or *proto* means any; what they filter differs: esp32 honours them since
    1.23, lwIP ports only *af* and only since 1.27, and lwIP ports answer one entry whose type is always
    SOCK_STREAM. On esp32 the address of an IPv6 entry is None at run time. A service name as *port* is a
    TypeError on lwIP ports.

    Raises OSError when the lookup fails. Its number is negative and of getaddrinfo's own (-2 on lwIP, -202 on
    esp32), not one of errno's; on unix it is a str.
    """

@type_check_only
class _Stream:
    """The reading and writing half of a socket, and all that the result of makefile is sure to have.

    Boards return the socket itself from makefile and unix a new file on the same descriptor, so there is no
    iteration, ``with``, flush, seek or readlines in common.

    A blocking stream reads and writes everything it was asked to. When a timeout expires first, OSError
    (ETIMEDOUT) is raised and the bytes already read are lost; a makefile stream of unix returns None instead.
    A non-blocking stream does what it can at once; when that is nothing the result is None, not an exception.
    """

    def read(self, size: int = -1, /) -> bytes | None:
        """Read *size* bytes, fewer only at the end of the stream; without *size* read until the peer closes.

        b"" is the end of the stream. None: the stream is non-blocking and nothing has arrived.
        Raises OSError when a timeout expires or the connection fails.
        """

    def readinto(self, buf: Buffer, nbytes: int = ..., /) -> int | None:
        """Fill the writable buffer *buf*, or its first *nbytes* bytes, and return how many bytes were stored.

        0 is the end of the stream. None: the stream is non-blocking and nothing has arrived.
        Raises OSError when a timeout expires or the connection fails, TypeError for a read-only buffer.
        """

    def readline(self, max_size: int = -1, /) -> bytes | None:
        r"""Read through the next b"\n", which is kept, or *max_size* bytes, whichever comes first.

        A line without its b"\n" was cut short by the end of the stream or *max_size*; b"" is the end.
        None: the stream is non-blocking and nothing has arrived.
        Raises OSError when a timeout expires or the connection fails.
        """

    @overload
    def write(self, buf: _Data, max_len: int = ..., /) -> int | None:
        """Write *buf*, or its first *max_len* bytes, and return how many bytes went out.

        That is all of them unless the stream is non-blocking. None: it is, and nothing could be sent.
        Raises OSError when a timeout expires or the connection fails.
        """

    @overload
    def write(self, buf: _Data, off: int, max_len: int, /) -> int | None:
        """Write at most *max_len* bytes of *buf* from offset *off* on; otherwise as without *off*."""

    def close(self) -> None:
        """Close the connection and free what it holds; closing a makefile stream closes its socket too.

        Using either afterwards raises OSError. Do not wait for the garbage collector: an
        unreferenced socket stays open on unix and counts against the few that a board has.
        """

# What makefile returns for a binary mode: what a socket (on boards) and a file (on unix) have in common.
_BinaryFile: TypeAlias = _Stream

_Sent: TypeAlias = None

_Seconds: TypeAlias = float

class socket(_Stream):
    """A network socket, which is also a binary stream.

    It cannot be used in ``with`` nor iterated over, has no family, type, proto or timeout to read, and takes
    no new attributes. Errors are plain OSError, told apart by ``e.errno``; compare it with the errno module's
    names, as the numbers differ by port.
    """

    def __init__(self, af: int = ..., type: int = ..., proto: int = ..., /) -> None:
        """Make a socket: AF_INET and SOCK_STREAM unless told otherwise.

        *proto* is best left out; *type* implies it. Keywords are a TypeError on boards, and unix silently
        ignores them. Raises OSError, for an unknown type and when no socket is free (5 TCP ones by default on
        lwIP ports, 10 or fewer on esp32).
        """

    def bind(self, address: _Address, /) -> None:
        """Give the socket its local address. Raises OSError, EADDRINUSE when another socket has it."""

    def listen(self, backlog: int = ..., /) -> None:
        """Start taking connections and let *backlog* of them wait for accept: 2 by default on boards.

        Keep it from 0 to 255: lwIP ports cut the number to 8 bits. Raises OSError.
        """

    def accept(self) -> tuple[socket, _Sockaddr]:
        """Wait for a connection; return a socket for it and the peer's address.

        Raises OSError: EAGAIN when non-blocking and nobody waits, ETIMEDOUT when the timeout expires. Whether
        the new socket inherits the timeout differs: on lwIP ports and unix it does, on esp32 it does not.
        """

    def connect(self, address: _Address, /) -> None:
        """Connect to *address*, which for UDP only sets where send goes.

        esp32 also looks host names up; lwIP ports raise ValueError for one. Raises OSError: ECONNRESET
        (ECONNREFUSED on unix) when refused, ETIMEDOUT when the timeout expires, EINPROGRESS when
        non-blocking. On lwIP ports a socket whose connect failed is of no more use: try again with a new one.
        """

    def send(self, data: _Data, /) -> int:
        """Send what fits right now and return the number of bytes, which may be less than all.

        Only unix takes *flags*. Raises OSError: EAGAIN when non-blocking and nothing fits; when a timeout
        expires, ETIMEDOUT (EAGAIN on unix).
        """

    def sendall(self, data: _Data, /) -> _Sent:
        """Send all of *data*. For stream sockets that block: lwIP ports raise NotImplementedError for UDP.

        The unix port lacks it up to 1.28; write does the same everywhere. Raises OSError; how much had been
        sent by then is unknown.
        """

    def sendto(self, data: _Data, address: _Address, /) -> int:
        """Send one datagram to *address* and return the number of bytes sent.

        No port looks a host name up here (ValueError on boards). Raises OSError.
        """

    def recv(self, bufsize: int, flags: int = ..., /) -> bytes:
        """Receive what is there, at most *bufsize* bytes; wait only when there is nothing.

        b"" means that the peer has closed. *bufsize* bytes are allocated first: keep it small on a board.
        Boards take *flags* since 1.26. Raises OSError: EAGAIN when non-blocking and nothing has arrived; when
        a timeout expires, ETIMEDOUT (EAGAIN on unix).
        """

    def recvfrom(self, bufsize: int, flags: int = ..., /) -> tuple[bytes, _Sockaddr]:
        """Receive as recv does, raising the same, and also tell the sender's address; for datagrams only."""

    def setsockopt(self, level: int, optname: int, value: int | Buffer, /) -> None:
        """Set an option.

        Write 1, not True, which is a TypeError on unix. SO_* and TCP_* options take an int. Boards ignore the
        level and print a warning for an option that they do not know. Raises OSError.
        """

    def settimeout(self, value: _Seconds | None, /) -> None:
        """Limit each blocking call to *value* seconds, an int or a float; 0: never block; None: wait forever.

        An expired timeout raises OSError. What a negative one does differs by port, so never pass one. esp32
        counts in steps of 0.1 s.
        """

    def setblocking(self, flag: int, /) -> None:
        """Wait forever (True or 1), as settimeout(None), or never (False or 0), as settimeout(0)."""

    def makefile(self, mode: Literal["rb", "wb", "rwb"] = ..., buffering: int = ..., /) -> _BinaryFile:
        """Return the socket as a binary stream; code that also runs on CPython has to read from one.

        Only binary modes are documented, "rb" being the default. Name it all the same: without a mode CPython
        and unix give text. *buffering* is ignored; there is no encoding, errors or newline. Closing the
        stream closes the socket, and on unix so does dropping it: keep a reference.
        """

    @deprecated("esp8266, rp2 and stm32 have no fileno; select.poll takes the socket itself")
    def fileno(self) -> int:
        """Return the descriptor's number: esp32 and unix only, AttributeError on lwIP ports."""

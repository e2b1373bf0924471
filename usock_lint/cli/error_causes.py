"""The meaning of error numbers on sockets, their most frequent causes, and advice.

The ports table has the numbers of errno names by port; here are those that no `errno` module names. Those of TLS are in
ports/data/tls_errors.json. Sources stand beside each cause, in MicroPython's tree unless they say otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from usock_lint import ports
from usock_lint.i18n import Said, say

Family = Literal["mbedTLS", "axTLS"]

UNNAMED: Mapping[str, Mapping[str, int]] = {
    "ENFILE": {"esp32": 23},
    "EMFILE": {"unix": 24},
    "EPIPE": {"unix": 32},
    "ENETUNREACH": {"unix": 101},
}
"""Numbers that sockets raise on a port whose `errno` has no name for them.

esp-lwip src/api/sockets.c:1795, newlib libc/include/sys/errno.h; the host's C library on unix.
"""

_LOW_BITS = 0x7F
"""mbedTLS adds the number of a low-level module (1 to 0x7F) to that of a high-level one (a multiple of 0x80)."""


class Cause(NamedTuple):
    """An error's meaning on a socket, its most frequent cause, the advice, and its meaning elsewhere."""

    means: Said
    often: Said
    advice: Said
    elsewhere: Said | None = None


_NO_MEMORY = Cause(
    # extmod/modlwip.c:645@v1.28.0, :996; extmod/modtls_mbedtls.c:160@v1.28.0
    say("there is no memory for a connection, for a packet or for TLS"),
    say("sockets that were left open, or a TLS handshake, which needs 16 KB and more in one piece"),
    say("close each socket in a `finally` clause, and call `gc.collect()` before `wrap_socket`"),
)
_NO_SOCKET_LEFT = Cause(
    # ports/esp32/modsocket.c:297@v1.28.0; esp-lwip src/api/sockets.c:1795
    say("no socket is left: the port has a fixed number of them"),
    say("sockets that an error, a `continue` or a loop left open"),
    say("close each socket on every path; `usock-lint --extend-select USK801` finds those that are not"),
)
_REFUSED_HANDSHAKE = Cause(
    # mbedtls include/mbedtls/ssl.h:76@v3.6.6
    say("the other side refused the TLS handshake"),
    say("a missing `server_hostname`, a version or cipher that it does not have, or a missing client certificate"),
    say("pass `server_hostname=`, and give `cert` and `key` together if it wants a certificate"),
)
_BAD_KEY = Cause(
    # extmod/modtls_mbedtls.c:452@v1.28.0, :459
    say("a key or certificate cannot be read"),
    say("PEM where the port takes DER only, or the name of a file where its content is wanted"),
    say("convert it to DER (`openssl x509 -outform DER`), and read it in binary mode"),
)
_IN_PROGRESS = Cause(
    # extmod/modlwip.c:1242@v1.28.0; extmod/modlwip.c:1215@v1.28.0
    say("a connection is being made, and the socket does not wait for it"),
    say("`connect` on a non-blocking socket, or a second `connect` while the first goes on"),
    say("call `connect` once, then poll the socket for POLLOUT"),
)

CAUSES: Mapping[str, Cause] = {
    "ENOENT": Cause(
        # extmod/vfs_lfsx.c:309@v1.28.0, extmod/vfs_fat_file.c:44@v1.28.0
        say("there is no such file or folder"),
        say("a file that was not copied to the board, such as a certificate, or another current folder"),
        say("look with `os.listdir()`, and copy it with `mpremote cp`"),
    ),
    "EIO": Cause(
        # extmod/modlwip.c:235@v1.28.0
        say("the network stack was given an argument that it does not take"),
        say("a second `bind`, or a socket that is closed"),
        say("make a new socket for each attempt"),
        # ports/rp2/machine_i2c.c:152@v1.28.0
        say("from I2C this is a device that does not answer"),
    ),
    "EBADF": Cause(
        # extmod/modlwip.c:1063@v1.28.0; esp-lwip src/api/sockets.c:529
        say("the socket is closed"),
        say("a socket that is used after `close`, or after another task closed it"),
        say("make a new socket"),
    ),
    "EAGAIN": Cause(
        # extmod/modlwip.c:695@v1.28.0; ports/unix/modsocket.c:295@v1.28.0
        say("the call would have to wait, and the socket does not; on unix also: its timeout is over"),
        say("a non-blocking socket that is read before data came"),
        say("poll the socket, or give it a timeout and catch OSError"),
    ),
    "ENOMEM": _NO_MEMORY,
    "ENODEV": Cause(
        # extmod/machine_i2c.c:203@v1.28.0; ports/esp32/machine_i2c.c:125@v1.28.0
        say("no socket raises it"),
        say("a device on the I2C bus that does not answer"),
        say("look for it with `i2c.scan()`; check address, wires and pull-ups"),
    ),
    "EINVAL": Cause(
        # extmod/modlwip.c:1130@v1.28.0, :992; esp-lwip src/api/sockets.c:2047
        say("the socket or an argument is not what the call needs"),
        say("`accept` on a socket that does not listen"),
        say("bind and listen before `accept`, and check the arguments"),
    ),
    "ENFILE": _NO_SOCKET_LEFT,
    "EMFILE": _NO_SOCKET_LEFT,
    "EPIPE": Cause(
        # ports/unix/modsocket.c:249@v1.28.0 (the host's errno)
        say("the other side has closed the connection"),
        say("data that is sent to a peer that left"),
        say("close the socket and connect again"),
    ),
    "EOPNOTSUPP": Cause(
        # extmod/modlwip.c:1066@v1.28.0, :1116
        say("the socket is of a type that cannot do this"),
        say("`listen` or `accept` on a UDP socket"),
        say("use a SOCK_STREAM socket for it"),
    ),
    "EAFNOSUPPORT": Cause(
        # esp-lwip src/api/sockets.c:4095; the host's errno on unix
        say("the address is of another family than the socket"),
        say("an IPv6 address that `getaddrinfo` returned first, for a socket that is IPv4"),
        say("ask for the family: `getaddrinfo(host, port, socket.AF_INET)`"),
    ),
    "EADDRINUSE": Cause(
        # extmod/modlwip.c:236@v1.28.0
        say("the port is taken"),
        say("a server that is started again while connections of its last run linger, or whose socket was not closed"),
        say("set SO_REUSEADDR before `bind`, and close the listening socket in a `finally` clause"),
    ),
    "ENETUNREACH": Cause(
        # the host's errno on unix
        say("there is no route to that network"),
        say("no network is up, or an IPv6 address without IPv6"),
        say("check that the network is up before connecting"),
    ),
    "ECONNABORTED": Cause(
        # extmod/modlwip.c:231@v1.28.0
        say("this side's network stack gave the connection up"),
        say("the Wi-Fi connection was lost, or nobody acknowledged what was sent"),
        say("close the socket, wait until `wlan.isconnected()`, and connect with a new one"),
    ),
    "ECONNRESET": Cause(
        # extmod/modlwip.c:232@v1.28.0
        say("the other side reset the connection; on lwip boards also: nobody listens at that port"),
        say("a peer that was restarted, or closed with data unread"),
        say("catch OSError for each client, close the socket, and go on with the next"),
    ),
    "ENOBUFS": Cause(
        # extmod/modlwip.c:224@v1.28.0; esp-lwip src/api/sockets.c:1787
        say("the network stack has no buffer left"),
        say("datagrams that are sent faster than they leave"),
        say("wait a few milliseconds and send again"),
    ),
    "EISCONN": Cause(
        # extmod/modlwip.c:1213@v1.28.0
        say("the socket is connected already"),
        say("a second `connect` on the same socket"),
        say("make a new socket for each connection"),
    ),
    "ENOTCONN": Cause(
        # extmod/modlwip.c:233@v1.28.0, :835
        say("the socket is not connected, or not any more"),
        say("`send` or `recv` before `connect`, on the listening socket, or after the other side closed"),
        say("use the socket that `accept` returned; after an error make a new one"),
    ),
    "ETIMEDOUT": Cause(
        # extmod/modlwip.c:703@v1.28.0; ports/esp32/modsocket.c:368@v1.28.0
        say("nothing came, or nobody answered, before the timeout was over"),
        say("a wrong address or a firewall at `connect`; at `recv`, a peer that sends nothing"),
        say("catch OSError around the call, close the socket, and try again later"),
        # extmod/machine_i2c.c:62@v1.28.0
        say("from I2C this is a bus that is held low: check wires and pull-ups"),
    ),
    "ECONNREFUSED": Cause(
        # the host's errno on unix; esp-lwip src/core/tcp_in.c
        say("nobody listens at that port"),
        say("a server that is not running, or another port"),
        say("check the address, and that the server is up"),
    ),
    "EHOSTUNREACH": Cause(
        # extmod/modlwip.c:226@v1.28.0
        say("there is no route to that address"),
        say("a socket that is used before the network is up, or after Wi-Fi was lost"),
        say("wait until `wlan.isconnected()` before connecting"),
    ),
    "EALREADY": _IN_PROGRESS,
    "EINPROGRESS": _IN_PROGRESS,
}

EXCEPTIONS: Mapping[str, Cause] = {
    "MemoryError": Cause(
        # py/runtime.c:1694@v1.28.0; docs/reference/constrained.rst:319@v1.28.0
        say("no free piece of the heap is large enough, though all of them together may be"),
        say("an answer or a file that is read in one piece, or a program that makes and drops objects for hours"),
        say("read in pieces into one buffer (`readinto`), make large buffers first, and call `gc.collect()` at times"),
    ),
}
"""Exceptions that no rule is about, by their names."""

LOOKUP = Cause(
    # ports/esp32/modsocket.c:257@v1.28.0; extmod/modlwip.c:1889@v1.28.0
    say("`getaddrinfo` did not find the host"),
    say("no network yet, no DNS server, or a host with `http://` or a path in it"),
    say("wait until `wlan.isconnected()`, and pass the bare host name"),
)

TLS: Mapping[str, Cause] = {
    "SSL_CONN_EOF": Cause(
        # mbedtls include/mbedtls/ssl.h:57@v3.6.6
        say("the other side closed the connection during the TLS handshake"),
        say("a missing `server_hostname`, a TLS version that the server does not speak, or a port without TLS"),
        say("pass `server_hostname=`, and check the port"),
    ),
    "SSL_FATAL_ALERT_MESSAGE": _REFUSED_HANDSHAKE,
    "SSL_HANDSHAKE_FAILURE": _REFUSED_HANDSHAKE,
    "SSL_UNRECOGNIZED_NAME": _REFUSED_HANDSHAKE,
    "SSL_BAD_PROTOCOL_VERSION": _REFUSED_HANDSHAKE,
    "SSL_INVALID_RECORD": Cause(
        # mbedtls include/mbedtls/ssl.h:55@v3.6.6
        say("what came is not TLS"),
        say("a port that speaks plain text, such as 80 or 1883"),
        say("connect to the TLS port (443, 8883), or leave TLS out"),
    ),
    "SSL_PEER_CLOSE_NOTIFY": Cause(
        # mbedtls include/mbedtls/ssl.h:80@v3.6.6; extmod/modtls_mbedtls.c:759@v1.28.0
        say("the other side has ended the TLS connection"),
        say("a server that closes after its answer, or because nothing was sent for long"),
        say("close the socket and connect again"),
    ),
    "X509_CERT_VERIFY_FAILED": Cause(
        # mbedtls include/mbedtls/x509.h:71@v3.6.6; extmod/modtls_mbedtls.c:234@v1.28.0
        say("the certificate of the other side is not trusted"),
        say("a clock that was not set, so that no certificate is valid yet, or a wrong CA certificate"),
        say("set the clock (`ntptime.settime()`) first, and load the root certificate of this server"),
    ),
    "PK_KEY_INVALID_FORMAT": _BAD_KEY,
    "PK_UNKNOWN_PK_ALG": _BAD_KEY,
    "X509_INVALID_FORMAT": _BAD_KEY,
    "X509_CERT_UNKNOWN_FORMAT": _BAD_KEY,
    "PEM_NO_HEADER_FOOTER_PRESENT": _BAD_KEY,
    "CONN_LOST": Cause(
        # extmod/modtls_axtls.c:90@v1.28.0
        say("the connection ended during the TLS handshake"),
        say("a server that speaks no version or cipher of axTLS"),
        say("use a board with mbedTLS, or a proxy in between"),
    ),
}
"""Causes of TLS errors, by the names that mbedTLS and axTLS give them, without MBEDTLS_ERR_."""


def tls_names(number: int, *, low_alone: bool = False) -> Iterator[tuple[Family, list[str]]]:
    """The names of a negative number in each TLS library: of mbedTLS one, or those that it added up.

    The numbers of low-level modules are so small that by themselves they are taken for those of getaddrinfo, unless
    `low_alone`.
    """
    for name, value in _tls("axtls").items():
        if value == number:
            yield "axTLS", [name]
    by_number = {-value: name for name, value in _tls("mbedtls").items()}
    low = -number & _LOW_BITS
    high = -number - low
    parts = [part for part in (high, low) if part]
    if number < 0 and (high or low_alone) and all(part in by_number for part in parts):
        yield "mbedTLS", [by_number[part] for part in parts]


def tls_number(error: str) -> int | None:
    """The number of a name as mbedTLS writes it: `MBEDTLS_ERR_SSL_CONN_EOF`, or two with a plus between them."""
    names = [name.removeprefix("MBEDTLS_ERR_") for name in re.split(r"\s*\+\s*", error)]
    known = _tls("mbedtls")
    return sum(known[name] for name in names) if all(name in known for name in names) else None


def cause_of_tls(names: list[str]) -> Cause | None:
    """The cause of a TLS error: no memory, whichever part ran out of it, or what is known of its name."""
    if any(name.endswith("ALLOC_FAILED") for name in names):
        return _NO_MEMORY
    return next((TLS[name] for name in names if name in TLS), None)


@cache
def _tls(library: str) -> Mapping[str, int]:
    path = Path(ports.__file__).parent / "data/tls_errors.json"
    facts: Mapping[str, Mapping[str, int]] = json.loads(path.read_text(encoding="utf-8"))
    return facts[library]

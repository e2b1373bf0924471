"""Whether a file is linted at all: by the words in its bytes, by who asks, and by its role."""

from __future__ import annotations

import os
import re
import sys

from usock_lint.networks import NETWORKS, SIGNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import LeftOut
    from usock_lint.files.sources import Sources
    from usock_lint.settings.config import Assume

# What is done to sockets, and to little else.
_DONE = tuple(
    (
        b".accept( .bind( .connect( .detach( .listen( .makefile( .recv .send( .sendall( .sendto( .shutdown( "
        b".setblocking( .setsockopt( .settimeout( .timeout .gaierror .getpeername( .getsockname( .create_connection("
    ).split()
)
_OF_PROJECT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([.\w]+)", re.MULTILINE)

_HANDS = 2
"""How many files in a row are looked at for networks: a package, and the module in it."""

# Asks for a module by its name.
_NAMED = re.compile(rb"""["']([\w.]+)["']""")
_ASKS = re.compile(rb"__import__|import_module")


def may_import_networks(data: bytes) -> bool:
    """The first half of the gate, which most files do not pass: whether a line with an import names such a module."""
    data = _in_ascii(data)
    place = data.find(b"import")
    while place >= 0:
        start, end = data.rfind(b"\n", 0, place) + 1, _end_of_line(data, place)
        line = data[start:end]
        if any(sign in line for sign in SIGNS):
            return True
        place = data.find(b"import", end)
    return False


def _in_ascii(data: bytes) -> bytes:
    """The words of a file in UTF-16 or UTF-32, which no device can read, as those of any other file."""
    return data.replace(b"\0", b"") if b"\0" in data else data


def _end_of_line(data: bytes, place: int) -> int:
    """Where the line ends that this place is in, with those that it is continued by."""
    end = data.find(b"\n", place)
    while end >= 0 and data[max(end - 2, 0) : end].removesuffix(b"\r").endswith(b"\\"):
        end = data.find(b"\n", end + 1)
    return len(data) if end < 0 else end


def imports_networks(data: bytes) -> bool:
    """The gate: a file has no finding unless it has to do with networks, by an import or a module's name in quotes."""
    data = _in_ascii(data)
    if not may_import_networks(data):
        return False
    from usock_lint.linting.role import words_of_imports

    if not NETWORKS.isdisjoint(words_of_imports(data)):
        return True
    named = {name.decode("ascii") for name in _NAMED.findall(data)} if _ASKS.search(data) else set[str]()
    return not named.isdisjoint(NETWORKS) or ("u" in named and "socket" in named)


def gets_sockets(data: bytes, path: str, folder: str | None = None) -> bool:
    """Whether a file that imports no networks has to do with those of its project: it has the word of something that
    is done to sockets, and imports a file that passes the gate and runs on a device.
    """
    if not any(word in data for word in _DONE) or not (folder or os.path.exists(path)):
        return False
    from usock_lint.files.sources import Sources

    return _reaches(Sources(path, folder), os.path.abspath(path), data, _HANDS)


def _reaches(sources: Sources, path: str, data: bytes, hands: int) -> bool:
    from usock_lint.files.sources import content
    from usock_lint.ports.modules import MICROPYTHON

    for name in dict.fromkeys(one.decode("ascii") for one in _OF_PROJECT.findall(data)):
        package = name.partition(".")[0]
        if package in MICROPYTHON or package in sys.stdlib_module_names:
            continue
        found = sources.find(path, name)
        if found is None or not found.digest:
            continue
        inner = content(found.path)
        if imports_networks(inner):
            return left_out(inner, found.path, "auto", os.path.dirname(found.path)) is None
        if hands > 1 and _reaches(sources, found.path, inner, hands - 1):
            return True
    return False


def left_out(data: bytes, path: str, assume: Assume | None, folder: str | None = None) -> LeftOut | None:
    """Why a file with networks is not to be linted, if it is not.

    Where nothing is assumed, a file that was found below a folder is linted by its role, and one that was named as
    device code, unless it is for another firmware, whose sockets no rule knows. A comment in it can assume a role.
    """
    if b"usock-lint" in data:
        from usock_lint.diagnostics import LeftOut
        from usock_lint.linting import directives
        from usock_lint.syntax.text import BYTE_ORDER_MARK, decode

        asked = directives.read(decode(data).text.removeprefix(BYTE_ORDER_MARK))
        if asked.skip:
            return LeftOut("comment")
        assume = asked.assume or assume
    if assume == "device":
        return None
    from usock_lint.linting.role import role

    found = role(data, path, folder)
    is_named = assume is None and folder is None
    return None if is_named and found.name == "host" else found.left_out

"""The gate before parsing: a file is linted or not by the words in its bytes, by the settings, and by its role."""

from __future__ import annotations

import os
import sys

from usock_lint import observed
from usock_lint.linting.source import Source
from usock_lint.networks import NETWORKS, SIGNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import LeftOut
    from usock_lint.files.sources import Sources
    from usock_lint.settings.config import Assume, Config

    Led = dict[tuple[str | None, str, int], bool]
    """Whether a file leads to networks: the folder of the search, its path, how many imports in a row may follow."""

# Parts of texts that do something to sockets, and to little else.
_ON_SOCKETS = tuple(
    (
        b".accept( .bind( .connect( .detach( .listen( .makefile( .recv .send( .sendall( .sendto( .shutdown( "
        b".setblocking( .setsockopt( .settimeout( .timeout .gaierror .getpeername( .getsockname( .create_connection("
    ).split()
)
_ANY_ON_SOCKETS = rb"\.(?:" + b"|".join(word[1:].replace(b"(", rb"\(") for word in _ON_SOCKETS) + b")"
_LONG = 10_000
"""The size in bytes from which one search for all of them is faster, though `re` has to be imported for it."""

_CHAIN = 2
"""The length of a chain of imports that is searched for networks: a package, and the module in it."""
_CHAIN_OF_NAMED = 4
"""The same for a file that was named, which is more likely a program of several packages."""

_BY_NAME = (b"__import__", b"import_module")
"""Functions that import a module whose name is a string."""
_STRING = rb"""["']([\w.]+)["']"""


def may_import_networks(data: bytes) -> bool:
    """True if a line with an import names a network module: a quick first test, which most files do not pass."""
    data = _in_ascii(data)
    lines: list[bytes] = []
    place = data.find(b"import")
    while place >= 0:
        end = data.find(b"\n", place)
        if end < 0 or data[end - 1] in b"\\\r":
            end = _end_of_line(data, place)
        start = data.rfind(b"\n", 0, place) + 1
        if start > 1 and data[start - 2] in b"\\\r":
            start = _start_of_line(data, start)
        lines.append(data[start:end])
        place = data.find(b"import", end)
    named = b"\n".join(lines)
    return any(sign in named for sign in SIGNS)


def _in_ascii(data: bytes) -> bytes:
    """The words of a file in UTF-16 or UTF-32, which no device can read, as those of any other file."""
    return data.replace(b"\0", b"") if b"\0" in data else data


def _start_of_line(data: bytes, start: int) -> int:
    """The offset at which the logical line with the physical line at this offset starts."""
    while data[max(start - 3, 0) : max(start - 1, 0)].removesuffix(b"\r").endswith(b"\\"):
        start = data.rfind(b"\n", 0, start - 1) + 1
    return start


def _end_of_line(data: bytes, place: int) -> int:
    """The offset at which the logical line with this offset ends, after any lines continued by a backslash."""
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
    if not any(word in data for word in _BY_NAME):
        return False
    import re  # few files come this far

    named = {name.decode("ascii") for name in re.findall(_STRING, data)}
    # `__import__("u" + "socket")`
    return not named.isdisjoint(NETWORKS) or ("u" in named and "socket" in named)


def has_networks(source: Source) -> bool:
    """As `imports_networks`, asked once for a source."""
    if source.has_networks is None:
        source.has_networks = imports_networks(source.data)
    return source.has_networks


def passes(source: Source, config: Config, led: Led | None = None) -> bool:
    """True if rules apply to what a file is about: networks, or anything where the settings ask for every file.

    `led` has what the files of a run have asked of others, for those that ask the same.
    """
    return config.lints_every_file or has_networks(source) or _gets_sockets(source, {} if led is None else led)


def _does_something_to_sockets(data: bytes) -> bool:
    if len(data) < _LONG:
        return any(word in data for word in _ON_SOCKETS)
    import re

    return re.search(_ANY_ON_SOCKETS, data) is not None


def settings(source: Source, config: Config) -> Config:
    """The settings for a file that passes the gate.

    For a file that was named and passes only by what it imports from its project, they are `Config.without_networks`.
    """
    if config.lints_every_file or source.folder is not None or has_networks(source):
        return config
    return config.without_networks


def _gets_sockets(source: Source, led: Led) -> bool:
    """True if a file that imports no network module gets sockets from its project: it imports a file that passes.

    If it was found below a folder, it must also do something to sockets itself, and the other file run on a device.
    """
    path, folder, data = source.path, source.folder, source.data
    if b"import" not in data or not (folder or observed.exists(path)):
        return False
    if folder is not None and not _does_something_to_sockets(data):
        return False
    from usock_lint.files.sources import Sources

    imports_left = _CHAIN_OF_NAMED if folder is None else _CHAIN
    return _reaches(_Search(Sources(path, folder), folder, led), os.path.abspath(path), data, imports_left)


class _Search:
    """A search for networks that begins with a file below this folder, or with one that was named."""

    def __init__(self, sources: Sources, folder: str | None, led: Led) -> None:
        self.sources = sources
        self.folder = folder
        self.led = led

    def leads_on(self, path: str, imports_left: int) -> bool:
        """True if a file has to do with networks, itself or by this many imports in a row, and runs where it counts."""
        asked = self.folder, path, imports_left
        if asked not in self.led:
            self.led[asked] = _leads_on(self, path, imports_left)
        return self.led[asked]


def _leads_on(search: _Search, path: str, imports_left: int) -> bool:
    from usock_lint.files.sources import content

    inner = Source(path, content(path), os.path.dirname(path))
    if has_networks(inner):
        return search.folder is None or left_out(inner, "auto") is None
    return imports_left > 0 and _reaches(search, path, inner.data, imports_left)


def _reaches(search: _Search, path: str, data: bytes, imports_left: int) -> bool:
    """True if a file imports one of its project that has to do with networks, by this many imports in a row."""
    from usock_lint.linting.role import modules_of_imports

    for name in sorted(modules_of_imports(data, may_be_own)):
        found = search.sources.find(path, name)
        if found is not None and found.digest and search.leads_on(found.path, imports_left - 1):
            return True
    return False


def may_be_own(name: str) -> bool:
    """True if a module of this name may be the project's: neither MicroPython nor CPython has it."""
    from usock_lint.ports.modules import MICROPYTHON, OFTEN_OWN

    package = name.partition(".")[0]
    return package in OFTEN_OWN or (package not in MICROPYTHON and package not in sys.stdlib_module_names)


def left_out(source: Source, assume: Assume | None) -> LeftOut | None:
    """The reason for which a file that passes the gate is not linted; None if it is.

    If nothing is assumed, the role decides about a file that was found below a folder. A file that was named is linted
    as device code unless it is for another firmware, whose sockets no rule knows. A comment in it can assume a role.
    """
    if directives := source.directives:
        if directives.skip:
            from usock_lint.diagnostics import LeftOut

            return LeftOut("comment")
        assume = directives.assume or assume
    if assume == "device":
        return None
    is_named = assume is None and source.folder is None
    return None if is_named and source.role.name == "host" else source.role.left_out

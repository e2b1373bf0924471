"""Whether a file is linted at all: by the words in its bytes, by who asks, and by its role."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import LeftOut
    from usock_lint.settings.config import Assume

# Asks for the module by its name.
_NAMED = rb"""socket(?:(?<=["']socket)|(?<=["']usocket))["']"""

_SOURCES = frozenset(("socket", "usocket", "ssl", "ussl", "tls"))


def has_the_word(data: bytes) -> bool:
    """The first half of the gate, which most files do not pass."""
    return b"socket" in data


def mentions_sockets(data: bytes) -> bool:
    """The gate: a file has no finding unless it imports the module, by a statement or by its name in quotes.

    One that has `wrap_socket` from ssl may misuse a TLS socket.
    """
    if not has_the_word(data):
        return False
    from usock_lint.linting.role import words_of_imports

    return not _SOURCES.isdisjoint(words_of_imports(data)) or re.search(_NAMED, data) is not None


def left_out(data: bytes, path: str, assume: Assume | None, folder: str | None = None) -> LeftOut | None:
    """Why a file with sockets is not to be linted, if it is not.

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

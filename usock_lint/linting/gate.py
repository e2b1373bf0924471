"""Whether a file is linted at all: the byte gate, and the role that its imports give it."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from usock_lint.settings.config import Assume

    Role = Literal["device", "dual", "host", "fork"]

# Strings and comments are matched so that what stands in them is not taken for an import. A string that is
# not closed matches too, or the search would begin anew at each quote in it.
_TOKEN = rb"""
    \#[^\n]* | \"{3}.*?(?:\"{3}|\Z) | '{3}.*?(?:'{3}|\Z) | "(?:\\.|[^"\\\n])*+"? | '(?:\\.|[^'\\\n])*+'?
    | (?P<top>^)? (?<![.\w])
      (?: from [ \t]+ (?P<source>[\w.]+) [ \t]+ import\b (?P<mock>[ \t]+mock\b)?
        | import [ \t]+ (?P<names>[\w.,\ \t]+) )
    | (?P<aware>\bsys\.implementation\b)
    """
# What may be an import, or asks for a module by its name. They find too much, many times as fast.
_REST = rb"(?:[\w., \t\f]|\\\r?\n)+"
_NAMED = rb"""socket(?:(?<=["']socket)|(?<=["']usocket))["']"""


# pycom's firmware and CircuitPython; `python3` in a first line is a computer's, `python` says nothing.
_FORK = (
    rb"^[ \t]*(?:import|from)[ \t]+(?:pycom|socketpool|adafruit_\w+)\b"
    rb"|^[ \t]*from[ \t]+network[ \t]+import[ \t(][^\n]*\b(?:LoRa|Sigfox|LTE)\b"
)
_FORK_NAMES = ("pycom", "socketpool", "adafruit_", "network")
# What a program on a computer plays MicroPython's own modules with: files of their names, and classes of theirs.
_STAND_INS = ("socket.py", "usocket.py", "uselect.py", "ussl.py")
_PLAYED = {
    "machine.py": rb"^class[ \t]+(?:ADC|I2C|Pin|PWM|RTC|SPI|Timer|UART)\b",
    "network.py": rb"^class[ \t]+(?:LAN|PPP|WLAN)\b",
}
_SOURCES = frozenset(("socket", "usocket", "ssl", "ussl", "tls"))
_SHEBANG = rb"#![^\n]*\bpython3"


def has_the_word(data: bytes) -> bool:
    """The first half of the gate, which most files do not pass."""
    return b"socket" in data


def mentions_sockets(data: bytes) -> bool:
    """The gate: a file has no finding unless it imports the module, by a statement or by its name in quotes.

    One that has `wrap_socket` from ssl may misuse a TLS socket.
    """
    if not has_the_word(data):
        return False
    return not _SOURCES.isdisjoint(_mentioned(data)) or re.search(_NAMED, data) is not None


def role(data: bytes, path: str = "") -> Role:
    """Where a file runs, by what it imports.

    *fork*: it belongs to CircuitPython or to another firmware with a socket module of its own; *host*: at top level
    something that only CPython has, or its name in the first line, and nowhere anything of MicroPython's, or a module
    that stands in for MicroPython's own; *dual*: something of both; *device*: all others, as the absence of marks says
    nothing.
    """
    from usock_lint.ports.modules import CPYTHON_ONLY, MICROPYTHON_ONLY

    mentioned = _mentioned(data)
    may_be_fork = any(name.startswith(_FORK_NAMES) for name in mentioned)
    if b"AF_LORA" in data or (may_be_fork and re.search(_FORK, data, re.MULTILINE)):
        return "fork"
    if _stands_in(data, os.path.basename(path)):
        return "host"
    text = data.removeprefix(codecs.BOM_UTF8)
    is_script = re.match(_SHEBANG, data) is not None
    if b"sys.implementation" in data:
        mentioned.add("micropython")
    if not is_script and mentioned.isdisjoint(CPYTHON_ONLY):
        return "device"
    if mentioned.isdisjoint(MICROPYTHON_ONLY):
        on_top = (names for names, top in _imports(text) if top)
        return "host" if is_script or not all(map(CPYTHON_ONLY.isdisjoint, on_top)) else "device"
    found = [*_imports(text)]
    top = _all(names for names, is_top in found if is_top)
    anywhere = _all(names for names, _ in found)
    if not anywhere.isdisjoint(MICROPYTHON_ONLY):
        return "device" if anywhere.isdisjoint(CPYTHON_ONLY) else "dual"
    return "host" if is_script or not top.isdisjoint(CPYTHON_ONLY) else "device"


def _all(sets: Iterable[set[str]]) -> set[str]:
    return set[str]().union(*sets)


def _stands_in(data: bytes, name: str) -> bool:
    """Whether a file is a module of MicroPython's, made for a computer. What imports the real one is not."""
    if name in _STAND_INS:
        return True
    if name not in _PLAYED or not re.search(_PLAYED[name], data, re.MULTILINE):
        return False
    real = rb"^[ \t]*(?:import|from)\b[^\n#]*\b%b\b" % name.removesuffix(".py").encode()
    return re.search(real, data, re.MULTILINE) is None


def is_skipped(data: bytes, path: str, assume: Assume) -> bool:
    """Whether a file is not to be linted, by a comment in it or by its role. A comment can also assume a role."""
    if b"usock-lint" in data:
        from usock_lint.linting import directives
        from usock_lint.syntax.text import BYTE_ORDER_MARK, decode

        asked = directives.read(decode(data).text.removeprefix(BYTE_ORDER_MARK))
        if asked.skip:
            return True
        assume = asked.assume or assume
    return assume != "device" and role(data, path) in ("host", "fork")


def _mentioned(data: bytes) -> set[str]:
    """The packages that a file imports, at most: what stands in strings and comments is among them."""
    found: list[bytes] = [*re.findall(rb"import" + _REST, data), *re.findall(rb"from" + _REST, data)]
    words = {*re.split(r"[^\w]+", b" ".join(found).decode("latin-1"))}
    return words | {f"unittest.{word}" for word in words}


def _imports(text: bytes) -> Iterator[tuple[set[str], bool]]:
    """What each import names, and whether it is at top level; asking for `sys.implementation` is MicroPython's."""
    for token in re.finditer(_TOKEN, text, re.DOTALL | re.MULTILINE | re.VERBOSE):
        yield {"micropython"} if token["aware"] else _imported(token), token["top"] is not None


def _imported(token: re.Match[bytes]) -> set[str]:
    """The packages that an import statement names, and `unittest.mock`; a relative import names none."""
    modules = (token["source"] or token["names"] or b"").decode("latin-1").split(",")
    names = {module.split()[0] for module in modules if module.strip()}
    if token["mock"]:
        names |= {f"{name}.mock" for name in names}
    return {name.split(".")[0] for name in names} | (names & {"unittest.mock"})

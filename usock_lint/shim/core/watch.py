"""Recording of the socket features that a script uses: off by default; a Record keeps each with its first place."""

from __future__ import annotations

import inspect
import socket as host_socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from usock_lint.shim.core.sealed import Module

Owner: TypeAlias = Literal["module", "socket", "errno", "oserror", "builtin", "import"]

Aspect: TypeAlias = Literal["name", "keywords", "count", "mode", "address", "host", "result"]

ADDRESSED = ("connect", "bind", "sendto")
ANSWER_AN_ADDRESS = ("accept", "recvfrom")


class Feature(NamedTuple):
    """A name that a script looked up, or a form in which it called one.

    `detail` is the number of arguments ("count"), the mode of makefile ("mode", None for none) or the form of
    an address ("address": "tuple", "list" ...).
    """

    owner: Owner
    name: str
    aspect: Aspect = "name"
    detail: str | int | None = None


class Place(NamedTuple):
    """A line of a script."""

    path: str
    line: int


class Watch:
    """Hears what a script looks up and calls, and does nothing about it."""

    def saw(self, owner: Owner, name: str) -> None:
        """The script asked for a name, there or not."""

    def module(self, owner: Owner, contents: Mapping[str, Any]) -> Module:
        """A module of these contents."""
        return Module(contents)

    def members(self) -> dict[str, Any]:
        """Further members of the socket class, which report look-ups."""
        return {}

    def called(self, owner: Owner, name: str, function: Callable[..., Any], bound: int) -> Callable[..., Any]:
        """`function`, whose first `bound` arguments are its own affair, so made that calling it is noticed."""
        return function

    def builtins(self, names: dict[str, Any]) -> dict[str, Any]:
        """A script's builtins, so made that looking up one that is missing is noticed."""
        return names


class Record(Watch):
    """Keeps every feature that a script touched, in the order of the first time."""

    def __init__(self) -> None:
        self.features: dict[Feature, Place] = {}
        self.own: dict[str, Any] = {}

    def saw(self, owner: Owner, name: str) -> None:
        self.keep(Feature(owner, name))

    def keep(self, feature: Feature) -> None:
        """Note a feature, if it is new and a script is what called."""
        frame = None if feature in self.features else inspect.currentframe()
        while frame and frame.f_builtins is not self.own:
            frame = frame.f_back
        if frame:
            self.features[feature] = Place(frame.f_code.co_filename, frame.f_lineno)

    def module(self, owner: Owner, contents: Mapping[str, Any]) -> Module:
        record = self

        class Watched(Module):
            def __getattribute__(self, name: str) -> Any:
                record.saw(owner, name)
                return super().__getattribute__(name)

        return Watched(contents)

    def members(self) -> dict[str, Any]:
        def look_up(instance: object, name: str) -> Any:
            self.saw("socket", name)
            return object.__getattribute__(instance, name)

        return {"__getattribute__": look_up}

    def called(self, owner: Owner, name: str, function: Callable[..., Any], bound: int) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            for feature in features(owner, name, arguments[bound:], keywords):
                self.keep(feature)
            return function(*arguments, **keywords)

        return call

    def builtins(self, names: dict[str, Any]) -> dict[str, Any]:
        record = self

        class Builtins(dict[str, Any]):
            def __missing__(self, name: str) -> Any:
                record.saw("builtin", name)
                raise KeyError(name)

        self.own = Builtins(names)
        return self.own


def features(owner: Owner, name: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> list[Feature]:
    """The features of a call that may differ between ports."""
    found = [Feature(owner, name, "keywords")] if keywords else [Feature(owner, name, "count", len(arguments))]
    if name == "makefile":
        mode = next((str(mode) for mode in (*arguments, keywords.get("mode")) if mode is not None), None)
        found.append(Feature(owner, name, "mode", mode))
    if name in ADDRESSED and arguments:
        found += address_features(owner, name, arguments[-1])
    if name in ANSWER_AN_ADDRESS:
        found.append(Feature(owner, name, "result"))
    return found


def address_features(owner: Owner, name: str, address: Any) -> list[Feature]:
    """The form of an address, and whether its host is a name."""
    if not isinstance(address, tuple | list):
        return []
    items = list(cast("Sequence[Any]", address))
    found = [Feature(owner, name, "address", "tuple" if isinstance(address, tuple) else "list")]
    host = items[0] if items else None
    named = isinstance(host, str) and host and not is_numeric(host)
    return [*found, Feature(owner, name, "host", host)] if named else found


def is_numeric(host: str) -> bool:
    """True if a host is a numeric address, which needs no resolver."""
    for family in (host_socket.AF_INET, host_socket.AF_INET6):
        with suppress(OSError):
            return bool(host_socket.inet_pton(family, host))
    return False

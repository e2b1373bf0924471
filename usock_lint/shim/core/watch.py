"""Recording of the features of sockets that a script uses: a Watch records nothing, a Record keeps them."""

from __future__ import annotations

import inspect
import socket as host_socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Literal, NamedTuple, TypeAlias, cast

from usock_lint.shim.core.sealed import Module

Owner: TypeAlias = Literal["module", "socket", "errno", "oserror", "builtin", "import"]

Aspect: TypeAlias = Literal["name", "keywords", "count", "mode", "address", "host", "result"]

TAKE_AN_ADDRESS = ("connect", "bind", "sendto")
RETURN_AN_ADDRESS = ("accept", "recvfrom")


class Feature(NamedTuple):
    """A name that a script looked up, or a form in which it called one.

    `detail` is the number of arguments ("count"), the mode of makefile ("mode", None for none), the form of an address
    ("address": "tuple" or "list") or a name in it that is to be resolved ("host").
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
    """The hooks for what a script looks up and calls; here they do nothing."""

    def saw(self, owner: Owner, name: str) -> None:
        """Called when the script looks up a name, whether it exists or not."""

    def module(self, owner: Owner, contents: Mapping[str, Any]) -> Module:
        """A module of these contents."""
        return Module(contents)

    def members(self) -> dict[str, Any]:
        """Further members of the socket class, which notice look-ups."""
        return {}

    def called(self, owner: Owner, name: str, function: Callable[..., Any], bound: int) -> Callable[..., Any]:
        """`function` with calls noticed; its first `bound` arguments (1 for self) are not the script's."""
        return function

    def builtins(self, names: dict[str, Any]) -> dict[str, Any]:
        """A script's builtins, with look-ups of missing ones noticed."""
        return names


class Record(Watch):
    """Keeps every feature that a script used, with the place of its first use."""

    def __init__(self) -> None:
        self.features: dict[Feature, Place] = {}
        self.builtins_of_script: dict[str, Any] = {}
        """The builtins of the script's frames, by which these are told from frames of the shim."""

    def saw(self, owner: Owner, name: str) -> None:
        self.keep(Feature(owner, name))

    def keep(self, feature: Feature) -> None:
        """Record a feature that is new, at the innermost frame of the script; ignore it if there is none."""
        frame = None if feature in self.features else inspect.currentframe()
        while frame and frame.f_builtins is not self.builtins_of_script:
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

        self.builtins_of_script = Builtins(names)
        return self.builtins_of_script


def features(owner: Owner, name: str, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> list[Feature]:
    """The features of a call that may differ between ports."""
    found = [Feature(owner, name, "keywords")] if keywords else [Feature(owner, name, "count", len(arguments))]
    if name == "makefile":
        mode = next((str(mode) for mode in (*arguments, keywords.get("mode")) if mode is not None), None)
        found.append(Feature(owner, name, "mode", mode))
    if name in TAKE_AN_ADDRESS and arguments:
        found += address_features(owner, name, arguments[-1])
    if name in RETURN_AN_ADDRESS:
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

"""select: poll over the host's, and the select() that boards have."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from usock_lint.ports import Release
from usock_lint.shim.core.base import TICK_MS, Port, Source

REGISTER_ANSWERS_NONE_SINCE: Release = (1, 21, 0)

TLS_TELLS_PENDING_SINCE: Release = (1, 20, 0)
"""mbedtls_ssl_check_pending() in extmod/modussl_mbedtls.c@v1.20.0."""

ONE_SHOT = 1
STREAM_POLL = 3
"""The request of a stream's ioctl() that asks for its events: MP_STREAM_POLL, py/stream.h:39@v1.28.0."""


class Watched(NamedTuple):
    """An object, what is watched of it, and for which events."""

    thing: Any
    source: Source
    mask: int


class StreamSource:
    """A stream of the script's own, which has to be asked again and again."""

    descriptor = -1

    def __init__(self, port: Port, thing: Any) -> None:
        self.key = id(thing)
        self.port = port
        self.thing = thing

    def events(self, mask: int, seen: int) -> int:
        """What its ioctl() says; a negative answer is an errno."""
        found = self.thing.ioctl(STREAM_POLL, mask)
        if found < 0:
            raise self.port.OSError(-found)
        return found


@dataclass(frozen=True)
class BufferingSource:
    """What reads ahead of the script: readable, too, while `pending` says that something has left the socket."""

    below: Source
    pending: Callable[[], bool]

    @property
    def key(self) -> int:
        """That of what is below."""
        return self.below.key

    @property
    def descriptor(self) -> int:
        """That of what is below."""
        return self.below.descriptor

    def events(self, mask: int, seen: int) -> int:
        """What is below says, and whether there is something pending."""
        return self.below.events(mask, seen) | (mask & select.POLLIN if self.pending() else 0)


def reading_ahead(port: Port, below: Source, pending: Callable[[], bool]) -> Source:
    """What select.poll watches of a TLS connection over `below`: axTLS, on esp8266, does not tell what is pending."""
    told = port.release >= TLS_TELLS_PENDING_SINCE and port.name != "esp8266"
    return BufferingSource(below, pending) if told else below


class Poll:
    """select.poll: what it answers is the objects that were registered, not their descriptors."""

    def __init__(self, port: Port) -> None:
        self.__port = port
        self.__watched: dict[int, Watched] = {}

    def register(self, thing: Any, mask: int = select.POLLIN | select.POLLOUT, /) -> bool | None:
        """Watch a stream."""
        source = self.__source(thing)
        known = source.key in self.__watched
        self.__watched[source.key] = Watched(thing, source, mask)
        return None if self.__port.release >= REGISTER_ANSWERS_NONE_SINCE else not known

    def unregister(self, thing: Any, /) -> None:
        """Stop watching; nothing happens when it was not watched."""
        self.__watched.pop(self.__source(thing).key, None)

    def modify(self, thing: Any, mask: int, /) -> None:
        """Watch for something else; OSError(ENOENT) when it was not watched."""
        key = self.__source(thing).key
        if key not in self.__watched:
            raise self.__port.error("ENOENT")
        self.__watched[key] = self.__watched[key]._replace(mask=mask)

    def poll(self, timeout: Any = -1, /) -> list[tuple[Any, int]]:
        """[(object, events), ...] within `timeout` ms, -1 for any time."""
        timeout = -1 if timeout is None else timeout
        if not isinstance(timeout, int):
            raise TypeError(f"can't convert {type(timeout).__name__} to int")
        end = None if timeout < 0 else time.monotonic() + timeout / 1000
        ready = self.__look(0)
        while not ready and (end is None or time.monotonic() < end):
            rest = -1 if end is None else max(round((end - time.monotonic()) * 1000), 0)
            if self.__port.tick() or self.__asked():
                rest = TICK_MS if rest < 0 else min(rest, TICK_MS)
            ready = self.__look(rest)
            if not ready:
                # The host may see what is nothing to the script, again and again.
                time.sleep(0.001)
        return ready

    def ipoll(self, timeout: Any = -1, flags: int = 0, /) -> Iterator[tuple[Any, int]]:
        """The same, one by one; with the flag 1 what is found is not watched for anything any more."""
        ready = self.poll(timeout)
        for thing, _ in ready if flags & ONE_SHOT else ():
            self.modify(thing, 0)
        return iter(ready)

    def __source(self, thing: Any) -> Source:
        if isinstance(thing, int) and self.__port.does("poll_takes") == "objects":
            raise self.__port.OSError("stream operation not supported")
        return StreamSource(self.__port, thing) if hasattr(thing, "ioctl") else self.__port.source(thing)

    def __asked(self) -> bool:
        return any(isinstance(one.source, StreamSource) for one in self.__watched.values())

    def __look(self, wait: int) -> list[tuple[Any, int]]:
        host = select.poll()
        for one in self.__watched.values():
            if one.source.descriptor >= 0:
                host.register(one.source.descriptor, one.mask)
        with self.__port.raising():
            seen = dict(host.poll(wait))
        found = [
            (one.thing, one.source.events(one.mask, seen.get(one.source.descriptor, 0)))
            for one in self.__watched.values()
        ]
        return [(thing, events) for thing, events in found if events]


def selector(port: Port) -> Callable[..., tuple[list[Any], list[Any], list[Any]]]:
    """select.select, which answers the objects themselves."""

    def select_(
        readers: Sequence[Any], writers: Sequence[Any], broken: Sequence[Any], timeout: float | None = None, /
    ) -> tuple[list[Any], list[Any], list[Any]]:
        poll = Poll(port)
        masks: dict[int, int] = {}
        asked = ((readers, select.POLLIN), (writers, select.POLLOUT), (broken, select.POLLHUP))
        for things, mask in asked:
            for thing in things:
                masks[id(thing)] = masks.get(id(thing), 0) | mask
                poll.register(thing, masks[id(thing)])
        events = {id(thing): seen for thing, seen in poll.poll(-1 if timeout is None else int(timeout * 1000))}
        read, written, failed = ([one for one in some if events.get(id(one), 0) & mask] for some, mask in asked)
        return read, written, failed

    return select_

"""select: poll over the host's, and the select() that boards have."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from usock_lint.ports import Release
from usock_lint.shim._base import Port, Source

REGISTER_ANSWERS_NONE_SINCE: Release = (1, 21, 0)

TICK = 20
"""Milliseconds between two looks at sockets with callbacks."""


class Watched(NamedTuple):
    """An object, what is watched of it, and for which events."""

    thing: Any
    source: Source
    mask: int


class Poll:
    """select.poll: what it answers is the objects that were registered, not their descriptors."""

    def __init__(self, port: Port) -> None:
        self.__port = port
        self.__watched: dict[int, Watched] = {}

    def register(self, thing: Any, mask: int = select.POLLIN | select.POLLOUT, /) -> bool | None:
        """Watch a stream."""
        source = self.__port.source(thing)
        known = source.key in self.__watched
        self.__watched[source.key] = Watched(thing, source, mask)
        return None if self.__port.release >= REGISTER_ANSWERS_NONE_SINCE else not known

    def unregister(self, thing: Any, /) -> None:
        """Stop watching; nothing happens when it was not watched."""
        self.__watched.pop(self.__port.source(thing).key, None)

    def modify(self, thing: Any, mask: int, /) -> None:
        """Watch for something else; OSError(ENOENT) when it was not watched."""
        key = self.__port.source(thing).key
        if key not in self.__watched:
            raise self.__port.error("ENOENT")
        self.__watched[key] = self.__watched[key]._replace(mask=mask)

    def poll(self, timeout: int = -1, /) -> list[tuple[Any, int]]:
        """[(object, events), ...] within `timeout` ms, -1 for any time."""
        end = None if timeout < 0 else time.monotonic() + timeout / 1000
        ready = self.__look(0)
        while not ready and (end is None or time.monotonic() < end):
            rest = -1 if end is None else max(round((end - time.monotonic()) * 1000), 0)
            if self.__port.tick():
                rest = TICK if rest < 0 else min(rest, TICK)
            ready = self.__look(rest)
            if not ready:
                # The host may see what is nothing to the script, again and again.
                time.sleep(0.001)
        return ready

    def ipoll(self, timeout: int = -1, flags: int = 0, /) -> Iterator[tuple[Any, int]]:
        """The same, one by one."""
        return iter(self.poll(timeout))

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

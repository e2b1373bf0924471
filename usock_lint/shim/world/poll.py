"""select: poll() over the host's, and select(), which only boards have."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import integer, real
from usock_lint.shim.core.base import TICK_MS, Descriptor, Port, Source
from usock_lint.shim.core.sealed import Sealed, rename
from usock_lint.shim.core.streams import IOBase
from usock_lint.shim.world.tables import Table

REGISTER_RETURNS_NONE_SINCE: Release = (1, 21, 0)

ONE_SHOT = 1
"""The flag of ipoll() that resets the events of each object that it yields."""

STREAM_FILENO = 10
"""The request of a stream's ioctl() that asks for its descriptor: MP_STREAM_GET_FILENO, py/stream.h:46@v1.28.0."""

LARGEST_DESCRIPTOR = 1 << 16
"""More than the number of any descriptor, and less than any id()."""

SCRIPT_STREAM_MS = 1
"""The interval at which streams of a script's classes are asked for events: extmod/modselect.c:69@v1.28.0."""

STREAM_POLL = 3
"""The request of a stream's ioctl() that asks for its events: MP_STREAM_POLL, py/stream.h:39@v1.28.0."""


class Watched(NamedTuple):
    """A registered object, its source, and the events that it is registered for."""

    thing: Any
    source: Source
    mask: int


class StreamSource:
    """A stream of a script's class, which has no descriptor and has to be asked again and again."""

    descriptor = -1

    def __init__(self, port: Port, thing: Any) -> None:
        self.port = port
        self.thing = thing

    def events(self, mask: int, seen: int) -> int:
        """The events that its ioctl() returns; a negative result is an errno."""
        found = self.thing.ioctl(STREAM_POLL, mask)
        if found < 0:
            raise self.port.OSError(-found)
        return found


class Reused(tuple[Any, ...]):
    """The tuple that ipoll() yields each time, with other items in it."""

    pair: tuple[Any, int]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.pair)

    def __getitem__(self, index: Any) -> Any:
        return self.pair[index]

    def __len__(self) -> int:
        return 2

    def __eq__(self, other: object) -> bool:
        return self.pair == other

    def __hash__(self) -> int:
        return hash(self.pair)

    def __repr__(self) -> str:
        return repr(self.pair)


Reused.__name__ = Reused.__qualname__ = "tuple"


class Order(Table):
    """The keys of registered objects in the order in which these are looked at (extmod/modselect.c:229@v1.28.0).

    The hash of an object is its address, a multiple of 16 and so of the sizes of small tables, in which each object
    gets the first free slot. In a larger table the order is not known, and the objects are taken in the same way. The
    hash of a descriptor's number is the word that stands for it, as mp_obj_id() returns it.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0)

    def hash(self, key: int) -> int:
        return 2 * key + 1 if key < LARGEST_DESCRIPTOR else 0


class Poll(metaclass=Sealed):
    """select.poll, which returns the objects that were registered, not their descriptors."""

    __slots__ = ("__once", "__order", "__port", "__ready", "__reused", "__watched")

    def __init__(self, port: Port) -> None:
        self.__port = port
        self.__watched: dict[int, Watched] = {}
        self.__order = Order()
        self.__reused = Reused((None, None))
        self.__ready: list[tuple[Any, int]] = []
        self.__once = False

    def register(self, thing: Any, mask: object = select.POLLIN | select.POLLOUT, /) -> bool | None:
        """Watch a stream. Before REGISTER_RETURNS_NONE_SINCE it returns True if the stream was not watched."""
        events = integer(mask)
        if isinstance(thing, bool | type):
            raise self.__port.OSError("stream operation not supported")
        if isinstance(thing, int) and integer(thing) < 0 and self.__port.name == "unix":
            raise ValueError  # extmod/modselect.c:249@v1.28.0
        source = source_of(self.__port, thing)
        known = identity(thing) in self.__watched
        self.__watched[identity(thing)] = Watched(thing, source, events)
        if not known:
            self.__order.add(identity(thing))
        return None if self.__port.release >= REGISTER_RETURNS_NONE_SINCE else not known

    def unregister(self, thing: Any, /) -> None:
        """Stop watching a stream, if it was watched."""
        if self.__watched.pop(identity(thing), None):
            self.__order.remove(identity(thing))

    def modify(self, thing: Any, mask: object, /) -> None:
        """Watch a stream for other events; OSError(ENOENT) if it was not watched."""
        if identity(thing) not in self.__watched:
            raise self.__port.error("ENOENT")
        self.__watched[identity(thing)] = self.__watched[identity(thing)]._replace(mask=integer(mask))

    def poll(self, timeout: object = None, /) -> list[tuple[Any, int]]:
        """[(object, events), ...] as soon as there are any; [] after `timeout` ms, None or negative: wait for ever."""
        limit = -1 if timeout is None else integer(timeout)
        end = None if limit < 0 else time.monotonic() + limit / 1000
        asks = self.__has_script_streams()
        self.__port.work()
        # The first look is a short one: a source may have events pending that the host does not know of. On unix it
        # waits for the host, as later ones do, before it asks streams (extmod/modselect.c:353@v1.28.0).
        rest = SCRIPT_STREAM_MS if asks and limit else 0
        while True:
            ready = self.__look(rest)
            if ready or (end is not None and time.monotonic() >= end):
                return ready
            if rest:
                time.sleep(0.001)  # the host may be ready again and again for events that a source does not report
            rest = -1 if end is None else max(round((end - time.monotonic()) * 1000), 0)
            # While callbacks of sockets are set, `tick` has to run them in between.
            longest = SCRIPT_STREAM_MS if asks else TICK_MS if self.__port.tick() else rest
            rest = longest if rest < 0 else min(rest, longest)

    def ipoll(self, timeout: object = None, flags: object = 0, /) -> Poll:
        """An iterator of what `poll` returns. With the flag 1 the events of each yielded object are reset to 0."""
        self.__once = bool(integer(flags) & ONE_SHOT)
        self.__ready = self.poll(timeout)
        return self

    def __iter__(self) -> Poll:
        return self

    def __next__(self) -> Any:
        if not self.__ready:
            raise StopIteration
        self.__reused.pair = self.__ready.pop(0)
        if self.__once:
            self.modify(self.__reused.pair[0], 0)
        return self.__reused

    def __has_script_streams(self) -> bool:
        return any(isinstance(one.source, StreamSource) for one in self.__watched.values())

    def __look(self, wait: int) -> list[tuple[Any, int]]:
        """Ask the host once, waiting at most `wait` ms (-1: for ever): the objects with events, and these."""
        host, masks = select.poll(), dict[int, int]()
        for one in self.__watched.values():
            number = one.source.descriptor
            if number >= 0:
                masks[number] = masks.get(number, 0) | host_events(one) & 0xFFFF  # C's poll() takes a short
                host.register(number, masks[number])
        with self.__port.raising():
            seen = dict(host.poll(wait))
            found = [
                (
                    one.thing,
                    one.source.events(one.mask, seen.get(one.source.descriptor, 0) & (host_events(one) | UNASKED)),
                )
                for one in map(self.__watched.__getitem__, self.__order.order())
            ]
        return [(thing, events) for thing, events in found if events]


rename(Poll, "poll")


UNASKED = select.POLLERR | select.POLLHUP | select.POLLNVAL
"""Events that the host reports without being asked for them."""


def source_of(port: Port, thing: Any) -> Source:
    """The source of an object, which may be a stream of a script's class; OSError if it is not a stream."""
    if not hasattr(thing, "ioctl"):
        return port.source(thing)
    # On unix a stream may have a descriptor: extmod/modselect.c:257@v1.28.0.
    may_have = port.name == "unix" and IOBase in cast("Any", type(thing)).__mro__
    number = thing.ioctl(STREAM_FILENO, 0) if may_have else -1
    return Descriptor(number) if isinstance(number, int) and number >= 0 else StreamSource(port, thing)


def host_events(one: Watched) -> int:
    """The events that the host is asked for. A source with a method `watch`, as that of TLS, may need others."""
    watch: Callable[[int], int] | None = getattr(one.source, "watch", None)
    return watch(one.mask) if watch else one.mask


def identity(thing: Any) -> int:
    """The key of a registered object: its id, or the number if it is one."""
    return thing if isinstance(thing, int) else id(thing)


def selector(port: Port) -> Callable[..., tuple[list[Any], list[Any], list[Any]]]:
    """The function select.select."""

    def select_(
        readers: Sequence[Any], writers: Sequence[Any], broken: Sequence[Any], timeout: object = None, /
    ) -> tuple[list[Any], list[Any], list[Any]]:
        limit = -1 if timeout is None else int(real(timeout) * 1000)
        poll = Poll(port)
        masks: dict[int, int] = {}
        lists = ((readers, select.POLLIN), (writers, select.POLLOUT), (broken, select.POLLHUP))
        for things, mask in lists:
            for thing in things:
                masks[id(thing)] = masks.get(id(thing), 0) | mask
                poll.register(thing, masks[id(thing)])
        events = {id(thing): seen for thing, seen in poll.poll(limit)}
        # An object that is twice in a list is once in the result (extmod/modselect.c:455@v1.28.0).
        read, written = (
            [one for one in {id(one): one for one in some}.values() if events.get(id(one), 0) & mask]
            for some, mask in lists[:2]
        )
        # The third list has the objects of all three with any other event (extmod/modselect.c:329 and :470@v1.28.0).
        watched = {id(one): one for some, _ in lists for one in some}
        failed = [one for key, one in watched.items() if events.get(key, 0) & ~(select.POLLIN | select.POLLOUT)]
        return read, written, failed

    return select_

"""select.poll over the host's."""

from __future__ import annotations

import select
from collections.abc import Iterator
from typing import Any

from usock_lint.ports import Release
from usock_lint.shim._base import Port
from usock_lint.shim._errors import raising

REGISTER_ANSWERS_NONE_SINCE: Release = (1, 21, 0)


class Poll:
    """select.poll: what it answers is the objects that were registered, not their descriptors."""

    def __init__(self, port: Port) -> None:
        self.__port = port
        self.__objects: dict[int, Any] = {}
        self.__host = select.poll()

    def register(self, thing: Any, mask: int = select.POLLIN | select.POLLOUT, /) -> bool | None:
        """Watch a descriptor or an object that has one."""
        number = self.__number(thing)
        known = number in self.__objects
        self.__objects[number] = thing
        self.__host.register(number, mask)
        return None if self.__port.release >= REGISTER_ANSWERS_NONE_SINCE else not known

    def unregister(self, thing: Any, /) -> None:
        """Stop watching; nothing happens when it was not watched."""
        number = self.__number(thing)
        if self.__objects.pop(number, None) is not None:
            self.__host.unregister(number)

    def modify(self, thing: Any, mask: int, /) -> None:
        """Watch for something else; OSError(ENOENT) when it was not watched."""
        with raising(self.__port.OSError):
            self.__host.modify(self.__number(thing), mask)

    def poll(self, timeout: int = -1, /) -> list[tuple[Any, int]]:
        """[(object, events), ...] within `timeout` ms, -1 for any time."""
        with raising(self.__port.OSError):
            return [(self.__objects[number], events) for number, events in self.__host.poll(timeout)]

    def ipoll(self, timeout: int = -1, flags: int = 0, /) -> Iterator[tuple[Any, int]]:
        """The same, one by one."""
        return iter(self.poll(timeout))

    def __number(self, thing: Any) -> int:
        if isinstance(thing, int):
            return thing
        if not hasattr(thing, "fileno"):
            raise self.__port.OSError("stream operation not supported")
        return thing.fileno()

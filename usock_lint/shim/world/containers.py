"""collections, array and bytearray as MicroPython has them: deques with an end, ints cut to the size of an item."""

from __future__ import annotations

import array as host_array
import collections as host
from collections.abc import Iterator
from typing import Any, cast

from usock_lint.shim.core.arguments import integer
from usock_lint.shim.core.sealed import Module


class deque:  # noqa: N801 (as on the device)
    """A queue that loses at one end what is added at the other (py/objdeque.c@v1.28.0). With the flag 1 it is full."""

    __slots__ = ("__checks", "__items", "__most")
    __hash__ = object.__hash__

    def __init__(self, iterable: Any, maxlen: Any, flags: Any = 0, /) -> None:
        self.__most = integer(maxlen)
        if self.__most < 0:
            raise ValueError
        self.__checks = bool(integer(flags) & 1)
        self.__items: list[Any] = []
        self.extend(iterable)

    def __room(self) -> bool:
        if len(self.__items) < self.__most:
            return True
        if self.__checks:
            raise IndexError("full")
        return False

    def append(self, item: Any, /) -> None:
        """Add at the end."""
        room = self.__room()
        self.__items.append(item)
        if not room:
            del self.__items[0]

    def appendleft(self, item: Any, /) -> None:
        """Add at the front."""
        room = self.__room()
        self.__items.insert(0, item)
        if not room:
            del self.__items[-1]

    def extend(self, iterable: Any, /) -> None:
        """Add each at the end."""
        for item in iterable:
            self.append(item)

    def popleft(self) -> Any:
        """Take the first."""
        return self.__take(0)

    def pop(self) -> Any:
        """Take the last."""
        return self.__take(-1)

    def __take(self, place: int) -> Any:
        if not self.__items:
            raise IndexError("empty")
        return self.__items.pop(place)

    def __len__(self) -> int:
        return len(self.__items)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, int):
            raise TypeError(f"'deque' indices must be integers, not {type(index).__name__}")
        return self.__items[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.__items[index] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__items)

    def __repr__(self) -> str:
        return "<deque>"


MASKS = {"b": 8, "B": 8, "h": 16, "H": 16, "i": 32, "I": 32, "l": 64, "L": 64, "q": 64, "Q": 64}
"""The bits of an item by the letter of its type."""


def cut(code: str, value: Any) -> Any:
    """A value as an item of this type holds it: too large an int loses its upper bits. Raises TypeError."""
    if code not in MASKS:
        return value
    if not isinstance(value, int):
        raise TypeError(f"can't convert {type(value).__name__} to int")
    size = 1 << MASKS[code]
    rest = value % size
    return rest - size if code.islower() and rest >= size // 2 else rest


class Bytes(type(bytearray)):  # type: ignore[misc]
    """The type of bytearray: those that CPython's own methods return are of it as well."""

    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, bytearray_host)


bytearray_host = bytearray


class ByteArray(bytearray, metaclass=Bytes):
    """bytearray: ints are cut to bytes (py/objarray.c@v1.28.0)."""

    __slots__ = ()

    def append(self, item: Any, /) -> None:
        """Add a byte."""
        super().append(cut("B", item))

    def extend(self, items: Any, /) -> None:
        """Add bytes."""
        super().extend(items.encode() if isinstance(items, str) else items)

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, slice):
            super().__setitem__(key, cut("B", value))
        elif isinstance(value, bytes | bytearray_host | memoryview | host_type):
            super().__setitem__(cast("Any", key), bytes(value))
        else:
            raise NotImplementedError("array/bytes required on right side")

    def __delitem__(self, key: Any) -> None:
        if not isinstance(key, slice):
            raise TypeError("'bytearray' object doesn't support item deletion")
        super().__delitem__(cast("Any", key))

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return ByteArray(bytearray_host.__getitem__(self, cast("slice[Any, Any, Any]", key)))
        found: int = bytearray_host.__getitem__(self, cast("int", key))
        return found

    def __add__(self, other: Any) -> Any:
        return ByteArray(super().__add__(other))

    def __iadd__(self, other: Any) -> Any:
        self.extend(other)
        return self

    def __imul__(self, count: Any) -> Any:
        raise TypeError("unsupported types for __imul__: 'bytearray', 'int'")

    __hash__ = None  # type: ignore[assignment]


host_type: Any = host_array.array


class Array(host_type):
    """array.array: ints are cut to the size of an item."""

    __slots__ = ()

    def __new__(cls, typecode: Any, items: Any = ()) -> Any:
        """As array()."""
        if isinstance(items, bytes | bytearray_host | memoryview | str) or typecode not in MASKS:
            return host_type.__new__(cls, typecode, items)
        return host_type.__new__(cls, typecode, [cut(typecode, item) for item in items])

    def append(self, item: Any, /) -> None:
        """Add an item."""
        host_type.append(self, cut(cast("Any", self).typecode, item))

    def __setitem__(self, key: Any, value: Any) -> None:
        item = value if isinstance(key, slice) else cut(cast("Any", self).typecode, value)
        host_type.__setitem__(self, key, item)


for _kind, _name in ((ByteArray, "bytearray"), (Array, "array")):
    _kind.__name__ = _kind.__qualname__ = _name


def array(_: object) -> Module:
    """The module."""
    return Module({"__name__": "array", "array": Array})


def namedtuple(name: Any, fields: Any) -> Any:
    """A type of tuples whose items have names."""
    if not isinstance(fields, str | tuple | list):
        raise TypeError(f"object '{type(fields).__name__}' isn't a tuple or list")
    given = cast("Any", fields)
    names = given.split() if isinstance(fields, str) else given
    make: Any = vars(host)["namedtuple"]
    made = make(name, names)
    for extra in ("_asdict", "_field_defaults", "_fields", "_make", "_replace"):
        delattr(made, extra)
    return made


def collections(_: object) -> Module:
    """OrderedDict, deque and namedtuple."""
    names = {"OrderedDict": host.OrderedDict, "deque": deque, "namedtuple": namedtuple}
    return Module({"__name__": "collections", **names})

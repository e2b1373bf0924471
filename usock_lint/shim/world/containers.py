"""collections, array, bytearray, slice and memoryview as MicroPython has them."""

from __future__ import annotations

import array as host_array
import gc
from collections.abc import Callable, Iterator
from functools import partial
from operator import eq, ge, gt, le, lt
from typing import Any, cast

from usock_lint.shim.core.arguments import WORD, buffer, integer, long_integer, size, text
from usock_lint.shim.core.sealed import Module, Sealed


class deque(metaclass=Sealed):  # noqa: N801 (as on the device)
    """collections.deque (py/objdeque.c@v1.28.0). Adding to a full one drops an item at the other end.

    With the flag 1 it is an IndexError.
    """

    __slots__ = ("__checks", "__items", "__most")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, iterable: Any, maxlen: Any, flags: Any = 0, /) -> None:
        self.__most = integer(maxlen)
        if self.__most < 0:
            raise ValueError
        self.__checks = bool(integer(flags) & 1)
        self.__items: list[Any] = []
        self.extend(iterable)

    def __room(self) -> bool:
        """True if there is room for an item. IndexError if there is none, and the flag is set."""
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
            raise TypeError(f"deque indices must be integers, not {type(index).__name__}")
        if not -len(self.__items) <= index < len(self.__items):
            raise IndexError("deque index out of range")
        return self.__items[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self[index]  # raises the errors of a wrong index
        self.__items[index] = value

    def __delitem__(self, index: Any) -> None:
        raise TypeError("'deque' object doesn't support item deletion")

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__items)

    def __repr__(self) -> str:
        return "<deque>"


BITS = {"b": 8, "B": 8, "h": 16, "H": 16, "i": 32, "I": 32, "l": 64, "L": 64, "q": 64, "Q": 64}
"""The size of an item in bits, by its type code."""


def cut(code: str, value: Any) -> Any:
    """A value as an item of this type: too large an int loses its upper bits. Raises TypeError."""
    if code not in BITS:
        return value
    value = long_integer(value)
    size = 1 << BITS[code]
    rest = value % size
    return rest - size if code.islower() and rest >= size // 2 else rest


def compared(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> bool:
    """A comparison of two buffers; False if `right` is not one (py/objarray.c:273@v1.28.0).

    NotImplementedError if the types of the items differ, or do not compare as bytes do.
    """
    if not isinstance(right, str | bytes | HOST_BYTEARRAY | memoryview | HOST_ARRAY):
        return False
    codes = [getattr(one, "typecode", "B") for one in (left, right)]
    one, other = (code.lower() for code in codes)
    if one != other or one in "fd" or (operation is not eq and codes[0].islower() and codes[1].islower()):
        raise NotImplementedError
    found: bool = operation(bytes(left), right.encode() if isinstance(right, str) else bytes(right))
    return found


class Compared:
    """The comparisons of bytearray and array."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other or compared(eq, self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: object) -> bool:
        return compared(lt, self, other)

    def __gt__(self, other: object) -> bool:
        return compared(gt, self, other)

    def __le__(self, other: object) -> bool:
        return compared(le, self, other)

    def __ge__(self, other: object) -> bool:
        return compared(ge, self, other)

    __hash__ = None  # type: ignore[assignment]


class Bytes(type(bytearray)):  # type: ignore[misc]
    """The metaclass of ByteArray: isinstance() is true for all bytearrays, also those that CPython's methods make."""

    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, HOST_BYTEARRAY)


HOST_BYTEARRAY = bytearray


class ByteArray(Compared, bytearray, metaclass=Bytes):
    """bytearray: ints are cut to bytes (py/objarray.c@v1.28.0)."""

    __slots__ = ()

    def __init__(self, items: Any = b"", *further: object) -> None:
        # Arguments behind a str, such as its encoding, are ignored (py/objarray.c:190@v1.28.0).
        if isinstance(items, str) and not further:
            raise TypeError("string argument without an encoding")
        if isinstance(items, str):
            super().__init__(items.encode())
        elif isinstance(items, bool):
            raise TypeError("'bool' object isn't iterable")
        elif isinstance(items, int):
            if not -WORD <= items < WORD:
                raise OverflowError("overflow converting long int to machine word")
            super().__init__(size(items))
        elif isinstance(items, bytes | HOST_BYTEARRAY | memoryview | HOST_ARRAY):
            super().__init__(items)
        elif isinstance(type(items), Sealed) and hasattr(items, "__bytes__"):
            super().__init__(bytes(items))  # a structure of uctypes
        else:
            super().__init__([cut("B", item) for item in items])

    def append(self, item: Any, /) -> None:
        """Add a byte."""
        self._resize(super().append, cut("B", item))

    def extend(self, items: Any, /) -> None:
        """Add the bytes of a buffer, or ints."""
        is_buffer = isinstance(items, str | bytes | HOST_BYTEARRAY | memoryview | HOST_ARRAY)
        self._resize(super().extend, bytes(buffer(items)) if is_buffer else [cut("B", item) for item in items])

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, slice):
            super().__setitem__(key, cut("B", value))
        elif isinstance(value, bytes | HOST_BYTEARRAY | memoryview | HOST_ARRAY):
            self._resize(super().__setitem__, cast("Any", key), bytes(value))
        else:
            raise NotImplementedError("array/bytes required on right side")

    def __delitem__(self, key: Any) -> None:
        if not isinstance(key, slice):
            raise TypeError("'bytearray' object doesn't support item deletion")
        self._resize(super().__delitem__, cast("Any", key))

    def _resize(self, change: Callable[..., object], *arguments: Any) -> None:
        """Make a change that may be one of the length, which CPython refuses while there are memoryviews.

        They are released: on MicroPython an old one shows memory that may be used again (py/objarray.c@v1.28.0).
        """
        try:
            change(*arguments)
        except BufferError:
            for view in _views(self):
                view.release()
            change(*arguments)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return ByteArray(HOST_BYTEARRAY.__getitem__(self, cast("slice[Any, Any, Any]", key)))
        found: int = HOST_BYTEARRAY.__getitem__(self, cast("int", key))
        return found

    def __add__(self, other: Any) -> Any:
        return ByteArray(super().__add__(buffer(other)))

    def __iadd__(self, other: Any) -> Any:
        self.extend(other)
        return self

    def __mul__(self, count: Any) -> Any:
        raise TypeError(f"unsupported types for __mul__: 'bytearray', '{type(count).__name__}'")

    __rmul__ = __imul__ = __mul__


def _views(data: bytearray) -> list[memoryview]:
    """The memoryviews of a bytearray, and of parts of it, which share an object of CPython's between them and it."""
    shared = [one for one in gc.get_referrers(data) if type(one).__name__ == "managedbuffer"]
    return [one for one in gc.get_referrers(*shared) if isinstance(one, memoryview)]


HOST_ARRAY: Any = host_array.array


class Array(Compared, HOST_ARRAY):
    """array.array: ints are cut to the size of an item."""

    __slots__ = ()

    def __new__(cls, typecode: Any, items: Any = ()) -> Any:
        """array(typecode, items)."""
        code = text(typecode)[:1]
        if code in OF_OBJECTS:
            return Objects(code, items)
        if code not in (*BITS, "f", "d"):
            raise ValueError("bad typecode")
        if isinstance(items, int):
            raise TypeError("'int' object isn't iterable")
        if isinstance(items, bytes | HOST_BYTEARRAY | memoryview):
            data = bytes(cast("Any", items))
            return HOST_ARRAY.__new__(cls, code, data[: len(data) // SIZES[code] * SIZES[code]])
        return HOST_ARRAY.__new__(cls, code, [cut(code, item) for item in items])

    def append(self, item: Any, /) -> None:
        """Add an item."""
        HOST_ARRAY.append(self, cut(cast("Any", self).typecode, item))

    def extend(self, items: Any, /) -> None:
        """Add the bytes of a buffer as items, or the items of something else (py/objarray.c:446@v1.28.0)."""
        code = cast("Any", self).typecode
        if isinstance(items, str | bytes | HOST_BYTEARRAY | memoryview | HOST_ARRAY):
            data = bytes(buffer(items))
            cast("Any", self).frombytes(data[: len(data) // SIZES[code] * SIZES[code]])
        else:
            HOST_ARRAY.extend(self, Array(code, items))

    def __setitem__(self, key: Any, value: Any) -> None:
        code = cast("Any", self).typecode
        if not isinstance(key, slice):
            HOST_ARRAY.__setitem__(self, key, cut(code, value))
        elif isinstance(value, HOST_ARRAY):
            HOST_ARRAY.__setitem__(self, key, value)
        elif isinstance(value, bytes | HOST_BYTEARRAY | memoryview):
            HOST_ARRAY.__setitem__(self, key, Array(code, value))
        else:
            raise NotImplementedError("array/bytes required on right side")

    def __eq__(self, other: object) -> bool:
        # Bytes ask for no other types in a comparison, and neither do arrays (py/objarray.c:649@v1.28.0).
        return not isinstance(other, str | bytes) and super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __delitem__(self, key: Any) -> None:
        raise TypeError("'array' object doesn't support item deletion")

    def __add__(self, other: Any) -> Any:
        made = Array(cast("Any", self).typecode, self)
        made.extend(bytes(buffer(other)))
        return made

    def __iadd__(self, other: Any) -> Any:
        self.extend(other)
        return self

    def __mul__(self, count: Any) -> Any:
        raise TypeError(f"unsupported types for __mul__: 'array', '{type(count).__name__}'")

    __rmul__ = __imul__ = __mul__


SIZES = {"b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "l": 8, "L": 8, "q": 8, "Q": 8, "f": 4, "d": 8}
"""The size of an item in bytes, by its type code."""

OF_OBJECTS = ("O", "P", "S")
"""The type codes of items that are objects or addresses."""


class Objects(list[Any]):
    """An array of objects."""

    __slots__ = ("__code",)

    def __init__(self, code: str, items: Any) -> None:
        super().__init__(items)
        self.__code = code

    def __repr__(self) -> str:
        return f"array('{self.__code}', {list(self)!r})" if self else f"array('{self.__code}')"


for _kind, _name in ((ByteArray, "bytearray"), (Array, "array"), (Objects, "array"), (Bytes, "type")):
    _kind.__name__ = _kind.__qualname__ = _name


def array(_: object) -> Module:
    """The module."""
    return Module({"__name__": "array", "array": Array})


HOST_TUPLE: Any = tuple


class Field:
    """A descriptor for an item of a named tuple. Its class has no such attribute; at place -1 it alone has it."""

    def __init__(self, place: int, name: str) -> None:
        self.place = place
        self.name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        if instance is None and self.place < 0:
            return getattr(HOST_TUPLE, self.name)
        if instance is None or self.place < 0:
            what = f"type object '{owner.__name__}'" if instance is None else f"'{owner.__name__}' object"
            raise AttributeError(f"{what} has no attribute '{self.name}'")
        found: Any = instance[self.place]
        return found

    def __set__(self, instance: Any, _: object) -> None:
        refuse_attribute(instance)


def refuse_attribute(instance: Any, name: str = "", *value: Any) -> None:
    """`__setattr__` and, without a value, `__delattr__` of a named tuple (py/objnamedtuple.c:107@v1.28.0).

    AttributeError, unless the object is of a script's class derived from it. Without a name it is an item's attribute.
    """
    if not name or not hasattr(instance, "__dict__"):  # only objects of a script's class have one
        raise AttributeError("can't set attribute")
    (object.__setattr__ if value else object.__delattr__)(instance, name, *value)


def namedtuple(printer: Any, name: Any, fields: Any) -> Any:
    """A type of tuples whose items have these names, which need not be identifiers (py/objnamedtuple.c@v1.28.0)."""
    if not isinstance(name, str):
        raise TypeError(f"can't convert '{type(name).__name__}' object to str implicitly")
    if not isinstance(fields, str | tuple | list):
        raise TypeError(f"object '{type(fields).__name__}' isn't a tuple or list")
    given = cast("Any", fields)
    names: list[str] = [text(one) for one in (given.split() if isinstance(fields, str) else given)]
    title, size = name, len(names)

    def make(cls: Any, *values: Any, **named: Any) -> Any:
        count = len(values) + len(named)
        if count != size:
            raise TypeError(f"{title}() takes {size} positional arguments but {count} were given")
        items = [*values, *[None] * len(named)]
        for one, value in named.items():
            if one not in names:
                raise TypeError(f"unexpected keyword argument '{one}'")
            if names.index(one) < len(values):
                raise TypeError(f"function got multiple values for argument '{one}'")
            items[names.index(one)] = value
        return HOST_TUPLE.__new__(cls, items)

    def show(self: Any) -> str:
        pairs = zip(names, self, strict=True)
        return f"{title}({', '.join(f'{one}={printer.repr(value)}' for one, value in pairs)})"

    lacking = {one: Field(-1, one) for one in ("count", "index")}
    # Reversed, so that of several items with one name the attribute is the first.
    held = {one: Field(place, one) for place, one in reversed([*enumerate(names)])}
    own = {
        "__slots__": (),
        "__new__": make,
        "__repr__": show,
        "__setattr__": refuse_attribute,
        "__delattr__": refuse_attribute,
    }
    return type(title, (tuple,), {**own, **lacking, **held})


class Slices(type):
    """The metaclass of Slice: isinstance() is true for CPython's slices, and calling it is a TypeError."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, HOST_SLICE)

    def __call__(cls, *_: object, **__: object) -> Any:
        raise TypeError("can't create 'slice' instances")


HOST_SLICE: Any = slice


class Views(type):
    """The metaclass of MemoryView: isinstance() is true for CPython's memoryviews; calling it takes a str, too."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, memoryview)

    def __call__(cls, thing: Any) -> Any:
        return memoryview(thing.encode() if isinstance(thing, str) else thing)


class MemoryView(metaclass=Views):
    """The builtin memoryview."""


MemoryView.__name__ = MemoryView.__qualname__ = "memoryview"
Views.__name__ = Views.__qualname__ = Slices.__name__ = Slices.__qualname__ = "type"


class Slice(metaclass=Slices):
    """The builtin slice."""


Slice.__name__ = Slice.__qualname__ = "slice"


class OrderedDict(dict[Any, Any]):
    """collections.OrderedDict."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        same = isinstance(other, OrderedDict) and list(self.items()) == list(other.items())
        return self is other or same

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]

    def copy(self) -> Any:
        """A copy."""
        return type(self)(self)

    @classmethod
    def fromkeys(cls, *arguments: Any) -> Any:
        """A plain dict with these keys."""
        return dict.fromkeys(*arguments)

    def __or__(self, other: Any) -> Any:
        made = self.copy()
        made.update(other)
        return made


OrderedDict.__module__ = "builtins"


def collections(world: Any) -> Module:
    """OrderedDict, deque and namedtuple."""
    names = {"OrderedDict": OrderedDict, "deque": deque, "namedtuple": partial(namedtuple, world.printer)}
    return Module({"__name__": "collections", **names})

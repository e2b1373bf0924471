"""dict and set in MicroPython's order, that of their hash tables (py/map.c@v1.28.0).

A table grows when it is full, and the order of its keys is that of their slots. It depends on the hashes of the keys,
on the size that the table began with, and on what was in it before. The hash of most objects is their address, which
is not known here: a dict or set with such a key has no table, and keeps the order in which the keys came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from types import FunctionType
from typing import Any, Final, NamedTuple, NoReturn, cast

from usock_lint.ports import Cell, Release
from usock_lint.shim.core.sealed import is_of_shim

SIZES: Final = (
    *(0, 1, 2, 4, 6, 8, 10, 12, 17, 23, 29, 37, 47, 59, 73, 97, 127, 167, 223, 293, 389, 521, 691, 919, 1223, 1627),
    *(2161, 3229, 4831, 7243, 10861, 16273, 24407, 36607, 54907),
)
"""The sizes that a table grows to."""

EMPTY: Final = object()
GONE: Final = object()
"""What is in a slot that never had a key, and in one whose key was removed."""

NONE_HASH: Final = 6
"""The hash of None (py/obj.h:316@v1.26.0)."""

WORD: Final = 1 << 64
"""The end of the hashes, which are ints of a 64-bit computer on every port, as all ints are here."""

WIDTHS: Final = (1, 2)
"""The sizes in bytes of the hashes of texts."""

ONE_BYTE: Final = frozenset({"alif", "rp2"})
"""Ports whose hashes of texts have one byte and not two (ports/rp2/mpconfigport.h:104@1c3c201149)."""

HOST_DICT: Any = dict
HOST_SET: Any = set
HOST_FROZENSET: Any = frozenset


def width(cell: Cell) -> int:
    """The size in bytes of the hash of a text on a port."""
    return 1 if cell.port in ONE_BYTE else 2


def mask(cell: Cell) -> int:
    """The bit mask of the hash of a text on a port."""
    return (1 << 8 * width(cell)) - 1


def builtin_hash(thing: Any, /, *, mask: int) -> int:
    """The builtin hash."""
    found = hash(thing)
    number = hashed(thing, mask)
    return found if number is None else number


def room(size: int) -> int:
    """The smallest size of a table that has so many slots."""
    return next((one for one in SIZES if one >= size), (size + size // 2) | 1)


@lru_cache(10_000)
def text_hash(data: bytes, mask: int) -> int:
    """The hash of a str or of bytes, never 0 (py/qstr.c:101@v1.28.0)."""
    found = 5381
    for byte in data:
        found = (found * 33 ^ byte) & 0xFFFFFFFF
    return found & mask or 1


def hashed(key: Any, mask: int) -> int | None:
    """The hash of a key; None if it depends on an address."""
    kind = cast("Any", type(key))
    if kind is str or kind is bytes:
        return text_hash(key.encode("utf-8", "surrogatepass") if kind is str else key, mask)
    if isinstance(key, int):
        return signed(int(key))
    if kind is float:
        return signed(int(key)) if abs(key) < WORD // 2 else 0
    if key is None:
        return NONE_HASH
    own = getattr(kind, "__hash__", None)
    is_scripted = isinstance(own, FunctionType) and not is_of_shim(own)
    return signed(hash(key)) if is_scripted else None


def signed(number: int) -> int:
    """An int cut to the 63 bits of a small one."""
    return (number + WORD // 4) % (WORD // 2) - WORD // 4


class Table:
    """The slots of a hash table."""

    __slots__ = ("mask", "slots", "used")

    def __init__(self, mask: int, size: int = 0) -> None:
        self.mask = mask
        self.slots: list[Any] = [EMPTY] * size
        self.used = 0

    def copy(self) -> Table:
        """A copy with the same slots."""
        made = Table(self.mask)
        made.slots, made.used = self.slots[:], self.used
        return made

    def order(self) -> list[Any]:
        """The keys in the order of their slots."""
        return [key for key in self.slots if key is not EMPTY and key is not GONE]

    def hash(self, key: Any) -> int | None:
        """The hash of a key; None if it depends on an address."""
        return hashed(key, self.mask)

    def add(self, key: Any) -> bool:
        """Put a new key into its slot; False if its hash is not known."""
        number = self.hash(key)
        if number is None:
            return False
        place = self.free(number)
        while place is None:
            self.grow()
            place = self.free(number)
        self.slots[place] = key
        self.used += 1
        return True

    def free(self, number: int) -> int | None:
        """The slot for a new key with this hash; None if the table is full."""
        gone = None
        for place in self.places(number):
            if self.slots[place] is EMPTY:
                return place if gone is None else gone
            if self.slots[place] is GONE and gone is None:
                gone = place
        return gone

    def places(self, number: int) -> Iterator[int]:
        """The indices of the slots in the order in which a key with this hash is looked for."""
        size = len(self.slots)
        begin = number % WORD % size if size else 0
        return (place % size for place in range(begin, begin + size))

    def grow(self) -> None:
        """Move the keys to a larger table, in their order."""
        keys = self.order()
        self.slots, self.used = [EMPTY] * room(len(self.slots) + 1), 0
        for key in keys:
            self.add(key)

    def remove(self, key: Any) -> None:
        """Remove a key that is in the table."""
        number = self.hash(key) or 0
        for place in self.places(number):
            found = self.slots[place]
            if found is not EMPTY and found is not GONE and found == key:
                self.take(place)
                return

    def take(self, place: int) -> None:
        """Remove the key of a slot."""
        following = self.slots[(place + 1) % len(self.slots)]
        self.slots[place] = EMPTY if following is EMPTY else GONE
        self.used -= 1


class Instances(type):
    """The metaclass of dict, set and frozenset: isinstance() and issubclass() are true for CPython's, too."""

    host: Any
    """CPython's type."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.host) if "host" in vars(cls) else type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, subclass: Any) -> bool:
        return issubclass(subclass, cls.host) if "host" in vars(cls) else type.__subclasscheck__(cls, subclass)


Instances.__name__ = Instances.__qualname__ = "type"


class TableIterator:
    """An iterator over a dict or a set. Changing that meanwhile is no error (py/objdict.c:57@v1.28.0)."""

    __slots__ = ("__next",)

    def __init__(self, steps: Iterator[Any]) -> None:
        self.__next = steps.__next__

    def __iter__(self) -> TableIterator:
        return self

    def __next__(self) -> Any:
        return self.__next()

    def __dir__(self) -> list[str]:
        return ["__class__", "__next__"]


class DictView:
    """The result of keys(), values() and items() of a dict (py/objdict.c:444@v1.28.0).

    `kind` is the name of the method, `step` makes an item of a key.
    """

    __slots__ = ("is_sized", "kind", "owner", "step")

    def __init__(self, owner: Any, kind: str, step: Callable[[Any], Any], *, is_sized: bool) -> None:
        self.owner = owner
        self.kind = kind
        self.step = step
        self.is_sized = is_sized

    def __iter__(self) -> TableIterator:
        return self.owner.walk(self.step)

    def __len__(self) -> int:
        if not self.is_sized:
            raise TypeError("object of type 'dict_view' has no len()")
        return len(self.owner)

    def __bool__(self) -> bool:
        return not self.is_sized or bool(self.owner)

    def __hash__(self) -> int:
        if self.kind != "values":
            raise TypeError("unsupported type for __hash__: 'dict_view'")
        return object.__hash__(self)

    def __repr__(self) -> str:
        return f"dict_{self.kind}({[*self]})"

    def __dir__(self) -> list[str]:
        return ["__class__"]


for _kind, _name in ((TableIterator, "iterator"), (DictView, "dict_view")):
    _kind.__name__ = _kind.__qualname__ = _name
    _kind.__module__ = "builtins"


SIZED_SINCE: Release = (1, 27, 0)
"""The release since which a view has a length (py/objdict.c:525@v1.28.0)."""


class Kinds(NamedTuple):
    """dict, set and frozenset for one width of hashes."""

    dict: Any
    set: Any
    frozenset: Any


def kinds_of(cell: Cell) -> Kinds:
    """The types of a port at a release."""
    return kinds(width(cell), are_views_sized=cell.release >= SIZED_SINCE)


def unchangeable(*_: object, **__: object) -> NoReturn:
    """A method that changes a dict, of one that cannot be changed (py/objdict.c:51@v1.28.0)."""
    raise TypeError


CHANGING = ("__setitem__", "__delitem__", "clear", "pop", "popitem", "setdefault", "update")
"""The methods that change a dict."""


@lru_cache
def fixed(cell: Cell) -> Any:
    """The type of dicts that cannot be changed, such as that of an object's attributes."""
    kind = type("dict", (kinds_of(cell).dict,), {"__slots__": (), **dict.fromkeys(CHANGING, unchangeable)})
    kind.__module__ = "builtins"
    return kind


def all_kinds() -> Iterator[Kinds]:
    """The types of all ports and releases."""
    return (kinds(width, are_views_sized=sized) for width in WIDTHS for sized in (False, True))


@lru_cache
def kinds(width: int, *, are_views_sized: bool) -> Kinds:
    """The types of a port whose hashes have so many bytes, at a release whose views have a length or not."""
    mask = (1 << 8 * width) - 1
    mutable = set_type(mask, HOST_SET)
    made = Kinds(dict_type(mask, are_views_sized), mutable, set_type(mask, HOST_FROZENSET, mutable))
    for name, kind in zip(Kinds._fields, made, strict=True):
        kind.__name__ = kind.__qualname__ = name
        kind.__module__ = "builtins"
    return made


def hashes_nothing(thing: Any) -> bool:
    """True for a dict that has str as keys alone, so that it has no key of another type, without asking for its hash.

    See py/map.c:174@v1.28.0.
    """
    return isinstance(thing, HOST_DICT) and all(type(key) is str for key in HOST_DICT.__iter__(thing))


def dict_type(mask: int, are_views_sized: bool) -> Any:
    """The type of dicts, derived from CPython's, in which new keys are at the end.

    When a dict is iterated over, the new keys are put into the table, and the dict is filled again in the order of the
    table. Methods of a derived class return plain dicts.
    """

    class Dict(HOST_DICT, metaclass=Instances):
        """A dict."""

        __slots__ = ("__table",)
        host = HOST_DICT

        def __new__(cls, *_: Any, **__: Any) -> Any:
            """An empty dict."""
            made: Any = HOST_DICT.__new__(cls)
            made.__table = Table(mask)
            return made

        @classmethod
        def with_room(cls, given: dict[Any, Any], size: int | None = None) -> Any:
            """A dict of these pairs, whose table begins with `size` slots; None: one for each pair."""
            made = cls()
            made.__table = Table(mask, len(given) if size is None else size)
            HOST_DICT.update(made, given)
            return made

        def __settle(self) -> None:
            """Put the new keys into the table, and bring the dict into its order."""
            table: Any = self.__table
            if table is None or table.used == len(self):
                return
            for key in list(islice(HOST_DICT.__iter__(self), table.used, None)):
                if not table.add(key):
                    self.__table = None
                    return
            pairs = [(key, HOST_DICT.__getitem__(self, key)) for key in table.order()]
            HOST_DICT.clear(self)
            HOST_DICT.update(self, pairs)

        def __steps(self, step: Callable[[Any], Any]) -> Iterator[Any]:
            """Items from slot to slot of the table, which may change meanwhile. Without a table, items of all keys."""
            place = 0
            self.__settle()
            while (table := self.__table) is not None and place < len(table.slots):
                key = table.slots[place]
                place += 1
                if key is not EMPTY and key is not GONE:
                    yield step(key)
                    self.__settle()
            if table is None:  # from the beginning, or since a key without a known hash was added
                rest: list[Any] = list(islice(HOST_DICT.__iter__(self), place, None))
                for key in rest:
                    if key in self:
                        yield step(key)

        def walk(self, step: Callable[[Any], Any]) -> TableIterator:
            """An iterator over the results of `step` for each key."""
            return TableIterator(self.__steps(step))

        def __getitem__(self, key: Any) -> Any:
            try:
                return HOST_DICT.__getitem__(self, key)
            except TypeError:
                if hashes_nothing(self):
                    raise KeyError(key) from None
                raise

        def __contains__(self, key: Any) -> bool:
            try:
                return HOST_DICT.__contains__(self, key)
            except TypeError:
                if hashes_nothing(self):
                    return False
                raise

        def get(self, key: Any, default: Any = None, /) -> Any:
            """The value of a key, or the default."""
            try:
                return HOST_DICT.get(self, key, default)
            except TypeError:
                if hashes_nothing(self):
                    return default
                raise

        def __iter__(self) -> Any:
            return self.walk(lambda key: key)

        def __reversed__(self) -> Any:
            """The values of the keys from len(self) - 1 down to 0 (py/objreversed.c:68@v1.28.0)."""
            return TableIterator(HOST_DICT.__getitem__(self, key) for key in range(len(self) - 1, -1, -1))

        def __view(self, kind: str, step: Callable[[Any], Any]) -> DictView:
            return DictView(self, kind, step, is_sized=are_views_sized)

        def keys(self) -> Any:
            """The keys."""
            return self.__view("keys", lambda key: key)

        def values(self) -> Any:
            """The values."""
            return self.__view("values", lambda key: HOST_DICT.__getitem__(self, key))

        def items(self) -> Any:
            """The pairs."""
            return self.__view("items", lambda key: (key, HOST_DICT.__getitem__(self, key)))

        def __delitem__(self, key: Any) -> None:
            self.__settle()
            HOST_DICT.__delitem__(self, key)
            if self.__table:
                self.__table.remove(key)

        def pop(self, key: Any, *default: Any) -> Any:
            """Remove a key and return its value."""
            self.__settle()
            if not Dict.__contains__(self, key):  # not a method of a script's class
                if default:
                    return default[0]
                raise KeyError(key)
            found = HOST_DICT.pop(self, key)
            if self.__table:
                self.__table.remove(key)
            return found

        def popitem(self) -> Any:
            """Remove and return the first pair."""
            for key in self:
                if self.__table:
                    self.__table.remove(key)
                return key, HOST_DICT.pop(self, key)
            raise KeyError("popitem(): dictionary is empty")

        def clear(self) -> None:
            """Remove all keys."""
            HOST_DICT.clear(self)
            self.__table = Table(mask)

        def copy(self) -> Any:
            """A copy with the same table."""
            self.__settle()
            made = Dict()
            made.__table = self.__table and self.__table.copy()
            HOST_DICT.update(made, HOST_DICT.items(self))
            return made

        @classmethod
        def fromkeys(cls, keys: Any, value: Any = None) -> Any:
            """A dict with these keys."""
            size = len(keys) if hasattr(keys, "__len__") else 0
            return Dict.with_room(HOST_DICT.fromkeys(keys, value), size)

        def __or__(self, other: Any) -> Any:
            if not isinstance(other, HOST_DICT):
                return NotImplemented
            made = self.copy()
            made.update(other)
            return made

        def __ior__(self, other: Any) -> Any:
            self.update(other)
            return self

    return Dict


def set_type(mask: int, host: Any, mutable: Any = None) -> Any:
    """set or frozenset, derived from CPython's type `host`, with a table for the order.

    Methods of a derived class return plain ones. `mutable` is the set that belongs to a frozenset.
    """
    base: Any = host

    class Set(base, metaclass=Instances):
        """A set or a frozenset."""

        __slots__ = ("__table",)
        host = base

        def __new__(cls, items: Iterable[Any] = ()) -> Any:
            """set(items) or frozenset(items)."""
            return cls.with_room(items, 0)

        @classmethod
        def with_room(cls, items: Iterable[Any], size: int) -> Any:
            """A set of these items, whose table begins with `size` slots."""
            given = list(items)
            made = base.__new__(cls, given)
            if base is HOST_SET:
                HOST_SET.update(made, given)
            table: Table | None = Table(mask, size)
            for item in HOST_DICT.fromkeys(given):
                if table and not table.add(item):
                    table = None
            made.__table = table
            return made

        def __init__(self, items: Iterable[Any] = ()) -> None:
            """Do nothing: __new__ does it all."""

        def __iter__(self) -> Iterator[Any]:
            return TableIterator(self.__steps()) if self.__table else iter(list(base.__iter__(self)))

        def __steps(self) -> Iterator[Any]:
            """Items from slot to slot of the table, which may change meanwhile."""
            place = 0
            while (table := cast("Table | None", self.__table)) is not None and place < len(table.slots):
                key = table.slots[place]
                place += 1
                if key is not EMPTY and key is not GONE:
                    yield key

        def __changed(self, items: Iterable[Any], table: Table | None) -> Any:
            """A new set of these items with this table."""
            kept = list(items)
            made = base.__new__(plain, kept)
            if base is HOST_SET:
                HOST_SET.update(made, kept)
            made.__table = table
            return made

        def copy(self) -> Any:
            """A copy with the same table; of a frozenset itself."""
            return self if base is HOST_FROZENSET else self.__copied()

        def __copied(self) -> Any:
            return self.__changed(base.__iter__(self), self.__table and self.__table.copy())

        def and_also(self, items: Iterable[Any]) -> Any:
            """A new set with these items added, one after the other."""
            table: Table | None = self.__table and self.__table.copy()
            members: Any = HOST_SET(base.__iter__(self))
            for item in items:
                if item not in members:
                    members.add(item)
                    table = table if table and table.add(item) else None
            return self.__changed(members, table)

        def without(self, items: Iterable[Any]) -> Any:
            """A new set with these items removed, one after the other."""
            table: Table | None = self.__table and self.__table.copy()
            members: Any = HOST_SET(base.__iter__(self))
            for item in items:
                if item in members:
                    members.discard(item)
                    if table:
                        table.remove(item)
            return self.__changed(members, table)

        def union(self, *others: Iterable[Any]) -> Any:
            """The items in this set or any other."""
            made: Any = self.__copied()
            for other in others:
                made = made.and_also(other)
            return made

        def difference(self, *others: Iterable[Any]) -> Any:
            """The items that are in none of the others."""
            made: Any = self.__copied()
            for other in others:
                made = made.without(other)
            return made

        def intersection(self, other: Iterable[Any]) -> Any:
            """The items in both, in the order of the other one; a set, also of a frozenset (py/objset.c@v1.28.0)."""
            both = [item for item in other if item in self]
            return self.__copied() if other is self else (mutable or plain).with_room(both, 0)

        def symmetric_difference(self, other: Iterable[Any]) -> Any:
            """The items in exactly one of both."""
            made: Any = self.__copied()
            for item in list(other):
                made = made.without([item]) if item in made else made.and_also([item])
            return made

        def __or__(self, other: Any) -> Any:
            return self.union(other) if is_set(other) else NotImplemented

        def __and__(self, other: Any) -> Any:
            return self.intersection(other) if is_set(other) else NotImplemented

        def __sub__(self, other: Any) -> Any:
            return self.difference(other) if is_set(other) else NotImplemented

        def __xor__(self, other: Any) -> Any:
            return self.symmetric_difference(other) if is_set(other) else NotImplemented

        __hash__ = base.__hash__

    class Mutable(Set):
        """A set that can change."""

        __slots__ = ()
        host = HOST_SET

        def __become(self, made: Any) -> None:
            """Take over the items and the table of another set."""
            HOST_SET.clear(self)
            HOST_SET.update(self, HOST_SET.__iter__(made))
            self._Set__table = made._Set__table

        def add(self, item: Any, /) -> None:
            """Add an item."""
            if item not in self:
                HOST_SET.add(self, item)
                table: Table | None = self._Set__table
                self._Set__table = table if table and table.add(item) else None

        def discard(self, item: Any, /) -> None:
            """Remove an item, if it is there."""
            if item in self:
                self.remove(item)

        def remove(self, item: Any, /) -> None:
            """Remove an item."""
            HOST_SET.remove(self, item)
            if self._Set__table:
                self._Set__table.remove(item)

        def pop(self) -> Any:
            """Remove and return the first item."""
            for item in self:
                self.remove(item)
                return item
            raise KeyError("pop from an empty set")

        def clear(self) -> None:
            """Remove all items."""
            HOST_SET.clear(self)
            self._Set__table = Table(mask)

        def update(self, *others: Iterable[Any]) -> None:
            """Add the items of others."""
            for other in others:
                for item in list(other):
                    self.add(item)

        def difference_update(self, *others: Iterable[Any]) -> None:
            """Remove the items of others."""
            for other in others:
                for item in list(other):
                    self.discard(item)

        def intersection_update(self, other: Iterable[Any]) -> None:
            """Keep the items that the other one has, too."""
            self.__become(self.intersection(other))

        def symmetric_difference_update(self, other: Iterable[Any]) -> None:
            """Add the items of the other one that are not here, and remove those that are."""
            self.__become(self.symmetric_difference(other))

        def __ior__(self, other: Any) -> Any:
            self.update(other)
            return self

        def __isub__(self, other: Any) -> Any:
            self.difference_update(other)
            return self

        def __iand__(self, other: Any) -> Any:
            self.intersection_update(other)
            return self

        def __ixor__(self, other: Any) -> Any:
            self.symmetric_difference_update(other)
            return self

        __hash__ = None  # type: ignore[assignment]

    plain: Any = Mutable if base is HOST_SET else Set
    return plain


def is_set(thing: Any) -> bool:
    """True for a set or a frozenset."""
    return isinstance(thing, set | frozenset)

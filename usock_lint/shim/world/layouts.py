"""uctypes: memory by its layout. Buffers get addresses of their own, at which nothing else is."""

from __future__ import annotations

import struct as host
from typing import Any, Final, NamedTuple, cast

from usock_lint.shim.core.arguments import buffer, check_count, integer, long_integer, real
from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.core.sealed import Module, Sealed
from usock_lint.shim.world.containers import ByteArray

BIG, NATIVE = 1, 2
"""The layouts besides the little-endian one, which is 0."""

BEGIN: Final = 0x7F0000000000
PAGE: Final = 0x1000

STRUCT, PTR, ARRAY = range(3)
OFFSET_BITS, LENGTH_PLACE = 17, 22
WORD: Final = 8

CODES: Final = "BbHhIiQqBbHhIifd"
"""The values by their types, as `struct` has them: those from 8 to 13 are fields of bits."""

KINDS: Final = (
    *("UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64"),
    *("BFUINT8", "BFINT8", "BFUINT16", "BFINT16", "BFUINT32", "BFINT32", "FLOAT32", "FLOAT64"),
)

ALIASES: Final = {
    **{"VOID": "UINT8", "USHORT": "UINT16", "SHORT": "INT16", "UINT": "UINT32", "INT": "INT32"},
    **{"ULONG": "UINT64", "LONG": "INT64", "ULONGLONG": "UINT64", "LONGLONG": "INT64"},
}


def placed(kind: int, bits: int) -> int:
    """A type in the upper bits of a number of 31, of which the first is the sign (extmod/moductypes.c:70@v1.28.0)."""
    found = kind << 31 - bits
    return found - (1 << 31) if found >= 1 << 30 else found


def split(number: int, bits: int) -> tuple[int, int]:
    """The type in a number, and the rest."""
    return number >> 31 - bits & (1 << bits) - 1, number & (1 << 31 - bits) - 1


def wrong() -> TypeError:
    """The error for a description that is none."""
    return TypeError("syntax error in uctypes descriptor")


class Size(NamedTuple):
    """The bytes of something, and of the largest value in it."""

    total: int
    largest: int


def width(kind: int) -> int:
    """The bytes of a value."""
    return host.calcsize(CODES[kind])


def sized(description: Any, layout: int) -> Size:
    """The size of what a description tells of."""
    if isinstance(description, tuple):
        return sized_aggregate(cast("Any", description), layout)
    if isinstance(description, int):
        raise TypeError("can't unambiguously get sizeof scalar")
    if not isinstance(description, dict):
        raise wrong()
    total = largest = 0
    for one in cast("dict[Any, Any]", description).values():
        if isinstance(one, int):
            kind, offset = split(one, 4)
            offset = offset & (1 << OFFSET_BITS) - 1 if 8 <= kind <= 13 else offset
            part = Size(width(kind), width(kind))
        elif isinstance(one, tuple):
            whole_one = cast("Any", one)
            offset, part = split(whole_one[0], 2)[1], sized_aggregate(whole_one, layout)
        else:
            raise wrong()
        total, largest = max(total, offset + part.total), max(largest, part.largest)
    return Size(-(-total // largest) * largest if layout == NATIVE and largest else total, largest)


def sized_aggregate(description: Any, layout: int) -> Size:
    """The size of a structure in another one, of a pointer, or of an array."""
    kind = split(description[0], 2)[0] if len(description) > 1 else -1
    if kind == STRUCT and len(description) == 2:
        return sized(description[1], layout)
    if kind == PTR and len(description) == 2:
        return Size(WORD, WORD)
    if kind != ARRAY or len(description) > 3:
        raise wrong()
    item, count = split(description[1], 4)
    part = Size(width(item), width(item)) if len(description) == 2 else sized(description[2], layout)
    return Size(part.total * count, part.largest)


class Memory:
    """The buffers that have been given addresses."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[int, Any]] = {}
        self.end = BEGIN

    def address(self, thing: Any) -> int:
        """The address of a buffer."""
        if isinstance(thing, Struct):
            return here(thing).address
        view = buffer(thing)
        if id(thing) not in self.known:
            self.known[id(thing)] = (self.end, thing)
            self.end += PAGE + (len(view) // PAGE + 1) * PAGE
        return self.known[id(thing)][0]

    def at(self, address: int, size: int) -> memoryview:
        """So many bytes of memory."""
        for begin, thing in self.known.values():
            view = buffer(thing)
            if begin <= address and address + size <= begin + len(view):
                return view[address - begin : address - begin + size]
        raise NotSimulated(f"the memory at {address:#x}")


class Place(NamedTuple):
    """Where a structure is, and how it is laid out."""

    memory: Memory
    address: int
    description: Any
    layout: int

    def moved(self, offset: int, description: Any) -> Any:
        """A structure in this one."""
        return made(Place(self.memory, self.address + offset, description, self.layout))

    def form(self, kind: int) -> str:
        """The format of a value."""
        return (">" if self.layout == BIG else "<") + CODES[kind]

    def get(self, kind: int, offset: int) -> Any:
        """A value."""
        return host.unpack(self.form(kind), self.memory.at(self.address + offset, width(kind)))[0]

    def put(self, kind: int, offset: int, value: Any) -> None:
        """Set a value, cut to its size."""
        if kind < 14:
            bits = 8 * width(kind)
            value = long_integer(value) % (1 << bits)
            value -= 1 << bits if kind % 2 and value >> bits - 1 else 0
        else:
            value = real(value)
        self.memory.at(self.address + offset, width(kind))[:] = host.pack(self.form(kind), value)


class Window(ByteArray):
    """A bytearray of bytes that are elsewhere: what is set in it is set there."""

    __slots__ = ("__view",)

    def __init__(self, view: memoryview) -> None:
        super().__init__(view)
        self.__view = view

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.__view[:] = bytes(self)


Window.__name__ = Window.__qualname__ = "bytearray"


class Struct(metaclass=Sealed):
    """uctypes.struct."""

    __slots__ = ("__place",)

    def __init__(self, *arguments: Any) -> None:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"'struct' object has no attribute '{name}'")
        place, fields = here(self), fields_of(self)
        found: Any = fields[name]
        if isinstance(found, int):
            return value_at(place, found)
        kind, offset = aggregate(found)
        if kind == STRUCT:
            return place.moved(offset, found[1])
        if kind == ARRAY and len(found) == 2 and not split(found[1], 4)[0]:
            return Window(place.memory.at(place.address + offset, sized_aggregate(found, place.layout).total))
        return place.moved(offset, found)

    def __setattr__(self, name: str, value: Any) -> None:
        place, fields = here(self), fields_of(self)
        found: Any = fields[name]
        if not isinstance(found, int):
            raise wrong()
        kind, offset = split(found, 4)
        if 8 <= kind <= 13:
            shift, mask = bits_of(offset)
            before = place.get(kind & ~1, offset & (1 << OFFSET_BITS) - 1)
            value = before & ~(mask << shift) | (integer(value) & mask) << shift
            kind, offset = kind & ~1, offset & (1 << OFFSET_BITS) - 1
        place.put(kind, offset, value)

    def __getitem__(self, index: Any) -> Any:
        place, kind = self.__indexed(index)
        if kind == PTR:
            target = place._replace(address=place.get(6, 0))
            inner: Any = place.description[1]
            if isinstance(inner, int):
                return target.get(split(inner, 4)[0], index * width(split(inner, 4)[0]))
            return target.moved(index * sized(inner, place.layout).total, inner)
        item = split(place.description[1], 4)[0]
        if len(place.description) == 2:
            return place.get(item, index * width(item))
        return place.moved(index * sized(place.description[2], place.layout).total, place.description[2])

    def __setitem__(self, index: Any, value: Any) -> None:
        place, kind = self.__indexed(index)
        if kind == PTR or len(place.description) > 2:
            raise TypeError("'struct' object doesn't support item assignment")
        item = split(place.description[1], 4)[0]
        place.put(item, index * width(item), value)

    def __indexed(self, index: Any) -> tuple[Place, int]:
        place = here(self)
        parts: Any = place.description
        if not isinstance(parts, tuple):
            raise TypeError("struct: can't index")
        parts = cast("Any", parts)
        kind = split(parts[0], 2)[0]
        if kind == ARRAY and index >= split(parts[1], 4)[1]:
            raise IndexError("struct: index out of range")
        return place, kind

    def __int__(self) -> int:
        return here(self).get(6, 0)

    def __bytes__(self) -> bytes:
        place = here(self)
        return bytes(place.memory.at(place.address, sized(place.description, place.layout).total))

    def __repr__(self) -> str:
        place = here(self)
        kind = "STRUCT"
        if not isinstance(place.description, dict):
            kind = {PTR: "PTR", ARRAY: "ARRAY"}.get(split(place.description[0], 2)[0], "unk")
        return f"<struct {kind} {place.address:x}>"


_slot: Any = vars(Struct)["_Struct__place"]
type.__delattr__(Struct, "_Struct__place")


def here(thing: Struct) -> Place:
    """The place of a structure."""
    return _slot.__get__(thing)


def fields_of(thing: Struct) -> dict[Any, Any]:
    """The descriptions of the fields of a structure. Raises TypeError for an array or a pointer."""
    found = here(thing).description
    if not isinstance(found, dict):
        raise TypeError("struct: no fields")
    return cast("dict[Any, Any]", found)


def made(place: Place) -> Any:
    """A structure at a place."""
    instance: Any = object.__new__(Struct)
    _slot.__set__(instance, place)
    return instance


def begun(_self: object, *_: object) -> None:
    """The `__init__` of a structure, which __new__ has made."""


def aggregate(found: Any) -> tuple[int, int]:
    """The kind and the offset of a structure, a pointer or an array."""
    if not isinstance(found, tuple):
        raise wrong()
    return split(cast("Any", found)[0], 2)


def bits_of(offset: int) -> tuple[int, int]:
    """The place and the mask of a field of bits."""
    return offset >> OFFSET_BITS & 31, (1 << (offset >> LENGTH_PLACE & 31)) - 1


def value_at(place: Place, description: int) -> Any:
    """A value that a number describes."""
    kind, offset = split(description, 4)
    if 8 <= kind <= 13:
        shift, mask = bits_of(offset)
        return place.get(kind & ~1, offset & (1 << OFFSET_BITS) - 1) >> shift & mask
    return place.get(kind, offset)


def uctypes(_: object) -> Module:
    """The module."""
    memory = Memory()

    def start(cls: Any, *arguments: Any) -> Any:
        check_count(len(arguments), 2, 3)
        layout = integer(arguments[2]) if len(arguments) == 3 else NATIVE
        return made(Place(memory, long_integer(arguments[0]), arguments[1], layout))

    # Calling the class makes one at an address of this world's.
    struct = Sealed("struct", (Struct,), {"__slots__": (), "__new__": start, "__init__": begun})

    def sizeof(thing: Any, layout: Any = NATIVE) -> int:
        if isinstance(thing, bytearray):
            return len(thing)
        if isinstance(thing, Struct):
            return sized(here(thing).description, here(thing).layout).total
        return sized(thing, integer(layout)).total

    def bytes_at(address: Any, size: Any) -> bytes:
        return bytes(memory.at(long_integer(address), integer(size)))

    def bytearray_at(address: Any, size: Any) -> bytearray:
        return Window(memory.at(long_integer(address), integer(size)))

    kinds = {name: placed(number, 4) for number, name in enumerate(KINDS)}
    return Module(
        {
            "__name__": "uctypes",
            **{"LITTLE_ENDIAN": 0, "BIG_ENDIAN": BIG, "NATIVE": NATIVE},
            **{"BF_POS": OFFSET_BITS, "BF_LEN": LENGTH_PLACE, "PTR": placed(PTR, 2), "ARRAY": placed(ARRAY, 2)},
            **kinds,
            **{name: kinds[other] for name, other in ALIASES.items()},
            **{"struct": struct, "sizeof": sizeof, "addressof": memory.address},
            **{"bytes_at": bytes_at, "bytearray_at": bytearray_at},
        }
    )


type.__setattr__(Struct, "__name__", "struct")

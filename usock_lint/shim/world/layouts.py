"""uctypes: structures in memory. Buffers get addresses that are this module's own; nothing else has an address."""

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
"""The address of the first buffer."""
PAGE: Final = 0x1000
"""The address of each buffer is a multiple of this, and there is an unused page behind it."""

STRUCT, PTR, ARRAY = range(3)
"""The types of aggregates, the upper 2 bits of the number that their description begins with."""

OFFSET_BITS, LENGTH_PLACE = 17, 22
"""The lowest bits of the bit offset and of the length in the number that describes a bit field."""

WORD: Final = 8
"""The size of a pointer in bytes."""

KINDS: Final = (
    *("UINT8", "INT8", "UINT16", "INT16", "UINT32", "INT32", "UINT64", "INT64"),
    *("BFUINT8", "BFINT8", "BFUINT16", "BFINT16", "BFUINT32", "BFINT32", "FLOAT32", "FLOAT64"),
)
"""The types of scalars; their index is the upper 4 bits of the number that describes one. Odd ones are signed."""

CODES: Final = "BbHhIiQqBbHhIifd"
"""The codes of KINDS in `struct`."""

UINT8: Final = 0
UINT64: Final = 6
BIT_FIELDS: Final = range(8, 14)
FLOAT32: Final = 14

ALIASES: Final = {
    **{"VOID": "UINT8", "USHORT": "UINT16", "SHORT": "INT16", "UINT": "UINT32", "INT": "INT32"},
    **{"ULONG": "UINT64", "LONG": "INT64", "ULONGLONG": "UINT64", "LONGLONG": "INT64"},
}


def tagged(kind: int, bits: int) -> int:
    """A type in the upper `bits` of a number of 31 bits; the first is the sign (extmod/moductypes.c:70@v1.28.0)."""
    found = kind << 31 - bits
    return found - (1 << 31) if found >= 1 << 30 else found


def split(number: int, bits: int) -> tuple[int, int]:
    """The type in the upper `bits` of a number, and the rest: an offset or a count."""
    return number >> 31 - bits & (1 << bits) - 1, number & (1 << 31 - bits) - 1


def syntax_error() -> TypeError:
    """The error for a wrong description."""
    return TypeError("syntax error in uctypes descriptor")


class Size(NamedTuple):
    """The size of an object in bytes, and that of the largest scalar in it, to which it is aligned."""

    total: int
    largest: int


def width(kind: int) -> int:
    """The size of a scalar in bytes."""
    return host.calcsize(CODES[kind])


def size_of(description: Any, layout: int) -> Size:
    """The size of what a description describes. Raises TypeError."""
    if isinstance(description, tuple):
        return size_of_aggregate(cast("Any", description), layout)
    if isinstance(description, int):
        raise TypeError("can't unambiguously get sizeof scalar")
    if not isinstance(description, dict):
        raise syntax_error()
    total = largest = 0
    for one in cast("dict[Any, Any]", description).values():
        if isinstance(one, int):
            kind, offset = split(one, 4)
            offset = offset & (1 << OFFSET_BITS) - 1 if kind in BIT_FIELDS else offset
            part = Size(width(kind), width(kind))
        elif isinstance(one, tuple):
            inner = cast("Any", one)
            offset, part = split(inner[0], 2)[1], size_of_aggregate(inner, layout)
        else:
            raise syntax_error()
        total, largest = max(total, offset + part.total), max(largest, part.largest)
    return Size(-(-total // largest) * largest if layout == NATIVE and largest else total, largest)


def size_of_aggregate(description: Any, layout: int) -> Size:
    """The size of a structure in another one, of a pointer, or of an array."""
    kind = split(description[0], 2)[0] if len(description) > 1 else -1
    if kind == STRUCT and len(description) == 2:
        return size_of(description[1], layout)
    if kind == PTR and len(description) == 2:
        return Size(WORD, WORD)
    if kind != ARRAY or len(description) > 3:
        raise syntax_error()
    item, count = split(description[1], 4)
    part = Size(width(item), width(item)) if len(description) == 2 else size_of(description[2], layout)
    return Size(part.total * count, part.largest)


class Memory:
    """The buffers that have been given addresses."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[int, Any]] = {}
        """The address of each buffer and the buffer, by its id."""
        self.end = BEGIN

    def address(self, thing: Any) -> int:
        """The address of a buffer."""
        if isinstance(thing, Struct):
            return place_of(thing).address
        view = buffer(thing)
        if id(thing) not in self.known:
            self.known[id(thing)] = (self.end, thing)
            self.end += PAGE + (len(view) // PAGE + 1) * PAGE
        return self.known[id(thing)][0]

    def at(self, address: int, size: int) -> memoryview:
        """`size` bytes at an address. Raises NotSimulated if no buffer is there."""
        for begin, thing in self.known.values():
            view = buffer(thing)
            if begin <= address and address + size <= begin + len(view):
                return view[address - begin : address - begin + size]
        raise NotSimulated(f"the memory at {address:#x}")


class Place(NamedTuple):
    """The address of a structure, and its description and layout."""

    memory: Memory
    address: int
    description: Any
    layout: int

    def struct_inside(self, offset: int, description: Any) -> Any:
        """The structure at this offset in this one."""
        return struct_at(Place(self.memory, self.address + offset, description, self.layout))

    def form(self, kind: int) -> str:
        """The format of a scalar in `struct`."""
        return (">" if self.layout == BIG else "<") + CODES[kind]

    def get(self, kind: int, offset: int) -> Any:
        """The scalar at this offset."""
        return host.unpack(self.form(kind), self.memory.at(self.address + offset, width(kind)))[0]

    def put(self, kind: int, offset: int, value: Any) -> None:
        """Set the scalar at this offset; an int is cut to its size."""
        if kind < FLOAT32:
            bits = 8 * width(kind)
            value = long_integer(value) % (1 << bits)
            value -= 1 << bits if kind % 2 and value >> bits - 1 else 0
        else:
            value = real(value)
        self.memory.at(self.address + offset, width(kind))[:] = host.pack(self.form(kind), value)


class Window(ByteArray):
    """A bytearray of bytes in memory: setting an item sets it there, too."""

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
        place, fields = place_of(self), fields_of(self)
        found: Any = fields[name]
        if isinstance(found, int):
            return value_at(place, found)
        kind, offset = aggregate(found)
        if kind == STRUCT:
            return place.struct_inside(offset, found[1])
        if kind == ARRAY and len(found) == 2 and split(found[1], 4)[0] == UINT8:
            return Window(place.memory.at(place.address + offset, size_of_aggregate(found, place.layout).total))
        return place.struct_inside(offset, found)

    def __setattr__(self, name: str, value: Any) -> None:
        place, fields = place_of(self), fields_of(self)
        found: Any = fields[name]
        if not isinstance(found, int):
            raise syntax_error()
        kind, offset = split(found, 4)
        if kind in BIT_FIELDS:
            shift, mask = bits_of(offset)
            before = place.get(kind & ~1, offset & (1 << OFFSET_BITS) - 1)
            value = before & ~(mask << shift) | (integer(value) & mask) << shift
            kind, offset = kind & ~1, offset & (1 << OFFSET_BITS) - 1
        place.put(kind, offset, value)

    def __getitem__(self, index: Any) -> Any:
        place, kind = self.__indexed(index)
        if kind == PTR:
            target = place._replace(address=place.get(UINT64, 0))
            inner: Any = place.description[1]
            if isinstance(inner, int):
                return target.get(split(inner, 4)[0], index * width(split(inner, 4)[0]))
            return target.struct_inside(index * size_of(inner, place.layout).total, inner)
        item = split(place.description[1], 4)[0]
        if len(place.description) == 2:
            return place.get(item, index * width(item))
        return place.struct_inside(index * size_of(place.description[2], place.layout).total, place.description[2])

    def __setitem__(self, index: Any, value: Any) -> None:
        place, kind = self.__indexed(index)
        if kind == PTR or len(place.description) > 2:
            raise TypeError("'struct' object doesn't support item assignment")
        item = split(place.description[1], 4)[0]
        place.put(item, index * width(item), value)

    def __delitem__(self, index: Any) -> None:
        raise TypeError("'struct' object doesn't support item deletion")

    __hash__ = None  # type: ignore[assignment]

    def __indexed(self, index: Any) -> tuple[Place, int]:
        """The place of this pointer or array, and which it is. TypeError for a structure, IndexError behind the end."""
        place = place_of(self)
        parts: Any = place.description
        if not isinstance(parts, tuple):
            raise TypeError("struct: can't index")
        parts = cast("Any", parts)
        kind = split(parts[0], 2)[0]
        if kind == ARRAY and index >= split(parts[1], 4)[1]:
            raise IndexError("struct: index out of range")
        return place, kind

    def __int__(self) -> int:
        return place_of(self).get(UINT64, 0)

    def __bytes__(self) -> bytes:
        place = place_of(self)
        return bytes(place.memory.at(place.address, size_of(place.description, place.layout).total))

    def __repr__(self) -> str:
        place = place_of(self)
        found: Any = place.description
        kind = "STRUCT" if isinstance(found, dict) else "ERROR"
        if isinstance(found, tuple):
            kind = {PTR: "PTR", ARRAY: "ARRAY"}.get(aggregate(cast("Any", found))[0], "unk")
        return f"<struct {kind} {place.address:x}>"


_slot: Any = vars(Struct)["_Struct__place"]
"""The slot for the place. It is deleted from the class, so that scripts do not see it."""
type.__delattr__(Struct, "_Struct__place")


def place_of(thing: Struct) -> Place:
    """The place of a structure."""
    return _slot.__get__(thing)


def fields_of(thing: Struct) -> dict[Any, Any]:
    """The descriptions of the fields of a structure. Raises TypeError for an array or a pointer."""
    found = place_of(thing).description
    if not isinstance(found, dict):
        raise TypeError("struct: no fields")
    return cast("dict[Any, Any]", found)


def struct_at(place: Place) -> Any:
    """A structure at a place."""
    instance: Any = object.__new__(Struct)
    _slot.__set__(instance, place)
    return instance


def no_init(_self: object, *_: object) -> None:
    """The `__init__` of uctypes.struct: `__new__` does it all."""


def aggregate(found: Any) -> tuple[int, int]:
    """The kind and the offset of a structure, a pointer or an array."""
    if not isinstance(found, tuple):
        raise syntax_error()
    return split(cast("Any", found)[0], 2)


def bits_of(offset: int) -> tuple[int, int]:
    """The bit offset of a bit field, and the mask of its value."""
    return offset >> OFFSET_BITS & 31, (1 << (offset >> LENGTH_PLACE & 31)) - 1


def value_at(place: Place, description: int) -> Any:
    """The scalar in a structure that a number describes."""
    kind, offset = split(description, 4)
    if kind in BIT_FIELDS:
        shift, mask = bits_of(offset)
        return place.get(kind & ~1, offset & (1 << OFFSET_BITS) - 1) >> shift & mask
    return place.get(kind, offset)


def uctypes(_: object) -> Module:
    """The module."""
    memory = Memory()

    def start(cls: Any, *arguments: Any) -> Any:
        check_count(len(arguments), 2, 3)
        layout = integer(arguments[2]) if len(arguments) == 3 else NATIVE
        return struct_at(Place(memory, long_integer(arguments[0]), arguments[1], layout))

    # A class of this world's, whose objects are in this world's memory.
    struct = Sealed("struct", (Struct,), {"__slots__": (), "__new__": start, "__init__": no_init})

    def sizeof(thing: Any, layout: Any = None) -> int:
        if isinstance(thing, bytearray):
            return len(thing)
        if isinstance(thing, Struct):
            if layout is not None:
                raise TypeError  # it has its own (extmod/moductypes.c:294@v1.28.0)
            return size_of(place_of(thing).description, place_of(thing).layout).total
        return size_of(thing, NATIVE if layout is None else integer(layout)).total

    def bytes_at(address: Any, size: Any) -> bytes:
        return bytes(memory.at(long_integer(address), integer(size)))

    def bytearray_at(address: Any, size: Any) -> bytearray:
        return Window(memory.at(long_integer(address), integer(size)))

    kinds = {name: tagged(number, 4) for number, name in enumerate(KINDS)}
    return Module(
        {
            "__name__": "uctypes",
            **{"LITTLE_ENDIAN": 0, "BIG_ENDIAN": BIG, "NATIVE": NATIVE},
            **{"BF_POS": OFFSET_BITS, "BF_LEN": LENGTH_PLACE, "PTR": tagged(PTR, 2), "ARRAY": tagged(ARRAY, 2)},
            **kinds,
            **{name: kinds[other] for name, other in ALIASES.items()},
            **{"struct": struct, "sizeof": sizeof, "addressof": memory.address},
            **{"bytes_at": bytes_at, "bytearray_at": bytearray_at},
        }
    )


type.__setattr__(Struct, "__name__", "struct")

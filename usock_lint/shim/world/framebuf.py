"""framebuf: pictures in a buffer, with each pixel where the firmware puts it (extmod/modframebuf.c@v1.28.0).

The glyphs of `text` are not part of this package: it marks the cell of each character, and the first call prints that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from usock_lint.ports import Release
from usock_lint.shim.core.arguments import buffer, integer, text, writable
from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.stand_ins import fitted_class, module_contents

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

CHECKS_SIZE_SINCE: Release = (1, 22, 0)
"""The release since which a buffer that is too small is a ValueError; before, pixels are beyond its end."""

ROWS_MAY_END_EARLY_SINCE: Release = (1, 24, 0)
"""The release since which the last row needs no more than its pixels, whatever the stride."""

ELLIPSE_MAY_BE_A_PIXEL_SINCE: Release = (1, 25, 0)
"""The release since which an ellipse without radii is a pixel; before, the board hangs."""

BLITS_TUPLES_SINCE: Release = (1, 26, 0)
"""The release since which blit() also takes a tuple of the arguments of FrameBuffer()."""

LARGEST = 0xFFFF
"""The largest width and height."""

QUADRANTS, FILLED = 0x0F, 0x10
"""The bits of an ellipse's mask: its quadrants, and whether it is filled."""

CELL = 8
"""The width and height of a character."""

GLYPH = range(1, 7)
"""The columns and rows of its cell that are marked."""

NO_GLYPHS = "framebuf: text() marks where characters stand; the glyphs of the firmware are not part of usock-lint"


class PixelFormat(NamedTuple):
    """The format of pixels in bytes."""

    bits: int
    """The bits of a pixel."""
    high_first: bool = False
    """True if the first pixel of a byte is in its upper bits."""
    vertical: bool = False
    """True if the pixels of a byte are below each other."""

    @property
    def in_byte(self) -> int:
        """The number of pixels in a byte; 1 if a pixel has more than one byte."""
        return max(8 // self.bits, 1)

    def place(self, x: int, y: int, stride: int) -> tuple[int, int]:
        """The index of a pixel's first byte, and the lowest of its bits in that."""
        if self.vertical:
            return (y >> 3) * stride + x, y & 7
        index = (x + y * stride) * self.bits >> 3
        within = x % self.in_byte
        return index, self.bits * (self.in_byte - 1 - within if self.high_first else within)

    def value(self, colour: int) -> int:
        """The value of a pixel with this colour."""
        return int(colour != 0) if self.bits == 1 else colour & ((1 << self.bits) - 1)


FORMATS = {
    "MONO_VLSB": (0, PixelFormat(1, vertical=True)),
    "RGB565": (1, PixelFormat(16)),
    "GS4_HMSB": (2, PixelFormat(4, high_first=True)),
    "MONO_HLSB": (3, PixelFormat(1, high_first=True)),
    "MONO_HMSB": (4, PixelFormat(1)),
    "GS2_HMSB": (5, PixelFormat(2)),
    "GS8": (6, PixelFormat(8)),
}
BY_NUMBER = dict(FORMATS.values())
NUMBERS = {name: number for name, (number, _) in FORMATS.items()}


class Picture:
    """The pixels of a buffer."""

    def __init__(self, data: memoryview, width: int, height: int, format: PixelFormat, stride: int) -> None:
        self.data = data
        self.width = width
        self.height = height
        self.format = format
        self.stride = stride

    def get(self, x: int, y: int) -> int:
        """The colour of a pixel."""
        index, shift = self.format.place(x, y, self.stride)
        try:
            if self.format.bits == 16:
                return self.data[index] | self.data[index + 1] << 8
            return self.data[index] >> shift & (1 << self.format.bits) - 1
        except IndexError:
            raise NotSimulated("a pixel beyond the end of the buffer of a FrameBuffer") from None

    def set(self, x: int, y: int, colour: int) -> None:
        """Colour a pixel that is in the picture."""
        index, shift = self.format.place(x, y, self.stride)
        value = self.format.value(colour)
        try:
            if self.format.bits == 16:
                self.data[index + 1] = value >> 8
                self.data[index] = value & 0xFF
            else:
                mask = (1 << self.format.bits) - 1 << shift
                self.data[index] = self.data[index] & ~mask | value << shift
        except IndexError:
            raise NotSimulated("a pixel beyond the end of the buffer of a FrameBuffer") from None

    def dot(self, x: int, y: int, colour: int) -> None:
        """Colour a pixel, if it is in the picture."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self.set(x, y, colour)

    def fill(self, x: int, y: int, width: int, height: int, colour: int) -> None:
        """Colour the part of a rectangle that is in the picture."""
        rows = range(max(y, 0), min(y + height, self.height))
        columns = range(max(x, 0), min(x + width, self.width))
        for row in rows if columns else ():
            if self.format.bits < 8:
                for column in columns:
                    self.set(column, row, colour)
            else:
                self._fill_row(columns, row, colour)

    def _fill_row(self, columns: range, row: int, colour: int) -> None:
        size = self.format.bits // 8
        begin, _ = self.format.place(columns[0], row, self.stride)
        end = begin + size * len(columns)
        if end > len(self.data):
            raise NotSimulated("a pixel beyond the end of the buffer of a FrameBuffer")
        self.data[begin:end] = self.format.value(colour).to_bytes(size, "little") * len(columns)

    def line(self, x1: int, y1: int, x2: int, y2: int, colour: int) -> None:
        """Colour a line with both its ends, in Bresenham's steps along the longer side."""
        across, down = abs(x2 - x1), abs(y2 - y1)
        right, below = (1 if x2 > x1 else -1), (1 if y2 > y1 else -1)
        steep = down > across
        longer, shorter = (down, across) if steep else (across, down)
        x, y, error = x1, y1, 2 * shorter - longer
        for _ in range(longer):
            self.dot(x, y, colour)
            while error >= 0:
                x, y = (x + right, y) if steep else (x, y + below)
                error -= 2 * longer
            x, y = (x, y + below) if steep else (x + right, y)
            error += 2 * shorter
        self.dot(x2, y2, colour)

    def ellipse(self, x: int, y: int, across: int, down: int, colour: int, mask: int) -> None:
        """Colour an ellipse with these radii; `mask` has QUADRANTS and FILLED."""
        if not across and not down:
            if mask & QUADRANTS:
                self.dot(x, y, colour)
            return
        for right, above in arcs(across, down):
            for bit, side, end in ((1, 1, -1), (2, -1, -1), (4, -1, 1), (8, 1, 1)):
                if not mask & bit:
                    continue
                if mask & FILLED:
                    self.fill(x if side > 0 else x - right, y + end * above, right + 1, 1, colour)
                else:
                    self.dot(x + side * right, y + end * above, colour)

    def polygon(self, x: int, y: int, corners: list[tuple[int, int]], colour: int) -> None:
        """Colour the lines between corners, in the firmware's order."""
        for (x1, y1), (x2, y2) in edges(corners):
            self.line(x + x1, y + y1, x + x2, y + y2, colour)

    def fill_polygon(self, x: int, y: int, corners: list[tuple[int, int]], colour: int) -> None:
        """Colour a filled polygon, row by row."""
        heights = [corner[1] for corner in corners]
        for row in range(min(heights), max(heights) + 1):
            crossings: list[int] = []
            for (x1, y1), (x2, y2) in edges(corners):
                # The lowest pixel of an edge belongs to the next edge; where there is none, it is coloured here.
                if min(y1, y2) <= row < max(y1, y2):
                    crossings.append(divide(32 * x1 + divide(32 * (x2 - x1) * (row - y1), y2 - y1) + 16, 32))
                elif row == max(y1, y2):
                    if y1 == y2:
                        self.line(x + x1, y + y1, x + x2, y + y2, colour)
                    else:
                        self.dot(x + (x2 if y1 < y2 else x1), y + row, colour)
            crossings.sort()
            for begin, end in zip(crossings[::2], crossings[1::2], strict=True):
                self.fill(x + begin, y + row, end - begin + 1, 1, colour)

    def scroll(self, right: int, down: int) -> None:
        """Move all pixels. Those in whose place none comes keep their colour."""
        if abs(right) >= self.width or abs(down) >= self.height:
            return
        for y in scroll_order(self.height, down):
            for x in scroll_order(self.width, right):
                self.set(x, y, self.get(x - right, y - down))

    def blit(self, source: Picture, x: int, y: int, key: int, palette: Picture | None) -> None:
        """Copy another picture, without the pixels of the colour `key`."""
        for row in range(max(y, 0), min(y + source.height, self.height)):
            for column in range(max(x, 0), min(x + source.width, self.width)):
                colour = source.get(column - x, row - y)
                colour = colour if palette is None else palette.get(colour, 0)
                if colour != key & 0xFFFFFFFF:
                    self.set(column, row, colour)


def arcs(across: int, down: int) -> Iterator[tuple[int, int]]:
    """The points of a quadrant of an ellipse around (0, 0): first the steep part, then the flat one."""
    for right, above in arc(across, down):
        yield right, above
    for above, right in arc(down, across):
        yield right, above


def arc(along: int, aside: int) -> Iterator[tuple[int, int]]:
    """The points (far, near) from the end of the half-axis `along`, as long as `near` changes faster than `far`."""
    far, near = along, 0
    far_change, near_change = aside * aside * (1 - 2 * along), along * along
    error, far_stop, near_stop = 0, 2 * aside * aside * along, 0
    while far_stop >= near_stop:
        yield far, near
        near += 1
        near_stop += 2 * along * along
        error += near_change
        near_change += 2 * along * along
        if 2 * error + far_change > 0:
            far -= 1
            far_stop -= 2 * aside * aside
            error += far_change
            far_change += 2 * aside * aside


def edges(corners: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The edges of a polygon: from the first corner to the last one, and on backwards."""
    before = corners[0]
    for corner in reversed(corners):
        yield before, corner
        before = corner


def scroll_order(length: int, step: int) -> range:
    """The places that pixels move to, in an order in which none is overwritten before it has moved."""
    return range(length + step) if step < 0 else range(length - 1, step - 1, -1)


def divide(number: int, by: int) -> int:
    """C's division, which rounds towards zero."""
    quotient = abs(number) // abs(by)
    return quotient if (number < 0) == (by < 0) else -quotient


class FrameBuffer:
    """The class as a program sees it."""

    _release: Release
    _tell: Callable[[str], None]

    def __init__(self, data: Any, width: Any, height: Any, format: Any, *stride: Any) -> None:
        self.__picture = picture(self._release, (data, width, height, format, *stride), writable)

    def __buffer__(self, _flags: int) -> memoryview:
        return self.__picture.data

    def fill(self, colour: Any) -> None:
        """Colour all pixels."""
        self.__picture.fill(0, 0, self.__picture.width, self.__picture.height, integer(colour))

    def fill_rect(self, *numbers: Any) -> None:
        """Colour a rectangle."""
        self.__picture.fill(*integers(numbers))

    def pixel(self, x: Any, y: Any, *colour: Any) -> int | None:
        """The colour of a pixel, None outside the picture; with a colour, set it."""
        column, row = integers((x, y))
        if not (0 <= column < self.__picture.width and 0 <= row < self.__picture.height):
            return None
        if not colour:
            return self.__picture.get(column, row)
        self.__picture.set(column, row, integer(colour[0]))
        return None

    def hline(self, *numbers: Any) -> None:
        """Draw a line to the right."""
        x, y, width, colour = integers(numbers)
        self.__picture.fill(x, y, width, 1, colour)

    def vline(self, *numbers: Any) -> None:
        """Draw a line downwards."""
        x, y, height, colour = integers(numbers)
        self.__picture.fill(x, y, 1, height, colour)

    def rect(self, *arguments: Any) -> None:
        """Draw the outline of a rectangle, or fill it."""
        x, y, width, height, colour = integers(arguments[:5])
        if any(arguments[5:]):
            self.__picture.fill(x, y, width, height, colour)
            return
        self.__picture.fill(x, y, width, 1, colour)
        self.__picture.fill(x, y + height - 1, width, 1, colour)
        self.__picture.fill(x, y, 1, height, colour)
        self.__picture.fill(x + width - 1, y, 1, height, colour)

    def line(self, *numbers: Any) -> None:
        """Draw a line."""
        x1, y1, x2, y2, colour = integers(numbers)
        self.__picture.line(x1, y1, x2, y2, colour)

    def ellipse(self, x: Any, y: Any, across: Any, down: Any, colour: Any, filled: Any = False, *mask: Any) -> None:
        """Draw an ellipse, or some quadrants of it."""
        centre_x, centre_y, width, height, shade = integers((x, y, across, down, colour))
        if not width and not height and self._release < ELLIPSE_MAY_BE_A_PIXEL_SINCE:
            raise NotSimulated("an ellipse without radii, at which the board hangs")
        which = integer(mask[0]) & QUADRANTS if mask else QUADRANTS
        self.__picture.ellipse(centre_x, centre_y, width, height, shade, which | (FILLED if filled else 0))

    def poly(self, x: Any, y: Any, coordinates: Any, colour: Any, filled: Any = False) -> None:
        """Draw a polygon, whose corners are in an array, x and y in turn."""
        left, top = integers((x, y))
        buffer(coordinates)
        numbers = memoryview(coordinates)
        corners = [(integer(one), integer(two)) for one, two in zip(numbers[::2], numbers[1::2], strict=False)]
        if corners:
            draw = self.__picture.fill_polygon if filled else self.__picture.polygon
            draw(left, top, corners, integer(colour))

    def blit(self, source: Any, x: Any, y: Any, key: Any = -1, palette: Any = None) -> None:
        """Copy another picture."""
        of = self._other(source)
        left, top, no_copy = integers((x, y, key))
        self.__picture.blit(of, left, top, no_copy, None if palette is None else self._other(palette))

    def _other(self, given: Any) -> Picture:
        """The picture of another FrameBuffer, or of a tuple. Raises TypeError and ValueError."""
        own = getattr(given, "_FrameBuffer__picture", None)
        if isinstance(own, Picture):
            return own
        if self._release < BLITS_TUPLES_SINCE:
            raise TypeError
        if not isinstance(given, tuple | list):
            raise TypeError(f"object '{type(given).__name__}' isn't a tuple or list")
        parts = tuple(cast("Any", given))
        if len(parts) not in (4, 5):
            raise ValueError
        return picture(self._release, parts, buffer)

    def scroll(self, right: Any, down: Any) -> None:
        """Move all pixels."""
        self.__picture.scroll(*integers((right, down)))

    def text(self, words: Any, x: Any, y: Any, *colour: Any) -> None:
        """Mark the cells of the characters of a text, except for blanks."""
        written = text(words)
        left, top = integers((x, y))
        shade = integer(colour[0]) if colour else 1
        self._tell(NO_GLYPHS)
        for character in written.encode().partition(b"\0")[0]:
            if character != ord(" "):
                self.__picture.fill(left + GLYPH.start, top + GLYPH.start, len(GLYPH), len(GLYPH), shade)
            left += CELL


def integers(values: tuple[Any, ...]) -> tuple[int, ...]:
    """The values as C's ints."""
    return tuple(map(integer, values))


def picture(release: Release, parts: tuple[Any, ...], get: Callable[[Any], memoryview]) -> Picture:
    """The picture of the arguments of FrameBuffer(); ValueError if it does not fit into its buffer."""
    data, *numbers = parts
    width, height, number, stride = integers((*numbers, numbers[0]))[:4]
    checks = release >= CHECKS_SIZE_SINCE
    if checks and not (1 <= width <= stride <= LARGEST and 1 <= height <= LARGEST):
        raise ValueError
    format = BY_NUMBER.get(number)
    if format is None:
        raise ValueError("invalid format")
    view = get(data)
    if format.bits < 8 and not format.vertical:
        stride = multiple_of(stride, format.in_byte)
    if checks and required_size(release, width, height, format, stride) > len(view):
        raise ValueError
    return Picture(view, width, height, format, stride)


def multiple_of(number: int, to: int) -> int:
    """The smallest multiple of `to` that is not less than `number`."""
    return -(-number // to) * to


def required_size(release: Release, width: int, height: int, format: PixelFormat, stride: int) -> int:
    """The smallest size of a buffer in bytes."""
    rows = multiple_of(height, 8) if format.vertical else height
    if release < ROWS_MAY_END_EARLY_SINCE:
        return rows * stride * format.bits // 8
    last = 8 if format.vertical else 1
    wide = width if format.vertical else multiple_of(width, format.in_byte)
    return ((rows - last) * stride + last * wide) * format.bits // 8


def framebuf(world: World) -> Module:
    """The module on a port."""
    cell = world.port.cell
    fields: dict[str, Any] = {"_release": cell.release, "_tell": staticmethod(world.tell_once)}
    kind = fitted_class(cell, "framebuf", type("FrameBuffer", (FrameBuffer,), fields))

    def frame_buffer1(data: Any, width: Any, height: Any, *stride: Any) -> Any:
        return kind(data, width, height, NUMBERS["MONO_VLSB"], *stride)

    names = {**NUMBERS, "MVLSB": NUMBERS["MONO_VLSB"], "FrameBuffer": kind, "FrameBuffer1": frame_buffer1}
    return Module(module_contents(cell, "framebuf", names))

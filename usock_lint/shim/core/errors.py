"""Exceptions as MicroPython raises them, and how the host's own are turned into them."""

from __future__ import annotations

import errno as host_errno
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from usock_lint.ports import MISSING_OSERROR_ATTRIBUTES, Cell, Release, common, errno_number
from usock_lint.ports.releases import read_release


class ShimError(ValueError):
    """The shim does not simulate this port or release; the message is one line that names the valid ones."""


class Halt(BaseException):
    """The run ends, for a reason that is not an error of the program; the message is one line.

    It derives from BaseException, so that no `except Exception` of the script catches it.
    """

    code = 0
    """The exit code of the run."""


class NotSimulated(Halt):
    """The program used something that the board has and the shim does not simulate, so the rest cannot be run."""

    code = 2

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no stand-in for {name}, so nothing past this line can be judged")


class BoardEnds(Halt):
    """The program restarted the board, or sent it into a deep sleep that ends in a restart."""


class OutputLost(Halt):
    """Standard output cannot be written: nobody reads it any more, or the disk is full. No board notices that."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class Absent:
    """A descriptor for an attribute that MicroPython lacks, although a base class of CPython's has it.

    `with` looks __enter__ up on the type and runs this descriptor, so it ends in the AttributeError that
    MicroPython raises and not in CPython's TypeError.
    """

    def __init__(self, on_access: Callable[[str], None] = lambda name: None) -> None:
        self.on_access = on_access

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> object:
        self.on_access(self.name)
        raise AttributeError(f"'{owner.__name__}' object has no attribute '{self.name}'")


def errno_value(cell: Cell, name: str) -> int:
    """The number of an errno name on a board.

    On Zephyr the numbers are those of its C library, which the table does not have. Newlib's are used instead, which
    picolibc and Zephyr's own library share. A name that newlib's list lacks has the host's number: it is the same
    everywhere (EPIPE), or no board raises it.
    """
    number: int | None = errno_number(cell, name)
    if number is None:
        number = common()["errno"]["newlib"].get(name)
    return getattr(host_errno, name) if number is None else number


def os_error(release: Release, numbers: Mapping[str, int], on_absent: Callable[[str], None]) -> type[OSError]:
    """The one OSError of a release: args as given, no strerror or filename, `errno` (if any) is args[0].

    It derives from the host's OSError, so that host code catches it; its name is "OSError". `numbers` are the
    errno names that its text knows; `on_absent` is called with the name of an absent attribute that is accessed.
    """
    names = {number: name for name, number in numbers.items()}

    def text(error: OSError) -> str:
        match error.args:
            case (int(number),) if number in names:
                return f"[Errno {number}] {names[number]}"
            case (int(number), detail) if number in names:
                return f"[Errno {number}] {names[number]}: {detail}"
            case ():
                return ""
            case (only,):
                return str(only)
            case several:
                return repr(several)

    def show(error: OSError) -> str:
        return f"{type(error).__name__}{error.args!r}"

    # Without a call of super().__init__() in a script's class, args are what was given.
    def make(cls: type[OSError], *arguments: object, **_: object) -> OSError:
        error = OSError.__new__(cls)
        error.args = arguments
        return error

    # With an __init__ of its own the host's class takes nothing out of args.
    def keep(error: OSError, *arguments: object) -> None:
        error.args = arguments

    def code(error: OSError) -> object:
        return error.args[0] if error.args else None

    namespace: dict[str, object] = {name: Absent(on_absent) for name in MISSING_OSERROR_ATTRIBUTES}
    began = read_release(common()["oserror"]["attributes"]["errno"])
    namespace["errno"] = property(code) if release >= began else Absent(on_absent)
    namespace |= {
        "__module__": "builtins",
        "__new__": make,
        "__init__": keep,
        "__str__": text,
        "__repr__": show,
    }
    return type("OSError", (OSError,), namespace)


@contextmanager
def raising(kind: type[OSError]) -> Generator[None, None, None]:
    """Host OSErrors inside the block leave it as `kind(number)`."""
    try:
        yield
    except kind:
        raise
    except OSError as error:
        raise kind(error.errno) from None

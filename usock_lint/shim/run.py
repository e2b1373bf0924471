"""Run a script as MicroPython would: `usock-lint run [--port unix] [--version 1.28] script.py [args...]`."""

from __future__ import annotations

import argparse
import os
import re
import sys
import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO

from usock_lint.ports import Release
from usock_lint.ports import world as table
from usock_lint.shim import SIMULATED, ShimError, open_port
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.errors import Halt, OutputLost
from usock_lint.shim.core.watch import Record
from usock_lint.shim.heap import IS_LIMITED, ROOM, run_within
from usock_lint.shim.report import render
from usock_lint.shim.world.attached import SENSORS, attached, parse_device
from usock_lint.shim.world.folders import Folders
from usock_lint.shim.world.modules import LIBRARY
from usock_lint.shim.world.traceback import print_exception
from usock_lint.shim.world.world import World

USAGE_ERROR = 2

DESCRIPTION = "Run a script with the socket module, and the modules around it, of a port."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the options of `run`."""
    text = f"the port to run as: {', '.join(SIMULATED)}, or a board (default: the project's first target, else unix)"
    parser.add_argument("--port", help=text)
    parser.add_argument("--version", metavar="RELEASE", help="its release, such as 1.25 (default: the newest)")
    parser.add_argument("--report", action="store_true", help="say at the end what would differ on another port")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="of the report")
    parser.add_argument(
        "--fake-network", choices=("on", "off"), default="on", help="whether a board's interfaces can connect"
    )
    parser.add_argument(
        "--map-port",
        metavar="PORT:HERE",
        action="append",
        default=[],
        type=port_pair,
        help="bind this port of the computer when the program binds PORT (may be given again)",
    )
    parser.add_argument(
        "--loopback", action="store_true", help="let 127.0.0.1 be this computer on boards without a loopback interface"
    )
    parser.add_argument(
        "--attach",
        metavar="DEVICE",
        action="append",
        default=[],
        type=attachable,
        help=f"connect a device: its I2C address, such as 0x3c, or {' or '.join(SENSORS)} (may be given again)",
    )
    parser.add_argument("-m", action="store_true", dest="module", help="SCRIPT is the name of a module")
    parser.add_argument("script", metavar="SCRIPT", help="the program")
    parser.add_argument("args", metavar="ARGS", nargs=argparse.REMAINDER, help="what it finds in sys.argv[1:]")


def port_pair(words: str) -> tuple[int, int]:
    """(80, 8080) from "80:8080". Raises ArgumentTypeError."""
    wanted, _, here = words.partition(":")
    numbers = [int(word) for word in (wanted, here) if word.isascii() and word.isdecimal()]
    if len(numbers) != 2 or not all(0 < number < 65536 for number in numbers):
        raise argparse.ArgumentTypeError(f"{words!r} is no pair of ports such as 80:8080")
    return numbers[0], numbers[1]


def attachable(words: str) -> int | str:
    """The I2C address or the sensor that `--attach` names. Raises ArgumentTypeError."""
    try:
        return parse_device(words)
    except ValueError:
        known = ", ".join(SENSORS)
        text = f"{words!r} is neither an I2C address from 0x08 to 0x77 nor one of: {known}"
        raise argparse.ArgumentTypeError(text) from None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the script that `argv` names; its exit code."""
    parser = argparse.ArgumentParser(description=DESCRIPTION)
    add_arguments(parser)
    return run(parser.parse_args(argv))


def run(options: argparse.Namespace) -> int:
    """Run a script; its exit code, 1 after an uncaught exception, 2 if it cannot run."""
    record = Record()
    try:
        port = open_port(options.port or "unix", options.version, record if options.report else None)
        code = None if options.module else read_script(options.script)
    except ShimError as error:
        print(f"usock-lint run: {error}", file=sys.stderr)
        return USAGE_ERROR
    port.network.works = options.fake_network == "on"
    port.network.loopback = options.loopback or port.has_loopback
    port.network.port_map.update(options.map_port)
    port.network.tell = announce
    # MicroPython looks for modules beside the script, and with -m in the current folder.
    folder = "" if code is None else os.path.dirname(os.path.abspath(options.script))
    print_at_once()
    world = World(port, LIBRARY, [options.script, *options.args], folder)
    world.attached = attached(options.attach)
    if port.name == "unix":
        world.path += unix_path()
    else:
        world.path.append(os.path.join(folder, "lib"))
        world.folders = Folders(folder or os.getcwd())
    errors = stream_of_errors(port, code is not None)
    with long_ints():
        status = run_to_end(world, errors, lambda: start(world, options.script, code))
    if options.report:
        sys.stdout.flush()
        print(render(record.features, port, options.output_format), end="", file=sys.stderr)
    return status


def unix_path() -> list[str]:
    """The rest of sys.path on the unix port, after the folder of the script (ports/unix/main.c:567@v1.28.0)."""
    first, *rest = os.environ.get("MICROPYPATH", ":.frozen:~/.micropython/lib:/usr/lib/micropython").split(":")
    return [os.path.expanduser(folder) for folder in ([first] if first else []) + rest]


def announce(message: str) -> None:
    """Tell the user something about the run, on standard error."""
    sys.stdout.flush()
    print(f"usock-lint run: {message}", file=sys.stderr, flush=True)


def print_at_once() -> None:
    """Flush standard output after each line, as MicroPython does, also if it is a pipe."""
    stream: TextIO = sys.stdout
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(line_buffering=True)


@contextmanager
def long_ints() -> Generator[None]:
    """Lift CPython's limit of 4300 digits in conversions between int and str, which MicroPython does not have."""
    if not hasattr(sys, "set_int_max_str_digits"):  # added in 3.10.7
        yield
        return
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


def read_script(path: str) -> bytes:
    """The bytes of a script. Raises ShimError when it cannot be read or is not UTF-8."""
    try:
        with open(path, "rb") as file:
            code = file.read()
        code.decode()
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ShimError(f"{path}:{line}: this is not UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ShimError(f"can't open {path!r}: {reason}") from None
    return code


def start(world: World, script: str, code: bytes | None) -> None:
    """Run the code of a script, or the module named `script` if `code` is None (`-m`)."""
    if code is None:
        world.run_module(script)
    else:
        scope = world.main({**world.left_by_boot(), "__name__": "__main__", "__file__": script})
        boot(world, script, scope)
        world.run(code, script, scope)


def boot(world: World, script: str, scope: dict[str, Any]) -> None:
    """Run the boot.py beside a main.py, as a board does: in the same globals. main.py runs even if it raises."""
    beside = os.path.join(os.path.dirname(script), "boot.py")
    if world.port.name == "unix" or os.path.basename(script) != "main.py" or not os.path.isfile(beside):
        return
    announce("boot.py runs first, as on the board")
    try:
        world.run(read_script(beside), beside, scope)
    except Exception as error:
        print_exception(error, sys.stderr, world.builtins)


def run_to_end(world: World, errors: TextIO, program: Callable[[], object]) -> int:
    """Run a main program, then what its timers still do, and print an uncaught exception; its exit code.

    Raises OSError if standard output, or the stream of errors, cannot be written.
    """

    def run_all() -> None:
        program()
        for go_on in world.after_program:
            go_on()

    try:
        run_within(run_all)
    except SystemExit as end:
        return exit_code(end, world, errors)
    except OutputLost as end:
        raise end.error from None
    except Halt as end:
        announce(f"{line_of_script(end, world)}{end}")
        return end.code
    except BaseException as error:
        sys.stdout.flush()
        try:
            print_exception(world.caught(error), errors, world.builtins)
        except OSError:  # of the stream: nobody reads it, or the disk is full
            raise
        except Exception as further:  # raised by the exception's own __repr__; MicroPython: "FATAL: uncaught NLR"
            announce(f"the firmware stops here: printing the exception raises {type(further).__name__}")
            return 1
        if hint := where_it_may_be(error, world):
            announce(hint)
        if isinstance(error, MemoryError) and not error.args and IS_LIMITED:
            announce(f"a program gets a MemoryError here if it takes more than {ROOM >> 20} MB")
        return INTERRUPTED if isinstance(error, KeyboardInterrupt) and errors is sys.stdout else 1
    finally:
        world.close()
    return 0


PRINTED_SINCE: Release = (1, 27, 0)
"""From then on the unix port runs a script as boards do: it prints the traceback on standard output, and an argument
of SystemExit that is not a number on standard error (ports/unix/main.c:269, shared/runtime/pyexec.c:167@v1.27.0)."""

INTERRUPTED = 130
"""The exit code of a script that Ctrl-C ended, since PRINTED_SINCE (shared/runtime/pyexec.h:41@v1.27.0)."""


def exit_code(end: SystemExit, world: World, errors: TextIO) -> int:
    """The exit code of a script that ended with SystemExit. `errors` is standard output since PRINTED_SINCE."""
    value = end.args[0] if end.args else None
    if value is None or (isinstance(value, int) and (errors is not sys.stdout or not isinstance(value, bool))):
        return (value or 0) & 0xFF
    if errors is sys.stdout:
        sys.stdout.flush()
        print(world.printer.str(value), file=sys.stderr)
    return 1


def stream_of_errors(port: Port, is_script: bool) -> TextIO:
    """The stream that an uncaught exception is printed on; of `-m` always standard error (ports/unix/main.c:640)."""
    return sys.stdout if is_script and port.name == "unix" and port.release >= PRINTED_SINCE else sys.stderr


def where_it_may_be(error: BaseException, world: World) -> str:
    """A hint for an import that found no module: how a board gets it; "" for any other error."""
    found = re.fullmatch("no module named '(.+)'", str(error)) if isinstance(error, ImportError) else None
    if found is None or world.port.name == "unix":
        return ""
    name = found[1]
    modules = [one for one in sorted(table.mip_modules()) if one == name or one.startswith(f"{name}.")]
    packages = dict.fromkeys(one.name for one in map(table.mip_package, modules) if one and one.folder != "unix-ffi")
    wanted = [name] if name in packages else packages
    brings = " or ".join(f'mip.install("{one}")' for one in wanted)
    further = f"; on a board {brings} brings it" if brings else ""
    return f"{name} is neither in the firmware nor beside the program or in its lib{further}"


def line_of_script(error: BaseException, world: World) -> str:
    """The line of the script that raised an exception, "main.py:3: "; "" if it came from elsewhere."""
    lines = [
        f"{frame.f_code.co_filename}:{line}: "
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_builtins is world.builtins
    ]
    return lines[-1] if lines else ""


def run_source(
    code: str | bytes,
    port: str = "unix",
    version: str | None = None,
    globals: Mapping[str, Any] | None = None,
    *,
    filename: str = "<string>",
    argv: Sequence[str] = (),
) -> dict[str, Any]:
    """Run `code` as the main program of a fresh world and return its globals, which start with `globals`.

    What it raises goes through, SystemExit included; what it left open is closed. Raises ShimError for a port
    or a version that cannot be simulated.
    """
    world = World(open_port(port, version), LIBRARY, argv, os.path.dirname(os.path.abspath(filename)))
    scope = world.main({"__name__": "__main__", "__file__": filename, **(globals or {})})
    try:
        world.run(code, filename, scope)
    finally:
        world.close()
    return scope


if __name__ == "__main__":
    raise SystemExit(main())

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import libcst as cst

from usock_lint.analysis.domain import builtin_types, device, library
from usock_lint.analysis.handlers import is_passed_over
from usock_lint.analysis.heuristics import sets_attribute
from usock_lint.analysis.uses import LibraryAttribute, LibraryName
from usock_lint.checks import Report, on
from usock_lint.checks._modules import importing, knows_micropython, presumed
from usock_lint.checks._repairs import Repair, bind_instead, use_instead
from usock_lint.fast_dataclasses import replace
from usock_lint.i18n import Field, Said, say
from usock_lint.ports import exceptions, world

_TICKS = say("; use time.ticks_us and time.ticks_diff")
_SLOW_TICKS = say("; use time.ticks_ms and time.ticks_diff")
_CONTEXT = say("; use ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)")
_ENVIRONMENT = say("; a board has no environment: write a constant")
_POLL = say("; use select.poll")

_ADVICE = {
    "ssl.create_default_context": _CONTEXT,
    "ssl._create_unverified_context": _CONTEXT,
    "ssl.PROTOCOL_TLS": say("; use ssl.PROTOCOL_TLS_CLIENT"),
    "ssl.PROTOCOL_TLSv1_2": say("; use ssl.PROTOCOL_TLS_CLIENT"),
    "select.epoll": _POLL,
    "select.kqueue": _POLL,
    "time.perf_counter": _TICKS,
    "time.perf_counter_ns": _TICKS,
    "time.monotonic": _SLOW_TICKS,
    "time.monotonic_ns": _SLOW_TICKS,
    "time.process_time": _TICKS,
    "time.clock": _TICKS,
    "time.strftime": say("; format what time.localtime gives"),
    "time.ctime": say("; format what time.localtime gives"),
    "time.asctime": say("; format what time.localtime gives"),
    "os.environ": _ENVIRONMENT,
    "os.getenv": _ENVIRONMENT,
    "os.strerror": say("; errno.errorcode has the name of a number"),
    "os.getpid": say("; a board has no processes: write a constant"),
    "asyncio.Queue": say("; use a deque and an asyncio.Event"),
    "asyncio.ensure_future": say("; use asyncio.create_task"),
    "asyncio.get_running_loop": say("; use asyncio.get_event_loop"),
    "asyncio.timeout": say("; use asyncio.wait_for"),
    "asyncio.TaskGroup": say("; use asyncio.gather"),
    "asyncio.to_thread": say("; await what does not block: streams, or a poll with a timeout of 0"),
    "re.findall": say("; call search on the rest of the string in a loop"),
    "re.finditer": say("; call search on the rest of the string in a loop"),
    "requests.exceptions": say("; catch OSError"),
    "requests.Session": say("; call `requests.get`, which connects each time"),
    "requests.session": say("; call `requests.get`, which connects each time"),
    "requests.codes": say("; write the number"),
    "struct.Struct": say("; use struct.pack and struct.unpack"),
    "struct.iter_unpack": say("; use struct.unpack_from"),
    "sys.stdout.flush": say("; leave it out"),
    "sys.stderr.flush": say("; leave it out"),
}

_NEEDLESS = frozenset({"sys.stdout.flush", "sys.stderr.flush"})
"""Calls that a program does as well without, as boards buffer no output."""

_PARTS = tuple(f"sys.version_info.{part}" for part in device.VERSION_PARTS)

_SAME = frozenset({"select.error"})
"""Exceptions of `exceptions.OF_MODULES` that are the same class on CPython, so that the fix changes nothing there."""


_ANSWERING = frozenset({"asyncio", "uasyncio"})
"""Modules with a `__getattr__` of their own, whose AttributeError an import of a name passes on
(extmod/asyncio/__init__.py:25@v1.28.0)."""


@on(LibraryName)
def name(use: LibraryName) -> Iterator[Report]:
    cells = library.lacking(use.module, use.name, use.site.live)
    if not cells:
        return
    cells &= importing(use.module, use.site)
    installable, aware = _package(use) is not None, knows_micropython(use.site.module)
    # A file written for MicroPython is assumed to have installed what `mip` can install.
    if installable and aware:
        return
    yield Report(
        use.node,
        cells,
        _message(use),
        _raised(use),
        partial(library.has_name, module=use.module, name=use.name),
        repair=_repair(use),
        only_if_everywhere=True,
        presumed="a board as flashed" if installable else presumed(use.site),
        way="mip" if installable and _full(use) not in exceptions.OF_MODULES else None,
    )


def _raised(use: LibraryName) -> str:
    if isinstance(use.node, cst.Name):
        return "NameError"
    return "AttributeError" if use.statement is None or use.module in _ANSWERING else "ImportError"


@on(LibraryAttribute)
def member(use: LibraryAttribute) -> Iterator[Report]:
    if use.stored or use.mixed or use.owner.module == "asyncio":  # missing-stream-member reports these
        return
    # The file may set the attribute itself; only objects of builtin classes take none.
    if use.owner.module != "builtins" and sets_attribute(use.site.module, use.name):
        return
    cells = library.without_member(use.owner, use.name, use.site.live)
    if not cells or builtin_types.is_reported_by_type(use.owner):
        return
    cells &= importing(use.owner.module, use.site)
    owner = use.site.code(use.node.value) if use.owner.module == "builtins" else f"{use.owner.module}.{use.owner.cls}"
    full = f"{owner}.{use.name}"
    if full in _NEEDLESS and is_passed_over(use.site.attempts, "AttributeError"):
        return
    message = say("`{name}` does not exist {where}{advice}", name=full, advice=_ADVICE.get(full, ""))
    works = partial(library.has_member, owner=use.owner, name=use.name)
    assumed = presumed(use.site)
    yield Report(use.node, cells, message, "AttributeError", works, only_if_everywhere=True, presumed=assumed)


def _message(use: LibraryName) -> Said:
    if use.statement is None:
        return say("`{name}` does not exist {where}{advice}", name=_full(use), advice=_advice(use))
    return say(
        "`{name}` cannot be imported from {module} {where}{advice}",
        name=use.name,
        module=use.module,
        advice=_advice(use),
    )


def _full(use: LibraryName) -> str:
    return f"{use.module}.{use.name}"


def _advice(use: LibraryName) -> Field:
    if instead := exceptions.OF_MODULES.get(_full(use)) or _item(use):
        return say("; use {name}", name=instead)
    if package := _package(use):
        return say('; mip.install("{package}") brings it', package=package)
    return _ADVICE.get(_full(use), "")


def _package(use: LibraryName) -> str | None:
    """The package of `mip` that has the name."""
    inner, outer = world.mip_package(_full(use)), world.mip_package(use.module)
    package = inner or (outer if world.mip_name(use.module, use.name) else None)
    return package.name if package and package.folder != "unix-ffi" else None


def _item(use: LibraryName) -> str | None:
    """`sys.version_info[0]` for `sys.version_info.major`: MicroPython's is a plain tuple."""
    if _full(use) not in _PARTS or not isinstance(use.node, cst.Attribute):
        return None
    return f"{use.site.code(use.node.value)}[{_PARTS.index(_full(use))}]"


def _repair(use: LibraryName) -> Repair | None:
    if (item := _item(use)) and isinstance(use.node, cst.Attribute):
        return use_instead(use.node, None, item)
    instead = exceptions.OF_MODULES.get(_full(use))
    if instead is None:
        return None
    same = _full(use) in _SAME
    if isinstance(use.node, cst.ImportAlias):
        found = bind_instead(use.site, use.statement, use.node, instead) if use.statement else None
    elif same or (use.clause and (use.clause.alone or use.clause.has_oserror)):
        found = use_instead(use.node, use.clause, instead)
    else:
        found = None
    return found if same or found is None else replace(found, applicability="unsafe")

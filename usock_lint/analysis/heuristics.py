"""Heuristics: assumptions about code of a certain shape that its values do not prove.

Each comes from real code on which the interpreter alone was wrong. "Seen in" names the file, "For" the kind of code if
no project was recorded. They test syntax and names only; their callers decide what follows. Flags that are named after
a Python (`IS_MICROPYTHON`) are in a module of their own, `usock_lint.analysis.domain.flags`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Final

import libcst as cst

from usock_lint.analysis.domain.operations import evaluated
from usock_lint.analysis.domain.values import Anything, Atom, Builtin, Member, Module, Value
from usock_lint.ports import PORTS, platforms
from usock_lint.ports.modules import EVERYWHERE, MEMBERS_EVERYWHERE
from usock_lint.syntax.nodes import called_name, dotted, is_text, of_type, once_per_node, package_of

Try = cst.Try | cst.TryStar

_IMPORTING: Final = frozenset({"__import__", "import_module"})

_LITERALS: Final = (cst.BaseString, cst.BaseNumber, cst.Tuple, cst.List)

# Seen in jczic/MicroWebSrv2, libs/XAsyncSockets.py: `if connectAsync and hasattr(cliSocket, 'connect_ex')`.
SOCKETS_ONLY: Final = frozenset(
    (
        "connect_ex getpeername getsockname getsockopt recv_into recvfrom_into recvmsg recvmsg_into sendmsg sendfile "
        "shutdown"
    ).split()
)
"""Names that are taken for those of sockets on any object: `hasattr(x, "shutdown")` is False on boards for an unknown
`x`, since code that asks so is written for CPython's sockets."""

# For clients whose try body ends in `s.close()`: the handler is there for the `connect` and `recv` above it.
HARMLESS: Final = frozenset(
    "aclose print close collect setblocking setsockopt settimeout sleep sleep_ms sleep_us wait_closed".split()
)
"""Functions and methods that are assumed not to raise an error that a handler is written for."""

IMMEDIATE: Final = frozenset(
    (
        "ADC I2C PWM Pin SPI Signal SoftI2C Timer UART WLAN active append bind bytearray bytes collect config decode "
        "dict encode float format freq get ifconfig init int ipconfig isconnected join len list listen mem_free off "
        "on print range replace setblocking setsockopt settimeout socket split status str strip ticks_ms time toggle "
        "tuple value"
    ).split()
)
"""Functions and methods that return at once, without waiting for the network.

For programs that set up pins and print between `WLAN.connect` and the first use of the network.
"""

RESTARTING: Final = frozenset("deepsleep hard_reset reset soft_reset".split())
"""Functions that restart the board."""

ENDING_PROGRAM: Final = RESTARTING | {"exit", "quit"}

ENDING: Final = tuple("close deinit disconnect reset shutdown stop".split())
"""Words in the names of methods that may close a socket: `super().close()`, `self.client.disconnect()`.

A method that stands in another file is assumed to close nothing if its name has none of these words. Seen in
Wei1234c/Elastic_Network_of_Things_with_MicroPython, codes/node/socket_client.py: `process_messages`.
"""

_OF_SYSTEM: Final = frozenset("byteorder executable implementation maxsize modules path platform version".split())

_OF_PLATFORM: Final = frozenset("machine node platform processor python_implementation release system version".split())
"""Functions of the module `platform` that tell which computer or board this is."""

_SUMMING_UP: Final = frozenset("all any bool int max min sum".split())
"""Builtins whose result tells what the conditions in their arguments tell."""

_TELLING: Final = frozenset("bool hash int len list repr str tuple".split())
"""Builtins whose result tells what their argument tells."""

_LOOKING_UP: Final = frozenset("count find fullmatch get index match search startswith".split())
"""Methods and functions whose result depends on which text they are given."""

_OF_DEVICE: Final = frozenset({"os", "sys", "uos", "usys"})

_OF_LOOPS: Final = frozenset({"get_event_loop", "get_running_loop"})

FAILING: Final = frozenset("accept connect read readinto readline recv recvfrom send sendall sendto write".split())
"""Methods of a socket that fail with the network or the other side."""


# Try bodies
def tidies(node: cst.CSTNode) -> bool:
    """True if a statement may close, when it is left, what its body has opened: `with`, or `try` with `finally`."""
    return isinstance(node, cst.With) or (isinstance(node, (cst.Try, cst.TryStar)) and node.finalbody is not None)


_PERIPHERALS: Final = frozenset({"machine", "pyb"})
"""Modules whose classes are made on a board whatever is connected to it."""


def is_probe(statement: cst.CSTNode) -> bool:
    """True if a statement only looks something up: `socket.socket.settimeout`, `FileNotFoundError`.

    Seen in micropython/micropython, tests/net_hosted/accept_timeout.py, which skips the test where that fails.
    """
    return isinstance(statement, cst.Expr) and isinstance(statement.value, (cst.Attribute, cst.Name))


def only_imports(node: Try) -> bool:
    """True if a try body only imports, probes and sets names, so that its handlers are for failed imports.

    For import shims whose handler is a bare `except:`. To make a `Pin` and the like fails on no board either, so
    `led = Pin(2)` is taken for an import that sets a name.
    """
    body = statements(node.body)
    made = {name for one in body if isinstance(one, (cst.Import, cst.ImportFrom)) for name in _peripherals(one)}
    return all(_is_about_imports(one) or _makes(one, made) for one in body)


def _peripherals(statement: cst.Import | cst.ImportFrom) -> Iterator[str]:
    """The names that an import binds to a module of hardware, or to something in it."""
    if isinstance(statement, cst.Import):
        named = {one.evaluated_alias or dotted(one.name): dotted(one.name) for one in statement.names}
    elif statement.module is not None and not isinstance(statement.names, cst.ImportStar):
        named = {one.evaluated_alias or one.evaluated_name: dotted(statement.module) for one in statement.names}
    else:
        named = {}
    return (name for name, module in named.items() if module in _PERIPHERALS)


def _makes(statement: cst.CSTNode, names: Container[str]) -> bool:
    """True if a statement assigns an object of one of these classes, or of a class in one of these modules."""
    match statement:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=cst.Call() as made):
            calls = list(of_type(made, cst.Call))
        case _:
            return False
    return all(package_of(one.func) in names for one in calls)


def asks_by_trying(node: Try, statement: cst.CSTNode) -> bool:
    """True if all that follows a statement in a try body gives names constants, returns one, or imports.

    Then the statement is there to find out whether it raises: `try: time.monotonic(); HAS = True`. A call that nothing
    follows is there for its effect.
    """
    body = statements(node.body)
    if statement not in body:
        return False
    rest = body[body.index(statement) + 1 :]
    if not rest and node.orelse is None:
        return is_probe(statement) or isinstance(statement, cst.Assign)
    return all(_is_about_imports(one) or _returns_constant(one) for one in rest)


def _returns_constant(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.Return) and isinstance(
        statement.value, (cst.Name, cst.BaseString, cst.BaseNumber, type(None))
    )


def only_asks(node: Try, describes: Callable[[cst.Name], bool]) -> bool:
    """True if a try body only asks which device this is, which raises only without os.uname().

    For configuration files with `try: BOARD = os.uname().machine` and a default in the handler, and for functions with
    `try: return implementation.name == "micropython"`. `describes` tells the names of what describes the device.
    """
    body = statements(node.body)
    asking = [_only_asks(one, describes) for one in body]
    return any(asking) and all(
        asks or (isinstance(one, cst.Assign) and _is_about_imports(one)) for asks, one in zip(asking, body, strict=True)
    )


def _only_asks(statement: cst.CSTNode, describes: Callable[[cst.Name], bool]) -> bool:
    """True if a statement only asks which device this is, or sets names by what the answer is."""
    match statement:
        case cst.Assign(value=value) | cst.Return(value=value):
            return asks_the_device(value, describes)
        case cst.If(test=test, body=body, orelse=other):
            inner = [
                *statements(body),
                *([other] if isinstance(other, cst.If) else statements(other.body) if other else []),
            ]
            return asks_the_device(test, describes) and all(
                _only_asks(one, describes) or (isinstance(one, (cst.Assign, cst.Return)) and _sets_plainly(one))
                for one in inner
            )
        case _:
            return False


def _sets_plainly(statement: cst.Assign | cst.Return) -> bool:
    """True if a statement sets a name to a literal or another name, or returns one."""
    if isinstance(statement, cst.Return):
        return isinstance(statement.value, (cst.Name, cst.BaseString, cst.BaseNumber))
    return _is_about_imports(statement)


def looked_up(node: Try) -> Iterator[cst.Attribute | None]:
    """The attributes that the statements of a try body look up; None for a statement that does anything else."""
    for statement in statements(node.body):
        match statement:
            case cst.Expr(value=cst.Attribute(value=cst.Name()) as found):
                yield found
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name())], value=cst.Attribute(value=cst.Name()) as found
            ):
                yield found
            case _:
                yield None


def attributes_read(node: Try) -> list[tuple[cst.Attribute, str]] | None:
    """The attributes of names that a try body reads, each with the module that the body imports under the name, or "".

    None if an AttributeError in the body may come from anything else. For `try: return time.ticks_ms()` with `except
    AttributeError: return time.monotonic() * 1000`. What the body reads of `self` is taken to be there.
    """
    body = node.body
    if next(of_type(body, *_RUNNING), None) is not None:
        return None
    modules: dict[str, str] = {}
    for one in (one for imports in of_type(body, cst.Import) for one in imports.names):
        name = dotted(one.name).removeprefix("u")
        if name not in EVERYWHERE:
            return None
        modules[one.evaluated_alias or dotted(one.name)] = name
    called = _called(body)
    stored = {one.target for one in of_type(body, cst.AssignTarget)}
    found: list[tuple[cst.Attribute, str]] = []
    for one in of_type(body, cst.Attribute):
        match one.value:
            case cst.Name(value="self") if one not in called:
                continue
            case cst.Name(value=name):
                found += [(one, modules.get(name, ""))] if one not in stored else []
            case cst.Attribute(value=cst.Name(value="self")) if one in called:
                found.append((one, ""))
            case cst.Call() if one in called and _raises_nothing(one):
                continue
            case _:
                return None
    plain = (type(one) is cst.Attribute or (type(one) is cst.Name and one.value in _PLAIN) for one in called)
    return found if all(plain) else None


def calls_boards_alone(node: Try) -> bool:
    """True if all calls in a try body are of functions that every board has, and that raise nothing there.

    For `try: return time.ticks_ms()` with a clause for any error, which is for CPython, and for
    `try: asyncio.create_task(serve())` with one for what an older asyncio has.
    """
    called = _called(node.body)
    return (
        bool(called)
        and all(type(one) is cst.Attribute and _raises_nothing(one) for one in called)
        and all(isinstance(one, (cst.Assign, cst.Return, cst.Expr)) for one in statements(node.body))
        and next(of_type(node.body, cst.Subscript), None) is None
    )


def _called(body: cst.BaseSuite) -> list[cst.BaseExpression]:
    """What a try body calls, without the coroutines that it gives to asyncio: these calls only make them."""
    calls = [*of_type(body, cst.Call)]
    running = (one for one in calls if isinstance(one.func, cst.Attribute) and one.func.attr.value in _TAKING)
    made = {argument.value for one in running for argument in one.args[:1]}
    return [one.func for one in calls if one not in made]


_TAKING: Final = frozenset({"create_task", "run"})
"""Functions of asyncio that take a coroutine."""


def _raises_nothing(function: cst.Attribute) -> bool:
    """True if this is a function that every board has, and that raises nothing there, or `hexlify(...).decode`."""
    if function.attr.value == "decode":
        return isinstance(function.value, cst.Call) and called_name(function.value) == "hexlify"
    return function.attr.value in _OF_BOARDS


_OF_BOARDS: Final = frozenset("create_task hexlify reset soft_reset unique_id".split()).union(
    *MEMBERS_EVERYWHERE.values()
) - {"sleep_ms", "sleep_us"}
"""Ctrl-C may end a sleep with a KeyboardInterrupt."""

_RUNNING: Final = (cst.ImportFrom, cst.FunctionDef, cst.ClassDef, cst.Lambda, cst.Await, cst.Yield, cst.With)
"""Code that may run other code of the project, or binds names that are looked up."""

_PLAIN: Final = frozenset("abs float int len max min print round str".split())
"""Builtins that look up no attributes of what programs give them."""


def is_for_no_loop(node: Try, caught: frozenset[str]) -> bool:
    """True if a clause that catches these is for CPython's asyncio without a loop: no board gets to it.

    For `try: loop = asyncio.get_event_loop()` and `except RuntimeError`: on boards `get_event_loop` raises nothing
    (extmod/asyncio/core.py:304@v1.28.0). They have no `get_running_loop`, so its look-up fails, with another error.
    """
    values = [
        one.value if isinstance(one, (cst.Assign, cst.Expr, cst.Return)) else None for one in statements(node.body)
    ]
    called = frozenset(called_name(value) for value in values)
    return called <= _OF_LOOPS and ("get_running_loop" not in called or caught == frozenset({"RuntimeError"}))


def imports_instead(node: Try, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    """True if a try body and its handler both begin with an import: the handler is for boards without the first module.

    Seen in emard/esp32ecp5, ecp5.py: `deflate` and its use, and in a bare handler `uzlib`.
    """
    return all(isinstance(statements(one)[0], (cst.Import, cst.ImportFrom)) for one in (node.body, handler.body))


def imported(node: Try | cst.ExceptHandler | cst.ExceptStarHandler) -> Iterator[str]:
    """The modules that the statements of a try body or a handler import, and the names that they import from these."""
    for statement in statements(node.body):
        if isinstance(statement, cst.Import):
            yield from (dotted(one.name) for one in statement.names)
        elif isinstance(statement, cst.ImportFrom) and statement.module is not None and not statement.relative:
            module = dotted(statement.module)
            yield module
            if not isinstance(statement.names, cst.ImportStar):
                yield from (f"{module}.{one.evaluated_name}" for one in statement.names)


def _is_about_imports(statement: cst.CSTNode) -> bool:
    if is_probe(statement):
        return True
    match statement:
        case cst.Import() | cst.ImportFrom() | cst.Pass():
            return True
        case cst.Expr(value=cst.Call() as call):
            return called_name(call) in _IMPORTING
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=cst.Call() as call) if (
            called_name(call) in _IMPORTING
        ):
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())], value=value):
            return isinstance(value, (cst.Name, cst.BaseString, cst.BaseNumber)) or asks_the_device(value)
        case _:
            return False


def asks_the_device(
    value: cst.BaseExpression | None, describes: Callable[[cst.Name], bool] = lambda name: False
) -> bool:
    """True if an expression only asks `sys` or `os`, or what else describes the device, which device this is."""
    match value:
        case cst.Name(value=name):
            return name in _OF_DEVICE or describes(value)
        case cst.Attribute(value=cst.Name(value="os" | "uos"), attr=cst.Name(value=name)):
            return name == "uname"  # boards have no `environ` and no `name`
        case cst.Attribute(value=asked) | cst.Subscript(value=asked) | cst.UnaryOperation(expression=asked):
            return asks_the_device(asked, describes)
        case cst.Call(func=cst.Attribute(value=asked, attr=cst.Name(value="uname" | "lower" | "startswith"))):
            return asks_the_device(asked, describes)
        case cst.Call(func=cst.Name(value="getattr" | "hasattr"), args=[cst.Arg(value=asked), *_]):
            return asks_the_device(asked, describes)
        case cst.Comparison(left=left, comparisons=[one]):
            sides = (left, one.comparator)
            asked = any(asks_the_device(side, describes) for side in sides)
            return asked and any(isinstance(side, _LITERALS) for side in sides)
        case cst.BooleanOperation(left=left, right=right):
            return asks_the_device(left, describes) and asks_the_device(right, describes)
        case _:
            return False


def branches_on_device(function: cst.FunctionDef, describes: Callable[[cst.Name], bool]) -> bool:
    """True if a condition in a function asks which device, or which Python, this is: `sys.platform == "rp2"`."""
    return any(asks_the_device(one.test, describes) for one in of_type(function.body, cst.If, cst.IfExp))


@once_per_node
def names_of_device(module: cst.Module) -> frozenset[str]:
    """The names that a file gives to the answers which device, or which Python, this is."""
    found: set[str] = set()
    if not mentions_system(module):
        return frozenset()
    for node in of_type(module, cst.Assign):  # what is made of such a name stands below it
        asks = _has_system(node.value)  # and not for `sys.argv`
        known = any(one.value in found for one in of_type(node.value, cst.Name))
        if (asks or known) and asks_the_device(node.value, lambda name: name.value in found):
            found.update(one.target.value for one in node.targets if isinstance(one.target, cst.Name))
    return frozenset(found)


def asks_for_system(node: cst.BaseExpression) -> bool:
    """True if an expression is `sys.platform`, `sys.implementation` and the like, or is made of it.

    A comparison of one with what is not known still tells which Python or board this is.
    """
    match node:
        case cst.Attribute(value=cst.Name(value="sys" | "usys"), attr=cst.Name(value=name)):
            return name in _OF_SYSTEM
        case cst.Attribute(value=cst.Name(value="platform"), attr=cst.Name(value=name)):
            return name in _OF_PLATFORM
        case cst.Attribute() if names_board(node):
            return False
        case cst.Attribute(value=inner) | cst.Subscript(value=inner):
            return asks_for_system(inner)
        case cst.Call():
            return is_question_about_system(node)
        case _:
            return False


def is_text_of_system(node: cst.BinaryOperation) -> bool:
    """True if an expression is made of `sys.platform` and the like, and literals, so that it never grows."""
    attributes = list(of_type(node, cst.Attribute))
    names = {one.value for one in of_type(node, cst.Name)} - {one.attr.value for one in attributes}
    return names <= _OF_DEVICE and any(map(asks_for_system, attributes))


@once_per_node
def mentions_system(module: cst.Module) -> bool:
    """True if a file asks anywhere which Python or board this is."""
    return _has_system(module) or any(one.value in _OF_DEVICE for one in of_type(module, cst.Name))


def _has_system(node: cst.CSTNode) -> bool:
    """True if `sys.platform` and the like are anywhere in a node."""
    return any(map(asks_for_system, of_type(node, cst.Attribute)))


def is_question_about_system(node: cst.Call) -> bool:
    """True if the result of a call tells which Python or board this is, though it is not computed.

    `re.match("linux|win", sys.platform)`, `any(sys.platform == one for one in HOSTS)`, `sys.version.split()`
    """
    given = [argument.value for argument in node.args]
    match node.func:
        case cst.Name(value="getattr"):
            return len(given) > 2 and isinstance(given[0], cst.Name) and given[0].value in _OF_DEVICE
        case cst.Name(value=name) if name in _SUMMING_UP:
            return any(map(_has_system, given))
        case cst.Name(value=name):
            return name in _TELLING and any(map(asks_for_system, given))
        case cst.Attribute(attr=cst.Name(value=name)) if name in _LOOKING_UP and any(map(asks_for_system, given)):
            return True
        case cst.Attribute(attr=cst.Name(value="join" | "format")):
            return any(map(_has_system, given))
        case cst.Attribute():
            return asks_for_system(node.func)
        case _:
            return False


_SYSTEMS: Final = frozenset(
    (
        "aix android brython circuitpython cpython cygwin darwin emscripten freebsd ios ironpython java jython linux "
        "linux2 micropython nt posix pycopy pypy sunos5 win32 windows"
    ).split()
)
"""Names of implementations of Python and of systems, as in `sys.implementation.name` and `sys.platform`."""


def systems(node: cst.Dict | cst.Set) -> dict[cst.CSTNode, str]:
    """The elements of a dict whose keys are all names of systems, at least one of a computer, each with its key.

    For programs that choose a function or a class by `sys.platform` or `sys.implementation.name`.
    """
    found: dict[cst.CSTNode, str] = {
        one: str(evaluated(one.key.value))
        for one in node.elements
        if isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString)
    }
    names = {*found.values()}
    if len(found) < len(node.elements) or names.isdisjoint(_SYSTEMS):
        return {}
    boards = {name for port in PORTS for name in platforms(port)}
    return found if names <= _SYSTEMS | boards else {}


def asks_for_release(node: cst.BaseExpression, is_of_release: Callable[[str], bool]) -> bool:
    """True if an expression has in it what tells the release of the firmware, or a name that is computed from it.

    `int(os.uname().release.split(".")[1]) < 21`: which releases these are is not computed, but it is what is asked.
    """
    attributes = list(of_type(node, cst.Attribute))
    inner = {part for one in attributes for part in ((one.attr, one.value) if names_board(one) else (one.attr,))}
    asked = (one for one in attributes if one not in inner)
    return any(_tells_release(one) or is_of_release(f".{one.attr.value}") for one in asked) or any(
        is_of_release(one.value) for one in of_type(node, cst.Name) if one not in inner
    )


def names_board(node: cst.Attribute) -> bool:
    """True for what `sys.implementation` tells of the board alone, which CPython's does not have."""
    return node.attr.value in ("_build", "_machine")


_RELEASES: Final = frozenset(
    {("sys", "implementation"), ("sys", "version"), ("sys", "version_info"), ("os", "uname")},
)
"""Modules, and the names in them that tell of the release."""


def _tells_release(node: cst.Attribute) -> bool:
    return isinstance(node.value, cst.Name) and (node.value.value.removeprefix("u"), node.attr.value) in _RELEASES


_FIELDS: Final = frozenset("machine name nodename release sysname version".split())
"""The attributes of `sys.implementation` and `os.uname()` whose values are known."""


def is_compared_to_literal(
    is_field: Callable[[str], bool], left: cst.BaseExpression, right: cst.BaseExpression
) -> bool:
    """True if one side of a comparison is a literal, and the other no name for `os.uname().machine` or the like."""
    for one, other in ((left, right), (right, left)):
        if isinstance(other, (*_LITERALS, cst.Set)):
            return not (isinstance(one, cst.Name) and is_field(one.value))
    return False


@once_per_node
def names_of_fields(module: cst.Module) -> frozenset[str]:
    """The names that a file gives to what tells the release, or to a part of it, without computing anything."""
    given = ((target.target, node.value) for node in of_type(module, cst.Assign) for target in node.targets)
    return frozenset(name for target, value in given if is_release(value) for name in _targets(target))


def is_release(node: cst.BaseExpression) -> bool:
    """True for `os.uname().release`, `sys.implementation[1]` and the like, whose values are known, without more."""
    while True:
        match node:
            case cst.Attribute() if _tells_release(node):
                return True
            case (
                cst.Subscript(value=inner)
                | cst.Call(func=cst.Attribute(attr=cst.Name(value="uname")) as inner, args=[])
            ):
                node = inner
            case cst.Attribute(value=inner, attr=cst.Name(value=name)) if name in _FIELDS:
                node = inner
            case _:
                return False


@once_per_node
def names_of_release(module: cst.Module) -> frozenset[str]:
    """What a file computes from the release: names, attributes with a dot in front, and functions that return it."""
    found = {
        one.evaluated_alias or one.evaluated_name
        for imports in of_type(module, cst.ImportFrom)
        if not isinstance(imports.names, cst.ImportStar) and imports.module is not None
        for one in imports.names
        if (dotted(imports.module).removeprefix("u"), one.evaluated_name) in _RELEASES
    }
    if not found and not any(map(_tells_release, of_type(module, cst.Attribute))):
        return frozenset()
    given: list[tuple[cst.BaseExpression, set[str]]] = []
    for node in of_type(module, cst.Assign, cst.AnnAssign, cst.FunctionDef):
        if isinstance(node, cst.FunctionDef):
            returned = (one.value for one in of_type(node.body, cst.Return))
            given += [(one, {node.name.value}) for one in returned if one is not None]
        elif node.value is not None:
            targets = [node] if isinstance(node, cst.AnnAssign) else node.targets
            given.append((node.value, {name for one in targets for name in _targets(one.target)}))
    while more := [names for value, names in given if names - found and asks_for_release(value, found.__contains__)]:
        found.update(*more)
    return frozenset(found)


def _targets(node: cst.CSTNode) -> Iterator[str]:
    """The names that an assignment to a target binds, and the attributes, with a dot in front, that it sets."""
    match node:
        case cst.Name(value=name):
            yield name
        case cst.Attribute(attr=cst.Name(value=name)):
            yield f".{name}"
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for one in elements:
                yield from _targets(one.value)
        case _:
            return


def ends_program(node: cst.CSTNode) -> bool:
    """True if a node is the call of a function after which the program does not go on: `machine.reset()`."""
    match node:
        case cst.Call():
            return called_name(node) in ENDING_PROGRAM
        case cst.Raise(exc=cst.Name(value="SystemExit") | cst.Call(func=cst.Name(value="SystemExit"))):
            return True
        case _:
            return False


# Names
@once_per_node
def bound_by_text(module: cst.Module) -> frozenset[str]:
    """The words in the texts and keywords of a file that binds names by their texts; an empty set for other files.

    For `globals()[name] = OSError` in a loop over names of exceptions, `globals().update(names)` and `exec(text)`.
    """
    if not any(map(_binds_by_text, of_type(module, cst.Call))):
        return frozenset()
    documenting = {one.value for one in of_type(module, cst.Expr)}
    texts = (one.raw_value for one in of_type(module, cst.SimpleString) if one not in documenting)
    keywords = (one.keyword.value for one in of_type(module, cst.Arg) if one.keyword is not None)
    return frozenset(word for text in (*texts, *keywords) for word in re.findall(r"\w+", text))


def _binds_by_text(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value in ("exec", "globals")


# Ends of branches
def leaves(suite: cst.BaseSuite) -> bool:
    """True if the code after a branch does not run after it. A call of any `exit` counts as the end of the program.

    For scripts that end with `sys.exit()` on a Python or a board that they are not for.
    """
    match _last(suite):
        case cst.Return() | cst.Raise() | cst.Continue() | cst.Break():
            return True
        case cst.Expr(value=cst.Call(func=(cst.Name(value="exit" | "quit")) | cst.Attribute(attr=cst.Name("exit")))):
            return True
        case _:
            return False


def asks_for_lack(test: cst.BaseExpression) -> bool:
    """True if a condition tests that an object lacks an attribute: `not hasattr(socket, "SO_LINGER")`."""
    match test:
        case cst.UnaryOperation(operator=cst.Not(), expression=cst.Call(func=cst.Name(value="hasattr"))):
            return True
        case _:
            return False


def last_called(suite: cst.BaseSuite) -> cst.BaseExpression | None:
    """The callee of a branch's last statement, if that is a call."""
    match _last(suite):
        case cst.Expr(value=cst.Call(func=function)):
            return function
        case _:
            return None


def may_not_return(callee: Value) -> bool:
    """True if the function that a branch for a missing attribute calls last is assumed to end the program.

    It is a function of another module. Seen in micropython/micropython, tests/multi_net/tcp_client_rst.py:
    `multitest.skip()`.
    """
    return any(isinstance(atom, Anything) or _is_foreign(atom) for atom in callee)


def _is_foreign(atom: Atom) -> bool:
    return isinstance(atom, Member) and isinstance(atom.owner, Module) and atom.owner.name not in EVERYWHERE


# Conditions
def is_literal(test: cst.BaseExpression) -> bool:
    """True if a condition is a literal, so that it tests neither the board nor the Python: `if 1:`.

    For programs in which a part is switched on and off by hand.
    """
    while isinstance(test, cst.UnaryOperation):
        test = test.expression
    return isinstance(test, cst.Integer) or (isinstance(test, cst.Name) and test.value in ("True", "False", "None"))


def asks_for_tuple(kinds: Value) -> bool:
    """True if `isinstance` tests for tuples only. If it is False, the value is taken for an address of the unix port.

    For functions that return a tuple unchanged and pass anything else to `socket.sockaddr`.
    """
    return kinds == frozenset({Builtin("tuple")})


def asks_for_none(test: cst.BaseExpression) -> cst.Name | None:
    """The name that a part of a condition tests for None, so that the program expects a read to return None.

    For loops over non-blocking sockets: `if data is None and time.time() > deadline`.
    """
    match test:
        case cst.Comparison(
            left=cst.Name() as name,
            comparisons=[cst.ComparisonTarget(operator=cst.Is() | cst.Equal(), comparator=cst.Name("None"))],
        ):
            return name
        case _:
            return None


# Functions
@once_per_node
def listed(module: cst.Module) -> Mapping[str, cst.Call]:
    """The names that a file binds once, each to a call of `dir`: `names = dir(socket)`."""
    targets = [one.target.value for one in of_type(module, cst.AssignTarget) if isinstance(one.target, cst.Name)]
    found: dict[str, cst.Call] = {}
    for node in of_type(module, cst.Assign):
        match node:
            case cst.Assign(
                targets=[cst.AssignTarget(target=cst.Name(value=name))],
                value=cst.Call(func=cst.Name(value="dir"), args=[cst.Arg()]) as call,
            ) if targets.count(name) == 1:
                found[name] = call
            case _:
                continue
    return found


def asks_for_attribute(function: cst.FunctionDef | cst.Lambda) -> cst.BaseExpression | None:
    """The expression that a function returns, if it asks whether an object has the attribute that an argument names.

    For programs with `def has(thing, name): return hasattr(thing, name)`, or a lambda that does so.
    """
    names = {one.name.value for one in (*function.params.posonly_params, *function.params.params)}
    asked = function.body if isinstance(function, cst.Lambda) else _returned(function)
    calls = list(of_type(asked, cst.Call)) if asked is not None else []
    plain = bool(calls) and all(isinstance(one.func, cst.Name) and one.func.value in _ASKING for one in calls)
    named = [one.args[1].value for one in calls if len(one.args) > 1]
    return asked if plain and any(isinstance(one, cst.Name) and one.value in names for one in named) else None


_ASKING: Final = frozenset({"bool", "callable", "getattr", "hasattr"})


def _returned(function: cst.FunctionDef) -> cst.BaseExpression | None:
    """The expression that a function returns which has no other statement, or what a `try` around `getattr` asks."""
    match [one for one in statements(function.body) if not is_text(one)]:
        case [cst.Return(value=value)]:
            return value
        case [cst.Try(body=body, handlers=[handler]), *rest]:
            return _looked_for([*statements(body), *rest], statements(handler.body))
        case _:
            return None


def _looked_for(tried: Sequence[cst.CSTNode], otherwise: Sequence[cst.CSTNode]) -> cst.BaseExpression | None:
    """`hasattr(thing, name)` for `getattr(thing, name)`, `return True`, and `return False` in the handler."""
    match [*tried, *otherwise]:
        case [
            cst.Expr(value=cst.Call(func=cst.Name(value="getattr"), args=[_, _] as given)),
            cst.Return(value=cst.Name(value="True")),
            cst.Return(value=cst.Name(value="False")),
        ]:
            return cst.Call(cst.Name("hasattr"), given)
        case _:
            return None


def forwards_arguments(call: cst.Call | None, function: cst.FunctionDef | None, name: str) -> bool:
    """True if this calls, in a function of the same name, a method with arguments that all have a star.

    For classes around a socket: `def recv(self, *args, **kwargs): return self._sock.recv(*args, **kwargs)`.
    """
    arguments = call.args if call is not None else ()
    inside = function is not None and function.name.value == name
    return inside and bool(arguments) and all(one.star for one in arguments)


def is_assembler(function: cst.FunctionDef | None) -> bool:
    """True if the names in a function are an assembler's: it is compiled by `rp2.asm_pio` or its like.

    For programs for rp2 that have state machines beside their sockets.
    """
    for one in function.decorators if function is not None else ():
        node = one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator
        name = node.attr if isinstance(node, cst.Attribute) else node
        if isinstance(name, cst.Name) and name.value.startswith("asm_"):
            return True
    return False


def is_context(function: cst.FunctionDef) -> bool:
    """True if a generator is decorated with `contextmanager`, from whatever module.

    For programs that open their sockets in such a generator.
    """
    named = [one.decorator for one in function.decorators]
    names = [one.attr if isinstance(one, cst.Attribute) else one for one in named]
    return any(isinstance(one, cst.Name) and one.value.endswith("contextmanager") for one in names)


# Attributes that a file sets
def sets_attribute(module: cst.Module, name: str, holder: cst.BaseExpression | None = None) -> bool:
    """True if a file itself sets an attribute of this name, on any object or on one with the holder's name.

    For programs that add to a module what it lacks on boards, by assignment or `setattr`, and use it afterwards.
    """
    found = _set_in(module)
    if holder is None:
        return any(name == one for _, one in found)
    return isinstance(holder, cst.Name) and (holder.value, name) in found


@once_per_node
def _set_in(module: cst.Module) -> frozenset[tuple[str, str]]:
    """The attributes that a file sets: pairs of the name of the holder and that of the attribute."""
    found: set[tuple[str, str]] = set()
    for node in of_type(module, cst.AssignTarget, cst.Call):
        match node:
            case cst.AssignTarget(target=cst.Attribute(value=cst.Name(value=holder), attr=cst.Name(value=name))):
                found.add((holder, name))
            case cst.Call(
                func=cst.Name(value="setattr"),
                args=[cst.Arg(value=cst.Name(value=holder)), cst.Arg(value=cst.SimpleString() as text), _],
            ):
                found.add((holder, str(evaluated(text.value))))
            case _:
                continue
    return frozenset(found)


# Suites
def statements(body: cst.BaseSuite | cst.Module) -> list[cst.CSTNode]:
    """The statements of a suite or a module, each small statement on its own."""
    flat: list[cst.CSTNode] = []
    for statement in body.body:
        if isinstance(statement, cst.SimpleStatementLine):
            flat.extend(statement.body)
        else:
            flat.append(statement)
    return flat


def _last(suite: cst.BaseSuite) -> cst.CSTNode:
    last = suite.body[-1]
    return last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last

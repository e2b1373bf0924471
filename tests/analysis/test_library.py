"""What the analysis tells of every other module: imports, names, attributes of objects, calls, and guards of them."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest

from usock_lint import Config, analysis, lint_paths, ports
from usock_lint.analysis.domain import library
from usock_lint.analysis.domain.values import Module, Object
from usock_lint.analysis.uses import (
    AnyUse,
    BuiltinName,
    LibraryAttribute,
    LibraryCall,
    LibraryModule,
    LibraryName,
    ModuleName,
)

PORTABLE = ports.cells(ports.PORTABLE)
_PROBED = "import socket\n{code}"


def _uses(code: str, *project: str, target: str = "") -> list[AnyUse]:
    cells = ports.cells(ports.parse_targets([target])) if target else PORTABLE
    return analysis.uses(cst.parse_module(code), cells, None, analysis.Surroundings(project))


def _reached(code: str, *project: str, target: str = "") -> set[str]:
    """The names of the socket module, each on whose look-up some cell is."""
    return {use.name for use in _uses(_PROBED.format(code=code), *project, target=target) if type(use) is ModuleName}


def test_a_module_under_its_old_name_is_not_the_one_that_is_installed_under_the_new() -> None:
    found = _uses(_PROBED.format(code="import uio\nprint(uio.FileIO)\n"), target="unix==1.11")
    (name,) = [use for use in found if isinstance(use, LibraryName)]
    assert not library.lacking(name.owner.name, name.name, name.site.live)


def test_every_module_that_is_imported_is_told_as_it_is_written() -> None:
    found = _uses("import socket, utime\nfrom os.path import join\nimport threading as t, logging.handlers\n")
    names = [use.name for use in found if isinstance(use, LibraryModule)]
    assert names == ["utime", "os.path", "threading", "logging.handlers"]


def test_names_of_modules_are_told_wherever_they_stand() -> None:
    found = _uses(
        "import socket, json\nfrom utime import strftime as f\ntry:\n    json.loads('')\nexcept json.X:\n    pass\n"
    )
    names = [use for use in found if isinstance(use, LibraryName)]
    assert [(use.module, use.name) for use in names] == [("time", "strftime"), ("json", "loads"), ("json", "X")]
    assert [bool(use.statement) for use in names] == [True, False, False]
    assert [bool(use.call) for use in names] == [False, True, False]
    assert [bool(use.clause) for use in names] == [False, False, True]


def test_an_object_of_a_class_is_followed_to_its_attributes() -> None:
    found = _uses("import asyncio\nlock = asyncio.Lock()\nlock.locked()\nlock.owner\nasyncio.Lock.x\n")
    attributes = [use for use in found if isinstance(use, LibraryAttribute)]
    assert {use.owner for use in attributes} == {Object("asyncio", "Lock")}
    assert [(use.name, bool(use.call)) for use in attributes] == [("locked", True), ("owner", False), ("x", False)]


def test_calls_of_functions_classes_and_methods_have_their_arguments() -> None:
    found = _uses("import socket, json, asyncio\njson.dumps({}, indent=2)\nasyncio.Lock().acquire(1)\n")
    calls = [use for use in found if isinstance(use, LibraryCall)]
    told = [(use.owner, use.name, [one.keyword for one in use.arguments]) for use in calls]
    assert told == [
        (Module("json"), "dumps", [None, "indent"]),
        (Module("asyncio"), "Lock", []),
        (Object("asyncio", "Lock"), "acquire", [None]),
    ]


def test_the_standard_streams_have_attributes() -> None:
    (use,) = [one for one in _uses("import sys, socket\nsys.stdout.flush()\n") if isinstance(one, LibraryAttribute)]
    assert (use.owner, use.name) == (Object("builtins", "stdio"), "flush")


def test_of_a_module_of_the_project_nothing_is_told() -> None:
    code = "import socket, json\nfrom json import nothing\njson.x\njson.f(1)\n"
    kinds = (LibraryName, LibraryCall, LibraryAttribute)
    assert [one for one in _uses(code) if isinstance(one, kinds)]
    assert not [one for one in _uses(code, "json") if isinstance(one, kinds)]


def test_a_module_of_the_project_with_a_u_stands_for_the_one_without() -> None:
    code = "import socket, uasyncio\nuasyncio.IORead\nuasyncio.get_event_loop().call_soon(1)\n"
    kinds = (LibraryName, LibraryCall, LibraryAttribute)
    assert [one for one in _uses(code) if isinstance(one, kinds)]
    assert not [one for one in _uses(code, "uasyncio") if isinstance(one, kinds)]


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        ("asyncio.new_event_loop()", "Loop"),
        ("asyncio.get_event_loop()", "Loop"),
        ("asyncio.create_task(f())", "Task"),
        ("asyncio.get_event_loop().create_task(f())", "Task"),
        ("await asyncio.start_server(f, '', 80)", "Server"),
        ("asyncio.get_event_loop().run_until_complete(asyncio.start_server(f, '', 80))", "Server"),
    ],
)
def test_what_functions_of_asyncio_give_is_followed(made: str, kind: str) -> None:
    code = f"import asyncio\nasync def f():\n    x = {made}\n    x.nothing\n"
    (use,) = [one for one in _uses(code) if isinstance(one, LibraryAttribute) and one.name == "nothing"]
    assert use.owner == Object("asyncio", kind)


def test_a_file_without_networks_tells_nothing_unless_it_is_asked_to() -> None:
    module = cst.parse_module("import time, json\njson.x\nConnectionError\n")
    assert not analysis.uses(module, PORTABLE)
    every = analysis.uses(module, PORTABLE, None, analysis.Surroundings(lints_every_file=True))
    assert {type(use) for use in every} == {LibraryModule, LibraryName, BuiltinName}


GUARDED = {
    "an import that fails": "try:\n    import selectors\n    NO\nexcept ImportError:\n    YES\n",
    "an import that does not": "try:\n    import json\n    YES\nexcept ImportError:\n    NO\n",
    "an import of a name that is missing": (
        "try:\n    from time import strptime\n    NO\nexcept ImportError:\n    YES\n"
    ),
    "an import of a name that is there": (
        "try:\n    from time import sleep_ms\n    YES\nexcept ImportError:\n    NO\n"
    ),
    "hasattr of a name that is missing": ("import time\nif hasattr(time, 'strptime'):\n    NO\nelse:\n    YES\n"),
    "hasattr of a name that is there": "import os\nif hasattr(os, 'stat'):\n    YES\nelse:\n    NO\n",
    "getattr with a default": (
        "import time\nf = getattr(time, 'strptime', None)\nif f is None:\n    YES\nelse:\n    NO\n"
    ),
    "a probe": "import json\ntry:\n    json.JSONDecodeError\n    NO\nexcept AttributeError:\n    YES\n",
    "hasattr of an object": ("import asyncio\nx = asyncio.Lock()\nif hasattr(x, 'no'):\n    NO\nelse:\n    YES\n"),
    "a module that is gone": "try:\n    import ussl\n    NO\nexcept ImportError:\n    YES\n",
    "a flag that an import sets": (
        "try:\n    import selectors\nexcept ImportError:\n    selectors = None\nif selectors:\n    NO\nelse:\n    YES\n"
    ),
}


@pytest.mark.parametrize("code", GUARDED.values(), ids=GUARDED)
def test_guards_are_decided_by_what_is_there(code: str) -> None:
    assert _reached(code.replace("YES", "print(socket.yes)").replace("NO", "print(socket.no)")) == {"yes"}


def test_what_stands_behind_an_import_of_what_can_be_installed_is_not_judged() -> None:
    code = "try:\n    import logging\n    print(socket.one)\nexcept ImportError:\n    print(socket.other)\n"
    assert _reached(code) == {"other"}
    assert _reached(code + "print(socket.after)\n") == {"other", "after"}


def test_what_the_project_has_may_be_found_or_not() -> None:
    code = "try:\n    import selectors\n    print(socket.one)\nexcept ImportError:\n    print(socket.other)\n"
    assert _reached(code, "selectors") == {"one", "other"}


def test_what_a_class_of_a_built_in_module_has_does_not_go_by_the_project(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("import socket, ssl\nif hasattr(ssl.SSLContext, 'options'):\n    socket.gaierror\n")
    (report,) = lint_paths([file], Config())
    assert report.findings == ()
    (tmp_path / "ssl.py").write_text("")
    (report,) = lint_paths([file], Config())
    assert [one.code for one in report.findings] == ["USK101"]


def test_where_one_part_of_a_condition_is_certain_the_other_decides() -> None:
    code = """
def connect(host=None, more=None):
    if host is None and not hasattr(socket, "create_connection"):
        return
    if host is None:
        socket.one
    if more is None:
        socket.two
"""
    assert _reached(code) == {"two"}


def test_a_module_that_some_releases_have_parts_the_targets() -> None:
    code = "try:\n    import ussl\n    print(socket.old)\nexcept ImportError:\n    print(socket.new)\n"
    live = {
        use.name: {cell.release for cell in use.site.live}
        for use in _uses(_PROBED.format(code=code), target="esp32>=1.20")
        if type(use) is ModuleName
    }
    assert live["old"]
    assert live["new"]
    assert max(live["old"]) < min(live["new"])


def test_what_is_kept_of_a_file_goes_by_what_its_project_has(tmp_path: Path) -> None:
    file, own = tmp_path / "net.py", tmp_path / "selectors.py"
    file.write_text(
        "import socket\ntry:\n    import selectors\nexcept ImportError:\n    pass\nelse:\n    socket.gaierror\n"
    )

    def found() -> int:
        (report,) = (
            one for one in lint_paths([tmp_path], Config(), cache=str(tmp_path / "c")) if one.path == str(file)
        )
        return len(report.findings)

    assert [found(), found()] == [0, 0]
    own.write_text("")
    assert [found(), found()] == [1, 1]
    own.unlink()
    assert found() == 0

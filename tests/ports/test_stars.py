"""What a star import brings, against the modules of the CPython at hand."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from usock_lint.ports import MISSING_BUILTINS, is_known, stars

_ASKING = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
left_out = {"antigravity", "this", "idlelib", "turtledemo", "__main__"}
found = {}
public = {name for name in sys.stdlib_module_names if not name.startswith("_")}
for module in public - left_out | {"concurrent.futures"}:
    try:
        here = importlib.import_module(module)
    except Exception:
        continue
    if hasattr(here, "__all__") or module == "selectors":
        found[module] = sorted(getattr(here, "__all__", vars(here)))
print(json.dumps(found))
"""

_OSERROR = {"_socket", "mmap", "os", "posix", "resource", "select", "socket"}
"""Their `error` is OSError."""


@pytest.fixture(scope="module")
def brought() -> dict[str, list[str]]:
    done = subprocess.run([sys.executable, "-c", _ASKING], capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_names_that_sockets_and_builtins_have_as_well(brought: dict[str, list[str]]) -> None:
    for module, names in brought.items():
        for name in names:
            shared = name in MISSING_BUILTINS or is_known(name, "module")
            if shared and module not in ("selectors", "socket", "ssl") and not (name == "error" and module in _OSERROR):
                assert stars.brings(module, name), (module, name)


@pytest.mark.parametrize("module", ["concurrent.futures", "functools", "selectors", "socketserver", "threading"])
def test_names_of_modules_that_are_followed(module: str, brought: dict[str, list[str]]) -> None:
    missed = {name for name in brought[module] if name[:1] != "_" and not stars.brings(module, name)}
    of_its_imports = {"ABCMeta", "Mapping", "abstractmethod", "math", "namedtuple", "select", "sys"}
    assert missed <= (of_its_imports if module == "selectors" else set())


@pytest.mark.parametrize(
    ("module", "name", "answer"),
    [
        ("_thread", "start_new_thread", True),
        ("_thread", "timeout", False),
        ("time", "sleep_ms", True),
        ("tkinter", "timeout", False),
        ("time", "monotonic", True),
        ("time", "unknown", False),
        ("machine", "Pin", True),
        ("config", "timeout", None),
        ("machine", "_private", False),
    ],
)
def test_what_a_star_brings(module: str, name: str, answer: bool | None) -> None:
    assert stars.brings(module, name) is answer

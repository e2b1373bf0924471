"""A plugin for pytest that runs the tests of a library for devices on this computer, with the shim of each port.

It does nothing, and does not import the shim, in projects that use neither its marker nor its fixture.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

_FIXTURE = "micropython_socket"

_MARKER = (
    'micropython(port="unix", ports=[], version=None): run the test with the socket module of this port, or of each of '
    'these ports ("rp2", or "esp32==1.24"), at this release (default: the newest).'
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the setting."""
    about = "folders of the modules that run on the device (default: what of sys.path lies below the root directory)"
    parser.addini("micropython_path", about, type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", _MARKER)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test for each port that the marker names."""
    marker = metafunc.definition.get_closest_marker("micropython")
    if marker is None:
        return
    try:
        ports = list(micropython(*marker.args, **marker.kwargs))
    except (TypeError, ValueError) as error:
        raise pytest.Collector.CollectError(f"@pytest.mark.micropython: {error}") from None
    if _FIXTURE not in metafunc.fixturenames:
        metafunc.fixturenames.append(_FIXTURE)
    metafunc.parametrize(_FIXTURE, ports, indirect=True, ids=["-".join(filter(None, one)) for one in ports])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let a marked test use the fixture, as the first one, because others may import modules of the project."""
    if isinstance(item, pytest.Function) and item.get_closest_marker("micropython"):
        item.fixturenames[:] = [_FIXTURE, *(name for name in item.fixturenames if name != _FIXTURE)]


@pytest.fixture
def micropython_socket(request: pytest.FixtureRequest) -> Generator[ModuleType]:
    """The socket module of the port that the marker names; of unix without a marker.

    During the test, the project's own modules are imported afresh and run as on a device.
    """
    port, version = getattr(request, "param", ("unix", None))
    module: str = cast(Any, request).module.__name__
    own = {module.partition(".")[0], "conftest", "usock_lint"}
    project = import_module("usock_lint.shim.project")
    with project.importing(port, version, _folders(request.config), own) as socket:
        yield socket


def micropython(
    port: str = "unix", *, ports: Iterable[str] = (), version: str | None = None
) -> Generator[tuple[str, str | None]]:
    """Port and release of each test, by the arguments of the marker. Raises TypeError or ValueError for wrong ones."""
    for word in [ports] if isinstance(ports, str) else ports or [port]:
        name, _, release = word.partition("==")
        chosen = name.strip(), release.strip() or (version and str(version))
        # Raises for an unknown port or release before any test runs.
        _shim().open_port(*chosen)
        yield chosen


def _folders(config: pytest.Config) -> list[str]:
    """The folders with the project's modules."""
    if configured := config.getini("micropython_path"):
        return list(map(str, configured))
    root = config.rootpath.resolve()
    found = (Path(entry).resolve() for entry in sys.path)
    return [str(path) for path in found if path.is_relative_to(root) and "site-packages" not in path.parts]


def _shim() -> Any:
    return import_module("usock_lint.shim")

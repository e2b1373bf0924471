"""The plugin for pytest: a library's tests on each port, the host as it was, and nothing where it is not used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.running import ROOT, environment, python

EXAMPLE = ROOT / "examples" / "sntp"

LIBRARY = """
import socket, usocket, errno, select, time, ssl
from micropython import const
from helpers import KIND

loaded = []

def has_timeout_error():
    try:
        TimeoutError
    except NameError:
        return False
    return True

def environment():
    import sys
    return sys.platform, sys.implementation[0], sys.implementation[1][:2], time.ticks_ms() >= 0
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a library in src/ and no tests yet."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "library.py").write_text(LIBRARY)
    (tmp_path / "src" / "helpers.py").write_text("import sys\nKIND = sys.platform\n")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\npythonpath = src\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n"
    )
    return tmp_path


def run_tests(project: Path, code: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin on a module of tests, in a process that has no other plugins."""
    (project / "test_it.py").write_text("import pytest\n" + textwrap.dedent(code))
    return run("-p", "usock_lint.pytest_plugin", *options, cwd=project)


def run(*options: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = python("-m", "pytest", "-p", "no:cacheprovider", "-v", *options)
    names = {**environment(), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, cwd=cwd, env=names, capture_output=True, encoding="utf-8", timeout=60)


def passed(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The names of the tests, all of which passed."""
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split("::", 1)[1].split()[0] for line in done.stdout.splitlines() if " PASSED" in line]


def test_the_library_runs_in_the_world_of_each_port(project: Path) -> None:
    code = """
        import sys
        SYS = {"rp2": "rp2", "esp32": "esp32", "unix": sys.platform}

        @pytest.mark.micropython(ports=["rp2", "esp32==1.24", "unix"], version="1.26")
        def test_world(micropython_socket, request):
            import library
            port, version = request.node.callspec.id.split("-")
            release = tuple(map(int, version.split(".")))
            assert library.environment() == (SYS[port], "micropython", release, True)
            assert library.KIND == SYS[port]
            assert library.socket is library.usocket is micropython_socket
            assert not library.has_timeout_error()
            assert library.errno.ETIMEDOUT == (116 if port == "esp32" else 110)
            assert library.loaded == []
            library.loaded.append(port)
    """
    assert passed(run_tests(project, code)) == [
        "test_world[rp2-1.26]",
        "test_world[esp32-1.24]",
        "test_world[unix-1.26]",
    ]


def test_the_test_itself_has_cpythons_modules_and_those_that_only_micropython_has(project: Path) -> None:
    code = """
        @pytest.mark.micropython(port="rp2")
        def test_both(micropython_socket):
            import socket, select, threading, usocket, micropython
            assert hasattr(socket, "timeout") and hasattr(select, "epoll")
            assert usocket is micropython_socket and micropython.const(3) == 3
            with pytest.raises(ImportError):
                import nosuch
    """
    assert passed(run_tests(project, code)) == ["test_both[rp2]"]


def test_afterwards_everything_is_as_it_was(project: Path) -> None:
    (project / "src" / "plain.py").write_text("import socket\nhas_timeout = hasattr(socket, 'timeout')\n")
    code = """
        import builtins, errno, plain, select, socket, sys, time
        HOST = [builtins, errno, select, socket, sys, time]
        BEFORE = [dict(vars(one)) for one in HOST]
        MODULES = dict(sys.modules)

        @pytest.mark.micropython(port="rp2")
        def test_device():
            import library, plain as fresh
            assert fresh is not plain and plain.has_timeout and not fresh.has_timeout
            library.socket.socket()
            raise RuntimeError

        def test_host():
            import plain as again
            assert again is plain is sys.modules["plain"]
            assert "library" not in sys.modules and "usocket" not in sys.modules
            changed = [one.__name__ for one, names in zip(HOST, BEFORE) if dict(vars(one)) != names]
            assert changed in ([], ["sys"])  # pytest keeps the last error in it
            with pytest.raises(ImportError):
                import library
    """
    done = run_tests(project, code)
    assert "1 failed, 1 passed" in done.stdout, done.stdout


def test_a_mark_is_enough_and_comes_before_other_fixtures(project: Path) -> None:
    code = """
        @pytest.fixture
        def library():
            import library
            return library

        @pytest.mark.micropython(port="samd")
        class TestAll:
            def test_one(self, library):
                assert library.environment()[0] == "samd"

            @pytest.mark.parametrize("number", [1, 2])
            @pytest.mark.micropython(port="stm32")
            def test_two(self, number, library):
                assert library.environment()[0] == "pyboard"
    """
    assert passed(run_tests(project, code)) == [
        "TestAll::test_one[samd]",
        "TestAll::test_two[stm32-1]",
        "TestAll::test_two[stm32-2]",
    ]


def test_the_fixture_alone_is_the_unix_port(project: Path) -> None:
    code = """
        import sys
        def test_it(micropython_socket):
            import library
            assert library.environment()[0] == sys.platform and not hasattr(micropython_socket, "timeout")
    """
    assert passed(run_tests(project, code)) == ["test_it"]


def test_packages_and_relative_imports_are_the_devices_too(project: Path) -> None:
    package = project / "src" / "package"
    package.mkdir()
    (package / "__init__.py").write_text("from .part import kind\n")
    (package / "part.py").write_text("import socket\nkind = socket.__name__\n")
    (package / "other.py").write_text("from .part import kind\nfrom package import part\n")
    code = """
        @pytest.mark.micropython(port="rp2")
        def test_it():
            import package, package.other
            from package.part import socket
            assert package.kind == package.other.kind == "lwip" and package.other.part.socket is socket
    """
    assert passed(run_tests(project, code)) == ["test_it[rp2]"]


def test_a_setting_says_where_the_library_is(project: Path) -> None:
    (project / "device").mkdir()
    (project / "device" / "blink.py").write_text("import usocket\nname = usocket.__name__\n")
    (project / "src" / "beside.py").write_text("import threading\n")
    with (project / "pytest.ini").open("a") as settings:
        settings.write("micropython_path = device\n")
    code = """
        @pytest.mark.micropython(port="rp2")
        def test_it():
            import beside, blink
            assert blink.name == "lwip" and beside.threading
    """
    assert passed(run_tests(project, code)) == ["test_it[rp2]"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ("port='rp3'", "no shim for port 'rp3'; there is one for: unix, esp32"),
        ("ports=['rp2', 'esp32==9']", "no release '9'; the known ones are: 1.9.4"),
        ("port='samd', version='1.20'", "samd had no sockets yet at 1.20"),
        ("prot='rp2'", "unexpected keyword argument 'prot'"),
    ],
)
def test_a_wrong_mark_is_one_line_before_any_test_runs(arguments: str, error: str, project: Path) -> None:
    done = run_tests(project, f"@pytest.mark.micropython({arguments})\ndef test_it(): pass\n")
    assert done.returncode == 2
    assert f"@pytest.mark.micropython: {error}" in done.stdout.replace("micropython() got an ", "")
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "name"), [("ports='rp2'", "test_it[rp2]"), ("ports=['rp2'], version=1.26", "test_it[rp2-1.26]")]
)
def test_one_port_is_no_list_of_letters_and_a_release_may_be_a_number(arguments: str, name: str, project: Path) -> None:
    code = f"@pytest.mark.micropython({arguments})\ndef test_it(micropython_socket):\n    pass"
    assert passed(run_tests(project, code)) == [name]


def test_unused_it_imports_nothing_of_the_shim(project: Path) -> None:
    code = """
        import sys
        def test_it():
            mine = sorted(name for name in sys.modules if name.startswith("usock_lint"))
            names = ["plugins", "plugins.pytest", "pytest_plugin"]
            assert mine == ["usock_lint", *(f"usock_lint.{name}" for name in names)]
    """
    assert passed(run_tests(project, code)) == ["test_it"]


def test_the_example_passes(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "sntp", ignore=shutil.ignore_patterns("__pycache__"))
    names = passed(run("-p", "usock_lint.pytest_plugin", cwd=tmp_path / "sntp"))
    assert len(names) == 24
    assert "test_the_time_is_what_the_server_says[esp32]" in names


def test_the_example_passes_where_it_is_as_the_manual_says() -> None:
    assert len(passed(run("-p", "usock_lint.pytest_plugin", "examples/sntp", cwd=ROOT))) == 24


@pytest.mark.slow
def test_pytest_finds_the_plugin_once_usock_lint_is_installed(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "sntp", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environ = {**kept, "PYTEST_ADDOPTS": ""}
    command = [python, "-m", "pip", "install", "--quiet", str(ROOT), "pytest"]
    subprocess.run(command, check=True, env=environ, timeout=600)

    def pytest_(*words: str) -> subprocess.CompletedProcess[str]:
        command = [python, "-m", "pytest", "-v", *words]
        return subprocess.run(command, cwd=tmp_path / "sntp", env=environ, capture_output=True, text=True, timeout=60)

    assert len(passed(pytest_())) == 24
    assert len(passed(pytest_("-p", "usock_lint.pytest_plugin"))) == 24
    assert "'micropython' not found" in pytest_("-p", "no:usock_lint.pytest_plugin", "--strict-markers").stdout

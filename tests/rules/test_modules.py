"""What the rules on modules say depends on the project and on who asks: the pages show what one text alone says."""

from __future__ import annotations

from pathlib import Path

import pytest

from usock_lint import Config, lint_paths, lint_source
from usock_lint.checks import missing_module
from usock_lint.ports import parse_targets, world

_BOTH = Config(select=("USK110", "USK111"))
PLAIN = "import asyncio\nimport logging\n"


def _rows(folder: Path, *names: str, config: Config = _BOTH) -> list[tuple[str, int]]:
    """The file and row of each finding, in these files if any are named, else in the folder."""
    reports = lint_paths([folder / name for name in names] or [folder], config)
    return [(Path(one.path).name, found.location.row) for one in reports for found in one.findings]


@pytest.mark.parametrize("place", ["selectors.py", "lib/selectors.py", "selectors/core.py"])
def test_a_module_that_the_project_has_is_not_missing(place: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nimport selectors\nselectors.DefaultSelector()\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("")
    assert _rows(tmp_path, "net.py") == []


@pytest.mark.parametrize("module", ["ftplib", "httpx"])
@pytest.mark.parametrize("other", ["from {} import put", "import {}.put as put", "import {0}\n{0}.put.now()"])
def test_a_folder_with_programs_about_a_module_is_not_this_module(module: str, other: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "chapter6" / module
    folder.mkdir(parents=True)
    (folder / "put.py").write_text("import socket\n")
    (folder / "get.py").write_text(f"import {module}\n{module}.open()\nimport socket\n")
    (tmp_path / "chapter7.py").write_text(f"import {module}\nimport socket\n")
    assert _rows(tmp_path, f"chapter6/{module}/get.py", "chapter7.py") == [("get.py", 1), ("chapter7.py", 1)]
    (folder / "all.py").write_text(other.format(module) + "\n")
    assert _rows(tmp_path, f"chapter6/{module}/get.py") == []


@pytest.mark.parametrize("program", ["net.py", "boot.py", "main.py"])
def test_a_module_in_a_folder_that_a_program_adds_to_the_path_is_not_missing(program: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nimport selectors, threading\n")
    (tmp_path / "vendor" / "py").mkdir(parents=True)
    (tmp_path / "vendor" / "py" / "selectors.py").write_text("")
    (tmp_path / "vendor" / "threading.py").write_text("")
    assert _rows(tmp_path, "net.py") == [("net.py", 2), ("net.py", 2)]
    with (tmp_path / program).open("a") as file:
        file.write("import sys\nsys.path.append('/vendor/py')\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]
    with (tmp_path / program).open("a") as file:
        file.write("sys.path.insert(0, 'vendor/')\n")
    assert _rows(tmp_path, "net.py") == []


@pytest.mark.parametrize("program", ["net.py", "boot.py", "main.py"])
def test_a_module_that_a_program_puts_into_sys_modules_is_not_missing(program: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\nimport selectors, threading\n")
    with (tmp_path / program).open("a") as file:
        file.write("import sys\nsys.modules['selectors'] = sys.modules[__name__]\nprint(sys.modules['threading'])\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "micropython-selectors==0.1\nmicropython-esp32-stubs\n"),
        ("micropy.json", '{"packages": {"pycopy-selectors": "*"}}'),
        ("README.md", "To install, run `mpremote mip install selectors`.\n"),
        ("install.sh", "mpremote connect auto mip install --target=lib logging selectors@1.0\n"),
        ("tools/deploy.py", "run(['mpremote', 'mip', 'install', 'selectors'])\n"),
        ("boot.py", "import mip\nmip.install('github:someone/micropython-selectors/selectors.py')\n"),
        ("boot.py", "import mip\nmip.install(\n    'github:someone/micropython-selectors',\n    version='1',\n)\n"),
        ("setup.py", "import upip\nupip.install(['micropython-logging', 'micropython-selectors'])\n"),
        ("Makefile", "deploy:\n\tmpremote cp shims/events.py :lib/selectors.py\n"),
        ("flash.bat", "ampy --port COM3 put shims\\events.py selectors.mpy\n"),
        ("pyproject.toml", '[project]\ndependencies = ["micropython-selectors"]\n'),
        (".github/workflows/board.yml", "run: mpremote mip install selectors\n"),
        ("docs/setup/board.md", "    mpremote mip install selectors\n"),
        ("deploy.py", "import mip\nfor one in ['logging', 'selectors']:\n    mip.install(one)\n"),
        ("firmware/boards/mine/manifest.py", "require('selectors')\n"),
        ("package.json", '{"deps": [["github:someone/micropython-selectors/package.json", "main"]]}'),
        ("board/lib/selectors/__init__.py", ""),
        ("micropython_selectors/__init__.py", ""),
        ("host/shims/selectors_mpy.py", ""),
        ("vendor/any/selectors_device.py", ""),
    ],
)
def test_a_module_that_the_project_puts_on_the_board_is_not_missing(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "net.py").write_text("import socket\nimport selectors, threading\n")
    assert _rows(tmp_path, "app/net.py") == [("net.py", 2), ("net.py", 2)]
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text)
    assert _rows(tmp_path, "app/net.py") == [("net.py", 2)]


def test_a_module_that_the_program_installs_itself_is_not_missing(tmp_path: Path) -> None:
    text = "import mip, socket\ntry:\n    import selectors\nexcept ImportError:\n    {}\nimport selectors\n"
    (tmp_path / "net.py").write_text(text.format("print(socket)"))
    assert _rows(tmp_path, "net.py") == [("net.py", 6)]
    (tmp_path / "net.py").write_text(text.format("mip.install('selectors')"))
    assert _rows(tmp_path, "net.py") == []


def test_a_module_that_boards_have_installed_may_be_copied_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "net.py").write_text("import socket\nfrom typing import List\nimport dataclasses\n")
    assert _rows(tmp_path, "app/net.py") == [("net.py", 2), ("net.py", 3)]
    (tmp_path / "boards" / "all").mkdir(parents=True)
    (tmp_path / "boards" / "all" / "typing.py").write_text("def __getattr__(name):\n    return object\n")
    (tmp_path / "boards" / "dataclasses").mkdir()
    (tmp_path / "boards" / "dataclasses" / "core.py").write_text("")
    assert _rows(tmp_path, "app/net.py") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "micropython-selectors-stubs\nselectors2\nhttps://x.example/micropython-selectors\n"),
        ("README.md", "It has no selectors, so `mip install` brings what it needs: see micropython-selectors.\n"),
        ("install.py", "print('selectors.py')\n"),
        ("README.md", "What selectors.py of Python does is shown in net.py.\n"),
        ("selectors_test.py", ""),
        ("my_selectors/__init__.py", ""),
        ("deploy.py", "import mip\nmip.install('logging')\nprint('selectors')\n"),
        ("docs/setup/other/board.md", "    mpremote mip install selectors\n"),
        ("server/__init__.py server/selectors.py", ""),
        ("server/__init__.mpy server/selectors.mpy", ""),
    ],
)
def test_a_module_that_is_only_mentioned_is_missing(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "net.py").write_text("import socket\nimport selectors\n")
    for path in name.split():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]


def test_names_of_a_built_in_module_are_judged_unless_another_one_is_installed(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import time\nimport json\ntime.monotonic()\njson.JSONDecoder()\nimport socket\n")
    (tmp_path / "README.md").write_text("Beside json.py and time.py there is nothing.\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 3), ("net.py", 4)]
    (tmp_path / "requirements.txt").write_text("picoweb\npycopy-json\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 3)]
    (tmp_path / "Makefile").write_text("setup:\n\tmpremote mip install time\n")
    assert _rows(tmp_path, "net.py") == []


def test_an_exception_that_a_module_defines_where_it_is_missing_is_the_projects(tmp_path: Path) -> None:
    text = "try:\n    ConnectionError\nexcept NameError:\n    class ConnectionError(OSError):\n        pass\n"
    (tmp_path / "main.py").write_text("import socket\nfrom compat import *\nraise ConnectionError(socket)\n")
    (tmp_path / "compat.py").write_text("")
    assert _rows(tmp_path, "main.py", config=Config()) == [("main.py", 3)]
    (tmp_path / "compat.py").write_text(text)
    assert _rows(tmp_path, "main.py", config=Config()) == []


@pytest.mark.parametrize(
    "change",
    [
        "import sys\nsys.path.append('/ext')\n",
        "import sys\nsys.path.append(\n    '/ext'\n)\n",
        "import sys\nEXT = '/ext'\nsys.path.append(EXT)\n",
        "import sys\nfor folder in ('/sd', 'ext'):\n    sys.path.insert(0, folder)\n",
        "import sys\nsys.path[0:0] = ['ext/']\n",
        "from sys import path\npath.append('/ext')\n",
        "import usys\nusys.path += ['ext']\n",
        "import os\nos.chdir('/ext')\n",
    ],
)
def test_a_program_may_change_where_modules_are_looked_for_in_any_way(change: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import socket, machine\nimport subprocess\nsubprocess.run(['ls'])\n")
    (tmp_path / "ext").mkdir()
    (tmp_path / "ext" / "subprocess.py").write_text("def run(words):\n    pass\n")
    assert _rows(tmp_path) == [("main.py", 2)]
    (tmp_path / "boot.py").write_text(change)
    assert _rows(tmp_path) == []


@pytest.mark.parametrize(
    ("change", "is_there"),
    [
        ("sys.modules['subprocess'] = Shell\n", True),
        ("sys.modules.setdefault('subprocess', Shell())\n", True),
        ("print(sys.modules['subprocess'] == Shell)\n", False),
        ("sys.modules['signal'] = Shell\n", False),
    ],
)
def test_a_module_that_a_file_of_the_project_puts_into_sys_modules_is_not_missing(
    change: str, is_there: bool, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text("import socket, machine, shell\nimport subprocess\nsubprocess.run(['ls'])\n")
    (tmp_path / "shell.py").write_text(f"import sys\nclass Shell:\n    run = print\n{change}")
    assert _rows(tmp_path) == ([] if is_there else [("main.py", 2)])


@pytest.mark.parametrize(
    ("change", "is_there"),
    [
        ("builtins.FileNotFoundError = OSError\n", True),
        ("for name in NAMES:\n    setattr(builtins, name, OSError)\n", True),
        ("setattr(builtins, 'FileNotFoundError', OSError)\n", True),
        ("setattr(builtins, 'ConnectionError', OSError)\n", False),
        ("print(builtins.FileNotFoundError == OSError)\n", False),
    ],
)
def test_a_builtin_that_a_file_of_the_project_adds_is_not_missing(change: str, is_there: bool, tmp_path: Path) -> None:
    (tmp_path / "compat.py").write_text(f"import builtins\n{change}")
    text = "import socket, compat\ntry:\n    open('x')\nexcept FileNotFoundError:\n    pass\n"
    (tmp_path / "main.py").write_text(text)
    assert _rows(tmp_path, "main.py", config=Config(select=("USK501",))) == ([] if is_there else [("main.py", 4)])


def test_names_of_a_module_that_the_project_has_are_its_own(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import asyncio\nasyncio.Queue()\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]
    (tmp_path / "asyncio").mkdir()
    (tmp_path / "asyncio" / "queues.py").write_text("")
    assert _rows(tmp_path, "net.py") == []


def test_a_module_called_like_pythons_is_the_projects_if_it_has_what_is_imported(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "device").mkdir()
    (tmp_path / "device" / "__init__.py").write_text("")
    source = "import machine, socket\nfrom syslog import log\nfrom syslog import LOG_ERR\n"
    (tmp_path / "device" / "net.py").write_text(source)
    assert _rows(tmp_path) == [("net.py", 2), ("net.py", 3)]
    (tmp_path / "device" / "syslog.py").write_text("level = 3\n\n\ndef log(text):\n    print(text)\n")
    assert _rows(tmp_path) == [("net.py", 3)]


@pytest.mark.parametrize(
    ("program", "is_flat"),
    [
        ("import motor\n", True),
        ("import time, motor as m\n", True),
        ("try:\n    from .motor import turn\nexcept ImportError:\n    from motor import turn\n", True),
        ("from .motor import turn\n", False),
        ("from device import motor\n", False),
        ("from device.motor import turn\n", False),
        ("import device.motor\n", False),
        ("import network\n", False),
        ("import settings\n", False),
        ("", False),
    ],
)
def test_a_folder_whose_files_import_each_other_by_plain_names_is_no_package(
    program: str, is_flat: bool, tmp_path: Path
) -> None:
    for name in (".git/HEAD", "settings.py", *(f"device/{one}.py" for one in ("__init__", "network", "settings"))):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "device" / "motor.py").write_text("import socket, machine\nimport wave\nwave.open('a')\n")
    (tmp_path / "device" / "wave.py").write_text("def open(name):\n    pass\n")
    (tmp_path / "device" / "main.py").write_text(program)
    assert _rows(tmp_path) == ([] if is_flat else [("motor.py", 2)])


@pytest.mark.parametrize(
    "text",
    [
        "if BOARD:\n    buzzer = Pin(3)\n",
        "led, buzzer = pins()\n",
        "led = buzzer = None\n",
        "buzzer: int = 3\n",
        "from pins import (\n    led,\n    buzzer,\n)\n",
        "from pins import *\n",
        "def setup():\n    global buzzer\n    buzzer = Pin(3)\n",
        "try:\n    class buzzer:\n        pass\nexcept OSError:\n    pass\n",
    ],
)
def test_a_module_called_like_pythons_has_names_that_it_binds_in_any_way(text: str, tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "net.py").write_text("import socket, machine\nfrom io import buzzer\n")
    (tmp_path / "io.py").write_text("import machine\nfrom uio import *\nprint(buzzer == 3, end=buzzer)\n")
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]
    (tmp_path / "io.py").write_text(text)
    assert _rows(tmp_path, "net.py") == []
    (tmp_path / "board" / "io").mkdir(parents=True)
    (tmp_path / "io.py").rename(tmp_path / "board" / "io" / "__init__.py")
    assert _rows(tmp_path) == []


def test_a_module_of_the_project_in_another_folder_replaces_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "devices").mkdir()
    (tmp_path / "board").mkdir()
    source = (
        "import json, machine, re, socket, sys, time\ntime.time_ms()\njson.dumps({}, indent=2)\n"
        "re.compile('(?P<name>a)')\nsys.crash()\ntime.ms()\n"
    )
    (tmp_path / "devices" / "net.py").write_text(source)
    assert _rows(tmp_path, config=Config()) == [("net.py", row) for row in (2, 3, 4, 5, 6)]
    (tmp_path / "board" / "time.py").write_text("from utime import *\n\n\ndef time_ms():\n    return time() * 1000\n")
    (tmp_path / "board" / "json.py").write_text("from ujson import *\n\n\ndef dumps(obj, indent=0):\n    return ''\n")
    (tmp_path / "board" / "re.py").write_text("def compile(pattern):\n    return pattern\n")
    # A board has `sys` before it looks for files.
    (tmp_path / "board" / "sys.py").write_text("def x():\n    pass\n")
    assert _rows(tmp_path, config=Config()) == [("net.py", row) for row in (5, 6)]


def test_a_module_that_pythons_package_lacks_is_not_pythons(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import machine, socket\nfrom http.web import server\nimport concurrent.futures\n")
    assert _rows(tmp_path) == [("net.py", 3)]


def test_what_can_be_installed_is_taken_to_be_installed_in_a_project_for_boards(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PLAIN)
    (tmp_path / "main.py").write_text("import machine\n")
    assert _rows(tmp_path, "net.py") == []
    assert _rows(tmp_path) == []
    assert _rows(tmp_path, config=Config(select=("USK110",), assume="device")) == [("net.py", 2)]


def test_what_can_be_installed_is_reported_where_nothing_is_for_boards(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PLAIN)
    assert _rows(tmp_path) == [("net.py", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "import machine\n",
        "import os, network as net\n",
        "try: import urequests\nexcept ImportError: pass\n",
        "import os; import machine\n",
    ],
)
def test_a_project_is_for_boards_by_the_modules_that_its_files_import(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PLAIN)
    (tmp_path / "main.py").write_text(text)
    assert _rows(tmp_path, "net.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "from os import urandom\n",
        "import ntplib  # from machine to network\n",
        "from .network import connect\n",
        "from app.network import connect\n",
        "import network\n",
        "from machine import Machine\nprint 'ready'\n",
    ],
)
def test_no_project_is_for_boards_by_what_is_called_like_a_module_of_boards(text: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PLAIN)
    (tmp_path / "network.py").write_text("")
    (tmp_path / "main.py").write_text(text)
    assert _rows(tmp_path, "net.py") == [("net.py", 2)]


@pytest.mark.parametrize("sign", ["import threading", "import sys\nsys.argv", "import socket\nsocket.gethostname"])
def test_what_can_be_installed_is_missing_in_a_program_for_a_computer_that_is_named(sign: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(f"{PLAIN}{sign}\n")
    (tmp_path / "main.py").write_text("import machine\n")
    assert ("net.py", 2) in _rows(tmp_path, "net.py")
    assert ("net.py", 2) not in _rows(tmp_path)


def test_of_files_beside_those_for_boards_the_ones_in_the_same_folder_are_for_boards_too(tmp_path: Path) -> None:
    for name in ("device", "server"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}_net.py").write_text("import asyncio\nasyncio.Queue()\n")
    assert _rows(tmp_path) == [("device_net.py", 2), ("server_net.py", 2)]
    (tmp_path / "device" / "main.py").write_text("import machine\n")
    assert _rows(tmp_path) == [("device_net.py", 2)]
    assert _rows(tmp_path, "server/server_net.py") == [("server_net.py", 2)]


def test_a_rule_that_is_named_speaks_in_any_file(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("import selectors\n")
    assert _rows(tmp_path, config=Config()) == []
    assert _rows(tmp_path, config=Config(networked=False, assume="device")) == [("plain.py", 1)]
    assert _rows(tmp_path, config=Config(select=("missing-module",), assume="device")) == [("plain.py", 1)]


def test_an_import_of_future_in_a_function_is_left_to_its_author() -> None:
    text = "import socket\n\n\ndef f():\n    import __future__\n    return __future__\n\n\nsocket.socket().close()\n"
    (found,) = lint_source(text)
    assert (found.code, found.location.row, found.fix) == ("USK110", 5, None)


def test_names_of_requests_that_boards_lack_are_reported(tmp_path: Path) -> None:
    code = """import requests
from requests.auth import HTTPBasicAuth
try:
    r = requests.get("http://example.com/")
    r.raise_for_status()
    print(r.status_code, r.text, r.headers, r.ok)
except requests.exceptions.Timeout:
    pass
except (ValueError, requests.RequestException):
    pass
requests.Session()
"""
    found = [(one.location.row, one.name) for one in lint_source(code)]
    lacking = "missing-builtin-method"
    assert found == [
        (2, "missing-module"),
        (5, lacking),
        (6, lacking),
        (7, "missing-module-name"),
        (9, "missing-module-name"),
        (11, "missing-module-name"),
    ]
    (tmp_path / "requests.py").write_text("")
    (tmp_path / "net.py").write_text(code.replace("from requests.auth import HTTPBasicAuth\n", ""))
    assert not [*_rows(tmp_path, "net.py", config=Config())]


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("from typing import Any\ndef f(x: Any): pass\n", "annotations, which are not evaluated"),
        ("from typing import NamedTuple\nclass P(NamedTuple):\n    x: int\n", "collections.namedtuple for NamedTuple"),
        ("import typing\nT = typing.TypeVar('T')\n", "boards check no types: leave it out"),
    ],
)
def test_the_advice_for_typing_is_about_what_the_program_takes_from_it(code: str, advice: str) -> None:
    (found,) = lint_source(f"import socket\n{code}", config=_BOTH)
    assert advice in found.message


def test_a_clock_for_long_times_is_one_that_counts_them() -> None:
    found = lint_source("import socket, time\ntime.monotonic()\ntime.perf_counter()\n", config=_BOTH)
    assert [one.message.rpartition("; ")[2] for one in found] == [
        "use time.ticks_ms and time.ticks_diff",
        "use time.ticks_us and time.ticks_diff",
    ]


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        (
            "rp2",
            "_thread.start_new_thread starts a function, on rp2 one at a time; "
            'mip.install("threading") brings Thread only',
        ),
        ("esp32", '_thread.start_new_thread starts a function; mip.install("threading") brings Thread only'),
        ("esp8266", "start a coroutine with asyncio.create_task"),
    ],
)
def test_the_advice_for_threads_is_what_the_board_can_do(target: str, advice: str) -> None:
    config = _BOTH._replace(targets=parse_targets([target]))
    (found,) = lint_source("import socket\nimport threading\n", config=config)
    assert found.message.endswith(f" on {target}; {advice}")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("json.dumps({}, indent=2)", "leave it out"),
        ("requests.get('http://x/', params={})", "write them into the URL"),
        ("os.strerror(5)", "errno.errorcode has the name of a number"),
        ("socket.inet_aton(x)", 'bytes(map(int, host.split("."))) is the same'),
        ("os.getpid()", "a board has no processes: write a constant"),
        ("import codecs\ncodecs.decode(b'')", "use `encode` and `decode`"),
        ("from urllib.parse import urlparse\nurlparse('')", "take it apart with `partition` and `split`"),
    ],
)
def test_what_can_be_written_in_another_way_is_advised(line: str, advice: str) -> None:
    (found,) = lint_source(f"import json, os, requests, socket\n{line}\n")
    assert (found.message.rpartition("; ")[2], found.way) == (advice, "other")


@pytest.mark.parametrize(
    ("code", "brings"),
    [
        ("from datetime import datetime\ndatetime.now().strftime('%H')\n", "brings it without strftime"),
        ("import datetime\ndatetime.datetime.strptime('1', '%H')\n", "brings it without strptime"),
        ("import datetime, time\nprint(datetime.datetime.now(), time.strftime('%H'))\n", "brings it"),
    ],
)
def test_what_a_package_lacks_is_told_with_it(code: str, brings: str) -> None:
    found = [one.message for one in lint_source(f"import socket\n{code}", config=_BOTH) if "datetime" in one.message]
    assert found == [f'no module named `datetime` on any board; mip.install("datetime") {brings}']


def test_what_a_package_lacks_is_what_the_table_says() -> None:
    cells = [(module, name) for module, names in missing_module.LOST.items() for name in names]
    assert [cell for cell in cells if world.mip_member(cell[0], cell[0], cell[1]) is not False] == []

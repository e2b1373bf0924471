"""`usock-lint port`: where code for CPython fails first on a board, and what there is to do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import lint
from tests.support.trees import write
from usock_lint.diagnostics import FileReport
from usock_lint.output import porting

PROGRAM = """\
import logging
import socket
import subprocess

def send(host):
    logging.info(socket.gethostbyname(host))
    socket.create_connection((host, 80))
    subprocess.run("sync")

if __name__ == "__main__":
    send("a.example")
    exit()
"""


@pytest.fixture
def told(tmp_path: Path) -> Any:
    def port(text: str, *options: str) -> Any:
        (tmp_path / "net.py").write_text(text)
        done = lint("port", "--output-format", "json", *options, "net.py", cwd=tmp_path)
        answer = json.loads(done.stdout)
        (answer["file"],) = answer["files"]
        return answer

    return port


def test_each_file_has_the_lines_that_fail_first_and_the_rest_in_groups(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM)
    done = lint("port", "net.py", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "net.py",
        "  Fails on import in line 1 (ImportError):",
        "    import logging",
        "  Fails on run in line 6 (AttributeError):",
        "    logging.info(socket.gethostbyname(host))",
        "  Install with mip (1)",
        '     1  USK110 no module named `logging` on any port but renesas-ra; mip.install("logging") brings it',
        "  usock-lint --fix does it (2)",
        "     6  USK104 `socket.gethostbyname` does not exist on any board; use getaddrinfo",
        "    12  USK112 `exit` does not exist on any board; raise SystemExit",
        "  Has another way (1)",
        "     7  USK104 `socket.create_connection` does not exist on any board; "
        "connect to getaddrinfo(host, port)[0][-1]",
        "  Has no way (1)",
        "     3  USK110 no module named `subprocess` on any board; a board has no other programs",
        "",
        "5 findings in 1 file: 1 to install with mip, 2 that --fix changes, 1 with another way, 1 with none.",
    ]


def test_json_has_the_same(told: Any) -> None:
    answer = told(PROGRAM)
    assert answer["counts"] == {"mip": 1, "fix": 2, "other": 1, "none": 1}
    assert answer["file"]["first_on_import"]["raises"] == "ImportError"
    assert answer["file"]["first_on_run"]["location"] == {"row": 6, "column": 18}
    assert [one["name"] for one in answer["file"]["none"]] == ["missing-module"]


def test_arguments_come_before_the_call(told: Any) -> None:
    text = "import socket\nimport ssl\ns = ssl.wrap_socket(socket.socket(),\n    ssl_version=ssl.PROTOCOL_TLS)\n"
    assert told(text)["file"]["first_on_import"]["location"]["row"] == 4


def test_what_runs_first_is_what_the_program_calls_first(told: Any) -> None:
    text = """\
import socket

class Client:
    def __init__(self):
        self.name = socket.gethostname()

    def idle(self):
        socket.getfqdn()

def helper():
    socket.socketpair()

def main():
    socket.gethostbyname("a.example")
    Client()

if __name__ == "__main__":
    main()
"""

    def first(changed: str) -> int:
        return told(changed)["file"]["first_on_run"]["location"]["row"]

    assert first(text) == 14
    assert first(text.replace("    socket.geth", "    Client()\n    socket.geth")) == 5
    assert first(text.replace("    main()", "    run(target=helper)")) == 11
    assert first(text.replace("    main()", "    def later(*, name=helper()): pass")) == 11
    assert first(text.replace("    main()", "    later = lambda name=helper(): helper")) == 11
    assert first(text.replace("    main()", "    pass")) == 5


def test_what_answers_connections_runs_after_what_starts_the_server(told: Any) -> None:
    text = """\
import asyncio

def main():
    loop = asyncio.get_event_loop()
    server = loop.run_until_complete(asyncio.start_server(answer, "0.0.0.0", 80))
    print(server.sockets)
    loop.run_forever()

async def answer(reader, writer):
    while not reader.at_eof():
        writer.write(await reader.read(10))

if __name__ == "__main__":
    main()
"""
    assert told(text)["file"]["first_on_run"]["location"]["row"] == 6


def test_an_error_of_syntax_comes_before_all(told: Any) -> None:
    answer = told("import socket\nimport threading\nx = 1\nprint(f'{x = }')\n")
    assert answer["file"]["first_on_import"]["location"]["row"] == 4
    assert answer["file"]["first_on_import"]["raises"] == "SyntaxError"
    assert told("import socket\nimport threading\nprint(\n")["file"]["first_on_import"]["name"] == "syntax-error"


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("import socket\nsocket.gethostname()\n", "first_on_import"),
        ("import socket\nclass A:\n    name = socket.gethostname()\n", "first_on_import"),
        ("import socket\ndef f(name=socket.gethostname()):\n    pass\n", "first_on_import"),
        ("import socket\nif socket:\n    socket.gethostname()\n", "first_on_import"),
        ("import socket\nif __name__ != '__main__':\n    pass\nelse:\n    socket.gethostname()\n", "first_on_import"),
        ("import socket\nif __name__ == '__main__':\n    socket.gethostname()\n", "first_on_run"),
        ("import socket\nasync def f():\n    socket.gethostname()\n", "first_on_run"),
        ("import socket\nclass A:\n    def f(self):\n        socket.gethostname()\n", "first_on_run"),
    ],
)
def test_what_runs_on_import(told: Any, text: str, stage: str) -> None:
    file = told(text)["file"]
    assert {one for one in ("first_on_import", "first_on_run") if file[one]} == {stage}


def test_files_that_run_on_a_computer_only_and_those_without_networks_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/window.py").write_text("import socket\nimport tkinter\n\ntkinter.Tk()\n")
    (tmp_path / "src/texts.py").write_text("import threading\n\nthreading.Lock()\n")
    answer = json.loads(lint("port", "--output-format", "json", "src", cwd=tmp_path).stdout)
    assert [len(file["other"]) + len(file["none"]) for file in answer["files"]] == [1, 1]


def test_targets_choose(told: Any) -> None:
    text = "import _thread\nimport socket\n"
    assert told(text)["file"]["first_on_import"] is None
    assert told(text, "--target", "esp8266")["file"]["first_on_import"]["location"]["row"] == 1


def test_nothing_to_change_and_nothing_read_do_not_look_alike(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n")
    good, bad = lint("port", "net.py", cwd=tmp_path), lint("port", "nosuch.py", cwd=tmp_path)
    assert (good.returncode, good.stdout) == (0, "Nothing is known that has to change.\n")
    assert (bad.returncode, bad.stdout) == (2, "Nothing was linted.\n")


def test_a_file_that_only_micropython_can_read_is_not_one_that_needs_no_change(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n(a, b): tuple = 1, 2\n")
    done = lint("port", "net.py", cwd=tmp_path)
    assert "1 file is not checked." in done.stderr
    assert done.returncode == 2


def test_a_plan_in_chinese(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM)
    done = lint("port", "--lang", "zh", "net.py", cwd=tmp_path)
    assert "  导入时在第 1 行失败（ImportError）：" in done.stdout
    assert "  没有办法 (1)" in done.stdout


def test_what_a_file_imports_from_its_project_is_looked_at_too(tmp_path: Path) -> None:
    files = {
        "main.py": "import socket\nimport shapes\nfrom net.link import Link\nimport threading\n",
        "shapes.py": "import main\n\nSIDES = 4\n",
        "net/__init__.py": "",
        "net/link.py": "from . import units\n\n\nclass Link:\n    pass\n",
        "net/units.py": "import logging\n",
        "unused.py": "import tkinter\n",
    }
    write(tmp_path, files)
    done = lint("port", "main.py", cwd=tmp_path)
    assert done.stdout.splitlines()[:3] == [
        "main.py",
        f"  Fails on import in line 3, by line 1 of {Path('net/units.py')} (ImportError):",
        "    import logging",
    ]
    assert [line for line in done.stdout.splitlines() if line.endswith(".py")] == [
        "main.py",
        str(Path("shapes.py")),
        str(Path("net/link.py")),
        str(Path("net/units.py")),
    ]
    answer = json.loads(lint("port", "--output-format", "json", "main.py", cwd=tmp_path).stdout)
    first = answer["files"][0]["first_on_import"]
    assert (Path(first["filename"]).name, first["location"]["row"]) == ("units.py", 1)
    folder = lint("port", ".", cwd=tmp_path)
    assert folder.stdout.count("  Fails on import in line 1, by line 1 of") == 2  # link.py, and shapes.py by main.py
    assert "tkinter" in folder.stdout


def test_an_import_that_may_fail_is_not_where_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("try:\n    import shapes\nexcept ImportError:\n    shapes = None\n")
    (tmp_path / "shapes.py").write_text("import tkinter\n")
    assert "Fails" not in lint("port", "main.py", cwd=tmp_path).stdout


def test_a_file_with_the_name_of_a_module_of_cpython_is_what_a_board_imports(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import socket\nimport pickle\n")
    (tmp_path / "pickle.py").write_text("import csv\n")
    first = lint("port", "main.py", cwd=tmp_path).stdout.splitlines()[1]
    assert first == "  Fails on import in line 2, by line 1 of pickle.py (ImportError):"


def test_a_package_that_neither_boards_nor_the_project_have_is_missing(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import socket\nimport settings\nimport a_driver\n")
    (tmp_path / "settings.py").write_text("try:\n    import yaml\nexcept ImportError:\n    yaml = None\n")
    done = lint("port", "main.py", cwd=tmp_path)
    assert done.stdout.splitlines()[1:5] == [
        "  Fails on import in line 3 (ImportError):",
        "    import a_driver",
        "  Has another way (1)",
        "    3  USK110 no module named `a_driver` on any board; this project has none either",
    ]
    assert lint("main.py", cwd=tmp_path).stdout == ""  # on a board there may be drivers which the project does not have


def test_a_thread_of_the_low_level_module_does_not_make_a_program_with_a_command_line_one_for_boards(told: Any) -> None:
    program = "import _thread\nimport sys\nimport logging\n_thread.start_new_thread(print, tuple(sys.argv))\n"
    answer = told(f"{program}import socket\n")
    assert answer["file"]["first_on_import"]["location"]["row"] == 3


def test_a_module_of_a_package_fails_where_its_package_does(tmp_path: Path) -> None:
    files = {
        "net/__init__.py": "import subprocess\nfrom .link import Link\n",
        "net/link.py": "import selectors\nfrom . import units\n\n\nclass Link:\n    pass\n",
        "net/units.py": "import socket\n",
        "net/main.py": "import tkinter\n",
    }
    write(tmp_path, files)

    def first(name: str) -> str:
        return lint("port", name, cwd=tmp_path).stdout.splitlines()[1]

    init = Path("net/__init__.py")
    assert first("net/link.py") == f"  Fails on import before its first line, by line 1 of {init} (ImportError):"
    assert first("net/main.py") == "  Fails on import in line 1 (ImportError):"
    (tmp_path / "net/__init__.py").write_text("from .link import Link\nimport subprocess\n")
    assert first("net/link.py") == "  Fails on import in line 1 (ImportError):"


def test_a_package_in_the_root_of_the_file_system_has_none_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    report = FileReport(os.path.abspath(os.path.join(os.sep, "__init__.py")))

    def read(path: str) -> bytes:
        return b"from . import a\n"

    monkeypatch.setattr(porting, "read", read)
    assert porting.first_on_import({report.path: report}, report) is None

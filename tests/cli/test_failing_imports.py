"""Imports of files that fail: where they are reported in a run of several files, and where the file itself has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.running import flake8, lint
from tests.support.trees import write
from usock_lint import Config, lint_paths
from usock_lint.running.runner import fix_paths

FILES = {
    "main.py": "import socket\nimport util\n",
    "util.py": "import socket\nimport enum\n",
}
FUTURE = {"main.py": "import socket\nimport util\n", "util.py": "from __future__ import division\nimport socket\n"}


def found(
    folder: Path, *paths: str, config: Config | None = None, cache: str | None = None, jobs: int = 1
) -> list[str]:
    """The places of the findings, in the order of the reports."""
    reports = [*lint_paths([folder / path for path in paths], config or Config(), cache=cache, jobs=jobs)]
    assert not any(report.errors for report in reports)
    return [
        f"{Path(one.path).relative_to(folder).as_posix()}:{one.location.row} {one.code}"
        for report in reports
        for one in report.findings
    ]


def test_a_file_that_is_named_alone_has_the_finding_at_its_import(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    done = lint("main.py", cwd=tmp_path)
    assert done.stdout == (
        "main.py:2:8: USK119 importing `util` fails in line 2 of util.py: "
        "no module named `enum` on any board; write a class with constants\n"
    )
    assert done.returncode == 1


@pytest.mark.parametrize("paths", [("main.py", "util.py"), ("util.py", "main.py"), (".", "main.py")])
@pytest.mark.parametrize("jobs", [1, 2])
def test_where_the_other_file_is_named_too_it_has_the_finding_itself(
    paths: tuple[str, ...], jobs: int, tmp_path: Path
) -> None:
    write(tmp_path, FILES)
    config = Config(assume="device")
    assert found(tmp_path, *paths, config=config, jobs=jobs) == ["util.py:2 USK110"]


def test_below_a_folder_only_files_outside_it_are_blamed(tmp_path: Path) -> None:
    write(tmp_path, {"src/app.py": FILES["main.py"], "src/util.py": FILES["util.py"], "lib/far.py": "import enum"})
    write(tmp_path, {"src/net.py": "import socket\nimport far\n", ".git/x": ""})
    assert found(tmp_path, "src", config=Config(assume="device")) == ["src/net.py:2 USK119", "src/util.py:2 USK110"]
    assert found(tmp_path, "", config=Config(assume="device")) == ["lib/far.py:1 USK110", "src/util.py:2 USK110"]


def test_below_a_folder_nobody_is_blamed_for_a_file_that_runs_on_a_computer(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import socket\nimport util\n", "util.py": "import subprocess\n"})
    assert found(tmp_path, "") == []
    assert found(tmp_path, "main.py") == ["main.py:2 USK119"]


def test_a_rule_that_is_off_for_the_other_file_fails_nowhere(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert found(tmp_path, "main.py", config=Config(ignore=("USK110",))) == []
    off = Config(per_file_ignores=(("util.py", ("USK110",)),), root=str(tmp_path))
    assert found(tmp_path, "main.py", config=off) == []
    assert found(tmp_path, "main.py", config=Config(ignore=("USK119",))) == []
    assert found(tmp_path, "main.py", config=Config(select=("USK119",))) == ["main.py:2 USK119"]


def test_targets_are_those_of_the_importing_file(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import socket\nimport util\n", "util.py": "import _thread\n"})
    assert lint("main.py", cwd=tmp_path).stdout == ""
    assert "no module named `_thread` on esp8266" in lint("--target", "esp8266", "main.py", cwd=tmp_path).stdout
    (tmp_path / "main.py").write_text("# usock-lint: target=esp8266\nimport socket\nimport util\n")
    assert "main.py:3:8: USK119" in lint("main.py", cwd=tmp_path).stdout


def test_what_is_kept_of_a_file_holds_as_long_as_those_that_it_imports(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": "import socket\nimport a\n", "a.py": "import b\n", "b.py": "import enum\n"})
    cache = str(tmp_path / "cache")
    for _ in range(2):
        assert found(tmp_path, "main.py", cache=cache) == ["main.py:2 USK119"]
    (tmp_path / "b.py").write_text("import time\n")
    assert found(tmp_path, "main.py", cache=cache) == []
    (tmp_path / "b.py").write_text("import time\nimport enum\n")
    assert found(tmp_path, "main.py", cache=cache) == ["main.py:2 USK119"]
    (tmp_path / "enum.py").write_text("class Enum:\n    pass\n")
    assert found(tmp_path, "main.py", cache=cache) == []


def test_a_finding_from_the_cache_is_no_repetition_either(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    cache = str(tmp_path / "cache")
    assert found(tmp_path, "main.py", cache=cache) == ["main.py:2 USK119"]
    for _ in range(2):
        assert found(tmp_path, "main.py", "util.py", cache=cache) == ["util.py:2 USK110"]


def test_what_is_mended_in_the_same_run_fails_no_longer(tmp_path: Path) -> None:
    write(tmp_path, FUTURE)
    assert found(tmp_path, "main.py") == ["main.py:2 USK119"]
    reports = [*fix_paths([tmp_path / "main.py", tmp_path / "util.py"])]
    assert [len(report.findings) for report in reports] == [0, 0]
    assert found(tmp_path, "main.py") == []


def test_flake8_reports_it_for_a_file_that_it_is_given_alone(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": FILES["main.py"], "util.py": "import socket\ndef f(x):\n    return [*x, 1]\n"})
    alone, both, folder = (flake8(*paths, cwd=tmp_path).stdout for paths in (["main.py"], [*FILES], ["."]))
    assert alone.startswith("main.py:2:8: USK119 importing `util` fails in line 3 of util.py")
    assert both.count("USK") == folder.count("USK") == 1
    assert "util.py:3:13: USK115" in both
    assert "util.py:3:13: USK115" in folder


@pytest.mark.parametrize(
    ("options", "silent"),
    [
        (["--per-file-ignores=util.py:USK115"], True),
        (["--per-file-ignores=util.py:USK1"], True),
        (["--per-file-ignores=main.py:USK115"], False),
        (["--extend-ignore=USK115"], True),
        (["--select=USK119"], False),
    ],
)
def test_flake8_blames_no_import_for_what_it_ignores_in_the_other_file(
    options: list[str], silent: bool, tmp_path: Path
) -> None:
    write(tmp_path, {"main.py": FILES["main.py"], "util.py": "import socket\ndef f(x):\n    return [*x, 1]\n"})
    assert ("USK119" not in flake8(*options, "main.py", cwd=tmp_path).stdout) is silent


def test_a_comment_in_the_other_file_holds_for_flake8_too(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": FILES["main.py"], "util.py": "import enum  # noqa: USK110\n"})
    assert flake8("main.py", cwd=tmp_path).stdout == ""
    write(tmp_path, {"util.py": "import enum  # noqa\n"})
    assert flake8("main.py", cwd=tmp_path).stdout == ""


def test_programs_learn_which_line_makes_an_import_fail(tmp_path: Path) -> None:
    write(tmp_path, {"src/main.py": "import socket\nimport net.util\n", "src/net/util.py": FILES["util.py"]})
    (one,) = json.loads(lint("--output-format", "json", "src/main.py", cwd=tmp_path).stdout)
    file = str(tmp_path / "src" / "net" / "util.py")
    assert one["because"] == {"code": "USK110", "filename": file, "location": {"column": 1, "row": 2}}
    done = json.loads(lint("--output-format", "sarif", "src/main.py", cwd=tmp_path).stdout)
    (result,) = done["runs"][0]["results"]
    (related,) = result["relatedLocations"]
    place = related["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "src/net/util.py"
    assert (place["region"], related["message"]) == ({"startLine": 2}, {"text": "USK110"})

"""The command line, as a process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from tests.support.running import FIXED_TIMEOUT, NAME, TIMEOUT, environment, lint, lint_process, python
from usock_lint.catalog.pages import rules

TEXT_MODE = 'import socket\n\ns = socket.socket()\nf = s.makefile("r")\n'


def test_a_finding_is_a_line_with_path_place_and_code_and_the_exit_code_is_1(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint_process("net.py", cwd=tmp_path)
    assert re.fullmatch(r"net\.py:6:8: USK102 .+\n", done.stdout)
    assert done.stderr == "Found 1 finding.\n1 can be fixed with --fix.\n"
    assert done.returncode == 1


def test_a_clean_folder_prints_nothing_but_that_it_passes_and_exits_with_0(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n")
    done = lint_process(".", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "The file passes.\n", 0)


def test_a_path_that_does_not_exist_is_named_and_the_others_are_linted(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint_process("nope.py", "net.py", cwd=tmp_path)
    assert "nope.py: No such file or directory\n" in done.stderr
    assert "net.py:6:8: USK102" in done.stdout
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--target", "esp23", "."), "esp32"),
        (("--select", "socket-timeot", "."), "did you mean `socket-timeout`?"),
        (("--ignore", "USK999", "."), "--ignore: no rule has the code or name `USK999`"),
        (("--nonsense", "."), "--nonsense"),
        (("--jobs", "0", "."), "`0` is not a number above 0"),
        (("-", "net.py"), "stands alone"),
        (("--watch", "-"), "--watch looks at files"),
        (("explain", "socket-timeot"), "did you mean `socket-timeout`?"),
    ],
    ids=str,
)
def test_a_bad_option_is_explained_and_exits_with_2(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = lint(*arguments, cwd=tmp_path)
    assert message in done.stderr.splitlines()[-1]
    assert (done.stdout, done.returncode) == ("", 2)


def test_standard_input_goes_by_the_name_it_is_given(tmp_path: Path) -> None:
    done = lint("-", "--stdin-filename", "app/net.py", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stdout.startswith("app/net.py:6:8: USK102 ")
    assert done.returncode == 1


def test_exit_zero_reports_and_exits_with_0(tmp_path: Path) -> None:
    done = lint("-", "--exit-zero", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert "USK102" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize(
    "selection",
    [("--ignore", "USK1"), ("--ignore", "socket-timeout"), ("--select", "USK2,socket-error")],
    ids=" ".join,
)
def test_what_is_not_selected_is_not_reported(selection: tuple[str, str], tmp_path: Path) -> None:
    assert lint("-", *selection, cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 0


def test_a_target_on_which_the_code_works_has_no_findings(tmp_path: Path) -> None:
    assert "USK401" in lint("-", cwd=tmp_path, stdin=NAME).stdout
    assert lint("-", "--target", "esp32", cwd=tmp_path, stdin=NAME).stdout == ""


def test_json_has_ruffs_keys_and_the_targets(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("net.py", "--output-format", "json", "--target", "rp2", cwd=tmp_path)
    (found,) = json.loads(done.stdout)
    assert isinstance(found.pop("message"), str)
    assert found.pop("fix").keys() == {"applicability", "edits", "message"}
    assert found.pop("url") == rules()["socket-timeout"].reference
    assert found == {
        "because": None,
        "cell": None,
        "code": "USK102",
        "end_location": {"column": 22, "row": 6},
        "filename": str(tmp_path / "net.py"),
        "location": {"column": 8, "row": 6},
        "name": "socket-timeout",
        "noqa_row": 6,
        "severity": "error",
        "targets": ["rp2"],
    }


def test_json_without_findings_is_an_empty_array(tmp_path: Path) -> None:
    assert lint("-", "--output-format", "json", cwd=tmp_path).stdout == "[]\n"


def test_fix_writes_the_file_and_reports_what_remains(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT + 's.makefile("r")\n')
    done = lint("net.py", "--fix", cwd=tmp_path)
    assert (tmp_path / "net.py").read_text() == FIXED_TIMEOUT + 's.makefile("r")\n'
    assert re.fullmatch(r"net\.py:8:\d+: USK301 .+\n", done.stdout)
    assert done.stderr == ("Found 2 findings (1 fixed, 1 remaining).\n1 more can be fixed with --unsafe-fixes.\n")
    assert done.returncode == 1


def test_unsafe_fixes_are_applied_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TEXT_MODE)
    done = lint("net.py", "--fix", "--unsafe-fixes", cwd=tmp_path)
    assert (tmp_path / "net.py").read_text() == TEXT_MODE.replace('"r"', '"rb"')
    assert (done.stderr, done.returncode) == ("Found 1 finding (1 fixed, 0 remaining).\n", 0)


def test_an_unsafe_fix_alone_is_announced_with_both_options(tmp_path: Path) -> None:
    done = lint("-", cwd=tmp_path, stdin=TEXT_MODE.encode())
    assert done.stderr == "Found 1 finding.\n1 can be fixed with --fix --unsafe-fixes.\n"


def test_diff_prints_the_change_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("net.py", "--diff", cwd=tmp_path)
    assert done.stdout.startswith("--- net.py\n+++ net.py\n@@ ")
    assert "\n-except socket.timeout:\n+except OSError:\n" in done.stdout
    assert (done.stderr, done.returncode) == ("Would fix 1 finding.\n", 1)
    assert (tmp_path / "net.py").read_text() == TIMEOUT


def test_a_diff_goes_to_the_file_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    printed = lint("net.py", "--diff", cwd=tmp_path).stdout
    done = lint("net.py", "--diff", "--output-file", "net.patch", "--color", "always", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "Would fix 1 finding.\n", 1)
    assert (tmp_path / "net.patch").read_text() == printed


@pytest.mark.parametrize("words", [("--statistics",), ("--output-format", "json"), ("--output-format", "sarif")])
def test_a_diff_is_no_report_of_another_form(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("net.py", "--diff", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"usock-lint: error: --diff or {' '.join(words)}, not both: a diff is what is printed\n"


def test_a_diff_can_be_applied_to_a_file_without_a_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT.rstrip("\n"))
    patch = lint("net.py", "--diff", cwd=tmp_path).stdout
    subprocess.run(["git", "apply", "-p0", "-"], cwd=tmp_path, input=patch.encode(), check=True, timeout=60)
    assert (tmp_path / "net.py").read_text() == FIXED_TIMEOUT.rstrip("\n")


def test_diff_of_what_no_fix_changes_exits_with_0(tmp_path: Path) -> None:
    done = lint("-", "--diff", cwd=tmp_path, stdin=TEXT_MODE.encode())
    assert (done.stdout, done.returncode) == ("", 0)


def test_fixing_standard_input_prints_the_fixed_source_alone(tmp_path: Path) -> None:
    done = lint_process("-", "--fix", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert (done.stdout, done.returncode) == (FIXED_TIMEOUT, 0)


def test_source_without_a_fix_comes_out_of_standard_input_unchanged(tmp_path: Path) -> None:
    done = lint("-", "--fix", cwd=tmp_path, stdin=b"x = 1\r\n")
    assert (done.stdout, done.returncode) == ("x = 1\r\n", 0)


def test_a_folder_called_like_a_command_is_linted_by_check(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "net.py").write_text(TIMEOUT)
    assert "net.py:6:8: USK102" in lint("check", "rules", cwd=tmp_path).stdout
    assert "net.py:6:8: USK102" in lint("./rules", cwd=tmp_path).stdout


@pytest.mark.parametrize("word", ["USK102", "usk102", "socket-timeout"])
def test_explain_prints_the_page_of_a_rule(word: str, tmp_path: Path) -> None:
    assert lint("explain", word, "--full", cwd=tmp_path).stdout == rules()["socket-timeout"].text()


def test_without_a_path_the_current_folder_is_linted(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert "net.py:6:8: USK102" in lint(cwd=tmp_path).stdout


def test_quiet_prints_findings_and_no_summary(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("-q", ".", cwd=tmp_path)
    assert done.stdout.startswith("net.py:6:8: USK102")
    assert done.stderr == ""
    assert done.returncode == 1


def test_quiet_tells_of_what_could_not_be_read(tmp_path: Path) -> None:
    done = lint("--quiet", "nowhere.py", cwd=tmp_path)
    assert "nowhere.py" in done.stderr
    assert done.returncode == 2


def test_ignore_noqa_reports_what_a_comment_suppresses(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT.replace("socket.timeout:", "socket.timeout:  # noqa: USK102"))
    assert lint(".", cwd=tmp_path).stdout == ""
    assert "USK102" in lint("--ignore-noqa", ".", cwd=tmp_path).stdout


def test_show_files_prints_what_would_be_linted(tmp_path: Path) -> None:
    for name in ("main.py", "lib/net.py", "build/net.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(TIMEOUT)
    done = lint("--show-files", ".", cwd=tmp_path)
    assert (done.stdout.replace("\\", "/").split(), done.stderr, done.returncode) == (["lib/net.py", "main.py"], "", 0)


def test_show_settings_prints_the_table_of_each_path(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["rp2"]\n')
    done = lint("--show-settings", ".", "--ignore", "USK1", cwd=tmp_path)
    assert done.stdout.startswith('# .\n[tool.usock-lint]\ntargets = ["rp2"]  # ')
    assert 'ignore = ["USK1"]  # --ignore\n' in done.stdout


@pytest.mark.parametrize(("when", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_colours_are_as_the_option_says(when: str, coloured: bool, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    for words in (("--diff",), ("--output-format", "full")):
        assert ("\x1b[31m" in lint(*words, "--color", when, "net.py", cwd=tmp_path).stdout) is coloured


@contextmanager
def watching(path: str, folder: Path) -> Generator[tuple[subprocess.Popen[str], Iterator[str]]]:
    """A process that watches a path, and the lines that it prints; it is killed after a minute."""
    command = python("-m", "usock_lint", "--watch", path)
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        patience = Timer(60, process.kill)
        patience.start()
        yield process, iter(process.stdout.readline, "")
        patience.cancel()


@pytest.mark.slow
def test_watch_lints_again_when_a_file_changes(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n")
    with watching(".", tmp_path) as (process, lines):
        assert any("Waiting for changes" in line for line in lines)
        (tmp_path / "net.py").write_text(TIMEOUT)
        assert any("net.py:6:8: USK102" in line for line in lines)
        process.send_signal(signal.SIGINT)
        list(lines)
        assert process.wait(30) in (0, 130)


@pytest.mark.slow
def test_watch_sees_a_file_that_an_editor_replaces_each_time(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket\n")
    with watching("net.py", tmp_path) as (process, lines):
        for name, code in (("error", "USK103"), ("timeout", "USK102"), ("error", "USK103")):
            assert any("Waiting for changes" in line for line in lines)
            (tmp_path / "saved").write_text(f"import socket\nsocket.{name}\n")
            (tmp_path / "saved").replace(tmp_path / "net.py")
            assert any(f"net.py:2:1: {code}" in line for line in lines)
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" not in "".join(lines)


def test_watch_of_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    done = lint_process("--watch", "nope.py", cwd=tmp_path)
    assert done.stderr == "usock-lint: nope.py: No such file or directory\n"
    assert done.returncode == 2


def test_watch_without_watchfiles_says_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['watchfiles'] = None; from usock_lint.cli.main import main; exit(main(['--watch']))"
    )
    done = subprocess.run(
        python("-c", script), cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == 'usock-lint: --watch needs watchfiles: pip install "usock-lint[watch]"\n'
    assert done.returncode == 2


def test_rules_lists_every_rule_in_order(tmp_path: Path) -> None:
    lines = lint("rules", cwd=tmp_path).stdout.splitlines()
    assert [tuple(line.split()[:2]) for line in lines] == [(r.code, r.name) for r in rules().values()]


def test_run_hands_its_arguments_to_a_script_under_the_shim(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import sys, socket\nprint(sys.argv[1:], hasattr(socket, 'timeout'))\nsys.exit(3)\n"
    )
    done = lint_process("run", "app.py", "--fix", "x", cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("['--fix', 'x'] False\n", 3)


def test_a_tree_without_sockets_does_not_import_libcst(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import threading\n")
    script = (
        "import sys; from usock_lint.cli.main import main; main(['.']); "
        "print(len({'libcst', 'usock_lint.linting.engine', 'usock_lint.ports', 'concurrent'} & sys.modules.keys()))"
    )
    assert _python(script, tmp_path) == "0\n"


def test_importing_the_package_loads_none_of_its_modules(tmp_path: Path) -> None:
    script = "import sys, usock_lint; print([name for name in sys.modules if name.startswith('usock_lint.')])"
    assert _python(script, tmp_path) == "[]\n"


def _python(script: str, cwd: Path) -> str:
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=60, check=True
    ).stdout


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("--targt esp32 net.py", "usock-lint: error: unrecognized arguments: --targt (did you mean `--target`?)"),
        (
            "config --isolted",
            "usock-lint config: error: unrecognized arguments: --isolted (did you mean `--isolated`?)",
        ),
        (
            "port",
            "usock-lint port: error: the following arguments are required: PATH; `usock-lint port --help` tells more",
        ),
    ],
)
def test_a_bad_option_is_one_line_with_what_was_likely_meant(words: str, line: str, tmp_path: Path) -> None:
    done = lint(*words.split(), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, line + "\n")


def test_a_misspelt_command_is_named(tmp_path: Path) -> None:
    done = lint("explian", "USK102", cwd=tmp_path)
    assert done.stderr.splitlines()[-1] == "There is no command `explian` either (did you mean `explain`?)."
    assert done.returncode == 2


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    name = "n" * 50_000 + ".py"  # makes the output longer than a pipe holds
    (tmp_path / "net.py").write_text(TIMEOUT + "socket.timeout\n" * 9)
    command = python("-m", "usock_lint", "-", "--stdin-filename", name)
    with (
        open(tmp_path / "net.py") as source,
        subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(),
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_an_interrupt_ends_the_run_without_a_traceback(tmp_path: Path) -> None:
    script = (
        # a test run may have been started without interrupts
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from usock_lint.cli.main import main; raise SystemExit(main(['-']))"
    )
    command = python("-c", script)
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stderr
        process.stdin.write(b"#" * 1_000_000)  # more than a pipe holds: somebody is reading
        time.sleep(0.5)  # CPython does not notice a signal that comes between two reads
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr.read() == b""


def test_version_names_the_tool(tmp_path: Path) -> None:
    assert re.fullmatch(r"usock-lint \d+\.\d+\.\d+\n", lint("--version", cwd=tmp_path).stdout)


def test_a_file_name_that_is_not_text_is_printed_all_the_same(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/net\xe9.py"
    try:
        with open(name, "w") as file:
            file.write(TIMEOUT)
    except OSError:
        pytest.skip("this file system has no such names")
    done = lint_process(".", cwd=tmp_path)
    assert "USK102" in done.stdout
    assert done.returncode == 1


def test_the_summary_tells_what_a_package_solves_and_what_nothing_does(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import socket, logging, multiprocessing\n")
    assert lint("net.py", "--target", "rp2==1.25", cwd=tmp_path).stderr == (
        "Found 2 findings.\n1 can be solved by a package that mip installs.\n1 cannot be solved on these targets.\n"
    )


def test_bash_completes_commands_options_and_paths(tmp_path: Path) -> None:
    (tmp_path / "explorer.py").write_text("")
    script = lint("completion", "bash", cwd=tmp_path).stdout
    begun = f"{script}\nCOMP_WORDS=(usock-lint %s); COMP_CWORD=1; _shtab_usock_lint; printf '%%s\\n' ${{COMPREPLY[@]}}"
    for word, found in (("expl", ["explain", "explorer.py"]), ("--show", ["--show-files", "--show-settings"])):
        done = subprocess.run(["bash", "-c", begun % word], cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert sorted(done.stdout.split()) == found

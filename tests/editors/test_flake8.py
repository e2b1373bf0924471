"""The flake8 plugin, driven by flake8 itself, says what the command line says."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

from tests.support.running import NAME, TIMEOUT, flake8, flake8_process, lint
from tools.rulepages.pages import BLOCKS, Block
from usock_lint.running.cache_folder import CACHE


def _options(block: Block) -> tuple[str, str]:
    return block.options.get("target", "portable"), block.options.get("assume", "auto")


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):  # flake8 itself says E999
        return False
    return True


OPTIONS = sorted({_options(block) for block in BLOCKS})


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [pytest.param(one, marks=[] if "portable" in one else pytest.mark.slow) for one in OPTIONS],
    ids=[" ".join(one) for one in OPTIONS],
)
def test_flake8_and_the_command_line_agree_on_every_page(options: tuple[str, str], tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    for block in BLOCKS:
        if _options(block) == options and _parses(block.code):
            (tmp_path / "blocks" / f"{block}.py".replace(":", "_")).write_text(block.code)
    target, assume = options
    by_cli = lint("blocks", "--target", target, "--assume", assume, cwd=tmp_path).stdout
    by_flake8 = flake8_process("blocks", "--usock-targets", target, "--usock-assume", assume, cwd=tmp_path).stdout
    assert sorted(by_flake8.splitlines()) == sorted(by_cli.splitlines())


HANDLER = "except socket.timeout:"


_COMMENTS = (
    "# noqa",
    "# NOQA",
    "#noqa",
    "# noqa: USK102",
    "# noqa:USK102",
    "# noqa: USK1",
    "# noqa: usk102",
    "# noqa: E501",
    "# noqa: E501,USK102",
    "# noqa: E501 USK102",
    "# noqa : USK102",
    "# noqa USK102",
    "# noqa: ",
    "# it is noqa",
    "# why  # noqa: USK102",
)
SUPPRESSED = [
    *(TIMEOUT.replace(HANDLER, f"{HANDLER}  {comment}") for comment in _COMMENTS),
    "# flake8: noqa\n" + TIMEOUT,
    "import socket\n\nerrors = (\n    OSError,\n    socket.timeout,\n)  # noqa: USK102\n",
    "import socket\n\nerrors = (\n    OSError,  # noqa: USK102\n    socket.timeout,\n)\n",
    'import socket\n\nprint(socket.timeout, """\n""")  # noqa: USK102\n',
    'import socket\n\nprint("# noqa", socket.timeout)\n',
]


@pytest.fixture(scope="module")
def suppressed(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], list[str]]:
    """What flake8 and the command line say of all these sources, in files that are numbered as they are."""
    folder = tmp_path_factory.mktemp("suppressed")
    for number, source in enumerate(SUPPRESSED):
        (folder / f"net{number}.py").write_text(source)
    by_flake8, by_cli = flake8_process(".", cwd=folder), lint(".", cwd=folder)
    return by_flake8.stdout.replace("./", "").splitlines(), by_cli.stdout.splitlines()


@pytest.mark.parametrize("number", range(len(SUPPRESSED)), ids=[repr(source[-40:]) for source in SUPPRESSED])
def test_noqa_suppresses_the_same_in_both(number: int, suppressed: tuple[list[str], list[str]]) -> None:
    by_flake8, by_cli = ([line for line in lines if line.startswith(f"net{number}.py:")] for lines in suppressed)
    assert by_flake8 == by_cli


def test_flake8s_own_workers_know_the_options(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"net{number}.py").write_bytes(b"\n" * number + NAME)
    alone = flake8_process(".", "-j", "1", "--usock-targets", "rp2", cwd=tmp_path).stdout
    assert alone.count("USK401") == 6
    assert flake8_process(".", "-j", "2", "--usock-targets", "rp2", cwd=tmp_path).stdout == alone
    assert flake8_process(".", "-j", "2", "--usock-targets", "esp32", cwd=tmp_path).stdout == ""


def test_flake8_lints_standard_input(tmp_path: Path) -> None:
    done = flake8_process("-", "--stdin-display-name", "net.py", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stdout.startswith("net.py:6:8: USK102 ")
    assert done.returncode == 1


def test_the_code_is_not_part_of_the_text(tmp_path: Path) -> None:
    done = flake8("-", "--format", "%(code)s|%(text)s", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stdout.startswith("USK102|")
    assert done.stdout.count("USK102") == 1


def test_flake8s_own_files_configure_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(b"import threading\n" + NAME)
    for targets, found in (("esp32>=1.24,\n  unix==1.20", 1), ("esp32", 0)):
        settings = f"[flake8]\nusock-targets =\n  {targets}\nusock-assume = device\n"
        (tmp_path / ".flake8").write_text(settings)
        assert flake8("net.py", cwd=tmp_path).stdout.count("USK40") == found


@pytest.mark.parametrize(
    ("targets", "ports"),
    [
        ("pico w", "rp2"),
        ("pico w,pyboard", "rp2 stm32"),
        ("rp2 pyboard", "rp2 stm32"),
        ("esp32 >= 1.22\n  pico_w", "esp32 rp2"),
    ],
)
def test_a_board_may_be_written_with_a_space(targets: str, ports: str, tmp_path: Path) -> None:
    (tmp_path / ".flake8").write_text(f"[flake8]\nusock-targets =\n  {targets}\n")
    (tmp_path / "net.py").write_text("import socket\ns = socket.socket()\ns.foo = 1\nsocket.reset()\n")
    found = flake8("net.py", cwd=tmp_path).stdout
    assert ("on your targets" in found) is (len(ports.split()) > 1)
    assert ("does not exist on pyboard" in found) is ("stm32" in ports)


@pytest.mark.parametrize(("option", "value"), [("targets", "esp23"), ("extend-select", "USK999"), ("assume", "devise")])
def test_a_bad_option_is_one_line_and_flake8s_usual_exit(option: str, value: str, tmp_path: Path) -> None:
    for given in ([f"--usock-{option}", value], []):
        (tmp_path / ".flake8").write_text("" if given else f"[flake8]\nusock-{option} = {value}\n")
        done = flake8("-", *given, cwd=tmp_path)
        assert done.stderr.splitlines()[-1].startswith(f"flake8: error: --usock-{option}: ")
        assert value in done.stderr
        assert (done.stdout, done.returncode) == ("", 2)


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfimport socket; socket.timeout\n",
        b"# \xe9\n" + TIMEOUT.encode(),
        TIMEOUT.encode() + b"\f\n",
    ],
    ids=["byte order mark", "Latin-1", "form feed"],
)
def test_odd_bytes_are_read_as_the_command_line_reads_them(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(data)
    found = flake8("net.py", cwd=tmp_path).stdout
    assert found == lint("net.py", cwd=tmp_path).stdout
    assert "USK102" in found


def test_what_the_baseline_knows_is_not_reported(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "net.py").write_text(TIMEOUT)
    lint(".", "--baseline", "known.json", "--write-baseline", cwd=tmp_path)
    (tmp_path / "src" / "net.py").write_text(TIMEOUT + "socket.timeout\n")
    assert flake8(".", "--usock-baseline", "known.json", cwd=tmp_path).stdout.startswith("./src/net.py:8:1: USK102 ")
    (tmp_path / ".flake8").write_text("[flake8]\nusock-baseline = known.json\n")
    assert flake8("src", cwd=tmp_path).stdout.count("USK102") == 1


def test_a_bad_baseline_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "known.json").write_text("[]")
    done = flake8("-", "--usock-baseline", "known.json", cwd=tmp_path)
    assert done.stderr.splitlines()[-1].startswith("flake8: error: --usock-baseline: ")
    assert "is no baseline" in done.stderr


def test_what_is_found_is_kept_for_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    first = flake8("net.py", cwd=tmp_path).stdout
    (kept,) = (path for path in (tmp_path / CACHE).iterdir() if len(path.name) == 32)
    (before,) = kept.read_bytes().split(b"\n")[1:-1]
    assert b"USK102" in before
    assert flake8("net.py", cwd=tmp_path).stdout == first
    kept.write_bytes(b"")
    assert flake8("net.py", cwd=tmp_path).stdout == first
    assert before in kept.read_bytes()


def test_what_a_comment_suppresses_is_kept_apart_from_what_the_command_line_keeps(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(SUPPRESSED[0])
    assert lint("net.py", cwd=tmp_path).stdout == ""
    assert "USK102" in flake8("net.py", "--disable-noqa", cwd=tmp_path).stdout
    assert lint("net.py", cwd=tmp_path).stdout == ""


@pytest.mark.parametrize("options", [("--usock-no-cache", "net.py"), ("-", "--stdin-display-name", "net.py")])
def test_nothing_is_kept_of_standard_input_or_when_told_so(options: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    assert flake8(*options, cwd=tmp_path, stdin=TIMEOUT.encode()).stdout.count("USK102") == 1
    assert not (tmp_path / CACHE).exists()


def test_workers_keep_what_each_of_them_finds(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"net{number}.py").write_text(TIMEOUT + "\n" * number)
    flake8_process(".", "-j", "4", cwd=tmp_path)
    (kept,) = (path for path in (tmp_path / CACHE).iterdir() if len(path.name) == 32)
    assert kept.read_bytes().count(b"USK102") == 8


@pytest.mark.skipif(not os.path.exists("/proc/self"), reason="needs a place nobody writes to")
def test_a_place_that_cannot_be_written_to_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / CACHE).symlink_to("/proc/self/fd", target_is_directory=True)
    done = flake8("net.py", cwd=tmp_path)
    assert (done.stdout.count("USK102"), done.stderr) == (1, "")

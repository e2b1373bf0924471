"""Settings: what pyproject.toml may say, and which rules they turn on."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import TIMEOUT, lint

from usock_lint import Config
from usock_lint.config import ConfigError, load
from usock_lint.ports import parse_targets


def _write(folder: Path, *lines: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text("\n".join(("[tool.usock-lint]", *lines)))
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    _write(
        tmp_path,
        'targets = ["esp32>=1.22", "rp2"]',
        'select = ["USK1", "missing-method"]',
        'extend-select = ["usk301"]',
        'ignore = ["socket-error"]',
        'assume = "device"',
        'exclude = ["vendor"]',
    )
    assert load(tmp_path) == Config(
        targets=parse_targets(["esp32>=1.22", "rp2"]),
        select=("USK1", "missing-method"),
        extend_select=("USK301",),
        ignore=("socket-error",),
        assume="device",
        exclude=("vendor",),
    )


def test_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    _write(tmp_path, 'exclude = ["far"]')
    near = tmp_path / "near"
    inside = near / "without" / "deep"
    inside.mkdir(parents=True)
    _write(near, 'exclude = ["near"]')
    (near / "without" / "pyproject.toml").write_text('[project]\nname = "x"\n')
    assert load(inside).exclude == ("near",)


def test_without_a_table_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == Config()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('target = ["rp2"]', "tool.usock-lint.target: unknown key (did you mean `targets`?)"),
        ('targets = "rp2"', "tool.usock-lint.targets: expected a list of strings"),
        ("select = [1]", "tool.usock-lint.select: expected a list of strings"),
        ("assume = true", "tool.usock-lint.assume: expected a string"),
        ('assume = "devise"', "`devise` is not one of auto, device (did you mean `device`?)"),
        ('targets = ["esp23"]', "esp32"),
        ("targets = []", "tool.usock-lint.targets: expected at least one target"),
        ('ignore = ["missing-methods"]', "did you mean `missing-method`?"),
        ("select = [", "pyproject.toml: "),
    ],
)
def test_a_bad_setting_is_one_line_with_file_key_and_what_was_meant(line: str, message: str, tmp_path: Path) -> None:
    path = _write(tmp_path, line)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\nusock-lint = 1", "usock-lint = '\xe9'"])
def test_a_file_of_another_shape_is_no_traceback(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="latin-1")
    done = lint("-", cwd=tmp_path)
    assert done.returncode == (0 if text == "tool = 1" else 2)


def test_a_bad_setting_stops_the_run_with_2(tmp_path: Path) -> None:
    _write(tmp_path, 'targts = ["rp2"]')
    done = lint("-", cwd=tmp_path)
    assert done.stderr.startswith("usock-lint: ")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 2


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    _write(tmp_path, 'ignore = ["USK102"]')
    assert lint("-", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 0
    assert lint("-", "--ignore", "USK2", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 1


@pytest.mark.parametrize(
    ("config", "on"),
    [
        (Config(), True),
        (Config(select=("USK1",)), True),
        (Config(select=("socket-timeout",)), True),
        (Config(select=("USK2",)), False),
        (Config(select=("USK2",), extend_select=("USK10",)), True),
        (Config(ignore=("USK",)), False),
        (Config(ignore=("socket-timeout",)), False),
        (Config(select=("USK102",), ignore=("USK1",)), True),
        (Config(select=("USK1",), ignore=("USK102",)), False),
        (Config(select=()), False),
    ],
    ids=str,
)
def test_the_longest_selector_decides(config: Config, on: bool) -> None:
    assert config.selects("USK102", "socket-timeout", opt_in=False) is on


@pytest.mark.parametrize(
    ("config", "on"),
    [
        (Config(), False),
        (Config(extend_select=("USK8",)), True),
        (Config(extend_select=("USK",)), True),
        (Config(select=("USK8",)), True),
        (Config(select=("no-timeout",)), True),
        (Config(extend_select=("USK8",), ignore=("USK802",)), False),
    ],
    ids=str,
)
def test_an_opt_in_rule_has_to_be_asked_for(config: Config, on: bool) -> None:
    assert config.selects("USK802", "no-timeout", opt_in=True) is on

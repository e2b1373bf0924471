"""Settings: what pyproject.toml may say, and which rules they turn on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.running import TIMEOUT, lint
from usock_lint import Config, toml
from usock_lint.catalog.pages import Rule, rules
from usock_lint.ports import parse_targets
from usock_lint.settings.config import ConfigError
from usock_lint.settings.hierarchy import Hierarchy
from usock_lint.settings.pyproject import KEYS


def load(folder: Path) -> Config:
    """What is set in a folder."""
    return Hierarchy().inside(str(folder)).config


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
        'extend-exclude = ["*_test.py"]',
        "force-exclude = true",
        "respect-gitignore = false",
        'baseline = "known.json"',
        'per-file-ignores = { "tests/" = ["USK2", "no-timeout"] }',
    )
    assert load(tmp_path) == Config(
        targets=parse_targets(["esp32>=1.22", "rp2"]),
        select=("USK1", "missing-method"),
        extend_select=("USK301",),
        ignore=("socket-error",),
        assume="device",
        exclude=("vendor",),
        extend_exclude=("*_test.py",),
        force_exclude=True,
        respect_gitignore=False,
        baseline="known.json",
        per_file_ignores=(("tests/", ("USK2", "no-timeout")),),
        root=str(tmp_path),
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
        ('exclude = "x"', "tool.usock-lint.exclude: expected a list of strings"),
        ('exclude = ["# x"]', "tool.usock-lint.exclude: `# x` is no pattern"),
        ('extend-exclude = [""]', "tool.usock-lint.extend-exclude: `` is no pattern"),
        ("force-exclude = 1", "tool.usock-lint.force-exclude: expected true or false"),
        ('respect-gitignore = "no"', "tool.usock-lint.respect-gitignore: expected true or false"),
        ('respect-git-ignore = "no"', "unknown key (did you mean `respect-gitignore`?)"),
        ('baseline = ""', "tool.usock-lint.baseline: expected a string"),
        ('baseline = "a\\u0000b"', "tool.usock-lint.baseline: expected a string"),
        ("per-file-ignores = []", "tool.usock-lint.per-file-ignores: expected a table of patterns"),
        ('per-file-ignores = { x = "USK1" }', "per-file-ignores: `x`: expected a list of strings"),
        ('per-file-ignores = { x = ["USK19"] }', "per-file-ignores: `x`: no rule has the code or name `USK19`"),
        ('select = [""]', "tool.usock-lint.select: no rule has the code or name ``"),
        ('per-file-ignores = { "" = ["USK1"] }', "per-file-ignores: ``: `` is no pattern"),
        ("extend_select = []", "unknown key (did you mean `extend-select`?)"),
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


@pytest.mark.parametrize("key", KEYS)
def test_every_key_says_of_a_wrong_type_what_is_expected(key: str, tmp_path: Path) -> None:
    _write(tmp_path, f"{key} = 1979-05-27")
    with pytest.raises(ConfigError, match=rf"tool\.usock-lint\.{key}: expected "):
        load(tmp_path)


def test_every_field_of_a_config_has_a_key() -> None:
    assert {field.replace("_", "-") for field in Config._fields} == {*KEYS, "root", "noqa", "every-import"}


def test_a_bad_setting_stops_the_run_with_2(tmp_path: Path) -> None:
    _write(tmp_path, 'targts = ["rp2"]')
    done = lint("-", cwd=tmp_path)
    assert done.stderr.startswith("usock-lint: ")
    assert done.stderr.count("\n") == 1
    assert done.returncode == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_settings_in_an_encoding_that_no_toml_has_are_not_passed_over(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes('[tool.usock-lint]\ntargets = ["unix"]\n'.encode(encoding))
    (tmp_path / "net.py").write_text(TIMEOUT)
    done = lint("net.py", cwd=tmp_path)
    assert "pyproject.toml: " in done.stderr
    assert (done.stdout, done.returncode) == ("", 2)


def test_a_table_that_is_called_as_the_import_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock_lint]\ntargets = ["rp2"]\n')
    with pytest.raises(ConfigError, match=r"tool\.usock_lint: unknown table \(did you mean `tool\.usock-lint`\?\)"):
        load(tmp_path)


def test_selecting_nothing_on_the_command_line_is_an_error(tmp_path: Path) -> None:
    done = lint("--select", "", "-", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "usock-lint: --select: expected at least one rule\n")


def test_the_command_line_overrides_the_file(tmp_path: Path) -> None:
    _write(tmp_path, 'ignore = ["USK102"]')
    assert lint("-", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 0
    assert lint("-", "--ignore", "USK2", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 1
    assert lint("-", "--ignore=", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 1
    assert lint("-", "--ignore", "", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 1


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


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.name)
def test_a_rule_is_run_on_the_same_files_by_its_name_and_by_its_code(rule: Rule) -> None:
    by_name, by_code = (Config(select=(word,)).lints_every_file for word in (rule.name, rule.code))
    assert by_name is by_code


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


# Which file


def _settings(*arguments: str, cwd: Path) -> dict[str, tuple[object, str]]:
    """What `usock-lint config` prints: by key the value and where it comes from."""
    text = lint("config", *arguments, cwd=cwd).stdout
    values = toml.loads(text)["tool"]["usock-lint"]
    origins = {line.split(" = ")[0]: line.rpartition("  # ")[2] for line in text.splitlines()}
    return {key: (value, origins[key]) for key, value in values.items()}


def test_config_prints_every_key_with_its_value_and_origin(tmp_path: Path) -> None:
    _write(
        tmp_path, 'ignore = ["USK2"]', "per-file-ignores = { 'a \"b\"' = ['USK1'] }", 'extend-select = ["no-timeout"]'
    )
    arguments = ("--target", "rp2>=1.22,esp32", "--extend-select", "USK9", "--no-respect-gitignore")
    found = _settings(*arguments, cwd=tmp_path)
    assert found == {
        "targets": (["rp2>=1.22", "esp32"], "--target"),
        "select": (["USK"], "default"),
        "extend-select": (["no-timeout", "USK9"], "pyproject.toml and --extend-select"),
        "ignore": (["USK2"], "pyproject.toml"),
        "per-file-ignores": ({'a "b"': ["USK1"]}, "pyproject.toml"),
        "exclude": ([], "default"),
        "extend-exclude": ([], "default"),
        "force-exclude": (False, "default"),
        "respect-gitignore": (False, "--respect-gitignore"),
        "compile": (False, "default"),
        "networked": (True, "default"),
        "lang": ("en", "locale"),
    }


def test_what_config_prints_can_be_pasted(tmp_path: Path) -> None:
    _write(tmp_path, 'exclude = ["a", "b/"]', 'baseline = "x.json"', 'per-file-ignores = { x = ["USK1"] }')
    before = lint("config", cwd=tmp_path).stdout
    (tmp_path / "pyproject.toml").write_text(before)
    after = lint("config", cwd=tmp_path).stdout
    assert [line.partition("  # ")[0] for line in after.splitlines()] == [
        line.partition("  # ")[0] for line in before.splitlines()
    ]


def test_a_file_that_is_named_is_read_instead(tmp_path: Path) -> None:
    _write(tmp_path, 'ignore = ["USK2"]')
    (tmp_path / "other.toml").write_text('[tool.usock-lint]\nselect = ["USK3"]\n')
    found = _settings("--config", "other.toml", cwd=tmp_path)
    assert found["select"] == (["USK3"], "other.toml")
    assert found["ignore"] == ([], "default")
    assert lint("-", "--config", "other.toml", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 0


def test_an_isolated_run_reads_nothing(tmp_path: Path) -> None:
    _write(tmp_path, 'ignore = ["USK"]', '[project]\ndependencies = ["micropython-rp2-stubs"]')
    assert _settings("--isolated", cwd=tmp_path)["ignore"] == ([], "default")
    assert lint("-", "--isolated", cwd=tmp_path, stdin=TIMEOUT.encode()).returncode == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "x.toml: No such file or directory"),
        ("[tool.ruff]", "x.toml: has no table [tool.usock-lint]"),
        ("[tool.usock-lint]\ntargts = []", "x.toml: tool.usock-lint.targts: unknown key (did you mean `targets`?)"),
        ("[", "x.toml: "),
        ("x = " + "[" * 5000, "x.toml: "),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_2(text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "x.toml").write_text(text)
    done = lint("-", "--config", "x.toml", cwd=tmp_path)
    assert done.stderr.startswith(f"usock-lint: {message}")
    assert (done.stderr.count("\n"), done.returncode) == (1, 2)


def test_a_file_is_named_or_none_is_read(tmp_path: Path) -> None:
    done = lint("-", "--config", "x.toml", "--isolated", cwd=tmp_path)
    assert done.stderr.endswith("not allowed with argument --config\n")
    assert done.returncode == 2

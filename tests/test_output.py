"""The output formats: each is held to its published schema or documentation, on one sample of findings."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
import xmlschema
from running import TIMEOUT, environment, lint

from usock_lint import Config, Finding, lint_source
from usock_lint.catalog import rules
from usock_lint.findings import Fix, Location
from usock_lint.output import FORMATS, renderer, statistics
from usock_lint.output.paint import coloured, paint_for, plain

SCHEMAS = Path(__file__).parent / "schemas"

SEVERAL = """\
import socket

s = socket.socket()
with socket.socket() as t:
\ts.connect(("ex\x07ample.com", 80)); print("é漢"); s.settimeout(1); socket.timeout; socket.timeout
errors = (
    socket.
    timeout,
)
x = "]]>&<'%0A"; print(socket.error); f = s.makefile("r")
"""
EVERYTHING = Config(extend_select=("USK",), assume="device")


def found(path: str, source: str = SEVERAL, config: Config = EVERYTHING) -> list[Finding]:
    findings = lint_source(source, path, config)
    assert findings
    return findings


ODD_PATHS = [
    "net.py",
    "with space/a,b:c%d.py",
    "naïve/漢字.py",
    "\udce9.py",
    "new\nline.py",
    "../up.py",
    "/abs/olute.py",
    "<stdin>",
]

SAMPLE: dict[str, list[Finding]] = {
    "nothing": [],
    "many": [finding for number in range(30) for finding in found(f"{number}.py")],
    "a syntax error": found("bad.py", "import socket\nprint 'Python 2'\n"),
    "a syntax error without a place": found("deep.py", "socket" + "(" * 2000),
    "a cut line": found("long.py", f"{'import socket; ' * 40}socket.timeout{'; x = 1' * 40}\n"),
    **{f"in {path!r}": found(path) for path in ODD_PATHS},
}

pytestmark = pytest.mark.usefixtures("no_ci")


@pytest.fixture(name="no_ci")
def outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def render(form: str, findings: Sequence[Finding]) -> str:
    return renderer(form)(findings, plain)


each_sample = pytest.mark.parametrize("findings", SAMPLE.values(), ids=SAMPLE)
each_format = pytest.mark.parametrize("form", FORMATS)


@each_format
@each_sample
def test_every_format_renders_every_finding_the_same_twice(form: str, findings: list[Finding]) -> None:
    text = render(form, findings)
    assert text == render(form, findings)
    assert text == "" or text.endswith("\n")
    assert all(finding.code in text for finding in findings if form != "gitlab")


# For people


def test_full_shows_the_line_with_the_offence_marked_and_what_to_do() -> None:
    findings = found("net.py", TIMEOUT, Config())
    assert render("full", findings) == (
        f"{render('text', findings)}"
        "  |\n"
        "6 | except socket.timeout:\n"
        "  |        ^^^^^^^^^^^^^^\n"
        "  |\n"
        f"  = help: {rules()['socket-timeout'].summary}\n"
        "  = fix: Use OSError\n"
    )


def excerpt(source: str, code: str) -> tuple[str, str]:
    """The source line and the line of carets of the last finding of a rule."""
    finding = [one for one in found("net.py", source) if one.code == code][-1]
    lines = render("full", [finding]).splitlines()
    return lines[2].partition("| ")[2], lines[3].partition("| ")[2]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("\tsocket.timeout", "    socket.timeout", id="a tab"),
        pytest.param("\tx = '漢字'; socket.timeout", "    x = '漢字'; socket.timeout", id="wide characters"),
        pytest.param("\tx = 'e\u0301'; socket.timeout", "    x = 'e\u0301'; socket.timeout", id="a combining accent"),
        pytest.param("\tx = '\x1b[2J'; socket.timeout", "    x = '\ufffd[2J'; socket.timeout", id="a control sequence"),
    ],
)
def test_the_mark_stands_under_the_offence_after(line: str, shown: str) -> None:
    wide = {"漢": 2, "字": 2, "\u0301": 0}
    source, mark = excerpt(f"import socket\nif 1:\n{line}\n", "USK102")
    assert source == shown
    columns = sum(wide.get(one, 1) for one in source[: source.index("socket.timeout")])
    assert mark == " " * columns + "^" * len("socket.timeout")


def test_a_long_line_is_cut_around_the_offence() -> None:
    source, mark = excerpt(f"import socket; x = '{'x' * 1000}'; socket.timeout; y = '{'y' * 1000}'\n", "USK102")
    assert len(source) <= 122
    assert source[0] == source[-1] == "…"
    assert source[mark.index("^") :].startswith("socket.timeout")


def test_an_offence_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    assert excerpt("import socket\nprint(socket.\n  timeout)\n", "USK102")[1] == "      ^^^^^^^"


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "variables", "colours"),
    [
        (Terminal(), {}, True),
        (StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (StringIO(), {"FORCE_COLOR": "1"}, True),
        (StringIO(), {"FORCE_COLOR": ""}, False),
        (Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_those_who_ask(
    stream: StringIO, variables: dict[str, str], colours: bool
) -> None:
    assert paint_for(stream, variables) is (coloured if colours else plain)


@pytest.mark.parametrize("form", ["text", "full"])
def test_a_real_terminal_gets_colours_and_a_pipe_the_same_text_without(form: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    piped = lint("net.py", "--output-format", form, cwd=tmp_path).stdout
    outer, inner = pty.openpty()
    command = [sys.executable, "-m", "usock_lint", "net.py", "--output-format", form]
    variables = {**environment(), "TERM": "xterm"}
    subprocess.run(command, cwd=tmp_path, env=variables, stdout=inner, stderr=subprocess.DEVNULL, timeout=60)
    os.close(inner)
    shown = os.read(outer, 100_000).decode().replace("\r\n", "\n")
    os.close(outer)
    assert "\x1b[1;31mUSK102\x1b[0m" in shown
    assert re.sub(r"\x1b\[[\d;]*m", "", shown) == piped


# For programs


@cache
def sarif_schema() -> Any:
    return json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))


def sarif(findings: Sequence[Finding]) -> Any:
    return json.loads(render("sarif", findings))


@each_sample
def test_sarif_follows_its_schema(findings: list[Finding]) -> None:
    validator: Any = jsonschema.Draft4Validator(sarif_schema())
    assert list(validator.iter_errors(sarif(findings))) == []


def test_a_sarif_result_has_rule_level_place_targets_and_fix() -> None:
    (finding,) = found("src/net.py", TIMEOUT, Config())
    (run,) = sarif([finding])["runs"]
    (rule,), (result,) = run["tool"]["driver"]["rules"], run["results"]
    page = rules()["socket-timeout"]
    assert (rule["id"], rule["name"], rule["help"]["markdown"]) == ("USK102", "socket-timeout", page.text())
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("USK102", 0, "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/net.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 6, "startColumn": 8, "endLine": 6, "endColumn": 22}
    assert result["properties"]["targets"] == list(finding.targets)
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"] == [{"deletedRegion": place["region"], "insertedContent": {"text": "OSError"}}]


def test_the_rules_of_sarif_are_those_its_results_point_to() -> None:
    (run,) = sarif(SAMPLE["many"])["runs"]
    described = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in described}) == len(described) > 3
    assert all(described[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_the_advice_of_an_opt_in_rule_is_a_warning() -> None:
    opt_in = [finding for finding in found("net.py", TIMEOUT) if rules()[finding.name].opt_in]
    assert opt_in
    assert {result["level"] for result in sarif(opt_in)["runs"][0]["results"]} == {"warning"}
    assert {issue["severity"] for issue in json.loads(render("gitlab", opt_in))} == {"minor"}
    assert render("github", opt_in).startswith("::warning ")


def uri(path: str) -> dict[str, str]:
    artifact: dict[str, str] = sarif(found(path))["runs"][0]["results"][0]["locations"][0]["physicalLocation"][
        "artifactLocation"
    ]
    return artifact


@pytest.mark.parametrize("path", ["with space/a,b:c%d.py", "naïve/漢字.py", "\udce9.py", "new\nline.py"])
def test_a_sarif_uri_is_the_name_of_the_file_encoded(path: str) -> None:
    assert re.fullmatch(r"[\w./%~-]+", uri(path)["uri"])
    assert unquote(uri(path)["uri"], errors="surrogateescape") == path


def test_a_sarif_uri_of_a_file_elsewhere_is_absolute_and_has_no_base() -> None:
    assert uri("/abs/olute.py") == {"uri": "file:///abs/olute.py"}
    assert uri("<stdin>") == {"uri": "%3Cstdin%3E"}


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_paths_are_relative_to_the_checkout_that_ci_names(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "firmware").mkdir()
    monkeypatch.chdir(tmp_path / "firmware")
    monkeypatch.setenv(variable, str(tmp_path))
    assert uri("net.py") == {"uri": "firmware/net.py", "uriBaseId": "%SRCROOT%"}
    assert json.loads(render("gitlab", found("net.py")))[0]["location"]["path"] == "firmware/net.py"
    assert 'testsuite name="firmware/net.py"' in render("junit", found("net.py"))


Identities = Callable[[Sequence[Finding]], list[str]]


def of_sarif(findings: Sequence[Finding]) -> list[str]:
    return [result["partialFingerprints"]["usockLint/v1"] for result in sarif(findings)["runs"][0]["results"]]


def of_gitlab(findings: Sequence[Finding]) -> list[str]:
    return [issue["fingerprint"] for issue in json.loads(render("gitlab", findings))]


@pytest.mark.parametrize("fingerprints", [of_sarif, of_gitlab])
def test_fingerprints_differ_and_survive_that_lines_move(fingerprints: Identities) -> None:
    before = fingerprints(found("net.py", SEVERAL))
    assert len(set(before)) == len(before)
    assert fingerprints(found("net.py", "\n# more\n" + SEVERAL.replace("import socket", "import   socket"))) == before
    assert set(fingerprints(found("other.py", SEVERAL))).isdisjoint(before)


@each_sample
def test_junit_follows_the_schema_of_jenkins(findings: list[Finding]) -> None:
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(render("junit", findings))


def test_junit_counts_a_failure_for_each_finding() -> None:
    text = render("junit", SAMPLE["many"])
    count = len(SAMPLE["many"])
    assert f'<testsuites name="usock-lint" tests="{count}" failures="{count}" errors="0">' in text
    assert text.count("<failure ") == count
    assert text.count("<testsuite ") == 30


def test_junit_without_findings_has_a_test_that_passed() -> None:
    text = render("junit", [])
    assert (text.count("<testcase "), text.count("<failure ")) == (1, 0)


GITLAB_SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


@each_sample
def test_gitlab_has_the_fields_that_its_documentation_requires(findings: list[Finding]) -> None:
    issues = json.loads(render("gitlab", findings))
    assert len(issues) == len(findings)
    for issue in issues:
        assert all(isinstance(issue[key], str) and issue[key] for key in ("description", "check_name", "fingerprint"))
        assert issue["severity"] in GITLAB_SEVERITIES
        assert not issue["location"]["path"].startswith("./")
        assert issue["location"]["lines"]["begin"] >= 1


@each_sample
@pytest.mark.parametrize("form", ["json", "gitlab", "sarif"])
def test_json_is_text_that_strict_readers_take(form: str, findings: list[Finding]) -> None:
    read = json.loads(render(form, findings))
    json.dumps(read, ensure_ascii=False).encode("utf-8")


def read_command(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as GitHub's runner takes it apart: the name, the properties, the message."""
    name, _, rest = line.removeprefix("::").partition(" ")
    words, _, message = rest.partition("::")
    unescaped = {key: _unescape(value) for key, value in (word.split("=", 1) for word in words.split(","))}
    return name, unescaped, _unescape(message)


def _unescape(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


@each_sample
def test_github_reads_back_what_was_found(findings: list[Finding]) -> None:
    lines = render("github", findings).split("\n")[:-1]
    assert len(lines) == len(findings)
    for line, finding in zip(lines, findings, strict=True):
        name, properties, message = read_command(line)
        assert name in ("error", "warning")
        expected = finding.path if finding.path.startswith("<") else os.path.abspath(finding.path)
        assert (properties["file"], properties["line"]) == (expected, str(finding.location.row))
        assert message + "\n" == render("text", [finding])


def test_github_takes_columns_within_one_line_only() -> None:
    several = [one for one in found("net.py") if one.end_location.row > one.location.row]
    assert several
    assert all("col" not in read_command(line)[1] for line in render("github", several).splitlines())


# Statistics


def test_statistics_count_each_rule_and_target() -> None:
    one = Finding("a.py", Location(1, 1), Location(1, 2), "USK102", "socket-timeout", "m", ("rp2", "esp32"), None)
    two = Finding(
        "b.py", Location(1, 1), Location(1, 2), "USK102", "socket-timeout", "m", ("rp2",), Fix("safe", "", ())
    )
    three = Finding("b.py", Location(2, 1), Location(2, 2), "USK001", "syntax-error", "m", (), None)
    assert statistics.render([one, two, three]) == (
        "2  USK102  socket-timeout  rp2 2, esp32 1\n"
        "1  USK001  syntax-error\n"
        "3          all rules       rp2 2, esp32 1\n"
    )
    assert json.loads(statistics.render_json([one, two]))[0] == {
        "code": "USK102",
        "name": "socket-timeout",
        "count": 2,
        "fixable": True,
        "targets": {"rp2": 2, "esp32": 1},
    }


def test_statistics_of_nothing_are_nothing(tmp_path: Path) -> None:
    done = lint("-", "--statistics", cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_statistics_are_text_or_json(tmp_path: Path) -> None:
    assert lint("-", "--statistics", cwd=tmp_path, stdin=TIMEOUT.encode()).stdout.startswith(
        "1  USK102  socket-timeout"
    )
    done = lint("-", "--statistics", "--output-format", "json", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert json.loads(done.stdout)[0]["count"] == 1
    done = lint("-", "--statistics", "--output-format", "sarif", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("--statistics is text or json, and not sarif\n")


# Files


def test_the_output_file_holds_what_standard_output_would(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    printed = lint("net.py", "--output-format", "json", cwd=tmp_path)
    written = lint("net.py", "--output-format", "json", "--output-file", "out.json", cwd=tmp_path)
    assert (tmp_path / "out.json").read_text() == printed.stdout
    assert (written.stdout, written.returncode) == ("", 1)
    assert {path.name for path in tmp_path.iterdir()} - {".usock_lint_cache"} == {"net.py", "out.json"}


def test_the_output_file_has_no_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in lint("-", cwd=tmp_path, stdin=TIMEOUT.encode()).stdout
    lint("-", "--output-file", "out.txt", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert (tmp_path / "out.txt").read_text().startswith("<stdin>:6:8: USK102 ")


def test_a_device_is_written_to_and_stays_one(tmp_path: Path) -> None:
    done = lint("-", "--output-file", "/dev/stdout", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stdout.startswith("<stdin>:6:8: USK102 ")
    lint("-", "--output-file", "/dev/null", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert not Path("/dev/null").is_file()


def test_an_output_file_that_cannot_be_written_is_one_line_and_2(tmp_path: Path) -> None:
    done = lint("-", "--output-file", "no/such/out.txt", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stderr == "usock-lint: --output-file: no/such/out.txt: No such file or directory\n"
    assert done.returncode == 2


@each_format
def test_a_full_disk_is_one_line_and_2(form: str, tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    done = lint("-", "--output-format", form, "--output-file", "/dev/full", cwd=tmp_path, stdin=TIMEOUT.encode())
    assert done.stderr == "usock-lint: --output-file: /dev/full: No space left on device\n"
    assert done.returncode == 2


@pytest.mark.parametrize("form", [form for form in FORMATS if form not in ("full", "text")])
def test_only_the_format_that_is_used_is_imported(form: str, tmp_path: Path) -> None:
    script = (
        f"import sys; from usock_lint.cli import main; main(['-', '--output-format', {form!r}]); "
        "print([name for name in sys.modules if name.startswith('usock_lint.output.')], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env=environment(), input="", capture_output=True, text=True
    )
    imported = set(re.findall(r"output\.(\w+)", done.stderr))
    assert imported & set(FORMATS) - {"text"} == {form}

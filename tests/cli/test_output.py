"""The output formats for programs: each is held to its published schema or documentation, on one sample of findings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from tests.support.each import check_each
from tests.support.running import SCHEMAS, TIMEOUT
from tests.support.samples import SAMPLES, SEVERAL, each_format, each_sample, found, render, sample
from usock_lint import Config, Finding, lint_source
from usock_lint.catalog.pages import rules
from usock_lint.server.positions import Positions

pytestmark = pytest.mark.usefixtures("no_ci")


@pytest.fixture(name="findings")
def of_a_sample(request: pytest.FixtureRequest) -> list[Finding]:
    return sample(request.param)


@each_format
def test_every_format_renders_every_finding_the_same_twice(form: str) -> None:
    def is_rendered(name: str) -> None:
        text = render(form, sample(name))
        assert text == render(form, sample(name))
        assert text == "" or text.endswith("\n")
        assert all(finding.code in text for finding in sample(name) if form != "gitlab")

    check_each(is_rendered, SAMPLES)


def test_equal_findings_that_begin_at_the_same_place_come_in_the_order_of_their_ends() -> None:
    chained = lint_source('import socket\nname = "abc"' + '.removeprefix("a")' * 6 + "\n")
    assert len({(one.location, one.code, one.message) for one in chained}) == 1
    assert [one.end_location.column for one in chained] == [26, 44, 62, 80, 98, 116]


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
    (run,) = sarif(sample("many"))["runs"]
    described = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in described}) == len(described) > 3
    assert all(described[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])


def test_the_advice_of_an_opt_in_rule_is_a_warning_in_every_format() -> None:
    opt_in = [finding for finding in found("net.py", TIMEOUT) if rules()[finding.name].opt_in]
    assert opt_in
    assert {result["level"] for result in sarif(opt_in)["runs"][0]["results"]} == {"warning"}
    assert {issue["severity"] for issue in json.loads(render("gitlab", opt_in))} == {"minor"}
    assert {one["severity"] for one in json.loads(render("json", opt_in))} == {"warning"}
    assert render("github", opt_in).startswith("::warning ")
    from lsprotocol.types import DiagnosticSeverity

    from usock_lint.server.actions import diagnostic

    in_an_editor = Positions(TIMEOUT, "utf-16")
    assert {diagnostic(one, in_an_editor).severity for one in opt_in} == {DiagnosticSeverity.Warning}


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


@cache
def junit_schema() -> Any:
    from xmlschema import XMLSchema

    return XMLSchema(SCHEMAS / "junit-10.xsd")


@each_sample
def test_junit_follows_the_schema_of_jenkins(findings: list[Finding]) -> None:
    junit_schema().validate(render("junit", findings))


def test_junit_counts_a_failure_for_each_finding() -> None:
    text = render("junit", sample("many"))
    count = len(sample("many"))
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


@pytest.mark.parametrize("form", ["json", "gitlab", "sarif"])
def test_json_is_text_that_strict_readers_take(form: str) -> None:
    def is_taken(name: str) -> None:
        read = json.loads(render(form, sample(name)))
        json.dumps(read, ensure_ascii=False).encode("utf-8")

    check_each(is_taken, SAMPLES)


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

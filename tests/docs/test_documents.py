"""What the documents say is so: their sessions, settings, options, links and snippets are tried."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documents import snippet
from tests.support.running import ROOT, TIMEOUT, lint, python
from tools.website.documents import PAGES
from usock_lint import __version__
from usock_lint.catalog.pages import rules
from usock_lint.ports import PORTS
from usock_lint.settings.hierarchy import Hierarchy
from usock_lint.settings.pyproject import KEYS
from usock_lint.shim import SIMULATED

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
README, CLI, TARGETS = (ROOT / name for name in ("README.md", "docs/cli.md", "docs/targets.md"))
CONFIGURATION = ROOT / "docs/configuration.md"
_FENCED = re.compile(r"^(`{3,})\w*[^\n]*\n.*?^\1$", re.S | re.M)
GITIGNORE = (ROOT / ".gitignore").read_text(encoding="utf-8")
GITIGNORE_TOP = GITIGNORE.partition("build/")[0]


def docs(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = python(ROOT / "tools/docs.py", *arguments)
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_the_generated_parts_are_up_to_date() -> None:
    done = docs("--check")

    assert done.returncode == 0, f"`make docs` mends this:\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        pytest.param("```console\n$ echo new; ls >&2\n{}```\n", "new\nexamples\n", id="session"),
        pytest.param("<!-- from .gitignore -->\n```text\n{}```\n", GITIGNORE, id="file"),
        pytest.param("<!-- from .gitignore up to build/ -->\n````md\n{}````\n", GITIGNORE_TOP, id="top of a file"),
    ],
)
def test_a_stale_part_is_shown_and_mended(block: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text(block.format("old\n"))

    checked = docs("--check", path)
    mended = docs(path)

    assert (checked.returncode, mended.returncode) == (1, 0)
    assert "\n-old\n" in checked.stdout
    assert path.read_text() == block.format(text)


def test_the_table_has_every_rule_and_its_fix() -> None:
    table = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (USK\d+) \| \[([\w-]+)\]\(\.\./rules/\2\.md\) \| .+ \| (.+) \|$", table, re.M)

    assert [(code, name) for code, name, _ in rows] == [(rule.code, rule.name) for rule in rules().values()]
    assert {"socket-timeout": "safe", "makefile-text-mode": "unsafe", "missing-attribute": "-"}.items() <= {
        name: fix for _, name, fix in rows
    }.items()


def anchors(path: Path) -> set[str]:
    """What a link may name after `#`, as GitHub makes it of the headings."""
    headings: list[str] = re.findall(r"^#+ (.+)$", _FENCED.sub("", path.read_text(encoding="utf-8")), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(path: Path) -> list[str]:
    """The links of a document to a file that is not there, or to a heading that the file does not have."""
    found: list[tuple[str, str, str]] = re.findall(
        r"\]\((?!https?:)(([^)#]*)(?:#([^)]*))?)\)", path.read_text(encoding="utf-8")
    )
    wrong: list[str] = []
    for link, name, anchor in found:
        there = path.parent / name if name else path
        if not there.exists() or (anchor and anchor not in anchors(there)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_a_link_within_the_project_leads_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("# A page\n\n[a](page.md#a-page) [b](#a-page) [c](gone.md) [d](#gone) [e](page.md#gone)\n")

    assert broken(path) == ["gone.md", "#gone", "page.md#gone"]


def test_the_readme_leads_to_every_document() -> None:
    linked = set(re.findall(r"\]\((docs/[\w.]+)\)", README.read_text(encoding="utf-8")))

    assert linked == {f"docs/{path.name}" for path in DOCUMENTS if path.parent.name == "docs"} - {"docs/rules.zh.md"}


def test_the_site_has_every_document() -> None:
    catalogues = {"rules", "rules.zh"}

    assert {*PAGES, *catalogues} - {"contributing", "changelog"} == {path.stem for path in (ROOT / "docs").glob("*.md")}


def options(path: Path) -> set[str]:
    """The options that the tables of a document explain."""
    rows = "".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| `--"))
    return set(re.findall(r"`(--[a-z-]+)[^`|]*`(?=[^|]*\|[^|]*\|)", rows))


def test_every_option_of_the_command_line_is_explained(tmp_path: Path) -> None:
    known = set(re.findall(r"(?<![\w-])--[a-z-]+", lint("--help", cwd=tmp_path).stdout))

    assert options(CLI) == known
    assert len(options(README)) == 6
    assert options(README) < known


def test_every_port_is_named() -> None:
    assert set(PORTS) <= set(re.findall(r"`([\w-]+)`", TARGETS.read_text(encoding="utf-8")))


def test_the_shim_plays_the_ports_that_are_said() -> None:
    text = (ROOT / "docs/run.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"^Every port but cc3200.*?\.$", text, re.M | re.S)

    assert set(PORTS) - set(SIMULATED) == {"docs", "cc3200"}
    assert set(re.findall(r"`([\w-]+)`", sentence)) == {"docs", *SIMULATED}


def test_the_settings_shown_are_valid_and_all_there_are(tmp_path: Path) -> None:
    text = CONFIGURATION.read_text(encoding="utf-8")
    table = snippet(CONFIGURATION, "toml", "[tool.usock-lint]")
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")

    loaded = Hierarchy().inside(str(tmp_path)).config

    assert loaded.targets
    keys = set(re.findall(r"^([\w-]+) =", table, re.M))
    assert keys == set(KEYS)
    assert set(re.findall(r"^\| `([\w-]+)` \|", text.partition("## Patterns")[0], re.M)) == keys


def test_the_first_session_of_the_readme_is_what_a_clone_prints() -> None:
    # Sessions are generated outside of the project, whose modules count where they are run in it.
    printed = lint("--isolated", "--no-cache", "examples/clock.py", cwd=ROOT).stdout
    assert printed.count("\n") == 3
    assert printed in README.read_text(encoding="utf-8")


def test_the_settings_of_the_readme_are_valid(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(snippet(README, "toml", "[tool.usock-lint]"), encoding="utf-8")

    assert Hierarchy().inside(str(tmp_path)).config.targets


def test_the_comments_shown_set_what_they_are_said_to(tmp_path: Path) -> None:
    page = ROOT / "docs/suppression.md"
    comments: list[str] = re.findall(r"^\| `(# usock-lint: [^`]+)` \|", page.read_text(encoding="utf-8"), re.M)
    comments = [comment.replace("...", "rp2") for comment in comments] + [snippet(page, "py", "usock-lint").strip()]
    assert len(comments) == 4

    for comment in comments:
        (tmp_path / "net.py").write_text(f"{comment}\n{TIMEOUT}")
        printed = lint("net.py", cwd=tmp_path).stdout
        assert "USK003" not in printed
        assert ("USK102" in printed) == ("skip-file" not in comment)


def test_the_program_that_imports_usock_lint_runs() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(snippet(CLI, "py", "lint_source"), {})

    assert printed.getvalue().startswith("USK102 socket-timeout 2 (")


def test_the_changelog_knows_the_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"\n## [{__version__}] - " in text


def test_a_rule_is_two_files_and_nothing_else_knows_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name in ("usock_lint", "rules"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    net = tmp_path / "net.py"
    net.write_text(TIMEOUT)
    pair = [project / "rules/socket-timeout.md", project / "usock_lint/checks/socket_timeout.py"]
    texts = [path.read_text(encoding="utf-8") for path in pair]

    def reported() -> str:
        command = [sys.executable, "-m", "usock_lint", str(net)]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    for path in pair:
        path.unlink()
    without = reported()
    for path, text in zip(pair, texts, strict=True):
        path.write_text(text, encoding="utf-8")

    assert without == ""
    assert "USK102" in reported()

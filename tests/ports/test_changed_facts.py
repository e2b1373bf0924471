from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.changed_facts import Clone, changed, main, switched

OLD = """\
int limit(void) {
    return MICROPY_LIMIT;
}

int first(int a) {
    check(a);
    return a;
}

int second(int a) {
    return a;
}
"""


@pytest.fixture(name="clone")
def three_releases(tmp_path: Path) -> Clone:
    folder = tmp_path / "micropython"
    (folder / "py").mkdir(parents=True)

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@localhost"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    for tag, text in (("v1.0.0", f"// older\n{OLD}"), ("v1.1.0", OLD), ("v1.2.0", OLD.replace("(a);", "(a, 1);"))):
        (folder / "mod.c").write_text(text)
        (folder / "py/mpconfig.h").write_text(f"#define MICROPY_LIMIT ({tag[3]})\n#define MICROPY_OTHER ({tag[3]})\n")
        git("add", ".")
        git("commit", "-q", "-m", tag)
        git("tag", tag)
    return Clone(folder / ".git")


@pytest.mark.parametrize(
    ("cited", "found"),
    [
        ("mod.c:7@v1.1.0", True),
        ("mod.c:8@v1.0.0", True),
        ("mod.c:2@v1.1.0", False),
        ("mod.c:11@v1.1.0", False),
        ("mod.c:1@v1.0.0", False),
        ("other.c:7@v1.1.0", False),
    ],
)
def test_what_is_said_of_a_function_that_changed_is_listed(
    cited: str, found: bool, clone: Clone, tmp_path: Path
) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.md").write_text(f"It is so ({cited}).\n")

    listed = [(path, citing) for path, _, citing in changed(clone, "v1.1.0", "v1.2.0", tmp_path)]

    assert [path for path, _ in listed] == ["mod.c"] * found
    assert all("rules/a.md" in citing[0] for _, citing in listed)


def test_the_change_is_shown_with_its_function(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "usock_lint/ports/data").mkdir(parents=True)
    (tmp_path / "usock_lint/ports/data/a.json").write_text('  "checks": {"source": ["mod.c:5@v1.1.0"]}\n')

    ((_, change, citing),) = changed(clone, "v1.1.0", "v1.2.0", tmp_path)

    assert citing == ["usock_lint/ports/data/a.json checks (5@v1.1.0)"]
    assert "int first(int a) {" in change.text
    assert "+    check(a, 1);" in change.text
    assert "second" not in change.text


def test_a_fact_of_several_lines_is_listed_by_its_name(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "usock_lint/ports/data").mkdir(parents=True)
    fact = '  "is_checked": {"history": [\n   {"value": true}],\n   "source": ["mod.c:6@v1.1.0"]},\n'
    (tmp_path / "usock_lint/ports/data/a.json").write_text(fact)

    ((_, _, citing),) = changed(clone, "v1.1.0", "v1.2.0", tmp_path)

    assert citing == ["usock_lint/ports/data/a.json is_checked (6@v1.1.0)"]


@pytest.mark.parametrize(
    ("tags", "says"),
    [
        (["v1.1.0", "v1.3.0"], "has no v1.3.0: its newest tags are v1.2.0, v1.1.0, v1.0.0"),
        (["v0.9", "v1.2.0"], "has no v0.9: its newest tags are"),
        (["v1.1.0"], "the following arguments are required: new"),
    ],
)
def test_a_tag_that_the_clone_lacks_is_one_line(
    tags: list[str], says: str, clone: Clone, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path / "micropython/.git"), *tags])

    assert ended.value.code == 2
    assert says in capsys.readouterr().err.splitlines()[-1]


def test_a_setting_is_listed_if_what_is_cited_asks_for_it(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/a.md").write_text("It is so (mod.c:7@v1.1.0).\n")

    listed = [*switched(clone, "v1.1.0", "v1.2.0", tmp_path)]

    assert listed == [
        ("py/mpconfig.h", "-#define MICROPY_LIMIT (1)"),
        ("py/mpconfig.h", "+#define MICROPY_LIMIT (2)"),
    ]

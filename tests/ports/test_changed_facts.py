from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.changed_facts import Clone, changed

OLD = """\
int limit(void) {
    return 4;
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
def two_releases(tmp_path: Path) -> Clone:
    folder = tmp_path / "micropython"
    folder.mkdir()

    def git(*words: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@localhost"]
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

    git("init", "-q")
    for tag, text in (("v1.0.0", f"// older\n{OLD}"), ("v1.1.0", OLD), ("v1.2.0", OLD.replace("(a);", "(a, 1);"))):
        (folder / "mod.c").write_text(text)
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

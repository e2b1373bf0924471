"""List the facts whose sources a release changed: python -m tools.changed_facts MICROPYTHON OLD NEW.

MICROPYTHON is the git directory of a clone of micropython/micropython, OLD and NEW are tags or commits of it. A fact
cites its sources as `path:line@tag`. Every change from OLD to NEW of a function (of a line and its neighbours, where
there are no functions) that something cites is printed, with what cites it: the table, the pages of the rules, the
documentation, and the comments in the code. A citation of an older tag counts if its line still stood at OLD.

Behind these come the lines of settings (mpconfigport.h, the options of lwIP and mbedTLS) that changed, of those that a
cited C file asks for: they switch code that did not change itself.

What is printed is to be read; the rest of the table holds as it is. What a release has besides is read anew by
`python -m tools.world_facts`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from usock_lint.ports import PORTS

ROOT: Final = Path(__file__).parent.parent

_CITING: Final = (
    *("usock_lint/ports/data/*.json", "usock_lint/**/*.py", "rules/*.md", "stubs/master/*.pyi"),
    *("docs/**/*.md", "tests/ports/evidence/*.md", "tools/**/*.py", "*.md"),
)
_CITATION: Final = re.compile(r"(?<![\w/.-])(?P<path>[\w./-]+\.[a-z]+):(?P<line>\d+)@(?P<tag>v[\d.]+\d|[0-9a-f]{10})")
_HUNK: Final = re.compile(r"^@@ -(?P<start>\d+)(?:,(?P<count>\d+))? .*\n", re.M)

_WITH_FUNCTIONS: Final = (".c", ".py")

_SETTINGS: Final = (
    *("py/mpconfig.h", "ports/*/mpconfigport*", "ports/*/variants/*.h", "ports/*/boards/sdkconfig.base"),
    *("ports/*/prj.conf",),
    *("extmod/extmod.*", "extmod/lwip-include/*", "extmod/mbedtls/*.h", "ports/*/lwip_inc/*", "ports/*/mbedtls/*.h"),
)
_SETTING: Final = re.compile(r"\b(?:MICROPY|MBEDTLS|CONFIG|LWIP|TCP|UDP|MEMP|DNS)_\w+")

_OF_A_FACT: Final = frozenset({"history", "names", "note", "signatures", "source", "values"})
"""Keys of the table with which a line of a fact begins, and which are not its name."""


class Citation(NamedTuple):
    """Where something is cited: `where` is the file and, in the table, the fact."""

    where: str
    path: str
    line: int
    tag: str


class Change(NamedTuple):
    """What became of lines of a file: the number of the first and the last before, and the difference."""

    first: int
    last: int
    text: str


class Clone:
    """The git directory of a clone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.lines = cache(self._lines)

    def _lines(self, tag: str, path: str) -> list[str]:
        """The lines of a file; none where it is not."""
        return self._ask("show", f"{tag}:{path}").splitlines()

    def check(self, tag: str) -> None:
        """LookupError, in words for people, if the clone has no such tag or commit."""
        if not self._ask("rev-parse", "--verify", "--quiet", f"{tag}^{{commit}}"):
            known = self._ask("tag", "--sort=-version:refname", "--list", "v*").split()
            newest = f": its newest tags are {', '.join(known[:3])}" if known else ": it is no git directory with tags"
            raise LookupError(f"{self._folder} has no {tag}{newest}")

    def changed(self, old: str, new: str) -> list[str]:
        """The files that are not the same, or no longer there."""
        return self._ask("diff", "--name-only", "--no-renames", old, new).splitlines()

    def changes(self, old: str, new: str, path: str) -> Iterator[Change]:
        """The changes of a file, by functions."""
        reach = "--function-context" if path.endswith(_WITH_FUNCTIONS) else "--unified=2"
        text = self._ask("diff", "--no-renames", reach, old, new, "--", path)
        found = [*_HUNK.finditer(text)]
        for hunk, following in zip(found, [*found[1:], None], strict=True):
            first = int(hunk["start"])
            last = first + int(hunk["count"] or 1) - 1
            yield Change(first, last, text[hunk.start() : following.start() if following else None].rstrip())

    def settings(self, old: str, new: str) -> Iterator[tuple[str, str]]:
        """Each line of a file of settings that went or came, with the file."""
        path = ""
        for line in self._ask("diff", "--no-renames", "--unified=0", old, new, "--", *_SETTINGS).splitlines():
            if line.startswith(("--- a/", "+++ b/")):
                path = line[6:]
            elif re.match(r"[+-](?![+-])", line):
                yield path, line

    def _ask(self, *words: str) -> str:
        command = ["git", "--git-dir", str(self._folder), *words]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
        return done.stdout


def citations(root: Path = ROOT) -> Iterator[Citation]:
    """Every citation of MicroPython's sources in the project."""
    for pattern in _CITING:
        for file in sorted(root.glob(pattern)):
            place, fact = file.relative_to(root).as_posix(), ""
            for line in file.read_text(encoding="utf-8").splitlines():
                if file.suffix == ".json" and (key := re.match(r'\s*"([\w.]+)":', line)) and key[1] not in _OF_A_FACT:
                    fact = key[1]
                for found in _CITATION.finditer(line):
                    where = f"{place} {fact}".rstrip()
                    yield Citation(where, found["path"], int(found["line"]), found["tag"])


def stood(clone: Clone, cited: Citation, old: str) -> int | None:
    """The number that the cited line has at OLD; None where it was gone by then."""
    before, after = clone.lines(cited.tag, cited.path), clone.lines(old, cited.path)
    if before == after:
        return cited.line
    text = before[cited.line - 1] if cited.line <= len(before) else None
    same = [number for number, line in enumerate(after, 1) if line == text]
    return min(same, key=lambda number: abs(number - cited.line), default=None)


def changed(clone: Clone, old: str, new: str, root: Path = ROOT) -> Iterator[tuple[str, Change, list[str]]]:
    """The file, the change, and what cites the lines that changed."""
    touched = set(clone.changed(old, new))
    cited: dict[str, dict[int, set[str]]] = {}
    for one in citations(root):
        if one.path in touched and (line := stood(clone, one, old)) is not None:
            cited.setdefault(one.path, {}).setdefault(line, set()).add(f"{one.where} ({one.line}@{one.tag})")
    for path, places in sorted(cited.items()):
        for change in clone.changes(old, new, path):
            citing = {where for line, found in places.items() if change.first <= line <= change.last for where in found}
            if citing:
                yield path, change, sorted(citing)


def switched(clone: Clone, old: str, new: str, root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """The changed lines of settings that C files ask for which something cites, each with its file."""
    cited = {one.path for one in citations(root) if one.path.endswith(".c")}
    asked = {name for path in cited for line in clone.lines(new, path) for name in _SETTING.findall(line)}
    for path, line in clone.settings(old, new):
        port = re.match(r"ports/([^/]+)/", path)
        if not asked.isdisjoint(_SETTING.findall(line)) and (port is None or port[1] in PORTS):
            yield path, line


def main(arguments: Sequence[str] | None = None) -> None:
    """Print each change and what cites it."""
    parser = argparse.ArgumentParser(description="List the facts whose sources a release of MicroPython changed.")
    parser.add_argument("micropython", type=Path, help="the git directory of a clone of micropython/micropython")
    parser.add_argument("old", help="a tag or a commit: v1.28.0")
    parser.add_argument("new", help="a later one")
    options = parser.parse_args(arguments)
    clone, total = Clone(options.micropython), 0
    try:
        clone.check(options.old)
        clone.check(options.new)
    except LookupError as error:
        parser.error(str(error.args[0]))
    for path, change, citing in changed(clone, options.old, options.new):
        total += len(citing)
        print(f"=== {path}:{change.first}", *(f"    {where}" for where in citing), change.text, "", sep="\n")
    files: dict[str, list[str]] = {}
    for path, line in switched(clone, options.old, options.new):
        files.setdefault(path, []).append(line)
    for path, lines in files.items():
        print(f"=== {path}: settings", *lines, "", sep="\n")
    print(f"{total} citations of changed lines, {sum(map(len, files.values()))} changed lines of settings")


if __name__ == "__main__":
    main()

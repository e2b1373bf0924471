"""What linting costs, as ratios that are taken in one run on one machine.

    python -m benchmarks [--rounds N] [--only PART ...] [--all] [--processor] [--write]

It takes a quarter of an hour. --all adds how long other linters take and how time and memory grow with the number of
files, in some minutes more; a line on standard error says how long each part took, and a command that takes ten
minutes ends its part. --write puts the table into docs/benchmarks.md. On a machine that does other work,
--processor takes the time of the processors in place of the clock's.
Fixit, and a flake8 without the plugin, are installed into a throw-away environment. The rest is in the development
one.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks import server, trees
from benchmarks.clock import LONGEST, Command, compare

_ROOT = Path(__file__).parent.parent
_PAGE = _ROOT / "docs" / "benchmarks.md"
_PARTS = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- end of benchmarks -->)", re.DOTALL)

_LINT = (sys.executable, "-m", "usock_lint")
_CLEAN = (*_LINT, "clean")
_PROGRAMS = Path(sys.executable).parent
_RUFF = (str(_PROGRAMS / "ruff"), "check", "--select", "E9,F", "--no-cache", "--isolated", "--quiet")

_FLOOR = (sys.executable, str(_ROOT / "benchmarks" / "floor.py"))
_AGAIN = (sys.executable, str(_ROOT / "benchmarks" / "again.py"))

_PLUGIN = "[flake8:local-plugins]\nextension = USK = usock_lint.flake8:Plugin\n"
_PARSES = "[flake8:local-plugins]\nextension = XX = benchmarks.floor:Parses\n"

Row = tuple[str, str, str]


class Bench:
    """The measurements: each yields rows of what, ratio and limit."""

    def __init__(self, scratch: Path, rounds: int, *, processor: bool) -> None:
        self._scratch = scratch
        self._rounds = rounds
        self._processor = processor
        (scratch / "plugin.cfg").write_text(_PLUGIN)
        (scratch / "parses.cfg").write_text(_PARSES)

    def start(self) -> Iterator[Row]:
        """One file, as an editor or a hook lints it."""
        plain, net = self._scratch / "plain.py", self._scratch / "net.py"
        plain.write_text("x = 1\n")
        net.write_text(trees.client(300))
        checkout = trees.checkout(self._scratch / "checkout")
        mixed = trees.checkout(self._scratch / "mixed", networked=3)
        for name, path, program, limit in (
            ("a file without networks / `python -c pass`", plain, "pass", "2.0"),
            ("a folder in a git checkout without networks / `python -c pass`", checkout, "pass", "2.5"),
            ("the same, where three files import sockets / `python -c pass`", mixed, "pass", "-"),
            ("a file of 300 lines with sockets / `python -c 'import libcst'`", net, "import libcst", "1.1"),
        ):
            python = self._command(sys.executable, "-c", program)
            for cold in (True, False) if path in (net, mixed) else (True,):
                ratio = compare(self._lint(path, cold=cold), python, 3 * self._rounds, processor=True)
                yield f"{name}{'' if cold else ', warm'}", str(ratio), limit

    def library(self) -> Iterator[Row]:
        """CPython's library, nearly all of which runs on no device."""
        tree = trees.library(self._scratch / "library")
        yield from self._against(f"CPython's library ({_count(tree)} files)", tree, "1.0", "0.2")
        name, device = "CPython's library, all as device code", ("--assume", "device")
        yield from self._against(name, tree, "-", "0.2", *device)

    def packages(self) -> Iterator[Row]:
        """Other people's MicroPython packages."""
        tree = trees.packages(self._scratch / "packages")
        name, device = f"MicroPython packages from the index ({_count(tree)} files)", ("--assume", "device")
        yield from self._against(name, tree, "-", "1.0", *device)
        yield f"{name}, cold / floor", self._ratio(self._lint(tree, *device), self._floor(tree)), "1.15"

    def dense(self) -> Iterator[Row]:
        """Files that are full of sockets."""
        tree = trees.dense(self._scratch / "dense", 200, 300)
        for jobs in ("1", "2"):
            lint, floor = self._lint(tree, "--jobs", jobs), self._floor(tree, jobs)
            yield f"200 files full of sockets, {jobs} process(es) / floor, as many", self._ratio(lint, floor), "1.15"
        walk = self._command(*_FLOOR, str(tree), "1", "visit")
        yield "the same, floor and an empty `libcst.CSTVisitor` / floor", self._ratio(walk, self._floor(tree, "1")), "-"

    def plugin(self) -> Iterator[Row]:
        """flake8 with the plugin over flake8 without it."""
        for name, tree, limit in (
            ("without networks", trees.sparse(self._scratch / "sparse", 150), "1.03"),
            ("full of sockets", trees.dense(self._scratch / "nets", 60, 300), "1.3"),
        ):
            flake8 = (self._tool("python"), "-m", "flake8", "-j", "1", str(tree))  # where the plugin is not installed
            without = self._command(*flake8, "--isolated")
            words = (*flake8, "--config", str(self._scratch / "plugin.cfg"))
            for state, before in (("cold", _CLEAN), ("warm", ())):
                within = Command(words, self._scratch, before, str(_ROOT))
                ratio = compare(within, without, self._rounds, processor=True)
                yield f"flake8 with the plugin / without, files {name}, {state}", str(ratio), limit
        parses = self._command(*flake8, "--config", str(self._scratch / "parses.cfg"))
        ratio = compare(parses, without, self._rounds, processor=True)
        yield "flake8 with a plugin that only calls `libcst.parse_module` / without, the same files", str(ratio), "-"

    def server(self) -> Iterator[Row]:
        """What someone waits for who edits 3,000 lines, on the clock."""
        times = server.times(self._scratch, trees.client(3000), self._rounds, processor=self._processor)
        yield "server, 3,000 lines: from a keystroke to diagnostics", times.diagnostics, "0.3 s"
        yield "server, 3,000 lines: first hover once analysed", times.first_hover, "0.05 s"
        yield "server, 3,000 lines: further hovers", times.hover, "0.05 s"

    def memory(self) -> Iterator[Row]:
        """The memory that a worker needs."""
        tree = trees.dense(self._scratch / "long", 1, 10_000)
        yield "10,000 lines in one file", f"{self._lint(tree, '--no-cache').peak()} MB", "150 MB"

    def growth(self) -> Iterator[Row]:
        """What twice as much of a kind costs in terms of the half, in one process that has imported all it needs."""
        for kind, count in trees.KINDS.items():
            folders = [trees.grown(self._scratch / kind / str(times), kind, times * count) for times in (1, 2, 4)]
            told = self._command(*_AGAIN, *map(str, folders)).output()
            yield f"twice as many {kind}, {count:,} to {4 * count:,}", told, "2.2"

    def project(self) -> Iterator[Row]:
        """A project of 1,000 files for a device that import one another."""
        tree = trees.project(self._scratch / "project", 1_000)
        for cold in (True, False):
            for jobs in ("1", "2"):
                lint = self._lint(tree, "--jobs", jobs, cold=cold)
                ratio = self._ratio(lint, self._floor(tree, jobs))
                name = f"a project of 1,000 files, {'cold' if cold else 'warm'}, {jobs} process(es)"
                yield f"{name} / floor, as many; memory", f"{ratio}; {lint.peak()} MB", "-"

    def tools(self) -> Iterator[Row]:
        """Other linters."""
        name, tree = "20 files full of sockets", trees.dense(self._scratch / "tools", 20, 300)
        yield from self._against(name, tree, "-", "1.0")
        lint, pyright = self._lint(tree), self._command(str(_PROGRAMS / "pyright"), str(tree))
        yield f"{name}, cold / flake8 --select F", self._ratio(lint, self._flake8(tree)), "0.6"
        once = partial(compare, rounds=1, processor=self._processor)
        yield f"{name}, cold / Fixit", str(once(lint, self._fixit(tree))), "0.1"
        yield f"{name}, cold / pyright", str(once(lint, pyright)), "-"

    def sizes(self) -> Iterator[Row]:
        """What ten times the files, or lines, cost: processor time in terms of the tenth of them, and memory."""
        for what, sizes in (("files", (50, 500, 5_000)), ("lines in one file", (1_000, 10_000, 100_000))):
            before = 0.0
            for size in sizes:
                tree = self._scratch / f"{what[:5]}{size}"
                trees.dense(tree, size, 1) if what == "files" else trees.dense(tree, 1, size)
                seconds, memory = self._lint(tree, "--no-cache").once()
                ratio = f"{seconds / before:.2f} (once) times the processor time of a tenth, " if before else ""
                yield f"{size:,} {what}", f"{ratio}{memory} MB in the largest process", "10 times, 150 MB"
                before = seconds

    def _against(self, name: str, tree: Path, cold: str, warm: str, *options: str) -> Iterator[Row]:
        ruff = self._command(*_RUFF, str(tree))
        for state, limit in (("cold", cold), ("warm", warm)):
            lint = self._lint(tree, *options, cold=state == "cold")
            yield f"{name}, {state} / ruff check --select E9,F --no-cache", self._ratio(lint, ruff), limit

    def _ratio(self, one: Command, other: Command) -> str:
        return str(compare(one, other, self._rounds, processor=self._processor))

    def _flake8(self, tree: Path) -> Command:
        return self._command(sys.executable, "-m", "flake8", "--isolated", "--select", "F", str(tree))

    def _fixit(self, tree: Path) -> Command:
        return self._command(self._tool("fixit"), "lint", str(tree))

    def _tool(self, name: str) -> str:
        """A program of the throw-away environment."""
        home = self._scratch / "venv"
        if not home.exists():
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin" / "pip", "install", "--quiet", "--quiet", "fixit", "flake8"], check=True)
        return str(home / "bin" / name)

    def _floor(self, tree: Path, jobs: str = "2") -> Command:
        return self._command(*_FLOOR, str(tree), jobs)

    def _lint(self, path: Path, *options: str, cold: bool = True) -> Command:
        words = (*_LINT, *options, str(path))
        return Command(words, self._scratch, _CLEAN if cold else (), str(_ROOT))

    def _command(self, *words: str) -> Command:
        return Command(words, self._scratch, (), str(_ROOT))


def _count(tree: Path) -> int:
    return sum(1 for _ in tree.rglob("*.py"))


_GOALS = ("start", "library", "packages", "dense", "plugin", "server", "memory", "growth", "project")
_OTHERS = ("tools", "sizes")


def main() -> None:
    """Print the table, and write it into the page when asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what linting costs.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=(*_GOALS, *_OTHERS), help="these parts alone")
    parser.add_argument("--all", action="store_true", help="also other linters, and very many files and lines")
    parser.add_argument("--processor", action="store_true", help="time processors, where the machine does other work")
    parser.add_argument("--write", action="store_true", help=f"into {_PAGE.relative_to(_ROOT)}")
    options = parser.parse_args()
    lines = ["| what | ratio: median (lowest-highest) | at most |", "|---|---|---|"]
    print(*lines, sep="\n", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), options.rounds, processor=options.processor)
        for part in options.only or (*_GOALS, *(_OTHERS if options.all else ())):
            start = time.perf_counter()
            try:
                for row in getattr(bench, part)():
                    lines.append(f"| {' | '.join(row)} |")
                    print(lines[-1], flush=True)
            except subprocess.TimeoutExpired:
                lines.append(f"| {part}: the next row | a command took more than {LONGEST:.0f} s | - |")
                print(lines[-1], flush=True)
            print(f"{part}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    if options.write:
        text = _PAGE.read_text(encoding="utf-8")
        table = "\n".join(lines)
        _PAGE.write_text(_PARTS.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()

"""What linting costs, as ratios that are taken in one run on one machine.

    python benchmarks/run.py [--rounds N] [--only WORD] [--growth] [--write]

--write puts the table into docs/benchmarks.md; --growth adds how time and memory grow, which takes as long again.
Fixit, and a flake8 without the plugin, are installed into a throw-away environment. The rest is in the development
one. It takes some ten minutes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import trees
from clock import Command, compare

_ROOT = Path(__file__).parent.parent
_PAGE = _ROOT / "docs" / "benchmarks.md"
_PARTS = re.compile(r"(<!-- benchmarks -->\n).*?(<!-- end of benchmarks -->)", re.DOTALL)

_LINT = (sys.executable, "-m", "usock_lint")
_CLEAN = (*_LINT, "clean")

_READ = "import pathlib, sys; [path.read_bytes() for path in pathlib.Path(sys.argv[1]).rglob('*.py')]"
_FLOOR = (sys.executable, str(_ROOT / "benchmarks" / "floor.py"))

_PLUGIN = "[flake8:local-plugins]\nextension = USK = usock_lint.flake8:Plugin\n"

Row = tuple[str, str, str]


class Bench:
    """The measurements: each yields rows of what, ratio and limit."""

    def __init__(self, scratch: Path, rounds: int) -> None:
        self._scratch = scratch
        self._rounds = rounds
        (scratch / "plugin.cfg").write_text(_PLUGIN)

    def start(self) -> Iterator[Row]:
        """One file, as an editor or a hook lints it."""
        plain, net = self._scratch / "plain.py", self._scratch / "net.py"
        plain.write_text("x = 1\n")
        net.write_text(trees.client(300))
        checkout = trees.checkout(self._scratch / "checkout")
        for name, path, program, limit in (
            ("a file without sockets / `python -c pass`", plain, "pass", "2.0"),
            ("a folder in a git checkout without sockets / `python -c pass`", checkout, "pass", "2.5"),
            ("a file of 300 lines with sockets / `python -c 'import libcst'`", net, "import libcst", "1.3"),
        ):
            python = self._command(sys.executable, "-c", program)
            for cold in (True, False) if path is net else (True,):
                lint = self._lint(path, cold=cold)
                ratio = compare(lint, python, 3 * self._rounds, processor=True)
                yield f"{name}{'' if cold else ', warm'}", str(ratio), limit

    def library(self) -> Iterator[Row]:
        """CPython's library, nearly all of which runs on no device."""
        tree = trees.library(self._scratch / "library")
        yield from self._against(f"CPython's library ({_count(tree)} files)", tree, "1.0", "1.0")
        name, device = "CPython's library, all as device code", ("--assume", "device")
        yield from self._against(name, tree, "-", "1.0", *device)
        yield name + " / floor", str(compare(self._lint(tree, *device), self._floor(tree), self._rounds)), "1.3"

    def dense(self) -> Iterator[Row]:
        """Files that are full of sockets."""
        tree = trees.dense(self._scratch / "dense", 200, 300)
        yield from self._against("200 files full of sockets", tree, "-", "1.0")
        yield from self._tools("200 files full of sockets", tree)
        for jobs in ("1", "2"):
            lint, floor = self._lint(tree, "--jobs", jobs), self._floor(tree, jobs)
            ratio = compare(lint, floor, self._rounds)
            yield f"200 files full of sockets, {jobs} process(es) / floor, as many", str(ratio), "1.3"

    def packages(self) -> Iterator[Row]:
        """Other people's MicroPython packages."""
        tree = trees.packages(self._scratch / "packages")
        name = f"MicroPython packages from the index ({_count(tree)} files)"
        yield from self._against(name, tree, "-", "1.0", "--assume", "device")
        lint = self._lint(tree, "--assume", "device")
        yield f"{name} / floor", str(compare(lint, self._floor(tree), self._rounds)), "1.3"

    def plugin(self) -> Iterator[Row]:
        """flake8 with the plugin over flake8 without it."""
        for name, tree, limit in (
            ("without sockets", trees.sparse(self._scratch / "sparse", 150), "1.03"),
            ("full of sockets", trees.dense(self._scratch / "nets", 60, 300), "1.3"),
        ):
            flake8 = (self._tool("python"), "-m", "flake8", "-j", "1", str(tree))  # where the plugin is not installed
            without = self._command(*flake8, "--isolated")
            words = (*flake8, "--config", str(self._scratch / "plugin.cfg"))
            for state, before in (("cold", _CLEAN), ("warm", ())):
                within = Command(words, self._scratch, before, str(_ROOT))
                ratio = compare(within, without, self._rounds, processor=True)
                yield f"flake8 with the plugin / without, files {name}, {state}", str(ratio), limit

    def growth(self) -> Iterator[Row]:
        """What ten times the files, or lines, cost in terms of the tenth of them."""
        for what, sizes in (("files", (1_000, 10_000, 100_000)), ("lines in one file", (1_000, 10_000, 100_000))):
            before: Command | None = None
            for size in sizes:
                tree = self._scratch / f"{what[:5]}{size}"
                trees.dense(tree, size, 1) if what == "files" else trees.dense(tree, 1, size)
                lint = self._lint(tree, "--no-cache")
                memory = f"{lint.peak()} MB in the largest process"
                ratio = f"{compare(lint, before, 1)} times the time of a tenth, " if before else ""
                yield f"{size:,} {what}", ratio + memory, "10 times, 150 MB"
                before = lint

    def _against(self, name: str, tree: Path, cold: str, warm: str, *options: str) -> Iterator[Row]:
        ruff = self._command("ruff", "check", "--no-cache", "--isolated", "--quiet", str(tree))
        for state, limit in (("cold", cold), ("warm", warm)):
            lint = self._lint(tree, *options, cold=state == "cold")
            yield f"{name}, {state} / ruff check --no-cache", str(compare(lint, ruff, self._rounds)), limit

    def _tools(self, name: str, tree: Path) -> Iterator[Row]:
        lint = self._lint(tree)
        pyright = self._command("pyright", str(tree))
        yield f"{name}, cold / flake8 --select F", str(compare(lint, self._flake8(tree), self._rounds)), "0.6"
        yield f"{name}, cold / Fixit", str(compare(lint, self._fixit(tree), 1)), "0.1"
        yield f"{name}, cold / pyright", str(compare(lint, pyright, 1)), "-"

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


def main() -> None:
    """Print the tables, and write them into the page when asked."""
    parser = argparse.ArgumentParser(description="Measure what linting costs.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("start", "library", "dense", "packages", "plugin", "growth"))
    parser.add_argument("--growth", action="store_true", help="also how time and memory grow")
    parser.add_argument("--write", action="store_true", help=f"into {_PAGE.relative_to(_ROOT)}")
    options = parser.parse_args()
    parts = [options.only] if options.only else ["start", "library", "dense", "packages", "plugin"]
    parts += ["growth"] if options.growth else []
    lines = ["| what | ratio: median (lowest-highest) | at most |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), options.rounds)
        for part in parts:
            for row in getattr(bench, part)():
                lines.append(f"| {' | '.join(row)} |")
                print(lines[-1], flush=True)
    if options.write:
        text = _PAGE.read_text(encoding="utf-8")
        table = "\n".join(lines)
        _PAGE.write_text(_PARTS.sub(lambda found: f"{found[1]}\n{table}\n\n{found[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()

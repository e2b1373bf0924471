"""`usock-lint init`: write the settings of a project, and what runs usock-lint in it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence

from usock_lint import __version__, toml
from usock_lint.cli.options import Parser
from usock_lint.files.atomic_write import replace
from usock_lint.files.discovery import reason
from usock_lint.settings import config, stub_targets
from usock_lint.settings.config import FILE, ConfigError

_PRE_COMMIT = ".pre-commit-config.yaml"
_WORKFLOW = ".github/workflows/usock-lint.yml"

_HOOK = """\
  - repo: local
    hooks:
      - id: usock-lint
        name: usock-lint
        entry: usock-lint --force-exclude --assume auto
        language: python
        additional_dependencies: ["{requirement}"]
        types: [python]
        require_serial: true
"""

_JOB = """\
name: usock-lint

on: [push, pull_request]

permissions:
  contents: read

jobs:
  usock-lint:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install "{requirement}"
      - run: usock-lint --output-format github .
"""


def main(words: Sequence[str]) -> int:
    """Ask, where somebody can answer, and write. Raises ConfigError where there are settings already."""
    parser = Parser(
        prog="usock-lint init",
        description="Write [tool.usock-lint] to pyproject.toml in this folder, after asking which boards are meant. "
        "Without a terminal nothing is asked: the options say it, else the stubs that the project uses.",
    )
    parser.add_argument("--target", action="append", metavar="TARGET", help="esp32, picow>=1.22, ...; do not ask")
    parser.add_argument("--pre-commit", action="store_true", help=f"write {_PRE_COMMIT} too")
    parser.add_argument("--github", action="store_true", help=f"write {_WORKFLOW} too")
    options = parser.parse_args(words)
    asks = sys.stdin.isatty() and not options.target
    if _is_set_up():
        raise ConfigError(f"{FILE} has settings already; `usock-lint config` prints them")
    targets = _words(options.target) if options.target else _boards(asks)
    _append(FILE, f"[tool.usock-lint]\ntargets = {json.dumps(targets)}\n")
    requirement, is_known = _requirement()
    hooked = options.pre_commit or (asks and _agrees("Run it before each commit, by pre-commit?"))
    if hooked:
        _add_hook(_HOOK.format(requirement=requirement))
    runs = options.github or (asks and _agrees("Run it on GitHub?"))
    if runs:
        _add_workflow(_JOB.format(requirement=requirement))
    if (hooked or runs) and not is_known:
        print(f"This usock-lint was not installed from an index; see that {requirement} is on yours.")
    print("`usock-lint` lints this folder.")
    return 0


def _is_set_up() -> bool:
    """True if the file has settings. Raises ConfigError if it is not TOML, so that none can be added."""
    if os.path.lexists(FILE) and not os.path.isfile(FILE):
        raise ConfigError(f"{FILE} is not a file")
    try:
        with open(FILE, "rb") as file:
            document = toml.load(file)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigError(f"{FILE}: {reason(error)}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{FILE}: {error}") from None
    tools = document.get("tool", {})
    if not isinstance(tools, dict):
        raise ConfigError(f"{FILE}: tool: expected a table")
    return "usock-lint" in tools


def _boards(asks: bool) -> list[str]:
    """The targets that are answered, else those of the stubs that the project uses, else the portable ones."""
    found = stub_targets.find(os.getcwd())
    likely = [*map(str, found.targets)] if found else ["portable"]
    if found:
        print(f"Found {found.origin}.")
    if not asks:
        return likely
    print("Which boards is it for? esp32, picow, rp2>=1.24 ...; `usock-lint ports` lists the ports.")
    return _answer(f"Boards [{', '.join(likely)}]: ", lambda text: _words([text]) if config.split([text]) else likely)


def _words(texts: Sequence[str]) -> list[str]:
    """The targets in these words, as they are written. Raises ConfigError for an unknown one, and if there is none."""
    words = [*config.split(texts)]
    config.parse_targets(words)
    return words


def _answer(question: str, read: Callable[[str], list[str]]) -> list[str]:
    """Ask until the answer can be used."""
    while True:
        try:
            return read(input(question))
        except ConfigError as error:
            print(f"usock-lint: {error}")
        except EOFError:
            raise ConfigError("nothing is written, as there was no answer") from None


def _agrees(question: str) -> bool:
    try:
        return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _requirement() -> tuple[str, bool]:
    """The requirement by which pip installs usock-lint, and whether that is where this one came from.

    It is a commit if the installer recorded one (PEP 610), else the release in the package index.
    """
    from importlib.metadata import PackageNotFoundError, distribution

    release = f"usock-lint=={__version__}"
    try:
        origin = json.loads(distribution("usock-lint").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:
        return release, False
    if vcs := origin.get("vcs_info"):
        return f"usock-lint @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}", True
    return release, not origin


def _add_hook(hook: str) -> None:
    if os.path.exists(_PRE_COMMIT):
        print(f"{_PRE_COMMIT} exists; add this to its `repos`:\n\n{hook}")
    else:
        _append(_PRE_COMMIT, f"repos:\n{hook}")


def _add_workflow(job: str) -> None:
    if os.path.exists(_WORKFLOW):
        print(f"{_WORKFLOW} exists, and stays as it is.")
    else:
        os.makedirs(os.path.dirname(_WORKFLOW), exist_ok=True)
        _append(_WORKFLOW, job)


def _append(path: str, text: str) -> None:
    """Write a text at the end of a file, with its line ends. The file need not be there. Raises ConfigError."""
    try:
        before = b""
        if os.path.isfile(path):
            with open(path, "rb") as file:
                before = file.read()
        newline = b"\r\n" if b"\r\n" in before else b"\n"
        gap = b"" if not before else newline if before.endswith(b"\n") else 2 * newline
        replace(path, before + gap + text.encode().replace(b"\n", newline))
    except OSError as error:
        raise ConfigError(f"{path}: {reason(error)}") from None
    print(f"Wrote {path}.")

"""`usock-lint dev new-rule NAME --code CODE` and `usock-lint dev trace FILE`: for people who work on usock-lint."""

from __future__ import annotations

import argparse
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from usock_lint.catalog.pages import data_folder, rules
from usock_lint.cli.options import Parser
from usock_lint.settings.config import ConfigError

COMMANDS = ("new-rule", "trace")
"""The words that make `dev` a command. Before any other word it is a path: people have folders called `dev`."""

_PAGE = """\
# `{name}` ({code})

TODO: what is wrong, and what to write instead, in one line.

```toml
since = "{since}"
reference = "https://docs.micropython.org/en/latest/library/socket.html"
```

Why: TODO: what happens on a board, and how that is known: path:line@tag in MicroPython's tree, or the builds that were
asked.

```py
import socket

socket.TODO  # error: [{name}]
```

```output cpython
TODO: what it prints, then the type of the exception that ends it
```

```output micropython
TODO: the same there
```

Use instead:

```py
import socket

TODO
```

```output
TODO: what it prints everywhere
```

## Edge cases

TODO: forms that are an offence as well, and forms that are none, each after a sentence that says what it shows.
"""

_CHECK = """\
from __future__ import annotations

from collections.abc import Iterator

from usock_lint.analysis.uses import ModuleName
from usock_lint.checks import Report, on


# TODO: the use that is an offence; `usock-lint dev trace FILE` prints the uses in a file.
@on(ModuleName, "TODO")
def check(use: ModuleName) -> Iterator[Report]:
    # TODO: yield Report(use.node, use.site.live, say("... {where}; ..."), "AttributeError")
    yield from ()
"""


def main(words: Sequence[str]) -> int:
    """Run one of the commands; the exit code. Raises ConfigError."""
    command, *rest = words
    return _trace(rest) if command == "trace" else _new_rule(rest)


def _trace(words: Sequence[str]) -> int:
    from usock_lint.analysis.__main__ import main as trace  # needs libcst

    return trace(words, prog="usock-lint dev trace")


def _new_rule(words: Sequence[str]) -> int:
    parser = Parser(prog="usock-lint dev new-rule", description="Write a page and a check to be filled in.")
    parser.add_argument("name", metavar="NAME", help="its name: words with - between them, such as socket-timeout")
    parser.add_argument(
        "--code", required=True, help="its code, or the beginning of one (USK6): then the next code that is free"
    )
    options: argparse.Namespace = parser.parse_args(words)
    taken = {rule.code for rule in rules().values()}
    code = free_code(options.code, taken)
    page, check = _paths(options.name)
    for path, text in ((page, _PAGE), (check, _CHECK)):
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text if path == check else text.format(name=options.name, code=code, since=_release()))
    root = page.parent.parent
    print(f"{code}: fill in {page.relative_to(root)} and {check.relative_to(root)}, until this passes:")
    print(f"pytest tests/rules/test_pages.py -k {options.name}")
    return 0


def free_code(asked: str, taken: Collection[str]) -> str:
    """The requested code, or the next free one with this beginning. Raises ConfigError.

    Gaps are not filled, because the codes of removed rules are still in people's comments and settings.
    """
    if not re.fullmatch(r"USK\d{1,3}", asked):
        raise ConfigError(f"{asked!r} is no code: USK and three digits, or the first of them")
    free = asked
    if len(asked) < len("USK000"):
        last = asked.ljust(len("USK000"), "0")
        number = int(max([code for code in taken if code.startswith(asked)], default=last).removeprefix("USK")) + 1
        free = f"USK{number:03}"
    if free in taken or not free.startswith(asked):
        raise ConfigError(f"no code is left for {asked}" if free != asked else f"{asked} is taken")
    return free


def _paths(name: str) -> tuple[Path, Path]:
    """The paths for the page and the check of a new rule. Raises ConfigError."""
    folder, package = data_folder("rules"), Path(__file__).parent.parent
    if folder.parent == package:
        raise ConfigError("rules are added in a checkout of usock-lint: pip install -e .")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ConfigError(f"{name!r} is no name for a rule: words of lower-case letters with - between them")
    page, check = folder / f"{name}.md", package / f"checks/{name.replace('-', '_')}.py"
    for path in (page, check):
        if path.exists():
            raise ConfigError(f"{path} is there already")
    return page, check


def _release() -> str:
    """The release of usock-lint that will bring the rule."""
    from usock_lint import __version__

    return ".".join(__version__.split(".")[:2])

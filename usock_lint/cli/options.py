"""The parser of words, and the options that more than one command takes."""

from __future__ import annotations

import argparse

from usock_lint.i18n import LANGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that reports an error in one line with a suggestion, without printing the usage."""

    def error(self, message: str) -> NoReturn:
        """Exit with 2."""
        from usock_lint.ports.nearest import did_you_mean

        unknown = message.partition("unrecognized arguments: ")[2].partition(" ")[0].partition("=")[0]
        near = did_you_mean(unknown, self._option_string_actions) if unknown.startswith("-") else ""
        more = f"; `{self.prog} --help` tells more" if "required" in message else ""
        self.exit(2, f"{self.prog}: error: {message}{near}{more}\n")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The options that replace, or add to, what the table in pyproject.toml says."""
    group = parser.add_argument_group(
        "what to report",
        "Each can be repeated and takes commas. Each replaces what the nearest pyproject.toml above a file says in "
        "[tool.usock-lint]; the two that extend add to it.",
    )

    def add(option: str, metavar: str, text: str) -> None:
        group.add_argument(option, action="append", metavar=metavar, help=text)

    forms = "esp32, rp2==1.24, picow>=1.22, portable (the default), all, board.json (usock-lint probe)"
    add("--target", "TARGET", forms)
    add("--select", "RULE", "codes, beginnings of codes (USK1), names, or ALL")
    add("--extend-select", "RULE", "also these; turns opt-in rules on")
    add("--ignore", "RULE", "but not these")
    add("--per-file-ignores", "PATTERN:RULE", "not these in files that match")
    add("--exclude", "PATTERN", "not these files and folders below a PATH; as in a .gitignore")
    add("--extend-exclude", "PATTERN", "nor these")
    _add_switch(group, "force-exclude", "leave those out even when they are a PATH", None)
    _add_switch(group, "respect-gitignore", None, "look at what git ignores too")
    _add_switch(group, "compile", "ask MicroPython's own compiler too; needs usock-lint[compile]", None)
    group.add_argument(
        "--assume",
        choices=("auto", "device"),
        help="what runs on a computer: device: lint it; auto: leave it out (default: in folders, not as a PATH)",
    )
    text = "report what comments (noqa) suppress as well"
    group.add_argument("--ignore-noqa", dest="noqa", action="store_false", default=None, help=text)
    add_lang(parser)
    _add_files(parser)


def add_lang(parser: argparse.ArgumentParser) -> None:
    """The option that chooses the language, for commands that take no other settings."""
    parser.add_argument("--lang", choices=LANGS, help="the language of messages (default: that of the locale)")


def _add_switch(
    group: argparse._ArgumentGroup,  # pyright: ignore[reportPrivateUsage]
    name: str,
    on: str | None,
    off: str | None,
) -> None:
    """Add `--NAME` and `--no-NAME`. Only the one that changes the default is given a text, and so shown in the help."""
    destination, hidden = name.replace("-", "_"), argparse.SUPPRESS
    either = group.add_mutually_exclusive_group()
    either.add_argument(f"--{name}", dest=destination, action="store_true", default=None, help=on or hidden)
    either.add_argument(f"--no-{name}", dest=destination, action="store_false", default=None, help=off or hidden)


def _add_files(parser: argparse.ArgumentParser) -> None:
    either = parser.add_argument_group("settings").add_mutually_exclusive_group()
    either.add_argument("--config", metavar="FILE", help="read [tool.usock-lint] in this TOML file instead")
    either.add_argument("--isolated", action="store_true", help="read no settings: neither files nor stubs")

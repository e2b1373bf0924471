"""Comments that set what a file is linted for: `# usock-lint: target=esp32>=1.22`, `assume=device`, `skip-file`.

Imported only for a file in which `usock-lint` or `usock_lint` stands.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from usock_lint.diagnostics import Location
from usock_lint.i18n import Said, say
from usock_lint.ports import Target
from usock_lint.ports.nearest import closest
from usock_lint.settings.config import Config, ConfigError, parse_assume, parse_targets, split
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.text import comments

if TYPE_CHECKING:
    from usock_lint.settings.config import Assume

_FORM = re.compile(
    r"#+\s*(?P<name>usock[-_]lint)\b\s*(?P<colon>:?)\s*(?P<key>[^\s=#]*)\s*(?P<value>=[^#]*)?(?P<rest>[^#]*)"
)
_NAME = "usock-lint"
_SKIP = "skip-file"
_KEYS = (_SKIP, "target", "assume")


class Problem(NamedTuple):
    """A comment without effect: where it begins and ends, and the reason in one line."""

    location: Location
    end_location: Location
    message: Said


class _UselessError(ValueError):
    """A comment has no effect; the message says why."""

    def __init__(self, message: Said) -> None:
        super().__init__(message)
        self.message = message


class Directives(NamedTuple):
    """Settings in the comments of one file; None means that the configured value holds."""

    skip: bool = False
    targets: tuple[Target, ...] | None = None
    assume: Assume | None = None
    problems: tuple[Problem, ...] = ()

    def applied_to(self, config: Config) -> Config:
        """The settings for this file."""
        targets = config.targets if self.targets is None else self.targets
        return config._replace(targets=targets, assume=self.assume or config.assume)


def read(text: str) -> Directives:
    """The settings in the comments of a source text. A comment that cannot be parsed becomes a problem."""
    directives, lines = Directives(), split_lines(text)
    for row, column, comment in comments(lines):
        found = _FORM.match(comment)
        if found is None or not ((found["colon"] and found["name"] == _NAME) or _is_meant(found)):
            continue
        try:
            directives = _with(directives, found, alone=not lines[row - 1][:column].strip())
        except (ConfigError, _UselessError) as error:
            end = column + len(comment.rstrip())
            message = error.message if isinstance(error, _UselessError) else say("{error}", error=str(error))
            problem = Problem(Location(row, column + 1), Location(row, end + 1), message)
            directives = directives._replace(problems=(*directives.problems, problem))
    return directives


def _is_meant(found: re.Match[str]) -> bool:
    """True if a comment is meant as a directive. Most comments without a colon, or of the package, are prose."""
    return found["key"] == _SKIP or (found["key"] in _KEYS and found["value"] is not None)


def _with(directives: Directives, found: re.Match[str], *, alone: bool) -> Directives:
    """The directives with that of a further comment. Raises ConfigError and _UselessError."""
    written, key, value = f"`{found[0].strip()}`", found["key"], found["value"]
    if key not in _KEYS or (key == _SKIP) != (value is None) or found["rest"].strip():
        near = closest(key, _KEYS) if key not in _KEYS else None
        meant = say(" (did you mean `{key}`?)", key=near) if near else ""
        raise _UselessError(
            say(
                "{written} is not understood{meant}; the forms are `skip-file`, `target=PORT` and `assume=device`",
                written=written,
                meant=meant,
            )
        )
    whole = f"# {_NAME}: {key}{value or ''}"
    if found["name"] != _NAME:
        raise _UselessError(
            say("{written} has no effect with an underscore: write `{whole}`", written=written, whole=whole)
        )
    if not found["colon"]:
        raise _UselessError(
            say("{written} has no effect without a colon: write `{whole}`", written=written, whole=whole)
        )
    if not alone:
        raise _UselessError(
            say("{written} has no effect behind code: it is for the whole file, in a line of its own", written=written)
        )
    if value is None:
        return directives._replace(skip=True)
    if key == "assume":
        return directives._replace(assume=parse_assume(value[1:].strip()))
    return directives._replace(targets=(*(directives.targets or ()), *parse_targets(split([value[1:]]))))

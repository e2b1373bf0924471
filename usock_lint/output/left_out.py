"""Sentences about files that are left out: one for each reason, or the reason of a single file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from usock_lint.i18n import Said, number_of_files, say
from usock_lint.output.terminal import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import FileReport, LeftOut, Why
    from usock_lint.i18n import Field

_WISHED = ("comment", "excluded", "no rule")
"""Reasons that somebody gave on purpose: `--assume device` does not overrule them."""

_NO_RULE = say("no rule is on, by `select` and `ignore`")

_MOST = 5
"""The number of names that a sentence lists."""


def reason(left_out: LeftOut) -> Said:
    """Why one file was left out, with the lines that say so."""
    imports = _listed([say("{name} (line {row})", name=name, row=row) for name, row in left_out.imports])
    match left_out.why:
        case "host":
            return say("it imports {imports}, which neither MicroPython nor the project has", imports=imports)
        case "test":
            return say("it is a test for a computer: it imports {imports}", imports=imports)
        case "stand-in":
            return say("it stands in for the module of MicroPython's that it is named after")
        case "CircuitPython":
            return say("it is CircuitPython's (imports {imports})", imports=imports)
        case "Pycom":
            return say("it is Pycom's (uses {imports})", imports=imports)
        case "comment":
            return say("a comment in it says `skip-file`")
        case "excluded":
            return say("the settings exclude it")
        case "no rule":
            return _NO_RULE


def sentences(reports: Iterable[FileReport]) -> Iterator[Said]:
    """A sentence for each reason, with the files left out for it."""
    groups: dict[Why, list[FileReport]] = {}
    for report in reports:
        if report.left_out:
            why = report.left_out.why
            groups.setdefault("host" if why == "test" else why, []).append(report)
    for why, group in groups.items():
        names = Counter(name for one in group if one.left_out for name, _ in one.left_out.imports)
        modules = _listed([name for name, _ in names.most_common()])
        files = _listed([visible(one.path) for one in group])
        one = len(group) == 1
        yield say(
            "{count} left out: {they} ({files}{remedy}).",
            count=number_of_files(len(group)),
            they=_it(why, modules) if one else _they(why, modules),
            files=files,
            remedy="" if why in _WISHED else _remedy(one=one),
        )


def _it(why: Why, modules: Field) -> Said:
    match why:
        case "host" | "test":
            return say("it imports {modules}", modules=modules)
        case "stand-in":
            return say("it stands in for a module of MicroPython's")
        case "CircuitPython" | "Pycom":
            return say("it is {firmware}'s, it uses {modules}", firmware=why, modules=modules)
        case "comment":
            return say("a comment in it says `skip-file`")
        case "excluded":
            return say("the settings exclude it")
        case "no rule":
            return _NO_RULE


def _they(why: Why, modules: Field) -> Said:
    match why:
        case "host" | "test":
            return say("they import {modules}", modules=modules)
        case "stand-in":
            return say("they stand in for modules of MicroPython's")
        case "CircuitPython" | "Pycom":
            return say("they are {firmware}'s, they use {modules}", firmware=why, modules=modules)
        case "comment":
            return say("comments in them say `skip-file`")
        case "excluded":
            return say("the settings exclude them")
        case "no rule":
            return _NO_RULE


def _remedy(*, one: bool) -> Said:
    return say("; --assume device lints it") if one else say("; --assume device lints them")


def no_files(folder: str, names: Sequence[str]) -> Said:
    """The message for a folder without files to lint; `names` are the Python files in it that are left out."""
    if not names:
        return say("No Python files found under {folder}", folder=visible(folder))
    return say(
        "No Python files found under {folder}: {names} left out, by exclude, .gitignore or such a name.",
        folder=visible(folder),
        names=_listed([visible(name) for name in names]),
    )


def _listed(names: Sequence[Field]) -> Field:
    """`a, b, c, d, e and 37 more`."""
    shown = _joined(names[:_MOST])
    more = len(names) - _MOST
    return say("{names} and {count} more", names=shown, count=more) if more > 0 else shown


def _joined(names: Sequence[Field]) -> Field:
    if not names:
        return ""
    return say("{one}, {others}", one=names[0], others=_joined(names[1:])) if names[1:] else names[0]

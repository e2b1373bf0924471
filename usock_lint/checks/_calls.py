"""Shared by the rules on calls of a module's functions: arguments that a port or a release refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from usock_lint import ports
from usock_lint.analysis.domain import library
from usock_lint.analysis.domain.values import Cells, Object
from usock_lint.analysis.uses import Argument, Iterated, LibraryAttribute, LibraryCall, WithItem
from usock_lint.checks import Report
from usock_lint.checks._counts import arguments
from usock_lint.checks._modules import importing, presumed
from usock_lint.checks._repairs import Repair, replace
from usock_lint.i18n import Field, Said, say
from usock_lint.ports import release_name


class Counsel(NamedTuple):
    """Advice for refused calls."""

    arguments: Mapping[str, Said]
    """By the keyword that is refused."""
    calls: Mapping[str, Said]
    """By the name of what is called with a wrong number of arguments, as `called` gives it."""
    other_names: Mapping[str, str]
    """The keyword that does the same, by the one that is refused."""


def module_of(use: LibraryCall) -> str:
    """The module of the called function, or of the object whose method is called."""
    return use.owner.module if isinstance(use.owner, Object) else use.owner.name


def argument(use: LibraryCall, index: int, keyword: str) -> Argument | None:
    """An argument that is given at this index or by this name."""
    before = use.arguments[: index + 1]
    if len(before) > index and not any(one.star or one.keyword for one in before):
        return before[index]
    return next((one for one in use.arguments if one.keyword == keyword), None)


def called(use: LibraryCall) -> str:
    """The name of the called function or method, with its module or class."""
    return f"{use.owner.cls if isinstance(use.owner, Object) else use.owner.name}.{use.name}"


def refused(use: LibraryCall, counsel: Counsel) -> Report | None:
    """The report of a call that raises TypeError for the number or the names of its arguments."""
    named = frozenset(one.keyword for one in use.arguments if one.keyword is not None)
    if not use.sole or any(one.star for one in use.arguments):
        return None
    count = sum(one.keyword is None for one in use.arguments)
    cells = library.refusing(use.owner, use.name, count, named, use.site.live)
    if cells:
        cells &= importing(module_of(use), use.site)
    if not cells:
        return None
    known = library.parameters(use.owner, use.name, cells)
    unknown = [one for one in use.arguments if one.keyword and one.keyword not in known]
    return _of_keyword(use, unknown[0], cells, known, counsel) if unknown else _of_count(use, cells, counsel)


def report(
    use: LibraryCall | LibraryAttribute | WithItem | Iterated,
    argument: Argument | None,
    cells: Cells,
    message: Said,
    raises: str,
    repair: Repair | None = None,
) -> Report:
    """The report of a use of a module or of its objects, or of one argument of a call, that these cells refuse."""
    node = use.node if argument is None else argument.node
    return Report(node, cells, message, raises, repair=repair, only_if_everywhere=True, presumed=presumed(use.site))


def _of_keyword(use: LibraryCall, argument: Argument, cells: Cells, known: frozenset[str], counsel: Counsel) -> Report:
    keyword = str(argument.keyword)
    other, since = counsel.other_names.get(keyword, ""), _since(use, keyword, cells)
    advice: Field = counsel.arguments.get(keyword, "")
    repair = None
    if other in known and argument.node.keyword is not None:
        advice = say("; it is called `{name}` there", name=other)
        repair = Repair(say("Use `{name}`", name=other), (replace(argument.node.keyword, other),))
    elif since is not None:
        advice = say("; it came with {release}", release=since)
    elif not known and not advice:
        advice = say("; pass it by position")
    message = say(
        "`{name}` takes no argument `{keyword}` {where}{advice}", name=called(use), keyword=keyword, advice=advice
    )
    return report(use, argument, cells, message, "TypeError", repair)


def _of_count(use: LibraryCall, cells: Cells, counsel: Counsel) -> Report:
    message = say(
        "`{name}` with {count} raises TypeError {where}{advice}",
        name=called(use),
        count=arguments(len(use.arguments)),
        advice=counsel.calls.get(called(use), ""),
    )
    return report(use, None, cells, message, "TypeError")


def _since(use: LibraryCall, keyword: str, cells: Cells) -> str | None:
    """The release since which all these ports take an argument; None if one never does, or if releases differ."""
    later = ports.later(cells, lambda cell: keyword in library.parameters(use.owner, use.name, frozenset({cell})))
    if len(later) < len({cell.port for cell in cells}) or len({*later.values()}) != 1:
        return None
    return release_name(next(iter(later.values())))

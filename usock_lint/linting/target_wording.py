"""Wording of the targets on which something fails, for messages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from usock_lint import ports
from usock_lint.i18n import Field, Lang, Said, say, words

Cells = frozenset[ports.Cell]

_MANY = 5
"""Up to this number targets are always named one by one: there are so many portable ones."""

_NO_BOARDS = ("docs", "unix")
_BOARDS = frozenset(ports.PORTS).difference(_NO_BOARDS)


class Failing(NamedTuple):
    """A target that fails, and the releases at which it does: before one, from one on, or all of the target's."""

    target: ports.Target
    before: ports.Release | None = None
    since: ports.Release | None = None

    @property
    def in_part(self) -> bool:
        """True if it fails at some of the target's releases only."""
        return bool(self.before or self.since)

    @property
    def said(self) -> Said:
        """The target as the user wrote it; if it fails in part, its board or port with the releases that fail."""
        if self.in_part:
            return self.dated(self.target.name or self.target.port)
        return say("{target}", target=str(self.target))

    def dated(self, place: Field) -> Said:
        """A place with the releases."""
        if self.before:
            return say("{port} before {release}", port=place, release=ports.release_name(self.before))
        if self.since:
            return say("{port} since {release}", port=place, release=ports.release_name(self.since))
        return say("{target}", target=place)


class Where(NamedTuple):
    """The wording of the failing targets, and a clause about the documentation, "" if nobody asked about that."""

    place: str
    documented: str

    def fields(self, template: str) -> dict[str, str]:
        """For a template's fields: the clause follows the place unless the template has a place for it."""
        if "{documented}" in template:
            return {"where": self.place, "documented": self.documented}
        return {"where": self.place + self.documented}


def where(
    cells: Cells, live: Cells, targets: Sequence[ports.Target], works: ports.Ask | None, lang: Lang, *, chosen: bool
) -> Where:
    """ "on any board", "on your targets" or "on esp32, rp2": in the user's own words where only some targets fail.

    A target of which only some releases fail says so: "unix before 1.29". `live` are the cells that were looked at;
    `works` answers for the other releases too. `chosen`: the targets are the user's, and not what imports say.
    """
    failing = [_failing(one, cells, live, works) for one in targets if not cells.isdisjoint(ports.cells([one]))]
    if works:
        failing = _dated(failing, cells, works)
    devices = [one for one in failing if one.target.port != "docs"]
    if not devices:
        return Where(say("as far as the documentation goes").in_(lang), "")
    if collective := _collective(failing, targets, works, chosen):
        return Where(collective.in_(lang), "")
    place = say("on {targets}", targets=_named(devices, targets, lang)).in_(lang)
    documented = chosen and len(failing) > len(devices)  # who named no target asks about boards
    return Where(place, say(", and the documentation does not promise otherwise").in_(lang) if documented else "")


def _failing(target: ports.Target, cells: Cells, live: Cells, works: ports.Ask | None) -> Failing:
    """A target with the releases at which it fails, if these are all before one release or all since one."""
    meant = ports.cells([target])
    later = ports.later(cells & meant, works) if works else {}
    failing = [cell.release for cell in cells & meant]
    working = [cell.release for cell in (live - cells) & meant]
    if target.port in later:
        return Failing(target, before=later[target.port])
    if working and max(failing) < min(working):
        return Failing(target, before=min(working))
    if working and max(working) < min(failing):
        return Failing(target, since=min(failing))
    return Failing(target)


def _dated(failing: Sequence[Failing], cells: Cells, works: ports.Ask) -> list[Failing]:
    """With the release since which all of them fail, if that is one and the targets reach no further back."""
    lost = ports.lost(cells, works)
    releases = {lost.get(one.target.port) for one in failing if one.target.port != "docs"}
    since = releases.pop() if len(releases) == 1 else None
    if since is None or any(one.in_part for one in failing):
        return [*failing]
    return [Failing(one.target, since=since) for one in failing]


def _collective(
    failing: Sequence[Failing], targets: Sequence[ports.Target], works: ports.Ask | None, chosen: bool
) -> Said | None:
    """One phrase for all targets, if all of them fail and at the same releases; else None."""
    devices = [one for one in failing if one.target.port != "docs"]
    if len({one[1:] for one in devices}) > 1:
        return None
    fails = {one.target for one in failing}
    fine = {target.port for target in targets if target not in fails}
    if board := _any_board(fine, targets, works):
        return say("on {targets}", targets=devices[0].dated(board))
    if chosen and not fine and len(targets) > 1:
        return say("on {targets}", targets=devices[0].dated(say("your targets")))
    return None


def _any_board(fine: set[str], targets: Sequence[ports.Target], works: ports.Ask | None) -> Said | None:
    """ "any board", or all but one port, if these fail, by targets of which these ports are fine; else None.

    The portable ones stand for all boards where the documentation agrees with them, or as far as `works` tells.
    """
    if not fine.issubset(_NO_BOARDS):
        return None
    if _BOARDS.issubset(target.port for target in targets):
        return say("any board")
    if set(targets) != set(ports.PORTABLE):
        return None
    if works is None:
        return None if "docs" in fine else say("any board")
    others = [port for port in sorted(_BOARDS) if works(ports.Cell(port, ports.NEWEST))]
    if len(others) > 1:
        return None
    return say("{any} but {fine}", any=say("any port"), fine=others[0]) if others else say("any board")


def _named(failing: Sequence[Failing], targets: Sequence[ports.Target], lang: Lang) -> str:
    """The failing targets one by one; if there are many, as "all but" the others where that is shorter."""
    if len({one[1:] for one in failing}) == 1 and failing[0].in_part:
        ports_ = _listed([say("{target}", target=one.target.name or one.target.port) for one in failing], lang)
        listed = failing[0].dated(ports_).in_(lang)
    else:
        listed = _listed([one.said for one in failing], lang)
    return min(listed, _all_but(failing, targets, lang), key=len) if len(failing) > _MANY else listed


def _listed(names: Sequence[Said], lang: Lang) -> str:
    return say(", ").in_(lang).join(dict.fromkeys(map(partial(Said.text, translations=words(lang)), names)))


def _all_but(failing: Sequence[Failing], targets: Sequence[ports.Target], lang: Lang) -> str:
    fails = {one.target for one in failing}
    fine = [Failing(one).said for one in targets if one not in fails and one.port != "docs"]
    partly = [one.said for one in failing if one.in_part]
    every = say("any port") if _BOARDS.issubset(one.port for one in targets) else say("any of your targets")
    any_ = say("{some} and {any} else", some=_listed(partly, lang), any=every) if partly else every
    return (say("{any} but {fine}", any=any_, fine=_listed(fine, lang)) if fine else any_).in_(lang)

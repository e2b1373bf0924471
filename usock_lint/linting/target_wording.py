"""Wording of the targets on which something fails, for messages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from usock_lint import ports
from usock_lint.i18n import Lang, Said, say, words

if TYPE_CHECKING:
    from usock_lint.checks import Lacking

Cells = frozenset[ports.Cell]

_MANY = 5
"""So many targets are always named one by one: the portable ones are as many."""

_NO_BOARDS = ("docs", "unix")
_BOARDS = frozenset(ports.PORTS).difference(_NO_BOARDS)


class Failing(NamedTuple):
    """A target that fails, and the releases at which it does: before one, from one on, or all of the target's."""

    target: ports.Target
    before: ports.Release | None = None
    since: ports.Release | None = None

    @property
    def in_part(self) -> bool:
        """True if it is told of which releases."""
        return bool(self.before or self.since)

    @property
    def said(self) -> Said:
        """The target as the user wrote it, or without the release that it has there and with those that fail."""
        port = self.target.name or self.target.port
        if self.before:
            return say("{port} before {release}", port=port, release=ports.release_name(self.before))
        if self.since:
            return say("{port} since {release}", port=port, release=ports.release_name(self.since))
        return say("{target}", target=str(self.target))


class Where(NamedTuple):
    """The wording of the failing targets, and a clause about the documentation, "" if it is not among them."""

    place: str
    documented: str

    def fields(self, template: str) -> dict[str, str]:
        """For a template's fields: the clause follows the place unless the template has a place for it."""
        if "{documented}" in template:
            return {"where": self.place, "documented": self.documented}
        return {"where": self.place + self.documented}


def where(
    cells: Cells, live: Cells, targets: Sequence[ports.Target], lacking: Lacking | None, lang: Lang, *, chosen: bool
) -> Where:
    """ "on any board", "on your targets" or "on esp32, rp2": in the user's own words where only some targets fail.

    A target of which only some releases fail says so: "unix before 1.29". `live` are the cells that were looked at; of
    what is lacking the releases are known besides. `chosen`: the targets are the user's, and not what imports say.
    """
    failing = [_failing(one, cells, live, lacking) for one in targets if not cells.isdisjoint(ports.cells([one]))]
    devices = [one for one in failing if one.target.port != "docs"]
    if not devices:
        return Where(say("as far as the documentation goes").in_(lang), "")
    if collective := _collective(failing, targets, lacking, chosen):
        return Where(collective.in_(lang), "")
    place = say("on {targets}", targets=_named(devices, targets, lang)).in_(lang)
    documented = len(failing) > len(devices)
    return Where(place, say(", and the documentation does not promise otherwise").in_(lang) if documented else "")


def _failing(target: ports.Target, cells: Cells, live: Cells, lacking: Lacking | None) -> Failing:
    meant = ports.cells([target])
    later = ports.since(cells & meant, *lacking) if lacking else {}
    failing = [cell.release for cell in cells & meant]
    working = [cell.release for cell in (live - cells) & meant]
    if target.port in later:
        return Failing(target, before=later[target.port])
    if working and max(failing) < min(working):
        return Failing(target, before=min(working))
    if working and max(working) < min(failing):
        return Failing(target, since=min(failing))
    return Failing(target)


# All targets


def _collective(
    failing: Sequence[Failing], targets: Sequence[ports.Target], lacking: Lacking | None, chosen: bool
) -> Said | None:
    """One phrase for all targets, if all of them fail and at the same releases; else None."""
    spans = {one[1:] for one in failing if one.target.port != "docs"}
    if len(spans) > 1:
        return None
    before, since = (ports.release_name(one) if one else "" for one in spans.pop())
    fails = {one.target for one in failing}
    fine = {target.port for target in targets if target not in fails}
    if _on_any_board(fine, targets, lacking):
        if before:
            return say("on any board before {release}", release=before)
        return say("on any board since {release}", release=since) if since else say("on any board")
    if chosen and not fine and len(targets) > 1:
        if before:
            return say("on your targets before {release}", release=before)
        return say("on your targets since {release}", release=since) if since else say("on your targets")
    return None


def _on_any_board(fine: set[str], targets: Sequence[ports.Target], lacking: Lacking | None) -> bool:
    """True if every board fails, by targets of which these ports do not.

    The portable ones stand for all boards where the documentation agrees with them, or no other port has the name.
    """
    if not fine.issubset(_NO_BOARDS):
        return False
    if _BOARDS.issubset(target.port for target in targets):
        return True
    others = (ports.Cell(port, ports.NEWEST) for port in _BOARDS)
    agreed = not any(ports.has(cell, *lacking) for cell in others) if lacking else "docs" not in fine
    return agreed and set(targets) == set(ports.PORTABLE)


# Some targets


def _named(failing: Sequence[Failing], targets: Sequence[ports.Target], lang: Lang) -> str:
    """The failing targets; if they are many, "all but" the others, if that is shorter."""
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

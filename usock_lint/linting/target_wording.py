"""How a message names the targets on which something fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from usock_lint import ports
from usock_lint.i18n import Lang, Said, say, words

if TYPE_CHECKING:
    from usock_lint.checks import Lacking

Cells = frozenset[ports.Cell]

_MANY = 5
"""So many targets are always named one by one: the portable ones are as many."""


def where(
    cells: Cells, live: Cells, targets: Sequence[ports.Target], lacking: Lacking | None, lang: Lang = "en"
) -> str:
    """ "on esp32, rp2, docs": the user's own words, "unix before 1.29" where a later release does not fail.

    Of many targets those are named that fail or those that do not, whichever is shorter. `live` are the cells that
    were looked at; of what is lacking the releases are known besides.
    """
    later = ports.since(cells, lacking.kind, lacking.name) if lacking else {}
    said = partial(Said.text, translations=words(lang))
    failing = {word: said(_word(word, cells, live, later)) for word in ports.describe(cells, targets)}
    listed = _listed(sorted(dict.fromkeys(failing.values()), key="docs".__eq__), lang)
    short = min(listed, _all_but(failing, targets, lang), key=len) if len(failing) > _MANY else listed
    return said(say("on {targets}", targets=short))


def _listed(names: Sequence[str], lang: Lang) -> str:
    return say(", ").text(words(lang)).join(names)


def _all_but(failing: Mapping[str, str], targets: Sequence[ports.Target], lang: Lang) -> str:
    fine = [str(target) for target in targets if str(target) not in failing]
    partly = [text for word, text in failing.items() if text != word]
    any_ = say("{some} and any other target", some=_listed(partly, lang)) if partly else say("any target")
    return (say("{any} but {fine}", any=any_, fine=_listed(fine, lang)) if fine else any_).text(words(lang))


def _word(word: str, cells: Cells, live: Cells, later: Mapping[str, ports.Release]) -> Said:
    targets = ports.parse_targets([word])
    port, meant = targets[0].port, ports.cells(targets)
    failing = [cell.release for cell in cells & meant]
    working = [cell.release for cell in (live - cells) & meant]
    if port in later:
        return _before(port, later[port])
    if working and max(failing) < min(working):
        return _before(port, min(working))
    if working and max(working) < min(failing):
        return say("{port} since {release}", port=port, release=ports.release_name(min(failing)))
    return say("{target}", target=word)


def _before(port: str, release: ports.Release) -> Said:
    return say("{port} before {release}", port=port, release=ports.release_name(release))

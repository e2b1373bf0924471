"""The word that was likely meant by one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, choices: Iterable[str], quote: str = "`") -> str:
    """` (did you mean ...?)` with the nearest of the choices, or nothing when none is near."""
    return f" (did you mean {quote}{near}{quote}?)" if (near := closest(word, choices)) else ""


def closest(word: str, choices: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The nearest choice, in any case; None when none is near. `-`, `_` and spaces are alike."""
    from difflib import get_close_matches  # needed only when something is wrong, and slow to import

    by_spelling = {_spelling(choice): choice for choice in choices}
    return next((by_spelling[near] for near in get_close_matches(_spelling(word), by_spelling, 1, cutoff)), None)


def squashed(word: str) -> str:
    """A word in lower case and without `-`, `_` and white space."""
    return "".join(word.lower().replace("-", " ").replace("_", " ").split())


def _spelling(word: str) -> str:
    return word.lower().replace("_", "-").replace(" ", "-")

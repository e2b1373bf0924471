"""Numbers of arguments, in words."""

from __future__ import annotations

from usock_lint.i18n import Said, say


def arguments(given: int) -> Said:
    """The message "no arguments", "1 argument" or "3 arguments"."""
    if given > 1:
        return say("{number} arguments", number=given)
    return say("1 argument") if given else say("no arguments")

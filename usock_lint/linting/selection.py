"""The checks of the rules that are on, found by the uses that they subscribe to."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from usock_lint import checks
from usock_lint.analysis.uses import AnyUse, Operation
from usock_lint.catalog import pages
from usock_lint.checks import Check, Subject, Topic
from usock_lint.settings.config import Config


class Selected(NamedTuple):
    """A check and its rule."""

    rule: pages.Rule
    check: Check[Any]
    topic: Topic
    offered: bool = False
    """True if the rule is off, and its findings are only counted."""


class Selection:
    """The selected rules, indexed by the kinds of use that their checks subscribe to."""

    def __init__(self, every: Iterable[Selected]) -> None:
        self.every = tuple(every)
        self._about: dict[tuple[type[AnyUse], type[Subject], str | None], list[Selected]] = {}
        self.kinds = frozenset(one.topic.use for one in self.every)

    def about(self, use: AnyUse) -> list[Selected]:
        """The checks that subscribe to a use. The result is cached for uses of the same kind, subject and name."""
        subject: Subject = use.operator if isinstance(use, Operation) else getattr(use, "owner", None)
        like = (type(use), type(subject), getattr(use, "name", None))
        found = self._about.get(like)
        if found is None:
            found = [one for one in self.every if one.topic.covers(*like)]
            self._about[like] = found
        return found


@lru_cache(8)
def selected(config: Config) -> Selection:
    """The checks of the rules that are on with these settings."""
    return Selection(_selected(config))


def _selected(config: Config) -> Iterator[Selected]:
    """The checks of the rules that are on or offered: functions with a topic, in the module of the rule's name."""
    modules = {name.removesuffix(".py") for folder in checks.__path__ for name in os.listdir(folder)}
    for rule in pages.rules().values():
        name = rule.name.replace("-", "_")
        offered = config.offers(rule.code, rule.name, rule.opt_in)
        if name not in modules or not (offered or config.selects(rule.code, rule.name, rule.opt_in)):
            continue
        module = importlib.import_module(f"{checks.__name__}.{name}")
        for member in vars(module).values():
            topic = getattr(member, "topic", None)
            if topic is not None and member.__module__ == module.__name__:
                yield Selected(rule, member, topic, offered)

"""The settings in force for a file: those of the nearest pyproject.toml above it, changed by the options of a run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cached_property

from usock_lint import observed
from usock_lint.paths import upwards
from usock_lint.settings.config import FILE, Config, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.i18n import Lang
    from usock_lint.settings.stub_targets import Found


class Hierarchy:
    """The settings in each folder, each file of them read once."""

    def __init__(
        self,
        change: Callable[[Settings], Settings] | None = None,
        *,
        everywhere: Settings | None = None,
        infer: bool = True,
        lang: Callable[[], Lang] | None = None,
    ) -> None:
        """`change` applies the options of the run to the settings of a file; `everywhere` replaces those of all files.

        If no targets are set and `infer` is, stubs tell them. If no language is set, `lang` returns it.
        """
        self._change = change
        self._everywhere = self._changed(everywhere) if everywhere else None
        self._default = self._changed(Settings(Config()))
        self._infer = infer
        self._lang = lang
        self._read: dict[str, Settings] = {}
        self._complete: dict[str, Settings] = {}
        self._stubs: dict[str, Found | None] = {}

    @classmethod
    def of(cls, config: Config | Hierarchy) -> Hierarchy:
        """A hierarchy with these settings in every folder."""
        return config if isinstance(config, Hierarchy) else cls(everywhere=Settings(config), infer=False)

    def inside(self, folder: str) -> Settings:
        """The settings for the files in a folder, given by its absolute path. Raises ConfigError."""
        if self._everywhere:
            return self._everywhere
        found = self._read.get(folder)
        if found is None:
            asked: list[str] = []
            for above in upwards(folder):
                asked.append(above)
                if found := self._read.get(above) or self._own(above):
                    break
            found = found or self._default
            self._read.update(dict.fromkeys(asked, found))
        return found

    def for_file(self, path: str) -> Settings:
        """The settings for a file, with inferred targets and language if none are set. Raises ConfigError."""
        folder = os.path.dirname(os.path.abspath(path))
        found = self._complete.get(folder)
        if found is None:
            found = self._complete[folder] = self._completed(folder)
        return found

    def language(self, folder: str) -> Lang:
        """The language in a folder."""
        return self.inside(folder).config.lang or (self._lang() if self._lang else "en")

    def sets(self, name: str) -> bool:
        """True if any of the settings that were read until now has a value for this."""
        return any(getattr(found.config, name) for found in self._read.values())

    def inferred(self) -> Iterator[Found]:
        """The targets that were inferred for files until now, each once."""
        targets = {found.config.targets for found in self._complete.values()}
        return (one for one in dict.fromkeys(self._stubs.values()) if one and one.targets in targets)

    def _changed(self, found: Settings) -> Settings:
        return self._change(found) if self._change else found

    def _own(self, folder: str) -> Settings | None:
        """The settings in the file of a folder; None without any."""
        if not observed.isfile(os.path.join(folder, FILE)):
            return None
        from usock_lint.settings import pyproject

        own = pyproject.of_folder(folder)
        return self._changed(own) if own else None

    def _completed(self, folder: str) -> Settings:
        found = self.inside(folder)
        if found.config.targets is None and self._infer and (stubs := self._stubs_above(folder)):
            found = found.changed(stubs.origin, targets=stubs.targets)
        if found.config.lang is None and self._lang:
            found = found.changed("locale", lang=self._lang())
        return found

    def _stubs_above(self, folder: str) -> Found | None:
        if folder not in self._stubs:
            from usock_lint.settings import stub_targets

            asked: list[str] = []
            above, found = folder, None
            while above and above not in self._stubs and not found:
                asked.append(above)
                above, found = stub_targets.folder_above(above), stub_targets.named_in(above)
            found = found or (self._stubs[above] if above else self._installed)
            self._stubs.update(dict.fromkeys(asked, found))
        return self._stubs[folder]

    @cached_property
    def _installed(self) -> Found | None:
        from usock_lint.settings import stub_targets

        return stub_targets.installed()

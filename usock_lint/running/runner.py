"""Many files: read, gate, role, then the engine, in this process or in others.

The engine is imported only when a file passes the gate: importing libcst costs more than reading a tree.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from usock_lint import observed
from usock_lint.diagnostics import FileReport, InternalError, LeftOut
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files import discovery
from usock_lint.linting import gate
from usock_lint.linting.file import fix, fixable, lint
from usock_lint.linting.source import Source
from usock_lint.settings.config import Config, ConfigError
from usock_lint.settings.hierarchy import Hierarchy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from concurrent.futures import Executor

    from usock_lint.diagnostics import Because
    from usock_lint.running.cache import Cache, Keys
    from usock_lint.running.reach import Words
    from usock_lint.running.workers import Item, WorkerDiedError

    Path = str | os.PathLike[str]
    Progress = Callable[[int, int], object]
    Result = tuple[FileReport, bytes | None]

_MOST_HELD = 16_000_000
"""Bytes of sources that wait for the engine in memory; what is beyond is read again when its turn comes."""

_DEFAULTS = Config()


def _read(path: str, folder: str | None) -> Source | discovery.Unreadable:
    data = discovery.read(path)
    return data if isinstance(data, discovery.Unreadable) else Source(path, data, folder)


class _Job(NamedTuple):
    """The work on each file, in this process or a worker: to lint it, or to fix it as well."""

    fix: bool = False
    unsafe: bool = False
    write: bool = False

    def __call__(self, item: Item) -> Result:
        """The report on one file, and the cache key to keep it under; None if it is not to be kept."""
        try:
            return self._done(item)
        except Exception as error:  # whatever it is, other files can be linted
            return FileReport(item.path, errors=(InternalError.of(error),)), None

    def _done(self, item: Item) -> Result:
        source = item.source or _read(item.path, item.folder)
        if isinstance(source, discovery.Unreadable):
            return FileReport(item.path, problem=source.reason), None
        config = item.config
        data, report = self._fixed(source, config) if self.fix else (source.data, lint(source, config))
        return report, None if report.problem or not item.keys else item.keys.key(item.path, data)

    def _fixed(self, source: Source, config: Config) -> tuple[bytes, FileReport]:
        path, data = source.path, source.data
        fixed, report = fix(source, config, unsafe=self.unsafe)
        if fixed == data:
            return data, report
        from usock_lint.files import atomic_write

        if not self.write:
            return fixed, report._replace(diff=atomic_write.diff(data, fixed, path))
        try:
            atomic_write.rewrite(path, data, fixed)
        except OSError as error:
            problem = f"not written: {discovery.reason(error)}"
            return data, lint(source, config)._replace(problem=problem)
        return fixed, report

    def is_done(self, report: FileReport) -> bool:
        """True if nothing is left to do to a file with this report."""
        return not (self.fix and fixable(report, unsafe=self.unsafe))


def lint_paths(
    paths: Iterable[Path],
    config: Config | Hierarchy = _DEFAULTS,
    executor: Executor | None = None,
    *,
    jobs: int | None = 1,
    cache: str | None = None,
    progress: Progress | None = None,
) -> Iterator[FileReport]:
    """Lint files and what is in folders: one report for each, in the order of the paths, as they come.

    A file that is named is linted whatever it imports, and one in a folder unless it runs on no device; the report on
    what is left out says why. `assume` in the settings changes that. `config` holds for all files, or is a `Hierarchy`
    that has the settings of each.

    A file that has nothing to do with networks has no findings unless a networked file among these imports it, or the
    settings ask for every file.

    The files that the engine must see are linted by `executor`, whose workers open them by the same paths, else by
    `jobs` processes (None: as many as pay). What an executor raises is raised; a file that kills a process of ours is
    reported. `cache` is a folder in which to keep what is found for the next run. `progress` is called with the number
    of files that are done, and of those that are known.
    """
    return _Run(_Job(), Hierarchy.of(config), cache, progress).reports(paths, executor, jobs)


def fix_paths(
    paths: Iterable[Path],
    config: Config | Hierarchy = _DEFAULTS,
    executor: Executor | None = None,
    *,
    unsafe: bool = False,
    write: bool = True,
    jobs: int | None = 1,
    cache: str | None = None,
    progress: Progress | None = None,
) -> Iterator[FileReport]:
    """As `lint_paths`, but apply the fixes (the safe ones, or all) and report what remains."""
    job = _Job(fix=True, unsafe=unsafe, write=write)
    return _Run(job, Hierarchy.of(config), cache, progress).reports(paths, executor, jobs)


class _Reported(NamedTuple):
    """The rows and codes of the findings in a report, and whether its file was fixed, which may have moved the rows."""

    findings: frozenset[tuple[int, str]]
    fixed: bool

    @classmethod
    def of(cls, report: FileReport) -> _Reported:
        rows = frozenset((one.location.row, one.code) for one in report.findings)
        return cls(rows, bool(report.fixed or report.diff))

    def has(self, cause: Because) -> bool:
        return self.fixed or (cause.row, cause.code) in self.findings


class _Run:
    """One run over many files."""

    def __init__(self, job: _Job, settings: Hierarchy, cache: str | None, progress: Progress | None) -> None:
        self._job = job
        self._settings = settings
        self._caches: dict[Config, Cache] = {}
        self._folder = cache
        self._progress = progress
        # A file is known by its place: its index in the order of the walk.
        self._paths: list[str] = []
        self._ready: dict[int, FileReport] = {}
        """The reports that are not given out yet, as one before them is missing."""
        self._reported: dict[int, _Reported] = {}
        """What is left of each report for the files that import its file."""
        self._done = 0
        """The number of files that have a report."""
        self._held = 0
        """The bytes of all sources that wait for the engine; beyond `_MOST_HELD` they do not wait in memory."""
        self._importers: list[tuple[discovery.Found, set[bytes]]] = []
        """Files with networks whose imports are not followed yet, and the words of these imports."""
        self._hosts: list[tuple[discovery.Found, set[bytes]]] = []
        """Programs for computers, and the words of their imports."""
        self._silent: dict[int, discovery.Found] = {}
        """Files without networks that no networked file is known to import."""
        self._reached: set[int] = set()
        """Files without networks that a networked file imports."""
        self._folders: dict[str, Config] = {}
        """The settings by folder, as paths name the folder."""
        self._led: gate.Led = {}
        """The answers of the gate about files that other files import."""

    def reports(self, paths: Iterable[Path], executor: Executor | None, jobs: int | None) -> Iterator[FileReport]:
        try:
            yield from self._in_order(self._results(self._waiting(paths), executor, jobs))
        except KeyboardInterrupt:
            yield from (self._ready[place] for place in sorted(self._ready))
            raise
        finally:
            for cache in self._caches.values():
                cache.save()

    def _cache(self, config: Config) -> Cache | None:
        """The cache for these settings, opened when the first file needs it."""
        if self._folder is None:
            return None
        if config not in self._caches:
            from usock_lint.running.cache import Cache

            self._caches[config] = Cache(self._folder, config)
        return self._caches[config]

    def _waiting(self, paths: Iterable[Path]) -> list[Item]:
        """The files that the engine must see. The reports on all others are made here and are ready."""
        waiting: dict[int, Item] = {}
        for found in discovery.discover(paths, self._settings):
            self._paths.append(found.path)
            self._sort_in(len(self._paths) - 1, found, waiting)
        if self._importers and self._silent and self._hosts:
            from usock_lint.running.reach import used_by

            for place in used_by(self._hosts, self._silent, self._words):  # programs for computers use them as well
                del self._silent[place]
        while self._importers and self._silent:
            for place, found in self._reaches():
                waiting.pop(place, None)
                self._done -= self._ready.pop(place, None) is not None
                self._reported.pop(place, None)
                self._sort_in(place, found, waiting)
        return [waiting[place] for place in sorted(waiting)]

    @cached_property
    def _words(self) -> Words:
        """The names of the silent files, once all are known."""
        from usock_lint.running.reach import Words

        return Words(self._silent)

    def _reaches(self) -> list[tuple[int, discovery.Found]]:
        """The files without networks that those with networks import, and their indices."""
        from usock_lint.running.reach import reached

        importers, self._importers = self._importers, []
        found = [(place, self._silent.pop(place)) for place in reached(importers, self._silent, self._words)]
        self._reached.update(place for place, _ in found)
        return found

    def _sort_in(self, place: int, found: discovery.Found | discovery.Unreadable, waiting: dict[int, Item]) -> None:
        """Put a file among those that wait for the engine, or its report among the ready ones."""
        try:
            report = self._gate(place, found)
        except ConfigError:
            raise
        except Exception as error:  # whatever it is, other files can be linted
            report = FileReport(found.path, errors=(InternalError.of(error),))
        if isinstance(report, FileReport):
            self._make_ready(place, report)
        else:
            waiting[place] = report

    def _gate(self, place: int, found: discovery.Found | discovery.Unreadable) -> FileReport | Item:
        """The report on a file that needs no engine (unreadable, left out, cached ...), else the item for a worker."""
        if isinstance(found, discovery.Unreadable):
            return FileReport(found.path, problem=found.reason)
        if found.excluded:
            return FileReport(found.path, left_out=LeftOut("excluded"))
        source = _read(found.path, found.folder)
        if isinstance(source, discovery.Unreadable):
            return FileReport(found.path, problem=source.reason)
        path, reached = found.path, place in self._reached
        if self._inside(os.path.dirname(path)).selects_nothing:
            return FileReport(path, left_out=LeftOut("no rule"))
        if not reached and not gate.passes(source, self._inside(os.path.dirname(path)), self._led):
            self._silent[place] = found
            return FileReport(path)
        config = self._settings.for_file(path).config
        if left_out := gate.left_out(source, config.assume):
            if left_out.why == "host":
                self._note_imports(self._hosts, found, source)
            return FileReport(path, left_out=left_out)
        applied = config.without_networks if reached else gate.settings(source, config)
        if applied is not config or gate.has_networks(source):
            config = applied
            self._note_imports(self._importers, found, source)
        elif not config.lints_every_file:
            self._silent[place] = found
        cache = self._cache(config)
        kept = cache and cache.get(source)
        if kept and self._job.is_done(kept):
            return kept
        return self._item(place, source, config, cache.keys if cache else None)

    def _inside(self, folder: str) -> Config:
        """The settings in a folder as a path names it."""
        found = self._folders.get(folder)
        if found is None:
            found = self._folders[folder] = self._settings.inside(os.path.abspath(folder)).config
        return found

    def _note_imports(
        self, importers: list[tuple[discovery.Found, set[bytes]]], found: discovery.Found, source: Source
    ) -> None:
        from usock_lint.linting.role import every_word_of_imports

        importers.append((found, every_word_of_imports(source.data)))

    def _item(self, place: int, source: Source, config: Config, keys: Keys | None) -> Item:
        from usock_lint.running.workers import Item

        size = len(source.data)
        self._held += size
        held = source if self._held <= _MOST_HELD else None
        return Item(place, source.path, size, config, keys, source.folder, held)

    def _results(
        self, waiting: list[Item], executor: Executor | None, jobs: int | None
    ) -> Iterator[tuple[Item, Result | WorkerDiedError]]:
        if not waiting:
            return
        from usock_lint.running import workers

        job = self._job
        count = workers.how_many(waiting, jobs)
        if executor:
            yield from workers.by_executor(executor, job, waiting)
        elif count > 1:
            if workers.FORKS:
                from usock_lint.syntax import quick_nodes

                quick_nodes.load()
                from usock_lint.linting import engine

                for config in {item.config for item in waiting}:
                    engine.prepare(config)
            yield from self._asked_again(workers.by_processes(count, job, waiting))
        else:
            yield from workers.here(job, waiting)

    def _asked_again(
        self, results: Iterator[tuple[Item, Result | WorkerDiedError]]
    ) -> Iterator[tuple[Item, Result | WorkerDiedError]]:
        """Ask the file system here for what other processes asked, so that it is noted."""
        from usock_lint.running.cache import still_holds

        for item, result in results:
            if observed.is_noted() and not isinstance(result, Exception):
                still_holds(result[0], item.folder)
            yield item, result

    def _in_order(self, results: Iterator[tuple[Item, Result | WorkerDiedError]]) -> Iterator[FileReport]:
        for place in range(len(self._paths)):
            self._await(place, results)
            yield self._without_repetition(self._ready.pop(place), results)

    def _await(self, place: int, results: Iterator[tuple[Item, Result | WorkerDiedError]]) -> None:
        """Take results until the file at this place is done."""
        while place not in self._reported:
            item, result = next(results)
            self._make_ready(item.place, self._received(item, result))

    def _without_repetition(
        self, report: FileReport, results: Iterator[tuple[Item, Result | WorkerDiedError]]
    ) -> FileReport:
        """The report without findings whose cause is reported in another file of the run, or was mended there."""
        if not any(one.because for one in report.findings) or self._settings.for_file(report.path).config.every_import:
            return report
        path = os.path.abspath(report.path)

        def is_repeated(because: Because) -> bool:
            place = self._places.get(because.path(path))
            if place is None:
                return False
            self._await(place, results)
            return self._reported[place].has(because)

        left = tuple(one for one in report.findings if one.because is None or not is_repeated(one.because))
        return report._replace(findings=left)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {os.path.abspath(path): place for place, path in enumerate(self._paths)}

    def _received(self, item: Item, result: Result | WorkerDiedError) -> FileReport:
        if isinstance(result, Exception):
            return FileReport(item.path, errors=(InternalError("", str(result), ""),))
        report, key = result
        if key and (cache := self._cache(item.config)):
            cache.put(key, report._replace(fixed=0, diff=b"", unfixable=()))
        return report

    def _make_ready(self, place: int, report: FileReport) -> None:
        self._ready[place] = report._replace(reached=True) if place in self._reached else report
        self._reported[place] = _Reported.of(report)
        self._done += 1
        if self._progress:
            self._progress(self._done, len(self._paths))

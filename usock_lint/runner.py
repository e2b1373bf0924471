"""Many files: read, gate, role, then the engine, in this process or in workers.

The engine is imported only when a file passes the gate: importing libcst costs more than reading a tree.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from usock_lint import files
from usock_lint.config import Config

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from usock_lint.findings import Finding

_DEFAULTS = Config()

_CHUNK = 8
"""Files sent to a worker at a time: enough to hide the cost of sending, few enough to share evenly."""

_FILES_PER_WORKER = 16
"""Below this a worker costs more to start than it saves."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file. With `problem` set it could not be read or written, and why."""

    path: str
    findings: tuple[Finding, ...] = ()
    problem: str | None = None
    warning: str | None = None
    skipped: bool = False
    """Whether it runs on no device, by its imports, or a comment in it says that it is to be skipped."""
    fixed: int = 0
    diff: bytes = field(default=b"", repr=False)


def lint_source(
    source: str | bytes, path: str = "<stdin>", config: Config = _DEFAULTS, *, noqa: bool = True
) -> list[Finding]:
    """The findings in one module's source, sorted by place. With `noqa` false, comments suppress nothing."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if not files.mentions_sockets(data) or files.is_skipped(data, path, config.assume):
        return []
    from usock_lint import engine
    from usock_lint.source import decode

    text = source if isinstance(source, str) else decode(source).text
    return engine.lint_text(text, path, config, noqa=noqa)


def lint_bytes(data: bytes, path: str, config: Config) -> FileReport:
    """The report on a file that holds these bytes."""
    if not files.mentions_sockets(data):
        return FileReport(path)
    if files.is_skipped(data, path, config.assume):
        return FileReport(path, skipped=True)
    from usock_lint import engine
    from usock_lint.source import decode

    source = decode(data)
    return FileReport(path, tuple(engine.lint_text(source.text, path, config)), warning=source.warning)


def fix_bytes(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """The fixed bytes, and the report on them. Bytes come back unchanged rather than broken."""
    before = lint_bytes(data, path, config)
    if not any(finding.fix for finding in before.findings):
        return data, before
    from usock_lint import engine
    from usock_lint.source import decode

    source = decode(data)
    text, count = engine.fix_text(source.text, path, config, unsafe=unsafe)
    if not count:
        return data, before
    if source.encode(source.text) != data:
        return data, replace(before, warning="is left as it is: its fixes would break it")
    fixed = source.encode(text)
    return fixed, replace(lint_bytes(fixed, path, config), fixed=count)


def lint_file(path: str, config: Config) -> FileReport:
    """The report on one file."""
    data = files.read(path)
    if isinstance(data, files.Unreadable):
        return FileReport(path, problem=data.reason)
    return lint_bytes(data, path, config)


def fix_file(path: str, config: Config, *, unsafe: bool, write: bool) -> FileReport:
    """Fix one file, and report what remains; without `write` only say, as a diff, what would change."""
    data = files.read(path)
    if isinstance(data, files.Unreadable):
        return FileReport(path, problem=data.reason)
    fixed, report = fix_bytes(data, path, config, unsafe=unsafe)
    if fixed == data:
        return report
    from usock_lint import source

    if not write:
        return replace(report, diff=source.diff(data, fixed, path))
    try:
        source.replace(path, fixed)
    except OSError as error:
        return replace(lint_bytes(data, path, config), problem=f"not written: {files.reason(error)}")
    return report


def lint_paths(
    paths: Iterable[Path | str],
    config: Config = _DEFAULTS,
    executor: Executor | None = None,
    *,
    jobs: int | None = 1,
) -> Iterator[FileReport]:
    """Lint files and what is in folders: one report for each, in the order of the paths.

    The files that mention sockets are linted by `executor`, else by `jobs` processes (None: as many as pay).
    """
    return _each(partial(lint_file, config=config), paths, config, executor, jobs)


def fix_paths(
    paths: Iterable[Path | str],
    config: Config = _DEFAULTS,
    executor: Executor | None = None,
    *,
    unsafe: bool = False,
    write: bool = True,
    jobs: int | None = 1,
) -> Iterator[FileReport]:
    """As `lint_paths`, but apply the fixes (the safe ones, or all) and report what remains."""
    return _each(partial(fix_file, config=config, unsafe=unsafe, write=write), paths, config, executor, jobs)


def _each(
    job: Callable[[str], FileReport],
    paths: Iterable[Path | str],
    config: Config,
    executor: Executor | None,
    jobs: int | None,
) -> Iterator[FileReport]:
    queue = [_gate(found) for found in files.discover(paths, config)]
    waiting = [item for item in queue if isinstance(item, str)]
    with nullcontext(executor) if executor else _workers(len(waiting), jobs) as workers:
        done = workers.map(job, waiting, chunksize=_CHUNK) if workers else map(job, waiting)
        yield from (next(done) if isinstance(item, str) else item for item in queue)


def _gate(found: str | files.Unreadable) -> str | FileReport:
    """The path of a file that the engine must see, or the report on one that it need not."""
    data = found if isinstance(found, files.Unreadable) else files.read(found)
    if isinstance(data, files.Unreadable):
        return FileReport(data.path, problem=data.reason)
    return str(found) if files.mentions_sockets(data) else FileReport(str(found))


def _workers(count: int, jobs: int | None) -> AbstractContextManager[Executor | None]:
    """Processes for so many files, or None where one process is as quick."""
    wanted = min(_processors(), count // _FILES_PER_WORKER) if jobs is None else min(jobs, count)
    if wanted < 2:
        return nullcontext()
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    forks = sys.platform == "linux"
    if forks:
        from usock_lint import engine as engine  # once, before the processes part
    context = multiprocessing.get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(wanted, context, _leave_interrupts_to_parent)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)

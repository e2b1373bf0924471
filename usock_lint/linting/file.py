"""One file: from its source or its bytes to a report, and to fixed bytes.

The engine is imported only when a file passes the gate: importing libcst costs more than reading a tree.
"""

from __future__ import annotations

from usock_lint.diagnostics import FileReport, InternalError
from usock_lint.linting import gate
from usock_lint.settings.config import Config, ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.linting.engine import Linted, Parser
    from usock_lint.syntax.text import Source

_DEFAULTS = Config()


def lint_source(
    source: str | bytes, path: str = "<stdin>", config: Config = _DEFAULTS, *, noqa: bool = True
) -> list[Finding]:
    """The findings in one module's source, sorted by place. With `noqa` false, comments suppress nothing.

    The module is linted as device code whatever it imports, since the caller chose it; with `assume="auto"` in the
    settings one that runs on a computer has no findings. Neither has one for CircuitPython or Pycom, or one with the
    comment `# usock-lint: skip-file`. `lint_paths` says which files are left out, and why.
    What findings are lost by is logged, under the name `usock_lint`: an error in usock-lint itself, or syntax that
    only MicroPython can read, for which the module is not checked.
    """
    report = lint_named(source, path, config, noqa=noqa)
    if report.errors or report.unchecked:
        _log(report, config)
    return list(report.findings)


def _log(report: FileReport, config: Config) -> None:
    import logging

    log, lang = logging.getLogger("usock_lint"), config.lang or "en"
    if report.unchecked:
        log.warning("%s: %s", report.path, report.unchecked.text(lang))
    for error in report.errors:
        log.error("%s", "\n".join((f"{report.path}: {error.text(lang)}", *error.traceback())))


def lint_named(
    source: str | bytes,
    path: str,
    config: Config,
    *,
    noqa: bool = True,
    parser: Parser | None = None,
) -> FileReport:
    """The report on a source that was named, such as standard input or a document. It raises no exception.

    `parser` replaces usock-lint's own parser: the language server passes one that also keeps the tree.
    """
    try:
        data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
        return settled(data, path, config) or lint_unsettled(source, path, config, noqa=noqa, parser=parser)
    except ConfigError:
        raise
    except Exception as error:  # whatever it is, other files can be linted
        return FileReport(path, errors=(InternalError.of(error),))


def settled(data: bytes, path: str, config: Config, folder: str | None = None) -> FileReport | None:
    """The report on a file that needs no engine, as it has nothing to do with networks or is left out; else None."""
    if not (config.takes_any_file or gate.imports_networks(data) or gate.gets_sockets(data, path, folder)):
        return FileReport(path)
    left_out = gate.left_out(data, path, config.assume, folder)
    return FileReport(path, left_out=left_out) if left_out else None


def lint_bytes(data: bytes, path: str, config: Config, folder: str | None = None) -> FileReport:
    """The report of the engine on a file, for which `settled` has given None.

    It depends on nothing but the bytes, path and settings, and the modules that `asked` of the report lists: the cache
    relies on that.
    """
    return lint_unsettled(data, path, config, folder=folder)


def lint_unsettled(
    source: str | bytes,
    path: str,
    config: Config,
    *,
    noqa: bool = True,
    parser: Parser | None = None,
    folder: str | None = None,
) -> FileReport:
    """The report of the engine on a source, for which `settled` has given None. Raises ConfigError and nothing else."""
    try:
        return _linted(source, path, config, noqa=noqa, parser=parser, folder=folder)
    except ConfigError:
        raise
    except Exception as error:  # whatever it is, other files can be linted
        return FileReport(path, errors=(InternalError.of(error),))


def _linted(
    source: str | bytes, path: str, config: Config, *, noqa: bool, parser: Parser | None, folder: str | None
) -> FileReport:
    from usock_lint.linting import engine
    from usock_lint.syntax.text import Source, decode

    read = decode(source) if isinstance(source, bytes) else Source(source, "utf-8")
    found = engine.lint(read.text, path, config, noqa=noqa, parser=parser or engine.parse, folder=folder)
    return _report(path, found, read)


def _report(path: str, found: Linted, read: Source) -> FileReport:
    return FileReport(
        path,
        found.findings,
        warning=read.warning,
        unchecked=found.unchecked,
        linted=found.unchecked is None,
        errors=found.errors,
        asked=found.asked,
        used=found.used,
        offered=found.offered,
    )


def fix_bytes(
    data: bytes, path: str, config: Config, *, unsafe: bool, folder: str | None = None
) -> tuple[bytes, FileReport]:
    """The bytes of a file with its fixes applied, and the report on them; the old bytes if the new ones were broken."""
    before = lint_bytes(data, path, config, folder)
    try:
        fixes = fixable(before, unsafe=unsafe)
        return _fixed(data, before, config, unsafe=unsafe, folder=folder) if fixes else (data, before)
    except Exception as error:
        return data, before._replace(errors=(*before.errors, InternalError.of(error)))


def _fixed(
    data: bytes, before: FileReport, config: Config, *, unsafe: bool, folder: str | None
) -> tuple[bytes, FileReport]:
    from usock_lint.linting import engine
    from usock_lint.syntax.text import decode

    source = decode(data)
    path, left = before.path, engine.Linted(before.findings, unchecked=before.unchecked, errors=before.errors)
    done = engine.fix_findings(source.text, left, path, config, unsafe=unsafe, folder=folder)
    if not done.applied:
        return data, before._replace(unfixable=done.unfixable)
    if source.encode(source.text) != data:
        return data, before._replace(problem="is left as it is: its fixes would break it")
    found = _report(path, done.left, source)
    return source.encode(done.text), found._replace(fixed=done.applied, unfixable=done.unfixable)


def fix_named(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """As `fix_bytes`, for a source that was named."""
    report = settled(data, path, config)
    return (data, report) if report else fix_bytes(data, path, config, unsafe=unsafe)


def fixable(report: FileReport, *, unsafe: bool) -> bool:
    """Whether a finding of this file has a fix that may be applied."""
    return any(one.fix and (unsafe or one.fix.applicability == "safe") for one in report.findings)

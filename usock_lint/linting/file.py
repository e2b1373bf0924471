"""One file: from its source to a report, and to fixed bytes.

The engine is imported only when a file passes the gate: importing libcst costs more than reading a tree.
"""

from __future__ import annotations

from usock_lint.diagnostics import FileReport, InternalError, LeftOut
from usock_lint.linting import gate
from usock_lint.linting.source import Source
from usock_lint.settings.config import Config, ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding
    from usock_lint.linting.engine import Linted, Reader

_DEFAULTS = Config()


def lint_source(
    source: str | bytes, path: str = "<stdin>", config: Config = _DEFAULTS, *, noqa: bool = True
) -> list[Finding]:
    """The findings in one module's source, sorted by place. With `noqa` false, comments suppress nothing.

    The module is linted as device code whatever it imports, since the caller chose it; with `assume="auto"` in the
    settings one that runs on a computer has no findings. Neither has one for CircuitPython or Pycom, or one with the
    comment `# usock-lint: skip-file`. `lint_paths` says which files are left out, and why.
    The logger `usock_lint` gets a line if findings are lost: by an error in usock-lint itself, or because of syntax
    that only MicroPython can read, for which the module is not checked.
    """
    report = lint_named(source, path, config._replace(noqa=noqa and config.noqa))
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


def lint_named(source: str | bytes, path: str, config: Config, reader: Reader | None = None) -> FileReport:
    """The report on a named source, such as standard input or a document. It raises no exception but ConfigError.

    `reader` is the language server's, which keeps the tree and the uses.
    """
    try:
        made = Source.of(source, path)
        return without_engine(made, config) or lint(made, gate.settings(made, config), reader)
    except ConfigError:
        raise
    except Exception as error:  # whatever it is, other files can be linted
        return FileReport(path, errors=(InternalError.of(error),))


def without_engine(source: Source, config: Config) -> FileReport | None:
    """The report on a file that no rule has to see, as it has nothing to do with networks or is left out; else None."""
    if config.selects_nothing:
        return FileReport(source.path, left_out=LeftOut("no rule"))
    if not gate.passes(source, config):
        return FileReport(source.path)
    left_out = gate.left_out(source, config.assume)
    return FileReport(source.path, left_out=left_out) if left_out else None


def lint(source: Source, config: Config, reader: Reader | None = None) -> FileReport:
    """The report of the engine, whatever the gate says. Raises ConfigError and nothing else.

    It depends on nothing but the bytes, path and settings, and on what `looked_for` and `used` of the report list: the
    cache relies on that.
    """
    try:
        from usock_lint.syntax import quick_nodes

        quick_nodes.load()
        from usock_lint.linting import engine

        found = engine.lint(source, config, reader)
        return _report(source, found)
    except ConfigError:
        raise
    except Exception as error:  # whatever it is, other files can be linted
        return FileReport(source.path, errors=(InternalError.of(error),))


def _report(source: Source, found: Linted) -> FileReport:
    return FileReport(
        source.path,
        found.findings,
        warning=source.decoded.warning,
        unchecked=found.unchecked,
        linted=found.unchecked is None,
        errors=found.errors,
        looked_for=found.looked_for,
        used=found.used,
        offered=found.offered,
    )


def fix(source: Source, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """The bytes of a file with its fixes applied, and the report on them; the old bytes if the new ones were broken."""
    before = lint(source, config)
    try:
        fixes = fixable(before, unsafe=unsafe)
        return _fixed(source, before, config, unsafe=unsafe) if fixes else (source.data, before)
    except Exception as error:
        return source.data, before._replace(errors=(*before.errors, InternalError.of(error)))


def _fixed(source: Source, before: FileReport, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """The bytes with the fixes applied until none is left, and the report on them."""
    from usock_lint.linting import engine, fixer

    found = engine.Linted(before.findings, unchecked=before.unchecked, errors=before.errors)
    done, decoded = fixer.fix_findings(source, found, config, unsafe=unsafe), source.decoded
    if not done.applied:
        return source.data, before._replace(unfixable=done.unfixable)
    if decoded.encode(decoded.text) != source.data:
        return source.data, before._replace(problem="is left as it is: its fixes would break it")
    report = _report(source, done.left)
    return decoded.encode(done.text), report._replace(fixed=done.applied, unfixable=done.unfixable)


def fix_named(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """As `fix`, for a source that was named."""
    source = Source(path, data)
    report = without_engine(source, config)
    return (data, report) if report else fix(source, gate.settings(source, config), unsafe=unsafe)


def fixable(report: FileReport, *, unsafe: bool) -> bool:
    """True if a finding of this file has a fix that may be applied."""
    return any(one.fix and (unsafe or one.fix.applicability == "safe") for one in report.findings)

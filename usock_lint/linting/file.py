"""One file: from its source or its bytes to a report, and to fixed bytes.

The engine is imported only when a file passes the gate: importing libcst costs more than reading a tree.
"""

from __future__ import annotations

from usock_lint.diagnostics import FileReport, InternalError
from usock_lint.linting import gate
from usock_lint.settings.config import Config

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.diagnostics import Finding

_DEFAULTS = Config()


def lint_source(
    source: str | bytes, path: str = "<stdin>", config: Config = _DEFAULTS, *, noqa: bool = True
) -> list[Finding]:
    """The findings in one module's source, sorted by place. With `noqa` false, comments suppress nothing.

    Findings that are lost to an error in usock-lint itself are logged, under the name `usock_lint`.
    """
    report = lint_report(source, path, config, noqa=noqa)
    if report.errors:
        import logging

        for error in report.errors:
            lines = (f"{path}: {error.text(config.lang or 'en')}", *error.traceback())
            logging.getLogger("usock_lint").error("%s", "\n".join(lines))
    return list(report.findings)


def lint_bytes(data: bytes, path: str, config: Config) -> FileReport:
    """The report on a file that holds these bytes. It depends on nothing else: the cache relies on that."""
    return lint_report(data, path, config)


def lint_report(source: str | bytes, path: str, config: Config, *, noqa: bool = True) -> FileReport:
    """The report on a module's source. No exception leaves it."""
    try:
        data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
        return _settled(data, path, config) or _linted(source, path, config, noqa=noqa)
    except Exception as error:  # whatever it is, other files can be linted
        return FileReport(path, errors=(InternalError.of(error),))


def _linted(source: str | bytes, path: str, config: Config, *, noqa: bool) -> FileReport:
    from usock_lint.linting import engine
    from usock_lint.syntax.text import Source, decode

    read = decode(source) if isinstance(source, bytes) else Source(source, "utf-8")
    found = engine.lint(read.text, path, config, noqa=noqa)
    return FileReport(path, found.findings, warning=read.warning, errors=found.errors)


def fix_bytes(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """The fixed bytes, and the report on them. Bytes come back unchanged rather than broken; no exception leaves it."""
    before = lint_bytes(data, path, config)
    try:
        return _fixed(data, before, config, unsafe=unsafe) if fixable(before, unsafe=unsafe) else (data, before)
    except Exception as error:
        return data, before._replace(errors=(*before.errors, InternalError.of(error)))


def _fixed(data: bytes, before: FileReport, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    from usock_lint.linting import engine
    from usock_lint.syntax.text import decode

    source = decode(data)
    path, left = before.path, engine.Linted(before.findings, True, before.errors)
    done = engine.fix_findings(source.text, left, path, config, unsafe=unsafe)
    if not done.applied:
        return data, before._replace(unfixable=done.unfixable)
    if source.encode(source.text) != data:
        return data, before._replace(problem="is left as it is: its fixes would break it")
    fixed, left = source.encode(done.text), done.left
    found = FileReport(path, left.findings, warning=source.warning, errors=left.errors, unfixable=done.unfixable)
    return fixed, (_settled(fixed, path, config) or found)._replace(fixed=done.applied)


def _settled(data: bytes, path: str, config: Config) -> FileReport | None:
    """The report on a file that the engine need not see: it has no sockets, or is skipped."""
    if not gate.mentions_sockets(data):
        return FileReport(path)
    return FileReport(path, skipped=True) if gate.is_skipped(data, path, config.assume) else None


def fixable(report: FileReport, *, unsafe: bool) -> bool:
    """Whether a finding of this file has a fix that may be applied."""
    return any(one.fix and (unsafe or one.fix.applicability == "safe") for one in report.findings)

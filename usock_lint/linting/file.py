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
    from usock_lint.linting.engine import Parser

_DEFAULTS = Config()


def lint_source(
    source: str | bytes, path: str = "<stdin>", config: Config = _DEFAULTS, *, noqa: bool = True
) -> list[Finding]:
    """The findings in one module's source, sorted by place. With `noqa` false, comments suppress nothing.

    Whatever the module imports it is linted as device code, for who hands it over wants to know; `assume="auto"` in the
    settings leaves out what runs on a computer. What is for CircuitPython or Pycom has no findings, nor has a module
    with the comment `# usock-lint: skip-file`. `lint_paths` tells what is left out, and why.
    Findings that are lost to an error in usock-lint itself are logged, under the name `usock_lint`.
    """
    report = lint_named(source, path, config, noqa=noqa)
    if report.errors:
        import logging

        for error in report.errors:
            lines = (f"{path}: {error.text(config.lang or 'en')}", *error.traceback())
            logging.getLogger("usock_lint").error("%s", "\n".join(lines))
    return list(report.findings)


def lint_named(
    source: str | bytes,
    path: str,
    config: Config,
    *,
    noqa: bool = True,
    parser: Parser | None = None,
) -> FileReport:
    """The report on one module's source, which somebody handed over. No exception leaves it.

    `parser` is what parses it in place of usock-lint's own function, for who needs the tree too.
    """
    try:
        data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
        return settled(data, path, config) or lint_unsettled(source, path, config, noqa=noqa, parser=parser)
    except ConfigError:
        raise
    except Exception as error:  # whatever it is, other files can be linted
        return FileReport(path, errors=(InternalError.of(error),))


def settled(data: bytes, path: str, config: Config, folder: str | None = None) -> FileReport | None:
    """The report on a file that the engine need not see: it has no networks, or is left out."""
    if not config.takes_any_file and not gate.imports_networks(data):
        return FileReport(path)
    left_out = gate.left_out(data, path, config.assume, folder)
    return FileReport(path, left_out=left_out) if left_out else None


def lint_bytes(data: bytes, path: str, config: Config, folder: str | None = None) -> FileReport:
    """The report on a file with these bytes, found below this folder, which is not settled.

    It depends on them and on what it says that it asked, as the cache requires.
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
    """The report on a source that is not settled. No exception of ours leaves it: ConfigError alone does."""
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
    warning = found.warning or read.warning
    return FileReport(path, found.findings, warning=warning, linted=True, errors=found.errors, asked=found.asked)


def fix_bytes(
    data: bytes, path: str, config: Config, *, unsafe: bool, folder: str | None = None
) -> tuple[bytes, FileReport]:
    """The fixed bytes of a file that is not settled, and the report on them. Broken ones are not returned."""
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
    path, left = before.path, engine.Linted(before.findings, errors=before.errors)
    done = engine.fix_findings(source.text, left, path, config, unsafe=unsafe, folder=folder)
    if not done.applied:
        return data, before._replace(unfixable=done.unfixable)
    if source.encode(source.text) != data:
        return data, before._replace(problem="is left as it is: its fixes would break it")
    fixed, left = source.encode(done.text), done.left
    found = FileReport(path, left.findings, warning=source.warning, linted=True, errors=left.errors, asked=left.asked)
    return fixed, found._replace(fixed=done.applied, unfixable=done.unfixable)


def fix_named(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """As `fix_bytes`, for a source that somebody handed over."""
    report = settled(data, path, config)
    return (data, report) if report else fix_bytes(data, path, config, unsafe=unsafe)


def fixable(report: FileReport, *, unsafe: bool) -> bool:
    """Whether a finding of this file has a fix that may be applied."""
    return any(one.fix and (unsafe or one.fix.applicability == "safe") for one in report.findings)

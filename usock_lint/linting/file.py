"""One file: from its source or its bytes to a report, and to fixed bytes.

The engine is imported only when a file passes the gate: importing libcst costs more than reading a tree.
"""

from __future__ import annotations

from usock_lint.diagnostics import FileReport
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

    Whatever the module imports it is linted as device code, for who hands it over wants to know; `assume="auto"` in the
    settings leaves out what runs on a computer. What is for CircuitPython or Pycom has no findings, nor has a module
    with the comment `# usock-lint: skip-file`. `lint_paths` tells what is left out, and why.
    """
    return list(lint_named(source, path, config, noqa=noqa).findings)


def lint_named(source: str | bytes, path: str, config: Config, *, noqa: bool = True) -> FileReport:
    """The report on one module's source, which somebody handed over."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if report := settled(data, path, config):
        return report
    if isinstance(source, bytes):
        return lint_bytes(source, path, config, noqa=noqa)
    from usock_lint.linting import engine

    return FileReport(path, tuple(engine.lint_text(source, path, config, noqa=noqa)), linted=True)


def settled(data: bytes, path: str, config: Config, folder: str | None = None) -> FileReport | None:
    """The report on a file that the engine need not see: it has no sockets, or is left out."""
    if not gate.mentions_sockets(data):
        return FileReport(path)
    left_out = gate.left_out(data, path, config.assume, folder)
    return FileReport(path, left_out=left_out) if left_out else None


def lint_bytes(data: bytes, path: str, config: Config, *, noqa: bool = True) -> FileReport:
    """The report on a file with these bytes, which is not settled. It depends on them alone, as the cache requires."""
    from usock_lint.linting import engine
    from usock_lint.syntax.text import decode

    source = decode(data)
    found = engine.lint_text(source.text, path, config, noqa=noqa)
    return FileReport(path, tuple(found), warning=source.warning, linted=True)


def fix_bytes(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """The fixed bytes of a file that is not settled, and the report on them. Broken ones are not returned."""
    before = lint_bytes(data, path, config)
    if not fixable(before, unsafe=unsafe):
        return data, before
    from usock_lint.linting import engine
    from usock_lint.syntax.text import decode

    source = decode(data)
    text, count, left = engine.fix_findings(source.text, list(before.findings), path, config, unsafe=unsafe)
    if not count:
        return data, before
    if source.encode(source.text) != data:
        return data, before._replace(problem="is left as it is: its fixes would break it")
    fixed = source.encode(text)
    return fixed, FileReport(path, tuple(left), warning=source.warning, linted=True, fixed=count)


def fix_named(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """As `fix_bytes`, for a source that somebody handed over."""
    report = settled(data, path, config)
    return (data, report) if report else fix_bytes(data, path, config, unsafe=unsafe)


def fixable(report: FileReport, *, unsafe: bool) -> bool:
    """Whether a finding of this file has a fix that may be applied."""
    return any(one.fix and (unsafe or one.fix.applicability == "safe") for one in report.findings)

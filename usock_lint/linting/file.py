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
    """The findings in one module's source, sorted by place. With `noqa` false, comments suppress nothing."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if _settled(data, path, config):
        return []
    from usock_lint.linting import engine
    from usock_lint.syntax.text import decode

    text = source if isinstance(source, str) else decode(source).text
    return engine.lint_text(text, path, config, noqa=noqa)


def lint_bytes(data: bytes, path: str, config: Config) -> FileReport:
    """The report on a file that holds these bytes. It depends on nothing else: the cache relies on that."""
    if settled := _settled(data, path, config):
        return settled
    from usock_lint.linting import engine
    from usock_lint.syntax.text import decode

    source = decode(data)
    linted = engine.lint(source.text, path, config)
    return FileReport(path, tuple(linted.findings), warning=linted.warning or source.warning)


def fix_bytes(data: bytes, path: str, config: Config, *, unsafe: bool) -> tuple[bytes, FileReport]:
    """The fixed bytes, and the report on them. Bytes come back unchanged rather than broken."""
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
    after = _settled(fixed, path, config) or FileReport(path, tuple(left), warning=source.warning)
    return fixed, after._replace(fixed=count)


def _settled(data: bytes, path: str, config: Config) -> FileReport | None:
    """The report on a file that the engine need not see: it has no sockets, or is skipped."""
    if not gate.mentions_sockets(data):
        return FileReport(path)
    return FileReport(path, skipped=True) if gate.is_skipped(data, path, config.assume) else None


def fixable(report: FileReport, *, unsafe: bool) -> bool:
    """Whether a finding of this file has a fix that may be applied."""
    return any(one.fix and (unsafe or one.fix.applicability == "safe") for one in report.findings)

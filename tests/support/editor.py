"""An editor: a client of the language server, over the pipes of a real process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from tests.support.running import environment
from usock_lint.server.actions import FIX_ALL
from usock_lint.server.app import TARGETS

_SECONDS = 60
"""How long anything may take on a machine that is busy."""


class Editor:
    """What a user does in an editor, and what they see."""

    def __init__(self, client: LanguageClient, folder: Path) -> None:
        self._client = client
        self.folder = folder
        self.published: list[types.PublishDiagnosticsParams] = []
        self.history: list[types.PublishDiagnosticsParams] = []
        self.messages: list[str] = []
        self.watchers: list[Any] = []
        self.capabilities: types.ServerCapabilities = types.ServerCapabilities()
        self._news = asyncio.Event()
        self._versions: dict[str, int] = {}
        # Bound methods cannot be marked by pygls, partials can.
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(partial(self._on_diagnostics))
        client.feature(types.WINDOW_SHOW_MESSAGE)(partial(self._on_message))
        client.feature(types.WINDOW_LOG_MESSAGE)(partial(self._on_message))
        client.feature(types.CLIENT_REGISTER_CAPABILITY)(partial(self._on_registration))

    def _on_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.published.append(params)
        self.history.append(params)
        self._news.set()

    def _on_message(self, params: types.ShowMessageParams | types.LogMessageParams) -> None:
        self.messages.append(params.message)
        self._news.set()

    def _on_registration(self, params: types.RegistrationParams) -> None:
        self.watchers += params.registrations
        self._news.set()

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The server's process."""
        server: asyncio.subprocess.Process | None = getattr(self._client, "_server")  # noqa: B009 (it has no other)
        assert server
        return server

    def begin(self, folder: Path) -> None:
        """Go to another folder, with nothing open and nothing said."""
        self.folder = folder
        self.published.clear()
        self.messages.clear()

    def close_all(self) -> None:
        """Close what is open."""
        for name in list(self._versions):
            self.close(name)

    def uri(self, name: str) -> str:
        """The address of a file in the folder."""
        return (self.folder / name).as_uri()

    async def initialize(self, encodings: Sequence[str] | None, root: str | None = None) -> None:
        """Shake hands, as an editor that can watch files."""
        watching = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
        capabilities = types.ClientCapabilities(
            workspace=types.WorkspaceClientCapabilities(did_change_watched_files=watching, workspace_folders=True),
            general=types.GeneralClientCapabilities(position_encodings=list(encodings)) if encodings else None,
        )
        params = types.InitializeParams(capabilities=capabilities, root_uri=root or self.folder.as_uri())
        result = await asyncio.wait_for(self._client.initialize_async(params), _SECONDS)
        self.capabilities = result.capabilities
        self._client.initialized(types.InitializedParams())

    def open(self, name: str, text: str, language: str = "python") -> None:
        """Open a document; there need not be a file."""
        self._versions[name] = 1
        item = types.TextDocumentItem(self.uri(name), language, 1, text)
        self._client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str) -> None:
        """Type something: the document has this text now."""
        self._versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=self._versions[name])
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self._client.text_document_did_change(types.DidChangeTextDocumentParams(document, [whole]))

    def save(self, name: str) -> None:
        """Save a document."""
        self._client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(self.uri(name)))
        )

    def close(self, name: str) -> None:
        """Close a document."""
        del self._versions[name]
        self._client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(self.uri(name)))
        )

    def file_changed(self, name: str) -> None:
        """Tell of a file that has changed on disk."""
        event = types.FileEvent(self.uri(name), types.FileChangeType.Changed)
        self._client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def configure(self, settings: object) -> None:
        """Send what is set in the editor now."""
        self._client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))

    async def targets(self, name: str) -> Any:
        """What the server says that a document is checked for."""
        request = self._client.protocol.send_request_async(TARGETS, {"uri": self.uri(name)})
        return await asyncio.wait_for(request, _SECONDS)

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self.process.stdin
        self.process.stdin.write(data)

    async def findings(self, name: str) -> list[types.Diagnostic]:
        """What is published of the newest version of a document, once it is; what came before is dropped."""
        params = await self.until(lambda one: (one.uri, one.version) == (self.uri(name), self._versions[name]))
        return list(params.diagnostics)

    async def cleared(self, name: str) -> bool:
        """Wait for nothing to be shown for a document any more."""
        params = await self.until(lambda one: one.uri == self.uri(name) and one.version is None)
        return not params.diagnostics

    async def until(self, wanted: Callable[[types.PublishDiagnosticsParams], bool]) -> types.PublishDiagnosticsParams:
        """The first publication that is wanted."""
        while not (found := [one for one in self.published if wanted(one)]):
            await self._next()
        self.published.clear()
        return found[0]

    async def message(self) -> str:
        """The first message to the user."""
        while not self.messages:
            await self._next()
        return self.messages.pop(0)

    async def registered(self) -> list[Any]:
        """What the server asks to be told of."""
        while not self.watchers:
            await self._next()
        return self.watchers

    async def _next(self) -> None:
        """Wait for anything new from the server."""
        self._news.clear()
        await asyncio.wait_for(self._news.wait(), _SECONDS)

    async def actions(
        self, name: str, line: int, character: int = 0, *, only: Sequence[str] | None = None
    ) -> list[types.CodeAction]:
        """The actions offered at a place."""
        here = types.Position(line, character)
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(self.uri(name)),
            types.Range(here, here),
            types.CodeActionContext([], only=[*only] if only is not None else None),
        )
        found = await asyncio.wait_for(self._client.text_document_code_action_async(params), _SECONDS)
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    async def fix_all(self, name: str) -> list[types.CodeAction]:
        """What an editor asks for that fixes all when a file is saved."""
        return await self.actions(name, 0, only=[FIX_ALL])

    async def hover(self, name: str, line: int, character: int) -> str | None:
        """What is shown for a place."""
        params = types.HoverParams(types.TextDocumentIdentifier(self.uri(name)), types.Position(line, character))
        found = await asyncio.wait_for(self._client.text_document_hover_async(params), _SECONDS)
        if found is None:
            return None
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def quit(self) -> int:
        """Shut the server down; its exit code."""
        await asyncio.wait_for(self._client.shutdown_async(None), _SECONDS)
        self._client.exit(None)
        return await asyncio.wait_for(self.process.wait(), _SECONDS)


Edit = Callable[[Callable[[Editor], Awaitable[None]]], None]
"""What the fixture `edit` is: it runs what is done in an editor, in the test's own folder."""


@asynccontextmanager
async def editing(
    folder: Path, *, encodings: Sequence[str] | None = None, command: Sequence[str] = ()
) -> AsyncGenerator[Editor]:
    """An editor with a server of its own, which is killed in the end if it still runs."""
    client = LanguageClient("an editor", "1")
    editor = Editor(client, folder)
    words = [*(command or (sys.executable, "-m", "usock_lint", "server"))]
    start: Callable[..., Awaitable[None]] = getattr(client, "start_io")  # noqa: B009 (its type is not known)
    await start(*words, cwd=folder, env=environment())
    try:
        await editor.initialize(encodings)
        yield editor
    finally:
        if editor.process.returncode is None:
            editor.process.kill()
        await client.stop()
        assert editor.process.stderr
        errors = await editor.process.stderr.read()
        assert b"Traceback" not in errors, errors.decode()


def applied(text: str, action: types.CodeAction) -> str:
    """A text as an editor that counts columns in utf-16 units leaves it after an action."""
    assert action.edit
    assert action.edit.document_changes
    edits = [edit for change in action.edit.document_changes for edit in getattr(change, "edits", ())]
    lines = text.splitlines(keepends=True) or [""]
    starts = [sum(len(line) for line in lines[:row]) for row in range(len(lines) + 1)]

    def offset(position: types.Position) -> int:
        line = lines[position.line] if position.line < len(lines) else ""
        units = line.encode("utf-16-le")[: 2 * position.character]
        return starts[position.line] + len(units.decode("utf-16-le"))

    for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text

"""Connects usock-lint with Thonny: when it checks, for which target, and where it shows what it finds."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from tkinter import ttk
from typing import Any, Final

from thonny import get_runner, get_workbench
from thonny.assistance import AssistantView, ProgramAnalyzer, add_program_analyzer
from thonny.common import ToplevelResponse, read_source
from thonny.config_ui import ConfigurationPage
from thonny.editors import Editor
from thonny.plugins.cpython_frontend import LocalCPythonProxy
from thonnycontrib.usock_lint import board, detail
from thonnycontrib.usock_lint.command import Answer, Run
from thonnycontrib.usock_lint.words import say

_ENABLED: Final = "usock_lint.enabled"
_TARGETS: Final = "usock_lint.targets"
_OPT_IN: Final = "usock_lint.opt_in"
_QUIET: Final = ("execute_source", "execute_system_command")
"""Commands of the shell. The Assistant keeps what it shows when they succeed."""


class Connected:
    """The board, as what it printed when it started tells."""

    def __init__(self) -> None:
        self.banner = ""

    def heard(self, message: ToplevelResponse) -> None:
        """Take the banner, which is in the first message after each start."""
        self.banner = message.get("welcome_text") or self.banner

    def gone(self, event: Any) -> None:
        """Forget it, unless the same one only starts anew to run a program."""
        if event.get("full", True):
            self.banner = ""

    @property
    def target(self) -> str:
        """What to check for; "" for what the project says."""
        chosen = get_workbench().get_option(_TARGETS).strip()
        return chosen or ("" if _local() else board.target(self.banner))

    def words(self, target: str) -> str:
        """What is said of the target."""
        if not target:
            return say("no known board is connected: checked for the targets of the project")
        if get_workbench().get_option(_TARGETS).strip():
            return say("checked for {target}, as set in the options", target=target)
        return say("checked for {target}, which is connected", target=target)


connected = Connected()
"""What Thonny is connected to now."""


class Analyzer(ProgramAnalyzer):
    """What the Assistant asks itself, with other analyzers, after a program has run on CPython."""

    def __init__(self, on_completion: Any) -> None:
        super().__init__(on_completion)
        self._run: Run | None = None

    def is_enabled(self) -> bool:
        """Whether the user wants it."""
        return bool(get_workbench().get_option(_ENABLED))

    def start_analysis(self, main_file_path: str, imported_file_paths: Iterable[str]) -> None:
        """Check the files. `completion_handler` gets the warnings."""

        def answered(answer: Answer) -> None:
            self.completion_handler(self, [*_warnings(answer, main_file_path)])

        words = ["--output-format", "json", main_file_path, *imported_file_paths]
        self._run = Run(words, connected.target, answered)

    def cancel_analysis(self) -> None:
        """Stop it."""
        self.cancelled = True
        if self._run:
            self._run.cancel()


def _warnings(answer: Answer, path: str) -> Iterable[dict[str, Any]]:
    """The findings as the Assistant takes them; what went wrong is one of them."""
    if answer.failed:
        yield {"filename": path, "lineno": None, "symbol": "usock-lint", "group": "warnings", "msg": answer.line}
        return
    for found in json.loads(answer.output):
        yield {
            "filename": found["filename"],
            "lineno": found["location"]["row"],
            "col_offset": found["location"]["column"] - 1,
            "symbol": found["name"],
            "group": "warnings",
            "msg": found["message"].replace("`", ""),  # the Assistant knows no code in it
            "explanation_rst": detail.body(found, read_source(found["filename"])),
        }


class Checker:
    """Checks what the editor shows when it is saved or has run on a board, where the Assistant asks no analyzer."""

    def __init__(self) -> None:
        self._run: Run | None = None

    def responded(self, message: ToplevelResponse) -> None:
        """The board is ready again. The Assistant has cleared itself, or is about to."""
        if message.get("command_name") in _QUIET and not message.get("user_exception"):
            return
        if not _local() and get_workbench().get_option(_ENABLED):
            get_workbench().after_idle(self.check)

    def saved(self, event: Any) -> None:
        """A file was saved."""
        if not _local() and get_workbench().get_option(_ENABLED) and event.editor is _editor():
            self.check()

    def check(self) -> None:
        """Check what the editor shows."""
        editor = _editor()
        if editor is None or not _is_python(editor):
            return
        if "CircuitPython" in connected.banner and not get_workbench().get_option(_TARGETS).strip():
            _show(detail.inline(say("CircuitPython is not checked: its sockets are others.")))
            return
        text = editor.get_content()
        _show(detail.inline(f"{editor.get_title()}: {say('Checking ...')}"))

        def answered(answer: Answer) -> None:
            if _editor() is editor:
                self._present(editor, text, answer)

        self._begin(["--output-format", "json", "--stdin-filename", _name(editor), "-"], answered, text)

    def fix(self) -> None:
        """Apply the safe fixes to what the editor shows, as one change that can be undone, and check it again."""
        editor = _editor()
        if editor is None:
            return
        text = editor.get_content()

        def answered(answer: Answer) -> None:
            if answer.failed:
                _show(detail.inline(answer.line), open_view=True)
            elif answer.output == text or editor.get_content() != text:
                _show(detail.inline(say("There is nothing that can be fixed safely.")), open_view=True)
            else:
                _replace(editor, text, answer.output)
                self.check()

        self._begin(["--fix", "--stdin-filename", _name(editor), "-"], answered, text)

    def _begin(self, words: list[str], answered: Any, text: str) -> None:
        if self._run:
            self._run.cancel()
        self._run = Run(words, connected.target, answered, text)

    def _present(self, editor: Editor, text: str, answer: Answer) -> None:
        if answer.failed:
            _show(detail.inline(answer.line), open_view=True)
            return
        found, path = json.loads(answer.output), editor.get_filename()
        said = [detail.inline(f"{editor.get_title()}: {connected.words(answer.target)}")]
        if not found or answer.code == 2:  # what it says of a file without findings, or of what it could not check
            said.append(detail.inline(answer.line))
        if safe := sum(bool(one["fix"]) and one["fix"]["applicability"] == "safe" for one in found):
            hint = say("Tools > Fix for MicroPython fixes {count} of {all}.", count=safe, all=len(found))
            said.append(detail.inline(hint))
        topics = [detail.topic(one, path, text, last=one is found[-1]) for one in found]
        wanted = "assistance.open_assistant_on_warnings"
        if any(one["severity"] == "error" for one in found):
            wanted = "assistance.open_assistant_on_errors"
        _show(
            "\n\n".join([*said, "".join(topics)]),
            open_view=bool(found) and get_workbench().get_option(wanted),
        )


def _show(text: str, *, open_view: bool = False) -> None:
    view = get_workbench().get_view("AssistantView")
    assert isinstance(view, AssistantView)
    view.text.clear()
    view.text.tag_configure("code", spacing1=0)  # blocks of code, of which the Assistant otherwise spreads the lines
    view.text.tag_raise("code", "topic_body")
    view.text.tag_raise("topic_title_code", "code")
    view.text.append_rst(detail.PRELUDE + text + "\n")
    if open_view:
        get_workbench().show_view("AssistantView", set_focus=False)


def _replace(editor: Editor, before: str, after: str) -> None:
    """Change the lines that differ, so that the cursor stays where it is."""
    widget = editor.get_text_widget()
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    widget.edit_separator()
    widget.config(autoseparators=False)
    for tag, first, last, start, end in reversed(difflib.SequenceMatcher(None, old, new).get_opcodes()):
        if tag != "equal":
            widget.delete(f"{first + 1}.0", f"{last + 1}.0")
            widget.insert(f"{first + 1}.0", "".join(new[start:end]))
    widget.config(autoseparators=True)
    widget.edit_separator()


def _local() -> bool:
    """Whether programs run on CPython here, where the Assistant asks its analyzers."""
    return isinstance(get_runner().get_backend_proxy(), LocalCPythonProxy)


def _editor() -> Editor | None:
    return get_workbench().get_editor_notebook().get_current_editor()


def _is_python(editor: Editor) -> bool:
    return (editor.get_filename() or "untitled.py").endswith(".py")


def _name(editor: Editor) -> str:
    """What the text is called: its path, by which its project is found, or for a file on the board its name."""
    path = editor.get_filename()
    return path if path and " :: " not in path else "<untitled>"


class Page(ConfigurationPage):
    """The settings, which Thonny stores."""

    def __init__(self, master: Any) -> None:
        super().__init__(master)
        self.add_checkbox(_ENABLED, say("Check code for the connected board when it is saved or run"), row=1)
        entries = (
            (_TARGETS, "Targets, such as esp32>=1.22, rp2 (empty: the connected board, else the project's)"),
            (_OPT_IN, "Opt-in rules, by codes or names"),
        )
        for row, (option, label) in enumerate(entries, start=1):
            ttk.Label(self, text=say(label)).grid(row=2 * row, sticky="w", pady=(10, 0))
            self.add_entry(option, row=2 * row + 1, width=40)


def load() -> None:
    """Add the analyzer, the checks of saved and run files, the commands, and the page of settings."""
    workbench, checker = get_workbench(), Checker()
    for option, default in ((_ENABLED, True), (_TARGETS, ""), (_OPT_IN, "")):
        workbench.set_default(option, default)
    add_program_analyzer(Analyzer)
    for event, called in {
        "ToplevelResponse": (connected.heard, checker.responded),
        "BackendRestart": (connected.gone,),
        "BackendTerminated": (connected.gone,),
        "Save": (checker.saved,),
        "SaveAs": (checker.saved,),
    }.items():
        for one in called:
            workbench.bind(event, one, True)
    for command, label, handler in (
        ("usock_lint_check", "Check for MicroPython", checker.check),
        ("usock_lint_fix", "Fix for MicroPython", checker.fix),
    ):
        workbench.add_command(command, "tools", say(label), handler, tester=lambda: _editor() is not None, group=170)
    workbench.add_configuration_page("usock_lint", say("MicroPython sockets"), Page, 81)

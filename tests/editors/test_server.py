"""The language server, as an editor sees it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import libcst
import pytest
from pygls.workspace import TextDocument

from tests.support.editor import Edit, Editor, applied, editing
from tests.support.running import FIXED_TIMEOUT, TIMEOUT, environment, lint
from usock_lint import Config, analysis, ports
from usock_lint.diagnostics import FileReport, Location
from usock_lint.linting.file import lint_named
from usock_lint.server import app
from usock_lint.server.actions import FIX_ALL
from usock_lint.server.hover import CarriedOver, Outline, hover

TEXT_MODE = 'import socket\n\ns = socket.socket()\nf = s.makefile("r")\n'


def test_a_finding_is_shown_where_it_is_with_its_code_and_its_documentation(edit: Edit, tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT)
        (found,) = await editor.findings("net.py")
        assert (found.code, found.source) == ("USK102", "usock-lint")
        assert found.message == lint("-", cwd=tmp_path, stdin=TIMEOUT.encode()).stdout.partition("USK102 ")[2].strip()
        assert (found.range.start.line, found.range.start.character) == (5, 7)
        assert (found.range.end.line, found.range.end.character) == (5, 21)
        assert found.code_description
        assert found.code_description.href.startswith("https://docs.micropython.org/")

    edit(scenario)


def test_findings_follow_what_is_typed(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", "import socket\n")
        assert await editor.findings("net.py") == []
        editor.change("net.py", TIMEOUT)
        assert [one.code for one in await editor.findings("net.py")] == ["USK102"]
        editor.change("net.py", FIXED_TIMEOUT)
        assert await editor.findings("net.py") == []

    edit(scenario)


def test_findings_follow_what_is_saved_in_a_file_that_the_document_imports(edit: Edit, tmp_path: Path) -> None:
    main = "import socket\nimport net\n\ns = socket.socket()\n"
    for name, text in (("main.py", main), ("net.py", "import host\n"), ("host.py", "import os\n")):
        (tmp_path / name).write_text(text)

    async def scenario(editor: Editor) -> None:
        editor.open("main.py", main)
        assert await editor.findings("main.py") == []
        editor.open("host.py", "import threading\n")
        (tmp_path / "host.py").write_text("import threading\n")
        editor.save("host.py")
        assert [one.code for one in await editor.findings("main.py")] == ["USK119"]
        (tmp_path / "host.py").write_text("import time\n")
        editor.file_changed("host.py")
        assert await editor.findings("main.py") == []

    edit(scenario)


def test_closing_a_document_clears_its_findings(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT)
        assert await editor.findings("net.py")
        editor.close("net.py")
        assert await editor.cleared("net.py")

    edit(scenario)


def test_a_file_that_cannot_be_parsed_while_it_is_typed_has_one_finding_and_no_message(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT)
        await editor.findings("net.py")
        editor.change("net.py", TIMEOUT + "s.connect((\n")
        (found,) = await editor.findings("net.py")
        assert (found.code, found.severity) == ("USK001", 1)
        assert await editor.hover("net.py", 2, 11) is None
        assert [one.title for one in await editor.actions("net.py", found.range.start.line)] == []
        editor.change("net.py", TIMEOUT + "s.connect(())\n")
        assert "USK102" in [one.code for one in await editor.findings("net.py")]
        assert editor.messages == []

    edit(scenario)


def test_a_safe_fix_is_offered_as_the_preferred_one(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT)
        fix = (await editor.actions("net.py", 5, 10, only=["quickfix"]))[0]
        assert (fix.title, fix.is_preferred) == ("USK102: Use OSError", True)
        assert applied(TIMEOUT, fix) == FIXED_TIMEOUT

    edit(scenario)


def test_an_unsafe_fix_says_so_and_is_not_preferred(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TEXT_MODE)
        fix = (await editor.actions("net.py", 3, 16))[0]
        assert fix.title.endswith(" (unsafe)")
        assert not fix.is_preferred
        assert applied(TEXT_MODE, fix) == TEXT_MODE.replace('"r"', '"rb"')

    edit(scenario)


def test_a_finding_can_be_suppressed_by_a_comment(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT)
        (action,) = [one for one in await editor.actions("net.py", 5, 10) if "noqa" in one.title]
        text = applied(TIMEOUT, action)
        assert "except socket.timeout:  # noqa: USK102\n" in text
        editor.change("net.py", text)
        assert await editor.findings("net.py") == []

    edit(scenario)


def test_fix_all_makes_of_a_document_what_the_command_line_does(edit: Edit, tmp_path: Path) -> None:
    text = TIMEOUT + "\n\U0001f600 = 1\n".replace("\U0001f600", "x") + TIMEOUT.replace("timeout", "error") + TEXT_MODE

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", text)
        (action,) = await editor.fix_all("net.py")
        assert action.kind == FIX_ALL
        assert applied(text, action) == lint("-", "--fix", cwd=tmp_path, stdin=text.encode()).stdout
        assert [one.kind for one in await editor.actions("net.py", 0, only=["source.fixAll"])] == [FIX_ALL]
        assert [one.kind for one in await editor.actions("net.py", 0, only=["source"])] == [FIX_ALL]
        assert await editor.actions("net.py", 5, 10, only=["refactor", "source.organizeImports"]) == []

    edit(scenario)


def test_what_needs_no_fix_offers_none(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", FIXED_TIMEOUT)
        assert await editor.fix_all("net.py") == []
        assert await editor.actions("net.py", 5) == []
        assert await editor.actions("other.py", 5) == []

    edit(scenario)


@pytest.mark.parametrize(
    ("encodings", "chosen", "column"),
    [
        (None, "utf-16", 4),
        (["utf-8", "utf-16"], "utf-8", 6),
        pytest.param(["utf-16"], "utf-16", 4, marks=pytest.mark.slow),
        pytest.param(["utf-32"], "utf-32", 3, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_columns_are_counted_as_the_editor_counts_them(
    encodings: list[str] | None, chosen: str, column: int, tmp_path: Path
) -> None:
    line = '"\U0001f600"; socket.timeout\n'

    async def scenario() -> None:
        async with editing(tmp_path, encodings=encodings) as editor:
            assert editor.capabilities.position_encoding == chosen
            editor.open("net.py", "import socket\n" + line)
            (found,) = await editor.findings("net.py")
            assert (found.range.start.line, found.range.start.character) == (1, column + 2)
            assert found.range.end.character == column + 2 + len("socket.timeout")
            assert "Suppress" in (await editor.actions("net.py", 1, column + 4))[-1].title
            assert await editor.actions("net.py", 1, 0) == []
            hover = await editor.hover("net.py", 1, column + 2 + len("socket."))
            assert hover
            assert hover.startswith("`timeout` (socket module)")

    asyncio.run(scenario())


def test_a_file_may_have_any_name(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("a b/\u4f20 %41.py", TIMEOUT)
        assert len(await editor.findings("a b/\u4f20 %41.py")) == 1
        editor.save("a b/\u4f20 %41.py")
        assert len(await editor.findings("a b/\u4f20 %41.py")) == 1

    edit(scenario)


def test_a_form_feed_is_no_line_end(edit: Edit) -> None:
    text = 'import socket\n\x0c\nprint("\u2028")\nsocket.timeout\n'

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", text)
        assert [one.range.start.line for one in await editor.findings("net.py")] == [3]

    edit(scenario)


def test_findings_fixes_and_hover_are_in_the_language_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nlang = "zh"\n')

    async def scenario() -> None:
        async with editing(tmp_path) as editor:
            editor.open("net.py", "import socket\nsocket.timeout\n")
            (found,) = await editor.findings("net.py")
            assert "不存在" in found.message
            assert "抑制" in (await editor.actions("net.py", 1))[-1].title
            assert "原因" in (await editor.hover("net.py", 1, 8) or "")

    asyncio.run(scenario())


def test_hover_shows_since_when_which_port_has_a_method(edit: Edit) -> None:
    text = "import socket\n\ns = socket.socket()\ns.sendall(b'')\nn = 1\nn.sendall\nsocket.gaierror\n"

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", text)
        table = await editor.hover("net.py", 3, 4)
        assert table
        assert table.startswith("`sendall` (sockets)\n")
        assert "| **stm32** | since 1.11 | `sendall(data)` |" in table
        assert await editor.hover("net.py", 5, 4) is None
        assert await editor.hover("net.py", 3, 0) is None
        assert await editor.hover("net.py", 99, 99) is None

    edit(scenario)


def test_hover_shows_a_board_that_differs_from_its_port(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["pyboard", "pico w"]\n')

    async def scenario() -> None:
        async with editing(tmp_path) as editor:
            editor.open("net.py", "import socket\nsocket.reset()\n")
            (found,) = await editor.findings("net.py")
            assert "does not exist on pyboard" in found.message
            rows = (await editor.hover("net.py", 1, 8) or "").splitlines()
            assert [row for row in rows if row.startswith("| **rp2** | since 1.19 |")]
            assert [row for row in rows if row.startswith("| stm32 | since 1.11 |")]
            assert [row for row in rows if "**pyboard**, ARDUINO_NANO_RP2040_CONNECT | no |" in row]

    asyncio.run(scenario())


def test_hover_on_a_finding_shows_the_rule_and_why(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT)
        text = await editor.hover("net.py", 5, 16)
        assert text
        assert "**USK102 socket-timeout**: MicroPython has no `socket.timeout`; catch `OSError`." in text
        assert "\nWhy: an expired timeout is a plain `OSError` on every port" in text

    edit(scenario)


def test_a_version_is_parsed_once_for_its_findings_and_every_hover(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()
    for owner, name in ((libcst, "parse_module"), (analysis, "uses")):
        monkeypatch.setattr(owner, name, _counting(counts, name, getattr(owner, name)))
    before = CarriedOver()
    outline = Outline(TIMEOUT, before)
    findings = lint_named(TIMEOUT, "net.py", Config(), outline).findings
    places = [Location(row, column) for row in range(1, 8) for column in range(1, 16)]
    shown = [hover(outline, place, findings, ports.PORTABLE, "en") for place in places]
    assert sum(one is not None for one in shown) > 10
    statements = 3
    assert counts == {"parse_module": statements, "uses": 2}
    lint_named(TIMEOUT.replace("16", "32"), "net.py", Config(), Outline(TIMEOUT.replace("16", "32"), before))
    assert counts == {"parse_module": statements + 1, "uses": 3}


def test_a_hover_asks_what_the_linter_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(*_: object) -> None:
        pytest.fail("analyses again")

    outline = Outline(TIMEOUT)
    lint_named(TIMEOUT, "net.py", Config(), outline)
    monkeypatch.setattr(analysis, "uses", again)
    assert [outline.owner(*one) for one in (("recv", Location(5, 7)), ("timeout", Location(6, 15)))] == [
        "socket",
        "module",
    ]


def test_a_fix_that_adds_an_import_is_offered_where_statements_are_known_by_their_places() -> None:
    text = """\
import socket


def connect(s, address):
    try:
        s.connect(address)
    except OSError as e:
        return e.errno == 98


connect(socket.socket(), 1)
"""
    report = lint_named(text, "net.py", Config(), Outline(text))
    fixes = [one.fix for one in report.findings if one.fix and one.name == "hard-coded-errno"]
    assert [edit.content for fix in fixes for edit in fix.edits] == ["import errno\n", "errno.EADDRINUSE"]
    assert not report.errors


def test_a_byte_order_mark_is_no_part_of_the_code_that_a_hover_asks() -> None:
    text = "\ufefffrom socket import timeout\nif x:\n  import socket\n  \n  s = socket.socket()\n"
    outline = Outline(text)
    lint_named(text, "net.py", Config(), outline)
    assert outline.owner("timeout", Location(1, 21)) == "module"
    assert outline.owner("socket", Location(5, 14)) == "module"


def test_a_version_that_cannot_be_parsed_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()
    monkeypatch.setattr(libcst, "parse_module", _counting(counts, "parse_module", libcst.parse_module))
    outline = Outline("import socket\ns = socket.socket(\n")
    (found,) = lint_named(outline.text, "net.py", Config(), outline).findings
    assert found.code == "USK001"
    tried = counts["parse_module"]
    assert [hover(outline, Location(2, column), [], ports.PORTABLE, "en") for column in range(1, 15)] == [None] * 14
    assert counts["parse_module"] == tried


def _counting(counts: Counter[str], name: str, function: Callable[..., object]) -> Callable[..., object]:
    def counted(*arguments: object, **options: object) -> object:
        counts[name] += 1
        return function(*arguments, **options)

    return counted


def test_two_hundred_edits_of_a_long_file_end_in_the_findings_of_the_last(edit: Edit) -> None:
    long = TIMEOUT + "".join(f"\n\ndef f{n}(s):\n    data = s.recv({n})\n    return data\n" for n in range(1000))
    assert long.count("\n") > 5000

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", long)
        for edit in range(200):
            editor.change("net.py", long + f"\nx = {edit}\n" + "socket.gaierror\n" * (edit % 3))
            await asyncio.sleep(0.002)
        editor.change("net.py", long + "\nsocket.herror\n")
        last = long.count("\n") + 1
        found = await editor.findings("net.py")
        assert [(one.code, one.range.start.line) for one in found] == [("USK102", 5), ("USK101", last)]
        assert await editor.hover("net.py", 0, 8) is None  # by now all that was under way is done
        versions = [one.version or 0 for one in editor.history if one.uri == editor.uri("net.py")]
        assert versions == sorted(set(versions))
        assert versions[-1] == 202

    edit(scenario)


def test_bytes_that_are_no_message_do_not_end_the_server(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        for body in (
            b"\xff\xfe\x00",
            b"{",
            b"[]",
            b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": 1}',
        ):
            editor.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        editor.open("net.py", TIMEOUT + "\udc80\x00")
        assert [one.code for one in await editor.findings("net.py")] == ["USK001"]
        editor.change("net.py", TIMEOUT)
        assert [one.code for one in await editor.findings("net.py")] == ["USK102"]

    edit(scenario)


def test_a_server_that_was_killed_can_be_started_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with editing(tmp_path) as editor:
            editor.open("net.py", TIMEOUT * 500)
            editor.process.kill()
            await editor.process.wait()
        async with editing(tmp_path) as editor:
            editor.open("net.py", TIMEOUT)
            assert [one.code for one in await editor.findings("net.py")] == ["USK102"]
            assert await editor.quit() == 0

    asyncio.run(scenario())


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal")
def test_ctrl_c_ends_the_server_though_it_waits_for_the_editor(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with editing(tmp_path) as editor:
            editor.open("net.py", TIMEOUT)
            await editor.findings("net.py")
            editor.process.send_signal(signal.SIGINT)
            assert await asyncio.wait_for(editor.process.wait(), 30) == -signal.SIGINT

    asyncio.run(scenario())


def test_a_server_whose_editor_is_gone_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "usock_lint", "server", "--stdio"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), input=b"", capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_without_pygls_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "pygls.py").write_text("raise ModuleNotFoundError(\"No module named 'pygls'\", name='pygls')\n")
    command, known = [sys.executable, "-m", "usock_lint", "server"], environment()
    known["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{known['PYTHONPATH']}"
    done = subprocess.run(command, cwd=tmp_path, env=known, input=b"", capture_output=True, timeout=60)
    assert done.stderr == b'usock-lint: the server needs pygls: pip install "usock-lint[lsp]"\n'
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_version_is_linted_once_for_all_who_ask_and_not_at_all_if_it_is_overtaken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uri, linted, may_go_on = "file:///net.py", list[str](), threading.Event()
    documents = {uri: TextDocument(uri, "first = 1\n", 1)}

    def counting(text: str, *args: Any, **named: Any) -> FileReport:
        linted.append(text)
        may_go_on.wait(10)
        return lint_named(text, *args, **named)

    monkeypatch.setattr(app, "lint_named", counting)

    def document(_server: app.Server, uri: str) -> TextDocument | None:
        return documents.get(uri)

    monkeypatch.setattr(app, "lint_named", counting)
    monkeypatch.setattr(app.Server, "document", document)

    async def scenario() -> list[int | None]:
        server = app.server()
        waiting = [asyncio.create_task(server.checked(uri)) for _ in range(2)]
        for number, text in enumerate(("second = 2\n", "third = 3\n"), 2):
            await asyncio.sleep(0.1)
            documents[uri] = TextDocument(uri, text, number)
            waiting += [asyncio.create_task(server.checked(uri)) for _ in range(2)]
        await asyncio.sleep(0.1)
        may_go_on.set()
        return [checked and checked.version for checked in await asyncio.gather(*waiting)]

    assert asyncio.run(scenario()) == [1, 1, 3, 3, 3, 3]
    assert linted == ["first = 1\n", "third = 3\n"]


def test_a_long_document_waits_for_further_changes_and_a_short_one_less(monkeypatch: pytest.MonkeyPatch) -> None:
    uri, linted = "file:///net.py", list[str]()
    documents = {uri: TextDocument(uri, "", 1)}

    def slow(text: str, *args: Any, **named: Any) -> FileReport:
        linted.append(text)
        time.sleep(0.2 if "long" in text else 0)
        return lint_named(text, *args, **named)

    def document(_server: app.Server, uri: str) -> TextDocument | None:
        return documents.get(uri)

    def publish(_server: app.Server, _params: object) -> None:
        return None

    monkeypatch.setattr(app, "lint_named", slow)
    monkeypatch.setattr(app.Server, "document", document)
    monkeypatch.setattr(app.Server, "text_document_publish_diagnostics", publish)
    monkeypatch.setattr(app.Server, "encoding", "utf-16")

    async def scenario() -> tuple[float, float]:
        server = app.server()
        assert await server.checked(uri)
        short = server.pause(uri)
        documents[uri] = TextDocument(uri, "long = 0\n", 2)
        assert await server.checked(uri)
        for number in range(10):
            documents[uri] = TextDocument(uri, f"long = {number}\n", number + 3)
            server.watch(uri, server.pause(uri))
        assert await server.checked(uri)
        return short, server.pause(uri)

    short, long = asyncio.run(scenario())
    assert short < long == 0.1
    assert linted == ["", "long = 0\n", "long = 9\n"]


def test_the_line_in_another_file_that_makes_an_import_fail_is_shown(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "util.py").write_text("import socket\nimport enum\n")
    (tmp_path / "main.py").touch()

    async def scenario(editor: Editor) -> None:
        editor.open("main.py", "import socket\nimport util\n")
        (found,) = await editor.findings("main.py")
        assert found.related_information is not None
        (related,) = found.related_information
        assert (related.location.uri, related.location.range.start.line) == (editor.uri("util.py"), 1)
        assert related.message == "USK110"

    edit(scenario)

"""The setups of docs/editors.md: each is read from the page and tried as far as that goes without the editor."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import debian
from tests.support.editor import editing
from tests.support.running import FIXED_TIMEOUT, ROOT, TIMEOUT, environment
from usock_lint import toml
from usock_lint.server.actions import FIX_ALL

PAGE = (ROOT / "docs/editors.md").read_text(encoding="utf-8")

SCRIPT = """
vim.cmd("edit net.py")
local shown = function() return #vim.diagnostic.get(0) end
assert(vim.wait(60000, function() return shown() > 0 end, 50), "no finding")
local found = vim.diagnostic.get(0)[1]
print(found.code, found.lnum, found.col, found.source)
local here = { textDocument = vim.lsp.util.make_text_document_params(0), position = { line = 5, character = 16 } }
for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/hover", here, 60000)) do
  print(answer.result.contents.value)
end
vim.cmd("write")
assert(vim.wait(60000, function() return shown() == 0 end, 50), "still a finding")
vim.cmd("quitall")
"""


def block(language: str, containing: str) -> str:
    """The block of the page in a language that has these words."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (one,) = [text for text in found if containing in text]
    return one


def serves(command: list[str], folder: Path) -> None:
    """Fail unless a command as an editor runs it is a server that finds something."""
    (folder / "bin").mkdir()
    program = folder / "bin" / command[0]
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m usock_lint "$@"\n')
    program.chmod(0o755)

    async def scenario() -> None:
        async with editing(folder, command=[str(program), *command[1:]]) as editor:
            editor.open("net.py", TIMEOUT)
            assert [one.code for one in await editor.findings("net.py")] == ["USK102"]

    asyncio.run(scenario())


def test_the_settings_for_vs_code_start_a_server_for_python_files(tmp_path: Path) -> None:
    settings = json.loads(block("json", "glspc"))
    assert settings.pop("editor.codeActionsOnSave") == {FIX_ALL: "explicit"}
    assert settings["glspc.server.languageId"] == ["python"]
    serves([settings["glspc.server.command"], *settings["glspc.server.commandArguments"]], tmp_path)


def test_the_languages_of_helix_start_a_server_for_python_files(tmp_path: Path) -> None:
    settings = toml.loads(block("toml", "language-server"))
    (language,) = settings["language"]
    assert language["name"] == "python"
    (name,) = language["language-servers"]
    server = settings["language-server"][name]
    serves([server["command"], *server["args"]], tmp_path)


def test_the_setups_for_old_and_new_neovim_start_the_same_server() -> None:
    commands = re.findall(r"cmd = \{(.*)\}", "\n".join(re.findall(r"^```lua\n(.*?)^```", PAGE, re.M | re.S)))
    assert [re.findall(r'"(.*?)"', command) for command in commands] == [["usock-lint", "server"]] * 2


@pytest.mark.slow
def test_neovim_shows_findings_and_fixes_them_on_saving(tmp_path: Path) -> None:
    neovim = _neovim()
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "init.lua").write_text(_setup(neovim, tmp_path) + block("lua", "BufWritePre"))
    (tmp_path / "try.lua").write_text(SCRIPT)
    program = tmp_path / "usock-lint"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m usock_lint "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        [neovim, "--headless", "--clean", "-n", "-u", "init.lua", "-c", "luafile try.lua", "-c", "cquit"],
        cwd=tmp_path,
        env={**environment(), "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        stdin=subprocess.DEVNULL,
    )
    printed = done.stdout + done.stderr
    assert re.search(r"USK102[ \t]+5[ \t]+7[ \t]+usock-lint", printed), printed
    assert "`timeout` (socket module)" in printed
    assert (tmp_path / "net.py").read_text() == FIXED_TIMEOUT


def _setup(neovim: str, folder: Path) -> str:
    """The setup that the page has for this version."""
    version = subprocess.run([neovim, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    found = re.search(r"v(\d+)\.(\d+)", version)
    assert found
    if (int(found[1]), int(found[2])) < (0, 11):
        return block("lua", "start_client")
    (folder / "lsp").mkdir()
    (folder / "lsp/usock_lint.lua").write_text(block("lua", "root_markers"))
    return 'vim.opt.runtimepath:prepend(vim.fn.getcwd())\nvim.cmd("filetype on")\n' + block("lua", "vim.lsp.enable")


def _neovim() -> str:
    """The program, installed if need be; the test is skipped where it cannot be had."""
    found = debian.program("neovim", "nvim")
    if found is None:
        pytest.skip("there is no Neovim here: `apt-get install neovim` as root would get one")
    return found

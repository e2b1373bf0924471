"""Which settings the language server keeps to, and when it reads them."""

from __future__ import annotations

from pathlib import Path

from tests.support.editor import Edit, Editor
from tests.support.running import NAME, TIMEOUT, lint


def test_settings_are_read_again_when_the_editor_tells_that_they_changed(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["esp32"]\n')

    async def scenario(editor: Editor) -> None:
        (watcher,) = await editor.registered()
        assert "**/pyproject.toml" in str(watcher.register_options)
        assert "**/*.py" in str(watcher.register_options)
        editor.open("net.py", NAME.decode())
        assert await editor.findings("net.py") == []
        (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["rp2"]\n')
        editor.file_changed("pyproject.toml")
        assert [one.code for one in await editor.findings("net.py")] == ["USK401"]

    edit(scenario)


def test_settings_are_read_again_when_something_is_saved(edit: Edit, tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", NAME.decode())
        assert await editor.findings("net.py")
        (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nignore = ["USK401"]\n')
        editor.save("pyproject.toml")
        assert await editor.findings("net.py") == []

    edit(scenario)


def test_settings_that_cannot_be_used_are_told_once_and_those_before_stay(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["esp32"]\n')

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", NAME.decode())
        assert await editor.findings("net.py") == []
        (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntarget = ["rp2"]\n')
        editor.save("net.py")
        assert await editor.findings("net.py") == []
        assert "tool.usock-lint.target: unknown key (did you mean `targets`?)" in await editor.message()
        editor.save("net.py")
        assert await editor.findings("net.py") == []
        assert editor.messages == []

    edit(scenario)


def test_what_the_settings_leave_out_is_not_looked_at(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nexclude = ["server"]\n')

    async def scenario(editor: Editor) -> None:
        editor.open("server/net.py", TIMEOUT)
        assert await editor.findings("server/net.py") == []
        editor.open("net.py", TIMEOUT)
        assert await editor.findings("net.py")

    edit(scenario)


def test_what_the_baseline_knows_is_not_shown(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(TIMEOUT)
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\nbaseline = "known.json"\n')
    assert lint("net.py", "--write-baseline", cwd=tmp_path).returncode == 0

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", TIMEOUT + "socket.error\n")
        assert [one.code for one in await editor.findings("net.py")] == ["USK103"]

    edit(scenario)


def test_each_folder_has_its_own_settings(edit: Edit, tmp_path: Path) -> None:
    for name, target in (("one", "esp32"), ("two", "rp2")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text(f'[tool.usock-lint]\ntargets = ["{target}"]\n')

    async def scenario(editor: Editor) -> None:
        editor.open("one/net.py", NAME.decode())
        editor.open("two/net.py", NAME.decode())
        assert [one.code for one in await editor.findings("two/net.py")] == ["USK401"]
        editor.change("one/net.py", NAME.decode() + "\n")
        assert await editor.findings("one/net.py") == []

    edit(scenario)


def test_an_open_file_is_linted_whatever_it_imports_and_what_is_left_out_is_logged(edit: Edit) -> None:
    async def scenario(editor: Editor) -> None:
        editor.open("net.py", "import threading\n" + TIMEOUT)
        assert [one.code for one in await editor.findings("net.py")] == ["USK110", "USK102"]
        editor.change("net.py", "import socketpool\n" + TIMEOUT)
        assert await editor.findings("net.py") == []
        (logged,) = editor.messages
        assert logged.endswith("net.py: left out: it is CircuitPython's (imports socketpool (line 1))")
        editor.change("net.py", "# usock-lint: assume=auto\nimport threading\n" + TIMEOUT)
        assert await editor.findings("net.py") == []
        editor.change("net.py", "# usock-lint: skip-file\n" + TIMEOUT)
        assert await editor.findings("net.py") == []
        editor.change("net.py", "import threading  # usock-lint: assume=device\n" + TIMEOUT)
        await editor.findings("net.py")
        editor.open("notes.txt", TIMEOUT, "plaintext")
        editor.change("net.py", TIMEOUT)
        assert len(await editor.findings("net.py")) == 1
        assert all(one.uri != editor.uri("notes.txt") for one in editor.published)

    edit(scenario)


def test_what_is_set_in_the_editor_overrides_files(edit: Edit, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["esp32"]\n')

    async def scenario(editor: Editor) -> None:
        editor.open("net.py", NAME.decode() + "s.recv(5)\n")
        assert await editor.findings("net.py") == []
        found = await editor.targets("net.py")
        assert (found.targets, Path(found.origin).name) == (["esp32"], "pyproject.toml")
        editor.configure({"usock-lint": {"targets": ["rp2"], "extendSelect": ["no-timeout"], "lang": "zh"}})
        address, wait = await editor.findings("net.py")
        assert (address.code, wait.code) == ("USK401", "USK802")
        assert "不" in address.message
        found = await editor.targets("net.py")
        assert (found.targets, found.origin) == (["rp2"], "the editor")
        assert "esp8266" in found.ports
        editor.configure({"usock-lint": {"targets": [], "extendSelect": [], "lang": "en"}})
        assert await editor.findings("net.py") == []

    edit(scenario)


def test_what_is_wrong_in_the_editors_settings_is_told_once_and_those_before_stay(edit: Edit, tmp_path: Path) -> None:
    async def scenario(editor: Editor) -> None:
        editor.configure({"usock-lint": {"targets": ["esp32"]}})
        editor.open("net.py", NAME.decode())
        assert await editor.findings("net.py") == []
        for wrong, said in (
            ({"targets": ["esp23"]}, "targets: unknown port 'esp23' (did you mean"),
            ({"targets": "esp32"}, "targets: expected an array of strings"),
            ({"extendSelect": ["no-timeouts"]}, "extendSelect: no rule has the code or name"),
            ({"lang": "de"}, "lang: expected one of en, zh"),
        ):
            editor.configure({"usock-lint": wrong})
            assert await editor.findings("net.py") == []
            assert f"usock-lint: settings of the editor: {said}" in await editor.message()
        editor.configure({"other": 1})
        assert await editor.findings("net.py") == []
        assert editor.messages == []
        editor.configure({"usock-lint": {}})

    edit(scenario)

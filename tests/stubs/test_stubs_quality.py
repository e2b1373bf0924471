"""The stubs themselves: clean by the rules of stubs, and complete, for every kind of target."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Final

import pytest

from tools.rulepages.interpreters import ROOT
from usock_lint import ports
from usock_lint.stubgen.folder import stubs

TARGETS: Final = ("portable", "all", "esp32==1.24", "unix", "rp2==1.20", "zephyr", "cc3200")


def write(folder: Path, target: str) -> None:
    folder.mkdir(parents=True)
    for name, text in stubs(ports.parse_targets(target)).items():
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_flake8_pyi_finds_nothing(tmp_path: Path) -> None:
    """Y021 forbids docstrings, which editors show and are half of what a stub is for."""
    for target in TARGETS:
        write(tmp_path / target, target)
    command = [sys.executable, "-m", "flake8", "--isolated", "--select=Y", "--extend-ignore=Y021", tmp_path]
    done = subprocess.run([*command, ROOT / "stubs/usocket.pyi"], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_pyright_verifies_that_every_type_is_known(target: str, tmp_path: Path) -> None:
    """It refuses stubs without a package and names of the standard library, so they become a package of their own."""
    venv.create(tmp_path / "venv", symlinks=sys.platform != "win32")
    paths = sysconfig.get_paths("venv", dict.fromkeys(("base", "platbase"), str(tmp_path / "venv")))
    package = Path(paths["purelib"]) / "handed_out"
    write(package, target)
    for path in package.glob("*.pyi"):
        text = re.sub(
            r"^from (socket|ssl|errno|select) import", r"from .\1 import", path.read_text("utf-8"), flags=re.M
        )
        path.write_text(text, encoding="utf-8")
    (package / "__init__.pyi").touch()
    (package / "py.typed").touch()
    path = os.pathsep.join([paths["scripts"], os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--verifytypes", "handed_out", "--ignoreexternal"],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "error" not in done.stdout
    assert re.search(r"With known type: [1-9]\d*\n", done.stdout)
    assert "Type completeness score: 100%" in done.stdout


def test_any_stands_only_where_nothing_can_be_said() -> None:
    """What select waits for has nothing in common that types can tell, and comes out as it was put in.

    What asyncio's callbacks return, and what a task gives that is not known, may be any object.
    """
    using = [name for name, text in stubs(ports.PORTABLE).items() if re.search(r"\bAny\b|\bobject\b|Incomplete", text)]
    assert using == ["asyncio.pyi", "select.pyi"]
    assert not re.search(r"\bAny\b", stubs(ports.PORTABLE)["asyncio.pyi"])
    assert len(re.findall(r"^[^#\n]*\bAny\b", stubs(ports.PORTABLE)["select.pyi"], re.M)) == 2  # the import, one alias

"""Run the C preprocessor over MicroPython's sources with the configuration of one board.

Headers of SDKs that are not at hand count as empty.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from functools import partial
from pathlib import Path

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">].*$', re.MULTILINE)
_SIZES = [f"-D__SIZEOF_{kind}__={size}" for kind, size in (("SHORT", 2), ("INT", 4), ("LONG", 4), ("LONG_LONG", 8))]
_MISSING = re.compile(r"fatal error: ([^:]+): No such file")


def macros(tree: Path, port: str, folders: Iterable[Path], flags: list[str], stubs: Path) -> str:
    """The macros after py/mpconfig.h, as #define lines."""
    host = [] if port == "unix" else ["-nostdinc", "-undef", "-D__GNUC__=12", "-D__arm__=1", *_SIZES]
    places = [f"-I{folder}" for folder in (*folders, tree / "ports" / port, tree)]
    command = ["gcc", "-E", "-dM", "-w", *host, *flags, *places, "-idirafter", str(stubs), "-x", "c", "-"]
    while True:
        done = subprocess.run(command, input='#include "py/mpconfig.h"\n', capture_output=True, text=True, check=False)
        missing = _MISSING.search(done.stderr)
        if not missing:
            if done.returncode and "#error" not in done.stderr:
                raise RuntimeError(done.stderr)
            return done.stdout
        made = stubs / missing[1]
        made.parent.mkdir(parents=True, exist_ok=True)
        made.touch()


def without_includes(tree: Path, into: Path, patterns: Iterable[str]) -> list[Path]:
    """Copy C files to `into`, without the headers that they include; return those that mention names."""
    found: list[Path] = []
    for path in sorted({path for pattern in patterns for path in tree.glob(pattern)}):
        text = path.read_text(encoding="utf-8", errors="replace")
        relative = path.relative_to(tree)
        copy = into / relative
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(_INCLUDE.sub(partial(_kept, tree, path), text), encoding="utf-8")
        if path.suffix == ".c" and ("MP_QSTR_" in text or "MP_REGISTER" in text):
            found.append(relative)
    return found


def preprocessed(tree: Path, defines: str, files: Iterable[Path], port: str) -> str:
    """All of these files as the compiler sees them; `# 1 "path"` lines say where each begins."""
    text = "\n".join([defines, *(f'#include "{file}"\n' for file in files)])
    host = ["-nostdinc", "-undef", "-DNAN=1", *_SIZES]
    command = ["gcc", "-E", "-w", *host, f"-I{tree}", f"-I{tree / 'ports' / port}", "-x", "c", "-"]
    while True:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, errors="replace")
        missing = _MISSING.search(done.stderr)
        if not missing:
            return done.stdout
        made = tree / missing[1]
        made.parent.mkdir(parents=True, exist_ok=True)
        made.touch()


def _kept(tree: Path, path: Path, include: re.Match[str]) -> str:
    """The include itself if it is of C code or of a port's or a module's own header, else nothing."""
    name = include[2]
    if name.endswith((".c", ".inc")):
        return include[0]
    port = path.relative_to(tree).parts[:2]
    own = name.startswith("extmod/") and (tree / name).is_file()
    local = port[0] == "ports" and tree.joinpath(*port, name).is_file() and not name.startswith("mpconfig")
    return include[0] if own or local else ""

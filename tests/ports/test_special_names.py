"""The special names of builtin types are those that real interpreters have."""

from __future__ import annotations

import builtins
from pathlib import Path

from tools.rulepages.interpreters import Interpreter
from usock_lint.ports import special_names

ASK = """\
for name, names in ASKED:
    print(name, " ".join(one for one in names if hasattr(eval(name), one)))
"""


def test_the_special_names_of_types_are_those_of_the_interpreter(micropython: Interpreter, tmp_path: Path) -> None:
    asked = [
        (kind, [one for one in dir(getattr(builtins, kind)) if special_names.has(kind, one) is not None])
        for kind in sorted(special_names.TYPES | set(filter(special_names.is_exception, dir(builtins))))
    ]
    assert {"Exception", "OSError", "ValueError"} <= {kind for kind, _ in asked}
    special = [(kind, [one for one in names if special_names.is_special(one)]) for kind, names in asked]
    script = tmp_path / "ask.py"
    script.write_text(f"ASKED = {special!r}\n{ASK}")
    printed = [line.split() for line in micropython.run(script, {}).output.splitlines()]
    assert {kind: set(names) for kind, *names in printed} == {
        kind: {one for one in names if special_names.has(kind, one)} for kind, names in special
    }


def test_classes_of_a_program_lack_the_special_names_of_object(micropython: Interpreter, tmp_path: Path) -> None:
    names = [one for one in dir(object) if special_names.lacks_object(one)]
    assert {"__init__", "__new__", "__str__"} <= set(names)
    script = tmp_path / "ask.py"
    script.write_text(f"class Plain:\n    pass\nASKED = [('Plain', {names!r})]\n{ASK}")
    assert micropython.run(script, {}).output == "Plain \n"

"""The classes of nodes that are made quickly do what libcst's own do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.support.running import environment

_AS_IT_IS = "import libcst"
_QUICKLY = "from usock_lint.syntax import quick_nodes; quick_nodes.load(); import libcst"

_DESCRIBED = """
import copy, dataclasses, pickle

for kind in vars(libcst).values():
    if not isinstance(kind, type) or not issubclass(kind, libcst.CSTNode):
        continue
    fields = [(one.name, str(one.default)[:25], one.default is one.default_factory) for one in dataclasses.fields(kind)]
    try:
        new = kind()
    except Exception as error:
        new = type(error)
    print(kind, kind.__match_args__, kind.__dataclass_params__.frozen, fields, new)

module = libcst.parse_module(TEXT)
print(module)
print(copy.deepcopy(module).code == pickle.loads(pickle.dumps(module)).code == module.code)
first = module.body[0]
for kind in (libcst.CSTNode, libcst.BaseStatement, libcst.SimpleStatementLine, libcst.If, libcst.Name):
    print(isinstance(first, kind), issubclass(type(first), kind), isinstance(1, kind), sorted(kind.__abstractmethods__))
print(first == first, first != first.deep_clone(), len({first, first.deep_clone()}), hash(first) == hash(first))
print(first.with_changes(body=[libcst.Pass()]), libcst.Name("a", [libcst.LeftParen()], [libcst.RightParen()]))
for wrong in ((), ("",), ("a", [libcst.LeftParen()]), ("a", [], [], 1)):
    try:
        libcst.Name(*wrong)
    except Exception as error:
        print(type(error))

@dataclasses.dataclass(frozen=True)
class Marked(libcst.Name):
    mark: str = ""

print(Marked("a", mark="b"), Marked("c"))
"""


def _printed(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_they_are_made_filled_compared_and_refused_as_libcsts_own() -> None:
    text = f"\nTEXT = {Path(__file__).read_text(encoding='utf-8')!r}\n"
    assert _printed(_QUICKLY + text + _DESCRIBED) == _printed(_AS_IT_IS + text + _DESCRIBED)


def test_to_import_them_compiles_a_quarter_of_what_libcsts_own_take() -> None:
    counting = """
import dataclasses, sys
length = 0
def count(name, given):
    global length
    if name == "compile" and given[0]:
        length += len(given[0])
sys.addaudithook(count)
{}
print(length)
"""
    assert 0 < 4 * int(_printed(counting.format(_QUICKLY))) < int(_printed(counting.format(_AS_IT_IS)))


def test_a_libcst_that_is_there_stays_as_it_is_and_so_do_the_dataclasses_of_others() -> None:
    known = "import dataclasses, libcst\nknown = dataclasses.dataclass, libcst.Name, libcst.Name.__init__\n"
    print_same = f"{_QUICKLY}\nprint(known == (dataclasses.dataclass, libcst.Name, libcst.Name.__init__))"
    assert _printed(known + print_same) == "True\n"
    known = "import dataclasses; known = dataclasses.dataclass; "
    assert _printed(f"{known}{_QUICKLY}; print(known is dataclasses.dataclass)") == "True\n"


def test_the_package_for_metadata_runs_when_somebody_asks_for_a_name_of_it() -> None:
    asking = """
import sys
from libcst.metadata import MetadataWrapper
print(MetadataWrapper is libcst.MetadataWrapper, MetadataWrapper is libcst.metadata.wrapper.MetadataWrapper)
print(libcst.metadata is sys.modules["libcst.metadata"], libcst.metadata.PositionProvider, libcst.metadata.__all__)
print(hasattr(libcst.metadata, "Nothing"))
"""
    at_first = "\nimport sys; print('libcst.metadata.scope_provider' in sys.modules)"
    assert _printed(_QUICKLY + at_first) == "False\n"
    assert _printed(_QUICKLY + asking) == _printed(_AS_IT_IS + asking)


def test_what_the_parser_makes_is_not_validated_unless_the_parser_makes_what_is_wrong() -> None:
    program = """
from usock_lint.syntax.parsing import ParseError, parse
checked = []
check = libcst.CSTNode.__post_init__
libcst.CSTNode.__post_init__ = lambda node: checked.append(node) or check(node)
parse("import socket\\n\\nprint(socket, 'a' 'b')\\n")
print(*map(type, checked))
print(libcst.Name("a").value, len(checked))
try:
    parse("'a' b'b'")
except ParseError as error:
    print(error)
"""
    assert _printed(_QUICKLY + program) == "\na 1\ncannot mix bytes and nonbytes literals\n"

"""The shim answers every probe as real interpreters did, release by release."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest
from interpreters import ROOT, Interpreter

from usock_lint.ports import NEWEST, release_name
from usock_lint.shim import ShimError, load
from usock_lint.shim._modules import BUILDERS
from usock_lint.shim.run import run_source

EVIDENCE = Path(__file__).parent / "evidence" / "observed.json"
ALWAYS = ("1.25", "1.26.1", release_name(NEWEST))

# What CPython cannot be brought to without translating the script, and why.
DEVIATIONS = {
    "decode.errors_kw": "bytes.decode is CPython's own and takes keywords",
}
NEEDS_ROOT = {"socket.raw"}

SCRIPTS = EVIDENCE.parent / "scripts"
RELEASE = "import sys; print('.'.join(str(part) for part in sys.implementation.version[:3]))"

OTHER_MODULES = [name for name in BUILDERS if name not in ("builtins", "socket")]

# Names that dir() does not show on the real interpreter although they can be used.
UNSEEN = {"micropython": {"native", "viper"}}


@dataclass(frozen=True)
class Probe:
    """One question and the answers of the releases."""

    name: str
    setup: str
    expr: str
    unix: list[list[str]]

    def releases(self) -> list[str]:
        """Those to ask: the usual ones and each at which the answer changed."""
        return list(dict.fromkeys([*(release for release, _ in self.unix), *ALWAYS]))

    def answer(self, release: str) -> str:
        """What the real port of this release said."""
        return [answer for since, answer in self.unix if number(since) <= number(release)][-1]

    def program(self) -> str:
        """A script that prints the answer."""
        return "\n".join(
            [
                "import socket",
                "def main():",
                f"    kind = 'SETUP'\n    try:\n{textwrap.indent(self.setup, ' ' * 8)}",
                f"        kind = 'EXC'\n        print('OK', repr({self.expr}))",
                "    except Exception as e:\n        print(kind, type(e).__name__, e.args)",
                "main()",
            ]
        )


def number(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.removesuffix("-preview").split(".")))


PROBES = [Probe(**row) for row in json.loads(EVIDENCE.read_text(encoding="utf-8"))]
ASKED = [
    pytest.param(probe, release, id=f"{probe.name}@{release}")
    for probe in PROBES
    for release in probe.releases()
]


def comparable(answer: str) -> str:
    """An answer without the words of a message and the numbers of descriptors."""
    kind, _, rest = answer.strip().partition(" ")
    if kind == "OK":
        return re.sub(r"<_socket \d+>", "<_socket>", answer.strip())
    name, _, arguments = rest.partition(" ")
    return f"{kind} {name} {arguments}" if name == "OSError" else f"{kind} {name}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def output(code: str, version: str | None = None, **names: object) -> str:
    """What a script prints on the shim."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        run_source(code, version=version, globals=names)
    return printed.getvalue()


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=10, env=environment)


@pytest.mark.parametrize(("probe", "release"), ASKED)
def test_the_shim_answers_as_the_real_port(probe: Probe, release: str) -> None:
    if probe.name in NEEDS_ROOT and os.geteuid():
        pytest.skip("a raw socket needs root")
    answer = comparable(output(probe.program(), release, PORT=free_port()))
    assert (answer == comparable(probe.answer(release))) == (probe.name not in DEVIATIONS)


def test_the_deviations_are_few_and_real() -> None:
    assert len(DEVIATIONS) <= len(PROBES) * 0.02
    assert set(DEVIATIONS) <= {probe.name for probe in PROBES}


def test_the_evidence_is_what_this_interpreter_answers(micropython: Interpreter) -> None:
    def ask(program: str) -> str:
        return run([micropython.path, "-c", program]).stdout

    release = ask(RELEASE).strip()
    wrong = {
        probe.name: answer
        for probe in PROBES
        if not (probe.name in NEEDS_ROOT and os.geteuid())
        and comparable(answer := ask(f"PORT = {free_port()}\n{probe.program()}"))
        != comparable(probe.answer(release))
    }
    assert not wrong


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_script_prints_the_same_as_on_real_micropython(
    script: Path, micropython: Interpreter, tmp_path: Path
) -> None:
    program = tmp_path / "program.py"
    release = run([micropython.path, "-c", RELEASE]).stdout.strip()
    shim = [sys.executable, "-W", "error", "-m", "usock_lint.shim.run", "--version", release]
    printed: list[str] = []
    for command in (shim, [micropython.path]):
        program.write_text(f"PORT = {free_port()}\n{script.read_text(encoding='utf-8')}", encoding="utf-8")
        done = run([*command, str(program)])
        printed.append(f"{done.stdout}{done.stderr}".replace(str(tmp_path), ""))
    assert printed[0] == printed[1]


def test_every_load_makes_a_module_of_its_own_and_leaves_the_host_alone() -> None:
    before = dict(sys.modules)
    one, other = load("unix", "1.20"), load("unix", "1.28")
    assert (one.__name__, other.__name__) == ("usocket", "socket")
    assert sys.modules["socket"] is before["socket"] is socket
    assert hasattr(socket, "timeout")


@pytest.mark.parametrize(
    ("port", "version", "named"),
    [("esp32", "1.28", "unix"), ("amiga", None, "unix"), ("unix", "3.1", "1.28"), ("unix", "new", "1.19.1")],
)
def test_an_unknown_port_or_release_is_an_error_that_names_the_valid_ones(
    port: str, version: str | None, named: str
) -> None:
    with pytest.raises(ShimError, match=re.escape(named)):
        load(port, version)


def test_a_name_cannot_be_added_to_the_module_the_class_or_a_socket() -> None:
    module = load()
    one = module.socket()
    for target in (module, module.socket, one):
        with pytest.raises(AttributeError):
            setattr(target, "timeout", OSError)  # noqa: B010 (that is the test)


def test_host_code_catches_what_the_shim_raises() -> None:
    module = load()
    with pytest.raises(OSError, match=re.escape("[Errno 111] ECONNREFUSED")) as caught:
        module.socket().connect(module.getaddrinfo("127.0.0.1", 1)[0][-1])
    assert type(caught.value).__name__ == "OSError"


def test_sockets_that_were_left_open_are_closed_with_the_module() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        run_source(
            "import socket\ns = socket.socket()\ns.connect(socket.getaddrinfo('127.0.0.1', PORT)[0][-1])",
            globals={"PORT": server.getsockname()[1]},
        )
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""


@pytest.mark.parametrize("name", OTHER_MODULES)
def test_the_other_modules_have_no_name_that_the_real_ones_lack(name: str, micropython: Interpreter) -> None:
    ask = f"import {name}; print(' '.join(dir({name})))"
    extra = set(output(ask).split()) - set(run([micropython.path, "-c", ask]).stdout.split())
    assert extra <= UNSEEN.get(name, set())

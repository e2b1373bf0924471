"""Which sockets the model takes for lost: left open on some path, where nobody can close them any more."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from usock_lint import analysis, ports
from usock_lint.analysis.domain.operations import FALSE
from usock_lint.analysis.uses import Leaked, Overwritten


def lost(code: str) -> list[Leaked]:
    """The sockets that are left open on a path."""
    module = cst.parse_module("import socket\n" + textwrap.dedent(code).lstrip("\n"))
    found = [use for use in analysis.uses(module, ports.cells(ports.PORTABLE)) if isinstance(use, Leaked)]
    return [use for use in found if use.closed == FALSE]


LOST = {
    "by a loop that may return before the program ends": """
        import sys
        def f(server):
            while True:
                try:
                    client, _ = server.accept()
                    client.send(client.recv(10))
                    client.close()
                except OSError:
                    break
            if server:
                return
            sys.exit()
        server = socket.socket()
        f(server)
        """,
    "behind a close that is not called": """
        def f():
            s = socket.socket()
            s.close
        """,
    "at the end": """
        def f():
            s = socket.socket()
        """,
    "at a return": """
        def f(address):
            s = socket.socket()
            if address:
                return 1
            s.close()
        """,
    "at a raise in a handler": """
        def f(address):
            s = socket.socket()
            try:
                s.connect(address)
            except OSError:
                raise
            return s
        """,
    "to the next round": """
        server = socket.socket()
        while True:
            s, _ = server.accept()
        """,
    "by a branch that does not close it": """
        def f(address):
            s = socket.socket()
            if s.recv(1) == b"a":
                s.close()
        """,
    "by a turn that is cut short": """
        def f(server):
            while True:
                s = server.accept()[0]
                if s.recv(1) == b"a":
                    continue
                s.close()
        server = socket.socket()
        f(server)
        """,
    "by a break": """
        def f(server):
            while True:
                s = server.accept()[0]
                if s.recv(1) == b"a":
                    break
                s.close()
        f(socket.socket())
        """,
    "by a handler that goes on": """
        server = socket.socket()
        while True:
            try:
                s, _ = server.accept()
                s.send(b"a")
                s.close()
                print("closed")
            except OSError:
                pass
        """,
    "by a handler after the socket was made": """
        def f(address):
            try:
                s = socket.socket()
                s.connect(address)
                s.close()
            except OSError as error:
                print(error)
        """,
}

KEPT = {
    "kept as the key of a dict that has it from the beginning": """
        def f(name):
            s = socket.socket()
            names = {s: name}
            s.connect(("10.0.0.1", 80))
            return names
        """,
    "kept as the key of a dict": """
        def f(names):
            s = socket.socket()
            names[s] = 1
            s.connect(("10.0.0.1", 80))
        """,
    "kept in a key of a dict": """
        def f(name):
            s = socket.socket()
            names = {}
            names[name, s] = 1
            s.connect(("10.0.0.1", 80))
            return names
        """,
    "closed by a finally that a continue passes": """
        def f(addresses):
            for address in addresses:
                s = None
                try:
                    s = socket.socket()
                    s.connect(address)
                except OSError:
                    continue
                finally:
                    if s is not None:
                        s.close()
        """,
    "closed by a finally that a break passes": """
        def f(addresses):
            for address in addresses:
                s = socket.socket()
                try:
                    s.connect(address)
                    break
                finally:
                    s.close()
        """,
    "open at the end of the program": """
        import sys
        def f(server):
            while True:
                try:
                    client, _ = server.accept()
                    client.send(client.recv(10))
                    client.close()
                except OSError:
                    break
            print("no more")
            sys.exit()
        server = socket.socket()
        f(server)
        """,
    "made unless the name is None": """
        def f():
            s = None
            try:
                s = socket.socket()
            except OSError:
                pass
            if s is None:
                return
            s.close()
        """,
    "closed unless the name is None": """
        def f(x):
            s = None
            if x:
                s = socket.socket()
            if s is not None:
                s.close()
        """,
    "returned under a condition": """
        def f(address):
            s = socket.socket()
            return s if address else None
        """,
    "yielded": """
        def f():
            s = socket.socket()
            yield s
        """,
    "added to a list": """
        def f(known):
            s = socket.socket()
            known += [s]
        """,
    "in a list that is built": """
        def f(names):
            s = socket.socket()
            return [(name, s) for name in names]
        """,
    "in a dict": """
        def f():
            s = socket.socket()
            return {"sock": s}
        """,
    "known by a method": """
        def f(later):
            s = socket.socket()
            later(s.close)
        """,
    "managed": """
        def f(address):
            with socket.socket() as s:
                s.connect(address)
                return 1
        """,
    "closed in a finally": """
        def f(address):
            s = socket.socket()
            try:
                return s.recv(1)
            finally:
                s.close()
        """,
    "never made": """
        def f():
            try:
                s = socket.socket()
            except OSError:
                return None
            return s
        """,
    "none on this path": """
        def f(wanted):
            s = None
            if wanted:
                s = socket.socket()
            if not s:
                return
            s.close()
        """,
    "closed before the next is made": """
        def f(address):
            s = None
            while True:
                if s:
                    s.close()
                s = socket.socket()
                try:
                    s.connect(address)
                    s.close()
                except OSError:
                    continue
        """,
    "closed after the branches have met": """
        def f(address):
            s = socket.socket()
            try:
                s.connect(address)
            except OSError as error:
                print(error)
            s.close()
        """,
    "closed behind the loop": """
        def f(server):
            while True:
                s = server.accept()[0]
                for word in s.recv(9).split():
                    if word:
                        break
                s.close()
        f(socket.socket())
        """,
    "closed in the clause for all the others": """
        def f(server):
            while True:
                try:
                    s = server.accept()[0]
                    s.send(b"a")
                except OSError:
                    s.close()
                else:
                    s.close()
        f(socket.socket())
        """,
    "not accepted where the handler runs": """
        def f(server):
            while True:
                try:
                    s = server.accept()[0]
                    s.settimeout(3)
                except OSError:
                    continue
                s.close()
        f(socket.socket())
        """,
    "made and closed under the same condition": """
        def f(wanted):
            if wanted:
                s = socket.socket()
            if wanted:
                s.close()
        """,
    "read by a function": """
        def f():
            s = socket.socket()
            def g():
                s.close()
            if input():
                s.close()
            else:
                g()
        """,
    "dropped as the program is stopped": """
        def f(server):
            while True:
                try:
                    s = server.accept()[0]
                    s.send(b"a")
                    s.close()
                except KeyboardInterrupt:
                    break
        f(socket.socket())
        """,
    "caught at once": """
        def f(address):
            s = socket.socket()
            try:
                raise OSError
            except OSError:
                s.close()
        """,
}


@pytest.mark.parametrize("code", LOST.values(), ids=LOST)
def test_a_socket_is_lost(code: str) -> None:
    assert lost(code)


@pytest.mark.parametrize("code", KEPT.values(), ids=KEPT)
def test_a_socket_is_not_lost_that_is(code: str) -> None:
    assert not lost(code)


def test_overwritten_sockets_are_found_if_nothing_else_is_wanted() -> None:
    code = """\
import socket
class Client:
    def connect(self):
        self.sock = socket.socket()
client = Client()
while True:
    client.connect()
    client.sock.send(b"x")
"""
    found = analysis.uses(cst.parse_module(code), ports.cells(ports.PORTABLE), {Overwritten})
    assert any(isinstance(use, Overwritten) for use in found)

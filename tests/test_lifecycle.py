"""What the model knows of a socket's state: it is definite on every path, or it is not known."""

from __future__ import annotations

import textwrap

import libcst as cst
import pytest

from usock_lint import model, ports
from usock_lint.model.atoms import File, Socket, Value
from usock_lint.model.lifecycle import Lifecycle
from usock_lint.model.uses import Call, Left
from usock_lint.model.values import FALSE, NONE, TRUE, const


def states(code: str) -> list[Lifecycle]:
    """The states at the calls of methods in the lines that end with `#`."""
    text = "import socket\n" + textwrap.dedent(code).lstrip("\n")
    module = cst.parse_module(text)
    marked = [line.strip().removesuffix("#").strip() for line in text.splitlines() if line.endswith("#")]
    return [
        use.state
        for use in model.uses(module, ports.cells(ports.PORTABLE))
        if isinstance(use, Call)
        and isinstance(use.owner, Socket | File)
        and module.code_for_node(use.site.path[-1]) in marked
    ]


def known(value: Value) -> bool:
    """Whether a value is one constant."""
    return any(value == const(one) for one in (True, False, None, "socket", "file", 0, 5))


DEFINITE = {
    "a new socket is neither bound nor listening nor closed, and blocks": (
        """
        s = socket.socket()
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, NONE, FALSE),
    ),
    "a server is bound and listening": (
        """
        s = socket.socket()
        s.bind(("", 80))
        s.listen(1)
        s.accept()  #
        """,
        Lifecycle(TRUE, TRUE, FALSE, NONE, FALSE),
    ),
    "an option is set under its name": (
        """
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("", 80))  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, NONE, TRUE),
    ),
    "a closed socket is closed under every name": (
        """
        s = socket.socket()
        t = s
        t.close()
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, const("socket"), NONE, FALSE),
    ),
    "the file of a socket closes it": (
        """
        s = socket.socket()
        s.makefile("rb").close()
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, const("file"), NONE, FALSE),
    ),
    "a file has its socket's state": (
        """
        s = socket.socket()
        f = s.makefile("rb")
        s.setblocking(False)
        f.read(1)  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, const(0), FALSE),
    ),
    "a with closes the file": (
        """
        s = socket.socket()
        with s.makefile("rb") as f:
            f.read(1)
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, const("file"), NONE, FALSE),
    ),
    "a finally closes it on every path": (
        """
        s = socket.socket()
        try:
            s.connect(address)
        finally:
            s.close()
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, const("socket"), NONE, FALSE),
    ),
    "both branches do the same": (
        """
        s = socket.socket()
        if input():
            s.settimeout(5)
        else:
            s.settimeout(5)
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, const(5), FALSE),
    ),
    "a path that leaves does not count": (
        """
        def send(word):
            s = socket.socket()
            if not word:
                s.close()
                return
            s.send(word)  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, NONE, FALSE),
    ),
    "a builtin does nothing to a socket": (
        """
        s = socket.socket()
        print(s, len("x"))
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, NONE, FALSE),
    ),
    "a loop that makes another one each time": (
        """
        while True:
            s = socket.socket()
            s.send(b"x")  #
            s.close()
        """,
        Lifecycle(FALSE, FALSE, FALSE, NONE, FALSE),
    ),
    "a local socket stays as it is while other code runs": (
        """
        import link
        def send():
            s = socket.socket()
            s.setblocking(0)
            link.wait()
            s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, const(0), FALSE),
    ),
}


@pytest.mark.parametrize(("code", "state"), DEFINITE.values(), ids=DEFINITE)
def test_a_state_is_definite(code: str, state: Lifecycle) -> None:
    assert states(code) == [state]


def test_an_accepted_socket_is_not_listening_and_may_have_any_timeout() -> None:
    code = """
        server = socket.socket()
        server.listen(1)
        s, _ = server.accept()
        s.send(b"x")  #
        """
    (state,) = states(code)
    assert (state.listening, state.closed) == (FALSE, FALSE)
    assert not known(state.timeout)


CLOSED_PERHAPS = {
    "one branch closes it": """
        s = socket.socket()
        if input():
            s.close()
        s.send(b"x")  #
        """,
    "a loop may close it": """
        s = socket.socket()
        for word in words:
            s.send(word)  #
            s.close()
        """,
    "a conditional expression may close it": """
        s = socket.socket()
        input() and s.close()
        s.send(b"x")  #
        """,
    "one of two is closed": """
        a = socket.socket()
        b = socket.socket()
        s = a if input() else b
        s.close()
        a.send(b"x")  #
        """,
    "one of two was closed": """
        a = socket.socket()
        b = socket.socket()
        b.close()
        s = a if input() else b
        s.send(b"x")  #
        """,
    "in a handler": """
        s = socket.socket()
        try:
            s.connect(address)
            s.close()
        except OSError:
            s.send(b"x")  #
        """,
    "in the handler of the try that made it": """
        try:
            s = socket.socket()
            s.connect(address)
            s.close()
        except OSError:
            s.send(b"x")  #
        """,
    "in a finally": """
        try:
            s = socket.socket()
            s.connect(address)
            s.close()
        finally:
            s.send(b"x")  #
        """,
    "after a handler": """
        s = socket.socket()
        try:
            s.connect(address)
            s.close()
        except OSError:
            pass
        s.send(b"x")  #
        """,
    "a function was given it": """
        s = socket.socket()
        s.close()
        renew(s)
        s.send(b"x")  #
        """,
    "another module was given it among others": """
        import link
        s = socket.socket()
        link.wait([s], (s, 1))
        s.send(b"x")  #
        """,
    "an attribute holds it": """
        class Link:
            def send(self):
                s = socket.socket()
                self.sock = s
                s.send(b"x")  #
        """,
    "a list holds it": """
        s = socket.socket()
        everyone.append(s)
        s.send(b"x")  #
        """,
    "a dict holds it": """
        s = socket.socket()
        everyone[1] = s
        s.send(b"x")  #
        """,
    "a function of the file may have closed it": """
        s = socket.socket()
        def end():
            s.close()
        end()
        s.send(b"x")  #
        """,
    "a method of the file may have closed it": """
        class Link:
            def end(self):
                s.close()
        s = socket.socket()
        Link().end()
        s.send(b"x")  #
        """,
    "it is a global": """
        def send():
            global s
            s = socket.socket()
            s.send(b"x")  #
        """,
    "it comes from a helper": """
        def make():
            s = socket.socket()
            s.close()
            return s
        s = make()
        s.send(b"x")  #
        """,
    "it is a parameter": """
        def send(s):
            s.send(b"x")  #
        s = socket.socket()
        s.close()
        send(s)
        """,
    "it is of the function around": """
        def main():
            s = socket.socket()
            s.close()
            def send():
                s.send(b"x")  #
            send()
        """,
}


@pytest.mark.parametrize("code", CLOSED_PERHAPS.values(), ids=CLOSED_PERHAPS)
def test_whether_a_socket_is_closed_is_not_known_when(code: str) -> None:
    found = states(code)
    assert found
    assert not any(known(state.closed) for state in found)


OTHERS = {
    "the one of the round before": """
        server = socket.socket()
        last = None
        while True:
            s, _ = server.accept()
            if last:
                last.close()
            last = s
            s.send(b"x")  #
        """,
    "the one of the round before, always": """
        server = socket.socket()
        last, _ = server.accept()
        while True:
            s, _ = server.accept()
            last.close()
            s.send(b"x")  #
            last = s
        """,
    "the one in an attribute": """
        class Server:
            def serve(self, server):
                self.last = None
                while True:
                    s = socket.socket()
                    if self.last:
                        self.last.close()
                    s.send(b"x")  #
                    self.last = s
        """,
    "the one of the caller": """
        def serve(outer):
            s = socket.socket()
            outer.close()
            s.send(b"x")  #
            serve(s)
        """,
    "the server": """
        server = socket.socket()
        s, _ = server.accept()
        server.close()
        s.send(b"x")  #
        """,
}


@pytest.mark.parametrize("code", OTHERS.values(), ids=OTHERS)
def test_a_socket_is_not_closed_with(code: str) -> None:
    (state,) = states(code)
    assert state.closed == FALSE


def test_a_timeout_that_a_loop_changes_is_not_known() -> None:
    code = """
        s = socket.socket()
        s.setblocking(False)
        while True:
            s.recv(1)  #
            s.settimeout(5)
        """
    (state,) = states(code)
    assert not known(state.timeout)


def test_a_timeout_that_is_not_written_in_the_file_is_not_known() -> None:
    code = """
        def read(seconds):
            s = socket.socket()
            s.settimeout(seconds)
            s.recv(1)  #
        """
    (state,) = states(code)
    assert not known(state.timeout)


FAILED = {
    "the handler tries again": """
        s = socket.socket()
        try:
            s.connect(address)
        except OSError:
            s.connect(address)  #
        """,
    "the loop tries again": """
        s = socket.socket()
        while True:
            try:
                s.connect(address)  #
                break
            except OSError:
                pass
        """,
    "the attempt that succeeds returns": """
        def connected(address):
            s = socket.socket()
            while True:
                try:
                    s.connect(address)  #
                    return s
                except OSError:
                    pass
        """,
    "it has a timeout": """
        s = socket.socket()
        s.settimeout(5)
        for address in addresses:
            try:
                s.connect(address)  #
            except OSError:
                continue
            break
        """,
}


@pytest.mark.parametrize("code", FAILED.values(), ids=FAILED)
def test_a_connect_may_have_failed_before_when(code: str) -> None:
    *_, state = states(code)
    assert TRUE <= state.failed <= TRUE | FALSE


NOT_FAILED = {
    "nothing raised": """
        s = socket.socket()
        s.connect(address)
        s.connect(address)  #
        """,
    "the handler gives up": """
        s = socket.socket()
        try:
            s.connect(address)
        except OSError:
            raise SystemExit
        s.connect(address)  #
        """,
    "the socket is made anew": """
        while True:
            s = socket.socket()
            try:
                s.connect(address)  #
                break
            except OSError:
                pass
        """,
    "the handler makes another": """
        s = socket.socket()
        while True:
            try:
                s.connect(address)  #
                break
            except OSError:
                s.close()
                s = socket.socket()
        """,
    "the socket does not wait": """
        s = socket.socket()
        s.setblocking(False)
        while True:
            try:
                s.connect(address)  #
                break
            except OSError:
                pass
        """,
    "how long the socket waits is not known": """
        s = socket.socket()
        s.settimeout(timeout)
        while True:
            try:
                s.connect(address)  #
                break
            except OSError:
                pass
        """,
    "the handler looks at the number": """
        import errno
        s = socket.socket()
        while True:
            try:
                s.connect(address)  #
                break
            except OSError as error:
                if error.errno not in (errno.EALREADY, errno.EINPROGRESS):
                    raise
        """,
}


@pytest.mark.parametrize("code", NOT_FAILED.values(), ids=NOT_FAILED)
def test_no_connect_is_known_to_have_failed_before_when(code: str) -> None:
    assert [state for state in states(code) if TRUE <= state.failed <= TRUE | FALSE] == []


LOST = {
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
}


KEPT = {
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
    "caught at once": """
        def f(address):
            s = socket.socket()
            try:
                raise OSError
            except OSError:
                s.close()
        """,
}


def lost(code: str) -> list[Left]:
    """The sockets that are left open on a path."""
    module = cst.parse_module("import socket\n" + textwrap.dedent(code).lstrip("\n"))
    found = [use for use in model.uses(module, ports.cells(ports.PORTABLE)) if isinstance(use, Left)]
    return [use for use in found if use.closed == FALSE]


@pytest.mark.parametrize("code", LOST.values(), ids=LOST)
def test_a_socket_is_lost(code: str) -> None:
    assert lost(code)


@pytest.mark.parametrize("code", KEPT.values(), ids=KEPT)
def test_a_socket_is_not_lost_that_is(code: str) -> None:
    assert not lost(code)

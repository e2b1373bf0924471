"""What the model knows of a socket's state: it is definite on every path, or it is not known."""

from __future__ import annotations

import pytest

from tests.support.lifecycles import known, states
from usock_lint.analysis.domain.operations import FALSE, NONE, TRUE, const
from usock_lint.analysis.domain.typestate import Lifecycle

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
        Lifecycle(FALSE, FALSE, const("socket"), NONE, FALSE, connected=TRUE),
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
    "no function knows the name of it": (
        """
        import machine
        led = machine.Pin(2)
        def page():
            return led.value()
        s = socket.socket()
        s.settimeout(5)
        page()
        led.value(1)
        s.send(b"x")  #
        """,
        Lifecycle(FALSE, FALSE, FALSE, const(5), FALSE),
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


def test_an_accepted_socket_is_not_listening_and_may_have_its_listeners_timeout() -> None:
    code = """
        server = socket.socket()
        server.settimeout(2)
        server.listen(1)
        s, _ = server.accept()
        s.send(b"x")  #
        """
    (state,) = states(code)
    assert (state.listening, state.closed) == (FALSE, FALSE)
    assert not known(state.timeout)
    assert state.inherited == const(2)


def test_where_a_listener_has_no_timeout_nor_has_what_it_accepts() -> None:
    code = """
        server = socket.socket()
        server.listen(1)
        s, _ = server.accept()
        s.send(b"x")  #
        """
    (state,) = states(code)
    assert (state.timeout, state.inherited) == (NONE, const("nothing"))


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


@pytest.mark.parametrize("head", ["def read():", "class Reader:\n  def read(self):"], ids=["function", "method"])
def test_the_timeout_of_a_socket_of_the_module_is_known_in_a(head: str) -> None:
    (state,) = states(f"s = socket.socket()\ns.settimeout(5)\n{head}\n    s.recv(1)  #\n")
    assert state.timeout == const(5)


def test_the_timeout_of_an_attribute_is_that_of_each_socket_that_it_may_hold() -> None:
    code = """
        class Link:
            def __init__(self, patient):
                if patient:
                    slow = socket.socket()
                    self.s = slow
                else:
                    fast = socket.socket()
                    fast.setblocking(False)
                    self.s = fast
            def read(self):
                self.s.read(1)  #
        """
    (state,) = states(code)
    assert state.timeout == NONE | const(0)


def test_the_timeout_of_an_attribute_is_not_that_of_a_socket_which_was_replaced() -> None:
    code = """
        class Link:
            def __init__(self):
                self.s = socket.socket()
                self.s = socket.socket()
                self.s.settimeout(5)
            def read(self):
                self.s.read(1)  #
        """
    (state,) = states(code)
    assert state.timeout == const(5)


@pytest.mark.parametrize(
    "before",
    [
        "def page():\n    s.settimeout(9)\n",
        "later = lambda: s.settimeout(9)\ndef page():\n    later()\n",
        "class Server:\n    def __init__(self, s):\n        self.s = s\n\nserver = Server(s)\npage = server.run\n",
        "import net\ndef page():\n    pass\nnet.keep(s)\n",
        "def page():\n    state['s'].close()\nstate = {'s': s}\n",
    ],
)
def test_what_a_function_may_change_is_not_known(before: str) -> None:
    (state,) = states(f"s = socket.socket()\n{before}s.settimeout(5)\npage()\ns.send(b'x')  #\n")
    assert not known(state.timeout)


def test_a_file_that_sets_no_timeout_has_no_listener_with_one() -> None:
    code = """
        import net
        server = socket.socket()
        net.keep(server)
        s, _ = server.accept()
        s.send(b"x")  #
        """
    (state,) = states(code)
    assert (state.timeout, state.inherited) == (NONE, const("nothing"))
    (state,) = states(code + "s.settimeout(5)\n")
    assert not known(state.inherited)

"""When the model does not know whether a socket is closed, and when it does although another one was."""

from __future__ import annotations

import pytest

from tests.support.lifecycles import known, states
from usock_lint.analysis.domain.operations import FALSE

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
            tell(address)
        except OSError:
            s.send(b"x")  #
        """,
    "in the handler of the try that made it": """
        try:
            s = socket.socket()
            s.connect(address)
            s.close()
            tell(address)
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
    "an attribute holds it and other code of the class runs": """
        class Link:
            def send(self):
                s = socket.socket()
                self.sock = s
                self.look()
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
    "it is a global and other code runs": """
        def send():
            global s
            s = socket.socket()
            look()
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


def test_a_handler_finds_no_socket_closed_where_closing_it_is_the_last_that_can_fail() -> None:
    found = states("""
        s = socket.socket()
        try:
            s.connect(address)
            s.close()
            print("closed")
        except OSError:
            s.send(b"x")  #
        """)
    assert [state.closed for state in found] == [FALSE]


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

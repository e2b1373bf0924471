"""When the model takes it that an earlier `connect` of a socket has failed."""

from __future__ import annotations

import pytest

from tests.support.lifecycles import states
from usock_lint.analysis.domain.operations import FALSE, TRUE

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

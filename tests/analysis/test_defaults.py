"""A default is the only value where every call leaves it, and one of many where others may call."""

from __future__ import annotations

import textwrap

import pytest

from tests.support.shapes import marked, offences

_START = """
import socket
"""

ALONE = {
    "a call": """
        def go(host, port="80"):
            return socket.getaddrinfo(host, port)  #
        go("example.org")
        """,
    "a call by another function": """
        def go(host, port="80"):
            return socket.getaddrinfo(host, port)  #
        def main():
            go("example.org")
        main()
        """,
    "a call by keyword": """
        def go(host, port="80", timeout=3):
            return socket.getaddrinfo(host, port)  #
        go(host="example.org", timeout=4)
        """,
    "a call under a condition": """
        def go(host, port="80"):
            return socket.getaddrinfo(host, port)  #
        if __name__ == "__main__":
            go("example.org")
        """,
    "a keyword only": """
        def go(host, *, port="80"):
            return socket.getaddrinfo(host, port)  #
        go("example.org")
        """,
    "a method": """
        class Broker:
            def start(self, port="80"):
                return socket.getaddrinfo("example.org", port)  #
        Broker().start()
        """,
    "a static method": """
        class Broker:
            @staticmethod
            def start(port="80"):
                return socket.getaddrinfo("example.org", port)  #
        Broker.start()
        """,
    "a constructor": """
        class Broker:
            def __init__(self, ip, port="1883"):
                self.port = port
            def start(self):
                return socket.getaddrinfo("example.org", self.port)  #
        Broker("10.0.0.7").start()
        """,
    "a class method": """
        class Broker:
            def __init__(self, port="1883"):
                self.port = port
            @classmethod
            def make(cls):
                return cls()
            def start(self):
                return socket.getaddrinfo("example.org", self.port)  #
        Broker.make().start()
        """,
    "a coroutine": """
        import asyncio
        async def main(port="80"):
            return socket.getaddrinfo("example.org", port)  #
        asyncio.run(main())
        """,
    "never left out": """
        def go(host, port=80):
            return socket.getaddrinfo(host, port)  #
        go("example.org", "80")
        """,
    "a library's own function": """
        def _go(host, port="80"):
            return socket.getaddrinfo(host, port)  #
        def go(host):
            return _go(host)
        """,
    "a branch that never runs": """
        def main(stream=True):
            s = socket.socket()
            if stream:
                s.write(b"")
            else:
                s.shutdown(2)
        main()
        """,
    "one that runs": """
        def main(stream=True):
            s = socket.socket()
            if stream:
                s.write(b"")
            else:
                s.shutdown(2)  # missing-method
        main()
        main(False)
        """,
    "a text that chooses": """
        def main(mode="read"):
            s = socket.socket()
            if mode == "read":
                s.read(1)
            else:
                s.shutdown(2)
        def run():
            main()
        run()
        """,
}


@pytest.mark.parametrize("code", ALONE.values(), ids=ALONE)
def test_a_default_that_every_call_leaves_is_the_value(code: str) -> None:
    whole = _START + textwrap.dedent(code).lstrip("\n")
    assert offences(whole) == marked(whole, "getaddrinfo-argument")


OPEN = {
    "nobody calls": """
        def go(stream=True):
        {body}
        """,
    "a star": """
        def go(stream=True):
        {body}
        go(*input())
        """,
    "two stars": """
        def go(stream=True):
        {body}
        go(**input())
        """,
    "a star behind": """
        def go(host, stream=True):
        {body}
        go("", *input())
        """,
    "partial": """
        from functools import partial
        def go(stream=True):
        {body}
        go()
        partial(go, False)()
        """,
    "given away": """
        import machine
        def go(stream=True):
        {body}
        go()
        machine.Timer(0).init(callback=go)
        """,
    "stored": """
        def go(stream=True):
        {body}
        go()
        handlers = [go]
        """,
    "decorated": """
        import web
        @web.route("/")
        def go(stream=True):
        {body}
        go()
        """,
    "a library": """
        def go(stream=True):
        {body}
        def again():
            go()
        """,
    "a method of something unknown": """
        import web
        class Link:
            def go(self, stream=True):
                s = socket.socket()
                if not stream:
                    s.shutdown(2)  #
        Link().go()
        def other(link):
            link.go(False)
        other(web.link())
        """,
    "a method that is given away": """
        import web
        class Link:
            def go(self, stream=True):
                s = socket.socket()
                if not stream:
                    s.shutdown(2)  #
        Link().go()
        web.every(1, Link().go)
        """,
    "a class that others derive from": """
        class Link:
            def __init__(self, stream=True):
                s = socket.socket()
                if not stream:
                    s.shutdown(2)  #
        class Other(Link):
            pass
        Link()
        Other(False)
        """,
    "a class with another name": """
        class Link:
            def __init__(self, stream=True):
                s = socket.socket()
                if not stream:
                    s.shutdown(2)  #
        Link()
        Other = Link
        Other(False)
        """,
    "the same class again": """
        class Link:
            def __init__(self, stream=True):
                s = socket.socket()
                if not stream:
                    s.shutdown(2)  #
            def other(self):
                return type(self)(False)
        Link().other()
        """,
}

_BODY = """
    s = socket.socket()
    if stream:
        s.write(b"")
    else:
        s.shutdown(2)  #
"""


@pytest.mark.parametrize("code", OPEN.values(), ids=OPEN)
def test_a_default_is_one_of_many_where_others_may_call(code: str) -> None:
    whole = _START + textwrap.dedent(code).lstrip("\n").replace("{body}\n", _BODY.lstrip("\n"))
    assert offences(whole) == marked(whole, "missing-method")


@pytest.mark.parametrize("call", ["", "C().end()", "C(get()).end()", "def use(s):\n    C(s).end()"])
@pytest.mark.parametrize(
    "value",
    [
        "sock or socket.socket()",
        "sock if sock else socket.socket()",
        "socket.socket() if sock is None else sock",
        "options.get('sock') or socket.socket()",
    ],
)
def test_what_a_caller_may_give_can_be_the_default_socket(value: str, call: str) -> None:
    code = f"""
import socket
class C:
    def __init__(self, sock=None, **options):
        self.sock = {value}
    def end(self):
        if hasattr(self.sock, "detach"):
            self.sock.detach()
        self.sock.shutdown(2)  #
{call}
"""
    assert offences(code) == marked(code, "missing-method")

"""Attributes that other code may set: what a condition on them decides."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

REACHED = {
    "a base class that is not here": """
        import socket
        from driver import Driver
        class Plotter(Driver):
            def __init__(self):
                self._line = None
            def close(self):
                if not self._line:
                    return
                socket.socket().shutdown(2)  #
        Plotter().close()
        """,
    "a base class of the base class": """
        import socket
        import driver
        class Base(driver.Driver):
            pass
        class Plotter(Base):
            _line = False
            def close(self):
                if self._line:
                    socket.socket().shutdown(2)  #
        Plotter().close()
        """,
    "a class below with another base": """
        import socket
        from driver import Driver
        class Base:
            def __init__(self):
                self._line = False
            def close(self):
                if self._line is False:
                    return
                socket.socket().shutdown(2)  #
        class Plotter(Base, Driver):
            pass
        Plotter().close()
        """,
    "a class below in this file": """
        import socket
        class Base:
            def __init__(self):
                self._line = False
            def close(self):
                if self._line:
                    socket.socket().shutdown(2)  #
        class Plotter(Base):
            def open(self):
                self._line = True
        Plotter().close()
        """,
    "a library": """
        import socket
        class Plotter:
            def __init__(self):
                self.line = False
            def close(self):
                while not self.line:
                    pass
                socket.socket().shutdown(2)  #
        """,
    "a program that can be imported": """
        import socket
        class Plotter:
            on_error = None
            def close(self):
                if self.on_error is not None:
                    socket.socket().shutdown(2)  #
        if __name__ == "__main__":
            Plotter().close()
        """,
    "setattr": """
        import socket
        class Plotter:
            def __init__(self, **options):
                self.line = False
                for name in options:
                    setattr(self, name, options[name])
            def close(self):
                if self.line:
                    socket.socket().shutdown(2)  #
        Plotter(line=True).close()
        """,
    "setattr further down": """
        import socket
        class Plotter:
            line = False
            def close(self):
                if self.line:
                    socket.socket().shutdown(2)  #
            def read(self, options):
                self.__dict__.update(options)
        plotter = Plotter()
        plotter.read(input())
        plotter.close()
        """,
    "a dataclass": """
        import socket
        from dataclasses import dataclass
        @dataclass
        class Plotter:
            line: bool = False
            def close(self):
                if self.line:
                    socket.socket().shutdown(2)  #
        Plotter(line=True).close()
        """,
    "an object that is not known": """
        import socket
        import driver
        class Plotter:
            def __init__(self):
                self.line = False
            def close(self):
                if self.line:
                    socket.socket().shutdown(2)  #
        def found(plotter):
            plotter.line = True
        plotter = Plotter()
        driver.attach(plotter, found)
        plotter.close()
        """,
    "code that is not known, in between": """
        import socket
        from driver import Driver
        class Plotter(Driver):
            def fetch(self):
                self.answer = None
                self.ask()
                if self.answer is None:
                    return
                socket.socket().shutdown(2)  #
        Plotter().fetch()
        """,
    "a base class that is called by its name, in between": """
        import socket
        from driver import Driver
        class Plotter(Driver):
            def fetch(self):
                self.answer = None
                Driver.ask(self)
                if not self.answer:
                    return
                socket.socket().shutdown(2)  #
        Plotter().fetch()
        """,
    "a property": """
        import socket
        class Plotter:
            def __init__(self):
                self._line = False
            @property
            def line(self):
                return self._line
            @line.setter
            def line(self, value):
                self._line = value
            def close(self):
                if not self.line:
                    return
                if not self._line:
                    return
                socket.socket().shutdown(2)  #
        plotter = Plotter()
        plotter.line = True
        plotter.close()
        """,
    "what a property is set to": """
        import socket
        class Plotter:
            @property
            def line(self):
                return self._line
            @line.setter
            def line(self, value):
                self._line = value
        plotter = Plotter()
        plotter.line = socket.socket()
        plotter.line.shutdown(2)  #
        """,
    "a cached property": """
        import socket
        from functools import cached_property
        class Plotter:
            @cached_property
            def line(self):
                return socket.socket()
        Plotter().line.shutdown(2)  #
        """,
    "a decorated function": """
        import socket
        import web
        class Plotter:
            @web.lazy
            def line(self):
                return None
            def close(self):
                if self.line:
                    return
                socket.socket().shutdown(2)  #
        Plotter().close()
        """,
}


@pytest.mark.parametrize("shape", REACHED.values(), ids=REACHED.keys())
def test_code_is_reached_by_what_others_may_set(shape: str) -> None:
    assert offences(shape) == marked(shape, "missing-method")


DEAD = {
    "a program of its own": """
        import socket
        class Plotter:
            def __init__(self):
                self.line = False
            def close(self):
                if self.line:
                    socket.socket().shutdown(2)
        Plotter().close()
        """,
    "a mangled name": """
        import socket
        class Plotter:
            def __init__(self):
                self.__line = None
            def close(self):
                if not self.__line:
                    return
                socket.socket().shutdown(2)
        """,
    "what tells the interpreter": """
        import socket
        import sys
        from driver import Driver
        class Plotter(Driver):
            def __init__(self):
                self.on_computer = False
                self.on_computer = sys.implementation.name == "cpython"
            def close(self):
                if self.on_computer:
                    socket.socket().shutdown(2)
        """,
    "an address that the file sets": """
        import socket
        class Plotter:
            host = "10.0.0.1"
            def open(self):
                if self.host == "example.com":
                    socket.socket().connect((self.host, 80))
        """,
    "what was just set": """
        import socket
        class Plotter:
            def close(self):
                self.line = None
                if self.line:
                    socket.socket().shutdown(2)
        """,
}


@pytest.mark.parametrize("shape", DEAD.values(), ids=DEAD.keys())
def test_code_is_dead_where_nobody_sets_what_it_needs(shape: str) -> None:
    assert offences(shape) == []

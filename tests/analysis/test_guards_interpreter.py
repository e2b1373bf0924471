"""Guards met in real MicroPython code that ask which Python runs it, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SILENT = {
    # The interpreter's name
    "a condition on the interpreter's name": """
        import socket
        import sys
        if sys.implementation.name == "micropython":
            TIMEOUT = OSError
        else:
            TIMEOUT = socket.timeout
        """,
    "a condition on the interpreter's name, negated": """
        import socket
        from sys import implementation
        if implementation.name != "micropython":
            TIMEOUT = socket.timeout
        """,
    "a condition on the interpreter's name, in a list": """
        import socket
        import sys
        if sys.implementation.name in ("cpython", "pypy"):
            TIMEOUT = socket.timeout
        if sys.implementation[0] not in ("micropython", "circuitpython"):
            TIMEOUT = socket.timeout
        """,
    "a condition on the interpreter's name, in lower case": """
        import socket
        import sys
        if sys.implementation.name.lower() == "cpython":
            TIMEOUT = socket.timeout
        """,
    "a condition that asks for the name first": """
        import socket
        import sys
        if hasattr(sys, "implementation") and sys.implementation.name == "micropython":
            TIMEOUT = OSError
        else:
            TIMEOUT = socket.timeout
        """,
    "the name in upper case": """
        import socket, sys
        if sys.implementation.name.upper() == "CPYTHON":
            print(socket.timeout)
        """,
    "the name, reversed": """
        import socket, sys
        if "cpython" == sys.implementation.name:
            print(socket.timeout)
        """,
    "the name in a name": """
        import socket, sys
        impl = sys.implementation.name
        if impl == "cpython":
            print(socket.timeout)
        """,
    "a substring of the name": """
        import socket, sys
        if "micropython" not in sys.implementation.name:
            print(socket.timeout)
        """,
    "the version's text": """
        import socket, sys
        if "MicroPython" not in sys.version:
            print(socket.timeout)
        """,
    "getattr of the implementation": """
        import socket, sys
        if getattr(sys, "implementation").name == "cpython":
            print(socket.timeout)
        """,
    # Conditions with more than the question
    "the question behind another one": """
        import socket, sys, config
        if config.VERBOSE and sys.implementation.name == "cpython":
            print(socket.timeout)
        if config.HOST and input() and sys.platform == "linux":
            print(socket.timeout)
        if config.HOST and (input() or config.PORT) and (config.PORT > 80 and sys.platform == "linux"):
            print(socket.timeout)
        """,
    "the question behind another one, in a flag": """
        import socket, sys
        LOGS = input() and sys.implementation.name == "cpython"
        if LOGS:
            print(socket.timeout)
        if not (input() or sys.implementation.name == "micropython"):
            print(socket.timeout)
        """,
    "the question behind another one that is not known": """
        import socket, sys
        def main():
            print(socket.timeout)
        if "machine" not in sys.modules and sys.implementation.name != "micropython":
            main()
        """,
    "a module that may be there, behind another question": """
        import socket, config
        try:
            import machine
        except ImportError:
            machine = None
        if config.BOARD or machine:
            print("board")
        else:
            print(socket.timeout)
        """,
    "bool and int of the answer": """
        import socket, sys
        class Link:
            def __init__(self):
                self.pc = bool(sys.implementation.name == "cpython")
            def read(self):
                if self.pc:
                    print(socket.timeout)
        if int(sys.implementation.name == "cpython") == 1:
            print(socket.timeout)
        """,
    "any and all of several answers": """
        import socket, sys
        if any(sys.platform.startswith(one) for one in ("linux", "win")):
            print(socket.timeout)
        if all([sys.implementation.name != one for one in ("micropython", "circuitpython")]):
            print(socket.timeout)
        if not any(one in sys.platform for one in ("esp32", "esp8266", "rp2", "pyboard")):
            print(socket.timeout)
        if any((sys.platform == "linux", sys.implementation.name == "cpython")):
            print(socket.timeout)
        """,
    "the implementation as text": """
        import socket, sys
        if "micropython" not in str(sys.implementation).lower() or "micropython" not in repr(sys.implementation):
            print(socket.timeout)
        """,
    "names that only CPython has": """
        import socket, sys, os
        if hasattr(sys.implementation, "cache_tag") or getattr(os, "environ", None) is not None:
            print(socket.timeout)
        if getattr(sys, "frozen", False) or hasattr(sys, "gettrace"):
            print(socket.timeout)
        """,
    "a dict of flags that is made of keywords": """
        import socket, sys
        env = dict(small=sys.implementation.name == "micropython", name="board")
        def name():
            if not env["small"]:
                return socket.gethostname()
            return env["name"]
        if not env["small"]:
            print(socket.gethostname())
        print(name())
        """,
    "texts that are made of the answer": """
        import socket, sys
        if "on %s" % sys.implementation.name == "on cpython":
            print(socket.gethostname())
        if "%s/%s" % (sys.platform, sys.implementation.name) == "linux/cpython":
            print(socket.gethostname())
        if sys.platform + "-" + sys.implementation.name == "linux-cpython":
            print(socket.gethostname())
        if f"{sys.implementation.name}" == "cpython":
            print(socket.gethostname())
        if (sys.platform + "64").startswith("darwin"):
            print(socket.gethostname())
        """,
    "a dict with an answer for each interpreter": """
        import socket, sys
        PC = {"micropython": False}.get(sys.implementation.name, True)
        if PC:
            print(socket.timeout)
        """,
    "a dict with a function for each interpreter": """
        import socket, sys
        def pc():
            print(socket.timeout)
        class Pc:
            def go(self):
                print(socket.timeout)
        def board():
            pass
        {"cpython": pc, "micropython": board}[sys.implementation.name]()
        {"linux": Pc, "win32": Pc, "rp2": board}[sys.platform]()
        """,
    "the text of platform": """
        import platform, socket
        def pc():
            print(socket.timeout)
        if "MicroPython" not in platform.platform():
            pc()
        """,
    "the machine of a computer": """
        import os, socket
        if "x86" in os.uname().machine or "aarch64" in os.uname().machine:
            print(socket.timeout)
        """,
    "what the machine begins with": """
        import os, socket
        try:
            machine = os.uname().machine
        except Exception:
            machine = os.name
        IS_PC = machine.startswith("x86_64") or machine.startswith("nt")
        if IS_PC or machine.startswith("armv") or machine == "aarch64":
            print(socket.timeout)
        """,
    "the machine of a computer in other forms": """
        import os, socket
        machine = os.uname().machine
        if machine.lower().startswith(("arm", "aarch64")) or "x86" in machine.lower():
            print(socket.timeout)
        if machine in ("AMD64", "PC") or not machine not in ("x86_64", "armv7l"):
            print(socket.timeout)
        sysname, _, _, _, chip = os.uname()
        if sysname in ("Linux", "Darwin") or "x86" in chip or os.uname()[4].startswith("arm"):
            print(socket.timeout)
        """,
    "names that the answer sets": """
        import os, socket
        KIND = None
        try:
            if os.uname().sysname in ("esp32", "esp8266", "rp2", "pyboard"):
                KIND = "board"
            else:
                KIND = "pc"
        except AttributeError:
            KIND = "pc"
        if KIND == "pc":
            print(socket.timeout)
        """,
    "a flag for one module of boards and others": """
        import socket
        try:
            from machine import Pin
            from umqtt.simple import MQTTClient
            import my_driver
            HARDWARE = True
        except ImportError:
            HARDWARE = False
        if not HARDWARE:
            print(socket.timeout)
        try:
            import machine
            import my_driver
        except ImportError:
            machine = None
        class Device:
            def read(self):
                if machine is None:
                    print(socket.timeout)
        """,
    "a function of boards, if it can be called": """
        import socket, time
        def now():
            ticks = getattr(time, "ticks_ms", None)
            if callable(ticks):
                return ticks()
            return socket.timeout
        """,
    "the default for a function of boards": """
        import socket, time
        def pause(ms):
            print(socket.timeout)
        sleep_ms = getattr(time, "sleep_ms", pause)
        ticks_ms = getattr(time, "ticks_ms", lambda: print(socket.timeout))
        """,
    "names that are bound by their texts": """
        for _name in ("ConnectionError", "TimeoutError"):
            if _name not in globals():
                globals()[_name] = OSError
        globals().update(BrokenPipeError=OSError, **{"FileNotFoundError": OSError})
        exec("PermissionError = OSError")
        import socket
        try:
            socket.socket()
        except (ConnectionError, TimeoutError, BrokenPipeError, FileNotFoundError, PermissionError):
            pass
        """,
    "a builtin that is looked up": """
        import socket
        try:
            FileNotFoundError
            PC = True
        except NameError:
            PC = False
        if PC:
            print(socket.timeout)
        """,
    # Flags
    "a flag of the module": """
        import socket
        import sys
        MICROPYTHON = sys.implementation.name == "micropython"
        def reader(s):
            if not MICROPYTHON:
                return socket.timeout
        """,
    "a flag that a failed import sets": """
        import socket
        try:
            import micropython
            ON_DEVICE = True
        except ImportError:
            ON_DEVICE = False
        ERROR = OSError if ON_DEVICE else socket.error
        """,
    "a flag of a class": """
        import socket
        import sys
        class Link:
            DESKTOP = sys.implementation.name == "cpython"
            def errors(self):
                if self.DESKTOP:
                    return socket.timeout
        """,
    "a flag that __init__ sets": """
        import socket
        import sys
        class Link:
            def __init__(self):
                self.is_upy = sys.implementation.name == "micropython"
            def errors(self, strict):
                if strict and not self.is_upy:
                    return socket.timeout
        """,
    "flags, or-ed": """
        import socket
        import sys
        CPYTHON = sys.implementation.name == "cpython"
        PYPY = sys.implementation.name == "pypy"
        if CPYTHON or PYPY:
            TIMEOUT = socket.timeout
        """,
    "a flag, negated": """
        import socket, sys
        IS_UPY = sys.implementation.name == "micropython"
        ON_PC = not IS_UPY
        def error():
            if ON_PC:
                return socket.error
        """,
    "flags, and-ed": """
        import socket, sys
        IS_PC = sys.implementation.name != "micropython"
        IS_NEW = sys.version_info >= (3, 8)
        if IS_PC and IS_NEW:
            print(socket.timeout)
        """,
    "a function that asks": """
        import socket, sys
        def is_micropython():
            return sys.implementation.name == "micropython"
        def error():
            if not is_micropython():
                return socket.error
        """,
    "a function that tries to ask": """
        import socket
        from sys import implementation as python
        def on_device():
            try:
                return python.name == "micropython"
            except Exception:
                return False
        def on_computer():
            return not on_device()
        if on_computer():
            socket.create_server(("", 80))
        def serve():
            if on_device():
                return
            socket.create_server(("", 80))
        """,
    "a flag that tries to ask": """
        import socket, sys
        try:
            ON_DEVICE = hasattr(sys, "implementation") and sys.implementation.name == "micropython"
        except AttributeError:
            ON_DEVICE = False
        if not ON_DEVICE:
            socket.create_server(("", 80))
        """,
    "the name in a set": """
        import socket, sys
        if sys.implementation.name in {"cpython", "pypy"}:
            socket.create_server(("", 80))
        """,
    "the implementation, asked for by getattr": """
        import socket, sys
        def is_board():
            found = getattr(sys, "implementation", None)
            if found is None:
                return False
            return found.name == "micropython"
        if not is_board():
            socket.create_server(("", 80))
        """,
    "the names in a module": """
        import socket, time
        if "ticks_ms" not in dir(time) or "create_server" in dir(socket):
            socket.create_server(("", 80))
        """,
    "functions that only code for CPython calls": """
        import socket, sys
        MICROPYTHON = sys.implementation.name == "micropython"
        def _address(host):
            return socket.gethostbyname(host), 80
        def on_computer(host):
            return socket.create_connection(_address(host))
        def on_board(host):
            s = socket.socket()
            s.connect(socket.getaddrinfo(host, 80)[0][-1])
            return s
        def connect(host):
            if MICROPYTHON:
                return on_board(host)
            return on_computer(host)
        """,
    "a function and a class that a `try` takes whose import fails": """
        import socket
        s = socket.socket()
        def tell_thread():
            s.shutdown(2)
        def tell():
            s.close()
        class Threads:
            def end(self):
                s.shutdown(2)
        class Tasks:
            def end(self):
                s.close()
        try:
            import threading
            end = tell_thread
            Ends = Threads
        except ImportError:
            end = tell
            Ends = Tasks
        end()
        Ends().end()
        """,
    "private methods that only code for CPython calls": """
        import socket, sys
        MICROPYTHON = sys.implementation.name == "micropython"
        class Client:
            def connect(self, host):
                if MICROPYTHON:
                    self._on_board(host)
                else:
                    self._on_computer(host)
            def _on_board(self, host):
                self.s = socket.socket()
                self.s.connect(socket.getaddrinfo(host, 80)[0][-1])
            def _on_computer(self, host):
                self.s = socket.create_connection((host, 80))
                self._tell()
            def _tell(self):
                print(socket.gethostname())
        """,
    "a class that only code for CPython uses": """
        import socket, sys
        class Computer:
            def name(self):
                return socket.gethostname()
        class Board:
            def name(self):
                return "board"
        def kind():
            return Board() if sys.implementation.name == "micropython" else Computer()
        """,
    "a function that only the handler for a failed import calls": """
        import socket
        def name():
            return socket.gethostname()
        try:
            from machine import unique_id
        except ImportError:
            unique_id = name
        """,
    "a loop that CPython lacks": """
        import asyncio, socket
        try:
            loop = asyncio.get_event_loop()
        except RuntimeError:
            loop = asyncio.new_event_loop()
            socket.create_server(("", 80))
        """,
    "a property that asks": """
        import socket, sys
        class Link:
            @property
            def is_upy(self):
                return sys.implementation.name == "micropython"
            def error(self):
                return OSError if self.is_upy else socket.error
        """,
    "a flag of a base class": """
        import socket, sys
        class Base:
            is_upy = sys.implementation.name == "micropython"
        class Link(Base):
            def error(self):
                return OSError if self.is_upy else socket.error
        """,
    "what the implementation has": """
        import socket, sys
        IS_UPY = hasattr(sys.implementation, "_mpy")
        def error():
            return OSError if IS_UPY else socket.error
        """,
    # Computers and versions
    "sys.platform of a computer": """
        import socket, sys
        if sys.platform == "win32":
            print(socket.gethostname())
        elif sys.platform.startswith("darwin"):
            print(socket.gethostname())
        """,
    "the major version of Python, by name": """
        import socket, sys
        PY2 = sys.version_info.major == 2
        if sys.version_info.major < 3 or PY2:
            print(socket.timeout)
        if sys.hexversion < 0x03000000 or (sys.version_info.major, sys.version_info.minor) >= (3, 6):
            print(socket.timeout)
        """,
    "the major version of Python": """
        import socket, sys
        if sys.version_info[0] > 3 or sys.version_info >= (3, 6):
            print(socket.timeout)
        """,
    "functions and classes in a table of systems": """
        import socket, sys
        def on_computer():
            return socket.gethostname()
        def on_board():
            return "board"
        class Computer:
            def name(self):
                return socket.gethostname()
        class Board:
            def name(self):
                return "board"
        print({"linux": on_computer, "win32": on_computer, "esp32": on_board}[sys.platform]())
        print({"linux": on_computer}.get(sys.platform, on_board)())
        KINDS = {"cpython": Computer, "micropython": Board}
        ASKED = {"cpython": lambda: socket.gethostname(), "micropython": lambda: "board"}
        """,
    "functions that ask for the name that they are given": """
        import socket
        def has(thing, name):
            '''True if there is such a name.'''
            return hasattr(thing, name)
        lacks = lambda thing, name: not hasattr(thing, name)
        s = socket.socket()
        if has(s, "recv") and has(s, "shutdown"):
            s.shutdown(2)
        if not lacks(socket, "gethostname"):
            print(socket.gethostname())
        class Asking:
            @staticmethod
            def there(thing, name):
                try:
                    getattr(thing, name)
                    return True
                except AttributeError:
                    return False
        print(Asking.there(s, "recv"))
        if Asking.there(s, "shutdown"):
            s.shutdown(2)
        """,
    "the names in a module's dict": """
        import socket
        names = dir(socket)
        if "gethostname" in names:
            print(socket.gethostname())
        if "gethostname" in socket.__dict__:
            print(socket.gethostname())
        if getattr(socket.socket, "shutdown", False) is not False:
            socket.socket().shutdown(2)
        """,
    "modules that are loaded": """
        import socket, sys
        if sys.modules.get("machine") is None:
            print(socket.gethostname())
        """,
    "modules that are imported by a function": """
        import socket
        try:
            __import__("machine")
            ON_BOARD = True
        except ImportError:
            ON_BOARD = False
        def there(module):
            try:
                __import__(module)
            except ImportError:
                return False
            return True
        def found(module):
            try:
                return __import__(module)
            except ImportError:
                return None
        if not ON_BOARD or not there("machine") or found("machine") is None:
            print(socket.gethostname())
        """,
    "decorators that ask": """
        import socket, sys
        def on_computers(function):
            if sys.implementation.name == "micropython":
                return lambda: None
            return function
        def skip(condition):
            return lambda function: None if condition else function
        @on_computers
        def name():
            return socket.gethostname()
        @skip(sys.implementation.name == "micropython")
        def other():
            return socket.gethostname()
        """,
    "implementations in a display, of which an answer picks one": """
        import socket, sys
        IS_BOARD = sys.implementation.name == "micropython"
        def on_board():
            return "board"
        def on_computer():
            return socket.gethostname()
        class Computer:
            def name(self):
                return socket.gethostname()
        class Board:
            def name(self):
                return "board"
        print({True: on_board, False: on_computer}[IS_BOARD]())
        print((on_computer, on_board)[IS_BOARD]())
        print([on_board, on_computer][int(sys.implementation.name == "cpython")]())
        print({True: Board, False: Computer}[hasattr(sys.implementation, "_mpy")]().name())
        print({False: lambda: socket.gethostname(), True: lambda: "board"}[IS_BOARD]())
        """,
    "decorators that ask by a name": """
        import socket, sys
        SMALL = sys.implementation.name == "micropython"
        BIG = not SMALL
        def on_computers(function):
            def run(*args):
                return None if SMALL else function(*args)
            return run
        def skip(condition):
            return lambda function: None if condition else function
        @on_computers
        def name():
            return socket.gethostname()
        @skip(not BIG)
        def other():
            return socket.gethostname()
        """,
    "a decorator that puts something else in the place of what it is given": """
        import socket, sys
        if sys.implementation.name == "micropython":
            def on_computers(function):
                return lambda *args: None
        else:
            def on_computers(function):
                return function
        @on_computers
        def name():
            return socket.gethostname()
        class Host:
            @on_computers
            def name(self):
                return socket.gethostname()
        name()
        """,
    "settings about the Python": """
        import json, socket
        config = json.load(open("config.json"))
        if not config.get("micropython"):
            print(socket.gethostname())
        if config["is_cpython"]:
            print(socket.gethostname())
        """,
}

LOUD = {
    "the machine of a board, in other forms": """
        import os, socket
        machine = os.uname().machine
        if machine.startswith("ESP32") or machine == "ESP32 module with ESP32":
            socket.socket().shutdown(2)  #
        if machine != "x86_64" and not machine.startswith("arm") and machine not in ("AMD64", "PC"):
            socket.socket().shutdown(2)  #
        """,
    "a condition with the question that boards answer": """
        import socket, sys, config
        if config.VERBOSE and sys.implementation.name == "micropython":
            print(socket.timeout)  # socket-timeout
        if config.VERBOSE or sys.implementation.name == "cpython":
            print(socket.timeout)  # socket-timeout
        if bool(sys.implementation.name != "cpython") and all((config.PORT, config.HOST)):
            print(socket.timeout)  # socket-timeout
        if bool(config.VERBOSE) or any(one for one in config.HOSTS):
            print(socket.timeout)  # socket-timeout
        """,
    "other names than those that are bound by their texts": """
        '''A client that may raise ConnectionError.'''
        import socket
        globals()["TimeoutError"] = OSError
        exec(input())
        try:
            socket.socket()
        except (ConnectionError, TimeoutError):  # missing-exception
            pass
        """,
    "what follows a builtin that is looked up": """
        import socket
        try:
            ConnectionError
        except NameError:
            ConnectionError = OSError
        try:
            TimeoutError
        except NameError:
            class TimeoutError(OSError):
                pass
        print(socket.timeout)  # socket-timeout
        """,
    "a flag for modules that a board may lack": """
        import socket
        try:
            import my_driver
            DRIVER = True
        except ImportError:
            DRIVER = False
        if not DRIVER:
            print(socket.timeout)  # socket-timeout
        try:
            import machine
            import my_driver
        except ImportError:
            import network
            print(socket.timeout)  # socket-timeout
        """,
    "the default for a function that a board may lack": """
        import machine, socket, time
        def pause(ms):
            print(socket.timeout)  # socket-timeout
        sleep = getattr(machine, "lightsleep", pause)
        monotonic = getattr(time, "monotonic", pause)
        """,
    "the machine of a board": """
        import os, socket
        if os.uname().machine.startswith("Raspberry") or os.uname().machine == "ESP32":
            print(socket.timeout)  # socket-timeout
        """,
    "a function of a table that boards may call": """
        import socket, sys
        def default():
            print(socket.timeout)  # socket-timeout
        def named():
            print(socket.timeout)  # socket-timeout
        {"linux": named, "rp2": named, "": default}[sys.platform]()
        {"a": default}.get(sys.platform, default)()
        """,
    "a name that is there": """
        import socket, sys
        try:
            OSError
            FOUND = True
        except NameError:
            FOUND = False
        if FOUND:
            print(socket.timeout)  # socket-timeout
        """,
    "a function that code for both calls, too": """
        import socket, sys
        def name():
            return socket.gethostname()  # missing-function
        def log():
            if sys.implementation.name != "micropython":
                print(name())
            return name()
        """,
    "a function that the file names in another way": """
        import socket, sys
        __all__ = ["name"]
        def name():
            return socket.gethostname()  # missing-function
        def other(one: Other):
            pass
        class Other:
            def name(self):
                return socket.gethostname()  # missing-function
        if sys.implementation.name != "micropython":
            print(name(), Other().name())
        """,
    "methods that other code may call": """
        import socket, sys
        MICROPYTHON = sys.implementation.name == "micropython"
        class Client:
            def _both(self):
                print(socket.gethostname())  # missing-function
            def _named(self):
                print(socket.gethostname())  # missing-function
            def _hook(self):
                print(socket.gethostname())  # missing-function
            def public(self):
                print(socket.gethostname())  # missing-function
            def close(self):
                if not MICROPYTHON:
                    self._both()
                    self._named()
                    self.public()
                self._both()
                getattr(self, "_named")()
        """,
    "the head of a function that only CPython calls": """
        import socket, sys
        def connect(make=socket.create_connection):  # missing-function
            return make
        class Names:
            name = socket.gethostname()  # missing-function
        if sys.implementation.name != "micropython":
            connect()
            Names()
        """,
    "a loop that boards cannot ask for": """
        import asyncio, socket
        try:
            loop = asyncio.get_running_loop()
        except Exception:
            loop = asyncio.new_event_loop()
            socket.create_server(("", 80))  # missing-function
        """,
    "what boards lack besides the implementation": """
        import os, socket
        try:
            HOST = os.environ["HOST"]
        except Exception:
            HOST = socket.gethostname()  # missing-function
        """,
    "Python 3, by name": """
        import socket, sys
        if sys.version_info.major == 3:
            print(socket.timeout)  # socket-timeout
        """,
    "the branch that MicroPython takes": """
        import socket
        import sys
        if sys.implementation.name == "micropython":
            print(socket.timeout)  # socket-timeout
        """,
    "a dual file, outside the guard": """
        import socket, sys
        if sys.implementation.name == "micropython":
            import network
        s = socket.socket()
        s.shutdown(2)  #
        """,
    "after an exit of CPython": """
        import socket, sys
        if sys.implementation.name != "micropython":
            sys.exit()
        socket.socket().shutdown(2)  #
        """,
    "tables that are not of systems": """
        import socket
        PAGES = {"linux": socket.gethostname(), "home": ""}  # missing-function
        BOARDS = {"esp32": socket.gethostname(), "rp2": ""}  # missing-function
        NAMES = {"micropython": socket.gethostname(), "cpython": ""}  # missing-function
        """,
    "functions that ask for another name": """
        import socket
        def has(thing, name):
            return hasattr(thing, name)
        if has(socket, "socket"):
            print(socket.gethostname())  # missing-function
        if not has(socket, "gethostname"):
            print(socket.gethostname())  # missing-function
        """,
    "decorators that ask nothing": """
        import socket
        def logged(function):
            print(function)
            return function
        @logged
        def name():
            return socket.gethostname()  # missing-function
        """,
    "implementations in a display, of which computers take another one": """
        import socket, sys
        IS_BOARD = sys.implementation.name == "micropython"
        def on_board():
            return socket.gethostname()  # missing-function
        def on_computer():
            return "computer"
        print({True: on_board, False: on_computer}[IS_BOARD]())
        print((lambda: "computer", lambda: socket.gethostname())[IS_BOARD]())  # missing-function
        """,
    "implementations in a display, and used elsewhere": """
        import socket, sys
        def on_board():
            return "board"
        def on_computer():
            return socket.gethostname()  # missing-function
        print((on_computer, on_board)[sys.implementation.name == "micropython"]())
        print(on_computer())
        """,
    "values in a display, which are all worked out": """
        import socket, sys
        print((socket.gethostname(), "board")[sys.implementation.name == "micropython"])  # missing-function
        """,
    "a dict of other flags that is made of keywords": """
        import socket, sys
        env = dict(small=sys.implementation.name == "micropython", big=True)
        if env["small"]:
            print(socket.gethostname())  # missing-function
        if env["big"]:
            print(socket.gethostname())  # missing-function
        """,
    "texts that are made of another answer": """
        import socket, sys
        if sys.platform + "-" + sys.implementation.name != "linux-cpython":
            print(socket.gethostname())  # missing-function
        if "on %s" % sys.implementation.name == "on micropython":
            print(socket.gethostname())  # missing-function
        text = ""
        for _ in range(3):
            text = text + sys.platform
        if text:
            print(socket.gethostname())  # missing-function
        """,
    "decorators that ask for arguments": """
        import socket, sys
        VERBOSE = "-v" in sys.argv
        def logged(function):
            if VERBOSE:
                print(function)
            return function
        @logged
        def name():
            return socket.gethostname()  # missing-function
        """,
    "a decorator that puts something else in the place of what computers give it": """
        import socket, sys
        if sys.implementation.name != "micropython":
            def on_boards(function):
                return lambda *args: None
        else:
            def on_boards(function):
                return function
        @on_boards
        def name():
            return socket.gethostname()  # missing-function
        """,
    "modules that are there when a function imports them": """
        import socket
        try:
            __import__("json")
        except ImportError:
            raise SystemExit
        print(socket.gethostname())  # missing-function
        """,
    "cases of a match": """
        import socket, sys
        match sys.implementation.name:  # unsupported-syntax
            case "cpython" | "pypy":
                print(socket.gethostname())
            case "micropython":
                print(socket.gethostname())  # missing-function
            case _:
                print(socket.gethostname())
        match input():  # unsupported-syntax
            case "a":
                print(socket.gethostname())  # missing-function
        """,
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_guarded_code_is_silent(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize("code", LOUD.values(), ids=LOUD)
def test_what_only_looks_guarded_is_reported(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")

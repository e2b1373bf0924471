"""Guards met in real MicroPython code that try an import or a name once, and code that runs on no device at all."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SILENT = {
    "an object of hardware, made where its module can be imported": """
        import socket
        try:
            from machine import I2C, Pin
            i2c = I2C(0, scl=Pin(1), sda=Pin(2))
        except ImportError:
            i2c = None
        def connect():
            if i2c is not None:
                return socket.socket()
            return socket.create_connection(("a", 1))
        class Board:
            def __init__(self):
                self.i2c = i2c
            def connect(self):
                if not self.i2c:
                    socket.create_connection(("a", 1))
        connect()
        Board().connect()
        if i2c == None:
            socket.create_connection(("a", 1))
        """,
    "an object of hardware, made in a `try` with a broad handler": """
        import socket
        try:
            import machine
            led = machine.Pin(2, machine.Pin.OUT)
        except:
            led = None
        if led is None:
            socket.create_connection(("a", 1))
        """,
    "an object of hardware that a function makes": """
        import socket
        def made():
            try:
                from machine import Pin
                return Pin(2)
            except ImportError:
                return None
        led = made()
        if led is None:
            socket.create_connection(("a", 1))
        """,
    "bytes that only a board has": """
        import socket
        try:
            from machine import unique_id
            NAME = unique_id()
        except ImportError:
            NAME = None
        if NAME is None:
            socket.create_connection(("a", 1))
        """,
    # A probe for one name
    "a probe for one name": """
        import socket
        TIMEOUT = None
        try:
            TIMEOUT = socket.timeout
        except AttributeError:
            pass
        """,
    "a probe for one name, with a default": """
        import socket
        try:
            TIMEOUT = socket.timeout
        except AttributeError:
            TIMEOUT = OSError
        """,
    "a probe for one name in a class": """
        import socket
        class Errors:
            try:
                TIMEOUT = socket.timeout
            except AttributeError:
                TIMEOUT = OSError
        """,
    "a probe for an imported name": """
        import socket
        try:
            from socket import SO_BINDTODEVICE
        except ImportError:
            SO_BINDTODEVICE = None
        """,
    # Import shims
    "the CPython branch of an import": """
        try:
            import usocket as socket
            TIMEOUT = OSError
        except ImportError:
            import socket
            TIMEOUT = socket.timeout
        """,
    "the usocket branch of an import in the other order": """
        try:
            import socket
        except ImportError:
            import usocket as socket
            TIMEOUT = socket.timeout
        """,
    "the rest of a try body after an import that fails": """
        import socket
        try:
            import threading
            TIMEOUT = socket.timeout
        except ImportError:
            TIMEOUT = OSError
        import micropython
        """,
    "a missing name imported with a substitute": """
        try:
            from socket import socket, timeout
        except ImportError:
            from usocket import socket
            timeout = OSError
        """,
    "the CPython branch of an import, other order": """
        try:
            import socket
            ERROR = OSError
        except ImportError:
            import usocket as socket
            ERROR = socket.error
        """,
    "the CPython branch of an import of another module": """
        import socket
        try:
            import network
        except ImportError:
            ERRORS = (socket.timeout, socket.error)
        """,
    "the CPython branch of a bare except": """
        try:
            import usocket as socket
        except:
            import socket
            socket.setdefaulttimeout(3)
        """,
    # Type checkers
    "a type checker's block": """
        import socket
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            Timeout = socket.timeout
        """,
    "typing's flag by another name": """
        import socket
        import typing as t
        if t.TYPE_CHECKING:
            Timeout = socket.timeout
        """,
    "an import of typing that fails": """
        import socket
        try:
            from typing import TYPE_CHECKING
        except ImportError:
            TYPE_CHECKING = False
        if TYPE_CHECKING:
            Timeout = socket.timeout
        """,
    "typing's flag set by hand": """
        import socket
        TYPE_CHECKING = False
        if TYPE_CHECKING:
            from socket import timeout
        """,
    "an annotation": """
        import socket
        def f(e: socket.timeout, name: "socket.error" = None) -> socket.gaierror:
            last: socket.timeout
        """,
    # Dead code
    "dead code": """
        import socket
        from micropython import const
        DEBUG = const(0)
        if False:
            print(socket.timeout)
        if DEBUG:
            print(socket.timeout)
        """,
    "a constant that const() gave, false": """
        import socket
        from micropython import const
        _ON_PC = const(False)
        if _ON_PC:
            print(socket.timeout)
        """,
    # Another import, or another Python
    "another module where the first is missing": """
        import socket
        try:
            import select
            print(select.poll())
        except:
            import selectors
            print(socket.timeout)
        """,
    "what follows an import that may fail": """
        import socket
        try:
            import atexit
            atexit.register(print)
            print("registered")
        except ImportError:
            pass
        """,
    "where a board lacks no function": """
        import socket, time
        if ticks := getattr(time, "ticks_ms", None):
            print(ticks())
        else:
            print(socket.timeout)
        """,
    "where a board lacks no function, compared with None": """
        import socket, time
        ticks = getattr(time, "ticks_ms", None)
        if ticks is None:
            print(socket.timeout)
        """,
    "the name of the implementation, by a function of the file": """
        import socket, sys
        def name():
            return getattr(sys.implementation, "name", "")
        if name() != "micropython":
            print(socket.timeout)
        """,
    "what CPython does without a module of boards": """
        import socket
        try:
            from machine import reset
            from helper import work
        except (ImportError, ModuleNotFoundError):
            work = socket.timeout
        """,
    "a flag of an import that no board lacks, though the documentation does not name the module": """
        import socket
        PC, BOARD = 1, 2
        try:
            import network
            import uasyncio
            kind = BOARD
        except:
            kind = PC
        def name():
            return socket.gethostname() if kind == PC else "board"
        print(name())
        """,
    "the handler for a module that the documentation does not name": """
        import socket
        try:
            import ntptime
        except ImportError:
            print(socket.gethostname())
        """,
    "a module of boards compared with None": """
        import socket
        try:
            import network
        except ImportError:
            network = None
        if network is None:
            print(socket.gethostname())
        """,
    "an attribute that an import decides": """
        import socket
        class Device:
            def __init__(self):
                try:
                    import uasyncio
                    self.pc = False
                except ImportError:
                    self.pc = True
            def name(self):
                if self.pc:
                    return socket.gethostname()
        """,
    "an attribute that the name of the implementation decides": """
        import socket, sys
        class Device:
            def __init__(self):
                if sys.implementation.name == "micropython":
                    self.pc = False
                else:
                    self.pc = True
            def name(self):
                if self.pc:
                    return socket.gethostname()
        """,
    "what CPython imports without a module of boards": """
        import socket
        try:
            from ulab import numpy
        except ImportError:
            import numpy
            print(socket.gethostname())
        """,
    "a flag of an import in a try with finally": """
        import socket
        PC = True
        try:
            import uasyncio
            PC = False
        except:
            pass
        finally:
            print("imported")
        if PC:
            print(socket.timeout)
        """,
    "a function of MicroPython's that CPython lacks": """
        import socket, time
        try:
            ticks = time.ticks_ms
        except AttributeError:
            ticks = None
        if ticks is None:
            print(socket.timeout)
        """,
    "the modules that are loaded": """
        import socket, sys
        import machine
        if "machine" not in sys.modules:
            print(socket.timeout)
        """,
    "what a dict has for computers": """
        import socket, sys
        class Desktop:
            def name(self):
                return socket.gethostname()
        class Board:
            def name(self):
                return "board"
        KINDS = {"cpython": Desktop, "micropython": Board}
        print(KINDS[sys.implementation.name]().name())
        def of_linux():
            return socket.gethostname()
        def of_esp32():
            return "esp32"
        print({"linux": of_linux, "esp32": of_esp32}[sys.platform]())
        """,
    "a function in a function that is called on CPython only": """
        import socket, sys
        def main():
            def name():
                return socket.gethostname()
            if sys.implementation.name == "cpython":
                print(name())
        main()
        """,
    "a use of a module of boards in a try": """
        import socket
        try:
            import machine
            machine.unique_id()
            SIMULATED = False
        except (ImportError, AttributeError):
            SIMULATED = True
        if SIMULATED:
            print(socket.gethostname())
        """,
    "a value that only CPython gives": """
        import os, socket
        try:
            SIMULATED = bool(os.environ.get("SIMULATED"))
        except AttributeError:
            SIMULATED = False
        if SIMULATED:
            print(socket.gethostname())
        """,
    "a bool of a condition": """
        import socket, sys
        def simulated(level=1):
            return bool(sys.implementation.name == "cpython" and level)
        if simulated():
            print(socket.gethostname())
        """,
    "a platform in a list of another file": """
        import config, socket, sys
        if sys.platform not in config.BOARDS:
            print(socket.timeout)
        """,
    "a platform that is none of the boards": """
        import socket, sys
        if sys.platform not in ("esp32", "esp8266", "rp2", "pyboard"):
            print(socket.timeout)
        """,
    "what CPython imports without a module of micropython-lib": """
        import socket
        try:
            import urllib.urequest as requests
        except:
            import urllib.request as requests
            print(socket.gethostname())
        """,
    "an os.name, which no board has": """
        import os, socket
        if os.name == "nt":
            print(socket.timeout)
        elif "posix" == os.name:
            print(socket.timeout)
        """,
    # Flags that an import of a module from elsewhere sets
    "a name that was imported with the flag": """
        try:
            import fast_socket as socket
            FAST = True
        except ImportError:
            FAST = False
            import socket
        make = socket.create_server if FAST else socket.socket
        def serve():
            if FAST:
                return socket.create_server(("", 80))
        """,
    "a flag that only the handler sets": """
        FAST = True
        try:
            import fast_socket as socket
        except ImportError:
            import socket
            FAST = False
        if FAST:
            socket.create_server(("", 80))
        """,
    "a flag that the else clause sets": """
        try:
            import fast_socket as socket
        except ImportError:
            import socket
            FAST = 0
        else:
            FAST = 1
        if not FAST:
            raise SystemExit
        socket.create_server(("", 80))
        """,
}

LOUD = {
    "a request beside an object of hardware": """
        import machine, requests, socket
        try:
            import machine
            led = machine.Pin(2)
            answer = requests.get("http://a.b")
        except:
            answer = None
        if answer is None:
            socket.create_connection(("a", 1))  # missing-function
        """,
    "a name that was imported where the flag is false": """
        try:
            import fast_socket as socket
            FAST = True
        except ImportError:
            FAST = False
            import socket
        if FAST:
            socket.create_server(("", 80))
        else:
            socket.create_server(("", 80))  # missing-function
        """,
    "a name that is imported again": """
        try:
            import fast_socket as socket
            FAST = True
        except ImportError:
            import socket
            FAST = False
        import socket
        if FAST:
            socket.create_server(("", 80))  # missing-function
        """,
    "where no system is told from another": """
        import os, socket
        if os.name != "nt":
            print(socket.timeout)  # socket-timeout
        """,
    "in the handler for a module that a board may lack": """
        import socket
        try:
            from helper import work
        except (ImportError, ModuleNotFoundError):  # missing-exception
            print("no helper")
        """,
    "in the handler of an import of boards that brings the module": """
        import socket
        try:
            import umqtt.simple
        except ImportError:
            import mip
            print(socket.gethostname())  # missing-function
        """,
    "in the handler for a module that one of the ports lacks": """
        import socket
        try:
            import neopixel
        except ImportError:
            neopixel = None
        if neopixel is None:
            print(socket.gethostname())  # missing-function
        """,
    "a name of a module that boards lack": """
        import socket, time
        try:
            now = time.monotonic
        except AttributeError:
            print(socket.timeout)  # socket-timeout
        """,
    "an attribute that a method sets in a finally": """
        import socket
        class Line:
            def __init__(self):
                self.s = None
            def put(self):
                self.s = socket.socket()
            def open(self):
                try:
                    self.s = None
                finally:
                    self.put()
                if self.s is not None:
                    print(socket.timeout)  # socket-timeout
        Line().open()
        """,
    "what a finally binds": """
        import socket
        try:
            import uasyncio
            kind = "board"
        finally:
            kind = "pc"
        if kind == "pc":
            print(socket.timeout)  # socket-timeout
        """,
    "code outside every guard of a file for both": """
        try:
            import usocket as socket
        except ImportError:
            import socket
        print(socket.timeout)  # socket-timeout
        """,
    "in the handler that MicroPython runs": """
        import socket
        try:
            import threading
        except ImportError:
            print(socket.timeout)  # socket-timeout
        """,
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_guarded_code_is_silent(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize("code", LOUD.values(), ids=LOUD)
def test_what_only_looks_guarded_is_reported(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")


@pytest.mark.parametrize(
    "condition",
    [
        'import re\nif re.match("linux|win", sys.platform):',
        'if re.search("^linux", sys.platform) is not None:',
        'if ["linux", "win32"].count(sys.platform):',
        'if sys.platform.split("-")[0] == "linux":',
        'if sys.platform.replace("2", "") == "linux":',
        'if "MicroPython" not in sys.version.split():',
        'if any(sys.platform.startswith(one) for one in ("linux", "win")):',
        'if any(map(sys.platform.startswith, ("linux", "win"))):',
        'if not all((sys.implementation.name == "micropython", hasattr(sys, "print_exception"))):',
        'if bool(sys.implementation.name == "cpython"):',
        'if int(sys.implementation.name == "cpython"):',
        'if "micropython" not in str(sys.implementation):',
        'if not repr(sys.implementation).lower().count("micropython"):',
        'if {"linux": True, "win32": True}.get(sys.platform):',
        'if {"linux": True, "esp32": False, "rp2": False, "esp8266": False, "pyboard": False}[sys.platform]:',
        'if {"cpython": "pc", "micropython": "board"}.get(sys.implementation.name, "pc") == "pc":',
        'if ("pc", "board")[sys.implementation.name == "micropython"] == "pc":',
        'if (sys.implementation.name == "cpython") | (sys.platform == "linux"):',
        "if sys.maxsize > 2**32:",
        'if sys.byteorder != "little":',
        'import platform\nif "MicroPython" not in platform.platform():',
        'import platform\nif platform.platform().startswith(("Linux", "Windows")):',
        'if os.sep == "\\\\":',
        'if getattr(os, "name", "micropython") != "micropython":',
        'if not hasattr(sys.implementation, "_build"):',
        'if ".".join(map(str, sys.implementation.version)).startswith("1.1"):',
        'release = ".".join(map(str, sys.implementation.version))\nif release.startswith("1.1"):',
        'if "{}.{}".format(*sys.implementation.version) < "1.20":',
        'if "SIMULATED" in getattr(os, "environ", {}):',
        'if any("site-packages" in folder for folder in sys.path):',
        'if len(getattr(sys, "executable", "")) > 0:',
        'if os.uname().machine == "x86_64":',
        'if os.uname().machine in ("x86_64", "aarch64", "arm64"):',
        'if os.uname()[4] == "armv7l":',
        'if "x86" in os.uname().machine:',
        'if "aarch64" in os.uname()[4] or "arm64" in os.uname()[4]:',
        'if getattr(os, "name", "") == "nt":',
        'if getattr(os, "environ", None):',
        'if getattr(os, "cpu_count", None) is not None:',
        'if getattr(sys, "getrefcount", None):',
    ],
)
def test_a_condition_that_computers_alone_fulfil_is_a_guard_in_any_form(condition: str) -> None:
    body = "\n    print(socket.timeout)\n"
    code = f"import os, socket, sys\n{condition}{body}"
    assert offences(code) == []
    assert offences(code.replace(condition, "if sys.path:")) != []

"""What a file imports from the others of its project, in small projects of a few files each."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from tests.support.shapes import marked
from usock_lint import Config, lint_paths, lint_source
from usock_lint.ports import parse_targets

_FLAGS = """
    import sys
    ON_BOARD = sys.implementation.name == "micropython"
    PC = not ON_BOARD
    ESP = sys.platform == "esp32"
    try:
        import machine
        HAVE = True
    except ImportError:
        HAVE = False
    """
_NET = """
    import socket

    def connect(host, port=80):
        s = socket.socket()
        s.connect(socket.getaddrinfo(host, port)[0][-1])
        return s

    def pair():
        s = socket.socket()
        return s.accept()

    def same(s, x=None):
        s.settimeout(2)
        return s

    class Client:
        size = 10

        def __init__(self, sock, peer=None):
            self.made = socket.socket()
            self.sock = sock
            self.peer = peer
            self.is_open = False
            self.last = None

        @property
        def raw(self):
            return self.made

        def take(self):
            return self.sock

    class Base:
        def __init__(self):
            self.s = None

        def open(self):
            self.s = socket.socket()
    """

PROJECTS: dict[str, dict[str, str]] = {
    "a constant by name": {
        "config.py": "HOST = 'example.com'\nPORT = 80",
        "main.py": """
            import socket
            from config import HOST, PORT as port
            s = socket.socket()
            s.connect((HOST, port))  # domain-name-address
            """,
    },
    "constants of a module": {
        "config.py": "HOST = '10.0.0.1'\nPORT = '80'",
        "main.py": """
            import socket
            import config as c
            s = socket.socket()
            s.connect((c.HOST, c.PORT))  # port-type
            """,
    },
    "a constant that another one is made of": {
        "secrets.py": "NAME = 'example.com'",
        "config.py": "from secrets import NAME\nHOST = NAME",
        "main.py": """
            import socket, config
            socket.socket().connect((config.HOST, 80))  # domain-name-address
            """,
    },
    "a function that tells which Python this is": {
        "compat.py": """
            import sys
            def on_board():
                return sys.implementation.name == "micropython"
            def on_computer():
                return sys.platform in ("linux", "win32", "darwin")
            """,
        "main.py": """
            import compat, socket
            from compat import on_computer
            s = socket.socket()
            if not compat.on_board():
                s.shutdown(2)
            if on_computer():
                s.shutdown(2)
            if not on_computer():
                s.shutdown(2)  # missing-method
            """,
    },
    "a function that tries an import": {
        "compat.py": """
            def on_board():
                try:
                    import machine
                    return True
                except ImportError:
                    return False
            """,
        "main.py": """
            import socket
            from compat import on_board
            def stop(s=socket.socket()):
                if not on_board():
                    s.shutdown(2)
            """,
    },
    "an object that knows which Python this is": {
        "compat.py": """
            import sys
            class Device:
                def __init__(self):
                    self.simulated = sys.implementation.name != "micropython"
                @property
                def is_board(self):
                    return not self.simulated
                @staticmethod
                def is_computer():
                    return sys.platform == "linux"
            device = Device()
            """,
        "main.py": """
            import socket
            from compat import Device, device
            s = socket.socket()
            if device.simulated or not device.is_board or Device.is_computer():
                s.shutdown(2)
            class Radio(Device):
                def stop(self):
                    if self.simulated:
                        s.shutdown(2)
            Radio().stop()
            """,
    },
    "a function that ends the program on boards": {
        "compat.py": """
            import sys
            def need_computer():
                if sys.implementation.name == "micropython":
                    raise RuntimeError("for a computer")
            """,
        "main.py": """
            import socket
            from compat import need_computer
            need_computer()
            socket.socket().shutdown(2)
            """,
    },
    "a module of the project in a try, and the built-in one in the handler": {
        "our_time.py": "def monotonic():\n    return 1",
        "our_threads.py": "class Thread:\n    pass",
        "main.py": """
            import socket
            try:
                import our_time as time
            except ImportError:
                import time
            try:
                import our_threads as threading
            except ImportError:
                import threading
            print(time.monotonic(), time.time_ns(), threading.Thread)
            """,
    },
    "a socket module and an errno module of the project": {
        "lib/socket.py": "def create_connection(address):\n    pass\nclass timeout(OSError):\n    pass",
        "lib/errno.py": "ENOTSUP = 95",
        "main.py": """
            import errno, socket
            from socket import timeout
            try:
                socket.create_connection(("10.0.0.1", 80))
                socket.create_server(("", 80))  # missing-function
            except (timeout, socket.timeout) as error:
                print(error.errno == errno.ENOTSUP, errno.ENOTUNIQ)  # missing-errno
            """,
    },
    "what is asked of a module": {
        "config.py": "HOST = 'example.com'",
        "main.py": """
            import socket, config
            s = socket.socket()
            s.connect((getattr(config, "HOST", "10.0.0.1"), 80))  # domain-name-address
            if not hasattr(config, "HOST"):
                s.shutdown(2)
            if hasattr(config, "PORT"):
                s.shutdown(2)  # missing-method
            """,
    },
    "what is given to a module": {
        "config.py": "HOST = '10.0.0.1'\nsock = None",
        "main.py": """
            import socket, config
            def start():
                config.HOST = "example.com"
                config.sock = socket.socket()
            def run():
                config.sock.connect((config.HOST, 80))  # domain-name-address
                config.sock.shutdown(2)  # missing-method
            start()
            run()
            """,
    },
    "a dict of settings": {
        "config.py": "net = {'host': 'example.com', 'port': 80, 'tls': False}",
        "main.py": """
            import socket
            from config import net
            s = socket.socket()
            s.connect((net["host"], net["port"]))  # domain-name-address
            if net["tls"]:
                s.shutdown(2)  # missing-method
            """,
    },
    "settings that are to be changed": {
        "config.py": "HOST = ''\nDEBUG = False\nOLD = None\nUPY = False\nclass Of:\n    ALL = False",
        "main.py": """
            import socket, config
            from config import UPY as small, MPY as less
            s = socket.socket()
            if config.DEBUG:
                s.shutdown(2)  # missing-method
            if config.OLD is not None or config.HOST:
                s.shutdown(2)  # missing-method
            if config.Of.ALL:
                s.shutdown(2)  # missing-method
            if not config.UPY:
                s.shutdown(2)
            if small or less:
                s.shutdown(2)
            """,
    },
    "settings of a class": {
        "config.py": "class Config:\n    HOST = 'example.com'\n\n    PORT = 80\nclass Driver:\n    def f(self): pass",
        "main.py": """
            import socket
            from config import Config, Driver
            s = socket.socket()
            s.connect((Config.HOST, Config.PORT))  # domain-name-address
            Driver(s).f().shutdown(2)
            """,
    },
    "flags": {
        "flags.py": _FLAGS,
        "main.py": """
            import socket
            import flags
            from flags import PC, HAVE
            s = socket.socket()
            if PC:
                s.shutdown(2)
            if not flags.ON_BOARD or not HAVE:
                s.detach()
            if flags.HAVE:
                s.shutdown(1)  # missing-method
            if flags.ESP:
                s.connect(("example.com", 80))
            else:
                s.connect(("example.com", 80))  # domain-name-address
            """,
    },
    "a flag by an odd name, that is a fact there": {
        "flags.py": "import sys\nIS_MICROPYTHON = sys.implementation.name == 'micropython'",
        "main.py": """
            import socket, flags
            s = socket.socket()
            if flags.IS_MICROPYTHON:
                s.shutdown(2)  # missing-method
            elif input():
                s.detach()
            """,
    },
    "functions that return sockets": {
        "net.py": _NET,
        "main.py": """
            import net
            from net import connect
            s = connect("example.com")
            s.shutdown(2)  # missing-method
            net.connect("example.com", 80).detach()  # missing-method
            other, peer = net.pair()
            other.detach()  # missing-method
            import socket
            """,
    },
    "functions that take sockets": {
        "net.py": _NET,
        "main.py": """
            import socket, net
            s = net.same(socket.socket())
            s.shutdown(2)  # missing-method
            """,
    },
    "functions that take sockets, of a file without any": {
        "util.py": "def quick(s, *rest):\n    s.settimeout(1)\n    return s, rest",
        "main.py": """
            import socket
            from util import quick
            s, rest = quick(socket.socket(), 1)
            s.shutdown(2)  # missing-method
            """,
    },
    "functions that take something else": {
        "net.py": _NET,
        "main.py": """
            import socket, net
            net.same(open("x")).shutdown(2)
            net.same(input()).shutdown(2)
            """,
    },
    "instances": {
        "net.py": _NET,
        "main.py": """
            import socket, net
            c = net.Client(socket.socket())
            c.made.shutdown(2)  # missing-method
            c.sock.shutdown(2)  # missing-method
            c.raw.shutdown(2)  # missing-method
            c.take().shutdown(2)  # missing-method
            c.peer.shutdown(2)
            if c.is_open:
                c.made.detach()  # missing-method
            if c.last is not None:
                c.made.detach()  # missing-method
            """,
    },
    "base classes": {
        "net.py": _NET,
        "main.py": """
            import socket
            from net import Base
            class Mine(Base):
                def __init__(self):
                    super().__init__()
                    self.x = None
                def end(self):
                    self.s.shutdown(2)  # missing-method
                    if self.x:
                        self.s.detach()  # missing-method
            """,
    },
    "a package": {
        "pkg/__init__.py": "from .net import connect\nfrom . import net as inner",
        "pkg/net.py": _NET,
        "main.py": """
            import socket, pkg, pkg.net
            from pkg import connect, net, inner
            connect("x").shutdown(2)  # missing-method
            pkg.connect("x").shutdown(2)  # missing-method
            pkg.net.connect("x").shutdown(2)  # missing-method
            net.connect("x").shutdown(2)  # missing-method
            inner.connect("x").shutdown(2)  # missing-method
            """,
    },
    "a package without its file": {
        "pkg/net.py": _NET,
        "main.py": """
            import socket, pkg.net as net
            from pkg.net import connect
            net.connect("x").shutdown(2)  # missing-method
            connect("x").shutdown(2)  # missing-method
            """,
    },
    "relative imports": {
        "net.py": "",
        "pkg/__init__.py": "",
        "pkg/net.py": _NET,
        "pkg/sub/__init__.py": "from ..net import connect",
        "pkg/app.py": """
            import socket
            from . import net
            from .net import connect
            from .sub import connect as again
            net.connect("x").shutdown(2)  # missing-method
            connect("x").shutdown(2)  # missing-method
            again("x").shutdown(2)  # missing-method
            """,
    },
    "stars": {
        "net.py": _NET,
        "chosen.py": "__all__ = ['HOST']\nHOST = 'example.com'\nPORT = '80'",
        "main.py": """
            import ssl
            from net import *
            from chosen import *
            s = connect("x")
            s.detach()  # missing-method
            s.connect((HOST, PORT))  # domain-name-address
            """,
    },
    "stars of others": {
        "more.py": "from socket import *\n_hidden = 1",
        "main.py": """
            import ssl
            from more import *
            s = socket()
            s.detach()  # missing-method
            """,
    },
    "the socket module by way of another one": {
        "compat.py": "try:\n    import usocket as socket\nexcept ImportError:\n    import socket",
        "main.py": """
            import ssl
            from compat import socket
            import compat
            socket.timeout  # socket-timeout
            compat.socket.create_connection(("10.0.0.1", 80))  # missing-function
            """,
    },
    "folders of libraries": {
        "lib/net.py": _NET,
        "main.py": """
            import socket, net
            net.connect("x").shutdown(2)  # missing-method
            """,
    },
    "a circle": {
        "a.py": "import b\nHOST = 'example.com'\ndef f():\n    return b.g()",
        "b.py": "import a, socket\nNAME = a.HOST\ndef g():\n    return socket.socket()\ndef h():\n    return a.f()",
        "main.py": """
            import socket, a, b
            a.f().shutdown(2)  # missing-method
            b.g().connect((b.NAME, 80))  # domain-name-address
            """,
    },
    "a function that the file calls itself, and another file in a circle": {
        "b.py": "import socket, a\nADDRESS = ('h', 80)\ndef show(data):\n    a.take(socket.socket())",
        "a.py": """
            import socket, b

            def take(s):
                return s.recv(10)

            def serve(address):
                s = socket.socket()
                s.connect(socket.getaddrinfo(*address)[0][-1])
                data = b""
                while len(data) < 100:  # endless-read-loop
                    data += take(s)
                b.show(data)

            serve(b.ADDRESS)
            """,
    },
    "a file that imports itself": {
        "main.py": """
            import socket, main
            HOST = "example.com"
            socket.socket().connect((main.HOST, 80))
            """,
    },
    "what cannot be read": {
        "broken.py": "def f(:\n",
        "endless.py": "HOST = 'example.com'\nwhile True:\n    pass",
        "data.py": f"HOST = 'example.com'\nDATA = '{'x' * 30_000}'",
        "main.py": """
            import socket, broken, endless, data, nowhere  # failing-import
            from broken import f
            s = socket.socket()
            f(s).shutdown(2)
            s.connect((endless.HOST, 80))
            s.connect((data.HOST, 80))
            s.connect((nowhere.HOST, 80))
            """,
    },
    "two files of this name": {
        "config.py": "HOST = 'example.com'",
        "app/config.py": "HOST = '10.0.0.1'",
        "app/net.py": """
            import socket, config
            socket.socket().connect((config.HOST, 80))
            """,
    },
    "a folder of its own": {
        "config.py": "HOST = '10.0.0.1'",
        "app/config.py": "HOST = 'example.com'",
        "app/main.py": """
            import socket, config
            socket.socket().connect((config.HOST, 80))  # domain-name-address
            """,
    },
    "a module of this name on every board": {
        "network.py": "HOST = 'example.com'",
        "main.py": """
            import socket, network
            socket.socket().connect((network.HOST, 80))  # shadowed-builtin-module
            """,
    },
    "what a manifest freezes": {
        "devices/relay.py": "HOST = 'example.com'",
        "devices/other.py": "HOST = 'example.com'",
        "ours/net/__init__.py": "",
        "ours/net/tcp.py": "HOST = 'example.com'",
        "extra/all.py": "HOST = 'example.com'",
        "firmware/manifest.py": """
            include("$(PORT_DIR)/boards/manifest.py")
            module("relay.py", base_path="../devices")
            package("net", base_path="../ours")
            freeze("$(PORT_DIR)/modules")
            freeze("../extra", ("all.py", "gone.py"))
            for name in "ab":
                module(name + ".py")
            """,
        "core/main.py": """
            import socket, relay, net.tcp, all, other
            s = socket.socket()
            s.connect((relay.HOST, 80))  # domain-name-address
            s.connect((net.tcp.HOST, 80))  # domain-name-address
            s.connect((all.HOST, 80))  # domain-name-address
            s.connect((other.HOST, 80))
            """,
    },
    "what mip installs": {
        "src/client.py": "HOST = 'example.com'",
        "package.json": """
            {"urls": [["net/tcp.py", "github:me/it/src/client.py"], ["net/__init__.py", "src/init.py"], [1], "x"],
             "deps": [["threading", "latest"], ["github:me/other", "main"]]}
            """,
        "main.py": """
            import socket, threading
            import selectors  # missing-module
            from net.tcp import HOST
            socket.socket().connect((HOST, 80))  # domain-name-address
            threading.Lock()
            """,
    },
    "manifests that cannot be read": {
        "manifest.py": "module(",
        "package.json": '{"urls": 3, "deps": [[]], ',
        "main.py": """
            import socket
            import selectors  # missing-module
            """,
    },
    "numbers of errors": {
        "errors.py": "LOST = {104, 110}\nFEW = (104, 110)\nONE = 118",
        "main.py": """
            import socket
            from errors import LOST, FEW, ONE
            s = socket.socket()
            try:
                s.send(b"x")
            except OSError as e:
                if e.errno in LOST or e.args[0] in FEW:  # hard-coded-errno
                    print(e)
            """,
    },
    "a socket, or what is put around it": {
        "net.py": """
            import socket
            class Wrapped:
                def __init__(self, s):
                    self.s = s
                def shutdown(self, how):
                    pass
            class Own(socket.socket):
                pass
            def surely():
                s = socket.socket()
                if not isinstance(s, Wrapped):
                    s = Wrapped(s)
                return s
            """,
        "main.py": """
            import socket, net
            net.surely().shutdown(2)
            s = socket.socket()
            if not isinstance(s, (net.Own, net.Wrapped)):
                s.shutdown(2)  # missing-method
            """,
    },
    "functions that end the program": {
        "util.py": """
            import sys
            def die(message):
                print(message)
                sys.exit(1)  # for the shell
            def report(message):
                print(message)
            """,
        "net.py": """
            import socket, util
            class Link:
                def fail(self, message):
                    util.die(message)
            """,
        "main.py": """
            import socket
            from util import die, report
            from net import Link
            link = Link()
            s = socket.socket()
            try:
                s.shutdown(0)  # missing-method
            except AttributeError as e:
                die(e)
            try:
                s.shutdown(1)
            except AttributeError as e:
                report(e)
            try:
                s.shutdown(2)  # missing-method
            except AttributeError as e:
                link.fail(e)
            if not hasattr(s, "shutdown"):
                die("no shutdown")
            s.shutdown(2)
            """,
    },
    "sockets that a module has": {
        "shared.py": """
            import socket
            sock = socket.socket()
            sock.bind(("0.0.0.0", 80))
            clients = []
            clients.append(sock)
            by_name = {"a": sock}
            pair = (sock, [sock])
            later = None
            def open():
                global later
                later = socket.socket()
            """,
        "main.py": """
            import socket, shared
            from shared import sock
            sock.shutdown(2)  # missing-method
            sock.listen()
            shared.clients[0].shutdown(2)  # missing-method
            for one in shared.clients:
                one.shutdown(2)  # missing-method
            shared.by_name["a"].shutdown(2)  # missing-method
            shared.pair[1][0].shutdown(2)  # missing-method
            shared.later.shutdown(2)  # missing-method
            """,
    },
    "generators and coroutines": {
        "net.py": """
            import socket
            def each():
                yield socket.socket()
            async def soon():
                return socket.socket()
            """,
        "main.py": """
            import socket, net
            for s in net.each():
                s.shutdown(2)  # missing-method
            async def main():
                s = await net.soon()
                s.shutdown(2)  # missing-method
            """,
    },
}

FAILING: dict[str, dict[str, str]] = {
    "a module that boards lack": {
        "util.py": "import threading",
        "main.py": "import socket\nimport util  # failing-import",
    },
    "a name that boards lack": {
        "util.py": "from ssl import create_default_context",
        "main.py": "import socket\nfrom util import create_default_context as f  # failing-import",
    },
    "a base class that boards lack": {
        "util.py": "import socket\nclass A(Exception):\n    e = socket.gaierror",
        "main.py": "import socket\nfrom util import *  # failing-import",
    },
    "a file that another one imports": {
        "c.py": "import subprocess",
        "b.py": "from c import run",
        "a.py": "import b",
        "main.py": "import socket\nimport a  # failing-import",
    },
    "files that import each other": {
        "a.py": "import b\nimport main",
        "b.py": "import a\nimport threading",
        "main.py": "import socket\nimport a  # failing-import",
    },
    "files that import each other, of which each fails": {
        **{
            f"m{number}.py": "".join(f"import m{other}\n" for other in range(9) if other != number) + "import threading"
            for number in range(9)
        },
        "main.py": "import socket\nimport m0  # failing-import",
    },
    "files that import each other and can be imported": {
        "a.py": "import b\nimport main",
        "b.py": "import a",
        "main.py": "import socket\nimport a\nimport b",
    },
    "a package, and a module in it": {
        "p/__init__.py": "from . import b",
        "p/a.py": "",
        "p/b.py": "import threading",
        "main.py": "import socket\nfrom p import a  # failing-import",
    },
    "a module of a package": {
        "p/__init__.py": "",
        "p/a.py": "import threading",
        "main.py": "import socket\nfrom p import a, nothing  # failing-import",
    },
    "the package that the file is in": {
        "p/__init__.py": "import threading",
        "p/a.py": "",
        "p/main.py": "import socket\nfrom . import a  # failing-import",
    },
    "a folder without __init__": {
        "p/a.py": "import threading",
        "main.py": "import socket\nimport p.a as a  # failing-import",
    },
    "a module that is called as one of CPython": {
        "pickle.py": "import csv",
        "main.py": "import socket\nimport pickle  # failing-import",
    },
    "a file that is called as a module of every board": {
        "time.py": "import threading",
        "main.py": "import socket\nimport time",
    },
    "a form that the compiler refuses": {
        "util.py": "def f(x):\n    return [*x, 1]",
        "main.py": "import socket\nimport util  # failing-import",
    },
    "a text that is no program": {
        "util.py": "print 'hello'",
        "main.py": "import socket\nimport util  # failing-import",
    },
    "a large file": {
        "util.py": "import threading\n" + "X = 'data'\n" * 3000,
        "main.py": "import socket\nimport util  # failing-import",
    },
    "an import in a function of the importing file": {
        "util.py": "import threading",
        "main.py": "import socket\ndef f():\n    import util  # failing-import",
    },
    "an import in a function of the imported file": {
        "util.py": "def f():\n    import threading",
        "main.py": "import socket\nimport util",
    },
    "what runs if the imported file is the program": {
        "util.py": "if __name__ == '__main__':\n    import argparse",
        "main.py": "import socket\nimport util",
    },
    "an import under a condition that is not known": {
        "util.py": "import config\nif config.A:\n    import threading\nx = config.A and exit()\ny = lambda: exit()",
        "main.py": "import socket\nimport util",
    },
    "an import under a condition that is known": {
        "util.py": "import sys\nif sys.version_info >= (3,):\n    import queue",
        "main.py": "import socket\nimport util  # failing-import",
    },
    "an import for CPython": {
        "util.py": "import sys\nif sys.implementation.name != 'micropython':\n    import threading",
        "main.py": "import socket\nimport util",
    },
    "imports for a type checker": {
        "util.py": "import threading",
        "good.py": "TYPE_CHECKING = False\nif TYPE_CHECKING:\n    import threading",
        "main.py": "import socket, good\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n    import util",
    },
    "an import that the imported file can do without": {
        "util.py": "try:\n    import threading\nexcept ImportError:\n    threading = None",
        "main.py": "import socket\nimport util",
    },
    "an import without which the imported file ends": {
        "a.py": "import threading",
        "util.py": "import sys\ntry:\n    import a\nexcept ImportError:\n    print('no')\n    sys.exit(1)",
        "main.py": "import socket\nimport util  # failing-import",
    },
    "a line that the imported file catches": {
        "util.py": "try:\n    import a\nexcept ImportError:\n    a = None",
        "a.py": "import threading",
        "main.py": "import socket\nimport util",
    },
    "what runs after an error alone": {
        "util.py": "import socket\ntry:\n    socket.socket()\nexcept socket.timeout:\n    exit()",
        "main.py": "import socket\nimport util",
    },
    "an import that the importing file can do without": {
        "util.py": "import threading",
        "main.py": "import socket\ntry:\n    import util\nexcept ImportError:\n    util = None",
    },
    "an import that is tried for another error": {
        "util.py": "import threading",
        "main.py": "import socket\ntry:\n    import util  # failing-import\nexcept OSError:\n    util = None",
    },
    "one cause of several imports": {
        "a.py": "import threading",
        "b.py": "import a",
        "main.py": "import socket\ndef f():\n    import a\nimport b  # failing-import\nimport a",
    },
    "two causes": {
        "a.py": "import threading",
        "b.py": "import threading",
        "main.py": "import socket\nimport b  # failing-import\nimport a  # failing-import",
    },
    "a finding that is silenced": {
        "a.py": "import threading  # noqa: USK110",
        "b.py": "import threading  # noqa",
        "c.py": "# usock-lint: skip-file\nimport threading",
        "main.py": "import socket, a, b, c",
    },
    "a file for another firmware": {
        "util.py": "import adafruit_requests, threading",
        "main.py": "import socket\nimport util",
    },
    "what can be installed": {
        "util.py": "import logging",
        "main.py": "import socket\nimport util  # failing-import",
    },
    "what can be installed, for a program of a board": {
        "util.py": "import logging",
        "main.py": "import socket, machine\nimport util",
    },
    "what can be installed, for a library of a board": {
        "util.py": "import logging",
        "net.py": "import network\nimport util",
        "main.py": "import socket\nimport net",
    },
    "a program that is started as a package": {
        "app/server.py": "import threading",
        "app/main.py": "import socket\nfrom app.server import run  # failing-import",
    },
    "one of two files": {
        "lib/util.py": "import threading",
        "util.py": "import threading",
        "app/main.py": "import socket\nimport util",
        "app/util.py": "",
        "main.py": "import socket\nimport app.main",
    },
}


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).strip("\n") + "\n")


def _found(path: Path, text: str) -> list[str]:
    config = Config(targets=parse_targets(["portable"]))
    return [f"{one.location.row} {one.name}" for one in lint_source(text, str(path), config)]


@pytest.mark.parametrize("files", [*PROJECTS.values(), *FAILING.values()], ids=[*PROJECTS, *FAILING])
def test_in_the_last_file_is_found_what_is_marked(files: dict[str, str], tmp_path: Path) -> None:
    _write(tmp_path, {".git/HEAD": "", **files})
    path = tmp_path / [*files][-1]
    text = path.read_text()
    assert _found(path, text) == marked(text, "")


@pytest.mark.parametrize("start", ["from net import connect", "import pkg as net", "from pkg import *\nimport net"])
def test_a_file_that_has_its_sockets_from_the_project_is_linted(start: str, tmp_path: Path) -> None:
    _write(tmp_path, {".git/HEAD": "", "net.py": _NET, "pkg/__init__.py": "from net import connect", "main.py": ""})
    call = "connect" if "connect" in start or "*" in start else "net.connect"
    text = f"{start}\n{call}('x').shutdown(2)\n"
    (tmp_path / "main.py").write_text(text)
    assert _found(tmp_path / "main.py", text) == [f"{text.count(chr(10))} missing-method"]
    assert [len(one.findings) for one in lint_paths([tmp_path / "main.py"])] == [1]


def test_a_source_without_a_path_has_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, {"config.py": "HOST = 'example.com'"})
    monkeypatch.chdir(tmp_path)
    assert lint_source("import socket, config\nsocket.socket().connect((config.HOST, 80))\n") == []


def test_what_is_found_does_not_depend_on_what_was_linted_before(tmp_path: Path) -> None:
    names = [f"m{number}" for number in range(7)]
    for number, name in enumerate(names):
        others = "".join(f"import {one}\n" for one in names if one != name)
        after = names[(number + 1) % len(names)]
        text = (
            f"{others}import socket\ndef f():\n    return {after}.f() if input() else socket.socket()\nX = {after}.X\n"
        )
        _write(tmp_path, {f"{name}.py": text})
    last = "import socket, m0, m3\nm0.f().shutdown(2)\nm3.f().shutdown(2)\nm3.X.shutdown(2)\n"
    _write(tmp_path, {"main.py": last})
    first = _found(tmp_path / "main.py", last)
    for name in reversed(names):
        path = tmp_path / f"{name}.py"
        _found(path, path.read_text())
    assert _found(tmp_path / "main.py", last) == first != []

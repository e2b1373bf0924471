"""Functions that something calls later: what they were handed together with flows into their parameters."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

CALLS = {
    "a thread": "import threading\nthreading.Thread(target=end, args=(sock,)).start()",
    "a thread by position": "from threading import Thread\nThread(None, end, None, [sock]).start()",
    "a thread with keywords": 'import threading as t\nt.Thread(target=end, kwargs={"peer": sock}).start()',
    "a thread's class": """
from threading import Thread
class Worker(Thread):
    def __init__(self):
        Thread.__init__(self, target=end, args=(sock,))
""",
    "a timer of a thread": "import threading\nthreading.Timer(5, end, (sock,)).start()",
    "a process": "from multiprocessing import Process\nProcess(target=end, args=(sock,)).start()",
    "_thread": "import _thread\n_thread.start_new_thread(end, (sock,))",
    "_thread with keywords": 'import _thread\n_thread.start_new_thread(end, (), {"peer": sock})',
    "Python 2's name": "import _thread\n_thread.start_new(end, (sock,))",
    "a pool": "import concurrent.futures as f\nf.ThreadPoolExecutor().submit(end, sock)",
    "a pool as a context": """
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    pool.submit(end, peer=sock)
""",
    "map of a pool": "from multiprocessing.pool import ThreadPool\nThreadPool().map(end, [sock])",
    "apply_async": "from multiprocessing.pool import ThreadPool\nThreadPool().apply_async(end, (sock,))",
    "an event loop": "import asyncio\nasyncio.get_event_loop().call_soon(end, sock)",
    "an event loop, later": "import asyncio\nloop = asyncio.get_event_loop()\nloop.call_later(5, end, sock)",
    "an event loop's pool": "import asyncio\nasyncio.get_event_loop().run_in_executor(None, end, sock)",
    "an event loop's reader": "import asyncio\nasyncio.get_event_loop().add_reader(sock, end, sock)",
    "another thread of asyncio": "import asyncio\nasyncio.run(asyncio.to_thread(end, sock))",
    "schedule": "import micropython\nmicropython.schedule(end, sock)",
    "at the end": "import atexit\natexit.register(end, sock)",
    "partial": "from functools import partial\npartial(end, sock)()",
    "partial that is called elsewhere": "import functools\nprint(functools.partial(end, peer=sock))",
    "partial of partial": "from functools import partial\npartial(partial(end), sock)()",
    "partial in a timer": "import machine, functools\nmachine.Timer(0, callback=functools.partial(end, sock))",
    "a lambda's parameter": "(lambda peer: end(peer))(sock)",
    "a lambda with a name": "go = lambda peer: end(peer)\ngo(sock)",
    "a lambda's default": "import machine\nmachine.Timer(-1).init(callback=lambda t, peer=sock: end(peer))",
    "a lambda in a thread": "import _thread\n_thread.start_new_thread(lambda peer: end(peer), (sock,))",
    "a lambda as a callback": "sock.setsockopt(socket.SOL_SOCKET, 20, lambda peer: end(peer))",
    "a callback": "sock.setsockopt(socket.SOL_SOCKET, 20, end)",
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_what_a_function_is_given_when_it_is_called_later(call: str) -> None:
    before = "import socket\ndef end(peer):\n    peer.shutdown(2)\nsock = socket.socket()\n"
    assert offences(before + call.strip()) == ["3 missing-method"]


SHAPES = {
    "what partial is given comes first": """
        import socket
        from functools import partial
        def end(name, peer):
            name.shutdown(2)
            peer.shutdown(2)  #
        partial(end, "x")(socket.socket())
        """,
    "what partial makes of a class": """
        import socket
        from functools import partial
        class Link:
            def __init__(self, sock, name):
                sock.shutdown(2)  #
            def end(self):
                return socket.socket()
        partial(Link, socket.socket())("x").end().shutdown(2)  #
        """,
    "a method in a thread": """
        import socket
        import threading
        class Server:
            def serve(self, conn, address):
                conn.shutdown(2)  #
            def run(self):
                listener = socket.socket()
                listener.bind(("0.0.0.0", 80))
                listener.listen(1)
                while True:
                    threading.Thread(target=self.serve, args=listener.accept()).start()
        """,
    "what a lambda gives": """
        import socket
        make = lambda: socket.socket()
        make().shutdown(2)  #
        """,
    "a lambda that ends the program is not called where it stands": """
        import signal, sys
        import socket
        signal.signal(signal.SIGINT, lambda number, frame: sys.exit())
        socket.socket().shutdown(2)  #
        """,
    "a lambda whose flag others may give": """
        import socket
        go = lambda sock, flag=False: sock.shutdown(2) if flag else None  #
        go(socket.socket())
        """,
    "a function that another is handed on to": """
        import socket
        import _thread
        def start(function, peer):
            _thread.start_new_thread(function, (peer,))
        def end(peer):
            peer.shutdown(2)  #
        start(end, socket.socket())
        """,
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_what_is_called_later(shape: str) -> None:
    assert offences(shape) == marked(shape, "missing-method")


SILENT = {
    "arguments that are not known": """
        import socket
        import _thread
        def end(name):
            name.shutdown(2)
        sock = socket.socket()
        _thread.start_new_thread(end, input())
        """,
    "a socket that stands elsewhere": """
        import socket
        import threading
        def end(name, sock):
            name.shutdown(2)
        threading.Timer(5, end, ("x", socket.socket())).start()
        """,
    "a closed socket that a thread was given": """
        import socket
        import _thread
        def end(sock):
            sock.close()
        sock = socket.socket()
        _thread.start_new_thread(end, (sock,))
        sock.send(b"x")
        """,
}


@pytest.mark.parametrize("shape", SILENT.values(), ids=SILENT.keys())
def test_what_is_not_known_of_later_calls(shape: str) -> None:
    assert offences(shape) == []

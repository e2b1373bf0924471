"""What is put into a container comes out of it, where all that is in it is of one sort."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    "a list that grows": """
        import socket
        clients = []
        clients.append(socket.socket())
        for s in clients:
            s.shutdown(2)  #
        """,
    "a list of an object": """
        import socket
        class Server:
            def __init__(self):
                self.clients = []
            def accept(self, server):
                self.clients.append(socket.socket())
            def end(self):
                for s in self.clients:
                    s.shutdown(2)  #
        """,
    "what accept gives, kept as a pair": """
        import socket
        server = socket.socket()
        server.listen(1)
        clients = []
        while True:
            clients.append(server.accept())
            for conn, addr in clients:
                conn.shutdown(2)  #
        """,
    "an index": """
        import socket
        clients = list()
        clients.insert(0, socket.socket())
        clients[0].shutdown(2)  #
        clients[-1].shutdown(2)  #
        """,
    "pop of a list": """
        import socket
        pool = [socket.socket()]
        pool.append(socket.socket())
        s = pool.pop()
        s.shutdown(2)  #
        """,
    "a list that is added to": """
        import socket
        pool = []
        pool += [socket.socket()]
        pool.extend([socket.socket()])
        for s in pool[1:] + pool:
            s.shutdown(2)  #
        """,
    "a list of so many": """
        import socket
        pool = [None] * 4
        pool[2] = socket.socket()
        if pool[2]:
            pool[2].shutdown(2)  #
        """,
    "a comprehension": """
        import socket
        pool = [socket.socket() for _ in range(3)]
        for s in pool:
            s.shutdown(2)  #
        """,
    "a generator": """
        import socket
        def connections(server):
            while True:
                conn, addr = server.accept()
                yield conn
        def serve():
            server = socket.socket()
            server.listen(1)
            for conn in connections(server):
                conn.shutdown(2)  #
        """,
    "what a generator hands on": """
        import socket
        def some():
            yield from [socket.socket()]
        for s in some():
            s.shutdown(2)  #
        """,
    "a set": """
        import socket
        pool = set()
        pool.add(socket.socket())
        for s in pool:
            s.shutdown(2)  #
        """,
    "the values of a dict": """
        import socket
        clients = {}
        clients[3] = socket.socket()
        for s in clients.values():
            s.shutdown(2)  #
        for fd, s in clients.items():
            s.shutdown(2)  #
        """,
    "a key of a dict": """
        import socket
        def read(fd):
            clients = dict()
            clients[fd] = socket.socket()
            clients[fd].shutdown(2)  #
            clients.get(fd).shutdown(2)  #
            clients.pop(fd).shutdown(2)  #
        """,
    "a constant key of a dict": """
        import socket
        parts = {"sock": socket.socket(), "log": open("log")}
        parts["sock"].shutdown(2)  #
        parts["log"].shutdown(2)
        """,
    "the keys of a dict": """
        import socket
        def run(clients={}):
            clients[socket.socket()] = 1
            for s in clients:
                s.shutdown(2)  #
            for s in clients.keys():
                s.shutdown(2)  #
        """,
    "a dict of objects that have one": """
        import socket
        class Client:
            def __init__(self, sock):
                self.sock = sock
        class Server:
            def __init__(self):
                self.clients = {}
            def add(self, fd):
                self.clients[fd] = Client(socket.socket())
            def end(self, fd):
                self.clients[fd].sock.shutdown(2)  #
        """,
    "a queue": """
        import socket
        from collections import deque
        queue = deque((), 10)
        queue.append(socket.socket())
        queue.popleft().shutdown(2)  #
        """,
    "sorted()": """
        import socket
        for s in sorted([socket.socket()], key=id):
            s.shutdown(2)  #
        """,
    "pairs": """
        import socket
        servers = [("a", socket.socket()), ("b", socket.socket())]
        for index, (name, s) in enumerate(servers):
            s.shutdown(2)  #
        for s, _ in zip([socket.socket()], [1]):
            s.shutdown(2)  #
        """,
    "what poll returns": """
        import select, socket
        s = socket.socket()
        poller = select.poll()
        poller.register(s, select.POLLIN)
        for ready, event in poller.poll(100):
            ready.shutdown(2)  #
        for result in poller.ipoll(100):
            result[0].shutdown(2)  #
        """,
    "what a poll object of an object returns": """
        import uselect, socket
        class Server:
            def __init__(self):
                self.poller = uselect.poll()
                self.poller.register(socket.socket(), uselect.POLLIN)
            def run(self):
                while True:
                    for ready, event, *_ in self.poller.ipoll(0):
                        ready.shutdown(2)  #
        """,
    "what select returns": """
        import select, socket
        inputs = [socket.socket()]
        inputs.append(socket.socket())
        readable, writable, _ = select.select(inputs, [], inputs, 1)
        for s in readable:
            s.shutdown(2)  #
        """,
    "the first that select returns": """
        import select, socket
        s = socket.socket()
        if select.select([s], [], [], 1)[0]:
            print("ready")
        ready = select.select([s], [], [], 1)[0][0]
        ready.shutdown(2)  #
        """,
    "a condition on a list that grows": """
        import socket
        queue = []
        def put():
            queue.append(1)
        def run():
            while not queue:
                pass
            socket.socket().shutdown(2)  #
            if queue:
                socket.socket().shutdown(2)  #
        """,
    "a list that is emptied": """
        import socket
        queue = [1, 2]
        while queue:
            queue.pop()
        socket.socket().shutdown(2)  #
        """,
    "a poll object with standard input": """
        import select, socket, sys
        poller = select.poll()
        poller.register(socket.socket(), select.POLLIN)
        poller.register(sys.stdin, select.POLLIN)
        for ready, _ in poller.poll():
            if ready is not sys.stdin:
                ready.shutdown(2)  #
        """,
    "a list with standard input that grows": """
        import select, socket, sys
        listener = socket.socket()
        listener.bind(("0.0.0.0", 80))
        listener.listen(1)
        inputs = [listener, sys.stdin]
        while True:
            for one in select.select(inputs, [], [])[0]:
                if one is listener:
                    conn, address = one.accept()
                    conn.getpeername()  #
                    inputs.append(conn)
                elif one is sys.stdin:
                    one.readline()
                else:
                    one.shutdown(2)  #
        """,
    "lists one after the other": """
        import select, socket, sys
        listener = socket.socket()
        listener.bind(("0.0.0.0", 80))
        listener.listen(1)
        clients = []
        while True:
            for one in select.select([listener, sys.stdin] + clients, [], [])[0]:
                if one == listener:
                    clients.append(one.accept()[0])
                elif one != sys.stdin:
                    one.shutdown(2)  #
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_a_socket_is_found_in(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")


MIXED = {
    "a list of several sorts": """
        import socket
        things = [socket.socket()]
        things.append(open("log"))
        things[0].shutdown(2)
        """,
    "a list with what is not known": """
        import socket
        def run(other):
            things = []
            things.append(socket.socket())
            things.append(other)
            for thing in things:
                thing.shutdown(2)
        """,
    "a poll object with another stream": """
        import machine, select, socket
        poller = select.poll()
        poller.register(socket.socket(), select.POLLIN)
        poller.register(machine.UART(0), select.POLLIN)
        for ready, _ in poller.poll():
            ready.shutdown(2)
        """,
    "what select() tells to be standard input": """
        import select, socket, sys
        sock = socket.socket()
        for ready in select.select([sock, sys.stdin], [], [])[0]:
            if ready == sys.stdin:
                ready.shutdown(2)
        """,
    "sockets and TLS sockets": """
        import socket, ssl
        things = []
        things.append(socket.socket())
        things.append(ssl.wrap_socket(socket.socket(), do_handshake=False))
        for thing in things:
            thing.recv(1)
            thing.version()
        """,
    "another key": """
        import socket
        parts = {"sock": socket.socket()}
        parts["log"].shutdown(2)
        """,
    "the default of `next`, which is not iterated": """
        import socket
        sock = socket.socket()
        print(next(iter([1]), sock))
        """,
    "rows that are made columns": """
        import socket
        rows = [("a", socket.socket()), ("b", socket.socket())]
        for column in zip(*rows):
            column[0][1].shutdown(2)
        """,
    "a list of which nothing is known": """
        import socket
        things = []
        for thing in things:
            thing.shutdown(2)
        """,
}


@pytest.mark.parametrize("code", MIXED.values(), ids=MIXED)
def test_nothing_is_claimed_of(code: str) -> None:
    assert offences(code) == []

"""TLS contexts, and asyncio's servers, tasks and loop, as they are followed to what uses them."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences

SHAPES = {
    "a context in an attribute": """
        import ssl
        import socket
        class Link:
            def __init__(self):
                self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            def open(self, address):
                s = socket.socket()
                s.connect(address)
                return self.context.wrap_socket(s, session=None)  #
            def early(self):
                return self.context.wrap_socket(socket.socket())  # tls-before-connect
        """,
    "a context that a function gives": """
        import ssl, socket
        def make():
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        def use(s):
            make().load_cert_chain("a.pem")  #
        """,
    "the module under another name": """
        import socket
        import ussl as tls_module
        tls_module.SSLContext()  #
        """,
    "a server that the loop waited for": """
        import asyncio
        loop = asyncio.get_event_loop()
        server = loop.run_until_complete(asyncio.start_server(print, "0.0.0.0", 80))
        server.sockets  # missing-stream-member
        """,
    "streams that a timeout is set on": """
        import asyncio
        async def main():
            reader, writer = await asyncio.wait_for(asyncio.open_connection("10.0.0.1", 80), 5)
            writer.is_closing()  # missing-stream-member
        asyncio.run(main())
        """,
    "the result of a task is no task": """
        import asyncio
        async def fetch():
            return 1
        async def main():
            found = await asyncio.create_task(fetch())
            found.result()
            task = asyncio.create_task(fetch())
            found = await asyncio.wait_for(task, 5)
            found.result()
            task.result()  # missing-stream-member
        asyncio.run(main())
        """,
    "the loop's methods are functions of a class": """
        import asyncio
        async def main():
            await asyncio.sleep(1)
        loop = asyncio.get_event_loop()
        loop.set_exception_handler(print)
        loop.create_task(main())
        loop.create_task(main(), name="a")  # missing-stream-member
        loop.create_task(asyncio.sleep(1))  # missing-stream-member
        loop.run_until_complete(asyncio.sleep(1))  # missing-stream-member
        """,
    "a socket that was connected before": """
        import socket, ssl
        def connect(address, context):
            s = socket.socket()
            try:
                s.connect(address)
            except OSError:
                s.close()
                raise
            return ssl.wrap_socket(s)
        def accept(door, context):
            guest, _ = door.accept()
            return context.wrap_socket(guest, server_side=True)
        """,
    "a handshake that is put off perhaps": """
        import socket, ssl
        def connect(later):
            return ssl.wrap_socket(socket.socket(), do_handshake=later)
        """,
    "a server that is started by an imported name": """
        import asyncio
        from asyncio import start_server
        async def handle(reader, writer):
            print((await reader.readline()).decode())  # unguarded-decode
        asyncio.run(start_server(handle, "0.0.0.0", 80))
        """,
    "an attribute that the program gives a stream": """
        import asyncio
        async def handle(reader, writer):
            writer.name = "a"
            print(writer.name, writer.transport)  # missing-stream-member
        asyncio.run(asyncio.start_server(handle, "0.0.0.0", 80))
        """,
}


@pytest.mark.parametrize("code", SHAPES.values(), ids=SHAPES)
def test_objects_are_followed(code: str) -> None:
    assert offences(code, "portable", "USK220", "USK810") == marked(code, "tls-argument")

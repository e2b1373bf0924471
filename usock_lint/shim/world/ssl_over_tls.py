"""ssl: a module in C, or, on releases with tls, frozen Python over that (python-stdlib/ssl of micropython-lib)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.sealed import FrozenModule, Module
from usock_lint.shim.world.frozen import frozen
from usock_lint.shim.world.tls import CERT_NONE, constants, context_class, lacks

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

FILE = "ssl.py"


def script_context(world: World, below: Any) -> Any:
    """SSLContext of the frozen module."""

    def contents(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        with world.open(value, "rb") as file:
            return file.read()

    @frozen(FILE)
    class SSLContext:
        """A context that also takes names of files, and by default verifies nothing."""

        def __init__(self, *args: Any) -> None:
            self._context = below(*args)
            self._context.verify_mode = CERT_NONE

        @property
        def verify_mode(self) -> Any:
            """One of the CERT_ numbers."""
            return self._context.verify_mode

        @verify_mode.setter
        def verify_mode(self, val: Any) -> None:
            self._context.verify_mode = val

        def load_cert_chain(self, certfile: Any, keyfile: Any) -> None:
            """Use a certificate and its key: bytes, or the names of files."""
            self._context.load_cert_chain(contents(certfile), contents(keyfile))

        def load_verify_locations(self, cafile: Any = None, cadata: Any = None) -> None:
            """Trust certificates: the name of a file, or bytes."""
            if cafile:
                with world.open(cafile, "rb") as file:
                    cadata = file.read()
            self._context.load_verify_locations(cadata)

        def wrap_socket(
            self,
            sock: Any,
            server_side: Any = False,
            do_handshake_on_connect: Any = True,
            server_hostname: Any = None,
        ) -> Any:
            """A TLS stream over a connected socket."""
            return self._context.wrap_socket(
                sock,
                server_side=server_side,
                do_handshake_on_connect=do_handshake_on_connect,
                server_hostname=server_hostname,
            )

    return SSLContext


def ssl(world: World) -> FrozenModule:
    """The module ssl."""
    below = world.load("tls") if world.has("tls") else None
    native: Any = getattr(below, "SSLContext", None) or context_class(world, "ssl")
    context = script_context(world, native) if below else native

    @frozen(FILE)
    def wrap_socket(
        sock: Any,
        server_side: bool = False,
        key: Any = None,
        cert: Any = None,
        cert_reqs: int = CERT_NONE,
        cadata: Any = None,
        server_hostname: str | None = None,
        do_handshake: bool = True,
    ) -> Any:
        made = context(1 if server_side else 0)
        if cert or key:
            made.load_cert_chain(cert, key)
        if cadata:
            made.load_verify_locations(cadata=cadata) if below else made.load_verify_locations(cadata)
        if not lacks(world.port, "ssl", "verify_mode"):
            made.verify_mode = cert_reqs
        return made.wrap_socket(
            sock,
            server_side=server_side,
            server_hostname=server_hostname,
            do_handshake_on_connect=do_handshake,
        )

    names = {"__name__": "ssl", **constants(world.port), "SSLContext": context, "wrap_socket": wrap_socket}
    return FrozenModule({**names, "tls": below, "__file__": FILE}) if below else Module(names)

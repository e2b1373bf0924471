"""Guards met in real MicroPython code that try and do it another way, and what only looks like one."""

from __future__ import annotations

import pytest

from tests.support.shapes import marked, offences
from usock_lint import lint_source

SILENT = {
    # An attribute asked for
    "asking for a name of the module, then leaving": """
        import socket
        try:
            socket.SO_ERROR
        except AttributeError:
            print("SKIP")
            raise SystemExit
        print(socket.SO_ERROR)
        """,
    "asking for a method, then leaving": """
        import socket
        def number():
            s = socket.socket()
            try:
                s.fileno
            except AttributeError:
                return None
            return s.fileno()
        """,
    # Another way
    "trying, then doing it another way": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except AttributeError:
            n = s.readinto(b)
        """,
    "trying, then doing it another way in a broad handler": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except:
            n = s.readinto(b)
        """,
    "trying and returning, then returning something else": """
        import socket
        def name():
            try:
                return socket.gethostname()
            except Exception:
                return "board"
        """,
    "trying and returning, and behind the try returning something else": """
        import socket
        def name():
            try:
                found = socket.gethostname()
                if found:
                    return found
            except Exception:
                pass
            return "board"
        """,
    "trying and returning, and behind the try another way": """
        import socket, time
        def started():
            try:
                return socket.gethostname()
            except:
                pass
            if time.ticks_ms() > 10:
                return "late"
            return "early"
        """,
    "trying with a module, and going on behind the try": """
        import socket
        def bounds():
            try:
                import ctypes
                library = ctypes.CDLL("SDL2")
                if library.bounds():
                    return library.bounds()
            except Exception:
                pass
            print("no screen")
        """,
    "trying a module, with a flag that a bare handler leaves as it was": """
        import socket
        HAS_THREADS = False
        try:
            import threading
            HAS_THREADS = True
        except:
            pass
        if HAS_THREADS:
            threading.Thread(target=socket.create_connection).start()
        """,
    "asking for a name of a builtin type": """
        import socket
        try:
            memoryview(b"a").cast
            CAST = True
        except AttributeError:
            CAST = False
        def units(data):
            return memoryview(data).cast("H") if CAST else data
        """,
    "asking for a name of a class": """
        import socket
        HAS = True
        try:
            str.zfill
        except Exception:
            HAS = False
        if HAS:
            print("a".zfill(3))
        """,
    "asking for a builtin": """
        import socket
        def has_subclasses():
            try:
                ConnectionResetError
                return True
            except:
                return False
        if has_subclasses():
            print(ConnectionResetError)
        """,
    "ending the program in another way": """
        import socket, sys
        def stop():
            try:
                exit(0)
            except NameError:
                sys.exit(0)
        """,
    "asking by a call": """
        import socket, time
        HAS = False
        try:
            time.monotonic()
            HAS = True
        except AttributeError:
            pass
        if HAS:
            print(time.monotonic())
        """,
    "asking by a call, with else": """
        import os, socket
        try:
            os.environ["HOME"]
        except (AttributeError, KeyError):
            HOME = "/"
        else:
            HOME = os.environ["HOME"]
        """,
    "trying with one module, then in another way": """
        import socket
        def stop(code):
            try:
                import ffi
                ffi.open("libc.so.6").func("v", "_exit", "i")(code)
            except Exception:
                pass
            try:
                import os
                os._exit(code)
            except Exception:
                pass
            raise SystemExit(code)
        """,
    "a courtesy that a condition leaves out": """
        import socket, sys
        def tidy():
            try:
                import os
                if sys.byteorder == "big":
                    return
                os.system("stty sane")
            except Exception:
                pass
        """,
    "trying, then another way with another method": """
        import socket
        s = socket.socket()
        try:
            s.sendall(b"x")
        except AttributeError:
            s.write(b"x")
        """,
    "trying, then another way with another value": """
        import socket
        def name(s=socket.socket()):
            try:
                peer = s.getpeername()
            except AttributeError:
                peer = None, 0
            return peer
        """,
    "trying for AttributeError among others": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)
        except (AttributeError, TypeError):
            n = s.readinto(b)
        """,
    "the job done another way in a try of the handler": """
        import socket
        def read(buf):
            s = socket.socket()
            try:
                n = s.recv_into(buf)
            except:
                try:
                    n = s.readinto(buf)
                except OSError:
                    return 0
            return n
        """,
    "the job done another way in an else of the handler": """
        import socket
        class Reader:
            def __init__(self):
                self.sock = socket.socket()
            def read(self, buf):
                try:
                    n, address = self.sock.recvfrom_into(buf)
                    data = memoryview(buf)[:n]
                except:
                    if hasattr(self.sock, "recvfrom_into"):
                        return
                    else:
                        data, address = self.sock.recvfrom(64)
                return data
        """,
    "a clause whose failure an outer handler makes good": """
        import socket
        def read(s, buf):
            try:
                try:
                    n = s.recv_into(buf)
                except BlockingIOError:
                    return 0
            except:
                n = s.readinto(buf)
            return n
        """,
    "a name for what follows, which the handler sets": """
        import socket
        s = socket.socket()
        try:
            peer = s.getpeername()
            location = str(peer)
        except Exception:
            location = "unknown"
        print(location)
        """,
    "going on in a function that may return, or that never ends": """
        import socket, sys
        def report(message):
            if not message:
                return
            sys.exit(1)
        def serve():
            while True:
                print("without")
        s = socket.socket()
        try:
            s.shutdown(2)
        except AttributeError as error:
            report(error)
        try:
            s.shutdown(2)
        except AttributeError:
            serve()
        """,
    "going on with a generator that nothing runs": """
        import socket, sys
        def report(message):
            yield message
            sys.exit(1)
        s = socket.socket()
        try:
            s.shutdown(2)
        except AttributeError as error:
            report(error)
        """,
    "going on in a function that ends the program in one branch": """
        import socket, sys
        def report(message):
            if message:
                sys.exit(1)
            elif message is None:
                print(message)
            else:
                sys.exit(2)
        s = socket.socket()
        try:
            s.shutdown(2)
        except AttributeError as error:
            report(str(error))
        """,
    # Courtesies
    "another value under a condition, which a broad handler lets go": """
        import socket
        s = socket.socket()
        line = s
        try:
            if s.getpeername()[1] == 0:
                line = socket.socket()
        except:
            pass
        line.close()
        """,
    "a courtesy that a broad handler lets go": """
        import socket
        s = socket.socket()
        try:
            s.shutdown(2)
        except:
            pass
        s.close()
        """,
    "trying for AttributeError, alone in the body, and going on": """
        import socket
        s = socket.socket()
        try:
            s.shutdown(socket.SHUT_RDWR)
        except AttributeError:
            pass
        s.close()
        """,
    # Clauses that never run
    "a clause after one that catches what the body raises": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except Exception:
            pass
        except (socket.timeout, ConnectionError):
            pass
        """,
    "calling in the handler what was to be called later": """
        import socket
        s = socket.socket()
        def done():
            s.close()
        try:
            s.shutdown(done)
        except Exception:
            done()
        """,
    "what an older asyncio has, behind what every board has": """
        import machine, socket
        import uasyncio as asyncio
        async def serve(port=80):
            pass
        async def main():
            try:
                asyncio.create_task(serve(machine.freq))
            except Exception:
                socket.gethostname()
            try:
                task = asyncio.create_task(serve())
            except (AttributeError, NameError):
                task = socket.gethostname()
            try:
                return asyncio.create_task(serve())
            except:
                return socket.gethostname()
        try:
            asyncio.run(main())
        except AttributeError:
            socket.gethostname()
        class Tasks:
            def __init__(self):
                self.loop = asyncio.get_event_loop()
            def add(self, one):
                try:
                    self.loop.create_task(one)
                except AttributeError:
                    socket.gethostname()
        """,
    "what a computer has, behind what every board can do": """
        import machine, socket, ubinascii
        try:
            NAME = ubinascii.hexlify(machine.unique_id()).decode()
        except Exception:
            NAME = socket.gethostname()
        def restart():
            try:
                machine.reset()
            except Exception:
                print(socket.gethostname())
        """,
    "a clause after OSError": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except OSError:
            pass
        except socket.timeout:
            pass
        """,
    "suppressing the lack": """
        import contextlib, socket
        from contextlib import suppress
        s = socket.socket()
        with contextlib.suppress(AttributeError):
            s.shutdown(2)
        with suppress(Exception):
            s.shutdown(2)
        s.close()
        """,
    "suppressing the lack of a name that has a value": """
        import socket
        from contextlib import suppress
        name = "board"
        with suppress(AttributeError, OSError):
            name = socket.gethostname()
        """,
    "suppressing the errors of one client": """
        import socket
        from contextlib import suppress
        s = socket.socket()
        s.bind(("0.0.0.0", 80))
        s.listen(1)
        while True:
            with suppress(OSError):
                c, _ = s.accept()
                c.settimeout(3)
                c.send(c.recv(10))
                c.close()
        """,
}

LOUD = {
    "what a computer has, behind what may fail": """
        import machine, socket, ubinascii
        def name(pin, data):
            try:
                return ubinascii.unhexlify(data).decode()
            except Exception:
                print(socket.gethostname())  # missing-function
            try:
                return machine.Pin(pin).value()
            except Exception:
                print(socket.gethostname())  # missing-function
        """,
    "what an older asyncio has, behind what may fail": """
        import machine, socket
        import uasyncio as asyncio
        async def serve(port=80):
            pass
        async def main():
            try:
                asyncio.create_task(serve(int(input())))
            except Exception:
                socket.gethostname()  # missing-function
            try:
                machine.freq()
            except Exception:
                socket.gethostname()  # missing-function
        try:
            asyncio.run(main())
        except Exception:
            socket.gethostname()  # missing-function
        """,
    "trying and returning, and behind the try giving up": """
        import socket
        def name():
            try:
                return socket.gethostname()  # missing-function
            except Exception:
                pass
            return None
        """,
    "trying and returning in a loop, and behind the try something else": """
        import socket
        def name():
            for attempt in range(3):
                try:
                    return socket.gethostname()  # missing-function
                except Exception:
                    pass
            print("gave up")
        """,
    "trying with an effect, and a flag that tells whether it worked": """
        import socket
        def is_up():
            try:
                socket.create_connection(("10.0.0.1", 80))  # missing-function
                up = True
            except Exception:
                up = False
            return up
        """,
    "asking a name that nothing in the file binds": """
        import socket
        try:
            known = env.get("known")
        except:
            known = None
        if known:
            print(socket.gethostname())  # missing-function
        """,
    "trying and printing, and behind the try returning": """
        import socket
        def name():
            try:
                print(socket.gethostname())  # missing-function
                print("done")
            except Exception:
                pass
            return 1
        """,
    "a name for what follows, where the handler tells of the error": """
        import socket
        s = socket.socket()
        try:
            peer = s.getpeername()  #
            said = str(peer)
        except Exception as error:
            said = str(error)
        print(said)
        """,
    "a name for what follows, where the handler returns that it failed": """
        import socket
        def peer(s=socket.socket()):
            try:
                address = s.getpeername()  #
                return str(address)
            except Exception:
                return ""
        """,
    "a result, where the handler returns a number that tells of the failure": """
        import socket
        def peer(s=socket.socket()):
            try:
                s.send(b"x")
                return len(s.getpeername())  #
            except Exception:
                return -1
        """,
    "work under a condition, which a broad handler lets go": """
        import socket
        s = socket.socket()
        try:
            if s.connect_ex(("10.0.0.1", 80)) == 0:  #
                print("open")
        except:
            pass
        """,
    "calling in the handler what was called": """
        import socket
        s = socket.socket()
        try:
            print(s.shutdown(2))  # missing-method
        except Exception:
            print("not shut down")
        """,
    "a close that is not called, and its handler": """
        import socket
        line = socket.socket()
        try:
            line.send(b"x")
            line.close
        except socket.error:  # socket-error
            line.shutdown(2)  # missing-method
        """,
    "the same with a tuple": """
        import socket
        line = socket.socket()
        try:
            line.send(b"x")
            line.close
        except (socket.error, ImportError):  # socket-error
            line.shutdown(2)  # missing-method
        """,
    "asking for a method, and going on without it": """
        import socket
        s = socket.socket()
        try:
            s.shutdown
        except AttributeError:
            print("no shutdown")
        s.shutdown(2)  #
        """,
    "asking for a name where something else is caught": """
        import socket
        try:
            socket.timeout  # socket-timeout
        except OSError:
            pass
        """,
    "a handler that ends the program in a function of the file": """
        import socket, sys
        def die(message):
            print(message)
            sys.exit(1)
        s = socket.socket()
        try:
            s.shutdown(2)  #
        except AttributeError as error:
            die(error)
        """,
    "a handler that raises in a method of a method": """
        import socket
        class Link:
            def fatal(self, message):
                raise RuntimeError(message)
            def fail(self):
                self.fatal("no shutdown")
            def end(self, s=socket.socket()):
                try:
                    s.shutdown(2)  #
                except AttributeError:
                    self.fail()
        """,
    "a handler that ends the program in each branch": """
        import socket, sys
        def die(message):
            if not message:
                sys.exit(1)
            elif message == 2:
                raise ValueError(message)
            else:
                with open("log") as log:
                    print(message, file=log)
                    sys.exit(2)
        s = socket.socket()
        try:
            s.shutdown(2)  #
        except AttributeError as error:
            die(error)
        t = socket.socket()
        try:
            t.shutdown(2)  #
        except AttributeError as error:
            if print(error):
                die(error)
            else:
                sys.exit(3)
        """,
    "an error that is hidden, and close() with it": """
        import socket
        s = socket.socket()
        try:
            s.shutdown(2)  #
            s.close()
        except:
            pass
        """,
    "close that never runs": """
        import socket
        def end(s=socket.socket()):
            try:
                s.shutdown(socket.SHUT_RDWR)  #
                s.close()
            except:
                pass
        """,
    "close that never runs, in a method": """
        import socket
        class Link:
            def __init__(self):
                self.sock = socket.socket()
            def end(self):
                try:
                    self.sock.shutdown(2)  #
                    self.sock.close()
                except Exception as e:
                    print(e)
        """,
    "an error that is hidden, and the job with it": """
        import socket
        for port in range(1, 100):
            s = socket.socket()
            try:
                s.connect_ex(("10.0.0.1", port))  #
            except:
                continue
        """,
    "a scanner that finds nothing": """
        import socket
        for port in range(1, 10):
            s = socket.socket()
            try:
                if s.connect_ex(("10.0.0.1", port)) == 0:  #
                    print(port)
            except:
                continue
        """,
    "a handler that gives up": """
        import socket
        def name():
            try:
                return socket.gethostname()  # missing-function
            except Exception:
                return None
        """,
    "a handler for another exception": """
        import socket
        s = socket.socket()
        try:
            n = s.recv_into(b)  #
        except OSError:
            n = s.readinto(b)
        """,
    "a handler that raises it again": """
        import socket
        s = socket.socket()
        try:
            s.shutdown(2)  #
        except AttributeError:
            raise
        """,
    "a clause before a bare one": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except KeyboardInterrupt:
            pass
        except socket.timeout:  # socket-timeout
            pass
        except:
            pass
        """,
    "a clause before the one that would do": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except socket.timeout:  # socket-timeout
            pass
        except OSError:
            pass
        """,
    "a tuple with the name that would do": """
        import socket
        s = socket.socket()
        try:
            s.recv(1)
        except (OSError, socket.timeout):  # socket-timeout
            pass
        """,
    "a tuple that is built before, by name": """
        import socket
        ERRORS = (OSError, socket.timeout)  # socket-timeout
        """,
    "suppressing what hides that close never runs": """
        import socket
        from contextlib import suppress
        s = socket.socket()
        with suppress(Exception):
            s.shutdown(2)  #
            s.close()
        """,
    "suppressing something else": """
        import socket
        from contextlib import suppress
        s = socket.socket()
        with suppress(OSError):
            s.shutdown(2)  #
        with suppress():
            s.shutdown(2)  #
        with suppress(Exception):
            name = socket.gethostname()  # missing-function
        print(name)
        """,
    "suppressing what boards lack": """
        import socket
        from contextlib import suppress
        s = socket.socket()
        with suppress(socket.timeout):  # socket-timeout
            s.recv(2)
        with suppress(ConnectionError, OSError):  # missing-exception
            s.recv(2)
        """,
}

LOUD_CALLS = {
    "a call of a function of one line, with another one that no `try` is around": """
        import socket
        def peer(s):
            return s.getpeername()  #
        def known(s):
            try:
                return peer(s)
            except AttributeError:
                return "nobody"
        s = socket.socket()
        print(known(s), peer(s))
        """,
    "a call of a function of one line, where the handler only tells of it": """
        import socket
        def peer(s):
            return s.getpeername()  #
        s = socket.socket()
        try:
            name = peer(s)
            print(name)
        except Exception as error:
            print(error)
        """,
    "a call of a function of one line, where the program goes on without it": """
        import socket
        def announce(s):
            s.getpeername()  #
        s = socket.socket()
        try:
            announce(s)
        except AttributeError:
            print("no name")
        """,
    "a call of a function of one line that goes to other code as well": """
        import socket, machine
        def peer(s):
            return s.getpeername()  #
        s = socket.socket()
        machine.Timer(-1).init(callback=peer)
        try:
            name = peer(s)
        except AttributeError:
            name = "nobody"
        """,
    "a call of a longer function": """
        import socket
        def told(s):
            name = s.getpeername()  #
            return "peer " + str(name)
        s = socket.socket()
        try:
            name = told(s)
        except Exception:
            name = "nobody"
        """,
    "a call of a coroutine of one line that is awaited elsewhere": """
        import asyncio, socket
        async def peer(s):
            return s.getpeername()  #
        async def main():
            s = socket.socket()
            try:
                name = peer(s)
            except AttributeError:
                name = None
            print(await name)
        asyncio.run(main())
        """,
    "the argument of a function that calls what it is given": """
        import socket
        def safe(function, default):
            try:
                return function()
            except Exception:
                return default
        s = socket.socket()
        print(safe(s.getpeername, "nobody"))  #
        """,
}

SILENT_CALLS = {
    "a function of one line": """
        import socket
        def peer(s):
            return s.getpeername()
        s = socket.socket()
        try:
            name = peer(s)
        except AttributeError:
            name = "nobody"
        """,
    "a function of one line that another one calls": """
        import socket
        def peer(s):
            return s.getpeername()
        def named(s):
            "The other side."
            return str(peer(s))
        s = socket.socket()
        try:
            name = named(s)
        except AttributeError:
            name = "nobody"
        """,
    "a method of one line": """
        import socket
        class Client:
            def __init__(self):
                self.s = socket.socket()
            def peer(self):
                return self.s.getpeername()
            def known(self):
                try:
                    return self.peer()
                except AttributeError:
                    return "nobody"
        print(Client().known())
        """,
    "a coroutine of one line": """
        import asyncio, socket
        async def peer(s):
            return s.getpeername()
        async def main():
            s = socket.socket()
            try:
                name = await peer(s)
            except AttributeError:
                name = "nobody"
            print(name)
        asyncio.run(main())
        """,
    "a lambda that a function of the file calls": """
        import socket
        def safe(function, default):
            try:
                return function()
            except Exception:
                return default
        s = socket.socket()
        print(safe(lambda: s.getpeername(), "nobody"))
        """,
    "a function that a function of the file gets and calls": """
        import socket
        def safe(function, default):
            try:
                return function()
            except Exception:
                return default
        def peer():
            return s.getpeername()
        s = socket.socket()
        print(safe(peer, "nobody"))
        """,
    "a lambda with a name": """
        import socket
        peer = lambda s: s.getpeername()
        s = socket.socket()
        try:
            name = peer(s)
        except AttributeError:
            name = "nobody"
        """,
}


@pytest.mark.parametrize("code", SILENT_CALLS.values(), ids=SILENT_CALLS)
def test_a_call_in_a_try_guards_what_it_calls(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize("code", LOUD_CALLS.values(), ids=LOUD_CALLS)
def test_a_call_in_a_try_does_not_guard_more(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_guarded_code_is_silent(code: str) -> None:
    assert offences(code) == []


@pytest.mark.parametrize("code", LOUD.values(), ids=LOUD)
def test_what_only_looks_guarded_is_reported(code: str) -> None:
    assert offences(code) == marked(code, "missing-method")


@pytest.mark.parametrize("caught", ["KeyError", "LookupError", "Exception"])
def test_a_clause_for_a_base_of_the_exception_is_a_guard(caught: str) -> None:
    assert not _of_peer_in_clause(caught)


def test_a_clause_for_another_exception_is_no_guard() -> None:
    assert _of_peer_in_clause("ValueError") == ["missing-stream-member"]


def _of_peer_in_clause(caught: str) -> list[str]:
    """The findings in a program that asks a client's writer for its own address, which boards refuse by KeyError."""
    code = f"""\
import asyncio

async def main():
    reader, writer = await asyncio.open_connection("10.0.0.1", 80)
    try:
        name = writer.get_extra_info("sockname")
    except {caught}:
        name = "board"
    print(name)

asyncio.run(main())
"""
    return [one.name for one in lint_source(code)]


@pytest.mark.parametrize("ending", ["raise", "raise ValueError", "sys.exit(1)"])
def test_what_follows_a_question_that_expects_no_answer_is_reported(ending: str) -> None:
    code = f"""\
import socket, sys, time

def clock():
    try:
        now = time.monotonic()
        return now
    except AttributeError:
        {ending}

print(clock(), time.monotonic())
"""
    assert offences(code, "portable", "USK111") == ["5 missing-module-name", "10 missing-module-name"]


@pytest.mark.parametrize("caught", ["socket.gaierror", "socket.error", "OSError", "config.Error", "ValueError"])
def test_what_follows_a_try_whose_clause_does_not_catch_its_error_is_reported(caught: str) -> None:
    code = f"""\
import config, socket

def find(host):
    try:
        ip = socket.gethostbyname(host)
    except {caught}:
        return
    socket.getservbyport(80)

find(config.HOST)
"""
    found = [one for one in offences(code) if one.endswith("missing-function")]
    assert found == ["5 missing-function", "8 missing-function"]

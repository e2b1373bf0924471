"""From what a device printed to the rules that explain it: `usock-lint explain`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.running import lint
from usock_lint.catalog.pages import rules
from usock_lint.cli import device_errors
from usock_lint.output.rule_page import head

TRACEBACK = """\
I (5321) wifi: connected
Traceback (most recent call last):
  File "main.py", line 12, in <module>
  File "net.py", line 4, in close
AttributeError: 'socket' object has no attribute 'shutdown'
>>>
"""


def explained(error: str, folder: Path) -> list[str]:
    """The names of the rules that are listed, in order."""
    done = lint("explain", error, cwd=folder)
    assert (done.stderr, done.returncode) == ("", 0)
    return re.findall(r"^USK\d{3}  ([a-z-]+)  ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("error", "name"),
    [
        ("AttributeError: 'socket' object has no attribute 'shutdown'", "missing-method"),
        ("'socket' object has no attribute 'getsockname'", "missing-method"),
        ("AttributeError: 'module' object has no attribute 'gaierror'", "socket-gaierror"),
        ("'socket' object has no attribute 'gettimeout'. Did you mean: 'settimeout'?", "missing-method"),
        (
            "AttributeError: 'socket' object has no attribute 'timeout' and no __dict__ for setting new attributes. "
            "Did you mean: 'settimeout'?",
            "socket-attribute-assignment",
        ),
        (
            "AttributeError: module 'socket' has no attribute 'timeout' (consider renaming '/home/me/socket.py' since "
            "it has the same name as the standard library module named 'socket' and prevents importing that standard "
            "library module)",
            "socket-timeout",
        ),
        (
            "NameError: name 'IOError' is not defined. Did you mean: 'id'? Or did you forget to import 'io'?",
            "missing-exception",
        ),
        ("AttributeError: module 'socket' has no attribute 'SO_RCVBUF'", "missing-constant"),
        ("AttributeError: 'socket' object has no attribute '__exit__'", "socket-context-manager"),
        ("AttributeError: 'socket' object has no attribute 'my_name'", "socket-attribute-assignment"),
        ("AttributeError: 'SSLSocket' object has no attribute 'recv'", "tls-socket-method"),
        ("AttributeError: 'OSError' object has no attribute 'strerror'", "oserror-attribute"),
        ("NameError: name 'ConnectionError' isn't defined", "missing-exception"),
        ("ImportError: can't import name timeout", "socket-timeout"),
        ("ImportError: can't import name monotonic", "missing-module-name"),
        ("AttributeError: 'module' object has no attribute 'perf_counter'", "missing-module-name"),
        ("AttributeError: Queue", "missing-module-name"),
        ("AttributeError: type object 'Loop' has no attribute 'run_in_executor'", "missing-stream-member"),
        ("AttributeError: 'Server' object has no attribute 'serve_forever'", "missing-stream-member"),
        ("AttributeError: 'Stream' object has no attribute 'at_eof'", "missing-stream-member"),
        ("AttributeError: 'tuple' object has no attribute 'st_size'", "missing-builtin-method"),
        ("ImportError: can't import name EWOULDBLOCK", "missing-errno"),
        ("ImportError: no module named 'contextlib'", "socket-context-manager"),
        ("object with buffer protocol required", "tuple-address"),
        ("TypeError: function takes 2 positional arguments but 3 were given", "argument-count"),
        ("OSError: [Errno 9] EBADF", "use-after-close"),
        ("OSError: -2", "getaddrinfo-errno"),
        ("OSError: (-202, 'EAI_FAIL')", "getaddrinfo-errno"),
        ("[Errno 110] ETIMEDOUT", "port-specific-errno"),
        ("OSError(116,)", "port-specific-errno"),
    ],
)
def test_an_error_leads_to_a_rule_that_explains_it(error: str, name: str, tmp_path: Path) -> None:
    assert name in explained(error, tmp_path)[:3]


def test_what_only_old_releases_lack_is_explained_too(tmp_path: Path) -> None:
    done = lint("explain", "AttributeError: 'socket' object has no attribute 'readline'", cwd=tmp_path)
    assert "missing-method" in done.stdout
    assert "stm32 before 1.11" in done.stdout


def test_a_name_that_a_port_lacked_before_is_explained_for_the_releases_that_lack_it(tmp_path: Path) -> None:
    lines = lint("explain", "'socket' object has no attribute 'sendall'", cwd=tmp_path).stdout.splitlines()
    assert lines[1].startswith("        sockets have no `sendall` on unix before 1.29, ")
    lines = lint("explain", "'socket' object has no attribute 'shutdown'", cwd=tmp_path).stdout.splitlines()
    assert lines[1] == "        sockets have no `shutdown` on any board; close() ends the connection"


def test_an_error_of_one_rule_prints_its_page(tmp_path: Path) -> None:
    done = lint("explain", "NameError: name 'TimeoutError' isn't defined", cwd=tmp_path)
    assert done.stdout.startswith("USK501  missing-exception  ")
    assert done.stdout.endswith(head(rules()["missing-exception"], "en"))


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("socket.timeout", "USK102"),
        ("threading", "USK110"),
        ("ConnectionError", "USK501"),
        ("str.zfill", "USK113"),
        ("os.environ", "USK111"),
    ],
)
def test_a_name_that_boards_lack_leads_to_its_rule(word: str, code: str, tmp_path: Path) -> None:
    assert lint("explain", word, cwd=tmp_path).stdout.startswith(f"{code}  ")


@pytest.mark.parametrize("word", ["socket.socket", "print"])
def test_a_name_that_boards_have_is_explained_by_nothing(word: str, tmp_path: Path) -> None:
    assert lint("explain", word, cwd=tmp_path).returncode == 2


def test_the_head_of_a_page_says_what_why_and_what_instead() -> None:
    text = head(rules()["socket-timeout"], "en")
    assert text.startswith("# `socket-timeout` (USK102)\n\nMicroPython has no `socket.timeout`; catch `OSError`.\n")
    assert "\n\nWhy: an expired timeout" in text
    assert "\n\nUse instead:\n\n```py\n" in text
    assert text.endswith("```\n\n`usock-lint explain USK102 --full` prints the whole page.\n")


def test_every_page_has_a_head_of_a_screen() -> None:
    long = {rule.code: lines for rule in rules().values() if (lines := head(rule, "en").count("\n")) > 45}
    assert not long


def test_words_need_no_quotes(tmp_path: Path) -> None:
    done = lint("explain", "OSError:", "-202", cwd=tmp_path)
    assert '-202 is an error of getaddrinfo: "lookup failed" on esp32.\n' in done.stdout


def test_a_traceback_in_a_log_is_explained_by_its_last_error(tmp_path: Path) -> None:
    done = lint("explain", "-", cwd=tmp_path, stdin=TRACEBACK.encode())
    assert done.stdout == lint("explain", TRACEBACK.splitlines()[4], cwd=tmp_path).stdout
    assert done.stdout.startswith("USK201  missing-method  ")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("OSError: 116", r"116 is ETIMEDOUT on esp32 since 1\.15, .*mimxrt.*\."),
        ("110", r"110 is ETIMEDOUT on unix, .*rp2 since 1\.19.*\."),
        ("OSError: [Errno 112] EADDRINUSE", r"EADDRINUSE is 98 on unix, .*; 112 on esp32 since 1\.15, .*\."),
        ("ETIMEDOUT", r"ETIMEDOUT is 110 on unix, .*; 116 on esp32 since 1\.15, .*\."),
        ("-6", r'-6 is an error of getaddrinfo: "no DNS server" on esp8266, rp2, .*\.'),
        ("OSError: 113", r"113 is EHOSTUNREACH on unix, .*\."),
        ("OSError: 113", r"113 is ECONNABORTED on esp32 since 1\.15, .*\."),
    ],
)
def test_a_number_is_told_by_port(error: str, line: str, tmp_path: Path) -> None:
    lines = lint("explain", error, cwd=tmp_path).stdout.splitlines()
    assert any(re.fullmatch(line, one) for one in lines), lines


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (
            "TypeError: object with bufer protocol required",
            "usock-lint: no rule explains `TypeError: object with bufer protocol required` "
            "(did you mean `TypeError: object with buffer protocol required`?)\n",
        ),
        ("OSError: -29313", "usock-lint: no rule explains `OSError: -29313`"),
        ("OSError: 4711", "usock-lint: no rule explains `OSError: 4711`"),
        ("ZeroDivisionError: divide by zero", "usock-lint: no rule explains `ZeroDivisionError: divide by zero`"),
        (
            "TypeError: 'module' object isn't callable",
            "usock-lint: no rule explains `TypeError: 'module' object isn't callable`\n",
        ),
        ("AssertionError: ", "usock-lint: no rule explains `AssertionError`\n"),
        ("KeyboardInterrupt: ", "usock-lint: no rule explains `KeyboardInterrupt`\n"),
        (" ", "usock-lint: there is nothing to explain: the text is empty"),
    ],
)
def test_what_nothing_explains_is_one_line_and_exits_with_2(error: str, line: str, tmp_path: Path) -> None:
    done = lint("explain", error, cwd=tmp_path)
    assert done.stderr.startswith(line)
    assert (done.stderr.count("\n"), done.stdout, done.returncode) == (1, "", 2)


@pytest.mark.parametrize(
    ("error", "means"),
    [
        ("OSError: 11", "EAGAIN: the call would have to wait, and the socket does not"),
        ("12", "ENOMEM: there is no memory for a connection, for a packet or for TLS."),
        ("OSError: 23", "ENFILE: no socket is left: the port has a fixed number of them."),
        ("OSError: [Errno 103] ECONNABORTED", "ECONNABORTED: this side's network stack gave the connection up."),
        ("MemoryError", "MemoryError: no free piece of the heap is large enough"),
        ("MemoryError: memory allocation failed, allocating 2048 bytes", "MemoryError: no free piece of the heap is"),
        ("OSError: 105", "ENOBUFS: the network stack has no buffer left."),
        ("OSError: 110", "ETIMEDOUT: nothing came, or nobody answered, before the timeout was over."),
        ("OSError: 113", "EHOSTUNREACH: there is no route to that address."),
        ("OSError: 113", "ECONNABORTED: this side's network stack gave the connection up."),
        ("OSError: 116", "ETIMEDOUT: nothing came, or nobody answered, before the timeout was over."),
        ("OSError: 118", "EHOSTUNREACH: there is no route to that address."),
        ("OSError: -1", "getaddrinfo: `getaddrinfo` did not find the host."),
        ("OSError: -2", "getaddrinfo: `getaddrinfo` did not find the host."),
        ("OSError: -202", "getaddrinfo: `getaddrinfo` did not find the host."),
        ("OSError: -29312", "SSL_CONN_EOF: the other side closed the connection during the TLS handshake."),
        (
            "OSError: (-29312, 'MBEDTLS_ERR_SSL_CONN_EOF')",
            "SSL_CONN_EOF: the other side closed the connection during the TLS handshake.",
        ),
        ("MBEDTLS_ERR_SSL_INVALID_RECORD", "SSL_INVALID_RECORD: what came is not TLS."),
        (
            "OSError: (-17040, 'MBEDTLS_ERR_RSA_PUBLIC_FAILED+MBEDTLS_ERR_MPI_ALLOC_FAILED')",
            "RSA_PUBLIC_FAILED + MPI_ALLOC_FAILED: there is no memory for a connection, for a packet or for TLS.",
        ),
        (
            "OSError: (-16, 'MBEDTLS_ERR_MPI_ALLOC_FAILED')",
            "MPI_ALLOC_FAILED: there is no memory for a connection, for a packet or for TLS.",
        ),
        (
            "MBEDTLS_ERR_MPI_ALLOC_FAILED",
            "MPI_ALLOC_FAILED: there is no memory for a connection, for a packet or for TLS.",
        ),
        ("OSError: (-256, 'CONN_LOST')", "CONN_LOST: the connection ended during the TLS handshake."),
        ("OSError: [Errno 2] ENOENT: 'ca.der'", "ENOENT: there is no such file or folder."),
        ("OSError: [Errno 113] No route to host", "EHOSTUNREACH: there is no route to that address."),
        ("OSError: 28", "ENOSPC: the file system of the board is full."),
        ("ENOSPC", "ENOSPC: the file system of the board is full."),
        ("OSError: -1", "umqtt: the broker has closed the connection."),
        ("MQTTException: 2", "MQTTException 2: the broker refuses the name of the client."),
        ("MQTTException: 5", "MQTTException 5: the broker refuses the user, the password or what this user may do."),
        ("umqtt.simple.MQTTException: 3", "MQTTException 3: the broker is there, and cannot serve now."),
        ("OSError: Wifi Internal Error", "Wifi Internal Error: the Wi-Fi of an esp32 cannot do this now."),
        ("OSError: Wifi Not Started", "Wifi Not Started: the Wi-Fi interface is not active."),
        (
            "OSError: [Errno 1] EPERM",
            "EPERM: on boards with a CYW43, such as the Pico W: the Wi-Fi interface is not active.",
        ),
        ("OSError: no available NIC", "no available NIC: no network interface is active."),
        ("OSError: core1 in use", "core1 in use: rp2 runs one thread beside the main program."),
        ("ValueError: syntax error in JSON", "syntax error in JSON: the text is not JSON."),
        (
            "ValueError: Unsupported Transfer-Encoding: chunked",
            "requests: this release of `requests` reads no body that comes in chunks.",
        ),
        (
            "ModuleNotFoundError: No module named 'network'",
            "ModuleNotFoundError: CPython prints this, so the program ran on the computer.",
        ),
        (
            "mbedtls_ssl_handshake error: -7200\nTraceback (most recent call last):\nOSError: [Errno 5] EIO",
            "SSL_INVALID_RECORD: what came is not TLS.",
        ),
    ],
)
def test_an_error_is_told_by_what_it_means_what_causes_it_and_what_to_do(
    error: str, means: str, tmp_path: Path
) -> None:
    lines = lint("explain", error, cwd=tmp_path).stdout.splitlines()
    row = next(row for row, line in enumerate(lines) if line.startswith(f"  {means}"))
    assert lines[row + 1].startswith("  Most often: ")
    assert lines[row + 2].startswith("  What to do: ")


@pytest.mark.parametrize(
    "told",
    [
        "OSError: -202",
        "Error: -202",
        "could not connect: -202",
        "connection failed (-202)",
        "Exception while handling 'Run' (OSError: -202)",
        "\x1b[31mOSError: -202\x1b[0m",
    ],
)
def test_a_number_is_found_in_what_a_program_or_an_editor_prints(told: str, tmp_path: Path) -> None:
    assert lint("explain", told, cwd=tmp_path).stdout.startswith("-202 is an error of getaddrinfo")


def test_a_number_that_no_error_comes_with_is_not_taken_for_one(tmp_path: Path) -> None:
    assert lint("explain", "status: -202", cwd=tmp_path).stderr == "usock-lint: no rule explains `status: -202`\n"


def test_a_page_that_has_this_very_error_comes_before_those_with_a_pattern(tmp_path: Path) -> None:
    assert explained("OSError: -202", tmp_path)[0] == "network-not-awaited"
    assert explained("ImportError: no module named 'http.server'", tmp_path)[0] == "missing-module"


@pytest.mark.parametrize("error", ["MBEDTLS_ERR_MPI_ALLOC_FAILED", "OSError: (-16, 'MBEDTLS_ERR_MPI_ALLOC_FAILED')"])
def test_a_number_with_a_name_of_tls_is_no_error_of_a_look_up(error: str, tmp_path: Path) -> None:
    assert "  getaddrinfo:" not in lint("explain", error, cwd=tmp_path).stdout


def test_a_small_negative_number_alone_is_an_error_of_a_look_up(tmp_path: Path) -> None:
    told = lint("explain", "OSError: -16", cwd=tmp_path).stdout
    assert "  getaddrinfo:" in told
    assert "mbedTLS" not in told


@pytest.mark.parametrize("error", ["OSError: 19", "OSError: [Errno 110] ETIMEDOUT", "OSError: 5"])
def test_an_error_that_a_bus_raises_too_says_so(error: str, tmp_path: Path) -> None:
    assert "I2C" in lint("explain", error, cwd=tmp_path).stdout


def test_bytes_that_are_no_text_are_no_traceback(tmp_path: Path) -> None:
    done = lint("explain", "-", cwd=tmp_path, stdin=b"\xff\xfe\x00 \n" * 3)
    assert (done.stdout, done.returncode) == ("", 2)


def test_the_texts_on_the_pages_are_written_as_errors_are_read() -> None:
    written = [(rule.name, text) for rule in rules().values() for text in rule.errors]
    read = [(name, device_errors.last_error(text)) for name, text in written]
    assert read == written


def test_an_error_is_explained_for_the_projects_targets(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.usock-lint]\ntargets = ["rp2>=1.22"]\n')
    inside = tmp_path / "src"
    inside.mkdir()
    assert lint("explain", "OSError: 110", cwd=inside).stdout.startswith("110 is ETIMEDOUT on rp2 since 1.19.\n")
    assert "esp32" in lint("explain", "OSError: 118", cwd=inside).stdout  # it is nothing on rp2
    found = lint("explain", "AttributeError: 'module' object has no attribute 'timeout'", cwd=inside).stdout
    assert "`socket.timeout` does not exist on rp2>=1.22; use OSError" in found

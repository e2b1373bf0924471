"""Which files are linted, and what a file's imports say about where it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from usock_lint import Config
from usock_lint.files.discovery import Found, Unreadable, discover
from usock_lint.linting.gate import imports_networks
from usock_lint.linting.role import role

if TYPE_CHECKING:
    from usock_lint.linting.role import Name


def _make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def _found(folder: Path, *exclude: str) -> list[str]:
    config = Config(exclude=exclude, root=str(folder))
    paths = [found.path for found in discover([folder], config) if isinstance(found, Found)]
    return [Path(path).relative_to(folder).as_posix() for path in paths]


def test_python_files_are_found_in_order(tmp_path: Path) -> None:
    _make(tmp_path, "b.py", "a/z.py", "c/a.py", "a.py", "c.txt", "stub.pyi", "script")
    assert _found(tmp_path) == ["a/z.py", "a.py", "b.py", "c/a.py"]


@pytest.mark.parametrize(
    "folder",
    [
        ".git",
        ".hidden",
        "venv",
        "node_modules",
        "__pycache__",
        "typings",
        "build",
        "dist",
        "site-packages",
        "dist-packages",
    ],
)
def test_folders_of_other_code_are_skipped(folder: str, tmp_path: Path) -> None:
    _make(tmp_path, f"{folder}/a.py", f"lib/{folder}/a.py")
    assert _found(tmp_path) == []


def test_a_skipped_folder_that_is_named_is_linted(tmp_path: Path) -> None:
    _make(tmp_path, "build/a.py")
    assert _found(tmp_path / "build") == ["a.py"]


def test_a_named_file_needs_no_ending(tmp_path: Path) -> None:
    _make(tmp_path, "script")
    assert list(discover([tmp_path / "script"])) == [Found(str(tmp_path / "script"))]


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "b.py")
    paths = [found.path for found in discover([tmp_path / "b.py", tmp_path])]
    assert paths == [str(tmp_path / "b.py"), str(tmp_path / "a.py")]


def test_a_file_is_named_also_where_it_is_found_in_a_folder_first(tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "b.py")
    named, found = str(tmp_path / "b.py"), str(tmp_path / "a.py")
    assert list(discover([tmp_path, named])) == [Found(found, str(tmp_path)), Found(named)]


def test_the_current_folder_is_not_part_of_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _make(tmp_path, "a.py", "lib/b.py")
    monkeypatch.chdir(tmp_path)
    assert [found.path for found in discover(["."])] == ["a.py", str(Path("lib", "b.py"))]


@pytest.mark.parametrize("pattern", ["vendor", "v*", "/lib", "lib/", "lib/vendor", "**/vendor/", "b.py", "lib/**/*.py"])
def test_what_is_excluded_is_not_found(pattern: str, tmp_path: Path) -> None:
    _make(tmp_path, "a.py", "lib/vendor/b.py")
    assert _found(tmp_path, pattern) == ["a.py"]


def test_what_is_excluded_is_found_when_it_is_named(tmp_path: Path) -> None:
    _make(tmp_path, "vendor/a.py")
    assert _found(tmp_path / "vendor", "vendor") == ["a.py"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    _make(tmp_path, "a/a.py")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "folder.py").symlink_to(tmp_path)
    assert _found(tmp_path) == ["a/a.py"]


def test_a_link_to_itself_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "self.py").symlink_to("self.py")
    assert _found(tmp_path) == ["self.py"]


def test_a_folder_below_which_the_path_is_too_long_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(20):  # deeper than a path may be long, which is 4,096 characters where there is a limit
        Path("d" * 220).mkdir()
        monkeypatch.chdir("d" * 220)
    monkeypatch.chdir(tmp_path)
    problems = list(discover(["."]))
    assert len(problems) <= 1
    assert all(isinstance(problem, Unreadable) for problem in problems)


@pytest.mark.parametrize(
    "source",
    [
        "import usocket as s",
        "import os, socket",
        "import os, \\\n    socket",
        "import os, \\\r\n    socket",
        "import\tsocket",
        "import\fsocket",
        "from socket import *",
        "from \\\n    usocket import (\n    socket,\n)",
        "x = 1\nfrom usocket \\\n    import AF_INET",
        "from \\\r\n    usocket \\\r\n    import AF_INET",
        "import os, \\\r    socket\r",
        "import größe, socket",
        "try: import usocket, ussl\nexcept ImportError: pass",
        '__import__("usocket")',
        "import_module('socket')",
        "importlib.import_module('u' 'socket')",
        "import ussl\n\n\ndef wrapped(s):\n    return ussl.wrap_socket(s)",
        "import uwebsockets.client, socketpool",
        "from umqtt.simple import MQTTClient",
        "import os, http.server",
        "import asyncio",
        "import network",
        "import selectors",
        "from urllib import request",
        "import urequests as requests",
    ],
)
def test_the_gate_passes_any_way_to_import_the_module(source: str) -> None:
    assert imports_networks(source.encode())


@pytest.mark.parametrize(
    "source",
    [
        "import machine",
        "import my_socket, socketpool\nws = my_socket.open('wss://')",
        "import shttp, sslx\n# import socket.io\n".replace("# import socket.io", "# see http://a.example/ssl"),
        "# closes the socket\nself.socket.close()",
        '"""Over a socket."""\nimport os\n\n\ndef send(socket):\n    socket.send(b"socket is open")',
    ],
)
def test_the_gate_stops_a_file_that_imports_no_sockets(source: str) -> None:
    assert not imports_networks(source.encode())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import socket", "device"),
        ("import threading, socket", "host"),
        ("from tkinter import ttk", "host"),
        ("import os, serial.tools as tools", "host"),
        ("import selectors, socket", "host"),
        ("\ufeffimport argparse", "host"),
        ("try:\n    import threading\nexcept ImportError:\n    threading = None", "device"),
        ("if __name__ == '__main__':\n    import argparse", "device"),
        ("import threading\ntry:\n    import utime as time\nexcept ImportError:\n    import time", "dual"),
        ("import threading\nif sys.implementation.name == 'micropython': pass", "dual"),
        ("import network, threading", "dual"),
        ("import threading\ndef f():\n    from machine import Pin", "dual"),
        ('"""Example:\n\nimport threading\n"""\nimport socket', "device"),
        ("import threading  # not 'machine'\n'import machine'\n# import machine", "host"),
        ("s = 'it\\'s'\nimport subprocess", "host"),
        ("from .threading import Thread\nfrom . import argparse", "device"),
        ("import mip_threading", "host"),
        ("import asyncio, logging, contextlib, datetime, typing, pathlib, traceback, requests, pickle", "device"),
        ("import readline, neopixel, bluetooth, dht, ssd1306, picozero, framebuf, uctypes, onewire", "device"),
        ("import xml.etree.ElementTree", "host"),
        ("import keyboard", "host"),
        ("import websockets", "host"),
        ("import dataclasses", "host"),
        ("import a_package_of_nobody", "host"),
        ("import http.server", "host"),
        ("from http import (\n    client,  # and\n    server,\n)", "host"),
        ("import http.client, urllib.parse, html.parser", "device"),
        ("from urllib import \\\n    request", "host"),
        ("import os; import threading", "host"),
        ("x = 1 ; from threading import Thread", "host"),
        ("try: x = 1; import threading\nexcept ImportError: pass", "device"),
        ("import os, \\\n    threading", "host"),
        ("import os\rimport threading\r", "host"),
        ("import subprocess\n\n\ndef on_board():\n    import machine", "host"),
        ("import subprocess\ntry:\n    import machine\nexcept ImportError:\n    machine = None", "dual"),
        ("#!/usr/bin/env python3\nimport socket", "device"),
        ("#!/usr/bin/env python3\nimport usocket", "device"),
        ("#!/usr/bin/env python\nimport socket", "device"),
        ("import pycom, socket", "fork"),
        ("from network import WLAN, LoRa", "fork"),
        ("s = socket.socket(socket.AF_LORA, socket.SOCK_RAW)", "fork"),
        ("from usocket import socket, AF_LORA", "fork"),
        ("import socket\nNAMES = 'AF_LORA'  # AF_LORA", "device"),
        ("import wifi, socketpool", "fork"),
        ('"""\nimport socketpool\n"""\nimport socket', "device"),
        ("import subprocess\n\n\ndef on_board():\n    import pycom", "host"),
        ("try:\n    import socketpool\nexcept ImportError:\n    import usocket", "fork"),
        ("import socketpool", "fork"),
        ("from micropython import const\nimport board, busio, digitalio, socket", "fork"),
        ("import busio, machine, socket", "dual"),
        ("try:\n    import busio\nexcept ImportError:\n    busio = None\nimport socket", "device"),
        ("from adafruit_httpserver import Server", "fork"),
        ("import socket\nfrom unittest.mock import patch", "host"),
        ("import socket\nfrom unittest import mock", "host"),
        ("import socket, unittest.mock", "host"),
        ("import socket\nfrom unittest import TestCase", "host"),
        ("import pytest, threading\n\n\n@pytest.fixture\ndef sntp():\n    import uerrno", "host"),
        ("import unittest, machine", "dual"),
        ("import pytest, uasyncio", "host"),
        ("import unittest\ntry:\n    import usocket as socket\nexcept ImportError:\n    import socket", "dual"),
        ("if sys.implementation.name == 'cpython':\n    from unittest.mock import patch", "device"),
    ],
)
def test_the_imports_tell_where_a_file_runs(source: str, expected: Name) -> None:
    assert role(source.encode()).name == expected


@pytest.mark.parametrize("name", ["socket.py", "lib/usocket.py", "stubs/ussl.py", "uselect.py"])
def test_a_module_that_stands_in_for_micropythons_own_runs_on_a_computer(name: str) -> None:
    assert role(b"import _socket", name).name == "host"


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("fakes/machine.py", "import socket\n\nclass UART:\n    pass", "host"),
        ("mocks/network.py", "import socket\n\nclass WLAN(object):\n    pass", "host"),
        ("mocks/network.py", "import socket\n\ndef get(url):\n    pass", "device"),
        ("lib/machine.py", "import socket, machine\n\nclass Pin(machine.Pin):\n    pass", "device"),
        ("lib/socket.py", "from usocket import *\n\n\ndef create_connection(address):\n    pass", "device"),
        ("lib/socket.py", "import socket", "device"),
        ("micropython.py", "import socket\n\ndef const(value):\n    return value", "host"),
        ("lib/micropython.py", "from micropython import *\n\ndef const(value):\n    return value", "device"),
        ("fakes/usocket.py", "from socket import *", "host"),
        ("lib/network.py", "from network import WLAN as _WLAN\n\nclass WLAN(_WLAN):\n    pass", "device"),
        ("fakes/sensors.py", "import socket\n\nclass Pin:\n    pass", "device"),
        ("mocks/server.py", "import socket", "device"),
        ("tools/server.py", "import argparse, socket, threading", "host"),
    ],
)
def test_a_simulator_is_known_by_what_it_defines_and_not_by_its_folder(name: str, source: str, expected: Name) -> None:
    assert role(source.encode(), name).name == expected

"""`usock-lint run` plays what a device's program needs around its sockets: Wi-Fi, pins, timers, a clock, buses."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Generator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.probes import free_port
from tests.support.running import ROOT, python
from tests.support.trees import write
from usock_lint.ports import NEWEST, Cell
from usock_lint.ports import world as table
from usock_lint.shim.core.errors import NotSimulated
from usock_lint.shim.run import run_source

SERVER = """
import network
import socket
import time
from machine import ADC, Pin

led = Pin("LED", Pin.OUT)
sensor = ADC(4)

wlan = network.WLAN(network.STA_IF)
wlan.active(True)
wlan.connect("home", "secret")
waits = 50
while waits and 0 <= wlan.status() < 3:
    waits -= 1
    time.sleep(0.1)
if wlan.status() != 3:
    raise RuntimeError("no Wi-Fi: %d" % wlan.status())
print("connected:", wlan.ifconfig()[0] != "0.0.0.0")

s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
s.listen(1)
print("listening")
while True:
    connection, address = s.accept()
    request = connection.recv(1024).decode()
    if request.startswith("GET /on "):
        led.on()
    elif request.startswith("GET /off "):
        led.off()
    degrees = 27 - (sensor.read_u16() * 3.3 / 65535 - 0.706) / 0.001721
    connection.send("HTTP/1.0 200 OK\\r\\nContent-Type: text/html\\r\\n\\r\\n")
    connection.send("<h1>LED is %d, %d degrees</h1>" % (led.value(), round(degrees)))
    connection.close()
"""


@contextlib.contextmanager
def running(path: Path, *options: str) -> Generator[subprocess.Popen[str]]:
    """`usock-lint run` in a process of its own, ended at the end."""
    command = python("-m", "usock_lint", "run", *options, path)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def finished(path: Path, *options: str) -> tuple[int, str, str]:
    """Exit code, output and errors of a program that ends by itself."""
    with running(path, *options) as process:
        out, err = process.communicate(timeout=30)
        return process.returncode, out, err


def fetched(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.read().decode()


def test_a_web_server_for_pico_w_is_seen_by_a_browser(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SERVER)
    port = free_port()
    with running(tmp_path / "main.py", "--port", "rp2", "--map-port", f"80:{port}") as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["connected: True\n", "listening\n"]
        assert fetched(port, "/") == "<h1>LED is 0, 27 degrees</h1>"
        assert fetched(port, "/on") == "<h1>LED is 1, 27 degrees</h1>"
        assert fetched(port, "/") == "<h1>LED is 1, 27 degrees</h1>"
        assert process.poll() is None


def test_the_example_runs_as_it_is() -> None:
    port = free_port()
    with running(ROOT / "examples/pico_web/repaired.py", "--port", "picow", "--map-port", f"80:{port}") as process:
        assert process.stdout
        assert process.stdout.readline().startswith("listening on ")
        assert "The lamp is off." in fetched(port, "/")
        assert "The lamp is on." in fetched(port, "/light/on")


def test_without_a_network_the_same_program_cannot_connect(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SERVER)
    code, out, err = finished(tmp_path / "main.py", "--port", "rp2", "--fake-network", "off")
    assert (code, out) == (1, "")
    assert err.endswith("RuntimeError: no Wi-Fi: -2\n")


OFFLINE = """
import network, socket, time
w = network.WLAN(network.STA_IF)
w.active(True)
w.connect("home", "secret")
time.sleep(0.5)
print(w.isconnected(), w.ifconfig()[0], w.status() == network.STAT_NO_AP_FOUND)
for attempt in (
    lambda: socket.socket().connect(("198.51.100.1", 80)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.1", 80)),
    lambda: socket.getaddrinfo("example.com", 80),
):
    try:
        attempt()
    except OSError as error:
        print("OSError", error.args[0])
"""


@pytest.mark.parametrize(
    ("port", "unreachable", "unresolved"), [("rp2", 113, -2), ("esp32", 118, -202), ("esp8266", 113, -2)]
)
def test_without_a_network_nothing_beyond_the_board_is_reached(
    port: str, unreachable: int, unresolved: int, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(OFFLINE)
    code, out, err = finished(tmp_path / "main.py", "--port", port, "--fake-network", "off")
    assert (code, err) == (0, "")
    first, *errors = out.splitlines()
    assert first == "False 0.0.0.0 True"
    assert errors[:2] == [f"OSError {unreachable}"] * 2
    assert errors[2].startswith("OSError ")


def test_sockets_reach_nothing_until_the_program_has_connected(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
import network, socket, time
w = network.WLAN()
def attempt():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        print(s.sendto(b"x", ("198.51.100.1", 9)))
    except OSError as error:
        print("OSError", error.args[0])
attempt()
w.active(True)
w.connect("home", "secret")
print(w.isconnected())
while not w.isconnected():
    time.sleep(0.05)
print(network.WLAN(0).isconnected(), w.config("ssid"), network.WLAN(1).isconnected())
w.disconnect()
attempt()
"""
    run_source(code, "rp2")
    assert capsys.readouterr().out == "OSError 113\nFalse\nTrue home False\nOSError 113\n"


@pytest.mark.parametrize(("port", "error"), [("rp2", "[Errno 1] EPERM"), ("esp32", "Wifi Not Started")])
def test_an_interface_that_is_not_active_does_not_connect(port: str, error: str) -> None:
    with pytest.raises(OSError, match=re.escape(error)):
        run_source("import network\nnetwork.WLAN(network.STA_IF).connect('home', 'secret')", port)


def test_pins_remember(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
from machine import PWM, Pin, Signal
a = Pin(2, Pin.OUT, value=1)
b = Pin(2)
print(b(), b.value())
a.toggle()
print(b.value(), Pin(3, Pin.IN, Pin.PULL_UP).value(), Pin(4, Pin.IN, Pin.PULL_DOWN).value())
light = Signal(a, invert=True)
light.on()
print(a.value(), light.value())
p = PWM(Pin(5), freq=1000)
p.duty_u16(32768)
print(p.freq(), p.duty_u16(), p.duty_ns())
"""
    run_source(code, "rp2")
    assert capsys.readouterr().out == "1 1\n0 1 0\n0 1\n1000 32768 500000\n"


def test_the_length_of_a_pulse_is_set_after_the_frequency_that_comes_with_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_source("import machine\nprint(machine.PWM(machine.Pin(5), duty_ns=500_000, freq=1000).duty_u16())\n", "rp2")
    assert capsys.readouterr().out == "32768\n"


def test_all_clocks_keep_the_same_memory(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
from machine import RTC
clock = RTC()
before = clock.memory()
clock.memory(b"count")
print(before, RTC().memory())
"""
    run_source(code, "esp32")
    assert capsys.readouterr().out == "b'' b'count'\n"


def test_a_pins_interrupt_runs_its_handler_when_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    run_source("from machine import Pin\nPin(5).irq(lambda pin: print('edge of', pin))()\n", "rp2")
    assert capsys.readouterr().out == "edge of Pin(5)\n"


def test_timers_interrupt_a_program_that_waits_and_one_that_works(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
import time
from machine import Timer
seen = []
timer = Timer(period=10, mode=Timer.PERIODIC, callback=lambda t: seen.append(t is timer))
time.sleep(0.1)
waiting = len(seen)
began = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), began) < 100:
    pass
print(waiting >= 5, len(seen) - waiting >= 5, all(seen))
timer.deinit()
count = len(seen)
time.sleep(0.05)
print(len(seen) == count)
Timer(mode=Timer.ONE_SHOT, period=1, callback=lambda t: 1 / 0)
time.sleep(0.05)
print("goes on")
"""
    before = signal.getsignal(signal.SIGALRM)
    run_source(code, "rp2")
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == ["True True True", "True"]
    assert out[-2:] == ["ZeroDivisionError: divide by zero", "goes on"]
    assert signal.getsignal(signal.SIGALRM) is before


def test_timers_go_on_when_the_program_has_ended(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "from machine import Timer\n"
        "Timer(mode=Timer.ONE_SHOT, period=100, callback=lambda t: print('rang'))\n"
        "print('ended')\n"
    )
    code, out, err = finished(tmp_path / "main.py", "--port", "rp2")
    assert (code, out) == (0, "ended\nrang\n")
    assert err == "usock-lint run: the program has ended, its timers go on; Ctrl-C ends them\n"


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        ("machine.reset()", 0, "machine.reset(): here the board starts again"),
        (
            "machine.WDT(timeout=50)\ntime.sleep(5)",
            0,
            "the watchdog was not fed for 50 ms: here the board starts again",
        ),
        ("machine.I2S(0)", 2, "there is no stand-in for machine.I2S, so nothing past this line can be judged"),
        ("machine.mem32[0]", 2, "there is no stand-in for machine.mem32, so nothing past this line can be judged"),
    ],
)
def test_what_ends_the_run_says_so_in_a_line_and_no_handler_takes_it(
    line: str, code: int, says: str, tmp_path: Path
) -> None:
    body = "".join(f"    {one}\n" for one in line.splitlines())
    path = tmp_path / "main.py"
    path.write_text(f"import machine, time\ntry:\n{body}except Exception:\n    print('no')\n")
    row = 2 + len(line.splitlines())
    assert finished(path, "--port", "rp2") == (code, "", f"usock-lint run: {path}:{row}: {says}\n")


def test_boot_runs_before_main_in_the_same_globals(tmp_path: Path) -> None:
    (tmp_path / "boot.py").write_text("ssid = 'home'\nraise ValueError('boot')\n")
    (tmp_path / "main.py").write_text("import mine\nprint(ssid, mine.X)\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "mine.py").write_text("X = 1\n")
    code, out, err = finished(tmp_path / "main.py", "--port", "rp2")
    assert (code, out) == (0, "home 1\n")
    assert err.startswith("usock-lint run: boot.py runs first, as on the board\n")
    assert err.endswith("ValueError: boot\n")


def test_nothing_is_connected_to_buses(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
import dht, machine, neopixel, onewire, ds18x20
i2c = machine.I2C(0, scl=machine.Pin(1), sda=machine.Pin(0))
print(i2c.scan(), ds18x20.DS18X20(onewire.OneWire(machine.Pin(3))).scan())
for attempt in (lambda: i2c.writeto(60, b"x"), dht.DHT22(machine.Pin(2)).measure):
    try:
        attempt()
    except OSError as error:
        print(error)
lights = neopixel.NeoPixel(machine.Pin(4), 2)
lights[1] = (1, 2, 3)
lights.write()
print(len(lights), lights[0], lights[1], machine.SPI(0).read(2), machine.UART(0).any())
print(machine.RTC().datetime()[0] > 2024, machine.time_pulse_us(machine.Pin(5), 1, 1000))
"""
    run_source(code, "rp2")
    assert capsys.readouterr().out.splitlines() == [
        "[] []",
        "[Errno 5] EIO",
        "[Errno 110] ETIMEDOUT",
        "2 (0, 0, 0) (1, 2, 3) b'\\x00\\x00' 0",
        "True -2",
    ]


FILES = """
import os, sys
print(os.getcwd(), sorted(os.listdir("/")), sorted(os.listdir()))
print(open("/www/index.html").read(), open("www/index.html").read(), os.stat("/www/index.html")[6])
os.chdir("www")
print(os.getcwd(), open("index.html").read(), open("/main.py").read()[1:10], [one[0] for one in os.ilistdir()])
os.mkdir("/data")
with open("/data/log", "w") as file:
    file.write("kept")
os.rename("/data/log", "/data/new")
print(open("../data/new").read(), open("../../../../data/new").read(), open(__file__).read()[1:10])
os.remove("/data/new")
os.chdir("/")
for act in (lambda: open("/etc/passwd"), lambda: os.chdir("/etc"), lambda: os.listdir("/etc"), lambda: os.stat("/usr")):
    try:
        print(act())
    except OSError as error:
        print(error)
sys.path.append("/app")
import part
print(part.WORD)
"""


def test_the_folder_of_the_program_is_the_root_of_the_board(tmp_path: Path) -> None:
    write(tmp_path, {"main.py": FILES, "www/index.html": "page", "app/part.py": "WORD = 'part'"})
    code, out, err = finished(tmp_path / "main.py", "--port", "picow")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "/ ['app', 'main.py', 'www'] ['app', 'main.py', 'www']",
        "page page 4",
        "/www page import os ['index.html']",
        "kept kept import os",
        *["[Errno 2] ENOENT"] * 4,
        "part",
    ]
    assert not any((tmp_path / "data").iterdir())


SENSORS = """
import dht, ds18x20, onewire
from machine import I2C, Pin
i2c = I2C(0)
try:
    print(i2c.scan(), i2c.writeto(0x3c, b"ab"), i2c.readfrom(60, 2), i2c.readfrom_mem(60, 1, 3))
except OSError as error:
    print(error)
for sensor in (dht.DHT11(Pin(3)), dht.DHT22(Pin(4))):
    try:
        sensor.measure()
        print(sensor.temperature(), sensor.humidity())
    except OSError as error:
        print(error)
bus = ds18x20.DS18X20(onewire.OneWire(Pin(2)))
for rom in bus.scan():
    bus.convert_temp()
    print(rom[0], bus.read_temp(rom))
"""


def test_devices_answer_where_they_are_attached(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SENSORS)
    attached = [word for one in ("0x3c", "dht", "ds18x20") for word in ("--attach", one)]
    code, out, err = finished(tmp_path / "main.py", "--port", "picow", *attached)
    assert (code, err) == (0, "")
    assert out.splitlines() == ["[60] 2 b'\\x00\\x00' b'\\x00\\x00\\x00'", "21 50", "21.0 50.0", "40 21.0"]


def test_the_dht_driver_works_at_releases_whose_machine_module_cannot_read_the_sensor(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import dht, machine\ndht.DHT11(machine.Pin(3)).measure()\n")
    code, _, err = finished(tmp_path / "main.py", "--port", "esp32", "--version", "1.19")
    assert (code, err.splitlines()[-1]) == (1, "OSError: [Errno 116] ETIMEDOUT")


def test_the_first_use_of_a_device_that_is_not_there_says_how_to_attach_it(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(SENSORS)
    code, out, err = finished(tmp_path / "main.py", "--port", "picow")
    assert (code, out) == (0, "[Errno 5] EIO\n[Errno 110] ETIMEDOUT\n[Errno 110] ETIMEDOUT\n")
    assert err.splitlines() == [
        "usock-lint run: nothing is on the I2C bus; --attach 0x3c, say, puts something at that address",
        "usock-lint run: nothing answers at the I2C address 0x3c; --attach 0x3c puts something there",
        "usock-lint run: no DHT sensor is connected; --attach dht connects one (21 degrees, 50 %)",
        "usock-lint run: nothing is on the 1-wire bus; --attach ds18x20 connects a thermometer (21 degrees)",
    ]


@pytest.mark.parametrize("words", ["lamp", "0x3", "200", ""])
def test_what_cannot_be_attached_is_a_line(words: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("")
    code, _, err = finished(tmp_path / "main.py", "--attach", words)
    assert code == 2
    assert err.endswith(f"{words!r} is neither an I2C address from 0x08 to 0x77 nor one of: dht, ds18x20\n")


@pytest.mark.parametrize(
    ("port", "release", "names"),
    [
        ("rp2", "1.20", "machine, rp2"),
        ("esp32", "1.20", "gc, uos"),
        ("esp8266", "1.22", "gc, os"),
        ("esp32", "1.28", "gc, vfs"),
    ],
)
def test_a_program_finds_the_modules_that_the_firmware_left_imported(
    port: str, release: str, names: str, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(f"print({names})\n")
    code, out, err = finished(tmp_path / "main.py", "--port", port, "--version", release)
    assert (code, err) == (0, "")
    assert out.count("<module '") == 2


@pytest.mark.parametrize(
    ("module", "further"),
    [
        ("datetime", '; on a board mip.install("datetime") brings it'),
        ("umqtt", '; on a board mip.install("umqtt.robust") or mip.install("umqtt.simple") brings it'),
        ("aiohttp", '; on a board mip.install("aiohttp") brings it'),
        ("microdot", ""),
    ],
)
def test_after_a_module_that_is_nowhere_a_line_says_where_it_may_be(module: str, further: str, tmp_path: Path) -> None:
    line = f"{module} is neither in the firmware nor beside the program or in its lib{further}"
    (tmp_path / "main.py").write_text(f"import {module}\n")
    code, _, err = finished(tmp_path / "main.py", "--port", "rp2")
    assert code == 1
    assert err.endswith(f"ImportError: no module named '{module}'\nusock-lint run: {line}\n")


def test_nobody_touches_a_pin() -> None:
    assert run_source("import machine\nread = machine.TouchPad(machine.Pin(4)).read()", "esp32")["read"] > 500


def test_the_clock_can_be_set_and_ntptime_sets_it_right(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
import machine, ntptime, time
ntptime.host = "127.0.0.1"
right = time.time()
machine.RTC().datetime((2030, 5, 6, 0, 7, 8, 9, 0))
print(time.localtime()[:5], machine.RTC().datetime()[:3])
ntptime.settime()
print(abs(time.time() - right) < 5)
"""
    run_source(code, "rp2")
    assert capsys.readouterr().out == "(2030, 5, 6, 7, 8) (2030, 5, 6)\nTrue\n"


def test_requests_asks_a_server(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(b'{"asked": "%s"}' % self.path.encode())

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self.answer(b"[%s, %d]" % (self.rfile.read(length), len(self.headers["Content-Type"])))

        def answer(self, body: bytes) -> None:
            if self.path == "/moved":
                self.send_response(302)
                self.send_header("Location", "/there")
            else:
                self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    code = """
import requests, urequests
at = "http://127.0.0.1:%d" % PORT
answer = requests.get(at + "/a?b=1")
print(answer.status_code, answer.headers["Content-Type"], answer.json())
answer.close()
print(urequests.post(at, json={"x": 1}).text, requests.get(at + "/moved").json())
for wrong in (lambda: requests.get("ftp://a/"), lambda: requests.get(at, {}), lambda: requests.options(at)):
    try:
        wrong()
    except (ValueError, TypeError, AttributeError) as error:
        print(type(error).__name__)
"""
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        run_source(code, "rp2", globals={"PORT": server.server_port})
        server.shutdown()
    assert capsys.readouterr().out.splitlines() == [
        "200 application/json {'asked': '/a?b=1'}",
        "[{\"x\": 1}, 16] {'asked': '/there'}",
        "ValueError",
        "TypeError",
        "AttributeError",
    ]


SIMULATED = ("rp2", "esp32", "esp8266", "stm32", "mimxrt", "samd")


@pytest.mark.parametrize("port", SIMULATED)
def test_modules_and_classes_have_the_names_of_the_table_and_no_others(port: str) -> None:
    cell = Cell(port, NEWEST)
    for module in ("machine", "network"):
        if table.module_exists(cell, module) is not True:
            continue
        made = cast("dict[str, Any]", vars(run_source(f"import {module} as m", port)["m"]))
        assert table.names(cell, module) <= made.keys()
        assert [name for name in made if table.module_name(cell, module, name) is False] == []
        for name in [name for name in made if isinstance(made[name], type)]:
            known = {one for one in table.members(cell, module, name) if one[:2] != "__"}
            assert known <= set(dir(made[name]))


@pytest.mark.parametrize(
    ("port", "line"),
    [
        ("esp32", "machine.Pin(2).high()"),
        ("rp2", "machine.ADC(26).read()"),
        ("rp2", "machine.Pin(2).colour = 1"),
        ("rp2", "machine.DAC"),
        ("esp8266", "network.LAN"),
        ("rp2", "network.WLAN(0).mode()"),
    ],
)
def test_what_a_port_lacks_is_an_attribute_error(port: str, line: str) -> None:
    with pytest.raises(AttributeError):
        run_source(f"import machine, network\n{line}", port)


def test_arguments_that_a_port_refuses_are_type_errors() -> None:
    for line in ("machine.Timer().init(1, 2)", "machine.Pin(2).value(1, 2)", "network.WLAN(0).connect('a', 'b', 'c')"):
        with pytest.raises(TypeError):
            run_source(f"import machine, network\nnetwork.WLAN(0).active(True)\n{line}", "rp2")


@pytest.mark.parametrize("port", ["rp2", "esp32", "esp8266", "stm32", "mimxrt", "samd"])
def test_what_programs_make_of_a_number_can_be_made_on_every_port(port: str) -> None:
    run_source("from machine import Pin\nPin(2)\nPin(3, Pin.OUT)\nPin(4, Pin.IN, Pin.PULL_UP).value()", port)


def test_a_class_of_the_scripts_own_may_derive_from_a_pin(capsys: pytest.CaptureFixture[str]) -> None:
    code = """
from machine import Pin
class Button(Pin):
    def __init__(self, number):
        super().__init__(number, Pin.IN, Pin.PULL_UP)
        self.name = "button"
print(Button(3).name, Button(3).value())
"""
    run_source(code, "rp2")
    assert capsys.readouterr().out == "button 1\n"


def test_an_unplayed_module_ends_a_test_too() -> None:
    with pytest.raises(NotSimulated, match=r"bluetooth\.BLE"):
        run_source("import bluetooth\nclass Radio(bluetooth.BLE): pass", "rp2")


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may bind any port")
def test_a_port_for_administrators_has_another_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import socket\nsocket.socket().bind(('127.0.0.1', 81))\n")
    code, _, err = finished(tmp_path / "main.py", "--port", "rp2")
    assert (code, err) == (0, "usock-lint run: port 81 needs an administrator here; 8081 stands for it\n")


@pytest.mark.parametrize("words", ["80", "80:", "a:b", "0:1", "80:65536", "80:8080:1"])
def test_a_wrong_pair_of_ports_is_said_in_a_line(words: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("")
    code, _, err = finished(tmp_path / "main.py", "--map-port", words)
    assert code == 2
    assert f"{words!r} is no pair of ports such as 80:8080" in err

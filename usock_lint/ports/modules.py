"""Which modules there are: on every port, on MicroPython alone, on CPython alone."""

from __future__ import annotations

from collections.abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

# Built into every port (py/, extmod/ and the ports' mpconfigport.h at every release read); `u` stands before most of
# the names up to 1.20, and is accepted since.
EVERYWHERE: Final = frozenset(
    (
        "array binascii builtins cmath collections errno gc io json machine math micropython os random re "
        "select socket struct sys time uctypes"
    ).split()
)

# Built in wherever there are sockets, but for these ports (MICROPY_PY_NETWORK in ports/*/mpconfigport.h@v1.26.0).
NOT_EVERYWHERE: Final = {"network": frozenset({"alif", "unix", "zephyr"})}

WITH_U: Final = EVERYWHERE | frozenset("asyncio bluetooth cryptolib hashlib heapq ssl websocket zlib".split())

# Neither MicroPython, on any port, nor micropython-lib has these, with two exceptions: the small `threading`
# and `argparse` of micropython-lib, which published code imports in programs for a computer. Absent on
# purpose, because a device may have them: the rest of micropython-lib (logging, pickle, multiprocessing ...),
# what is often a file of the project itself (secrets, queue, enum), what only annotations need (typing).
_CPYTHON_ONLY = """
argparse ast asynchat asyncore bz2 cProfile concurrent ctypes distutils doctest faulthandler ftplib getpass imaplib
lzma mailbox mmap msvcrt nntplib ntpath optparse pdb poplib posixpath pty pydoc readline resource runpy sched selectors
shlex smtpd smtplib socketserver subprocess sysconfig telnetlib threading tkinter tokenize tomllib tracemalloc turtle
webbrowser winreg winsound wsgiref xmlrpc unittest.mock zipfile
PIL PyQt4 PyQt5 PyQt6 PySide2 PySide6 RPi Tkinter colorama cv2 django esptool fastapi flask gevent kivy
matplotlib mpremote netifaces numpy pandas paramiko psutil pygame pytest scapy scipy serial setuptools sqlalchemy
tornado tqdm twisted uvloop wx zmq
"""
CPYTHON_ONLY = frozenset(_CPYTHON_ONLY.split())

# Built into some port, of micropython-lib alone, or a u-name that MicroPython made up. Absent: names that
# packages for CPython have as well (bluetooth, neopixel, uuid).
_MICROPYTHON_ONLY = """
btree cc3200 cryptolib deflate esp esp32 espnow ffi framebuf jni lcd160cr lwip machine micropython mimxrt
network nrf openamp pyb rp2 samd stm tls vfs wipy zephyr
mip ntptime onewire uaiohttpclient upip upysh umqtt urequests utop webrepl
uarray uasyncio ubinascii ubluetooth ucollections ucontextlib ucryptolib uctypes uerrno uhashlib uheapq uio
ujson ulogging umachine unetwork uos uplatform urandom ure uselect usocket ussl ustruct usys utime
uwebsocket uzlib
"""
MICROPYTHON_ONLY = frozenset(_MICROPYTHON_ONLY.split())

# What `hasattr` is asked of to tell MicroPython: on every port (extmod/modtime.c, py/modgc.c, py/modsys.c at v1.26.0;
# each port's modutime.c at v1.9.4 and v1.16), and on some ports or builds.
MEMBERS_EVERYWHERE: Final = {
    "gc": frozenset("mem_alloc mem_free".split()),
    "sys": frozenset({"print_exception"}),
    "time": frozenset("sleep_ms sleep_us ticks_add ticks_diff ticks_ms ticks_us".split()),
}
MEMBERS_SOMEWHERE: Final = {
    "os": frozenset(
        "AbstractBlockDev VfsFat VfsLfs1 VfsLfs2 VfsPosix dupterm dupterm_notify ilistdir mount umount".split()
    ),
}

# Built into, or frozen into, the builds of these ports alone (MP_REGISTER_MODULE and modules/ below ports/ at v1.28.0;
# up to 1.18 MICROPY_PORT_BUILTIN_MODULES of their mpconfigport.h). `pyb` was also teensy's and pic16bit's, which
# have no sockets. `M5` is of M5Stack's firmware, a build of esp32.
ON_PORTS: Final[Mapping[str, tuple[str, ...]]] = {
    "esp": ("esp32", "esp8266"),
    "espnow": ("esp32", "esp8266"),
    "esp32": ("esp32",),
    "M5": ("esp32",),
    "rp2": ("rp2",),
    "pyb": ("stm32",),
    "stm": ("stm32",),
    "mimxrt": ("mimxrt",),
    "renesas": ("renesas-ra",),
    "samd": ("samd",),
    "alif": ("alif",),
    "zephyr": ("zephyr",),
    "wipy": ("cc3200",),
    "ffi": ("unix",),
    "ffilib": ("unix",),
    "jni": ("unix",),
    "termios": ("unix",),
}

# Of those, what not every release or build of its ports has: espnow came with 1.21
# (ports/esp32/modespnow.c@v1.21.0); ffi, jni and termios are options of a build
# (ports/unix/mpconfigport.mk:25@v1.26.0); ffilib is of micropython-lib, and needs ffi (unix-ffi/ffilib).
ON_BUILDS: Final = frozenset({"M5", "espnow", "ffi", "ffilib", "jni", "termios"})

# MICROPY_PY_OS_UNAME in ports/*/mpconfigport.h@v1.28.0.
WITHOUT_UNAME: Final = frozenset({"samd", "unix", "zephyr"})

# What the names of all chips of a port have in them (MICROPY_HW_MCU_NAME in mpconfigport.h and boards/ of each port at
# v1.16, v1.19, v1.22.0, v1.26.0 and v1.28.0). `os.uname().machine` is the name of the board, "with", and that of the
# chip (extmod/modos.c:108@v1.28.0); no board of one of these ports is called after the chip of another.
CHIPS: Final[Mapping[str, str]] = {
    "esp32": "ESP32",
    "esp8266": "ESP8266",
    "mimxrt": "MIMXRT",
    "rp2": "RP2",
    "samd": "SAMD",
    "stm32": "STM32",
}

"""Lists of modules: those of every port, those that only MicroPython has, and those that only CPython has."""

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

BUILT_IN: Final = frozenset({"tls"})
"""Modules that are built in or missing, and can never be installed."""

# Built in wherever there are sockets, but for these ports (MICROPY_PY_NETWORK in ports/*/mpconfigport.h@v1.26.0).
NOT_EVERYWHERE: Final = {"network": frozenset({"alif", "unix", "zephyr"})}

# EVERYWHERE, and what else some port has with a `u` before its name. A few, such as `math`, no port has so.
WITH_U: Final = EVERYWHERE | frozenset("asyncio bluetooth cryptolib hashlib heapq ssl websocket zlib".split())

# Neither MicroPython, on any port, nor micropython-lib has these, with two exceptions: the small `threading` and
# `argparse` of micropython-lib, which published code imports in programs for a computer. A module that is not named
# here may be one of the project. micropython-lib has the packages of the dotted names, except google, but without these
# submodules.
_CPYTHON_ONLY = """
argparse ast asynchat asyncore bz2 cProfile concurrent ctypes distutils doctest faulthandler ftplib getpass imaplib
lzma mailbox mmap msvcrt nntplib ntpath optparse pdb poplib posixpath pty pydoc resource runpy sched selectors
shlex smtpd smtplib socketserver subprocess sysconfig telnetlib threading tkinter tokenize tomllib tracemalloc turtle
webbrowser winreg winsound wsgiref xmlrpc zipfile
collections.abc email.generator email.mime email.policy http.cookiejar http.cookies http.server logging.config
logging.handlers multiprocessing.connection multiprocessing.managers multiprocessing.pool multiprocessing.shared_memory
requests.adapters requests.auth requests.cookies requests.exceptions requests.models requests.sessions
requests.structures requests.utils unittest.mock urllib.error urllib.request urllib.response urllib.robotparser
Adafruit_BBIO Crypto Cryptodome MySQLdb OpenSSL PIL PyPDF2 PyQt4 PyQt5 PyQt6 PySide2 PySide6 PySimpleGUI RPi Tkinter
aiocache aioconsole aiodns aiofiles aiogram aiomysql aioping aioredis aiosqlite anyio asgiref asyncpg asyncssh bcrypt
bleak boto3 botocore bottle bs4 capnp celery certifi cherrypy click colorama coloredlogs colorlog cryptography curio
customtkinter cv2 dateutil discord django dnslib dotenv esptool eventlet fastapi flask flask_cors flask_socketio folium
gevent google.auth google.cloud google.protobuf googleapiclient gpiozero grpc homeassistant httplib2 httpx imutils
jinja2 kafka kivy loguru lxml matplotlib mcstatus mpremote nacl netaddr netifaces netmiko networkx nltk ntplib numpy
openai openpyxl orjson paho pandas paramiko passlib peewee pexpect pigpio pika playsound prettytable prompt_toolkit
psutil psycopg2 pyaudio pyautogui pycurl pydantic pyfiglet pyfirmata pyftpdlib pygame pymodbus pymongo pymssql pymysql
pynput pyodbc pyperclip pyroute2 pyshark pysnmp pytest pythonping pyttsx3 pytz rich sanic scapy scipy seaborn selenium
serial setuptools simplejson sklearn sounddevice speech_recognition sqlalchemy starlette streamlit structlog sympy
tabulate tensorflow termcolor tftpy torch tornado tqdm trio ttkbootstrap twisted typer urllib3 uvicorn uvloop voluptuous
w1thermsensor werkzeug win32api win32con win32gui wx zeroconf zmq
"""
CPYTHON_ONLY = frozenset(_CPYTHON_ONLY.split())

PYTHON_2: Final = frozenset(
    (
        "BaseHTTPServer CGIHTTPServer ConfigParser HTMLParser Queue SimpleHTTPServer SimpleXMLRPCServer SocketServer "
        "StringIO UserDict UserList __builtin__ _winreg cPickle cStringIO cookielib htmlentitydefs httplib md5 popen2 "
        "rfc822 sgmllib thread tkFileDialog tkMessageBox urllib2 urlparse whrandom xmlrpclib"
    ).split()
)
"""Modules of CPython 2's library that CPython 3 has under other names, or no more."""

IN_LIBRARY: Final = frozenset({"argparse", "threading"})
"""Modules of CPYTHON_ONLY that micropython-lib has."""

# Built into some port, of micropython-lib alone, or a u-name that MicroPython made up: MP_REGISTER_MODULE and
# ports/*/modules, the manifests of micropython-lib in August 2026, and `dir()` on 169 builds of firmware since 1.9.3.
# `picozero` and `ulab` are made for MicroPython alone. Absent: names that packages for CPython have as well.
_MICROPYTHON_ONLY = """
_boot _boot_fat _espnow _libc _onewire _rp2 _uasyncio _webrepl
aioble aioespnow aiorepl alif apa102 apa106 bmi270 bmm150 btree cc3200 cryptolib deflate dht ds18x20 esp esp32 espflash
espnow ffi ffilib flashbdev framebuf hs3003 hts221 inisetup jni lcd160cr lps22h lsm6dsox lsm9ds1 lwip machine mhz19
micropython mimxrt network nrf nrf24l01 openamp picozero psoc_edge pyb renesas rp2 samd sdcard ssd1306 stm tls
vfs websocket_helper wipy wm8960 zephyr zsensor
mip ntptime onewire uaiohttpclient udnspkt ulab umqtt upip upip_utarfile upysh urequest urequests utop webrepl
webrepl_setup
uarray uasyncio ubinascii ubluepy ubluetooth ucollections ucontextlib ucryptolib uctypes ucurses uerrno uhashlib uheapq
uio ujson ulogging umachine unetwork uos uplatform urandom ure uselect usocket ussl ustruct usys utime utimeq
uwebsocket uzlib
"""
MICROPYTHON_ONLY = frozenset(_MICROPYTHON_ONLY.split())

# From the same sources: what CPython, or a package for it, has as well. `typing` is what micropython-stubs
# offers to boards, and readline was of micropython-lib.
_BOTH = """
__future__ _asyncio _markupbase _thread abc aiohttp asyncio base64 bisect ble bluetooth board cbor2 cgi cmd colorsys
contextlib copy curses datetime email fcntl fnmatch functools getopt gettext glob gzip hashlib heapq hmac html http
inspect iperf3 itertools js jsffi jwt keyword locale logging lora marshal microbit multiprocessing music neopixel
operator pathlib pickle pkg_resources pkgutil platform pprint pwd pyscript quopri readline requests senml shutil
signal spiflash sqlite3 ssl stat string tarfile tempfile termios test textwrap timeit traceback tty types typing
typing_extensions unittest urllib usb uu uuid venv warnings weakref websocket xmltok zlib
"""
MICROPYTHON: Final = EVERYWHERE | WITH_U | MICROPYTHON_ONLY | frozenset(_BOTH.split())
"""All modules that some build of MicroPython or micropython-lib has, and no board need have all of them."""

# Modules of CPython's library whose names programs for boards also give to files of their own.
OFTEN_OWN: Final = frozenset("calendar code queue sched secrets statistics test token".split())

# The names of those among them that have few (`__all__` of CPython 3.14).
NAMES_OF_CPYTHON: Final = {
    "code": frozenset("CommandCompiler InteractiveConsole InteractiveInterpreter compile_command interact".split()),
    "queue": frozenset("Empty Full LifoQueue PriorityQueue Queue ShutDown SimpleQueue".split()),
    "sched": frozenset("Event scheduler".split()),
    "secrets": frozenset(
        (
            "DEFAULT_ENTROPY SystemRandom choice compare_digest randbelow randbits token_bytes token_hex token_urlsafe"
        ).split()
    ),
}
"""A file that takes another name from such a module has a module of its own of this name."""

NAMES_OF_PACKAGES: Final = {
    "requests": frozenset(
        (
            "ConnectTimeout ConnectionError HTTPError JSONDecodeError ReadTimeout RequestException Session Timeout "
            "TooManyRedirects URLRequired adapters auth codes cookies exceptions options session sessions status_codes "
            "structures utils"
        ).split()
    )
}
"""Names of packages for CPython, which the modules of the same names in micropython-lib never had (its history of
urequests and python-ecosys/requests up to ee4bb8ff13)."""

OF_RESPONSES: Final = frozenset(
    (
        "apparent_encoding cookies elapsed history is_permanent_redirect is_redirect iter_content iter_lines links "
        "next ok raise_for_status request url"
    ).split()
)
"""The same of the class `Response` of requests."""

MADE_FOR_BOARDS: Final = frozenset(
    (
        "MicroWebSrv2 badger2040 cosmic galactic gfx_pack hub75 inky_frame inky_helper interstate75 jpegdec "
        "microWebSrv picodisplay picoexplorer picographics picokeypad picoscroll picosystem picounicorn picoweb "
        "picowireless pimoroni pimoroni_i2c plasma pngdec presto stellar tinyweb"
    ).split()
)
"""Modules of Pimoroni's firmware (micropython/modules and modules_py of pimoroni/pimoroni-pico, and pimoroni/presto),
and web servers for boards alone.
"""

PYCOM: Final = frozenset(
    {"pycom", "network.LTE", "network.LoRa", "network.Sigfox", "socket.AF_LORA", "usocket.AF_LORA"}
)
CIRCUITPYTHON: Final = ("adafruit_", "socketpool")
"""Modules and names of Pycom's firmware only, and prefixes of CircuitPython's modules: both have own sockets."""
CIRCUITPYTHON_BUILT_IN: Final = frozenset({"busio", "digitalio", "displayio"})
"""Modules that CircuitPython's firmware has and drivers for several firmwares import under a condition."""

TESTING: Final = frozenset({"pytest", "unittest"})
"""Modules that tests import: most tests run on a computer."""

# Members of modules that every port of MicroPython has and CPython lacks: programs ask for them by `hasattr`
# (extmod/modtime.c, py/modgc.c, py/modsys.c at v1.26.0; each port's modutime.c at v1.9.4 and v1.16).
MEMBERS_EVERYWHERE: Final = {
    "gc": frozenset("mem_alloc mem_free".split()),
    "sys": frozenset({"print_exception"}),
    "time": frozenset("sleep_ms sleep_us ticks_add ticks_diff ticks_ms ticks_us".split()),
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

# Modules of ON_PORTS that not every release or build of their ports has: espnow came with 1.21
# (ports/esp32/modespnow.c@v1.21.0); ffi, jni and termios are options of a build
# (ports/unix/mpconfigport.mk:25@v1.26.0); ffilib is of micropython-lib, and needs ffi (unix-ffi/ffilib).
ON_BUILDS: Final = frozenset({"M5", "espnow", "ffi", "ffilib", "jni", "termios"})

# MICROPY_PY_OS_UNAME in ports/*/mpconfigport.h@v1.28.0.
WITHOUT_UNAME: Final = frozenset({"samd", "unix", "zephyr"})

# A part of the names of all chips of a port (MICROPY_HW_MCU_NAME in mpconfigport.h and boards/ of each port at
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

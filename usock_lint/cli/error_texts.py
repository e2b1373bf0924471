"""Errors by their texts: those of modules beside `socket` that programs with networks use, and that no rule is about.

Sources stand beside each, in MicroPython's tree unless they say otherwise; `lib` is micropython-lib.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from usock_lint.cli.error_causes import Cause
from usock_lint.i18n import say

_WRONG_LOGIN = Cause(
    # lib: micropython/umqtt.simple/umqtt/simple.py:114@v1.28.0; MQTT 3.1.1, table 3.1
    say("the broker refuses the user, the password or what this user may do"),
    say("a wrong password, or a broker that wants one, and a client that gives none"),
    say("pass `user=` and `password=` to `MQTTClient`, and check what the broker's log says"),
)
_NOT_ACTIVE = Cause(
    # ports/esp32/network_common.c:53@v1.28.0, ports/esp32/network_wlan.c:442@v1.28.0
    say("the Wi-Fi interface is not active"),
    say("`connect` or `scan` before `active(True)`, or after `active(False)`"),
    say("call `wlan.active(True)` first"),
)

_TEXTS: Mapping[str, tuple[str, Cause]] = {
    r"MQTTException: 2": (
        "MQTTException 2",
        Cause(
            # lib: micropython/umqtt.simple/umqtt/simple.py:114@v1.28.0; MQTT 3.1.1, table 3.1
            say("the broker refuses the name of the client"),
            say("a name that is empty, or longer than the broker takes"),
            say("give `MQTTClient` a short name that no other client has"),
        ),
    ),
    r"MQTTException: 3": (
        "MQTTException 3",
        Cause(
            # lib: micropython/umqtt.simple/umqtt/simple.py:114@v1.28.0; MQTT 3.1.1, table 3.1
            say("the broker is there, and cannot serve now"),
            say("a broker that starts, or has too many clients"),
            say("close the socket, and try again later"),
        ),
    ),
    r"MQTTException: ([45])": ("MQTTException {}", _WRONG_LOGIN),
    r"MQTTException: 128": (
        "MQTTException 128",
        Cause(
            # lib: micropython/umqtt.simple/umqtt/simple.py:175@v1.28.0; MQTT 3.1.1, section 3.9.3
            say("the broker refuses to subscribe to this topic"),
            say("a topic that this user may not read, or a `#` that is not its last level"),
            say("check the topic, and the rights of the user"),
        ),
    ),
    r"(?:OSError: )?-1": (
        "umqtt",
        Cause(
            # lib: micropython/umqtt.simple/umqtt/simple.py:201@v1.28.0
            say("the broker has closed the connection"),
            say("nothing sent for longer than `keepalive`, or a second client of the same name"),
            say("call `ping` in time, give each client its own name, and connect again (`umqtt.robust` does)"),
        ),
    ),
    r"(?:OSError: )?(Wifi Internal (?:State )?Error)": (
        "{}",
        Cause(
            # ports/esp32/network_common.c:61@v1.28.0, :63; issues 7139 and 17661 of micropython/micropython
            say("the Wi-Fi of an esp32 cannot do this now"),
            say("`connect` while it is connecting or connected, also since before a soft reset"),
            say("call `connect` only if `isconnected()` is false, and `disconnect` before the next attempt"),
        ),
    ),
    r"(?:OSError: )?(Wifi Not Started|Wifi Not Initialized|STA must be active)": ("{}", _NOT_ACTIVE),
    r"(?:OSError: )?(?:\[Errno 1\] )?(EPERM)": (
        "{}",
        Cause(
            # cyw43-driver src/cyw43_ctrl.c:639 (CYW43_EPERM); extmod/network_cyw43.c:311@v1.28.0
            say("on boards with a CYW43, such as the Pico W: the Wi-Fi interface is not active"),
            say("`connect` or `scan` before `active(True)`, or after `active(False)`"),
            say("call `wlan.active(True)` first"),
        ),
    ),
    r"(?:OSError: )?(no available NIC)": (
        "{}",
        Cause(
            # extmod/modnetwork.c:112@v1.28.0
            say("no network interface is active"),
            say("a socket that is made before the interface, such as `network.LAN()`"),
            say("make the interface, call its `active(True)`, and wait until `isconnected()`"),
        ),
    ),
    r"(?:OSError: )?(core1 in use)": (
        "{}",
        Cause(
            # ports/rp2/mpthreadport.c:129@v1.28.0
            say("rp2 runs one thread beside the main program"),
            say("`_thread.start_new_thread` for each client, or before the last thread has ended"),
            say("serve all clients in one loop, with `asyncio.start_server` or `select.poll`"),
        ),
    ),
    r"(?:OSError: )?(can't create thread)": (
        "{}",
        Cause(
            # ports/esp32/mpthreadport.c:160@v1.28.0
            say("there is no memory for the stack of another thread"),
            say("a thread for each client"),
            say("serve all clients in one loop, with `asyncio.start_server` or `select.poll`"),
        ),
    ),
    r"(?:OSError: )?(?:(?:\[Errno )?28\]?(?: ENOSPC)?|ENOSPC)": (
        "ENOSPC",
        Cause(
            # lib/littlefs/lfs2.h:82@v1.28.0
            say("the file system of the board is full"),
            say("a log or a download that is written to flash"),
            say("look with `os.statvfs('/')`, and delete with `os.remove` what is not needed"),
        ),
    ),
    r"(?:ValueError: )?(syntax error in JSON)": (
        "{}",
        Cause(
            # extmod/modjson.c:357@v1.28.0
            say("the text is not JSON"),
            say("a page that tells of an error, an empty answer, or one that is not read to its end"),
            say("print the text, and check the status code first"),
        ),
    ),
    r"(?:ValueError: )?(Unsupported) Transfer-Encoding:.*": (
        "requests",
        Cause(
            # lib: python-ecosys/requests/requests/__init__.py:165@v1.28.0
            say("this release of `requests` reads no body that comes in chunks"),
            say("a server that answers in HTTP/1.1 though it was asked in HTTP/1.0"),
            say("install a newer one (`mip.install('requests')`), or ask another server"),
        ),
    ),
    r"(?:ValueError: )?(Unsupported protocol):.*": (
        "{}",
        Cause(
            # lib: python-ecosys/requests/requests/__init__.py:75@v1.28.0
            say("the URL begins with neither `http:` nor `https:`"),
            say("a URL of another protocol, such as `ftp:` or `mqtt:`"),
            say("write the whole URL: `http://example.com/`"),
        ),
    ),
    r"(?:NotImplementedError: )?(Redirects not yet supported)": (
        "{}",
        Cause(
            # lib: urequests/urequests.py:90@v1.9.3
            say("old releases of `urequests` follow no redirection"),
            say("a server that sends from `http://` to `https://`"),
            say("ask for the address that the server names in `Location`, or install a newer one"),
        ),
    ),
    r"(?:ValueError: )?(incompatible \.mpy (?:file|arch))": (
        "{}",
        Cause(
            # py/persistentcode.c:476@v1.28.0, :485
            say("a compiled module is for another release of MicroPython, or for another processor"),
            say("a `.mpy` file that was copied from an older installation"),
            say("install it again with `mip`, compile it with the `mpy-cross` of this release, or copy the `.py` file"),
        ),
    ),
    r"ModuleNotFoundError\b.*": (
        "ModuleNotFoundError",
        Cause(
            # CPython's name; MicroPython raises ImportError (py/builtinimport.c:672@v1.28.0)
            say("CPython prints this, so the program ran on the computer"),
            say("a program for a board that was started with `python`"),
            say("run it on the board (`mpremote run main.py`), or try it with `usock-lint run --port rp2 main.py`"),
        ),
    ),
}
"""Patterns of errors, each with the name to print, in which `{}` is the group of the pattern, and the cause."""


def causes_of_text(error: str) -> Iterator[tuple[str, Cause]]:
    """The names and causes of the errors with this text."""
    for form, (name, cause) in _TEXTS.items():
        if found := re.fullmatch(form, error, re.IGNORECASE):
            yield name.format(*found.groups()), cause

"""The network module: interfaces that connect to any network, whose addresses are the computer's own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from usock_lint.shim.core.arguments import text
from usock_lint.shim.core.base import Port
from usock_lint.shim.core.sealed import Module
from usock_lint.shim.world.stand_ins import constants, fitted_class, module_contents, nothing

if TYPE_CHECKING:
    from usock_lint.shim.world.world import World

CONNECTING = 0.3
"""The seconds after which connecting ends, with a network or, with `--fake-network off`, without one."""

NO_ADDRESS = "0.0.0.0"
MAC = bytes.fromhex("28cdc1000001")
STRENGTH = -50
"""The signal strength of the network in dBm."""

NUMBERS = {
    "": {
        **{"STA_IF": 0, "AP_IF": 1, "STAT_IDLE": 0, "STAT_CONNECTING": 1, "STAT_CONNECT_FAIL": -1, "STAT_GOT_IP": 3},
        **{"STAT_NO_AP_FOUND": -2, "STAT_WRONG_PASSWORD": -3},
    },
    "esp32": {
        **{"STAT_IDLE": 1000, "STAT_CONNECTING": 1001, "STAT_GOT_IP": 1010, "STAT_BEACON_TIMEOUT": 200},
        **{"STAT_NO_AP_FOUND": 201, "STAT_WRONG_PASSWORD": 202, "STAT_ASSOC_FAIL": 203, "STAT_HANDSHAKE_TIMEOUT": 204},
        **{"AUTH_OPEN": 0, "AUTH_WEP": 1, "AUTH_WPA_PSK": 2, "AUTH_WPA2_PSK": 3, "AUTH_WPA_WPA2_PSK": 4},
    },
    "esp8266": {
        **{"STAT_WRONG_PASSWORD": 2, "STAT_NO_AP_FOUND": 3, "STAT_CONNECT_FAIL": 4, "STAT_GOT_IP": 5},
        **{"AUTH_OPEN": 0, "AUTH_WEP": 1, "AUTH_WPA_PSK": 2, "AUTH_WPA2_PSK": 3, "AUTH_WPA_WPA2_PSK": 4},
        **{"MODE_11B": 1, "MODE_11G": 2, "MODE_11N": 4},
    },
}
"""The constants of ports, "" for all: CYW43_LINK_* of lib/cyw43-driver/src/cyw43.h,
ports/esp32/modnetwork.h:62@v1.28.0, user_interface.h of ESP8266's SDK."""

NEW_NAMES = {"essid": "ssid", "authmode": "security", "password": "key", "dhcp_hostname": "hostname"}
"""The new names of parameters, by their old names."""


class State:
    """The state of an interface, which all objects that a program makes of it share."""

    def __init__(self, port: Port, is_station: bool, needs_no_connect: bool = False) -> None:
        self.port = port
        self.is_station = is_station
        """False for an access point."""
        self.needs_no_connect = needs_no_connect
        """True for an interface with a cable, which has its network as soon as it is active."""
        self.is_active = False
        self.connecting_since: float | None = None
        self.settings: dict[str, Any] = {"mac": MAC, "ssid": "", "channel": 6, "security": 0, "pm": 0, "txpower": 20}
        port.network.links.append(lambda: self.is_up)

    @property
    def is_up(self) -> bool:
        """True if it has a network. An access point has one as soon as it is active."""
        if not self.is_station or self.needs_no_connect:
            return self.is_active and self.port.network.works
        return self.connecting_has_ended and self.port.network.works

    @property
    def connecting_has_ended(self) -> bool:
        """True if connecting has ended, with a network or without."""
        return self.connecting_since is not None and time.monotonic() - self.connecting_since >= CONNECTING

    @property
    def status(self) -> str:
        """The name of its status."""
        if self.is_up:
            return "STAT_GOT_IP"
        if self.connecting_since is None:
            return "STAT_IDLE"
        return "STAT_NO_AP_FOUND" if self.connecting_has_ended else "STAT_CONNECTING"

    @property
    def addresses(self) -> tuple[str, str, str, str]:
        """Its own address, the mask, the router's and the DNS server's. The first is the computer's."""
        if not self.is_up:
            return NO_ADDRESS, NO_ADDRESS, NO_ADDRESS, NO_ADDRESS
        own = self.port.network.address()
        router = own.rpartition(".")[0] + ".1"
        return own, "255.255.255.0", router, router

    def not_active(self) -> OSError:
        """The error of connecting an interface that was not switched on."""
        if self.port.name == "esp32":
            return self.port.OSError("Wifi Not Started")  # ports/esp32/network_common.c:53@v1.28.0
        return self.port.error("EPERM")  # cyw43_wifi_join in lib/cyw43-driver


class Interface:
    """The base of interfaces."""

    _state: State
    _hostname: Callable[..., str | None]

    def active(self, *wanted: Any) -> bool | None:
        """True if it is active; with an argument, switch it on or off."""
        if not wanted:
            return self._state.is_active
        self._state.is_active = bool(wanted[0])
        if not self._state.is_active:
            self._state.connecting_since = None
        return self._state.is_active if self._state.port.name in ("esp32", "esp8266") else None

    def isconnected(self) -> bool:
        """True if a station has a network. An access point is never connected, because no station joins it."""
        return self._state.is_up and self._state.is_station

    def ifconfig(self, *wanted: Any) -> tuple[str, str, str, str] | None:
        """The addresses. Those that a program sets are ignored, because the computer keeps its own."""
        return None if wanted else self._state.addresses

    def ipconfig(self, *names: str, **wanted: Any) -> Any:
        """One of the addresses by name. Those that a program sets are ignored."""
        if wanted or not names:
            return None
        own, mask, router, _ = self._state.addresses
        dhcp = {"dhcp4": True, "has_dhcp4": self._state.is_up}
        known: dict[str, Any] = {"addr4": (own, mask), "addr6": [], "gw4": router, **dhcp}
        if names[0] not in known:
            raise ValueError("unexpected key")
        return known[names[0]]

    def config(self, *names: str, **wanted: Any) -> Any:
        """One setting by name; with keywords, change settings."""
        if wanted:
            self._state.settings.update({NEW_NAMES.get(name, name): value for name, value in wanted.items()})
            return None
        if len(names) != 1:
            raise TypeError("must query one param")
        name = NEW_NAMES.get(names[0], names[0])
        if name == "hostname":
            return self._hostname()
        if name not in self._state.settings:
            raise ValueError("unknown config param")
        return self._state.settings[name]

    def status(self, *names: str) -> Any:
        """The number of the status; with a name, the signal strength or the list of stations."""
        state = self._state
        if not names:
            return constants(state.port.name, NUMBERS)[state.status] if state.is_station or state.is_active else 0
        if names[0] == "rssi" and state.is_station:
            return STRENGTH if state.is_up else 0
        if names[0] == "stations" and not state.is_station:
            return []
        raise ValueError("unknown status param")


class WLAN(Interface):
    """A Wi-Fi interface. All its objects share one state."""

    IF_STA = 0
    IF_AP = 1

    _states: Sequence[Callable[[], State]]

    def __init__(self, interface: Any = 0) -> None:
        self._state = self._states[int(interface)]()

    def connect(self, ssid: Any = None, key: Any = None, **_: Any) -> None:
        """Start to connect. Any name and any password of a network are right."""
        state = self._state
        if not state.is_active:
            raise state.not_active()
        if ssid is not None:
            state.settings["ssid"] = text(ssid)
        if key is not None:
            text(key)
        state.connecting_since = time.monotonic()

    def disconnect(self) -> None:
        """Leave the network."""
        self._state.connecting_since = None

    def deinit(self) -> None:
        """Switch it off."""
        self.active(False)

    def scan(self, **_: Any) -> list[tuple[Any, ...]]:
        """The networks around: none is found."""
        if not self._state.is_active:
            raise self._state.not_active()
        return []


class LAN(Interface):
    """An Ethernet interface."""

    _wired: Callable[[], State]

    def __init__(self, *_: Any, **__: Any) -> None:
        self._state = self._wired()


class WIZNET5K(LAN):
    """An Ethernet interface with a chip of WIZnet's."""


def phy_mode(*wanted: Any) -> int | None:
    """The standard of the radio, MODE_11N; setting another one changes nothing."""
    return None if wanted else 4


def network(world: World) -> Module:
    """The module on a port."""
    port = world.port
    cell = port.cell
    names: dict[str, Any] = {"hostname": "mpy-" + port.name, "country": "XX"}
    made: dict[str, State] = {}

    def state(key: str, is_station: bool, needs_no_connect: bool = False) -> Callable[[], State]:
        def get() -> State:
            # Made when it is first used: a program that makes no interface always has a network.
            if key not in made:
                made[key] = State(port, is_station, needs_no_connect)
            return made[key]

        return get

    def setting(which: str) -> Callable[..., str | None]:
        def call(*wanted: str) -> str | None:
            if not wanted:
                return names[which]
            names[which] = text(wanted[0])
            return None

        return call

    hostname = setting("hostname")
    states = [state("station", True), state("access point", False)]
    cable = staticmethod(state("cable", True, True))
    fields = {"_hostname": staticmethod(hostname), "_states": states, "_wired": cable}

    def fit(kind: type) -> type:
        return fitted_class(cell, "network", type(kind.__name__, (kind,), dict(fields)))

    contents: dict[str, Any] = {
        **constants(port.name, NUMBERS),
        "WLAN": fit(WLAN),
        "LAN": fit(LAN),
        "WIZNET5K": fit(WIZNET5K),
        "hostname": hostname,
        "country": setting("country"),
        "ipconfig": nothing,
        "phy_mode": phy_mode,
    }
    return Module(module_contents(cell, "network", contents))

"""Which builds of MicroPython are read, and what each has."""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tools.world_facts import frozen
from tools.world_facts.buildfiles import Build as Settings
from tools.world_facts.ctables import Build
from tools.world_facts.entries import Entry, Members, Module, joined
from tools.world_facts.preprocess import macros, preprocessed, without_includes
from usock_lint.ports.releases import NEWEST, RELEASES, Release, release_name
from usock_lint.ports.targets import FIRST

# The boards that are read, by the columns of the table: of each port those that most people have, and one of each kind
# that has a network.
BOARDS: dict[str, str] = {
    "unix": "standard",
    "esp32": "GENERIC GENERIC_S2 GENERIC_S3 GENERIC_C3 "
    "ESP32_GENERIC ESP32_GENERIC_S2 ESP32_GENERIC_S3 ESP32_GENERIC_C3 ESP32_GENERIC_C6",
    "esp8266": "GENERIC ESP8266_GENERIC",
    "rp2": "PICO_W RPI_PICO_W RPI_PICO2_W ARDUINO_NANO_RP2040_CONNECT W5100S_EVB_PICO W5500_EVB_PICO",
    "stm32": "PYBV11 PYBV11:THREAD PYBV11:NETWORK PYBD_SF6 NUCLEO_F767ZI NUCLEO_H743ZI NUCLEO_WB55 STM32F769DISC "
    "ARDUINO_PORTENTA_H7 ARDUINO_GIGA",
    "mimxrt": "TEENSY41 MIMXRT1020_EVK MIMXRT1060_EVK MIMXRT1170_EVK SEEED_ARCH_MIX ADAFRUIT_METRO_M7",
    "renesas-ra": "ARDUINO_PORTENTA_C33",
    "samd": "ADAFRUIT_METRO_M4_EXPRESS",
    "alif": "OPENMV_AE3",
    "zephyr": "",
    "cc3200": "WIPY",
    # Those with another socket module than most boards of their port, apart.
    "rp2/nic": "ARDUINO_NANO_RP2040_CONNECT",
    "stm32/nic": "PYBV11 PYBV11:THREAD PYBV11:NETWORK NUCLEO_WB55",
    "mimxrt/nic": "MIMXRT1010_EVK ADAFRUIT_METRO_M7",
}
# What SDKs say of chips is not in MicroPython's tree. Every option of these names that a port asks for counts as set: a
# name that only some chips have is one that the port has.
_OPTIONS: dict[str, str] = {
    "esp32": r"\b(?:SOC_\w+_SUPPORT\w*|SOC_PM_SUPPORT_\w+|SOC_I2S_NUM|SOC_\w*_SUPPORT_\w+|CONFIG_ETH_\w+|CONFIG_BT_\w+"
    r"|CONFIG_ULP_\w+|CONFIG_ESP32_SPIRAM_SUPPORT|CONFIG_SPIRAM|CONFIG_LWIP_PPP_SUPPORT)\b",
    "zephyr": r"\bCONFIG_\w+\b",
}
_FLAGS: dict[str, str] = {
    "esp32": "SOC_TOUCH_SENSOR_VERSION=1 SOC_USB_OTG_PERIPH_NUM=1 SOC_GPIO_PIN_COUNT=40",
    "rp2": "PICO_ARM=1 PICO_RP2040=1",
    "stm32": "MICROPY_HW_USB_FS=1",
}
_CHIPS = {"S2": "ESP32S2", "S3": "ESP32S3", "C3": "ESP32C3", "C5": "ESP32C5", "C6": "ESP32C6"}
# What mbedTLS derives from its configuration, of which it asks below `extmod`.
_MBEDTLS = {
    r"MBEDTLS_SSL_PROTO_DTLS\b": "MBEDTLS_SSL_PROTO_DTLS",
    r"MBEDTLS_KEY_EXCHANGE_PSK(?:_ENABLED|=y)\b": "MBEDTLS_SSL_HANDSHAKE_WITH_PSK_ENABLED",
}
_PLACES = (
    "{board}/mpconfigboard.mk",
    "{board}/mpconfigboard.cmake",
    "{board}/mpconfigvariant.mk",
    "mcu/{series}/mpconfigmcu.mk",
    "mpconfigport.mk",
    "Makefile",
    "prj.conf",
    "CMakeLists.txt",
    "alif.mk",
    "esp32_common.cmake",
    "main/CMakeLists.txt",
    "{variant}",
)
# Boards that few have. A C module that only they have may be there; packages of micropython-lib that they come with
# count as installed.
RARE = frozenset({"ARDUINO_NANO_RP2040_CONNECT", "ARDUINO_PORTENTA_H7", "ARDUINO_GIGA", "PYBV11:THREAD"})
_SOURCES = (
    *("py/*.c", "extmod/**/*.c", "shared/**/*.c", "lib/utils/*.c", "lib/netutils/*.c", "drivers/**/*.c"),
    *("**/*.inc", "extmod/**/*.h"),
)
# Types whose objects programs get from functions only: their names here, and what C calls them. The first group counts
# of which there is any.
_FILES = ("posix", "fat", "lfs1", "lfs2")
OBJECT_TYPES: dict[str, tuple[tuple[str, ...], ...]] = {
    "match": (("match_type",),),
    "pattern": (("re_type",),),
    "generator": (("mp_type_gen_instance",),),
    "exception": (("mp_type_BaseException",),),
    "dict_view": (("mp_type_dict_view",),),
    "poll": (("mp_type_poll",),),
    "lock": (("mp_type_thread_lock",),),
    "text_file": (tuple(f"mp_type_vfs_{kind}_textio" for kind in _FILES), ("mp_type_textio",)),
    "binary_file": (tuple(f"mp_type_vfs_{kind}_fileio" for kind in _FILES), ("mp_type_fileio",)),
    "stdio": (("stdio_obj_type",), ("pyb_stdio_obj_type",)),
}
_STDIO_OF_UNIX = (("mp_type_vfs_posix_textio",), ("mp_type_textio",))  # ports/unix builds no sys_stdio_mphal.c


@dataclass
class Known:
    """What the builds of a port have at a release.

    `everywhere` holds the modules that all of them have; of those in `unknown` it is not known whether any has them,
    and those in `rare` are packages that come with some boards only.
    """

    modules: dict[str, Module] = field(default_factory=dict[str, Module])
    everywhere: set[str] = field(default_factory=set[str])
    builtins: Members = field(default_factory=dict[str, Entry])
    types: dict[str, tuple[Entry, set[str]]] = field(default_factory=dict[str, "tuple[Entry, set[str]]"])
    boards: list[str] = field(default_factory=list[str])
    unknown: set[str] = field(default_factory=set[str])
    rare: set[str] = field(default_factory=set[str])


class Checkout:
    """A clone of MicroPython and one of its library; releases are unpacked from them as they are needed."""

    def __init__(self, micropython: Path, library: Path, scratch: Path) -> None:
        self._git = {"micropython": micropython, "library": library}
        scratch = scratch.resolve()
        self._scratch = scratch
        (scratch / "stubs").mkdir(parents=True, exist_ok=True)
        self._parsed: dict[str, Build] = {}

    def tree(self, release: Release) -> Path:
        """The files of a release; where the clone has no tag of the newest one, those of its newest commit."""
        return self._unpacked("micropython", self._commit(release))

    def library(self, release: Release) -> Path:
        """The micropython-lib of a release: its submodule, or before there was one, what it was on that day."""
        commit = self._commit(release)
        listed = self._ask("micropython", "ls-tree", commit, "lib/micropython-lib").split()
        if listed:
            return self._unpacked("library", listed[2])
        day = self._ask("micropython", "log", "-1", "--format=%cI", commit).strip()
        return self._unpacked("library", self._ask("library", "rev-list", "-1", f"--before={day}", "HEAD").strip())

    def newest_library(self) -> Path:
        """The micropython-lib that `mip` installs from."""
        return self._unpacked("library", "HEAD")

    def described(self) -> str:
        """What was read."""
        library = self._ask("library", "rev-parse", "--short=10", "HEAD").strip()
        oldest, *_, last, newest = map(self._commit, RELEASES)
        read = f"{oldest} to {newest}"
        if newest == "HEAD":
            commit, day = self._ask("micropython", "log", "-1", "--format=%h %cs", "--abbrev=10").split()
            read = f"{oldest} to {last}, and {commit} of {day} for {release_name(NEWEST)}"
        return f"MicroPython {read}; what mip installs: micropython-lib {library}"

    def known(self, column: str, release: Release) -> Known:
        """What the boards of a column have at a release, together."""
        found = Known()
        port = column.partition("/")[0]
        folder = self.tree(release) / "ports" / port
        boards = [
            board
            for board in BOARDS[column].split()
            for parent in ("boards", "variants")
            if (folder / parent / board.partition(":")[0]).is_dir()
        ]
        usual = [board for board in boards if board not in RARE] or boards or [""]
        for board in usual:
            self._join(found, port, board, release)
        for board in boards:
            if board not in usual and (one := self._read(port, board, release)):
                modules, _, packaged = one
                found.rare |= packaged - set(found.modules)
                found.unknown |= set(modules) - packaged - set(found.modules)
        return found

    def _join(self, found: Known, port: str, board: str, release: Release) -> None:
        one = self._read(port, board, release)
        if one is None:
            return
        modules, build, _ = one
        found.everywhere = found.everywhere & set(modules) if found.boards else set(modules)
        found.boards.append(board)
        for name, module in modules.items():
            found.modules[name] = found.modules[name].joined(module) if name in found.modules else module
        found.builtins = joined(found.builtins, build.builtins())
        for name, groups in OBJECT_TYPES.items():
            groups = _STDIO_OF_UNIX if (port, name) == ("unix", "stdio") else groups
            if found_type := next(filter(None, (build.type_named(*symbols) for symbols in groups)), None):
                entry, paths = found_type
                before = found.types.get(name, (entry, paths))
                found.types[name] = joined({"": before[0]}, {"": entry})[""], before[1] | paths

    def _read(self, port: str, board: str, release: Release) -> tuple[dict[str, Module], Build, set[str]] | None:
        """The modules of a board, its C, and which of them are packages of the library."""
        tree = self.tree(release)
        folder = tree / "ports" / port
        named, _, variant = board.partition(":")
        places = (folder / part / named for part in ("boards", "variants") if named)
        home = next((place for place in places if place.is_dir()), folder)
        if variant and not (home / f"mpconfigvariant_{variant}.mk").is_file():
            return None
        settings = _settings(tree, folder, home, port, board)
        build = self._build(tree, port, home, settings, release)
        modules = build.modules(weak_links=(1, 12, 0) <= release < (1, 21, 0))
        manifest = self._frozen(tree, folder, home, settings, release)
        for name in manifest.missing:
            print(f"{port} {release_name(release)}: no {name}")
        python = frozen.modules(manifest.found, self._scratch, modules)
        library = self.library(release).resolve()
        packaged = {name for name, path in manifest.found.items() if path.resolve().is_relative_to(library)}
        return modules | python, build, packaged

    def _build(self, tree: Path, port: str, home: Path, settings: Settings, release: Release) -> Build:
        stripped = self._scratch / "stripped" / release_name(release)
        series = settings.variables.get("MCU_SERIES", "").lower()
        defines = macros(
            tree, port, [home, tree / "ports" / port / "mcu" / series], settings.flags(), self._scratch / "stubs"
        )
        files = without_includes(tree, stripped, [*_SOURCES, f"ports/{port}/**/*.[ch]"])
        text = preprocessed(stripped, defines, files, port)
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._parsed:
            self._parsed = {key: Build(text, str(stripped))}
        return self._parsed[key]

    def _frozen(self, tree: Path, folder: Path, home: Path, settings: Settings, release: Release) -> frozen.Manifest:
        variables = {
            "MPY_DIR": str(tree), "PORT_DIR": str(folder), "BOARD_DIR": str(home),
            "VARIANT_DIR": str(home), "MPY_LIB_DIR": str(self.library(release)),
        }  # fmt: skip
        manifest = frozen.Manifest(variables)
        path = _manifest(folder, home, settings)
        if path is not None:
            manifest.read(path)
            if (folder / "boards/manifest_release.py").is_file():  # of the builds that were published
                manifest.read(folder / "boards/manifest_release.py")
        elif release < (1, 12, 0):
            for name in ("modules", "scripts"):
                if (folder / name).is_dir():
                    manifest.freeze(folder / name)
        return manifest

    def _commit(self, release: Release) -> str:
        number = ".".join(map(str, release))
        tags = self._ask("micropython", "tag").split()
        untagged = "HEAD" if release == NEWEST else None
        found = next((tag for tag in (f"v{number}", f"v{release_name(release)}") if tag in tags), untagged)
        if found is None:
            raise LookupError(f"the clone has no tag of {number}")
        return found

    def _ask(self, which: str, *words: str) -> str:
        command = ["git", "--git-dir", str(self._git[which]), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def _unpacked(self, which: str, commit: str) -> Path:
        into = self._scratch / which / commit
        if not into.is_dir():
            into.mkdir(parents=True)
            archive = subprocess.Popen(
                ["git", "--git-dir", str(self._git[which]), "archive", commit], stdout=subprocess.PIPE
            )
            subprocess.run(["tar", "x", "-C", str(into)], stdin=archive.stdout, check=True)
            archive.wait()
        return into


def first(column: str) -> Release:
    """The first release of a column: that of its port."""
    return FIRST[column.partition("/")[0]]


def cells() -> list[tuple[str, Release]]:
    """Every column at every release at which its port has sockets."""
    return [(column, release) for column in BOARDS for release in RELEASES if release >= first(column)]


def _settings(tree: Path, folder: Path, home: Path, port: str, board: str) -> Settings:
    board, _, variant = board.partition(":")
    start = {"BOARD": board, "TOP": str(tree), "MCU_CORE": "M55_HP"}
    start |= dict.fromkeys(("BOARD_DIR", "VARIANT_DIR", "MICROPY_BOARD_DIR"), str(home))
    start |= dict.fromkeys(("PORT_DIR", "MICROPY_PORT_DIR"), str(folder))
    settings = Settings(tree, start)
    for place in _PLACES:
        series = settings.variables.get("MCU_SERIES", "").lower()
        settings.variables["MCU_SERIES_LOWER"] = series
        settings.read(folder / place.format(board=home, series=series, variant=f"{home}/mpconfigvariant_{variant}.mk"))
    kconfig = folder / "Kconfig"
    if kconfig.is_file() and "choice MICROPY_CONFIG_ROM_LEVEL" in kconfig.read_text(encoding="utf-8"):
        settings.macros["CONFIG_MICROPY_CONFIG_ROM_LEVEL_FULL_FEATURES"] = "1"
    settings.read(tree / "extmod/extmod.mk")
    settings.read(tree / "extmod/extmod.cmake")
    settings.read(tree / "py/py.mk")
    for flag in [*_FLAGS.get(port, "").split(), *_asked_for(folder, port)]:
        name, _, value = flag.partition("=")
        settings.macros.setdefault(name, value or "1")
    if port == "esp32":
        settings.macros[f"CONFIG_IDF_TARGET_{_CHIPS.get(board.rpartition('_')[2], 'ESP32')}"] = "1"
    if "PICO2" in board:
        del settings.macros["PICO_RP2040"]
        settings.macros["PICO_RP2350"] = "1"
    for place in ("extmod/mbedtls/mbedtls_config_common.h", f"ports/{port}/boards/sdkconfig.base"):
        if (tree / place).is_file():
            text = (tree / place).read_text(encoding="utf-8")
            settings.macros |= {macro: "1" for option, macro in _MBEDTLS.items() if re.search(option, text)}
    if chip := settings.variables.get("CMSIS_MCU"):
        settings.macros.setdefault(chip, "1")
    if port == "stm32" and (series := settings.variables.get("MCU_SERIES")):
        settings.macros.setdefault(f"STM32{series.upper()}", "1")
    return settings


@cache
def _asked_for(folder: Path, port: str) -> tuple[str, ...]:
    """The options of the SDK that a port's sources ask for."""
    if port not in _OPTIONS:
        return ()
    texts = (path.read_text(encoding="utf-8", errors="replace") for ext in ("*.c", "*.h") for path in folder.rglob(ext))
    found = {name for text in texts for name in re.findall(_OPTIONS[port], text)}
    return tuple(sorted(name for name in found if "IDF_TARGET" not in name and "ROM_LEVEL" not in name))


def _manifest(folder: Path, home: Path, settings: Settings) -> Path | None:
    for name in ("FROZEN_MANIFEST", "MICROPY_FROZEN_MANIFEST"):
        text = settings.variables.get(name, "")
        for variable, value in settings.variables.items():
            text = text.replace(f"${{{variable}}}", value).replace(f"$({variable})", value)
        if text and (folder / text).exists():
            return folder / text
    usual = (
        home / "manifest.py",
        folder / "boards/manifest.py",
        folder / "variants/manifest.py",
        folder / "manifest.py",
    )
    return next((path for path in usual if path.is_file()), None)

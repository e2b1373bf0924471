"""The modules of a project itself, searched on disk when a file imports an unknown module."""

from __future__ import annotations

import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from usock_lint import observed
from usock_lint.fast_dataclasses import NamedTuple
from usock_lint.files.discovery import read
from usock_lint.files.ignore import is_skipped
from usock_lint.paths import upwards
from usock_lint.ports.modules import (
    CPYTHON_ONLY,
    EVERYWHERE,
    MICROPYTHON,
    MICROPYTHON_ONLY,
    OFTEN_OWN,
    PYTHON_2,
    WITH_U,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.files.installed import Installed
    from usock_lint.files.manifests import Manifest

_PLACES = ("", "lib", "src")
"""Folders with modules, below a folder that is copied to a board."""

_FROZEN = ("frozen", "modules")
"""Folders with modules that are frozen into the firmware."""

_STARTED = ("main", "boot")
"""Modules that a board runs at start: the folder that has one is the folder that is copied."""

_ENDINGS = (".py", ".mpy")

_MANIFESTS = ("manifest.py", "package.json")


_BUILT_IN = EVERYWHERE | WITH_U | {"_thread"}
"""Modules that boards have in their firmware. A file of such a name may as well be for a computer."""

_OF_COMPUTERS = (CPYTHON_ONLY | PYTHON_2 | sys.stdlib_module_names) - MICROPYTHON - OFTEN_OWN
"""Modules that no board has and that are not likely to be the project's either."""

_AT_TOP = re.compile(rb"^(?:import[ \t]+([\w., \t]+)|from[ \t]+([\w.]+)[ \t]+import\b)", re.MULTILINE)

_MADE_FOR = re.compile(r"(?:micropython|mpy|mp|upy|device|board|esp|esp32|esp8266|pico|rp2)", re.IGNORECASE)
"""Words in the name of a module that replaces another one on boards, as in `micropython_typing`."""

NAMED, HERE, ANYWHERE = "", "./", "./**"
"""Questions other than for a module. NAMED: was the file named itself, and not found in a folder? HERE and ANYWHERE: do
files in its folder, or anywhere below the linted folder, import a module that only MicroPython has?
"""

BOARDS_ALONE = "./board"
"""Do files in its folder import a module that only MicroPython has, and none of them one that surely no board has?"""

INSTALLED = "+"
"""Put before the name of a module: is one of this name put on the board, though not from a folder that it imports from?
"""

OUTSIDE = "../"
"""Put before the path of another file, from the folder of this one: is that file outside the folder that is linted?"""

_WORKFLOWS = (os.path.join(".github", "workflows"), ".github")
"""Hidden folders with texts that install modules on boards."""

_MOST_FOLDERS = 500

_REGISTERED = re.compile(rb"\bsys\.modules(?:\[|\.setdefault\()[ \t]*[\"'](\w+)[\"'][ \t]*(?:\][ \t]*=(?!=)|,)")
"""A module that is put into `sys.modules`."""

_ADDED_BUILTIN = re.compile(
    rb"\bbuiltins\.(\w+)[ \t]*=(?!=)|\bsetattr\([ \t]*builtins[ \t]*,[ \t]*(?:[\"'](\w+)[\"']|())"
)
"""A name that is stored in `builtins`, by an assignment or by `setattr`, which may be given one that is computed."""

_IMPORTED = re.compile(rb"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+(\w[\w \t,]*))", re.MULTILINE)
"""What an import names without dots in front, up to the first dot."""

_MODULES = re.compile(rb"(?:^|[;:])[ \t]*(?:from[ \t]+(\w[\w.]*)[ \t]+import|import[ \t]+([\w., \t]+))", re.MULTILINE)
"""The modules that an import names, without dots in front."""

_PYTHON_2 = re.compile(rb"^[ \t]*(?:print[ \t]+[\"']|except[ \t]+\w+,[ \t]*\w+[ \t]*:)", re.MULTILINE)
"""What no Python 3 takes, and so no MicroPython."""


class _Listing(NamedTuple):
    """The modules and the folders in a folder, without those that a walk leaves out by their names."""

    folder: str
    files: frozenset[str]
    """The names of modules."""
    folders: frozenset[str]

    def has(self, name: str) -> bool:
        """True if there is such a module, or a folder with modules in it or in a folder of it.

        MicroPython needs no `__init__.py`.
        """
        if name in self.files:
            return True
        inner = os.path.join(self.folder, name)
        return name in self.folders and any(map(_has_modules, (inner, *_below(inner))))


class _Tree(NamedTuple):
    """A folder and those below it: which of them have a module or a folder of a name, and the manifests in them.

    It is made once for all files of a project, as each of them asks it for many names.
    """

    having: Mapping[str, Sequence[str]]
    manifests: Sequence[str]


class Modules:
    """The modules that files of one folder can import from their project, tested with `name in modules`.

    `in` also takes NAMED, HERE, ANYWHERE, INSTALLED and OUTSIDE, and `module:name`, which is in it if a module of the
    project called `module`, in any folder, may bind the name.

    A module of the project is in the file's folder, in a folder above it up to the top of the project, in `lib` or
    `src` there, or in any other folder beside those: examples and tests import what another folder has.
    """

    def __init__(self, path: str, folder: str | None = None) -> None:
        """For the file of this path. Where no git repository is, the project begins at `folder`."""
        self._path = os.path.abspath(path)
        self._home = os.path.dirname(self._path)
        self._stem = os.path.splitext(os.path.basename(path))[0]
        self.folder = folder
        self.answers: dict[str, bool] = {}
        """Each question that was asked, with its answer."""

    def __contains__(self, name: str) -> bool:
        if name not in self.answers:
            self.answers[name] = self._has(name)
        return self.answers[name]

    def find(self, name: str) -> str | None:
        """The path of the module that an import of this name leads to: a file, or a folder without `__init__.py`.

        The name has dots in front where the import is relative. A name that leads to several files is not followed:
        it depends on what is copied to the board. One that leads nowhere below the folder of a `main.py` is looked for
        in the folders above, as for a program that is started as a package, `python -m app.main`.
        """
        plain = name.lstrip(".")
        if level := len(name) - len(plain):
            folder = self._home
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            found = _module(folder, plain) if plain else _package(folder)
            return found if folder in self._folders else None
        found = {one: None for folder in self._copied for one in _in_places(folder, plain)}
        found.pop(self._path, None)
        if not found:
            found = {one: None for manifest in self._manifests for one in _in_manifest(manifest, plain)}
        if not found:
            above = (place for folder in self._above for place in _in_places(folder, plain))
            found = {one: None for one in above if one != self._path}
        return next(iter(found)) if len(found) == 1 else None

    @cached_property
    def _copied(self) -> list[str]:
        """The folders from which a board imports: packages come with the folder they are in."""
        folders = self._folders[: self._started + 1]
        return [*self._imported_from(folders)] or folders[:1]

    @cached_property
    def _above(self) -> list[str]:
        """The folders of the project above the one that is copied to the board."""
        return [*self._imported_from(self._folders[self._started + 1 :])]

    @cached_property
    def _started(self) -> int:
        """The index of the first folder with a `main.py`, which is copied to a board; past the end if there is none."""
        return next((index for index, one in enumerate(self._folders) if _has_main(one)), len(self._folders))

    def _has(self, name: str) -> bool:
        if name == NAMED:
            return self.folder is None
        if name == HERE:
            return _is_for_boards(self._home, observed.listed(self._home))
        if name == ANYWHERE:
            return any(_is_for_boards(folder, observed.listed(folder)) for folder in _all_below(self._top))
        if name == BOARDS_ALONE:
            return self._is_beside_boards_alone()
        if name.startswith(OUTSIDE):
            path = os.path.join(self._home, name.removeprefix(OUTSIDE))
            return self.folder is None or os.path.abspath(self.folder) not in upwards(os.path.normpath(path))
        if name.startswith(INSTALLED):
            return self._is_put_there(name.removeprefix(INSTALLED))
        module, colon, inner = name.partition(":")
        if module == "builtins" and any(_adds_builtin(folder, inner) for folder in self._with_subfolders):
            return True
        if colon:
            return any(_may_have(folder, module, inner) for folder in self._tree.having.get(module, ()))
        if name in sys.stdlib_module_names:
            return (
                self._any_has(self._called_like_pythons, name)
                or self._is_added(name)
                or self._is_installed(name)
                or self._is_registered(name)
            )
        return self._any_has(self._near, name) or self._any_has(self._beside, name) or self._is_installed(name)

    def _is_beside_boards_alone(self) -> bool:
        """True if files of its folder are for boards by what they import, and none is for computers."""
        imported = _imported_at_top(self._home, observed.listed(self._home))
        known = (name for name in imported & (MICROPYTHON_ONLY | _OF_COMPUTERS) if not self._any_has(self._near, name))
        found = frozenset(known)
        return bool(found & MICROPYTHON_ONLY) and found <= MICROPYTHON_ONLY

    def _is_installed(self, name: str) -> bool:
        """True if a manifest of the project has the module frozen, or installed by mip."""
        return any(
            name in {package.partition(".")[0] for package in (*one.files, *map(_imported, one.packages))}
            or any(name in names for _, names in one.places)
            for one in (*self._manifests, *self._deep_manifests)
        )

    def _is_put_there(self, name: str) -> bool:
        """True if a script or an instruction of the project puts a module of this name on the board.

        For a module that no firmware has, it is enough that a text about boards mentions a file of this name, or that
        the project has a file for it, in whatever folder: what is copied from there need not be said. The name of a
        file that replaces one of CPython's alone has to say so.
        """
        texts = self._texts
        if any(name in one.packages for one in texts):
            return True
        if name in _BUILT_IN:
            return False
        return any(name in one.files for one in texts) or any(
            (module != name or name not in CPYTHON_ONLY or os.path.basename(folder) == "lib")
            and _is_at_top(folder, module, self._path)
            and not _is_about(os.path.join(folder, module))
            for module, folders in self._tree.having.items()
            if name in module and _is_for(name, module)
            for folder in folders
        )

    @cached_property
    def _texts(self) -> list[Installed]:
        """What the texts of the project install: those above the file, up to two folders below, and the file itself."""
        from usock_lint.files.installed import installed, told

        folders = [*self._with_subfolders, *(os.path.join(self._folders[-1], one) for one in _WORKFLOWS)]
        folders += [inner for one in _below(self._folders[-1]) for inner in _below(one)]
        own = read(self._path) if observed.isfile(self._path) else b""
        found = [told(os.path.basename(self._path), own)] if isinstance(own, bytes) else []
        return found + [one for folder in dict.fromkeys(folders) for one in installed(folder)]

    def _is_added(self, name: str) -> bool:
        """True if a folder has the module that this file, or what a board runs at start, adds to `sys.path`."""
        return any(_module(folder, name) for folder in self._added)

    def _is_registered(self, name: str) -> bool:
        """True if a file of the project puts something into `sys.modules` under this name."""
        return any(name in _registered(folder, observed.listed(folder)) for folder in self._with_subfolders)

    @cached_property
    def _with_subfolders(self) -> list[str]:
        """The file's folder and those above it, with their direct subfolders."""
        return [*dict.fromkeys(one for above in self._folders for one in (above, *_below(above)))]

    @cached_property
    def _added(self) -> list[str]:
        """The folders of the project that such programs name, if they change `sys.path` or the current folder."""
        started = (os.path.join(folder, f"{name}.py") for folder in self._folders for name in _STARTED)
        texts = [read(path) for path in dict.fromkeys((self._path, *started)) if observed.isfile(path)]
        named = {one.decode("latin-1") for text in texts if isinstance(text, bytes) for one in _in_paths(text)}
        return [os.path.join(folder, one.strip("/")) for one in sorted(named) for folder in self._folders]

    @cached_property
    def _manifests(self) -> list[Manifest]:
        """The manifests in the project's folders above the file, and in their direct subfolders."""
        return _manifests(path for one in self._with_subfolders for path in _manifests_in(one, observed.listed(one)))

    @cached_property
    def _deep_manifests(self) -> list[Manifest]:
        """Those further down, such as `firmware/boards/BOARD/manifest.py`."""
        near = {*self._with_subfolders}
        return _manifests(path for path in self._tree.manifests if os.path.dirname(path) not in near)

    @property
    def _top(self) -> str:
        """The folder that is linted: the current one for a file in it that was named."""
        here = os.getcwd()
        return self.folder or (here if here in upwards(self._home) else self._home)

    def _any_has(self, listings: Iterable[_Listing], name: str) -> bool:
        """True if a module of this name is there that is not the file itself."""
        own = os.path.join(self._home, "") if name == self._stem else None  # as `_listings` joins it with ""
        found = (one for one in listings if one.has(name) and (one.folder != own or name in one.folders))
        return any(name in one.files or not _is_about(os.path.join(one.folder, name)) for one in found)

    @cached_property
    def _near(self) -> list[_Listing]:
        """The file's folder and those above it."""
        return [*_listings(self._folders)]

    @cached_property
    def _called_like_pythons(self) -> list[_Listing]:
        """The folders searched for a module named like one of Python's: not packages, where Python's is found."""
        return [*_listings(self._imported_from(self._folders))]

    def _imported_from(self, folders: Iterable[str]) -> Iterator[str]:
        """Those of the folders whose modules are imported by their plain names: neither packages nor Python's own.

        A folder with an `__init__.py` is no package on the board if one of its files imports another by its plain
        name, which no folder above has: its files are copied without it.
        """
        for folder in folders:
            if not _is_of_python(folder) and (not _is_package(folder) or self._imports_by_plain_names(folder)):
                yield folder

    def _imports_by_plain_names(self, folder: str) -> bool:
        above = [*_listings(self._folders[self._folders.index(folder) + 1 :])]
        names = _imported_beside(folder, observed.listed(folder))
        return any(not any(listing.has(name) for listing in above) for name in names)

    @cached_property
    def _beside(self) -> list[_Listing]:
        """All folders in the file's folder and in those above it."""
        return [*_listings(other for folder in self._folders for other in _below(folder))]

    @property
    def _tree(self) -> _Tree:
        """All folders of the project."""
        return _tree(self._folders[-1])

    @cached_property
    def _folders(self) -> list[str]:
        """The file's folder, and those above it that are of the project."""
        above = [*upwards(self._home)]
        repository = next((folder for folder in above if observed.exists(os.path.join(folder, ".git"))), None)
        if repository is None:
            given = os.path.abspath(self.folder or os.curdir)
            repository = given if given in above else self._home
        return above[: above.index(repository) + 1]


def _is_about(folder: str) -> bool:
    """True if a folder has the name of a module of CPython's, and programs that use this module.

    Programs that show what `ftplib` does are kept in a folder `ftplib`. They import nothing that is in it.
    """
    name = os.path.basename(os.path.normpath(folder))
    is_known = name in sys.stdlib_module_names or name in CPYTHON_ONLY or name in MICROPYTHON
    return is_known and not _is_package(folder) and _imports_its_name(folder, name, observed.listed(folder))


@lru_cache(1024)
def _imports_its_name(folder: str, name: str, changed: int) -> bool:
    """True if a file in a folder imports a module of the folder's name, and none of the files or folders in it."""
    if not changed:
        return False
    listing = _listing(folder, changed)
    importing = re.compile(rf"^[ \t]*(?:import|from)[ \t]+{name}\b".encode(), re.MULTILINE)
    inner = re.compile(rf"\b{name}\.(\w+)|\bfrom[ \t]+{name}[ \t]+import[ \t(]+([\w, \t]+)".encode())
    texts = _sources(folder)
    if not any(map(importing.search, texts)):
        return False
    used = (one for text in texts for pair in inner.findall(text) for one in pair)
    named = {*re.split(r"\W+", b" ".join(used).decode("latin-1"))}
    return named.isdisjoint(listing.files | listing.folders)


def _is_at_top(folder: str, module: str, own: str) -> bool:
    """True if a module of a folder, other than the file `own`, is in no package."""
    if _is_package(folder) or _is_of_python(folder):
        return False
    path = os.path.join(folder, module)
    is_file = module in _listing(folder, observed.listed(folder)).files and f"{path}.py" != own
    return is_file or _has_modules(path)


def _is_for(name: str, module: str) -> bool:
    """True if a module is called like this one, or is by its name the one that replaces it on boards."""
    ending, start = f"_{name}", f"{name}_"
    other = module.removesuffix(ending) if module.endswith(ending) else module.removeprefix(start)
    return module == name or (other != module and _MADE_FOR.fullmatch(other) is not None)


def _listings(folders: Iterable[str]) -> Iterator[_Listing]:
    """The entries of these folders, and of the folders with modules below them."""
    for folder in folders:
        for place in _PLACES:
            path = os.path.join(folder, place)
            if changed := observed.listed(path):
                yield _listing(path, changed)


def _in_places(folder: str, name: str) -> Iterator[str]:
    """The module of this name below a folder: where boards look first, else among those that are built in."""
    for places in (_PLACES, _FROZEN):
        for place in places:
            if found := _module(os.path.join(folder, place), name):
                yield found
                return


def _in_manifest(one: Manifest, name: str) -> Iterator[str]:
    """The module of this name where a manifest takes it from."""
    if name in one.files:
        yield one.files[name]
    for folder, names in one.places:
        if (not names or name.partition(".")[0] in names) and (found := _module(folder, name)):
            yield found


def _in_paths(text: bytes) -> Iterator[bytes]:
    """What may be a folder in the strings of a program that changes where modules are looked for."""
    if re.search(rb"\bu?sys\.path\b|\bfrom[ \t]+u?sys[ \t]+import\b.*\bpath\b|\bchdir\(", text):
        yield from re.findall(rb"[\"']([\w./-]+)[\"']", text)


def _imported(package: str) -> str:
    """The module of a package of micropython-lib, by its name: `os-path` has `os.path`."""
    return package.replace("-", ".")


def _module(folder: str, name: str) -> str | None:
    """The path of the module with this dotted name in a folder."""
    first, _, rest = name.partition(".")
    changed = observed.listed(folder)
    listing = _listing(folder, changed) if changed else None
    if listing is None:
        return None
    inner = os.path.join(folder, first)
    if first in listing.folders:
        found = _module(inner, rest) if rest else _package(inner)
        if found:
            return found
    file = f"{inner}.py"
    return file if not rest and first in listing.files and observed.isfile(file) else None


def _package(folder: str) -> str | None:
    """The path of a package: its `__init__.py`, or itself if it has modules without one."""
    changed = observed.listed(folder)
    files = _listing(folder, changed).files if changed else ()
    file = os.path.join(folder, "__init__.py")
    return file if "__init__" in files and observed.isfile(file) else folder if files else None


# The caches below have the time of a folder's last change as an argument: after a change they ask again.


def _tree(top: str) -> _Tree:
    def ask() -> _Tree:
        return _tree_of(tuple((folder, observed.listed(folder)) for folder in _all_below(top)))

    return observed.once(("tree", top), ask)


@lru_cache(8)
def _tree_of(folders: tuple[tuple[str, int], ...]) -> _Tree:
    having: defaultdict[str, list[str]] = defaultdict(list)
    for folder, changed in folders:
        listing = _listing(folder, changed)
        for module in listing.files | listing.folders:
            having[module].append(folder)
    return _Tree(having, [path for folder, changed in folders for path in _manifests_in(folder, changed)])


def _manifests(paths: Iterable[str]) -> list[Manifest]:
    """What these manifests say."""
    found = [*paths]
    if not found:
        return []
    from usock_lint.files.manifests import manifest  # few projects have one

    return [manifest(path) for path in found]


@lru_cache(1024)
def _manifests_in(folder: str, _changed: int) -> list[str]:
    return [entry.path for entry in _entries(folder) if entry.name in _MANIFESTS]


def _has_main(folder: str) -> bool:
    """True if a folder has a module that a board runs at start."""
    changed = observed.listed(folder)
    return bool(changed) and not _listing(folder, changed).files.isdisjoint(_STARTED)


@lru_cache(1024)
def _listing(folder: str, _changed: int) -> _Listing:
    files: set[str] = set()
    folders: set[str] = set()
    for entry in _entries(folder):
        stem, ending = os.path.splitext(entry.name)
        if ending in _ENDINGS:
            files.add(stem)
        elif not is_skipped(entry.name) and os.path.isdir(entry.path):  # False, too, for a link in a circle
            folders.add(entry.name)
    return _Listing(folder, frozenset(files), frozenset(folders))


def _is_package(folder: str) -> bool:
    return any(observed.exists(os.path.join(folder, f"__init__{ending}")) for ending in _ENDINGS)


def _is_of_python(folder: str) -> bool:
    """True if a folder is Python's own library: by `os.py`, as Python itself finds it."""
    return observed.exists(os.path.join(folder, "os.py")) and observed.exists(os.path.join(folder, "site.py"))


@lru_cache(1024)
def _imported_beside(folder: str, changed: int) -> frozenset[str]:
    """The modules of a folder that files in it import by their plain names, without those that others have, too."""
    found = (one for text in _sources(folder) for pair in _IMPORTED.findall(text) for one in pair)
    named = {*re.split(r"\W+", b" ".join(found).decode("latin-1"))}
    return (_listing(folder, changed).files & named) - sys.stdlib_module_names - MICROPYTHON


@lru_cache(1024)
def _registered(folder: str, _changed: int) -> frozenset[str]:
    """The modules that the files of a folder put into `sys.modules`."""
    return _found(_REGISTERED, folder)


def _adds_builtin(folder: str, name: str) -> bool:
    """True if a file of a folder may store this name in the module `builtins`."""
    return not {name, ""}.isdisjoint(_added_builtins(folder, observed.listed(folder)))


@lru_cache(1024)
def _added_builtins(folder: str, _changed: int) -> frozenset[str]:
    """The names that the files of a folder store in the module `builtins`, "" for one that is computed."""
    return _found(_ADDED_BUILTIN, folder)


def _found(searched: re.Pattern[bytes], folder: str) -> frozenset[str]:
    """What a group of a pattern matches in the files of a folder, wherever it matches."""
    found = (one[one.lastindex or 0] for text in _sources(folder) for one in searched.finditer(text))
    return frozenset(one.decode("latin-1") for one in found)


def _sources(folder: str) -> list[bytes]:
    """The texts of the Python files in a folder; none without the folder."""
    found = [read(entry.path) for entry in _entries(folder) if entry.name.endswith(".py")]
    return [text for text in found if isinstance(text, bytes)]


@lru_cache(1024)
def _is_for_boards(folder: str, _changed: int) -> bool:
    return any(entry.name.endswith(".py") and _imports_micropython(entry.path) for entry in _entries(folder))


def _imports_micropython(path: str) -> bool:
    """True if a file imports a module that only MicroPython has, and that is no file beside it."""
    data = read(path)
    if not isinstance(data, bytes) or _PYTHON_2.search(data):
        return False
    data = re.sub(rb"#.*", b"", data)
    named = {one for pair in _MODULES.findall(data) for part in pair for one in re.split(rb",", part)}
    tops = {re.split(rb"[.\s]", one.strip())[0].decode("latin-1") for one in named}
    found = tops & MICROPYTHON_ONLY
    if not found:
        return False
    folder = os.path.dirname(path)
    changed = observed.listed(folder)
    return not changed or bool(found - _listing(folder, changed).files)


@lru_cache(1024)
def _imported_at_top(folder: str, _changed: int) -> frozenset[str]:
    """The modules that the files of a folder import at the beginning of a line."""
    found = [one for text in _sources(folder) for one in _AT_TOP.findall(text)]
    names = (words[0] for listed, source in found for one in (source or listed).split(b",") if (words := one.split()))
    return frozenset(name.partition(b".")[0].decode("latin-1") for name in names)


def binds(path: str, name: str) -> bool:
    """True if a file binds this name at top level: by a definition, an assignment or an import."""
    data = read(path) if observed.isfile(path) else b""
    word = re.escape(name)
    binding = rf"^(?:(?:async[ \t]+)?def |class |from .*import.*|import .*)[ \t]*\b{word}\b|^{word}[ \t]*(?::.*)?=(?!=)"
    return isinstance(data, bytes) and bool(re.search(binding.encode(), data, re.MULTILINE))


def _may_have(folder: str, module: str, name: str) -> bool:
    """True if this folder has a module that may bind the name: as a file, compiled, or as a package."""
    paths = (os.path.join(folder, f"{module}.py"), os.path.join(folder, module, "__init__.py"))
    compiled = os.path.join(folder, f"{module}.mpy")
    return any(_may_bind(path, module, name) for path in paths) or observed.isfile(compiled)


def _may_bind(path: str, module: str, name: str) -> bool:
    """True if a file may bind this name: anywhere, as one of several targets, or by a star import.

    A star import of the module that the file is called like brings the names of the built-in one only.
    """
    data = read(path) if observed.isfile(path) else b""
    word, own = re.escape(name), re.escape(module)
    binding = rf"""
        ^[ \t]*(?:(?:async[ \t]+)?def|class)[ \t]+{word}\b
        | ^[ \t]*(?:from|import)\b[^\n(]*\b{word}\b | ^[ \t]*from\b[^\n(]*\([^)]*\b{word}\b
        | ^[ \t]*(?:[\w.]+[ \t]*[,=][ \t]*)*{word}[ \t]*(?:,[\w., \t]*)?(?::[^=\n]*)?=(?!=)
        | ^[ \t]*from[ \t]+(?!u?{own}\b)[\w.]+[ \t]+import[ \t]*\*
        """
    return isinstance(data, bytes) and bool(re.search(binding.encode(), data, re.MULTILINE | re.VERBOSE))


def _has_modules(folder: str) -> bool:
    return _has_modules_then(folder, observed.listed(folder))


@lru_cache(1024)
def _has_modules_then(folder: str, _changed: int) -> bool:
    return any(entry.name.endswith(_ENDINGS) for entry in _entries(folder))


def _all_below(folder: str) -> Iterator[str]:
    """A folder and its subfolders at any depth, up to a number; without those that a walk excludes by name."""
    waiting, seen = [folder], 0
    while waiting and seen < _MOST_FOLDERS:
        yield (one := waiting.pop(0))
        waiting += _below(one)
        seen += 1


def _below(folder: str) -> list[str]:
    """The folders in a folder, without those that a walk leaves out by their names."""
    return _below_then(folder, observed.listed(folder))


@lru_cache(1024)
def _below_then(folder: str, _changed: int) -> list[str]:
    return [
        entry.path for entry in _entries(folder) if entry.is_dir(follow_symlinks=False) and not is_skipped(entry.name)
    ]


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return [*entries]
    except OSError:
        return []

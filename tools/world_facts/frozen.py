"""Find the Python modules that a manifest freezes into a build, and the names that they define."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tools.world_facts.entries import Entry, Members, Module, signature

_FOLDED = Entry("folded")


@dataclass
class Manifest:
    """The modules that manifests name, by their dotted names. Manifests are read, never executed."""

    variables: dict[str, str]
    found: dict[str, Path] = field(default_factory=dict[str, Path])
    packages: set[str] = field(default_factory=set[str])
    missing: list[str] = field(default_factory=list[str])

    def read(self, path: Path, options: dict[str, Any] | None = None) -> None:
        """Follow a manifest, or the one in a folder."""
        if path.is_dir():
            path /= "manifest.py"
        if not path.is_file():
            self.missing.append(str(path))
            return
        self._block(ast.parse(path.read_text(encoding="utf-8")).body, path.parent, dict(options or {}))

    def freeze(self, folder: Path, script: str | None = None) -> None:
        """Add a file or every file below a folder."""
        if script is not None and (folder / script).is_file():
            self._add(folder, folder / script)
            return
        below = folder / script if script is not None else folder
        if not below.exists():
            self.missing.append(str(below))
        for path in sorted(below.rglob("*.py")):
            self._add(folder, path)

    def _block(self, body: list[ast.stmt], here: Path, options: dict[str, Any]) -> None:
        for statement in body:
            match statement:
                case ast.Expr(value=ast.Call(func=ast.Name(id=name)) as call):
                    self._call(name, call, here)
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="options"))) as call):
                    options |= {**_keywords(call, self.variables), **options}
                case ast.If(test=ast.Attribute(value=ast.Name(id="options"), attr=name)):
                    self._block(statement.body if options.get(name) else statement.orelse, here, options)
                case ast.If():
                    self._block(statement.body, here, options)
                case _:
                    pass

    def _call(self, name: str, call: ast.Call, here: Path) -> None:
        words = [_literal(argument, self.variables) for argument in call.args]
        options = _keywords(call, self.variables)
        path = words[0] if words else options.get("path", ".")
        match name:
            case "include":
                for one in [path] if isinstance(path, str) else path:
                    self.read(self._path(one, here), options)
            case "freeze" | "freeze_as_mpy" | "freeze_as_str" | "freeze_mpy":
                scripts = words[1] if len(words) > 1 else options.get("script")
                for script in [scripts] if scripts is None or isinstance(scripts, str) else scripts:
                    self.freeze(self._path(path, here), script)
            case "module":
                folder = self._path(options.get("base_path", "."), here)
                self.freeze(folder, path)
            case "package":
                folder = self._path(options.get("base_path", "."), here)
                files = words[1] if len(words) > 1 else options.get("files")
                for file in [None] if files is None else files:
                    self.freeze(folder, path if file is None else f"{path}/{file}")
            case "require":
                self.packages.add(path)
                self._require(path, options)
            case "add_library":
                self.variables[f"library {path}"] = str(self._path(words[1], here))
            case _:
                pass

    def _require(self, name: str, options: dict[str, Any]) -> None:
        library = Path(self.variables["MPY_LIB_DIR"])
        if other := options.pop("library", None):
            folders = [Path(self.variables.get(f"library {other}", library / str(other)))]
        else:
            folders = [library / part for part in ("micropython", "python-stdlib", "python-ecosys")]
            folders += [library / "unix-ffi"] * bool(options.pop("unix_ffi", False))
        for folder in folders:
            for path in (folder / name, *folder.rglob(name)):
                if (path / "manifest.py").is_file():
                    self.read(path, options)
                    return
        if (library / name).is_dir():  # before 1.20 the library was flat
            self.freeze(library / name)
            return
        self.missing.append(f"require {name}")

    def _path(self, text: str, here: Path) -> Path:
        for name, value in self.variables.items():
            text = text.replace(f"$({name})", value)
        return (here / text).resolve() if not text.startswith("/") else Path(text)

    def _add(self, root: Path, path: Path) -> None:
        parts = path.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if path.is_symlink() and not path.exists():  # into a checkout of the library beside MicroPython's
            _, _, within = str(path.readlink()).partition("micropython-lib/")
            path = Path(self.variables["MPY_LIB_DIR"]) / within
        if name and parts[-1] not in ("setup", "manifest") and path.is_file():
            self.found[name] = path


class Library:
    """Python modules which may import each other; gives what each defines."""

    def __init__(self, files: dict[str, Path], builtin: dict[str, Module]) -> None:
        self._files = files
        self._builtin = builtin
        self._trees = {name: _parsed(path) for name, path in files.items()}
        self._done: dict[str, tuple[Members, bool]] = {}
        self.handed_on: dict[str, str] = {}

    def module(self, name: str) -> tuple[Members, bool]:
        """The names that importing a module gives, and whether it may have more."""
        if name not in self._done:
            beneath = self._builtin.get(name)
            self._done[name] = (beneath.names, beneath.open) if beneath else ({}, True)
            tree = self._trees.get(name)
            if tree is not None:
                self._done[name] = self._names(name, tree)
        return self._done[name]

    def _names(self, module: str, tree: ast.Module) -> tuple[Members, bool]:
        members: Members = {}
        is_open = False
        imported: dict[str, str] = {}
        package = module if self._files[module].name == "__init__.py" else module.rpartition(".")[0]
        for node in _statements(tree.body):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    members[name] = Entry("f", _signature(node.args, 0))
                    members |= {one: Entry("o") for one in _globals(node) if one not in members}
                    if name == "__getattr__" and (source := _handed_on(node)):
                        self.handed_on[module] = imported.get(source, source)
                        names, is_open = self.module(self.handed_on[module])
                        members |= names
                    elif name == "__getattr__":
                        is_open |= "_attrs" not in members
                case ast.ClassDef(name=name):
                    members[name] = self._class(node, members)
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        match target:
                            case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in members:
                                members[owner].members[name] = Entry("f")
                                continue
                            case _:
                                pass
                        for name in _bound(target):
                            members[name] = _FOLDED if _is_folded(name, value) else self._assigned(value, members)
                            if name == "_attrs" and isinstance(value, ast.Dict):
                                members |= self._lazy(value, module)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    members[name] = Entry("o")
                case ast.ImportFrom():
                    is_open |= self._from(node, package, members)
                case ast.Import(names=names):
                    for one in names:
                        members[one.asname or one.name.split(".")[0]] = Entry("o")
                        imported[one.asname or one.name] = one.name
                case _:
                    pass
        kept = {name: one for name, one in members.items() if not _is_private(name) and one != _FOLDED}
        return kept, is_open

    def _assigned(self, value: ast.expr, members: Members) -> Entry:
        match value:
            case ast.Name(id=name) if name in members:
                return members[name]
            case ast.Constant() | ast.Call(func=ast.Name(id="const")):
                return Entry("k")
            case _:
                return Entry("o")

    def _lazy(self, table: ast.Dict, module: str) -> Members:
        found: Members = {}
        for key, value in zip(table.keys, table.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Constant):
                names, _ = self.module(f"{module}.{value.value}")
                found[str(key.value)] = names.get(str(key.value), Entry("o"))
        return found

    def _from(self, node: ast.ImportFrom, package: str, members: Members) -> bool:
        parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
        source = ".".join([*filter(None, parts), *([node.module] if node.module else [])])
        names, is_open = self.module(source)
        for one in node.names:
            if one.name == "*":
                members |= {name: entry for name, entry in names.items() if not name.startswith("_")}
                return is_open
            name = one.asname or one.name
            members[name] = names.get(one.name) or members.get(name, Entry("o"))
        return False

    def _class(self, node: ast.ClassDef, around: Members) -> Entry:
        members: Members = {}
        is_open = False
        for base in node.bases:
            parent = around.get(base.id) if isinstance(base, ast.Name) else None
            if isinstance(base, ast.Name) and base.id == "object":
                continue
            if parent is None or parent.kind != "c":
                is_open |= not (isinstance(base, ast.Name) and base.id in ("Exception", "BaseException"))
                continue
            members |= parent.members
            is_open |= parent.open
        call = None
        for one in _statements(node.body):
            match one:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    static = any(
                        isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in one.decorator_list
                    )
                    plain = all(
                        isinstance(mark, ast.Name) and mark.id in ("staticmethod", "classmethod")
                        for mark in one.decorator_list
                    )
                    known = _signature(one.args, 0 if static or not _takes_itself(one) else 1) if plain else None
                    if name == "__init__":
                        call = known
                    is_open |= name == "__getattr__"
                    members[name] = Entry("f" if plain else "o", known)
                    members |= {attribute: Entry("a") for attribute in _attributes(one) if attribute not in members}
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        for name in _bound(target):
                            members[name] = self._assigned(value, members)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    members[name] = Entry("o")
                case _:
                    pass
        if call is None and not node.bases and not is_open:
            call = signature(0, None, "**")  # no MicroPython looks at the arguments where there is no __init__
        return Entry("c", call, {name: one for name, one in members.items() if not _is_private(name)}, is_open)


def modules(files: dict[str, Path], root: Path, builtin: dict[str, Module]) -> dict[str, Module]:
    """What each of these files defines over the `builtin` modules; `root` is taken off the names of their paths."""
    library = Library(files, builtin)
    found: dict[str, Module] = {}
    for name, path in files.items():
        names, is_open = library.module(name)
        found[name] = Module(dict(names), {_shown(path, root)}, is_open)
    for name, source in library.handed_on.items():  # `import uasyncio.core` finds asyncio.core this way
        inner = {one: module for one, module in found.items() if one.startswith(f"{source}.")}
        found |= {name + one.removeprefix(source): module for one, module in inner.items()}
    for name in list(found):
        parent, _, last = name.rpartition(".")
        if parent:
            above = found.setdefault(parent, Module({}, set(found[name].sources)))
            above.names.setdefault(last, Entry("o"))
    return found


def _shown(path: Path, root: Path) -> str:
    """The path in MicroPython's tree, or in micropython-lib's; `root` holds a folder for each commit of both."""
    which, _, *parts = path.resolve().relative_to(root).parts
    return "/".join(parts if which == "micropython" else ["micropython-lib", *parts])


def _parsed(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_text(encoding="utf-8", errors="replace"))
    except SyntaxError:
        return None


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with those inside of if, try, with and loops."""
    for node in body:
        yield node
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield from _statements(getattr(node, name, []))
        for handler in getattr(node, "handlers", []):
            yield from _statements(handler.body)


def _bound(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def _globals(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from node.names


def _handed_on(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The module whose names a module's `__getattr__` gives."""
    for node in ast.walk(function):
        match node:
            case ast.Return(value=ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=name), _])):
                return name
            case _:
                pass
    return None


def _attributes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    if not function.args.args:
        return
    own = function.args.args[0].arg
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store()) if name == own:
                yield attribute
            case _:
                pass


def _takes_itself(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the first parameter is the object or the class. asyncio gives the class Loop itself for a loop."""
    return [one.arg for one in function.args.args[:1]] in (["self"], ["cls"])


def _signature(arguments: ast.arguments, skip: int) -> str:
    named = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)][skip:]
    needed = len(named) - len(arguments.defaults)
    words = [f"{name}{'!' if index < needed else ''}" for index, name in enumerate(named)]
    words += [
        f"{argument.arg}={'' if default else '!'}"
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    words += ["**"] if arguments.kwarg else []
    return signature(0, None if arguments.vararg else len(named), " ".join(words))


def _keywords(call: ast.Call, variables: dict[str, str]) -> dict[str, Any]:
    return {word.arg: _literal(word.value, variables) for word in call.keywords if word.arg}


def _literal(node: ast.expr, variables: dict[str, str]) -> Any:
    del variables
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _is_folded(name: str, value: ast.expr) -> bool:
    """Whether the compiler puts the value where the name is, so that there is no such name."""
    match value:
        case ast.Call(func=ast.Name(id="const")):
            return name.startswith("_")
        case _:
            return False


def _is_private(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")

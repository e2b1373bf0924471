"""Find modules, types and functions in MicroPython's C sources, as the C preprocessor leaves them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property

from tools.world_facts.entries import Entry, Members, Module, signature

_FILE = re.compile(r'^# \d+ "<stdin>" 2$', re.MULTILINE)
_MARK = re.compile(r'^# \d+ "([^"]*)".*$', re.MULTILINE)
_ARRAY = re.compile(r"mp_(?:rom_)?map_elem_t\s+(\w+)\s*\[[^\]]*\]\s*=\s*\{(.*?)\n?\}\s*;", re.DOTALL)
_ELEMENT = re.compile(
    r"\{\s*(?:MP_ROM_QSTR|MP_OBJ_NEW_QSTR)\s*\(\s*MP_QSTR_(\w+)\s*\)\s*,\s*(.*?)\s*\}\s*(?=,|$|\{|\n)", re.DOTALL
)
_DICT = re.compile(r"MP_DEFINE_(?:CONST|MUTABLE)_DICT\s*\(\s*(\w+)\s*,\s*(\w+)")
_PART = re.compile(r"MP_DEFINE_CONST_DICT_WITH_SIZE\s*\(\s*(\w+)\s*,\s*(\w+)([^,]*),(.*?)\)\s*;", re.DOTALL)
_SIZE = re.compile(
    r"\(\s*sizeof\s*\(\s*\w+\s*\)\s*/\s*sizeof\s*\(\s*\(?\w+\)?\[0\]\s*\)\s*\)|MP_ARRAY_SIZE\s*\(\s*\w+\s*\)"
)
_OLD_DICT = re.compile(
    r"mp_obj_dict_t\s+(\w+)\s*=\s*\{[^;]*?\(mp_map_elem_t\s*\*\)\s*\(?&?(?:mp_rom_map_elem_t\s*\*\))?(\w+)"
)
_MODULE = re.compile(r"mp_obj_module_t\s+(\w+)\s*=\s*\{.*?\.globals\s*=\s*(?:\([^)]*\))?\s*&(\w+)", re.DOTALL)
_REGISTER = re.compile(r"MP_REGISTER_(EXTENSIBLE_)?MODULE\s*\(\s*MP_QSTR_(\w+)\s*,\s*(\w+)\s*(?:,\s*(.*?))?\)\s*;")
_TYPE = re.compile(r"MP_DEFINE_CONST_OBJ_TYPE\s*\(\s*(\w+)\s*,\s*MP_QSTR_(\w*)\s*,(.*?)\)\s*;", re.DOTALL)
_OLD_TYPE = re.compile(r"mp_obj_(?:full_)?type_t\s+(\w+)\s*=\s*\{(.*?)\n\}\s*;", re.DOTALL)
_SLOT = re.compile(r"\.?\b(make_new|locals_dict|attr|parent|print)\b\s*[,=]\s*(?:\([^()]*\))?\s*\(?&?(\w+)")
_OLD_NAME = re.compile(r"\.name\s*=\s*MP_QSTR_(\w+)")
_FUNCTION = re.compile(r"MP_DEFINE_CONST_FUN_OBJ_(\w+)\s*\(\s*(\w+)\s*,\s*(.*?)\)\s*;", re.DOTALL)
_WRAPPED = re.compile(r"MP_DEFINE_CONST_(?:STATIC|CLASS)METHOD_OBJ\s*\(\s*(\w+)\s*,\s*MP_ROM_PTR\s*\(\s*&(\w+)")
_OLD_WRAPPED = re.compile(
    r"mp_rom_obj_static_class_method_t\s+(\w+)\s*=\s*\{\s*\{\s*&mp_type_(static|class)method\s*\}\s*,"
    r"\s*MP_ROM_PTR\s*\(\s*&(\w+)"
)
_STATIC = re.compile(r"MP_DEFINE_CONST_(STATIC|CLASS)METHOD_OBJ\s*\(\s*(\w+)")
_EXCEPTION = re.compile(r"MP_DEFINE_EXCEPTION(?:_BASE)?\s*\(\s*(\w+)")
_DEFINITION = re.compile(r"^[\w][\w \t*]*?\b(\w+)\s*\(([^;{}]*?)\)\s*\{", re.MULTILINE)
_MUTABLE = re.compile(r"(\w+)_mutable_keys\[\]\s*=\s*\{(.*?)\}", re.DOTALL)
_ARGUMENTS = re.compile(r"mp_arg_t\s+(\w+)\s*\[[^\]]*\]\s*=\s*\{(.*?)\}\s*;", re.DOTALL)
_ARGUMENT = re.compile(r"\{\s*MP_QSTR_(\w*)\s*,\s*([^,{}]+)")
_COUNTED = re.compile(r"mp_arg_check_num\s*\(\s*\w+\s*,\s*([\w>-]+)\s*,\s*([^,]+),\s*([^,]+),\s*(\w+)\s*\)")
_FILE_ARGUMENTS = re.compile(r"^" + r"(?:static |const )*" + _ARGUMENTS.pattern, re.DOTALL | re.MULTILINE)
"""Those of a whole file: not the tables inside its functions, which often have the same name."""
_PARSED = re.compile(r"mp_arg_parse_all(_kw_array)?\s*\(\s*([^,]+),\s*([^,]+),")
_LOOKED_UP = re.compile(r"mp_map_lookup\s*\([^;]*?MP_QSTR_(\w+)")
_RENAMED = {"mp_builtin_open_obj": "mp_vfs_open_obj"}  # by extmod/vfs.h
_NO_ATTRIBUTES = frozenset({"__class__", "__name__", "__bases__", "NULL"})


@dataclass
class _Source:
    """One C file, with what it includes."""

    path: str
    text: str
    arrays: dict[str, str] = field(default_factory=dict[str, str])
    dicts: dict[str, str] = field(default_factory=dict[str, str])
    parts: dict[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])
    modules: dict[str, str] = field(default_factory=dict[str, str])
    types: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict[str, "tuple[str, dict[str, str]]"])
    functions: dict[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])
    wrapped: dict[str, tuple[str, bool]] = field(default_factory=dict[str, "tuple[str, bool]"])
    exceptions: set[str] = field(default_factory=set[str])

    @cached_property
    def bodies(self) -> dict[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for one in _DEFINITION.finditer(self.text):
            end = self.text.find("\n}", one.end())
            found[one[1]] = one[2], self.text[one.end() : end]
        return found


class Build:
    """What one build has, read from the preprocessed text of all of its files."""

    def __init__(self, text: str, root: str) -> None:
        self._sources = [_read(part, root) for part in _FILE.split(text) if "MP_" in part]
        self._where: dict[tuple[str, str], _Source] = {}
        for source in self._sources:
            for kind in ("arrays", "dicts", "modules", "types", "functions", "wrapped"):
                for name in getattr(source, kind):
                    self._where.setdefault((kind, name), source)
        self._exceptions = frozenset[str]().union(*(source.exceptions for source in self._sources))
        self._types: dict[str, Entry] = {}

    def modules(self, weak_links: bool) -> dict[str, Module]:
        """The C modules by every name under which they are imported."""
        found: dict[str, Module] = {}
        for source in self._sources:
            for extensible, name, symbol, condition in _REGISTER.findall(source.text):
                if condition and not _holds(condition):
                    continue
                module = self._module(symbol, source)
                self._add(found, name, module if extensible else replace(module, first=True))
                if extensible or name == "sys":
                    self._add(found, f"u{name}", replace(module, first=True))
                elif weak_links and name.startswith("u") and name[1:]:
                    found.setdefault(name[1:], module)
            for table in ("mp_builtin_module_table", "mp_builtin_module_weak_links_table"):
                for name, value in _elements(source.arrays.get(table, "")):
                    module = self._module(_pointer(value), source)
                    is_first = table == "mp_builtin_module_table"
                    self._add(found, name, replace(module, first=True) if is_first else module)
                    if weak_links and table == "mp_builtin_module_table" and name.startswith("u"):
                        found.setdefault(name[1:], module)
        return found

    def builtins(self) -> Members:
        """The names of the builtins module, with the members of their types."""
        source = self._where[("arrays", "mp_module_builtins_globals_table")]
        return self._members(source.arrays["mp_module_builtins_globals_table"], source)

    def type_named(self, *symbols: str) -> tuple[Entry, set[str]] | None:
        """The type with one of these C names (of several, their common names), and its files."""
        there = [(symbol, self._where[("types", symbol)]) for symbol in symbols if ("types", symbol) in self._where]
        if not there:
            return None
        members: Members = {}
        for symbol, source in there:
            members |= self._type(symbol, source).members
        return Entry("c", None, members), {source.path for _, source in there}

    @staticmethod
    def _add(found: dict[str, Module], name: str, module: Module) -> None:
        found[name] = found[name].joined(module) if name in found and found[name] is not module else module

    def _find(self, kind: str, name: str, near: _Source) -> _Source | None:
        return near if name in getattr(near, kind) else self._where.get((kind, name))

    def _module(self, symbol: str, near: _Source) -> Module:
        source = self._find("modules", symbol, near)
        if source is None:
            return Module({}, set(), open=True)
        names, files = self._dict(source.modules[symbol], source)
        for owner, keys in _MUTABLE.findall(source.text):
            if f"module_{owner}" in symbol:
                names |= {key: Entry("o") for key in re.findall(r"MP_QSTR_(\w+)", keys) if key != "NULL"}
        names.pop("", None)
        return Module(names, {source.path, *files})

    def _dict(self, symbol: str, near: _Source) -> tuple[Members, set[str]]:
        source = self._find("dicts", symbol, near)
        if source is None:
            return {}, set()
        home = self._find("arrays", source.dicts[symbol], source)
        return (self._members(_table(symbol, source, home), home), {home.path}) if home else ({}, set())

    def _members(self, table: str, near: _Source, own: bool = False) -> Members:
        return {
            name: self._entry(value, near, own)
            for name, value in _elements(table)
            if not (name.startswith("__") and name.endswith("__"))
        }

    def _entry(self, value: str, near: _Source, own: bool) -> Entry:
        if re.match(r"MP_ROM_(INT|QSTR|NONE|TRUE|FALSE)|MP_OBJ_NEW_(SMALL_INT|QSTR)|MP_ROM_FALSE", value):
            return Entry("k")
        symbol = _pointer(value)
        if not self._find("functions", symbol, near):
            symbol = _RENAMED.get(symbol, symbol)
        if source := self._find("wrapped", symbol, near):
            inner, is_class = source.wrapped[symbol]
            return Entry("f", self._call(inner, source, skip=1 if is_class else 0))
        if self._find("functions", symbol, near):
            return Entry("f", self._call(symbol, near, skip=1 if own else 0))
        if source := self._find("types", symbol, near):
            return self._type(symbol, source)
        if symbol.startswith("mp_type_") and symbol.removeprefix("mp_type_") in self._exceptions:
            return Entry("c", None, self._exception(symbol.removeprefix("mp_type_")))
        return Entry("o")

    def _exception(self, name: str) -> Members:
        source = self._where.get(("types", "mp_type_BaseException"))
        members = self._type("mp_type_BaseException", source).members if source else {}
        body = self._body(source.types["mp_type_BaseException"][1].get("attr", ""), source) if source else None
        if body and "&mp_type_StopIteration" in body[1] and name != "StopIteration":
            return {key: one for key, one in members.items() if key != "value"}
        return members

    def _type(self, symbol: str, source: _Source) -> Entry:
        key = f"{source.path} {symbol}"
        if key not in self._types:
            self._types[key] = Entry("c")  # a type that has itself as a member is not followed
            slots = source.types[symbol][1]
            members: Members = {}
            if (parent := slots.get("parent")) and (home := self._find("types", parent, source)):
                members |= self._type(parent, home).members
            table = slots.get("locals_dict", "")
            home = self._find("dicts", table, source)
            if home and (place := self._find("arrays", home.dicts[table], home)):
                members |= self._members(_table(table, home, place), place, own=True)
            named = self._attributes(slots["attr"], source) if "attr" in slots else {}
            members |= named
            call = self._class_call(slots.get("make_new"), source)
            self._types[key] = Entry("c", call, members, open="attr" in slots and not named)
        return self._types[key]

    def _attributes(self, function: str, near: _Source) -> Members:
        body = self._body(function, near)
        names = re.findall(r"(?:==|case)\s*(?:MP_QSTR_)(\w+)", body[1]) if body else []
        return {name: Entry("a") for name in names if name not in _NO_ATTRIBUTES and not name.startswith("__")}

    def _body(self, function: str, near: _Source) -> tuple[str, str] | None:
        if function in near.bodies:
            return near.bodies[function]
        return next((one.bodies[function] for one in self._sources if function in one.bodies), None)

    def _class_call(self, function: str | None, source: _Source) -> str | None:
        body = self._body(function, source) if function else None
        if body is None:
            return None
        if found := _COUNTED.search(body[1]):
            low, high = _number(found[2]), _number(found[3])
            if low is None:
                return None
            keywords = "" if found[4] == "false" else "?"
            if keywords and (names := self._keywords(body[1], source)) is not None and _PARSED.search(body[1]):
                keywords = names[1]
            return signature(low, high if high is None or high < 1000 else None, keywords)
        if "mp_arg_error_unimpl_kw()" in body[1]:
            return signature(0, None, "")
        parsed = _PARSED.search(body[1])
        names = self._keywords(body[1], source)
        if parsed and names and parsed[2].strip() == "n_args":
            positional, keywords, required = names
            return signature(required, positional, keywords)
        return None

    def _call(self, symbol: str, near: _Source, skip: int) -> str | None:
        source = self._find("functions", symbol, near)
        if source is None:
            return None
        how, rest = source.functions[symbol]
        words = [word.strip() for word in rest.split(",")]
        if how.isdigit():
            return signature(int(how) - skip, int(how) - skip, "")
        low = _number(words[0])
        if low is None:
            return None
        match how:
            case "VAR":
                return signature(max(low - skip, 0), None, "")
            case "VAR_BETWEEN":
                high = _number(words[1])
                return None if high is None else signature(max(low - skip, 0), high - skip if high < 1000 else None, "")
            case "KW":
                return self._keyword_call(words[1], source, low, skip)
            case _:
                return None

    def _keyword_call(self, function: str, source: _Source, low: int, skip: int) -> str | None:
        shift = 0
        for _ in range(3):
            body = self._body(function, source)
            if body is None:
                break
            if parsed := _PARSED.search(body[1]):
                names = self._keywords(body[1], source)
                if names is None:
                    break
                positional, keywords, required = names
                counted = re.fullmatch(r"n_args\s*(?:-\s*(\w+))?", parsed[2].strip())
                if parsed[2].strip() == "0" or parsed[1]:
                    return signature(low - skip, None, keywords)
                if counted is None:
                    break
                taken = int(counted[1]) if (counted[1] or "").isdigit() else (low - shift if counted[1] else 0)
                most = shift + taken + positional - skip
                least = max(low, shift + taken + required) - skip
                return signature(least, most, keywords) if most >= least >= 0 else None
            if looked := _LOOKED_UP.findall(body[1]):
                words = [f"{name}=" for name in dict.fromkeys(looked)]
                return signature(low - skip, None, " ".join([*words, "**"]))  # what it does not look up is ignored
            if refused := re.search(r"n_args\s*>\s*(\d+)\s*\)\s*\{\s*mp_raise_TypeError", body[1]):
                top = int(refused[1])
                inner = re.search(r"\b(\w+)\s*\([^;()]*\bkw\w*\s*\)", body[1])
                if inner and (deeper := self._keyword_call(inner[1], source, 0, 0)):
                    _, _, keywords = deeper.partition(" ")
                    return signature(low - skip, top - skip, keywords)
            passed = re.search(r"\b(\w+)\s*\(\s*n_args\s*,\s*(?:\w+\s*,\s*)?kw\w*\b", body[1]) or re.search(
                r"return\s+(\w+)\s*\([^;]*\bkw\w*\b[^;]*\)", body[1]
            )
            if passed is None:
                break
            function = passed[1]
            dropped = re.search(r"n_args\s*-\s*(\d+)", passed[0])
            shift += int(dropped[1]) if dropped else 0
        return signature(max(low - skip, 0), None, "?")

    def _keywords(self, body: str, source: _Source) -> tuple[int, str, int] | None:
        """How many arguments may be positional, the words of all, and how many positional ones are required."""
        tables = dict(_ARGUMENTS.findall(body)) or dict(_FILE_ARGUMENTS.findall(source.text))
        used = [name for name in tables if re.search(rf"\b{name}\b", body)]
        if len(used) != 1 or "," not in tables[used[0]]:
            return None
        rows = _ARGUMENT.findall(tables[used[0]])
        words: list[str] = []
        positional = required = 0
        for name, flags in rows:
            only, needed = "KW_ONLY" in flags, "REQUIRED" in flags
            positional += not only
            required += needed and not only and not name
            if name:
                words.append(f"{name}{'=' if only else ''}{'!' if needed else ''}")
        return positional, " ".join(words), required


def _read(part: str, root: str) -> _Source:
    first = _MARK.search(part)
    path = first[1].removeprefix(root).lstrip("/") if first else ""
    text = _MARK.sub("", part)
    text = re.sub(r"\n\s*\n+", "\n", text)
    source = _Source(path, text)
    source.arrays = dict(_ARRAY.findall(text))
    source.dicts = dict(_DICT.findall(text)) | dict(_OLD_DICT.findall(text))
    for name, array, start, size in _PART.findall(text):
        source.dicts[name] = array
        source.parts[name] = start, size
    source.modules = dict(_MODULE.findall(text))
    for symbol, name, rest in _TYPE.findall(text):
        source.types[symbol] = name, dict(_SLOT.findall(rest))
    for symbol, rest in _OLD_TYPE.findall(text):
        name = _OLD_NAME.search(rest)
        source.types[symbol] = name[1] if name else "", dict(_SLOT.findall(rest))
    source.functions = {name: (how, rest) for how, name, rest in _FUNCTION.findall(text)}
    kinds = {name: how == "CLASS" for how, name in _STATIC.findall(text)}
    source.wrapped = {name: (inner, kinds[name]) for name, inner in _WRAPPED.findall(text)}
    source.wrapped |= {name: (inner, how == "class") for name, how, inner in _OLD_WRAPPED.findall(text)}
    source.exceptions = set(_EXCEPTION.findall(text))
    return source


def _table(symbol: str, source: _Source, home: _Source) -> str:
    """The array of a dict, or the part of it that the dict has."""
    array = home.arrays[source.dicts[symbol]]
    if symbol not in source.parts:
        return array
    rows = list(_ELEMENT.finditer(array + "\n"))
    start, size = source.parts[symbol]
    first = _sum(start)
    last = first + _sum(_SIZE.sub(str(len(rows)), size))
    return "\n".join(f"{row[0]}," for row in rows[first:last])


def _sum(text: str) -> int:
    words = text.strip().lstrip("+").strip() or "0"
    if not re.fullmatch(r"[\d\s()+-]+", words):
        raise ValueError(f"not a sum: {text!r}")
    return int(eval(words))


def _elements(table: str) -> list[tuple[str, str]]:
    return [(name, value.strip()) for name, value in _ELEMENT.findall(table + "\n")]


def _pointer(value: str) -> str:
    found = re.search(r"&(\w+)", value)
    return found[1] if found else ""


def _number(text: str) -> int | None:
    words = text.strip().strip("()").strip()
    if words in ("MP_OBJ_FUN_ARGS_MAX", "(size_t)-1", "-1"):
        return 1_000_000
    if re.fullmatch(r"\d+", words):
        return int(words)
    if re.fullmatch(r"[\d\s+*()?:<>=!&|-]+", words):
        ternary = re.fullmatch(r"\(?\s*\(?(\d+)\)?\s*\)?\s*\?\s*(\d+)\s*:\s*(\d+)", words)
        if ternary:
            return int(ternary[2] if int(ternary[1]) else ternary[3])
        if re.fullmatch(r"[\d\s+*-]+", words):
            return sum(int(part) for part in words.split("+")) if re.fullmatch(r"[\d\s+]+", words) else None
    return None


def _holds(condition: str) -> bool:
    words = re.sub(r"\b[A-Za-z_]\w*\b", "0", condition).replace("&&", " and ").replace("||", " or ")
    words = re.sub(r"!(?!=)", " not ", words)
    if not re.fullmatch(r"[\s\d()<>=!+*-]*(?:(?:and|or|not)[\s\d()<>=!+*-]*)*", words):
        return True
    return bool(eval(words))

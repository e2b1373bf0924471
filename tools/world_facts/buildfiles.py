"""Read the build settings of a board from make, CMake and Kconfig files, without running any."""

from __future__ import annotations

import re
from pathlib import Path

_ASSIGNMENT = re.compile(r"\s*(?:export\s+|override\s+)?(\w+)\s*([?:+]?)=\s*(.*?)\s*$")
_SET = re.compile(r"\s*set\s*\(\s*(\w+)\s+\"?([^)\"]*?)\"?\s*(?:CACHE.*)?\)", re.IGNORECASE)
_DEFINED = re.compile(r"-D([A-Za-z_]\w*)(?:=([\w.-]+))?(?=\s|$)")
_DEFINITION_LINE = re.compile(r"\s*(MICROPY_\w+)=(\w+)\s*(?:#.*)?$")
_DEFINED_BY_OPTION = re.compile(r"\s*(MICROPY_\w+)=\$<BOOL:\$\{(\w+)\}>\s*(?:#.*)?$")
_OPTION = re.compile(r"(CONFIG_\w+)=(\S+)$", re.MULTILINE)
_TRUE = frozenset({"1", "ON", "TRUE", "YES", "Y"})


class Build:
    """The variables and the macros that the make or CMake files of a board set.

    Conditions over variables are evaluated; a condition that is not understood counts as met.
    """

    def __init__(self, root: Path, variables: dict[str, str]) -> None:
        self.variables = dict(variables)
        self.macros: dict[str, str] = {}
        self._root = root

    def read(self, path: Path) -> None:
        """Read one file, if there is one. Files that it includes are left alone."""
        if not path.is_file():
            return
        text = path.read_text(encoding="utf-8", errors="replace").replace("\\\n", " ")
        if path.name == "CMakeLists.txt" or path.suffix == ".cmake":
            self._cmake(text)
        elif path.suffix == ".conf":
            self.variables |= _OPTION.findall(text)
        else:
            self._make(text)

    def flags(self) -> list[str]:
        """The options for the C preprocessor."""
        return [f"-D{name}={value}" for name, value in self.macros.items()]

    def _make(self, text: str) -> None:
        live: list[bool] = []
        for line in text.splitlines():
            words = line.split("#")[0].strip()
            if re.match(r"if(eq|neq|def|ndef)\b", words):
                live.append(all(live) and self._make_condition(words))
            elif words.startswith("else") and live:
                inner = words[4:].strip()
                outer = all(live[:-1])
                live[-1] = outer and not live[-1] and (self._make_condition(inner) if inner else True)
            elif words == "endif" and live:
                live.pop()
            elif all(live):
                self._make_line(words)

    def _make_line(self, line: str) -> None:
        for name, value in _DEFINED.findall(self._expand(line)):
            self.macros.setdefault(name, value or "1")
        assignment = _ASSIGNMENT.match(line)
        if assignment is None:
            return
        name, how, value = assignment[1], assignment[2], self._expand(assignment[3])
        if how == "?" and name in self.variables:
            return
        if how == "+":
            value = f"{self.variables.get(name, '')} {value}".strip()
        self.variables[name] = value
        if name.startswith("MICROPY_") and value.isdigit():
            self.macros.pop(name, None)
            if value != "0":
                self.macros[name] = value

    def _make_condition(self, words: str) -> bool:
        if defined := re.match(r"if(n?)def\s+(\w+)", words):
            return bool(self.variables.get(defined[2])) != bool(defined[1])
        pair = re.match(r"if(n?)eq\s*\((.*),(.*)\)\s*$", words) or re.match(
            r"if(n?)eq\s+[\"'](.*)[\"']\s+[\"'](.*)[\"']", words
        )
        if pair is None:
            return True
        return (self._expand(pair[2]).strip() == self._expand(pair[3]).strip()) != bool(pair[1])

    def _expand(self, text: str) -> str:
        def chosen(found: re.Match[str]) -> str:
            return found[3] if found[1] in self.variables.get(found[2], "").split() else found[4]

        text = re.sub(r"\$\(if \$\(filter (\w+),\s*\$\((\w+)\)\),([^,()]*),([^,()]*)\)", chosen, text)
        return re.sub(r"\$[({](\w+)[)}]", lambda found: self.variables.get(found[1], ""), text)

    def _cmake(self, text: str) -> None:
        live: list[bool] = []
        for line in text.splitlines():
            words = line.split("#")[0].strip()
            if opened := re.match(r"(else)?if\s*\((.*)\)\s*$", words, re.IGNORECASE):
                if opened[1]:
                    live[-1] = all(live[:-1]) and not live[-1] and self._cmake_condition(opened[2])
                else:
                    live.append(all(live) and self._cmake_condition(opened[2]))
            elif re.match(r"else\s*\(", words, re.IGNORECASE) and live:
                live[-1] = all(live[:-1]) and not live[-1]
            elif re.match(r"endif\s*\(", words, re.IGNORECASE) and live:
                live.pop()
            elif all(live):
                self._cmake_line(words)

    def _cmake_line(self, words: str) -> None:
        if found := _SET.match(words):
            self.variables[found[1]] = found[2].strip()
        if found := _DEFINITION_LINE.match(words):
            self.macros[found[1]] = found[2]
        if found := _DEFINED_BY_OPTION.match(words):
            self.macros[found[1]] = "1" if self._is_true(found[2]) else "0"

    def _is_true(self, name: str) -> bool:
        value = self.variables.get(name, "")
        return value.upper() in _TRUE or value not in ("", "0", "OFF", "n")

    def _cmake_condition(self, words: str) -> bool:
        if " OR " in words:
            return any(map(self._cmake_condition, words.split(" OR ")))
        if " AND " in words:
            return all(map(self._cmake_condition, words.split(" AND ")))
        negated, word = bool(re.match(r"NOT\s+", words)), re.sub(r"^NOT\s+", "", words).strip()
        if same := re.match(r"\"?\$?\{?(\w+)\}?\"?\s+(?:STREQUAL|EQUAL)\s+\"?([\w-]+)\"?$", word):
            return (self.variables.get(same[1], "") == same[2]) != negated
        if re.fullmatch(r"\w+", word) and (word.startswith(("MICROPY", "CONFIG", "PICO")) or negated):
            return self._is_true(word) != negated
        return True

"""Messages to users: templates with fields, rendered in the requested language.

The English template is the key of its translations. Those of a rule stand on its page, all others in zh.toml.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache

from usock_lint.fast_dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from typing_extensions import LiteralString

    Lang = Literal["en", "zh"]
    Field: TypeAlias = "str | int | Said"
else:
    Lang = Field = None  # names in annotations, which nothing evaluates

LANGS: tuple[Lang, ...] = ("en", "zh")

_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The variables that choose the language of messages in POSIX: the first one that is not empty counts."""

_BITS = 128
"""Bits of the largest number that a message contains in full."""

_PRIMARY_LANGUAGE, _CHINESE = 0x3FF, 0x04
"""The bits of Windows' language number that do not depend on the country, and their value for Chinese."""

_GAP = r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])"
"""A space between two Chinese characters: templates have spaces round fields, most of which are Latin."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message: a template and its fields. A field that is a message itself is rendered in the same language."""

    template: str
    fields: Mapping[str, Field]

    def text(self, translations: Mapping[str, str], **more: str) -> str:
        """The text in these translations of templates; English for a template without one.

        `more` are fields that are words already: the engine's `where`, which says on which targets a finding holds.
        """
        fields: dict[str, str | int] = {}
        for name, one in self.fields.items():
            fields[name] = one.text(translations, **more) if isinstance(one, Said) else one
        template = translations.get(self.template)
        if template is None:
            return self.template.format(**fields, **more)
        import re  # most runs are in English

        return re.sub(_GAP, "", template.format(**fields, **more))

    def in_(self, lang: Lang) -> str:
        """The text of a message that belongs to no rule, in this language."""
        return self.text(words(lang))


def say(template: LiteralString, /, **fields: Field) -> Said:
    """A message. The template is a literal, so that a test can find it and ask for its translations."""
    return Said(template, fields)


def brief(said: Said) -> Said:
    """A message whose fields are shortened: names and literals in source code may have thousands of characters."""
    return Said(said.template, {name: _brief_field(field) for name, field in said.fields.items()})


def _brief_field(field: Field) -> Field:
    match field:
        case Said():
            return brief(field)
        case str():
            return shortened(field.encode("utf-8", "backslashreplace").decode())
        case int() if field.bit_length() > _BITS:
            # Decimal digits of large numbers take time that grows with the square, and Python refuses to give many.
            return shortened(hex(field), 20)
        case _:
            return field


def shortened(text: str, length: int = 200) -> str:
    """The beginning of a text that is longer than this."""
    return text if len(text) <= length else f"{text[:length]}..."


def either(choices: Sequence[str]) -> Field:
    """ "a or b or c"."""
    return say("{one} or {other}", one=either(choices[:-1]), other=choices[-1]) if choices[1:] else "".join(choices)


def number_of_files(count: int) -> Said:
    """The message "1 file" or "3 files"."""
    return say("1 file") if count == 1 else say("{count} files", count=count)


def from_environment(variables: Mapping[str, str]) -> Lang:
    """Chinese if the locale is a Chinese one, else English. On Windows the language of the system decides."""
    locale = next((variables[name] for name in _LOCALE if variables.get(name)), "")
    is_chinese = locale.lower().startswith("zh") or (not locale and _windows_is_chinese())
    return "zh" if is_chinese else "en"


def _windows_is_chinese() -> bool:
    """True if this is a Windows whose menus and dialogs are in any Chinese."""
    if sys.platform != "win32":
        return False
    import ctypes

    number: int = ctypes.windll.kernel32.GetUserDefaultUILanguage()
    return number & _PRIMARY_LANGUAGE == _CHINESE


def spoken() -> Lang:
    """The language of the locale, if standard output can print it."""
    found = from_environment(os.environ)
    try:
        "".join(words(found).values()).encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return "en"
    return found


@cache
def words(lang: Lang) -> Mapping[str, str]:
    """The translations of the messages that belong to no rule."""
    if lang == "en":
        return {}
    from usock_lint import toml

    with open(os.path.join(os.path.dirname(__file__), f"{lang}.toml"), "rb") as file:
        return toml.load(file)

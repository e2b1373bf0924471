"""The site's own words in Chinese; what the linter says has its translations beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usock_lint.i18n import Lang

_ZH: Final[Mapping[str, str]] = {
    "on by default": "默认开启",
    "opt-in": "默认关闭",
    "safe fix": "安全的修复",
    "unsafe fix": "不安全的修复",
    "no fix": "无修复",
    "since {release}": "自 {release}",
    "MicroPython documentation": "MicroPython 文档",
    "how to read this page": "如何阅读本页",
    "English": "English",
    "中文": "中文",
    "Its examples are reported for": "示例在这些目标上会被报告",
    "In older releases its examples are reported for": "示例在较旧的版本上会被报告",
    "In older releases also for": "在较旧的版本上还有",
    "Reported": "会被报告",
    "Silent": "不会被报告",
    "Fixed by `--fix`": "`--fix` 之后",
    "Fixed by `--fix --unsafe-fixes`": "`--fix --unsafe-fixes` 之后",
    "for {targets}": "目标 {targets}",
    "linted as device code": "按设备代码检查",
    "the other end echoes": "对端原样返回",
    "the other end is silent": "对端不发送任何数据",
    "the other end sends byte by byte": "对端逐字节发送",
    "the other end closes": "对端关闭连接",
    "the other end resets the connection": "对端重置连接",
    "it is its own other end": "程序自己就是对端",
    "the other end speaks HTTP": "对端是 HTTP 服务器",
    "usock-lint prints": "usock-lint 输出",
    "Printed by {runners}": "{runners} 的输出",
    "(nothing)": "（无输出）",
    "shim of {ports}": "{ports} 的模拟模块",
    "shims of {ports}": "{ports} 的模拟模块",
    "unix port": "unix 移植版",
    "See also": "另见",
    "code": "代号",
    "rule": "规则",
    "what": "内容",
    "fix": "修复",
    "safe": "安全",
    "unsafe": "不安全",
    "Rules": "规则",
    "Filter": "筛选",
    "a code, a name, a word": "代号、名称或词语",
    "{count} rules, {opt_in} of them off until they are selected.": "共 {count} 条规则，其中 {opt_in} 条默认关闭。",
}

FAMILIES: Final[Mapping[str, Mapping[Lang, str]]] = {
    "USK0": {"en": "Files and comments", "zh": "文件与注释"},
    "USK1": {"en": "Names of the module", "zh": "模块的名称"},
    "USK2": {"en": "Sockets", "zh": "套接字"},
    "USK3": {"en": "makefile", "zh": "makefile"},
    "USK4": {"en": "Addresses", "zh": "地址"},
    "USK5": {"en": "Exceptions and errno", "zh": "异常与 errno"},
    "USK6": {"en": "Options and states", "zh": "选项与状态"},
    "USK7": {"en": "Data", "zh": "数据"},
    "USK8": {"en": "Habits", "zh": "习惯"},
    "USK9": {"en": "For CPython as well", "zh": "兼顾 CPython"},
}
"""What the rules whose codes begin alike are about."""


def word(text: str, lang: Lang, **fields: object) -> str:
    """The text in a language, its fields filled in. Raises KeyError for one that has no translation."""
    return (text if lang == "en" else _ZH[text]).format(**fields)

"""The plug-in's own words, in the language that is chosen in Thonny. What usock-lint finds it says itself."""

from __future__ import annotations

from typing import Final

from thonny import get_workbench

_CHINESE: Final = {
    "Check for MicroPython": "检查 MicroPython 代码",
    "Fix for MicroPython": "修复 MicroPython 代码",
    "MicroPython sockets": "MicroPython 套接字",
    "Check code for the connected board when it is saved or run": "保存或运行时针对所连接的开发板检查代码",
    "Targets, such as esp32>=1.22, rp2 (empty: the connected board, else the project's)": (
        "目标，例如 esp32>=1.22, rp2（留空：所连接的开发板，否则按项目设置）"
    ),
    "Opt-in rules, by codes or names": "额外启用的规则（代码或名称）",
    "Line {line}": "第 {line} 行",
    "checked for {target}, which is connected": "针对所连接的 {target} 检查",
    "checked for {target}, as set in the options": "针对选项中设置的 {target} 检查",
    "no known board is connected: checked for the targets of the project": "没有连接已知的开发板：按项目的目标检查",
    "Fix: {message}": "修复：{message}",
    "Fix that may change what the code does on a computer: {message}": "修复（可能改变代码在电脑上的行为）：{message}",
    "More in the documentation of MicroPython": "详见 MicroPython 文档",
    "There is nothing that can be fixed safely.": "没有可以安全修复的问题。",
    "Tools > Fix for MicroPython fixes {count} of {all}.": (
        "菜单 工具 > 修复 MicroPython 代码 可以修复 {all} 个中的 {count} 个。"
    ),
    "Checking ...": "正在检查……",
    "CircuitPython is not checked: its sockets are others.": "不检查 CircuitPython：它的套接字不同。",
    "usock-lint is not installed: Tools > Manage plug-ins, then install usock-lint.": (
        "没有安装 usock-lint：请在 工具 > 管理插件 中安装 usock-lint。"
    ),
    "usock-lint is older than this plug-in: update it in Tools > Manage plug-ins.": (
        "usock-lint 比此插件旧：请在 工具 > 管理插件 中更新。"
    ),
    "usock-lint took longer than {seconds} seconds and was stopped.": "usock-lint 超过 {seconds} 秒，已停止。",
    "usock-lint failed: {reason}": "usock-lint 失败：{reason}",
}


def language() -> str:
    """The language of usock-lint that is nearest to that of Thonny."""
    chosen = get_workbench().get_option("general.language") or ""
    return "zh" if chosen.startswith("zh") else "en"


def say(template: str, **values: object) -> str:
    """The text in Thonny's language."""
    return (_CHINESE[template] if language() == "zh" else template).format(**values)

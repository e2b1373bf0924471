"""All that usock-lint says is translated, and the translation is of what it says now.

What is not translated yet is listed at the end of the run, and fails where a release is made. What is translated
wrongly fails at once.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from tests.support.running import ROOT, TIMEOUT, python
from tests.support.templates import PACKAGE, of_check, of_modules
from tools.rulepages.pages import BLOCKS, Block, config, read_page
from usock_lint import Config, lint_source
from usock_lint.catalog.pages import Rule, rules
from usock_lint.catalog.translations import Translation, digest
from usock_lint.diagnostics import Finding
from usock_lint.i18n import from_environment, say, words

RULES = list(rules().values())
TRANSLATIONS = [(rule, found) for rule in RULES if (found := rule.translation("zh"))]
HAN = r"[\u3400-\u9fff]"

Translated = Callable[[Iterable[str]], None]


def has_check(rule: Rule) -> bool:
    return (PACKAGE / f"checks/{rule.name.replace('-', '_')}.py").is_file()


def fields(template: str) -> set[tuple[str, str | None]]:
    return {(name, conversion) for _, name, _, conversion in Formatter().parse(template) if name is not None}


def blemishes(text: str) -> list[str]:
    """Where Chinese and Latin are not set apart, or the punctuation is not that of the language."""
    code = re.sub(r"`[^`]*`|\"[^\"]*\"", "x", text)
    return re.findall(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}|{HAN}[,;:!?()]|[,;:!?(]{HAN}|{HAN}  ?{HAN}", code)


def difference(where: str, translated: Iterable[str], said: Iterable[str]) -> Iterator[str]:
    """A line for each template that is not translated, and for each translation of what is said no more."""
    yield from (f"{where}: [messages] lacks {template!r}" for template in sorted({*said} - {*translated}))
    yield from (f"{where}: [messages] has {template!r}, which is said no more" for template in {*translated} - {*said})


# What may be missing until a release


def outdated(rule: Rule, translation: Translation | None) -> Iterator[str]:
    """What of a rule's page is to be translated."""
    name = f"rules/{rule.path.name}"
    now = digest(rule.summary, rule.why())
    if translation is None:
        yield f'{name}: translate the summary and the "Why" in a section 中文, with a toml block: of = "{now}"'
        return
    if translation.of != now:
        yield f'{name}: translate the summary and the "Why" anew, then write: of = "{now}"'
    if has_check(rule):
        yield from difference(name, translation.messages, of_check(rule.name.replace("-", "_")))


def test_the_pages_are_translated_as_they_are_now(translated: Translated) -> None:
    translated(line for rule in RULES for line in outdated(rule, rule.translation("zh")))


def test_pages_without_a_check_translate_what_is_said_in_their_name(translated: Translated) -> None:
    messages = [template for rule, found in TRANSLATIONS if not has_check(rule) for template in found.messages]

    translated(difference("pages without a check", messages, of_modules(rules=True)))


def test_what_no_rule_says_is_translated(translated: Translated) -> None:
    translated(difference("usock_lint/zh.toml", words("zh"), of_modules(rules=False)))


def test_what_is_to_be_translated_is_named() -> None:
    rule, found = next((rule, found) for rule, found in TRANSLATIONS if rule.name == "socket-timeout")
    now = digest(rule.summary, rule.why())
    right = found._replace(of=now, messages=dict.fromkeys(of_check("socket_timeout"), "已译"))
    changed = right._replace(of="00000000", messages={**right.messages, "gone": "没有了"})

    assert [*outdated(rule, right)] == []
    assert [line[:41] for line in outdated(rule, None)] == ["rules/socket-timeout.md: translate the su"]
    assert [line.partition(": ")[2][:9] for line in outdated(rule, changed)] == ["translate", "[messages"]


@pytest.mark.parametrize(("release", "code"), [("", 0), ("1", 1)])
def test_what_is_not_translated_is_printed_and_fails_a_release(release: str, code: int, tmp_path: Path) -> None:
    test = tmp_path / "test_page.py"
    test.write_text('def test_page(translated):\n    translated(["page.md: translate it"])\n')
    command = python("-m", "pytest", "-q", "-p", "tests.conftest", test)
    own = {**os.environ, "USOCK_LINT_RELEASE": release}

    done = subprocess.run(command, cwd=ROOT, env=own, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == code, done.stderr
    assert "page.md: translate it" in done.stdout
    assert ("NOT TRANSLATED: 1 texts" in done.stdout) == (code == 0)


# What is always wrong


def test_a_section_in_chinese_can_be_read() -> None:
    assert [rule.name for rule in RULES if "\n## 中文\n" in rule.path.read_text() and not rule.translation("zh")] == []


TEXTS = [pair for table in (*(found.messages for _, found in TRANSLATIONS), words("zh")) for pair in table.items()]


def test_a_translation_has_the_fields_of_what_it_translates() -> None:
    assert [pair for pair in TEXTS if fields(pair[0]) != fields(pair[1])] == []


def test_the_same_is_said_in_the_same_words_everywhere() -> None:
    by_template: dict[str, set[str]] = {}
    for template, text in TEXTS:
        by_template.setdefault(template, set()).add(text)

    assert [found for found in by_template.values() if len(found) > 1] == []


def test_the_head_of_a_page_is_set_as_chinese_is() -> None:
    wrong = [
        (rule.name, blemishes(f"{found.summary} {found.why}"))
        for rule, found in TRANSLATIONS
        if not found.summary.endswith("。")
        or not found.why.startswith("原因：")
        or blemishes(found.summary + found.why)
    ]
    assert wrong == []


@cache
def all_translated() -> set[str]:
    """The rules all of whose messages are translated."""
    return {rule.name for rule, found in TRANSLATIONS if not [*outdated(rule, found)]}


def places(findings: Iterable[Finding]) -> list[tuple[object, ...]]:
    return [(one.location, one.code, one.targets) for one in sorted(findings, key=lambda one: (one.location, one.code))]


def faults(block: Block) -> Iterator[str]:
    """In what the findings of a block differ in Chinese, apart from their words, and what is wrong with these."""
    english, chinese = (
        lint_source(block.code, "example.py", config(block)._replace(lang=lang)) for lang in ("en", "zh")
    )
    if places(english) != places(chinese):
        yield "other findings"
    for found in chinese:
        texts = [found.message, *([found.fix.message] if found.fix else [])]
        if found.name in all_translated():
            yield from (f"in English: {text}" for text in texts if not re.search(HAN, text))
        if re.search(HAN, found.message) and blemishes(re.sub(r"getaddrinfo\(.*\)", "x", found.message)):
            yield found.message
        if "{" in found.message and "{" not in block.code:
            yield found.message


@pytest.mark.slow
def test_a_finding_is_the_same_in_both_languages_but_for_its_words() -> None:
    assert [f"{block}: {fault}" for block in BLOCKS if block.marks for fault in faults(block)] == []


def test_a_message_that_is_not_translated_is_english_throughout(monkeypatch: pytest.MonkeyPatch) -> None:
    def untranslated(rule: Rule, lang: str) -> None:
        return None

    monkeypatch.setattr(Rule, "translation", untranslated)

    (finding,) = lint_source(TIMEOUT, config=Config(lang="zh"))

    assert finding.message == (
        "`socket.timeout` raises AttributeError on any board when an error comes: it does not exist; use OSError"
    )
    assert finding.fix
    assert not re.search(HAN, finding.fix.message)


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LC_MESSAGES": "zh_TW.UTF-8", "LANG": "en_GB.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_CTYPE": "zh_CN.UTF-8", "LANG": "C"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(variables: dict[str, str], lang: str) -> None:
    assert from_environment(variables) == lang


def test_what_is_not_translated_is_said_in_english() -> None:
    assert say("{name} is new", name="this").text({}) == "this is new"


def test_the_page_of_a_rule_has_no_translation_in_english() -> None:
    rule = rules()["socket-timeout"]

    assert not re.search(HAN, rule.text())
    assert rule.text() in rule.path.read_text(encoding="utf-8")


def test_the_page_of_a_rule_has_a_translated_head() -> None:
    rule = rules()["socket-timeout"]
    translation = rule.translation("zh")
    assert translation

    head, _, rest = rule.text("zh").partition("```py")

    assert rule.summary not in head
    assert translation.summary in head
    assert translation.why in head
    assert rest in rule.text()
    assert read_page(rule.path).title in head

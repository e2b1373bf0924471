"""All that usock-lint says is translated, and the translation is of what it says now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from string import Formatter

import pytest

from tests.support.templates import PACKAGE, of_check, of_modules
from tools.rulepages.pages import BLOCKS, Block, config, read_page
from usock_lint import lint_source
from usock_lint.catalog import translations
from usock_lint.catalog.pages import Rule, rules
from usock_lint.i18n import from_environment, say, words

RULES = list(rules().values())
CHECKED = [rule for rule in RULES if (PACKAGE / f"checks/{rule.name.replace('-', '_')}.py").is_file()]
HAN = r"[\u3400-\u9fff]"
MARKED = [block for block in BLOCKS if block.marks]


def messages(rule: Rule) -> Mapping[str, str]:
    translation = rule.translation("zh")
    assert translation, "the page ends with a section 中文: a summary, a paragraph and a toml block"
    return translation.messages


def fields(template: str) -> set[tuple[str, str | None]]:
    return {(name, conversion) for _, name, _, conversion in Formatter().parse(template) if name is not None}


def blemishes(text: str) -> list[str]:
    """Where Chinese and Latin are not set apart, or the punctuation is not that of the language."""
    code = re.sub(r"`[^`]*`|\"[^\"]*\"", "x", text)
    return re.findall(rf"{HAN}[A-Za-z0-9]|[A-Za-z0-9]{HAN}|{HAN}[,;:!?()]|[,;:!?(]{HAN}|{HAN}  ?{HAN}", code)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_translation_of_a_page_is_of_what_it_says_now(rule: Rule) -> None:
    page = rule.path.read_text(encoding="utf-8")
    translation = rule.translation("zh")

    assert translation
    now = translations.digest(rule.summary, translations.why(page))
    assert translation.of == now, f'translate the summary and the "Why" anew, then write: of = "{now}"'


@pytest.mark.parametrize("rule", CHECKED, ids=lambda rule: rule.name)
def test_a_page_translates_all_that_its_check_says_and_no_more(rule: Rule) -> None:
    assert set(messages(rule)) == of_check(rule.name.replace("-", "_"))


def test_pages_without_a_check_translate_what_is_said_in_their_name() -> None:
    pages = [messages(rule) for rule in RULES if rule not in CHECKED]

    assert set().union(*pages) == of_modules(rules=True)


def test_what_no_rule_says_is_translated() -> None:
    assert set(words("zh")) == of_modules(rules=False)


TRANSLATED = [pair for table in (*map(messages, RULES), words("zh")) for pair in table.items()]


def test_a_translation_has_the_fields_of_what_it_translates() -> None:
    assert [pair for pair in TRANSLATED if fields(pair[0]) != fields(pair[1])] == []


def test_the_same_is_said_in_the_same_words_everywhere() -> None:
    by_template: dict[str, set[str]] = {}
    for template, translated in TRANSLATED:
        by_template.setdefault(template, set()).add(translated)

    assert [found for found in by_template.values() if len(found) > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_head_of_a_page_is_set_as_chinese_is(rule: Rule) -> None:
    translation = rule.translation("zh")

    assert translation
    assert translation.summary.endswith("。")
    assert translation.why.startswith("原因：")
    assert blemishes(f"{translation.summary} {translation.why}") == []


@pytest.mark.parametrize("block", MARKED, ids=str)
def test_a_finding_is_the_same_in_both_languages_but_for_its_words(block: Block) -> None:
    english, chinese = (
        lint_source(block.code, "example.py", config(block)._replace(lang=lang)) for lang in ("en", "zh")
    )

    assert sorted((one.location, one.code, one.targets) for one in english) == sorted(
        (one.location, one.code, one.targets) for one in chinese
    )
    for found in chinese:
        assert re.search(HAN, found.message)
        assert "{" not in found.message or "{" in block.code
        assert found.fix is None or re.search(HAN, found.fix.message)
        assert blemishes(re.sub(r"getaddrinfo\(.*\)", "x", found.message)) == [], found.message


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

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from usock_lint.analysis.uses import Syntax
from usock_lint.checks import Lacking, Report, lack, on
from usock_lint.i18n import Said, say

FORMS: Final[Mapping[str, Said]] = {
    "annotation": say("annotations of variables are a SyntaxError {where}; leave the annotation out"),
    "async": say("`async` functions are a SyntaxError {where}"),
    "async-comprehension": say("`async for` in a comprehension is a SyntaxError {where}; use a loop"),
    "async-outside": say("`async` outside of an `async` function is a SyntaxError {where}"),
    "bad-escape": say("an escape with too few digits, or for no character, is a SyntaxError {where}"),
    "bare-except-first": say("`except:` before another clause is a SyntaxError {where}; put it last"),
    "bare-exceptions": say("`except A, B:` is a SyntaxError {where}; write `except (A, B):`, or `except A as B:`"),
    "declared-late": say("`global` or `nonlocal` after a use of the name is a SyntaxError {where}; put it first"),
    "decorator": say(
        "a decorator other than a dotted name, or a call of one, is a SyntaxError {where}; assign it to a name first"
    ),
    "del-list": say("`del` of a list or of `()` is a SyntaxError {where}; name what is to be deleted"),
    "duplicate-parameter": say("two parameters of one name are a SyntaxError {where}"),
    "empty-target": say("assigning to `()` is a SyntaxError {where}"),
    "except-star": say("`except*` is a SyntaxError {where}; use `except`"),
    "f-string": say("f-strings are a SyntaxError {where}; use `str.format`"),
    "f-string-ascii": say("`!a` in an f-string is a SyntaxError {where}; use `!r`"),
    "f-string-beside": say("f-strings beside each other are a SyntaxError {where}; make them one, or add them"),
    "f-string-brackets": say("`:` or `}}` in the brackets of an f-string is a SyntaxError {where}; use a variable"),
    "f-string-conversion": say("`!r` and `!s` in an f-string are a SyntaxError {where}; call `repr` or `str`"),
    "f-string-delimiter": say(
        "`:` or `}}` outside of brackets, or a bracket in quotes, in an f-string is a SyntaxError {where}; "
        "use a variable"
    ),
    "f-string-nested": say("an f-string in an f-string is a SyntaxError {where}; use a variable"),
    "f-string-raw": say("raw f-strings are a SyntaxError {where}; use two backslashes, or `str.format`"),
    "f-string-spaces": say("a space after `=` in an f-string is a SyntaxError {where}; leave it out"),
    "import-star-inside": say("`import *` in a function or class is a SyntaxError {where}"),
    "in-comprehension": say("`await` or `yield` in a comprehension is a SyntaxError {where}; use a loop"),
    "lazy-import": say("`lazy` imports are a SyntaxError {where}; leave `lazy` out, or import where it is needed"),
    "match": say("`match` is a SyntaxError {where}; use `if` and `elif`"),
    "matrix-multiplication": say("the operator `@` is a SyntaxError {where}"),
    "named-escape": say("`\\N` in a string raises NotImplementedError {where}; use `\\u` and the number"),
    "nonlocal-outside": say("`nonlocal` outside of a function is a SyntaxError {where}"),
    "number-run": say("a number with a letter or a point right behind it is a SyntaxError {where}; add a space"),
    "number-underscore": say("`_` in a number is a SyntaxError {where}"),
    "outside-function": say("`return`, `yield` or `await` outside of a function is a SyntaxError {where}"),
    "outside-loop": say("`break` or `continue` outside of a loop is a SyntaxError {where}"),
    "positional-only": say("positional-only parameters are a SyntaxError {where}; leave `/` out"),
    "prefix-case": say("a string prefix in upper case is a SyntaxError {where}; use lower case"),
    "several-stars": say("a second `*` or `**` in a call, or an argument behind `*`, is a SyntaxError {where}"),
    "star-after-keyword": say("`*` behind a keyword argument is a SyntaxError {where}; put it before"),
    "starred": say(
        "`*` or `**` that unpacks into a list, tuple, set, dict or index is a SyntaxError {where}; use `+` or `update`"
    ),
    "starred-target": say("a target with two stars, or a star alone, is a SyntaxError {where}"),
    "t-string": say("t-strings are a SyntaxError {where}; use `str.format`"),
    "t-string-beside": say("a t-string beside another string is a SyntaxError {where}; make them one"),
    "type-alias": say("`type` statements are a SyntaxError {where}; assign the type"),
    "type-parameters": say("type parameters are a SyntaxError {where}; leave them out"),
    "walrus": say("`:=` is a SyntaxError {where}; assign before"),
    "walrus-bare": say("`:=` without parentheses is a SyntaxError here {where}; put it in parentheses"),
    "with-parentheses": say("parentheses around `... as ...` after `with` are a SyntaxError {where}; leave them out"),
}


@on(Syntax)
def form(use: Syntax) -> Iterator[Report]:
    """Report one form for each node: the one that most of the cells refuse."""
    lacking = max((Lacking("syntax", name) for name in use.names), key=lambda one: len(lack(use.site.live, one)))
    yield Report(use.node, lack(use.site.live, lacking), FORMS[lacking.name], "", lacking.is_had)

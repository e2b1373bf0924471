"""The options of `usock-lint [check]` and their defaults."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usock_lint.i18n import Lang
    from usock_lint.output.terminal import When
    from usock_lint.settings.config import Assume


class Options:
    """The options of a run; these are the defaults."""

    paths: list[str]
    """The paths, the current folder by default."""
    language: Lang
    """The language of the messages, set after the settings are read."""
    stdin_filename = "<stdin>"

    target: list[str] | None = None
    select: list[str] | None = None
    extend_select: list[str] | None = None
    ignore: list[str] | None = None
    per_file_ignores: list[str] | None = None
    exclude: list[str] | None = None
    extend_exclude: list[str] | None = None
    force_exclude: bool | None = None
    respect_gitignore: bool | None = None
    compile: bool | None = None
    noqa: bool | None = None
    assume: Assume | None = None
    lang: Lang | None = None
    config: str | None = None
    isolated = False

    add_noqa = False
    baseline: str | None = None
    write_baseline = False

    fix = False
    unsafe_fixes = False
    diff = False

    output_format = "text"
    output_file: str | None = None
    statistics = False
    color: When = "auto"
    exit_zero = False
    quiet = False
    verbose = False
    watch = False
    show_files = False
    show_settings = False

    jobs: int | None = None
    no_cache = False
    cache_dir: str | None = None

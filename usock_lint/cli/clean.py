"""`usock-lint clean`: remove the cache."""

from __future__ import annotations

from collections.abc import Sequence

from usock_lint.cli.options import Parser
from usock_lint.running import cache_folder
from usock_lint.settings.config import ConfigError


def main(words: Sequence[str]) -> int:
    """Remove the cache and nothing else. Raises ConfigError if that is not possible."""
    parser = Parser(prog="usock-lint clean", description="Remove the cache of earlier runs.")
    parser.add_argument(
        "--cache-dir", metavar="FOLDER", default=cache_folder.CACHE, help=f"where it is, if not {cache_folder.CACHE}"
    )
    folder: str = parser.parse_args(words).cache_dir
    try:
        removed = cache_folder.clean(folder)
    except OSError as error:
        raise ConfigError(f"{folder}: not removed: {error.strerror}") from None
    print(f"Removed {folder}." if removed else f"There is no cache of usock-lint in {folder}.")
    return 0

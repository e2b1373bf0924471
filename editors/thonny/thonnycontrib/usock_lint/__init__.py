"""usock-lint in Thonny: findings in the Assistant, a command that fixes the file, and a page of settings.

Thonny calls `load_plugin` of each package in the namespace `thonnycontrib`.
"""

from __future__ import annotations


def load_plugin() -> None:
    """Add all of it to Thonny."""
    from thonnycontrib.usock_lint import plugin

    plugin.load()

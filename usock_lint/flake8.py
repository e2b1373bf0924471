"""The flake8 plugin, by the name that its entry point has always had."""

from __future__ import annotations

from usock_lint.plugins.flake8 import Plugin

__all__ = ["Plugin"]

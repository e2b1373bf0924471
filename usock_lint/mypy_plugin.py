"""The mypy plugin, by the name that settings give it."""

from __future__ import annotations

from usock_lint.plugins.mypy import plugin

__all__ = ["plugin"]

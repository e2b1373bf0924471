"""The pytest plugin, by the name that `-p` gives it."""

from __future__ import annotations

from usock_lint.plugins.pytest import (
    micropython_socket,
    pytest_addoption,
    pytest_configure,
    pytest_generate_tests,
    pytest_itemcollected,
)

__all__ = [
    "micropython_socket",
    "pytest_addoption",
    "pytest_configure",
    "pytest_generate_tests",
    "pytest_itemcollected",
]

#!/usr/bin/env python3
"""Writes stubs/usocket.pyi, the stub that is installed, from stubs/master/socket.pyi and the ports table."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from usock_lint.stubgen.folder import installed  # noqa: E402 (found in the checkout, installed or not)

if __name__ == "__main__":
    (ROOT / "stubs" / "usocket.pyi").write_text(installed(), encoding="utf-8")

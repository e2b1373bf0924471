"""The standard library's TOML reader, which Python 3.10 has by another name, from the package index."""

import sys

if sys.version_info >= (3, 11):
    from tomllib import load, loads
else:
    from tomli import load, loads

__all__ = ["load", "loads"]

"""Write usock_lint/ports/data/world: python -m tools.world_facts MICROPYTHON LIBRARY DUMPS [SCRATCH].

MICROPYTHON and LIBRARY are the git directories of clones of micropython/micropython and micropython/micropython-lib
with their tags; DUMPS is dumps.jsonl. It takes five minutes, gcc for its preprocessor, CPython 3.11 or 3.12, and below
SCRATCH two gigabytes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tools.world_facts import cpython, docs, dumps, elsewhere, library
from tools.world_facts.builds import Checkout, cells
from tools.world_facts.table import Table, write
from usock_lint.ports.releases import NEWEST, RELEASES

DATA = Path(__file__).parents[2] / "usock_lint/ports/data/world"


def main(micropython: str, lib: str, seen: str, scratch: str = tempfile.gettempdir()) -> None:
    """Read everything and write the files."""
    checkout = Checkout(Path(micropython), Path(lib), Path(scratch) / "world_facts")
    offered = library.packages(checkout.newest_library())
    known = {cell: checkout.known(*cell) for cell in sorted(cells(), key=lambda cell: cell[1])}
    for line in dumps.add(known, Path(seen), {name for one in offered.values() for name in one.modules}):
        print(line)
    everywhere = {name for release in RELEASES for name in elsewhere.names(checkout.tree(release))}
    table = Table({("docs", NEWEST): docs.documented(checkout.tree(NEWEST) / "docs/library"), **known})
    builtin = {name: module.with_unknown() for name, module in known["unix", NEWEST].modules.items()}
    packages, offered_names = library.facts(checkout.newest_library(), builtin)
    modules = {"source": checkout.described(), **table.modules()}
    modules["elsewhere"] = " ".join(sorted((everywhere | dumps.modules(Path(seen))) - set(table.names)))
    modules["cpython"] = cpython.modules()
    write(DATA, "modules", modules)
    write(DATA, "names", table.contents())
    write(DATA, "classes", table.classes())
    write(DATA, "builtins", table.builtins())
    write(DATA, "arguments", table.arguments())
    write(DATA, "mip", packages)
    write(DATA, "mip_names", offered_names)


if __name__ == "__main__":
    if not 4 <= len(sys.argv) <= 5:
        sys.exit("usage: python -m tools.world_facts MICROPYTHON LIBRARY DUMPS [SCRATCH]")
    sys.exit(main(*sys.argv[1:]))

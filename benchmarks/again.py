"""How much longer larger trees take, in a process that has linted before: the ratio of each to the one before it.

python benchmarks/again.py FOLDER FOLDER ...
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise

from usock_lint import lint_paths

_ROUNDS = 3


def seconds(folder: str) -> float:
    """The processor time of a run over a folder."""
    start = time.process_time()
    list(lint_paths([folder]))
    return time.process_time() - start


def main(*folders: str) -> None:
    """Print the ratios of the shortest times of some rounds, in which the folders take turns."""
    seconds(folders[0])
    rounds = [[seconds(folder) for folder in folders] for _ in range(_ROUNDS)]
    shortest = [min(times) for times in zip(*rounds, strict=True)]
    print(*(f"{longer / shorter:.2f}" for shorter, longer in pairwise(shortest)), sep=", ")


if __name__ == "__main__":
    main(*sys.argv[1:])

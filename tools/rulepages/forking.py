"""A CPython that is started once and forks for each script: a fork takes a tenth of what a start does.

It reads a JSON object a line, the arguments of `become`, and answers with a line when that script has ended: the status
that waitpid gives, which is SIGALRM's number if the script took too long.
"""

# usock-lint: skip-file  # runs on CPython

import errno
import gc
import json
import os
import select
import signal
import socket
import sys
import time

# What most scripts import, and none whose submodules a script would then find without importing them.
_COMMON = (errno, json, select, socket, time)

_DRIVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "driver.py")


def become(words: "list[str]", folder: str, output: str, errors: str, seconds: int) -> None:
    """Turn this process into one that was started in `folder` to run the driver, and prints into these files."""
    signal.alarm(seconds)
    os.chdir(folder)
    for number, path in enumerate((os.devnull, output, errors)):
        file = os.open(path, os.O_RDWR | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    # A module of the folder is found before one of Python's own, which may be here already.
    for name in os.listdir(folder):
        sys.modules.pop(name.removesuffix(".py"), None)
    sys.path.insert(1, folder)
    sys.argv = [_DRIVER, *words]


def main() -> None:
    """Serve until the input ends."""
    with open(_DRIVER, encoding="utf-8") as file:
        driver = compile(file.read(), _DRIVER, "exec")
    gc.freeze()  # what is here stays, and a fork that never looks through it shares its memory
    for line in sys.stdin:
        if child := os.fork():
            print(os.waitpid(child, 0)[1], flush=True)
        else:
            become(**json.loads(line))
            exec(driver, {"__name__": "__main__"})
            return


if __name__ == "__main__":
    main()

"""Run a script on any Python with free names of its own, and print the type of the exception that ends it.

SystemExit ends a script as its author meant it to, so it is not printed.

    driver.py SCRIPT NAME=VALUE...

CPython and MicroPython both run this file, so it keeps to what both have.
"""

import sys


def value(text: str) -> "int | str":
    return int(text) if text.isdigit() else text


def trace(error: BaseException) -> None:
    if hasattr(sys, "print_exception"):
        getattr(sys, "print_exception")(error, sys.stderr)  # noqa: B009 (no type checker knows MicroPython's own)
    else:
        sys.excepthook(type(error), error, error.__traceback__)


def run(script: str, *definitions: str) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for definition in definitions:
        name, text = definition.split("=", 1)
        names[name] = value(text)
    with open(script, "rb") as file:
        source = file.read()
    try:
        exec(compile(source, script, "exec"), names)
    except SystemExit:
        pass
    except BaseException as error:
        print(type(error).__name__)
        trace(error)


run(*sys.argv[1:])

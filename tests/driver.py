"""Run a script on any Python with free names of its own, and print the type of the exception that ends it.

SystemExit ends a script as its author meant it to, so it is not printed.

    driver.py PORT SCRIPT NAME=VALUE...     (PORT: whose shim to run it on; none: - )

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


def execute(port: str, source: str, script: str, names: "dict[str, object]") -> None:
    if port == "-":
        exec(compile(source, script, "exec"), names)
    else:
        from usock_lint.shim.run import run_source

        run_source(source, port, globals=names, filename=script)


def run(port: str, script: str, *definitions: str) -> None:
    names: dict[str, object] = {"__name__": "__main__"}
    for definition in definitions:
        name, text = definition.split("=", 1)
        names[name] = value(text)
    with open(script) as file:
        source = file.read()
    try:
        execute(port, source, script, names)
    except SystemExit:
        pass
    except BaseException as error:
        print(type(error).__name__)
        trace(error)


run(*sys.argv[1:])

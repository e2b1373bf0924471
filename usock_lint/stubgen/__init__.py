"""Type stubs of MicroPython's socket modules for any ports and releases, cut out of the masters in stubs/master.

A master has every name that some port ever had, with its docstring; the ports table says which of them stay.
"""

"""`NamedTuple` and `dataclass` as the standard library has them, made in a fraction of the time.

Start-up time is the reason. Importing `typing` or `dataclasses` takes a third to two thirds of the time in which Python
starts, and each frozen dataclass, which is compiled in eight pieces, as long as importing a module. Modules that every
run imports therefore use these instead, and keep imports for annotations behind a `TYPE_CHECKING` of their own, which
type checkers know by its name.

"Frozen" is left to type checkers: to refuse an assignment at run time makes an object in three times the time, and a
file has thousands of them.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple
    from operator import attrgetter

    class _Named(type):
        def __new__(mcs, name, bases, body):
            fields = tuple(body.pop("__annotations__", ()))
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            return type(name, (made,), {**body, "__slots__": ()})

    NamedTuple = type.__new__(_Named, "NamedTuple", (), {})

    def dataclass(*, frozen, slots):
        """Make a class a dataclass. Only `frozen=True, slots=True` is supported, and no `field()`."""
        if not (frozen and slots):
            raise TypeError("not made here: take dataclasses.dataclass")
        return _frozen

    def _frozen(cls):
        body = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
        own = list(body.get("__annotations__", ()))
        defaults = {**getattr(cls, "__defaults", {}), **{name: body.pop(name) for name in own if name in body}}
        fields = list(dict.fromkeys((*getattr(cls, "__match_args__", ()), *own)))
        body = {**_METHODS, **body, "__slots__": tuple(own), "__defaults": defaults, "__match_args__": tuple(fields)}
        body["_values"] = staticmethod(attrgetter(*fields) if fields else lambda one: ())
        made = _made(fields, defaults)
        if body.get("__hash__"):  # its own, which the standard library's leave alone as well
            del made["__hash__"]
        return type(cls)(cls.__name__, cls.__bases__, body | made)

    def _made(fields, defaults):
        names = {f"default_{name}": default for name, default in defaults.items()}
        parameters = (f"{name}=default_{name}" if name in defaults else name for name in fields)
        sets = "".join(f"\n self.{name} = {name}" for name in fields) or " pass"
        values = "".join(f"self.{name}, " for name in fields)
        exec(
            f"def __init__({', '.join(('self', *parameters))}):{sets}\ndef __hash__(self): return hash(({values}))",
            names,
        )
        return {name: names[name] for name in ("__init__", "__hash__")}

    def _equal(self, other):
        return self._values(self) == other._values(other) if other.__class__ is self.__class__ else NotImplemented

    def _repr(self):
        parts = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__qualname__}({', '.join(parts)})"

    _METHODS = {
        "__eq__": _equal,
        "__repr__": _repr,
        "__reduce__": lambda self: (type(self), tuple(getattr(self, name) for name in self.__match_args__)),
    }

    def replace(one, **changes):
        """As `dataclasses.replace`."""
        return type(one)(**{**{name: getattr(one, name) for name in one.__match_args__}, **changes})

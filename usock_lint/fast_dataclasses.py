"""`NamedTuple` and `dataclass` as the standard library has them, made in a fraction of the time.

Start-up time is the reason. Importing `typing` or `dataclasses` takes a third to two thirds of the time in which Python
starts. Making one frozen dataclass takes as long as importing a module, because it is compiled in eight pieces. Modules
that every run imports therefore use these instead, and keep imports for annotations behind a `TYPE_CHECKING` of their
own, which type checkers know by its name.

"Frozen" is left to type checkers: an object that refuses assignments at run time takes three times as long to make, and
a file has thousands of them. Methods are compiled when they are called first, since a run needs only half of the
classes.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass as dataclass
    from dataclasses import replace as replace
    from typing import Any
    from typing import NamedTuple as NamedTuple

    def compiled_when_called(name: str, write: Callable[[], tuple[str, dict[str, Any]]]) -> Callable[..., Any]: ...
else:
    from operator import itemgetter

    try:
        from _collections import _tuplegetter as _field
    except ImportError:  # a Python without the private module

        def _field(index, doc):
            return property(itemgetter(index), doc=doc)

    class _Named(type):
        def __new__(mcs, name, bases, body):
            fields = tuple(body.pop("__annotations__", ()))
            defaults = {field: body.pop(field) for field in fields if field in body}
            known = {field: _field(index, None) for index, field in enumerate(fields)}
            known.update(_fields=fields, _field_defaults=defaults, __match_args__=fields, __slots__=())
            made = type(name, (tuple,), {**_OF_TUPLES, **known, **body})

            def new(cls, *values, **named):
                parts = "".join(f"{field}, " for field in fields)
                compiled = eval(f"lambda cls, {parts}: new(cls, ({parts}))", {"new": tuple.__new__})
                compiled.__defaults__ = tuple(defaults.values())
                made.__new__ = staticmethod(compiled)
                return compiled(cls, *values, **named)

            made.__new__ = staticmethod(new)
            return made

    def _make(cls, values):
        made = tuple.__new__(cls, values)
        if len(made) != len(cls._fields):
            raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
        return made

    def _replace(self, /, **changes):
        made = self._make(map(changes.pop, self._fields, self))
        if changes:
            raise ValueError(f"Got unexpected field names: {[*changes]!r}")
        return made

    def _repr_of_tuple(self):
        parts = (f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
        return f"{type(self).__name__}({', '.join(parts)})"

    _OF_TUPLES = {
        "_make": classmethod(_make),
        "_replace": _replace,
        "_asdict": lambda self: dict(zip(self._fields, self, strict=True)),
        "__getnewargs__": lambda self: tuple(self),
        "__repr__": _repr_of_tuple,
    }

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
        body["__init__"] = compiled_when_called("__init__", lambda: _init(fields, defaults))
        body.setdefault("__eq__", compiled_when_called("__eq__", lambda: _equal(fields)))
        if not body.get("__hash__"):  # else its own, which the standard library's leave alone as well
            body["__hash__"] = compiled_when_called("__hash__", lambda: _hash(fields))
        return type(cls)(cls.__name__, cls.__bases__, body)

    def _init(fields, defaults):
        names = {f"default_{name}": default for name, default in defaults.items()}
        parameters = (f"{name}=default_{name}" if name in defaults else name for name in fields)
        sets = "".join(f"\n self.{name} = {name}" for name in fields) or " pass"
        return f"def __init__({', '.join(('self', *parameters))}):{sets}", names

    def _hash(fields):
        values = "".join(f"self.{name}, " for name in fields)
        return f"def __hash__(self): return hash(({values}))", {}

    def _equal(fields):
        one, other = (f"({''.join(f'{of}.{name}, ' for name in fields)})" for of in ("self", "other"))
        same = f"{one} == {other} if other.__class__ is self.__class__ else NotImplemented"
        return f"def __eq__(self, other): return {same}", {}

    def compiled_when_called(name, write):
        """A method that compiles itself, and takes its own place, when it is called first.

        `write` returns the source of the method, and the names that it uses with their values.
        """

        def method(self, *values, **named):
            text, names = write()
            exec(text, names)
            for one in type(self).__mro__:
                if vars(one).get(name) is method:
                    setattr(one, name, names[name])
            return names[name](self, *values, **named)

        return method

    def _repr(self):
        parts = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__qualname__}({', '.join(parts)})"

    _METHODS = {
        "__repr__": _repr,
        "__reduce__": lambda self: (type(self), tuple(getattr(self, name) for name in self.__match_args__)),
    }

    def replace(one, **changes):
        """As `dataclasses.replace`."""
        return type(one)(**{**{name: getattr(one, name) for name in one.__match_args__}, **changes})

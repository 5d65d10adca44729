"""collections: what modules and optimizers are made with."""

from _collections import ordered as _ordered
from torch._C._function import written_in_c as _written_in_c


@_written_in_c
class OrderedDict(dict):
    """Dicts keep their order anyway; what this one adds is here."""

    def keys(self):
        return _ordered(super().keys())

    def values(self):
        return _ordered(super().values())

    def items(self):
        return _ordered(super().items())

    def __repr__(self):
        if not self:
            return f"{type(self).__name__}()"
        return f"{type(self).__name__}({list(self.items())!r})"

    def __eq__(self, other):
        if isinstance(other, OrderedDict):
            return list(self.items()) == list(other.items())
        return dict(self) == other

    def __ne__(self, other):
        return not self == other

    def __reversed__(self):
        return iter(list(self)[::-1])

    def popitem(self, last=True):
        if not self:
            raise KeyError("dictionary is empty")
        key = list(self)[-1 if last else 0]
        return key, self.pop(key)

    def move_to_end(self, key, last=True):
        if key not in self:
            raise KeyError(key)
        others = [] if last else [k for k in self if k != key]
        for k in [key] + others:
            self[k] = self.pop(k)

    def copy(self):
        return type(self)(self)

    @classmethod
    def fromkeys(cls, iterable, value=None):
        return cls((key, value) for key in iterable)

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = self.copy()
        new.update(other)
        return new

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        new = type(self)(other)
        new.update(self)
        return new

    def __ior__(self, other):
        self.update(other)
        return self


OrderedDict.__hash__ = None


@_written_in_c
class defaultdict(dict):
    """What an optimizer keeps its state in: a missing key gets a value of its own."""

    def __init__(self, default_factory=None, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable or None")
        super().__init__(*args, **kwargs)
        self.default_factory = default_factory

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        self[key] = value = self.default_factory()
        return value

    def __repr__(self):
        return f"defaultdict({self.default_factory!r}, {dict(self)!r})"

    def copy(self):
        return type(self)(self.default_factory, self)


class Counter(dict):
    def __init__(self, iterable=None):
        super().__init__()
        if isinstance(iterable, dict):
            super().update(iterable)
        elif iterable is not None:
            for item in iterable:
                self[item] = self.get(item, 0) + 1

    def __missing__(self, key):
        return 0

    def elements(self):
        return iter([key for key, n in self.items() for _ in range(n)])

    def most_common(self, n=None):
        return sorted(self.items(), key=lambda item: item[1], reverse=True)[:n]

    def __repr__(self):
        return f"Counter({dict(self.most_common())!r})" if self else "Counter()"

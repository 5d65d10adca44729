"""Sizes that may be given as one number."""


def _repeated(x, n):
    """x as a tuple: n times when it is one number."""
    return tuple(x) if hasattr(x, "__iter__") else (x,) * n


def _single(x):
    return _repeated(x, 1)


def _pair(x):
    return _repeated(x, 2)


def _triple(x):
    return _repeated(x, 3)


def _quadruple(x):
    return _repeated(x, 4)


def _reverse_repeat_tuple(t, n):
    return tuple(x for x in reversed(t) for _ in range(n))


def consume_prefix_in_state_dict_if_present(state_dict, prefix):
    for key in sorted(state_dict.keys()):
        if key.startswith(prefix):
            state_dict[key[len(prefix):]] = state_dict.pop(key)

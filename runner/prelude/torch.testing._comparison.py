"""torch.testing.assert_close: pairs of values, those of sequences and mappings one by one.

All pairs are found, and refused if they cannot be compared, before any is compared.
"""

import math
import torch

__module__ = "torch.testing"

_TOLERANCES = {  # (rtol, atol)
    torch.float16: (0.001, 1e-5),
    torch.bfloat16: (0.016, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
}


class _Failure(Exception):
    """What is to be raised, and for which item."""

    def __init__(self, kind, text, item):
        self.kind, self.text, self.item = kind, text, item

    def message(self, msg):
        if isinstance(msg, str):
            return msg
        text = self.text
        if self.item:
            place = "".join(str([key]) for key in self.item)
            text += f"\n\nThe failure occurred for item {place}"
        return msg(text) if callable(msg) else text


class _Options:
    def __init__(self, rtol, atol, equal_nan, check):
        self.rtol, self.atol, self.equal_nan, self.check = rtol, atol, equal_nan, check

    def tolerances(self, dtypes, item):
        if (self.rtol is None) != (self.atol is None):
            missing = "rtol" if self.rtol is None else "atol"
            raise _Failure(ValueError, "Both 'rtol' and 'atol' must be either specified or "
                           f"omitted, but got no {missing}.", item)
        if self.rtol is not None:
            return self.rtol, self.atol
        defaults = [_TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
        return max(r for r, _ in defaults), max(a for _, a in defaults)


def _report(what, extra, differences, exact):
    """differences: (kind, difference, index or None, tolerance)."""
    lines = [f"{what} are not {'equal' if exact else 'close'}!", ""]
    if extra:
        lines.append(extra)
    for kind, difference, index, tolerance in differences:
        line = f"{kind.title()} difference: {difference}"
        if index is not None:
            line = f"Greatest {kind} difference: {difference} at index {index}"
        lines.append(line if exact else f"{line} (up to {tolerance} allowed)")
    return "\n".join(lines)


def _scalars_differ(actual, expected, rtol, atol):
    absolute = abs(actual - expected)
    relative = math.inf if expected == 0 else absolute / abs(expected)
    return _report("Scalars", "", [("absolute", absolute, None, atol),
                                   ("relative", relative, None, rtol)], rtol == 0 and atol == 0)


def _unravel(flat, shape):
    index = []
    for size in shape[::-1]:
        flat, rest = divmod(flat, size)
        index.append(rest)
    return tuple(index[::-1])


def _tensors_differ(actual, expected, matches, rtol, atol):
    wrong, total = (~matches).sum().item(), matches.numel()
    a, b, same = actual.flatten(), expected.flatten(), matches.flatten()
    absolute = torch.abs(a - b)
    absolute[same] = 0
    relative = absolute / torch.abs(b)
    relative[same] = 0
    rows = []
    for kind, values, tolerance in (("absolute", absolute, atol), ("relative", relative, rtol)):
        most, at = torch.max(values, 0)
        rows.append((kind, most.item(), _unravel(int(at), matches.shape), tolerance))
    return _report("Tensor-likes", f"Mismatched elements: {wrong} / {total} ({wrong / total:.1%})",
                   rows, rtol == 0 and atol == 0)


def _none_pair(actual, expected, options, item):
    if actual is not expected:
        return f"None mismatch: {actual} is not {expected}"


def _bool_pair(actual, expected, options, item):
    if actual is not expected:
        return f"Booleans mismatch: {actual} is not {expected}"


def _number_pair(actual, expected, options, item):
    dtypes = [torch.float64 if isinstance(x, float) else torch.int64 for x in (actual, expected)]
    rtol, atol = options.tolerances(dtypes, item)
    if options.check["dtype"] and type(actual) is not type(expected):
        return f"The (d)types do not match: {type(actual)} != {type(expected)}."
    if actual == expected or (options.equal_nan and actual != actual and expected != expected):
        return None
    difference = abs(actual - expected)
    if math.isfinite(difference) and difference <= atol + rtol * abs(expected):
        return None
    return _scalars_differ(actual, expected, rtol, atol)


def _tensor_pair(actual, expected, options, item):
    rtol, atol = options.tolerances([actual.dtype, expected.dtype], item)
    for name, a, b in (("shape", actual.shape, expected.shape),
                       ("layout", actual.layout, expected.layout),
                       ("stride()", actual.stride(), expected.stride()),
                       ("device", actual.device, expected.device),
                       ("dtype", actual.dtype, expected.dtype)):
        if a != b and options.check.get(name, True):
            return f"The values for attribute '{name}' do not match: {a} != {b}."
    if actual.dtype != expected.dtype:
        dtype = torch.promote_types(actual.dtype, expected.dtype)
        actual, expected = actual.to(dtype), expected.to(dtype)
    wide = torch.float64 if actual.dtype.is_floating_point else torch.int64
    actual, expected = actual.to(wide), expected.to(wide)
    matches = torch.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=options.equal_nan)
    if matches.all():
        return None
    if not matches.shape:
        return _scalars_differ(actual.item(), expected.item(), rtol, atol)
    return _tensors_differ(actual, expected, matches, rtol, atol)


def _is_number(x):
    return isinstance(x, (int, float))


def _comparison(actual, expected, options, item):
    """The function that compares such a pair."""
    if actual is None or expected is None:
        return _none_pair
    if isinstance(actual, bool) and isinstance(expected, bool):
        return _bool_pair
    if _is_number(actual) and _is_number(expected):
        return _number_pair
    related = isinstance(actual, type(expected)) or isinstance(expected, type(actual))
    same = options.check["subclasses"] or type(actual) is type(expected)
    if isinstance(actual, torch.Tensor) and related and same:
        return _tensor_pair
    raise _Failure(TypeError, "No comparison pair was able to handle inputs of type "
                   f"{type(actual)} and {type(expected)}.", item)


def _pairs(actual, expected, options, item, found):
    if isinstance(actual, (list, tuple)) and isinstance(expected, (list, tuple)):
        if len(actual) != len(expected):
            raise _Failure(AssertionError, "The length of the sequences mismatch: "
                           f"{len(actual)} != {len(expected)}", item)
        for i in range(len(actual)):
            _pairs(actual[i], expected[i], options, item + (i,), found)
    elif isinstance(actual, dict) and isinstance(expected, dict):
        missing, more = set(expected) - set(actual), set(actual) - set(expected)
        if missing or more:
            raise _Failure(AssertionError, "The keys of the mappings do not match:\nMissing keys "
                           f"in the actual mapping: {sorted(missing)}\nAdditional keys in the "
                           f"actual mapping: {sorted(more)}", item)
        for key in sorted(actual):
            _pairs(actual[key], expected[key], options, item + (key,), found)
    else:
        found.append((_comparison(actual, expected, options, item), actual, expected, item))


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None,
                 equal_nan=False, check_device=True, check_dtype=True, check_layout=True,
                 check_stride=False, msg=None):
    options = _Options(rtol, atol, equal_nan, {
        "subclasses": allow_subclasses, "device": check_device, "dtype": check_dtype,
        "layout": check_layout, "stride()": check_stride})
    failure = None
    try:
        found = []
        _pairs(actual, expected, options, (), found)
        for compare, a, b, item in found:
            text = compare(a, b, options, item)
            if text is not None:
                raise _Failure(AssertionError, text, item)
    except _Failure as f:
        failure = f
    if failure is not None:
        raise failure.kind(failure.message(msg))

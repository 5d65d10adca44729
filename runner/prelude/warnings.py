"""The filters of warnings; what a warning prints is the interpreter's business."""

from _warnings import install as _install, show as _show

_filters = []
_seen = set()


def _matches(pattern, text):
    # Patterns match at the start of the text, whatever the case; of regular expressions
    # there are ".*" at both ends.
    pattern, text = pattern.lower(), text.lower()
    if pattern.startswith(".*"):
        return pattern.strip(".*") in text
    if pattern.endswith(".*"):
        pattern = pattern[:-2]
    return text.startswith(pattern)


def _verdict(message, category):
    """Whether the warning is to be shown."""
    text = str(message)
    action = "always"
    for f in _filters:
        if issubclass(category, f[2]) and _matches(f[1], text):
            action = f[0]
            break
    if action == "ignore":
        return False
    if action == "error":
        raise message if isinstance(message, Warning) else category(text)
    if action != "always":
        if (text, category) in _seen:
            return False
        _seen.add((text, category))
    for record in _records:
        record.append(WarningMessage(message, category))
        return False
    return True


class WarningMessage:
    def __init__(self, message, category):
        self.message = message if isinstance(message, Warning) else category(message)
        self.category = category
        self.filename = "<cell>"
        self.lineno = 1
        self.file = None
        self.line = None
        self.source = None


_records = []
_actions = ("error", "ignore", "always", "default", "module", "once")


def _add(action, message, category, append):
    assert action in _actions, f"invalid action: {action!r}"
    entry = (action, message, category)
    if entry in _filters:
        if append:
            return
        _filters.remove(entry)
    if append:
        _filters.append(entry)
    else:
        _filters.insert(0, entry)


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    _add(action, message, category, append)


def simplefilter(action, category=Warning, lineno=0, append=False):
    _add(action, "", category, append)


def resetwarnings():
    _filters.clear()


def _begin_cell():
    _filters.clear()
    _seen.clear()
    _records.clear()


class catch_warnings:
    def __init__(self, *, record=False, module=None, action=None, category=Warning,
                 lineno=0, append=False):
        self._record = record
        self._options = (action, category, append)
        self._entered = False

    def __repr__(self):
        return "catch_warnings(record=True)" if self._record else "catch_warnings()"

    def __enter__(self):
        if self._entered:
            raise RuntimeError(f"Cannot enter {self!r} twice")
        self._entered = True
        self._saved = _filters.copy()
        if self._options[0] is not None:
            _add(self._options[0], "", self._options[1], self._options[2])
        if not self._record:
            return None
        log = []
        _records.insert(0, log)
        return log

    def __exit__(self, *exc):
        if not self._entered:
            raise RuntimeError(f"Cannot exit {self!r} without entering first")
        _filters[:] = self._saved
        if self._record:
            _records.pop(0)


def warn(message, category=None, stacklevel=1, source=None):
    if isinstance(message, Warning):
        category = message.__class__
    if category is None:
        category = UserWarning
    if not (isinstance(category, type) and issubclass(category, Warning)):
        raise TypeError("category must be a Warning subclass, not "
                        f"'{type(category).__name__}'")
    _show(message, category)


_install()

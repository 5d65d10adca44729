"""A module called with other parameters and buffers than its own."""


def _place(module, path):
    """The dict of parameters or buffers that holds the name, and its key; None without one."""
    *owners, name = path.split(".")
    for part in owners:
        module = getattr(module, part)
    for table in (module._parameters, module._buffers):
        if name in table:
            return table, name
    return None


def functional_call(module, parameters_and_buffers, args, kwargs=None):
    places = {path: _place(module, path) for path in parameters_and_buffers}
    places = {path: place for path, place in places.items() if place}
    own = {path: table[name] for path, (table, name) in places.items()}
    for path, (table, name) in places.items():
        table[name] = parameters_and_buffers[path]
    try:
        return module(*(args if isinstance(args, tuple) else (args,)), **(kwargs or {}))
    finally:
        for path, (table, name) in places.items():
            parameters_and_buffers[path] = table[name]
            table[name] = own[path]

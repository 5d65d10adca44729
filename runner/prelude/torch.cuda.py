"""torch.cuda as it is where there is no CUDA: questions have answers, work is refused."""


def is_available():
    return False


def is_initialized():
    return False


def device_count():
    return 0


def manual_seed(seed):
    pass


def manual_seed_all(seed):
    pass


def seed():
    pass


def seed_all():
    pass


def empty_cache():
    pass


def memory_allocated(device=None):
    return 0


def max_memory_allocated(device=None):
    return 0


def memory_reserved(device=None):
    return 0


def max_memory_reserved(device=None):
    return 0


def _refuse():
    raise AssertionError("Torch not compiled with CUDA enabled")


def init():
    _refuse()


def synchronize(device=None):
    _refuse()


def current_device():
    _refuse()


def initial_seed():
    _refuse()


def get_device_name(device=None):
    _refuse()


def get_device_capability(device=None):
    _refuse()


def get_device_properties(device):
    _refuse()

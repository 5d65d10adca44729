"""torch.random: the default generator's seed and state."""

import torch
from torch import default_generator, get_rng_state, initial_seed, manual_seed, seed, set_rng_state


class fork_rng:
    """What is drawn within does not count outside."""

    def __init__(self, devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices"):
        self._enabled = enabled

    def __enter__(self):
        if self._enabled:
            self._state = get_rng_state()

    def __exit__(self, *args):
        if self._enabled:
            set_rng_state(self._state)

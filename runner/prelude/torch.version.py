"""Which PyTorch this behaves like."""

from torch import __version__

cuda = None
debug = False
hip = None

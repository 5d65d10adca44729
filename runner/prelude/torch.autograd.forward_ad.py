"""Forward-mode differentiation is not there."""


def __getattr__(name):
    if name in ("dual_level", "make_dual", "unpack_dual", "enter_dual_level", "exit_dual_level"):
        raise NotImplementedError(f"torch.autograd.forward_ad.{name} is not available in a cell")
    raise AttributeError(name)

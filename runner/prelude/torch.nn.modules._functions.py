"""Functions of layers that have no operator: CrossMapLRN2d.

Sums over neighbouring channels run along the channels, one added and one taken away at
each, in PyTorch's order: digits hang on it, and on where its windows begin and end.
"""

import torch


def _window_sums(squares, size):
    """For each channel the sum of squares over the channels near it."""
    channels = squares.size(1)
    reach = int((size - 1) / 2 + 1)
    sums = torch.empty_like(squares)
    running = torch.zeros_like(squares[:, 0])
    for c in range(min(reach, channels)):
        running.add_(squares[:, c])
    sums[:, 0] = running
    for c in range(1, channels):
        if c < channels - reach + 1:
            running.add_(squares[:, c + reach - 1])
        if c > reach:
            running.add_(squares[:, c - reach], alpha=-1)
        sums[:, c] = running
    return sums


class CrossMapLRN2d(torch.autograd.Function):
    @staticmethod
    def forward(ctx, input, size, alpha=1e-4, beta=0.75, k=1):
        ctx.size, ctx.alpha, ctx.beta, ctx.k = size, alpha, beta, k
        assert input.dim() == 4
        ctx.scale = _window_sums(torch.pow(input, 2), size).mul_(alpha / size).add_(k)
        output = torch.pow(ctx.scale, -beta).mul_(input)
        ctx.save_for_backward(input, output)
        return output

    @staticmethod
    def backward(ctx, grad_output):
        input, output = ctx.saved_tensors
        size, channels = ctx.size, input.size(1)
        factor = 2 * ctx.alpha * ctx.beta / size
        grad_input = torch.pow(ctx.scale, -ctx.beta).mul_(grad_output)
        ratios = input.new_zeros(channels + size - 1, *input.shape[2:])
        inner = ratios.narrow(0, int(size - (size - 1) / 2), channels)
        for n in range(input.size(0)):
            inner.copy_((grad_output[n] * output[n]).div_(ctx.scale[n]))
            running = torch.sum(ratios.narrow(0, 0, size - 1), 0)
            for c in range(channels):
                running.add_(ratios[c + size - 1])
                grad_input[n][c].addcmul_(input[n][c], running, value=-factor)
                running.add_(ratios[c], alpha=-1)
        return grad_input, None, None, None, None

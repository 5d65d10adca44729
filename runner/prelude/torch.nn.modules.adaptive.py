"""Softmax over many classes: frequent ones in the head, rare ones in clusters of the tail."""

import torch
from torch.nn.functional import log_softmax
from torch.nn.modules.container import ModuleList, Sequential
from torch.nn.modules.linear import Linear
from torch.nn.modules.module import Module


class _ASMoutput(tuple):
    def __new__(cls, output, loss):
        return tuple.__new__(cls, (output, loss))

    output = property(lambda self: self[0])
    loss = property(lambda self: self[1])

    def __repr__(self):
        return f"_ASMoutput(output={self.output!r}, loss={self.loss!r})"


def _are_cutoffs(cutoffs, n_classes):
    increasing = all(a < b for a, b in zip(cutoffs, cutoffs[1:]))
    return increasing and all(int(c) == c and 0 < c < n_classes for c in cutoffs)


class AdaptiveLogSoftmaxWithLoss(Module):
    """Cluster i has the classes between cutoffs i and i + 1 and one place in the head."""

    def __init__(self, in_features, n_classes, cutoffs, div_value=4., head_bias=False,
                 device=None, dtype=None):
        super().__init__()
        cutoffs = list(cutoffs)
        if not _are_cutoffs(cutoffs, n_classes):
            raise ValueError("cutoffs should be a sequence of unique, positive integers sorted in an "
                             "increasing order, where each value is between 1 and n_classes-1")
        self.in_features = in_features
        self.n_classes = n_classes
        self.cutoffs = cutoffs + [n_classes]
        self.div_value = div_value
        self.head_bias = head_bias
        self.shortlist_size = self.cutoffs[0]
        self.n_clusters = len(cutoffs)
        self.head_size = self.shortlist_size + self.n_clusters
        options = {"device": device, "dtype": dtype}
        self.head = Linear(in_features, self.head_size, bias=head_bias, **options)
        self.tail = ModuleList()
        for i, (low, high) in enumerate(self._clusters()):
            inner = int(in_features // div_value ** (i + 1))
            self.tail.append(Sequential(Linear(in_features, inner, bias=False, **options),
                                        Linear(inner, high - low, bias=False, **options)))

    def _clusters(self):
        """The first class of each cluster and the one after its last."""
        return list(zip(self.cutoffs, self.cutoffs[1:]))

    def reset_parameters(self):
        self.head.reset_parameters()
        for cluster in self.tail:
            for layer in cluster:
                layer.reset_parameters()

    def _check_sizes(self, input, target):
        if target.dim() > 1:
            raise RuntimeError("0D or 1D target tensor expected, multi-target not supported")
        if target.dim() == 1 and input.size(0) != target.size(0):
            raise RuntimeError("Input and target should have the same size in the batch dimension.")
        if input.dim() != target.dim() + 1:
            kind = "0D target tensor expects 1D" if target.dim() == 0 else "1D target tensor expects 2D"
            raise RuntimeError(kind + " input tensors, but found inputs with size", input.size())

    def forward(self, input_, target_):
        self._check_sizes(input_, target_)
        single = target_.dim() == 0
        input = input_.unsqueeze(0) if single else input_
        target = target_.unsqueeze(0) if single else target_
        output = input.new_zeros(target.size(0))
        places = target.new_empty(target.size(0))
        known = self._in_head(target, places) + sum(
            self._in_cluster(i, low, high, input, target, output, places)
            for i, (low, high) in enumerate(self._clusters()))
        if known != target.size(0):
            raise RuntimeError(f"Target values should be in [0, {self.n_classes - 1}], but values in "
                               f"range [{target.min().item()}, {target.max().item()}] were found. ")
        head = log_softmax(self.head(input), dim=1)
        output += head.gather(1, places.unsqueeze(1)).squeeze()
        loss = (-output).mean()
        return _ASMoutput(output.squeeze(0) if single else output, loss)

    def _in_head(self, target, places):
        """Sets the places of the targets that the head has itself; how many."""
        mask = (target >= 0) & (target < self.shortlist_size)
        rows = mask.nonzero().squeeze()
        if rows.numel():
            places.index_copy_(0, rows, target[mask])
        return rows.numel()

    def _in_cluster(self, i, low, high, input, target, output, places):
        mask = (target >= low) & (target < high)
        rows = mask.nonzero().squeeze()
        if rows.numel() == 0:
            return 0
        within = target[mask] - low
        logits = self.tail[i](input.index_select(0, rows))
        places.index_fill_(0, rows, self.shortlist_size + i)
        chosen = log_softmax(logits, dim=1).gather(1, within.unsqueeze(1))
        output.index_copy_(0, rows, chosen.squeeze(1))
        return rows.numel()

    def _all_log_probs(self, input, logits):
        out = input.new_empty((logits.size(0), self.n_classes))
        head = log_softmax(logits, dim=1)
        out[:, :self.shortlist_size] = head[:, :self.shortlist_size]
        for i, (low, high) in enumerate(self._clusters()):
            inner = log_softmax(self.tail[i](input), dim=1)
            out[:, low:high] = inner + head[:, self.shortlist_size + i].unsqueeze(1)
        return out

    def log_prob(self, input):
        return self._all_log_probs(input, self.head(input))

    def predict(self, input):
        logits = self.head(input)
        best = torch.argmax(logits, dim=1)
        rare = best >= self.shortlist_size
        if rare.any():
            best[rare] = torch.argmax(self._all_log_probs(input[rare], logits[rare]), dim=1)
        return best

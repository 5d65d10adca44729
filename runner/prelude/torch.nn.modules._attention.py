"""MultiheadAttention."""

import math
import torch
import torch.nn.functional as F
import torch.nn.init as init
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.nn.modules.module import Module
from torch.nn.parameter import Parameter


def _may_be_fused(m, query, key, value, key_padding_mask, attn_mask):
    """Whether PyTorch takes the way without a graph, of which only the result's layout and last digits tell."""
    tensors = [query, *m.parameters()]
    return (query.dim() == 3 and query is key and key is value and not m.training and m.batch_first
            and m._qkv_same_embed_dim and m.in_proj_bias is not None and query.dtype == m.in_proj_bias.dtype
            and m.bias_k is None and not m.add_zero_attn and m.num_heads % 2 == 0 and attn_mask is None
            and not (torch.is_grad_enabled() and any([t.requires_grad for t in tensors])))


def _fused(m, x, key_padding_mask, need_weights, average):
    """Self-attention: the product with all weights first, then their biases, then a factor for the queries."""
    batch, steps, _ = x.shape
    if x.size(2) != m.embed_dim:
        raise RuntimeError(f"passed-in embed_dim {m.embed_dim} didn't match last dim of query {x.size(2)}")
    projected = zip(F.linear(x, m.in_proj_weight).chunk(3, -1), m.in_proj_bias.chunk(3))
    q, k, v = [(t + b).view(batch, steps, m.num_heads, m.head_dim).transpose(1, 2) for t, b in projected]
    scores = (q * (1 / math.sqrt(m.head_dim))).matmul(k.transpose(2, 3))
    if key_padding_mask is not None:
        scores = scores.masked_fill(key_padding_mask.view(batch, 1, 1, steps), float("-inf"))
    weights = scores.softmax(-1)
    output = F.linear(weights.matmul(v).transpose(1, 2).flatten(2), m.out_proj.weight, m.out_proj.bias)
    if not need_weights:
        return output, None
    return output, weights.sum(1) / m.num_heads if average else weights


class MultiheadAttention(Module):
    __constants__ = ["batch_first"]
    __module__ = "torch.nn.modules.activation"

    def __init__(self, embed_dim, num_heads, dropout=0., bias=True, add_bias_kv=False, add_zero_attn=False,
                 kdim=None, vdim=None, batch_first=False, device=None, dtype=None):
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == embed_dim and self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        assert self.head_dim * num_heads == embed_dim, "embed_dim must be divisible by num_heads"
        self._add_weights({"device": device, "dtype": dtype}, bias, add_bias_kv)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _add_weights(self, options, bias, add_bias_kv):
        def new(*size):
            return Parameter(torch.empty(size, **options))
        size = self.embed_dim
        separate = {"q_proj_weight": size, "k_proj_weight": self.kdim, "v_proj_weight": self.vdim}
        if self._qkv_same_embed_dim:
            self.in_proj_weight = new(3 * size, size)
            for name in separate:
                self.register_parameter(name, None)
        else:
            for name, columns in separate.items():
                setattr(self, name, new(size, columns))
            self.register_parameter("in_proj_weight", None)
        self.register_parameter("in_proj_bias", new(3 * size) if bias else None)
        self.out_proj = NonDynamicallyQuantizableLinear(size, size, bias=bias, **options)
        self.bias_k = new(1, 1, size) if add_bias_kv else None
        self.bias_v = new(1, 1, size) if add_bias_kv else None

    def _reset_parameters(self):
        same = self._qkv_same_embed_dim
        for name in ["in_proj_weight"] if same else ["q_proj_weight", "k_proj_weight", "v_proj_weight"]:
            init.xavier_uniform_(getattr(self, name))
        if self.in_proj_bias is not None:
            init.constant_(self.in_proj_bias, 0.)
            init.constant_(self.out_proj.bias, 0.)
        for bias in (self.bias_k, self.bias_v):
            if bias is not None:
                init.xavier_normal_(bias)

    def _transposed(self, query, key, value):
        """The batch in the middle; where key and value are one tensor they stay one."""
        if key is not value:
            return query.transpose(1, 0), key.transpose(1, 0), value.transpose(1, 0)
        q = query.transpose(1, 0)
        k = q if key is query else key.transpose(1, 0)
        return q, k, k

    def forward(self, query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None,
                average_attn_weights=True):
        if key_padding_mask is not None:
            if key_padding_mask.dtype != torch.bool and not key_padding_mask.is_floating_point():
                raise AssertionError("only bool and floating types of key_padding_mask are supported")
        if _may_be_fused(self, query, key, value, key_padding_mask, attn_mask):
            return _fused(self, query, key_padding_mask, need_weights, average_attn_weights)
        swap = self.batch_first and query.dim() == 3
        if swap:
            query, key, value = self._transposed(query, key, value)
        output, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias,
            self.bias_k, self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias,
            training=self.training, key_padding_mask=key_padding_mask, need_weights=need_weights,
            attn_mask=attn_mask, use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight, k_proj_weight=self.k_proj_weight,
            v_proj_weight=self.v_proj_weight, average_attn_weights=average_attn_weights)
        return output.transpose(1, 0) if swap else output, weights

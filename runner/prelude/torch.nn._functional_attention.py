"""Attention of several heads, with the projections around it."""

import math
import torch
import torch._C._nn as _nn
import warnings

_linear = _nn.linear


def _check_ranks(query, key, value, key_padding_mask, attn_mask, num_heads):
    """Whether the query is a batch."""
    rank = query.dim()
    if rank not in (2, 3):
        raise AssertionError("query should be unbatched 2D or batched 3D tensor but received "
                             f"{rank}-D query tensor")
    kind = "batched (3-D)" if rank == 3 else "unbatched (2-D)"
    assert key.dim() == rank and value.dim() == rank, (
        f"For {kind} `query`, expected `key` and `value` to be {rank}-D but found {key.dim()}-D and "
        f"{value.dim()}-D tensors respectively")
    if key_padding_mask is not None:
        assert key_padding_mask.dim() == rank - 1, (
            f"For {kind} `query`, expected `key_padding_mask` to be `None` or {rank - 1}-D but found "
            f"{key_padding_mask.dim()}-D tensor instead")
    if attn_mask is not None:
        assert attn_mask.dim() in (2, 3), (
            f"For {kind} `query`, expected `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.dim()}-D "
            "tensor instead")
        if rank == 2 and attn_mask.dim() == 3:
            expected = (num_heads, query.shape[0], key.shape[0])
            assert attn_mask.shape == expected, f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}"
    return rank == 3


def _in_projection_packed(q, k, v, w, b=None):
    """The three projections; those of the same tensor are one product."""
    size = q.size(-1)
    if k is v and q is k:
        return _linear(q, w, b).chunk(3, dim=-1)
    if k is v:
        parts = [size, size * 2]
        w_q, w_kv = w.split(parts)
        b_q, b_kv = (None, None) if b is None else b.split(parts)
        return (_linear(q, w_q, b_q), *_linear(k, w_kv, b_kv).chunk(2, dim=-1))
    w_q, w_k, w_v = w.chunk(3)
    b_q, b_k, b_v = (None, None, None) if b is None else b.chunk(3)
    return _linear(q, w_q, b_q), _linear(k, w_k, b_k), _linear(v, w_v, b_v)


def _in_projection(q, k, v, w_q, w_k, w_v, b_q=None, b_k=None, b_v=None):
    return _linear(q, w_q, b_q), _linear(k, w_k, b_k), _linear(v, w_v, b_v)


def _check_sizes(query, key, value, embed_dim, num_heads, separate):
    assert query.shape[-1] == embed_dim, (
        f"was expecting embedding dimension of {embed_dim}, but got {query.shape[-1]}")
    head_dim = embed_dim // num_heads
    assert head_dim * num_heads == embed_dim, f"embed_dim {embed_dim} not divisible by num_heads {num_heads}"
    if separate:
        assert key.shape[:2] == value.shape[:2], (
            f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
    else:
        assert key.shape == value.shape, f"key shape {key.shape} does not match value shape {value.shape}"


def _as_bool(mask, name):
    if mask.dtype != torch.uint8:
        return mask
    warnings.warn(f"Byte tensor for {name} in nn.MultiheadAttention is deprecated. Use bool tensor instead.")
    return mask.to(torch.bool)


def _check_attn_mask(mask, heads, steps, sources):
    """The mask with a dimension for batch and heads."""
    if mask.dtype != torch.uint8:
        assert mask.is_floating_point() or mask.dtype == torch.bool, (
            f"Only float, byte, and bool types are supported for attn_mask, not {mask.dtype}")
    mask = _as_bool(mask, "attn_mask")
    if mask.dim() not in (2, 3):
        raise RuntimeError(f"attn_mask's dimension {mask.dim()} is not supported")
    expected = (steps, sources) if mask.dim() == 2 else (heads, steps, sources)
    if mask.shape != expected:
        raise RuntimeError(f"The shape of the {mask.dim()}D attn_mask is {mask.shape}, but should be {expected}.")
    return mask.unsqueeze(0) if mask.dim() == 2 else mask


def _merged(attn_mask, padding, batch, num_heads, sources):
    """Both masks as one."""
    if padding is None:
        return attn_mask
    assert padding.shape == (batch, sources), (
        f"expecting key_padding_mask shape of {(batch, sources)}, but got {padding.shape}")
    padding = padding.view(batch, 1, 1, sources).expand(-1, num_heads, -1, -1).reshape(batch * num_heads, 1, sources)
    if attn_mask is None:
        return padding
    if attn_mask.dtype == torch.bool:
        return attn_mask.logical_or(padding)
    return attn_mask.masked_fill(padding, float("-inf"))


def _widened(mask):
    """By a column, for one more key."""
    return None if mask is None else _nn.pad(mask, (0, 1))


def _by_heads(t, batch, num_heads, head_dim):
    return t.contiguous().view(t.shape[0], batch * num_heads, head_dim).transpose(0, 1)


def _given(t, name, batch, num_heads, head_dim):
    """Keys or values that are given in place of projected ones."""
    expected = batch * num_heads
    assert t.size(0) == expected, f"expecting {name}.size(0) of {expected}, but got {t.size(0)}"
    assert t.size(2) == head_dim, f"expecting {name}.size(2) of {head_dim}, but got {t.size(2)}"
    return t


def _attend(q, k, v, mask, dropout_p):
    """Values weighed by how much each query agrees with each key, and the weights."""
    q, k = q / math.sqrt(q.size(-1)), k.transpose(-2, -1)
    weights = torch.bmm(q, k) if mask is None else torch.baddbmm(mask, q, k)
    weights = weights.softmax(-1)
    if dropout_p > 0.0:
        weights = torch.dropout(weights, dropout_p, True)
    return torch.bmm(weights, v), weights


def multi_head_attention_forward(
        query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k, bias_v,
        add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True, key_padding_mask=None,
        need_weights=True, attn_mask=None, use_separate_proj_weight=False, q_proj_weight=None,
        k_proj_weight=None, v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True):
    batched = _check_ranks(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    steps, batch, embed_dim = query.shape
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    head_dim = embed_dim // num_heads
    if use_separate_proj_weight:
        for name, weight in zip("qkv", (q_proj_weight, k_proj_weight, v_proj_weight)):
            assert weight is not None, f"use_separate_proj_weight is True but {name}_proj_weight is None"
        biases = (None, None, None) if in_proj_bias is None else in_proj_bias.chunk(3)
        q, k, v = _in_projection(query, key, value, q_proj_weight, k_proj_weight, v_proj_weight, *biases)
    else:
        assert in_proj_weight is not None, "use_separate_proj_weight is False but in_proj_weight is None"
        q, k, v = _in_projection_packed(query, key, value, in_proj_weight, in_proj_bias)
    if attn_mask is not None:
        attn_mask = _check_attn_mask(attn_mask, batch * num_heads, steps, key.shape[0])
    if key_padding_mask is not None:
        key_padding_mask = _as_bool(key_padding_mask, "key_padding_mask")
    if bias_k is not None and bias_v is not None:
        assert static_k is None, "bias cannot be added to static key."
        assert static_v is None, "bias cannot be added to static value."
        k = torch.cat([k, bias_k.repeat(1, batch, 1)])
        v = torch.cat([v, bias_v.repeat(1, batch, 1)])
        attn_mask, key_padding_mask = _widened(attn_mask), _widened(key_padding_mask)
    else:
        assert bias_k is None
        assert bias_v is None
    heads = batch, num_heads, head_dim
    q = _by_heads(q, *heads)
    k = _by_heads(k, *heads) if static_k is None else _given(static_k, "static_k", *heads)
    v = _by_heads(v, *heads) if static_v is None else _given(static_v, "static_v", *heads)
    if add_zero_attn:
        shape = batch * num_heads, 1, head_dim
        k = torch.cat([k, torch.zeros(shape, dtype=k.dtype)], dim=1)
        v = torch.cat([v, torch.zeros(shape, dtype=v.dtype)], dim=1)
        attn_mask, key_padding_mask = _widened(attn_mask), _widened(key_padding_mask)
    attn_mask = _merged(attn_mask, key_padding_mask, batch, num_heads, k.size(1))
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=q.dtype).masked_fill_(attn_mask, float("-inf"))
    output, weights = _attend(q, k, v, attn_mask, dropout_p if training else 0.0)
    output = output.transpose(0, 1).contiguous().view(steps * batch, embed_dim)
    output = _linear(output, out_proj_weight, out_proj_bias).view(steps, batch, -1)
    if need_weights:
        weights = weights.view(batch, num_heads, steps, k.size(1))
        weights = weights.sum(dim=1) / num_heads if average_attn_weights else weights
    else:
        weights = None
    if not batched:
        output, weights = output.squeeze(1), None if weights is None else weights.squeeze(0)
    return output, weights

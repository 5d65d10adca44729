"""Losses with a margin."""

import torch
import torch._C._nn as _nn
from torch.nn._reduction import get_enum, enum_of, name_of, check_name, reduced


def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    reduction = enum_of(size_average, reduce, reduction)
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError(f"margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: {input1.size()}, input2: {input2.size()}, target: {target.size()} ")
    return torch.margin_ranking_loss(input1, input2, target, margin, reduction)


def hinge_embedding_loss(input, target, margin=1., size_average=None, reduce=None, reduction="mean"):
    return torch.hinge_embedding_loss(input, target, margin, enum_of(size_average, reduce, reduction))


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return _nn.soft_margin_loss(input, target, enum_of(size_average, reduce, reduction))


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return _nn.multilabel_margin_loss(input, target, enum_of(size_average, reduce, reduction))


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    reduction = name_of(size_average, reduce, reduction)
    loss = -(target * _nn.log_sigmoid(input) + (1 - target) * _nn.log_sigmoid(-input))
    if weight is not None:
        loss = loss * weight
    class_dim = input.dim() - 1
    loss = loss.sum(dim=class_dim) / input.size(class_dim)
    check_name(reduction)
    return reduced(loss, reduction)


def multi_margin_loss(input, target, p=1, margin=1., weight=None, size_average=None, reduce=None, reduction="mean"):
    reduction = enum_of(size_average, reduce, reduction)
    if p != 1 and p != 2:
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    return _nn.multi_margin_loss(input, target, p, margin, weight, reduction)


def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    return torch.cosine_embedding_loss(input1, input2, target, margin, enum_of(size_average, reduce, reduction))


def triplet_margin_loss(anchor, positive, negative, margin=1., p=2, eps=1e-6, swap=False, size_average=None, reduce=None, reduction="mean"):
    return torch.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, enum_of(size_average, reduce, reduction))


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1., swap=False, reduction="mean"):
    distance = torch.pairwise_distance if distance_function is None else distance_function
    near = distance(anchor, positive)
    far = distance(anchor, negative)
    if swap:
        far = torch.min(far, distance(positive, negative))
    loss = torch.clamp(near - far + margin, min=0.0)
    get_enum(reduction)
    return reduced(loss, reduction)

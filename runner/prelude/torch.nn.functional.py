"""torch.nn.functional: a thin layer over the operators of torch and torch._C._nn.

Its functions stand in files by families, each read when one of its names is first asked
for. Some are operators as they stand.
"""

import math
import torch.nn
import torch._C._VariableFunctions as _VF
import torch._C._nn as _nn

_families = {
    "dropout": "dropout alpha_dropout feature_alpha_dropout dropout1d dropout2d dropout3d",
    "activation": "threshold relu glu hardtanh relu6 elu selu celu leaky_relu rrelu "
                  "tanhshrink softsign tanh sigmoid hardsigmoid silu mish hardswish "
                  "softmax softmin log_softmax gumbel_softmax _get_softmax_dim",
    "attention": "multi_head_attention_forward _in_projection _in_projection_packed",
    "embedding": "embedding embedding_bag _no_grad_embedding_renorm_",
    "norm": "batch_norm instance_norm layer_norm group_norm local_response_norm normalize "
            "_verify_batch_size",
    "loss": "l1_loss mse_loss smooth_l1_loss huber_loss nll_loss cross_entropy "
            "binary_cross_entropy binary_cross_entropy_with_logits kl_div poisson_nll_loss "
            "gaussian_nll_loss ctc_loss",
    "margin": "margin_ranking_loss hinge_embedding_loss soft_margin_loss "
              "multilabel_margin_loss multilabel_soft_margin_loss multi_margin_loss "
              "cosine_embedding_loss triplet_margin_loss triplet_margin_with_distance_loss",
    "pool": "max_pool1d max_pool2d max_pool3d max_pool1d_with_indices "
            "max_pool2d_with_indices max_pool3d_with_indices adaptive_max_pool1d "
            "adaptive_max_pool2d adaptive_max_pool3d adaptive_max_pool1d_with_indices "
            "adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices "
            "adaptive_avg_pool2d adaptive_avg_pool3d max_unpool1d max_unpool2d "
            "max_unpool3d lp_pool1d lp_pool2d",
    "vision": "unfold fold interpolate upsample upsample_nearest upsample_bilinear "
              "grid_sample affine_grid",
}
_of_torch = (
    "relu_ selu_ celu_ rrelu_ threshold_ prelu hardshrink bilinear pairwise_distance pdist "
    "cosine_similarity conv1d conv2d conv3d conv_transpose1d conv_transpose2d "
    "conv_transpose3d avg_pool1d adaptive_avg_pool1d pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle")
_of_nn = (
    "avg_pool2d avg_pool3d elu_ hardtanh_ leaky_relu_ gelu softplus softshrink linear one_hot pad "
    "_scaled_dot_product_attention")


def _names():
    listed = list(_families.values()) + [_of_torch, _of_nn, "logsigmoid"]
    found = [name for names in listed for name in names.split()] + list(globals())
    return [name for name in found if not name.startswith("_")]


def __getattr__(name):
    if name == "__all__":  # PyTorch has none: there all names are variables
        return _names()
    for family, names in _families.items():
        if name in names.split():
            return getattr(getattr(torch.nn, "_functional_" + family), name)
    if name == "logsigmoid":
        return _nn.log_sigmoid
    if name in _of_nn.split():
        return getattr(_nn, name)
    if name in _of_torch.split():
        return getattr(_VF, name)
    raise AttributeError(f"module 'torch.nn.functional' has no attribute '{name}'")

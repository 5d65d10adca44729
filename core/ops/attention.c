/* Attention: values weighed by the products of queries and keys.  Composed as PyTorch
 * composes it, for the graph shows it.  Source: transformers/attention.cpp. */
#include "ops.h"

#include <math.h>

/* What is added to the scores: a mask of bools as 0 and -inf. */
static Tensor *attention_mask(Ctx *c, Call *k, const Tensor *query, const Tensor *key) {
    Tensor *mask = call_tensor(k, 3);
    if (call_bool(k, 6)) {
        int64_t sizes[2] = {query->sizes[query->ndim - 2], key->sizes[key->ndim - 2]};
        mask = t_tril(c, t_ones(c, 2, sizes, DT_bool), 0);
    }
    if (!mask || mask->dtype != DT_bool) return mask;
    Tensor *zeros = t_zeros(c, mask->ndim, mask->sizes, (DType)query->dtype);
    return t_masked_fill_scalar_(c, zeros, t_logical_not(c, mask),
                                 value_float(-INFINITY));
}

/* softmax(query key^T / sqrt(e) + mask) value and the weights; query [..., l, e], key
 * [..., s, e], value [..., s, v] -> [..., l, v], [..., l, s]. */
static Value attention_forward(Ctx *c, Call *k) {
    Tensor *query = call_tensor(k, 0), *key = call_tensor(k, 1);
    if (call_bool(k, 6) && call_tensor(k, 3))
        return value_raise(c, RuntimeError,
                           "_scaled_dot_product_attention: Explicit attn_mask should "
                           "not be set when is_causal=True");
    if (shape_size_dim(c, -1, query->ndim) < 0) return value_null();
    double width = query->ndim ? (double)query->sizes[query->ndim - 1] : 1;
    query = t_mul_scalar(c, query, value_float(1 / sqrt(width)));
    if (call_bool(k, 6) && (shape_size_dim(c, -2, query->ndim) < 0 ||
                            shape_size_dim(c, -2, key->ndim) < 0))
        return value_null();
    Tensor *mask = query ? attention_mask(c, k, query, key) : NULL;
    Tensor *scores = t_matmul(c, query, t_transpose(c, key, -2, -1));
    if (mask) scores = t_add_(c, scores, mask);
    Tensor *weights = t_softmax(c, scores, -1);
    double p = call_float(k, 4);
    if (p > 0) weights = t_dropout(c, weights, p, true);
    Tensor *both[2] = {t_matmul(c, weights, call_tensor(k, 2)), weights};
    return return_tuple(c, NULL, 2, both);
}
static const OpDef op_attention = {
    .schema =
        "_scaled_dot_product_attention(Tensor query, Tensor key, Tensor value, "
        "Tensor? attn_mask=None, float dropout_p=0., bool need_attn_weights=False, "
        "bool is_causal=False) -> (Tensor, Tensor)",
    .doc =
        "Values weighed by how much each query agrees with each key, and the weights.",
    .forms = OP_NN,
    .traits = OP_COMPOSITE,
    .forward = attention_forward,
};

const OpDef *const attention_ops[] = {
    &op_attention,
    NULL,
};

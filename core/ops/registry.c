/* The families of operators.  A family file ends with its list; its name stands here,
 * in both lists. */
#include "core/op.h"

extern const OpDef *const activation_ops[];
extern const OpDef *const activation_pairs_ops[];
extern const OpDef *const activation_smooth_ops[];
extern const OpDef *const adaptive_pool_ops[];
extern const OpDef *const addr_ops[];
extern const OpDef *const arith_ops[];
extern const OpDef *const as_strided_ops[];
extern const OpDef *const attention_ops[];
extern const OpDef *const avg_pool_ops[];
extern const OpDef *const batch_norm_ops[];
extern const OpDef *const cast_copy_ops[];
extern const OpDef *const choose_ops[];
extern const OpDef *const compare_ops[];
extern const OpDef *const conv_ops[];
extern const OpDef *const convolution_ops[];
extern const OpDef *const create_ops[];
extern const OpDef *const create_range_ops[];
extern const OpDef *const ctc_ops[];
extern const OpDef *const counts_ops[];
extern const OpDef *const correlation_ops[];
extern const OpDef *const cumulative_ops[];
extern const OpDef *const diagonals_ops[];
extern const OpDef *const dims_ops[];
extern const OpDef *const distance_ops[];
extern const OpDef *const division_ops[];
extern const OpDef *const dropout_ops[];
extern const OpDef *const einsum_ops[];
extern const OpDef *const embedding_ops[];
extern const OpDef *const embedding_bag_ops[];
extern const OpDef *const exponential_ops[];
extern const OpDef *const extremes_ops[];
extern const OpDef *const fold_ops[];
extern const OpDef *const frexp_ops[];
extern const OpDef *const fused_ops[];
extern const OpDef *const gather_ops[];
extern const OpDef *const grid_ops[];
extern const OpDef *const group_norm_ops[];
extern const OpDef *const grid_sample_ops[];
extern const OpDef *const histogram_ops[];
extern const OpDef *const histogramdd_ops[];
extern const OpDef *const index_ops[];
extern const OpDef *const index_parts_ops[];
extern const OpDef *const integrate_ops[];
extern const OpDef *const join_ops[];
extern const OpDef *const layer_norm_ops[];
extern const OpDef *const linalg_cholesky_ops[];
extern const OpDef *const linalg_det_ops[];
extern const OpDef *const linalg_eigh_ops[];
extern const OpDef *const linalg_householder_ops[];
extern const OpDef *const linalg_ldl_ops[];
extern const OpDef *const linalg_lstsq_ops[];
extern const OpDef *const linalg_lu_ops[];
extern const OpDef *const linalg_solve_ops[];
extern const OpDef *const linalg_matrix_ops[];
extern const OpDef *const linalg_norm_ops[];
extern const OpDef *const linalg_qr_ops[];
extern const OpDef *const linalg_svd_ops[];
extern const OpDef *const logic_ops[];
extern const OpDef *const loss_ops[];
extern const OpDef *const loss_entropy_ops[];
extern const OpDef *const loss_margin_ops[];
extern const OpDef *const loss_nll_ops[];
extern const OpDef *const masked_ops[];
extern const OpDef *const matmul_ops[];
extern const OpDef *const max_pool_ops[];
extern const OpDef *const max_unpool_ops[];
extern const OpDef *const mm_ops[];
extern const OpDef *const multi_dot_ops[];
extern const OpDef *const multinomial_ops[];
extern const OpDef *const nonzero_ops[];
extern const OpDef *const order_ops[];
extern const OpDef *const pack_ops[];
extern const OpDef *const pad_ops[];
extern const OpDef *const pairs_ops[];
extern const OpDef *const part_scatter_ops[];
extern const OpDef *const polynomials_ops[];
extern const OpDef *const power_ops[];
extern const OpDef *const products_ops[];
extern const OpDef *const quantile_ops[];
extern const OpDef *const random_create_ops[];
extern const OpDef *const random_ops[];
extern const OpDef *const real_ops[];
extern const OpDef *const rearrange_ops[];
extern const OpDef *const reduce_into_ops[];
extern const OpDef *const reduce_ops[];
extern const OpDef *const rounding_ops[];
extern const OpDef *const row_distance_ops[];
extern const OpDef *const search_ops[];
extern const OpDef *const segment_ops[];
extern const OpDef *const set_data_ops[];
extern const OpDef *const slicing_ops[];
extern const OpDef *const softmax_ops[];
extern const OpDef *const sizes_ops[];
extern const OpDef *const sort_ops[];
extern const OpDef *const special_ops[];
extern const OpDef *const special_bessel_ops[];
extern const OpDef *const special_normal_ops[];
extern const OpDef *const split_ops[];
extern const OpDef *const stats_ops[];
extern const OpDef *const take_ops[];
extern const OpDef *const trig_ops[];
extern const OpDef *const upsample_ops[];
extern const OpDef *const unique_ops[];
extern const OpDef *const vector_norm_ops[];
extern const OpDef *const view_ops[];
extern const OpDef *const view_dtype_ops[];
extern const OpDef *const weight_norm_ops[];

/* One a line, so that two additions do not meet. */
/* clang-format off */
const OpDef *const *const op_families[] = {
    activation_ops,
    activation_pairs_ops,
    activation_smooth_ops,
    adaptive_pool_ops,
    addr_ops,
    arith_ops,
    as_strided_ops,
    attention_ops,
    avg_pool_ops,
    batch_norm_ops,
    cast_copy_ops,
    choose_ops,
    compare_ops,
    conv_ops,
    convolution_ops,
    create_ops,
    create_range_ops,
    ctc_ops,
    counts_ops,
    correlation_ops,
    cumulative_ops,
    diagonals_ops,
    dims_ops,
    distance_ops,
    division_ops,
    dropout_ops,
    einsum_ops,
    embedding_ops,
    embedding_bag_ops,
    exponential_ops,
    extremes_ops,
    fold_ops,
    frexp_ops,
    fused_ops,
    gather_ops,
    grid_ops,
    group_norm_ops,
    grid_sample_ops,
    histogram_ops,
    histogramdd_ops,
    index_ops,
    index_parts_ops,
    integrate_ops,
    join_ops,
    layer_norm_ops,
    linalg_cholesky_ops,
    linalg_det_ops,
    linalg_eigh_ops,
    linalg_householder_ops,
    linalg_ldl_ops,
    linalg_lstsq_ops,
    linalg_lu_ops,
    linalg_solve_ops,
    linalg_matrix_ops,
    linalg_norm_ops,
    linalg_qr_ops,
    linalg_svd_ops,
    logic_ops,
    loss_ops,
    loss_entropy_ops,
    loss_margin_ops,
    loss_nll_ops,
    masked_ops,
    matmul_ops,
    max_pool_ops,
    max_unpool_ops,
    mm_ops,
    multi_dot_ops,
    multinomial_ops,
    nonzero_ops,
    order_ops,
    pack_ops,
    pad_ops,
    pairs_ops,
    part_scatter_ops,
    polynomials_ops,
    power_ops,
    products_ops,
    quantile_ops,
    random_create_ops,
    random_ops,
    real_ops,
    rearrange_ops,
    reduce_into_ops,
    reduce_ops,
    rounding_ops,
    row_distance_ops,
    search_ops,
    segment_ops,
    set_data_ops,
    slicing_ops,
    softmax_ops,
    sizes_ops,
    sort_ops,
    special_ops,
    special_bessel_ops,
    special_normal_ops,
    split_ops,
    stats_ops,
    take_ops,
    trig_ops,
    upsample_ops,
    unique_ops,
    vector_norm_ops,
    view_dtype_ops,
    weight_norm_ops,
    view_ops,
    NULL,
};
/* clang-format on */

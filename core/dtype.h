/* dtype: the element types, their names in PyTorch's texts, and type promotion.
 *
 * Columns of DTYPES: identifier (torch.<id>), C type that holds one element, name in
 * "expected scalar type Float", name in "value cannot be converted to type uint8",
 * category.  float16 and bfloat16 are held as their bits.
 */
#ifndef CORE_DTYPE_H
#define CORE_DTYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint16_t bits;
} Half;
typedef struct {
    uint16_t bits;
} BFloat16;

#define DTYPES(X)                                                                      \
    X(uint8, uint8_t, Byte, "uint8_t", DTYPE_INTEGER)                                  \
    X(int8, int8_t, Char, "int8_t", DTYPE_INTEGER)                                     \
    X(int16, int16_t, Short, "int16_t", DTYPE_INTEGER)                                 \
    X(int32, int32_t, Int, "int", DTYPE_INTEGER)                                       \
    X(int64, int64_t, Long, "int64_t", DTYPE_INTEGER)                                  \
    X(float16, Half, Half, "at::Half", DTYPE_FLOATING)                                 \
    X(float32, float, Float, "float", DTYPE_FLOATING)                                  \
    X(float64, double, Double, "double", DTYPE_FLOATING)                               \
    X(bool, bool, Bool, "bool", DTYPE_BOOL)                                            \
    X(bfloat16, BFloat16, BFloat16, "at::BFloat16", DTYPE_FLOATING)

typedef enum DTypeCategory { DTYPE_BOOL, DTYPE_INTEGER, DTYPE_FLOATING } DTypeCategory;

typedef enum DType {
#define X(id, ctype, scalar, cpp, category) DT_##id,
    DTYPES(X)
#undef X
        DTYPE_COUNT,
    DT_none = -1
} DType;

extern const unsigned char dtype_sizes[DTYPE_COUNT];
static inline size_t dtype_size(DType d) { /* bytes of an element */
    return dtype_sizes[d];
}
const char *dtype_name(DType d);        /* "float32" */
const char *dtype_scalar_name(DType d); /* "Float" */
const char *dtype_type_name(DType d);   /* "long int", "c10::Half" */
const char *dtype_cpp_name(DType d);    /* "float" */
DTypeCategory dtype_category(DType d);
static inline bool dtype_is_floating(DType d) {
    return dtype_category(d) == DTYPE_FLOATING;
}
/* Integer in PyTorch's sense: bool only when `with_bool`. */
bool dtype_is_integral(DType d, bool with_bool);
/* torch.can_cast: float to int is no, int to float is yes, nothing to bool. */
bool dtype_can_cast(DType from, DType to);
/* torch.promote_types. */
DType dtype_promote(DType a, DType b);

/* Round to nearest, ties to even; subnormals, infinities and nan kept. */
float half_to_float(Half h);
Half half_from_float(float f);
Half half_from_double(double d); /* through float, as PyTorch does */
float bfloat16_to_float(BFloat16 b);
BFloat16 bfloat16_from_float(float f);
/* The nearest number of the smaller type. */
static inline float half_rounded(float f) {
    return half_to_float(half_from_float(f));
}
static inline float bfloat16_rounded(float f) {
    return bfloat16_to_float(bfloat16_from_float(f));
}

#endif

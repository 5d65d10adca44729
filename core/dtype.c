/* See dtype.h. Promotion follows the lattice of PyTorch's documentation of tensor
 * attributes: a category beats the lower one, sizes decide within a category. */
#include "dtype.h"

#include <string.h>

static const struct {
    const char *name, *scalar, *cpp;
    size_t size;
    DTypeCategory category;
} infos[DTYPE_COUNT] = {
#define X(id, ctype, scalar, cpp, category)                                            \
    {#id, #scalar, cpp, sizeof(ctype), category},
    DTYPES(X)
#undef X
};

const unsigned char dtype_sizes[DTYPE_COUNT] = {
#define X(id, ctype, scalar, cpp, category) sizeof(ctype),
    DTYPES(X)
#undef X
};

const char *dtype_name(DType d) {
    return infos[d].name;
}
const char *dtype_scalar_name(DType d) {
    return infos[d].scalar;
}
const char *dtype_type_name(DType d) {
    static const char *const names[DTYPE_COUNT] = {
        [DT_uint8] = "unsigned char", [DT_int8] = "signed char",
        [DT_int16] = "short int",     [DT_int32] = "int",
        [DT_int64] = "long int",      [DT_float16] = "c10::Half",
        [DT_float32] = "float",       [DT_float64] = "double",
        [DT_bool] = "bool",           [DT_bfloat16] = "c10::BFloat16",
    };
    return names[d];
}

const char *dtype_cpp_name(DType d) {
    return infos[d].cpp;
}
DTypeCategory dtype_category(DType d) {
    return infos[d].category;
}

bool dtype_is_integral(DType d, bool with_bool) {
    DTypeCategory cat = infos[d].category;
    return cat == DTYPE_INTEGER || (with_bool && cat == DTYPE_BOOL);
}

bool dtype_can_cast(DType from, DType to) {
    if (dtype_is_floating(from) && !dtype_is_floating(to)) return false;
    return from == DT_bool || to != DT_bool;
}

DType dtype_promote(DType a, DType b) {
    if (a == b) return a;
    if (infos[a].category != infos[b].category)
        return infos[a].category > infos[b].category ? a : b;
    if (infos[a].category == DTYPE_FLOATING) {
        if (infos[a].size == infos[b].size) return DT_float32; /* half with bfloat16 */
        return infos[a].size > infos[b].size ? a : b;
    }
    if (a == DT_uint8 || b == DT_uint8) {
        DType other = a == DT_uint8 ? b : a;
        return other == DT_int8 ? DT_int16 : other;
    }
    return infos[a].size > infos[b].size ? a : b;
}

static float float_from_bits(uint32_t bits) {
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static uint32_t float_to_bits(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return bits;
}

float half_to_float(Half h) {
    uint32_t sign = (uint32_t)(h.bits & 0x8000) << 16;
    uint32_t exponent = (h.bits >> 10) & 31, fraction = h.bits & 0x3FF;
    if (exponent == 31) return float_from_bits(sign | 0x7F800000 | fraction << 13);
    if (exponent)
        return float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
    float tiny = (float)fraction * 0x1p-24f;
    return sign ? -tiny : tiny;
}

Half half_from_float(float f) {
    uint32_t bits = float_to_bits(f), sign = bits >> 16 & 0x8000;
    uint32_t magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return (Half){(uint16_t)(sign | 0x7E00)};
    if (magnitude >= 0x477FF000) return (Half){(uint16_t)(sign | 0x7C00)};
    if (magnitude < 0x38800000) { /* subnormal: let the adder round at 2^-24 */
        float scaled = float_from_bits(magnitude) + 0.5f;
        return (Half){(uint16_t)(sign | (float_to_bits(scaled) - 0x3F000000))};
    }
    uint32_t odd = magnitude >> 13 & 1;
    uint32_t rounded = magnitude - 0x38000000 + 0xFFF + odd;
    return (Half){(uint16_t)(sign | rounded >> 13)};
}

Half half_from_double(double d) {
    return half_from_float((float)d);
}

float bfloat16_to_float(BFloat16 b) {
    return float_from_bits((uint32_t)b.bits << 16);
}

BFloat16 bfloat16_from_float(float f) {
    uint32_t bits = float_to_bits(f);
    if (f != f) return (BFloat16){0x7FC0};
    return (BFloat16){(uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16)};
}

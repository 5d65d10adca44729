/* dtype, device, layout and memory format objects, and the classes torch.Tensor,
 * torch.Size and the like: their text, attributes and constructors. */
#include "runner/evaluate/constructors.h"
#include "runner/evaluate/state.h"
#include "runner/torch/tensor_data.h"
#include "runner/torch/torch_values.h"
#include "runner/values/sequences.h"
#include "runner/values/slice.h"
#include "runner/values/types.h"

#include <inttypes.h>
#include <string.h>

/* ---- torch.dtype ---- */

static void dtype_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_printf(out, "torch.%s", dtype_name(v.as.dtype));
}
static Value dtype_attr(Ctx *c, Value v, Str *name) {
    (void)c;
    if (str_equals(name, "is_floating_point"))
        return value_bool(dtype_is_floating(v.as.dtype));
    if (str_equals(name, "is_complex")) return value_bool(false);
    if (str_equals(name, "is_signed"))
        return value_bool(v.as.dtype != DT_uint8 && v.as.dtype != DT_bool);
    return value_null();
}
static Value dtype_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    return equality_answer(op, a.tag == b.tag && a.as.dtype == b.as.dtype);
}
static bool dtype_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = (uint64_t)v.as.dtype + 1000;
    return true;
}
const TypeOps dtype_ops = {.repr = dtype_repr,
                           .get_attr = dtype_attr,
                           .compare = dtype_compare,
                           .hash = dtype_hash};

/* ---- torch.device ---- */

static const char *device_name(Value v) {
    static const char *const names[] = {"cpu", "cuda", "meta"};
    return names[v.as.device.kind];
}
static void device_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_printf(out, "device(type='%s'", device_name(v));
    if (v.as.device.index >= 0) buf_printf(out, ", index=%" PRId32, v.as.device.index);
    buf_putc(out, ')');
}
static void device_text(Ctx *c, Buf *out, Value v) {
    (void)c;
    buf_puts(out, device_name(v));
    if (v.as.device.index >= 0) buf_printf(out, ":%" PRId32, v.as.device.index);
}
static Value device_attr(Ctx *c, Value v, Str *name) {
    if (str_equals(name, "type"))
        return value_obj(pool_add(c, str_from(c, device_name(v))));
    if (str_equals(name, "index"))
        return v.as.device.index < 0 ? value_none() : value_int(v.as.device.index);
    return value_null();
}
static Value device_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    return equality_answer(op, a.tag == b.tag && a.as.device.kind == b.as.device.kind &&
                                   a.as.device.index == b.as.device.index);
}
static bool device_hash(Ctx *c, Value v, uint64_t *out) {
    (void)c;
    *out = (uint64_t)v.as.device.kind * 64 + (uint64_t)(v.as.device.index + 1);
    return true;
}
const TypeOps device_ops = {.repr = device_repr,
                            .text = device_text,
                            .get_attr = device_attr,
                            .compare = device_compare,
                            .hash = device_hash};

/* ---- torch.layout, torch.memory_format ---- */

static void layout_repr(Ctx *c, Buf *out, Value v) {
    (void)c, (void)v;
    buf_puts(out, "torch.strided");
}
static Value layout_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    return equality_answer(op, a.tag == b.tag);
}
const TypeOps layout_ops = {.repr = layout_repr, .compare = layout_compare};

static void format_repr(Ctx *c, Buf *out, Value v) {
    (void)c;
    static const char *const names[] = {"contiguous_format", "preserve_format",
                                        "channels_last", "channels_last_3d"};
    buf_printf(out, "torch.%s", names[v.as.format]);
}
static Value format_compare(Ctx *c, CompareOp op, Value a, Value b) {
    (void)c;
    return equality_answer(op, a.tag == b.tag && a.as.format == b.as.format);
}
const TypeOps memory_format_ops = {.repr = format_repr, .compare = format_compare};

/* ---- torch.Size ---- */

Value torch_size_make(Interp *in, Class *cls, const Args *args) {
    (void)cls;
    Ctx *c = in->c;
    if (args->n == 0) return value_obj(pool_add(c, size_new(c, 0, NULL)));
    if (args->n > 1)
        return value_raise(c, TypeError, "tuple expected at most 1 argument, got %zu",
                           args->n);
    List *l = value_to_list(c, args->pos[0]);
    if (!l) return value_null();
    for (size_t i = 0; i < l->n; i++) {
        const Tensor *t = value_tensor(l->items[i]);
        if (t && t->numel == 1 && !dtype_is_floating((DType)t->dtype))
            value_set(c, &l->items[i], tensor_item(c, t));
        if (l->items[i].tag != VAL_INT)
            return value_raise(
                c, TypeError,
                "torch.Size() takes an iterable of 'int' (item %zu is '%s')", i,
                type_name(l->items[i]));
    }
    return value_obj(pool_add(c, tuple_new(c, &size_kind, l->n, l->items)));
}

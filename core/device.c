/* See device.h. */
#include "device.h"

#include <string.h>

/* In the order of PyTorch's message; the engine has values for three of them. */
static const struct DeviceType {
    const char *name;
    bool known;
    DeviceKind kind;
} device_types[] = {
    {"cpu", true, DEVICE_CPU},         {"cuda", true, DEVICE_CUDA},
    {"ipu", .known = false},           {"xpu", .known = false},
    {"mkldnn", .known = false},        {"opengl", .known = false},
    {"opencl", .known = false},        {"ideep", .known = false},
    {"hip", .known = false},           {"ve", .known = false},
    {"fpga", .known = false},          {"ort", .known = false},
    {"xla", .known = false},           {"lazy", .known = false},
    {"vulkan", .known = false},        {"mps", .known = false},
    {"meta", true, DEVICE_META},       {"hpu", .known = false},
    {"privateuseone", .known = false},
};
enum { DEVICE_TYPES = sizeof device_types / sizeof *device_types };

static bool is_letter(char ch) {
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
}

static bool invalid(Ctx *c, const char *text, size_t n) {
    error_raise(c, RuntimeError, "Invalid device string: '%.*s'", (int)n, text);
    return false;
}

static bool unknown_type(Ctx *c, const char *text, size_t n) {
    Buf b;
    buf_init(&b, &c->mem);
    buf_puts(&b, "Expected one of ");
    for (size_t i = 0; i < DEVICE_TYPES; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", device_types[i].name);
    buf_puts(&b, " device type at start of device string: ");
    buf_add(&b, text, n);
    if (b.failed)
        error_raise(c, MemoryError, "%s", "");
    else
        error_raise_text(c, RuntimeError, b.data, b.len);
    buf_free(&b);
    return false;
}

/* ":0", ":12", no leading zero; *index is -1 without one. */
static bool read_index(Ctx *c, const char *text, size_t n, size_t at, int32_t *index) {
    *index = -1;
    if (at == n) return true;
    bool leading_zero = n - at > 2 && text[at + 1] == '0';
    if (text[at] != ':' || at + 1 == n || leading_zero) return invalid(c, text, n);
    int64_t value = 0;
    for (size_t i = at + 1; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return invalid(c, text, n);
        if (value <= INT32_MAX) value = value * 10 + (text[i] - '0');
    }
    if (value > INT32_MAX) {
        error_raise(c, RuntimeError,
                    "Could not parse device index '%.*s' in device string '%.*s'",
                    (int)(n - at - 1), text + at + 1, (int)n, text);
        return false;
    }
    *index = (int8_t)value; /* PyTorch keeps eight bits */
    return true;
}

bool device_parse(Ctx *c, const char *text, size_t n, Value *out) {
    if (n == 0) {
        error_raise(c, RuntimeError, "Device string must not be empty");
        return false;
    }
    size_t name_len = 0;
    while (name_len < n && is_letter(text[name_len])) name_len++;
    int32_t index;
    if (name_len == 0) return invalid(c, text, n);
    if (!read_index(c, text, n, name_len, &index)) return false;
    for (size_t i = 0; i < DEVICE_TYPES; i++) {
        const struct DeviceType *t = &device_types[i];
        if (strlen(t->name) != name_len || memcmp(t->name, text, name_len) != 0)
            continue;
        *out = value_device(t->kind, index);
        if (t->known) return true;
        error_raise(c, NotImplementedError, "there are no devices of type %s here",
                    t->name);
        return false;
    }
    return unknown_type(c, text, name_len);
}

bool device_from_index(Ctx *c, int64_t index, Value *out) {
    if (index < 0) {
        error_raise(c, RuntimeError, "Device index must not be negative");
        return false;
    }
    *out = value_device(DEVICE_CUDA, (int8_t)index);
    return true;
}

bool device_check(Ctx *c, Value device) {
    if (device.tag != VAL_DEVICE || device.as.device.kind != DEVICE_CUDA) return true;
    error_raise(c, AssertionError, "Torch not compiled with CUDA enabled");
    return false;
}

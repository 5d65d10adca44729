/* See json_text.h. */
#include "runner/report/json_text.h"

#include "runner/report/shown.h"

#include <string.h>

void json_set_bytes(Mem *mem, json_t *object, const char *key, const char *text,
                    size_t n) {
    if (!text) return;
    json_t *value = json_stringn(text, n);
    if (!value) {
        Buf shown;
        buf_init(&shown, mem);
        show_text(&shown, text, n);
        value = json_stringn(buf_text(&shown), shown.len);
        buf_free(&shown);
    }
    json_object_set_new(object, key, value);
}

void json_set_text(Mem *mem, json_t *object, const char *key, const char *text) {
    if (text) json_set_bytes(mem, object, key, text, strlen(text));
}

void json_set_count(json_t *object, const char *key, uint64_t count) {
    json_object_set_new(object, key, json_integer((json_int_t)count));
}

static int add_bytes(const char *bytes, size_t n, void *data) {
    Buf *out = data;
    buf_add(out, bytes, n);
    return out->failed ? -1 : 0;
}

void json_put(Buf *out, json_t *value, size_t jansson_flags) {
    if (json_dump_callback(value, add_bytes, out, jansson_flags | JSON_ENSURE_ASCII))
        out->failed = true;
    buf_putc(out, '\n');
    json_decref(value);
}

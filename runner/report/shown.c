/* See shown.h. */
#include "runner/report/shown.h"

/* No control, nothing that turns the direction of what follows or begins a line, and
 * what XML takes. */
static bool is_safe(uint32_t cp) {
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0)) return false;
    if (cp == 0x200E || cp == 0x200F || cp == 0x61C || cp == 0xFEFF) return false;
    if (cp == 0xFFFE || cp == 0xFFFF) return false;
    return !((cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069));
}

/* "##[group]" anywhere in a line, "##vso[...]" and their like are commands to machines
 * that run builds. */
static bool is_command(const char *text, const char *end) {
    if (end - text < 3 || text[0] != '#' || text[1] != '#') return false;
    for (text += 2; text < end && *text >= 'a' && *text <= 'z';) text++;
    return text < end && *text == '[';
}

size_t show_char(Buf *out, const char **text, const char *end) {
    uint32_t cp;
    size_t before = out->len;
    int n = utf8_decode(*text, (size_t)(end - *text), &cp);
    if (n && is_safe(cp) && !is_command(*text, end)) {
        buf_add(out, *text, (size_t)n);
        *text += n;
        return 1;
    }
    if (n && cp > 0xFF)
        buf_printf(out, "\\u%04x", (unsigned)cp);
    else
        buf_printf(out, "\\x%02x", n ? (unsigned)cp : (unsigned char)**text);
    *text += n ? n : 1;
    return out->len - before;
}

void show_text(Buf *out, const char *text, size_t n) {
    for (const char *end = text + n; text < end;) show_char(out, &text, end);
}

void show_start(Buf *out, const char *text, size_t n, size_t most) {
    const char *end = text + n;
    for (size_t columns = 0; text < end && columns < most;)
        columns += show_char(out, &text, end);
    if (text < end) buf_puts(out, "…");
}

void show_colour(Buf *out, bool on, Colour colour) {
    static const char *const codes[] = {"0", "1;31", "32", "33", "31", "32", "2", "1"};
    if (on) buf_printf(out, "\x1b[%sm", codes[colour]);
}

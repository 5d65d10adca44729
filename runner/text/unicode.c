/* See unicode.h. */
#include "runner/text/unicode.h"

#include "runner/text/unicode_data.h"

#include <string.h>

typedef UnicodeRange Range;

static bool in_ranges(const Range *r, size_t n, uint32_t cp) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (cp > r[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && cp >= r[low].first;
}
#define IN_RANGES(table, cp) in_ranges(table, sizeof(table) / sizeof *(table), cp)

/* Categories Cc, Cf, Cs, Co, Zl, Zp, Zs, apart from the blank. */
static const Range unprintable[] = {
    {0x0, 0x1F},        {0x7F, 0xA0},        {0xAD, 0xAD},       {0x600, 0x605},
    {0x61C, 0x61C},     {0x6DD, 0x6DD},      {0x70F, 0x70F},     {0x890, 0x891},
    {0x8E2, 0x8E2},     {0x1680, 0x1680},    {0x180E, 0x180E},   {0x2000, 0x200F},
    {0x2028, 0x202F},   {0x205F, 0x206F},    {0x3000, 0x3000},   {0xD800, 0xF8FF},
    {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},    {0xFFFE, 0xFFFF},   {0x110BD, 0x110BD},
    {0x110CD, 0x110CD}, {0x13430, 0x13438},  {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE00FF}, {0xE01F0, 0x10FFFF},
};

bool unicode_is_printable(uint32_t cp) {
    return !IN_RANGES(unprintable, cp);
}

static const Range blanks[] = {
    {0x9, 0xD},       {0x1C, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
    {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
    {0x205F, 0x205F}, {0x3000, 0x3000},
};

bool unicode_is_space(uint32_t cp) {
    if (cp < 0x80) return cp - 0x9 <= 0xD - 0x9 || cp - 0x1C <= 0x20 - 0x1C;
    return IN_RANGES(blanks, cp);
}

/* Where the ten digits of a script start. */
static const uint32_t zeros[] = {
    0x30,    0x660,   0x6F0,   0x7C0,   0x966,   0x9E6,   0xA66,   0xAE6,   0xB66,
    0xBE6,   0xC66,   0xCE6,   0xD66,   0xDE6,   0xE50,   0xED0,   0xF20,   0x1040,
    0x1090,  0x17E0,  0x1810,  0x1946,  0x19D0,  0x1A80,  0x1A90,  0x1B50,  0x1BB0,
    0x1C40,  0x1C50,  0xA620,  0xA8D0,  0xA900,  0xA9D0,  0xA9F0,  0xAA50,  0xABF0,
    0xFF10,  0x104A0, 0x10D30, 0x11066, 0x110F0, 0x11136, 0x111D0, 0x112F0, 0x11450,
    0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50, 0x11D50, 0x11DA0,
    0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6, 0x1E140,
    0x1E2F0, 0x1E950, 0x1FBF0};

int unicode_decimal(uint32_t cp) {
    for (size_t i = 0; i < sizeof zeros / sizeof *zeros && zeros[i] <= cp; i++)
        if (cp - zeros[i] < 10) return (int)(cp - zeros[i]);
    return -1;
}

/* ---- classes ---- */

static const UnicodeCase *find_case(const UnicodeCase *r, size_t n, uint32_t cp) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (cp > r[mid].last)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == n || cp < r[low].first || (cp - r[low].first) % r[low].step) return NULL;
    return &r[low];
}

static bool has_upper(uint32_t cp) {
    return find_case(unicode_upper_cases, unicode_upper_cases_n, cp);
}

static bool has_lower(uint32_t cp) {
    return find_case(unicode_lower_cases, unicode_lower_cases_n, cp);
}

bool unicode_is_alpha(uint32_t cp) {
    if (cp < 0x80) return (cp | 32) >= 'a' && (cp | 32) <= 'z';
    return in_ranges(unicode_alpha, unicode_alpha_n, cp);
}

bool unicode_is_title(uint32_t cp) {
    static const Range titles[] = {
        {0x1C5, 0x1C5},   {0x1C8, 0x1C8},   {0x1CB, 0x1CB},   {0x1F2, 0x1F2},
        {0x1F88, 0x1F8F}, {0x1F98, 0x1F9F}, {0x1FA8, 0x1FAF}, {0x1FBC, 0x1FBC},
        {0x1FCC, 0x1FCC}, {0x1FFC, 0x1FFC},
    };
    return IN_RANGES(titles, cp);
}

bool unicode_is_upper(uint32_t cp) {
    if (cp < 0x80) return cp >= 'A' && cp <= 'Z';
    if (has_lower(cp)) return !unicode_is_title(cp);
    return in_ranges(unicode_upper_only, unicode_upper_only_n, cp);
}

bool unicode_is_lower(uint32_t cp) {
    if (cp < 0x80) return cp >= 'a' && cp <= 'z';
    if (has_upper(cp)) return !unicode_is_title(cp);
    return in_ranges(unicode_lower_only, unicode_lower_only_n, cp);
}

bool unicode_is_digit(uint32_t cp) {
    return unicode_decimal(cp) >= 0 || in_ranges(unicode_digit, unicode_digit_n, cp);
}

bool unicode_is_numeric(uint32_t cp) {
    return unicode_decimal(cp) >= 0 ||
           in_ranges(unicode_numeric, unicode_numeric_n, cp);
}

bool unicode_starts_identifier(uint32_t cp) {
    return cp == '_' || unicode_is_alpha(cp);
}

bool unicode_in_identifier(uint32_t cp) {
    return unicode_starts_identifier(cp) || unicode_decimal(cp) >= 0 ||
           in_ranges(unicode_mark, unicode_mark_n, cp);
}

/* ---- case ---- */

typedef struct Expansion {
    uint32_t cp, out[UNICODE_EXPANDED]; /* ends with 0 */
} Expansion;

/* What becomes several characters in upper case. */
static const Expansion expansions[] = {
    {0xDF, {'S', 'S'}},
    {0x149, {0x2BC, 'N'}},
    {0x1F0, {'J', 0x30C}},
    {0x390, {0x399, 0x308, 0x301}},
    {0x3B0, {0x3A5, 0x308, 0x301}},
    {0x587, {0x535, 0x552}},
    {0x1E96, {'H', 0x331}},
    {0x1E97, {'T', 0x308}},
    {0x1E98, {'W', 0x30A}},
    {0x1E99, {'Y', 0x30A}},
    {0x1E9A, {'A', 0x2BE}},
    {0xFB00, {'F', 'F'}},
    {0xFB01, {'F', 'I'}},
    {0xFB02, {'F', 'L'}},
    {0xFB03, {'F', 'F', 'I'}},
    {0xFB04, {'F', 'F', 'L'}},
    {0xFB05, {'S', 'T'}},
    {0xFB06, {'S', 'T'}},
};

static const Expansion *find_expansion(uint32_t cp) {
    for (size_t i = 0; i < sizeof expansions / sizeof *expansions; i++)
        if (expansions[i].cp == cp) return &expansions[i];
    return NULL;
}

static size_t expand(const Expansion *e, uint32_t out[UNICODE_EXPANDED]) {
    size_t n = 0;
    for (; n < UNICODE_EXPANDED && e->out[n]; n++) out[n] = e->out[n];
    return n;
}

static uint32_t moved(uint32_t cp, const UnicodeCase *rule) {
    return rule ? (uint32_t)((int64_t)cp + rule->delta) : cp;
}

size_t unicode_upper(uint32_t cp, uint32_t out[UNICODE_EXPANDED]) {
    const Expansion *e = cp >= 0xDF ? find_expansion(cp) : NULL;
    if (e) return expand(e, out);
    out[0] = moved(cp, find_case(unicode_upper_cases, unicode_upper_cases_n, cp));
    return 1;
}

size_t unicode_lower(uint32_t cp, uint32_t out[UNICODE_EXPANDED]) {
    out[0] = moved(cp, find_case(unicode_lower_cases, unicode_lower_cases_n, cp));
    if (cp != 0x130) return 1;
    out[0] = 'i';
    out[1] = 0x307;
    return 2;
}

size_t unicode_title(uint32_t cp, uint32_t out[UNICODE_EXPANDED]) {
    out[0] = cp;
    /* Georgian letters have an upper case but no title case. */
    if ((cp >= 0x10D0 && cp <= 0x10FF) || unicode_is_title(cp)) return 1;
    bool digraph = (cp >= 0x1C4 && cp <= 0x1CC) || (cp >= 0x1F1 && cp <= 0x1F3);
    if (digraph) {
        out[0] = cp >= 0x1F1 ? 0x1F2 : 0x1C5 + (cp - 0x1C4) / 3 * 3;
        return 1;
    }
    size_t n = unicode_upper(cp, out);
    for (size_t i = 1; i < n; i++) unicode_lower(out[i], &out[i]);
    return n;
}

size_t unicode_fold(uint32_t cp, uint32_t out[UNICODE_EXPANDED]) {
    bool cherokee = (cp >= 0x13A0 && cp <= 0x13FD) || (cp >= 0xAB70 && cp <= 0xABBF);
    if (cherokee) return unicode_upper(cp, out);
    /* Lower case, by way of upper case: that joins s with U+017F, sigma with final
     * sigma and the like. */
    uint32_t upper[UNICODE_EXPANDED];
    size_t n = cp == 0x131 ? 1 : unicode_upper(cp, upper);
    if (cp == 0x131) upper[0] = cp;
    if (cp == 0x130 || cp == 0x1E9E) n = unicode_lower(cp, upper);
    if (cp == 0x1E9E) n = unicode_upper(0xDF, upper);
    for (size_t i = 0; i < n; i++) unicode_lower(upper[i], &out[i]);
    if (cp == 0x130) out[1] = upper[1];
    return n;
}

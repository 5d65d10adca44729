/* See yaml_tree.h.  The events are read in one loop over a stack of open lists and
 * mappings; nothing recurses. */
#include "runner/text/yaml_tree.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

typedef struct Builder {
    Arena *arena;
    const char *file;
    Problem *problem;
    const char *text; /* the whole file; events come in its order, so that the start */
    const char *line_start; /* of the line looked at last only ever moves on */
    uint32_t line;
    YamlNode *root;
    YamlNode *open[YAML_MAX_DEPTH]; /* lists and mappings not yet ended */
    YamlNode *last[YAML_MAX_DEPTH]; /* the last child of each */
    size_t depth;
    uint32_t documents;
    bool has_tags; /* there is a '!' somewhere */
    bool done;
} Builder;

/* ---- the bytes ---- */

static bool refuse_byte(const char *file, const char *text, size_t at, Problem *p) {
    uint32_t line = 1;
    const char *start = text;
    for (const char *s = text; s < text + at; s++)
        if (*s == '\n') {
            line++;
            start = s + 1;
        }
    uint32_t col = (uint32_t)utf8_count(start, (size_t)(text + at - start)) + 1, cp;
    if (utf8_decode(text + at, 4, &cp)) {
        problem_set(p, PROBLEM_INPUT, "%s U+%04X",
                    cp ? "control character" : "a NUL byte,", (unsigned)cp);
        problem_hint(p, "write it as an escape inside a Python string");
    } else {
        problem_set(p, PROBLEM_INPUT, "byte 0x%02X is not valid UTF-8",
                    (unsigned char)text[at]);
        problem_hint(p, "save the file as UTF-8");
    }
    return problem_at(p, file, line, col);
}

/* What YAML allows to stand in a file; the rest must be written as escapes. */
static bool is_printable(uint32_t cp) {
    if (cp < 0x20) return cp == '\t' || cp == '\n' || cp == '\r';
    if (cp < 0xA0) return cp < 0x7F || cp == 0x85;
    return cp != 0xFEFF && cp != 0xFFFE && cp != 0xFFFF;
}

static bool check_bytes(const char *file, const char *text, size_t len, Problem *p) {
    if (len > YAML_MAX_BYTES) {
        problem_set(p, PROBLEM_INPUT, "the file is over %d KiB", YAML_MAX_BYTES / 1024);
        problem_hint(p, "split it into several cells");
        return problem_at(p, file, 1, 1);
    }
    for (size_t i = 0; i < len;) {
        uint32_t cp = (unsigned char)text[i];
        if ((cp >= 0x20 && cp < 0x7F) || cp == '\n') { /* nearly all of them */
            i++;
            continue;
        }
        int n = cp < 0x80 ? 1 : utf8_decode(text + i, len - i, &cp);
        if (n == 0 || !is_printable(cp)) return refuse_byte(file, text, i, p);
        i += (size_t)n;
    }
    return true;
}

/* ---- what libyaml finds wrong ---- */

/* Its messages in the order in which they are tried, and what usually helps. */
static const char *parser_hint(const char *problem, const char *at) {
    static const struct {
        const char *part, *hint;
    } hints[] = {
        {"mapping values are not allowed",
         "quote what holds a second `: `, as in - 'd = {\"a\": 1, \"b\": 2}'"},
        {"cannot start any token", "quote the whole operation: - \"@staticmethod\""},
        {"alphabetic or numeric", "quote the whole operation: - \"*a, b = c\""},
        {"did not find URI", "quote the whole operation"},
        {"did not find expected '-'",
         "each operation is one `- ` at the same indentation; one that starts with a "
         "quote or bracket must be quoted as a whole"},
        {"did not find expected key",
         "look for wrong indentation; an operation that starts with a quote or bracket "
         "must be quoted as a whole"},
        {"did not find expected ','", "close the bracket or brace; an operation that "
                                      "starts with one is quoted as a whole"},
        {"could not find expected ':'", "a key is one line, and `: ` follows it"},
        {"unexpected end of stream", "a quote has no end"},
    };
    if (at[0] == '\t') return "indent with spaces; YAML forbids tabs";
    for (size_t i = 0; i < sizeof hints / sizeof *hints; i++)
        if (strstr(problem, hints[i].part)) return hints[i].hint;
    return "quote an operation that starts with one of & * ! @ % ` { [ or holds `: `";
}

/* YAML 1.1 has five line breaks: CR LF, LF, CR, U+0085, U+2028 and U+2029. */
static const char *next_line(const char *s) {
    for (; *s; s++) {
        if (*s == '\n' || *s == '\r') return s + (s[0] == '\r' && s[1] == '\n' ? 2 : 1);
        if (memcmp(s, "\xC2\x85", 2) == 0) return s + 2;
        if (memcmp(s, "\xE2\x80", 2) == 0 && (s[2] == '\xA8' || s[2] == '\xA9'))
            return s + 3;
    }
    return s;
}

/* The byte at line:col, both from 0, as libyaml counts them. */
static const char *find_place(Builder *b, size_t line, size_t col) {
    if (line < b->line) {
        b->line = 0;
        b->line_start = b->text;
    }
    for (; b->line < line && *b->line_start; b->line++)
        b->line_start = next_line(b->line_start);
    const char *s = b->line_start;
    for (; col && *s; col--) {
        s++;
        while (((unsigned char)*s & 0xC0) == 0x80) s++;
    }
    return s;
}

static bool refuse(Builder *b, yaml_mark_t at, const char *message, const char *hint) {
    problem_set(b->problem, PROBLEM_INPUT, "%s", message);
    problem_hint(b->problem, "%s", hint);
    return problem_at(b->problem, b->file, (uint32_t)at.line + 1,
                      (uint32_t)at.column + 1);
}

static bool refuse_parse(Builder *b, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) {
        error_raise(b->arena->ctx, MemoryError, "%s", "");
        return false;
    }
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    const yaml_mark_t *at = &parser->problem_mark;
    const char *byte = find_place(b, at->line, at->column);
    if (parser->context &&
        strcmp(parser->context, "while scanning a quoted scalar") == 0)
        at = &parser->context_mark;
    problem_set(b->problem, PROBLEM_INPUT, "not valid YAML: %s", problem);
    problem_hint(b->problem, "%s", parser_hint(problem, byte));
    return problem_at(b->problem, b->file, (uint32_t)at->line + 1,
                      (uint32_t)at->column + 1);
}

/* ---- the tree ---- */

static YamlNode *add_node(Builder *b, YamlKind kind, yaml_mark_t at) {
    YamlNode *node = arena_alloc(b->arena, sizeof *node);
    if (!node) return NULL;
    node->kind = kind;
    node->line = (uint32_t)at.line + 1;
    node->col = (uint32_t)at.column + 1;
    if (b->depth == 0) return b->root = node;
    YamlNode *parent = b->open[b->depth - 1], **last = &b->last[b->depth - 1];
    *(*last ? &(*last)->next : &parent->first) = node;
    *last = node;
    parent->n++;
    return node;
}

static bool is_key(const Builder *b) {
    const YamlNode *parent = b->depth ? b->open[b->depth - 1] : NULL;
    return parent && parent->kind == YAML_MAP && parent->n % 2 == 0;
}

/* A lone `!` is a tag that libyaml does not tell of. */
static bool is_tag(Builder *b, yaml_mark_t at) {
    return b->has_tags && find_place(b, at.line, at.column)[0] == '!';
}

static bool add_scalar(Builder *b, const yaml_event_t *e) {
    yaml_mark_t at = e->start_mark;
    if (e->data.scalar.anchor)
        return refuse(b, at, "an anchor (&name) has no meaning in a cell",
                      "quote the whole operation");
    if (e->data.scalar.tag || (e->data.scalar.length && is_tag(b, at)))
        return refuse(b, at, "a tag (!name) has no meaning in a cell",
                      "quote the whole operation");
    if (memchr(e->data.scalar.value, '\0', e->data.scalar.length))
        return refuse(b, at, "a NUL byte, U+0000", "write \"\\\\0\" for Python's \\0");
    YamlNode *node = add_node(b, YAML_SCALAR, at);
    if (!node) return false;
    node->len = e->data.scalar.length;
    node->text = arena_text(b->arena, (const char *)e->data.scalar.value, node->len);
    yaml_scalar_style_t style = e->data.scalar.style;
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
        const char *s = find_place(b, at.line + 1, 0);
        node->line++;
        node->col = (uint32_t)strspn(s, " ") + 1;
    } else if (style != YAML_PLAIN_SCALAR_STYLE) {
        node->col++;
    }
    node->plain = style == YAML_PLAIN_SCALAR_STYLE;
    node->literal = style == YAML_LITERAL_SCALAR_STYLE;
    return node->text != NULL;
}

static bool open_node(Builder *b, YamlKind kind, const yaml_event_t *e) {
    const yaml_char_t *anchor = kind == YAML_LIST ? e->data.sequence_start.anchor
                                                  : e->data.mapping_start.anchor;
    const yaml_char_t *tag =
        kind == YAML_LIST ? e->data.sequence_start.tag : e->data.mapping_start.tag;
    if (anchor)
        return refuse(b, e->start_mark, "an anchor (&name) has no meaning in a cell",
                      "quote the whole operation");
    if (tag || is_tag(b, e->start_mark))
        return refuse(b, e->start_mark, "a tag (!name) has no meaning in a cell",
                      "quote the whole operation");
    if (is_key(b))
        return refuse(b, e->start_mark, "a key must be text", "quote the operation");
    if (b->depth == YAML_MAX_DEPTH)
        return refuse(b, e->start_mark, "nested more than 64 deep",
                      "move the inner part into a function");
    YamlNode *node = add_node(b, kind, e->start_mark);
    if (!node) return false;
    b->open[b->depth] = node;
    b->last[b->depth++] = NULL;
    return true;
}

static int compare_keys(const void *x, const void *y) {
    const YamlNode *a = *(YamlNode *const *)x, *b = *(YamlNode *const *)y;
    int order = strcmp(a->text, b->text);
    if (order) return order;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return (a->col > b->col) - (a->col < b->col);
}

static bool check_keys(Builder *b, const YamlNode *map) {
    YamlNode **keys = arena_alloc(b->arena, (map->n + 1) * sizeof *keys);
    if (!keys) return false;
    size_t n = 0;
    for (YamlNode *key = map->first; key; key = key->next->next) keys[n++] = key;
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t i = 1; i < n; i++)
        if (strcmp(keys[i - 1]->text, keys[i]->text) == 0) {
            problem_set(b->problem, PROBLEM_INPUT, "key `%.60s` twice", keys[i]->text);
            problem_hint(b->problem, "it stands already on line %u",
                         (unsigned)keys[i - 1]->line);
            return problem_at(b->problem, b->file, keys[i]->line, keys[i]->col);
        }
    return true;
}

static bool close_node(Builder *b) {
    YamlNode *node = b->open[--b->depth];
    if (node->kind == YAML_LIST) return true;
    node->n /= 2;
    return node->n < 2 || check_keys(b, node);
}

static bool start_document(Builder *b, const yaml_event_t *e) {
    if (e->data.document_start.version_directive ||
        e->data.document_start.tag_directives.start !=
            e->data.document_start.tag_directives.end)
        return refuse(b, e->start_mark, "a directive (%...) has no meaning in a cell",
                      "delete the line");
    if (b->documents++)
        return refuse(b, e->start_mark, "a second document",
                      "one file is one cell; delete the `---`");
    return true;
}

static bool take(Builder *b, const yaml_event_t *e) {
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT: return start_document(b, e);
    case YAML_SCALAR_EVENT: return add_scalar(b, e);
    case YAML_SEQUENCE_START_EVENT: return open_node(b, YAML_LIST, e);
    case YAML_MAPPING_START_EVENT: return open_node(b, YAML_MAP, e);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return close_node(b);
    case YAML_ALIAS_EVENT:
        return refuse(b, e->start_mark, "an alias (*name) has no meaning in a cell",
                      "quote the whole operation: - \"*a, b = c\"");
    case YAML_STREAM_END_EVENT: b->done = true; return true;
    default: return true;
    }
}

static bool build(Builder *b, yaml_parser_t *parser) {
    while (!b->done) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) return refuse_parse(b, parser);
        bool taken = take(b, &event);
        yaml_event_delete(&event);
        if (!taken) return false;
    }
    return true;
}

YamlNode *yaml_tree(Arena *a, const char *file, const char *text, size_t len,
                    Problem *p) {
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, len -= 3;
    if (!check_bytes(file, text, len, p)) return NULL;
    Builder b = {.arena = a,
                 .file = file,
                 .problem = p,
                 .text = text,
                 .line_start = text,
                 .has_tags = memchr(text, '!', len) != NULL};
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return error_raise(a->ctx, MemoryError, "%s", "");
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
    bool built = build(&b, &parser);
    yaml_parser_delete(&parser);
    if (!built) return NULL;
    if (!b.root) {
        problem_set(p, PROBLEM_INPUT, "the file is empty");
        problem_hint(p, "a cell is a mapping with the key `ops`");
        problem_at(p, file, 1, 1);
    }
    return b.root;
}

bool yaml_is_blank(const char *text, size_t len) {
    if (strlen(text) != len) return false;
    while (*text) {
        text += strspn(text, " \t\r\n");
        if (*text && *text != '#') return false;
        text += strcspn(text, "\n");
    }
    return true;
}

/* See op_source.h. */
#include "runner/command/op_source.h"

#include <string.h>

#include <op_sources.inc>

/* The file whose list of operators holds def. */
static const char *family_file(const OpDef *def) {
    for (size_t i = 0; op_families[i]; i++)
        for (const OpDef *const *d = op_families[i]; *d; d++)
            if (*d == def) return family_files[i];
    return "core/ops";
}

OpPlace op_place(const OpDef *def) {
    size_t n = strcspn(def->schema, "(");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].name) == n && memcmp(rows[i].name, def->schema, n) == 0)
            return rows[i];
    return (OpPlace){.file = family_file(def), .gradient = ""};
}

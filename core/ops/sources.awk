# Where each operator is declared and what its backward computes, for `autocell ops`:
# rows {schema's name, file, line, body of the backward function} of a table in C.
#
# usage: awk -f sources.awk ops/registry.c ops/*.c
#
# An OpDef block names its schema and its backward; the function stands in the same file,
# or, when it is not static, in any.
# What macros declare has no row of its own: the last row of a file, whose name is "*"
# and whose first column is that of the family's list, stands for it.

function quoted(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return text
}

function file_name(path) {
    sub(/^.*core\/ops\//, "core/ops/", path)
    return path
}

FNR == 1 { in_function = in_block = 0 }

/^(static )?void [a-z0-9_]+\(Ctx \*c, Grad \*g\) \{/ {
    name = $1 == "static" ? $3 : $2
    sub(/\(.*/, "", name)
    in_function = 1
    place = $1 == "static" ? FILENAME : ""
    body[place, name] = ""
    next
}
in_function && /^}/ { in_function = 0 }
in_function {
    line = $0
    sub(/^    /, "", line)
    body[place, name] = body[place, name] quoted(line) "\\n"
}

/^(static )?const OpDef [a-z0-9_]+ = \{/ {
    in_block = 1
    at = FNR
    schema = backward = ""
}
in_block && /"/ && schema == "" && match($0, /"[A-Za-z0-9_.]+\(/) {
    schema = substr($0, RSTART + 1, RLENGTH - 2)
}
in_block && /\.backward = / {
    backward = $3
    sub(/,.*/, "", backward)
}
in_block && /^};/ {
    in_block = 0
    if (schema != "")
        row[++rows] = schema SUBSEP FILENAME SUBSEP at SUBSEP backward
}
/^const OpDef \*const [a-z0-9_]+_ops\[\] = / {
    list = $3
    sub(/^\*const /, "", list)
    family[$0] = FILENAME
    name = $4
    sub(/\[.*/, "", name)
    list_file[name] = FILENAME
}
/^    [a-z0-9_]+_ops,$/ && FILENAME ~ /registry\.c$/ {
    name = $1
    sub(/,/, "", name)
    order[++families] = name
}

END {
    print "static const OpPlace rows[] = {"
    for (i = 1; i <= rows; i++) {
        split(row[i], part, SUBSEP)
        printf "    {\"%s\", \"%s\", %d, \"%s\"},\n", part[1], file_name(part[2]), part[3],
            body[(part[2], part[4]) in body ? part[2] : "", part[4]]
    }
    print "};"
    print "static const char *const family_files[] = {"
    for (i = 1; i <= families; i++)
        printf "    \"%s\",\n", file_name(list_file[order[i]])
    print "};"
}

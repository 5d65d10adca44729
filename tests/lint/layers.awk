# Checks the includes of core/ and runner/ against layers.txt.
# usage: awk -f layers.awk layers.txt FILE...     prints one line for each offence

function complain(text) { print text }

# A shell pattern as an anchored regular expression.
function pattern(glob) {
    gsub(/[.+]/, "\\\\&", glob)
    gsub(/\*/, ".*", glob)
    return "^" glob "$"
}

function directory(path) { sub(/[^\/]*$/, "", path); return path }

function stem(path) { sub(/\.[ch]$/, "", path); return path }

# Rank of a file, counted over the layer lines; 0 when the table has none.
function rank_of(path,    i) {
    if (path in rank) return rank[path]
    for (i = 1; i <= rows; i++)
        if (stem(path) ~ row_pattern[i]) return rank[path] = row_rank[i]
    return rank[path] = 0
}

function tree_of(path) { sub(/\/.*/, "", path); return path }

function read_table(    i, key) {
    if ($1 == "barred") {
        for (i = 3; i <= NF; i++) {
            bar_file[++bars] = pattern($2)
            bar_include[bars] = $i
        }
        return
    }
    key = $1 " " $2
    if (!(key in layer_rank)) layer_rank[key] = ++ranks
    rank_name[layer_rank[key]] = $2
    for (i = 3; i <= NF; i++) {
        row_pattern[++rows] = pattern($1 "/" $i)
        row_rank[rows] = layer_rank[key]
    }
}

function check_barred(file, place, written, target,    i) {
    for (i = 1; i <= bars; i++)
        if (file ~ bar_file[i] && (bar_include[i] == target || bar_include[i] == written))
            complain(place ": includes " bar_include[i] ", which is barred here")
}

function check_include(file, place, name,    target) {
    target = directory(file) name
    if (!(target in exists)) target = name
    if (!(target in exists)) {
        complain(place ": \"" name "\" is not a file of the tree")
        return
    }
    check_barred(file, place, "", target)
    if (file ~ /\.h$/) edge[file] = edge[file] " " target
    if (tree_of(file) == "core" && tree_of(target) != "core")
        complain(place ": core includes " target)
    else if (tree_of(file) == "runner" && tree_of(target) == "core") {
        if (target != "core/core.h" && ("core/core.h" in exists))
            complain(place ": runner includes " target " instead of core/core.h")
    } else if (rank_of(target) > rank_of(file) && rank_of(file))
        complain(place ": layer " rank_name[rank_of(file)] " includes " target \
                 " of layer " rank_name[rank_of(target)])
}

# Takes away headers that include nothing which is left; what stays is in a cycle or
# leads to one.
function check_cycles(    file, removed, i, n, to, left) {
    do {
        removed = 0
        for (file in edge) {
            n = split(edge[file], to, " ")
            left = 0
            for (i = 1; i <= n; i++) if (to[i] in edge) left++
            if (!left) { delete edge[file]; removed = 1 }
        }
    } while (removed)
    for (file in edge) complain(file ": part of a cycle of headers:" edge[file])
}

BEGIN {
    table = ARGV[1]
    for (i = 2; i < ARGC; i++) exists[ARGV[i]] = 1
}

FILENAME == table {
    sub(/#.*/, "")
    if (NF) read_table()
    next
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
    name = $0
    sub(/^[^"]*"/, "", name)
    sub(/".*/, "", name)
    check_include(FILENAME, FILENAME ":" FNR, name)
}

/^[ \t]*#[ \t]*include[ \t]*</ {
    name = $0
    sub(/^[^<]*/, "", name)
    sub(/>.*/, ">", name)
    check_barred(FILENAME, FILENAME ":" FNR, name, "")
}

END {
    for (file in exists)
        if (!rank_of(file))
            complain(file ": not in " table "; add its name to the line of its layer")
    check_cycles()
}

# Checks that every operator of core/ops stands in a family that the registry knows: what
# is in no list is reached by nobody, and no test has it.
# usage: awk -f families.awk core/ops/*.c     prints one line for each offence
# A family is `const OpDef *const NAME_ops[] = {&op_x, ..., NULL};`, and registry.c names it
# twice: as extern, and in op_families.

FNR == 1 { in_list = in_table = 0 }
/^(static )?const OpDef op_[a-z0-9_]+ =/ {
    name = $0
    sub(/ =.*/, "", name)
    sub(/.* /, "", name)
    if (name in place) print FILENAME ":" FNR ": " name " is there twice"
    place[name] = FILENAME ":" FNR
}
/^const OpDef \*const [a-z0-9_]+_ops\[\] =/ {
    name = $0
    sub(/\[.*/, "", name)
    sub(/.*const /, "", name)
    family[name] = FILENAME ":" FNR
    in_list = 1
}
/op_families\[\] =/ { in_table = 1 }
in_list {
    line = $0
    while (match(line, /&op_[a-z0-9_]+/)) {
        listed[substr(line, RSTART + 1, RLENGTH - 1)] = 1
        line = substr(line, RSTART + RLENGTH)
    }
}
in_table && match($0, /[a-z0-9_]+_ops,/) { known[substr($0, RSTART, RLENGTH - 1)] = 1 }
/};/ { in_list = in_table = 0 }
END {
    for (name in place) if (!(name in listed)) print place[name] ": " name " is in no list"
    for (name in family)
        if (!(name in known)) print family[name] ": op_families lacks " name
}

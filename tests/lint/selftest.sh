#!/bin/sh
# Shows that each rule of lint.sh can fail: builds a small tree for each offence and
# expects its rule, and no other, to complain. Speaks TAP.
set -u
lint=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
number=0 failed=0

# A tree without offences, in $scratch/tree.
fresh() {
    tree=$scratch/tree
    rm -rf "$tree"
    mkdir -p "$tree/core/kernel" "$tree/runner/evaluate" "$tree/tests"
    cp -r "$lint" "$tree/tests/lint"
    echo '#include "mem.h"' >"$tree/core/buf.h"
    echo 'typedef int Mem; /* strcpy(a, b) "in" a comment */' >"$tree/core/mem.h"
    printf '#include "buf.h"\nchar *s = "strcpy(a, b)";\n' >"$tree/core/buf.c"
    echo "x = files('buf.c')" >"$tree/core/meson.build"
}

# expect RULES WHAT: the numbers of the rules that complain about the tree.
expect() {
    number=$((number + 1))
    seen=$(sh "$lint/lint.sh" "$tree" | sed -n 's/^not ok \([0-9]*\).*/\1/p' | tr '\n' ' ')
    if [ "${seen% }" = "$1" ]; then
        echo "ok $number - $2"
    else
        failed=$((failed + 1))
        echo "not ok $number - $2"
        echo "#   expected rules '$1', saw '${seen% }'"
    fi
}

if command -v clang-format-14 >/dev/null; then
    echo '1..17'
    fresh && cp "$lint/../../.clang-format" "$tree" && echo 'int  x;' >"$tree/core/mem.h"
    expect 9 'code that is not formatted'
else
    echo '1..16'
fi

fresh
expect '' 'a tree without offences'

fresh && echo '#include "core/buf.h"' >>"$tree/core/mem.h"
expect 1 'two headers that include each other'

fresh && echo '#include "core/tensor.h"' >>"$tree/core/mem.h" && : >"$tree/core/tensor.h"
expect 1 'a lower layer that includes a higher one'

fresh && : >"$tree/core/ctx.h" && echo '#include "core/ctx.h"' >"$tree/core/kernel/add.h"
expect 1 'a kernel that sees the context'

fresh && : >"$tree/core/stray.h"
expect 1 'a file that the table does not know'

fresh && : >"$tree/core/core.h" && echo '#include "core/buf.h"' >"$tree/runner/evaluate/env.h"
expect 1 'a runner that reaches past core.h'

fresh && echo '#include <yaml.h>' >>"$tree/core/buf.h"
expect 1 'core that reads YAML'

fresh && echo '#include "buf.x"' >>"$tree/core/buf.h"
expect 1 'an include of what is not there'

fresh && echo 'int f(char *s) { return *strcpy (s, s); }' >>"$tree/core/buf.c"
expect 2 'a banned function'

fresh && echo 'void f(void *p) { if (p) free(p); }' >>"$tree/core/buf.c"
expect 3 'memory past the one door'

fresh && awk 'BEGIN { for (i = 0; i < 901; i++) print "int x;" }' >"$tree/core/buf.c"
expect 4 'a file of 901 lines'

fresh && echo "/* see /ho""me/me */" >>"$tree/core/buf.c"
expect 5 'a path of one machine'

fresh && printf '\tint x; \n' >>"$tree/core/buf.c"
expect 6 'tabs and blanks at the end of a line'

fresh && : >"$tree/core/mem.c"
expect 7 'a source that is not built'

# family LIST TABLE: core/ops with two operators, those of LIST listed, TABLE registered.
family() {
    fresh && mkdir "$tree/core/ops"
    printf 'const OpDef op_%s = {\n};\n' sin cos >"$tree/core/ops/trig.c"
    echo "const OpDef *const trig_ops[] = {$1 NULL};" >>"$tree/core/ops/trig.c"
    printf 'const x op_families[] = {\n    %s\n};\n' "$2" >"$tree/core/ops/registry.c"
    echo "x = files('buf.c', 'ops/trig.c', 'ops/registry.c')" >"$tree/core/meson.build"
}

family '&op_sin,' 'trig_ops,'
expect 8 'an operator that is in no list'

family '&op_sin, &op_cos,' 'sine_ops,'
expect 8 'a family that the registry lacks'

[ "$failed" = 0 ]

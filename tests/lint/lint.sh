#!/bin/sh
# Holds the tree to the rules that no compiler knows. Speaks TAP: one line a rule, the
# offences below it as file:line. usage: lint.sh [DIR], DIR being the top of the tree.
set -u
export LC_ALL=C
cd "${1:-$(dirname "$0")/../..}" || exit 1
here=tests/lint tab=$(printf '\t')
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
offences=$scratch/offences number=0 failed=0

# The tracked files; without a repository, what lies here but for build directories.
files() {
    git -c safe.directory='*' ls-files 2>/dev/null | grep . ||
        find . -name '.?*' -prune -o -path './build*' -prune -o -type f -print |
        sed 's|^\./||'
}

# report NAME: the lines that the check before it wrote to $offences.
report() {
    number=$((number + 1))
    if [ -s "$offences" ]; then
        failed=$((failed + 1))
        echo "not ok $number - $1"
        sort -u "$offences" | sed 's/^/#   /'
    else
        echo "ok $number - $1"
    fi
}

# calls FUNCTIONS < lines of code.awk: calls of the functions that allowed.txt does not
# permit. FUNCTIONS are words joined by '|'.
calls() {
    awk -v names="$1" '
        function permitted(file, name,    i) {
            for (i = 1; i <= n; i++)
                if (file ~ where[i] && name == what[i]) return 1
            return 0
        }
        BEGIN {
            while ((getline line < "'$here/allowed.txt'") > 0) {
                sub(/#.*/, "", line)
                if (split(line, part, " ") < 3) continue
                where[++n] = part[1]
                gsub(/\./, "\\.", where[n])
                gsub(/\*/, ".*", where[n])
                where[n] = "^" where[n] "$"
                what[n] = part[2]
            }
            call = "(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\("
        }
        {
            file = $0
            sub(/:.*/, "", file)
            line = $0
            while (match(line, call)) {
                name = substr(line, RSTART, RLENGTH)
                gsub(/[^A-Za-z0-9_]/, "", name)
                if (!permitted(file, name)) print $0
                line = substr(line, RSTART + RLENGTH)
            }
        }'
}

files | while IFS= read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done >"$scratch/all"
grep -E '\.[ch]$' "$scratch/all" >"$scratch/c"
grep -E '^(core|runner)/' "$scratch/c" >"$scratch/sources"
# Texts that people wrote; cells and what PyTorch printed for them stay as they are.
grep -vE '(^|/)(cells|expected)/|\.tsv$' "$scratch/all" >"$scratch/texts"
xargs awk -f $here/code.awk <"$scratch/c" >"$scratch/code"
grep -E '^(core|runner)/' "$scratch/code" >"$scratch/source_code"

echo '1..9'

xargs awk -f $here/layers.awk $here/layers.txt <"$scratch/sources" >"$offences"
report 'a file includes only its own layer and lower ones'

calls 'strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|alloca|setjmp|longjmp' \
    <"$scratch/code" >"$offences"
report 'no call that overruns, loses errors or jumps'

calls 'malloc|calloc|realloc|free|aligned_alloc|strdup|strndup|asprintf|abort|exit' \
    <"$scratch/source_code" >"$offences"
report 'memory comes through core/mem, and nothing ends the process'

grep -E '\.([chy]|sh|awk|py|md)$|(^|/)(dev|run|meson\.build)$' "$scratch/texts" |
    xargs wc -l | awk '$2 != "total" && $1 > 900 { print $2 ": " $1 " lines, at most 900" }' \
    >"$offences"
report 'no file is longer than 900 lines'

xargs grep -nE '(^|[^A-Za-z0-9_.~])/(home|root|work|farm|Users)/' <"$scratch/texts" \
    >"$offences"
report 'no path of one particular machine'

xargs grep -nE "[ $tab]+\$|$tab" <"$scratch/texts" >"$offences"
report 'no tabs, no blanks at the end of a line'

# A source is named by the meson.build of a directory above it, a test program by its
# bare name.
grep -E '^(core|runner|tests)/.*\.c$' "$scratch/all" | while IFS= read -r f; do
    dir=$(dirname "$f") program=$(basename "$f" .c)
    while [ "$dir" != . ]; do
        [ -f "$dir/meson.build" ] &&
            grep -qE "'(${f#"$dir"/}|$program)'" "$dir/meson.build" && break
        dir=$(dirname "$dir")
    done
    [ "$dir" != . ] || echo "$f: no meson.build names it"
done >"$offences"
report 'every source is built'

grep -E '^core/ops/.*\.c$' "$scratch/all" | xargs awk -f $here/families.awk >"$offences"
report 'every operator is in the list of its family'

# Only that version: others lay code out differently.
if [ -f .clang-format ] && command -v clang-format-14 >/dev/null; then
    xargs clang-format-14 --dry-run -Werror <"$scratch/c" 2>&1 |
        sed -n 's/ error: code should be.*/ not as clang-format has it/p' >"$offences"
    report 'code is formatted'
else
    echo 'ok 9 - code is formatted # SKIP no clang-format-14'
fi

[ "$failed" = 0 ]

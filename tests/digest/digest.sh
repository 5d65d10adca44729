#!/bin/sh
# The same bits everywhere: every kind of kernel on awkward sizes, each result hashed to a
# number, and all other cells, at each CPU level that this machine has (kernel/cpu.h),
# with one thread or several, and in one process or several. Speaks TAP.
#
# The numbers in expected/ are autocell's own, the same for every compiler and
# optimisation: a change there means that a kernel gives other bits than before.
#
# usage: digest.sh AUTOCELL [CELLS...]
set -u
export LC_ALL=C
autocell=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
number=0 failed=0

# report NAME STATUS: one TAP line; what $scratch/log says is the reason.
report() {
    number=$((number + 1))
    if [ "$2" = 0 ]; then
        echo "ok $number - $1"
    else
        failed=1
        echo "not ok $number - $1"
        sed 's/^/#   /' "$scratch/log" | head -n 20
    fi
}

# printed NAME FLAGS...: what all cells print, into a directory of that name.
printed() {
    into=$scratch/$1 && mkdir -p "$into"
    shift
    place=0
    for dir in $cells; do
        place=$((place + 1))
        (unset CI && "$autocell" update "$@" --expected "$into/$place" "$dir")
        [ $? -le 2 ] || echo "$dir: autocell broke"
    done >"$scratch/log" 2>&1
}

cells=$*
echo 1..10
for level in baseline avx2 avx512; do
    AUTOCELL_CPU=$level "$autocell" run --threads 2 "$here/cells" >"$scratch/log" 2>&1
    report "every kernel's digest, $level" $?
done
for threads in 1 3 8; do
    "$autocell" run --threads $threads "$here/cells" >"$scratch/log" 2>&1
    report "every kernel's digest, threads: $threads" $?
done
printed one -j 1
printed many -j 8
diff -r "$scratch/one" "$scratch/many" >"$scratch/log" 2>&1
report 'all cells, in one process or in eight' $?
for level in baseline avx2 avx512; do
    AUTOCELL_CPU=$level printed $level
    diff -r "$scratch/one" "$scratch/$level" >"$scratch/log" 2>&1
    report "all cells, $level" $?
done
exit $failed

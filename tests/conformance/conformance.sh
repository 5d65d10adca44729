#!/bin/sh
# Runs the cells of this directory in one autocell process and counts, by topic, those
# that print what PyTorch printed, byte for byte. Speaks TAP: one line a topic, which
# fails when fewer match than reached.txt says matched before.
#
# usage: conformance.sh AUTOCELL [--raise | --list]
#   --raise   keep today's counts in reached.txt where they are higher
#   --list    name every cell that differs, also where no topic fails
set -u
export LC_ALL=C
autocell=$1 mode=${2:-}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/out"

# CI off, since update refuses to write under it.
(unset CI && "$autocell" update --expected "$scratch/out" "$here/cells") \
    >"$scratch/log" 2>&1
status=$?
# 1: cells changed, as all of them do here; 2: some cell file was not accepted.
[ $status -le 2 ] || sed 's/^/# /' "$scratch/log" | tail -n 20

(cd "$here/expected" && find . -name '*.txt' -exec md5sum {} +) | sort -k 2 >"$scratch/sums"
(cd "$scratch/out" && md5sum -c "$scratch/sums") >"$scratch/verdicts" 2>/dev/null

awk -v mode="$mode" -v reached_file="$here/reached.txt" '
    BEGIN {
        while ((getline line < reached_file) > 0) {
            sub(/#.*/, "", line)
            if (split(line, part, " ") == 2) reached[part[1]] = part[2]
        }
    }
    {
        cell = $0
        sub(/^\.\//, "", cell)
        good = sub(/: OK$/, "", cell)
        sub(/: FAILED.*/, "", cell)
        topic = cell
        sub(/\/.*/, "", topic)
        if (!(topic in cells)) order[++topics] = topic
        cells[topic]++
        all++
        if (good) { matched[topic]++; all_matched++ }
        else differing[topic] = differing[topic] " " cell
    }
    END {
        print "1.." topics
        for (i = 1; i <= topics; i++) {
            topic = order[i]
            low = matched[topic] + 0 < reached[topic] + 0
            failed += low
            printf "%s %d - %-22s %4d of %4d cells", low ? "not ok" : "ok", i, topic, \
                matched[topic], cells[topic]
            # On the same line: meson shows no comments of a test that fails.
            if (low) printf ", %d before:%s", reached[topic], differing[topic]
            print ""
            if (mode == "--list" && differing[topic] != "")
                print "#   differs:" differing[topic]
        }
        printf "# %-22s %4d of %4d cells\n", "all topics", all_matched, all
        if (mode == "--raise") {
            print "# Cells of each topic that print what PyTorch prints; " \
                  "`./dev conformance --raise` keeps it." > reached_file
            for (i = 1; i <= topics; i++) {
                topic = order[i]
                n = matched[topic] > reached[topic] + 0 ? matched[topic] : reached[topic]
                print topic, n + 0 > reached_file
            }
        }
        exit failed > 0
    }' "$scratch/verdicts"

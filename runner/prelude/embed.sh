#!/bin/sh
# embed.sh OUTPUT FILE...: writes a C file that holds each FILE as an array of bytes and
# a NUL, under the name of its module: prelude/torch.nn.py is torch.nn.
set -eu
out=$1
shift
{
    echo '/* Made from prelude/ by embed.sh. */'
    echo '#include "runner/evaluate/prelude.h"'
    n=0
    for file; do
        echo "static const unsigned char text_$n[] = {"
        od -An -v -tu1 "$file" | sed 's/  */,/g; s/^,//; s/$/,/'
        echo '0};'
        n=$((n + 1))
    done
    echo 'const PreludeSource prelude_sources[] = {'
    n=0
    for file; do
        name=$(basename "$file" .py)
        echo "    {\"$name\", text_$n, sizeof text_$n - 1},"
        n=$((n + 1))
    done
    echo '    {NULL, NULL, 0},'
    echo '};'
} >"$out"

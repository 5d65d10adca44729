#!/bin/sh
# Shows that nothing calls the C library's version of a function that core/kernel/libm.h
# has: its bits are not the same everywhere. Speaks TAP.
#
# usage: calls.sh LIBM_H ARCHIVE...
set -u
header=$1
shift
echo 1..1
if ! command -v nm >/dev/null; then
    echo 'ok 1 - no call # SKIP no nm'
    exit 0
fi
ours=$(sed -n 's/^[a-z]* libm_\([a-z0-9]*\)(.*/\1/p' "$header" | tr '\n' '|')
if called=$(nm -A -u "$@" | grep -wE "(${ours%|})\$"); then
    echo 'not ok 1 - nothing calls the C library for what libm.h has'
    echo "$called" | sed 's/^/#   /'
    exit 1
fi
echo 'ok 1 - nothing calls the C library for what libm.h has'

/* The text of basic.h's kernels; included with ADD, SUB, MUL and DIV (their names)
 * defined. */
#include "core/kernel/basic.h"
#include "core/kernel/loops.h"

KERNEL(ADD) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP2, a + b)
        FLOATING(LOOP2, a + b)
        BOOLEAN(LOOP2, a || b)
        NO_OTHERS
    }
}

KERNEL(SUB) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP2, a - b)
        FLOATING(LOOP2, a - b)
        NO_OTHERS
    }
}

KERNEL(MUL) {
    (void)arg;
    switch (d) {
        WRAPPING(LOOP2, a * b)
        FLOATING(LOOP2, a * b)
        BOOLEAN(LOOP2, a && b)
        NO_OTHERS
    }
}

KERNEL(DIV) {
    (void)arg;
    switch (d) {
        FLOATING(LOOP2, a / b)
        NO_OTHERS
    }
}

#include <stdio.h>

int main(void) {
    puts("autocell " AUTOCELL_VERSION);
    return 0;
}

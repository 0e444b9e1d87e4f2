// SPDX-License-Identifier: Apache-2.0
// Linked into every test that can compute: OpenBLAS runs on one thread, as in the program.
#include "trm/nn/init.h"

__attribute__((constructor)) static void begin(void) {
    trm_init();
}

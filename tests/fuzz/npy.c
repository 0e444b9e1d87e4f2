// SPDX-License-Identifier: Apache-2.0
// NumPy files: every item of what is read lies in the file.
#include <stdlib.h>

#include "env/files/npy.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_npy a;
    trm_error e = {0};
    if (!trm_npy_parse((const char *)data, size, &a, &e)) {
        must_tell(&e);
        return 0;
    }
    must(a.data >= data && a.data + a.count * a.width == data + size);
    for (int64_t i = 0; i < a.count; i++)
        (void)trm_npy_at(&a, i);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// The pickle of a PyTorch file: every tensor that is told lies within the storage that is told.
#include <string.h>

#include "run/torch/pickle.h"
#include "target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_pickle_state s;
    trm_error e = {0};
    if (!trm_pickle_read(&s, (const char *)data, size, &e)) {
        must_tell(&e);
        trm_pickle_free(&s);
        return 0;
    }
    for (int32_t i = 0; i < s.count; i++) {
        const trm_pickle_tensor *p = &s.tensors[i];
        const char *first = (const char *)data, *key = p->storage.at;
        int64_t n = trm_tensor_count(&p->tensor);
        must(p->tensor.ndim >= 0 && p->tensor.ndim <= TRM_PARAM_DIMS);
        must(n >= 0 && p->offset >= 0 && p->offset <= p->storage_elements - n);
        must(key >= first && p->storage.size <= size && key + p->storage.size <= first + size);
        must(strlen(p->tensor.name) < sizeof p->tensor.name);
    }
    trm_pickle_free(&s);
    return 0;
}

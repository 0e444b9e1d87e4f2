// SPDX-License-Identifier: Apache-2.0
// The container of checkpoints: every tensor that is told lies within what was read.
#include <string.h>

#include "target.h"
#include "trm/run/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_safetensors s;
    trm_error e = {0};
    if (!trm_safetensors_parse(&s, "bytes", data, size, &e)) {
        must_tell(&e);
        must(s.tensors == NULL && s.bytes == NULL && s.metadata == NULL);
        return 0;
    }
    uint64_t sum = 0;
    for (int32_t i = 0; i < s.count; i++) {
        const trm_tensor *t = &s.tensors[i];
        const unsigned char *bytes = t->data;
        size_t n = (size_t)trm_tensor_count(t) * trm_dtype_size(t->dtype);
        must(n <= size && strlen(t->name) < sizeof t->name);
        must(trm_safetensors_find(&s, t->name) == t);
        for (size_t k = 0; k < n; k++) // the sanitizer watches
            sum += bytes[k];
    }
    for (int32_t i = 0; i < s.metadata_count; i++)
        must(trm_safetensors_meta(&s, s.metadata[i].key) == s.metadata[i].value);
    must(sum <= 255 * (uint64_t)size);
    trm_safetensors_free(&s);
    return 0;
}

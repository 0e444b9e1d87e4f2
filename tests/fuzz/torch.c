// SPDX-License-Identifier: Apache-2.0
// Files of torch.save: what is read is a small multiple of the file, and becomes a model or an
// error of one line.
#include "run/weights/checkpoint_parts.h"
#include "target.h"
#include "trm/run/weights.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_safetensors s;
    trm_config c = trm_config_default();
    trm_error e = {0};
    if (!trm_weights_parse(&s, "bytes", data, size, &e)) {
        must_tell(&e);
        must(s.tensors == NULL && s.bytes == NULL);
        return 0;
    }
    uint64_t sum = 0, total = 0;
    for (int32_t i = 0; i < s.count; i++) {
        const unsigned char *bytes = s.tensors[i].data;
        size_t n = (size_t)trm_tensor_count(&s.tensors[i]) * trm_dtype_size(s.tensors[i].dtype);
        total += n;
        for (size_t k = 0; k < n; k++) // the sanitizer watches
            sum += bytes[k];
    }
    must(total <= 2 * (uint64_t)size && sum <= 255 * total);
    trm_model *m = trm_checkpoint_build_model(&s, NULL, NULL, 0, &c, &e);
    if (m == NULL)
        must_tell(&e);
    trm_model_free(m);
    trm_safetensors_free(&s);
    return 0;
}

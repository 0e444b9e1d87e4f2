// SPDX-License-Identifier: Apache-2.0
// Without libzip and libyaml.
#include "run/torch/torch.h"

bool trm_torch_read(trm_safetensors *s, const char *path, trm_error *e) {
    *s = (trm_safetensors){0};
    return trm_error_set(e, TRM_E_INPUT,
                         "%s: a PyTorch file, and this build has no libzip: build with "
                         "-Dtorch=enabled, or save it as safetensors",
                         path);
}

bool trm_torch_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                     trm_error *e) {
    (void)bytes;
    (void)size;
    return trm_torch_read(s, name, e);
}

bool trm_torch_read_config(const char *path, trm_model_config *c, trm_error *e) {
    (void)c;
    return trm_error_set(e, TRM_E_INPUT,
                         "%s: this build has no libyaml: build with -Dtorch=enabled, or move the "
                         "file away and say what the weights do not tell (model.k_cycles=...)",
                         path);
}

bool trm_torch_parse_config(const char *name, const char *text, size_t size, trm_model_config *c,
                            trm_error *e) {
    (void)text;
    (void)size;
    return trm_torch_read_config(name, c, e);
}

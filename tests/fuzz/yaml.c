// SPDX-License-Identifier: Apache-2.0
// all_config.yaml beside a checkpoint.
#include <string.h>

#include "run/torch/torch.h"
#include "target.h"
#include "trm/model/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const trm_model_config before = trm_model_config_default();
    trm_model_config c = before;
    trm_error e = {0};
    if (!trm_torch_parse_config("yaml", (const char *)data, size, &c, &e)) {
        must_tell(&e);
        must(memcmp(&c, &before, sizeof c) == 0);
    }
    must(c.k_cycles >= 0 && c.inner_steps >= 0 && c.heads >= 0 && c.prefix >= 0 && c.cells >= 0);
    must(memchr(c.position_encoding, '\0', sizeof c.position_encoding) != NULL);
    return 0;
}

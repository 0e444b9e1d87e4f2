// SPDX-License-Identifier: Apache-2.0
// Configuration files: what is read can be written, and reads back the same.
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "trm/run/config.h"

static void must_read_back(const trm_config *c) {
    trm_config back = trm_config_default();
    trm_error e = {0};
    char *printed = trm_config_print(c);
    must(trm_config_parse(&back, "printed", printed, &e));
    char *again = trm_config_print(&back);
    must(strcmp(printed, again) == 0);
    free(printed);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = text_of(data, size);
    const trm_config before = trm_config_default();
    trm_config c = before;
    trm_error e = {0};
    if (trm_config_parse(&c, "config", text, &e)) {
        trm_model_config model;
        if (!trm_config_check(&c, &e) || !trm_config_model(&c, &model, &e))
            must_tell(&e);
        if (now_and_then(data, size))
            must_read_back(&c);
    } else {
        must_tell(&e);
        must(memcmp(&c, &before, sizeof c) == 0);
    }
    free(text);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// State files of `trm probe`: an observation, or several.
#include <math.h>
#include <stdlib.h>

#include "cli/common/state_file.h"
#include "target.h"

enum { DIM = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = text_of(data, size);
    float *states = NULL;
    size_t count = 0;
    trm_error e = {0};
    if (trm_state_file_parse("state", text, size, DIM, &states, &count, &e)) {
        for (size_t i = 0; i < count * DIM; i++)
            must(isfinite(states[i]));
        free(states);
    } else {
        must_tell(&e);
    }
    free(text);
    return 0;
}

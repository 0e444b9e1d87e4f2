// SPDX-License-Identifier: Apache-2.0
// key=value words, one a line.
#include <stdlib.h>
#include <string.h>

#include "target.h"
#include "trm/run/config.h"

static void apply(trm_config *c, const char *word) {
    trm_error e = {0};
    const trm_config before = *c;
    if (!trm_config_override(c, word, &e)) {
        must_tell(&e);
        must(memcmp(c, &before, sizeof before) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = text_of(data, size), *rest = text;
    trm_config c = trm_config_default(), back = c;
    trm_error e = {0};
    for (char *word = strsep(&rest, "\n"); word != NULL; word = strsep(&rest, "\n"))
        apply(&c, word);
    if (!trm_config_check(&c, &e))
        must_tell(&e);
    if (now_and_then(data, size)) {
        char *printed = trm_config_print(&c);
        must(trm_config_parse(&back, "printed", printed, &e));
        free(printed);
    }
    free(text);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must_hold(bool holds, const char *promise) {
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", promise);
        abort();
    }
}

void must_tell(const trm_error *e) {
    must(e->code != TRM_OK);
    must(e->message[0] != '\0');
    must(strchr(e->message, '\n') == NULL);
}

char *text_of(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    must(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

bool now_and_then(const uint8_t *data, size_t size) {
#ifdef TRM_REPLAY
    (void)data;
    (void)size;
    return true;
#else
    enum { ONE_IN = 16 };
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < size; i++)
        h = (h ^ data[i]) * 16777619u;
    return (h ^ h >> 16) % ONE_IN == 0;
#endif
}

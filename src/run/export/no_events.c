// SPDX-License-Identifier: Apache-2.0
// Without protobuf-c: no event file is ever opened.
#include <assert.h>
#include <stddef.h>

#include "trm/run/export.h"

bool trm_event_file_possible(trm_error *e) {
    return trm_error_set(e, TRM_E_INPUT,
                         "this build writes no event files for TensorBoard (it has no protobuf-c); "
                         "`trm export RUN --csv FILE` writes the same numbers");
}

trm_event_file *trm_event_file_open(const char *run, const char *folder, trm_error *e) {
    (void)run;
    (void)folder;
    trm_event_file_possible(e);
    return NULL;
}

bool trm_event_file_renew(trm_event_file *f, trm_error *e) {
    (void)f;
    return trm_event_file_possible(e);
}

int64_t trm_event_file_number(const trm_event_file *f) {
    (void)f;
    return -1;
}

bool trm_event_file_picture(trm_event_file *f, const trm_event_picture *p, trm_error *e) {
    (void)f;
    (void)p;
    return trm_event_file_possible(e);
}

void trm_event_file_close(trm_event_file *f) {
    assert(f == NULL);
    (void)f;
}

const char *trm_event_file_path(const trm_event_file *f) {
    (void)f;
    return "";
}

// SPDX-License-Identifier: Apache-2.0
// What a command printed with --json. Failures end the test.
#ifndef TESTS_CLI_JSON_H
#define TESTS_CLI_JSON_H

#include <cjson/cJSON.h>

#include "process.h"

// The object that a command which succeeded printed; frees the outcome. Free with cJSON_Delete.
static inline cJSON *json_of(outcome o) {
    if (o.status != 0)
        fail_msg("exit status %d:\n%s%s", o.status, o.out, o.err);
    cJSON *json = cJSON_Parse(o.out);
    assert_non_null(json);
    outcome_free(&o);
    return json;
}

static inline double number_of(const cJSON *json, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    if (!cJSON_IsNumber(item))
        fail_msg("%s is no number", name);
    return item->valuedouble;
}

#endif

// SPDX-License-Identifier: Apache-2.0
// The lines of metrics.jsonl, read as what they are: text that anyone may have written.
#ifndef RUN_LINES_H
#define RUN_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cjson/cJSON.h>

enum { METRICS_LINE = 4096 };

typedef struct trm_metrics_line {
    char text[METRICS_LINE + 1];
    size_t length; // newline left out; METRICS_LINE + 1: too long, text is not all of it
    int64_t end;   // offset after the newline
} trm_metrics_line;

// Next whole line; false at the end. *l starts as zeros.
bool trm_metrics_line_next(FILE *in, trm_metrics_line *l);

// The line as an object; NULL if it is none. Free with cJSON_Delete.
cJSON *trm_metrics_line_parse(const trm_metrics_line *l);

#endif

// SPDX-License-Identifier: Apache-2.0
// Building JSON text.
#ifndef RUN_JSON_H
#define RUN_JSON_H

#include <stddef.h>

// Text that grows. Starts zeroed; always terminated once anything was appended. Free data with
// free().
typedef struct json_text {
    char *data;
    size_t size, capacity;
} json_text;

void json_append(json_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

void json_append_bytes(json_text *t, const void *bytes, size_t size);

// The string in quotes, with what JSON wants escaped.
void json_append_string(json_text *t, const char *string);

#endif

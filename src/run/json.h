// SPDX-License-Identifier: Apache-2.0
// JSON text: building it, and checking bytes before they are parsed.
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

// ,"name":value, or ,"name":null where the value is not finite. Reads back to the same bits.
void json_append_member(json_text *t, const char *name, double value);

// Index of the first byte that is not well-formed UTF-8 (RFC 3629), or `size` if all are.
size_t json_utf8_check(const char *text, size_t size);

#endif

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

// The number in digits that read back to the same bits; null where it is not finite.
void json_append_number(json_text *t, double value);

// "name":, with a comma before it unless it is the first of its object. A value has to follow.
void json_append_name(json_text *t, const char *name);

// A whole member: name and value.
void json_append_member(json_text *t, const char *name, double value);
void json_append_text_member(json_text *t, const char *name, const char *text);

#endif

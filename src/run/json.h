// SPDX-License-Identifier: Apache-2.0
// Building JSON text.
#ifndef RUN_JSON_H
#define RUN_JSON_H

#include <stddef.h>

// Text that grows. Starts zeroed; always terminated once anything was appended. Free data with
// free().
typedef struct trm_json_buffer {
    char *data;
    size_t size, capacity;
} trm_json_buffer;

void trm_json_append(trm_json_buffer *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void trm_json_append_bytes(trm_json_buffer *t, const void *bytes, size_t size);

// The string in quotes, with what JSON wants escaped.
void trm_json_append_string(trm_json_buffer *t, const char *string);

// The number in digits that read back to the same bits; null where it is not finite.
void trm_json_append_number(trm_json_buffer *t, double value);

// "name":, with a comma before it unless it is the first of its object. A value has to follow.
void trm_json_append_name(trm_json_buffer *t, const char *name);

// A whole member: name and value.
void trm_json_append_member(trm_json_buffer *t, const char *name, double value);
void trm_json_append_text_member(trm_json_buffer *t, const char *name, const char *text);

#endif

// SPDX-License-Identifier: Apache-2.0
// Building JSON text, and taking numbers out of what was parsed.
#ifndef RUN_JSON_H
#define RUN_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

// Text that grows. Starts zeroed; always terminated once anything was appended. Free data with
// free().
typedef struct trm_json_buffer {
    char *data;
    size_t size, capacity;
} trm_json_buffer;

void trm_json_append(trm_json_buffer *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void trm_json_append_bytes(trm_json_buffer *t, const void *bytes, size_t size);

// Room for so many bytes more, where much is going to be appended in parts.
void trm_json_reserve(trm_json_buffer *t, size_t more);

// The string in quotes, with what JSON wants escaped.
void trm_json_append_string(trm_json_buffer *t, const char *string);

// The number in digits that read back to the same bits; null where it is not finite.
void trm_json_append_number(trm_json_buffer *t, double value);

// "name":, with a comma before it unless it is the first of its object. A value has to follow.
void trm_json_append_name(trm_json_buffer *t, const char *name);

// A whole member: name and value.
void trm_json_append_member(trm_json_buffer *t, const char *name, double value);
void trm_json_append_text_member(trm_json_buffer *t, const char *name, const char *text);

// cJSON_ParseWithLengthOpts, but that running out of memory is no mistake of the text: it ends as
// trm_alloc does. Free with cJSON_Delete.
cJSON *trm_json_parse(const char *text, size_t size, const char **end, bool terminated);

// Reads a number of least .. most, or a whole one. False: the item (NULL: it is not there) is
// something else.
bool trm_json_real(const cJSON *item, double least, double most, double *out);
bool trm_json_whole(const cJSON *item, double least, double most, int64_t *out);

#endif

// SPDX-License-Identifier: Apache-2.0
#include "run/json.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

static void reserve(json_text *t, size_t more) {
    if (t->capacity - t->size > more)
        return;
    size_t capacity = t->capacity ? t->capacity : 256;
    while (capacity - t->size <= more)
        capacity *= 2;
    char *data = trm_alloc(capacity, 1);
    if (t->size)
        memcpy(data, t->data, t->size);
    free(t->data);
    t->data = data;
    t->capacity = capacity;
}

void json_append_bytes(json_text *t, const void *bytes, size_t size) {
    reserve(t, size);
    if (size)
        memcpy(t->data + t->size, bytes, size);
    t->size += size;
    t->data[t->size] = '\0';
}

void json_append(json_text *t, const char *format, ...) {
    assert(format);
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    reserve(t, (size_t)size);
    vsnprintf(t->data + t->size, (size_t)size + 1, format, again);
    va_end(again);
    t->size += (size_t)size;
}

void json_append_string(json_text *t, const char *string) {
    json_append_bytes(t, "\"", 1);
    for (const char *s = string; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            json_append(t, "\\%c", c);
        else if (c == '\n')
            json_append_bytes(t, "\\n", 2);
        else if (c < 0x20)
            json_append(t, "\\u%04x", c);
        else
            json_append_bytes(t, s, 1);
    }
    json_append_bytes(t, "\"", 1);
}

void json_append_number(json_text *t, double value) {
    char number[32];
    trm_text_from_f64(number, value);
    json_append(t, "%s", number);
}

void json_append_name(json_text *t, const char *name) {
    const char before = t->size > 0 ? t->data[t->size - 1] : '\0';
    if (before != '\0' && before != '{')
        json_append_bytes(t, ",", 1);
    json_append_string(t, name);
    json_append_bytes(t, ":", 1);
}

void json_append_member(json_text *t, const char *name, double value) {
    json_append_name(t, name);
    json_append_number(t, value);
}

void json_append_text_member(json_text *t, const char *name, const char *text) {
    json_append_name(t, name);
    json_append_string(t, text);
}

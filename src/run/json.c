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

void json_append_member(json_text *t, const char *name, double value) {
    char number[32];
    trm_text_from_f64(number, value);
    json_append(t, ",\"%s\":%s", name, number);
}

static bool continues(const unsigned char *s, size_t left, size_t n) {
    if (left < n)
        return false;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return false;
    return true;
}

// Bytes of the character at s, 0 if it is not well formed: overlong forms, surrogates and anything
// above U+10FFFF are not.
static size_t character(const unsigned char *s, size_t left) {
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        return continues(s, left, 2) ? 2 : 0;
    if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        if (!continues(s, left, 3) || (s[0] == 0xE0 && s[1] < 0xA0) ||
            (s[0] == 0xED && s[1] > 0x9F))
            return 0;
        return 3;
    }
    if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        if (!continues(s, left, 4) || (s[0] == 0xF0 && s[1] < 0x90) ||
            (s[0] == 0xF4 && s[1] > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

size_t json_utf8_check(const char *text, size_t size) {
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < size) {
        size_t n = character(s + i, size - i);
        if (n == 0)
            break;
        i += n;
    }
    return i;
}

// SPDX-License-Identifier: Apache-2.0
#include "run/json.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

static void *take(size_t size) {
    void *p = malloc(size);
    if (!p)
        p = trm_alloc(1, size);
    return p;
}

static void choose_memory(void) {
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = take, .free_fn = free});
}

cJSON *trm_json_parse(const char *text, size_t size, const char **end, bool terminated) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, choose_memory);
    return cJSON_ParseWithLengthOpts(text, size, end, terminated);
}

void trm_json_reserve(trm_json_buffer *t, size_t more) {
    if (t->capacity - t->size > more)
        return;
    size_t capacity = t->capacity ? t->capacity : 256;
    while (capacity - t->size <= more)
        capacity *= 2;
    char *data = take(capacity);
    if (t->size)
        memcpy(data, t->data, t->size);
    free(t->data);
    t->data = data;
    t->capacity = capacity;
}

void trm_json_append_bytes(trm_json_buffer *t, const void *bytes, size_t size) {
    trm_json_reserve(t, size);
    if (size)
        memcpy(t->data + t->size, bytes, size);
    t->size += size;
    t->data[t->size] = '\0';
}

void trm_json_append(trm_json_buffer *t, const char *format, ...) {
    assert(format);
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(size >= 0);
    trm_json_reserve(t, (size_t)size);
    vsnprintf(t->data + t->size, (size_t)size + 1, format, again);
    va_end(again);
    t->size += (size_t)size;
}

void trm_json_append_string(trm_json_buffer *t, const char *string) {
    trm_json_append_bytes(t, "\"", 1);
    for (const char *s = string; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            trm_json_append(t, "\\%c", c);
        else if (c == '\n')
            trm_json_append_bytes(t, "\\n", 2);
        else if (c < 0x20)
            trm_json_append(t, "\\u%04x", c);
        else
            trm_json_append_bytes(t, s, 1);
    }
    trm_json_append_bytes(t, "\"", 1);
}

void trm_json_append_number(trm_json_buffer *t, double value) {
    char number[32];
    trm_text_from_f64(number, value);
    trm_json_append(t, "%s", number);
}

void trm_json_append_name(trm_json_buffer *t, const char *name) {
    const char before = t->size > 0 ? t->data[t->size - 1] : '\0';
    if (before != '\0' && before != '{')
        trm_json_append_bytes(t, ",", 1);
    trm_json_append_string(t, name);
    trm_json_append_bytes(t, ":", 1);
}

void trm_json_append_member(trm_json_buffer *t, const char *name, double value) {
    trm_json_append_name(t, name);
    trm_json_append_number(t, value);
}

void trm_json_append_text_member(trm_json_buffer *t, const char *name, const char *text) {
    trm_json_append_name(t, name);
    trm_json_append_string(t, text);
}

bool trm_json_real(const cJSON *item, double least, double most, double *out) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= least && item->valuedouble <= most))
        return false;
    *out = item->valuedouble;
    return true;
}

bool trm_json_whole(const cJSON *item, double least, double most, int64_t *out) {
    double value;
    if (!trm_json_real(item, least, most, &value) || value != floor(value))
        return false;
    *out = (int64_t)value;
    return true;
}

// SPDX-License-Identifier: Apache-2.0
#include "trm/run/safetensors.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "run/json.h"
#include "run/weights/safetensors_header.h"
#include "run/weights/tensor.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

enum { PREFIX = 8, MAX_HEADER = 16 << 20, MAX_FILE = 1 << 30 };

// ---- reading ------------------------------------------------------------------------------------

// The file's offsets need not be aligned, so every tensor is copied to where it is.
static void take(trm_safetensors *s, trm_safetensors_header *h, const char *data) {
    size_t total = 0, at = 0;
    for (int32_t i = 0; i < h->count; i++)
        total += trm_tensor_room(&h->entries[i].tensor);
    s->count = h->count;
    s->tensors = trm_alloc((size_t)h->count + 1, sizeof *s->tensors);
    s->bytes = trm_alloc(total + 1, 1);
    for (int32_t i = 0; i < h->count; i++) {
        const trm_safetensors_entry *entry = &h->entries[i];
        trm_tensor *t = &s->tensors[i];
        *t = entry->tensor;
        t->data = (char *)s->bytes + at;
        at += trm_tensor_room(t);
        memcpy(trm_tensor_raw(t), data + entry->begin, (size_t)(entry->end - entry->begin));
        trm_tensor_widen(t);
    }
    s->metadata = h->metadata;
    s->metadata_count = h->metadata_count;
    h->metadata = NULL;
    h->metadata_count = 0;
}

static bool parse(trm_safetensors *s, const char *bytes, size_t size, trm_error *e) {
    uint64_t length;
    if (size < PREFIX)
        return trm_error_set(e, TRM_E_INPUT, "too short to be safetensors (%zu bytes)", size);
    memcpy(&length, bytes, PREFIX);
    if (length > MAX_HEADER || length > size - PREFIX)
        return trm_error_set(e, TRM_E_INPUT,
                             "not safetensors, or cut short: a header of %llu bytes in a file of "
                             "%zu",
                             (unsigned long long)length, size);
    trm_safetensors_header h;
    const char *data = bytes + PREFIX + length;
    bool ok = trm_header_parse(&h, bytes + PREFIX, (size_t)length, size - PREFIX - length, e);
    if (ok)
        take(s, &h, data);
    trm_header_free(&h);
    return ok;
}

bool trm_safetensors_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                           trm_error *e) {
    *s = (trm_safetensors){0};
    if (size > MAX_FILE)
        return trm_error_set(e, TRM_E_INPUT, "%s: larger than 1 GiB", name);
    return parse(s, bytes, size, e) || trm_error_prefix(e, "%s", name);
}

bool trm_safetensors_read(trm_safetensors *s, const char *path, trm_error *e) {
    char *bytes;
    size_t size;
    *s = (trm_safetensors){0};
    if (!trm_file_read(path, MAX_FILE, &bytes, &size, e))
        return false;
    bool ok = trm_safetensors_parse(s, path, bytes, size, e);
    free(bytes);
    return ok;
}

void trm_safetensors_free(trm_safetensors *s) {
    for (int32_t i = 0; i < s->metadata_count; i++) {
        free(s->metadata[i].key);
        free(s->metadata[i].value);
    }
    free(s->metadata);
    free(s->tensors);
    free(s->bytes);
    for (size_t i = 0; i < sizeof s->extra / sizeof *s->extra; i++)
        free(s->extra[i]);
    *s = (trm_safetensors){0};
}

const trm_tensor *trm_safetensors_find(const trm_safetensors *s, const char *name) {
    for (int32_t i = 0; i < s->count; i++)
        if (strcmp(s->tensors[i].name, name) == 0)
            return &s->tensors[i];
    return NULL;
}

const char *trm_safetensors_meta(const trm_safetensors *s, const char *key) {
    for (int32_t i = 0; i < s->metadata_count; i++)
        if (strcmp(s->metadata[i].key, key) == 0)
            return s->metadata[i].value;
    return NULL;
}

// ---- writing ------------------------------------------------------------------------------------

// Wide dtypes first, so that every tensor is aligned in the file (PyTorch views it in place).
static void order_by_width(const trm_tensor *tensors, int32_t count, const trm_tensor **order) {
    int32_t n = 0;
    for (size_t width = 8; width > 0; width /= 2)
        for (int32_t i = 0; i < count; i++)
            if (trm_dtype_size(tensors[i].dtype) == width)
                order[n++] = &tensors[i];
    assert(n == count);
}

static void append_entry(trm_json_buffer *out, const trm_tensor *t, uint64_t begin) {
    trm_json_append_string(out, t->name);
    trm_json_append(out, ":{\"dtype\":\"%s\",\"shape\":[", trm_header_dtype_name(t->dtype));
    for (int32_t i = 0; i < t->ndim; i++)
        trm_json_append(out, "%s%lld", i ? "," : "", (long long)t->shape[i]);
    trm_json_append(out, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)begin,
                    (unsigned long long)(begin + trm_tensor_bytes(t)));
}

static void append_header(trm_json_buffer *out, const trm_tensor *const *order, int32_t count,
                          const struct trm_metadata *metadata, int32_t metadata_count) {
    uint64_t begin = 0;
    trm_json_append(out, "{");
    if (metadata_count > 0) {
        trm_json_append(out, "\"__metadata__\":{");
        for (int32_t i = 0; i < metadata_count; i++) {
            trm_json_append(out, i ? "," : "");
            trm_json_append_string(out, metadata[i].key);
            trm_json_append(out, ":");
            trm_json_append_string(out, metadata[i].value);
        }
        trm_json_append(out, "}");
    }
    for (int32_t i = 0; i < count; i++) {
        trm_json_append(out, i || metadata_count > 0 ? "," : "");
        append_entry(out, order[i], begin);
        begin += trm_tensor_bytes(order[i]);
    }
    trm_json_append(out, "}");
    while (out->size % PREFIX != 0)
        trm_json_append(out, " ");
}

char *trm_safetensors_print(const trm_tensor *tensors, int32_t count,
                            const struct trm_metadata *metadata, int32_t metadata_count,
                            size_t *size) {
    const trm_tensor **order = trm_alloc((size_t)count + 1, sizeof *order);
    trm_json_buffer out = {0};
    uint64_t length = 0;
    order_by_width(tensors, count, order);
    trm_json_append_bytes(&out, &length, PREFIX);
    append_header(&out, order, count, metadata, metadata_count);
    length = out.size - PREFIX;
    memcpy(out.data, &length, PREFIX);
    size_t values = 0;
    for (int32_t i = 0; i < count; i++)
        values += trm_tensor_bytes(order[i]);
    trm_json_reserve(&out, values);
    for (int32_t i = 0; i < count; i++)
        trm_json_append_bytes(&out, order[i]->data, trm_tensor_bytes(order[i]));
    free(order);
    *size = out.size;
    return out.data;
}

bool trm_safetensors_write(const char *path, const trm_tensor *tensors, int32_t count,
                           const struct trm_metadata *metadata, int32_t metadata_count,
                           trm_error *e) {
    size_t size;
    char *bytes = trm_safetensors_print(tensors, count, metadata, metadata_count, &size);
    bool ok = trm_file_write(path, bytes, size, e);
    free(bytes);
    return ok;
}

// SPDX-License-Identifier: Apache-2.0
#include "env/files/npy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trm/base/file.h"

enum { MAGIC = 6, HEADER_MAX = 1 << 16 };
static const size_t MAX_BYTES = (size_t)1 << 30;
static const int64_t MAX_ITEMS = (int64_t)1 << 30;

// The header is a Python dict of three keys; `at` walks it.
typedef struct header {
    const char *at, *end;
} header;

static void skip_spaces(header *h) {
    while (h->at < h->end && strchr(" \t\r\n", *h->at) && *h->at)
        h->at++;
}

static bool take(header *h, const char *text) {
    const size_t n = strlen(text);
    skip_spaces(h);
    if ((size_t)(h->end - h->at) < n || memcmp(h->at, text, n) != 0)
        return false;
    h->at += n;
    return true;
}

static bool take_number(header *h, int64_t *out) {
    skip_spaces(h);
    const char *begin = h->at;
    for (*out = 0; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++)
        if ((*out = *out * 10 + (*h->at - '0')) > MAX_ITEMS)
            return false;
    return h->at > begin;
}

static bool take_shape(header *h, trm_npy *out, trm_error *e) {
    if (!take(h, "("))
        return trm_error_set(e, TRM_E_INPUT, "the header's shape is not a tuple");
    out->count = 1;
    for (out->dims = 0; !take(h, ")"); out->dims++) {
        int64_t n;
        if (out->dims == TRM_NPY_DIMS || !take_number(h, &n))
            return trm_error_set(e, TRM_E_INPUT,
                                 "the header's shape has more than %d sizes, or none",
                                 (int)TRM_NPY_DIMS);
        if (n > 0 && out->count > MAX_ITEMS / n)
            return trm_error_set(e, TRM_E_INPUT, "the array has more than 2^30 items");
        out->shape[out->dims] = n;
        out->count *= n;
        if (!take(h, ",") && (h->at == h->end || *h->at != ')'))
            return trm_error_set(e, TRM_E_INPUT, "the header's shape does not end");
    }
    return true;
}

static bool take_type(header *h, trm_npy *out, trm_error *e) {
    static const struct {
        const char *name;
        int32_t width;
    } types[] = {{"'|u1'", 1}, {"'<i4'", 4}, {"'<i8'", 8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (take(h, types[i].name)) {
            out->width = types[i].width;
            return true;
        }
    return trm_error_set(e, TRM_E_INPUT,
                         "items of type %.*s, expected '|u1', '<i4' or '<i8': "
                         "array.astype(\"uint8\")",
                         (int)(h->end - h->at < 8 ? h->end - h->at : 8), h->at);
}

static bool parse_header(header *h, trm_npy *out, trm_error *e) {
    bool type = false, order = false, shape = false;
    if (!take(h, "{"))
        return trm_error_set(e, TRM_E_INPUT, "the header is not a dict");
    while (!take(h, "}")) {
        if (!type && take(h, "'descr':"))
            type = take_type(h, out, e);
        else if (!order && take(h, "'fortran_order':"))
            order = take(h, "False") ||
                    trm_error_set(e, TRM_E_INPUT,
                                  "the array is in Fortran order: numpy.ascontiguousarray");
        else if (!shape && take(h, "'shape':"))
            shape = take_shape(h, out, e);
        else
            return trm_error_set(e, TRM_E_INPUT, "the header has an unknown key or one twice");
        if (e && e->code != TRM_OK)
            return false;
        if (!take(h, ",") && (h->at == h->end || *h->at != '}'))
            return trm_error_set(e, TRM_E_INPUT, "the header does not end");
    }
    skip_spaces(h);
    if (h->at != h->end)
        return trm_error_set(e, TRM_E_INPUT, "something follows the header's dict");
    return (type && order && shape) ||
           trm_error_set(e, TRM_E_INPUT, "the header lacks descr, fortran_order or shape");
}

static bool parse(const uint8_t *bytes, size_t size, trm_npy *out, trm_error *e) {
    if (size < MAGIC + 4 || memcmp(bytes, "\x93NUMPY", MAGIC) != 0)
        return trm_error_set(e, TRM_E_INPUT, "not a NumPy file: save it with numpy.save");
    const uint8_t version = bytes[MAGIC];
    const size_t start = MAGIC + (version == 1 ? 4 : 6);
    if (version < 1 || version > 3 || bytes[MAGIC + 1] != 0 || size < start)
        return trm_error_set(
            e, TRM_E_INPUT,
            "NumPy format %d.%d, expected 1.0 to 3.0: save it again with numpy.save", version,
            bytes[MAGIC + 1]);
    size_t length = bytes[MAGIC + 2] | (size_t)bytes[MAGIC + 3] << 8;
    if (version > 1)
        length |= (size_t)bytes[MAGIC + 4] << 16 | (size_t)bytes[MAGIC + 5] << 24;
    if (length > HEADER_MAX || length > size - start)
        return trm_error_set(e, TRM_E_INPUT, "a header of %zu bytes in a file of %zu", length,
                             size);
    header h = {(const char *)bytes + start, (const char *)bytes + start + length};
    if (!parse_header(&h, out, e))
        return false;
    const uint64_t want = (uint64_t)out->count * (uint64_t)out->width, have = size - start - length;
    out->data = bytes + start + length;
    return want == have || trm_error_set(e, TRM_E_INPUT,
                                         "the shape says %llu bytes, found %llu: the file is cut "
                                         "off or was changed",
                                         (unsigned long long)want, (unsigned long long)have);
}

bool trm_npy_parse(const char *bytes, size_t size, trm_npy *out, trm_error *e) {
    trm_error failure = {.code = TRM_OK};
    *out = (trm_npy){0};
    if (parse((const uint8_t *)bytes, size, out, &failure))
        return true;
    if (e)
        *e = failure;
    return false;
}

bool trm_npy_read(const char *path, trm_npy *out, trm_error *e) {
    char *bytes;
    size_t size;
    *out = (trm_npy){0};
    if (!trm_file_read(path, MAX_BYTES, &bytes, &size, e)) {
        if (e)
            e->code = TRM_E_INPUT;
        return false;
    }
    if (!trm_npy_parse(bytes, size, out, e)) {
        free(bytes);
        *out = (trm_npy){0};
        return trm_error_prefix(e, "%s", path);
    }
    out->file = bytes;
    return true;
}

void trm_npy_done(trm_npy *a) {
    free(a->file);
    *a = (trm_npy){0};
}

int64_t trm_npy_at(const trm_npy *a, int64_t i) {
    assert(i >= 0 && i < a->count);
    uint64_t x = 0;
    for (int32_t k = a->width; k-- > 0;)
        x = x << 8 | a->data[i * a->width + k];
    return a->width == 4 ? (int32_t)(uint32_t)x : (int64_t)x;
}

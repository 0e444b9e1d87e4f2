// SPDX-License-Identifier: Apache-2.0
#include "run/weights/safetensors_header.h"

#include <stdlib.h>
#include <string.h>

#include "run/weights/tensor.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

#define MAX_EXACT ((UINT64_C(1) << 53) - 1)

enum { MAX_METADATA = 4096 };

static const char *const dtype_names[] = {
    [TRM_F32] = "F32",  [TRM_F64] = "F64", [TRM_I64] = "I64",   [TRM_U8] = "U8",
    [TRM_I32] = "I32",  [TRM_I16] = "I16", [TRM_I8] = "I8",     [TRM_U64] = "U64",
    [TRM_U32] = "U32",  [TRM_U16] = "U16", [TRM_BOOL] = "BOOL", [TRM_F16] = "F16",
    [TRM_BF16] = "BF16"};

enum { DTYPE_COUNT = sizeof dtype_names / sizeof *dtype_names };

const char *trm_header_dtype_name(trm_dtype t) {
    return (size_t)t < DTYPE_COUNT ? dtype_names[t] : NULL;
}

// ---- tokens -------------------------------------------------------------------------------------

typedef struct scanner {
    const char *start, *at, *end;
    char *string; // the string last read; as large as the header, decoding never makes longer
    trm_error *e;
} scanner;

static bool fail(scanner *s, const char *what) {
    return trm_error_set(s->e, TRM_E_INPUT, "header, byte %zu: %s", (size_t)(s->at - s->start) + 8,
                         what);
}

static void skip_space(scanner *s) {
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool accept(scanner *s, char c) {
    skip_space(s);
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool expect(scanner *s, char c) {
    char what[32];
    if (accept(s, c))
        return true;
    trm_text_format(what, sizeof what, "expected '%c'", c);
    return fail(s, what);
}

static bool scan_hex(scanner *s, uint32_t *out) {
    *out = 0;
    for (int i = 0; i < 4; i++) {
        char c = s->at < s->end ? *s->at : '\0';
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else
            return fail(s, "expected four hexadecimal digits");
        *out = *out * 16 + digit;
        s->at++;
    }
    return true;
}

// What follows "\u": one code unit, or two that make a pair.
static bool scan_unicode(scanner *s, char **out) {
    uint32_t c, low;
    if (!scan_hex(s, &c))
        return false;
    if (c >= 0xD800 && c <= 0xDBFF) {
        if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
            return fail(s, "half a surrogate pair");
        s->at += 2;
        if (!scan_hex(s, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(s, "half a surrogate pair");
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c >= 0xDC00 && c <= 0xDFFF) {
        return fail(s, "half a surrogate pair");
    }
    if (c == 0)
        return fail(s, "a zero character in a string");
    *out += trm_utf8_put(*out, c);
    return true;
}

static bool scan_escape(scanner *s, char **out) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = s->at < s->end ? *s->at : '\0';
    const char *known = c ? strchr(from, c) : NULL;
    if (c == 'u') {
        s->at++;
        return scan_unicode(s, out);
    }
    if (!known)
        return fail(s, "unknown escape in a string");
    *(*out)++ = to[known - from];
    s->at++;
    return true;
}

static bool scan_string(scanner *s) {
    char *out = s->string;
    if (!expect(s, '"'))
        return false;
    while (s->at < s->end && *s->at != '"') {
        if ((unsigned char)*s->at < 0x20)
            return fail(s, "a control character in a string");
        if (*s->at != '\\') {
            *out++ = *s->at++;
            continue;
        }
        s->at++;
        if (!scan_escape(s, &out))
            return false;
    }
    if (s->at == s->end)
        return fail(s, "the string does not end");
    s->at++;
    *out = '\0';
    return true;
}

static bool scan_whole(scanner *s, uint64_t *out) {
    skip_space(s);
    const char *first = s->at;
    *out = 0;
    for (; s->at < s->end && *s->at >= '0' && *s->at <= '9'; s->at++) {
        *out = *out * 10 + (uint64_t)(*s->at - '0');
        if (*out > MAX_EXACT)
            return fail(s, "the number is too large");
    }
    if (s->at == first || (*first == '0' && s->at - first > 1) ||
        (s->at < s->end && memchr(".eE+-", *s->at, 5)))
        return fail(s, "expected a whole number, 0 or more");
    return true;
}

// ---- grammar ------------------------------------------------------------------------------------

static char *copy_string(const scanner *s) {
    size_t size = strlen(s->string) + 1;
    return memcpy(trm_alloc(size, 1), s->string, size);
}

static bool scan_metadata(scanner *s, trm_safetensors_header *h) {
    if (!expect(s, '{'))
        return false;
    if (accept(s, '}'))
        return true;
    do {
        if (!scan_string(s))
            return false;
        if (h->metadata_count == MAX_METADATA)
            return fail(s, "too many metadata entries");
        h->metadata =
            trm_grow(h->metadata, h->metadata_count, &h->metadata_capacity, sizeof *h->metadata);
        struct trm_metadata *m = &h->metadata[h->metadata_count++];
        *m = (struct trm_metadata){.key = copy_string(s)};
        if (!expect(s, ':'))
            return false;
        skip_space(s);
        if (s->at < s->end && *s->at != '"')
            return fail(s, "the values of __metadata__ must be texts; save it again with texts "
                           "there, as safetensors itself wants it");
        if (!scan_string(s))
            return false;
        m->value = copy_string(s);
    } while (accept(s, ','));
    return expect(s, '}');
}

static bool scan_dtype(scanner *s, trm_tensor *t) {
    if (!scan_string(s))
        return false;
    for (int i = 0; i < DTYPE_COUNT; i++) {
        if (strcmp(s->string, dtype_names[i]) == 0) {
            t->dtype = (trm_dtype)i;
            return true;
        }
    }
    return trm_error_set(
        s->e, TRM_E_INPUT,
        "tensor \"%s\": dtype %.20s cannot be read (F64, F32, F16, BF16, whole numbers can)",
        t->name, s->string);
}

static bool scan_shape(scanner *s, trm_tensor *t) {
    uint64_t dimension;
    if (!expect(s, '['))
        return false;
    if (accept(s, ']'))
        return true;
    do {
        if (t->ndim == TRM_PARAM_DIMS)
            return trm_error_set(s->e, TRM_E_INPUT, "tensor \"%s\": more than %d dimensions",
                                 t->name, TRM_PARAM_DIMS);
        if (!scan_whole(s, &dimension))
            return false;
        t->shape[t->ndim++] = (int64_t)dimension;
    } while (accept(s, ','));
    return expect(s, ']');
}

static bool scan_offsets(scanner *s, trm_safetensors_entry *entry) {
    return expect(s, '[') && scan_whole(s, &entry->begin) && expect(s, ',') &&
           scan_whole(s, &entry->end) && expect(s, ']');
}

static bool scan_entry(scanner *s, trm_safetensors_entry *entry) {
    static const char *const fields[] = {"dtype", "shape", "data_offsets"};
    enum { DTYPE, SHAPE, OFFSETS, FIELDS };
    bool seen[FIELDS] = {false};
    if (!expect(s, '{'))
        return false;
    do {
        int field = 0;
        if (!scan_string(s))
            return false;
        while (field < FIELDS && strcmp(s->string, fields[field]) != 0)
            field++;
        if (field == FIELDS || seen[field])
            return trm_error_set(s->e, TRM_E_INPUT, "tensor \"%s\": \"%.40s\" %s",
                                 entry->tensor.name, s->string,
                                 field == FIELDS ? "does not belong there" : "appears twice");
        seen[field] = true;
        if (!expect(s, ':'))
            return false;
        bool ok = field == DTYPE   ? scan_dtype(s, &entry->tensor)
                  : field == SHAPE ? scan_shape(s, &entry->tensor)
                                   : scan_offsets(s, entry);
        if (!ok)
            return false;
    } while (accept(s, ','));
    if (!expect(s, '}'))
        return false;
    for (int i = 0; i < FIELDS; i++)
        if (!seen[i])
            return trm_error_set(s->e, TRM_E_INPUT, "tensor \"%s\": %s is missing",
                                 entry->tensor.name, fields[i]);
    return true;
}

static bool scan_tensor(scanner *s, trm_safetensors_header *h) {
    h->entries = trm_grow(h->entries, h->count, &h->capacity, sizeof *h->entries);
    trm_safetensors_entry *entry = &h->entries[h->count];
    *entry = (trm_safetensors_entry){0};
    if (!trm_text_copy(entry->tensor.name, sizeof entry->tensor.name, s->string))
        return trm_error_set(s->e, TRM_E_INPUT, "tensor \"%.60s...\": the name is too long (%d)",
                             s->string, TRM_TENSOR_NAME - 1);
    h->count++;
    return scan_entry(s, entry);
}

static bool scan_header(scanner *s, trm_safetensors_header *h) {
    bool metadata_seen = false;
    if (!expect(s, '{'))
        return false;
    if (!accept(s, '}')) {
        do {
            if (!scan_string(s))
                return false;
            bool metadata = strcmp(s->string, "__metadata__") == 0;
            if (metadata && metadata_seen)
                return fail(s, "__metadata__ appears twice");
            metadata_seen |= metadata;
            if (!expect(s, ':') || !(metadata ? scan_metadata(s, h) : scan_tensor(s, h)))
                return false;
        } while (accept(s, ','));
        if (!expect(s, '}'))
            return false;
    }
    skip_space(s);
    return s->at == s->end || fail(s, "something follows the header's end");
}

// ---- checks over all ----------------------------------------------------------------------------

static bool check_extent(const trm_safetensors_entry *entry, uint64_t data_size, trm_error *e) {
    const trm_tensor *t = &entry->tensor;
    uint64_t bytes = trm_dtype_size(t->dtype);
    bool overflow = false;
    for (int32_t i = 0; i < t->ndim; i++)
        overflow |= __builtin_mul_overflow(bytes, (uint64_t)t->shape[i], &bytes);
    if (overflow)
        return trm_error_set(e, TRM_E_INPUT, "tensor \"%s\": the shape overflows", t->name);
    if (entry->begin > entry->end || entry->end > data_size)
        return trm_error_set(e, TRM_E_INPUT,
                             "tensor \"%s\": data_offsets %llu..%llu do not lie within the %llu "
                             "bytes of data",
                             t->name, (unsigned long long)entry->begin,
                             (unsigned long long)entry->end, (unsigned long long)data_size);
    if (entry->end - entry->begin != bytes)
        return trm_error_set(
            e, TRM_E_INPUT, "tensor \"%s\": the shape needs %llu bytes, data_offsets give %llu",
            t->name, (unsigned long long)bytes, (unsigned long long)(entry->end - entry->begin));
    return true;
}

static int by_data(const void *a, const void *b) {
    const trm_safetensors_entry *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->tensor.name, y->tensor.name);
}

static int by_key(const void *a, const void *b) {
    const struct trm_metadata *x = a, *y = b;
    return strcmp(x->key, y->key);
}

static bool check_cover(const trm_safetensors_header *h, uint64_t data_size, trm_error *e) {
    uint64_t covered = 0;
    for (int32_t i = 0; i < h->count; i++) {
        const trm_safetensors_entry *entry = &h->entries[i];
        if (entry->begin != covered)
            return trm_error_set(e, TRM_E_INPUT, "tensor \"%s\": its data %s", entry->tensor.name,
                                 entry->begin < covered ? "overlap another tensor's"
                                                        : "leave a hole before them");
        covered = entry->end;
    }
    if (covered != data_size)
        return trm_error_set(e, TRM_E_INPUT, "%llu bytes of data belong to no tensor",
                             (unsigned long long)(data_size - covered));
    return true;
}

static bool check_unique(const trm_safetensors_header *h, trm_error *e) {
    const char *twice = trm_tensor_named_twice(h->entries, h->count, sizeof *h->entries);
    if (twice)
        return trm_error_set(e, TRM_E_INPUT, "tensor \"%s\" appears twice", twice);
    for (int32_t i = 1; i < h->metadata_count; i++)
        if (by_key(&h->metadata[i - 1], &h->metadata[i]) == 0)
            return trm_error_set(e, TRM_E_INPUT, "metadata \"%.60s\" appears twice",
                                 h->metadata[i].key);
    return true;
}

bool trm_header_parse(trm_safetensors_header *h, const char *text, size_t size, uint64_t data_size,
                      trm_error *e) {
    *h = (trm_safetensors_header){0};
    size_t bad = trm_utf8_check(text, size);
    if (bad < size)
        return trm_error_set(e, TRM_E_INPUT, "header, byte %zu: not UTF-8", bad + 8);
    scanner s = {.start = text, .at = text, .end = text + size, .e = e};
    s.string = trm_alloc(size + 1, 1);
    bool ok = scan_header(&s, h);
    free(s.string);
    for (int32_t i = 0; i < h->count && ok; i++)
        ok = check_extent(&h->entries[i], data_size, e);
    if (!ok)
        return false;
    if (h->count)
        qsort(h->entries, (size_t)h->count, sizeof *h->entries, by_data);
    if (h->metadata_count)
        qsort(h->metadata, (size_t)h->metadata_count, sizeof *h->metadata, by_key);
    return check_unique(h, e) && check_cover(h, data_size, e);
}

void trm_header_free(trm_safetensors_header *h) {
    for (int32_t i = 0; i < h->metadata_count; i++) {
        free(h->metadata[i].key);
        free(h->metadata[i].value);
    }
    free(h->metadata);
    free(h->entries);
    *h = (trm_safetensors_header){0};
}

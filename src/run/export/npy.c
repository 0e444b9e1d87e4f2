// SPDX-License-Identifier: Apache-2.0
#include "run/export/npy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "run/json.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/safetensors.h"

static const char *type_of(trm_dtype t) {
    assert(t == TRM_F32 || t == TRM_F64 || t == TRM_I64 || t == TRM_U8);
    return t == TRM_F32 ? "<f4" : t == TRM_F64 ? "<f8" : t == TRM_I64 ? "<i8" : "|u1";
}

static size_t bytes_of(const trm_tensor *t) {
    return (size_t)trm_tensor_count(t) * trm_dtype_size(t->dtype);
}

// The header is padded so that the numbers begin at a multiple of 64 bytes.
static void append_array(trm_json_buffer *out, const trm_tensor *t) {
    enum { MAGIC = 10, ALIGN = 64, ROOM = 4 * ALIGN };
    char head[ROOM] = "\x93NUMPY\x01", shape[128] = "", text[ROOM - MAGIC];
    for (int32_t i = 0; i < t->ndim; i++)
        trm_text_add(shape, sizeof shape, "%lld%s", (long long)t->shape[i],
                     i + 1 < t->ndim || t->ndim == 1 ? ", " : "");
    const size_t length = trm_text_format(
        text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
        type_of(t->dtype), shape);
    const size_t start = (MAGIC + length + 1 + ALIGN - 1) / ALIGN * ALIGN;
    memset(head + MAGIC, ' ', start - MAGIC);
    head[8] = (char)((start - MAGIC) & 0xFF);
    head[9] = (char)((start - MAGIC) >> 8);
    memcpy(head + MAGIC, text, length);
    head[start - 1] = '\n';
    trm_json_append_bytes(out, head, start);
    trm_json_append_bytes(out, t->data, bytes_of(t));
}

bool trm_npy_write(const char *path, const trm_tensor *t, trm_error *e) {
    trm_json_buffer out = {0};
    append_array(&out, t);
    const bool ok = trm_file_write(path, out.data, out.size, e);
    free(out.data);
    return ok;
}

// ---- the archive --------------------------------------------------------------------------------

static void put(trm_json_buffer *out, uint32_t x, int size) {
    unsigned char b[4];
    for (int i = 0; i < size; i++)
        b[i] = (unsigned char)(x >> (8 * i));
    trm_json_append_bytes(out, b, (size_t)size);
}

// What the entry's own header and the directory's have in common: nothing is packed, and the date
// is 1 January 1980, so that the same arrays are the same bytes.
static void put_entry(trm_json_buffer *out, const char *name, uint32_t sum, uint32_t size) {
    enum { VERSION = 20, DATE = 33 };
    put(out, VERSION, 2);
    put(out, 0, 2); // flags
    put(out, 0, 2); // stored
    put(out, 0, 2); // time
    put(out, DATE, 2);
    put(out, sum, 4);
    put(out, size, 4);
    put(out, size, 4);
    put(out, (uint32_t)strlen(name), 2);
    put(out, 0, 2); // extra
}

bool trm_npz_write(const char *path, const trm_tensor *tensors, int32_t count, trm_error *e) {
    enum { ENTRY = 0x04034b50, DIRECTORY = 0x02014b50, END = 0x06054b50, VERSION = 20 };
    trm_json_buffer out = {0}, directory = {0};
    uint64_t size = 0;
    for (int32_t i = 0; i < count; i++)
        size += bytes_of(&tensors[i]) + 1024;
    if (size > INT32_MAX)
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: these arrays take more than an .npz file holds; write "
                             "FILE.safetensors",
                             path);
    for (int32_t i = 0; i < count; i++) {
        char name[TRM_TENSOR_NAME + 8];
        trm_json_buffer array = {0};
        const uint32_t at = (uint32_t)out.size;
        trm_text_format(name, sizeof name, "%s.npy", tensors[i].name);
        append_array(&array, &tensors[i]);
        const uint32_t sum = trm_crc(TRM_CRC32, array.data, array.size);
        put(&out, ENTRY, 4);
        put_entry(&out, name, sum, (uint32_t)array.size);
        trm_json_append_bytes(&out, name, strlen(name));
        trm_json_append_bytes(&out, array.data, array.size);
        put(&directory, DIRECTORY, 4);
        put(&directory, VERSION, 2);
        put_entry(&directory, name, sum, (uint32_t)array.size);
        put(&directory, 0, 4); // comment, disk
        put(&directory, 0, 2); // attributes
        put(&directory, 0, 4);
        put(&directory, at, 4);
        trm_json_append_bytes(&directory, name, strlen(name));
        free(array.data);
    }
    const uint32_t start = (uint32_t)out.size;
    trm_json_append_bytes(&out, directory.data ? directory.data : "", directory.size);
    put(&out, END, 4);
    put(&out, 0, 4); // disks
    put(&out, (uint32_t)count, 2);
    put(&out, (uint32_t)count, 2);
    put(&out, (uint32_t)directory.size, 4);
    put(&out, start, 4);
    put(&out, 0, 2); // comment
    const bool ok = trm_file_write(path, out.data, out.size, e);
    free(directory.data);
    free(out.data);
    return ok;
}

// SPDX-License-Identifier: Apache-2.0
#include "run/torch/torch.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "base/library.h"
#include "run/torch/pickle.h"
#include "run/weights/tensor.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

enum { MOST_PICKLE = 8 << 20, MOST_ENTRIES = 65536, FOLDER = 256 };

// libzip is loaded with the first file: it brings OpenSSL and three packers with it.
// clang-format off
#define ZIP_FUNCTIONS(X) \
    X(zip_discard) X(zip_error_fini) X(zip_error_init) X(zip_fclose) X(zip_fopen_index) \
    X(zip_fread) X(zip_fseek) X(zip_get_num_entries) X(zip_name_locate) X(zip_open_from_source) \
    X(zip_source_buffer_create) X(zip_source_file_create) X(zip_source_free) X(zip_source_stat) \
    X(zip_stat_index)
// clang-format on

typedef struct zip_functions {
    ZIP_FUNCTIONS(TRM_LIBRARY_MEMBER)
} zip_functions;

static bool load(zip_functions *f, trm_error *e) {
#define ZIP_ROW(name) TRM_LIBRARY_ROW(zip_functions, name)
    static const char *const files[] = {TRM_LIBRARY_FILE("zip", "5"), TRM_LIBRARY_FILE("zip", "4"),
                                        NULL};
    static const trm_library_row rows[] = {ZIP_FUNCTIONS(ZIP_ROW)};
#undef ZIP_ROW
    return trm_library_load(files, "libzip, which reads PyTorch files", rows,
                            sizeof rows / sizeof *rows, f, e);
}

typedef struct archive {
    zip_functions f;
    zip_t *zip;
    uint64_t size;       // of all entries
    char folder[FOLDER]; // above all of them
    trm_error *e;
} archive;

static bool damaged(archive *a, const char *entry) {
    return trm_error_set(a->e, TRM_E_INPUT,
                         "a PyTorch file that is damaged or cut short (%s); copy it again, or save "
                         "it again with torch.save",
                         entry);
}

// ---- entries ------------------------------------------------------------------------------------

// An entry below the folder, which must be stored as it is.
static bool find(archive *a, const char *name, zip_stat_t *st) {
    char full[FOLDER + 96];
    trm_text_format(full, sizeof full, "%s/%s", a->folder, name);
    zip_int64_t at = a->f.zip_name_locate(a->zip, full, 0);
    const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD |
                                ZIP_STAT_INDEX | ZIP_STAT_ENCRYPTION_METHOD;
    if (at < 0 || a->f.zip_stat_index(a->zip, (zip_uint64_t)at, 0, st) != 0 ||
        (st->valid & needed) != needed)
        return trm_error_set(a->e, TRM_E_INPUT, "a PyTorch file without its entry %.60s", name);
    if (st->comp_method != ZIP_CM_STORE || st->encryption_method != ZIP_EM_NONE ||
        st->size != st->comp_size || st->size > a->size)
        return trm_error_set(a->e, TRM_E_INPUT,
                             "its entry %.60s is packed, which torch.save never does", name);
    return true;
}

// `size` bytes from byte `from` of an entry on.
static bool read_part(archive *a, const zip_stat_t *st, uint64_t from, void *out, size_t size) {
    zip_file_t *f = a->f.zip_fopen_index(a->zip, st->index, 0);
    bool ok = f && (from == 0 || a->f.zip_fseek(f, (zip_int64_t)from, SEEK_SET) == 0);
    for (size_t done = 0; ok && done < size;) {
        zip_int64_t n = a->f.zip_fread(f, (char *)out + done, size - done);
        ok = n > 0;
        done += ok ? (size_t)n : 0;
    }
    // Reading on to the end is what checks the sum over the entry.
    char end;
    if (ok && from == 0 && size == st->size)
        ok = a->f.zip_fread(f, &end, 1) == 0;
    if (f)
        a->f.zip_fclose(f);
    return ok;
}

// The one folder in which data.pkl stands, and the size of everything.
static bool find_folder(archive *a, zip_int64_t entries) {
    static const char tail[] = "/data.pkl";
    bool found = false;
    for (zip_int64_t i = 0; i < entries; i++) {
        zip_stat_t st = {0};
        if (a->f.zip_stat_index(a->zip, (zip_uint64_t)i, 0, &st) != 0 ||
            !(st.valid & ZIP_STAT_NAME))
            return damaged(a, "list of entries");
        size_t n = strlen(st.name);
        if (n < sizeof tail || !trm_text_ends(st.name, tail))
            continue;
        if (found)
            return trm_error_set(a->e, TRM_E_INPUT, "a zip with more than one data.pkl");
        found = n - (sizeof tail - 1) < sizeof a->folder;
        trm_text_format(a->folder, sizeof a->folder, "%.*s", (int)(n - (sizeof tail - 1)), st.name);
    }
    return found || trm_error_set(a->e, TRM_E_INPUT,
                                  "a zip without data.pkl: not weights of PyTorch (a file of "
                                  "torch.save or safetensors is expected)");
}

static bool check_byte_order(archive *a) {
    char name[FOLDER + 16], order[4] = "";
    zip_stat_t st = {0};
    trm_text_format(name, sizeof name, "%s/byteorder", a->folder);
    if (a->f.zip_name_locate(a->zip, name, 0) < 0)
        return true;
    if (!find(a, "byteorder", &st))
        return false;
    if (st.size < 3 || !read_part(a, &st, 0, order, 3))
        return damaged(a, "byteorder");
    return memcmp(order, "big", 3) != 0 ||
           trm_error_set(a->e, TRM_E_INPUT,
                         "its numbers are big-endian: save it again on a little-endian machine");
}

// ---- tensors ------------------------------------------------------------------------------------

static bool read_tensor(archive *a, const trm_pickle_tensor *p, trm_tensor *t) {
    char name[96];
    zip_stat_t st = {0};
    uint64_t width = trm_dtype_size(t->dtype);
    trm_text_format(name, sizeof name, "data/%.*s",
                    (int)(p->storage.size < 64 ? p->storage.size : 64), p->storage.at);
    if (memchr(p->storage.at, '\0', p->storage.size) || !find(a, name, &st))
        return trm_error_set(a->e, TRM_E_INPUT, "tensor \"%s\": its entry %.60s is not there",
                             t->name, name);
    if ((uint64_t)p->storage_elements != st.size / width || st.size % width != 0)
        return trm_error_set(a->e, TRM_E_INPUT,
                             "tensor \"%s\": its storage is told to have %lld elements and has "
                             "%llu bytes",
                             t->name, (long long)p->storage_elements, (unsigned long long)st.size);
    size_t size = (size_t)trm_tensor_count(t) * width;
    return size == 0 || read_part(a, &st, (uint64_t)p->offset * width, trm_tensor_raw(t), size) ||
           damaged(a, t->name);
}

// The tensors together may not be larger than the file: views of one another would have no bound.
static bool place(archive *a, trm_safetensors *s, const trm_pickle_state *p) {
    size_t total = 0, at = 0;
    uint64_t bytes = 0;
    for (int32_t i = 0; i < p->count; i++) {
        const trm_tensor *t = &p->tensors[i].tensor;
        // Each lies within a storage that is checked again when it is read.
        uint64_t size = (uint64_t)trm_tensor_count(t);
        if (size > a->size || (bytes += size * trm_dtype_size(t->dtype)) > a->size)
            return trm_error_set(a->e, TRM_E_INPUT,
                                 "tensor \"%s\": the tensors are larger than the file", t->name);
        total += trm_tensor_room(t);
    }
    s->tensors = trm_alloc((size_t)p->count + 1, sizeof *s->tensors);
    s->bytes = trm_alloc(total + 1, 1);
    s->count = p->count;
    for (int32_t i = 0; i < p->count; i++) {
        trm_tensor *t = &s->tensors[i];
        *t = p->tensors[i].tensor;
        t->data = (char *)s->bytes + at;
        at += trm_tensor_room(t);
    }
    return true;
}

static bool read_all(archive *a, trm_safetensors *s) {
    zip_stat_t st = {0};
    zip_int64_t entries = a->f.zip_get_num_entries(a->zip, 0);
    if (entries > MOST_ENTRIES)
        return trm_error_set(a->e, TRM_E_INPUT, "a zip of more than %d entries", (int)MOST_ENTRIES);
    if (!find_folder(a, entries) || !check_byte_order(a) || !find(a, "data.pkl", &st))
        return false;
    if (st.size > MOST_PICKLE)
        return trm_error_set(a->e, TRM_E_INPUT, "its pickle is too large for weights (%llu bytes)",
                             (unsigned long long)st.size);
    char *pickle = trm_alloc((size_t)st.size + 1, 1);
    trm_pickle_state p = {0};
    bool ok = read_part(a, &st, 0, pickle, (size_t)st.size) || damaged(a, "data.pkl");
    ok = ok && trm_pickle_read(&p, pickle, (size_t)st.size, a->e) && place(a, s, &p);
    for (int32_t i = 0; ok && i < p.count; i++) {
        ok = read_tensor(a, &p.tensors[i], &s->tensors[i]);
        if (ok)
            trm_tensor_widen(&s->tensors[i]);
    }
    trm_pickle_free(&p);
    free(pickle);
    return ok;
}

// Takes the source over, also on failure.
static bool read_source(archive *a, trm_safetensors *s, const char *name, zip_source_t *source,
                        zip_error_t *error) {
    zip_stat_t st = {0};
    if (source && a->f.zip_source_stat(source, &st) == 0 && st.valid & ZIP_STAT_SIZE)
        a->size = st.size;
    if (source)
        a->zip = a->f.zip_open_from_source(source, ZIP_RDONLY, error);
    bool ok =
        a->zip
            ? read_all(a, s)
            : trm_error_set(a->e, TRM_E_INPUT,
                            "a PyTorch file or another zip, damaged or cut short; copy it again");
    if (a->zip)
        a->f.zip_discard(a->zip);
    else if (source)
        a->f.zip_source_free(source);
    a->f.zip_error_fini(error);
    if (!ok) {
        trm_safetensors_free(s);
        trm_error_prefix(a->e, "%s", name);
    }
    return ok;
}

bool trm_torch_read(trm_safetensors *s, const char *path, trm_error *e) {
    archive a = {.e = e};
    zip_error_t error;
    *s = (trm_safetensors){0};
    if (!load(&a.f, e))
        return trm_error_prefix(e, "%s", path);
    a.f.zip_error_init(&error);
    return read_source(&a, s, path, a.f.zip_source_file_create(path, 0, -1, &error), &error);
}

bool trm_torch_parse(trm_safetensors *s, const char *name, const void *bytes, size_t size,
                     trm_error *e) {
    archive a = {.e = e};
    zip_error_t error;
    *s = (trm_safetensors){0};
    if (!load(&a.f, e))
        return trm_error_prefix(e, "%s", name);
    a.f.zip_error_init(&error);
    return read_source(&a, s, name, a.f.zip_source_buffer_create(bytes, size, 0, &error), &error);
}

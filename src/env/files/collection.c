// SPDX-License-Identifier: Apache-2.0
#include "env/files/collection.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "env/files/lines.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"

enum { PATH = 4096, FIRST_CAPACITY = 64 };

static void grow_numbers(trm_collection *c, int32_t capacity) {
    int32_t *more = trm_alloc((size_t)capacity, sizeof *more);
    if (c->numbers && c->count)
        memcpy(more, c->numbers, (size_t)c->count * sizeof *more);
    free(c->numbers);
    c->numbers = more;
}

void trm_collection_set_number(trm_collection *c, int32_t i, int32_t number) {
    if (number && !c->numbers)
        grow_numbers(c, c->capacity);
    if (c->numbers)
        c->numbers[i] = number;
}

void *trm_collection_room(trm_collection *c, trm_error *e) {
    const size_t item = c->kind->item_size;
    if (c->count == c->kind->most) {
        trm_error_set(e, TRM_E_INPUT, "more than %d boards: split the file", (int)c->kind->most);
        return NULL;
    }
    if (c->count == c->capacity) {
        const int32_t capacity = c->capacity ? 2 * c->capacity : FIRST_CAPACITY;
        void *more = trm_alloc((size_t)capacity, item);
        if (c->count)
            memcpy(more, c->items, (size_t)c->count * item);
        free(c->items);
        c->items = more;
        if (c->numbers)
            grow_numbers(c, capacity);
        c->capacity = capacity;
    }
    return (char *)c->items + (size_t)c->count * item;
}

// ---- files and folders --------------------------------------------------------------------------

static bool join(char out[PATH], const char *folder, const char *name, trm_error *e) {
    return trm_text_format(out, PATH, "%s/%s", folder, name) + 1 < PATH ||
           trm_error_set(e, TRM_E_INPUT, "%s: the path is too long", folder);
}

static bool read_file(trm_collection *c, const char *path, trm_error *e) {
    char *text;
    size_t size;
    if (!trm_file_read(path, TRM_TEXT_BYTES, &text, &size, e)) {
        if (e)
            e->code = TRM_E_INPUT;
        return false;
    }
    const bool ok = c->kind->text(c, path, text, size, e);
    free(text);
    return ok;
}

static int visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

// By bytes, whatever the user's language.
static int by_name(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool read_files(trm_collection *c, const char *path, trm_error *e) {
    struct dirent **entries;
    int n = scandir(path, &entries, visible, by_name);
    bool ok = true;
    if (n < 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        char file[PATH];
        struct stat st;
        ok = ok && join(file, path, entries[i]->d_name, e);
        if (ok && stat(file, &st) == 0 && S_ISREG(st.st_mode))
            ok = read_file(c, file, e);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

static bool read_path(trm_collection *c, const char *path, trm_error *e) {
    struct stat st;
    const int32_t before = c->count;
    const bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return (folder && trm_collection_is_arrays(path) ? trm_collection_read_arrays(c, path, e)
            : folder                                 ? read_files(c, path, e)
                                                     : read_file(c, path, e)) &&
           (c->count > before || trm_error_set(e, TRM_E_INPUT, "%s: no %s in it, expected %s", path,
                                               c->kind->many, c->kind->wanted));
}

// ---- the split ----------------------------------------------------------------------------------

static bool find_sides(const char *path, char sides[2][PATH]) {
    static const char *const names[][2] = {{"train", "test"}, {"train.csv", "test.csv"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (join(sides[0], path, names[i][0], NULL) && join(sides[1], path, names[i][1], NULL) &&
            trm_file_exists(sides[0]) && trm_file_exists(sides[1]))
            return true;
    return false;
}

static void divide(trm_collection *c, bool by_file) {
    int32_t held_out = c->count;
    c->order = trm_alloc((size_t)c->count, sizeof *c->order);
    for (int32_t i = 0; by_file && i < c->count; i++)
        c->order[i] = i;
    for (int32_t i = 0; !by_file && i < c->count; i++)
        c->order[c->kind->held_out(trm_collection_at(c, i)) ? --held_out : c->train++] = i;
}

static bool read_sides(trm_collection *c, const char *train, const char *test, bool asked,
                       trm_error *e) {
    if (!asked && !read_path(c, train, e))
        return false;
    c->train = c->count;
    return read_path(c, test, e);
}

trm_collection *trm_collection_open(const trm_collection_kind *kind, const void *form,
                                    const char *path, bool asked, trm_error *e) {
    char sides[2][PATH];
    trm_collection *c = trm_alloc(1, sizeof *c);
    *c = (trm_collection){.kind = kind, .form = form};
    const bool two = find_sides(path, sides);
    if (two ? read_sides(c, sides[0], sides[1], asked, e) : read_path(c, path, e)) {
        divide(c, two);
        c->form = NULL;
        return c;
    }
    trm_error_prefix(e, "%s", kind->key);
    trm_collection_close(c);
    return NULL;
}

void trm_collection_close(trm_collection *c) {
    if (!c)
        return;
    free(c->items);
    free(c->numbers);
    free(c->order);
    free(c);
}

bool trm_collection_read(trm_collection *c, const char *path, trm_error *e) {
    if (read_path(c, path, e))
        return true;
    free(c->items);
    free(c->numbers);
    c->items = NULL;
    c->numbers = NULL;
    c->count = 0;
    return false;
}

int32_t trm_collection_order(const trm_collection *c, const trm_split *split, int32_t *order) {
    const int32_t first = split && *split == TRM_SPLIT_HELD_OUT ? c->train : 0;
    const int32_t end = split && *split == TRM_SPLIT_TRAIN ? c->train : c->count;
    for (int32_t i = first; order && i < end; i++)
        order[i - first] = split ? c->order[i] : i;
    return end - first;
}

const void *trm_collection_draw(const trm_collection *c, trm_split split, trm_rng *rng) {
    const bool held_out = split == TRM_SPLIT_HELD_OUT;
    int32_t first = held_out ? c->train : 0, count = held_out ? c->count - c->train : c->train;
    if (count == 0) {
        first = 0;
        count = c->count;
    }
    return trm_collection_at(c, c->order[first + (int32_t)trm_rng_below(rng, (uint32_t)count)]);
}

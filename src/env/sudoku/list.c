// SPDX-License-Identifier: Apache-2.0
// Puzzles of files and folders.
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "env/lines.h"
#include "env/sudoku/scan.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"

enum { MAX_PUZZLES = 2000000, PATH = 4096, FIRST_CAPACITY = 64 };

#define NO_PUZZLES                                                                                 \
    "%s: no puzzles in it, expected lines of 81 digits and dots (36, 16), or 9 rows of 9 (6, 4)"

typedef struct reading {
    int32_t side, capacity;
    trm_puzzle_list list;
} reading;

static trm_puzzle *add(reading *r) {
    if (r->list.count == r->capacity) {
        int32_t capacity = r->capacity ? 2 * r->capacity : FIRST_CAPACITY;
        trm_puzzle *more = trm_alloc((size_t)capacity, sizeof *more);
        if (r->list.count)
            memcpy(more, r->list.items, (size_t)r->list.count * sizeof *more);
        free(r->list.items);
        r->list.items = more;
        r->capacity = capacity;
    }
    return &r->list.items[r->list.count];
}

// Full boards are answers to the puzzle before them.
static bool check_answer(const reading *r, const uint8_t *cells, trm_error *e) {
    if (r->list.count == 0)
        return trm_error_set(e, TRM_E_INPUT, "the puzzle has no blank cell");
    const trm_puzzle *p = &r->list.items[r->list.count - 1];
    for (int32_t i = 0; i < p->side * p->side; i++)
        if (cells[i] != p->solution[i])
            return trm_error_set(
                e, TRM_E_INPUT,
                "the answer of puzzle %d has %d in row %d, column %d, and its only "
                "solution has %d",
                r->list.count, cells[i], i / p->side + 1, i % p->side + 1, p->solution[i]);
    return true;
}

static bool take(void *ctx, int32_t side, const uint8_t *cells, trm_error *e) {
    reading *r = ctx;
    int32_t values[TRM_PUZZLE_CELLS];
    bool full = true;
    if (side != r->side)
        return trm_error_set(e, TRM_E_INPUT,
                             "a %dx%d puzzle, expected %dx%d: take it out, or set env.size=%d or "
                             "data.size=%d",
                             side, side, r->side, r->side, side, side);
    for (int32_t i = 0; i < side * side; i++) {
        values[i] = cells[i];
        full = full && cells[i];
    }
    if (full)
        return check_answer(r, cells, e);
    if (r->list.count == MAX_PUZZLES)
        return trm_error_set(e, TRM_E_INPUT, "more than %d puzzles: split the file",
                             (int)MAX_PUZZLES);
    if (!trm_puzzle_of_cells(side, values, add(r), e))
        return false;
    r->list.count++;
    return true;
}

static bool read_text(reading *r, const char *name, const char *text, size_t size, trm_error *e) {
    return trm_sudoku_scan(name, text, size, r->side, take, r, e);
}

static bool read_file(reading *r, const char *path, trm_error *e) {
    char *text;
    size_t size;
    if (!trm_file_read(path, TRM_TEXT_BYTES, &text, &size, e)) {
        if (e)
            e->code = TRM_E_INPUT;
        return false;
    }
    bool ok = read_text(r, path, text, size, e);
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

static bool read_folder(reading *r, const char *path, trm_error *e) {
    struct dirent **entries;
    int n = scandir(path, &entries, visible, by_name);
    bool ok = true;
    if (n < 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: %s", path, strerror(errno));
    for (int i = 0; i < n; i++) {
        char file[PATH];
        struct stat st;
        if (trm_text_format(file, sizeof file, "%s/%s", path, entries[i]->d_name) + 1 >=
            sizeof file)
            ok = ok && trm_error_set(e, TRM_E_INPUT, "%s: the path is too long", path);
        else if (ok && stat(file, &st) == 0 && S_ISREG(st.st_mode))
            ok = read_file(r, file, e);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

// *out is what was read; nothing unless it was read to its end and there is something.
static bool finish(const reading *r, bool ok, const char *name, trm_puzzle_list *out,
                   trm_error *e) {
    if (ok && r->list.count == 0)
        ok = trm_error_set(e, TRM_E_INPUT, NO_PUZZLES, name);
    *out = r->list;
    if (!ok)
        trm_puzzle_list_free(out);
    return ok;
}

bool trm_puzzle_list_read(const char *path, int32_t side, trm_puzzle_list *out, trm_error *e) {
    reading r = {.side = side};
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    bool ok = folder ? read_folder(&r, path, e) : read_file(&r, path, e);
    return finish(&r, ok, path, out, e);
}

bool trm_puzzle_list_parse(const char *name, const char *text, size_t size, int32_t side,
                           trm_puzzle_list *out, trm_error *e) {
    reading r = {.side = side};
    bool ok = read_text(&r, name, text, size, e);
    return finish(&r, ok, name, out, e);
}

// ---- one puzzle, to be played

typedef struct first {
    int32_t side;
    uint8_t *cells;
} first;

static bool take_first(void *ctx, int32_t side, const uint8_t *cells, trm_error *e) {
    first *f = ctx;
    (void)e;
    f->side = side;
    memcpy(f->cells, cells, (size_t)(side * side));
    return false;
}

int32_t trm_puzzle_first(const char *name, const char *text, size_t size,
                         uint8_t cells[TRM_PUZZLE_CELLS], trm_error *e) {
    first f = {.cells = cells};
    trm_error failure = {.code = TRM_OK};
    if (trm_sudoku_scan(name, text, size, 0, take_first, &f, &failure))
        trm_error_set(&failure, TRM_E_INPUT, NO_PUZZLES, name);
    if (f.side == 0 && e)
        *e = failure;
    return f.side;
}

void trm_puzzle_list_free(trm_puzzle_list *list) {
    free(list->items);
    *list = (trm_puzzle_list){0};
}

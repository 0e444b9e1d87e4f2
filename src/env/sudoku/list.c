// SPDX-License-Identifier: Apache-2.0
// Puzzles of files and folders.
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/puzzle.h"

enum { MAX_BYTES = 1 << 28, MAX_PUZZLES = 1000000, PATH = 4096, FIRST_CAPACITY = 64 };

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

static bool read_line(reading *r, char *line, trm_error *e) {
    line += strspn(line, " \t\r");
    if (*line == '\0' || *line == '#')
        return true;
    line[strcspn(line, ",; \t\r")] = '\0';
    if (r->list.count == MAX_PUZZLES)
        return trm_error_set(e, TRM_E_INPUT, "more than %d puzzles", (int)MAX_PUZZLES);
    trm_puzzle *p = add(r);
    if (!trm_puzzle_parse(line, p, e))
        return false;
    if (p->side != r->side)
        return trm_error_set(e, TRM_E_INPUT,
                             "a %dx%d puzzle, expected %dx%d: take it out, or set env.size=%d or "
                             "data.size=%d",
                             p->side, p->side, r->side, r->side, p->side, p->side);
    r->list.count++;
    return true;
}

// The text is cut into its lines.
static bool read_text(reading *r, const char *name, char *text, size_t size, trm_error *e) {
    char *next;
    int32_t number = 1;
    if (memchr(text, 0, size))
        return trm_error_set(e, TRM_E_INPUT, "%s: not a text: it holds zero bytes", name);
    for (char *line = text; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (!read_line(r, line, e))
            return trm_error_prefix(e, "%s:%d", name, number);
    }
    return true;
}

static bool read_file(reading *r, const char *path, trm_error *e) {
    char *text;
    size_t size;
    if (!trm_file_read(path, MAX_BYTES, &text, &size, e)) {
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
        ok = trm_error_set(e, TRM_E_INPUT, "%s: no puzzles in it", name);
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

bool trm_puzzle_list_parse(const char *name, char *text, size_t size, int32_t side,
                           trm_puzzle_list *out, trm_error *e) {
    reading r = {.side = side};
    bool ok = read_text(&r, name, text, size, e);
    return finish(&r, ok, name, out, e);
}

void trm_puzzle_list_free(trm_puzzle_list *list) {
    free(list->items);
    *list = (trm_puzzle_list){0};
}

// SPDX-License-Identifier: Apache-2.0
#include "run/record/store.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/safetensors.h"

enum { MAX_FILE = 1 << 30 };

bool trm_store_weights_path(char out[RUN_PATH], const char *folder, int64_t update, trm_error *e) {
    char name[48];
    trm_text_format(name, sizeof name, "%09lld.safetensors", (long long)update);
    return trm_files_join(out, folder, name, e);
}

bool trm_store_init(trm_store *s, const char *run, int32_t capacity, trm_error *e) {
    *s = (trm_store){.fd = -1, .capacity = capacity};
    s->moments = trm_alloc((size_t)capacity, sizeof *s->moments);
    return trm_files_join(s->episodes, run, RUN_EPISODES, e) &&
           trm_files_join(s->weights, run, RUN_WEIGHTS, e);
}

static void close_lines(trm_store *s) {
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

void trm_store_done(trm_store *s) {
    close_lines(s);
    free(s->moments);
    *s = (trm_store){.fd = -1};
}

// ---- adding -------------------------------------------------------------------------------------

static bool write_weights(trm_store *s, int64_t update, const void *bytes, size_t size,
                          trm_error *e) {
    char path[RUN_PATH];
    if (!s->foldered && mkdir(s->weights, 0777) != 0 && errno != EEXIST)
        return trm_file_errno(e, "create", s->weights);
    s->renamed |= !s->foldered;
    s->foldered = true;
    return trm_store_weights_path(path, s->weights, update, e) &&
           trm_files_replace(path, bytes, size, false, e);
}

// The file comes with its first line in it: a reader never meets it empty.
static bool append(trm_store *s, const char *line, size_t size, trm_error *e) {
    if (s->count == 0) {
        s->renamed = true;
        return trm_files_replace(s->episodes, line, size, false, e);
    }
    if (s->fd < 0)
        s->fd = trm_file_open(s->episodes, O_WRONLY | O_CREAT | O_APPEND, e);
    if (s->fd < 0)
        return false;
    if (trm_file_put(s->fd, line, size))
        return true;
    trm_file_errno(e, "write", s->episodes);
    trm_files_trim(s->episodes, NULL);
    return false;
}

bool trm_store_add(trm_store *s, const trm_store_moment *m, const char *line, size_t line_size,
                   const void *weights, size_t weights_size, trm_error *e) {
    assert(s->count < s->capacity);
    assert(s->count == 0 || s->moments[s->count - 1].number < m->number);
    bool there = s->count > 0 && s->moments[s->count - 1].update == m->update;
    if ((!there && !write_weights(s, m->update, weights, weights_size, e)) ||
        !append(s, line, line_size, e))
        return false;
    s->moments[s->count++] = *m;
    return true;
}

static bool sync_weights(const trm_store *s, int64_t update, trm_error *e) {
    char path[RUN_PATH];
    return trm_store_weights_path(path, s->weights, update, e) &&
           (trm_files_sync(path, e) || !trm_file_exists(path)); // not ours to miss
}

bool trm_store_sync(trm_store *s, trm_error *e) {
    enum { FEW = 4 };
    const bool added = s->lasting < s->count;
    const bool all = s->count - s->lasting > FEW && trm_files_sync_all(s->weights);
    for (int32_t i = s->lasting; !all && i < s->count; i++)
        if ((i == 0 || s->moments[i].update != s->moments[i - 1].update) &&
            !sync_weights(s, s->moments[i].update, e))
            return false;
    if (added && !all && (!trm_files_sync(s->weights, e) || !trm_files_sync(s->episodes, e)))
        return false;
    if (s->renamed && !all && !trm_file_sync_name(s->episodes))
        return trm_file_errno(e, "write", s->episodes);
    s->lasting = s->count;
    s->renamed = false;
    return true;
}

// ---- dropping -----------------------------------------------------------------------------------

static int by_number(const void *key, const void *moment) {
    const int64_t a = *(const int64_t *)key, b = ((const trm_store_moment *)moment)->number;
    return (a > b) - (a < b);
}

// Updates rise with numbers.
static int by_update(const void *key, const void *moment) {
    const int64_t a = *(const int64_t *)key, b = ((const trm_store_moment *)moment)->update;
    return (a > b) - (a < b);
}

static bool holds(const trm_store *s, int64_t key, int (*order)(const void *, const void *)) {
    return bsearch(&key, s->moments, (size_t)s->count, sizeof *s->moments, order) != NULL;
}

// Writes the lines of the moments there are; the file goes when there are none.
static bool rewrite(trm_store *s, trm_error *e) {
    char *text;
    size_t size, kept = 0;
    close_lines(s);
    s->renamed = true;
    if (s->count == 0)
        return unlink(s->episodes) == 0 || errno == ENOENT ||
               trm_file_errno(e, "write", s->episodes);
    if (!trm_file_read(s->episodes, MAX_FILE, &text, &size, e))
        return false;
    int64_t last = -1;
    for (size_t at = 0; at < size;) {
        const char *newline = memchr(text + at, '\n', size - at);
        if (!newline)
            break;
        size_t length = (size_t)(newline - (text + at)) + 1;
        int64_t number = trm_lines_number(text + at);
        if (number > last && holds(s, number, by_number)) {
            memmove(text + kept, text + at, length);
            kept += length;
            last = number;
        }
        at += length;
    }
    bool ok = trm_files_replace(s->episodes, text, kept, true, e);
    free(text);
    return ok;
}

static void remove_weights(const trm_store *s, int64_t update) {
    char path[RUN_PATH];
    if (trm_store_weights_path(path, s->weights, update, NULL))
        unlink(path);
}

bool trm_store_thin(trm_store *s, const trm_retention_rule *rule, trm_error *e) {
    int32_t kept = 0, dropped = 0, lasting = 0;
    int64_t *gone = trm_alloc((size_t)s->count + 1, sizeof *gone);
    for (int32_t i = 0; i < s->count; i++) {
        const trm_store_moment m = s->moments[i];
        const bool keeps = trm_retention_keeps(rule, m.number, m.level);
        lasting += keeps && i < s->lasting;
        if (keeps)
            s->moments[kept++] = m;
        else
            gone[dropped++] = m.update;
    }
    s->count = kept;
    s->lasting = lasting;
    bool ok = dropped == 0 || rewrite(s, e);
    for (int32_t i = 0; ok && i < dropped; i++)
        if (!holds(s, gone[i], by_update))
            remove_weights(s, gone[i]);
    free(gone);
    return ok;
}

// ---- taking over --------------------------------------------------------------------------------

// Not cut off, nor full of what a loss of power left.
// *unread: they are there but cannot be read just now, which is no reason to drop them.
static bool has_weights(const trm_store *s, int64_t update, bool *unread, trm_error *e) {
    char path[RUN_PATH];
    trm_safetensors file;
    if (!trm_store_weights_path(path, s->weights, update, e))
        return false;
    if (!trm_safetensors_read(&file, path, e)) {
        *unread |= e->code == TRM_E_IO && trm_file_exists(path);
        return false;
    }
    trm_safetensors_free(&file);
    return true;
}

// The whole lines before `until` whose weights are there, in order. *all: that is all there is.
// Fails where weights that are there cannot be read.
static bool list(const trm_store *s, const char *text, size_t size, const trm_lines_kind *kind,
                 int64_t until, trm_moment *out, int32_t *count, bool *all, trm_error *e) {
    bool unread = false;
    trm_arena arena = TRM_ARENA_INIT;
    *all = true;
    *count = 0;
    for (size_t at = 0; at < size && !unread;) {
        const char *newline = memchr(text + at, '\n', size - at);
        size_t length = newline ? (size_t)(newline - (text + at)) : size - at;
        const trm_moment *last = *count ? &out[*count - 1] : NULL;
        trm_moment m;
        bool good = newline && trm_lines_parse(text + at, length, kind, &arena, &m, NULL) &&
                    trm_lines_number(text + at) == m.number && m.number < until &&
                    (!last || (m.number > last->number && m.update >= last->update)) &&
                    has_weights(s, m.update, &unread, e);
        if (good)
            out[(*count)++] = m;
        *all &= good;
        at += length + 1;
    }
    trm_arena_free(&arena);
    return !unread;
}

// Of those, the ones that the retention keeps. True if it keeps all.
static bool choose(trm_store *s, trm_retention *k, const trm_lines_kind *kind,
                   const trm_moment *found, int32_t count) {
    int64_t counts[RETENTION_LEVELS] = {0};
    for (int32_t i = 0; i < count; i++) {
        const trm_retention_event event = trm_lines_event(kind, &found[i]);
        trm_retention_recall(k, &event, found[i].level, counts);
    }
    trm_retention_commit(k, counts, count > 0 ? found[count - 1].number : -1);
    for (int32_t i = 0; i < count && s->count < s->capacity; i++)
        if (trm_retention_keeps(&k->rule, found[i].number, found[i].level))
            s->moments[s->count++] =
                (trm_store_moment){found[i].number, found[i].update, found[i].level};
    return s->count == count;
}

static int32_t count_lines(const char *text, size_t size) {
    int32_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    return lines;
}

static bool sift(trm_store *s, trm_retention *k, const char *text, size_t size,
                 const trm_lines_kind *kind, int64_t until, bool *all, trm_error *e) {
    int32_t count;
    trm_error why = {0};
    trm_moment *found = trm_alloc((size_t)count_lines(text, size) + 1, sizeof *found);
    bool ok = list(s, text, size, kind, until, found, &count, all, &why);
    *all = ok && choose(s, k, kind, found, count) && *all;
    free(found);
    return ok || trm_error_set(e, why.code, "%s", why.message);
}

// Of the folder's files, those that no moment needs.
static void remove_strays(const trm_store *s) {
    char path[RUN_PATH];
    DIR *d = opendir(s->weights);
    const struct dirent *entry;
    if (!d)
        return;
    while ((entry = readdir(d))) {
        char *end;
        long long update = strtoll(entry->d_name, &end, 10);
        bool ours = end != entry->d_name && strncmp(end, ".safetensors", 12) == 0;
        bool needed = ours && strcmp(end, ".safetensors") == 0 && holds(s, update, by_update);
        if (ours && !needed && trm_files_join(path, s->weights, entry->d_name, NULL))
            unlink(path);
    }
    closedir(d);
    if (s->count == 0)
        rmdir(s->weights);
}

bool trm_store_rewind(trm_store *s, trm_retention *k, const trm_lines_kind *kind, int64_t until,
                      int64_t *lacking, trm_error *e) {
    char *text;
    size_t size;
    s->count = s->lasting = 0;
    if (trm_file_exists(s->episodes)) {
        if (!trm_file_read(s->episodes, MAX_FILE, &text, &size, e))
            return false;
        bool all, ok = sift(s, k, text, size, kind, until, &all, e);
        free(text);
        if (!ok)
            return false;
        if ((!all || s->count == 0) && !rewrite(s, e))
            return false;
    }
    remove_strays(s);
    *lacking = trm_retention_count(k) - s->count;
    return true;
}

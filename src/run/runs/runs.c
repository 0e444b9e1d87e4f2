// SPDX-License-Identifier: Apache-2.0
// Thousands of runs are listed at once: of each a few kilobytes are read, and what our own writer
// wrote is found by the form it has. Whatever has another form is read properly.
#include "trm/run/runs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/rundir/files.h"
#include "run/rundir/lock.h"
#include "run/rundir/place.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/pool.h"
#include "trm/base/text.h"
#include "trm/run/config.h"
#include "trm/run/metrics.h"
#include "trm/run/rundir.h"

enum { TAIL = 10240, WINDOW = 50 };

// ---- the configuration --------------------------------------------------------------------------

// The text between quotes, or the number, behind `name` in text. NULL: it is not there.
static const char *behind(const char *text, const char *name) {
    const char *at = text ? strstr(text, name) : NULL;
    return at ? at + strlen(name) : NULL;
}

static bool take_text(const char *at, char out[TRM_RUN_NAME]) {
    const size_t n = at ? strcspn(at, "\"\\\n") : 0;
    if (!at || at[n] != '"' || n >= TRM_RUN_NAME)
        return false;
    memcpy(out, at, n);
    out[n] = '\0';
    return true;
}

static bool take_number(const char *at, int64_t *out) {
    char *end;
    if (!at)
        return false;
    *out = strtoll(at, &end, 10);
    return end != at && (*end == ',' || *end == '\n');
}

// As trm_config_print writes it.
static bool scan_config(const char *text, size_t size, trm_run_entry *x) {
    char algorithm[TRM_RUN_NAME];
    const char *model = behind(text, "\n  \"model\": {"),
               *train = behind(model, "\n  \"train\": {");
    if (size < 4 || strcmp(text + size - 3, "\n}\n") != 0 || strlen(text) != size ||
        !take_text(behind(text, "{\n  \"preset\": \""), x->preset) ||
        !take_number(behind(text, "\n  \"seed\": "), &x->seed) ||
        !take_text(behind(model, "\n    \"type\": \""), x->model) ||
        !take_text(behind(train, "\n    \"algorithm\": \""), algorithm))
        return false;
    x->supervised = strcmp(algorithm, "supervised") == 0;
    return take_number(behind(train, x->supervised ? "\n    \"epochs\": " : "\n    \"episodes\": "),
                       &x->total);
}

static void load_config(const char *path, trm_run_entry *x) {
    trm_config c;
    trm_error e = {0};
    if (!trm_config_load(&c, path, &e)) {
        x->state = TRM_RUN_BROKEN;
        trm_text_copy(x->trouble, sizeof x->trouble, e.message);
        return;
    }
    trm_text_copy(x->preset, sizeof x->preset, c.preset);
    trm_text_copy(x->model, sizeof x->model, c.model.type);
    x->seed = c.seed;
    x->supervised = trm_config_supervised(&c);
    x->total = x->supervised ? c.train.epochs : c.train.episodes;
}

// A folder as the system finds it fastest: a name below an open folder.
typedef struct place {
    int at;
    const char *name;
} place;

static bool join(char out[RUN_PATH], const place *p, const char *file) {
    return trm_files_join(out, p->name, file, NULL);
}

// Up to `most` bytes before the end of a file, terminated; *size of them. False: there is no such
// file.
static bool read_end(const place *p, const char *file, size_t most, char *out, size_t *size,
                     struct stat *st) {
    char name[RUN_PATH];
    const int fd = join(name, p, file)
                       ? openat(p->at, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
                       : -1;
    if (fd < 0)
        return false;
    const bool regular = fstat(fd, st) == 0 && S_ISREG(st->st_mode);
    const off_t from = regular && st->st_size > (off_t)most ? st->st_size - (off_t)most : 0;
    const ssize_t n = regular ? pread(fd, out, most, from) : -1;
    close(fd);
    *size = n > 0 ? (size_t)n : 0;
    out[*size] = '\0';
    return n >= 0;
}

static bool is_there(const place *p, const char *file) {
    char name[RUN_PATH];
    struct stat st;
    return join(name, p, file) && fstatat(p->at, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

// ---- how far it is ------------------------------------------------------------------------------

static double number_behind(const char *line, const char *end, const char *name, double otherwise) {
    const char *at = behind(line, name);
    char *stop;
    if (!at || at >= end)
        return otherwise;
    const double x = strtod(at, &stop);
    return stop > at ? x : otherwise;
}

static bool begins(const char *line, const char *name, double *number) {
    const size_t n = strlen(name);
    if (strncmp(line, name, n) != 0 || line[n] < '0' || line[n] > '9')
        return false;
    *number = strtod(line + n, NULL);
    return true;
}

// From the last whole lines: the number of the last, and the share of successes.
static void scan_metrics(char *text, size_t size, bool cut, trm_run_entry *x) {
    const char *name = x->supervised ? "{\"epoch\":" : "{\"episode\":";
    int32_t lines = 0, successes = 0;
    double number;
    while (size > 0 && text[size - 1] != '\n')
        size--; // part of a line
    while (size > 0 && lines < (x->supervised ? 1 : WINDOW)) {
        char *end = text + --size;
        *end = '\0';
        const char *newline = memrchr(text, '\n', size);
        size = newline ? (size_t)(newline - text) + 1 : 0;
        const char *line = text + size;
        if ((size == 0 && cut) || !begins(line, name, &number))
            continue;
        if (lines++ == 0) {
            x->done = (int64_t)number + 1;
            x->seconds = number_behind(line, end, "\"seconds\":", 0);
            x->last = number_behind(line, end, "\"exact_accuracy\":", (double)NAN);
        }
        const char *success = x->supervised ? NULL : behind(line, "\"success\":");
        successes += success && *success == '1';
    }
    if (!x->supervised && lines > 0)
        x->last = (double)successes / lines;
}

static void judge(const place *p, trm_run_entry *x) {
    const bool lock = is_there(p, RUN_LOCK), done = x->done >= x->total && x->done > 0;
    x->state = lock && trm_lock_holder(x->path) != 0 ? TRM_RUN_RUNNING
               : done                                ? TRM_RUN_FINISHED
               : lock                                ? TRM_RUN_FAILED
                                                     : TRM_RUN_STOPPED;
    x->resumable =
        (x->state == TRM_RUN_STOPPED || x->state == TRM_RUN_FAILED) && is_there(p, RUN_CHECKPOINT);
}

enum { UNREAD = -1 }; // total of a run whose configuration has another form than ours

// Everything but path. False: it is no run. load: read configurations of any form, which is for one
// thread at a time.
static bool look(const place *p, bool load, trm_run_entry *x) {
    char text[TAIL + 1];
    size_t size;
    struct stat st;
    char *path = x->path;
    *x = (trm_run_entry){.path = path, .last = (double)NAN, .best = (double)NAN, .bytes = -1};
    const bool there = read_end(p, RUN_CONFIG, TAIL, text, &size, &st);
    if (!there && !is_there(p, RUN_CONFIG))
        return false;
    x->changed = there ? st.st_mtim.tv_sec : 0;
    const bool ours = there && scan_config(text, size, x);
    if (!ours && !load)
        x->total = UNREAD;
    if (!ours && load)
        load_config(x->path, x);
    if (x->total == UNREAD || x->state == TRM_RUN_BROKEN)
        return true;
    if (read_end(p, RUN_METRICS, TAIL, text, &size, &st)) {
        scan_metrics(text, size, st.st_size > (off_t)size, x);
        x->changed = st.st_mtim.tv_sec;
    }
    judge(p, x);
    return true;
}

void trm_runs_renew(trm_run_entry *x) {
    const trm_run_entry before = *x;
    const bool there = look(&(place){AT_FDCWD, x->path}, true, x);
    if (!there) {
        *x = before;
        x->state = TRM_RUN_BROKEN;
        trm_text_copy(x->trouble, sizeof x->trouble, "it is not there any more");
    }
    x->measured = before.measured && x->changed == before.changed;
    x->best = x->measured ? before.best : x->best;
    x->bytes = x->measured ? before.bytes : x->bytes;
}

// ---- listing ------------------------------------------------------------------------------------

// The names in a folder that may be runs.
static void list_names(trm_runs *r, DIR *dir, const char *folder) {
    const struct dirent *entry;
    char path[RUN_PATH];
    while ((entry = readdir(dir))) {
        if (entry->d_name[0] == '.' ||
            (entry->d_type != DT_DIR && entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN))
            continue;
        if (!trm_files_join(path, folder, entry->d_name, NULL))
            continue;
        r->items = trm_grow(r->items, r->count, &r->capacity, sizeof *r->items);
        trm_run_entry *x = &r->items[r->count++];
        const size_t size = strlen(path) + 1;
        *x = (trm_run_entry){.path = trm_alloc(size, 1)};
        memcpy(x->path, path, size);
    }
}

typedef struct looking {
    trm_run_entry *items;
    int folder, prefix; // open; bytes of its name in each path
    int32_t count;
} looking;

enum { SLICE = 64 }; // runs that a thread takes at once

static void over_slices(int32_t count, void (*work)(void *ctx, int32_t slice), void *ctx) {
    const int32_t slices = (count + SLICE - 1) / SLICE;
    const int64_t processors = sysconf(_SC_NPROCESSORS_ONLN);
    const int32_t threads = slices < processors ? slices : (int32_t)processors;
    trm_pool *pool = trm_pool_new(threads > 0 ? threads : 1);
    trm_pool_run(pool, slices, work, ctx);
    trm_pool_free(pool);
}

// What is no run loses its path.
static void look_at_slice(void *ctx, int32_t slice) {
    const looking *k = ctx;
    for (int32_t i = slice * SLICE; i < k->count && i < (slice + 1) * SLICE; i++) {
        const place p = {k->folder, k->items[i].path + k->prefix};
        if (!look(&p, false, &k->items[i])) {
            free(k->items[i].path);
            k->items[i].path = NULL;
        }
    }
}

static void look_at_all(trm_runs *r, int32_t first, DIR *dir, const char *folder) {
    looking k = {r->items + first, dirfd(dir), (int)strlen(folder) + 1, r->count - first};
    over_slices(k.count, look_at_slice, &k);
    r->count = first;
    for (int32_t i = 0; i < k.count; i++) {
        trm_run_entry *x = &k.items[i];
        if (x->path == NULL)
            continue;
        if (x->total == UNREAD)
            look(&(place){AT_FDCWD, x->path}, true, x);
        r->items[r->count++] = *x;
    }
}

bool trm_runs_add(trm_runs *r, const char *folder, trm_error *e) {
    const int32_t first = r->count;
    DIR *dir = opendir(folder);
    if (!dir)
        return trm_file_errno(e, "read the folder", folder);
    list_names(r, dir, folder);
    if (r->count > first)
        look_at_all(r, first, dir, folder);
    closedir(dir);
    trm_runs_sort(&(trm_runs){r->items + first, r->count - first, 0}, TRM_RUNS_BY_NAME, false);
    return true;
}

void trm_runs_free(trm_runs *r) {
    for (int32_t i = 0; i < r->count; i++)
        free(r->items[i].path);
    free(r->items);
    *r = (trm_runs){0};
}

const char *trm_runs_folder(int32_t i, char *out, int size) {
    char state[RUN_PATH];
    if (i < 0 || i > 1 || size < 1 || (i == 1 && !trm_place_state(state, "runs", NULL)))
        return NULL;
    return trm_text_copy(out, (size_t)size, i == 0 ? "runs" : state) && trm_file_is_folder(out)
               ? out
               : NULL;
}

// ---- measuring ----------------------------------------------------------------------------------

// Where each line of a file has a number of that name: the highest.
static double highest(const char *path, const char *name) {
    double best = (double)NAN;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    FILE *in = trm_file_stream(path, NULL);
    if (in)
        setvbuf(in, NULL, _IOFBF, 1 << 16);
    while (in && (n = getline(&line, &room, in)) > 0 && line[n - 1] == '\n') {
        const double x = number_behind(line, line + n, name, (double)NAN);
        best = x > best || isnan(best) ? x : best;
    }
    free(line);
    if (in)
        fclose(in);
    return best;
}

static int64_t bytes_in(const char *path) {
    char file[RUN_PATH];
    struct stat st;
    int64_t bytes = 0;
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
            if (S_ISREG(st.st_mode))
                bytes += st.st_size;
            else if (S_ISDIR(st.st_mode) && strcmp(entry->d_name, RUN_WEIGHTS) == 0 &&
                     trm_files_join(file, path, entry->d_name, NULL))
                bytes += bytes_in(file);
        }
    if (dir)
        closedir(dir);
    return bytes;
}

void trm_runs_measure(trm_run_entry *x) {
    char path[RUN_PATH];
    if (x->measured)
        return;
    x->measured = true;
    x->bytes = bytes_in(x->path);
    x->best = (double)NAN;
    if (x->state == TRM_RUN_BROKEN)
        return;
    // The record always keeps the best episode; it is much shorter than the metrics.
    if (!x->supervised && trm_files_join(path, x->path, RUN_EPISODES, NULL))
        x->best = highest(path, "\"reward\":");
    if (isnan(x->best) && trm_files_join(path, x->path, RUN_METRICS, NULL))
        x->best = highest(path, x->supervised ? "\"exact_accuracy\":" : "\"reward\":");
}

static void measure_slice(void *ctx, int32_t slice) {
    trm_runs *r = ctx;
    for (int32_t i = slice * SLICE; i < r->count && i < (slice + 1) * SLICE; i++)
        trm_runs_measure(&r->items[i]);
}

void trm_runs_measure_all(trm_runs *r) {
    over_slices(r->count, measure_slice, r);
}

// ---- the trash ----------------------------------------------------------------------------------

static bool move(const char *from, const char *to, trm_error *e) {
    if (rename(from, to) == 0)
        return true;
    if (errno != EXDEV)
        return trm_file_errno(e, "move", from);
    return trm_rundir_copy(from, to, e) && // on another disk
           (trm_files_remove_run(from) || trm_file_errno(e, "remove", from));
}

bool trm_runs_trash(const char *path, char *to, int size, trm_error *e) {
    enum { MOST = 100000 };
    char trash[RUN_PATH], target[RUN_PATH], name[TRM_RUN_NAME + 16], real[RUN_PATH];
    trm_lock lock;
    trm_text_copy(real, sizeof real, path);
    for (size_t n = strlen(real); n > 1 && real[n - 1] == '/';)
        real[--n] = '\0';
    const char *slash = strrchr(real, '/'), *last = slash ? slash + 1 : real;
    if (!trm_place_state(trash, "trash", e) || !trm_file_mkdirs(trash, e) ||
        !trm_lock_take(&lock, real, e))
        return false;
    trm_lock_release(&lock);
    for (int i = 1; i <= MOST; i++) {
        trm_text_format(name, sizeof name, i > 1 ? "%.*s-%d" : "%.*s", TRM_RUN_NAME - 1, last, i);
        if (!trm_files_join(target, trash, name, e))
            return false;
        if (!trm_file_exists(target))
            break;
    }
    if (!move(real, target, e))
        return false;
    if (size > 0)
        trm_text_copy(to, (size_t)size, target);
    return true;
}

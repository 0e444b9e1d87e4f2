// SPDX-License-Identifier: Apache-2.0
#include "run/rundir/place.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "run/rundir/lock.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/rundir.h"

enum { MAX_NUMBER = 100000 };

static bool elsewhere(const trm_error *why, trm_error *e) {
    return trm_error_set(e, why->code, "%s; choose another place with --out", why->message);
}

bool trm_place_given(const char *path, bool *made, trm_error *e) {
    *made = false;
    if (path[0] == '\0' || strlen(path) >= RUN_PATH - 64)
        return trm_error_set(e, TRM_E_INPUT, "%.60s: no path for a run directory", path);
    if (!trm_file_exists(path)) {
        trm_error why;
        *made = trm_file_mkdirs(path, &why);
        return *made || elsewhere(&why, e);
    }
    if (!trm_file_is_folder(path))
        return trm_error_set(e, TRM_E_INPUT, "%s exists and is no directory; choose another --out",
                             path);
    if (!trm_files_is_vacant(path))
        return trm_error_set(e, TRM_E_INPUT,
                             "%s exists and is not empty; choose another --out, or add --resume "
                             "to go on with it",
                             path);
    return true;
}

bool trm_place_next(const char *parent, const trm_config *c, char out[RUN_PATH], bool *made,
                    trm_error *e) {
    char name[TRM_CONFIG_NAME + 64];
    trm_error why;
    *made = false;
    if (!trm_file_mkdirs(parent, &why))
        return elsewhere(&why, e);
    for (int i = 1; i <= MAX_NUMBER; i++) {
        size_t n = trm_text_format(name, sizeof name, "%s-%lld", c->preset[0] ? c->preset : "run",
                                   (long long)c->seed);
        if (i > 1)
            trm_text_format(name + n, sizeof name - n, "-%d", i);
        if (!trm_files_join(out, parent, name, e))
            return false;
        if (mkdir(out, 0777) == 0) {
            *made = true;
            return trm_file_sync_name(out) || trm_file_errno(e, "create", out);
        }
        if (errno != EEXIST)
            return trm_file_errno(&why, "create", out) || elsewhere(&why, e);
    }
    return trm_error_set(
        e, TRM_E_INPUT,
        "%s: too many runs of one name; move some away, or choose a name with --out", parent);
}

// ---- the state folder ---------------------------------------------------------------------------

bool trm_place_state(char out[RUN_PATH], const char *name, trm_error *e) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char folder[RUN_PATH];
    if (state && state[0] == '/') // the standard wants relative ones ignored
        return trm_files_join(folder, state, "trm", e) && trm_files_join(out, folder, name, e);
    if (home && home[0] == '/')
        return trm_files_join(folder, home, ".local/state/trm", e) &&
               trm_files_join(out, folder, name, e);
    return trm_error_set(
        e, TRM_E_INPUT,
        "neither XDG_STATE_HOME nor HOME names a folder to keep %s in: set one of them", name);
}

static bool state_folder(char out[RUN_PATH], trm_error *e) {
    if (trm_place_state(out, "runs", e))
        return true;
    return trm_error_set(e, TRM_E_INPUT,
                         "neither XDG_STATE_HOME nor HOME names a folder to keep the run in; "
                         "choose one with --out");
}

typedef struct old_run {
    char path[RUN_PATH];
    struct timespec time;
} old_run;

static int newest_first(const void *a, const void *b) {
    const old_run *x = *(old_run *const *)a, *y = *(old_run *const *)b;
    if (x->time.tv_sec != y->time.tv_sec)
        return x->time.tv_sec < y->time.tv_sec ? 1 : -1;
    if (x->time.tv_nsec != y->time.tv_nsec)
        return x->time.tv_nsec < y->time.tv_nsec ? 1 : -1;
    return strcmp(x->path, y->path);
}

// The directories below `parent` that nobody writes to; *count of them, each malloc'd.
static old_run **list_runs(const char *parent, int32_t *count) {
    int32_t capacity = 0;
    old_run **runs = NULL, run;
    DIR *dir = opendir(parent);
    const struct dirent *entry;
    struct stat st;
    *count = 0;
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.' || !trm_files_join(run.path, parent, entry->d_name, NULL) ||
            lstat(run.path, &st) != 0 || !S_ISDIR(st.st_mode) || trm_lock_is_held(run.path))
            continue;
        runs = trm_grow(runs, *count, &capacity, sizeof *runs);
        run.time = st.st_mtim;
        runs[*count] = trm_alloc(1, sizeof run);
        *runs[(*count)++] = run;
    }
    if (dir)
        closedir(dir);
    return runs;
}

static void make_room(const char *parent, int32_t keep) {
    int32_t count;
    old_run **runs = list_runs(parent, &count);
    if (count > 0)
        qsort(runs, (size_t)count, sizeof *runs, newest_first);
    for (int32_t i = 0; i < count; i++) {
        trm_lock lock;
        if (i >= keep && trm_lock_take(&lock, runs[i]->path, NULL)) {
            trm_files_remove_run(runs[i]->path);
            trm_lock_release(&lock);
        }
        free(runs[i]);
    }
    free(runs);
}

bool trm_rundir_state_path(const trm_config *c, int32_t keep, char *out, int size, trm_error *e) {
    char parent[RUN_PATH], path[RUN_PATH];
    bool made;
    if (!state_folder(parent, e) || !trm_file_mkdirs(parent, e))
        return false;
    make_room(parent, keep > 0 ? keep - 1 : 0);
    if (!trm_place_next(parent, c, path, &made, e))
        return false;
    if (size > 0 && trm_text_copy(out, (size_t)size, path))
        return true;
    rmdir(path);
    return trm_error_set(e, TRM_E_INPUT, "%.60s...: the path is too long", path);
}

// ---- copying ------------------------------------------------------------------------------------

// The checkpoint before the metrics: a run that is being written meanwhile has made the metrics
// durable first, so that the copy holds at least the episodes of its checkpoint.
static bool copy_files(const char *from, const char *to, trm_error *e) {
    static const char *const names[] = {RUN_CONFIG,  RUN_CHECKPOINT, RUN_RESULT,
                                        RUN_KERNELS, RUN_EPISODES,   RUN_METRICS};
    char source[RUN_PATH], target[RUN_PATH];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!trm_files_join(source, from, names[i], e) ||
            !trm_files_join(target, to, names[i], e) || !trm_files_copy(source, target, e))
            return false;
    if (!trm_files_trim(target, e) || !trm_files_join(source, from, RUN_WEIGHTS, e) ||
        !trm_files_join(target, to, RUN_WEIGHTS, e) || !trm_files_copy_folder(source, target, e))
        return false;
    return trm_files_sync(to, e);
}

bool trm_rundir_copy(const char *from, const char *to, trm_error *e) {
    char config[RUN_PATH], temporary[RUN_PATH];
    if (!trm_files_join(config, from, RUN_CONFIG, e))
        return false;
    if (!trm_file_exists(config))
        return trm_error_set(e, TRM_E_INPUT, "%s: not the folder of a run (it has no config.json)",
                             from);
    if (to[0] == '\0' || trm_file_exists(to))
        return trm_error_set(e, TRM_E_INPUT, "%s exists; choose another name",
                             to[0] ? to : "an empty name");
    size_t length = strlen(to);
    while (length > 1 && to[length - 1] == '/')
        length--;
    if (length + 32 > RUN_PATH)
        return trm_error_set(e, TRM_E_INPUT, "%.60s...: the path is too long", to);
    trm_text_format(temporary, sizeof temporary, "%.*s.%ld.tmp", (int)length, to, (long)getpid());
    if (!trm_file_mkdirs(temporary, e))
        return false;
    if (copy_files(from, temporary, e)) {
        if (rename(temporary, to) == 0)
            return trm_file_sync_name(to) || trm_file_errno(e, "write", to);
        trm_file_errno(e, "create", to);
    }
    trm_files_remove_run(temporary);
    return false;
}

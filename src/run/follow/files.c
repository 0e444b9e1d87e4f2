// SPDX-License-Identifier: Apache-2.0
#include "run/follow/files.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "run/rundir/files.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"

enum { NAME = 128 };

static const double PATIENCE = 15; // seconds that a file that is not whole may stay as it is

typedef struct checkpoint {
    char name[NAME];
    int64_t step; // the number in its name; else its place in time
    struct stat file;
    bool tried; // read as it is now: scored, or known to be no checkpoint
    bool scored;
    trm_score score;
} checkpoint;

struct trm_follow_files {
    char folder[RUN_PATH];
    checkpoint *items; // in order of steps
    int32_t count, capacity;
    trm_model *model; // the newest that was whole
    bool fresh;       // … and was not given yet
    int64_t step;     // … of this step
    trm_course *judge;
    trm_history history;
    trm_following told;
    char unsupported[NAME]; // a file of a form that is not read
};

// ---- names --------------------------------------------------------------------------------------

// The last number in a name, without what follows its last dot; -1: there is none.
static int64_t number_in(const char *name) {
    const char *dot = strrchr(name, '.');
    const char *end = dot ? dot : name + strlen(name);
    while (end > name && (end[-1] < '0' || end[-1] > '9'))
        end--;
    const char *start = end;
    while (start > name && start[-1] >= '0' && start[-1] <= '9')
        start--;
    return start < end && end - start < 18 ? strtoll(start, NULL, 10) : -1;
}

// step_1000 without an ending, or with one of those of weights.
static bool is_checkpoint(const char *name) {
    return trm_text_ends(name, ".safetensors") || trm_text_ends(name, ".pt") ||
           trm_text_ends(name, ".pth") ||
           (trm_text_starts(name, "step_") && strchr(name, '.') == NULL);
}

static int by_step(const void *a, const void *b) {
    const checkpoint *x = a, *y = b;
    if (x->step != y->step)
        return (x->step > y->step) - (x->step < y->step);
    if (x->file.st_mtim.tv_sec != y->file.st_mtim.tv_sec)
        return x->file.st_mtim.tv_sec < y->file.st_mtim.tv_sec ? -1 : 1;
    return strcmp(x->name, y->name);
}

static checkpoint *find(const trm_follow_files *f, const char *name) {
    for (int32_t i = 0; i < f->count; i++)
        if (strcmp(f->items[i].name, name) == 0)
            return &f->items[i];
    return NULL;
}

static bool same_file(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void take_file(trm_follow_files *f, const char *name) {
    char path[RUN_PATH];
    struct stat st;
    if (trm_text_ends(name, ".ckpt"))
        trm_text_copy(f->unsupported, sizeof f->unsupported, name);
    if (!is_checkpoint(name) || strlen(name) >= NAME ||
        !trm_files_join(path, f->folder, name, NULL) || stat(path, &st) != 0 ||
        !S_ISREG(st.st_mode))
        return;
    checkpoint *x = find(f, name);
    if (x != NULL && same_file(&st, &x->file))
        return;
    if (x == NULL) {
        f->items = trm_grow(f->items, f->count, &f->capacity, sizeof *f->items);
        x = &f->items[f->count++];
        *x = (checkpoint){.step = number_in(name)};
        trm_text_copy(x->name, sizeof x->name, name);
        if (x->step < 0)
            x->step = f->count;
    }
    x->file = st;
    x->tried = false;
}

static bool list(trm_follow_files *f) {
    DIR *dir = opendir(f->folder);
    const struct dirent *entry;
    if (dir == NULL)
        return false;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            take_file(f, entry->d_name);
    closedir(dir);
    if (f->count > 0)
        qsort(f->items, (size_t)f->count, sizeof *f->items, by_step);
    return true;
}

static double age_of(const struct stat *st) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return floor(fmax(0, (double)(now.tv_sec - st->st_mtim.tv_sec)));
}

// ---- opening ------------------------------------------------------------------------------------

static bool refuse(const trm_follow_files *f, trm_error *e) {
    if (f->unsupported[0] != '\0')
        return trm_error_set(e, TRM_E_INPUT,
                             "%s: %s is a Lightning checkpoint, which is not read; save its "
                             "state_dict with torch.save or as .safetensors",
                             f->folder, f->unsupported);
    return trm_error_set(e, TRM_E_INPUT,
                         "%s: neither a run (no config.json) nor a folder of checkpoints (step_N, "
                         ".safetensors, .pt)",
                         f->folder);
}

trm_follow_files *trm_follow_files_open(const char *folder, char *const *overrides, int n,
                                        trm_config *c, trm_error *e) {
    char path[RUN_PATH];
    trm_follow_files *f = trm_alloc(1, sizeof *f);
    trm_text_copy(f->folder, sizeof f->folder, folder);
    f->told.age = (double)NAN;
    list(f);
    if (f->count == 0)
        refuse(f, e);
    for (int32_t i = f->count - 1; i >= 0 && f->model == NULL; i--) {
        if (trm_files_join(path, folder, f->items[i].name, e))
            f->model = trm_checkpoint_model(path, overrides, n, c, e);
        f->step = f->items[i].step;
        trm_text_copy(f->told.name, sizeof f->told.name, f->items[i].name);
    }
    f->fresh = true;
    if (f->model != NULL)
        return f;
    trm_follow_files_free(f);
    return NULL;
}

bool trm_follow_files_waits(const char *folder) {
    const struct dirent *entry;
    struct stat st;
    bool empty = true, fresh = false, any = false, paper = false;
    DIR *dir = opendir(folder);
    while (dir && (entry = readdir(dir))) {
        if (entry->d_name[0] == '.')
            continue;
        const bool one = is_checkpoint(entry->d_name);
        empty = false;
        any |= one;
        paper |= strcmp(entry->d_name, "all_config.yaml") == 0;
        fresh |= one && fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && age_of(&st) < PATIENCE;
    }
    if (dir)
        closedir(dir);
    return dir && (empty || fresh || (paper && !any));
}

void trm_follow_files_free(trm_follow_files *f) {
    if (f == NULL)
        return;
    trm_model_free(f->model);
    trm_course_free(f->judge);
    free(f->items);
    free(f);
}

// ---- looking ------------------------------------------------------------------------------------

static void rebuild_history(trm_follow_files *f) {
    trm_history_init(&f->history);
    for (int32_t i = 0; i < f->count; i++)
        if (f->items[i].scored) {
            const trm_epoch epoch = {.epoch = f->items[i].step - 1,
                                     .train_loss = (double)NAN,
                                     .score = f->items[i].score};
            trm_history_add_epoch(&f->history, &epoch);
        }
}

// Reads a checkpoint and scores it; the newest one is shown from then on. False: it is not whole,
// and may still become so.
static bool judge(trm_follow_files *f, checkpoint *x, trm_following *now) {
    char path[RUN_PATH];
    int64_t update;
    trm_error e = {0};
    trm_model *m = trm_course_model(f->judge);
    const bool read = trm_files_join(path, f->folder, x->name, &e) &&
                      trm_checkpoint_weights(path, m, &update, &e);
    if (!read) {
        const bool waits = age_of(&x->file) < PATIENCE;
        trm_text_format(now->trouble, sizeof now->trouble, waits ? "%s is not whole yet" : "%s: %s",
                        x->name, e.message);
        x->tried = !waits;
        return false;
    }
    x->tried = true;
    x->scored = trm_course_score(f->judge, NULL, NULL, &x->score);
    if (x->step >= f->step) {
        trm_model_set_weights(f->model, trm_model_params_const(m)->values);
        f->fresh = true;
        f->step = x->step;
        trm_text_copy(now->name, sizeof now->name, x->name);
    }
    return true;
}

// The newest one that waits to be looked at; then the others, so that the curve fills up.
static checkpoint *next(trm_follow_files *f) {
    for (int32_t i = f->count - 1; i >= 0; i--)
        if (!f->items[i].tried)
            return &f->items[i];
    return NULL;
}

static void take_newest(const trm_follow_files *f, trm_snapshot *s) {
    s->best_exact = (double)NAN;
    s->best_epoch = -1;
    for (int32_t i = 0; i < f->count; i++) {
        const checkpoint *x = &f->items[i];
        if (!x->scored)
            continue;
        s->epoch = (trm_epoch){.epoch = x->step - 1,
                               .train_loss = (double)NAN,
                               .grad_norm = NAN,
                               .lr = NAN,
                               .score = x->score};
        if (!(x->score.exact_accuracy <= s->best_exact)) {
            s->best_exact = x->score.exact_accuracy;
            s->best_epoch = x->step - 1;
        }
    }
}

bool trm_follow_files_renew(trm_follow_files *f, const trm_config *c, trm_snapshot *s,
                            const trm_history **history) {
    trm_error e = {0};
    trm_following now = f->told;
    now.trouble[0] = '\0';
    now.writer = TRM_FOLLOWING_FILES;
    if (!list(f))
        trm_text_copy(now.trouble, sizeof now.trouble, "the folder is gone");
    if (f->judge == NULL)
        f->judge = trm_follow_course(c, &e);
    checkpoint *x = next(f);
    if (f->judge != NULL && x != NULL && judge(f, x, &now)) {
        rebuild_history(f);
        *history = &f->history;
    }
    const checkpoint *shown = find(f, now.name);
    now.age = shown != NULL ? age_of(&shown->file) : (double)NAN;
    now.weights = f->step;
    const bool same = *history == NULL && strcmp(now.trouble, f->told.trouble) == 0 &&
                      !(now.age < f->told.age) && !(now.age > f->told.age) &&
                      isnan(now.age) == isnan(f->told.age) && s->following.name[0] != '\0';
    f->told = now;
    s->following = now;
    s->done = s->total = s->updates = f->step;
    s->last_checkpoint = f->step;
    take_newest(f, s);
    return !same;
}

bool trm_follow_files_weights(trm_follow_files *f, trm_model *m) {
    if (!f->fresh)
        return false;
    f->fresh = false;
    trm_model_set_weights(m, trm_model_params_const(f->model)->values);
    return true;
}

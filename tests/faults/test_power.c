// SPDX-License-Identifier: Apache-2.0
// The power goes: what a training wrote, synced, made, renamed and removed is recorded, and after
// each of these what a disk may then hold is laid out: all of it, or only what was synced, or names
// without their bytes, or half of the bytes. Each goes on to the same weights, metrics and
// record: what a checkpoint tells of is on the disk when the checkpoint is.
//
// TRM_FAULTS_CUTS: how many are tried, chosen by TRM_FAULTS_SEED; 0: all of them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../cli/process.h"
#include "inject.h"
#include "run.h"

enum { CUTS = 8, SEED = 1, FILES = 512, NAMES = 512, OPERATIONS = 4096 };

#define TRAIN                                                                                      \
    "train", "maze-mlp", "env.size=3", "model.hidden=8", "run.checkpoint_every=8",                 \
        "train.episodes=24"

typedef struct bytes {
    char *data;
    size_t size;
} bytes;

typedef struct file {
    bytes now, synced;
} file;

// A name below the run; file -1: there is none.
typedef struct name {
    char path[64];
    int now, synced;
} name;

typedef struct disk {
    file files[FILES];
    int file_count;
    name names[NAMES];
    int name_count;
} disk;

typedef struct operation {
    char what;
    long long number;
    size_t size;
    char *path, *to;
    const char *data;
} operation;

static void set(bytes *b, size_t at, const char *data, size_t size) {
    if (at + size > b->size) {
        b->data = realloc(b->data, at + size + 1);
        assert_non_null(b->data);
        memset(b->data + b->size, 0, at + size - b->size);
        b->size = at + size;
    }
    if (size > 0)
        memcpy(b->data + at, data, size);
}

static name *find(disk *d, const char *path) {
    for (int i = 0; i < d->name_count; i++)
        if (strcmp(d->names[i].path, path) == 0)
            return &d->names[i];
    assert_true(d->name_count < NAMES && strlen(path) < sizeof d->names[0].path);
    name *n = &d->names[d->name_count++];
    snprintf(n->path, sizeof n->path, "%s", path);
    n->now = n->synced = -1;
    return n;
}

static file *file_of(disk *d, const char *path) {
    const name *n = find(d, path);
    return n->now >= 0 ? &d->files[n->now] : NULL;
}

// Whether a path is directly in a folder, "" being the run's own.
static bool is_in(const char *path, const char *folder) {
    const char *slash = strrchr(path, '/');
    size_t length = slash != NULL ? (size_t)(slash - path) : 0;
    return length == strlen(folder) && strncmp(path, folder, length) == 0;
}

static void sync_path(disk *d, const char *path) {
    file *f = path[0] != '\0' ? file_of(d, path) : NULL;
    if (f != NULL) {
        f->synced.size = 0;
        set(&f->synced, 0, f->now.data, f->now.size);
    }
    for (int i = 0; f == NULL && i < d->name_count; i++)
        if (is_in(d->names[i].path, path))
            d->names[i].synced = d->names[i].now;
}

static void apply(disk *d, const operation *o) {
    file *f = o->path[0] != '\0' ? file_of(d, o->path) : NULL;
    switch (o->what) {
    case 'c':
    case 't':
        if (f == NULL) {
            assert_true(d->file_count < FILES);
            find(d, o->path)->now = d->file_count++;
        } else if (o->what == 't') {
            f->now.size = 0;
        }
        break;
    case 'w':
        if (f != NULL)
            set(&f->now, (size_t)o->number, o->data, o->size);
        break;
    case 'f':
        if (f != NULL && (size_t)o->number < f->now.size)
            f->now.size = (size_t)o->number;
        break;
    case 's':
        sync_path(d, o->path);
        break;
    case 'S':
        for (int i = 0; i < d->name_count; i++) {
            d->names[i].synced = d->names[i].now;
            if (d->names[i].now >= 0)
                sync_path(d, d->names[i].path);
        }
        break;
    case 'r':
        find(d, o->to)->now = find(d, o->path)->now;
        find(d, o->path)->now = -1;
        break;
    case 'u':
        find(d, o->path)->now = -1;
        break;
    default:
        break;
    }
}

// ---- what the disk may hold ---------------------------------------------------------------------

enum { ALL, SYNCED, NAMES_ONLY, TORN, BYTES_ONLY, KINDS };

static bytes content(const file *f, int kind) {
    bytes b = kind == ALL || kind == BYTES_ONLY ? f->now : f->synced;
    if (kind == TORN && f->now.size > f->synced.size) {
        b = f->now;
        b.size -= (f->now.size - f->synced.size + 1) / 2;
    }
    return b;
}

static void lay_out(const disk *d, int kind, const char *folder) {
    char path[2 * PATH_SIZE];
    assert_int_equal(mkdir(folder, 0777), 0);
    for (int i = 0; i < d->name_count; i++) {
        const name *n = &d->names[i];
        const int at = kind == SYNCED || kind == BYTES_ONLY ? n->synced : n->now;
        if (at < 0)
            continue;
        const char *slash = strchr(n->path, '/');
        if (slash != NULL) {
            snprintf(path, sizeof path, "%s/%s", folder, n->path);
            *strrchr(path, '/') = '\0';
            mkdir(path, 0777);
        }
        const bytes b = content(&d->files[at], kind);
        snprintf(path, sizeof path, "%s/%s", folder, n->path);
        file_put(path, b.size ? b.data : "", b.size);
    }
}

// ---- the log ------------------------------------------------------------------------------------

// The path below the run; NULL: it is elsewhere.
static char *below(char *path, const char *run) {
    char *at = strstr(path, run);
    if (at == NULL || (at[strlen(run)] != '/' && at[strlen(run)] != '\0'))
        return NULL;
    at += strlen(run);
    return *at == '/' ? at + 1 : at;
}

static int read_log(char *text, size_t size, const char *run, operation *out) {
    int count = 0;
    for (char *at = text; at < text + size;) {
        operation o = {.what = at[0]};
        int used = 0;
        assert_int_equal(sscanf(at + 1, "%lld %zu %n", &o.number, &o.size, &used), 2);
        char *path = at + 1 + used, *tab = strchr(path, '\t'), *end = strchr(tab, '\n');
        *tab = *end = '\0';
        o.path = below(path, run);
        o.to = below(tab + 1, run);
        o.data = end + 1;
        at = end + 1 + o.size;
        if (o.path != NULL && (o.what != 'r' || o.to != NULL)) {
            assert_true(count < OPERATIONS);
            out[count++] = o;
        }
    }
    return count;
}

static void assert_goes_on(const char *scratch, int step, int kind) {
    char whole[PATH_SIZE], cut[PATH_SIZE];
    snprintf(whole, sizeof whole, "%s/run", scratch);
    snprintf(cut, sizeof cut, "%s/cut", scratch);
    outcome o = RUN(scratch, TRAIN, "--out", "cut", "--resume");
    if (o.status != 0)
        fail_msg("cut after %d, kind %d: status %d\n%s", step, kind, o.status, o.err);
    outcome_free(&o);
    assert_sound(cut);
    assert_equal_files(whole, cut, "checkpoint.safetensors");
    char *x = metrics_without_seconds(whole), *y = metrics_without_seconds(cut);
    if (strcmp(x, y) != 0)
        fail_msg("cut after %d, kind %d: other metrics", step, kind);
    free(x);
    free(y);
    assert_equal_records(whole, cut);
    o = RUN(scratch, "replay", "cut", "--check");
    if (o.status != 0)
        fail_msg("cut after %d, kind %d: the record fails with status %d\n%s", step, kind, o.status,
                 o.err);
    outcome_free(&o);
    folder_remove(cut);
}

static void test_power_goes(void **state) {
    static disk d;
    static operation operations[OPERATIONS];
    const int64_t cuts = setting("TRM_FAULTS_CUTS", CUTS);
    uint64_t random = (uint64_t)setting("TRM_FAULTS_SEED", SEED);
    char path[PATH_SIZE], cut[PATH_SIZE];
    size_t size;
    snprintf(path, sizeof path, "%s/log", (const char *)*state);
    snprintf(cut, sizeof cut, "%s/cut", (const char *)*state);
    setenv("ASAN_OPTIONS", "detect_leaks=0:verify_asan_link_order=0", 1);
    setenv("LD_PRELOAD", getenv("TRM_INJECT_LIBRARY"), 1);
    setenv("TRM_INJECT_LOG", path, 1);
    outcome o = RUN(*state, TRAIN, "--out", "run");
    unsetenv("LD_PRELOAD");
    unsetenv("TRM_INJECT_LOG");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    char *text = file_text(path, &size);
    const int count = read_log(text, size, "run", operations);
    assert_true(count > 50);
    int64_t tried = 0;
    for (int i = 0; i < count; i++) {
        apply(&d, &operations[i]);
        for (int kind = 0; kind < KINDS; kind++) {
            if (cuts > 0 && random_below(&random, (uint64_t)count * KINDS) >= (uint64_t)cuts)
                continue;
            lay_out(&d, kind, cut);
            assert_goes_on(*state, i, kind);
            tried++;
        }
    }
    print_message("%lld of %d states of the disk went on\n", (long long)tried, count * KINDS);
    for (int i = 0; i < d.file_count; i++) {
        free(d.files[i].now.data);
        free(d.files[i].synced.data);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_power_goes, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include "record_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "trm/run/rundir.h"
#include "trm/train/course.h"

trm_config config_of(const char *const *words) {
    trm_config c;
    trm_error e;
    assert_true(trm_config_preset(&c, *words, NULL));
    for (words++; *words; words++)
        if (!trm_config_override(&c, *words, &e))
            fail_msg("%s", e.message);
    return c;
}

trm_config small_training(training_kind kind, const char *word) {
    return kind == BY_EPISODES
               ? CONFIG("maze-mlp", "model.hidden=8", "train.episodes=40", word)
               : CONFIG(SUPERVISED, "model.hidden=8", "model.z_dim=4", "model.x_dim=4",
                        "model.head_hidden=4", "model.sup_steps=1", word);
}

const char *inside(const char *dir, const char *name) {
    static char paths[4][PATH_SIZE * 2];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dir, name);
    return path;
}

// Advances the course, recording it, and saves.
static void go(trm_rundir *r, const trm_config *c, trm_course *course, int64_t length,
               void (*look)(const char *path)) {
    trm_error e;
    trm_advance a;
    trm_trainer_hooks h = trm_rundir_hooks(r, c);
    while (trm_course_count(course).done < length) {
        assert_int_equal(trm_course_advance(course, NULL, &a, &e), TRM_UPDATE_DONE);
        if (!h.advance(h.ctx, course, &a, 1, &e))
            fail_msg("%s", e.message);
        if (look) {
            assert_true(
                h.checkpoint(h.ctx, course, &(trm_saving){.final = false, .seconds = 1}, &e));
            look(trm_rundir_path(r));
        }
    }
    assert_true(h.checkpoint(h.ctx, course, &(trm_saving){.final = true, .seconds = 1}, &e));
}

void run_until(const trm_config *c, const char *path, int64_t length,
               void (*look)(const char *path)) {
    trm_error e;
    trm_rundir *r = trm_rundir_create(c, path, &e);
    if (!r)
        fail_msg("%s", e.message);
    trm_course *course = new_course(c);
    go(r, c, course, length, look);
    trm_course_free(course);
    trm_rundir_close(r);
}

void go_on_until(const char *path, int64_t length, char *note, int size) {
    trm_error e;
    trm_config c;
    double seconds;
    trm_history *history = malloc(sizeof *history);
    trm_rundir *r = trm_rundir_open(&c, path, &e);
    trm_course *course = new_course(&c);
    if (!r || !trm_rundir_resume(r, course, history, &seconds, note, size, &e))
        fail_msg("%s", e.message);
    go(r, &c, course, length, NULL);
    trm_course_free(course);
    trm_rundir_close(r);
    free(history);
}

trm_record *open_record(const char *path) {
    trm_error e;
    trm_record *r = trm_record_open(path, &e);
    if (!r)
        fail_msg("%s", e.message);
    return r;
}

void assert_same_file(const char *a, const char *b, const char *name) {
    size_t size, other_size;
    char *bytes = read_bytes(inside(a, name), &size);
    char *other = read_bytes(inside(b, name), &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(bytes, other, size);
    free(bytes);
    free(other);
}

static int32_t count_files(const char *folder) {
    int32_t n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (const struct dirent *entry; (entry = readdir(d));)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

void assert_same_record(const char *a, const char *b) {
    int32_t files = 0;
    int64_t last = -1;
    assert_same_file(a, b, "episodes.jsonl");
    trm_record *r = open_record(a);
    for (int32_t i = 0; i < trm_record_count(r); i++) {
        char name[64];
        const int64_t update = trm_record_moment(r, i)->update;
        snprintf(name, sizeof name, "weights/%09lld.safetensors", (long long)update);
        assert_same_file(a, b, name);
        files += update != last;
        last = update;
    }
    trm_record_free(r);
    assert_int_equal(count_files(inside(a, "weights")), files);
    assert_int_equal(count_files(inside(b, "weights")), files);
}

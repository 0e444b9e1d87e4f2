// SPDX-License-Identifier: Apache-2.0
// Trainings of several ranks, which are threads here: the same bytes as one process computes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "../support/ranks.h"
#include "trm/run/cluster.h"
#include "trm/run/course.h"

enum { ADVANCES = 2, WORDS = 10 };

typedef struct state_bytes {
    char *bytes;
    size_t size;
} state_bytes;

static state_bytes state_of(trm_course *c) {
    int32_t count = trm_course_tensors(c, NULL, 0);
    trm_tensor *t = calloc((size_t)count, sizeof *t);
    state_bytes s = {0};
    trm_course_tensors(c, t, count);
    for (int32_t i = 0; i < count; i++)
        s.size += trm_tensor_bytes(&t[i]);
    s.bytes = malloc(s.size);
    s.size = 0;
    for (int32_t i = 0; i < count; s.size += trm_tensor_bytes(&t[i++]))
        memcpy(s.bytes + s.size, t[i].data, trm_tensor_bytes(&t[i]));
    free(t);
    return s;
}

static trm_config config_of(const char *const *words) {
    trm_error e = {0};
    trm_config c;
    if (!trm_config_load(&c, words[0], &e))
        fail_msg("%s", e.message);
    for (int i = 1; i < WORDS && words[i]; i++)
        if (!trm_config_override(&c, words[i], &e))
            fail_msg("%s", e.message);
    return c;
}

static void advance(trm_course *c, state_bytes *out) {
    trm_error e = {0};
    trm_advance a;
    for (int i = 0; i < ADVANCES; i++) {
        assert_int_equal(trm_course_advance(c, NULL, &a, &e), TRM_UPDATE_DONE);
        out[i] = state_of(c);
    }
}

typedef struct job {
    const trm_config *config;
    const state_bytes *alone; // [ADVANCES]
    int rounds;
} job;

static void together(trm_peers *p, void *ctx) {
    const job *j = ctx;
    state_bytes mine[ADVANCES];
    trm_error e = {0};
    if (p->rank == 0) {
        // more than once, because one program may train several
        for (int round = 0; round < j->rounds; round++) {
            trm_course *c = trm_cluster_course(p, j->config, &e);
            if (!c)
                fail_msg("%s", e.message);
            advance(c, mine);
            trm_course_free(c);
            for (int i = 0; i < ADVANCES; i++) {
                assert_int_equal(mine[i].size, j->alone[i].size);
                assert_memory_equal(mine[i].bytes, j->alone[i].bytes, mine[i].size);
                free(mine[i].bytes);
            }
        }
        trm_cluster_dismiss(p);
    } else {
        trm_cluster_serve(p);
    }
}

static void test_every_way_of_learning_gives_the_same_bytes(void **state) {
    (void)state;
    static const char *const kinds[][WORDS] = {
        {"maze-batch", "train.envs=40", "train.deep_supervision=true", "train.halting=true"},
        {"maze-batch", "train.envs=17", "train.baseline=running", "train.threads=2"},
        {"maze-ppo", "train.envs=33"},
        {"maze-ppo", "train.envs=33", "train.algorithm=actor-critic"},
        {"maze-dqn", "env.size=3", "train.envs=20", "train.deep_supervision=true"},
        {"sudoku-easy", "train.envs=20"},
        {"maze11", "env.size=7", "train.envs=17", "train.batch=18", "model.inner_steps=1"},
        {"sudoku-4-tiny", "data.train=40", "data.validation=8", "data.test=8", "train.batch=24"},
        {"sudoku-4-tiny", "data.train=40", "data.validation=8", "data.test=8", "train.batch=40",
         "train.supervision=carried"},
        {"mazes-10-fixed-transformer", "data.train=24", "data.validation=8", "data.test=8",
         "train.batch=20"},
        {"paper-sudoku-4", "data.train=64", "data.validation=8", "data.test=8", "train.batch=32",
         "train.epochs=4", "model.sup_steps=2"},
        {"paper-sudoku-4", "data.train=64", "data.validation=8", "data.test=8", "train.batch=32",
         "train.epochs=4", "model.type=hrm", "model.mlp_t=false", "model.sup_steps=3"},
    };
    static const int counts[] = {2, 3, 5};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        trm_error e = {0};
        trm_config config = config_of(kinds[k]);
        trm_course *c = trm_run_course(&config, &e);
        state_bytes alone[ADVANCES];
        if (!c)
            fail_msg("%s: %s", kinds[k][0], e.message);
        advance(c, alone);
        trm_course_free(c);
        assert_memory_not_equal(alone[0].bytes, alone[1].bytes, alone[0].size);
        for (size_t i = 0; i < (k == 0 ? sizeof counts / sizeof *counts : 1); i++)
            ranks_run(counts[(k + i) % 3], together, &(job){&config, alone, k == 0 ? 2 : 1});
        for (int i = 0; i < ADVANCES; i++)
            free(alone[i].bytes);
    }
}

// A rank that cannot make the course, or would make another one.
static void differ(trm_peers *p, void *ctx) {
    trm_error e = {0};
    (void)ctx;
    if (p->rank > 0) {
        trm_cluster_serve(p);
        return;
    }
    trm_config c = config_of((const char *const[WORDS]){"maze-batch"});
    c.train.envs = 0;
    assert_null(trm_cluster_course(p, &c, &e));
    assert_non_null(strstr(e.message, "train.envs"));
    c.train.envs = 4;
    trm_course *good = trm_cluster_course(p, &c, &e);
    assert_non_null(good);
    trm_course_free(good);
    trm_cluster_dismiss(p);
}

static void test_a_refused_course_leaves_all_ready_for_the_next(void **state) {
    (void)state;
    ranks_run(3, differ, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way_of_learning_gives_the_same_bytes),
        cmocka_unit_test(test_a_refused_course_leaves_all_ready_for_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

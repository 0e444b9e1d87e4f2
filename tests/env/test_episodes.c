// SPDX-License-Identifier: Apache-2.0
// Episodes that were recorded from the original's environments, one JSON object a line, played
// again action by action.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"
#include "trm/env/env.h"

static void check_observation(const char *where, const cJSON *want, const float *got, int32_t n) {
    assert_int_equal(cJSON_GetArraySize(want), n);
    int32_t i = 0;
    const cJSON *x;
    cJSON_ArrayForEach(x, want) {
        if (!(fabs(x->valuedouble - (double)got[i]) <= 1e-6))
            fail_msg("%s: observation[%d] is %g, not %g", where, i, (double)got[i], x->valuedouble);
        i++;
    }
}

static void check_steps(const trm_env *env, void *state, float *obs, const char *name,
                        const cJSON *steps) {
    int32_t n = trm_env_state_dim(env), count = 0;
    bool done = false;
    const cJSON *s;
    cJSON_ArrayForEach(s, steps) {
        char where[96];
        trm_text_format(where, sizeof where, "%s, step %d", name, ++count);
        if (done)
            fail_msg("%s: the episode is over already", where);
        int32_t action = cJSON_GetObjectItem(s, "action")->valueint;
        trm_step got = trm_env_step(env, state, action);
        double reward = cJSON_GetObjectItem(s, "reward")->valuedouble;
        if (!(fabs(reward - (double)got.reward) <= 1e-6))
            fail_msg("%s: the reward is %g, not %g", where, (double)got.reward, reward);
        if (got.done != (bool)cJSON_IsTrue(cJSON_GetObjectItem(s, "done")))
            fail_msg("%s: done is %d", where, got.done);
        trm_env_observe(env, state, obs);
        check_observation(where, cJSON_GetObjectItem(s, "obs"), obs, n);
        done = got.done;
    }
    assert_true(count > 0 && done);
    assert_true(count <= trm_env_max_steps(env));
}

// "maze-open-7" is maze-open of size 7, "sudoku-empty-5" is sudoku-empty with a bonus of 5. NULL
// where there is no such environment.
static trm_env *environment(const char *name) {
    trm_env_config config = trm_env_config_default();
    const char *dash = strrchr(name, '-');
    size_t length = strlen(name);
    bool sudoku = strncmp(name, "sudoku", 6) == 0;
    if (sudoku)
        config.size = 4;
    if (dash && isdigit((unsigned char)dash[1])) {
        int64_t size;
        assert_true(trm_text_to_i64(dash + 1, &size) && size > 0 && size <= 64);
        if (sudoku)
            config.bonus = (float)size;
        else
            config.size = (int32_t)size;
        length = (size_t)(dash - name);
    }
    if (length >= sizeof config.type)
        return NULL;
    memset(config.type, 0, sizeof config.type);
    memcpy(config.type, name, length);
    return trm_env_new(&config, NULL);
}

// Starts as the episode did: where that was at random, from its digits or its observation's.
static void start(const trm_env *env, void *state, const cJSON *episode) {
    trm_rng rng;
    trm_rng_seed(&rng, 0, 0);
    trm_env_reset(env, state, &rng, TRM_SPLIT_TRAIN);
    if (strcmp(trm_env_task(env), "sudoku") != 0)
        return;
    const cJSON *grid = cJSON_GetObjectItem(episode, "grid0"), *x;
    const cJSON *obs = cJSON_GetObjectItem(episode, "obs0");
    const cJSON *from = grid ? grid : obs;
    int32_t cells[16], i = 0;
    trm_error e = {0};
    cJSON_ArrayForEach(x, from) {
        if (i < 16)
            cells[i++] = (int32_t)lround(grid ? x->valuedouble : 4 * x->valuedouble);
    }
    assert_int_equal(i, 16);
    if (!trm_env_set_grid(env, state, cells, &e))
        fail_msg("%s", e.message);
}

// True if the episode was played: its environment is known.
static bool replay(const cJSON *episode) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(episode, "env"));
    assert_non_null(name);
    trm_env *env = environment(name);
    if (!env)
        return false;
    void *state = trm_alloc(1, trm_env_state_size(env));
    float *obs = trm_alloc((size_t)trm_env_state_dim(env), sizeof *obs);
    start(env, state, episode);
    trm_env_observe(env, state, obs);
    check_observation(name, cJSON_GetObjectItem(episode, "obs0"), obs, trm_env_state_dim(env));
    check_steps(env, state, obs, name, cJSON_GetObjectItem(episode, "steps"));
    free(obs);
    free(state);
    trm_env_free(env);
    return true;
}

static void test_recorded_episodes(void **state) {
    (void)state;
    char path[4096];
    trm_text_format(path, sizeof path, "%s/env-episodes.jsonl", check_fixtures());
    char *text;
    size_t size;
    trm_error e;
    if (!trm_file_read(path, 64 << 20, &text, &size, &e))
        fail_msg("%s", e.message);
    static const char *const wanted[] = {"maze-open",    "maze-open-7",    "maze-plain",
                                         "sudoku-empty", "sudoku-empty-5", "sudoku-one",
                                         "sudoku-easy",  "sudoku-medium"};
    enum { WANTED = sizeof wanted / sizeof *wanted };
    int32_t played[WANTED] = {0};
    for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
        if (!*line)
            continue;
        cJSON *episode = cJSON_Parse(line);
        assert_non_null(episode);
        bool ok = replay(episode);
        const char *name = cJSON_GetObjectItem(episode, "env")->valuestring;
        for (int i = 0; i < WANTED; i++)
            played[i] += ok && strcmp(name, wanted[i]) == 0;
        cJSON_Delete(episode);
    }
    free(text);
    for (int i = 0; i < WANTED; i++)
        if (!played[i])
            fail_msg("no episode of %s in %s", wanted[i], path);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_recorded_episodes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

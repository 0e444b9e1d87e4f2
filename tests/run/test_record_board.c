// SPDX-License-Identifier: Apache-2.0
// What a moment looks like, and which moments stand for all.
#include "record_support.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trm/run/record.h"

// A record, a model of its sizes, and what a moment of it looks like.
typedef struct subject {
    trm_record *record;
    trm_model *model;
    trm_agent agent;
    trm_board board;
    uint8_t signs[TRM_BOARD_MAX * TRM_BOARD_MAX];
} subject;

static void open_subject(subject *s, const trm_config *c, const char *name, int64_t length) {
    trm_error e;
    run_until(c, temp_path(name), length, NULL);
    s->record = open_record(temp_path(name));
    s->model = trm_record_model(s->record, &e);
    trm_agent_init(&s->agent, trm_record_env(s->record), s->model);
}

static void close_subject(subject *s) {
    trm_agent_done(&s->agent);
    trm_model_free(s->model);
    trm_record_free(s->record);
}

static void look(subject *s, int32_t i) {
    trm_error e;
    memset(s->signs, 0xFF, sizeof s->signs);
    if (!trm_record_weights(s->record, i, s->model, &e) ||
        !trm_record_board(s->record, i, &s->agent, &s->board, s->signs, &e))
        fail_msg("%s", e.message);
}

// The same board as where the moment ends when it is played again with its model.
static void episodes_are_shown_as_they_ended(void **state) {
    (void)state;
    const trm_config configs[] = {
        CONFIG("maze", "model.h_dim=16", "model.l_dim=8", "seed=1"),
        CONFIG("maze-mlp", "env.type=maze", "env.size=7", "model.hidden=16"),
        CONFIG("maze-mlp", "env.type=sudoku-medium", "env.size=4", "model.hidden=16"),
    };
    trm_error e;
    subject s;
    for (size_t k = 0; k < sizeof configs / sizeof *configs; k++) {
        char name[16];
        trm_board end;
        trm_episode_trace played;
        snprintf(name, sizeof name, "run-%zu", k);
        open_subject(&s, &configs[k], name, 60);
        const trm_env *env = trm_record_env(s.record);
        trm_episode_trace_init(&played, env, s.model);
        for (int32_t i = 0; i < trm_record_count(s.record); i++) {
            look(&s, i);
            assert_true(trm_record_play(s.record, i, &s.agent, &played, &e));
            trm_env_describe(env, trm_episode_trace_state(&played, played.length), &end);
            const size_t cells = (size_t)(end.rows * end.cols);
            assert_int_equal(s.board.rows, end.rows);
            assert_memory_equal(s.board.cells, end.cells, cells * sizeof *end.cells);
            for (size_t c = 0; c < cells; c++)
                assert_int_equal(s.signs[c], TRM_SIGN_NONE);
        }
        trm_episode_trace_done(&played);
        close_subject(&s);
    }
}

static void other_episodes_are_refused(void **state) {
    (void)state;
    trm_error e;
    subject s;
    const trm_config c = small_training(BY_EPISODES, "seed=2");
    open_subject(&s, &c, "run", 20);
    trm_record_moment(s.record, 0)->rewards[0] += 1;
    assert_false(trm_record_board(s.record, 0, NULL, &s.board, s.signs, &e));
    assert_error(&e, TRM_E_INPUT, "episode 0", "another reward", NULL);
    close_subject(&s);
}

// As many cells are unmarked as the record says are right; what is given stays what it is.
static void wrong_answers_are_marked(void **state) {
    (void)state;
    const trm_config configs[] = {
        small_training(BY_EPOCHS, "seed=1"),
        CONFIG("sudoku-4-tiny", "data.train=64", "data.validation=8", "data.test=8"),
    };
    subject s;
    int wrong = 0;
    for (size_t k = 0; k < sizeof configs / sizeof *configs; k++) {
        trm_record_answer then;
        open_subject(&s, &configs[k], k ? "sudoku" : "maze", 6);
        for (int32_t i = 0; i < trm_record_count(s.record); i++) {
            int32_t right = 0;
            look(&s, i);
            assert_true(trm_record_sample(s.record, i, 0, &then, NULL));
            for (int32_t c = 0; c < then.cells; c++) {
                const uint8_t sign = s.signs[c];
                const trm_cell *before = &then.board.cells[c], *now = &s.board.cells[c];
                right += sign == TRM_SIGN_NONE || sign == TRM_SIGN_PATH;
                assert_true(sign < TRM_SIGNS);
                if (before->kind != TRM_CELL_EMPTY)
                    assert_memory_equal(before, now, sizeof *now);
                else if (k == 1 && sign == TRM_SIGN_NONE)
                    assert_int_equal(now->digit, then.target[c] + 1);
            }
            assert_int_equal(right, then.right);
            wrong += then.cells - right;
        }
        close_subject(&s);
    }
    assert_true(wrong > 0);
}

// In order, even, and the first, the best and the last among them.
static void moments_are_spread(void **state) {
    (void)state;
    subject s;
    const trm_config c = small_training(BY_EPISODES, "seed=3");
    open_subject(&s, &c, "run", 40);
    const int32_t count = trm_record_count(s.record);
    const int32_t best = trm_record_marked(s.record, TRM_MARK_BEST);
    assert_true(count > 5);
    for (int32_t most = 3; most <= count + 2; most++) {
        int32_t chosen[64];
        const int32_t n = trm_record_spread(s.record, most, chosen);
        const int32_t gap = 2 * ((count - 1) / (n - 1) + 1);
        bool has_best = false;
        assert_int_equal(n, most < count ? most : count);
        assert_int_equal(chosen[0], 0);
        assert_int_equal(chosen[n - 1], count - 1);
        for (int32_t k = 0; k < n; k++) {
            has_best |= chosen[k] == best;
            assert_true(k == 0 || (chosen[k] > chosen[k - 1] && chosen[k] <= chosen[k - 1] + gap));
        }
        assert_true(has_best);
    }
    close_subject(&s);
}

#define TEMP(f) cmocka_unit_test_setup_teardown(f, temp_setup, temp_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEMP(episodes_are_shown_as_they_ended),
        TEMP(other_episodes_are_refused),
        TEMP(wrong_answers_are_marked),
        TEMP(moments_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

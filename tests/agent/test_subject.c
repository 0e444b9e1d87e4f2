// SPDX-License-Identifier: Apache-2.0
// Subjects: a sample says of itself what a state says of itself, and its board can be changed and
// played.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "trm/agent/subject.h"
#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/train/sizes.h"

static trm_dataset *draw(const char *type, int32_t size, int32_t count) {
    trm_dataset_config c = {.size = size};
    trm_error e = {0};
    trm_text_copy(c.type, sizeof c.type, type);
    trm_dataset *d = trm_dataset_new(&c, TRM_SPLIT_HELD_OUT, count, 5, &e);
    if (!d)
        fail_msg("%s", e.message);
    return d;
}

static trm_model *model_for(const trm_dataset *d) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, "trm-attn");
    trm_model_take_dataset(&c, d);
    trm_model *m = trm_model_new(&c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_rng_seed(&rng, 3, 0);
    trm_model_init(m, &rng);
    return m;
}

static void named(const trm_subject *s, int32_t action, const char *name, const char *choice) {
    char got[TRM_SUBJECT_NAME];
    trm_subject_name(s, action, got);
    assert_string_equal(got, name);
    trm_subject_choice_name(s, action, got);
    assert_string_equal(got, choice);
}

static void test_names_and_cells(void **state) {
    (void)state;
    trm_dataset *d = draw("sudoku", 4, 2);
    trm_subject s = trm_subject_of_sample(d, 1);
    named(&s, 6 * 4 + 3, "r2c3 = 4", "4");
    assert_int_equal(trm_subject_placement(&s, 6 * 4 + 3).cell, 6);
    assert_int_equal(trm_subject_placement(&s, 6 * 4 + 3).digit, 4);
    assert_int_equal(trm_subject_actions(&s), 64);
    assert_int_equal(trm_subject_target(&s, 6), d->targets[16 + 6]);
    assert_false(trm_subject_is_path(&s));
    trm_dataset_free(d);

    d = draw("mazes-8-fixed", 8, 1);
    s = trm_subject_of_sample(d, 0);
    named(&s, 9 * 2 + 1, "r2c2 path", "path");
    named(&s, 9 * 2, "r2c2 floor", "floor");
    assert_int_equal(trm_subject_placement(&s, 9 * 2 + 1).digit, 0);
    assert_true(trm_subject_is_path(&s));
    trm_dataset_free(d);

    d = draw("tokens", 10, 1);
    s = trm_subject_of_sample(d, 0);
    named(&s, 9 * d->classes + 2, "t10 = 2", "2");
    trm_board board;
    trm_subject_board(&s, &board);
    assert_int_equal(trm_subject_cells(&s), 10);
    assert_int_equal(board.rows * board.cols, 16);
    trm_dataset_free(d);
}

// What may be chosen in a cell, what a reading of it says, and how much is right.
static void test_a_cell_is_asked_about(void **state) {
    (void)state;
    trm_dataset *d = draw("sudoku", 4, 1);
    trm_model *m = model_for(d);
    trm_agent a, plain;
    trm_error e = {0};
    assert_true(trm_agent_init_snapshot(&a, NULL, m, NULL, 0, &e));
    trm_agent_init(&plain, NULL, m);
    const trm_subject s = trm_subject_of_sample(d, 0);
    const int64_t size = trm_trace_size(&a.shape);
    float *trace = trm_alloc((size_t)size, sizeof *trace);
    float *want = trm_alloc((size_t)size, sizeof *want);
    trm_subject_look(&s, &a, trace);
    trm_agent_inspect_input(&plain, d->inputs, -1, want);
    assert_memory_equal(trace, want, (size_t)size * sizeof *trace);
    const trm_reading all = {.shape = &a.shape, .trace = trace};
    const int32_t last = a.shape.cycles - 1;
    int32_t right = 0;
    for (int32_t cell = 0; cell < 16; cell++) {
        bool legal[64];
        int32_t count;
        assert_true(trm_subject_legal(&s, cell, legal));
        assert_int_equal(trm_subject_choices(&s, cell, &count), cell * 4);
        assert_int_equal(count, 4);
        const trm_reading r = {.shape = &a.shape, .trace = trace, .legal = legal};
        const int32_t best = trm_reading_best(&r, last);
        assert_int_equal(best / 4, cell);
        assert_int_equal(best % 4, trm_reading_class(&all, last, cell));
        right += best % 4 == d->targets[cell];
    }
    assert_int_equal(trm_subject_right(&s, &all, last), right);
    free(trace);
    free(want);
    trm_agent_done(&a);
    trm_agent_done(&plain);
    trm_model_free(m);
    trm_dataset_free(d);
}

static void set(const trm_trace_shape *s, float *trace, int32_t cycle, int32_t cell, float seven,
                float four) {
    float *p = trm_trace_probs(s, trace, cycle) + cell * 9;
    for (int32_t c = 0; c < 9; c++)
        p[c] = (1.0f - seven - four) / 7;
    p[6] = seven;
    p[3] = four;
    for (int32_t c = 0; c < 9; c++)
        trm_trace_logits(s, trace, cycle)[cell * 9 + c] = logf(p[c]);
}

static void test_the_sentence(void **state) {
    (void)state;
    enum { CELL = 3 * 9 + 4 };
    const trm_trace_shape shape = {.cycles = 3, .actions = 81 * 9, .positions = 81};
    trm_dataset *d = draw("sudoku", 9, 1);
    float *trace = trm_alloc((size_t)trm_trace_size(&shape), sizeof *trace);
    bool legal[81 * 9];
    char text[160], want[160];
    trm_subject s = trm_subject_of_sample(d, 0);
    trm_subject_legal(&s, CELL, legal);
    const trm_reading r = {.shape = &shape, .trace = trace, .legal = legal};
    set(&shape, trace, 0, CELL, 0.5f, 0.3f);
    set(&shape, trace, 1, CELL, 0.5f, 0.4f);
    set(&shape, trace, 2, CELL, 0.05f, 0.91f);
    trm_words_answer(&s, &r, CELL, text, sizeof text);
    trm_text_format(want, sizeof want,
                    "r4c5: cycle 3 turned from 7 to 4, 0.40 to 0.91; the target is %d",
                    d->targets[CELL] + 1);
    assert_string_equal(text, want);
    s.target = NULL;
    trm_words_answer(&s, &r, CELL, text, sizeof text);
    assert_string_equal(text, "r4c5: cycle 3 turned from 7 to 4, 0.40 to 0.91");
    free(trace);
    trm_dataset_free(d);
}

static void refused(const trm_subject *s, float *x, trm_edit edit, const char *part) {
    trm_error e = {0};
    float *before = trm_alloc(1, trm_subject_size(s));
    memcpy(before, x, trm_subject_size(s));
    assert_false(trm_subject_edit(s, x, &edit, &e));
    if (!strstr(e.message, part))
        fail_msg("\"%s\" lacks \"%s\"", e.message, part);
    assert_memory_equal(x, before, trm_subject_size(s));
    free(before);
}

static void test_a_sudoku_changed(void **state) {
    (void)state;
    trm_dataset *d = draw("sudoku", 4, 1);
    const trm_subject s = trm_subject_of_sample(d, 0);
    float *x = trm_alloc(1, trm_subject_size(&s));
    trm_board board;
    trm_error e = {0};
    memcpy(x, s.input, trm_subject_size(&s));
    trm_subject_board(&s, &board);
    int32_t given = 0, empty = 0;
    while (board.cells[given].digit == 0)
        given++;
    while (board.cells[empty].digit != 0)
        empty++;
    const int32_t digit = board.cells[given].digit, free_one = d->targets[empty] + 1;
    refused(&s, x, (trm_edit){TRM_EDIT_DIGIT, given, digit}, "clear it first");
    refused(&s, x, (trm_edit){TRM_EDIT_DIGIT, 16, 1}, "no cell 16");
    refused(&s, x, (trm_edit){TRM_EDIT_DIGIT, empty, 5}, "5 is not a digit");
    refused(&s, x, (trm_edit){.kind = TRM_EDIT_WALL, .cell = empty}, "cannot be changed like this");
    int32_t seen = -1;
    for (int32_t i = 0; seen < 0; i++)
        if (board.cells[i].digit == 0 && i != given && trm_geometry_sees(&d->geometry, i, given))
            seen = i;
    refused(&s, x, (trm_edit){TRM_EDIT_DIGIT, seen, digit}, "row, column or box");
    // What is right is known of the very same input only.
    trm_subject other = trm_subject_with(&s, x);
    assert_ptr_equal(other.target, s.target);
    assert_true(trm_subject_edit(&s, x, &(trm_edit){TRM_EDIT_DIGIT, empty, free_one}, &e));
    other = trm_subject_with(&s, x);
    assert_null(other.target);
    trm_subject_board(&other, &board);
    assert_int_equal(board.cells[empty].digit, free_one);
    assert_true(x[4 * 16 + empty] == 1); // a given
    assert_true(trm_subject_edit(&s, x, &(trm_edit){TRM_EDIT_DIGIT, empty, 0}, &e));
    assert_memory_equal(x, s.input, trm_subject_size(&s));
    free(x);
    trm_dataset_free(d);
}

static void test_a_maze_changed(void **state) {
    (void)state;
    trm_dataset *d = draw("mazes-8-fixed", 8, 1);
    const trm_subject s = trm_subject_of_sample(d, 0);
    float *x = trm_alloc(1, trm_subject_size(&s));
    trm_board board;
    trm_error e = {0};
    memcpy(x, s.input, trm_subject_size(&s));
    trm_subject_board(&s, &board);
    int32_t at[4] = {-1, -1, -1, -1}; // floor, wall, start, goal: kinds in their order
    for (int32_t i = 0; i < 64; i++)
        at[board.cells[i].kind] = i;
    const int32_t start = at[TRM_CELL_AGENT], goal = at[TRM_CELL_GOAL];
    refused(&s, x, (trm_edit){.kind = TRM_EDIT_AGENT, .cell = at[TRM_CELL_WALL]}, "a wall");
    refused(&s, x, (trm_edit){.kind = TRM_EDIT_AGENT, .cell = goal}, "two cells");
    refused(&s, x, (trm_edit){.kind = TRM_EDIT_GOAL, .cell = start}, "two cells");
    refused(&s, x, (trm_edit){.kind = TRM_EDIT_WALL, .cell = goal}, "a wall cannot stand");
    refused(&s, x, (trm_edit){.kind = TRM_EDIT_DIGIT, .cell = 0, .digit = 1}, "changed like this");
    const trm_edit wall = {.kind = TRM_EDIT_WALL, .cell = at[TRM_CELL_EMPTY]};
    assert_true(trm_subject_edit(&s, x, &wall, &e));
    trm_subject other = trm_subject_with(&s, x);
    trm_subject_board(&other, &board);
    assert_int_equal(board.cells[wall.cell].kind, TRM_CELL_WALL);
    assert_true(trm_subject_edit(&s, x, &wall, &e)); // away again
    assert_memory_equal(x, s.input, trm_subject_size(&s));
    const trm_edit move = {.kind = TRM_EDIT_GOAL, .cell = at[TRM_CELL_EMPTY]};
    assert_true(trm_subject_edit(&s, x, &move, &e));
    trm_subject_board(&other, &board);
    assert_int_equal(board.cells[move.cell].kind, TRM_CELL_GOAL);
    assert_int_equal(board.cells[goal].kind, TRM_CELL_EMPTY);
    free(x);
    trm_dataset_free(d);
}

// ---- playing

static trm_env *env_of(const trm_subject *s) {
    trm_env_config c;
    trm_error e = {0};
    trm_env *env = trm_subject_env(s, &c, &e) ? trm_env_new(&c, &e) : NULL;
    if (!env)
        fail_msg("%s", e.message);
    return env;
}

static void test_a_sudoku_played(void **state) {
    (void)state;
    trm_dataset *d = draw("sudoku", 6, 8);
    for (int32_t i = 0; i < d->count; i++) {
        const trm_subject s = trm_subject_of_sample(d, i);
        trm_env *env = env_of(&s);
        trm_error e = {0};
        char *block = trm_alloc(1, trm_env_state_size(env));
        float *obs = trm_alloc((size_t)d->state_dim, sizeof *obs);
        if (!trm_subject_state(&s, env, block, &e))
            fail_msg("%s", e.message);
        trm_env_observe(env, block, obs);
        assert_memory_equal(obs, s.input, trm_subject_size(&s));
        // A state is a subject of the same board.
        const trm_subject twin = trm_subject_of_state(env, block, -1);
        trm_board one, two;
        trm_subject_board(&s, &one);
        trm_subject_board(&twin, &two);
        assert_memory_equal(one.cells, two.cells, 36 * sizeof *one.cells);
        free(block);
        free(obs);
        trm_env_free(env);
    }
    trm_dataset_free(d);
}

// Played along the solver's way, which is the sample's answer.
static void walk(const trm_env *env, char *block, int32_t cells_of_path) {
    int32_t action, steps = 0;
    trm_step r = {0};
    float total = 0;
    bool best[TRM_DIRECTIONS];
    assert_int_equal(trm_env_solve(env, block, NULL, 0), cells_of_path - 1);
    while (!r.done) {
        assert_true(trm_env_solve(env, block, &action, 1) > 0);
        assert_true(trm_env_best(env, block, best) >= 1);
        assert_true(best[action]);
        r = trm_env_step(env, block, action);
        assert_true(r.solved || r.reason == TRM_REASON_TOWARDS_GOAL);
        total += r.reward;
        steps++;
    }
    assert_true(r.solved);
    assert_int_equal(steps, cells_of_path - 1);
    assert_true(trm_env_success(env, total));
}

static void test_a_maze_played(void **state) {
    static const struct {
        const char *type;
        int32_t size;
    } sets[] = {
        {"mazes-8-fixed", 8}, {"mazes-8-fixed", 4}, {"mazes-10-fixed", 10}, {"mazes-10-fixed", 13}};
    (void)state;
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        trm_dataset *d = draw(sets[k].type, sets[k].size, 10);
        for (int32_t i = 0; i < d->count; i++) {
            const trm_subject s = trm_subject_of_sample(d, i);
            trm_env *env = env_of(&s);
            trm_error e = {0};
            char *block = trm_alloc(1, trm_env_state_size(env));
            if (!trm_subject_state(&s, env, block, &e))
                fail_msg("%s", e.message);
            int32_t path = 0;
            for (int32_t p = 0; p < d->positions; p++)
                path += s.target[p];
            walk(env, block, path);
            free(block);
            trm_env_free(env);
        }
        trm_dataset_free(d);
    }
}

static void test_nothing_to_play(void **state) {
    (void)state;
    trm_env_config c;
    trm_error e = {0};
    trm_dataset *d = draw("tokens", 10, 1);
    trm_subject s = trm_subject_of_sample(d, 0);
    assert_false(trm_subject_env(&s, &c, &e));
    assert_non_null(strstr(e.message, "nothing to play"));
    trm_dataset_free(d);
    d = draw("mazes-10", 10, 1); // its goal is walled off
    s = trm_subject_of_sample(d, 0);
    trm_env *env = env_of(&s);
    char *block = trm_alloc(1, trm_env_state_size(env));
    assert_false(trm_subject_state(&s, env, block, &e));
    assert_non_null(strstr(e.message, "no way"));
    free(block);
    trm_env_free(env);
    trm_dataset_free(d);
    d = draw("mazes-8-fixed", 32, 1);
    s = trm_subject_of_sample(d, 0);
    assert_false(trm_subject_env(&s, &c, &e));
    assert_non_null(strstr(e.message, "too large"));
    trm_dataset_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_and_cells), cmocka_unit_test(test_a_cell_is_asked_about),
        cmocka_unit_test(test_the_sentence),    cmocka_unit_test(test_a_sudoku_changed),
        cmocka_unit_test(test_a_maze_changed),  cmocka_unit_test(test_a_sudoku_played),
        cmocka_unit_test(test_a_maze_played),   cmocka_unit_test(test_nothing_to_play),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

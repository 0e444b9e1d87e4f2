// SPDX-License-Identifier: Apache-2.0
// The environment `maze`: its mazes, distances, rewards, split, batches.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/check.h"
#include "env/bfs.h"
#include "env/maze/walls.h"
#include "trm/base/text.h"
#include "trm/env/env.h"

enum { STATE = 8192, OBS = 3 * 63 * 63, CELLS = TRM_BOARD_MAX * TRM_BOARD_MAX };

static trm_env *opened(const trm_env_config *c) {
    trm_error e = {0};
    trm_env *env = trm_env_new(c, &e);
    if (!env)
        fail_msg("%s", e.message);
    assert_true(trm_env_state_size(env) <= STATE);
    return env;
}

static trm_env *environment(int32_t height, int32_t width, float braid, const char *shaping) {
    trm_env_config c = trm_env_config_default();
    trm_text_copy(c.type, sizeof c.type, "maze");
    trm_text_copy(c.shaping, sizeof c.shaping, shaping);
    c.size = height;
    c.width = width;
    c.braid = braid;
    return opened(&c);
}

static int32_t find(const trm_board *b, uint8_t kind) {
    int32_t at = -1;
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        if (b->cells[i].kind == kind) {
            assert_int_equal(at, -1);
            at = i;
        }
    assert_true(at >= 0);
    return at;
}

// The cell that a move leads to: up, down, left, right.
static int32_t moved(int32_t cell, int32_t move, int32_t cols) {
    const int32_t by[] = {-cols, cols, -1, 1};
    return cell + by[move];
}

// Cells that are free, and pairs of neighbours both free: a tree has one pair fewer than cells.
static void count_open(const trm_board *b, int32_t *cells, int32_t *pairs, int32_t *dead_ends) {
    *cells = *pairs = *dead_ends = 0;
    for (int32_t i = 0; i < b->rows * b->cols; i++) {
        int32_t row = i / b->cols, col = i % b->cols, ways = 0;
        bool border = !row || !col || row == b->rows - 1 || col == b->cols - 1;
        if (b->cells[i].kind == TRM_CELL_WALL)
            continue;
        assert_false(border);
        for (int m = 0; m < TRM_DIRECTIONS; m++)
            ways += b->cells[moved(i, m, b->cols)].kind != TRM_CELL_WALL;
        *cells += 1;
        *pairs += ways;
        *dead_ends += ways == 1;
    }
    *pairs /= 2;
}

static const int32_t sizes[][2] = {{7, 7}, {11, 11}, {19, 19}, {7, 63}, {63, 9}, {63, 63}};
enum { SIZES = sizeof sizes / sizeof *sizes };

// All rooms are open and joined, by one path each where nothing is opened; the solver's path is
// shortest and leads there, and the actions it names best are all those that come nearer.
static void test_mazes_are_solvable_and_solved(void **state) {
    (void)state;
    static trm_board b;
    for (int k = 0; k < 2 * SIZES; k++) {
        int32_t h = sizes[k / 2][0], w = sizes[k / 2][1];
        trm_env *env = environment(h, w, k % 2 ? 0.7f : 0, "none");
        const trm_geometry g = {.rows = h, .cols = w};
        trm_rng rng;
        trm_rng_seed(&rng, 1, 0);
        int32_t dead_ends = 0;
        for (int i = 0; i < 6; i++) {
            static char s[STATE];
            static int32_t actions[CELLS];
            bool walls[CELLS], mask[TRM_DIRECTIONS];
            trm_env_reset(env, s, &rng, i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT);
            trm_env_describe(env, s, &b);
            assert_true(b.rows == h && b.cols == w);
            int32_t start = find(&b, TRM_CELL_AGENT), goal = find(&b, TRM_CELL_GOAL);
            int32_t cells, pairs, rooms = (h / 2) * (w / 2);
            count_open(&b, &cells, &pairs, &dead_ends);
            assert_true(k % 2 ? pairs >= cells - 1 : pairs == cells - 1 && cells == 2 * rooms - 1);
            if (k % 2 && h * w > 200)
                assert_true(pairs > cells);
            for (int32_t c = 0; c < h * w; c++)
                walls[c] = b.cells[c].kind == TRM_CELL_WALL;
            int32_t n = trm_env_solve(env, s, actions, CELLS);
            assert_int_equal(n, trm_bfs_path(&g, walls, start, goal, NULL, 0));
            assert_true(n >= 1 && 4 * n + 9 <= trm_env_max_steps(env));
            for (int32_t t = 0, cell = start; t < n; t++) {
                int32_t left = n - t, count = 0;
                for (int m = 0; m < TRM_DIRECTIONS; m++) {
                    int32_t next = moved(cell, m, w);
                    count += !walls[next] && trm_bfs_path(&g, walls, next, goal, NULL, 0) < left;
                }
                assert_int_equal(trm_env_best(env, s, mask), count);
                assert_true(mask[actions[t]]);
                trm_step r = trm_env_step(env, s, actions[t]);
                assert_true(r.done == (left == 1) && r.solved == r.done);
                cell = moved(cell, actions[t], w);
            }
            assert_int_equal(trm_env_best(env, s, mask), 0);
        }
        trm_env_free(env);
    }
}

static void test_all_dead_ends_go_where_all_are_opened(void **state) {
    (void)state;
    trm_rng rng;
    trm_rng_seed(&rng, 2, 0);
    for (int i = 0; i < 20; i++) {
        trm_env *env = environment(19, 19, 1, "none");
        static trm_board b;
        char s[STATE];
        int32_t cells, pairs, dead_ends;
        trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
        trm_env_describe(env, s, &b);
        count_open(&b, &cells, &pairs, &dead_ends);
        assert_int_equal(dead_ends, 0);
        trm_env_free(env);
    }
}

// Any way of playing: walls change nothing but the count of steps, the mask says which those are,
// the total tells success, and a batch does what steps do.
static void test_random_play(void **state) {
    (void)state;
    static const char *const shapings[] = {"none", "manhattan", "geodesic"};
    int32_t solved = 0;
    trm_rng rng;
    trm_rng_seed(&rng, 3, 0);
    for (int i = 0; i < 60; i++) {
        trm_env *env = environment(i % 2 ? 7 : 11, i % 3 ? 0 : 13, 0.3f, shapings[i % 3]);
        char s[STATE], batch[STATE];
        static float obs[OBS], batch_obs[OBS], old[OBS];
        bool mask[TRM_DIRECTIONS];
        float total = 0, best;
        int32_t length = 0, shortest;
        trm_step r = {0}, b;
        trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
        memcpy(batch, s, sizeof s);
        trm_env_observe(env, s, batch_obs);
        size_t bytes = (size_t)trm_env_state_dim(env) * sizeof *obs;
        assert_true(trm_env_optimum(env, s, &best, &shortest) && trm_env_success(env, best));
        while (!r.done) {
            int32_t a = (int32_t)trm_rng_below(&rng, TRM_DIRECTIONS);
            assert_true(trm_env_legal(env, s, mask) >= 1);
            trm_env_observe(env, s, old);
            r = trm_env_step(env, s, a);
            trm_env_observe(env, s, obs);
            assert_int_equal(memcmp(obs, old, bytes) != 0, mask[a]);
            assert_int_equal(r.reason == TRM_REASON_INTO_WALL, !mask[a] && !r.done);
            trm_env_step_batch(env, batch, 1, &a, batch_obs, &b);
            assert_memory_equal(batch, s, trm_env_state_size(env));
            assert_memory_equal(batch_obs, obs, bytes);
            assert_memory_equal(&b.reward, &r.reward, sizeof r.reward);
            total += r.reward;
            length++;
        }
        assert_int_equal(trm_env_success(env, total), r.solved);
        assert_true(total <= best + 1e-4f);
        assert_true(r.solved || length == 4 * shortest + 9);
        solved += r.solved;
        trm_env_free(env);
    }
    assert_true(solved > 5 && solved < 60);
}

static uint64_t hash_walls(const trm_board *b) {
    uint64_t h = 1469598103934665603u;
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        h = (h ^ (b->cells[i].kind == TRM_CELL_WALL)) * 1099511628211u;
    return h;
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// The smallest boards have few mazes, so both sides see all of theirs, and none is on both.
static void test_held_out_mazes_are_never_trained_on(void **state) {
    (void)state;
    enum { N = 4000 };
    static uint64_t seen[2][N];
    static trm_board b;
    trm_env *env = environment(7, 7, 0, "none");
    trm_rng rng;
    trm_rng_seed(&rng, 4, 0);
    for (int side = 0; side < 2; side++) {
        int32_t distinct = 1;
        for (int32_t i = 0; i < N; i++) {
            char s[STATE];
            trm_env_reset(env, s, &rng, side ? TRM_SPLIT_HELD_OUT : TRM_SPLIT_TRAIN);
            trm_env_describe(env, s, &b);
            seen[side][i] = hash_walls(&b);
        }
        qsort(seen[side], N, sizeof **seen, by_value);
        for (int32_t i = 1; i < N; i++)
            distinct += seen[side][i] != seen[side][i - 1];
        assert_true(side ? distinct > 10 && distinct < 60 : distinct > 60);
    }
    for (int32_t i = 0; i < N; i++)
        assert_null(bsearch(&seen[0][i], seen[1], N, sizeof **seen, by_value));
    trm_env_free(env);
}

static void test_changes_by_hand(void **state) {
    (void)state;
    trm_env *env = environment(11, 11, 0, "geodesic");
    static trm_board b;
    char s[STATE] = {0}, before[STATE];
    trm_error e = {0};
    trm_rng rng;
    trm_rng_seed(&rng, 5, 0);
    trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
    trm_env_describe(env, s, &b);
    for (int32_t cell = 0; cell < 121; cell++)
        for (int kind = TRM_EDIT_AGENT; kind <= TRM_EDIT_GOAL; kind++) {
            const trm_edit edit = {.kind = (trm_edit_kind)kind, .cell = cell};
            bool ok =
                b.cells[cell].kind == TRM_CELL_EMPTY ||
                b.cells[cell].kind == (kind == TRM_EDIT_AGENT ? TRM_CELL_AGENT : TRM_CELL_GOAL);
            memcpy(before, s, sizeof s);
            assert_int_equal(trm_env_edit(env, s, &edit, &e), ok);
            if (!ok)
                assert_memory_equal(s, before, sizeof s);
            trm_env_describe(env, s, &b);
            bool walls[121];
            for (int32_t c = 0; c < 121; c++)
                walls[c] = b.cells[c].kind == TRM_CELL_WALL;
            assert_int_equal(trm_env_solve(env, s, NULL, 0),
                             trm_bfs_path(&b.geometry, walls, find(&b, TRM_CELL_AGENT),
                                          find(&b, TRM_CELL_GOAL), NULL, 0));
        }
    trm_env_free(env);
}

// ---- scattered walls ----------------------------------------------------------------------------

static trm_env *obstacles(int32_t height, int32_t width, float share, int32_t path_min) {
    trm_env_config c = trm_env_config_default();
    trm_text_copy(c.type, sizeof c.type, "maze");
    c.size = height;
    c.width = width;
    c.obstacles = share;
    c.path_min = path_min;
    return opened(&c);
}

// Steps of the shortest path on the board, by a search of its own.
static int32_t steps_of(const trm_board *b) {
    bool walls[CELLS];
    for (int32_t i = 0; i < b->rows * b->cols; i++)
        walls[i] = b->cells[i].kind == TRM_CELL_WALL;
    return trm_bfs_path(&b->geometry, walls, find(b, TRM_CELL_AGENT), find(b, TRM_CELL_GOAL), NULL,
                        0);
}

// Any side; a border of wall; the share of walls that was asked for; start and goal as far apart as
// was asked for, and a limit that allows for it; the best actions are those that come nearer.
static void test_scattered_walls(void **state) {
    (void)state;
    static const int32_t of[][2] = {{7, 7}, {8, 13}, {32, 32}, {33, 33}};
    static trm_board b;
    for (int k = 0; k < 8; k++) {
        const int32_t h = of[k / 2][0], w = of[k / 2][1], least = k % 2 ? (h + w) / 2 : 0;
        trm_env *env = obstacles(h, w, 0.3f, least);
        int32_t inside = 0, free = 0;
        trm_rng rng;
        trm_rng_seed(&rng, 5, 0);
        for (int i = 0; i < 60; i++) {
            static char s[STATE];
            static int32_t actions[CELLS];
            bool best[TRM_DIRECTIONS];
            const trm_split split = i % 2 ? TRM_SPLIT_TRAIN : TRM_SPLIT_HELD_OUT;
            trm_env_reset(env, s, &rng, split);
            trm_env_describe(env, s, &b);
            for (int32_t c = 0; c < h * w; c++) {
                const int32_t row = c / w, col = c % w;
                const bool border = !row || !col || row == h - 1 || col == w - 1;
                assert_true(!border || b.cells[c].kind == TRM_CELL_WALL);
                inside += !border;
                free += b.cells[c].kind != TRM_CELL_WALL;
            }
            const int32_t steps = steps_of(&b);
            assert_true(steps >= (least > 1 ? least : 1));
            assert_int_equal(trm_env_solve(env, s, actions, CELLS), steps);
            assert_true(trm_env_best(env, s, best) >= 1 && best[actions[0]]);
            for (int32_t t = 0; t < steps; t++)
                assert_true(trm_env_step(env, s, actions[t]).solved == (t == steps - 1));
        }
        if (least == 0) // far apart they are fewer
            assert_true(fabs(1 - (double)free / inside - 0.3) < 0.05);
        trm_env_free(env);
    }
}

// Far apart in corridors, too; what no maze has becomes as far as there is.
static void test_start_and_goal_far_apart(void **state) {
    (void)state;
    static const struct {
        float share;
        int32_t asked, least;
    } cases[] = {{0, 100, 100}, {0.4f, 40, 40}, {0, 4000, 60}, {0.4f, 4000, 20}, {0.6f, 4000, 1}};
    static trm_board b;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        trm_env *env = obstacles(19, 19, cases[k].share, cases[k].asked);
        trm_rng rng;
        trm_rng_seed(&rng, 6, 0);
        for (int i = 0; i < 5; i++) {
            static char s[STATE];
            trm_env_reset(env, s, &rng, TRM_SPLIT_TRAIN);
            trm_env_describe(env, s, &b);
            assert_true(steps_of(&b) >= cases[k].least);
        }
        trm_env_free(env);
    }
}

static void test_refusals(void **state) {
    (void)state;
    const struct {
        int32_t size, width;
        float braid, obstacles;
        int32_t path_min;
        const char *shaping, *says;
    } bad[] = {
        {35, 33, 0, 0.3f, 0, "none", "env.obstacles: boards of 35 x 33, expected at most 33 x 33"},
        {32, 32, 0, 0.7f, 0, "none", "env.obstacles: 0.7 is out of range 0..0.6"},
        {11, 11, 0, 0, -1, "none", "env.path_min: -1 is less than 0"},
        {10, 0, 0, 0, 0, "none",
         "env.size: a maze has an odd side (rooms, and walls between), found 10: "
         "expected 9 or 11"},
        {11, 12, 0, 0, 0, "none", "env.width: a maze has an odd side"},
        {5, 0, 0, 0, 0, "none", "env.size: 5 is out of range 7..63"},
        {11, 65, 0, 0, 0, "none", "env.width: 65 is out of range 7..63"},
        {11, 11, 1.5f, 0, 0, "none", "env.braid: 1.5 is out of range 0..1"},
        {11, 11, 0, 0, 0, "straight", "env.shaping: found \"straight\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trm_env_config c = {.type = "maze", .size = bad[i].size, .width = bad[i].width};
        trm_error e = {0};
        c.braid = bad[i].braid;
        c.obstacles = bad[i].obstacles;
        c.path_min = bad[i].path_min;
        trm_text_copy(c.shaping, sizeof c.shaping, bad[i].shaping);
        assert_null(trm_env_new(&c, &e));
        if (!strstr(e.message, bad[i].says))
            fail_msg("%s", e.message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mazes_are_solvable_and_solved),
        cmocka_unit_test(test_all_dead_ends_go_where_all_are_opened),
        cmocka_unit_test(test_random_play),
        cmocka_unit_test(test_held_out_mazes_are_never_trained_on),
        cmocka_unit_test(test_changes_by_hand),
        cmocka_unit_test(test_scattered_walls),
        cmocka_unit_test(test_start_and_goal_far_apart),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

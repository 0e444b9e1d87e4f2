// SPDX-License-Identifier: Apache-2.0
// The Play and Versus screens drawn from games without a terminal, at every size; the grid of
// digits and its cells.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trm/base/text.h"
#include "trm/train/sizes.h"
#include "tui/canvas/layout.h"
#include "tui/play/state.h"
#include "tui/versus/draw.h"
#include "tui/widgets/marks.h"

static trm_env *env_of(const char *type, int32_t size) {
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    snprintf(c.type, sizeof c.type, "%s", type);
    c.size = size;
    trm_env *env = trm_env_new(&c, &e);
    if (env == NULL)
        fail_msg("%s", e.message);
    return env;
}

static trm_model *model_of(const trm_env *env, uint64_t seed) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    c.state_dim = trm_env_state_dim(env);
    c.action_dim = trm_env_action_dim(env);
    c.h_dim = 8;
    c.l_dim = 4;
    trm_model *m = trm_model_new(&c, &e);
    if (m == NULL)
        fail_msg("%s", e.message);
    trm_rng_seed(&rng, seed, 0);
    trm_model_init(m, &rng);
    return m;
}

static bool shows(const trm_canvas *c, const char *text) {
    for (int32_t y = 0; y < c->rows; y++)
        for (int32_t x = 0; x < c->cols; x++) {
            int32_t i = 0;
            while (text[i] != 0 && x + i < c->cols &&
                   c->cells[y * c->cols + x + i].ch == (uint32_t)text[i])
                i++;
            if (text[i] == 0)
                return true;
        }
    return false;
}

static const int32_t sizes[][2] = {{16, 60}, {24, 80}, {30, 61}, {50, 160}, {100, 300}};
enum { SIZES = sizeof sizes / sizeof *sizes };

typedef void (*draw)(trm_canvas *c, const void *screen);

static void assert_shows(const void *screen, draw f, const char *text) {
    static const trm_look looks[] = {{TRM_GLYPHS_FULL, TRM_DEPTH_256},
                                     {TRM_GLYPHS_ASCII, TRM_DEPTH_MONO}};
    for (int32_t i = 0; i < SIZES; i++) {
        trm_canvas c;
        trm_canvas_init(&c, &looks[i % 2]);
        trm_canvas_resize(&c, sizes[i][0], sizes[i][1]);
        trm_canvas_clear(&c);
        f(&c, screen);
        if (!shows(&c, text))
            fail_msg("\"%s\" is not there at %dx%d", text, sizes[i][1], sizes[i][0]);
        trm_canvas_done(&c);
    }
}

// A game with all that can be in sight at once, and then its end.
static void play_through(const char *type, int32_t size) {
    trm_env *env = env_of(type, size);
    trm_play_setup setup = {.env = env, .board = 4, .model_name = "a model"};
    setup.model = setup.owned = model_of(env, 1);
    trm_play *p = trm_play_new(&setup);
    assert_shows(p, trm_play_draw, "board 4");
    assert_shows(p, trm_play_draw, "the start");
    trm_play_ask(p, true);
    p->has_hint = trm_game_hint(p->game, &p->hint);
    if (trm_game_has_digits(p->game))
        trm_game_mark(p->game, p->cursor, 1);
    trm_play_look(p);
    assert_shows(p, trm_play_draw, "cycle");
    trm_play_act(p, p->hint.action);
    assert_shows(p, trm_play_draw, "move 1");
    trm_play_race(p, true);
    assert_shows(p, trm_play_draw, "the model");
    assert_shows(p, trm_play_draw, "pace");
    trm_game_pass(p->game, 3.5);
    assert_true(trm_play_rival(p));
    assert_true(trm_game_steps(p->rival) == 3 || trm_game_finished(p->rival));
    trm_play_race(p, false);
    trm_hint h;
    while (trm_game_hint(p->game, &h))
        trm_play_act(p, h.action);
    assert_true(p->over && p->you.solved && p->model.known && p->optimum.known);
    assert_int_equal(p->you.steps, p->optimum.steps);
    assert_shows(p, trm_play_draw, "solved");
    assert_shows(p, trm_play_draw, "optimum");
    trm_play_free(p);
    trm_env_free(env);
}

static void test_play_at_every_size(void **state) {
    (void)state;
    play_through("maze-open", 5);
    play_through("maze-open", 30);
    play_through("sudoku-medium", 4);
    play_through("sudoku", 6);
    play_through("sudoku", 9);
}

static void test_versus_at_every_size(void **state) {
    (void)state;
    static const char *const types[] = {"maze-open", "sudoku-easy", "sudoku"};
    static const int32_t env_sizes[] = {5, 4, 9};
    for (int32_t i = 0; i < 3; i++) {
        trm_env *env = env_of(types[i], env_sizes[i]);
        trm_versus_setup setup = {.env = env, .names = {"left", "right"}, .board = 2};
        for (int32_t k = 0; k < 2; k++)
            setup.models[k] = setup.owned[k] = model_of(env, (uint64_t)k + 1);
        trm_versus *v = trm_versus_new(&setup);
        assert_shows(v, trm_versus_draw, "left");
        assert_shows(v, trm_versus_draw, "right");
        while (v->kind->work(v)) // games are played a moment at a time
            ;
        for (int32_t t = 0; t < trm_versus_length(v); t++) {
            trm_versus_go(v, t);
            assert_int_equal(v->sides[0].action, v->duel.games[0].actions[v->sides[0].t]);
            assert_int_equal(v->sides[1].action, v->duel.games[1].actions[v->sides[1].t]);
        }
        trm_versus_together(v, true);
        trm_versus_go(v, 1);
        assert_shows(v, trm_versus_draw, "step 2");
        // Every column of the time line is a step, in order.
        const trm_versus_layout l = trm_versus_layout_of(v, (trm_rect){0, 0, 23, 80});
        int32_t last = -1, columns = 0;
        for (int32_t x = 0; x < 80; x++) {
            const int32_t t = trm_versus_time_at(v, l.line, l.line.y, x);
            assert_true(t < 0 || (t > last && t < trm_versus_length(v)));
            columns += t >= 0;
            last = t >= 0 ? t : last;
        }
        assert_true(columns > 0);
        trm_versus_free(v);
        trm_env_free(env);
    }
}

static trm_model *answering(const trm_dataset *d, uint64_t seed, int32_t steps) {
    trm_model_config c = trm_model_config_default();
    trm_error e = {0};
    trm_rng rng;
    trm_text_copy(c.type, sizeof c.type, "trm-attn");
    c.sup_steps = steps;
    trm_model_take_dataset(&c, d);
    trm_model *m = trm_model_new(&c, &e);
    assert_non_null(m);
    trm_rng_seed(&rng, seed, 0);
    trm_model_init(m, &rng);
    return m;
}

static void test_versus_on_samples_at_every_size(void **state) {
    (void)state;
    static const char *const types[] = {"sudoku", "mazes-8-fixed", "tokens"};
    static const int32_t set_sizes[] = {4, 9, 90};
    for (int32_t i = 0; i < 3; i++) {
        trm_dataset_config config = {.size = set_sizes[i]};
        trm_error e = {0};
        trm_text_copy(config.type, sizeof config.type, types[i]);
        trm_dataset *d = trm_dataset_new(&config, TRM_SPLIT_HELD_OUT, 4, 1, &e);
        assert_non_null(d);
        trm_versus_setup setup = {
            .names = {"left", "right"}, .sets = {d, d}, .owned_sets = {d}, .total = 4};
        for (int32_t k = 0; k < 2; k++)
            setup.models[k] = setup.owned[k] = answering(d, (uint64_t)k + 1, 2 + 3 * k);
        trm_versus *v = trm_versus_new(&setup);
        assert_shows(v, trm_versus_draw, "asked");
        while (v->kind->work(v))
            continue;
        assert_int_equal(trm_versus_length(v), 5);
        for (int32_t t = 0; t < 5; t++) {
            trm_versus_go(v, t);
            assert_shows(v, trm_versus_draw, "left");
            assert_shows(v, trm_versus_draw, "in the end");
            char step[16];
            snprintf(step, sizeof step, "step %d of 5", t + 1);
            assert_shows(v, trm_versus_draw, step);
        }
        for (int32_t way = 0; way < TRM_WAYS; way++)
            v->kind->move(v, way);
        trm_versus_turn(v, 99);
        assert_shows(v, trm_versus_draw, "sample 4 of 4");
        trm_versus_free(v);
    }
}

int main(void) {
    char folder[] = "/tmp/trm-play-XXXXXX"; // for the records of the games
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_play_at_every_size),
        cmocka_unit_test(test_versus_at_every_size),
        cmocka_unit_test(test_versus_on_samples_at_every_size),
    };
    if (mkdtemp(folder) == NULL)
        return 1;
    setenv("XDG_STATE_HOME", folder, 1);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    static const char *const left[] = {"trm/scores.json", "trm/scores.json.lock", "trm", ""};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, left[i]);
        remove(path);
    }
    return failed;
}

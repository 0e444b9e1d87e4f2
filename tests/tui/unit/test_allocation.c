// SPDX-License-Identifier: Apache-2.0
// A frame allocates nothing, at any size the canvas has been given room for.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../support/allocations.h"
#include "trm/base/arena.h"
#include "tui/train/draw.h"

static void test_frames(void **state) {
    (void)state;
    const trm_look look = {TRM_GLYPHS_FULL, TRM_DEPTH_256};
    const trm_config config = trm_config_default();
    const trm_trace_shape shape = {.cycles = 5,
                                   .h_mid = 128,
                                   .l = 64,
                                   .h = 128,
                                   .actions = 4,
                                   .positions = 1,
                                   .kind = TRM_TRACE_CYCLES};
    trm_error e = {0};
    trm_env *env = trm_env_new(&config.env, &e);
    assert_non_null(env);
    trm_history *history = trm_alloc(1, sizeof *history);
    trm_train_view *view = trm_alloc(1, sizeof *view);
    trm_history_init(history);
    trm_train_view_init(view, &config, &shape, false);
    trm_train_view_of_episodes(view, env);
    trm_canvas canvas;
    trm_canvas_init(&canvas, &look);
    trm_canvas_resize(&canvas, 50, 160);
    const int64_t before = allocations();
    assert_true(before > 0);
    for (int64_t i = 0; i < 100; i++) {
        const trm_episode episode = {
            .episode = i, .step = i, .reward = (float)(i % 7), .length = 1};
        trm_history_add(history, &episode);
        trm_train_view_history(view, history);
        trm_canvas_clear(&canvas);
        trm_train_draw(&canvas, view);
    }
    assert_int_equal(allocations() - before, 0);
    trm_canvas_done(&canvas);
    trm_train_view_done(view);
    free(view);
    free(history);
    trm_env_free(env);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_frames)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// Playback never points beyond the episode it holds.
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trm/base/clock.h"
#include "tui/train/playback.h"

// Free pace: the next episode has only begun when it is first looked at, and the one before it,
// which is still in sight, was longer.
static void test_the_next_episode_has_only_begun(void **state) {
    (void)state;
    trm_env_config env = trm_env_config_default();
    trm_model_config model = trm_model_config_default();
    trm_train_config train = trm_train_config_default();
    trm_error e = {0};
    memcpy(train.algorithm, "reinforce", sizeof "reinforce");
    const trm_course_plan plan = {.env = &env, .model = &model, .train = &train, .seed = 1};
    trm_course *c = trm_course_new(&plan, &e);
    if (!c)
        fail_msg("%s", e.message);
    trm_trainer *t = trm_trainer_new(c, NULL, NULL, 0);
    const trm_snapshot snap = {.state = TRM_TRAINER_PAUSED};
    trm_playback s;
    trm_pacing d;
    trm_playback_init(&s, t, c);
    trm_pacing_init(&d, TRM_PACE_FREE, 0);
    trm_trainer_pause(t); // it stops at the first step of the first episode
    assert_true(trm_trainer_start(t, &e));
    s.mode = TRM_PLAYBACK_AWAIT;
    s.cursor = 20;
    const double deadline = trm_clock_now() + 60;
    while (s.episode_trace.id == 0 && trm_clock_now() < deadline) {
        const trm_pace_input in = {.now = trm_clock_now(), .training = true, .total = 10};
        const bool news = trm_playback_tick(&s, &d, &in, &snap, false);
        assert_int_equal(news, s.episode_trace.id != 0);
        sched_yield();
    }
    assert_int_equal(s.episode_trace.length, 1);
    assert_int_equal(s.cursor, 0);
    trm_trainer_free(t);
    trm_playback_done(&s);
    trm_course_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_next_episode_has_only_begun)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
// What pace and commands do while something waits, and what the show after training does.
#include <math.h>
#include <string.h>

#include "watched.h"

enum { FAST = 1000000000 }; // steps a second: paced, but never waiting

static void pause_at_first_step(watched *w) {
    trm_trainer_pause(w->t);
    watched_start(w);
    WAIT_FOR(w, s.state == TRM_TRAINER_PAUSED && s.steps == 1);
}

static void test_steps_come_at_the_speed(void **state) {
    (void)state;
    const double speed = 200, steps = 60;
    watched w;
    watched_new(&w, 100);
    trm_trainer_speed(w.t, speed);
    watched_start(&w);
    double from = trm_clock_now();
    WAIT_FOR(&w, (double)s.steps >= steps);
    trm_snapshot s = watched_snapshot(&w);
    double took = trm_clock_now() - from;
    assert_true(took >= (steps - 1) / speed - 0.11); // what a show that fell behind may catch up
    assert_true(s.speed == speed && s.steps_per_second > 0 && s.steps_per_second < 2 * speed);
    assert_true(s.seconds < took / 2); // waiting is not training
    watched_stop(&w);
    watched_free(&w);
}

static void test_no_speed_is_too_slow_for_a_command(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    trm_trainer_speed(w.t, 1e-300);
    watched_start(&w);
    WAIT_FOR(&w, s.steps == 1);
    trm_trainer_speed(w.t, INFINITY);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    trm_trainer_speed(w.t, NAN);
    assert_true(watched_snapshot(&w).speed == 0);
    watched_stop(&w);
    assert_as_untouched(&w, 20);
    watched_free(&w);
}

static void test_the_version_tells_of_every_change(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    pause_at_first_step(&w);
    trm_snapshot before = watched_snapshot(&w), after = watched_snapshot(&w);
    assert_memory_equal(&before, &after, sizeof before);
    trm_trainer_step(w.t, 1);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 2);
    after = watched_snapshot(&w);
    assert_true(after.version > before.version);
    trm_trainer_speed(w.t, 50);
    before = watched_snapshot(&w);
    assert_true(before.version > after.version && before.speed == 50);
    watched_stop(&w);
    assert_true(watched_snapshot(&w).version > before.version);
    watched_free(&w);
}

static void test_extending_while_paused_takes_no_step(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 12);
    pause_at_first_step(&w);
    trm_trainer_extend(w.t, 3);
    WAIT_FOR(&w, s.total == 15);
    trm_trainer_step(w.t, 1);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 2);
    trm_trainer_extend(w.t, INT64_MAX);
    WAIT_FOR(&w, s.total == INT64_MAX);
    assert_int_equal(watched_snapshot(&w).steps, 2);
    watched_stop(&w);
    watched_free(&w);
}

// Commands that come together with granted steps take none of them.
static void test_a_checkpoint_costs_no_granted_step(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    pause_at_first_step(&w);
    for (int64_t steps = 1; steps < 120; steps += 4) {
        trm_trainer_step(w.t, 2);
        trm_trainer_checkpoint(w.t);
        trm_trainer_step(w.t, 2);
        WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == steps + 4);
    }
    trm_trainer_step(w.t, 1);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 122);
    assert_true(w.saves > 0 && w.finals == 0);
    trm_trainer_resume(w.t);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    watched_stop(&w);
    assert_as_untouched(&w, 20);
    watched_free(&w);
}

static void hold_first(watched *w, int64_t episodes) {
    watched_new(w, episodes);
    trm_trainer_hold_notable(w->t, true);
    trm_trainer_speed(w->t, FAST);
    watched_start(w);
    WAIT_FOR(w, s.state == TRM_TRAINER_HOLDING);
}

static void test_a_checkpoint_while_holding_goes_on_holding(void **state) {
    (void)state;
    watched w;
    trm_episode_trace before, after;
    hold_first(&w, 400);
    trm_episode_trace_init(&before, trm_learner_env(w.l), trm_learner_model(w.l));
    trm_episode_trace_init(&after, trm_learner_env(w.l), trm_learner_model(w.l));
    trm_trainer_episode(w.t, &before);
    int64_t updates = watched_snapshot(&w).updates;
    trm_trainer_checkpoint(w.t);
    WAIT_FOR(&w, s.last_checkpoint == updates && s.state == TRM_TRAINER_HOLDING);
    trm_trainer_extend(w.t, 1);
    WAIT_FOR(&w, s.total == 401);
    trm_trainer_episode(w.t, &after);
    assert_true(before.id == after.id && after.finished);
    assert_int_equal(watched_snapshot(&w).updates, updates);
    trm_trainer_hold_notable(w.t, false);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    watched_stop(&w);
    assert_as_untouched(&w, 401);
    trm_episode_trace_done(&before);
    trm_episode_trace_done(&after);
    watched_free(&w);
}

static void test_stop_while_holding_sets_the_update_back(void **state) {
    (void)state;
    watched w;
    hold_first(&w, 400);
    int64_t updates = watched_snapshot(&w).updates;
    watched_stop(&w);
    assert_int_equal(watched_snapshot(&w).state, TRM_TRAINER_STOPPED);
    assert_int_equal(trm_learner_updates(w.l), updates);
    assert_int_equal(w.finals, 1);
    watched_free(&w);
}

// States follow from one another by the actions kept.
static void assert_whole(const trm_episode_trace *r, const trm_env *env) {
    char board[64];
    assert_true(r->finished && r->length > 0 && r->state_size <= sizeof board);
    memcpy(board, trm_episode_trace_state(r, 0), r->state_size);
    for (int32_t t = 0; t < r->length; t++) {
        trm_step step = trm_env_step(env, board, r->steps[t].action);
        assert_memory_equal(board, trm_episode_trace_state(r, t + 1), r->state_size);
        assert_int_equal(step.done, t == r->length - 1);
    }
}

static void test_a_free_run_gives_a_whole_episode_when_asked(void **state) {
    (void)state;
    watched w;
    trm_episode_trace episode_trace;
    watched_new(&w, 1000000);
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    watched_start(&w);
    assert_false(trm_trainer_episode(w.t, &episode_trace));
    for (int i = 0; i < 5; i++) {
        uint64_t id = episode_trace.id;
        trm_trainer_request_episode(w.t);
        WAIT_FOR(&w, (trm_trainer_episode(w.t, &episode_trace) && episode_trace.id != id &&
                      episode_trace.finished) ||
                         s.state == TRM_TRAINER_FAILED);
        assert_whole(&episode_trace, trm_learner_env(w.l));
        assert_true(episode_trace.episode >= 0);
    }
    watched_stop(&w);
    assert_int_equal(watched_snapshot(&w).state, TRM_TRAINER_STOPPED);
    assert_int_equal(w.saved_episodes, trm_learner_episodes(w.l));
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

static void test_the_show_changes_nothing(void **state) {
    (void)state;
    watched w;
    trm_episode_trace episode_trace;
    watched_new(&w, 20);
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    trm_snapshot then = watched_snapshot(&w);
    trm_trainer_speed(w.t, 2000);
    for (int i = 0; i < 3; i++) {
        uint64_t id = episode_trace.id;
        WAIT_FOR(&w, trm_trainer_episode(w.t, &episode_trace) && episode_trace.id != id &&
                         episode_trace.finished);
        assert_whole(&episode_trace, trm_learner_env(w.l));
        assert_int_equal(episode_trace.episode, -1);
    }
    trm_snapshot now = watched_snapshot(&w);
    assert_true(now.done == then.done && now.steps == then.steps);
    assert_true(now.seconds == then.seconds);
    watched_stop(&w);
    assert_int_equal(w.finals, 1);
    assert_as_untouched(&w, 20);
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

static void test_a_paused_show_steps_only_when_told(void **state) {
    (void)state;
    watched w;
    trm_episode_trace episode_trace;
    watched_new(&w, 20);
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    trm_trainer_pause(w.t);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED);
    trm_trainer_episode(w.t, &episode_trace);
    uint64_t version = watched_snapshot(&w).version;
    for (int i = 0; i < 60; i++) {
        trm_trainer_checkpoint(w.t); // the final one is there; nothing is to be done
        trm_trainer_step(w.t, 1);
        WAIT_FOR(&w, trm_trainer_episode(w.t, &episode_trace));
        WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.version > version);
        assert_int_equal(watched_snapshot(&w).version, ++version);
    }
    trm_trainer_extend(w.t, 2);
    trm_trainer_resume(w.t);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING && s.done == 22);
    watched_stop(&w);
    assert_as_untouched(&w, 22);
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_come_at_the_speed),
        cmocka_unit_test(test_no_speed_is_too_slow_for_a_command),
        cmocka_unit_test(test_the_version_tells_of_every_change),
        cmocka_unit_test(test_extending_while_paused_takes_no_step),
        cmocka_unit_test(test_a_checkpoint_costs_no_granted_step),
        cmocka_unit_test(test_a_checkpoint_while_holding_goes_on_holding),
        cmocka_unit_test(test_stop_while_holding_sets_the_update_back),
        cmocka_unit_test(test_a_free_run_gives_a_whole_episode_when_asked),
        cmocka_unit_test(test_the_show_changes_nothing),
        cmocka_unit_test(test_a_paused_show_steps_only_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

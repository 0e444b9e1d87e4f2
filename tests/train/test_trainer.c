// SPDX-License-Identifier: Apache-2.0
// The trainer's thread, its pace and its commands. Everything waits for what it expects.
#include <math.h>
#include <string.h>

#include "trm/base/clock.h"
#include "watched.h"

static void test_run_trains_to_the_end(void **state) {
    (void)state;
    watched w;
    trm_error e = {0};
    watched_new(&w, 20);
    assert_true(trm_trainer_run(w.t, &e));
    assert_int_equal(w.finals, 1);
    assert_int_equal(watched_snapshot(&w).done, 20);
    assert_as_untouched(&w, 20);
    watched_free(&w);
}

// Once training is over its rate is that of the whole, and the window what there was.
static void test_numbers_of_a_training_that_is_over(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    const trm_snapshot s = watched_snapshot(&w);
    assert_true(s.seconds > 0);
    assert_true(fabs(s.steps_per_second - (double)s.steps / s.seconds) < 1e-6 * s.steps_per_second);
    assert_int_equal(s.window, 20);
    watched_stop(&w);
    const trm_snapshot after = watched_snapshot(&w);
    assert_true(after.steps_per_second == s.steps_per_second && after.seconds == s.seconds);
    watched_free(&w);
}

static void test_watching_in_any_pace_changes_nothing(void **state) {
    (void)state;
    const double speeds[] = {0, 20000, 3000};
    for (int i = 0; i < 3; i++) {
        watched w;
        trm_episode_trace episode_trace;
        watched_new(&w, 20);
        trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
        trm_trainer_speed(w.t, speeds[i]);
        watched_start(&w);
        double deadline = trm_clock_now() + 60;
        while (watched_snapshot(&w).state != TRM_TRAINER_SHOWING && trm_clock_now() < deadline) {
            trm_trainer_episode(w.t, &episode_trace);
            trm_trainer_request_episode(w.t);
            trm_trainer_pause(w.t);
            trm_trainer_step(w.t, 3);
            trm_trainer_resume(w.t);
        }
        assert_int_equal(watched_snapshot(&w).state, TRM_TRAINER_SHOWING);
        watched_stop(&w);
        assert_as_untouched(&w, 20);
        trm_episode_trace_done(&episode_trace);
        watched_free(&w);
    }
}

static void test_paused_steps_are_exact(void **state) {
    (void)state;
    watched w;
    trm_episode_trace episode_trace;
    watched_new(&w, 20);
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    trm_trainer_pause(w.t);
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 1);
    for (int64_t steps = 2; steps < 130; steps++) {
        trm_trainer_step(w.t, 1);
        WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == steps);
        assert_true(trm_trainer_episode(w.t, &episode_trace));
        assert_false(trm_trainer_episode(w.t, &episode_trace));
    }
    trm_trainer_step(w.t, 50);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 179);
    watched_stop(&w);
    assert_int_equal(watched_snapshot(&w).state, TRM_TRAINER_STOPPED);
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

static void test_a_reel_is_the_episode_and_its_thoughts(void **state) {
    (void)state;
    watched w;
    trm_episode_trace episode_trace;
    watched_new(&w, 20);
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    trm_trainer_pause(w.t);
    watched_start(&w);
    const trm_env *env = trm_learner_env(w.l);
    while (!episode_trace.finished) {
        WAIT_FOR(&w, trm_trainer_episode(w.t, &episode_trace) || s.state == TRM_TRAINER_FAILED);
        trm_trainer_step(w.t, 1);
    }
    float total = 0;
    char board[64];
    assert_true(episode_trace.state_size <= sizeof board);
    for (int32_t t = 0; t < episode_trace.length; t++) {
        memcpy(board, trm_episode_trace_state(&episode_trace, t), episode_trace.state_size);
        trm_step step = trm_env_step(env, board, episode_trace.steps[t].action);
        total += step.reward;
        assert_memory_equal(board, trm_episode_trace_state(&episode_trace, t + 1),
                            episode_trace.state_size);
        assert_true(step.reward == episode_trace.steps[t].reward &&
                    total == episode_trace.steps[t].total_reward);
        assert_int_equal(episode_trace.steps[t].prev_action,
                         t ? episode_trace.steps[t - 1].action : -1);
        const float *probs =
            trm_trace_probs(&episode_trace.shape, trm_episode_trace_trace(&episode_trace, t), 1);
        assert_true(fabsf(probs[0] + probs[1] + probs[2] + probs[3] - 1) < 1e-5f);
    }
    watched_stop(&w);
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

static void test_stop_while_paused_sets_the_update_back_and_saves(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    trm_trainer_pause(w.t);
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED);
    watched_stop(&w);
    assert_int_equal(w.finals, 1);
    assert_int_equal(w.saved_episodes, 0);
    assert_int_equal(trm_learner_steps(w.l), 0);
    watched_free(&w);
}

static void test_a_checkpoint_while_paused_is_saved_at_once(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    trm_trainer_pause(w.t);
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 1);
    trm_trainer_step(w.t, 2);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 3);
    trm_trainer_checkpoint(w.t);
    WAIT_FOR(&w, s.last_checkpoint == 0 && s.state == TRM_TRAINER_PAUSED);
    trm_trainer_step(w.t, 1);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED && s.steps == 4);
    trm_trainer_resume(w.t);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    watched_stop(&w);
    assert_as_untouched(&w, 20);
    watched_free(&w);
}

static void test_notable_episodes_are_held(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 400);
    trm_trainer_hold_notable(w.t, true);
    trm_trainer_speed(w.t, 1e9);
    watched_start(&w);
    int32_t held = 0;
    bool first = false;
    trm_episode_trace episode_trace;
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    for (;;) {
        WAIT_FOR(&w, s.state == TRM_TRAINER_HOLDING || s.state == TRM_TRAINER_SHOWING);
        if (watched_snapshot(&w).state == TRM_TRAINER_SHOWING)
            break;
        trm_trainer_episode(w.t, &episode_trace);
        assert_true(episode_trace.finished && (episode_trace.first_success || episode_trace.best));
        first |= episode_trace.first_success;
        held++;
        uint64_t id = episode_trace.id;
        trm_trainer_go_on(w.t);
        WAIT_FOR(&w, (trm_trainer_episode(w.t, &episode_trace) && episode_trace.id != id) ||
                         s.state == TRM_TRAINER_SHOWING);
    }
    assert_true(first && held >= 1);
    watched_stop(&w);
    assert_as_untouched(&w, 400);
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

static void assert_weights_of(trm_model *m, trm_learner *l) {
    const trm_params *a = trm_model_params(m), *b = trm_model_params(trm_learner_model(l));
    assert_int_equal(memcmp(a->values, b->values, (size_t)a->size * sizeof(float)), 0);
}

static void take_weights(watched *w, trm_model *m) {
    trm_trainer_request_weights(w->t);
    WAIT_FOR(w, trm_trainer_weights(w->t, m) || s.state == TRM_TRAINER_FAILED);
    assert_false(trm_trainer_weights(w->t, m)); // once a request
}

static void test_weights_are_those_of_now_and_taking_them_changes_nothing(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    trm_model *m = trm_model_new(trm_model_get_config(trm_learner_model(w.l)), NULL);
    trm_trainer_pause(w.t);
    take_weights(&w, m); // before the start
    assert_weights_of(m, w.l);
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_PAUSED);
    trm_params *p = trm_model_params(m);
    memset(p->values, 0, (size_t)p->size * sizeof *p->values);
    take_weights(&w, m); // paused: the learner stands still and may be looked at
    assert_weights_of(m, w.l);
    trm_trainer_resume(w.t);
    for (int i = 0; i < 20; i++)
        take_weights(&w, m);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING);
    take_weights(&w, m);
    watched_stop(&w);
    assert_weights_of(m, w.l);
    take_weights(&w, m); // after the end
    assert_as_untouched(&w, 20);
    trm_model_free(m);
    watched_free(&w);
}

static void test_extend_goes_on_where_training_ended(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 12);
    watched_start(&w);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING && s.done == 12);
    trm_trainer_extend(w.t, 8);
    WAIT_FOR(&w, s.state == TRM_TRAINER_SHOWING && s.done == 20);
    watched_stop(&w);
    assert_int_equal(w.finals, 2);
    assert_as_untouched(&w, 20);
    watched_free(&w);
}

static bool refuse(void *ctx, const trm_course *c, const trm_advance *a, double seconds,
                   trm_error *e) {
    (void)ctx;
    (void)c;
    (void)seconds;
    return a->update.update < 3 || trm_error_set(e, TRM_E_IO, "the disk is full");
}

static void test_a_failing_hook_ends_the_run_with_its_reason(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_course *c = small_course(&s, 7);
    const trm_trainer_hooks hooks = {.advance = refuse};
    trm_trainer *t = trm_trainer_new(c, &hooks, NULL, 0);
    trm_error e = {0};
    trm_snapshot snap;
    assert_false(trm_trainer_run(t, &e));
    trm_trainer_snapshot(t, &snap);
    assert_int_equal(snap.state, TRM_TRAINER_FAILED);
    assert_string_equal(snap.error.message, "the disk is full");
    assert_int_equal(snap.updates, 4);
    trm_trainer_free(t);
    trm_course_free(c);
}

static bool count_saving(void *ctx, trm_course *c, const trm_saving *how, trm_error *e) {
    int32_t *count = ctx;
    (void)c;
    (void)e;
    *count += !how->final;
    return true;
}

// By advances, by time, by neither.
static void test_checkpoints_come_by_advances_and_by_time(void **state) {
    (void)state;
    static const struct {
        int64_t every;
        double seconds;
        int32_t savings;
    } cases[] = {{5, 0, 4}, {5, 1e9, 4}, {1000, 1e-9, 20}, {1000, 0, 0}, {0, 1e-9, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small_setup s = small_default(); // of 20 updates
        trm_course *c = small_course(&s, 7);
        int32_t count = 0;
        const trm_trainer_hooks hooks = {.ctx = &count,
                                         .checkpoint = count_saving,
                                         .checkpoint_every = cases[i].every,
                                         .checkpoint_seconds = cases[i].seconds};
        trm_trainer *t = trm_trainer_new(c, &hooks, NULL, 0);
        trm_error e = {0};
        assert_true(trm_trainer_run(t, &e));
        assert_int_equal(count, cases[i].savings);
        trm_trainer_free(t);
        trm_course_free(c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_trains_to_the_end),
        cmocka_unit_test(test_checkpoints_come_by_advances_and_by_time),
        cmocka_unit_test(test_numbers_of_a_training_that_is_over),
        cmocka_unit_test(test_watching_in_any_pace_changes_nothing),
        cmocka_unit_test(test_paused_steps_are_exact),
        cmocka_unit_test(test_a_reel_is_the_episode_and_its_thoughts),
        cmocka_unit_test(test_stop_while_paused_sets_the_update_back_and_saves),
        cmocka_unit_test(test_a_checkpoint_while_paused_is_saved_at_once),
        cmocka_unit_test(test_notable_episodes_are_held),
        cmocka_unit_test(test_weights_are_those_of_now_and_taking_them_changes_nothing),
        cmocka_unit_test(test_extend_goes_on_where_training_ended),
        cmocka_unit_test(test_a_failing_hook_ends_the_run_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tui/pacing.h"

// A run that learns: episodes of 51 steps at first, of 8 in the end, `total` of them.
typedef struct run {
    double now, fraction; // fraction: of a step that is not yet done
    trm_pace_input in;
    int64_t left_in_episode;
    double slowest_end; // speed seen in the last three episodes
} run;

static int64_t length_of(int64_t episode) {
    return 8 + (int64_t)(43.0 * exp(-(double)episode / 40.0));
}

static run start(int64_t total) {
    return (run){.in = {.training = true, .total = total, .envs = 1, .max_steps = 51},
                 .left_in_episode = length_of(0)};
}

static double advance(run *r, trm_pacing *d, double dt) {
    r->now += dt;
    r->in.now = r->now;
    const double speed = trm_pacing_speed(d, &r->in);
    for (r->fraction += speed * dt; r->fraction >= 1.0; r->fraction -= 1.0) {
        r->in.steps++;
        if (--r->left_in_episode > 0)
            continue;
        r->in.episodes++;
        r->left_in_episode = length_of(r->in.episodes);
        if (r->in.episodes >= r->in.total)
            break;
    }
    return speed;
}

static void test_auto_takes_two_minutes(void **state) {
    (void)state;
    trm_pacing d;
    run r = start(500);
    trm_pacing_init(&d, TRM_PACE_AUTO, 0.0);
    trm_pacing_begin(&d, &r.in);
    assert_true(fabs(advance(&r, &d, 1.0 / 30.0) - 5.0) < 1e-9); // in real time
    double last = 5.0, fastest = 5.0;
    while (r.in.episodes < 490 && r.now < 300.0) {
        const double speed = advance(&r, &d, 1.0 / 30.0);
        assert_true(speed < last * 1.1); // smoothly
        last = speed;
        fastest = fmax(fastest, speed);
    }
    assert_true(fastest > 50.0);
    while (r.in.episodes < 498)
        advance(&r, &d, 1.0 / 30.0);
    while (r.in.episodes < 500 && r.now < 300.0)
        assert_true(fabs(advance(&r, &d, 1.0 / 30.0) - TRM_PACE_WATCH) < 1e-9);
    assert_true(r.now > 100.0 && r.now < 135.0);
}

static void test_auto_waits_while_paused_or_asleep(void **state) {
    (void)state;
    trm_pacing d;
    run r = start(500);
    trm_pacing_init(&d, TRM_PACE_AUTO, 0.0);
    trm_pacing_begin(&d, &r.in);
    for (int i = 0; i < 1200; i++)
        advance(&r, &d, 1.0 / 30.0);
    const double shown = d.shown, speed = d.auto_speed;
    r.in.training = false;
    r.in.now += 50.0;
    trm_pacing_speed(&d, &r.in);
    assert_true(d.shown == shown && d.auto_speed == speed);
    r.in.training = true;
    r.in.now += 3600.0; // suspended
    trm_pacing_speed(&d, &r.in);
    assert_true(d.shown - shown < 0.2);
    assert_true(d.auto_speed < speed * 1.1);
}

static void test_end_of_an_episode_lingers(void **state) {
    (void)state;
    trm_pacing d;
    run r = start(500);
    trm_pacing_init(&d, TRM_PACE_AUTO, 0.0);
    trm_pacing_begin(&d, &r.in);
    r.in.ended = true;
    assert_true(trm_pacing_speed(&d, &r.in) < 2.0);
    trm_pacing_init(&d, TRM_PACE_PACED, 0.0); // the speed that was set is kept to
    assert_true(trm_pacing_speed(&d, &r.in) == 4.0);
}

static void test_speeds_by_hand(void **state) {
    (void)state;
    trm_pacing d;
    trm_pace_input in = {.training = true, .total = 500, .envs = 1, .max_steps = 51};
    trm_pacing_init(&d, TRM_PACE_PACED, 0.0);
    const double v0 = trm_pacing_speed(&d, &in);
    trm_pacing_shift(&d, false, 1);
    assert_true(trm_pacing_speed(&d, &in) > v0);
    for (int i = 0; i < 40; i++)
        trm_pacing_shift(&d, false, 1);
    assert_true(trm_pacing_speed(&d, &in) == 5000.0);
    for (int i = 0; i < 40; i++)
        trm_pacing_shift(&d, false, -1);
    assert_true(trm_pacing_speed(&d, &in) == 0.5);

    trm_pacing_toggle_free(&d);
    assert_true(trm_pacing_speed(&d, &in) == 0.0);
    assert_true(trm_pacing_play_speed(&d, false, 8) == 8.0);
    trm_pacing_shift(&d, false, -1);
    assert_true(trm_pacing_play_speed(&d, false, 8) == 4.0);
    trm_pacing_toggle_free(&d);
    assert_int_equal(d.pace, TRM_PACE_PACED);
}

static void test_hands_take_over_from_auto(void **state) {
    (void)state;
    trm_pacing d;
    trm_pacing_init(&d, TRM_PACE_AUTO, 0.0);
    d.auto_speed = 40.0;
    trm_pacing_shift(&d, false, 1);
    trm_pace_input in = {.training = true, .total = 500, .envs = 1, .max_steps = 51};
    assert_int_equal(d.pace, TRM_PACE_PACED);
    assert_true(trm_pacing_speed(&d, &in) == 60.0);
    trm_pacing_init(&d, TRM_PACE_AUTO, 0.0);
    d.auto_speed = 40.0;
    trm_pacing_shift(&d, false, -1);
    assert_true(trm_pacing_speed(&d, &in) == 30.0);
}

static void test_done_plays_at_watching_speed(void **state) {
    (void)state;
    const trm_pace paces[] = {TRM_PACE_AUTO, TRM_PACE_PACED, TRM_PACE_FREE};
    for (int i = 0; i < 3; i++) {
        trm_pacing d;
        trm_pace_input in = {.done = true, .episodes = 500, .total = 500, .envs = 1};
        trm_pacing_init(&d, paces[i], 0.0);
        const double v = trm_pacing_speed(&d, &in);
        assert_true(v >= 4.0 && v <= 10.0);
        assert_true(isnan(trm_pacing_left(&d, &in, 100.0)));
    }
}

static void test_growth_meets_its_end(void **state) {
    (void)state;
    double speed = 5.0, steps = 20000.0, seconds = 60.0;
    const double dt = 1.0 / 30.0;
    while (seconds > 1.0) {
        speed = trm_pace_grow(speed, steps, seconds, dt);
        steps -= speed * dt;
        seconds -= dt;
    }
    assert_true(steps < speed * 2.0 && steps > -speed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auto_takes_two_minutes),
        cmocka_unit_test(test_auto_waits_while_paused_or_asleep),
        cmocka_unit_test(test_end_of_an_episode_lingers),
        cmocka_unit_test(test_speeds_by_hand),
        cmocka_unit_test(test_hands_take_over_from_auto),
        cmocka_unit_test(test_done_plays_at_watching_speed),
        cmocka_unit_test(test_growth_meets_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

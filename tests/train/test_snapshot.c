// SPDX-License-Identifier: Apache-2.0
// A snapshot of what acted in a recorded episode, while training goes on.
#include <stdlib.h>

#include "trm/agent/agent.h"
#include "watched.h"

enum { CYCLES = 16 };

// While training goes on, the weights of the recorded episode still give its trace.
static void test_the_weights_of_a_recorded_episode(void **state) {
    (void)state;
    watched w;
    watched_new(&w, 20);
    trm_episode_trace episode_trace;
    trm_episode_trace_init(&episode_trace, trm_learner_env(w.l), trm_learner_model(w.l));
    const trm_params *p = trm_model_params_const(trm_learner_model(w.l));
    float *weights = calloc((size_t)p->size, sizeof *weights);
    assert_false(trm_trainer_episode_weights(w.t, 0, weights));
    trm_trainer_request_episode(w.t);
    watched_start(&w); // free pace: one episode is recorded, then training goes on
    WAIT_FOR(&w, s.done >= 20);
    trm_trainer_episode(w.t, &episode_trace);
    watched_stop(&w);
    assert_true(episode_trace.length > 0);
    bool same = trm_trainer_episode_weights(w.t, episode_trace.id, weights);
    if (!same) { // the show after training has begun another by now
        trm_trainer_episode(w.t, &episode_trace);
        assert_true(trm_trainer_episode_weights(w.t, episode_trace.id, weights));
    }
    assert_false(trm_trainer_episode_weights(w.t, episode_trace.id + 1, weights));
    trm_agent agent;
    trm_error e = {0};
    assert_true(trm_agent_init_snapshot(&agent, trm_learner_env(w.l), trm_learner_model(w.l),
                                        weights, CYCLES, &e));
    int64_t n = trm_trace_size(&episode_trace.shape);
    float *trace = calloc((size_t)n, sizeof *trace);
    for (int32_t t = 0; t < episode_trace.length; t++) {
        trm_agent_inspect(&agent, trm_episode_trace_state(&episode_trace, t),
                          episode_trace.steps[t].prev_action, trace);
        check_close("trace", trace, trm_episode_trace_trace(&episode_trace, t), n, 1e-5);
    }
    free(trace);
    free(weights);
    trm_agent_done(&agent);
    trm_episode_trace_done(&episode_trace);
    watched_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_weights_of_a_recorded_episode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: Apache-2.0
#include <float.h>
#include <math.h>
#include <string.h>

#include "model/arch.h"
#include "support.h"
#include "train/learner_impl.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"

static void test_schedule(void **state) {
    (void)state;
    trm_train_config c = trm_train_config_default();
    c.lr = 1;
    c.warmup = 50;
    c.decay = 0.995f;
    assert_true(trm_schedule_lr(&c, 0) == 0);
    assert_true(fabsf(trm_schedule_lr(&c, 25) - 0.5f) < 1e-6f);
    assert_true(trm_schedule_lr(&c, 50) == 1);
    assert_true(fabsf(trm_schedule_lr(&c, 150) - powf(0.995f, 100)) < 1e-5f);
}

static void test_same_seed_same_run_other_seed_another(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *a = small_learner(&s, 5), *b = small_learner(&s, 5), *c = small_learner(&s, 6);
    small_train(a, 10);
    small_train(b, 10);
    small_train(c, 10);
    assert_same_learner(a, b);
    assert_false(same_learner(a, c));
    assert_int_equal(trm_learner_episodes(a), 10);
    trm_learner_free(a);
    trm_learner_free(b);
    trm_learner_free(c);
}

static void test_threads_change_nothing(void **state) {
    (void)state;
    const int32_t envs[] = {1, 40, 300};
    for (int i = 0; i < 3; i++) {
        small_setup s = small_default();
        s.train.envs = envs[i];
        trm_learner *one = small_learner(&s, 1);
        small_train(one, 3);
        for (s.train.threads = 2; s.train.threads <= 3; s.train.threads++) {
            trm_learner *many = small_learner(&s, 1);
            small_train(many, 3);
            assert_same_learner(one, many);
            trm_learner_free(many);
        }
        trm_learner_free(one);
    }
}

typedef struct counter {
    int32_t steps, limit;
} counter;

static bool count_steps(void *ctx, const trm_step_view *view) {
    counter *c = ctx;
    assert_true(view->t >= 0);
    return ++c->steps != c->limit;
}

static void test_an_abandoned_update_never_was(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.envs = 20;
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
    trm_learner *a = small_learner(&s, 3), *b = small_learner(&s, 3);
    trm_update u;
    trm_error e = {0};
    for (int32_t limit = 1; limit < 8; limit += 3) {
        counter c = {.limit = limit};
        const trm_learner_callback callback = {count_steps, &c};
        small_train(a, 1);
        small_train(b, 1);
        assert_int_equal(trm_learner_update(a, &callback, &u, &e), TRM_UPDATE_ABANDONED);
        assert_int_equal(c.steps, limit);
        assert_same_learner(a, b);
    }
    trm_learner_free(a);
    trm_learner_free(b);
}

static void test_tensors_carry_everything(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.envs = 3;
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
    static trm_tensor from[256], to[256];
    trm_learner *a = small_learner(&s, 3), *b = small_learner(&s, 99);
    small_train(a, 4);
    int32_t n = trm_learner_tensors(a, from, 256);
    assert_int_equal(trm_learner_tensors(b, to, 256), n);
    for (int32_t i = 0; i < n; i++) {
        size_t count = from[i].dtype == TRM_F32 ? 4 : 8;
        for (int32_t d = 0; d < from[i].ndim; d++)
            count *= (size_t)from[i].shape[d];
        memcpy(to[i].data, from[i].data, count);
    }
    trm_error e = {0};
    assert_true(trm_learner_restored(b, &e));
    small_train(a, 4);
    small_train(b, 4);
    assert_same_learner(a, b);
    trm_learner_free(a);
    trm_learner_free(b);
}

static void test_nonsense_in_a_checkpoint_is_refused(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *l = small_learner(&s, 3);
    trm_error e = {0};
    small_train(l, 1);
    assert_true(trm_learner_restored(l, &e));
    trm_model_params(l->model)->values[3] = NAN;
    assert_false(trm_learner_restored(l, &e));
    trm_model_params(l->model)->values[3] = 0;
    const trm_counters right = l->counters,
                       wrong[] = {{-1, 1, 9}, {1, -1, 9},        {2, 1, 9},
                                  {1, 1, 0},  {1, 1, INT64_MAX}, {INT64_MAX, INT64_MAX, 9}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        l->counters = wrong[i];
        l->adam.step = wrong[i].updates;
        assert_false(trm_learner_restored(l, &e));
    }
    l->counters = right;
    l->adam.step = right.updates;
    assert_true(trm_learner_restored(l, &e));
    l->adam.v[5] = -1;
    assert_false(trm_learner_restored(l, &e));
    l->adam.v[5] = -0.0f;
    l->adam.m[5] = -INFINITY;
    assert_false(trm_learner_restored(l, &e));
    l->adam.m[5] = -FLT_MAX;
    assert_true(trm_learner_restored(l, &e));
    l->baseline.count = INFINITY;
    assert_false(trm_learner_restored(l, &e));
    l->baseline.count = 0;
    memset(&l->rngs[0], 0, sizeof l->rngs[0]);
    assert_false(trm_learner_restored(l, &e));
    trm_learner_free(l);
}

static void test_what_is_not_finite_stops_and_harms_nothing(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_learner *a = small_learner(&s, 3), *b = small_learner(&s, 3);
    trm_error e = {0};
    trm_update u;
    small_train(a, 2);
    small_train(b, 2);
    a->config.lr = INFINITY;
    assert_int_equal(trm_learner_update(a, NULL, &u, &e), TRM_UPDATE_FAILED);
    assert_int_equal(e.code, TRM_E_NUMERIC);
    assert_same_learner(a, b);
    a->config.lr = b->config.lr;
    small_train(a, 2);
    small_train(b, 2);
    assert_same_learner(a, b);
    trm_learner_free(a);
    trm_learner_free(b);
}

static void test_a_loss_that_is_not_finite_harms_nothing(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "running");
    trm_learner *a = small_learner(&s, 3), *b = small_learner(&s, 3);
    trm_error e = {0};
    trm_update u;
    small_train(a, 2);
    small_train(b, 2);
    trm_params *p = trm_model_params(a->model);
    float *bias = trm_params_at(p, p->values, trm_params_find(p, "action_head.2.bias"));
    float right = bias[1];
    bias[1] = NAN;
    assert_int_equal(trm_learner_update(a, NULL, &u, &e), TRM_UPDATE_FAILED);
    assert_non_null(strstr(e.message, "loss"));
    bias[1] = right;
    assert_same_learner(a, b);
    small_train(a, 2);
    small_train(b, 2);
    assert_same_learner(a, b);
    trm_learner_free(a);
    trm_learner_free(b);
}

static void test_what_would_not_fit_in_memory_is_refused(void **state) {
    (void)state;
    trm_error e = {0};
    small_setup s = small_default();
    s.train.envs = 4096;
    s.model.h_dim = 512;
    s.model.k_cycles = 32;
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 0, &e));
    assert_int_equal(e.code, TRM_E_INPUT);
    assert_non_null(strstr(e.message, "train.envs"));
    s.train.envs = 1;
    trm_learner_free(small_learner(&s, 0));
}

// The loss of the rows that the newest rollout kept, from the parameters as they are now.
typedef struct replayed {
    trm_learner *l;
    trm_workspace *w;
} replayed;

static double replayed_loss(void *ctx) {
    const replayed *r = ctx;
    const trm_shard *s = &r->l->shards[0];
    double loss = 0;
    trm_mat x = trm_mat_rows(s->workspace->x, 0, s->rows);
    trm_model_forward(r->l->model, r->w, 0, x, s->workspace->prev);
    trm_mat logits = trm_workspace_logits(r->w, trm_model_outputs(r->l->model) - 1);
    for (int32_t i = 0; i < s->rows; i++) {
        const float *row = trm_mat_row(logits, i);
        loss -= (double)trm_categorical_log_prob(row, logits.cols, s->action[i]) *
                    (double)s->weight[i] +
                (double)r->l->config.entropy * (double)trm_categorical_entropy(row, logits.cols);
    }
    return loss / s->rows;
}

static void check_reinforce(const char *baseline, bool broadcast_bug) {
    small_setup s = small_default();
    s.train.lr = 0; // so that the parameters stay those of the rollout
    s.train.clip = 0;
    s.train.envs = broadcast_bug ? 1 : 4;
    s.train.broadcast_bug = broadcast_bug;
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, baseline);
    trm_learner *l = small_learner(&s, 11);
    trm_update u;
    trm_error e = {0};
    for (int i = 0; i < 2; i++)
        assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
    replayed r = {l, trm_workspace_new(l->model, l->shards[0].rows, false)};
    assert_true(fabs(replayed_loss(&r) - (double)u.loss) < 1e-5);
    trm_params *p = trm_model_params(l->model);
    for (int32_t i = 0; i < p->count; i++)
        check_gradient(p->items[i].name, trm_params_at(p, p->values, i),
                       trm_params_at(p, l->grads, i), p->items[i].size, 6, replayed_loss, &r, 0.02);
    trm_workspace_free(r.w);
    trm_learner_free(l);
}

static void test_the_gradient_is_the_losss(void **state) {
    (void)state;
    check_reinforce("episode", false);
    check_reinforce("running", false);
    check_reinforce("episode", true);
}

static void test_the_broadcast_leaves_no_policy_gradient(void **state) {
    (void)state;
    small_setup s = small_default();
    s.train.entropy = 0;
    trm_learner *right = small_learner(&s, 2);
    s.train.broadcast_bug = true;
    trm_learner *wrong = small_learner(&s, 2);
    trm_update a, b;
    trm_error e = {0};
    trm_learner_update(right, NULL, &a, &e);
    trm_learner_update(wrong, NULL, &b, &e);
    assert_true(a.grad_norm > 0.01f);
    assert_true(b.grad_norm < 1e-5f);
    trm_learner_free(right);
    trm_learner_free(wrong);
}

static void test_bad_settings_are_refused(void **state) {
    (void)state;
    small_setup s = small_default();
    trm_error e;
    trm_text_copy(s.train.algorithm, sizeof s.train.algorithm, "reinforced");
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 0, &e));
    s = small_default();
    s.env.size = 64;
    s.train.envs = 1 << 20;
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 0, &e));
    assert_non_null(strstr(e.message, "train.envs"));
    s = small_default();
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, "none");
    assert_null(trm_learner_new(&s.env, &s.model, &s.train, 0, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schedule),
        cmocka_unit_test(test_same_seed_same_run_other_seed_another),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_an_abandoned_update_never_was),
        cmocka_unit_test(test_tensors_carry_everything),
        cmocka_unit_test(test_nonsense_in_a_checkpoint_is_refused),
        cmocka_unit_test(test_what_is_not_finite_stops_and_harms_nothing),
        cmocka_unit_test(test_a_loss_that_is_not_finite_harms_nothing),
        cmocka_unit_test(test_what_would_not_fit_in_memory_is_refused),
        cmocka_unit_test(test_the_gradient_is_the_losss),
        cmocka_unit_test(test_the_broadcast_leaves_no_policy_gradient),
        cmocka_unit_test(test_bad_settings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

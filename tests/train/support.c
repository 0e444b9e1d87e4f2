// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include <string.h>

enum { TENSORS = 256 };

small_setup small_default(void) {
    small_setup s = {trm_env_config_default(), trm_model_config_default(),
                     trm_train_config_default()};
    s.env.size = 3;
    s.model.h_dim = 8;
    s.model.l_dim = 4;
    s.model.k_cycles = 2;
    s.train.episodes = 20;
    return s;
}

trm_learner *small_learner(const small_setup *s, uint64_t seed) {
    trm_error e = {0};
    trm_learner *l = trm_learner_new(&s->env, &s->model, &s->train, seed, &e);
    if (!l)
        fail_msg("%s", e.message);
    return l;
}

trm_course *small_course(const small_setup *s, uint64_t seed) {
    const trm_course_plan plan = {
        .env = &s->env, .model = &s->model, .train = &s->train, .seed = seed};
    trm_error e = {0};
    trm_course *c = trm_course_new(&plan, &e);
    if (!c)
        fail_msg("%s", e.message);
    return c;
}

void small_train(trm_learner *l, int32_t updates) {
    trm_update u;
    trm_error e = {0};
    for (int32_t i = 0; i < updates; i++)
        assert_int_equal(trm_learner_update(l, NULL, &u, &e), TRM_UPDATE_DONE);
}

static size_t tensor_bytes(const trm_tensor *t) {
    static const size_t sizes[] = {[TRM_F32] = 4, [TRM_F64] = 8, [TRM_I64] = 8, [TRM_U8] = 1};
    size_t n = sizes[t->dtype];
    for (int32_t d = 0; d < t->ndim; d++)
        n *= (size_t)t->shape[d];
    return n;
}

bool same_learner(trm_learner *a, trm_learner *b) {
    static trm_tensor ta[TENSORS], tb[TENSORS];
    int32_t n = trm_learner_tensors(a, ta, TENSORS);
    assert_in_range(n, 1, TENSORS);
    assert_int_equal(n, trm_learner_tensors(b, tb, TENSORS));
    for (int32_t i = 0; i < n; i++) {
        assert_string_equal(ta[i].name, tb[i].name);
        if (memcmp(ta[i].data, tb[i].data, tensor_bytes(&ta[i])) != 0)
            return false;
    }
    return true;
}

void assert_same_learner(trm_learner *a, trm_learner *b) {
    assert_true(same_learner(a, b));
}

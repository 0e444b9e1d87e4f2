// SPDX-License-Identifier: Apache-2.0
// An update's loss against the same episodes played one by one, with everything computed again.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/nn/categorical.h"

enum { SEED = 21, LONGEST = 64, MOST_ENVS = 40, FIRST_STREAM = 1 };

typedef struct played {
    int32_t length;
    double total;
    double reward[LONGEST], log_prob[LONGEST], entropy[LONGEST], weight[LONGEST];
} played;

typedef struct by_hand {
    trm_learner *l;
    trm_workspace *w;
    int32_t envs;
    trm_rng rngs[MOST_ENVS];
    played episodes[MOST_ENVS];
    double updates, mean, square; // the running baseline
} by_hand;

static by_hand *by_hand_new(trm_learner *l) {
    by_hand *h = trm_alloc(1, sizeof *h);
    h->l = l;
    h->w = trm_workspace_new(trm_learner_model(l), 1, false);
    h->envs = trm_learner_config(l)->envs;
    assert_true(h->envs <= MOST_ENVS && trm_env_max_steps(trm_learner_env(l)) <= LONGEST);
    for (int32_t i = 0; i < h->envs; i++)
        trm_rng_seed(&h->rngs[i], SEED, (uint64_t)(FIRST_STREAM + i));
    return h;
}

static void by_hand_free(by_hand *h) {
    trm_workspace_free(h->w);
    free(h);
}

// log p[index] and -sum p log p, in double.
static double log_prob_of(const float *logits, int32_t n, int32_t index, double *entropy) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += exp((double)logits[i]);
    *entropy = 0;
    for (int32_t i = 0; i < n; i++) {
        double log_p = (double)logits[i] - log(sum);
        *entropy -= exp(log_p) * log_p;
    }
    return (double)logits[index] - log(sum);
}

static void play(by_hand *h, played *p, trm_rng *rng) {
    const trm_env *env = trm_learner_env(h->l);
    const trm_model *m = trm_learner_model(h->l);
    char *state = trm_alloc(1, trm_env_state_size(env));
    int32_t dim = trm_env_state_dim(env), prev = -1;
    float *obs = trm_alloc((size_t)dim, sizeof *obs), probs[LONGEST];
    trm_step step = {0};
    p->length = 0;
    p->total = 0;
    trm_env_reset(env, state, rng, TRM_SPLIT_TRAIN);
    while (!step.done) {
        trm_env_observe(env, state, obs);
        trm_model_forward(m, h->w, 0, trm_mat_of(obs, 1, dim), &prev);
        trm_mat logits = trm_workspace_logits(h->w, trm_model_outputs(m) - 1);
        trm_softmax(probs, logits.data, logits.cols);
        int32_t t = p->length++, action = trm_categorical_sample(probs, logits.cols, rng);
        p->log_prob[t] = log_prob_of(logits.data, logits.cols, action, &p->entropy[t]);
        step = trm_env_step(env, state, action);
        p->reward[t] = (double)step.reward;
        p->total += p->reward[t];
        prev = action;
    }
    free(obs);
    free(state);
}

static void discount(played *p, double gamma) {
    for (int32_t t = 0; t < p->length; t++) {
        p->weight[t] = 0;
        for (int32_t k = t; k < p->length; k++)
            p->weight[t] += pow(gamma, k - t) * p->reward[k];
    }
}

static void shift_scale(played *p, double mean, double std) {
    for (int32_t t = 0; t < p->length; t++)
        p->weight[t] = (p->weight[t] - mean) / (std + 1e-6);
}

static double mean_weight(const played *p) {
    double sum = 0;
    for (int32_t t = 0; t < p->length; t++)
        sum += p->weight[t];
    return sum / p->length;
}

static void normalise_alone(played *p) {
    double mean = mean_weight(p), squares = 0;
    for (int32_t t = 0; t < p->length; t++)
        squares += (p->weight[t] - mean) * (p->weight[t] - mean);
    if (p->length > 1 && sqrt(squares / (p->length - 1)) > 1e-6)
        shift_scale(p, mean, sqrt(squares / (p->length - 1)));
}

static void normalise_all(by_hand *h, double rate) {
    double sum = 0, squares = 0, count = 0;
    for (int32_t i = 0; i < h->envs; i++)
        for (int32_t t = 0; t < h->episodes[i].length; t++, count++) {
            sum += h->episodes[i].weight[t];
            squares += h->episodes[i].weight[t] * h->episodes[i].weight[t];
        }
    double share = fmax(rate, 1 / ++h->updates);
    h->mean = (1 - share) * h->mean + share * sum / count;
    h->square = (1 - share) * h->square + share * squares / count;
    for (int32_t i = 0; i < h->envs; i++)
        shift_scale(&h->episodes[i], h->mean, sqrt(h->square - h->mean * h->mean));
}

// The next update's loss and mean entropy.
static double loss_by_hand(by_hand *h, double *entropy) {
    const trm_train_config *c = trm_learner_config(h->l);
    bool running = strcmp(c->baseline, "running") == 0;
    double loss = 0, steps = 0;
    for (int32_t i = 0; i < h->envs; i++) {
        play(h, &h->episodes[i], &h->rngs[i]);
        discount(&h->episodes[i], (double)c->gamma);
        if (!running)
            normalise_alone(&h->episodes[i]);
    }
    if (running)
        normalise_all(h, (double)c->baseline_rate);
    *entropy = 0;
    for (int32_t i = 0; i < h->envs; i++) {
        const played *p = &h->episodes[i];
        double mean = mean_weight(p);
        for (int32_t t = 0; t < p->length; t++) {
            loss -= p->log_prob[t] * (c->broadcast_bug ? mean : p->weight[t]);
            *entropy += p->entropy[t];
        }
        steps += p->length;
    }
    *entropy /= steps;
    return loss / steps - (double)c->entropy * *entropy;
}

static void check_update(by_hand *h) {
    trm_update u;
    trm_error e = {0};
    double entropy, loss = loss_by_hand(h, &entropy);
    int64_t steps = trm_learner_steps(h->l);
    assert_int_equal(trm_learner_update(h->l, NULL, &u, &e), TRM_UPDATE_DONE);
    if (!(fabs(loss - (double)u.loss) < 1e-5 * fmax(1, fabs(loss))))
        fail_msg("loss: got %.9g, by hand %.9g", (double)u.loss, loss);
    assert_true(fabs(entropy - (double)u.entropy) < 1e-5);
    assert_int_equal(u.count, h->envs);
    for (int32_t i = 0; i < h->envs; i++) {
        const played *p = &h->episodes[i];
        steps += p->length;
        assert_int_equal(u.episodes[i].length, p->length);
        assert_int_equal(u.episodes[i].step, steps);
        assert_int_equal(u.episodes[i].episode, trm_learner_episodes(h->l) - h->envs + i);
        assert_true(fabs((double)u.episodes[i].reward - p->total) < 1e-4);
        assert_int_equal(u.episodes[i].success, p->total > 5);
    }
}

static void check_loss(int32_t envs, const char *baseline, bool broadcast_bug) {
    small_setup s = small_default();
    s.train.envs = envs;
    s.train.broadcast_bug = broadcast_bug;
    s.train.baseline_rate = 0.4f; // so that the third update is weighed by the rate
    trm_text_copy(s.train.baseline, sizeof s.train.baseline, baseline);
    trm_learner *l = small_learner(&s, SEED);
    by_hand *h = by_hand_new(l);
    for (int i = 0; i < 4; i++)
        check_update(h);
    by_hand_free(h);
    trm_learner_free(l);
}

static void test_one_episode_an_update(void **state) {
    (void)state;
    check_loss(1, "episode", false);
    check_loss(1, "running", false);
}

static void test_many_episodes_an_update(void **state) {
    (void)state;
    check_loss(5, "episode", false);
    check_loss(MOST_ENVS, "episode", false);
    check_loss(MOST_ENVS, "running", false);
}

static void test_the_originals_product(void **state) {
    (void)state;
    check_loss(1, "episode", true);
    check_loss(1, "running", true);
    check_loss(5, "running", true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_episode_an_update),
        cmocka_unit_test(test_many_episodes_an_update),
        cmocka_unit_test(test_the_originals_product),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

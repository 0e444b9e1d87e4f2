// SPDX-License-Identifier: Apache-2.0
// Where keys apply, and words that have no effect.
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "trm/base/text.h"
#include "trm/run/config.h"

enum { WORDS = 4 };

static const struct {
    const char *preset, *words[WORDS];
    unsigned uses;
    const char *says[WORDS]; // of the refusal; none: it is accepted
} cases[] = {
    {"maze",
     {"env.braid=0.5"},
     TRM_USE_TRAIN,
     {"env.braid=0.5 has no effect", "env.type=maze,", "maze-open", "by env.type, env.size"}},
    {"maze", {"env.braid=0"}, TRM_USE_TRAIN, {"env.braid=0 has no effect"}}, // as it is
    {"maze", {"env.type=maze", "env.size=7", "env.braid=0.5"}, TRM_USE_TRAIN, {NULL}},
    {"maze", {"env.braid=0.5", "env.type=maze"}, TRM_USE_TRAIN, {NULL}}, // in any order
    {"maze",
     {"env.type=maze", "env.obstacles=0.4", "env.braid=0.5"},
     TRM_USE_TRAIN,
     {"env.braid=0.5 has no effect", "no env.mazes and no env.obstacles"}},
    {"maze",
     {"env.type=maze", "env.size=32", "env.obstacles=0.4", "env.path_min=110"},
     TRM_USE_TRAIN,
     {NULL}},
    {"maze", {"seed=1", "data.size=4"}, TRM_USE_TRAIN, {"data.size=4", "environment", "env.size"}},
    {"maze", {"env.givens=4"}, TRM_USE_TRAIN, {"env.type=sudoku"}},
    {"maze", {"train.gae=0.5"}, TRM_USE_TRAIN, {"actor-critic or ppo", "train.gamma"}},
    {"maze", {"train.algorithm=ppo", "train.gae=0.5"}, TRM_USE_TRAIN, {NULL}},
    {"maze", {"train.epochs=3"}, TRM_USE_TRAIN, {"supervised", "train.episodes"}},
    {"maze", {"train.batch=8"}, TRM_USE_TRAIN, {"imitation", "train.envs"}},
    {"maze11", {"train.batch=8"}, TRM_USE_TRAIN, {NULL}},
    {"maze11", {"model.read_at_agent=false", "train.batch=8"}, TRM_USE_TRAIN, {"read_at_agent"}},
    {"maze11", {"train.gamma=0.5"}, TRM_USE_TRAIN, {"imitation"}}, // it looks at no reward
    {"maze-mlp", {"model.k_cycles=2"}, TRM_USE_TRAIN, {"model.type=trm-full", "mlp"}},
    {"maze-mlp", {"model.heads=2"}, TRM_USE_TRAIN, {"trm-attn, transformer", "model.hidden"}},
    {"maze-mlp", {"train.deep_supervision=true"}, TRM_USE_TRAIN, {"recursive"}},
    {"maze", {"train.supervision=uniform"}, TRM_USE_TRAIN, {"train.deep_supervision=true"}},
    {"maze", {"train.supervision=uniform", "train.deep_supervision=true"}, TRM_USE_TRAIN, {NULL}},
    {"original-maze", {"train.baseline_rate=0.1"}, TRM_USE_TRAIN, {"train.baseline=running"}},
    {"maze", {"train.baseline_rate=0.1"}, TRM_USE_TRAIN, {NULL}},
    {"maze", {"train.from=maze", "model.xavier_gain=1"}, TRM_USE_TRAIN, {"no train.from"}},
    {"mazes-8-fixed-trm", {"env.size=9"}, TRM_USE_TRAIN, {"environment", "data.size"}},
    {"mazes-8-fixed-trm", {"train.episodes=9"}, TRM_USE_TRAIN, {"supervised", "train.epochs"}},
    {"mazes-8-fixed-trm", {"train.mask_actions=true"}, TRM_USE_TRAIN, {"environment"}},
    {"mazes-8-fixed-trm", {"env.puzzles=x"}, TRM_USE_TRAIN, {"env.puzzles=x has no effect"}},
    {"mazes-8-fixed-trm", {"data.givens_min=4"}, TRM_USE_TRAIN, {"data.type=sudoku"}},
    {"sudoku-4-tiny", {"data.givens_min=4"}, TRM_USE_TRAIN, {NULL}},
    {"sudoku-4-tiny", {"env.puzzles=x"}, TRM_USE_TRAIN, {NULL}},
    {"sudoku-4-tiny", {"env.puzzles=x", "data.givens_min=4"}, TRM_USE_TRAIN, {"no env.puzzles"}},
    {"sudoku-4-tiny", {"env.givens=6"}, TRM_USE_EVAL, {"data.givens_min"}},
    {"sudoku-4-tiny", {"env.givens=6"}, TRM_USE_BOARD, {NULL}},
    // What a model is asked.
    {"maze", {"model.k_cycles=5", "seed=3", "env.size=6"}, TRM_USE_EVAL | TRM_USE_MODEL, {NULL}},
    {"maze", {"train.mask_actions=true"}, TRM_USE_EVAL, {NULL}},
    {"maze", {"train.lr=1"}, TRM_USE_EVAL, {"in training only", "seed", "env.size"}},
    {"maze", {"train.threads=2"}, TRM_USE_EVAL, {"in training only"}},
    {"maze", {"model.xavier_gain=2"}, TRM_USE_MODEL, {"in training only", "model.k_cycles"}},
    {"maze", {"seed=3"}, TRM_USE_MODEL, {"seed=3 has no effect"}},
    {"mazes-8-fixed-trm", {"data.train=3"}, TRM_USE_EVAL, {"data.train=3", "data.size"}},
    // What is trained, but not recorded.
    {"maze", {"run.record_mib=1"}, TRM_USE_COMPARE, {"runs that are recorded"}},
    {"maze", {"train.threads=2"}, TRM_USE_COMPARE, {"train.threads=2", "train.envs"}},
    {"maze", {"train.lr=1"}, TRM_USE_COMPARE, {NULL}},
    {"maze", {"train.from=maze"}, TRM_USE_DIAGNOSE, {"train.from=maze has no effect"}},
    {"sudoku-4-tiny", {"train.lr=1"}, TRM_USE_EXAMINE, {"train.lr=1 has no effect"}},
    {"sudoku-4-tiny", {"train.clip=1", "data.train=90"}, TRM_USE_EXAMINE, {NULL}},
};

static bool judge(const trm_config *configs, int count, unsigned uses, const char *const *words,
                  trm_error *e) {
    trm_config_asked asked[2];
    char *typed[WORDS];
    int n = 0;
    for (; n < WORDS && words[n]; n++)
        typed[n] = strdup(words[n]);
    for (int i = 0; i < count; i++)
        asked[i] = (trm_config_asked){&configs[i], uses};
    bool ok = trm_config_check_words(asked, count, typed, n, e);
    for (int i = 0; i < n; i++)
        free(typed[i]);
    return ok;
}

static trm_config made(const char *preset, const char *const *words) {
    trm_config c;
    trm_error e = {0};
    assert_true(trm_config_preset(&c, preset, &e));
    for (int i = 0; i < WORDS && words[i]; i++)
        assert_true(trm_config_override(&c, words[i], &e));
    return c;
}

static void words_without_effect(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        trm_error e = {0};
        trm_config c = made(cases[i].preset, cases[i].words);
        bool ok = judge(&c, 1, cases[i].uses, cases[i].words, &e);
        if (ok != (cases[i].says[0] == NULL))
            fail_msg("%s %s: %s", cases[i].preset, cases[i].words[0], e.message);
        for (int k = 0; !ok && k < WORDS && cases[i].says[k]; k++)
            if (!strstr(e.message, cases[i].says[k]))
                fail_msg("\"%s\" is not in \"%s\"", cases[i].says[k], e.message);
        assert_int_equal(e.code, ok ? TRM_OK : TRM_E_INPUT);
        assert_null(strchr(e.message, '\n'));
    }
}

// A word that holds for several has an effect if it has one on any.
static void words_for_several(void **state) {
    (void)state;
    static const char *const cycles[WORDS] = {"model.k_cycles=2"}, *const heads[WORDS] = {
                                                                       "model.heads=2"};
    trm_error e = {0};
    trm_config both[] = {made("maze-mlp", cycles), made("maze", cycles)};
    assert_true(judge(both, 2, TRM_USE_COMPARE, cycles, &e));
    assert_false(judge(both, 1, TRM_USE_COMPARE, cycles, &e));
    assert_false(judge(both, 2, TRM_USE_COMPARE, heads, &e));
}

// Each key matters to something: there is a preset, perhaps with another word or two, and a use.
static void no_key_is_dead(void **state) {
    (void)state;
    static const char *const more[][WORDS] = {
        {NULL},
        {"env.type=sudoku", "env.size=4"},
        {"env.type=maze", "env.size=7"},
        {"env.type=sudoku-empty", "env.size=4"},
        {"train.algorithm=ppo"},
        {"model.type=trm-attn"},
        {"model.type=trm-paper"},
        {"train.algorithm=supervised", "data.type=sudoku", "env.puzzles=puzzles.txt"},
    };
    const trm_config_row *k;
    trm_config *all = calloc(512, sizeof *all);
    int count = 0;
    for (int32_t i = 0; trm_preset_name(i); i++)
        all[count++] = made(trm_preset_name(i), more[0]);
    for (size_t i = 1; i < sizeof more / sizeof *more; i++)
        all[count++] = made("maze", more[i]);
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        bool alive = false, everywhere = true;
        for (int n = 0; n < count; n++) {
            bool here = trm_config_key_applies(k, &all[n], TRM_USE_TRAIN);
            alive |= here;
            everywhere &= here;
        }
        if (!alive)
            fail_msg("%s matters to no preset", k->path);
        trm_json_buffer where = {0};
        trm_config_key_print_where(k, &where);
        if (!where.size && !everywhere)
            fail_msg("%s: it is not said where it applies", k->path);
        free(where.data);
    }
    free(all);
}

// The names by which environments, data sets, models and algorithms say what they read are fields
// that a key has: one that is misspelt would refuse the key everywhere.
static void what_is_read_has_a_key(void **state) {
    (void)state;
    static const char *const none = "no_such_field";
    assert_false(trm_env_reads("maze", none) || trm_dataset_reads("sudoku", none) ||
                 trm_arch_reads("trm-full", none) || trm_algorithm_reads("ppo", none));
    assert_false(trm_env_reads(none, "size") || trm_dataset_reads(none, "size") ||
                 trm_arch_reads(none, "hidden") || trm_algorithm_reads(none, "lr"));
    for (int32_t i = 0; trm_env_name(i); i++)
        assert_true(trm_env_reads(trm_env_name(i), "size"));
    for (int32_t i = 0; trm_dataset_name(i); i++)
        assert_true(trm_dataset_reads(trm_dataset_name(i), "size"));
    for (int32_t i = 0; trm_algorithm_name(i); i++)
        assert_true(trm_algorithm_reads(trm_algorithm_name(i), "lr"));
}

// A whole configuration names every key: nothing of it is judged.
static void files_are_not_judged(void **state) {
    (void)state;
    trm_error e = {0};
    for (int32_t i = 0; trm_preset_name(i); i++) {
        trm_config c, again = trm_config_default();
        assert_true(trm_config_preset(&c, trm_preset_name(i), &e));
        char *text = trm_config_print(&c);
        assert_true(trm_config_parse(&again, "config", text, &e));
        free(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_without_effect), cmocka_unit_test(words_for_several),
        cmocka_unit_test(no_key_is_dead),       cmocka_unit_test(what_is_read_has_a_key),
        cmocka_unit_test(files_are_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

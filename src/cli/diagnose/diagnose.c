// SPDX-License-Identifier: Apache-2.0
#include "trm/train/diagnose.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/common/environment.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "cli/diagnose/report.h"
#include "run/rundir/files.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/run/assets.h"
#include "trm/run/checkpoint.h"
#include "trm/run/course.h"

enum {
    TRAINED = 100, // episodes
    TRAINED_MAX = 1000000,
    RANDOM_PLAYED = 200,
    PLAYED = 50,
    VISITED = 40,
    COMPARED = 20, // updates; fewer where each has many episodes
    COMPARED_EPISODES = 64,
    SUBJECTS = 64
};

typedef struct diagnose_options {
    int64_t episodes;
    bool strict, json;
} diagnose_options;

static const trm_option options[] = {
    TRM_SHARED_EPISODES(diagnose_options, 0, TRAINED_MAX, "100"),
    TRM_FLAG(diagnose_options, strict, "--strict", "exit with status 1 if a fault is found"),
    TRM_SHARED_JSON(diagnose_options),
    {0},
};

// ---- what is examined ---------------------------------------------------------------------------

static bool is_model(const char *word) {
    if (!trm_preset_exists(word) && trm_model_named(word))
        return true;
    char path[4096];
    trm_text_format(path, sizeof path, "%s/checkpoint.safetensors", word);
    return trm_file_is_folder(word) && trm_file_exists(path);
}

static trm_learner *learner_of(const trm_config *c, trm_error *e) {
    return trm_learner_new(&c->env, &c->model, &c->train, (uint64_t)c->seed, e);
}

// A learner with the model's weights.
static trm_learner *learner_with(const trm_model *model, const char *path, const trm_config *c,
                                 trm_error *e) {
    trm_env *env = trm_environment_for(path, model, c, e); // does it fit?
    trm_learner *l = env != NULL ? learner_of(c, e) : NULL;
    if (l != NULL) {
        assert(trm_model_params(trm_learner_model(l))->size == trm_model_params_const(model)->size);
        trm_model_set_weights(trm_learner_model(l), trm_model_params_const(model)->values);
    }
    trm_env_free(env);
    return l;
}

static bool read_config(const char *word, const trm_words *words, trm_config *c, trm_error *e) {
    if (!trm_config_load(c, word, e))
        return false;
    return trm_config_override_all(c, words->overrides, words->override_count, e) &&
           trm_config_check(c, e);
}

// ---- examining ----------------------------------------------------------------------------------

static bool train_shortly(const trm_learner *l, int64_t episodes, trm_diagnosis *d, trm_error *e) {
    trm_progress_watch w = {.total = episodes};
    if (episodes == 0 || trm_interrupt_asked())
        return true;
    trm_progress_init(&w.progress, "episodes", 0);
    d->has_training = true;
    bool ok =
        trm_diagnose_training(l, episodes, trm_progress_go_on, &w, &d->training, &d->findings, e);
    trm_progress_clear(&w.progress);
    return ok;
}

static bool go_on(void *ctx, int64_t done) {
    (void)ctx;
    (void)done;
    return !trm_interrupt_asked();
}

// True also where a signal came: the caller says so.
static bool examine_policy(trm_learner *l, int64_t episodes, trm_diagnosis *d, trm_error *e) {
    uint64_t seed = (uint64_t)d->config.seed;
    int32_t envs = d->config.train.envs;
    int32_t updates = COMPARED * envs <= COMPARED_EPISODES ? COMPARED
                      : COMPARED_EPISODES / envs > 3       ? COMPARED_EPISODES / envs
                                                           : 3;
    d->env = trm_learner_env(l);
    d->parameters = trm_model_params(trm_learner_model(l))->total;
    trm_findings *f = &d->findings;
    if (!trm_diagnose_environment(l, RANDOM_PLAYED, seed, go_on, NULL, &d->environment, f))
        return true;
    trm_progress_watch w = {.total = TRM_EVALUATION_EPISODES};
    trm_progress_init(&w.progress, "episodes", 0);
    bool played = trm_diagnose_policy(l, PLAYED, seed, &d->environment.random, d->trained,
                                      trm_progress_go_on, &w, &d->policy, f);
    trm_progress_clear(&w.progress);
    if (!played || !trm_diagnose_units(l, VISITED, seed, go_on, NULL, &d->units, f) ||
        !trm_diagnose_gradient(l, seed, go_on, NULL, &d->gradient, f))
        return true;
    return trm_diagnose_signal(l, updates, go_on, NULL, &d->signal, f, e) &&
           train_shortly(l, episodes, d, e);
}

// A new model, as training would begin with.
static trm_model *new_model(const trm_config *c, trm_error *e) {
    trm_model_config m;
    trm_rng rng;
    trm_model *model = trm_config_model(c, &m, e) ? trm_model_new(&m, e) : NULL;
    if (model != NULL) {
        trm_rng_seed(&rng, (uint64_t)c->seed, TRM_STREAM_INIT);
        trm_model_init(model, &rng);
    }
    return model;
}

// `model`: NULL, or with weights from a file.
static bool examine_answers(const trm_model *model, const trm_dataset *held_out, trm_diagnosis *d,
                            trm_error *e) {
    const trm_config *c = &d->config;
    trm_progress_watch w = {.total = held_out->count};
    trm_model *made = model == NULL ? new_model(c, e) : NULL;
    if (model == NULL && made == NULL)
        return false;
    const trm_model *m = model != NULL ? model : made;
    d->parameters = trm_model_params_const(m)->total;
    d->has_answers = true;
    trm_progress_init(&w.progress, "samples", 0);
    bool ok = trm_diagnose_answers(m, c->train.clip, held_out, d->trained, (uint64_t)c->seed,
                                   trm_progress_go_on, &w, &d->answers, &d->findings);
    trm_progress_clear(&w.progress);
    trm_model_free(made);
    return ok || trm_error_set(e, TRM_E_STOPPED, "interrupted while examining %s", d->name);
}

// The held-out samples are those that eval asks about, so that both say the same of a model.
static bool examine_data(const trm_model *model, const trm_words *words, trm_diagnosis *d,
                         trm_error *e) {
    trm_dataset_config own = trm_config_data(&d->config);
    const bool counted =
        trm_config_words_set(words->overrides, words->override_count, "data.validation");
    uint64_t seed = (uint64_t)d->config.seed;
    bool ok = false;
    trm_dataset *held_out = NULL;
    if (own.asked) { // puzzles that are named for a model are held out, none of them learned from
        own.files[0] = '\0';
        own.asked = false;
    }
    trm_dataset *train = trm_dataset_new(&own, TRM_SPLIT_TRAIN, own.train, seed, e);
    if (train == NULL)
        goto out;
    held_out = trm_run_evaluation_samples(&d->config, counted ? own.validation : 0, e);
    if (held_out == NULL)
        goto out;
    d->has_data = true;
    trm_diagnose_data(train, held_out, &d->data, &d->findings);
    ok = examine_answers(model, held_out, d, e);
out:
    trm_dataset_free(train);
    trm_dataset_free(held_out);
    return ok;
}

static void forget(trm_diagnosis *d) {
    trm_policy_diagnosis_done(&d->policy);
    trm_unit_diagnosis_done(&d->units);
    trm_gradient_diagnosis_done(&d->gradient);
    trm_answer_diagnosis_done(&d->answers);
    free(d);
}

static void print(const trm_diagnosis *d, const diagnose_options *o) {
    if (o->json)
        trm_diagnosis_print_json(d);
    else
        trm_diagnosis_print(d);
}

static bool examine(const char *word, const trm_words *words, const diagnose_options *o,
                    trm_diagnosis *d, trm_error *e) {
    trm_model *model = NULL;
    trm_learner *l = NULL;
    bool ok = false;
    d->name = word;
    d->trained = is_model(word);
    if (d->trained) {
        model = trm_checkpoint_model(word, words->overrides, words->override_count, &d->config, e);
        if (model == NULL || !trm_config_check(&d->config, e))
            goto out;
    } else if (!read_config(word, words, &d->config, e)) {
        goto out;
    }
    if (trm_config_supervised(&d->config)) {
        ok = examine_data(model, words, d, e);
        if (ok)
            print(d, o);
        goto out;
    }
    l = model != NULL ? learner_with(model, word, &d->config, e) : learner_of(&d->config, e);
    ok = l != NULL && examine_policy(l, o->episodes, d, e);
    if (!ok)
        goto out;
    if (trm_interrupt_asked())
        ok = trm_error_set(e, TRM_E_STOPPED, "interrupted while examining %s", word);
    else
        print(d, o);
out:
    trm_learner_free(l);
    trm_model_free(model);
    return ok;
}

static int diagnose(const char *word, const trm_words *words, const diagnose_options *o) {
    trm_error e = {0};
    trm_diagnosis *d = trm_alloc(1, sizeof *d);
    int status = TRM_EXIT_DONE;
    if (!examine(word, words, o, d, &e))
        status = trm_report_input_error(&e);
    else if (o->strict && trm_findings_count(&d->findings, TRM_SEVERITY_FAULT) > 0)
        status = TRM_EXIT_FAILED;
    forget(d);
    return status;
}

// ---- what was asked for ------------------------------------------------------------------------

static bool load_config(const char *word, const trm_words *words, trm_config *c, trm_error *e) {
    if (!is_model(word))
        return read_config(word, words, c, e);
    trm_model *model = trm_checkpoint_model(word, words->overrides, words->override_count, c, e);
    trm_model_free(model);
    return model != NULL && trm_config_check(c, e);
}

// Words and --episodes hold for all names; they have an effect if they have one on any.
static bool check_words(const trm_words *words, const diagnose_options *o, trm_error *e) {
    static char maze[] = "maze";
    static char *alone[] = {maze};
    char **names = words->plain_count > 0 ? words->plain : alone;
    const int count = words->plain_count > 0 ? words->plain_count : 1;
    trm_config *configs = trm_alloc((size_t)count, sizeof *configs);
    trm_config_asked asked[SUBJECTS];
    bool ok = true, trains = false;
    for (int i = 0; i < count && ok; i++) {
        ok = load_config(names[i], words, &configs[i], e);
        const bool supervised = ok && trm_config_supervised(&configs[i]);
        asked[i] = (trm_config_asked){&configs[i], supervised ? TRM_USE_EXAMINE : TRM_USE_DIAGNOSE};
        trains = trains || !supervised;
    }
    ok = ok && trm_config_check_words(asked, count, words->overrides, words->override_count, e) &&
         (trains || o->episodes < 0 ||
          trm_error_set(e, TRM_E_INPUT,
                        "--episodes has no effect: what learns from a data set is examined without "
                        "training"));
    free(configs);
    return ok;
}

static int run(const trm_words *words, void *given) {
    diagnose_options *o = given;
    trm_interrupt_catch(false);
    trm_error e = {0};
    int worst = check_words(words, o, &e) ? TRM_EXIT_DONE : trm_report_input_error(&e);
    o->episodes = o->episodes < 0 ? TRAINED : o->episodes;
    if (words->plain_count == 0 && worst == TRM_EXIT_DONE)
        worst = diagnose("maze", words, o);
    for (int i = 0; i < words->plain_count && worst <= TRM_EXIT_FAILED; i++) {
        if (i > 0 && !o->json)
            fputs("\n\n", stdout);
        const int status = diagnose(words->plain[i], words, o);
        worst = status > worst ? status : worst;
    }
    return trm_report_finish(worst);
}

const trm_command trm_command_diagnose = {
    .name = "diagnose",
    .summary = "find out what keeps a training from learning",
    .words = "[PRESET|CONFIG|RUN|MODEL...]",
    .about =
        "Measures random play and the best play, then the policy (has it collapsed, are units "
        "dead, does it look at the state?), the gradient (against finite differences, by layer and "
        "by cycle), whether that gradient follows the returns, and a short training of --episodes "
        "N episodes (0: none). For a supervised model it examines the data (are the answers all "
        "the same, empty, or known from training?), whether the model's answers vary, beat one "
        "constant answer and improve from step to step, keep what is given, how far each step "
        "moves "
        "the state, whether the halting head is calibrated, and its units and gradient. Each "
        "finding "
        "says what is wrong, how it was seen, and what to do. Runs and models are examined with "
        "their weights, presets and configurations with new ones. Without a word: maze. Nothing is "
        "written. --json prints one object per word.",
    .examples = (const char *const[]){"trm diagnose original-maze",
                                      "trm diagnose maze train.lr=0.1 --episodes 300",
                                      "trm diagnose runs/maze-3 --strict --json", NULL},
    .options = options,
    .options_size = sizeof(diagnose_options),
    .defaults = &(diagnose_options){.episodes = -1},
    .words_max = SUBJECTS,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};

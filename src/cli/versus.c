// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/versus.h"

#include "cli/commands.h"
#include "cli/common/environment.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/agent/subject.h"
#include "trm/run/checkpoint.h"
#include "trm/run/course.h"

typedef struct versus_options {
    trm_display display;
} versus_options;

static const trm_option options[] = {
    TRM_SHARED_DISPLAY(versus_options),
    {0},
};

typedef struct pair {
    trm_model *models[2];
    trm_config configs[2];
    trm_env *env;         // the first one's; NULL: both answer samples
    trm_dataset *sets[2]; // the first one's held-out samples, as each is shown them
} pair;

enum { SAMPLES = 100, ASKED = 1000000 };

// A game is for boards that at least one of them plays; two that answer are put on samples.
static bool answer(const pair *p) {
    return trm_config_supervised(&p->configs[0]) && trm_config_supervised(&p->configs[1]);
}

static bool load_samples(pair *p, const trm_words *words, trm_error *e) {
    for (int i = 0; i < 2; i++) {
        trm_config c = p->configs[0];
        c.model = p->configs[i].model;
        p->sets[i] = trm_run_test_samples(&c, c.data.asked ? ASKED : SAMPLES, e);
        if (!p->sets[i])
            return false;
        if (!trm_subject_answers(p->models[i], p->sets[i], e))
            return trm_error_prefix(e, "%s, on the samples of %s", words->plain[i],
                                    words->plain[0]);
    }
    return true;
}

static bool load_board(pair *p, const trm_words *words, trm_error *e) {
    p->env = trm_environment_played(words->plain[0], p->models[0], &p->configs[0], e);
    if (!p->env)
        return false;
    trm_env *second = trm_environment_shared(words->plain[1], p->models[1], &p->configs[1],
                                             trm_env_get_config(p->env), e);
    bool alike = second && trm_env_get_config(second)->placed_given ==
                               trm_env_get_config(p->env)->placed_given;
    if (second && !alike)
        trm_error_set(e, TRM_E_INPUT,
                      "%s and %s are shown placed digits in different ways "
                      "(env.placed_given); they cannot play the same board",
                      words->plain[0], words->plain[1]);
    trm_env_free(second);
    return alike;
}

static bool load(pair *p, const trm_words *words, trm_error *e) {
    for (int i = 0; i < 2; i++) {
        p->models[i] = trm_checkpoint_model(words->plain[i], words->overrides,
                                            words->override_count, &p->configs[i], e);
        if (!p->models[i])
            return false;
    }
    const unsigned uses = answer(p) ? TRM_USE_EVAL : TRM_USE_BOARD;
    const trm_config_asked asked[] = {{&p->configs[0], uses | TRM_USE_MODEL},
                                      {&p->configs[1], TRM_USE_MODEL}};
    return trm_config_check_words(asked, 2, words->overrides, words->override_count, e) &&
           (answer(p) ? load_samples : load_board)(p, words, e);
}

static int run(const trm_words *words, void *given) {
    const versus_options *o = given;
    trm_error e = {0};
    pair p = {0};
    int status = TRM_EXIT_DONE;
    if (!load(&p, words, &e) || !trm_options_terminal(&trm_command_versus, &e)) {
        status = trm_report_input_error(&e);
    } else {
        const trm_versus_options view = {.env = p.env,
                                         .models = {p.models[0], p.models[1]},
                                         .names = {words->plain[0], words->plain[1]},
                                         .board = p.env ? p.configs[0].seed : 0,
                                         .sets = {p.sets[0], p.sets[1]},
                                         .configs = {&p.configs[0], &p.configs[1]},
                                         TRM_DISPLAY_FIELDS(o->display)};
        if (!trm_versus_run(&view, &e))
            status = trm_report_error(&e);
    }
    trm_env_free(p.env);
    trm_dataset_free(p.sets[0]);
    trm_dataset_free(p.sets[1]);
    trm_model_free(p.models[0]);
    trm_model_free(p.models[1]);
    return status;
}

const trm_command trm_command_versus = {
    .name = "versus",
    .summary = "two models on one board or sample, side by side, cycle by cycle",
    .words = "MODEL MODEL",
    .about =
        "Two models play the same board from the same start, each taking its best action. Press d "
        "for the first step at which they choose differently, t to ask both about the same states, "
        "? for all keys. The environment is that of the first model, and seed=S chooses the board. "
        "Two models that answer samples are shown on the held-out samples of the first: their "
        "answers step by step, the cells in which they differ, and what is right.",
    .examples =
        (const char *const[]){"trm versus runs/maze-3 runs/maze-k5-3",
                              "trm versus maze maze seed=12", "trm versus sudoku9 sudoku9", NULL},
    .options = options,
    .options_size = sizeof(versus_options),
    .words_min = 2,
    .words_max = 2,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};

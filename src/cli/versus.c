// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/versus.h"

#include "cli/commands.h"
#include "cli/common/environment.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/run/checkpoint.h"

typedef struct versus_options {
    bool ascii, no_color, no_mouse;
} versus_options;

static const trm_option options[] = {
    {.name = "--ascii",
     .help = "draw with ASCII characters only",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(versus_options, ascii)},
    {.name = "--no-color",
     .help = "no colours (as the variable NO_COLOR)",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(versus_options, no_color)},
    {.name = "--no-mouse",
     .help = "leave the mouse to the terminal",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(versus_options, no_mouse)},
    {0},
};

typedef struct pair {
    trm_model *models[2];
    trm_config configs[2];
    trm_env *env; // the first one's
} pair;

static bool load(pair *p, const trm_words *words, trm_error *e) {
    for (int i = 0; i < 2; i++) {
        p->models[i] = trm_checkpoint_model(words->plain[i], words->overrides,
                                            words->override_count, &p->configs[i], e);
        if (p->models[i] == NULL) {
            return false;
        }
    }
    const trm_config_asked asked[] = {{&p->configs[0], TRM_USE_BOARD | TRM_USE_MODEL},
                                      {&p->configs[1], TRM_USE_MODEL}};
    if (!trm_config_check_words(asked, 2, words->overrides, words->override_count, e)) {
        return false;
    }
    p->env = trm_environment_for(words->plain[0], p->models[0], &p->configs[0], e);
    if (p->env == NULL) {
        return false;
    }
    trm_env *second = trm_environment_shared(words->plain[1], p->models[1], &p->configs[1],
                                             trm_env_get_config(p->env), e);
    bool alike = second != NULL && trm_env_get_config(second)->placed_given ==
                                       trm_env_get_config(p->env)->placed_given;
    if (second != NULL && !alike) {
        trm_error_set(e, TRM_E_INPUT,
                      "%s and %s see placed digits otherwise (env.placed_given): they cannot be "
                      "asked about one board",
                      words->plain[0], words->plain[1]);
    }
    trm_env_free(second);
    return alike;
}

static int versus(const trm_words *words, const versus_options *o) {
    trm_error e = {0};
    pair p = {0};
    int status = TRM_EXIT_DONE;
    if (!load(&p, words, &e) || !trm_versus_possible(&e)) {
        status = trm_report_input_error(&e);
    } else {
        const trm_versus_options view = {.env = p.env,
                                         .models = {p.models[0], p.models[1]},
                                         .names = {words->plain[0], words->plain[1]},
                                         .board = p.configs[0].seed,
                                         .ascii = o->ascii,
                                         .color = trm_options_color(o->no_color),
                                         .mouse = !o->no_mouse};
        if (!trm_versus_run(&view, &e)) {
            status = trm_report_error(&e);
        }
    }
    trm_env_free(p.env);
    trm_model_free(p.models[0]);
    trm_model_free(p.models[1]);
    return status;
}

static int run(const trm_command *command, int argc, char **argv) {
    versus_options o = {0};
    trm_words words;
    int status = trm_options_parse(command, argc, argv, &o, &words);
    if (status != TRM_OPTIONS_GO) {
        return status;
    }
    status = versus(&words, &o);
    trm_words_free(&words);
    return status;
}

const trm_command trm_command_versus = {
    .name = "versus",
    .summary = "two models on one board, side by side, cycle by cycle",
    .usage = "versus MODEL MODEL [key=value...]",
    .about = "Opens a view in which both models play the same board from the same start, each\n"
             "greedily. d goes to the first step at which they choose otherwise; t asks both\n"
             "about the same states; ? shows the keys. The environment is the first one's, and\n"
             "seed=S chooses the board. A MODEL is a run's folder, a checkpoint, or bare weights\n"
             "in safetensors form; what those cannot tell is a key=value word.",
    .example = "  trm versus runs/maze-3 runs/maze-k5-3\n"
               "  trm versus runs/a runs/b seed=12",
    .options = options,
    .words_min = 2,
    .words_max = 2,
    .overrides = true,
    .run = run,
};

// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/common/environment.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "cli/common/state_file.h"
#include "cli/probe/answers.h"
#include "cli/probe/print.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/model/inspect.h"
#include "trm/nn/categorical.h"
#include "trm/run/checkpoint.h"

enum { SAMPLES_MAX = 1000000 };

typedef struct probe_options {
    const char *state;
    const char *prev_action;
    const char *mask;
    int64_t k;
    int64_t sample; // 0: not said
    bool json, no_feedback, no_carry, gradient;
} probe_options;

static const trm_option options[] = {
    {.name = "--state",
     .value = "FILE",
     .help = "observations: a JSON array of numbers, or of such arrays; - is standard input",
     .kind = TRM_OPTION_TEXT,
     .offset = offsetof(probe_options, state)},
    {.name = "--sample",
     .value = "N",
     .help = "held-out sample number N of a supervised model's data set, counted from 1",
     .kind = TRM_OPTION_COUNT,
     .offset = offsetof(probe_options, sample),
     .min = 1,
     .max = SAMPLES_MAX},
    {.name = "--prev-action",
     .value = "A",
     .help = "the previous action, counted from 0",
     .fallback = "none, as on a first step",
     .kind = TRM_OPTION_TEXT,
     .offset = offsetof(probe_options, prev_action)},
    {.name = "--k",
     .value = "N",
     .help = "run N cycles",
     .fallback = "as many as in training",
     .kind = TRM_OPTION_COUNT,
     .offset = offsetof(probe_options, k),
     .min = 1,
     .max = TRM_CYCLES_MAX},
    {.name = "--no-feedback",
     .help = "leave out the feedback from the L level to the H level",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(probe_options, no_feedback)},
    {.name = "--no-carry",
     .help = "leave out the carry from cycle to cycle",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(probe_options, no_carry)},
    {.name = "--mask",
     .value = "UNITS",
     .help = "hold these units at 0, counted from 0: h:12,l:3",
     .kind = TRM_OPTION_TEXT,
     .offset = offsetof(probe_options, mask)},
    {.name = "--gradient",
     .help = "add d logits / d h (and l) of the last cycle to the JSON, one row per action",
     .kind = TRM_OPTION_FLAG,
     .offset = offsetof(probe_options, gradient)},
    TRM_SHARED_JSON(probe_options),
    {0},
};

// A model ready to be asked, one sample at a time.
typedef struct probe {
    const trm_model *model;
    const trm_env *env; // NULL where none fits: then actions have numbers, no names
    trm_workspace *workspace;
    trm_trace_shape shape;
    float *trace;
    float *gradient[2];  // [A, H] and [A, L] of the last cycle; NULL: not wanted, or not told
    int32_t prev_action; // -1: none
} probe;

// Logits of the last cycle decide.
static int32_t chosen(const probe *p) {
    const float *logits = trm_trace_logits(&p->shape, p->trace, p->shape.cycles - 1);
    return trm_categorical_argmax(logits, p->shape.actions);
}

static void print_gradient(const char *name, const float *rows, int32_t actions, int32_t units) {
    if (rows == NULL) {
        return;
    }
    printf(",\"%s\":[", name);
    for (int32_t a = 0; a < actions; a++) {
        fputs(a > 0 ? "," : "", stdout);
        trm_probe_print_values(rows + (size_t)a * (size_t)units, units);
    }
    putchar(']');
}

static void print_json(const probe *p) {
    const trm_trace_shape *s = &p->shape;
    fputs("{\"cycles\":", stdout);
    trm_probe_print_cycles(s, p->trace);
    printf(",\"action\":%d", chosen(p));
    print_gradient("gradient", p->gradient[0], s->actions, s->h);
    print_gradient("gradient_l", p->gradient[1], s->actions, s->l);
    puts("}");
}

static void action_name(const probe *p, int32_t action, char out[16]) {
    if (p->env != NULL) {
        trm_env_action_name(p->env, action, out);
    } else {
        trm_text_format(out, 16, "%d", action);
    }
}

// The most probable actions of a cycle, best first.
static void print_reading(const probe *p, const float *probs) {
    enum { SHOWN = 4 };
    int32_t order[SHOWN];
    int32_t n = 0;
    for (int32_t a = 0; a < p->shape.actions; a++) {
        int32_t at = n;
        while (at > 0 && probs[a] > probs[order[at - 1]]) {
            at--;
        }
        n = n < SHOWN ? n + 1 : n;
        for (int32_t i = n - 1; i > at; i--) {
            order[i] = order[i - 1];
        }
        if (at < SHOWN) {
            order[at] = a;
        }
    }
    for (int32_t i = 0; i < n; i++) {
        char name[16];
        action_name(p, order[i], name);
        printf("  %-8s %.4f", name, (double)probs[order[i]]);
    }
}

static void print_table(const probe *p, size_t number, size_t count) {
    if (count > 1) {
        printf("%sstate %zu\n", number > 0 ? "\n" : "", number + 1);
    }
    for (int32_t c = 0; c < p->shape.cycles; c++) {
        printf("%s %d", p->shape.cycle_name, c + 1);
        if (c >= p->shape.first_logits) {
            print_reading(p, trm_trace_probs(&p->shape, p->trace, c));
        }
        if (p->shape.halts) {
            printf("  halt %.4f", (double)*trm_trace_halt(&p->shape, p->trace, c));
        }
        putchar('\n');
    }
    char name[16];
    action_name(p, chosen(p), name);
    printf("action %d  %s\n", chosen(p), p->env != NULL ? name : "");
}

static void ask(const probe *p, trm_mat state) {
    trm_model_forward(p->model, p->workspace, 0, state, &p->prev_action);
    trm_model_trace(p->model, p->workspace, 0, p->trace);
    for (int i = 0; i < 2; i++) {
        if (p->gradient[i] != NULL) {
            const trm_trace_shape *s = &p->shape;
            trm_model_head_gradient(p->model, s, state.data, p->trace, 0, s->actions,
                                    i == 0 ? 0 : s->h, i == 0 ? s->h : s->l, p->gradient[i]);
        }
    }
}

static bool read_action(const char *text, int32_t actions, int32_t *action, trm_error *e) {
    int64_t number = -1;
    if (text == NULL) {
        *action = -1;
        return true;
    }
    if (!trm_text_to_i64(text, &number) || number < 0 || number >= actions) {
        return trm_error_set(e, TRM_E_INPUT, "--prev-action %s: the actions are 0 to %d", text,
                             actions - 1);
    }
    *action = (int32_t)number;
    return true;
}

// A workspace whose forwards are the model's own where nothing else was asked for; NULL: it cannot
// do what was.
static trm_workspace *workspace_for(const trm_model *model, const probe_options *o, trm_error *e) {
    const trm_interventions can = trm_model_interventions(model);
    trm_workspace *w = trm_workspace_new_inspect(model, 1, TRM_CYCLES_MAX);
    trm_intervention i = {
        .cycles = (int32_t)o->k, .no_feedback = o->no_feedback, .no_carry = o->no_carry};
    uint8_t *h_held = trm_alloc((size_t)can.h + 1, 1);
    uint8_t *l_held = trm_alloc((size_t)can.l + 1, 1);
    bool ok = true;
    if (o->mask != NULL) {
        ok = trm_held_parse(model, o->mask, h_held, l_held, e) || trm_error_prefix(e, "--mask");
        i.h_held = can.h > 0 ? h_held : NULL;
        i.l_held = can.l > 0 ? l_held : NULL;
    }
    bool any = o->k > 0 || o->no_feedback || o->no_carry || o->mask != NULL;
    if (ok && any) {
        ok = trm_workspace_intervene(model, w, &i, e);
    }
    free(h_held);
    free(l_held);
    if (!ok) {
        trm_workspace_free(w);
        w = NULL;
    }
    return w;
}

// Room for a level's gradient, where the head reads it.
static void want_gradient(probe *p, int which, int32_t first, int32_t units) {
    float one;
    size_t size = (size_t)trm_model_get_config(p->model)->state_dim;
    float *x = trm_alloc(size, sizeof *x);
    if (units > 0 &&
        trm_model_head_gradient(p->model, &p->shape, x, p->trace, 0, 1, first, 1, &one)) {
        p->gradient[which] = trm_alloc((size_t)p->shape.actions * (size_t)units, sizeof(float));
    }
    free(x);
}

static bool plan(probe *p, const probe_options *o, trm_error *e) {
    p->workspace = workspace_for(p->model, o, e);
    if (p->workspace == NULL) {
        return false;
    }
    p->shape = trm_workspace_trace_shape(p->model, p->workspace);
    p->trace = trm_alloc((size_t)trm_trace_size(&p->shape), sizeof *p->trace);
    if (!o->gradient) {
        return true;
    }
    want_gradient(p, 0, 0, p->shape.h);
    want_gradient(p, 1, p->shape.h, p->shape.l);
    return p->gradient[0] != NULL || p->gradient[1] != NULL ||
           trm_error_set(e, TRM_E_INPUT, "--gradient: a model of type %s has none to show",
                         trm_model_get_config(p->model)->type);
}

static int answer(const trm_model *model, const trm_env *env, const probe_options *o) {
    const trm_model_config *m = trm_model_get_config(model);
    trm_error e = {0};
    float *states = NULL;
    size_t count = 0;
    probe p = {.model = model, .env = env};
    int status = TRM_EXIT_DONE;
    if (!read_action(o->prev_action, m->action_dim, &p.prev_action, &e) ||
        !trm_state_file_read(o->state, m->state_dim, &states, &count, &e)) {
        return trm_report_input_error(&e);
    }
    if (!plan(&p, o, &e)) {
        status = trm_report_input_error(&e);
        count = 0;
    }
    for (size_t i = 0; i < count && !ferror(stdout); i++) {
        ask(&p, trm_mat_of(states + i * (size_t)m->state_dim, 1, m->state_dim));
        if (o->json) {
            print_json(&p);
        } else {
            print_table(&p, i, count);
        }
    }
    trm_workspace_free(p.workspace);
    free(p.trace);
    free(p.gradient[0]);
    free(p.gradient[1]);
    free(states);
    return trm_report_finish(status);
}

// What was asked for and would change nothing; NULL: nothing is.
static const char *idle_option(const trm_model *model, const probe_options *o, const char **why) {
    if (o->gradient && !o->json) {
        *why = "it is printed with --json";
        return "--gradient";
    }
    if (o->prev_action != NULL && !trm_model_interventions(model).prev_action) {
        *why = "the model does not see the previous action";
        return "--prev-action";
    }
    return NULL;
}

static int probe_policy(const char *path, const trm_model *model, const trm_config *c,
                        const probe_options *o) {
    trm_error e = {0};
    const char *why;
    const char *idle = idle_option(model, o, &why);
    if (o->sample > 0) {
        trm_error_set(&e, TRM_E_INPUT, "--sample: %s plays in an environment; use --state FILE",
                      path);
        return trm_report_input_error(&e);
    }
    if (idle != NULL) {
        return trm_report_no_effect(idle, why);
    }
    // Only for the actions' names: a model may be asked without an environment that fits.
    trm_env *env = trm_environment_for(path, model, c, &e);
    int status = answer(model, env, o);
    trm_env_free(env);
    return status;
}

static int probe_answers(const char *path, const trm_model *model, const trm_config *c,
                         const probe_options *o) {
    trm_error e = {0};
    const char *odd = o->prev_action != NULL ? "--prev-action" : o->gradient ? "--gradient" : NULL;
    if (odd != NULL) {
        trm_error_set(&e, TRM_E_INPUT, "%s is for models that act; %s answers a data set", odd,
                      path);
        return trm_report_input_error(&e);
    }
    trm_workspace *w = workspace_for(model, o, &e);
    int status = w != NULL ? trm_probe_answers(model, w, c, o->state, o->sample, o->json)
                           : trm_report_input_error(&e);
    trm_workspace_free(w);
    return status;
}

static int run(const trm_command *command, int argc, char **argv) {
    probe_options o = {0};
    trm_words words;
    int status = trm_options_parse(command, argc, argv, &o, &words);
    if (status != TRM_OPTIONS_GO) {
        return status;
    }
    trm_error e = {0};
    trm_config c;
    trm_model *model = NULL;
    const char *path = words.plain[0];
    // With a state from elsewhere nothing is drawn.
    const trm_config_asked asked = {&c,
                                    o.sample > 0 ? TRM_USE_EVAL | TRM_USE_MODEL : TRM_USE_MODEL};
    if ((o.state == NULL) == (o.sample == 0)) {
        char usage[TRM_USAGE];
        status = trm_report_usage("probe needs --state FILE or --sample N; usage: trm %s",
                                  trm_command_usage(command, usage));
    } else if ((model = trm_checkpoint_model(path, words.overrides, words.override_count, &c,
                                             &e)) == NULL ||
               !trm_config_check_words(&asked, 1, words.overrides, words.override_count, &e)) {
        status = trm_report_input_error(&e);
    } else {
        status = (trm_config_supervised(&c) ? probe_answers : probe_policy)(path, model, &c, &o);
    }
    trm_model_free(model);
    trm_words_free(&words);
    return status;
}

const trm_command trm_command_probe = {
    .name = "probe",
    .summary = "show what a model thinks of a state, cycle by cycle",
    .words = "MODEL --state FILE|--sample N",
    .about =
        "Runs the model on observations and prints what it would do after every cycle. The JSON, "
        "one object per state, has for each cycle the H level before it goes down to L (h_mid), "
        "the L level (l), the H level after (h), and the head's logits and probabilities, as "
        "numbers that read back exactly; it leaves out what an architecture does not have. --k, "
        "--no-feedback, --no-carry and --mask run the model in another way than it was trained. A "
        "supervised model prints its answer position by position, with wrong ones marked x. If a "
        "file of weights does not say what the model is, key=value words do.",
    .examples =
        (const char *const[]){
            "trm probe runs/maze-3 --state state.json --prev-action 3",
            "trm probe runs/maze-3 --state state.json --k 6 --mask h:12,l:3",
            "trm probe sudoku9 --sample 7",
            "trm probe weights.safetensors --state - --json model.k_cycles=4 < state.json", NULL},
    .options = options,
    .words_min = 1,
    .words_max = 1,
    .overrides = true,
    .run = run,
};

// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/common/environment.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "cli/common/state_file.h"
#include "cli/probe/activations.h"
#include "cli/probe/answers.h"
#include "cli/probe/board.h"
#include "cli/probe/print.h"
#include "trm/agent/agent.h"
#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/checkpoint.h"

enum { SAMPLES_MAX = 1000000 };

typedef struct probe_options {
    const char *state, *board;
    const char *activations;
    const char *prev_action;
    const char *mask;
    int64_t k, h_cycles, l_cycles; // 0: not said
    int64_t sample;                // 0: not said
    bool json, no_feedback, no_carry, no_prefix, gradient;
} probe_options;

static const trm_option options[] = {
    TRM_TEXT(probe_options, state, "--state", "FILE",
             "observations: a JSON array of numbers (tokens for a model that reads them), or of "
             "such arrays; - is standard input",
             NULL),
    TRM_TEXT(probe_options, board, "--board", "PUZZLE|FILE",
             "a sudoku in one line, digits and dots, or a file: such a line, or a maze in rows of "
             "# . S G",
             NULL),
    TRM_COUNT(probe_options, sample, "--sample",
              "held-out sample number N of a supervised model's data set, counted from 1", 1,
              SAMPLES_MAX, NULL),
    TRM_TEXT(probe_options, prev_action, "--prev-action", "A",
             "the previous action, counted from 0", "none, as on a first step"),
    TRM_COUNT(probe_options, k, "--k", "run N cycles", 1, TRM_CYCLES_MAX, "as many as in training"),
    TRM_COUNT(probe_options, h_cycles, "--h-cycles", "run N H cycles in every step", 1,
              TRM_CYCLES_MAX, "as many as in training"),
    TRM_COUNT(probe_options, l_cycles, "--l-cycles", "run N L cycles in every H cycle", 1,
              TRM_CYCLES_MAX, "as many as in training"),
    TRM_FLAG(probe_options, no_feedback, "--no-feedback",
             "leave out the feedback from the L level to the H level"),
    TRM_FLAG(probe_options, no_carry, "--no-carry", "leave out the carry from cycle to cycle"),
    TRM_FLAG(probe_options, no_prefix, "--no-prefix", "give the prefix tokens nothing"),
    TRM_TEXT(probe_options, mask, "--mask", "UNITS",
             "hold these units at 0, counted from 0: h:12,l:3", NULL),
    TRM_FLAG(probe_options, gradient, "--gradient",
             "add d logits / d h (and l) of the last cycle to the JSON, one row per action"),
    TRM_SHARED_ACTIVATIONS(probe_options),
    TRM_SHARED_JSON(probe_options),
    {0},
};

// A model ready to be asked, one sample at a time.
typedef struct probe {
    trm_agent *agent;
    const trm_env *env; // NULL where none fits: then actions have numbers, no names
    char *state;        // of the environment; NULL: it masks nothing
    bool *legal;        // [A] what may be done there; NULL: likewise
    trm_reading reading;
    float *gradient[2];  // [A, H] and [A, L] of the last cycle; NULL: not wanted, or not told
    int32_t prev_action; // -1: none
} probe;

static void print_gradient(const char *name, const float *rows, int32_t actions, int32_t units) {
    if (rows == NULL)
        return;
    printf(",\"%s\":[", name);
    for (int32_t a = 0; a < actions; a++) {
        fputs(a > 0 ? "," : "", stdout);
        trm_probe_print_values(rows + (size_t)a * (size_t)units, units);
    }
    putchar(']');
}

static void print_json(const probe *p) {
    const trm_trace_shape *s = p->reading.shape;
    fputs("{\"cycles\":", stdout);
    trm_probe_print_cycles(&p->reading);
    printf(",\"action\":%d", trm_reading_best(&p->reading, s->cycles - 1));
    if (p->reading.legal != NULL) {
        fputs(",\"legal\":[", stdout);
        for (int32_t a = 0; a < s->actions; a++)
            printf("%s%s", a > 0 ? "," : "", p->reading.legal[a] ? "true" : "false");
        putchar(']');
    }
    print_gradient("gradient", p->gradient[0], s->actions, s->h);
    print_gradient("gradient_l", p->gradient[1], s->actions, s->l);
    puts("}");
}

// Where the head would rather do what may not be done.
static void print_refused(const probe *p) {
    const trm_reading raw = {.shape = p->reading.shape, .trace = p->reading.trace};
    const int32_t last = raw.shape->cycles - 1, best = trm_reading_best(&raw, last);
    char text[96];
    if (p->reading.legal == NULL || p->reading.legal[best])
        return;
    trm_words_not_allowed(p->env, p->state, &p->reading, best, text, sizeof text);
    printf("raw %.4f  %s\n", (double)trm_reading_raw(&raw, last, best), text);
}

static void print_table(const probe *p, size_t number, size_t count) {
    const trm_trace_shape *s = p->reading.shape;
    if (count > 1)
        printf("%sstate %zu\n", number > 0 ? "\n" : "", number + 1);
    for (int32_t c = 0; c < s->cycles; c++) {
        printf("%s %d", trm_words_of_trace(s)->cycle, c + 1);
        if (c >= s->first_logits)
            trm_probe_print_reading(p->env, &p->reading, c, false);
        if (s->halts)
            printf("  halt %.4f", (double)*trm_trace_halt(s, p->reading.trace, c));
        putchar('\n');
    }
    char name[16];
    const int32_t best = trm_reading_best(&p->reading, s->cycles - 1);
    trm_probe_action_name(p->env, best, name);
    printf("action %d  %s\n", best, p->env != NULL ? name : "");
    print_refused(p);
}

// What may be done follows from the input where the environment masks and knows it.
static void know_mask(probe *p, const float *input) {
    const bool known = p->state != NULL && trm_env_restore(p->env, input, p->state);
    p->reading.legal = known && trm_agent_legal(p->env, p->state, p->legal) ? p->legal : NULL;
}

static void ask(probe *p, const float *input) {
    const trm_trace_shape *s = p->reading.shape;
    trm_agent_inspect_input(p->agent, input, p->prev_action, p->reading.trace);
    know_mask(p, input);
    for (int i = 0; i < 2; i++) {
        if (p->gradient[i] != NULL) {
            trm_model_head_gradient(p->agent->model, s, input, p->reading.trace, 0, s->actions,
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

// An agent that runs the model as it is where nothing else was asked for. False: it cannot do what
// was.
static bool open_agent(trm_agent *agent, const trm_model *model, const probe_options *o,
                       trm_error *e) {
    const trm_interventions can = trm_model_interventions(model);
    trm_agent_intervention i = {.model = {.cycles = (int32_t)o->k,
                                          .h_cycles = (int32_t)o->h_cycles,
                                          .l_cycles = (int32_t)o->l_cycles,
                                          .no_feedback = o->no_feedback,
                                          .no_carry = o->no_carry,
                                          .no_prefix = o->no_prefix}};
    uint8_t *h_held = trm_alloc((size_t)can.h + 1, 1);
    uint8_t *l_held = trm_alloc((size_t)can.l + 1, 1);
    bool ok = true;
    trm_agent_init_inspect(agent, NULL, model, TRM_CYCLES_MAX);
    if (o->mask != NULL) {
        ok = trm_held_parse(model, o->mask, h_held, l_held, e) || trm_error_prefix(e, "--mask");
        i.model.h_held = can.h > 0 ? h_held : NULL;
        i.model.l_held = can.l > 0 ? l_held : NULL;
    }
    const bool any = o->k > 0 || o->h_cycles > 0 || o->l_cycles > 0 || o->no_feedback ||
                     o->no_carry || o->no_prefix || o->mask != NULL;
    ok = ok && (!any || trm_agent_intervene(agent, &i, e));
    free(h_held);
    free(l_held);
    if (!ok)
        trm_agent_done(agent);
    return ok;
}

// Room for a level's gradient, where the head reads it.
static void want_gradient(probe *p, int which, int32_t first, int32_t units) {
    const trm_model *model = p->agent->model;
    const trm_trace_shape *s = p->reading.shape;
    float one;
    float *x = trm_alloc((size_t)trm_model_get_config(model)->state_dim, sizeof *x);
    if (units > 0 && trm_model_head_gradient(model, s, x, p->reading.trace, 0, 1, first, 1, &one))
        p->gradient[which] = trm_alloc((size_t)s->actions * (size_t)units, sizeof(float));
    free(x);
}

static bool plan(probe *p, const probe_options *o, trm_error *e) {
    const trm_trace_shape *s = &p->agent->shape;
    p->reading = (trm_reading){.shape = s};
    p->reading.trace = trm_alloc((size_t)trm_trace_size(s), sizeof(float));
    if (p->env != NULL && trm_agent_masks(p->env)) {
        p->state = trm_alloc(1, trm_env_state_size(p->env));
        p->legal = trm_alloc((size_t)s->actions, sizeof *p->legal);
    }
    if (!o->gradient)
        return true;
    want_gradient(p, 0, 0, s->h);
    want_gradient(p, 1, s->h, s->l);
    return p->gradient[0] != NULL || p->gradient[1] != NULL ||
           trm_error_set(e, TRM_E_INPUT,
                         "--gradient: a model of type %s has no state to show it of: leave it out",
                         trm_model_get_config(p->agent->model)->type);
}

static void close_probe(probe *p) {
    free(p->reading.trace);
    free(p->state);
    free(p->legal);
    free(p->gradient[0]);
    free(p->gradient[1]);
}

// One board's, or those of a file.
static bool read_states(const probe_options *o, const trm_env *env, int32_t dim, float **states,
                        size_t *count, trm_error *e) {
    if (o->board == NULL)
        return trm_state_file_read(o->state, dim, states, count, e);
    *states = trm_probe_start(env, o->board, e);
    *count = *states != NULL;
    return *states != NULL;
}

static int answer(trm_agent *agent, const trm_env *env, const probe_options *o) {
    const trm_model_config *m = trm_model_get_config(agent->model);
    trm_error e = {0};
    float *states = NULL;
    size_t count = 0;
    probe p = {.agent = agent, .env = env};
    int status = TRM_EXIT_DONE;
    if (!read_action(o->prev_action, m->action_dim, &p.prev_action, &e) ||
        !read_states(o, env, m->state_dim, &states, &count, &e))
        return trm_report_input_error(&e);
    if (!plan(&p, o, &e)) {
        status = trm_report_input_error(&e);
        count = 0;
    }
    if (count > 0 && o->activations != NULL && !trm_activations_one(count, &e)) {
        status = trm_report_input_error(&e);
        count = 0;
    }
    for (size_t i = 0; i < count && !ferror(stdout); i++) {
        ask(&p, states + i * (size_t)m->state_dim);
        if (o->json)
            print_json(&p);
        else
            print_table(&p, i, count);
        if (o->activations != NULL &&
            !trm_activations_write(p.agent, p.reading.trace, o->activations, &e))
            status = trm_report_input_error(&e);
    }
    close_probe(&p);
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

// The environment is there for the actions' names and for what may be done: a model may be asked
// without one that fits.
static int probe_policy(const char *path, const trm_model *model, const trm_config *c,
                        const probe_options *o) {
    trm_error e = {0};
    const char *why;
    const char *idle = idle_option(model, o, &why);
    if (o->sample > 0) {
        trm_error_set(&e, TRM_E_INPUT,
                      "--sample: %s plays in an environment; use --board FILE or --state FILE",
                      path);
        return trm_report_input_error(&e);
    }
    if (idle != NULL)
        return trm_report_no_effect(idle, why);
    trm_agent agent;
    if (!open_agent(&agent, model, o, &e))
        return trm_report_input_error(&e);
    trm_env *env = trm_environment_for(path, model, c, &e);
    const int status =
        env == NULL && o->board != NULL ? trm_report_input_error(&e) : answer(&agent, env, o);
    trm_env_free(env);
    trm_agent_done(&agent);
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
    trm_agent agent;
    if (!open_agent(&agent, model, o, &e))
        return trm_report_input_error(&e);
    const trm_answer_request request = {.config = c,
                                        .state = o->state,
                                        .board = o->board,
                                        .sample = o->sample,
                                        .activations = o->activations,
                                        .json = o->json};
    const int status = trm_probe_answers(&agent, &request);
    trm_agent_done(&agent);
    return status;
}

static int run(const trm_words *words, void *given) {
    const probe_options *o = given;
    int status;
    trm_error e = {0};
    trm_config c;
    trm_model *model = NULL;
    const char *path = words->plain[0];
    // With a state from elsewhere nothing is drawn.
    const trm_config_asked asked = {&c,
                                    o->sample > 0 ? TRM_USE_EVAL | TRM_USE_MODEL : TRM_USE_MODEL};
    if ((o->state != NULL) + (o->sample > 0) + (o->board != NULL) != 1) {
        char usage[TRM_USAGE];
        status = trm_report_usage("probe needs one of --state FILE, --sample N and --board PUZZLE; "
                                  "usage: trm %s",
                                  trm_command_usage(&trm_command_probe, usage));
    } else if ((o->activations != NULL && !trm_activations_named(o->activations, &e)) ||
               (model = trm_checkpoint_model(path, words->overrides, words->override_count, &c,
                                             &e)) == NULL ||
               !trm_config_check_words(&asked, 1, words->overrides, words->override_count, &e)) {
        status = trm_report_input_error(&e);
    } else {
        const bool answers = trm_config_supervised(&c) || trm_arch_reads_tokens(c.model.type);
        status = (answers ? probe_answers : probe_policy)(path, model, &c, o);
    }
    trm_model_free(model);
    return status;
}

const trm_command trm_command_probe = {
    .name = "probe",
    .summary = "show what a model thinks of a state, cycle by cycle",
    .words = "MODEL --state F|--board B|--sample N",
    .about =
        "Runs the model on observations and prints what it would do after every cycle. The JSON, "
        "one object per state, has for each cycle the H level before it goes down to L (h_mid), "
        "the L level (l), the H level after (h), and the head's logits and probabilities, as "
        "numbers that read back exactly; it leaves out what an architecture does not have. Where "
        "actions that change nothing are masked, legal says which are allowed and masked has their "
        "probabilities among themselves. --k, --h-cycles, --l-cycles, --no-feedback, --no-carry, "
        "--no-prefix and --mask run the model in another way than it was trained. A supervised "
        "model prints its answer position by "
        "position, with wrong ones marked x. " TRM_ACTIVATIONS_HELP
        "If a file of weights does not say what the model is, "
        "key=value words do.",
    .examples =
        (const char *const[]){
            "trm probe runs/maze-3 --state state.json --prev-action 3",
            "trm probe runs/maze-3 --state state.json --k 6 --mask h:12,l:3",
            "trm probe sudoku9 --sample 7", "trm probe maze33 --board maze.txt env.size=7",
            "trm probe sudoku4 --board 1...2....3.....4 --activations all.npy",
            "trm probe weights.safetensors --state - --json model.k_cycles=4 < state.json", NULL},
    .options = options,
    .options_size = sizeof(probe_options),
    .words_min = 1,
    .words_max = 1,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};

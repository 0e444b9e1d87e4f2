// SPDX-License-Identifier: Apache-2.0
#include "cli/diagnose/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/report.h"
#include "cli/probe/print.h"
#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "trm/nn/blas.h"

enum { INDENT = 9, NAMES = 16 };

static void print_finding(const trm_finding *f) {
    static const char *const marks[] = {"ok", "NOTE", "FAULT"};
    printf("  %-5s  %s\n%*s", marks[f->severity], f->title, INDENT, "");
    trm_report_wrapped(stdout, f->seen, INDENT);
    if (f->advice[0] != '\0') {
        printf("%*s-> ", INDENT, "");
        trm_report_wrapped(stdout, f->advice, INDENT + 3);
    }
}

// A finding is printed in the section that it belongs to.
typedef struct section {
    const char *title;
    void (*numbers)(const trm_diagnosis *d);
    const char *const *checks; // ends with NULL
} section;

static bool holds(const section *s, const trm_finding *f) {
    for (const char *const *check = s->checks; *check != NULL; check++)
        if (strcmp(*check, f->check) == 0)
            return true;
    return false;
}

static void print_section(const section *s, const trm_diagnosis *d) {
    bool begun = false;
    for (int32_t i = 0; i < d->findings.count; i++) {
        if (!holds(s, &d->findings.items[i]))
            continue;
        if (!begun) {
            printf("\n%s\n", s->title);
            s->numbers(d);
            begun = true;
        }
        print_finding(&d->findings.items[i]);
    }
}

// ---- numbers ------------------------------------------------------------------------------------

static void print_play_head(void) {
    printf("  %-14s %8s %8s %8s %8s %8s %9s\n", "", "episodes", "success", "reward", "length",
           "no-op", "entropy");
}

static void print_play(const char *name, const trm_play *p) {
    char entropy[16] = "-";
    if (!isnan(p->entropy))
        trm_text_format(entropy, sizeof entropy, "%.1f %%", 100 * p->entropy);
    printf("  %-14s %8lld %6.1f %% %8.2f %8.1f %6.1f %% %9s\n", name, (long long)p->episodes,
           100 * p->success, p->reward, p->length, 100 * p->idle, entropy);
}

static void print_path(const trm_diagnosis *d) {
    enum { SHOWN = 24 };
    const trm_environment_diagnosis *x = &d->environment;
    char text[SHOWN * NAMES + 8];
    size_t used = 0;
    text[0] = '\0';
    for (int32_t i = 0; i < x->path_count && i < SHOWN; i++) {
        char name[NAMES];
        trm_env_action_name(d->env, x->path[i], name);
        used += trm_text_format(text + used, sizeof text - used, "%s%s", i > 0 ? " " : "", name);
    }
    if (x->path_count > SHOWN)
        trm_text_format(text + used, sizeof text - used, " ...");
    printf("  %-14s ", "best play");
    trm_report_wrapped(stdout, text, 17);
}

static void environment_numbers(const trm_diagnosis *d) {
    print_play_head();
    print_play("random play", &d->environment.random);
    if (d->environment.solvable)
        print_path(d);
}

static void policy_numbers(const trm_diagnosis *d) {
    const trm_policy_diagnosis *p = &d->policy;
    print_play_head();
    print_play(p->shape.q_values ? "best action" : "sampled", &p->sampled);
    print_play("greedy", &p->greedy);
    printf("  at the first state:\n");
    const trm_reading r = {.shape = &p->shape, .trace = p->first, .legal = p->legal};
    for (int32_t c = p->shape.first_logits; c < p->shape.cycles; c++) {
        char name[32];
        trm_text_format(name, sizeof name, "%s %d", trm_words_of_trace(&p->shape)->cycle, c + 1);
        printf("    %-12s", name);
        trm_probe_print_reading(d->env, &r, c, true);
        putchar('\n');
    }
}

// A layer's name is that of its tensors without ".weight" and ".bias".
static int layer_length(const char *tensor) {
    const char *dot = strrchr(tensor, '.');
    return dot != NULL ? (int)(dot - tensor) : (int)strlen(tensor);
}

static bool same_layer(const char *a, const char *b) {
    int length = layer_length(a);
    return length == layer_length(b) && strncmp(a, b, (size_t)length) == 0;
}

// The layer of tensor i, unless it was printed with a tensor before.
static void print_layer(const trm_gradient_diagnosis *g, int32_t i, int width) {
    const char *name = g->tensors[i].name;
    int length = layer_length(name);
    int64_t size = 0;
    double gradient = 0;
    double weights = 0;
    for (int32_t k = 0; k < g->tensor_count; k++) {
        const trm_gradient_tensor *t = &g->tensors[k];
        if (!same_layer(t->name, name))
            continue;
        if (k < i)
            return;
        size += t->size;
        gradient += t->norm * t->norm;
        weights += t->weight_norm * t->weight_norm;
    }
    char count[32];
    int cut = length > width ? length - width : 0;
    printf("  %-*.*s %10s %10.2e %10.2e\n", width, length - cut, name + cut,
           trm_text_thousands(count, size), sqrt(gradient), sqrt(weights));
}

static void gradient_numbers(const trm_diagnosis *d) {
    const trm_gradient_diagnosis *g = d->has_answers ? &d->answers.gradient : &d->gradient;
    int width = 14;
    for (int32_t i = 0; i < g->tensor_count; i++) {
        int length = layer_length(g->tensors[i].name);
        width = length > width ? length : width;
    }
    width = width > 42 ? 42 : width;
    printf("  %-*s %10s %10s %10s\n", width, "norms", "parameters", "gradient", "weights");
    for (int32_t i = 0; i < g->tensor_count; i++)
        print_layer(g, i, width);
    if (g->output_count < 2)
        return;
    printf("  the same loss read after each of the %d outputs:\n", g->output_count);
    for (int32_t o = 0; o < g->output_count; o++) {
        printf("    after %-2d  gradient %9.2e  cosine with the last %5.2f\n", o + 1,
               g->outputs[o].norm, g->outputs[o].cosine);
    }
}

static void print_percent(double share) {
    if (isnan(share))
        printf(" %12s", "");
    else
        printf(" %10.2f %%", 100 * share);
}

static void answer_numbers(const trm_diagnosis *d) {
    const trm_step_evaluation *x = &d->answers.evaluation;
    if (x->steps - x->first_read < 2)
        return;
    printf("  %-14s %12s %12s %12s %12s %12s\n", "held-out", "cells", "exact", "turned", "z moves",
           "says right");
    for (int32_t i = x->first_read; i < x->steps; i++) {
        const trm_step_score *s = &x->step[i];
        printf("  step %-9d %10.2f %% %10.2f %%", i + 1, 100 * s->cell_accuracy,
               100 * s->exact_accuracy);
        print_percent(s->turned);
        print_percent(s->moved);
        print_percent(s->halt_says);
        putchar('\n');
    }
}

static void no_numbers(const trm_diagnosis *d) {
    (void)d;
}

static void print_shares(const char *name, const trm_trend *t) {
    printf("  %-18s %10.1f %% %10.1f %%\n", name, 100 * t->first, 100 * t->last);
}

static void training_numbers(const trm_diagnosis *d) {
    const trm_training_diagnosis *t = &d->training;
    if (t->updates < 2)
        return;
    printf("  %-18s %12s %12s\n", "", "first fifth", "last fifth");
    printf("  %-18s %10.2f %12.2f\n", "reward", t->reward.first, t->reward.last);
    print_shares("success", &t->success);
    print_shares("entropy", &t->entropy);
    print_shares("no-op steps", &t->idle);
    printf("  %-18s %10.2e %12.2e\n", "gradient norm", t->grad_norm.first, t->grad_norm.last);
}

static const section sections[] = {
    {"DATA", no_numbers,
     (const char *const[]){"targets-constant", "targets-empty", "targets-ambiguous", "held-out",
                           NULL}},
    {"ANSWERS", answer_numbers,
     (const char *const[]){"constant-answer", "majority", "keeps-givens", "steps-improve",
                           "state-settles", "halting-calibrated", "input-blind", NULL}},
    {"TASK", environment_numbers, (const char *const[]){"solution", "chance", NULL}},
    {"POLICY", policy_numbers,
     (const char *const[]){"collapse", "wall", "chance-beaten", "blind", "reads-board", NULL}},
    {"UNITS", no_numbers, (const char *const[]){"dead-units", NULL}},
    {"GRADIENT", gradient_numbers,
     (const char *const[]){"finite-differences", "gradient-size", NULL}},
    {"LEARNING SIGNAL", no_numbers, (const char *const[]){"policy-gradient", NULL}},
    {"SHORT TRAINING", training_numbers,
     (const char *const[]){"training", "reward-rise", "entropy-trend", "wall-trend",
                           "gradient-trend", NULL}},
};

static void print_subject(const trm_diagnosis *d) {
    char parameters[32];
    const trm_config *c = &d->config;
    if (d->has_data) {
        printf("%s: data set %s, %d samples, seed %lld", d->name, c->data.type, d->data.stats.count,
               (long long)c->seed);
        if (d->has_answers) {
            printf(",\n%s, %s parameters, %s", c->model.type,
                   trm_text_thousands(parameters, d->parameters),
                   d->trained ? "trained" : "untrained");
        }
        putchar('\n');
        return;
    }
    printf("%s: %s of size %d, %s,\n", d->name, c->env.type, c->env.size, c->model.type);
    printf("%s parameters, %s, seed %lld\n", trm_text_thousands(parameters, d->parameters),
           d->trained ? "trained" : "untrained", (long long)c->seed);
}

static void print_summary(const trm_diagnosis *d) {
    const trm_findings *f = &d->findings;
    int32_t ok = trm_findings_count(f, TRM_SEVERITY_OK);
    int32_t notes = trm_findings_count(f, TRM_SEVERITY_NOTE);
    int32_t faults = trm_findings_count(f, TRM_SEVERITY_FAULT);
    char text[TRM_FINDINGS * 80];
    size_t used = trm_text_format(text, sizeof text, "%s: %d check%s ok, %d note%s, %d fault%s",
                                  d->name, ok, ok == 1 ? "" : "s", notes, notes == 1 ? "" : "s",
                                  faults, faults == 1 ? "" : "s");
    const char *before = ": ";
    for (int32_t i = 0; i < f->count; i++) {
        if (f->items[i].severity == TRM_SEVERITY_FAULT) {
            used +=
                trm_text_format(text + used, sizeof text - used, "%s%s", before, f->items[i].title);
            before = "; ";
        }
    }
    putchar('\n');
    trm_report_wrapped(stdout, text, 0);
}

void trm_diagnosis_print(const trm_diagnosis *d) {
    char blas[TRM_BLAS_NAME];
    print_subject(d);
    printf("computed by %s\n", trm_blas_describe(blas));
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        print_section(&sections[i], d);
    print_summary(d);
}

// ---- JSON ---------------------------------------------------------------------------------------

static void json_play(const char *name, const trm_play *p) {
    printf(",\"%s\":{", name);
    trm_json_member(stdout, true, "episodes", (double)p->episodes);
    trm_json_member(stdout, false, "success", p->success);
    trm_json_member(stdout, false, "reward", p->reward);
    trm_json_member(stdout, false, "reward_sd", p->reward_sd);
    trm_json_member(stdout, false, "length", p->length);
    trm_json_member(stdout, false, "idle", p->idle);
    trm_json_member(stdout, false, "entropy", p->entropy);
    trm_json_member(stdout, false, "certain", p->certain);
    putchar('}');
}

static void json_optimum(const trm_diagnosis *d) {
    const trm_environment_diagnosis *x = &d->environment;
    fputs(",\"optimum\":", stdout);
    if (!x->solvable) {
        fputs("null", stdout);
        return;
    }
    putchar('{');
    trm_json_member(stdout, true, "length", x->optimal_length);
    trm_json_member(stdout, false, "reward", (double)x->optimal_reward);
    fputs(",\"actions\":[", stdout);
    for (int32_t i = 0; i < x->path_count; i++) {
        char name[NAMES];
        trm_env_action_name(d->env, x->path[i], name);
        fputs(i > 0 ? "," : "", stdout);
        trm_json_text(stdout, name);
    }
    fputs("]}", stdout);
}

// As the first state is acted on: with the mask where there is one.
static void json_first(const trm_policy_diagnosis *p) {
    const trm_reading r = {.shape = &p->shape, .trace = p->first, .legal = p->legal};
    fputs(",\"first_state\":[", stdout);
    for (int32_t c = p->shape.first_logits; c < p->shape.cycles; c++) {
        fputs(c > p->shape.first_logits ? ",[" : "[", stdout);
        for (int32_t a = 0; a < p->shape.actions; a++) {
            fputs(a > 0 ? "," : "", stdout);
            trm_json_number(stdout, (double)trm_reading_masked(&r, c, a));
        }
        putchar(']');
    }
    putchar(']');
}

static void json_choice(const trm_choice_diagnosis *c) {
    fputs(",\"choice\":{", stdout);
    trm_json_member(stdout, true, "boards", c->boards);
    trm_json_member(stdout, false, "previous_actions", c->previous);
    trm_json_member(stdout, false, "by_board", c->by_board);
    trm_json_member(stdout, false, "by_previous_action", c->by_previous);
    putchar('}');
}

static void json_units(const char *name, const trm_unit_count *counts, int32_t n) {
    printf("%s\"%s\":[", strcmp(name, "levels") == 0 ? "" : ",", name);
    for (int32_t i = 0; i < n; i++) {
        fputs(i > 0 ? ",{" : "{", stdout);
        trm_json_text_member(stdout, true, "name", counts[i].name);
        trm_json_member(stdout, false, "units", counts[i].units);
        trm_json_member(stdout, false, "dead", counts[i].dead);
        putchar('}');
    }
    putchar(']');
}

static void json_gradient(const trm_gradient_diagnosis *g) {
    fputs(",\"gradient\":{", stdout);
    trm_json_member(stdout, true, "states", g->states);
    trm_json_member(stdout, false, "loss", g->loss);
    trm_json_member(stdout, false, "norm", g->norm);
    trm_json_member(stdout, false, "compared", g->compared);
    trm_json_member(stdout, false, "wrong", g->wrong);
    trm_json_member(stdout, false, "undecided", g->undecided);
    trm_json_member(stdout, false, "error", g->error);
    fputs(",\"tensors\":[", stdout);
    for (int32_t i = 0; i < g->tensor_count; i++) {
        const trm_gradient_tensor *t = &g->tensors[i];
        fputs(i > 0 ? ",{" : "{", stdout);
        trm_json_text_member(stdout, true, "name", t->name);
        trm_json_member(stdout, false, "parameters", (double)t->size);
        trm_json_member(stdout, false, "norm", t->norm);
        trm_json_member(stdout, false, "weight_norm", t->weight_norm);
        trm_json_member(stdout, false, "wrong", t->wrong);
        putchar('}');
    }
    fputs("],\"outputs\":[", stdout);
    for (int32_t o = 0; o < g->output_count; o++) {
        fputs(o > 0 ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "norm", g->outputs[o].norm);
        trm_json_member(stdout, false, "cosine", g->outputs[o].cosine);
        putchar('}');
    }
    fputs("]}", stdout);
}

static void json_signal(const trm_signal_diagnosis *s) {
    fputs(",\"signal\":{", stdout);
    trm_json_member(stdout, true, "updates", s->updates);
    trm_json_member(stdout, false, "returns_sd", s->returns_sd);
    trm_json_member(stdout, false, "applied", s->applied);
    trm_json_member(stdout, false, "weighted", s->weighted);
    trm_json_member(stdout, false, "scale", s->scale);
    trm_json_member(stdout, false, "cosine", s->cosine);
    trm_json_member(stdout, false, "one_weight", s->one_weight);
    putchar('}');
}

static void json_trend(const char *name, const trm_trend *t) {
    printf(",\"%s\":[", name);
    trm_json_number(stdout, t->first);
    putchar(',');
    trm_json_number(stdout, t->last);
    putchar(']');
}

static void json_training(const trm_training_diagnosis *t) {
    fputs(",\"training\":{", stdout);
    trm_json_member(stdout, true, "episodes", (double)t->episodes);
    trm_json_member(stdout, false, "updates", (double)t->updates);
    json_trend("reward", &t->reward);
    json_trend("success", &t->success);
    json_trend("entropy", &t->entropy);
    json_trend("idle", &t->idle);
    json_trend("grad_norm", &t->grad_norm);
    if (t->failed)
        trm_json_text_member(stdout, false, "error", t->error.message);
    putchar('}');
}

static void json_data(const trm_data_diagnosis *d) {
    fputs(",\"data\":{", stdout);
    trm_json_member(stdout, true, "samples", d->stats.count);
    trm_json_member(stdout, false, "distinct_inputs", d->stats.distinct_inputs);
    trm_json_member(stdout, false, "distinct_targets", d->stats.distinct_targets);
    trm_json_member(stdout, false, "without_path", d->stats.without_path);
    trm_json_member(stdout, false, "majority", d->stats.majority);
    trm_json_member(stdout, false, "ambiguous", d->ambiguous);
    trm_json_member(stdout, false, "held_out_met", d->met);
    putchar('}');
}

static void json_answers(const trm_answer_diagnosis *a) {
    const trm_step_evaluation *x = &a->evaluation;
    fputs(",\"answers\":{", stdout);
    trm_json_member(stdout, true, "samples", x->stats.count);
    trm_json_member(stdout, false, "cell_accuracy", x->score.cell_accuracy);
    trm_json_member(stdout, false, "exact_accuracy", x->score.exact_accuracy);
    trm_json_member(stdout, false, "majority", x->stats.majority);
    trm_json_member(stdout, false, "distinct", x->distinct);
    fputs(",\"steps\":[", stdout);
    for (int32_t i = x->first_read; i < x->steps; i++) {
        fputs(i > x->first_read ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "cell_accuracy", x->step[i].cell_accuracy);
        trm_json_member(stdout, false, "exact_accuracy", x->step[i].exact_accuracy);
        trm_json_member(stdout, false, "turned", x->step[i].turned);
        trm_json_member(stdout, false, "blank_accuracy", x->step[i].blank_accuracy);
        trm_json_member(stdout, false, "changes_given", x->step[i].changed);
        trm_json_member(stdout, false, "moved", x->step[i].moved);
        trm_json_member(stdout, false, "halt_mean", x->step[i].halt_mean);
        trm_json_member(stdout, false, "halt_says_right", x->step[i].halt_says);
        trm_json_member(stdout, false, "halt_agrees", x->step[i].halt_agrees);
        putchar('}');
    }
    fputs("]},\"units\":{", stdout);
    json_units("levels", a->units.levels, a->units.level_count);
    json_units("linears", a->units.linears, a->units.linear_count);
    putchar('}');
    json_gradient(&a->gradient);
}

static void json_findings(const trm_findings *f) {
    fputs(",\"findings\":[", stdout);
    for (int32_t i = 0; i < f->count; i++) {
        const trm_finding *x = &f->items[i];
        fputs(i > 0 ? ",{" : "{", stdout);
        trm_json_text_member(stdout, true, "check", x->check);
        trm_json_text_member(stdout, false, "severity", trm_severity_name(x->severity));
        trm_json_text_member(stdout, false, "title", x->title);
        trm_json_text_member(stdout, false, "seen", x->seen);
        trm_json_text_member(stdout, false, "advice", x->advice);
        putchar('}');
    }
    putchar(']');
}

static void json_policy(const trm_diagnosis *d) {
    json_play("random", &d->environment.random);
    json_optimum(d);
    json_play("sampled", &d->policy.sampled);
    json_play("greedy", &d->policy.greedy);
    json_first(&d->policy);
    fputs(",\"units\":{", stdout);
    json_units("levels", d->units.levels, d->units.level_count);
    json_units("linears", d->units.linears, d->units.linear_count);
    putchar('}');
    json_choice(&d->units.choice);
    json_gradient(&d->gradient);
    json_signal(&d->signal);
    if (d->has_training)
        json_training(&d->training);
}

void trm_diagnosis_print_json(const trm_diagnosis *d) {
    char blas[TRM_BLAS_NAME];
    putchar('{');
    trm_json_text_member(stdout, true, "name", d->name);
    trm_json_text_member(stdout, false, "blas", trm_blas_describe(blas));
    trm_json_member(stdout, false, "seed", (double)d->config.seed);
    printf(",\"trained\":%s", d->trained ? "true" : "false");
    json_findings(&d->findings);
    if (d->has_data) {
        json_data(&d->data);
        if (d->has_answers)
            json_answers(&d->answers);
    } else {
        json_policy(d);
    }
    puts("}");
}

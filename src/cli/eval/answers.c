// SPDX-License-Identifier: Apache-2.0
#include "cli/eval/answers.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/cluster.h"
#include "cli/common/interrupt.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/agent/words.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/model/work.h"
#include "trm/run/course.h"
#include "trm/run/evaluate.h"

static bool look(void *ctx, double share) {
    trm_progress_show(ctx, (int64_t)(100 * share), 100, "");
    return !trm_interrupt_asked();
}

static void print_share_json(const char *name, double share, int64_t n) {
    char member[64];
    double low;
    double high;
    trm_share_interval(share, n, &low, &high);
    trm_json_member(stdout, false, name, share);
    trm_text_format(member, sizeof member, "%s_low", name);
    trm_json_member(stdout, false, member, low);
    trm_text_format(member, sizeof member, "%s_high", name);
    trm_json_member(stdout, false, member, high);
}

// A member that is left out where there is nothing to say.
static void json_known(const char *name, double value) {
    if (!isnan(value))
        trm_json_member(stdout, false, name, value);
}

// Operations of one answer, all supervision steps.
static double answer_flop(const trm_eval_request *q) {
    return trm_model_flops(trm_model_get_config(q->model)).forward;
}

static void steps_json(const trm_step_evaluation *s) {
    const int64_t n = s->stats.count;
    trm_json_member(stdout, false, "majority", s->stats.majority);
    trm_json_member(stdout, false, "distinct_answers", s->distinct);
    if (s->paths >= 0)
        trm_json_member(stdout, false, "shortest_paths", (double)s->paths / s->stats.count);
    fputs(",\"steps\":[", stdout);
    for (int32_t i = s->first_read; i < s->steps; i++) {
        const trm_step_score *x = &s->step[i];
        fputs(i > s->first_read ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "step", i + 1);
        trm_json_member(stdout, false, "cell_accuracy", x->cell_accuracy);
        trm_json_member(stdout, false, "exact_accuracy", x->exact_accuracy);
        print_share_json("exact", x->exact_accuracy, n);
        json_known("blank_accuracy", x->blank_accuracy);
        json_known("changes_given", x->changed);
        trm_json_member(stdout, false, "turned", x->turned);
        json_known("moved", x->moved);
        json_known("halt_mean", x->halt_mean);
        json_known("halt_says_right", x->halt_says);
        json_known("halt_agrees", x->halt_agrees);
        putchar('}');
    }
    putchar(']');
}

static void print_json(const trm_eval_request *q, const trm_answer_evaluation *x) {
    const trm_step_evaluation *s = &x->by_step;
    const trm_step_score *last = &s->step[s->steps - 1];
    putchar('{');
    trm_json_text_member(stdout, true, "model", q->path);
    trm_json_text_member(stdout, false, "type", q->config->model.type);
    trm_json_member(stdout, false, "parameters", (double)trm_model_params_const(q->model)->total);
    trm_json_member(stdout, false, "forward_flop", answer_flop(q));
    trm_json_text_member(stdout, false, "data", q->config->data.type);
    trm_json_member(stdout, false, "seed", (double)q->config->seed);
    trm_json_member(stdout, false, "samples", (double)x->samples);
    trm_json_member(stdout, false, "loss", s->score.loss);
    trm_json_member(stdout, false, "cell_accuracy", s->score.cell_accuracy);
    json_known("blank_accuracy", last->blank_accuracy);
    print_share_json("exact", s->score.exact_accuracy, x->samples);
    if (!isnan(last->changed))
        print_share_json("changes_given", last->changed, x->samples);
    if (!isnan(s->stop_exact)) {
        print_share_json("stopping_exact", s->stop_exact, x->samples);
        trm_json_member(stdout, false, "stopping_steps", s->stop_steps);
    }
    if (!isnan(x->fill_exact)) {
        print_share_json("filled_exact", x->fill_exact, x->samples);
        trm_json_member(stdout, false, "filling_rounds", x->fill_rounds);
    }
    if (q->random)
        fputs(",\"random\":true", stdout);
    else
        steps_json(s);
    puts("}");
}

static void print_share(const char *name, double share, int64_t n) {
    double low;
    double high;
    trm_share_interval(share, n, &low, &high);
    printf("%-12s %.2f %%  (%.2f to %.2f)", name, 100 * share, 100 * low, 100 * high);
}

static int count_of(double share, int64_t n) {
    return (int)lrint(share * (double)n);
}

static void print_table(const trm_eval_request *q, const trm_answer_evaluation *x) {
    char parameters[32];
    const trm_step_evaluation *s = &x->by_step;
    const trm_step_score *last = &s->step[s->steps - 1];
    trm_text_thousands(parameters, trm_model_params_const(q->model)->total);
    printf("%-12s %s (%s, %s parameters)\n", "model", q->path, q->config->model.type, parameters);
    const trm_dataset_config data = trm_config_data(q->config);
    if (data.asked)
        printf("%-12s %s, the %s of %s\n", "data", data.type,
               trm_dataset_reads(data.type, "mazes") ? "mazes" : "puzzles", data.files);
    else
        printf("%-12s %s, seed %lld, held out\n", "data", data.type, (long long)q->config->seed);
    printf("%-12s %lld%s\n", "samples", (long long)x->samples,
           q->random ? ", answered at random" : "");
    if (!q->random)
        printf("%-12s %.2f MFLOP an answer\n", "work", answer_flop(q) / 1e6);
    printf("%-12s %.3f %%\n", "cells", 100 * s->score.cell_accuracy);
    if (!isnan(last->blank_accuracy))
        printf("%-12s %.3f %%, of the cells that are not given\n", "blanks",
               100 * last->blank_accuracy);
    print_share("exact", s->score.exact_accuracy, x->samples);
    if (q->random)
        printf(" with all cells drawn at once\n");
    else
        printf(" after %d supervision steps\n", trm_model_outputs(q->model));
    if (!isnan(last->changed)) {
        print_share("givens", last->changed, x->samples);
        printf(" of the answers change a given: %d, of %d that are wrong\n",
               count_of(last->changed, x->samples),
               count_of(1 - s->score.exact_accuracy, x->samples));
    }
    if (!isnan(s->stop_exact)) {
        print_share("stopping", s->stop_exact, x->samples);
        printf(" after %.2f, where the halting head says so\n", s->stop_steps);
    }
    if (!isnan(x->fill_exact)) {
        print_share("filling", x->fill_exact, x->samples);
        printf(" in %.1f rounds\n", x->fill_rounds);
    }
}

// What else is said of every step, where there is something to say.
static const struct column {
    const char *name;
    size_t offset; // in trm_step_score
} columns[] = {{"blanks", offsetof(trm_step_score, blank_accuracy)},
               {"given changed", offsetof(trm_step_score, changed)},
               {"says right", offsetof(trm_step_score, halt_says)},
               {"and is so", offsetof(trm_step_score, halt_agrees)},
               {"turned", offsetof(trm_step_score, turned)}};

enum { COLUMNS = sizeof columns / sizeof *columns };

static double value_of(const struct column *c, const trm_step_score *x) {
    double value;
    memcpy(&value, (const char *)x + c->offset, sizeof value);
    return value;
}

static bool is_shown(const trm_step_evaluation *s, size_t c) {
    return !isnan(value_of(&columns[c], &s->step[s->steps - 1]));
}

static int width_of(const struct column *c) {
    const int width = (int)strlen(c->name), least = 8;
    return width > least ? width : least;
}

static void print_cell(const struct column *c, const trm_step_score *x) {
    const double value = value_of(c, x);
    if (isnan(value))
        printf("  %*s", width_of(c), "");
    else
        printf("  %*.2f %%", width_of(c) - 2, 100 * value);
}

static void print_heads(const trm_step_evaluation *s) {
    printf("%-12s %10s %9s  %-16s", "", "cells", "exact", "(95 %)");
    for (size_t c = 0; c < COLUMNS; c++)
        if (is_shown(s, c))
            printf("  %*s", width_of(&columns[c]), columns[c].name);
    putchar('\n');
}

static void print_steps(const trm_eval_request *q, const trm_step_evaluation *s) {
    const trm_trace_shape shape = trm_model_trace_shape(q->model);
    const char *step = trm_words_of_trace(&shape)->cycle;
    printf("%-12s %.3f %% of the cells; %d different answers\n", "constant",
           100 * s->stats.majority, s->distinct);
    if (s->paths >= 0) {
        printf("%-12s %.2f %% of the answers are a shortest path\n", "paths",
               100.0 * s->paths / s->stats.count);
    }
    print_heads(s);
    for (int32_t i = s->first_read; i < s->steps; i++) {
        char name[32];
        double low, high;
        const trm_step_score *x = &s->step[i];
        trm_share_interval(x->exact_accuracy, s->stats.count, &low, &high);
        trm_text_format(name, sizeof name, "%s %d", step, i + 1);
        printf("%-12s %8.3f %%", name, 100 * x->cell_accuracy);
        trm_text_format(name, sizeof name, "(%.2f to %.2f)", 100 * low, 100 * high);
        printf(" %7.2f %%  %-16s", 100 * x->exact_accuracy, name);
        for (size_t c = 0; c < COLUMNS; c++)
            if (is_shown(s, c))
                print_cell(&columns[c], x);
        putchar('\n');
    }
}

// By all ranks, unless answers are drawn, one after the other from one generator.
static bool evaluate(const trm_eval_request *q, const trm_dataset *d, trm_progress *progress,
                     trm_answer_evaluation *x, trm_error *e) {
    const trm_dataset_config data = trm_config_data(q->config);
    trm_peers *peers = trm_cluster_peers();
    trm_rng draws;
    trm_rng_seed(&draws, (uint64_t)q->config->seed, TRM_STREAM_CHANCE_ANSWERS);
    if (peers && !q->random)
        return trm_run_evaluate_answers(peers, q->model, &data, d, q->steps, q->fill, look,
                                        progress, x, e);
    return trm_evaluate_answers(q->model, d, q->steps, q->fill, q->random ? &draws : NULL, look,
                                progress, x) ||
           trm_error_set(e, TRM_E_STOPPED, "interrupted");
}

int trm_eval_answers(const trm_eval_request *q) {
    trm_error e = {0};
    trm_dataset *d = trm_run_evaluation_samples(q->config, (int32_t)q->samples, &e);
    if (d == NULL)
        return trm_report_input_error(&e);
    trm_progress progress;
    trm_answer_evaluation x;
    trm_progress_init(&progress, "percent", 0);
    trm_interrupt_catch(false);
    const bool done = evaluate(q, d, &progress, &x, &e);
    trm_progress_clear(&progress);
    trm_dataset_free(d);
    if (!done)
        return trm_report_error(&e);
    if (q->json) {
        print_json(q, &x);
    } else {
        print_table(q, &x);
        if (q->steps)
            print_steps(q, &x.by_step);
    }
    return trm_report_finish(TRM_EXIT_DONE);
}

// SPDX-License-Identifier: Apache-2.0
#include "cli/eval/answers.h"

#include <math.h>
#include <stdio.h>

#include "cli/common/interrupt.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/agent/evaluate_answers.h"
#include "trm/agent/evaluate_steps.h"
#include "trm/agent/words.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/model/work.h"
#include "trm/run/course.h"

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

// Operations of one answer, all supervision steps.
static double answer_flop(const trm_eval_request *q) {
    return trm_model_flops(trm_model_get_config(q->model)).forward;
}

static void steps_json(const trm_step_evaluation *s) {
    trm_json_member(stdout, false, "majority", s->stats.majority);
    trm_json_member(stdout, false, "distinct_answers", s->distinct);
    if (s->paths >= 0)
        trm_json_member(stdout, false, "shortest_paths", (double)s->paths / s->stats.count);
    fputs(",\"steps\":[", stdout);
    for (int32_t i = s->first_read; i < s->steps; i++) {
        fputs(i > s->first_read ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "step", i + 1);
        trm_json_member(stdout, false, "cell_accuracy", s->step[i].cell_accuracy);
        trm_json_member(stdout, false, "exact_accuracy", s->step[i].exact_accuracy);
        trm_json_member(stdout, false, "turned", s->step[i].turned);
        putchar('}');
    }
    putchar(']');
}

// survey: NULL, or step by step.
static void print_json(const trm_eval_request *q, const trm_answer_evaluation *x,
                       const trm_step_evaluation *survey) {
    putchar('{');
    trm_json_text_member(stdout, true, "model", q->path);
    trm_json_text_member(stdout, false, "type", q->config->model.type);
    trm_json_member(stdout, false, "parameters", (double)trm_model_params_const(q->model)->total);
    trm_json_member(stdout, false, "forward_flop", answer_flop(q));
    trm_json_text_member(stdout, false, "data", q->config->data.type);
    trm_json_member(stdout, false, "seed", (double)q->config->seed);
    trm_json_member(stdout, false, "samples", (double)x->samples);
    trm_json_member(stdout, false, "loss", x->score.loss);
    trm_json_member(stdout, false, "cell_accuracy", x->score.cell_accuracy);
    print_share_json("exact", x->score.exact_accuracy, x->samples);
    if (!isnan(x->stop_exact)) {
        print_share_json("stopping_exact", x->stop_exact, x->samples);
        trm_json_member(stdout, false, "stopping_steps", x->stop_steps);
    }
    if (!isnan(x->fill_exact)) {
        print_share_json("filled_exact", x->fill_exact, x->samples);
        trm_json_member(stdout, false, "filling_rounds", x->fill_rounds);
    }
    if (survey != NULL)
        steps_json(survey);
    if (q->random)
        fputs(",\"random\":true", stdout);
    puts("}");
}

static void print_share(const char *name, double share, int64_t n) {
    double low;
    double high;
    trm_share_interval(share, n, &low, &high);
    printf("%-12s %.2f %%  (%.2f to %.2f)", name, 100 * share, 100 * low, 100 * high);
}

static void print_table(const trm_eval_request *q, const trm_answer_evaluation *x) {
    char parameters[32];
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
    printf("%-12s %.3f %%\n", "cells", 100 * x->score.cell_accuracy);
    print_share("exact", x->score.exact_accuracy, x->samples);
    if (q->random)
        printf(" with all cells drawn at once\n");
    else
        printf(" after %d supervision steps\n", trm_model_outputs(q->model));
    if (!isnan(x->stop_exact)) {
        print_share("stopping", x->stop_exact, x->samples);
        printf(" after %.2f, where the halting head says so\n", x->stop_steps);
    }
    if (!isnan(x->fill_exact)) {
        print_share("filling", x->fill_exact, x->samples);
        printf(" in %.1f rounds\n", x->fill_rounds);
    }
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
    for (int32_t i = s->first_read; i < s->steps; i++) {
        char name[32];
        trm_text_format(name, sizeof name, "%s %d", step, i + 1);
        printf("%-12s cells %.3f %%  exact %.2f %%", name, 100 * s->step[i].cell_accuracy,
               100 * s->step[i].exact_accuracy);
        if (!isnan(s->step[i].turned))
            printf("  %.2f %% of cells turned", 100 * s->step[i].turned);
        putchar('\n');
    }
}

static bool go_on(void *ctx, int64_t done) {
    (void)ctx;
    (void)done;
    return !trm_interrupt_asked();
}

int trm_eval_answers(const trm_eval_request *q) {
    trm_error e = {0};
    trm_dataset *d = trm_run_evaluation_samples(q->config, (int32_t)q->samples, &e);
    if (d == NULL)
        return trm_report_input_error(&e);
    trm_progress progress;
    trm_answer_evaluation x;
    trm_step_evaluation survey;
    trm_rng draws;
    trm_rng_seed(&draws, (uint64_t)q->config->seed, TRM_STREAM_CHANCE_ANSWERS);
    trm_progress_init(&progress, "percent", 0);
    trm_interrupt_catch(false);
    bool done =
        trm_evaluate_answers(q->model, d, q->fill, q->random ? &draws : NULL, look, &progress, &x);
    done = done && (!q->steps || trm_evaluate_steps(q->model, d, go_on, NULL, &survey));
    trm_progress_clear(&progress);
    trm_dataset_free(d);
    if (!done) {
        fprintf(stderr, "trm: interrupted\n");
        return TRM_EXIT_INTERRUPTED;
    }
    if (q->json) {
        print_json(q, &x, q->steps ? &survey : NULL);
    } else {
        print_table(q, &x);
        if (q->steps)
            print_steps(q, &survey);
    }
    return trm_report_finish(TRM_EXIT_DONE);
}

// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_answers.h"

#include <math.h>
#include <stdio.h>

#include "cli/common/interrupt.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
#include "trm/run/lesson.h"
#include "trm/train/examine.h"

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

static void print_json(const trm_eval_request *q, const trm_examination *x) {
    putchar('{');
    trm_json_text_member(stdout, true, "model", q->path);
    trm_json_text_member(stdout, false, "type", q->config->model.type);
    trm_json_member(stdout, false, "parameters", (double)trm_model_params_const(q->model)->total);
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
    puts("}");
}

static void print_share(const char *name, double share, int64_t n) {
    double low;
    double high;
    trm_share_interval(share, n, &low, &high);
    printf("%-12s %.2f %%  (%.2f to %.2f)", name, 100 * share, 100 * low, 100 * high);
}

static void print_table(const trm_eval_request *q, const trm_examination *x) {
    char parameters[32];
    trm_text_thousands(parameters, trm_model_params_const(q->model)->total);
    printf("%-12s %s (%s, %s parameters)\n", "model", q->path, q->config->model.type, parameters);
    printf("%-12s %s, seed %lld, held out\n", "data", q->config->data.type,
           (long long)q->config->seed);
    printf("%-12s %lld\n", "samples", (long long)x->samples);
    printf("%-12s %.3f %%\n", "cells", 100 * x->score.cell_accuracy);
    print_share("exact", x->score.exact_accuracy, x->samples);
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

int trm_eval_answers(const trm_eval_request *q) {
    trm_error e = {0};
    trm_dataset *d = trm_lesson_test(q->config, (int32_t)q->samples, &e);
    if (d == NULL) {
        return trm_report_input_error(&e);
    }
    trm_progress progress;
    trm_examination x;
    trm_progress_init(&progress, "percent", 0);
    trm_interrupt_catch(false);
    bool done = trm_examine(q->model, d, q->fill, look, &progress, &x);
    trm_progress_clear(&progress);
    trm_dataset_free(d);
    if (!done) {
        fprintf(stderr, "trm: interrupted\n");
        return TRM_EXIT_INTERRUPTED;
    }
    if (q->json) {
        print_json(q, &x);
    } else {
        print_table(q, &x);
    }
    return trm_report_finish(TRM_EXIT_DONE);
}

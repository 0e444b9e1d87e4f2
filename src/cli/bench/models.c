// SPDX-License-Identifier: Apache-2.0
// How fast each architecture computes what training needs: forward and backward, beside sgemm.
#include <stdio.h>

#include "cli/bench/impl.h"
#include "cli/common/report.h"
#include "trm/base/text.h"
#include "trm/nn/blas.h"
#include "trm/train/bench.h"

enum { POLICY_ROWS = 512 };

#define MODEL_SECONDS 0.50

static const struct {
    const char *preset, *words[BENCH_CHANGES];
} presets[] = {{"maze-open", {0}},
               {"maze-mlp", {0}},
               {"rl-adapted-maze-fixed", {0}},
               {"baseline", {0}},
               {"mazes-8-fixed-trm", {0}},
               {"mazes-10-fixed-trm", {0}},
               {"mazes-8-fixed-attn", {0}},
               {"mazes-8-fixed-attn", {"model.type=trm-mix"}},
               {"maze11", {0}},
               {"sudoku-9-peer", {0}},
               {"mazes-8-fixed-cnn", {0}},
               {"mazes-8-fresh-transformer", {0}},
               {"paper-sudoku-6", {0}},
               {"paper-sudoku-6", {"model.mlp_t=false", "model.type=hrm"}}};
enum { PRESETS = sizeof presets / sizeof *presets };
_Static_assert((int)PRESETS <= (int)BENCH_PRESETS, "all are measured");

const char *bench_models_preset(int32_t i, const char *const **words) {
    *words = i < PRESETS ? presets[i].words : NULL;
    return i < PRESETS ? presets[i].preset : NULL;
}

typedef struct speed {
    int32_t rows; // samples at once: a batch of the preset's, of policies what many episodes bring
    double samples[BENCH_ROUNDS], share[BENCH_ROUNDS];
} speed;

static int32_t rows_of(const trm_config *c) {
    const bool boards = trm_config_supervised(c) || c->model.read_at_agent;
    return boards ? c->train.batch : POLICY_ROWS;
}

static bool measure(bench *b, const bench_preset *p, speed *s, int32_t round, trm_error *e) {
    const double sgemm = trm_bench_sgemm(BENCH_SQUARE, 1, BENCH_SGEMM_SECONDS * b->plan.share);
    s->rows = rows_of(&p->config);
    s->samples[round] =
        s->rows / trm_bench_backward(p->thinker, s->rows, MODEL_SECONDS * b->plan.share);
    s->share[round] = s->samples[round] * p->flops.training * 1e-9 / sgemm;
    return bench_go_on(b, e);
}

static void print_row(const bench *b, const bench_preset *p, const speed *s) {
    char samples[32];
    const bench_spread share = bench_spread_of(s->share, b->plan.rounds);
    trm_text_thousands(samples, (int64_t)bench_spread_of(s->samples, b->plan.rounds).median);
    printf("%-13s %-26s %6d %10.3f %10s %5.0f%% %6.0f..%.0f\n", p->model.type, p->config.preset,
           (int)s->rows, p->flops.training / 1e6, samples, 100 * share.median, 100 * share.low,
           100 * share.high);
}

static void print_table(const bench *b, const speed *speeds) {
    char blas[TRM_BLAS_NAME];
    printf("BLAS kernels: %s; %d rounds, medians\n\n", trm_blas_describe(blas), b->plan.rounds);
    printf("%-13s %-26s %6s %10s %10s %6s %s\n", "architecture", "preset", "batch", "MFLOP",
           "samples/s", "sgemm", "quartiles");
    for (int32_t i = 0; i < b->preset_count; i++)
        print_row(b, &b->presets[i], &speeds[i]);
}

static void print_json(const bench *b, const speed *speeds) {
    char blas[TRM_BLAS_NAME];
    putchar('{');
    trm_json_text_member(stdout, true, "blas", trm_blas_describe(blas));
    trm_json_member(stdout, false, "rounds", b->plan.rounds);
    fputs(",\n\"models\":[", stdout);
    for (int32_t i = 0; i < b->preset_count; i++) {
        const bench_preset *p = &b->presets[i];
        const bench_spread share = bench_spread_of(speeds[i].share, b->plan.rounds);
        fputs(i > 0 ? ",\n {" : "{", stdout);
        trm_json_text_member(stdout, true, "type", p->model.type);
        trm_json_text_member(stdout, false, "preset", p->config.preset);
        trm_json_member(stdout, false, "batch", speeds[i].rows);
        trm_json_member(stdout, false, "training_flop", p->flops.training);
        trm_json_member(stdout, false, "samples_s",
                        bench_spread_of(speeds[i].samples, b->plan.rounds).median);
        trm_json_member(stdout, false, "share", share.median);
        trm_json_member(stdout, false, "share_low", share.low);
        trm_json_member(stdout, false, "share_high", share.high);
        putchar('}');
    }
    puts("]}");
}

bool bench_models(bench *b, bool json, trm_error *e) {
    speed speeds[BENCH_PRESETS] = {0};
    b->total = (int64_t)b->preset_count * b->plan.rounds;
    bool ok = true;
    for (int32_t round = 0; round < b->plan.rounds && ok; round++)
        for (int32_t i = 0; i < b->preset_count && ok; i++)
            ok = measure(b, &b->presets[i], &speeds[i], round, e);
    trm_progress_clear(&b->progress);
    if (ok && json)
        print_json(b, speeds);
    else if (ok)
        print_table(b, speeds);
    return ok;
}

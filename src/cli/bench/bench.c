// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/bench/impl.h"
#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/report.h"
#include "trm/base/arena.h"
#include "trm/base/clock.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/nn/blas.h"

typedef struct bench_options {
    bool json, quick, scaling, models;
    int64_t threads;
} bench_options;

// Below this share of a processor, figures tell more of the other programs than of this one.
#define BUSY 0.9

static const trm_option options[] = {
    TRM_SHARED_JSON(bench_options),
    TRM_SHARED_THREADS(bench_options, 64, "2, compared with one"),
    TRM_SHARED_QUICK(bench_options),
    TRM_FLAG(bench_options, scaling, "--scaling",
             "measure instead how cost grows with cycles, width, environments and boards"),
    TRM_FLAG(bench_options, models, "--models",
             "measure instead how fast a model of each architecture goes forward and backward; or "
             "those of the PRESETs, which may also learn from a data set"),
    {0},
};

static const bench_plan usual = {
    .rounds = 7, .share = 1, .starts = 9, .pairs = 61, .view_seconds = 1, .settle = 3};
static const bench_plan quick = {
    .rounds = 3, .share = 0.3, .starts = 3, .pairs = 2, .view_seconds = 0.8, .settle = 0.7};

bool bench_go_on(bench *b, trm_error *e) {
    trm_progress_show(&b->progress, ++b->done, b->total, "");
    return !trm_interrupt_asked() || trm_error_set(e, TRM_E_STOPPED, "interrupted");
}

typedef struct asked_preset {
    const char *name, *const *words; // words: the program's own changes, or NULL
    bool any;                        // it may learn from a data set
} asked_preset;

static bool read_preset(bench_preset *p, const asked_preset *asked, const trm_words *words,
                        trm_error *e) {
    trm_config *c = &p->config;
    if (!trm_config_load(c, asked->name, e))
        return false;
    for (int i = 0; asked->words != NULL && i < BENCH_CHANGES && asked->words[i] != NULL; i++)
        if (!trm_config_override(c, asked->words[i], e))
            return false;
    if (!trm_config_override_all(c, words->overrides, words->override_count, e) ||
        !trm_config_check(c, e) || !trm_config_model(c, &p->model, e))
        return false;
    p->thinker = trm_model_new(&p->model, e);
    if (p->thinker == NULL)
        return false;
    trm_rng rng;
    trm_rng_seed(&rng, 1, TRM_STREAM_INIT);
    trm_model_init(p->thinker, &rng);
    p->model = *trm_model_get_config(p->thinker);
    p->product_count = trm_model_products(&p->model, p->products, TRM_PRODUCTS_MAX);
    p->flops = trm_model_flops(&p->model);
    if (trm_config_supervised(c) && !asked->any) {
        return trm_error_set(e, TRM_E_INPUT,
                             "%s learns from a data set; `trm bench` measures policies in "
                             "environments, and `trm bench --models` any model",
                             asked->name);
    }
    return true;
}

// What the command line names, or what is measured without that.
static bool next_preset(const bench *b, const trm_words *words, bool models, asked_preset *out) {
    const int32_t i = b->preset_count;
    *out = (asked_preset){.any = models};
    if (words->plain_count > 0)
        out->name = i < words->plain_count ? words->plain[i] : NULL;
    else if (models)
        out->name = bench_models_preset(i, &out->words);
    else
        out->name = i == 0 ? "original-maze" : NULL;
    return out->name != NULL;
}

// A word holds for all; it has an effect if it has one on any.
static bool read_presets(bench *b, const trm_words *words, bool models, trm_error *e) {
    trm_config_asked checked[BENCH_PRESETS];
    asked_preset asked;
    for (; next_preset(b, words, models, &asked); b->preset_count++) {
        bench_preset *p = &b->presets[b->preset_count];
        if (!read_preset(p, &asked, words, e))
            return false;
        checked[b->preset_count] = (trm_config_asked){&p->config, TRM_USE_BENCH};
    }
    return trm_config_check_words(checked, b->preset_count, words->overrides, words->override_count,
                                  e);
}

static void print_preset_json(const bench *b, int32_t i) {
    const bench_preset *p = &b->presets[i];
    fputs(i > 0 ? ",\n {" : "{", stdout);
    trm_json_text_member(stdout, true, "preset", p->config.preset);
    trm_json_member(stdout, false, "forward_flop", p->flops.forward);
    trm_json_member(stdout, false, "training_flop", p->flops.training);
    trm_json_member(stdout, false, "shipped_envs", p->config.train.envs);
    trm_json_member(stdout, false, "batched_envs", p->envs);
    bench_json_values(stdout, &b->metrics, i, false);
    fputs(",\"spread\":{", stdout);
    bench_json_spread(stdout, &b->metrics, i, true);
    fputs("}}", stdout);
}

// What belongs to the machine and to the first preset stands at the top; the same and the others'
// in "presets".
static void print_json(const bench *b) {
    static const char *const always[] = {"train_threads2_ratio", "env_sudoku_steps_s"};
    char blas[TRM_BLAS_NAME];
    putchar('{');
    trm_json_text_member(stdout, true, "core", trm_blas_core());
    trm_json_text_member(stdout, false, "blas", trm_blas_describe(blas));
    trm_json_member(stdout, false, "threads", b->threads);
    trm_json_member(stdout, false, "rounds", b->plan.rounds);
    bench_json_values(stdout, &b->metrics, BENCH_MACHINE, false);
    bench_json_values(stdout, &b->metrics, 0, false);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        if (isnan(bench_metric_median(&b->metrics, BENCH_MACHINE, always[i])) &&
            isnan(bench_metric_median(&b->metrics, 0, always[i])))
            trm_json_member(stdout, false, always[i], NAN);
    trm_json_member(stdout, false, "aims_missed", bench_missed(&b->metrics));
    fputs(",\n\"spread\":{", stdout);
    bench_json_spread(stdout, &b->metrics, BENCH_MACHINE, true);
    fputs("},\n\"presets\":[", stdout);
    for (int32_t i = 0; i < b->preset_count; i++)
        print_preset_json(b, i);
    puts("]}");
}

static void print_table(const bench *b) {
    char blas[TRM_BLAS_NAME];
    printf("BLAS kernels: %s; %d rounds, medians\n\n", trm_blas_describe(blas), b->plan.rounds);
    bench_table_head(stdout);
    bench_table_rows(stdout, &b->metrics, BENCH_MACHINE);
    for (int32_t i = 0; i < b->preset_count; i++) {
        const bench_preset *p = &b->presets[i];
        printf("\n%s: %.4f MFLOP a forward, %.4f a training step\n", p->config.preset,
               p->flops.forward / 1e6, p->flops.training / 1e6);
        bench_table_rows(stdout, &b->metrics, i);
    }
    double share = bench_metric_median(&b->metrics, BENCH_MACHINE, "processor_share");
    if (share < BUSY) {
        printf("\nThe machine was busy: a thread that never rests got %.0f %% of a processor.\n",
               100 * share);
    }
    double lanes = bench_metric_median(&b->metrics, BENCH_MACHINE, "sgemm_threads_ratio");
    if (lanes < BUSY * b->threads) {
        printf("\nThe machine gave sgemm on %d threads only %.2f times one: no training can do "
               "better.\n",
               b->threads, lanes);
    }
    int32_t missed = bench_missed(&b->metrics);
    if (missed > 0)
        printf("\n! %d of the aims %s missed\n", missed, missed == 1 ? "is" : "are");
}

static bool bench_usual(bench *b, bool json, trm_error *e) {
    b->total = bench_measure_pieces(b) + bench_view_pieces(b);
    bool ok = bench_measure(b, e);
    for (int32_t i = 0; i < b->preset_count; i++) {
        bench_preset_done(&b->presets[i]); // the children need the memory and the processors
        b->presets[i] = (bench_preset){.config = b->presets[i].config,
                                       .flops = b->presets[i].flops,
                                       .envs = b->presets[i].envs};
    }
    if (!ok)
        return false;
    trm_error view = {0};
    if (!bench_view(b, &view)) {
        if (view.code == TRM_E_STOPPED) {
            *e = view;
            return false;
        }
        trm_progress_clear(&b->progress);
        fprintf(stderr, "trm: the view was not measured: %s\n", view.message);
    }
    trm_progress_clear(&b->progress);
    if (json)
        print_json(b);
    else
        print_table(b);
    return true;
}

static int bench_all(bench *b, const bench_options *o) {
    trm_error e = {0};
    trm_interrupt_catch(false);
    trm_progress_init(&b->progress, "measurements", 0);
    bool ok = o->scaling  ? bench_scaling(b, o->json, &e)
              : o->models ? bench_models(b, o->json, &e)
                          : bench_usual(b, o->json, &e);
    trm_progress_clear(&b->progress);
    return ok ? trm_report_finish(TRM_EXIT_DONE) : trm_report_error(&e);
}

static int run(const trm_words *words, void *given) {
    const bench_options *o = given;
    trm_error e = {0};
    bench *b = trm_alloc(1, sizeof *b);
    b->plan = o->quick ? quick : usual;
    b->threads = (int32_t)o->threads;
    int status = TRM_EXIT_DONE;
    if (o->scaling && o->models)
        trm_error_set(&e, TRM_E_INPUT, "--scaling and --models are two tables; ask for one");
    else if (read_presets(b, words, o->models, &e))
        status = bench_all(b, o);
    if (e.code != TRM_OK)
        status = trm_report_input_error(&e);
    for (int32_t i = 0; i < BENCH_PRESETS; i++)
        bench_preset_done(&b->presets[i]);
    free(b);
    return status;
}

const trm_command trm_command_bench = {
    .name = "bench",
    .summary = "measure how fast everything is on this machine, beside sgemm",
    .words = "[PRESET...]",
    .about =
        "Measures sgemm, environments, forward passes, training as shipped and with many "
        "environments at once, start-up, memory, and what watching costs. The figures are medians "
        "of several rounds, with quartiles; operations are counted exactly, and the column sgemm "
        "is the share of the 1024^3 sgemm of the same round. The aims are for a core whose sgemm "
        "does 85 GFLOP/s, scaled to this one; ! marks those that are missed. Without a PRESET it "
        "measures original-maze. It takes about two minutes, in which the machine should do "
        "nothing else; --quick runs fewer and shorter rounds, for a rough look.",
    .examples = (const char *const[]){"trm bench --json", "trm bench maze maze-k5 --quick", NULL},
    .options = options,
    .options_size = sizeof(bench_options),
    .defaults = &(bench_options){.threads = 2},
    .words_max = BENCH_WORDS,
    .overrides = true,
    .ranks = TRM_RANKS_FIRST,
    .run = run,
};

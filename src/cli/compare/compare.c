// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/compare.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "cli/compare/report.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/tui/screens.h"

typedef struct compare_options {
    int64_t seeds, seed_first, threads;
    bool json, plain;
    trm_display display;
} compare_options;

static const trm_option options[] = {
    TRM_SHARED_SEEDS(compare_options, TRM_COMPARE_SEEDS, "1"),
    {.name = "--seed-first",
     .value = "S",
     .help = "the first of the seeds",
     .fallback = "the preset's",
     .kind = TRM_OPTION_COUNT,
     .offset = offsetof(compare_options, seed_first),
     .min = 0,
     .max = ((int64_t)1 << 53) - 1},
    TRM_SHARED_THREADS(compare_options, TRM_COMPARE_THREADS, "one per processor"),
    TRM_SHARED_JSON(compare_options),
    TRM_FLAG(compare_options, plain, "--plain", "print progress and the table, without a screen"),
    TRM_SHARED_DISPLAY(compare_options),
    {0},
};

// A word holds for all; it has an effect if it has one on any.
static bool read_configs(const trm_words *words, trm_config *configs, trm_error *e) {
    trm_config_asked asked[TRM_COMPARE_CONFIGS];
    for (int i = 0; i < words->plain_count; i++) {
        if (!trm_config_load(&configs[i], words->plain[i], e) ||
            !trm_config_override_all(&configs[i], words->overrides, words->override_count, e))
            return false;
        asked[i] = (trm_config_asked){&configs[i], TRM_USE_COMPARE};
    }
    return trm_config_check_words(asked, words->plain_count, words->overrides,
                                  words->override_count, e);
}

static trm_compare *open_compare(const trm_words *words, const compare_options *o, trm_error *e) {
    trm_config configs[TRM_COMPARE_CONFIGS];
    const char *labels[TRM_COMPARE_CONFIGS];
    for (int i = 0; i < words->plain_count; i++)
        labels[i] = words->plain[i];
    trm_compare_request request = {.count = words->plain_count,
                                   .configs = configs,
                                   .labels = labels,
                                   .seeds = (int32_t)o->seeds,
                                   .seed_first = o->seed_first,
                                   .threads = (int32_t)o->threads};
    return read_configs(words, configs, e) ? trm_compare_new(&request, e) : NULL;
}

// Over all configurations.
typedef struct totals {
    int64_t done, total; // episodes
    int32_t runs, ended;
} totals;

static totals totals_of(const trm_compare *c) {
    totals p = {0};
    for (int32_t i = 0; i < trm_compare_configs(c); i++) {
        trm_compare_summary s;
        trm_compare_summarise(c, i, &s);
        p.done += s.episodes;
        p.total += s.episodes_total;
        p.runs += s.runs;
        p.ended += s.done + s.failed;
    }
    p.done = p.done < p.total ? p.done : p.total; // whole updates may be more than was asked for
    return p;
}

static const char *unit_of(const trm_compare *c) {
    return trm_compare_supervised(c) ? "epochs" : "episodes";
}

static void show_progress(trm_progress *bar, const trm_compare *c) {
    totals p = totals_of(c);
    char note[48];
    trm_text_format(note, sizeof note, "%d of %d runs done", p.ended, p.runs);
    trm_progress_show(bar, p.done, p.total, note);
}

static bool interrupted(const trm_compare *c, trm_error *e) {
    totals p = totals_of(c);
    return trm_error_set(e, TRM_E_STOPPED, "interrupted after %lld of %lld %s%s", (long long)p.done,
                         (long long)p.total, unit_of(c),
                         trm_compare_supervised(c) ? "; the figures are from finished runs" : "");
}

static bool run_plain(trm_compare *c, trm_error *e) {
    enum { GLANCE_MS = 50 };
    trm_interrupt_catch(true);
    if (!trm_compare_start(c, e))
        return false;
    trm_progress progress;
    trm_progress_init(&progress, unit_of(c), 0);
    while (!trm_compare_over(c) && !trm_interrupt_asked()) {
        show_progress(&progress, c);
        trm_interrupt_wait(-1, GLANCE_MS);
    }
    trm_compare_stop(c);
    trm_compare_join(c);
    trm_progress_clear(&progress);
    return !trm_interrupt_asked() || interrupted(c, e);
}

// The first run that failed, with what it was.
static bool any_failed(const trm_compare *c, trm_error *e) {
    for (int32_t i = 0; i < trm_compare_configs(c); i++) {
        for (int32_t n = 0; n < trm_compare_seeds(c); n++) {
            trm_compare_run r;
            trm_compare_get(c, i, n, &r);
            if (r.state == TRM_COMPARE_FAILED) {
                *e = r.error;
                trm_error_prefix(e, "%s, seed %lld", trm_compare_label(c, i), (long long)r.seed);
                return true;
            }
        }
    }
    return false;
}

static int compare(trm_compare *c, const compare_options *o) {
    trm_error e = {0};
    double began = trm_clock_now();
    bool screen = !o->json && !o->plain && !trm_compare_supervised(c) && trm_screens_possible(&e);
    bool ok;
    if (screen) {
        const trm_compare_view_options view = {.compare = c, TRM_DISPLAY_FIELDS(o->display)};
        trm_interrupt_catch(false); // a terminal that hangs up may say so while the view closes
        ok = trm_compare_view_run(&view, &e) || (e.code == TRM_E_STOPPED && interrupted(c, &e));
    } else {
        ok = run_plain(c, &e);
    }
    if (!ok && e.code != TRM_E_STOPPED)
        return trm_report_error(&e);
    if (o->json)
        trm_compare_print_json(c, trm_clock_now() - began);
    else
        trm_compare_print_table(c);
    int status = trm_report_finish(TRM_EXIT_DONE);
    if (!ok || any_failed(c, &e))
        status = trm_report_error(&e);
    return status;
}

static int run(const trm_words *words, void *given) {
    const compare_options *o = given;
    trm_error e = {0};
    if (o->json && o->plain)
        return trm_report_no_effect("--plain", "--json opens no view either");
    if ((o->json || o->plain) && trm_display_given(&o->display))
        return trm_report_no_effect(trm_display_given(&o->display), "no screen is opened");
    if (o->seed_first >= 0 && trm_config_words_set(words->overrides, words->override_count, "seed"))
        return trm_report_no_effect("seed", "--seed-first says which seeds they train with");
    trm_compare *c = open_compare(words, o, &e);
    int status = c != NULL ? compare(c, o) : trm_report_input_error(&e);
    trm_compare_free(c);
    return status;
}

const trm_command trm_command_compare = {
    .name = "compare",
    .summary = "train several presets side by side, with several seeds",
    .words = "PRESET|CONFIG|RUN...",
    .about =
        "Trains up to nine presets side by side, in memory; nothing is recorded. On a terminal you "
        "see reward and success grow; ? shows the keys, q leaves and prints the table. The table "
        "has parameters, success and reward of the last 50 episodes (mean and standard deviation "
        "over the seeds), steps per second, how many seeds reached 98 % (49 successes among the "
        "last 50), and how many seconds of training those took on average. Supervised presets have "
        "no screen; their table has the cells, whole answers and path cells that are right on the "
        "test samples. key=value words apply to every preset. Each run is the one that `trm train` "
        "gives with its seed. Ctrl-C stops and prints what is known so far. --json and --plain "
        "open no screen.",
    .examples =
        (const char *const[]){"trm compare maze maze-k5 maze-mlp --seeds 3",
                              "trm compare original-maze original-maze-k5 original-maze-mlp --json",
                              "trm compare mazes-8-fixed-cnn mazes-8-fixed-trm --seeds 5", NULL},
    .options = options,
    .options_size = sizeof(compare_options),
    .defaults = &(compare_options){.seeds = 1, .seed_first = -1},
    .words_min = 1,
    .words_max = TRM_COMPARE_CONFIGS,
    .overrides = true,
    .run = run,
};

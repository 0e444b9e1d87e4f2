// SPDX-License-Identifier: Apache-2.0
#include "trm/tui/compare.h"

#include "cli/commands.h"
#include "cli/common/cluster.h"
#include "cli/common/interrupt.h"
#include "cli/common/options.h"
#include "cli/common/progress.h"
#include "cli/common/report.h"
#include "trm/base/clock.h"
#include "trm/base/text.h"
#include "trm/tui/screens.h"
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct compare_options {
    int64_t seeds, seed_first, threads;
    bool json, plain, follow;
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
    TRM_SHARED_FOLLOW(compare_options),
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
                                   .threads = (int32_t)o->threads,
                                   .peers = trm_cluster_peers()};
    return read_configs(words, configs, e) ? trm_compare_new(&request, e) : NULL;
}

// ---- what it has shown
// ---------------------------------------------------------------------------

enum { COLUMNS = 7, SCORE_COLUMNS = 6, CELL = 64 };

typedef struct table_line {
    char cells[COLUMNS][CELL];
} table_line;

static const char *plus_minus(void) {
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? "±" : "+-";
}

// "97.3 ± 1.2"; without the spread where there is none.
static void put_mean(char out[CELL], const char *format, int digits, double mean, double sd) {
    if (isnan(mean)) {
        trm_text_copy(out, CELL, "-");
        return;
    }
    size_t used = trm_text_format(out, CELL, format[0] == '+' ? "%+.*f" : "%.*f", digits, mean);
    if (!isnan(sd))
        trm_text_format(out + used, CELL - used, " %s %.*f", plus_minus(), digits, sd);
}

static void put_line(const trm_compare *c, int32_t i, table_line *line) {
    trm_compare_summary s;
    trm_compare_summarise(c, i, &s);
    char number[32];
    char(*cell)[CELL] = line->cells;
    trm_text_copy(cell[0], CELL, trm_compare_label(c, i));
    trm_text_copy(cell[1], CELL, trm_text_thousands(number, trm_compare_parameters(c, i)));
    put_mean(cell[2], "", 1, 100 * s.success, 100 * s.success_sd);
    trm_text_format(cell[3], CELL, "%d/%d", s.reached, s.runs);
    put_mean(cell[4], "+", 2, s.reward, s.reward_sd);
    trm_text_copy(cell[5], CELL,
                  s.begun > 0 ? trm_text_thousands(number, (int64_t)llrint(s.steps_per_second))
                              : "-");
    put_mean(cell[6], "", s.reached_seconds < 10 ? 3 : 1, s.reached_seconds, s.reached_seconds_sd);
}

static void put_score_line(const trm_compare *c, int32_t i, table_line *line) {
    trm_compare_summary s;
    trm_compare_summarise(c, i, &s);
    char number[32];
    char(*cell)[CELL] = line->cells;
    trm_text_copy(cell[0], CELL, trm_compare_label(c, i));
    trm_text_copy(cell[1], CELL, trm_text_thousands(number, trm_compare_parameters(c, i)));
    put_mean(cell[2], "", 1, 100 * s.cells, 100 * s.cells_sd);
    put_mean(cell[3], "", 1, 100 * s.exact, 100 * s.exact_sd);
    put_mean(cell[4], "", 1, 100 * s.recall, 100 * s.recall_sd);
    put_mean(cell[5], "", 1, s.seconds, (double)NAN);
}

static int columns_of(const char *text) {
    int n = 0;
    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80;
    return n;
}

static void print_line(const table_line *line, int columns, const int *widths) {
    for (int k = 0; k < columns; k++) {
        int pad = widths[k] - columns_of(line->cells[k]);
        if (k == 0)
            printf("%s%*s", line->cells[k], pad, "");
        else
            printf("  %*s%s", pad, "", line->cells[k]);
    }
    putchar('\n');
}

// Episodes that success and reward are taken over: fewer than 50 where no run has as many.
static int32_t window_of(const trm_compare *c) {
    int32_t window = 0;
    for (int32_t i = 0; i < trm_compare_configs(c); i++) {
        for (int32_t n = 0; n < trm_compare_seeds(c); n++) {
            trm_compare_run r;
            trm_compare_get(c, i, n, &r);
            window = r.window > window ? r.window : window;
        }
    }
    return window > 0 ? window : TRM_HISTORY_WINDOW;
}

static void print_table(const trm_compare *c) {
    static const table_line heads[] = {
        {{"preset", "parameters", "success %", "98 %", "reward", "steps/s", "s to 98 %"}},
        {{"preset", "parameters", "cells %", "exact %", "path found %", "seconds"}}};
    const bool scores = trm_compare_supervised(c);
    const int columns = scores ? SCORE_COLUMNS : COLUMNS;
    const table_line *head = &heads[scores];
    table_line lines[TRM_COMPARE_CONFIGS];
    int widths[COLUMNS];
    for (int k = 0; k < columns; k++)
        widths[k] = columns_of(head->cells[k]);
    int32_t n = trm_compare_configs(c);
    for (int32_t i = 0; i < n; i++) {
        (scores ? put_score_line : put_line)(c, i, &lines[i]);
        for (int k = 0; k < columns; k++) {
            int w = columns_of(lines[i].cells[k]);
            widths[k] = w > widths[k] ? w : widths[k];
        }
    }
    print_line(head, columns, widths);
    for (int32_t i = 0; i < n; i++)
        print_line(&lines[i], columns, widths);
    char spread[CELL] = "";
    if (trm_compare_seeds(c) > 1)
        trm_text_format(spread, sizeof spread, ", %s sd over the seeds", plus_minus());
    if (scores) {
        printf("cells, whole answers and path cells that are right on the test samples%s\n",
               spread);
    } else {
        printf("success, reward: last %d episodes%s; 98 %%: seeds that reached it\n", window_of(c),
               spread);
    }
}

static void json_rest(const trm_compare_run *r) {
    bool any = r->episodes > 0;
    trm_json_text_member(stdout, false, "state", trm_compare_state_name(r->state));
    trm_json_member(stdout, false, "episodes", (double)r->episodes);
    trm_json_member(stdout, false, "updates", (double)r->updates);
    trm_json_member(stdout, false, "steps", (double)r->steps);
    trm_json_member(stdout, false, "success_last_50", (double)r->success50);
    trm_json_member(stdout, false, "reward_last_50", (double)r->mean50);
    trm_json_member(stdout, false, "window", r->window);
    trm_json_member(stdout, false, "best_reward", (double)r->best_reward);
    trm_json_member(stdout, false, "first_success",
                    r->first_success < 0 ? (double)NAN : (double)r->first_success);
    trm_json_member(stdout, false, "seconds", r->seconds);
    trm_json_member(stdout, false, "steps_per_second",
                    any && r->seconds > 0 ? (double)r->steps / r->seconds : (double)NAN);
    trm_json_member(stdout, false, "seconds_to_98", r->reached_seconds);
    trm_json_member(stdout, false, "episodes_to_98",
                    r->reached_episode < 0 ? (double)NAN : (double)r->reached_episode);
}

static void json_score_rest(const trm_compare_run *r) {
    trm_json_text_member(stdout, false, "state", trm_compare_state_name(r->state));
    trm_json_member(stdout, false, "epochs", (double)r->episodes);
    trm_json_member(stdout, false, "cell_accuracy", r->test_cells);
    trm_json_member(stdout, false, "exact_accuracy", r->test_exact);
    trm_json_member(stdout, false, "path_recall", r->test_recall);
    trm_json_member(stdout, false, "validation_cell_accuracy", r->validation_cells);
    trm_json_member(stdout, false, "validation_exact_accuracy", r->validation_exact);
    trm_json_member(stdout, false, "seconds", r->seconds);
}

static void json_summary(const trm_compare_summary *s) {
    trm_json_member(stdout, false, "success_last_50_mean", s->success);
    trm_json_member(stdout, false, "success_last_50_sd", s->success_sd);
    trm_json_member(stdout, false, "reward_last_50_mean", s->reward);
    trm_json_member(stdout, false, "reward_last_50_sd", s->reward_sd);
    trm_json_member(stdout, false, "steps_per_second_mean", s->steps_per_second);
    trm_json_member(stdout, false, "seeds_at_98", (double)s->reached);
    trm_json_member(stdout, false, "seconds_to_98_mean", s->reached_seconds);
    trm_json_member(stdout, false, "seconds_to_98_sd", s->reached_seconds_sd);
    trm_json_member(stdout, false, "episodes_to_98_mean", s->reached_episode);
}

static void json_score_summary(const trm_compare_summary *s) {
    trm_json_member(stdout, false, "cell_accuracy_mean", s->cells);
    trm_json_member(stdout, false, "cell_accuracy_sd", s->cells_sd);
    trm_json_member(stdout, false, "exact_accuracy_mean", s->exact);
    trm_json_member(stdout, false, "exact_accuracy_sd", s->exact_sd);
    trm_json_member(stdout, false, "path_recall_mean", s->recall);
    trm_json_member(stdout, false, "path_recall_sd", s->recall_sd);
    trm_json_member(stdout, false, "seconds_mean", s->seconds);
}

static void json_config(const trm_compare *c, int32_t i) {
    const bool scores = trm_compare_supervised(c);
    trm_compare_summary s;
    trm_compare_summarise(c, i, &s);
    putchar('{');
    trm_json_text_member(stdout, true, "preset", trm_compare_label(c, i));
    trm_json_member(stdout, false, "parameters", (double)trm_compare_parameters(c, i));
    (scores ? json_score_summary : json_summary)(&s);
    fputs(",\"runs\":[", stdout);
    for (int32_t n = 0; n < s.runs; n++) {
        trm_compare_run r;
        trm_compare_get(c, i, n, &r);
        fputs(n > 0 ? ",{" : "{", stdout);
        trm_json_member(stdout, true, "seed", (double)r.seed);
        (scores ? json_score_rest : json_rest)(&r);
        if (r.state == TRM_COMPARE_FAILED)
            trm_json_text_member(stdout, false, "error", r.error.message);
        putchar('}');
    }
    fputs("]}", stdout);
}

static void print_json(const trm_compare *c, double seconds) {
    putchar('{');
    trm_json_member(stdout, true, "seeds", (double)trm_compare_seeds(c));
    trm_json_member(stdout, false, "threads", (double)trm_compare_threads(c));
    trm_json_member(stdout, false, "seconds", seconds);
    fputs(",\"presets\":[", stdout);
    for (int32_t i = 0; i < trm_compare_configs(c); i++) {
        if (i > 0)
            putchar(',');
        json_config(c, i);
    }
    puts("]}");
}

// ---- running ------------------------------------------------------------------------------------

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
    bool screen = !o->json && !o->plain && trm_screens_possible(&e);
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
        print_json(c, trm_clock_now() - began);
    else
        print_table(c);
    int status = trm_report_finish(TRM_EXIT_DONE);
    if (!ok || any_failed(c, &e))
        status = trm_report_error(&e);
    return status;
}

// What was given that is for training.
static const char *nothing_to_set(const trm_words *words, const compare_options *o) {
    return words->override_count > 0 ? words->overrides[0]
           : o->seeds != 1           ? "--seeds"
           : o->seed_first >= 0      ? "--seed-first"
           : o->threads > 0          ? "--threads"
                                     : NULL;
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
    if (o->follow && nothing_to_set(words, o) != NULL)
        return trm_report_no_effect(nothing_to_set(words, o), "--follow trains nothing");
    trm_compare *c =
        o->follow ? trm_compare_follow((const char *const *)words->plain, words->plain_count, &e)
                  : open_compare(words, o, &e);
    int status = c != NULL ? compare(c, o) : trm_report_input_error(&e);
    trm_compare_free(c);
    return status;
}

const trm_command trm_command_compare = {
    .name = "compare",
    .summary = "train several presets side by side, with several seeds",
    .words = "PRESET|CONFIG|RUN...",
    .about =
        "Trains up to nine presets side by side, in memory; nothing is recorded. On a terminal "
        "you see reward and success grow; ? shows the keys, q leaves and prints the table. The "
        "table has parameters, success and reward of the last 50 episodes (mean and standard "
        "deviation over the seeds), steps per second, how many seeds reached 98 % (49 successes "
        "among the last 50), and how many seconds of training those took on average. Of "
        "supervised presets you see cells and whole answers right on validation samples grow; "
        "their table has the cells, whole answers and path cells that are right on the test "
        "samples. key=value words apply to every preset. Each run is the one that `trm train` "
        "gives with its seed. Ctrl-C stops and prints what is known so far. --json and --plain "
        "open no screen. --follow compares runs that are recorded, or that other processes "
        "train, as they grow.",
    .examples =
        (const char *const[]){"trm compare maze maze-k5 maze-mlp --seeds 3",
                              "trm compare runs/maze-1 runs/maze-2 --follow",
                              "trm compare original-maze original-maze-k5 original-maze-mlp --json",
                              "trm compare mazes-8-fixed-cnn mazes-8-fixed-trm --seeds 5", NULL},
    .options = options,
    .options_size = sizeof(compare_options),
    .defaults = &(compare_options){.seeds = 1, .seed_first = -1},
    .words_min = 1,
    .words_max = TRM_COMPARE_CONFIGS,
    .overrides = true,
    .ranks = TRM_RANKS_ALL,
    .run = run,
};

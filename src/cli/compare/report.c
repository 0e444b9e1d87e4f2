// SPDX-License-Identifier: Apache-2.0
#include "cli/compare/report.h"

#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/common/report.h"
#include "trm/base/text.h"

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

void trm_compare_print_table(const trm_compare *c) {
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

void trm_compare_print_json(const trm_compare *c, double seconds) {
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

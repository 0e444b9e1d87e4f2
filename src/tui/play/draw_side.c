// SPDX-License-Identifier: Apache-2.0
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trm/agent/words.h"
#include "trm/base/text.h"
#include "tui/play/draw.h"
#include "tui/widgets/thought.h"

enum { LABEL = 9 };

// Rows that are still free, from the top.
typedef struct column {
    trm_canvas *c;
    trm_rect r;
} column;

static void take(column *k, int32_t rows) {
    k->r.y += rows;
    k->r.h -= rows;
}

static void heading(column *k, const char *name) {
    if (k->r.h > 2) {
        trm_canvas_heading(k->c, k->r.y, k->r.x, k->r.w, name, 0);
        take(k, 1);
    }
}

__attribute__((format(printf, 4, 5))) static void field(column *k, const char *label,
                                                        trm_style style, const char *format, ...) {
    char text[128];
    va_list args;
    if (k->r.h < 1)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const int32_t x = trm_canvas_text(k->c, k->r.y, k->r.x, k->r.w, TRM_STYLE_DIM, label);
    trm_canvas_text(k->c, k->r.y, k->r.x + x, k->r.w - x, style, text);
    take(k, 1);
}

static void wrapped(column *k, trm_style style, const char *text) {
    take(k, trm_play_wrap(k->c, k->r, style, text));
}

static void show_step(column *k, const trm_game *g) {
    const trm_step *s = trm_game_last(g);
    char name[16] = "", text[128];
    if (s == NULL) {
        field(k, "", TRM_STYLE_DIM, "the start");
    } else {
        trm_text_format(text, sizeof text, "%+.2f", (double)s->reward);
        const int32_t x = trm_canvas_text(k->c, k->r.y, k->r.x, k->r.w,
                                          s->reward > 0 ? TRM_STYLE_GOOD : TRM_STYLE_BAD, text);
        trm_canvas_text(k->c, k->r.y, k->r.x + x + 1, k->r.w - x - 1, TRM_STYLE_NORMAL, s->reason);
        take(k, 1);
        trm_env_action_name(trm_game_env(g), trm_game_last_action(g), name);
    }
    field(k, "step ", TRM_STYLE_NORMAL, "%-4d%s", trm_game_steps(g), name);
    field(k, "total ", TRM_STYLE_STRONG, "%+.2f", (double)trm_game_reward(g));
}

static void show_counts(column *k, const trm_play *p) {
    const trm_game_counts *n = trm_game_counted(p->game);
    field(k, "mistakes ", n->mistakes > 0 ? TRM_STYLE_BAD : TRM_STYLE_NORMAL, "%-4d undone %d",
          n->mistakes, n->undone);
    if (k->r.h > 8 && (n->hints > 0 || n->asked > 0))
        field(k, "hints ", TRM_STYLE_NORMAL, "%-4d asked %d", n->hints, n->asked);
}

static void show_hint(column *k, const trm_play *p) {
    if (!p->has_hint || k->r.h < 2)
        return;
    heading(k, "hint");
    wrapped(k, TRM_STYLE_NORMAL, p->hint.text);
}

static void show_opinion(column *k, const trm_play *p) {
    if (!p->asking || p->opinion < 0 || k->r.h < 3)
        return;
    char text[128];
    const trm_thought t = {.env = p->setup.env,
                           .reading = trm_agent_reading(&p->agent, p->agent.trace),
                           .chosen = p->opinion};
    heading(k, "the model");
    trm_words_brief(t.env, &t.reading, text, sizeof text);
    wrapped(k, TRM_STYLE_STRONG, text);
    take(k, trm_thought_draw(k->c, k->r, &t));
}

static void show_marks(column *k, const trm_play *p) {
    const uint16_t notes = trm_game_marks(p->game, p->cursor);
    if (!trm_game_has_digits(p->game) || notes == 0)
        return;
    char text[40] = "";
    for (int32_t d = 1; d <= 16; d++)
        if (notes >> (d - 1) & 1) {
            const size_t used = strlen(text);
            trm_text_format(text + used, sizeof text - used, "%d ", d);
        }
    field(k, "marks ", TRM_STYLE_NORMAL, "%s", text);
}

// ---- the end

static void result_row(column *k, const char *label, const char *const words[3], trm_style first) {
    if (k->r.h < 1)
        return;
    const int32_t w = (k->r.w - LABEL) / 3 < 12 ? (k->r.w - LABEL) / 3 : 12;
    trm_canvas_text(k->c, k->r.y, k->r.x, LABEL, TRM_STYLE_DIM, label);
    for (int32_t i = 0; i < 3; i++)
        trm_canvas_print_right(k->c, k->r.y, k->r.x + LABEL + i * w, w,
                               i == 0 ? first : TRM_STYLE_NORMAL, "%s", words[i]);
    take(k, 1);
}

static void write_time(char *out, size_t size, double seconds) {
    if (isnan(seconds))
        trm_text_copy(out, size, "");
    else
        trm_text_format(out, size, "%.1fs", seconds);
}

static void show_result(column *k, const trm_play *p) {
    const trm_play_side *sides[3] = {&p->you, &p->model, &p->optimum};
    static const char *const names[3] = {"you", "model", "optimum"};
    enum { STEPS, REWARD, MISTAKES, SOLVED, TIME, ROWS };
    static const char *const labels[ROWS] = {"steps", "reward", "mistakes", "solved", "time"};
    char cells[ROWS][3][24];
    for (int32_t i = 0; i < 3; i++) {
        const trm_play_side *s = sides[i];
        trm_text_format(cells[STEPS][i], 24, "%d", s->steps);
        trm_text_format(cells[REWARD][i], 24, "%+.2f", s->reward);
        trm_text_format(cells[MISTAKES][i], 24, "%d", s->mistakes);
        trm_text_copy(cells[SOLVED][i], 24, s->solved ? "yes" : "no");
        write_time(cells[TIME][i], 24, s->seconds);
        for (int32_t row = 0; row < ROWS && !s->known; row++)
            trm_text_copy(cells[row][i], 24, "-");
    }
    heading(k, p->you.solved ? "solved" : "not solved");
    result_row(k, "", names, TRM_STYLE_STRONG);
    for (int32_t row = 0; row < ROWS; row++)
        result_row(k, labels[row],
                   (const char *const[3]){cells[row][0], cells[row][1], cells[row][2]},
                   TRM_STYLE_STRONG);
}

static void show_record(column *k, const trm_play *p) {
    const trm_record *r = &p->record;
    if (!p->has_record || k->r.h < 3)
        return;
    heading(k, "record");
    field(k, "", TRM_STYLE_NORMAL, "%s", r->kind);
    field(k, "games ", TRM_STYLE_NORMAL, "%lld, solved %lld, unaided %lld", (long long)r->games,
          (long long)r->solved, (long long)r->unaided);
    if (r->unaided == 0) {
        field(k, "", TRM_STYLE_DIM, "solve one without help");
        return;
    }
    field(k, "best ", TRM_STYLE_STRONG, "%.1fs  %+.2f", r->seconds, r->reward);
    field(k, "least ", TRM_STYLE_STRONG, "%d step%s, %d mistake%s", r->steps,
          r->steps == 1 ? "" : "s", r->mistakes, r->mistakes == 1 ? "" : "s");
}

void trm_play_draw_side(trm_canvas *c, trm_rect r, const trm_play *p) {
    column k = {c, r};
    if (trm_game_finished(p->game) && p->over) {
        show_step(&k, p->game);
        show_result(&k, p);
        if (p->first[0] != 0)
            field(&k, "", TRM_STYLE_STRONG, "%s", p->first);
        show_record(&k, p);
        return;
    }
    if (!p->racing)
        heading(&k, "you");
    show_step(&k, p->game);
    show_counts(&k, p);
    show_marks(&k, p);
    show_hint(&k, p);
    show_opinion(&k, p);
    if (p->racing || k.r.h < 2)
        return;
    field(&k, "", TRM_STYLE_NORMAL, "%s", "");
    if (p->setup.model != NULL)
        field(&k, "model ", TRM_STYLE_DIM, "%s", p->setup.model_name);
    else
        field(&k, "", TRM_STYLE_DIM, "no model");
}

void trm_play_draw_rival(trm_canvas *c, trm_rect r, const trm_play *p) {
    column k = {c, r};
    show_step(&k, p->rival);
    field(&k, "mistakes ", TRM_STYLE_NORMAL, "%d", trm_game_counted(p->rival)->mistakes);
    if (trm_game_finished(p->rival))
        field(&k, "", TRM_STYLE_STRONG, "%s after %d steps",
              trm_game_solved(p->rival) ? "solved" : "ended", trm_game_steps(p->rival));
    else
        field(&k, "pace ", TRM_STYLE_NORMAL, "%g move%s a second", p->pace,
              p->pace == 1.0 ? "" : "s");
    if (p->first[0] != 0)
        wrapped(&k, TRM_STYLE_STRONG, p->first);
    field(&k, "model ", TRM_STYLE_DIM, "%s", p->setup.model_name);
}

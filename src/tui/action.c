// SPDX-License-Identifier: Apache-2.0
#include "tui/action.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"

static bool usable(const trm_action *a, const void *self) {
    return (a->usable == NULL || a->usable(self)) &&
           (a->why_not == NULL || a->why_not(self) == NULL);
}

int32_t trm_way_cell(int32_t arg, int32_t cell, int32_t rows, int32_t cols) {
    const int32_t row = trm_clamp(cell / cols + trm_way_rows(arg), 0, rows - 1);
    return row * cols + trm_clamp(cell % cols + trm_way_cols(arg), 0, cols - 1);
}

int32_t trm_action_count(const trm_action *table) {
    int32_t n = 0;
    while (table[n].keys[0] != 0)
        n++;
    return n;
}

// Which key of an action it is; -1: none.
static int32_t place_of(const trm_action *a, uint32_t key) {
    for (int32_t k = 0; k < TRM_ACTION_KEYS && a->keys[k] != 0; k++)
        if (a->keys[k] == key)
            return k;
    return -1;
}

const char *trm_action_refusal(const trm_action *table, const void *self, uint32_t key) {
    for (const trm_action *a = table; a->keys[0] != 0; a++)
        if (place_of(a, key) >= 0 && a->why_not != NULL)
            return a->why_not(self);
    return NULL;
}

const trm_action *trm_action_find(const trm_action *table, const void *self, uint32_t key,
                                  int32_t *arg) {
    for (const trm_action *a = table; a->keys[0] != 0; a++) {
        const int32_t k = place_of(a, key);
        *arg = a->arg + k * a->step;
        if (k >= 0 && usable(a, self))
            return a;
    }
    return NULL;
}

int32_t trm_way_rows(int32_t arg) {
    static const int32_t rows[TRM_WAYS] = {-1, 1, 0, 0};
    return rows[arg % TRM_WAYS];
}

int32_t trm_way_cols(int32_t arg) {
    static const int32_t cols[TRM_WAYS] = {0, 0, -1, 1};
    return cols[arg % TRM_WAYS];
}

void trm_key_name(uint32_t key, char out[16]) {
    static const struct {
        uint32_t key;
        const char *name;
    } names[] = {
        {' ', "Space"},
        {TRM_KEY_TAB, "Tab"},
        {TRM_KEY_ENTER, "Enter"},
        {TRM_KEY_ESC, "Esc"},
        {TRM_KEY_LEFT, "Left"},
        {TRM_KEY_RIGHT, "Right"},
        {TRM_KEY_UP, "Up"},
        {TRM_KEY_DOWN, "Down"},
        {TRM_KEY_HOME, "Home"},
        {TRM_KEY_END, "End"},
        {TRM_KEY_PAGE_UP, "PgUp"},
        {TRM_KEY_PAGE_DOWN, "PgDn"},
        {TRM_KEY_SHIFT_TAB, "Shift-Tab"},
        {TRM_KEY_BACKSPACE, "Backspace"},
        {TRM_KEY_F1, "F1"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].key == key) {
            trm_text_copy(out, 16, names[i].name);
            return;
        }
    if (key < 0x20) {
        trm_text_format(out, 16, "Ctrl-%c", (int)(key + 0x40));
        return;
    }
    char utf8[5] = {0};
    trm_utf8_put(utf8, key);
    trm_text_copy(out, 16, utf8);
}

static bool moves(const trm_action *a) {
    static const uint32_t keys[] = TRM_KEYS_MOVE;
    return memcmp(a->keys, keys, sizeof keys) == 0;
}

void trm_action_keys(const trm_action *a, char *out, int32_t size) {
    trm_text_copy(out, (size_t)size, moves(a) ? "Arrows  hjkl" : "");
    for (int32_t k = moves(a) ? 8 : 0; k < TRM_ACTION_KEYS && a->keys[k] != 0; k++) {
        char name[16], last[16];
        int32_t to = k; // end of a row of keys that follow one another
        while (to + 1 < TRM_ACTION_KEYS && a->keys[to + 1] == a->keys[to] + 1)
            to++;
        trm_key_name(a->keys[k], name);
        trm_key_name(a->keys[to], last);
        const bool row = to - k >= 2;
        trm_text_add(out, (size_t)size, "%s%s%s%s", out[0] != 0 ? "  " : "", name, row ? "-" : "",
                     row ? last : "");
        k = row ? to : k;
    }
}

// ---- the bottom line

// An entry: one action, or two that belong together.
typedef struct entry {
    const trm_action *a, *other; // other: NULL where there is none
    const char *label;
    char keys[2][16];
} entry;

static entry entry_of(const trm_action *a, const void *self) {
    entry e = {.a = a, .label = a->label_now != NULL ? a->label_now(self) : a->label};
    trm_key_name(a->keys[0], e.keys[0]);
    if (a[1].pair && usable(a + 1, self)) {
        e.other = a + 1;
        trm_key_name(a[1].keys[0], e.keys[1]);
    }
    return e;
}

static int32_t width_of(const entry *e) {
    return trm_text_columns(e->keys[0]) + 1 + (e->other ? trm_text_columns(e->keys[1]) + 1 : 0) +
           trm_text_columns(e->label);
}

static void add_spot(trm_action_spots *s, int32_t x, int32_t w, uint32_t key) {
    if (s->count < (int32_t)(sizeof s->at / sizeof *s->at)) {
        s->at[s->count].x = x;
        s->at[s->count].w = w;
        s->at[s->count++].key = key;
    }
}

// A click on the label of two goes on, and not back.
static int32_t draw_entry(trm_canvas *c, int32_t y, int32_t x, const entry *e,
                          trm_action_spots *spots) {
    const trm_action *of_label = e->other != NULL && e->a->arg < 0 ? e->other : e->a;
    const int32_t start = x;
    for (int32_t i = 0; i < (e->other != NULL ? 2 : 1); i++) {
        const int32_t w = trm_canvas_text(c, y, x, c->cols - x, TRM_STYLE_KEY, e->keys[i]);
        add_spot(spots, x, w + 1, (i == 0 ? e->a : e->other)->keys[0]);
        x += w + 1;
    }
    const int32_t w = trm_canvas_text(c, y, x, c->cols - x, TRM_STYLE_DIM, e->label);
    add_spot(spots, x, w, of_label->keys[0]);
    return x + w - start;
}

void trm_action_bar(trm_canvas *c, int32_t y, int32_t x, const trm_action *table, const void *self,
                    const trm_action *last, trm_action_spots *spots) {
    entry end = {0};
    spots->count = 0;
    if (last != NULL)
        end = entry_of(last, NULL);
    const int32_t keep = last != NULL ? width_of(&end) + 2 : 0;
    for (int32_t p = 1; p < 100; p++)
        for (const trm_action *a = table; a->keys[0] != 0; a++) {
            if (a->priority != p || a->pair || !usable(a, self))
                continue;
            const entry e = entry_of(a, self);
            if (x + width_of(&e) + keep <= c->cols)
                x += draw_entry(c, y, x, &e, spots) + 2;
        }
    if (last != NULL && x + keep - 2 <= c->cols)
        draw_entry(c, y, x, &end, spots);
}

uint32_t trm_action_spot(const trm_action_spots *spots, int32_t x) {
    for (int32_t i = 0; i < spots->count; i++)
        if (x >= spots->at[i].x && x < spots->at[i].x + spots->at[i].w)
            return spots->at[i].key;
    return TRM_KEY_NONE;
}

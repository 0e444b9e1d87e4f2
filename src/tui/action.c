// SPDX-License-Identifier: Apache-2.0
#include "tui/action.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/terminal.h"

static bool usable(const trm_action *a, const void *self) {
    return a->usable == NULL || a->usable(self);
}

const trm_action *trm_action_find(const trm_action *table, int32_t n, const void *self,
                                  uint32_t key) {
    for (int32_t i = 0; i < n; i++)
        for (int32_t k = 0; k < TRM_ACTION_KEYS && table[i].keys[k] != 0; k++)
            if (table[i].keys[k] == key && usable(&table[i], self))
                return &table[i];
    return NULL;
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

void trm_action_keys(const trm_action *a, char *out, int32_t size) {
    out[0] = 0;
    for (int32_t k = 0; k < TRM_ACTION_KEYS && a->keys[k] != 0; k++) {
        char name[16], last[16];
        int32_t to = k; // end of a row of keys that follow one another
        while (to + 1 < TRM_ACTION_KEYS && a->keys[to + 1] == a->keys[to] + 1)
            to++;
        trm_key_name(a->keys[k], name);
        trm_key_name(a->keys[to], last);
        const size_t used = strlen(out);
        if (to - k < 2)
            trm_text_format(out + used, (size_t)size - used, "%s%s", k > 0 ? "  " : "", name);
        else
            trm_text_format(out + used, (size_t)size - used, "%s%s-%s", k > 0 ? "  " : "", name,
                            last);
        k = to - k < 2 ? k : to;
    }
}

static int32_t draw_one(trm_canvas *c, int32_t y, int32_t x, const trm_action *a, const void *self,
                        bool dry) {
    char key[16];
    trm_key_name(a->keys[0], key);
    const char *label = a->label_now != NULL ? a->label_now(self) : a->label;
    const int32_t width = trm_text_columns(key) + 1 + trm_text_columns(label);
    if (dry)
        return width;
    const int32_t n = trm_canvas_text(c, y, x, c->cols - x, TRM_STYLE_KEY, key);
    trm_canvas_text(c, y, x + n + 1, c->cols - x - n - 1, TRM_STYLE_DIM, label);
    return width;
}

void trm_action_bar(trm_canvas *c, int32_t y, int32_t x, const trm_action *table, int32_t n,
                    const void *self, const trm_action *last) {
    const int32_t keep = last != NULL ? draw_one(c, y, 0, last, NULL, true) + 2 : 0;
    for (int32_t p = 1; p < 100; p++)
        for (int32_t i = 0; i < n; i++) {
            if (table[i].priority != p || !usable(&table[i], self))
                continue;
            const int32_t w = draw_one(c, y, x, &table[i], self, true);
            if (x + w + keep > c->cols)
                continue;
            x += draw_one(c, y, x, &table[i], self, false) + 2;
        }
    if (last != NULL && x + keep - 2 <= c->cols)
        draw_one(c, y, x, last, NULL, false);
}

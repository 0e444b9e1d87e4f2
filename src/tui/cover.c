// SPDX-License-Identifier: Apache-2.0
#include "tui/cover.h"

#include <string.h>

#include "trm/base/text.h"
#include "tui/canvas/layout.h"
#include "tui/terminal/keys.h"

enum { WHEEL = 3 }; // lines of the help

void trm_cover_help(trm_cover *c) {
    c->kind = TRM_COVER_HELP;
    c->scroll = 0;
    c->filter[0] = 0;
    c->filtering = false;
}

void trm_cover_ask(trm_cover *c, const char *question, void (*yes)(void *ctx), void *ctx) {
    trm_text_copy(c->question, sizeof c->question, question);
    c->yes = yes;
    c->ctx = ctx;
    c->kind = TRM_COVER_QUESTION;
}

void trm_cover_prompt(trm_cover *c, const char *label, const char *initial,
                      void (*done)(void *ctx, const char *text), void *ctx) {
    trm_text_copy(c->label, sizeof c->label, label);
    trm_text_copy(c->typed, sizeof c->typed, initial);
    c->done = done;
    c->ctx = ctx;
    c->kind = TRM_COVER_PROMPT;
}

// Typing into a line: one more character, or one less.
static void edit(char *text, size_t size, uint32_t key) {
    const size_t n = strlen(text);
    if (key == TRM_CTRL('U')) {
        text[0] = 0;
    } else if (key == TRM_KEY_BACKSPACE) {
        text[n > 0 ? trm_utf8_cut(text, n - 1) : 0] = 0;
    } else if (key >= 0x20 && key < TRM_KEY_LEFT && !(key >= 0x7F && key < 0xA0)) {
        char utf8[4];
        const size_t bytes = trm_utf8_put(utf8, key);
        if (n + bytes < size) {
            memcpy(text + n, utf8, bytes);
            text[n + bytes] = 0;
        }
    }
}

static void key_help(trm_cover *c, uint32_t key, int32_t page) {
    const struct {
        uint32_t key;
        int32_t by;
    } scrolls[] = {{TRM_KEY_DOWN, 1},
                   {'j', 1},
                   {TRM_KEY_UP, -1},
                   {'k', -1},
                   {' ', page},
                   {TRM_KEY_PAGE_DOWN, page},
                   {TRM_KEY_PAGE_UP, -page},
                   {TRM_KEY_WHEEL_DOWN, WHEEL},
                   {TRM_KEY_WHEEL_UP, -WHEEL}};
    static const uint32_t closing[] = {TRM_KEY_ESC,   TRM_KEY_ENTER, TRM_KEY_F1,
                                       TRM_CTRL('C'), '?',           'q'};
    if (c->filtering && key != TRM_KEY_ENTER && key != TRM_KEY_ESC && key != TRM_CTRL('C')) {
        edit(c->filter, sizeof c->filter, key);
        c->scroll = 0;
        return;
    }
    if (c->filtering || key == '/') {
        c->filtering = !c->filtering;
        if (c->filtering || key != TRM_KEY_ENTER)
            c->filter[0] = 0;
        return;
    }
    for (size_t i = 0; i < sizeof scrolls / sizeof *scrolls; i++)
        if (key == scrolls[i].key)
            c->scroll = trm_clamp(c->scroll + scrolls[i].by, 0, INT32_MAX);
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
        if (key == closing[i])
            c->kind = TRM_COVER_NONE;
}

static void key_question(trm_cover *c, uint32_t key, int32_t page) {
    (void)page;
    if (key == 'y' || key == 'Y' || key == TRM_CTRL('C')) {
        c->kind = TRM_COVER_NONE;
        c->yes(c->ctx);
    } else if (key == 'n' || key == 'N' || key == 'q' || key == TRM_KEY_ESC) {
        c->kind = TRM_COVER_NONE;
    }
}

static void key_prompt(trm_cover *c, uint32_t key, int32_t page) {
    (void)page;
    if (key == TRM_KEY_ESC || key == TRM_CTRL('C')) {
        c->kind = TRM_COVER_NONE;
    } else if (key == TRM_KEY_ENTER) {
        c->kind = TRM_COVER_NONE;
        if (c->typed[0] != 0)
            c->done(c->ctx, c->typed);
    } else {
        edit(c->typed, sizeof c->typed, key);
    }
}

void trm_cover_key(trm_cover *c, uint32_t key, int32_t page) {
    static void (*const takes[])(trm_cover * c, uint32_t key,
                                 int32_t page) = {[TRM_COVER_HELP] = key_help,
                                                  [TRM_COVER_QUESTION] = key_question,
                                                  [TRM_COVER_PROMPT] = key_prompt};
    takes[c->kind](c, key, page);
}

void trm_cover_paste(trm_cover *c, uint32_t character) {
    if (c->kind == TRM_COVER_PROMPT && character >= 0x20)
        key_prompt(c, character, 0);
}

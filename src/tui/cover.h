// SPDX-License-Identifier: Apache-2.0
// What lies over a screen and takes its keys: the help, a question, a line to type into.
#ifndef TUI_COVER_H
#define TUI_COVER_H

#include <stdbool.h>
#include <stdint.h>

enum { TRM_COVER_TYPED = 512 };

typedef enum trm_cover_kind {
    TRM_COVER_NONE,
    TRM_COVER_HELP,
    TRM_COVER_QUESTION,
    TRM_COVER_PROMPT
} trm_cover_kind;

typedef struct trm_cover {
    trm_cover_kind kind;
    int32_t scroll;     // of the help
    char filter[32];    // … and what its rows have in them
    bool filtering;     // that is being typed
    char question[128]; // answered by y or n
    void (*yes)(void *ctx);
    char label[64], typed[TRM_COVER_TYPED]; // the line
    void (*done)(void *ctx, const char *text);
    void *ctx;
} trm_cover;

void trm_cover_help(trm_cover *c);
void trm_cover_ask(trm_cover *c, const char *question, void (*yes)(void *ctx), void *ctx);
void trm_cover_prompt(trm_cover *c, const char *label, const char *initial,
                      void (*done)(void *ctx, const char *text), void *ctx);

// Takes a key. What it calls may put another cover in the place of this one. page: lines that the
// help scrolls by a page.
void trm_cover_key(trm_cover *c, uint32_t key, int32_t page);

// What is pasted goes into a line that is being typed, and nowhere else.
void trm_cover_paste(trm_cover *c, uint32_t character);

#endif

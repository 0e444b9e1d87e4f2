// SPDX-License-Identifier: Apache-2.0
// A moment as a line of episodes.jsonl.
#ifndef RUN_RECORD_LINES_H
#define RUN_RECORD_LINES_H

#include "run/json.h"
#include "trm/base/arena.h"
#include "trm/run/record.h"

enum { LINES_REASONS = 255 };

// The words that reasons are, each once. Borrowed from wherever they come from.
typedef struct lines_reasons {
    int32_t count;
    const char *words[LINES_REASONS];
} lines_reasons;

// Index of a word, which is added if it is new and there is room; -1: there is none.
int32_t lines_reason(lines_reasons *to, const char *word);

// Most bytes that a line takes with an environment; longer ones are not kept.
int32_t lines_longest(const trm_env *env);

// Appends the line, its newline included.
void lines_print(json_text *out, const trm_moment *m, const lines_reasons *reasons);

// Reads a line of `size` bytes, its newline left out. Arrays and new words are taken from the
// arena. Fails with what is wrong in it.
bool lines_parse(const char *line, size_t size, const trm_env *env, trm_arena *arena,
                 lines_reasons *reasons, trm_moment *out, trm_error *e);

#endif

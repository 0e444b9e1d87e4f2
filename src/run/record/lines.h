// SPDX-License-Identifier: Apache-2.0
// A moment as a line of episodes.jsonl.
#ifndef RUN_RECORD_LINES_H
#define RUN_RECORD_LINES_H

#include "run/json.h"
#include "run/record/retention.h"
#include "trm/base/arena.h"
#include "trm/run/record.h"

enum { LINES_SAMPLES = 8 }; // validation samples that a moment keeps, or as many as there are

// What a record's lines are about, which bounds what they may say.
typedef struct trm_lines_kind {
    const trm_env *env; // of episodes, borrowed; NULL: of epochs
    int32_t samples;    // of epochs: validation samples that the configuration asks for …
    int32_t positions;  // … and the cells of an answer
} trm_lines_kind;

// env: NULL for a supervised run, whose data set there is.
trm_lines_kind trm_lines_kind_of(const trm_config *c, const trm_env *env);

// The moment as what was kept decides by.
trm_retention_event trm_lines_event(const trm_lines_kind *kind, const trm_moment *m);

// Most bytes that a line takes; longer ones are not kept.
int32_t trm_lines_longest(const trm_lines_kind *kind);

// The number of the episode or epoch that a line of ours is about; -1: it is none of ours.
int64_t trm_lines_number(const char *line);

// Appends the line, its newline included.
void trm_lines_print(trm_json_buffer *out, const trm_lines_kind *kind, const trm_moment *m);

// Reads a line of `size` bytes, its newline left out. Arrays are taken from the arena. Fails with
// what is wrong in it.
bool trm_lines_parse(const char *line, size_t size, const trm_lines_kind *kind, trm_arena *arena,
                     trm_moment *out, trm_error *e);

#endif

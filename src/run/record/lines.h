// SPDX-License-Identifier: Apache-2.0
// A moment as a line of episodes.jsonl.
#ifndef RUN_RECORD_LINES_H
#define RUN_RECORD_LINES_H

#include "run/json.h"
#include "trm/base/arena.h"
#include "trm/run/record.h"

// Most bytes that a line takes with an environment; longer ones are not kept.
int32_t lines_longest(const trm_env *env);

// Appends the line, its newline included.
void lines_print(json_text *out, const trm_moment *m);

// Reads a line of `size` bytes, its newline left out. Arrays are taken from the arena. Fails with
// what is wrong in it.
bool lines_parse(const char *line, size_t size, const trm_env *env, trm_arena *arena,
                 trm_moment *out, trm_error *e);

#endif

// SPDX-License-Identifier: Apache-2.0
// episodes.jsonl, the record of a run's course: what a line tells lies within the environment's
// bounds, and is told the same when it is printed.
#include <stdlib.h>
#include <string.h>

#include "run/record/keeper.h"
#include "run/record/lines.h"
#include "target.h"
#include "trm/base/text.h"

static trm_env *env_once(void) {
    static trm_env *env;
    trm_env_config c = trm_env_config_default();
    trm_error e = {0};
    if (env == NULL) {
        must(trm_text_copy(c.type, sizeof c.type, "maze-open"));
        c.size = 3;
        env = trm_env_new(&c, &e);
        must(env != NULL);
    }
    return env;
}

static void must_be_moment(const trm_moment *m) {
    const trm_env *env = env_once();
    must(m->episode.length >= 1 && m->episode.length <= trm_env_max_steps(env));
    must(m->level >= -1 && m->level < KEEPER_LEVELS);
    for (int32_t t = 0; t < m->episode.length; t++)
        must(m->actions[t] >= 0 && m->actions[t] < trm_env_action_dim(env) &&
             m->why[t] < TRM_REASONS);
}

// The line that a moment was read from may be longer than it need be; the one that is printed
// comes back as it was.
static void must_read_back(const trm_moment *m) {
    json_text printed = {0}, again = {0};
    trm_arena arena = TRM_ARENA_INIT;
    trm_moment back;
    trm_error e = {0};
    lines_print(&printed, m);
    must(lines_parse(printed.data, printed.size - 1, env_once(), &arena, &back, &e));
    lines_print(&again, &back);
    must(strcmp(printed.data, again.data) == 0);
    trm_arena_free(&arena);
    free(printed.data);
    free(again.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    trm_arena arena = TRM_ARENA_INIT;
    const char *text = (const char *)data, *end = text + size;
    for (const char *next; text < end; text = next + 1) {
        trm_moment m;
        trm_error e = {0};
        next = memchr(text, '\n', (size_t)(end - text));
        next = next ? next : end;
        if (!lines_parse(text, (size_t)(next - text), env_once(), &arena, &m, &e)) {
            must_tell(&e);
            continue;
        }
        must_be_moment(&m);
        if (now_and_then(data, size))
            must_read_back(&m);
    }
    trm_arena_free(&arena);
    return 0;
}

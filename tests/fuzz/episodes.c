// SPDX-License-Identifier: Apache-2.0
// episodes.jsonl, the record of a run's course, of episodes or of epochs: what a line tells lies
// within the bounds of the environment or the samples, and is told the same when it is printed.
#include <stdlib.h>
#include <string.h>

#include "run/record/lines.h"
#include "run/record/retention.h"
#include "target.h"
#include "trm/base/text.h"

static const trm_env *env_once(void) {
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

enum { SAMPLES = 20, POSITIONS = 16 };

static void must_be_epoch(const trm_moment *m) {
    must(m->number >= 0 && m->update >= 0);
    must(m->count >= 1 && m->count <= SAMPLES);
    for (int32_t k = 0; k < m->count; k++) {
        must(m->samples[k] >= 0 && m->samples[k] < SAMPLES);
        must(k == 0 || m->samples[k] > m->samples[k - 1]);
        must(m->right[k] >= 0 && m->right[k] <= POSITIONS);
        must(m->exact[k] == (m->right[k] == POSITIONS));
    }
}

static void must_be_episode(const trm_moment *m) {
    const trm_env *env = env_once();
    must(m->number == m->episode.episode && m->update == m->episode.update);
    must(m->episode.length >= 1 && m->episode.length <= trm_env_max_steps(env));
    for (int32_t t = 0; t < m->episode.length; t++)
        must(m->actions[t] >= 0 && m->actions[t] < trm_env_action_dim(env) &&
             m->why[t] < TRM_REASONS);
}

// The line that a moment was read from may be longer than it need be; the one that is printed
// comes back as it was.
static void must_read_back(const trm_lines_kind *kind, const trm_moment *m) {
    trm_json_buffer printed = {0}, again = {0};
    trm_arena arena = TRM_ARENA_INIT;
    trm_moment back;
    trm_error e = {0};
    trm_lines_print(&printed, kind, m);
    must(trm_lines_parse(printed.data, printed.size - 1, kind, &arena, &back, &e));
    trm_lines_print(&again, kind, &back);
    must(strcmp(printed.data, again.data) == 0);
    trm_arena_free(&arena);
    free(printed.data);
    free(again.data);
}

static void read_line(const trm_lines_kind *kind, const char *text, size_t size, bool read_back) {
    trm_arena arena = TRM_ARENA_INIT;
    trm_moment m;
    trm_error e = {0};
    if (!trm_lines_parse(text, size, kind, &arena, &m, &e)) {
        must_tell(&e);
    } else {
        must(m.level >= -1 && m.level < RETENTION_LEVELS);
        (kind->env ? must_be_episode : must_be_epoch)(&m);
        if (read_back)
            must_read_back(kind, &m);
    }
    trm_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const trm_lines_kind episodes = {.env = env_once()};
    const trm_lines_kind epochs = {.samples = SAMPLES, .positions = POSITIONS};
    const bool read_back = now_and_then(data, size);
    const char *text = (const char *)data, *end = text + size;
    for (const char *next; text < end; text = next + 1) {
        next = memchr(text, '\n', (size_t)(end - text));
        next = next ? next : end;
        read_line(&episodes, text, (size_t)(next - text), read_back);
        read_line(&epochs, text, (size_t)(next - text), read_back);
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "run/record/lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "run/rundir/fields.h"
#include "trm/base/text.h"
#include "trm/run/reason.h"

enum { RNG_DIGITS = 64, MAX_WORDS = 255, MAX_WORD = 200 };

trm_lines_kind trm_lines_kind_of(const trm_config *c, const trm_env *env) {
    const trm_dataset_config data = trm_config_data(c);
    trm_dataset shape = {0};
    if (env || !trm_dataset_shape(&data, &shape, NULL))
        return (trm_lines_kind){.env = env};
    return (trm_lines_kind){.samples = data.validation, .positions = shape.positions};
}

trm_retention_event trm_lines_event(const trm_lines_kind *kind, const trm_moment *m) {
    return kind->env ? trm_retention_episode(&m->episode)
                     : trm_retention_epoch(m->number, &m->score);
}

int32_t trm_lines_longest(const trm_lines_kind *kind) {
    enum { HEAD = 2048, STEP = 40 };
    return HEAD + STEP * (kind->env ? trm_env_max_steps(kind->env) : LINES_SAMPLES);
}

int64_t trm_lines_number(const char *line) {
    static const char *const heads[] = {"{\"episode\":", "{\"epoch\":"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        const size_t length = strlen(heads[i]);
        if (strncmp(line, heads[i], length) == 0)
            return strtoll(line + length, NULL, 10);
    }
    return -1;
}

// ---- writing ------------------------------------------------------------------------------------

static void print_start(trm_json_buffer *out, const trm_rng *start) {
    trm_json_append(out, ",\"start\":\"");
    for (int i = 0; i < 4; i++)
        trm_json_append(out, "%016llx", (unsigned long long)start->s[i]);
    trm_json_append(out, "\"");
}

// The words that this episode needs, in order of their first use, and which goes with each step.
static void print_reasons(trm_json_buffer *out, const trm_moment *m) {
    int16_t order[TRM_REASONS];
    int32_t count = 0;
    memset(order, -1, sizeof order);
    trm_json_append(out, ",\"reasons\":[");
    for (int32_t t = 0; t < m->episode.length; t++) {
        if (order[m->why[t]] >= 0)
            continue;
        order[m->why[t]] = (int16_t)count;
        trm_json_append(out, count++ ? "," : "");
        trm_json_append_string(out, trm_reason_text(m->why[t]));
    }
    trm_json_append(out, "],\"why\":[");
    for (int32_t t = 0; t < m->episode.length; t++)
        trm_json_append(out, t ? ",%d" : "%d", order[m->why[t]]);
    trm_json_append(out, "]");
}

static void print_whole(trm_json_buffer *out, const char *name, const int32_t *values,
                        int32_t count) {
    trm_json_append(out, ",\"%s\":[", name);
    for (int32_t i = 0; i < count; i++)
        trm_json_append(out, i ? ",%d" : "%d", (int)values[i]);
    trm_json_append(out, "]");
}

static void print_episode(trm_json_buffer *out, const trm_moment *m) {
    char number[32];
    print_start(out, &m->start);
    print_whole(out, "actions", m->actions, m->episode.length);
    trm_json_append(out, ",\"rewards\":[");
    for (int32_t t = 0; t < m->episode.length; t++) {
        trm_text_from_f32(number, m->rewards[t]);
        trm_json_append(out, t ? ",%s" : "%s", number);
    }
    trm_json_append(out, "]");
    print_reasons(out, m);
}

static void print_epoch(trm_json_buffer *out, const trm_moment *m) {
    print_whole(out, "samples", m->samples, m->count);
    print_whole(out, "right", m->right, m->count);
    trm_json_append(out, ",\"exact\":[");
    for (int32_t i = 0; i < m->count; i++)
        trm_json_append(out, i ? ",%d" : "%d", m->exact[i]);
    trm_json_append(out, "]");
}

void trm_lines_print(trm_json_buffer *out, const trm_lines_kind *kind, const trm_moment *m) {
    trm_json_append(out, "{");
    trm_fields_print(kind->env ? &trm_fields_of_moment : &trm_fields_of_epoch_moment, m, out);
    (kind->env ? print_episode : print_epoch)(out, m);
    trm_json_append(out, "}\n");
}

// ---- reading ------------------------------------------------------------------------------------

static const cJSON *member(const cJSON *root, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(root, name);
}

static bool number(const cJSON *item, float *out) {
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= 1e30))
        return false;
    *out = (float)item->valuedouble;
    return true;
}

static bool read_head(const cJSON *root, const trm_env *env, trm_moment *m, trm_error *e) {
    const trm_run_fields *fields = &trm_fields_of_moment;
    for (int32_t i = 0; i < fields->count; i++) {
        trm_run_field f = fields->items[i];
        if (f.offset == offsetof(trm_moment, episode.length))
            f.most = trm_env_max_steps(env);
        if (!trm_fields_read(&f, root, m, e))
            return false;
    }
    return true;
}

static bool read_start(const cJSON *root, trm_rng *out, trm_error *e) {
    const cJSON *item = member(root, "start");
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    uint64_t any = 0;
    bool ok = strlen(text) == RNG_DIGITS && strspn(text, "0123456789abcdef") == RNG_DIGITS;
    for (int i = 0; ok && i < 4; i++) {
        out->s[i] = 0;
        for (int k = 0; k < 16; k++) {
            char c = text[16 * i + k];
            out->s[i] = out->s[i] << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        any |= out->s[i];
    }
    return (ok && any != 0) ||
           trm_error_set(e, TRM_E_INPUT, "start: expected %d hexadecimal digits, not all 0",
                         RNG_DIGITS);
}

// What an array has one item for, and how many of them there are.
typedef struct items {
    const char *unit;
    int32_t count;
} items;

static const cJSON *array_of(const cJSON *root, const char *name, items of, trm_error *e) {
    const cJSON *array = member(root, name);
    if (cJSON_IsArray(array) && cJSON_GetArraySize(array) == of.count)
        return array;
    trm_error_set(e, TRM_E_INPUT, "%s: expected an array of %d, one a %s", name, (int)of.count,
                  of.unit);
    return NULL;
}

// An array of whole numbers from 0 to `most`.
static int32_t *read_whole(const cJSON *root, const char *name, items of, int32_t most,
                           trm_arena *arena, trm_error *e) {
    const cJSON *array = array_of(root, name, of, e), *item;
    int32_t i = 0;
    int32_t *out = array ? trm_arena_array(arena, (size_t)of.count + 1, sizeof *out) : NULL;
    cJSON_ArrayForEach(item, array) {
        int64_t value;
        if (!trm_json_whole(item, 0, most, &value)) {
            trm_error_set(e, TRM_E_INPUT, "%s: %s %d: expected 0 to %d", name, of.unit, i + 1,
                          (int)most);
            return NULL;
        }
        out[i++] = (int32_t)value;
    }
    return out;
}

static bool read_steps(const cJSON *root, const trm_env *env, trm_arena *arena, trm_moment *m,
                       trm_error *e) {
    const items steps = {"step", m->episode.length};
    m->actions = read_whole(root, "actions", steps, trm_env_action_dim(env) - 1, arena, e);
    const cJSON *rewards = m->actions ? array_of(root, "rewards", steps, e) : NULL, *item;
    if (!rewards)
        return false;
    int32_t t = 0;
    m->rewards = trm_arena_array(arena, (size_t)steps.count, sizeof *m->rewards);
    cJSON_ArrayForEach(item, rewards) {
        if (!number(item, &m->rewards[t]))
            return trm_error_set(e, TRM_E_INPUT, "rewards: step %d: expected a number", t + 1);
        t++;
    }
    return true;
}

// The reasons that the line's words stand for; words that are not known here stand for none.
static bool read_words(const cJSON *root, trm_reason out[MAX_WORDS], int32_t *count, trm_error *e) {
    const cJSON *words = member(root, "reasons"), *item;
    *count = 0;
    if (!cJSON_IsArray(words) || cJSON_GetArraySize(words) > MAX_WORDS)
        return trm_error_set(e, TRM_E_INPUT, "reasons: expected an array of at most %d",
                             (int)MAX_WORDS);
    cJSON_ArrayForEach(item, words) {
        if (!cJSON_IsString(item) || strlen(item->valuestring) > MAX_WORD)
            return trm_error_set(e, TRM_E_INPUT, "reasons: expected texts of at most %d bytes",
                                 (int)MAX_WORD);
        out[(*count)++] = trm_reason_of_text(item->valuestring);
    }
    return true;
}

static bool read_why(const cJSON *root, trm_arena *arena, trm_moment *m, trm_error *e) {
    trm_reason words[MAX_WORDS];
    int32_t count, t = 0;
    const cJSON *why = array_of(root, "why", (items){"step", m->episode.length}, e), *item;
    if (!why || !read_words(root, words, &count, e))
        return false;
    m->why = trm_arena_array(arena, (size_t)m->episode.length, sizeof *m->why);
    cJSON_ArrayForEach(item, why) {
        int64_t i;
        if (!trm_json_whole(item, 0, count - 1, &i))
            return trm_error_set(e, TRM_E_INPUT, "why: step %d: expected one of the %d reasons",
                                 t + 1, (int)count);
        m->why[t++] = (uint8_t)words[i];
    }
    return true;
}

static bool read_episode(const cJSON *root, const trm_lines_kind *kind, trm_arena *arena,
                         trm_moment *m, trm_error *e) {
    if (!read_head(root, kind->env, m, e) || !read_start(root, &m->start, e) ||
        !read_steps(root, kind->env, arena, m, e) || !read_why(root, arena, m, e))
        return false;
    m->number = m->episode.episode;
    m->update = m->episode.update;
    return true;
}

// Rising, so that there are no more than the data set has.
static bool read_samples(const cJSON *root, const trm_lines_kind *kind, trm_arena *arena,
                         trm_moment *m, trm_error *e) {
    const cJSON *samples = member(root, "samples");
    m->count = cJSON_IsArray(samples) ? cJSON_GetArraySize(samples) : 0;
    if (m->count < 1 || m->count > kind->samples)
        return trm_error_set(e, TRM_E_INPUT, "samples: expected an array of 1 to %d",
                             (int)kind->samples);
    const items of = {"sample", m->count};
    m->samples = read_whole(root, "samples", of, kind->samples - 1, arena, e);
    for (int32_t i = 1; m->samples && i < m->count; i++)
        if (m->samples[i] <= m->samples[i - 1])
            return trm_error_set(e, TRM_E_INPUT, "samples: sample %d: expected more than %d", i + 1,
                                 (int)m->samples[i - 1]);
    return m->samples != NULL;
}

static bool read_epoch(const cJSON *root, const trm_lines_kind *kind, trm_arena *arena,
                       trm_moment *m, trm_error *e) {
    m->score = (trm_score){(double)NAN, (double)NAN, (double)NAN, (double)NAN};
    if (!trm_fields_read_all(&trm_fields_of_epoch_moment, root, m, e) ||
        !read_samples(root, kind, arena, m, e))
        return false;
    const items of = {"sample", m->count};
    m->right = read_whole(root, "right", of, kind->positions, arena, e);
    const int32_t *exact = m->right ? read_whole(root, "exact", of, 1, arena, e) : NULL;
    if (!exact)
        return false;
    m->exact = trm_arena_array(arena, (size_t)m->count, sizeof *m->exact);
    for (int32_t i = 0; i < m->count; i++) {
        m->exact[i] = m->right[i] == kind->positions;
        if (m->exact[i] != (exact[i] == 1))
            return trm_error_set(e, TRM_E_INPUT,
                                 "exact: sample %d: expected %d, as %d of %d are right", i + 1,
                                 m->exact[i], (int)m->right[i], (int)kind->positions);
    }
    return true;
}

bool trm_lines_parse(const char *line, size_t size, const trm_lines_kind *kind, trm_arena *arena,
                     trm_moment *out, trm_error *e) {
    const char *end;
    if (trm_utf8_check(line, size) < size || memchr(line, '\0', size))
        return trm_error_set(e, TRM_E_INPUT, "not JSON");
    cJSON *root = trm_json_parse(line, size, &end, false);
    bool ok = root && cJSON_IsObject(root) && end == line + size;
    if (!ok)
        trm_error_set(e, TRM_E_INPUT, "not a JSON object");
    *out = (trm_moment){0};
    ok = ok && (kind->env ? read_episode : read_epoch)(root, kind, arena, out, e);
    cJSON_Delete(root);
    return ok;
}

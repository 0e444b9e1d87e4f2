// SPDX-License-Identifier: Apache-2.0
#include "run/record/lines.h"

#include <math.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "run/rundir/fields.h"
#include "trm/base/text.h"
#include "trm/run/reason.h"

enum { RNG_DIGITS = 64, MAX_WORDS = 255, MAX_WORD = 200 };

int32_t lines_longest(const trm_env *env) {
    enum { HEAD = 2048, STEP = 40 };
    return HEAD + STEP * trm_env_max_steps(env);
}

// ---- writing ------------------------------------------------------------------------------------

static void print_start(json_text *out, const trm_rng *start) {
    json_append(out, ",\"start\":\"");
    for (int i = 0; i < 4; i++)
        json_append(out, "%016llx", (unsigned long long)start->s[i]);
    json_append(out, "\"");
}

// The words that this episode needs, in order of their first use, and which goes with each step.
static void print_reasons(json_text *out, const trm_moment *m) {
    int16_t order[TRM_REASONS];
    int32_t count = 0;
    memset(order, -1, sizeof order);
    json_append(out, ",\"reasons\":[");
    for (int32_t t = 0; t < m->episode.length; t++) {
        if (order[m->why[t]] >= 0)
            continue;
        order[m->why[t]] = (int16_t)count;
        json_append(out, count++ ? "," : "");
        json_append_string(out, trm_reason_text(m->why[t]));
    }
    json_append(out, "],\"why\":[");
    for (int32_t t = 0; t < m->episode.length; t++)
        json_append(out, t ? ",%d" : "%d", order[m->why[t]]);
    json_append(out, "]");
}

void lines_print(json_text *out, const trm_moment *m) {
    const trm_episode *ep = &m->episode;
    char number[32];
    json_append(out, "{");
    fields_print(&fields_of_moment, m, out);
    print_start(out, &m->start);
    json_append(out, ",\"actions\":[");
    for (int32_t t = 0; t < ep->length; t++)
        json_append(out, t ? ",%d" : "%d", (int)m->actions[t]);
    json_append(out, "],\"rewards\":[");
    for (int32_t t = 0; t < ep->length; t++) {
        trm_text_from_f32(number, m->rewards[t]);
        json_append(out, t ? ",%s" : "%s", number);
    }
    json_append(out, "]");
    print_reasons(out, m);
    json_append(out, "}\n");
}

// ---- reading ------------------------------------------------------------------------------------

static const cJSON *member(const cJSON *root, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(root, name);
}

static bool whole(const cJSON *item, double min, double max, int64_t *out) {
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= min && item->valuedouble <= max) ||
        item->valuedouble != floor(item->valuedouble))
        return false;
    *out = (int64_t)item->valuedouble;
    return true;
}

static bool number(const cJSON *item, float *out) {
    if (!cJSON_IsNumber(item) || !(fabs(item->valuedouble) <= 1e30))
        return false;
    *out = (float)item->valuedouble;
    return true;
}

static bool read_head(const cJSON *root, const trm_env *env, trm_moment *m, trm_error *e) {
    const run_fields *fields = &fields_of_moment;
    for (int32_t i = 0; i < fields->count; i++) {
        run_field f = fields->items[i];
        if (f.offset == offsetof(trm_moment, episode.length))
            f.most = trm_env_max_steps(env);
        if (!fields_read(&f, root, m, e))
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

// The array `name` with one item a step.
static const cJSON *steps_of(const cJSON *root, const char *name, int32_t length, trm_error *e) {
    const cJSON *array = member(root, name);
    if (cJSON_IsArray(array) && cJSON_GetArraySize(array) == length)
        return array;
    trm_error_set(e, TRM_E_INPUT, "%s: expected an array of %d, one a step", name, (int)length);
    return NULL;
}

static bool read_steps(const cJSON *root, const trm_env *env, trm_arena *arena, trm_moment *m,
                       trm_error *e) {
    int32_t n = m->episode.length, actions = trm_env_action_dim(env), t = 0;
    const cJSON *acts = steps_of(root, "actions", n, e), *item;
    const cJSON *rewards = acts ? steps_of(root, "rewards", n, e) : NULL;
    if (!rewards)
        return false;
    m->actions = trm_arena_array(arena, (size_t)n, sizeof *m->actions);
    m->rewards = trm_arena_array(arena, (size_t)n, sizeof *m->rewards);
    cJSON_ArrayForEach(item, acts) {
        int64_t action;
        if (!whole(item, 0, actions - 1, &action))
            return trm_error_set(e, TRM_E_INPUT, "actions: step %d: expected 0 to %d", t + 1,
                                 (int)actions - 1);
        m->actions[t++] = (int32_t)action;
    }
    t = 0;
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
    const cJSON *why = steps_of(root, "why", m->episode.length, e), *item;
    if (!why || !read_words(root, words, &count, e))
        return false;
    m->why = trm_arena_array(arena, (size_t)m->episode.length, sizeof *m->why);
    cJSON_ArrayForEach(item, why) {
        int64_t i;
        if (!whole(item, 0, count - 1, &i))
            return trm_error_set(e, TRM_E_INPUT, "why: step %d: expected one of the %d reasons",
                                 t + 1, (int)count);
        m->why[t++] = (uint8_t)words[i];
    }
    return true;
}

bool lines_parse(const char *line, size_t size, const trm_env *env, trm_arena *arena,
                 trm_moment *out, trm_error *e) {
    const char *end;
    if (trm_utf8_check(line, size) < size || memchr(line, '\0', size))
        return trm_error_set(e, TRM_E_INPUT, "not JSON");
    cJSON *root = cJSON_ParseWithLengthOpts(line, size, &end, false);
    bool ok = root && cJSON_IsObject(root) && end == line + size;
    if (!ok)
        trm_error_set(e, TRM_E_INPUT, "not a JSON object");
    *out = (trm_moment){0};
    ok = ok && read_head(root, env, out, e) && read_start(root, &out->start, e) &&
         read_steps(root, env, arena, out, e) && read_why(root, arena, out, e);
    cJSON_Delete(root);
    return ok;
}

// SPDX-License-Identifier: Apache-2.0
#include "trm/agent/words.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "trm/base/text.h"

const trm_trace_words *trm_words_of_trace(const trm_trace_shape *s) {
    static const trm_trace_words words[TRM_TRACE_KINDS] = {
        [TRM_TRACE_CYCLES] = {"cycle", "H", "L", "step"},
        [TRM_TRACE_STEPS] = {"step", "z", "y", "move"},
        [TRM_TRACE_LAYERS] = {"layer", "hidden", "", "step"},
        [TRM_TRACE_MEANS] = {"layer", "mean", "", "step"},
        [TRM_TRACE_TOKENS] = {"layer", "x", "", "step"},
        [TRM_TRACE_LEVELS] = {"step", "L", "H", "move"},
    };
    return &words[s->kind];
}

void trm_words_cycle(const trm_reading *r, int32_t cycle, int32_t width, char *out, int32_t size) {
    static const char again[] = " restart";
    const int32_t used =
        trm_text_format(out, (size_t)size, "%s %d", trm_words_of_trace(r->shape)->cycle, cycle + 1);
    if (trm_reading_restarts(r, cycle) && (int32_t)(used + sizeof again) - 1 <= width)
        trm_text_add(out, (size_t)size, "%s", again);
}

const char *trm_words_of_head(const trm_trace_shape *s) {
    return s->q_values ? "Q" : "p";
}

const char *trm_words_of_trying(const trm_trace_shape *s) {
    return s->q_values ? "tried" : "sampled";
}

const char *trm_words_of_refusal(trm_refusal r) {
    static const char *const words[TRM_REFUSALS] = {
        [TRM_REFUSAL_NONE] = "",
        [TRM_REFUSAL_GIVEN] = "the cell is given",
        [TRM_REFUSAL_FILLED] = "the cell is filled",
        [TRM_REFUSAL_RULE] = "it breaks a rule",
        [TRM_REFUSAL_WALL] = "there is a wall",
        [TRM_REFUSAL_EDGE] = "the board ends there",
        [TRM_REFUSAL_OVER] = "the episode is over",
    };
    return words[r];
}

void trm_words_not_allowed(const trm_env *env, const void *state, const trm_reading *r,
                           int32_t action, char *out, int32_t size) {
    char name[16];
    out[0] = 0;
    if (action < 0 || trm_reading_legal(r, action))
        return;
    trm_env_action_name(env, action, name);
    trm_text_format(out, (size_t)size, "%s is not allowed: %s", name,
                    trm_words_of_refusal(trm_env_refusal(env, state, action)));
}

static bool looks_alike(float p, float q) {
    return lrintf(100 * p) == lrintf(100 * q);
}

// What the last cycle would do, since when, and what stood there before.
static void add_decision(const trm_subject *s, const trm_reading *r, const trm_reading_facts *facts,
                         char *out, int32_t size) {
    const trm_reading_facts f = *facts;
    const char *cycle = trm_words_of_trace(r->shape)->cycle;
    const char *q = r->shape->q_values ? "Q " : "";
    char name[TRM_SUBJECT_NAME], from[TRM_SUBJECT_NAME];
    trm_subject_choice_name(s, f.action, name);
    if (f.first == r->shape->cycles - 1) {
        trm_text_add(out, (size_t)size, "%s at %s%.2f", name, q, (double)f.p_end);
    } else if (f.from < 0) {
        trm_text_add(out, (size_t)size, "decided at %s %d: %s, %s%.2f to %.2f", cycle,
                     f.decided + 1, name, q, (double)f.p_then, (double)f.p_end);
    } else {
        trm_subject_choice_name(s, f.from, from);
        trm_text_add(out, (size_t)size, "%s %d turned%s from %s to %s, %s%.2f to %.2f", cycle,
                     f.decided + 1, f.turns > 1 ? " again," : "", from, name, q, (double)f.p_from,
                     (double)f.p_then);
        if (!looks_alike(f.p_then, f.p_end))
            trm_text_add(out, (size_t)size, "; ends at %.2f", (double)f.p_end);
    }
}

void trm_words_decision(const trm_env *env, const trm_reading *r, int32_t chosen, const char *how,
                        char *out, int32_t size) {
    const trm_reading_facts f = trm_reading_facts_of(r, chosen);
    const trm_subject s = {.env = env};
    char name[16];
    out[0] = 0;
    if (f.action < 0)
        return;
    add_decision(&s, r, &f, out, size);
    if (!f.greedy) {
        trm_env_action_name(env, chosen, name);
        trm_text_add(out, (size_t)size, "; %s %s (%s %.2f)", how, name, trm_words_of_head(r->shape),
                     (double)f.p_chosen);
    }
}

void trm_words_answer(const trm_subject *s, const trm_reading *r, int32_t cell, char *out,
                      int32_t size) {
    const int32_t target = trm_subject_target(s, cell);
    const trm_reading_facts f = trm_reading_facts_of(r, -1);
    char name[TRM_SUBJECT_NAME];
    out[0] = 0;
    if (r->trace == NULL || f.action < 0)
        return;
    trm_subject_cell_name(s, cell, name);
    trm_text_add(out, (size_t)size, "%s: ", name);
    add_decision(s, r, &f, out, size);
    if (target < 0)
        return;
    trm_subject_choice_name(s, cell * s->set->classes + target, name);
    trm_text_add(out, (size_t)size, "; the target is %s", name);
}

void trm_words_brief(const trm_env *env, const trm_reading *r, char *out, int32_t size) {
    const trm_reading_facts f = trm_reading_facts_of(r, -1);
    char name[16];
    out[0] = 0;
    if (f.action < 0)
        return;
    trm_env_action_name(env, f.action, name);
    trm_text_add(out, (size_t)size, "%s, %s%.2f", name, r->shape->q_values ? "Q " : "",
                 (double)f.p_end);
    if (f.first < r->shape->cycles - 1)
        trm_text_add(out, (size_t)size, ": decided at %s %d of %d",
                     trm_words_of_trace(r->shape)->cycle, f.decided + 1, r->shape->cycles);
}

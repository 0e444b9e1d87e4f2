// SPDX-License-Identifier: Apache-2.0
#include "tui/inspector/what_if/change.h"

#include <stdlib.h>
#include <string.h>

#include "trm/base/arena.h"
#include "trm/base/text.h"

static trm_version *version(const trm_change *c, int32_t number) {
    return &c->versions[number % TRM_VERSIONS];
}

static int32_t own_h_cycles(const trm_change *c) {
    return trm_model_get_config(c->scope->agent.model)->k_cycles;
}

static int32_t own_l_cycles(const trm_change *c) {
    return trm_model_get_config(c->scope->agent.model)->inner_steps;
}

static void run_as_is(const trm_change *c, trm_version *v) {
    v->otherwise.model.cycles = c->can.cycles ? c->own_cycles : 0;
    v->otherwise.model.h_cycles = c->can.passes ? own_h_cycles(c) : 0;
    v->otherwise.model.l_cycles = c->can.passes ? own_l_cycles(c) : 0;
}

void trm_change_init(trm_change *c, const trm_inspection *scope, int32_t moment) {
    const trm_model *m = scope->agent.model;
    *c = (trm_change){.scope = scope, .can = trm_model_interventions(m)};
    c->can.prev_action = c->can.prev_action && !trm_inspection_samples(scope);
    c->own_cycles = trm_model_outputs(m);
    c->most_cycles = c->own_cycles > TRM_INSPECTION_CYCLES ? c->own_cycles : TRM_INSPECTION_CYCLES;
    c->versions = trm_alloc(TRM_VERSIONS + 1, sizeof *c->versions);
    for (int32_t i = 0; i <= TRM_VERSIONS; i++) {
        trm_version *v = &c->versions[i];
        v->state = trm_alloc(1, scope->state_size);
        v->h_held = trm_alloc((size_t)c->can.h + 1, 1);
        v->l_held = trm_alloc((size_t)c->can.l + 1, 1);
        run_as_is(c, v);
        v->otherwise.model.h_held = c->can.h > 0 ? v->h_held : NULL;
        v->otherwise.model.l_held = c->can.l > 0 ? v->l_held : NULL;
    }
    trm_change_go(c, moment);
}

void trm_change_done(trm_change *c) {
    for (int32_t i = 0; i <= TRM_VERSIONS; i++) {
        free(c->versions[i].state);
        free(c->versions[i].h_held);
        free(c->versions[i].l_held);
    }
    free(c->versions);
    *c = (trm_change){0};
}

const trm_version *trm_change_now(const trm_change *c) {
    return version(c, c->now);
}

static void copy_version(const trm_change *c, trm_version *to, const trm_version *from) {
    memcpy(to->state, from->state, c->scope->state_size);
    memcpy(to->h_held, from->h_held, (size_t)c->can.h);
    memcpy(to->l_held, from->l_held, (size_t)c->can.l);
    to->otherwise.model.cycles = from->otherwise.model.cycles;
    to->otherwise.model.h_cycles = from->otherwise.model.h_cycles;
    to->otherwise.model.l_cycles = from->otherwise.model.l_cycles;
    to->otherwise.model.no_prefix = from->otherwise.model.no_prefix;
    to->otherwise.model.no_feedback = from->otherwise.model.no_feedback;
    to->otherwise.model.no_carry = from->otherwise.model.no_carry;
    to->otherwise.replaces_before = from->otherwise.replaces_before;
    to->otherwise.before = from->otherwise.before;
}

// A copy of the present version to change; what had been undone is forgotten.
static trm_version *begin(trm_change *c) {
    const trm_version *from = version(c, c->now);
    c->last = ++c->now;
    if (c->last - c->first >= TRM_VERSIONS)
        c->first = c->last - TRM_VERSIONS + 1;
    copy_version(c, version(c, c->now), from);
    return version(c, c->now);
}

// A copy to try a change on that may be refused, and making it the present version.
static trm_version *attempt(trm_change *c) {
    trm_version *trial = &c->versions[TRM_VERSIONS];
    copy_version(c, trial, version(c, c->now));
    return trial;
}

static bool accept(trm_change *c) {
    copy_version(c, begin(c), &c->versions[TRM_VERSIONS]);
    return true;
}

void trm_change_go(trm_change *c, int32_t moment) {
    trm_version *v = version(c, 0);
    if (c->now % TRM_VERSIONS != 0)
        copy_version(c, v, version(c, c->now));
    memcpy(v->state, trm_inspection_state(c->scope, moment), c->scope->state_size);
    c->first = c->now = c->last = 0;
}

bool trm_change_edit(trm_change *c, const trm_edit *edit, trm_error *e) {
    const trm_subject subject = trm_inspection_subject(c->scope, 0);
    return trm_subject_edit(&subject, attempt(c)->state, edit, e) && accept(c);
}

static bool refuse(trm_error *e, const char *what) {
    return trm_error_set(e, TRM_E_INPUT, "this model has no %s", what);
}

bool trm_change_cycles(trm_change *c, int32_t by, trm_error *e) {
    const int32_t cycles = trm_change_now(c)->otherwise.model.cycles + by;
    if (!c->can.cycles)
        return refuse(e, "cycles whose number could be changed");
    if (cycles < 1 || cycles > c->most_cycles)
        return trm_error_set(e, TRM_E_INPUT, "1 to %d cycles can be run", c->most_cycles);
    begin(c)->otherwise.model.cycles = cycles;
    return true;
}

bool trm_change_passes(trm_change *c, bool h, int32_t by, trm_error *e) {
    const trm_intervention *now = &trm_change_now(c)->otherwise.model;
    const int32_t cycles = (h ? now->h_cycles : now->l_cycles) + by;
    if (!c->can.passes)
        return refuse(e, "H and L cycles whose number could be changed");
    if (cycles < 1 || cycles > TRM_CYCLES_MAX)
        return trm_error_set(e, TRM_E_INPUT, "1 to %d of them can be run", TRM_CYCLES_MAX);
    trm_intervention *i = &begin(c)->otherwise.model;
    *(h ? &i->h_cycles : &i->l_cycles) = cycles;
    return true;
}

bool trm_change_prefix(trm_change *c, trm_error *e) {
    if (!c->can.prefix)
        return refuse(e, "prefix tokens");
    trm_intervention *i = &begin(c)->otherwise.model;
    i->no_prefix = !i->no_prefix;
    return true;
}

bool trm_change_feedback(trm_change *c, trm_error *e) {
    if (!c->can.feedback)
        return refuse(e, "feedback from a lower level");
    trm_intervention *i = &begin(c)->otherwise.model;
    i->no_feedback = !i->no_feedback;
    return true;
}

bool trm_change_carry(trm_change *c, trm_error *e) {
    if (!c->can.carry)
        return refuse(e, "carry from cycle to cycle");
    trm_intervention *i = &begin(c)->otherwise.model;
    i->no_carry = !i->no_carry;
    return true;
}

bool trm_change_before(trm_change *c, int32_t by, trm_error *e) {
    const int32_t actions = c->scope->actions, all = actions + 2; // none and its own among them
    if (!c->can.prev_action)
        return refuse(e, "input for the previous action");
    trm_agent_intervention *i = &begin(c)->otherwise;
    const int32_t now = !i->replaces_before ? 0 : i->before < 0 ? actions + 1 : i->before + 1;
    const int32_t next = (now + by + all) % all;
    i->replaces_before = next > 0;
    i->before = next > actions ? -1 : next - 1;
    return true;
}

int32_t trm_version_before(const trm_version *v, int32_t own) {
    return v->otherwise.replaces_before ? v->otherwise.before : own;
}

bool trm_change_unit(trm_change *c, bool h, int32_t unit, trm_error *e) {
    if (unit < 0 || unit >= (h ? c->can.h : c->can.l))
        return refuse(e, "units there that can be held");
    trm_version *v = begin(c);
    uint8_t *held = h ? v->h_held : v->l_held;
    held[unit] = !held[unit];
    return true;
}

bool trm_change_units(trm_change *c, const char *text, trm_error *e) {
    trm_version *v = attempt(c);
    return trm_held_parse(c->scope->agent.model, text, v->h_held, v->l_held, e) && accept(c);
}

void trm_change_nothing(trm_change *c, int32_t moment) {
    trm_version *v = begin(c);
    memcpy(v->state, trm_inspection_state(c->scope, moment), c->scope->state_size);
    memset(v->h_held, 0, (size_t)c->can.h);
    memset(v->l_held, 0, (size_t)c->can.l);
    run_as_is(c, v);
    v->otherwise.model.no_feedback = v->otherwise.model.no_carry = false;
    v->otherwise.model.no_prefix = false;
    v->otherwise.replaces_before = false;
}

bool trm_change_undo(trm_change *c) {
    if (c->now <= c->first)
        return false;
    c->now--;
    return true;
}

bool trm_change_redo(trm_change *c) {
    if (c->now >= c->last)
        return false;
    c->now++;
    return true;
}

int32_t trm_version_held(const trm_change *c, const trm_version *v) {
    int32_t n = 0;
    for (int32_t i = 0; i < c->can.h; i++)
        n += v->h_held[i];
    for (int32_t i = 0; i < c->can.l; i++)
        n += v->l_held[i];
    return n;
}

static void add(char *out, int32_t size, const char *separator, const char *text) {
    const size_t used = strlen(out);
    trm_text_format(out + used, (size_t)size - used, "%s%s", used > 0 ? separator : "", text);
}

void trm_version_words(const trm_change *c, const trm_version *v, char *out, int32_t size) {
    char text[48];
    const int32_t held = trm_version_held(c, v);
    out[0] = 0;
    if (c->can.cycles && v->otherwise.model.cycles != c->own_cycles) {
        trm_text_format(text, sizeof text, "K %d to %d", c->own_cycles, v->otherwise.model.cycles);
        add(out, size, ", ", text);
    }
    if (c->can.passes && v->otherwise.model.h_cycles != own_h_cycles(c)) {
        trm_text_format(text, sizeof text, "H cycles %d to %d", own_h_cycles(c),
                        v->otherwise.model.h_cycles);
        add(out, size, ", ", text);
    }
    if (c->can.passes && v->otherwise.model.l_cycles != own_l_cycles(c)) {
        trm_text_format(text, sizeof text, "L cycles %d to %d", own_l_cycles(c),
                        v->otherwise.model.l_cycles);
        add(out, size, ", ", text);
    }
    if (v->otherwise.model.no_prefix)
        add(out, size, ", ", "no prefix");
    if (v->otherwise.model.no_feedback)
        add(out, size, ", ", "no feedback");
    if (v->otherwise.model.no_carry)
        add(out, size, ", ", "no carry");
    if (v->otherwise.replaces_before) {
        trm_text_format(text, sizeof text, "previous %s",
                        v->otherwise.before < 0 ? "none" : c->scope->names[v->otherwise.before]);
        add(out, size, ", ", text);
    }
    trm_text_format(text, sizeof text, "%d unit%s held", held, held > 1 ? "s" : "");
    if (held > 0)
        add(out, size, ", ", text);
}

void trm_version_units(const trm_change *c, const trm_version *v, char *out, int32_t size) {
    char text[16];
    out[0] = 0;
    for (int32_t i = 0; i < c->can.h + c->can.l; i++) {
        const bool h = i < c->can.h;
        const int32_t unit = h ? i : i - c->can.h;
        if (!(h ? v->h_held : v->l_held)[unit])
            continue;
        trm_text_format(text, sizeof text, "%c:%d", h ? 'h' : 'l', unit);
        add(out, size, ",", text);
    }
}

static void add_count(char *out, int32_t size, const char *flag, int32_t n, int32_t own) {
    char text[48];
    trm_text_format(text, sizeof text, " %s %d", flag, n);
    if (n != own)
        add(out, size, "", text);
}

void trm_version_flags(const trm_change *c, const trm_version *v, char *out, int32_t size) {
    const trm_intervention *i = &v->otherwise.model;
    char text[512];
    out[0] = 0;
    if (c->can.cycles)
        add_count(out, size, "--k", i->cycles, c->own_cycles);
    if (c->can.passes) {
        add_count(out, size, "--h-cycles", i->h_cycles, own_h_cycles(c));
        add_count(out, size, "--l-cycles", i->l_cycles, own_l_cycles(c));
    }
    if (i->no_prefix)
        add(out, size, "", " --no-prefix");
    if (v->otherwise.model.no_feedback)
        add(out, size, "", " --no-feedback");
    if (v->otherwise.model.no_carry)
        add(out, size, "", " --no-carry");
    if (trm_version_held(c, v) > 0) {
        add(out, size, "", " --mask ");
        trm_version_units(c, v, text, sizeof text);
        add(out, size, "", text);
    }
}

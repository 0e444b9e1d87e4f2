// SPDX-License-Identifier: Apache-2.0
#include "trm/model/inspect.h"

#include <assert.h>
#include <string.h>

#include "arch.h"
#include "trm/base/text.h"

trm_interventions trm_model_interventions(const trm_model *m) {
    return m->arch->interventions ? m->arch->interventions(&m->config) : (trm_interventions){0};
}

trm_workspace *trm_workspace_new_inspect(const trm_model *m, int32_t max_rows, int32_t max_cycles) {
    int32_t own = trm_model_outputs(m);
    bool more = trm_model_interventions(m).cycles && max_cycles > own;
    trm_workspace *w = trm_workspace_plan(m, max_rows, true, more ? max_cycles : own);
    w->outputs = own;
    w->held_h = trm_arena_array(&w->arena, (size_t)trm_model_interventions(m).h, 1);
    w->held_l = trm_arena_array(&w->arena, (size_t)trm_model_interventions(m).l, 1);
    return w;
}

static bool refuse(const trm_model *m, const char *what, trm_error *e) {
    return trm_error_set(e, TRM_E_INPUT, "%s has no %s", m->arch->name, what);
}

static bool check(const trm_model *m, const trm_workspace *w, const trm_intervention *i,
                  trm_error *e) {
    trm_interventions can = trm_model_interventions(m);
    if (i->cycles && !can.cycles)
        return refuse(m, "cycles whose number could be changed", e);
    if (i->cycles < 0 || i->cycles > w->room)
        return trm_error_set(e, TRM_E_INPUT, "%d cycles: expected 1 to %d", i->cycles, w->room);
    if (i->no_feedback && !can.feedback)
        return refuse(m, "feedback from L to H to switch off", e);
    if (i->no_carry && !can.carry)
        return refuse(m, "carry to switch off", e);
    if ((i->h_cycles || i->l_cycles) && !can.passes)
        return refuse(m, "H and L cycles whose number could be changed", e);
    if (i->h_cycles < 0 || i->l_cycles < 0 || i->h_cycles > TRM_CYCLES_MAX ||
        i->l_cycles > TRM_CYCLES_MAX)
        return trm_error_set(e, TRM_E_INPUT, "%d H and %d L cycles: expected 1 to %d of each",
                             i->h_cycles, i->l_cycles, (int)TRM_CYCLES_MAX);
    if (i->no_prefix && !can.prefix)
        return refuse(m, "prefix to switch off", e);
    if (i->h_held && !can.h)
        return refuse(m, "H units that can be held", e);
    return !i->l_held || can.l || refuse(m, "L units that can be held", e);
}

bool trm_workspace_intervene(const trm_model *m, trm_workspace *w, const trm_intervention *i,
                             trm_error *e) {
    assert(w->all_outputs);
    if (i && !check(m, w, i, e))
        return false;
    w->outputs = i && i->cycles ? i->cycles : trm_model_outputs(m);
    w->intervention = NULL;
    if (!i)
        return true;
    w->intervention_room = *i;
    if (i->h_held)
        w->intervention_room.h_held =
            memcpy(w->held_h, i->h_held, (size_t)trm_model_interventions(m).h);
    if (i->l_held)
        w->intervention_room.l_held =
            memcpy(w->held_l, i->l_held, (size_t)trm_model_interventions(m).l);
    w->intervention = &w->intervention_room;
    return true;
}

// One "h:12" of `length` bytes. Marks it unless `dry`.
static bool take_unit(const trm_interventions *can, const char *text, size_t length,
                      uint8_t *h_held, uint8_t *l_held, bool dry, trm_error *e) {
    char word[32] = "";
    int64_t unit = -1;
    if (length < sizeof word)
        memcpy(word, text, length);
    bool h = word[0] == 'h', known = (h || word[0] == 'l') && word[1] == ':';
    if (!known || !trm_text_to_i64(word + 2, &unit))
        return trm_error_set(e, TRM_E_INPUT,
                             "\"%.*s\" is not a unit: expected h:0 or l:0, several with commas",
                             (int)(length < 24 ? length : 24), text);
    int32_t n = h ? can->h : can->l;
    if (n == 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: the model has no units there that can be held",
                             word);
    if (unit < 0 || unit >= n)
        return trm_error_set(e, TRM_E_INPUT, "%s: expected %c:0 to %c:%d", word, word[0], word[0],
                             n - 1);
    if (!dry)
        (h ? h_held : l_held)[unit] = 1;
    return true;
}

bool trm_held_parse(const trm_model *m, const char *text, uint8_t *h_held, uint8_t *l_held,
                    trm_error *e) {
    trm_interventions can = trm_model_interventions(m);
    for (int pass = 0; pass < 2; pass++)
        for (const char *at = text;; at++) {
            size_t length = strcspn(at, ",");
            if (!take_unit(&can, at, length, h_held, l_held, pass == 0, e))
                return false;
            at += length;
            if (!*at)
                break;
        }
    return true;
}

trm_trace_shape trm_workspace_trace_shape(const trm_model *m, const trm_workspace *w) {
    trm_trace_shape s = trm_model_trace_shape(m);
    s.cycles = s.cycles / trm_model_outputs(m) * w->outputs;
    return s;
}

bool trm_model_head_gradient(const trm_model *m, const trm_trace_shape *s, const float *x,
                             float *trace, int32_t action0, int32_t actions, int32_t unit0,
                             int32_t units, float *out) {
    assert(action0 >= 0 && action0 + actions <= s->actions);
    assert(unit0 >= 0 && unit0 + units <= (unit0 < s->h ? s->h : s->h + s->l));
    trm_block block = {action0, actions, unit0, units, NULL};
    block.out = out; // not above: clang-tidy would have `out` const
    return m->arch->head_gradient &&
           m->arch->head_gradient(m, x, trm_trace_h(s, trace, s->cycles - 1),
                                  trm_trace_l(s, trace, s->cycles - 1), &block);
}

void trm_hold_units(trm_mat mat, const uint8_t *held) {
    for (int32_t r = 0; held && r < mat.rows; r++)
        for (int32_t i = 0; i < mat.cols; i++)
            if (held[i])
                trm_mat_row(mat, r)[i] = 0;
}

static float dot(const float *a, const float *b, int32_t n) {
    float sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

void trm_head_gradient(const trm_model *m, int32_t head0, int32_t head2, const float *x,
                       int32_t x_dim, const float *rest, const trm_block *b) {
    const float *up = trm_model_weight(m, head0), *bias = trm_model_weight(m, head0 + 1);
    const float *down = trm_model_weight(m, head2);
    int32_t hidden = m->params.items[head0].shape[0], dim = m->params.items[head0].shape[1];
    memset(b->out, 0, (size_t)b->actions * (size_t)b->units * sizeof *b->out);
    for (int32_t j = 0; j < hidden; j++) {
        const float *row = up + (int64_t)j * dim;
        if (!(bias[j] + dot(row, x, x_dim) + dot(row + x_dim, rest, dim - x_dim) > 0))
            continue;
        for (int32_t a = 0; a < b->actions; a++) {
            float d = down[(int64_t)(b->action0 + a) * hidden + j];
            float *out = b->out + (int64_t)a * b->units;
            for (int32_t u = 0; u < b->units; u++)
                out[u] += d * row[b->unit0 + u];
        }
    }
}

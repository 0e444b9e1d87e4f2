// SPDX-License-Identifier: Apache-2.0
#include "recursion.h"

#include <string.h>

#include "cells.h"
#include "trm/base/text.h"
#include "trm/nn/layers.h"
#include "trm/nn/soft.h"

static int32_t add_linear(trm_model *m, const char *prefix, int part, int32_t in, int32_t out) {
    char name[TRM_PARAM_NAME];
    trm_text_format(name, sizeof name, "%s.%d", prefix, part);
    return trm_params_add_linear(&m->params, &m->arena, name, in, out);
}

trm_recursion_layout trm_recursion_add(trm_model *m, const trm_recursion_names *names,
                                       int32_t x_dim, bool policy) {
    const trm_model_config *c = &m->config;
    int32_t z = c->z_dim, y = c->y_dim;
    trm_recursion_layout l = {.x_dim = x_dim, .policy = policy};
    l.z0 = trm_params_add(&m->params, &m->arena, "z0", 3, (int32_t[]){1, 1, z}, TRM_INIT_NORMAL, 0,
                          0.1f);
    l.tiny0 = add_linear(m, names->tiny, 0, z + x_dim + y, c->hidden);
    l.tiny2 = add_linear(m, names->tiny, 2, c->hidden, z);
    l.head0 = add_linear(m, names->head, 0, z + y, c->head_hidden);
    l.head2 = add_linear(m, names->head, 2, c->head_hidden, c->action_dim);
    l.embed = trm_params_add_embedding(&m->params, &m->arena, names->embed, c->action_dim, y);
    return l;
}

static void plan_sup(trm_recursion_sup *sup, const trm_recursion *r, const trm_model *m,
                     const trm_recursion_layout *l, trm_workspace *w, int32_t step, int32_t rows) {
    const trm_model_config *c = &m->config;
    sup->kept = trm_arena_array(&w->arena, (size_t)r->kept, sizeof *sup->kept);
    for (int32_t k = 0; k < r->kept; k++) {
        sup->kept[k].joined = trm_workspace_mat(w, rows, c->z_dim + l->x_dim + c->y_dim);
        sup->kept[k].hidden = trm_workspace_mat(w, rows, c->hidden);
    }
    sup->answer = trm_workspace_mat(w, rows, c->z_dim + c->y_dim);
    sup->head = trm_workspace_mat(w, rows, c->head_hidden);
    if (trm_workspace_wants(w, step)) {
        sup->logits = cells_view(m, w->logits[step]);
        sup->dlogits = cells_view(m, w->dlogits[step]);
    } else {
        sup->logits = trm_workspace_mat(w, rows, c->action_dim);
    }
    if (step > 0 || !l->policy)
        sup->probs = trm_workspace_mat(w, rows, c->action_dim);
}

void trm_recursion_plan(trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                        trm_workspace *w, int32_t rows, int32_t chunk) {
    const trm_model_config *c = &m->config;
    int32_t joined = c->z_dim + l->x_dim + c->y_dim;
    r->kept = l->policy || !c->detach_inner_steps ? c->inner_steps : 1;
    r->steps = &w->outputs;
    r->sups = trm_arena_array(&w->arena, (size_t)w->room, sizeof *r->sups);
    for (int32_t s = 0; s < w->room; s++)
        plan_sup(&r->sups[s], r, m, l, w, s, rows);
    r->dz = trm_workspace_mat(w, chunk, c->z_dim);
    r->dx = trm_workspace_mat(w, chunk, l->x_dim);
    r->dy_inner = trm_workspace_mat(w, chunk, c->y_dim);
    r->djoined = trm_workspace_mat(w, chunk, joined);
    r->dhidden = trm_workspace_mat(w, chunk, c->hidden);
    r->danswer = trm_workspace_mat(w, chunk, c->z_dim + c->y_dim);
    r->dhead = trm_workspace_mat(w, chunk, c->head_hidden);
    r->dlogits = trm_workspace_mat(w, chunk, c->action_dim);
    r->dprobs = trm_workspace_mat(w, chunk, c->action_dim);
    r->probe_answer = trm_workspace_mat(w, 1, c->z_dim + c->y_dim);
    r->probe_head = trm_workspace_mat(w, 1, c->head_hidden);
    r->probe_logits = trm_workspace_mat(w, 1, c->action_dim);
}

void trm_recursion_head(const trm_model *m, const trm_recursion_layout *l, trm_mat logits,
                        trm_mat hidden, trm_mat answer) {
    trm_apply_linear(m, l->head0, hidden, answer);
    trm_relu_forward(hidden, hidden);
    trm_apply_linear(m, l->head2, logits, hidden);
}

// y of the first supervision step
static void start_y(const trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                    trm_mat y, const int32_t *prev, int32_t row0) {
    const float *table = trm_model_weight(m, l->embed);
    for (int32_t i = 0; prev && i < y.rows; i++) {
        int32_t action = recursion_start(prev[i]);
        trm_embedding_forward(trm_mat_rows(y, i, 1), &action, table);
    }
    if (prev)
        return;
    trm_mat probs = trm_mat_rows(r->sups[0].probs, row0, y.rows);
    trm_mat_zero(probs);
    trm_softmax_rows(probs, probs);
    trm_soft_embedding_forward(y, probs, table);
}

// z of the first inner step
static void start_z(const trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                    trm_mat z, int32_t s, int32_t row0) {
    if (s > 0) {
        trm_mat_copy(z, recursion_z(m, trm_mat_rows(r->sups[s - 1].answer, row0, z.rows)));
        return;
    }
    for (int32_t i = 0; i < z.rows; i++)
        memcpy(trm_mat_row(z, i), trm_model_weight(m, l->z0), (size_t)z.cols * sizeof *z.data);
}

// The inner steps. Where only the last is kept, the others write over it.
static void think(const trm_recursion *r, const trm_model *m, const trm_recursion_layout *l,
                  trm_mat x, int32_t s, int32_t row0) {
    const trm_recursion_sup *sup = &r->sups[s];
    trm_mat answer = trm_mat_rows(sup->answer, row0, x.rows);
    for (int32_t k = 0; k < r->kept; k++) {
        trm_mat joined = trm_mat_rows(sup->kept[k].joined, row0, x.rows);
        trm_mat_copy(trm_mat_cols(joined, m->config.z_dim, l->x_dim), x);
        trm_mat_copy(recursion_y(m, joined), recursion_y(m, answer));
    }
    start_z(r, m, l, recursion_z(m, trm_mat_rows(sup->kept[0].joined, row0, x.rows)), s, row0);
    for (int32_t t = 0; t < m->config.inner_steps; t++) {
        const trm_recursion_inner *inner = &sup->kept[t % r->kept];
        const trm_recursion_inner *next = &sup->kept[(t + 1) % r->kept];
        trm_mat hidden = trm_mat_rows(inner->hidden, row0, x.rows);
        bool last = t == m->config.inner_steps - 1;
        trm_apply_linear(m, l->tiny0, hidden, trm_mat_rows(inner->joined, row0, x.rows));
        trm_relu_forward(hidden, hidden);
        trm_apply_linear(m, l->tiny2,
                         recursion_z(m, last ? answer : trm_mat_rows(next->joined, row0, x.rows)),
                         hidden);
    }
}

void trm_recursion_forward(const trm_recursion *r, const trm_model *m,
                           const trm_recursion_layout *l, trm_mat x, const int32_t *prev,
                           int32_t row0) {
    for (int32_t s = 0; s < *r->steps; s++) {
        const trm_recursion_sup *sup = &r->sups[s];
        trm_mat answer = trm_mat_rows(sup->answer, row0, x.rows);
        if (s == 0) {
            start_y(r, m, l, recursion_y(m, answer), prev, row0);
        } else {
            trm_mat probs = trm_mat_rows(sup->probs, row0, x.rows);
            trm_softmax_rows(probs, trm_mat_rows(r->sups[s - 1].logits, row0, x.rows));
            trm_soft_embedding_forward(recursion_y(m, answer), probs,
                                       trm_model_weight(m, l->embed));
        }
        think(r, m, l, x, s, row0);
        trm_recursion_head(m, l, trm_mat_rows(sup->logits, row0, x.rows),
                           trm_mat_rows(sup->head, row0, x.rows), answer);
    }
}

static const int32_t *linear_shape(const trm_params *p, const char *prefix, int part) {
    char name[TRM_PARAM_NAME];
    trm_text_format(name, sizeof name, "%s.%d.weight", prefix, part);
    return trm_cells_shape(p, name, 2);
}

bool trm_recursion_recognise(const trm_params *p, const trm_recursion_names *names,
                             trm_model_config *c, int64_t *x_dim) {
    char embed_name[TRM_PARAM_NAME];
    trm_text_format(embed_name, sizeof embed_name, "%s.weight", names->embed);
    const int32_t *tiny0 = linear_shape(p, names->tiny, 0);
    const int32_t *tiny2 = linear_shape(p, names->tiny, 2);
    const int32_t *head2 = linear_shape(p, names->head, 2);
    const int32_t *embed = trm_cells_shape(p, embed_name, 2);
    if (!tiny0 || !tiny2 || !head2 || !embed)
        return false;
    c->hidden = tiny0[0];
    c->z_dim = tiny2[0];
    c->y_dim = embed[1];
    c->action_dim = head2[0];
    c->head_hidden = head2[1];
    *x_dim = (int64_t)tiny0[1] - c->z_dim - c->y_dim;
    return true;
}

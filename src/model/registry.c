// SPDX-License-Identifier: Apache-2.0
// The architectures there are, as TRM_ARCHS lists them, and what can be asked of one by its name.
#include <string.h>

#include "arch.h"
#include "trm/base/text.h"

typedef struct row {
    const trm_arch *arch;
    void (*products)(trm_product_list *l, const trm_model_config *c);
} row;

#define ROW(id) {&trm_arch_##id, trm_products_##id},
static const row rows[] = {TRM_ARCHS(ROW)};
#undef ROW

enum { ROWS = sizeof rows / sizeof *rows };

const trm_arch *trm_arch_at(int32_t i) {
    return i >= 0 && i < ROWS ? rows[i].arch : NULL;
}

const char *trm_arch_name(int32_t i) {
    return i >= 0 && i < ROWS ? rows[i].arch->name : NULL;
}

const char *trm_arch_summary(int32_t i) {
    return i >= 0 && i < ROWS ? rows[i].arch->summary : NULL;
}

static const row *find(const char *name) {
    const int32_t i = trm_text_index(trm_arch_name, name);
    return i < 0 ? NULL : &rows[i];
}

const trm_arch *trm_arch_find(const char *name, trm_error *e) {
    const row *r = find(name);
    if (r)
        return r->arch;
    trm_text_unknown(trm_arch_name, "model.type: there is no model", name, e);
    return NULL;
}

bool trm_arch_reads(const char *name, const char *field) {
    const row *r = find(name);
    for (const struct trm_field *f = r ? r->arch->fields : NULL; f && f->name; f++)
        if (strcmp(f->name, field) == 0)
            return true;
    return r && !r->arch->own_weights && strcmp(field, "xavier_gain") == 0;
}

bool trm_arch_reads_tokens(const char *name) {
    const row *r = find(name);
    return r && r->arch->tokens;
}

// ---- operations ---------------------------------------------------------------------------------

void trm_products_add(trm_product_list *l, const char *name, trm_product p) {
    if (p.times == 0)
        return;
    trm_text_copy(p.name, sizeof p.name, name);
    if (l->count < l->capacity)
        l->items[l->count] = p;
    l->count++;
}

void trm_products_add_linear(trm_product_list *l, const char *name, int32_t out, int32_t in,
                             int32_t times, int32_t input_gradients) {
    const trm_product p = {.out = out,
                           .in = in,
                           .times = times,
                           .weight_gradients = times,
                           .input_gradients = input_gradients};
    trm_products_add(l, name, p);
}

int32_t trm_model_products(const trm_model_config *c, trm_product *out, int32_t capacity) {
    trm_product_list l = {.items = out, .capacity = capacity};
    const row *r = find(c->type);
    if (r)
        r->products(&l, c);
    return l.count;
}

trm_flops trm_model_flops(const trm_model_config *c) {
    trm_product items[TRM_PRODUCTS_MAX];
    int32_t count = trm_model_products(c, items, TRM_PRODUCTS_MAX);
    trm_flops all = {0};
    for (int32_t i = 0; i < count && i < TRM_PRODUCTS_MAX; i++) {
        const trm_product *p = &items[i];
        double once = 2.0 * p->out * p->in;
        all.forward += once * p->times;
        all.training += once * ((double)p->times + p->weight_gradients + p->input_gradients);
    }
    return all;
}

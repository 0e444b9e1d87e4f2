// SPDX-License-Identifier: Apache-2.0
// Parameters in, gradients out: the same for every model.
#include <stdlib.h>
#include <string.h>

#include "parity.h"
#include "trm/base/arena.h"

trm_model *parity_model(const trm_model_config *c, const trm_safetensors *s) {
    trm_error e = {0};
    trm_model *m = trm_model_new(c, &e);
    if (!m)
        fail_msg("%s", e.message);
    trm_params *p = trm_model_params(m);
    assert_int_equal(p->total, (int64_t)parity_number(s, "params", (double)p->total));
    for (int32_t i = 0; i < p->count; i++) {
        const trm_tensor *t = parity_tensor(s, TRM_F32, "param.%s", p->items[i].name);
        assert_int_equal(trm_tensor_count(t), p->items[i].size);
        memcpy(trm_params_at(p, p->values, i), t->data, (size_t)p->items[i].size * sizeof(float));
    }
    return m;
}

void parity_check_gradients(const trm_model *m, trm_workspace *w, const trm_safetensors *s,
                            int32_t rows) {
    const trm_params *p = trm_model_params_const(m);
    float *grads = trm_alloc((size_t)p->size, sizeof *grads);
    trm_model_backward(m, w, 0, rows, grads);
    for (int32_t i = 0; i < p->count; i++) {
        const trm_tensor *t = parity_tensor(s, TRM_F32, "grad.%s", p->items[i].name);
        check_close(t->name, trm_params_at(p, grads, i), t->data, p->items[i].size,
                    PARITY_GRADIENT_TOLERANCE);
    }
    free(grads);
}

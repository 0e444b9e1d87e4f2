// SPDX-License-Identifier: Apache-2.0
// Clipping by global norm and Adam with L2 weight decay, step by step.
#include <stdio.h>
#include <string.h>

#include "parity.h"
#include "trm/nn/optim.h"

static const char *const parts[] = {"weight", "bias"};

// weight and bias behind one another, as a slab
static void gather(float *out, const trm_safetensors *s, const char *prefix) {
    for (int i = 0; i < 2; i++) {
        const trm_tensor *t = parity_tensor(s, TRM_F32, "%s%s", prefix, parts[i]);
        memcpy(out, t->data, (size_t)trm_tensor_count(t) * sizeof *out);
        out += trm_tensor_count(t);
    }
}

void parity_adam(const trm_safetensors *s) {
    trm_arena arena = TRM_ARENA_INIT;
    int64_t size = trm_tensor_count(parity_tensor(s, TRM_F32, "start.weight")) +
                   trm_tensor_count(parity_tensor(s, TRM_F32, "start.bias"));
    float *values = trm_arena_array(&arena, (size_t)size, sizeof *values);
    float *grads = trm_arena_array(&arena, (size_t)size, sizeof *grads);
    float *want = trm_arena_array(&arena, (size_t)size, sizeof *want);
    trm_adam adam;
    trm_adam_init(&adam, &arena, size, 0.999f, (float)parity_number(s, "weight_decay", 0));
    gather(values, s, "start.");
    int32_t steps = (int32_t)parity_number(s, "steps", -1);
    assert_true(steps > 0);
    for (int32_t i = 0; i < steps; i++) {
        char prefix[48];
        snprintf(prefix, sizeof prefix, "step.%d.grad.", i);
        gather(grads, s, prefix);
        float norm = trm_grad_clip(grads, size, (float)parity_number(s, "clip", -1));
        const trm_tensor *norm_want = parity_tensor(s, TRM_F32, "step.%d.norm", i);
        check_close("norm", &norm, norm_want->data, 1, PARITY_OUTPUT_TOLERANCE);
        trm_adam_step(&adam, values, grads, (float)parity_number(s, "lr", -1));
        snprintf(prefix, sizeof prefix, "step.%d.", i);
        gather(want, s, prefix);
        check_close(prefix, values, want, size, PARITY_OUTPUT_TOLERANCE);
    }
    trm_arena_free(&arena);
}

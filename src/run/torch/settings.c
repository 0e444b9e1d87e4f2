// SPDX-License-Identifier: Apache-2.0
// Settings of the paper's "arch", each a name and a text; without libyaml, too.
#include <math.h>
#include <string.h>

#include "run/torch/torch.h"
#include "trm/base/text.h"

typedef struct setting {
    const char *key, *value;
    trm_model_config c;
    trm_error *e;
} setting;

static bool wrong(setting *r, const char *expected) {
    return trm_error_set(r->e, TRM_E_INPUT, "arch.%s: expected %s, found \"%.40s\"", r->key,
                         expected, r->value);
}

// Ranges are those of models; what is out of them is refused when the model is made.
static bool set_whole(setting *r, int32_t *to) {
    int64_t x;
    if (!trm_text_to_i64(r->value, &x) || x < 0 || x > 1 << 20)
        return wrong(r, "a whole number");
    *to = (int32_t)x;
    return true;
}

static bool set_real(setting *r, float *to) {
    double x;
    if (!trm_text_to_f64(r->value, &x) || !isfinite(x))
        return wrong(r, "a number");
    *to = (float)x;
    return true;
}

static bool set_positions(setting *r) {
    bool known = strcmp(r->value, "rope") == 0 || strcmp(r->value, "learned") == 0;
    return trm_text_copy(r->c.position_encoding, sizeof r->c.position_encoding,
                         known ? r->value : "none");
}

static bool take_value(setting *r) {
    const struct {
        const char *key;
        int32_t *to;
    } wholes[] = {
        {"H_cycles", &r->c.k_cycles},     {"L_cycles", &r->c.inner_steps},
        {"num_heads", &r->c.heads},       {"halt_max_steps", &r->c.sup_steps},
        {"puzzle_emb_len", &r->c.prefix},
    };
    if (strcmp(r->value, "null") == 0 || strcmp(r->value, "~") == 0)
        return true; // as if it did not stand there
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        if (strcmp(r->key, wholes[i].key) == 0)
            return set_whole(r, wholes[i].to);
    if (strcmp(r->key, "pos_encodings") == 0)
        return set_positions(r);
    if (strcmp(r->key, "rms_norm_eps") == 0)
        return set_real(r, &r->c.norm_eps);
    return strcmp(r->key, "rope_theta") != 0 || set_real(r, &r->c.rope_theta);
}

static bool take(const char *key, const char *value, bool cells, trm_model_config *c,
                 trm_error *e) {
    setting r = {.key = key, .value = value, .c = *c, .e = e};
    const bool ok = cells ? set_whole(&r, &r.c.cells) : take_value(&r);
    if (ok)
        *c = r.c;
    return ok;
}

bool trm_torch_take_arch(const char *key, const char *value, trm_model_config *c, trm_error *e) {
    return take(key, value, false, c, e);
}

bool trm_torch_take_setting(const char *key, const char *value, trm_model_config *c, trm_error *e) {
    return take(key, value, strcmp(key, "seq_len") == 0, c, e);
}

// SPDX-License-Identifier: Apache-2.0
#include "cli/probe/print.h"

#include <stdbool.h>
#include <stdio.h>

#include "trm/base/text.h"

void trm_probe_print_values(const float *values, int32_t n) {
    putchar('[');
    for (int32_t i = 0; i < n; i++) {
        char text[32];
        trm_text_from_f32(text, values[i]);
        printf("%s%s", i > 0 ? "," : "", text);
    }
    putchar(']');
}

static void print_floats(bool *first, const char *name, const float *values, int32_t n) {
    if (n == 0)
        return;
    printf("%s\"%s\":", *first ? "" : ",", name);
    trm_probe_print_values(values, n);
    *first = false;
}

static void print_masked(const trm_reading *r, int32_t cycle) {
    fputs(",\"masked\":[", stdout);
    for (int32_t a = 0; a < r->shape->actions; a++) {
        char text[32];
        trm_text_from_f32(text, trm_reading_masked(r, cycle, a));
        printf("%s%s", a > 0 ? "," : "", text);
    }
    putchar(']');
}

void trm_probe_print_cycles(const trm_reading *r) {
    const trm_trace_shape *s = r->shape;
    putchar('[');
    for (int32_t c = 0; c < s->cycles; c++) {
        int32_t read = c >= s->first_logits ? s->actions : 0;
        bool first = true;
        fputs(c > 0 ? ",{" : "{", stdout);
        print_floats(&first, "h_mid", trm_trace_h_mid(s, r->trace, c), s->h_mid);
        print_floats(&first, "l", trm_trace_l(s, r->trace, c), s->l);
        print_floats(&first, "h", trm_trace_h(s, r->trace, c), s->h);
        print_floats(&first, "logits", trm_trace_logits(s, r->trace, c), read);
        print_floats(&first, "probs", trm_trace_probs(s, r->trace, c), read);
        if (r->legal != NULL && read > 0)
            print_masked(r, c);
        print_floats(&first, "halt", trm_trace_halt(s, r->trace, c), s->halts ? 1 : 0);
        putchar('}');
    }
    putchar(']');
}

void trm_probe_action_name(const trm_env *env, int32_t action, char out[16]) {
    if (env != NULL)
        trm_env_action_name(env, action, out);
    else
        trm_text_format(out, 16, "%d", action);
}

void trm_probe_print_reading(const trm_env *env, const trm_reading *r, int32_t cycle, bool brief) {
    enum { SHOWN = 4, NAME = 8 };
    int32_t order[SHOWN];
    const int32_t n = trm_reading_list(r, cycle, SHOWN, order);
    const bool all = brief && r->shape->actions <= SHOWN;
    for (int32_t i = 0; i < n; i++) {
        const int32_t a = all ? i : order[i];
        char name[16];
        trm_probe_action_name(env, a, name);
        if (!trm_reading_legal(r, a))
            continue;
        printf("  %-*s %.4f", brief ? 0 : NAME, name, (double)trm_reading_masked(r, cycle, a));
        if (r->legal != NULL && !brief)
            printf(" (raw %.4f)", (double)trm_reading_raw(r, cycle, a));
    }
}

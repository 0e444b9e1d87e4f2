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
    if (n == 0) {
        return;
    }
    printf("%s\"%s\":", *first ? "" : ",", name);
    trm_probe_print_values(values, n);
    *first = false;
}

void trm_probe_print_cycles(const trm_trace_shape *s, float *trace) {
    putchar('[');
    for (int32_t c = 0; c < s->cycles; c++) {
        int32_t read = c >= s->first_logits ? s->actions : 0;
        bool first = true;
        fputs(c > 0 ? ",{" : "{", stdout);
        print_floats(&first, "h_mid", trm_trace_h_mid(s, trace, c), s->h_mid);
        print_floats(&first, "l", trm_trace_l(s, trace, c), s->l);
        print_floats(&first, "h", trm_trace_h(s, trace, c), s->h);
        print_floats(&first, "logits", trm_trace_logits(s, trace, c), read);
        print_floats(&first, "probs", trm_trace_probs(s, trace, c), read);
        print_floats(&first, "halt", trm_trace_halt(s, trace, c), s->halts ? 1 : 0);
        putchar('}');
    }
    putchar(']');
}

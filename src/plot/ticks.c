// SPDX-License-Identifier: Apache-2.0
#include "plot/ticks.h"

#include <assert.h>
#include <math.h>

#include "trm/base/text.h"

static double round_step(double span, int32_t about) {
    const double raw = span / about;
    const double power = pow(10, floor(log10(raw)));
    const double part = raw / power;
    return power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
}

static double span_of(double low, double high) {
    const double least = 1e-9 * fmax(fabs(low), fabs(high));
    const double span = fmax(high - low, least);
    return span > 1e-30 ? span : 1;
}

void trm_ticks_between(trm_ticks *t, double low, double high, int32_t about) {
    assert(about >= 2 && about <= TICKS_MAX - 2 && low <= high);
    *t = (trm_ticks){.step = round_step(span_of(low, high), about)};
    const double slack = 1e-6; // of a step: what rounding may have taken
    const double first = ceil(low / t->step - slack), last = floor(high / t->step + slack);
    while (t->count < TICKS_MAX && first + t->count <= last) {
        const double k = first + t->count;
        t->at[t->count++] = k == 0 ? 0 : k * t->step;
    }
}

void trm_ticks_decades(trm_ticks *t, double low, double high) {
    enum { FEW = 3 };
    static const double parts[] = {1, 2, 5};
    const double slack = 1e-9;
    const int first = (int)floor(log10(low) + slack), last = (int)floor(log10(high) + slack);
    const int each = last - first < FEW ? 3 : 1, skip = (last - first) / (TICKS_MAX - 1) + 1;
    assert(low > 0 && low < high);
    *t = (trm_ticks){.count = 0};
    for (int power = first; power <= last; power += skip)
        for (int k = 0; k < each; k++) {
            const double at = parts[k] * pow(10, power);
            if (at >= low * (1 - slack) && at <= high * (1 + slack) && t->count < TICKS_MAX)
                t->at[t->count++] = at;
        }
}

void trm_ticks_widen_decades(double *low, double *high) {
    const double slack = 1e-9;
    const double a = pow(10, floor(log10(*low) + slack)), b = pow(10, floor(log10(*high) + slack));
    const double from = *low / a * (1 + slack), to = *high / b * (1 - slack);
    *low = a * (from >= 5 ? 5 : from >= 2 ? 2 : 1);
    *high = b * (to <= 1 ? 1 : to <= 2 ? 2 : to <= 5 ? 5 : 10);
    if (!(*high > *low))
        *high *= 2;
}

void trm_ticks_widen(double *low, double *high, int32_t about) {
    const double slack = 1e-6;
    double step = round_step(span_of(*low, *high), about), before;
    do {
        *low = step * floor(*low / step + slack);
        *high = step * ceil(*high / step - slack);
        if (!(*high > *low)) {
            *low -= step;
            *high += step;
        }
        before = step;
        step = round_step(span_of(*low, *high), about);
    } while (step > before); // the wider range may want a wider step
}

static void group_thousands(char out[TICK_TEXT], double value) {
    char text[32];
    trm_text_copy(out, TICK_TEXT, trm_text_thousands(text, (int64_t)value));
}

void trm_ticks_text(const trm_ticks *t, int32_t i, char out[TICK_TEXT]) {
    const double value = t->at[i], size = fabs(value);
    if (!(t->step > 0)) {
        if (size >= 1000 && size < 1e7)
            group_thousands(out, value);
        else
            trm_text_format(out, TICK_TEXT, "%.3g", value);
        return;
    }
    const int decimals = (int)fmax(0, -floor(log10(t->step) + 1e-9));
    if (size >= 1e7 || decimals > 6)
        trm_text_format(out, TICK_TEXT, "%.3g", value);
    else if (decimals == 0 && size >= 1000)
        group_thousands(out, value);
    else
        trm_text_format(out, TICK_TEXT, "%.*f", decimals, value);
}

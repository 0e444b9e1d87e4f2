// SPDX-License-Identifier: Apache-2.0
// Round numbers along an axis.
#ifndef PLOT_TICKS_H
#define PLOT_TICKS_H

#include <stdint.h>

enum { TICKS_MAX = 12, TICK_TEXT = 32 };

typedef struct trm_ticks {
    int32_t count;
    double at[TICKS_MAX]; // multiples of the step, rising
    double step;          // 1, 2 or 5 times a power of ten; 0: between powers of ten
} trm_ticks;

// The ticks within low .. high (finite, low <= high) with a step that leaves about `about` of them,
// 2 .. TICKS_MAX - 2.
void trm_ticks_between(trm_ticks *t, double low, double high, int32_t about);

// The same for an axis of powers of ten (0 < low < high): those, and twice and five times them
// where there is room.
void trm_ticks_decades(trm_ticks *t, double low, double high);

// Widens such a range until it begins and ends on 1, 2 or 5 times a power of ten.
void trm_ticks_widen_decades(double *low, double *high);

// Widens the range until it begins and ends on a tick; where it is empty, to something.
void trm_ticks_widen(double *low, double *high, int32_t about);

// Tick i as people write it: no more decimals than the step has, thousands in groups.
void trm_ticks_text(const trm_ticks *t, int32_t i, char out[TICK_TEXT]);

#endif

// SPDX-License-Identifier: Apache-2.0
// TensorBoard's event files, read by a reader of our own.
#ifndef TESTS_SUPPORT_EVENTS_H
#define TESTS_SUPPORT_EVENTS_H

#include "run/event.pb-c.h" // of the build

// Each event of a file in turn; fails on a sum that is not right and on a field that is unknown.
typedef void see_event(void *ctx, const Trm__Event *event);
void read_events(const char *path, see_event *see, void *ctx);

// A picture's own width and height; fails on what is no PNG from its first byte to its last.
void png_size(const unsigned char *png, size_t size, int32_t *width, int32_t *height);

#endif

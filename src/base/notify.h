// SPDX-License-Identifier: Apache-2.0
// News of a folder: a thread that waits until something in it was written. The system may know of
// nothing (it has no inotify, the folder is on another machine), so that who waits looks now and
// then all the same.
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

typedef struct trm_notify trm_notify;

// Calls changed(ctx) on a thread of its own soon after each change, at most five times a second.
// NULL: the system tells of no changes. Free with trm_notify_free (NULL is fine), after which it is
// not called any more.
trm_notify *trm_notify_new(const char *folder, void (*changed)(void *ctx), void *ctx);
void trm_notify_free(trm_notify *n);

#endif

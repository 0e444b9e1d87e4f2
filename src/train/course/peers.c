// SPDX-License-Identifier: Apache-2.0
// A course that is computed by several processes: rank 0 leads, the others follow.
#include <assert.h>
#include <stdlib.h>

#include "train/course/impl.h"
#include "trm/base/arena.h"

typedef enum what { END, STATE, ADVANCE } what;

typedef struct order {
    int64_t what, total; // total: of the course's length, which may have changed
} order;

void trm_course_join(trm_course *c, trm_peers *peers) {
    assert(!c->peers);
    c->peers = peers;
    peers->times = (trm_peers_times){0};
    c->ops->join(c, peers);
}

int32_t trm_course_ranks(const trm_course *c, trm_peers_times *times) {
    *times = c->peers ? c->peers->times : (trm_peers_times){0};
    return c->peers ? c->peers->count : 1;
}

static void give(trm_course *c, what w) {
    order o = {w, trm_course_count(c).total};
    trm_peers_share(c->peers, &o, sizeof o);
}

static void share_state(trm_course *c) {
    int32_t count = trm_course_tensors(c, NULL, 0);
    trm_tensor *tensors = trm_alloc((size_t)count, sizeof *tensors);
    trm_course_tensors(c, tensors, count);
    for (int32_t i = 0; i < count; i++)
        trm_peers_share(c->peers, tensors[i].data, trm_tensor_bytes(&tensors[i]));
    free(tensors);
}

static bool leads(const trm_course *c) {
    return c->peers && c->peers->rank == 0;
}

void trm_course_lead(trm_course *c) {
    if (!leads(c))
        return;
    if (!c->shared) {
        give(c, STATE);
        share_state(c);
        c->shared = true;
    }
    give(c, ADVANCE);
}

void trm_course_lead_no_more(trm_course *c) {
    if (leads(c))
        give(c, END);
}

bool trm_course_follow(trm_course *c, trm_error *e) {
    assert(c->peers && c->peers->rank > 0);
    trm_advance ignored;
    for (bool sound = true;;) {
        order o;
        trm_peers_share(c->peers, &o, sizeof o);
        switch ((what)o.what) {
        case END:
            return sound;
        case STATE:
            share_state(c);
            sound = trm_course_restored(c, e);
            break;
        case ADVANCE: // what fails here fails on rank 0, too, which tells
            trm_course_set_total(c, o.total);
            trm_course_advance(c, NULL, &ignored, &(trm_error){0});
            break;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
// What rank 0 tells the others to do, and whether all can do it alike.
#ifndef RUN_CLUSTER_IMPL_H
#define RUN_CLUSTER_IMPL_H

#include "trm/run/cluster.h"

typedef enum trm_cluster_call {
    TRM_CLUSTER_END,
    TRM_CLUSTER_COURSE, // train it together
    TRM_CLUSTER_WORK    // take pieces of work
} trm_cluster_call;

typedef struct trm_cluster_order {
    int64_t call;        // trm_cluster_call
    uint64_t bytes;      // of what is shared next: a configuration, or what all pieces need
    int32_t kind;        // WORK: which
    int32_t threads;     // … on how many threads a rank
    uint64_t item_bytes; // … of a piece, and of what comes of it
    uint64_t result_bytes;
} trm_cluster_order;

// What a rank has to say before it takes part. It is the first that ranks exchange, so this stays
// as it is: a later version must still be told that it is another program.
typedef struct trm_cluster_answer {
    uint64_t program, kernel, boards; // hashes
    int64_t process, namespace;       // a number means the same on one host in one namespace
    char host[64];
    char refusal[256]; // empty: it is ready
} trm_cluster_answer;

// The same for every process of a program on machines of one kind.
trm_cluster_answer trm_cluster_answer_of_program(void);

// All ranks tell. False with *e, the same everywhere, where one cannot, or would come to another
// result.
bool trm_cluster_confer(trm_peers *p, const trm_cluster_answer *mine, trm_error *e);

// FNV-1a (Fowler, Noll and Vo), from TRM_HASH_NOTHING on.
#define TRM_HASH_NOTHING UINT64_C(0xcbf29ce484222325)
uint64_t trm_cluster_hash(uint64_t h, const void *data, size_t bytes);

// The course's samples; or where its episodes begin.
uint64_t trm_cluster_hash_boards(uint64_t h, const trm_course *c);

#endif

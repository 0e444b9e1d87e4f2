// SPDX-License-Identifier: Apache-2.0
#include "trm/run/cluster.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/library.h"
#include "mpi/engine.h"
#include "run/cluster/impl.h"
#include "run/cluster/workers.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"
#include "trm/nn/blas.h"
#include "trm/run/course.h"

enum { PATH = 4096, RANKS_MAX = 4096, PROGRAM_MOST = 1 << 30 };

// What starters of MPI programs put into the environment: how many there are, which of them this
// one is. SLURM has its number of tasks also where no MPI is meant.
static const struct starter {
    const char *count, *rank;
} starters[] = {{"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
                {"PMI_SIZE", "PMI_RANK"},
                {"SLURM_STEP_NUM_TASKS", "PMIX_RANK"}};

static bool number_in(const char *variable, int64_t *n) {
    const char *text = getenv(variable);
    return text && trm_text_to_i64(text, n);
}

bool trm_cluster_asked(int32_t *rank) {
    for (size_t i = 0; i < sizeof starters / sizeof *starters; i++) {
        int64_t count, own;
        if (number_in(starters[i].count, &count) && number_in(starters[i].rank, &own) &&
            count > 1) {
            *rank = (int32_t)own;
            return true;
        }
    }
    return false;
}

// Beside the program, as it was built and as it is installed.
static bool module_beside(const char *place, char out[PATH]) {
    ssize_t length = readlink("/proc/self/exe", out, PATH - 1);
    if (length <= 0)
        return false;
    out[length] = '\0';
    char *slash = strrchr(out, '/');
    size_t room = PATH - (size_t)(slash + 1 - out);
    return trm_text_format(slash + 1, room, "%s/trm_mpi.so", place) + 1 < room;
}

typedef struct module {
    TRM_LIBRARY_MEMBER(trm_mpi_join)
} module;

static bool start_engine(trm_peers *p, trm_error *e) {
    static const trm_library_row rows[] = {TRM_LIBRARY_ROW(module, trm_mpi_join)};
    char built[PATH] = "", installed[PATH] = "";
    const char *files[] = {built, installed, TRM_MODULES "/trm_mpi.so", NULL};
    module m;
    module_beside("../mpi", built);
    module_beside("../lib/trm", installed);
    if (!trm_library_load(
            files, "this process is one of several, and trm_mpi.so, which lets them train together",
            rows, 1, &m, e))
        return false;
    const char *why = m.trm_mpi_join(p);
    if (why)
        return trm_error_set(e, TRM_E_IO, "%s", why);
    return p->count <= RANKS_MAX ||
           trm_error_set(e, TRM_E_INPUT,
                         "%d processes are more than the %d that can train together", p->count,
                         RANKS_MAX);
}

// ---- what must be the same ----------------------------------------------------------------------

uint64_t trm_cluster_hash(uint64_t h, const void *data, size_t bytes) {
    const unsigned char *at = data;
    for (size_t i = 0; i < bytes; i++)
        h = (h ^ at[i]) * 0x100000001b3u;
    return h;
}

static uint64_t hash_program(void) {
    char *bytes;
    size_t size;
    uint64_t h = trm_cluster_hash(TRM_HASH_NOTHING, TRM_VERSION, sizeof TRM_VERSION);
    if (!trm_file_read("/proc/self/exe", PROGRAM_MOST, &bytes, &size, NULL))
        return h;
    h = trm_cluster_hash(h, bytes, size);
    free(bytes);
    return h;
}

uint64_t trm_cluster_hash_boards(uint64_t h, const trm_course *c) {
    enum { STARTS = 64 };
    const trm_env *env = trm_course_env(c);
    for (trm_course_set set = 0; set < TRM_SETS; set++) {
        const trm_dataset *d = trm_course_data(c, set);
        if (!d)
            continue;
        h = trm_cluster_hash(h, d->inputs,
                             (size_t)d->count * (size_t)d->state_dim * sizeof *d->inputs);
        h = trm_cluster_hash(h, d->targets,
                             (size_t)d->count * (size_t)d->positions * sizeof *d->targets);
    }
    if (!env)
        return h;
    size_t bytes = (size_t)trm_env_state_dim(env) * sizeof(float);
    void *state = trm_alloc(trm_env_state_size(env), 1);
    float *obs = trm_alloc(bytes, 1);
    trm_rng rng;
    trm_rng_seed(&rng, trm_course_seed(c), TRM_STREAM_ENVS);
    for (int i = 0; i < STARTS; i++) {
        trm_env_reset(env, state, &rng, TRM_SPLIT_TRAIN);
        trm_env_observe(env, state, obs);
        h = trm_cluster_hash(h, obs, bytes);
    }
    free(state);
    free(obs);
    return h;
}

trm_cluster_answer trm_cluster_answer_of_program(void) {
    const char *kernel = trm_blas_core();
    trm_cluster_answer a = {.program = hash_program(),
                            .kernel = trm_cluster_hash(TRM_HASH_NOTHING, kernel, strlen(kernel)),
                            .process = getpid()};
    struct stat here;
    if (stat("/proc/self/ns/pid", &here) == 0)
        a.namespace = (int64_t)here.st_ino;
    if (gethostname(a.host, sizeof a.host - 1) != 0)
        a.host[0] = '\0';
    return a;
}

// Whether all can do it, and alike.
static bool judge(const trm_peers *p, const trm_cluster_answer *all, trm_error *e) {
    for (int32_t r = 0; r < p->count; r++) {
        const trm_cluster_answer *a = &all[r];
        const char *other = a->program != all->program ? "is another program"
                            : a->kernel != all->kernel
                                ? "has another BLAS kernel (OPENBLAS_CORETYPE)"
                            : a->boards != all->boards ? "has other boards (env.puzzles, env.mazes)"
                                                       : NULL;
        if (a->refusal[0])
            return r == 0
                       ? trm_error_set(e, TRM_E_INPUT, "%s", a->refusal)
                       : trm_error_set(e, TRM_E_INPUT, "rank %d on %s: %s", r, a->host, a->refusal);
        if (other)
            return trm_error_set(e, TRM_E_INPUT,
                                 "rank %d on %s %s than rank 0 on %s: the result would be another "
                                 "one; make them the same",
                                 r, a->host, other, all->host);
    }
    return true;
}

static trm_cluster_answer *answers_of_all(trm_peers *p, const trm_cluster_answer *mine) {
    trm_cluster_answer *all = trm_alloc((size_t)p->count, sizeof *all);
    all[p->rank] = *mine;
    trm_peers_gather(p, all, sizeof *all);
    return all;
}

bool trm_cluster_confer(trm_peers *p, const trm_cluster_answer *mine, trm_error *e) {
    trm_cluster_answer *all = answers_of_all(p, mine);
    bool good = judge(p, all, e);
    free(all);
    return good;
}

bool trm_cluster_join(trm_peers *p, pid_t **processes, trm_error *e) {
    if (!start_engine(p, e))
        return false;
    const trm_cluster_answer mine = trm_cluster_answer_of_program();
    trm_cluster_answer *all = answers_of_all(p, &mine);
    const bool good = judge(p, all, e);
    *processes = trm_alloc((size_t)p->count, sizeof **processes);
    for (int32_t r = 0; r < p->count; r++)
        if (strcmp(all[r].host, mine.host) == 0 && all[r].namespace == mine.namespace)
            (*processes)[r] = (pid_t)all[r].process;
    free(all);
    if (!good)
        trm_peers_leave(p);
    return good;
}

// All ranks: keeps the course if all can compute it; frees it and returns NULL if not.
static trm_course *take_up(trm_peers *p, trm_course *c, trm_error *e) {
    trm_cluster_answer mine = trm_cluster_answer_of_program();
    if (c)
        mine.boards = trm_cluster_hash_boards(TRM_HASH_NOTHING, c);
    else
        trm_text_copy(mine.refusal, sizeof mine.refusal, e->message);
    if (trm_cluster_confer(p, &mine, e)) {
        trm_course_join(c, p);
        return c;
    }
    trm_course_free(c);
    return NULL;
}

// ---- rank 0, and the others ---------------------------------------------------------------------

trm_course *trm_cluster_course(trm_peers *p, const trm_config *c, trm_error *e) {
    char *text = trm_config_print(c);
    trm_cluster_order order = {.call = TRM_CLUSTER_COURSE, .bytes = strlen(text) + 1};
    trm_peers_share(p, &order, sizeof order);
    trm_peers_share(p, text, order.bytes);
    free(text);
    return take_up(p, trm_run_course(c, e), e);
}

static void serve_course(trm_peers *p, const trm_cluster_order *order) {
    trm_error e = {0};
    trm_config config = trm_config_default();
    char *text = trm_alloc(order->bytes, 1);
    trm_peers_share(p, text, order->bytes);
    bool read = trm_config_parse(&config, "rank 0's configuration", text, &e);
    free(text);
    trm_course *c = take_up(p, read ? trm_run_course(&config, &e) : NULL, &e);
    if (c)
        trm_course_follow(c, &e);
    trm_course_free(c);
}

void trm_cluster_serve(trm_peers *p) {
    for (trm_cluster_order order;;) {
        trm_peers_share(p, &order, sizeof order);
        switch ((trm_cluster_call)order.call) {
        case TRM_CLUSTER_END:
            return;
        case TRM_CLUSTER_COURSE:
            serve_course(p, &order);
            break;
        case TRM_CLUSTER_WORK:
            trm_workers_serve(p, &order);
            break;
        }
    }
}

void trm_cluster_dismiss(trm_peers *p) {
    trm_cluster_order order = {.call = TRM_CLUSTER_END};
    trm_peers_share(p, &order, sizeof order);
}

void trm_cluster_leave(trm_peers *p) {
    if (p->rank == 0)
        trm_cluster_dismiss(p);
    trm_peers_leave(p);
}

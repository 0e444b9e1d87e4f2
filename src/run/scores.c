// SPDX-License-Identifier: Apache-2.0
#include "trm/run/scores.h"

#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "run/json.h"
#include "run/rundir/place.h"
#include "trm/base/arena.h"
#include "trm/base/file.h"
#include "trm/base/text.h"

enum { FILE_MAX = 1 << 20, LOCK_TRIES = 4000 };

#define FORMAT "trm-scores-1"

static const double COUNT_MAX = 9007199254740992.0; // 2^53
static const double VALUE_MAX = 1e12;

typedef struct records {
    trm_personal_best items[TRM_SCORE_KINDS]; // played last first
    int32_t count;
} records;

// Appends " VALUE NAME" where the value is set.
static void add_setting(char kind[TRM_SCORE_KIND], bool set, float value, const char *name) {
    char number[32];
    const size_t used = strlen(kind);
    if (!set)
        return;
    trm_text_from_f32(number, value);
    trm_text_format(kind + used, TRM_SCORE_KIND - used, " %s%s", number, name);
}

void trm_score_kind(const trm_env_config *c, bool own, char out[TRM_SCORE_KIND]) {
    trm_text_format(out, TRM_SCORE_KIND, "%.*s %d", TRM_ENV_TYPE, c->type, c->size);
    add_setting(out, c->width > 0 && c->width != c->size, (float)c->width, " wide");
    if (own) {
        const size_t used = strlen(out);
        trm_text_format(out + used, TRM_SCORE_KIND - used, " own");
        return;
    }
    add_setting(out, c->difficulty >= 0.0f, c->difficulty, "");
    add_setting(out, c->givens > 0, (float)c->givens, " givens");
    add_setting(out, c->braid > 0.0f, c->braid, " braid");
    add_setting(out, c->obstacles > 0.0f, c->obstacles, " obstacles");
    add_setting(out, c->path_min > 0, (float)c->path_min, " steps apart");
}

bool trm_scores_path(char *out, int size, trm_error *e) {
    char path[RUN_PATH];
    if (!trm_place_state(path, "scores.json", e))
        return false;
    return trm_text_copy(out, (size_t)size, path) ||
           trm_error_set(e, TRM_E_INPUT, "%.60s...: the path is too long", path);
}

// ---- reading

static bool whole(const cJSON *object, const char *name, double most, int64_t *out) {
    return trm_json_whole(cJSON_GetObjectItemCaseSensitive(object, name), 0, most, out);
}

static bool is_kind(const char *text) {
    const size_t n = strlen(text);
    if (n == 0 || n >= TRM_SCORE_KIND)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < 0x20)
            return false;
    return true;
}

static trm_personal_best *find(records *r, const char *kind) {
    for (int32_t i = 0; i < r->count; i++)
        if (strcmp(r->items[i].kind, kind) == 0)
            return &r->items[i];
    return NULL;
}

static bool read_record(records *r, const cJSON *item) {
    const cJSON *kind = cJSON_GetObjectItemCaseSensitive(item, "kind");
    trm_personal_best x = {0};
    int64_t steps, mistakes;
    if (!cJSON_IsString(kind) || !is_kind(kind->valuestring) || find(r, kind->valuestring) ||
        !whole(item, "games", COUNT_MAX, &x.games) ||
        !whole(item, "solved", (double)x.games, &x.solved) ||
        !whole(item, "unaided", (double)x.solved, &x.unaided) ||
        !trm_json_real(cJSON_GetObjectItemCaseSensitive(item, "seconds"), 0, VALUE_MAX,
                       &x.seconds) ||
        !trm_json_real(cJSON_GetObjectItemCaseSensitive(item, "reward"), -VALUE_MAX, VALUE_MAX,
                       &x.reward) ||
        !whole(item, "steps", INT32_MAX, &steps) || !whole(item, "mistakes", INT32_MAX, &mistakes))
        return false;
    trm_text_copy(x.kind, sizeof x.kind, kind->valuestring);
    x.steps = (int32_t)steps;
    x.mistakes = (int32_t)mistakes;
    r->items[r->count++] = x;
    return true;
}

static bool damaged(const char *path, const char *what, int32_t record, trm_error *e) {
    if (record < 0)
        return trm_error_set(e, TRM_E_INPUT, "%s: no score file: %s; move it away", path, what);
    return trm_error_set(e, TRM_E_INPUT, "%s: no score file: record %d %s; move it away", path,
                         record + 1, what);
}

static bool read_root(const char *path, const cJSON *root, records *r, trm_error *e) {
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "records"), *item;
    if (!cJSON_IsString(format) || strcmp(format->valuestring, FORMAT) != 0)
        return damaged(path, "its format is not " FORMAT, -1, e);
    if (!cJSON_IsArray(list))
        return damaged(path, "it has no list of records", -1, e);
    cJSON_ArrayForEach(item, list) {
        if (r->count == TRM_SCORE_KINDS)
            return damaged(path, "is one too many", r->count, e);
        if (!cJSON_IsObject(item) || !read_record(r, item))
            return damaged(path, "is damaged", r->count, e);
    }
    return true;
}

static bool read_all(const char *path, records *r, trm_error *e) {
    char *text;
    size_t size;
    r->count = 0;
    if (!trm_file_exists(path))
        return true;
    if (!trm_file_read(path, FILE_MAX, &text, &size, e))
        return false;
    const char *end = text;
    cJSON *root = NULL;
    if (memchr(text, '\0', size) == NULL && trm_utf8_check(text, size) == size)
        root = trm_json_parse(text, size + 1, &end, true);
    const bool ok =
        root != NULL ? read_root(path, root, r, e) : damaged(path, "it is not JSON", -1, e);
    cJSON_Delete(root);
    free(text);
    return ok;
}

bool trm_scores_read(const char *path, const char *kind, trm_personal_best *out, trm_error *e) {
    records *r = trm_alloc(1, sizeof *r);
    const bool ok = read_all(path, r, e);
    const trm_personal_best *found = ok ? find(r, kind) : NULL;
    *out = found != NULL ? *found : (trm_personal_best){0};
    trm_text_copy(out->kind, sizeof out->kind, kind);
    free(r);
    return ok;
}

// ---- writing

// Takes the lock for writers; the system gives it back however this process ends.
static int take_lock(const char *path, trm_error *e) {
    char name[RUN_PATH + 8];
    trm_text_format(name, sizeof name, "%s.lock", path);
    const int fd = trm_file_open(name, O_RDWR | O_CREAT | O_NOFOLLOW, e);
    if (fd < 0)
        return -1;
    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return fd;
        nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    }
    close(fd);
    trm_error_set(e, TRM_E_IO, "%s: another process holds it: try again when that has ended", name);
    return -1;
}

// Moves the kind's record to the front, making one if there is none.
static trm_personal_best *to_front(records *r, const char *kind) {
    const trm_personal_best *found = find(r, kind);
    const trm_personal_best x = found != NULL ? *found : (trm_personal_best){0};
    int32_t behind = found != NULL ? (int32_t)(found - r->items) : r->count;
    if (behind == TRM_SCORE_KINDS)
        behind--; // the one that was not played for longest goes
    else if (found == NULL)
        r->count++;
    memmove(&r->items[1], &r->items[0], (size_t)behind * sizeof x);
    r->items[0] = x;
    trm_text_copy(r->items[0].kind, sizeof x.kind, kind);
    return &r->items[0];
}

static void count(trm_personal_best *x, const trm_game_result *s) {
    x->games++;
    x->solved += s->solved;
    if (!s->solved || s->aided)
        return;
    const bool first = x->unaided++ == 0;
    if (first || s->seconds < x->seconds)
        x->seconds = s->seconds;
    if (first || s->reward > x->reward)
        x->reward = s->reward;
    if (first || s->steps < x->steps)
        x->steps = s->steps;
    if (first || s->mistakes < x->mistakes)
        x->mistakes = s->mistakes;
}

static bool write_all(const char *path, const records *r, trm_error *e) {
    trm_json_buffer t = {0};
    trm_json_append(&t, "{\"format\":\"" FORMAT "\",\"records\":[");
    for (int32_t i = 0; i < r->count; i++) {
        const trm_personal_best *x = &r->items[i];
        trm_json_append(&t, "%s\n{", i > 0 ? "," : "");
        trm_json_append_text_member(&t, "kind", x->kind);
        trm_json_append(&t, ",\"games\":%lld,\"solved\":%lld,\"unaided\":%lld", (long long)x->games,
                        (long long)x->solved, (long long)x->unaided);
        trm_json_append_member(&t, "seconds", x->seconds);
        trm_json_append_member(&t, "reward", x->reward);
        trm_json_append(&t, ",\"steps\":%d,\"mistakes\":%d}", x->steps, x->mistakes);
    }
    trm_json_append(&t, "\n]}\n");
    const bool ok = trm_file_write(path, t.data, t.size, e);
    free(t.data);
    return ok;
}

static bool make_folder(const char *path, trm_error *e) {
    char folder[RUN_PATH];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return true;
    trm_text_format(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return trm_file_mkdirs(folder, e);
}

bool trm_scores_add(const char *path, const trm_game_result *s, trm_personal_best *out,
                    trm_error *e) {
    *out = (trm_personal_best){0};
    if (strlen(path) + 8 > RUN_PATH)
        return trm_error_set(e, TRM_E_INPUT, "%.60s...: the path is too long", path);
    if (!make_folder(path, e))
        return false;
    const int lock = take_lock(path, e);
    if (lock < 0)
        return false;
    records *r = trm_alloc(1, sizeof *r);
    bool ok = read_all(path, r, e);
    if (ok) {
        trm_personal_best *x = to_front(r, s->kind);
        count(x, s);
        *out = *x;
        ok = write_all(path, r, e);
    }
    free(r);
    close(lock);
    return ok;
}

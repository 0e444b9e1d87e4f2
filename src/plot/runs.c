// SPDX-License-Identifier: Apache-2.0
#include "plot/runs.h"

#include <stdlib.h>
#include <string.h>

#include "run/config/keys.h"
#include "run/json.h"
#include "run/rundir/files.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"

void trm_plot_text_clean(char *out, size_t size, const char *text) {
    const size_t length = strlen(text);
    const bool utf8 = trm_utf8_check(text, length) == length;
    trm_text_copy(out, size, text);
    if (utf8)
        out[trm_utf8_cut(text, strlen(out))] = '\0';
    for (char *s = out; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F || (!utf8 && (unsigned char)*s >= 0x80))
            *s = '?';
}

void trm_plot_label(char out[PLOT_LABEL], const trm_config *c, const char *path) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/')
        start--;
    if (start == end)
        start = 0; // the root
    char name[PLOT_LABEL];
    trm_text_format(name, sizeof name, "%.*s", (int)(end - start < 120 ? end - start : 120),
                    path + start);
    trm_plot_text_clean(out, PLOT_LABEL, c->preset[0] != '\0' ? c->preset : name);
}

bool trm_plot_config_read(trm_config *c, const char *path, trm_error *e) {
    return trm_file_is_folder(path)
               ? trm_config_load(c, path, e)
               : trm_error_set(e, TRM_E_INPUT,
                               "%s: not the folder of a run (it has no config.json)", path);
}

// ---- groups -------------------------------------------------------------------------------------

// Keys in which the runs of one curve may differ.
static bool is_free(const trm_config_row *k) {
    static const char *const names[] = {"seed", "train.threads", "run.checkpoint_every"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(k->path, names[i]) == 0)
            return true;
    return false;
}

static bool same_group(const trm_config *a, const trm_config *b) {
    const trm_config_row *k;
    for (size_t i = 0; (k = trm_config_row_at(i)); i++)
        if (!is_free(k) && !trm_config_key_equal(k, a, b))
            return false;
    return true;
}

static bool add_to_group(trm_plot_group *g, const trm_plot_run *run, trm_error *e) {
    for (int32_t i = 0; i < g->count; i++)
        if (g->runs[i]->config.seed == run->config.seed)
            return trm_error_set(e, TRM_E_INPUT, "%s is the same run as %s (%s, seed %lld)",
                                 run->path, g->runs[i]->path, g->label,
                                 (long long)run->config.seed);
    g->runs[g->count++] = run;
    return true;
}

static bool sort_in(trm_plot_runs *r, const trm_plot_run *run, trm_error *e) {
    for (int32_t i = 0; i < r->group_count; i++)
        if (same_group(&r->groups[i].runs[0]->config, &run->config))
            return add_to_group(&r->groups[i], run, e);
    if (r->group_count == TRM_PLOT_GROUPS)
        return trm_error_set(
            e, TRM_E_INPUT,
            "%s: more than %d different configurations in one picture: draw fewer runs", run->path,
            (int)TRM_PLOT_GROUPS);
    trm_plot_group *g = &r->groups[r->group_count++];
    trm_plot_label(g->label, &run->config, run->path);
    return add_to_group(g, run, e);
}

// " key=value" for every key in which the group differs from others of its name.
static void tell_apart(const trm_plot_runs *r, const bool *namesake, int32_t g) {
    trm_plot_group *group = &r->groups[g];
    const trm_config *mine = &group->runs[0]->config;
    trm_json_buffer text = {0};
    const trm_config_row *k;
    trm_json_append(&text, "%s", group->label);
    for (size_t i = 0; (k = trm_config_row_at(i)); i++) {
        bool differs = false;
        for (int32_t h = 0; h < r->group_count && !is_free(k); h++)
            differs |= namesake[h] && !trm_config_key_equal(k, mine, &r->groups[h].runs[0]->config);
        if (!differs)
            continue;
        const char *dot = strrchr(k->path, '.');
        trm_json_append(&text, " %s=", dot ? dot + 1 : k->path);
        trm_config_key_print(k, mine, &text);
    }
    trm_plot_text_clean(group->label, sizeof group->label, text.data);
    free(text.data);
}

static void tell_namesakes_apart(const trm_plot_runs *r) {
    bool namesakes[TRM_PLOT_GROUPS][TRM_PLOT_GROUPS] = {{false}};
    for (int32_t a = 0; a < r->group_count; a++)
        for (int32_t b = 0; b < r->group_count; b++)
            namesakes[a][b] = a != b && strcmp(r->groups[a].label, r->groups[b].label) == 0;
    for (int32_t g = 0; g < r->group_count; g++)
        tell_apart(r, namesakes[g], g);
}

// ---- reading ------------------------------------------------------------------------------------

static bool read_run(trm_plot_runs *r, trm_plot_run *run, trm_error *e) {
    if (!trm_plot_config_read(&run->config, run->path, e))
        return false;
    const bool supervised = trm_config_supervised(&run->config);
    if (run == r->runs)
        r->supervised = supervised;
    if (supervised != r->supervised)
        return trm_error_set(
            e, TRM_E_INPUT,
            "%s %s and %s %s: the two kinds have no axis in common: draw them apart", r->runs->path,
            r->supervised ? "learned from answers" : "learned by reinforcement", run->path,
            supervised ? "from answers" : "by reinforcement");
    return trm_metrics_read(&run->metrics, run->path, supervised, e) && sort_in(r, run, e);
}

bool trm_plot_runs_read(trm_plot_runs *r, const char *const *paths, int32_t count, trm_error *e) {
    *r = (trm_plot_runs){.count = count};
    r->runs = trm_alloc((size_t)count, sizeof *r->runs);
    r->groups = trm_alloc(TRM_PLOT_GROUPS, sizeof *r->groups);
    for (int32_t i = 0; i < count; i++) {
        r->runs[i].path = paths[i];
        if (!read_run(r, &r->runs[i], e)) {
            trm_plot_runs_free(r);
            return false;
        }
    }
    tell_namesakes_apart(r);
    return true;
}

void trm_plot_runs_free(trm_plot_runs *r) {
    for (int32_t i = 0; i < r->count; i++)
        trm_metrics_free(&r->runs[i].metrics);
    free(r->runs);
    free(r->groups);
    *r = (trm_plot_runs){0};
}

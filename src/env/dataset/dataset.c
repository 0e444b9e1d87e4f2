// SPDX-License-Identifier: Apache-2.0
#include "trm/env/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "env/dataset/spec.h"
#include "trm/base/arena.h"
#include "trm/base/pool.h"
#include "trm/base/streams.h"
#include "trm/base/text.h"

#define ROW(id) &trm_dataset_##id,
static const trm_dataset_spec *const specs[] = {TRM_DATASETS(ROW)};
#undef ROW
enum { SPECS = sizeof specs / sizeof *specs, MAX_COUNT = 1000000, HELD_OUT_OF = 5 };

static const size_t MAX_BYTES = (size_t)4 << 30; // of a data set's samples

const char *trm_dataset_name(int32_t i) {
    return i >= 0 && i < SPECS ? specs[i]->name : NULL;
}

const char *trm_dataset_summary(int32_t i) {
    return i >= 0 && i < SPECS ? specs[i]->summary : NULL;
}

static const trm_dataset_spec *named(const char *type) {
    const int32_t i = trm_text_index(trm_dataset_name, type);
    return i < 0 ? NULL : specs[i];
}

bool trm_dataset_reads(const char *type, const char *field) {
    static const char *const all[] = {"type", "size", "fresh", "train", "validation", "test", NULL};
    const trm_dataset_spec *spec = named(type);
    return spec && (trm_text_among(all, field) || trm_text_among(spec->reads, field));
}

static const trm_dataset_spec *find(const char *type, trm_error *e) {
    const trm_dataset_spec *spec = named(type);
    if (!spec)
        trm_text_unknown(trm_dataset_name, "data.type: there is no data set", type, e);
    return spec;
}

static uint64_t hash_bytes(const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    uint64_t h = 14695981039346656037u; // FNV-1a, then the finaliser of splitmix64
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 1099511628211u;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

static size_t input_bytes(const trm_dataset *d) {
    return (size_t)d->state_dim * sizeof *d->inputs;
}

static size_t target_bytes(const trm_dataset *d) {
    return (size_t)d->positions * sizeof *d->targets;
}

static float *input_at(const trm_dataset *d, int32_t i) {
    return d->inputs + (int64_t)i * d->state_dim;
}

static int32_t *target_at(const trm_dataset *d, int32_t i) {
    return d->targets + (int64_t)i * d->positions;
}

static bool on_side(const trm_dataset *d, int32_t i, trm_split split) {
    bool held_out = hash_bytes(input_at(d, i), input_bytes(d)) % HELD_OUT_OF == 0;
    return held_out == (split == TRM_SPLIT_HELD_OUT);
}

static const trm_dataset_spec *find_sized(const trm_dataset_config *config, trm_dataset *out,
                                          trm_error *e) {
    const trm_dataset_spec *spec = find(config->type, e);
    if (!spec)
        return NULL;
    int32_t size = config->size ? config->size : spec->size;
    if (size < spec->size_min || size > spec->size_max) {
        trm_error_set(e, TRM_E_INPUT, "data.size: %d is out of range %d..%d for %s", size,
                      spec->size_min, spec->size_max, spec->name);
        return NULL;
    }
    if (spec->odd && size % 2 == 0 && size != spec->size) {
        trm_error_set(
            e, TRM_E_INPUT,
            "data.size: %d is even, where %s walls the goal off (only its own %d is drawn "
            "so, as the original does); %d has paths, and mazes-10-fixed takes any side",
            size, spec->name, spec->size, size - 1);
        return NULL;
    }
    int32_t positions = spec->grid ? size * size : size;
    *out = (trm_dataset){.positions = positions,
                         .state_dim = positions * spec->channels,
                         .classes = spec->classes,
                         .geometry.rows = spec->grid ? size : 0,
                         .geometry.cols = spec->grid ? size : 0};
    if (spec->check && !spec->check(config, size, e))
        return NULL;
    if (spec->shape)
        spec->shape(size, out);
    return spec;
}

// *out in planes becomes the same in the encoding that is asked for.
static bool take_encoding(const trm_dataset_config *config, trm_dataset *out, trm_error *e) {
    if (config->encoding == TRM_ENCODING_PLANES)
        return true;
    if (out->geometry.rows == 0)
        return trm_error_set(e, TRM_E_INPUT,
                             "data.type: the samples of %s are vectors, and the model reads the "
                             "tokens of boards: take sudoku or mazes-10-fixed",
                             config->type);
    out->encoding = TRM_ENCODING_TOKENS;
    out->state_dim = out->positions + config->numbered;
    out->classes = trm_dataset_is_sudoku(out) ? out->geometry.rows + 2 : TRM_TOKEN_PATH + 1;
    return true;
}

bool trm_dataset_shape(const trm_dataset_config *config, trm_dataset *out, trm_error *e) {
    return find_sized(config, out, e) && take_encoding(config, out, e);
}

static trm_dataset *allocate(const trm_dataset *shape, int32_t count) {
    trm_dataset *d = trm_alloc(1, sizeof *d);
    *d = *shape;
    d->count = count;
    d->inputs = trm_alloc((size_t)count * (size_t)d->state_dim, sizeof *d->inputs);
    d->targets = trm_alloc((size_t)count * (size_t)d->positions, sizeof *d->targets);
    return d;
}

static void draw(trm_dataset *d, int32_t i, const trm_dataset_spec *spec,
                 const trm_dataset_config *config, trm_split split, trm_rng *rng) {
    int32_t size = d->geometry.rows ? d->geometry.rows : d->positions;
    if (spec->draw_split) {
        spec->draw_split(config, size, split, rng, input_at(d, i), target_at(d, i));
        return;
    }
    do
        spec->draw(size, rng, input_at(d, i), target_at(d, i));
    while (spec->split && !on_side(d, i, split));
}

// ---- sources ------------------------------------------------------------------------------------

struct trm_dataset_source {
    const trm_dataset_spec *spec;
    trm_dataset_config config;
    float minimal;             // as it was asked for
    trm_dataset shape, planes; // planes: of the same boards, as they are drawn
    trm_collection *there;     // samples of files; NULL: all are drawn
};

static int32_t number_of(const trm_dataset_source *s, int32_t item) {
    const int32_t own = item >= 0 ? trm_collection_number(s->there, item) : 0;
    return own ? own : s->config.puzzle;
}

// The largest.
static int32_t numbers_of(const trm_dataset_source *s) {
    int32_t most = s->config.puzzle;
    for (int32_t i = 0; s->there && i < s->there->count; i++)
        most = number_of(s, i) > most ? number_of(s, i) : most;
    return most;
}

trm_dataset_source *trm_dataset_open(const trm_dataset_config *config, trm_error *e) {
    trm_dataset shape, planes;
    const trm_dataset_spec *spec = find_sized(config, &planes, e);
    shape = planes;
    if (!spec || !take_encoding(config, &shape, e))
        return NULL;
    int32_t size = shape.geometry.rows ? shape.geometry.rows : shape.positions;
    const bool files = spec->open && config->files[0];
    trm_collection *there = files ? spec->open(config, size, e) : NULL;
    if (files && !there)
        return NULL;
    trm_dataset_source *s = trm_alloc(1, sizeof *s);
    *s = (trm_dataset_source){.spec = spec,
                              .config = *config,
                              .minimal = config->minimal,
                              .shape = shape,
                              .planes = planes,
                              .there = there};
    const int32_t most = numbers_of(s);
    if (config->numbered && config->puzzles > 0 && most >= config->puzzles) {
        trm_error_set(e, TRM_E_INPUT,
                      "puzzle number %d: the model has vectors for the numbers 0 to %d "
                      "(all__puzzle_identifiers.npy, or data.puzzle, says it)",
                      most, config->puzzles - 1);
        trm_dataset_close(s);
        return NULL;
    }
    return s;
}

void trm_dataset_close(trm_dataset_source *s) {
    if (s)
        trm_collection_close(s->there);
    free(s);
}

void trm_dataset_set_solved(trm_dataset_source *s, double solved) {
    if (s->config.curriculum)
        s->config.minimal = (float)((double)s->minimal * solved);
}

static bool check_count(const trm_dataset_source *s, int32_t count, trm_error *e) {
    const trm_dataset *shape = &s->shape;
    if (count < 1 || count > MAX_COUNT)
        return trm_error_set(e, TRM_E_INPUT, "data set %s: %d samples are out of range 1..%d",
                             s->spec->name, count, (int)MAX_COUNT);
    size_t sample = input_bytes(shape) + target_bytes(shape);
    assert(sample > 0);
    int32_t fit = (int32_t)(MAX_BYTES / sample);
    return count <= fit ||
           trm_error_set(e, TRM_E_INPUT,
                         "data set %s: %d samples of size %d take more than 4 GiB; %d would fit",
                         s->spec->name, count,
                         shape->geometry.rows ? shape->geometry.rows : shape->positions, fit);
}

enum { GENERATED = -1, PIECE = 64 }; // PIECE: samples that a thread fills at a time

typedef struct filling {
    const trm_dataset_source *source;
    trm_dataset *out;
    const int32_t *order; // of each sample the item of the files, or GENERATED; NULL: all are that
    bool twins;           // those of files are random twins of themselves
    trm_split split;
    trm_rng *rng;    // that samples are drawn from one after the other …
    uint64_t *seeds; // … or what the generator of each is seeded with
} filling;

// One sample, in planes.
static void fill_one(const filling *f, int32_t i, trm_dataset *to, int32_t at, trm_dataset *plain,
                     trm_rng *rng) {
    const trm_dataset_source *s = f->source;
    if (!f->order || f->order[i] == GENERATED) {
        draw(to, at, s->spec, &s->config, f->split, rng);
        return;
    }
    trm_dataset *copy = f->twins ? plain : to;
    const int32_t where = f->twins ? 0 : at;
    s->spec->copy(trm_collection_at(s->there, f->order[i]), input_at(copy, where),
                  target_at(copy, where));
    if (f->twins)
        trm_dataset_image(plain, 0, to, at, rng);
}

static void fill_piece(void *ctx, int32_t piece) {
    const filling *f = ctx;
    const trm_dataset_source *s = f->source;
    trm_dataset *d = f->out, *plain = f->twins ? allocate(&s->planes, 1) : NULL;
    trm_dataset *planes = d->encoding == TRM_ENCODING_PLANES ? NULL : allocate(&s->planes, 1);
    const int32_t end = d->count < (piece + 1) * PIECE ? d->count : (piece + 1) * PIECE;
    for (int32_t i = piece * PIECE; i < end; i++) {
        trm_rng own;
        if (f->seeds)
            trm_rng_seed(&own, f->seeds[i], TRM_STREAM_SAMPLE);
        fill_one(f, i, planes ? planes : d, planes ? 0 : i, plain, f->seeds ? &own : f->rng);
        if (planes)
            trm_dataset_encode(d, i, planes);
        if (d->encoding == TRM_ENCODING_TOKENS && s->config.numbered)
            input_at(d, i)[d->positions] = (float)number_of(s, f->order ? f->order[i] : -1);
    }
    trm_dataset_free(planes);
    trm_dataset_free(plain);
}

// Samples that are drawn, or of files in this order. Both come in planes.
static trm_dataset *fill(const trm_dataset_source *s, int32_t count, const int32_t *order,
                         trm_split split, trm_rng *rng) {
    const bool mixed = s->there && s->config.generated > 0 && !s->config.asked;
    const bool apart = mixed || (!s->there && s->spec->apart && s->spec->apart(&s->config));
    filling f = {.source = s,
                 .out = allocate(&s->shape, count),
                 .order = order,
                 .twins = mixed && split == TRM_SPLIT_TRAIN,
                 .split = split,
                 .rng = rng};
    if (apart)
        f.seeds = trm_alloc((size_t)count, sizeof *f.seeds);
    for (int32_t i = 0; apart && i < count; i++)
        f.seeds[i] = trm_rng_next(rng);
    trm_pool *pool = trm_pool_new(apart && s->config.threads > 1 ? s->config.threads : 1);
    trm_pool_run(pool, (count + PIECE - 1) / PIECE, fill_piece, &f);
    trm_pool_free(pool);
    free(f.seeds);
    return f.out;
}

// Spreads items [there] evenly among generated samples. Held out none comes twice.
static void mix(const trm_dataset_source *s, int32_t count, int32_t there, const int32_t *items,
                trm_split split, int32_t *order) {
    int32_t taken = 0;
    for (int32_t i = 0; i < count; i++) {
        const bool generated =
            floor((i + 1) * (double)s->config.generated) > floor(i * (double)s->config.generated);
        const bool again = split == TRM_SPLIT_HELD_OUT && taken >= there;
        order[i] = generated || again ? GENERATED : items[taken++ % there];
    }
}

// From files, in an order drawn from the generator; or in their own, if they are asked about.
static trm_dataset *take(const trm_dataset_source *s, trm_split split, int32_t count, trm_rng *rng,
                         trm_error *e) {
    const trm_split *side = s->config.asked ? NULL : &split;
    int32_t there = trm_collection_order(s->there, side, NULL);
    if (there == 0) {
        trm_error_set(e, TRM_E_INPUT,
                      "%s: %s has none to %s: its boards fall on one side of the split between "
                      "training and evaluation; add some",
                      s->there->kind->key, s->config.files,
                      split == TRM_SPLIT_TRAIN ? "learn from" : "hold out");
        return NULL;
    }
    const bool mixed = s->config.generated > 0 && side;
    count = mixed || count < there ? count : there;
    if (!check_count(s, count, e))
        return NULL;
    int32_t *items = trm_alloc((size_t)there, sizeof *items);
    int32_t *order = mixed ? trm_alloc((size_t)count, sizeof *order) : NULL;
    trm_collection_order(s->there, side, items);
    if (side)
        trm_rng_shuffle(rng, items, (uint32_t)there);
    if (mixed)
        mix(s, count, there, items, split, order);
    trm_dataset *d = fill(s, count, mixed ? order : items, split, rng);
    free(items);
    free(order);
    return d;
}

trm_dataset *trm_dataset_draw(const trm_dataset_source *s, trm_split split, int32_t count,
                              uint64_t seed, trm_error *e) {
    trm_rng rng;
    trm_rng_seed(&rng, seed,
                 split == TRM_SPLIT_TRAIN ? TRM_STREAM_DATA_TRAIN : TRM_STREAM_DATA_HELD_OUT);
    if (s->there)
        return take(s, split, count, &rng, e);
    return check_count(s, count, e) ? fill(s, count, NULL, split, &rng) : NULL;
}

// Mazes are told apart by what they look like, so an image may be one that is held out.
static bool is_held_out(const trm_dataset_source *s, const trm_dataset *d, int32_t i,
                        trm_dataset *planes) {
    if (s->there || !s->spec->split)
        return false;
    for (int32_t p = 0; p < d->positions; p++)
        trm_dataset_put(planes, planes->inputs, p, trm_dataset_cell(d, input_at(d, i), p));
    return on_side(planes, 0, TRM_SPLIT_HELD_OUT);
}

trm_dataset *trm_dataset_augment(const trm_dataset_source *s, const trm_dataset *d, int32_t images,
                                 uint64_t seed, trm_error *e) {
    const int64_t count = (int64_t)d->count * images;
    trm_rng rng;
    assert(trm_dataset_reads(s->spec->name, "augment"));
    if (!check_count(s, count < INT32_MAX ? (int32_t)count : INT32_MAX, e))
        return NULL;
    trm_dataset *out = allocate(&s->shape, (int32_t)count), *planes = allocate(&s->planes, 1);
    trm_rng_seed(&rng, seed, TRM_STREAM_AUGMENT);
    for (int32_t i = 0; i < out->count; i++)
        do
            trm_dataset_image(d, i % d->count, out, i, &rng);
        while (is_held_out(s, out, i, planes));
    trm_dataset_free(planes);
    return out;
}

trm_dataset *trm_dataset_new(const trm_dataset_config *config, trm_split split, int32_t count,
                             uint64_t seed, trm_error *e) {
    trm_dataset_source *s = trm_dataset_open(config, e);
    trm_dataset *d = s ? trm_dataset_draw(s, split, count, seed, e) : NULL;
    trm_dataset_close(s);
    return d;
}

trm_dataset *trm_dataset_part(const trm_dataset *d, int32_t first, int32_t count) {
    const size_t input = (size_t)d->state_dim, target = (size_t)d->positions, n = (size_t)count;
    trm_dataset *part = trm_alloc(1, sizeof *part);
    assert(first >= 0 && count >= 0 && first <= d->count - count);
    *part = *d;
    part->count = count;
    part->inputs = trm_alloc(n * input, sizeof *part->inputs);
    part->targets = trm_alloc(n * target, sizeof *part->targets);
    memcpy(part->inputs, d->inputs + (size_t)first * input, n * input * sizeof *part->inputs);
    memcpy(part->targets, d->targets + (size_t)first * target, n * target * sizeof *part->targets);
    return part;
}

void trm_dataset_free(trm_dataset *d) {
    if (!d)
        return;
    free(d->inputs);
    free(d->targets);
    free(d);
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// Sorted hashes of all inputs or targets. Two of 10^6 samples collide with a chance below 10^-7.
static uint64_t *sorted_hashes(const trm_dataset *d, bool inputs) {
    uint64_t *h = trm_alloc((size_t)d->count, sizeof *h);
    for (int32_t i = 0; i < d->count; i++)
        h[i] = inputs ? hash_bytes(input_at(d, i), input_bytes(d))
                      : hash_bytes(target_at(d, i), target_bytes(d));
    qsort(h, (size_t)d->count, sizeof *h, by_value);
    return h;
}

static int32_t distinct(const trm_dataset *d, bool inputs) {
    uint64_t *h = sorted_hashes(d, inputs);
    int32_t n = 0;
    for (int32_t i = 0; i < d->count; i++)
        n += i == 0 || h[i] != h[i - 1];
    free(h);
    return n;
}

// Samples that most often have the same class at a position.
static int32_t majority_at(const trm_dataset *d, int32_t position, int32_t *counts) {
    int32_t most = 0;
    memset(counts, 0, (size_t)d->classes * sizeof *counts);
    for (int32_t i = 0; i < d->count; i++) {
        int32_t n = ++counts[target_at(d, i)[position]];
        most = n > most ? n : most;
    }
    return most;
}

static bool is_marked(const trm_dataset *d, int32_t class_of) {
    return trm_dataset_is_maze(d) ? trm_dataset_on_path(d, class_of) : class_of != 0;
}

void trm_dataset_measure(const trm_dataset *d, trm_dataset_stats *out) {
    int32_t *counts = trm_alloc((size_t)d->classes, sizeof *counts);
    int64_t majority = 0, marked = 0, cells = (int64_t)d->count * d->positions;
    *out = (trm_dataset_stats){.count = d->count,
                               .distinct_inputs = distinct(d, true),
                               .distinct_targets = distinct(d, false)};
    for (int32_t p = 0; p < d->positions; p++)
        majority += majority_at(d, p, counts);
    for (int32_t i = 0; i < d->count; i++) {
        int32_t between = 0; // cells of a maze's path
        for (int32_t p = 0; p < d->positions; p++) {
            const int32_t class_of = target_at(d, i)[p];
            marked += is_marked(d, class_of);
            between += class_of == (d->encoding == TRM_ENCODING_TOKENS ? TRM_TOKEN_PATH : 1);
        }
        out->without_path += trm_dataset_is_maze(d) && between == 0;
    }
    out->majority = (double)majority / (double)cells;
    out->path_share = (double)marked / (double)cells;
    free(counts);
}

int32_t trm_dataset_overlap(const trm_dataset *a, const trm_dataset *b) {
    uint64_t *ha = sorted_hashes(a, true), *hb = sorted_hashes(b, true);
    int32_t shared = 0;
    for (int32_t i = 0; i < a->count; i++)
        shared += bsearch(&ha[i], hb, (size_t)b->count, sizeof *hb, by_value) != NULL;
    free(ha);
    free(hb);
    return shared;
}

// SPDX-License-Identifier: Apache-2.0
// `trm probe` of models that answer a position at a time: every step's reading, position by
// position, of a held-out sample or of inputs from a file.
#include <stdio.h>
#include <stdlib.h>

#include "cli/common/report.h"
#include "cli/common/state_file.h"
#include "cli/probe/activations.h"
#include "cli/probe/answers.h"
#include "cli/probe/board.h"
#include "cli/probe/print.h"
#include "trm/agent/words.h"
#include "trm/base/arena.h"
#include "trm/base/text.h"
#include "trm/run/course.h"

typedef struct probe {
    trm_agent *agent;
    trm_reading reading;
    int32_t cols; // of the grid that the answer is printed as
    bool known;   // the samples are boards of this kind
    trm_dataset kind;
    const char *activations; // a file to write; NULL: none
    const int32_t *target;   // [P]; NULL: not known
} probe;

static int32_t answer_at(const probe *p, int32_t step, int32_t position) {
    return trm_reading_class(&p->reading, step, position);
}

static void print_classes(const char *name, const int32_t *classes, int32_t n) {
    printf(",\"%s\":[", name);
    for (int32_t i = 0; i < n; i++)
        printf("%s%d", i > 0 ? "," : "", classes[i]);
    putchar(']');
}

static void print_json(const probe *p) {
    const trm_trace_shape *s = p->reading.shape;
    fputs("{\"cycles\":", stdout);
    trm_probe_print_cycles(&p->reading);
    printf(",\"positions\":%d,\"classes\":%d,\"answer\":[", s->positions, trm_trace_classes(s));
    for (int32_t i = 0; i < s->positions; i++)
        printf("%s%d", i > 0 ? "," : "", answer_at(p, s->cycles - 1, i));
    putchar(']');
    if (p->target != NULL)
        print_classes("target", p->target, s->positions);
    puts("}");
}

// One character: a digit; of a maze "." and "o" for a path, "#", "S", "G". Pads and blanks are "?"
// and "_".
static char symbol(const probe *p, int32_t class_of) {
    static const char maze[] = "?#.SGo";
    if (p->known && trm_dataset_is_maze(&p->kind) && p->kind.encoding == TRM_ENCODING_TOKENS)
        return maze[class_of];
    if (trm_trace_classes(p->reading.shape) == 2)
        return class_of == 1 ? 'o' : '.';
    const bool sudoku = p->known && trm_dataset_is_sudoku(&p->kind);
    const int32_t digit = sudoku ? trm_dataset_digit(&p->kind, class_of) : class_of;
    if (sudoku && digit == 0)
        return class_of == TRM_TOKEN_PAD ? '?' : '_';
    return (char)(digit < 10 ? '0' + digit : 'A' + digit - 10);
}

static void print_name(const probe *p, int32_t step) {
    char name[40];
    trm_words_cycle(&p->reading, step, sizeof name, name, sizeof name);
    fputs(name, stdout);
}

static void print_step(const probe *p, int32_t step) {
    const trm_trace_shape *s = p->reading.shape;
    int32_t right = 0;
    print_name(p, step);
    if (step < s->first_logits) {
        puts("  not read");
        return;
    }
    for (int32_t i = 0; i < s->positions; i++)
        right += p->target != NULL && answer_at(p, step, i) == p->target[i];
    if (p->target != NULL)
        printf("  %d of %d right", right, s->positions);
    if (s->halts)
        printf("  halt %.4f", (double)*trm_trace_halt(s, p->reading.trace, step));
    for (int32_t i = 0; i < s->positions; i++) {
        const int32_t class_of = answer_at(p, step, i);
        const bool wrong = p->target != NULL && class_of != p->target[i];
        printf("%s%c%c", i % p->cols == 0 ? "\n  " : " ", symbol(p, class_of), wrong ? 'x' : ' ');
    }
    putchar('\n');
}

// The board that was asked about: blanks are dots.
static void print_board(const probe *p, const float *input) {
    fputs("board", stdout);
    for (int32_t i = 0; i < p->reading.shape->positions; i++) {
        const trm_cell cell = trm_dataset_cell(&p->kind, input, i);
        printf("%s%c ", i % p->cols == 0 ? "\n  " : " ", trm_cell_letter(cell));
    }
    putchar('\n');
}

// Is the answer of a step, cell by cell, that of the step before?
static bool same_answer(const probe *p, int32_t step) {
    const trm_trace_shape *s = p->reading.shape;
    for (int32_t i = 0; i < s->positions; i++)
        if (answer_at(p, step, i) != answer_at(p, step - 1, i))
            return false;
    return true;
}

static void print_same(const probe *p, int32_t step) {
    const trm_trace_shape *s = p->reading.shape;
    print_name(p, step);
    fputs("  the same answer", stdout);
    if (s->halts)
        printf("  halt %.4f", (double)*trm_trace_halt(s, p->reading.trace, step));
    putchar('\n');
}

static void print_table(const probe *p, const float *input) {
    if (p->known)
        print_board(p, input);
    for (int32_t step = 0; step < p->reading.shape->cycles; step++)
        if (step > p->reading.shape->first_logits && same_answer(p, step))
            print_same(p, step);
        else
            print_step(p, step);
    if (p->target == NULL)
        return;
    fputs("target", stdout);
    for (int32_t i = 0; i < p->reading.shape->positions; i++)
        printf("%s%c ", i % p->cols == 0 ? "\n  " : " ", symbol(p, p->target[i]));
    putchar('\n');
}

static bool ask(probe *p, const float *input, const int32_t *target, bool json, trm_error *e) {
    p->target = target;
    trm_agent_inspect_input(p->agent, input, -1, p->reading.trace);
    if (json)
        print_json(p);
    else
        print_table(p, input);
    return p->activations == NULL ||
           trm_activations_write(p->agent, p->reading.trace, p->activations, e);
}

// Sample q->sample, from 1, of the test samples.
static bool ask_sample(probe *p, const trm_answer_request *q, trm_error *e) {
    trm_dataset *d = trm_run_test_samples(q->config, (int32_t)q->sample, e);
    if (d == NULL)
        return false;
    bool ok = q->sample <= d->count;
    const int64_t i = q->sample - 1;
    if (ok)
        ok = ask(p, d->inputs + i * d->state_dim, d->targets + i * d->positions, q->json, e);
    else // of a file of puzzles there are no more than it has
        trm_error_set(e, TRM_E_INPUT,
                      "--sample %lld: expected 1 to %d, as there are so many held-out puzzles",
                      (long long)q->sample, (int)d->count);
    trm_dataset_free(d);
    return ok;
}

static bool ask_file(probe *p, const trm_answer_request *q, int32_t state_dim, trm_error *e) {
    float *states = NULL;
    size_t count = 0;
    if (!trm_state_file_read(q->state, state_dim, &states, &count, e))
        return false;
    bool ok = p->activations == NULL || trm_activations_one(count, e);
    for (size_t i = 0; i < count && ok && !ferror(stdout); i++) {
        if (count > 1 && !q->json)
            printf("%sstate %zu\n", i > 0 ? "\n" : "", i + 1);
        ok = ask(p, states + i * (size_t)state_dim, NULL, q->json, e);
    }
    free(states);
    return ok;
}

static bool ask_board(probe *p, const trm_answer_request *q, trm_error *e) {
    if (!p->known)
        return trm_error_set(e, TRM_E_INPUT,
                             "--board: what boards the model answers is not known: use --state "
                             "FILE, or say data.type and data.size");
    float *input = trm_alloc((size_t)p->kind.state_dim, sizeof *input);
    int32_t *target = trm_alloc((size_t)p->kind.positions, sizeof *target);
    bool solved;
    if (p->kind.encoding == TRM_ENCODING_TOKENS && p->kind.state_dim > p->kind.positions)
        input[p->kind.positions] = (float)q->config->data.puzzle;
    const bool ok = trm_probe_board(&p->kind, q->board, input, target, &solved, e) &&
                    ask(p, input, solved ? target : NULL, q->json, e);
    free(input);
    free(target);
    return ok;
}

int trm_probe_answers(trm_agent *agent, const trm_answer_request *q) {
    enum { STRIP = 8 };
    const trm_model_config *m = trm_model_get_config(agent->model);
    const trm_dataset_config data = trm_config_data(q->config);
    trm_error e = {0};
    float *trace = trm_alloc((size_t)trm_trace_size(&agent->shape), sizeof *trace);
    probe p = {
        .agent = agent, .reading = trm_agent_reading(agent, trace), .activations = q->activations};
    p.known = trm_config_supervised(q->config) && trm_dataset_shape(&data, &p.kind, NULL) &&
              p.kind.geometry.rows > 0;
    p.cols = m->height > 0 ? m->width : STRIP;
    const bool ok = q->sample > 0      ? ask_sample(&p, q, &e)
                    : q->board != NULL ? ask_board(&p, q, &e)
                                       : ask_file(&p, q, m->state_dim, &e);
    free(trace);
    return ok ? trm_report_finish(TRM_EXIT_DONE) : trm_report_input_error(&e);
}

// SPDX-License-Identifier: Apache-2.0
// all_config.yaml: of its nested mappings, what stands as a plain value under "arch", and where the
// data were.
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/library.h"
#include "run/torch/torch.h"
#include "trm/base/file.h"
#include "trm/base/text.h"

enum { MOST_BYTES = 1 << 20, MOST_DEPTH = 32, MOST_NAME = 64 };

// libyaml is loaded with the first file.
// clang-format off
#define YAML_FUNCTIONS(X) \
    X(yaml_event_delete) X(yaml_parser_delete) X(yaml_parser_initialize) X(yaml_parser_parse) \
    X(yaml_parser_set_input_string)
// clang-format on

typedef struct yaml_functions {
    YAML_FUNCTIONS(TRM_LIBRARY_MEMBER)
} yaml_functions;

static bool load(yaml_functions *f, trm_error *e) {
#define YAML_ROW(name) TRM_LIBRARY_ROW(yaml_functions, name)
    static const char *const files[] = {TRM_LIBRARY_FILE("yaml-0", "2"), NULL};
    static const trm_library_row rows[] = {YAML_FUNCTIONS(YAML_ROW)};
#undef YAML_ROW
    return trm_library_load(files, "libyaml, which reads all_config.yaml", rows,
                            sizeof rows / sizeof *rows, f, e);
}

typedef struct reading {
    yaml_functions f;
    trm_model_config c;
    char section[MOST_NAME]; // key at the top below which we are
    char key[MOST_NAME];     // whose value comes next; "": a key comes next
    int depth;               // of mappings and sequences
    bool has_arch;           // then what stands at the top is not looked at any more
    trm_error *e;
} reading;

// ---- what is taken ------------------------------------------------------------------------------

// A path of the data: of sudokus, whose tokens are the digits and two more, or of mazes.
static void take_data(reading *r, const char *path) {
    int32_t side = r->c.action_dim - 2;
    if (strcasestr(path, "sudoku") && side >= 1 && side <= 64)
        r->c.cells = side * side;
    else if (strcasestr(path, "maze") && r->c.action_dim == 6)
        r->c.cells = 900;
}

// ---- events -------------------------------------------------------------------------------------

static bool too_deep(const reading *r) {
    return trm_error_set(r->e, TRM_E_INPUT, "nested too deeply");
}

// A key, or the value of the key before it. Only mappings at the top and under "arch" are looked
// at; some write what belongs under "arch" at the top.
static bool scalar(reading *r, const char *text) {
    bool at_top = r->depth == 1, in_arch = r->depth == 2 && strcmp(r->section, "arch") == 0;
    if (r->depth == 2 && strcmp(r->section, "data_paths") == 0)
        take_data(r, text);
    if (!at_top && !in_arch)
        return true;
    if (!r->key[0]) {
        trm_text_format(r->key, sizeof r->key, "%s", text[0] ? text : "?");
        return true;
    }
    bool ok = (!in_arch && r->has_arch) || trm_torch_take_arch(r->key, text, &r->c, r->e);
    if (at_top && strcmp(r->key, "data_path") == 0)
        take_data(r, text);
    r->key[0] = '\0';
    return ok;
}

static bool open_nested(reading *r) {
    if (r->depth == 1)
        trm_text_copy(r->section, sizeof r->section, r->key);
    r->has_arch |= r->depth == 1 && strcmp(r->key, "arch") == 0;
    if (r->depth <= 1)
        r->key[0] = '\0';
    return ++r->depth <= MOST_DEPTH || too_deep(r);
}

static void close_nested(reading *r) {
    r->depth--;
    if (r->depth <= 2)
        r->key[0] = '\0';
}

static bool take_event(reading *r, const yaml_event_t *event) {
    if (event->type == YAML_SCALAR_EVENT)
        return scalar(r, (const char *)event->data.scalar.value);
    if (event->type == YAML_ALIAS_EVENT)
        return scalar(r, "*");
    if (event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT)
        return open_nested(r);
    if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT)
        close_nested(r);
    return true;
}

static bool read_events(reading *r, yaml_parser_t *parser) {
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!r->f.yaml_parser_parse(parser, &event))
            return trm_error_set(r->e, TRM_E_INPUT, "line %zu: not YAML (%s)",
                                 parser->problem_mark.line + 1,
                                 parser->problem ? parser->problem : "unreadable");
        bool ok = take_event(r, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        r->f.yaml_event_delete(&event);
        if (!ok)
            return false;
    }
    return true;
}

bool trm_torch_parse_config(const char *name, const char *text, size_t size, trm_model_config *c,
                            trm_error *e) {
    yaml_parser_t parser;
    reading r = {.c = *c, .e = e};
    if (size > MOST_BYTES)
        return trm_error_set(e, TRM_E_INPUT, "%s: larger than 1 MiB", name);
    if (!load(&r.f, e))
        return trm_error_prefix(e, "%s", name);
    if (!r.f.yaml_parser_initialize(&parser))
        return trm_error_set(e, TRM_E_IO, "%s: out of memory", name);
    r.f.yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    bool ok = read_events(&r, &parser);
    r.f.yaml_parser_delete(&parser);
    if (!ok)
        return trm_error_prefix(e, "%s", name);
    *c = r.c;
    return true;
}

bool trm_torch_read_config(const char *path, trm_model_config *c, trm_error *e) {
    char *text;
    size_t size;
    if (!trm_file_read(path, MOST_BYTES, &text, &size, e))
        return false;
    bool ok = trm_torch_parse_config(path, text, size, c, e);
    free(text);
    return ok;
}
